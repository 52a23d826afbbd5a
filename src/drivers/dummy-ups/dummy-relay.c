/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dummy-relay-internal.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

#define ANSWER_TIMEOUT_USEC (5 * USEC_PER_SEC)
/* After a loss while nothing was asked: not at once, as a server may hang up each time. Later attempts are
 * the kit's to time. */
#define RECONNECT_USEC (250 * USEC_PER_MSEC)

/* Variables whose description is asked for at a time. */
#define DESCRIBING_MAX 32U

/*** Setting up ***/

static void report_authconf(void *userdata, int level, const char *file, unsigned line,
                const char *message) {
        const Relay *r = userdata;

        (void) log_device(r->device, MAX(level, r->log_level), 0, "%s:%u: %s", file, line, message);
}

static int relay_load_authconf(Relay *r, const char *authconf, const char *user) {
        _cleanup_free_ char *path = NULL;
        bool search = !authconf || streq(authconf, "default");
        int k;

        if (!search) {
                path = conf_path(authconf);
                if (!path)
                        return -ENOMEM;
        }

        k = nut_credentials_load(path, r->host, r->port, user, report_authconf, r, &r->credentials);
        if (k == -ENOENT && !authconf)
                return 0;
        if (k < 0)
                return log_device(r->device, r->log_level, k, "Cannot read the credentials in %s: %m",
                                path ?: "nutauth.conf");
        return 0;
}

static int credentials_set_password(NutCredentials *c, const char *password) {
        if (c->password)
                explicit_bzero(c->password, strlen(c->password));
        return free_and_strdup(&c->password, password);
}

static int relay_load_credentials(Relay *r) {
        const char *user = device_option(r->device, "username");
        const char *password = device_option(r->device, "password");
        const char *authconf = device_option(r->device, "authconf");
        int k;

        if ((authconf || !(user && password)) && !streq_ptr(authconf, "none")) {
                k = relay_load_authconf(r, authconf, user);
                if (k < 0)
                        return k;
        }

        if (user && free_and_strdup(&r->credentials.user, user) < 0)
                return -ENOMEM;
        if (password && credentials_set_password(&r->credentials, password) < 0)
                return -ENOMEM;

        if (!r->credentials.user != !r->credentials.password) {
                (void) log_device(r->device, r->log_level, 0,
                                "There is a %s for %s but no %s; going without both.",
                                r->credentials.user ? "user name" : "password", r->host,
                                r->credentials.user ? "password" : "user name");
                (void) free_and_strdup(&r->credentials.user, NULL);
                (void) credentials_set_password(&r->credentials, NULL);
        }
        return 0;
}

int relay_new(Device *d, int log_level, Relay **ret) {
        _cleanup_(relay_freep) Relay *r = new0(Relay, 1);
        int k;

        if (!r)
                return -ENOMEM;

        r->device = d;
        r->log_level = log_level;
        k = nut_device_address_parse(device_port(d), &r->name, &r->host, &r->port);
        if (k == -EINVAL)
                return log_device(d, log_level, k, "port \"%s\" is not of the form name@host[:port].",
                                device_port(d));
        if (k < 0)
                return k;

        k = relay_load_credentials(r);
        if (k >= 0)
                k = relay_set_up_tls(r);
        if (k < 0)
                return k;
        relay_set_up_login(r);

        *ret = TAKE_PTR(r);
        return 0;
}

void relay_clear_hook(Relay *r) {
        r->pending = r->polling = false;
        r->update = NULL;
        r->n_open = r->n_describing = 0;
        r->error = 0;
        (void) free_and_strdup(&r->status, NULL);
        (void) free_and_strdup(&r->alarm, NULL);
        r->writable = strv_free(r->writable);
        r->n_writable = r->n_described = 0;
        memset(r->n_items, 0, sizeof(r->n_items));
        (void) free_and_strdup(&r->variable, NULL);
        (void) free_and_strdup(&r->value, NULL);
        (void) free_and_strdup(&r->tracking_id, NULL);
        r->tracking_timer = sd_event_source_disable_unref(r->tracking_timer);
}

Relay *relay_free(Relay *r) {
        if (!r)
                return NULL;

        relay_clear_hook(r);
        relay_forget_login(r);
        nut_client_leave(r->client);
        nut_credentials_done(&r->credentials);
        relay_tls_done(&r->tls);
        free(r->name);
        free(r->host);
        free(r);
        return NULL;
}

void relay_complete(Relay *r, int result) {
        Device *d = r->device;

        if (!r->pending)
                return;

        relay_clear_hook(r);
        device_complete(d, result);
}

static void relay_fail(Relay *r, int error) {
        if (r->error == 0)
                r->error = error;
}

/*** Reading ***/

/* A relay that points at itself hears that it is not connected, for ever. */
static void relay_suspect_loop(Relay *r) {
        if (r->loop_suspected || !relay_is_local(r) || !strcaseeq(r->name, device_name(r->device)))
                return;

        r->loop_suspected = true;
        (void) log_device(r->device, MAX(LOG_WARNING, r->log_level), 0,
                        "port \"%s\" has the name of this device on this host: it must not repeat itself.",
                        device_port(r->device));
}

static void relay_tell_unknown(Relay *r) {
        if (r->unknown)
                return;

        r->unknown = true;
        (void) log_device(r->device, MAX(LOG_WARNING, r->log_level), 0,
                        "The server at %s, port %u, has no device %s. \"upsc -l %s:%u\" lists those it has.",
                        r->host, r->port, r->name, r->host, r->port);
}

static bool relay_has_token(const Relay *r, const char *token) {
        size_t n = strlen(token);

        for (const char *s = strempty(r->status); *s; s += strspn(s, " ")) {
                size_t k = strcspn(s, " ");

                if (k == n && memcmp(s, token, n) == 0)
                        return true;
                s += k;
        }
        return false;
}

bool relay_is_forced(const Relay *r) {
        return relay_has_token(r, "FSD");
}

static int relay_put_status(Relay *r) {
        int k = 0;

        if (r->status)
                k = update_set(r->update, "ups.status", r->status);
        if (k < 0 || !r->alarm)
                return k;

        /* With its token it is a proper alarm; without, we must not bring one about. */
        if (!isempty(r->alarm) && relay_has_token(r, "ALARM"))
                return update_alarm(r->update, r->alarm);
        return update_set(r->update, "ups.alarm", r->alarm);
}

void relay_poll_advance(Relay *r) {
        int k;

        r->n_open--;
        if (r->n_open > 0)
                return;

        k = r->error;
        if (k >= 0)
                k = relay_put_status(r);
        if (k >= 0)
                k = relay_put_login(r);
        if (k >= 0)
                k = relay_put_tls(r);
        if ((k == -ENODEV || k == -ESTALE) && !r->unknown)
                relay_suspect_loop(r);
        relay_complete(r, k);
}

/* What a driver says of itself, and a relay of its server, is not about the device. */
static bool is_passed_on(const char *name) {
        return !startswith_nocase(name, "driver.") && !startswith_nocase(name, "server.") &&
                variable_name_is_valid(name);
}

static int relay_take_variable(Relay *r, const char *name, const char *value) {
        int k;

        if (!is_passed_on(name))
                return 0;
        if (strcaseeq(name, "ups.alarm"))
                return free_and_strdup(&r->alarm, value);

        if (strcaseeq(name, "ups.status"))
                k = free_and_strdup(&r->status, value);
        else
                k = update_set(r->update, name, value);
        /* What is writable is described anew behind. */
        if (k >= 0 && (r->what & POLL_FULL))
                k = update_describe(r->update, name, 0, 0);
        return k;
}

/* Whether one more is taken. */
static bool relay_takes(Relay *r, RelayItem item) {
        static const struct {
                const char *name;
                unsigned max;
        } limits[_RELAY_ITEM_MAX] = {
                [RELAY_VARIABLES]    = { "variables",                   4096 },
                [RELAY_COMMANDS]     = { "commands",                    1024 },
                [RELAY_WRITABLES]    = { "variables that can be set",   1024 },
                [RELAY_DESCRIPTIONS] = { "values that can be set",     16384 },
        };

        if (r->n_items[item] < limits[item].max) {
                r->n_items[item]++;
                return true;
        }
        if (!r->surplus_told)
                (void) log_device(r->device, MAX(LOG_WARNING, r->log_level), 0,
                                "The server at %s, port %u, says that there are more than %u %s; "
                                "leaving out the others.",
                                r->host, r->port, limits[item].max, limits[item].name);
        r->surplus_told = true;
        return false;
}

static void on_variable(void *userdata, char *const *words, size_t n_words) {
        Relay *r = userdata;
        int k;

        if (!relay_takes(r, RELAY_VARIABLES))
                return;

        k = n_words < 4 ? -EPROTO : relay_take_variable(r, words[2], words[3]);
        if (k < 0)
                relay_fail(r, k);
}

static void on_command(void *userdata, char *const *words, size_t n_words) {
        Relay *r = userdata;

        if (n_words >= 3 && is_passed_on(words[2]) && relay_takes(r, RELAY_COMMANDS))
                (void) update_command(r->update, words[2]);
}

static void on_variables(void *userdata, int error, char *const *words, size_t n_words) {
        Relay *r = userdata;

        if (reply_is_loss(error, words))
                return;
        if (error < 0) {
                if (n_words >= 2 && streq(words[1], "UNKNOWN-UPS"))
                        relay_tell_unknown(r);
                else if (n_words >= 2 && (error == -EACCES || error == -EREMOTEIO))
                        relay_tell_refusal(r, words[1]);
                relay_fail(r, error);
        }
        relay_poll_advance(r);
}

static void on_commands(void *userdata, int error, char *const *words, size_t n_words) {
        if (!reply_is_loss(error, words))
                relay_poll_advance(userdata);
}

/*** Reading descriptions ***/

static void on_enum(void *userdata, char *const *words, size_t n_words) {
        Relay *r = userdata;

        if (n_words >= 4 && relay_takes(r, RELAY_DESCRIPTIONS))
                (void) update_enum(r->update, words[2], words[3]);
}

static void on_range(void *userdata, char *const *words, size_t n_words) {
        Relay *r = userdata;
        int64_t min, max;

        if (n_words >= 5 && parse_int64(words[3], INT64_MIN, INT64_MAX, &min) >= 0 &&
            parse_int64(words[4], INT64_MIN, INT64_MAX, &max) >= 0 && relay_takes(r, RELAY_DESCRIPTIONS))
                (void) update_range(r->update, words[2], min, max);
}

/* TYPE ups name words...: what may be written, into the update. */
static void relay_take_type(Relay *r, const char *name, char *const *types, bool *ret_enum,
                bool *ret_range) {
        VariableFlags flags = r->credentials.user ? VARIABLE_WRITABLE : 0;
        uint64_t length = 0;

        *ret_enum = *ret_range = false;
        STRV_FOREACH(type, types) {
                const char *rest = startswith(*type, "STRING");

                if (streq(*type, "ENUM"))
                        *ret_enum = true;
                else if (streq(*type, "RANGE"))
                        *ret_range = true;
                else if (rest) {
                        flags |= VARIABLE_STRING;
                        if (*rest == ':')
                                (void) parse_uint64(rest + 1, 0, UINT32_MAX, &length);
                }
        }

        (void) update_describe(r->update, name, flags, (uint32_t) length);
}

static void relay_describe_more(Relay *r);

static void on_described(void *userdata, int error, char *const *words, size_t n_words) {
        Relay *r = userdata;

        if (reply_is_loss(error, words))
                return;

        r->n_describing--;
        relay_describe_more(r);
        relay_poll_advance(r);
}

static void relay_list_description(Relay *r, const char *what, NutItem on_item, const char *name) {
        int k;

        k = nut_client_list(r->client, on_item, on_described, r, "LIST", what, r->name, name, NULL);
        if (k < 0) {
                relay_fail(r, k);
                return;
        }
        r->n_describing++;
        r->n_open++;
}

static void on_type(void *userdata, int error, char *const *words, size_t n_words) {
        Relay *r = userdata;
        bool has_enum, has_range;

        if (reply_is_loss(error, words))
                return;

        /* An error means that the variable has gone meanwhile. */
        if (error >= 0 && n_words >= 3) {
                relay_take_type(r, words[2], words + 3, &has_enum, &has_range);
                if (has_enum)
                        relay_list_description(r, "ENUM", on_enum, words[2]);
                if (has_range)
                        relay_list_description(r, "RANGE", on_range, words[2]);
        }

        on_described(r, error, words, n_words);
}

/* Keeps a bounded number of questions under way. */
static void relay_describe_more(Relay *r) {
        while (r->n_described < r->n_writable && r->n_describing < DESCRIBING_MAX) {
                int k;

                k = nut_client_request(r->client, on_type, r, "GET", "TYPE", r->name,
                                r->writable[r->n_described++], NULL);
                if (k < 0) {
                        relay_fail(r, k);
                        return;
                }
                r->n_describing++;
                r->n_open++;
        }
}

static void on_writable(void *userdata, char *const *words, size_t n_words) {
        Relay *r = userdata;

        if (n_words < 3 || !is_passed_on(words[2]) || !relay_takes(r, RELAY_WRITABLES))
                return;
        if (strv_extend(&r->writable, words[2]) < 0)
                relay_fail(r, -ENOMEM);
}

static void on_writables(void *userdata, int error, char *const *words, size_t n_words) {
        Relay *r = userdata;

        if (reply_is_loss(error, words))
                return;

        r->n_writable = strv_length(r->writable);
        relay_describe_more(r);
        relay_poll_advance(r);
}

/*** Connection and poll ***/

static int relay_list(Relay *r, const char *what, NutItem on_item, NutReply on_end) {
        int k;

        k = nut_client_list(r->client, on_item, on_end, r, "LIST", what, r->name, NULL);
        if (k >= 0)
                r->n_open++;
        return k;
}

static int relay_ask(Relay *r) {
        int k;

        k = update_replace(r->update, "driver.");
        if (k >= 0 && (r->what & POLL_FULL))
                k = relay_ask_login(r);
        if (k >= 0)
                k = relay_list(r, "VAR", on_variable, on_variables);
        if (k >= 0)
                k = relay_ask_logins(r);
        if (k < 0)
                return k;

        if (r->what & POLL_FULL) {
                k = relay_list(r, "CMD", on_command, on_commands);
                if (k < 0)
                        return k;
                return relay_list(r, "RW", on_writable, on_writables);
        }

        STRV_FOREACH(command, model_commands(device_model(r->device))) {
                if (!is_passed_on(*command))
                        continue;
                k = update_command(r->update, *command);
                if (k < 0)
                        return k;
        }
        return 0;
}

/* Servers take any credentials at this point, so there is no verdict to wait for. */
static int relay_give_credentials(Relay *r) {
        int k;

        if (!r->credentials.user)
                return 0;

        k = nut_client_request(r->client, NULL, NULL, "USERNAME", r->credentials.user, NULL);
        if (k < 0)
                return k;
        k = nut_client_request(r->client, NULL, NULL, "PASSWORD", r->credentials.password, NULL);
        if (k < 0)
                return k;
        return nut_client_request(r->client, NULL, NULL, "SET", "TRACKING", "ON", NULL);
}

static void relay_disconnect(Relay *r) {
        r->client = nut_client_free(r->client);
        r->connected = false;
        relay_forget_login(r);
}

static void on_connected(void *userdata) {
        Relay *r = userdata;
        int k;

        r->connected = true;
        r->what |= POLL_FULL;
        relay_tell_clear(r);

        k = relay_remember_tls(r);
        if (k >= 0)
                k = relay_give_credentials(r);
        if (k >= 0)
                k = relay_ask(r);
        if (k < 0) {
                relay_disconnect(r);
                relay_complete(r, k);
        }
}

static void on_lost(void *userdata, int error) {
        Relay *r = userdata;

        relay_tell_tls_failure(r, error);
        relay_disconnect(r);
        device_poll_within(r->device, RECONNECT_USEC);
        relay_complete(r, error);
}

static void on_changed(void *userdata, const char *name) {
        relay_on_changed(userdata, name);
}

static const NutClientOps client_ops = {
        .connected = on_connected,
        .lost = on_lost,
        .changed = on_changed,
};

int relay_poll(Relay *r, PollSet what, Update *u) {
        int k;

        relay_clear_hook(r);
        r->what = what;
        r->update = u;

        if (r->connected)
                k = relay_ask(r);
        else
                k = relay_connect(r, ANSWER_TIMEOUT_USEC, &client_ops);
        if (k < 0) {
                relay_disconnect(r);
                relay_clear_hook(r);
                return k;
        }

        r->pending = r->polling = true;
        return DEVICE_PENDING;
}
