/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "snmp-ber.h"
#include "snmp-net-internal.h"
#include "string-util.h"

/* RFC 3414: shorter passwords have no keys. */
#define PASSWORD_LENGTH_MIN 8U
#define V3_FLAG_AUTH 1U
/* RFC 3411. */
#define ENGINE_SIZE_MAX 32U
#define USER_SIZE_MAX 32U

typedef struct Algorithm {
        const char *name;
        int type;
} Algorithm;

static const Algorithm auth_algorithms[] = {
        { "MD5",    USM_CREATE_USER_AUTH_MD5    },
        { "SHA",    USM_CREATE_USER_AUTH_SHA1   },
        { "SHA224", USM_CREATE_USER_AUTH_SHA224 },
        { "SHA256", USM_CREATE_USER_AUTH_SHA256 },
        { "SHA384", USM_CREATE_USER_AUTH_SHA384 },
        { "SHA512", USM_CREATE_USER_AUTH_SHA512 },
};

static const Algorithm priv_algorithms[] = {
        { "DES",    USM_CREATE_USER_PRIV_DES    },
        { "AES",    USM_CREATE_USER_PRIV_AES    },
        { "AES192", USM_CREATE_USER_PRIV_AES192 },
        { "AES256", USM_CREATE_USER_PRIV_AES256 },
};

struct NetUsm {
        char *user;
        SnmpLevel level;
        int auth_type, priv_type;
        char *auth_password, *priv_password;
        u_char auth_key[USM_AUTH_KU_LEN], priv_key[USM_PRIV_KU_LEN]; /* of the passwords */
        size_t n_auth_key, n_priv_key;
        struct usmUser *known;  /* on the engine */
        struct usmUser *expected; /* see net_usm_expect() */
        bool has_time;
        enginetime time;        /* as net-snmp had it; no pointers */
        /* What the report of an engine said that is not known yet. */
        u_char found[ENGINE_SIZE_MAX];
        size_t n_found;
        enginetime found_time;
};

/* "SHA-256", "sha256" and "AES-128" are known as well. */
static int algorithm_type(const Algorithm *list, size_t n, const char *name) {
        char plain[16];
        size_t k = 0;

        for (; *name && k + 1 < sizeof(plain); name++)
                if (*name != '-' && *name != '_')
                        plain[k++] = *name;
        plain[k] = '\0';
        if (strcaseeq(plain, "SHA1"))
                plain[3] = '\0';
        if (strcaseeq(plain, "AES128"))
                plain[3] = '\0';
        for (size_t i = 0; i < n; i++)
                if (strcaseeq(list[i].name, plain))
                        return list[i].type;
        return -EINVAL;
}

static int auth_type(const char *name) {
        int type = algorithm_type(auth_algorithms, ELEMENTSOF(auth_algorithms), name);
        size_t n;

        return type >= 0 && sc_get_auth_oid(type, &n) ? type : -EINVAL;
}

static int priv_type(const char *name) {
        int type = algorithm_type(priv_algorithms, ELEMENTSOF(priv_algorithms), name);
        size_t n;

        return type >= 0 && sc_get_priv_oid(type, &n) ? type : -EINVAL;
}

bool snmp_net_knows_auth(const char *protocol) {
        return auth_type(protocol) >= 0;
}

bool snmp_net_knows_priv(const char *protocol) {
        return priv_type(protocol) >= 0;
}

/*** What the options say ***/

static int fail(char **ret_why, char *why) {
        *ret_why = why;
        return why ? -EINVAL : -ENOMEM;
}

static int check_password(const char *what, const char *password, char **ret_why) {
        if (isempty(password))
                return fail(ret_why, strprintf("there is no %s, which this security level needs", what));
        if (strlen(password) < PASSWORD_LENGTH_MIN)
                return fail(ret_why, strprintf("the %s is too short: SNMPv3 wants %u characters at least",
                                             what, PASSWORD_LENGTH_MIN));
        return 0;
}

static int take_auth(NetUsm *u, const SnmpCredentials *c, char **ret_why) {
        int r = check_password("authentication password", c->auth_password, ret_why);

        if (r < 0)
                return r;
        u->auth_type = auth_type(strempty(c->auth_protocol));
        if (u->auth_type < 0)
                return fail(ret_why, strprintf("\"%s\" is no authentication protocol that is known here",
                                               strempty(c->auth_protocol)));
        u->auth_password = strdup(c->auth_password);
        return u->auth_password ? 0 : -ENOMEM;
}

static int take_priv(NetUsm *u, const SnmpCredentials *c, char **ret_why) {
        int r = check_password("privacy password", c->priv_password, ret_why);

        if (r < 0)
                return r;
        u->priv_type = priv_type(strempty(c->priv_protocol));
        if (u->priv_type < 0)
                return fail(ret_why, strprintf("\"%s\" is no privacy protocol that is known here",
                                               strempty(c->priv_protocol)));
        u->priv_password = strdup(c->priv_password);
        return u->priv_password ? 0 : -ENOMEM;
}

int net_usm_new(const SnmpCredentials *c, NetUsm **ret, char **ret_why) {
        _cleanup_(net_usm_freep) NetUsm *u = new0(NetUsm, 1);
        int r = 0;

        if (!u)
                return -ENOMEM;
        if (isempty(c->user))
                return fail(ret_why, strdup("there is no user name, which version 3 needs"));
        if (strlen(c->user) > USER_SIZE_MAX)
                return fail(ret_why, strdup("the user name is longer than the 32 characters of version 3"));
        u->level = c->level;
        u->user = strdup(c->user);
        if (!u->user)
                return -ENOMEM;
        if (c->level >= SNMP_LEVEL_AUTH)
                r = take_auth(u, c, ret_why);
        if (r >= 0 && c->level >= SNMP_LEVEL_PRIV)
                r = take_priv(u, c, ret_why);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(u);
        return 0;
}

static void free_secret(char *s) {
        if (s)
                explicit_bzero(s, strlen(s));
        free(s);
}

NetUsm *net_usm_free(NetUsm *u) {
        if (!u)
                return NULL;

        usm_free_user(u->known);
        usm_free_user(u->expected);
        free_secret(u->auth_password);
        free_secret(u->priv_password);
        free(u->user);
        explicit_bzero(u, sizeof(*u));
        free(u);
        return NULL;
}

/*** Keys ***/

static int make_password_key(int type, const char *password, u_char *key, size_t size, size_t *n) {
        size_t n_oid;
        const oid *hash = sc_get_auth_oid(type, &n_oid);

        /* A megabyte is hashed: once is enough. */
        if (*n > 0)
                return 0;
        *n = size;
        if (generate_Ku(hash, (u_int) n_oid, (const u_char *) password, strlen(password), key, n) !=
            SNMPERR_SUCCESS) {
                *n = 0;
                return -EINVAL;
        }
        return 0;
}

static struct usmUser *user_new(
        const uint8_t *engine, size_t n_engine, const char *name, int auth, int priv) {
        struct usmUser *user = calloc(1, sizeof(*user));
        const oid *auth_oid, *priv_oid;

        if (!user)
                return NULL;
        user->name = strdup(name);
        user->secName = strdup(name);
        user->engineID = netsnmp_memdup(engine, n_engine);
        user->engineIDLen = n_engine;
        auth_oid = sc_get_auth_oid(auth, &user->authProtocolLen);
        user->authProtocol = snmp_duplicate_objid(auth_oid, user->authProtocolLen);
        priv_oid = sc_get_priv_oid(priv, &user->privProtocolLen);
        user->privProtocol = snmp_duplicate_objid(priv_oid, user->privProtocolLen);
        user->userStatus = RS_ACTIVE;
        user->userStorageType = ST_READONLY;
        if (!user->name || !user->secName || !user->engineID || !user->authProtocol || !user->privProtocol) {
                usm_free_user(user);
                return NULL;
        }
        return user;
}

/* The key of a password for this engine. */
static int localize(struct usmUser *user, const u_char *key, size_t n_key, u_char **ret, size_t *ret_n) {
        u_char *local = calloc(1, USM_LENGTH_KU_HASHBLOCK);
        size_t n = USM_LENGTH_KU_HASHBLOCK;

        if (!local)
                return -ENOMEM;
        *ret = local;
        if (generate_kul(user->authProtocol, (u_int) user->authProtocolLen, user->engineID,
                    user->engineIDLen, key, n_key, local, &n) != SNMPERR_SUCCESS)
                return -EINVAL;
        *ret_n = n;
        return 0;
}

static int make_keys(NetUsm *u, struct usmUser *user) {
        int r;

        if (u->level < SNMP_LEVEL_AUTH)
                return 0;
        r = make_password_key(
                u->auth_type, u->auth_password, u->auth_key, sizeof(u->auth_key), &u->n_auth_key);
        if (r >= 0)
                r = localize(user, u->auth_key, u->n_auth_key, &user->authKey, &user->authKeyLen);
        if (r < 0 || u->level < SNMP_LEVEL_PRIV)
                return r;

        r = make_password_key(
                u->auth_type, u->priv_password, u->priv_key, sizeof(u->priv_key), &u->n_priv_key);
        if (r >= 0)
                r = localize(user, u->priv_key, u->n_priv_key, &user->privKey, &user->privKeyLen);
        if (r < 0)
                return r;
        return usm_extend_user_kul(user, USM_LENGTH_KU_HASHBLOCK) == SNMPERR_SUCCESS ? 0 : -EINVAL;
}

int net_usm_set_engine(NetUsm *u, const uint8_t *id, size_t n) {
        struct usmUser *user;
        int r;

        if (n == 0 || n > ENGINE_SIZE_MAX)
                return -EINVAL;
        user = user_new(id, n, u->user, u->level >= SNMP_LEVEL_AUTH ? u->auth_type : NETSNMP_USMAUTH_NOAUTH,
                        u->level >= SNMP_LEVEL_PRIV ? u->priv_type : USM_CREATE_USER_PRIV_NONE);
        if (!user)
                return -ENOMEM;
        r = make_keys(u, user);
        if (r < 0) {
                usm_free_user(user);
                return r;
        }

        usm_free_user(u->known);
        u->known = user;
        u->has_time = n == u->n_found && memcmp(id, u->found, n) == 0;
        if (u->has_time)
                u->time = u->found_time;
        u->n_found = 0;
        return 0;
}

bool net_usm_has_engine(const NetUsm *u) {
        return u->known;
}

void net_usm_forget(NetUsm *u) {
        usm_free_user(u->known);
        u->known = NULL;
        u->has_time = false;
}

const uint8_t *net_usm_engine(const NetUsm *u, size_t *ret_n) {
        *ret_n = u->known ? u->known->engineIDLen : 0;
        return u->known ? u->known->engineID : NULL;
}

/*** net-snmp's lists ***/

static void list_user(struct usmUser *user) {
        user->next = user->prev = NULL;
        usm_add_user(user);
}

static void unlist_user(struct usmUser *user) {
        usm_remove_user(user);
        user->next = user->prev = NULL;
}

void net_usm_enter(NetUsm *u) {
        Enginetime e;

        if (!u->known)
                return;
        list_user(u->known);
        if (!u->has_time)
                return;
        set_enginetime(u->known->engineID, (u_int) u->known->engineIDLen, u->time.engineBoot,
                u->time.engineTime, u->time.authenticatedFlag);
        e = search_enginetime_list(u->known->engineID, (u_int) u->known->engineIDLen);
        if (e)
                e->lastReceivedEngineTime = u->time.lastReceivedEngineTime;
}

/* What net-snmp has noted about the time of an engine by now, which leaves its list. */
static bool take_time(const struct usmUser *user, enginetime *ret) {
        Enginetime e = search_enginetime_list(user->engineID, (u_int) user->engineIDLen);

        if (!e)
                return false;
        *ret = *e;
        ret->engineID = NULL;
        ret->next = NULL;
        free_enginetime(user->engineID, user->engineIDLen);
        return true;
}

void net_usm_leave(NetUsm *u) {
        if (u->known) {
                unlist_user(u->known);
                u->has_time = take_time(u->known, &u->time);
        }
        if (!u->expected)
                return;

        unlist_user(u->expected);
        u->n_found = 0;
        if (take_time(u->expected, &u->found_time)) {
                memcpy(u->found, u->expected->engineID, u->expected->engineIDLen);
                u->n_found = u->expected->engineIDLen;
        }
        usm_free_user(u->expected);
        u->expected = NULL;
}

void net_usm_expect(NetUsm *u, const uint8_t *data, size_t n) {
        _cleanup_free_ char *name = NULL;
        SnmpV3Head head;

        if (u->expected || snmp_ber_v3_head(data, n, &head) < 0 || head.flags & V3_FLAG_AUTH ||
            head.n_engine == 0 || head.n_engine > ENGINE_SIZE_MAX || memchr(head.user, '\0', head.n_user))
                return;
        if (u->known && u->known->engineIDLen == head.n_engine &&
            memcmp(u->known->engineID, head.engine, head.n_engine) == 0)
                return;

        name = strndup(head.user, head.n_user);
        if (name)
                u->expected = user_new(head.engine, head.n_engine, name, NETSNMP_USMAUTH_NOAUTH,
                                       USM_CREATE_USER_PRIV_NONE);
        if (u->expected)
                list_user(u->expected);
}
