/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-options.h"

#include <stdio.h>

#include "conf.h"
#include "io-util.h"
#include "string-util.h"
#include "time-util.h"

#define CREDENTIAL "credential:"
#define SECRET_MAX 1024U
/* RFC 3414, 11.2; net-snmp makes no key of less. */
#define PASSWORD_MIN 8U
#define COMMUNITY_MAX 255U

const Option snmp_options[] = {
        { "mibs", OPTION_STRING, "auto",
          .help = "Name of the profile (-x mibs=--list); auto: it is found out" },
        { "community", OPTION_STRING, "public", .secret = true, .help = "Community of versions 1 and 2c" },
        { "snmp_version", OPTION_STRING, "v1", .help = "Version of the protocol: v1, v2c or v3" },
        { "snmp_retries", OPTION_INTEGER, "5", 0, 100,
          .help = "How often a request is sent again when no answer comes" },
        { "snmp_timeout", OPTION_INTEGER, "1", 1, 60, .help = "Seconds until it is sent again" },
        { "pollinterval", OPTION_INTEGER, "10", 1, 86400,
          .help = "Seconds between two readings of what changes by the second" },
        { "pollfreq", OPTION_INTEGER, "30", 1, 86400, .help = "Seconds between two readings of everything" },
        { "semistaticfreq", OPTION_INTEGER, "10", 1, 1000000,
          .help = "Readings of everything from one to the next of what hardly ever changes" },
        { "notransferoids", OPTION_FLAG, .help = "Do not show input.transfer.low and input.transfer.high" },
        { "symmetrathreephase", OPTION_FLAG,
          .help = "Transfer voltages of three-phase Symmetras are those between lines" },
        { "secLevel", OPTION_STRING,
          .help = "Version 3: noAuthNoPriv (the default), authNoPriv or authPriv" },
        { "secName", OPTION_STRING, .secret = true, .help = "Version 3: name of the user" },
        { "authPassword", OPTION_STRING, .secret = true, .help = "Version 3: password of the user" },
        { "privPassword", OPTION_STRING, .secret = true, .help = "Version 3: password for encryption" },
        { "authProtocol", OPTION_STRING,
          .help = "Version 3: MD5 (the default), SHA, SHA224, SHA256, SHA384 or SHA512" },
        { "privProtocol", OPTION_STRING,
          .help = "Version 3: DES (the default), AES, AES192 or AES256" },
        { "context", OPTION_STRING, .help = "Version 3: context, of agents that speak for several devices" },
        { "ondelay", OPTION_INTEGER, NULL, 0, INT32_MAX,
          .help = "Seconds from the cut on until the load may come back" },
        { "offdelay", OPTION_INTEGER, NULL, 0, INT32_MAX,
          .help = "Seconds from the shutdown command until the load is cut" },
        { "trapport", OPTION_INTEGER, NULL, 1024, 65535,
          .help = "UDP port to receive traps of the device on, from 1024 on" },
        { "record", OPTION_STRING,
          .help = "File to record what the device says in; serial numbers are left out" },
        { "maxretry", OPTION_INTEGER, "3", 1, 1000,
          .help = "Failed polls in a row until the device is opened anew" },
        {}
};

/* Says what is wrong with an option, with its place. */
static int refuse(const Device *d, const char *option, char *text, char **ret_why) {
        const char *place = device_option_place(d, option);

        *ret_why = text && place ? strjoin(place, ": ", text) : TAKE_PTR(text);
        free(text);
        return *ret_why ? -EINVAL : -ENOMEM;
}

static bool credential_name_is_valid(const char *name) {
        return !isempty(name) && name[0] != '.' && !strchr(name, '/');
}

static int read_credential(
        const Device *d, const char *option, const char *name, char **ret, char **ret_why) {
        const char *directory = getenv("CREDENTIALS_DIRECTORY");
        _cleanup_free_ char *path = NULL;
        char buffer[SECRET_MAX + 1];
        ssize_t n;
        size_t length;

        if (!credential_name_is_valid(name))
                return refuse(d, option, strprintf("%s: \"%s\" cannot be the name of a credential.", option,
                        name), ret_why);
        if (isempty(directory))
                return refuse(d, option, strprintf("%s names the credential %s, but the service has none; "
                        "add LoadCredential=%s:PATH to its unit.", option, name, name), ret_why);

        path = strjoin(directory, "/", name);
        if (!path)
                return -ENOMEM;
        n = path_read(path, buffer, sizeof(buffer));
        if (n < 0)
                return refuse(d, option, strprintf("%s names the credential %s, which cannot be read: %s. "
                        "Add LoadCredential=%s:PATH to the unit.", option, name, strerror((int) -n), name),
                        ret_why);

        length = (size_t) n;
        while (length > 0 && strchr("\r\n", buffer[length - 1]))
                length--;
        if (n > (ssize_t) SECRET_MAX || length == 0 || memchr(buffer, 0, length)) {
                explicit_bzero(buffer, sizeof(buffer));
                return refuse(d, option, strprintf("%s: the credential %s is no text of 1 to %u bytes.",
                        option, name, SECRET_MAX), ret_why);
        }
        *ret = strndup(buffer, length);
        explicit_bzero(buffer, sizeof(buffer));
        return *ret ? 0 : -ENOMEM;
}

/* The value of an option that may name a credential; NULL when it is not given. */
static int read_secret(const Device *d, const char *option, char **ret, char **ret_why) {
        const char *value = device_option(d, option), *name;

        if (isempty(value))
                return 0;
        name = startswith(value, CREDENTIAL);
        if (name)
                return read_credential(d, option, name, ret, ret_why);

        *ret = strdup(value);
        return *ret ? 0 : -ENOMEM;
}

/* The index of a word among those of a list, case ignored, the first when it is not given; without memory,
 * or after a refusal, negative. */
static int read_word(
        const Device *d, const char *option, const char *const *words, const char *known, char **ret_why) {
        const char *value = device_option(d, option) ?: words[0];

        for (int i = 0; words[i]; i++)
                if (strcaseeq(words[i], value))
                        return i;
        return refuse(d, option, strprintf("%s has to be %s, not \"%s\".", option, known, value), ret_why);
}

static int read_password(const Device *d, const char *option, char **ret, char **ret_why) {
        const char *level = device_option(d, "secLevel");
        int r;

        r = read_secret(d, option, ret, ret_why);
        if (r < 0)
                return r;
        if (!*ret)
                return refuse(d, "secLevel", strprintf("secLevel=%s needs %s.", level, option), ret_why);
        if (strlen(*ret) < PASSWORD_MIN)
                return refuse(d, option, strprintf("%s has to have %u characters at least.", option,
                        PASSWORD_MIN), ret_why);
        return 0;
}

static int read_protocol(const Device *d, const char *option, const char *const *words, const char *known,
        bool (*is_known)(const char *protocol), const char **ret, char **ret_why) {
        int i = read_word(d, option, words, known, ret_why);

        if (i < 0)
                return i;
        if (!is_known(words[i]))
                return refuse(d, option, strprintf("%s=%s is not supported by the net-snmp library of this "
                        "system.", option, words[i]), ret_why);
        *ret = words[i];
        return 0;
}

/* Who gives a password wants to be protected by it. */
static int check_level(const Device *d, char **ret_why) {
        static const char *const passwords[] = { "authPassword", "privPassword" };

        for (size_t i = 0; i < ELEMENTSOF(passwords); i++)
                if (device_option(d, passwords[i]) && !device_option(d, "secLevel"))
                        return refuse(d, passwords[i], strprintf("%s is given, but secLevel is not, and "
                                "without it nothing is protected: say secLevel=%s.", passwords[i],
                                device_option(d, "privPassword") ? "authPriv" : "authNoPriv"), ret_why);
        return 0;
}

static int read_user(const Device *d, SnmpSettings *s, char **ret_why) {
        static const char *const levels[] = { "noAuthNoPriv", "authNoPriv", "authPriv", NULL };
        static const char *const auth[] = { "MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512", NULL };
        static const char *const priv[] = { "DES", "AES", "AES192", "AES256", NULL };
        SnmpCredentials *c = &s->credentials;
        int level, r;

        r = read_secret(d, "secName", &s->user, ret_why);
        if (r < 0)
                return r;
        if (!s->user)
                return refuse(d, "snmp_version", strdup("snmp_version=v3 needs secName, the name of a user "
                        "of the agent."), ret_why);
        c->user = s->user;
        c->context = device_option(d, "context");

        r = check_level(d, ret_why);
        if (r < 0)
                return r;
        level = read_word(d, "secLevel", levels, "noAuthNoPriv, authNoPriv or authPriv", ret_why);
        if (level < 0)
                return level;
        c->level = (SnmpLevel) level;
        if (c->level == SNMP_LEVEL_NO_AUTH)
                return 0;

        r = read_protocol(d, "authProtocol", auth, "MD5, SHA, SHA224, SHA256, SHA384 or SHA512",
                snmp_net_knows_auth, &c->auth_protocol, ret_why);
        if (r >= 0)
                r = read_password(d, "authPassword", &s->auth_password, ret_why);
        if (r < 0)
                return r;
        c->auth_password = s->auth_password;
        if (c->level == SNMP_LEVEL_AUTH)
                return 0;

        r = read_protocol(d, "privProtocol", priv, "DES, AES, AES192 or AES256", snmp_net_knows_priv,
                &c->priv_protocol, ret_why);
        if (r >= 0)
                r = read_password(d, "privPassword", &s->priv_password, ret_why);
        if (r < 0)
                return r;
        c->priv_password = s->priv_password;
        return 0;
}

static int read_community(const Device *d, SnmpSettings *s, char **ret_why) {
        int r;

        r = read_secret(d, "community", &s->community, ret_why);
        if (r < 0)
                return r;
        if (!s->community || strlen(s->community) > COMMUNITY_MAX)
                return refuse(d, "community", strprintf("community has to be a text of 1 to %u bytes.",
                        COMMUNITY_MAX), ret_why);
        s->credentials.community = s->community;
        return 0;
}

/* Who says something about users does not want to be spoken for in clear. */
static int check_version(const Device *d, char **ret_why) {
        static const char *const options[] = { "secName", "secLevel", "authPassword", "authProtocol",
                "privPassword", "privProtocol", "context" };

        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (device_option(d, options[i]))
                        return refuse(d, options[i], strprintf("%s is for version 3, but snmp_version is "
                                "%s, where nothing is protected: say snmp_version=v3, or leave %s out.",
                                options[i], device_option(d, "snmp_version"), options[i]), ret_why);
        return 0;
}

static int settings_read(const Device *d, SnmpSettings *s, char **ret_why) {
        static const char *const versions[] = { "v1", "v2c", "v3", NULL };
        int version, r;

        s->net.timeout_usec = (uint64_t) device_option_integer(d, "snmp_timeout") * USEC_PER_SEC;
        s->net.retries = (unsigned) device_option_integer(d, "snmp_retries");

        version = read_word(d, "snmp_version", versions, "v1, v2c or v3", ret_why);
        if (version < 0)
                return version;
        s->credentials.version = (SnmpVersion) version;
        if (s->credentials.version == SNMP_V3)
                return read_user(d, s, ret_why);
        r = check_version(d, ret_why);
        return r < 0 ? r : read_community(d, s, ret_why);
}

int snmp_settings_read(const Device *d, SnmpSettings *ret, char **ret_why) {
        SnmpSettings s = {};
        int r;

        *ret_why = NULL;
        r = settings_read(d, &s, ret_why);
        if (r < 0) {
                snmp_settings_done(&s);
                return r;
        }

        *ret = s;
        return 0;
}

static void forget(char *secret) {
        if (secret)
                explicit_bzero(secret, strlen(secret));
        free(secret);
}

void snmp_settings_done(SnmpSettings *s) {
        forget(s->community);
        forget(s->user);
        forget(s->auth_password);
        forget(s->priv_password);
        *s = (SnmpSettings) {};
}

int snmp_port_walk(const Device *d, char **ret) {
        static const char *const suffixes[] = { ".walk", ".snmprec", ".snmpwalk", ".recording" };
        const char *port = device_port(d);
        bool walk = strchr(port, '/') && !strstr(port, "://");
        char *path;

        *ret = NULL;
        for (size_t i = 0; i < ELEMENTSOF(suffixes); i++)
                walk = walk || endswith(port, suffixes[i]);
        if (!walk)
                return 0;

        path = strchr(port, '/') ? strdup(port) : conf_path(port);
        if (!path)
                return -ENOMEM;
        *ret = path;
        return 0;
}
