/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "options.h"

#include <stdio.h>

#include "notify-type.h"
#include "string-util.h"

#define ANY ((size_t) -1)

/* Of --help. */
#define COLUMNS 80
#define HELP_COLUMN 34
#define TYPES_COLUMN 10

typedef struct Option {
        const char *name;
        Kind kind;
        bool add, many; /* many: it may be given again */
        size_t min, max; /* words behind it */
        const char *synopsis, *help;
        char letter; /* for short, or NUL */
} Option;

static const Option table[] = {
        { "help", KIND_HELP, false, true, 0, ANY, "", "Show this help and exit", 'h' },
        { "version", KIND_VERSION, false, true, 0, ANY, "", "Show the version and exit", 'V' },
        { "autoconfigure", KIND_AUTOCONFIGURE, false, false, 0, 0, "",
          "Add the USB devices that are there" },
        { "is-configured", KIND_IS_CONFIGURED, false, false, 0, 0, "",
          "Print whether a mode is set, and not none" },
        { "local", KIND_LOCAL, false, false, 1, 1, "DIRECTORY", "Work on the files in this directory" },
        { "system", KIND_SYSTEM, false, false, 0, 0, "", "Work on those in " CONFDIR },
        { "passwords", KIND_PASSWORDS, false, false, 1, 1, "FILE",
          "For each password and KEY=-, read a line" },
        { "get-mode", KIND_GET_MODE, false, false, 0, 0, "", "Print the mode" },
        { "set-mode", KIND_MODE, false, false, 1, 1, "MODE", "Set it" },
        { "set-monitor", KIND_MONITOR, false, true, 6, 6, "MONITOR", "Watch this UPS in place of all "
                        "others" },
        { "add-monitor", KIND_MONITOR, true, true, 6, 6, "MONITOR", "Watch this one too" },
        { "set-listen", KIND_LISTEN, false, true, 1, 2, "ADDRESS [PORT]",
          "Serve clients there, and only there" },
        { "add-listen", KIND_LISTEN, true, true, 1, 2, "ADDRESS [PORT]", "Serve them there too" },
        { "set-device", KIND_DEVICE, false, true, 3, ANY, "DEVICE", "Have this device in place of all "
                        "others" },
        { "add-device", KIND_DEVICE, true, true, 3, ANY, "DEVICE", "Add a device, or change it" },
        { "set-notifyflags", KIND_NOTIFYFLAGS, false, true, 2, ANY, "TYPE FLAG...",
          "What is done about a notice" },
        { "add-notifyflags", KIND_NOTIFYFLAGS, true, true, 2, ANY, "TYPE FLAG...", "What is done besides" },
        { "set-notifymsg", KIND_NOTIFYMSG, false, true, 2, 2, "TYPE TEXT", "The text of a notice" },
        { "set-notifycmd", KIND_NOTIFYCMD, false, false, 1, 1, "COMMAND", "The command that gets notices" },
        { "set-shutdowncmd", KIND_SHUTDOWNCMD, false, false, 1, 1, "COMMAND",
          "The command that shuts this machine down" },
        { "set-minsupplies", KIND_MINSUPPLIES, false, false, 1, 1, "N", "How many supplies it needs" },
        { "set-powerdownflag", KIND_POWERDOWNFLAG, false, false, 1, 1, "FILE", "The flag of late "
                        "power-off" },
        { "set-user", KIND_USER, false, true, 1, ANY, "USER", "Have this user in place of all others" },
        { "add-user", KIND_USER, true, true, 1, ANY, "USER", "Add a user, or change it" },
        { "scan-snmp", KIND_SCAN_SNMP, false, true, 2, ANY, "FIRST LAST [KEY=VALUE...]",
          "Look for SNMP agents" },
        { "scan-usb", KIND_SCAN_USB, false, false, 0, 0, "", "Look for USB devices" },
        { "scan-xml-http", KIND_SCAN_XML_HTTP, false, false, 0, 1, "[TIMEOUT]",
          "Look for Eaton's cards on this network" },
        { "scan-nut", KIND_SCAN_NUT, false, true, 3, 4, "FIRST LAST PORT [TIMEOUT]", "Look for NUT "
                        "servers" },
        { "scan-avahi", KIND_SCAN_AVAHI, false, false, 0, 1, "[TIMEOUT]",
          "Look for NUT servers that announce themselves" },
        { "scan-ipmi", KIND_SCAN_IPMI, false, true, 2, ANY, "FIRST LAST [KEY=VALUE...]",
          "Look for power supplies with IPMI" },
        { "scan-serial", KIND_SCAN_SERIAL, false, false, 0, ANY, "[PORT...]",
          "Look for devices at serial ports" },
        { "verbose", KIND_VERBOSE, false, true, 0, 0, "", "Print options of found devices too", 'v' },
};

/* All types of notices, in lines that begin where the first one does. */
static void print_types(void) {
        int column = printf("  TYPE    ");

        for (NotifyType t = 0; t < _NOTIFY_TYPE_MAX; t++) {
                const char *name = notify_type_to_string(t);

                if (column + 1 + (int) strlen(name) > COLUMNS)
                        column = printf("\n%*s", TYPES_COLUMN, "") - 1;
                column += printf(" %s", name);
        }
        puts("");
}

void options_print_help(void) {
        puts("Usage: nutconf [OPTION...]\n\n"
             "Show and change the configuration files of NUT and Busbar, and leave everything\n"
             "else in them as it is.\n\n"
             "Options:");
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                char letter[] = "-X, ";

                letter[1] = table[i].letter;
                int n = printf("  %s--%s%s%s", letter[1] ? letter : "", table[i].name,
                               table[i].synopsis[0] ? " " : "", table[i].synopsis);
                if (n >= HELP_COLUMN)
                        n = printf("\n") - 1;
                printf("%*s%s\n", HELP_COLUMN - n, "", table[i].help);
        }
        puts("  -D                              Say more about searches\n\n"
             "What stands for the words in capitals:\n"
             "  MODE     standalone, netserver, netclient, controlled, manual or none\n"
             "  MONITOR  UPS HOST[:PORT] POWER-VALUE USER PASSWORD primary|secondary\n"
             "  DEVICE   NAME DRIVER PORT [KEY=VALUE | FLAG]...\n"
             "  FLAG     SYSLOG, WALL, EXEC or IGNORE\n"
             "  USER     NAME or upsmon=primary|secondary, and then any of\n"
             "           password=PASSWORD actions=SET|FSD instcmds=COMMAND\n"
             "           upsmon=primary|secondary\n"
             "  TIMEOUT  in microseconds");
        print_types();
        puts("\nSee nutconf(8).");
}

static const Option *find_option(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (streq(table[i].name, name))
                        return table + i;
        return NULL;
}

const Wish *options_find(const Options *o, Kind kind) {
        for (size_t i = 0; i < o->n_wishes; i++)
                if (o->wishes[i].kind == kind)
                        return o->wishes + i;
        return NULL;
}

void options_done(Options *o) {
        free(o->wishes);
        *o = (Options) {};
}

static int wrong(const char *fmt, ...) _printf_(1, 2);
static int wrong(const char *fmt, ...) {
        va_list ap;

        fputs("Error: ", stderr);
        va_start(ap, fmt);
        (void) vfprintf(stderr, fmt, ap);
        va_end(ap);
        fputs(" (see \"nutconf --help\")\n", stderr);
        return -EINVAL;
}

/* Whether an argument is an option, and not one of its words: "-" and "---..." are words. */
static bool is_option(const char *arg) {
        return arg[0] == '-' && arg[1] != '\0' && !startswith(arg, "---");
}

static void add_wish(Options *o, const Option *option, char **args, size_t n) {
        o->wishes[o->n_wishes++] = (Wish) {
                .kind = option->kind,
                .add = option->add,
                .option = option->name,
                .args = args,
                .n = n,
        };
        o->counts[option->kind]++;
}

/* What stands behind a single dash: letters. */
static int take_letters(Options *o, const char *letters) {
        if (streq(letters, "h") || streq(letters, "help")) {
                add_wish(o, find_option("help"), NULL, 0);
                return 0;
        }
        if (streq(letters, "V")) {
                add_wish(o, find_option("version"), NULL, 0);
                return 0;
        }

        for (const char *l = letters; *l; l++)
                if (*l == 'v')
                        o->verbose++;
                else if (*l == 'D')
                        o->debug++;
                else
                        return wrong("Unknown option: -%c", *l);
        return 0;
}

static int check_count(const Options *o, const Option *option, size_t n) {
        const char *name = option->name;

        if (o->counts[option->kind] > 0 && !option->many)
                return wrong("--%s option specified more than once", name);
        if (n < option->min && n == 0)
                return wrong("--%s option requires %s", name, option->max == 1 ? "an "
                                "argument" : "arguments");
        if (n < option->min)
                return wrong("--%s option requires %s %zu arguments", name,
                             option->min == option->max ? "exactly" : "at least", option->min);
        if (n > option->max)
                return wrong("Too many arguments for the --%s option; put one with blanks into "
                             "quotes", name);
        return 0;
}

/* Sets of things: either all of them are new, or none of the old ones goes. */
static int check_exclusive(const Options *o) {
        static const Kind kinds[] = { KIND_MONITOR, KIND_LISTEN, KIND_DEVICE, KIND_USER };

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                const Wish *first = options_find(o, kinds[i]);

                for (size_t k = 0; first && k < o->n_wishes; k++)
                        if (o->wishes[k].kind == kinds[i] && o->wishes[k].add != first->add)
                                return wrong("--set-%s and --add-%s options can't both be specified",
                                             first->option + 4, first->option + 4);
        }
        return 0;
}

static int parse(int argc, char *argv[], Options *o) {
        int i = 1, r = 0;

        if (argc > 1 && !is_option(argv[1]))
                return wrong("Unexpected argument: %s", argv[1]);

        while (r >= 0 && i < argc) {
                const char *name = argv[i++] + 1;
                char **args = argv + i;
                size_t n = 0;

                while (i < argc && !is_option(argv[i])) {
                        i++;
                        n++;
                }

                if (name[0] == '-' && name[1] != '\0') {
                        const Option *option = find_option(name + 1);

                        r = option ? check_count(o, option, n) : wrong("Unknown option: -%s", name);
                        if (r >= 0)
                                add_wish(o, option, args, n);
                } else {
                        if (n > 0)
                                return wrong("Unexpected argument: %s", args[0]);
                        r = name[0] == '-' ? 0 : take_letters(o, name);
                }
        }

        return r < 0 ? r : check_exclusive(o);
}

int options_parse(int argc, char *argv[], Options *ret) {
        Options o = { .wishes = new0(Wish, (size_t) MAX(argc, 1)) };
        int r = o.wishes ? parse(argc, argv, &o) : -ENOMEM;

        if (r < 0) {
                options_done(&o);
                return r;
        }

        o.verbose += o.counts[KIND_VERBOSE];
        *ret = o;
        return 0;
}
