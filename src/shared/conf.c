/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "lexer.h"
#include "log.h"
#include "messages.h"
#include "string-util.h"

struct Conf {
        ConfLine *lines;
        size_t n_lines, lines_allocated;

        char **sections; /* strv */
        ConfLine *places;
        size_t n_sections, sections_allocated, places_allocated;

        char **files; /* strv; the lines point into it */
        bool exists;
};

/* One file on its way into the Conf. */
typedef struct Reader {
        Conf *conf;
        const char *file;
        ConfReport report;
        void *userdata;

        const char *section; /* the present one, or NULL */
        unsigned section_line;
        bool skipping; /* behind a section header that was refused */
} Reader;

typedef struct FlawText {
        LexerFlaw flaw;
        int level;
        const char *message;
} FlawText;

/* What is dropped here, NUT drops in silence. */
static const FlawText flaw_texts[] = {
        { LEXER_FLAW_WORD_TOO_LONG, LOG_WARNING,
          "A word has more than 512 characters and was cut there, shorten it" },
        { LEXER_FLAW_TOO_MANY_WORDS, LOG_WARNING,
          "The line has more than 32 words and the rest was dropped, put text with blanks into quotes" },
        { LEXER_FLAW_BAD_BYTE, LOG_WARNING,
          "Characters outside of ASCII were dropped, write the line with ASCII characters only" },
        { LEXER_FLAW_OPEN_QUOTE, LOG_ERR,
          "A \" is never closed, ignoring all from this line to the end of the file: add the closing \"" },
        { LEXER_FLAW_NEWLINE_IN_QUOTES, LOG_WARNING,
          "Text in quotes goes on over the line end: add the closing \", or a \\ at the line end if meant" },
};

void conf_report_log(void *userdata, int level, const char *file, unsigned line, const char *message) {
        LogContext context = {
                .message_id = level <= LOG_ERR ? MESSAGE_CONFIG_REFUSED_STR : NULL,
                .file = file,
                .line = line,
        };

        if (line > 0)
                (void) log_full(level, 0, &context, "%s:%u: %s", file, line, message);
        else
                (void) log_full(level, 0, &context, "%s: %s", file, message);
}

void conf_line_report(
                const ConfLine *l,
                ConfReport report,
                void *userdata,
                int level,
                const char *fmt, ...) {
        _cleanup_free_ char *message = NULL;
        va_list ap;
        int r;

        if (!report)
                return;

        va_start(ap, fmt);
        r = vasprintf(&message, fmt, ap);
        va_end(ap);
        if (r < 0)
                message = NULL;

        report(userdata, level, l->file, l->line, message ?: "Out of memory");
}

static void reader_report(const Reader *r, int level, unsigned line, const char *message) {
        if (r->report)
                r->report(r->userdata, level, r->file, line, message);
}

/* Reports the flaws of a line. False if it is refused for them. */
static bool reader_check_flaws(const Reader *r, unsigned flaws, unsigned line) {
        bool taken = true;

        for (size_t i = 0; i < ELEMENTSOF(flaw_texts); i++) {
                if (!(flaws & flaw_texts[i].flaw))
                        continue;

                reader_report(r, flaw_texts[i].level, line, flaw_texts[i].message);
                if (flaw_texts[i].level <= LOG_ERR) {
                        taken = false;
                        break;
                }
        }

        return taken;
}

static int copy_words(const Lexer *l, char ***ret) {
        size_t n = lexer_n_words(l);
        _cleanup_strv_free_ char **words = new0(char *, n + 1);

        if (!words)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++) {
                words[i] = strdup(lexer_word(l, i));
                if (!words[i])
                        return -ENOMEM;
        }

        *ret = TAKE_PTR(words);
        return 0;
}

static int reader_add_line(Reader *r, const Lexer *l) {
        Conf *c = r->conf;
        char **words;
        int k;

        if (!GREEDY_REALLOC(c->lines, c->lines_allocated, c->n_lines + 1))
                return -ENOMEM;

        k = copy_words(l, &words);
        if (k < 0)
                return k;

        c->lines[c->n_lines++] = (ConfLine) {
                .file = r->file,
                .line = lexer_line(l),
                .section = r->section,
                .section_line = r->section_line,
                .words = words,
                .n_words = lexer_n_words(l),
                .assignment = lexer_n_words(l) > 1 && streq(words[1], "=") && !lexer_word_quoted(l, 1),
        };
        return 0;
}

/* Name of a section that is there, or a new entry for it. Takes name over. */
static int conf_add_section(Conf *c, char *name, const char *file, unsigned line, const char **ret) {
        _cleanup_free_ char *owned = name;
        ssize_t i;

        if (!owned)
                return -ENOMEM;

        i = strv_find(c->sections, owned);
        if (i >= 0) {
                *ret = c->sections[i];
                return 0;
        }

        if (c->n_sections >= CONF_SECTIONS_MAX)
                return -E2BIG;
        if (!GREEDY_REALLOC(c->sections, c->sections_allocated, c->n_sections + 2) ||
            !GREEDY_REALLOC(c->places, c->places_allocated, c->n_sections + 1))
                return -ENOMEM;

        c->places[c->n_sections] = (ConfLine) {
                .file = file,
                .line = line,
                .section = owned,
                .section_line = line,
        };
        *ret = c->sections[c->n_sections++] = TAKE_PTR(owned);
        c->sections[c->n_sections] = NULL;
        return 0;
}

static int reader_refuse_section(Reader *r, unsigned line, const char *message) {
        r->skipping = true;
        reader_report(r, LOG_ERR, line, message);
        return 0;
}

static int reader_begin_section(Reader *r, const Lexer *l) {
        const char *header = lexer_word(l, 0);
        size_t n = strlen(header);
        int k;

        if (n < 2 || header[n - 1] != ']')
                return reader_refuse_section(r, lexer_line(l),
                                "A section begins with [name], without blanks in the name: "
                                "ignoring the lines up to the next section");
        if (n == 2)
                return reader_refuse_section(r, lexer_line(l),
                                "The section has no name: ignoring the lines up to the next section");

        k = conf_add_section(r->conf, strndup(header + 1, n - 2), r->file, lexer_line(l), &r->section);
        if (k == -E2BIG)
                return reader_refuse_section(r, lexer_line(l),
                                "Too many sections: ignoring the lines up to the next section");
        if (k < 0)
                return k;

        r->section_line = lexer_line(l);
        r->skipping = false;
        if (lexer_n_words(l) > 1)
                reader_report(r, LOG_WARNING, lexer_line(l),
                                "Ignoring the words behind the section's name, write them on a new line");
        return 0;
}

static int reader_take_line(Reader *r, const Lexer *l) {
        if (!reader_check_flaws(r, lexer_flaws(l), lexer_line(l)) || lexer_n_words(l) == 0)
                return 0;
        if (lexer_word(l, 0)[0] == '[' && !lexer_word_quoted(l, 0))
                return reader_begin_section(r, l);
        if (r->skipping)
                return 0;

        return reader_add_line(r, l);
}

/* Handles what lexer_feed() or lexer_finish() returned. */
static int reader_take_result(Reader *r, const Lexer *l, int result) {
        if (result == -EBADMSG) {
                reader_report(r, LOG_ERR, lexer_line(l),
                                "A # inside quotes must be written \\#, ignoring the line");
                return 0;
        }

        return result > 0 ? reader_take_line(r, l) : result;
}

static int reader_run(Reader *r, const char *data, size_t n) {
        static const char byte_order_mark[] = { '\xef', '\xbb', '\xbf' };
        _cleanup_(lexer_freep) Lexer *l = lexer_new(LEXER_CONFIG);
        int k;

        if (!l)
                return -ENOMEM;

        if (n >= sizeof(byte_order_mark) && memcmp(data, byte_order_mark, sizeof(byte_order_mark)) == 0) {
                data += sizeof(byte_order_mark);
                n -= sizeof(byte_order_mark);
        }

        while (n > 0) {
                size_t consumed;

                k = lexer_feed(l, data, n, &consumed);
                k = reader_take_result(r, l, k);
                if (k < 0)
                        return k;

                data += consumed;
                n -= consumed;
        }

        k = lexer_finish(l);
        return reader_take_result(r, l, k);
}

static int conf_add_data(
                Conf *c,
                const char *name,
                const char *data,
                size_t n,
                ConfReport report,
                void *userdata) {
        char *file = strdup(name);
        int r;

        r = strv_consume(&c->files, file);
        if (r < 0)
                return r;

        c->exists = true;
        return reader_run(&(Reader) {
                .conf = c,
                .file = file,
                .report = report,
                .userdata = userdata,
        }, data, n);
}

/* Reads the whole file, which may grow meanwhile. */
static int read_file(int fd, char **ret, size_t *ret_size) {
        _cleanup_free_ char *data = NULL;
        size_t size = 0, allocated = 0;
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;

        for (;;) {
                if (size > CONF_SIZE_MAX)
                        return -EFBIG;
                if (!GREEDY_REALLOC(data, allocated, size + 4096))
                        return -ENOMEM;

                ssize_t n = read(fd, data + size, allocated - size);
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n == 0)
                        break;
                if (n > 0)
                        size += (size_t) n;
        }

        *ret = TAKE_PTR(data);
        *ret_size = size;
        return 0;
}

/* Adds one file. One that is not there adds nothing. */
static int conf_add_file(Conf *c, const char *path, ConfReport report, void *userdata) {
        _cleanup_free_ char *data = NULL;
        size_t n = 0;
        int r;

        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
                return 0;

        r = fd < 0 ? -errno : read_file(fd, &data, &n);
        if (r >= 0)
                return conf_add_data(c, path, data, n, report, userdata);

        ConfLine place = { .file = path };
        if (r == -EFBIG)
                conf_line_report(&place, report, userdata, LOG_ERR,
                                "The file has more than %u MiB, which no configuration needs",
                                CONF_SIZE_MAX >> 20);
        else if (r == -EINVAL)
                conf_line_report(&place, report, userdata, LOG_ERR, "This is not a regular file");
        else
                conf_line_report(&place, report, userdata, LOG_ERR,
                                "The file cannot be read: %s", strerror(-r));
        return r;
}

static int is_drop_in(const struct dirent *e) {
        return e->d_name[0] != '.' && endswith(e->d_name, ".conf");
}

typedef struct DropIns {
        struct dirent **entries;
        int n;
} DropIns;

static void drop_ins_done(DropIns *d) {
        for (int i = 0; i < d->n; i++)
                free(d->entries[i]);
        free(d->entries);
}

static int conf_add_drop_ins(Conf *c, const char *path, ConfReport report, void *userdata) {
        _cleanup_(drop_ins_done) DropIns d = {};
        _cleanup_free_ char *directory = strjoin(path, ".d");
        int r;

        if (!directory)
                return -ENOMEM;

        d.n = scandir(directory, &d.entries, is_drop_in, versionsort);
        if (d.n < 0) {
                r = -errno;
                if (r == -ENOENT || r == -ENOTDIR)
                        return 0;

                ConfLine place = { .file = directory };
                conf_line_report(&place, report, userdata, LOG_ERR,
                                "The directory cannot be read: %s", strerror(-r));
                return r;
        }

        for (int i = 0; i < d.n; i++) {
                _cleanup_free_ char *file = strjoin(directory, "/", d.entries[i]->d_name);
                if (!file)
                        return -ENOMEM;

                r = conf_add_file(c, file, report, userdata);
                if (r < 0)
                        return r;
        }

        return 0;
}

int conf_load(const char *path, ConfReport report, void *userdata, Conf **ret) {
        _cleanup_(conf_freep) Conf *c = new0(Conf, 1);
        int r;

        if (!c)
                return -ENOMEM;

        r = conf_add_file(c, path, report, userdata);
        if (r < 0)
                return r;

        r = conf_add_drop_ins(c, path, report, userdata);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

int conf_parse(const char *name, const char *data, size_t n, ConfReport report, void *userdata, Conf **ret) {
        _cleanup_(conf_freep) Conf *c = new0(Conf, 1);
        int r;

        if (!c)
                return -ENOMEM;

        r = conf_add_data(c, name, data, n, report, userdata);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

Conf *conf_free(Conf *c) {
        if (!c)
                return NULL;

        for (size_t i = 0; i < c->n_lines; i++)
                strv_free(c->lines[i].words);
        free(c->lines);
        free(c->places);
        strv_free(c->sections);
        strv_free(c->files);
        free(c);
        return NULL;
}

bool conf_exists(const Conf *c) {
        return c->exists;
}

size_t conf_n_lines(const Conf *c) {
        return c->n_lines;
}

const ConfLine *conf_line(const Conf *c, size_t i) {
        return i < c->n_lines ? c->lines + i : NULL;
}

char *const *conf_sections(const Conf *c) {
        return c->sections;
}

const ConfLine *conf_section_place(const Conf *c, size_t i) {
        return i < c->n_sections ? c->places + i : NULL;
}

int conf_line_value(const ConfLine *l, char **ret) {
        char *value = NULL;

        if (l->n_words > 1 && (!l->assignment || l->n_words < 3))
                return -EINVAL;

        if (l->n_words > 1) {
                value = strv_join(l->words + 2, " ");
                if (!value)
                        return -ENOMEM;
        }

        *ret = value;
        return 0;
}

const char *conf_nearest_key(const char *key, const char *const *keys) {
        const char *nearest = NULL;
        size_t smallest = MAX((size_t) 2, strlen(key) / 3) + 1;

        for (; keys && *keys; keys++) {
                size_t distance = string_distance(key, *keys);

                /* As far away as it is long is another word altogether. */
                if (distance < smallest && distance < MIN(strlen(key), strlen(*keys))) {
                        nearest = *keys;
                        smallest = distance;
                }
        }

        return nearest;
}

void conf_line_report_unknown_key(const ConfLine *l, ConfReport report, void *userdata, const char *kind,
                const char *const *keys) {
        const char *nearest = conf_nearest_key(l->words[0], keys);

        conf_line_report(l, report, userdata, LOG_ERR, "Unknown %s \"%s\"%s%s%s", kind, l->words[0],
                        nearest ? ", did you mean " : "", strempty(nearest), nearest ? "?" : "");
}

char *conf_path(const char *name) {
        const char *directory = getenv("NUT_CONFPATH");

        if (name[0] == '/')
                return strdup(name);
        return strjoin(isempty(directory) ? CONFDIR : directory, "/", name);
}

const char *conf_driver_path(void) {
        const char *directory = getenv("BUSBAR_DRIVER_PATH");

        return isempty(directory) ? DRIVERDIR : directory;
}

const char *conf_state_path(void) {
        const char *directory = getenv("NUT_STATEPATH");

        return isempty(directory) ? STATEDIR : directory;
}
