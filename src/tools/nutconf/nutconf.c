/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <sys/stat.h>

#include "change.h"
#include "find.h"
#include "mode.h"
#include "string-util.h"

/* Where the files are: --local, or --system, or the environment, or what is built in. */
static int choose_directory(const Options *o) {
        const Wish *local = options_find(o, KIND_LOCAL);
        int r = 0;

        if (local)
                r = setenv("NUT_CONFPATH", local->args[0], true);
        else if (options_find(o, KIND_SYSTEM))
                r = unsetenv("NUT_CONFPATH");
        if (r < 0) {
                fputs("Error: Out of memory.\n", stderr);
                return -ENOMEM;
        }

        _cleanup_free_ char *path = conf_path("");
        struct stat st;
        if (path && stat(path, &st) >= 0 && S_ISDIR(st.st_mode))
                return 0;

        fprintf(stderr, "Error: Configuration directory %s isn't available\n", strempty(path));
        return -ENOENT;
}

static void print_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        fprintf(stderr, "%s:%u: %s\n", file, line, message);
}

static int get_mode(NutMode *ret_mode, bool *ret_given) {
        _cleanup_(conf_files_done) ConfFiles files = CONF_FILES_NONE;
        ConfFile *f;
        NutConf c;

        int r = conf_files_get(&files, CONFIG_FILE_NUT, &f);
        if (r < 0)
                return r;

        r = nut_conf_parse(f->path, f->old, f->n_old, print_report, NULL, &c);
        if (r < 0)
                return r;
        *ret_mode = c.mode;
        *ret_given = mode_is_given(f->old);
        return 0;
}

/* The exit status. */
static int print_is_configured(void) {
        NutMode mode;
        bool given;

        if (get_mode(&mode, &given) < 0)
                return EXIT_FAILURE;
        puts(mode != NUT_MODE_NONE ? "true" : "false");
        return mode != NUT_MODE_NONE ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int print_mode(void) {
        NutMode mode;
        bool given;

        int r = get_mode(&mode, &given);
        if (r >= 0)
                puts(given ? nut_mode_to_string(mode) : "unknown");
        return r;
}

/* A line of a file as a word of the command line that nobody else can see. */
static int read_password(FILE *f, const char *prefix, char **argument, char ***secrets) {
        _cleanup_free_ char *line = NULL;
        size_t size = 0;

        ssize_t n = getline(&line, &size, f);
        if (n < 0) {
                fputs("Error: --passwords: there are not as many lines as passwords that are -\n", stderr);
                return -ENODATA;
        }
        line[strcspn(line, "\r\n")] = '\0';

        char *word = strjoin(prefix, line);
        explicit_bzero(line, size);
        int r = strv_consume(secrets, word);
        if (r >= 0)
                *argument = word;
        return r;
}

/* Where the KEY=VALUE of an option begin; 0: it has none. */
static size_t first_pair(Kind kind) {
        switch (kind) {
        case KIND_USER:
                return 1;
        case KIND_SCAN_SNMP:
        case KIND_SCAN_IPMI:
                return 2;
        case KIND_DEVICE:
                return 3;
        default:
                return 0;
        }
}

/* Each KEY=-: which keys of drivers are secret is known to them alone. */
static int read_pairs(const Wish *w, FILE *f, char ***secrets) {
        size_t first = first_pair(w->kind);
        int r = 0;

        for (size_t k = first; r >= 0 && first > 0 && k < w->n; k++) {
                const char *equals = strchr(w->args[k], '=');
                _cleanup_free_ char *prefix = NULL;

                if (!equals || !streq(equals, "=-"))
                        continue;
                prefix = strndup(w->args[k], (size_t) (equals - w->args[k]) + 1);
                r = prefix ? read_password(f, prefix, w->args + k, secrets) : -ENOMEM;
        }
        return r;
}

static int read_passwords(const Options *o, FILE *f, char ***secrets) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < o->n_wishes; i++) {
                const Wish *w = o->wishes + i;

                if (w->kind == KIND_MONITOR && streq(w->args[4], "-"))
                        r = read_password(f, "", w->args + 4, secrets);
                if (r >= 0)
                        r = read_pairs(w, f, secrets);
        }
        return r;
}

static int take_passwords(const Options *o, char ***secrets) {
        const Wish *w = options_find(o, KIND_PASSWORDS);

        if (!w)
                return 0;

        bool standard = streq(w->args[0], "-");
        FILE *f = standard ? stdin : fopen(w->args[0], "re");
        if (!f) {
                int r = -errno;

                fprintf(stderr, "Error: --passwords %s: %s\n", w->args[0], strerror(errno));
                return r;
        }

        int r = read_passwords(o, f, secrets);
        if (!standard)
                (void) fclose(f);
        return r;
}

static int change_files(const Options *o) {
        _cleanup_(conf_files_done) ConfFiles files = CONF_FILES_NONE;

        int r = conf_files_open(&files);
        if (r >= 0)
                r = change_all(&files, o);
        if (r >= 0 && options_find(o, KIND_AUTOCONFIGURE))
                r = find_configure(&files);
        return r < 0 ? r : conf_files_write(&files);
}

static bool wants_changes(const Options *o) {
        unsigned n = o->counts[KIND_AUTOCONFIGURE];

        for (Kind k = KIND_MODE; k <= KIND_USER; k++)
                n += o->counts[k];
        return n > 0;
}

static void erase_secrets(char ***secrets) {
        STRV_FOREACH(s, *secrets)
                explicit_bzero(*s, strlen(*s));
        *secrets = strv_free(*secrets);
}

static int work(const Options *o) {
        _cleanup_(erase_secrets) char **secrets = NULL;

        int r = choose_directory(o);
        if (r < 0)
                return EXIT_FAILURE;
        if (options_find(o, KIND_IS_CONFIGURED))
                return print_is_configured();

        if (options_find(o, KIND_GET_MODE))
                r = print_mode();
        if (r >= 0)
                r = take_passwords(o, &secrets);
        if (r >= 0 && wants_changes(o))
                r = change_files(o);
        if (r >= 0)
                r = find_devices(o);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char *argv[]) {
        _cleanup_(options_done) Options o = {};
        int status = EXIT_SUCCESS;

        if (options_parse(argc, argv, &o) < 0)
                return EXIT_FAILURE;

        if (options_find(&o, KIND_HELP))
                options_print_help();
        else if (options_find(&o, KIND_VERSION))
                puts("Network UPS Tools nutconf " NUT_COMPAT_VERSION " (Busbar " BUSBAR_VERSION ")");
        else
                status = work(&o);

        if (fflush(stdout) == EOF || ferror(stdout)) {
                fprintf(stderr, "Error: Cannot write the output: %s\n", strerror(errno));
                return EXIT_FAILURE;
        }
        return status;
}
