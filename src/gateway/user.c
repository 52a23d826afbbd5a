/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "user.h"

#include <crypt.h>

#include "lexer.h"
#include "string-util.h"

/* Compares without telling by its duration where the first difference is, nor how long the secret is. */
static bool equal_in_constant_time(const char *secret, const char *given) {
        char a[LEXER_WORD_LENGTH_MAX + 1] = {}, b[LEXER_WORD_LENGTH_MAX + 1] = {};
        unsigned difference = strlen(secret) > sizeof(a) || strlen(given) > sizeof(b);

        memcpy(a, secret, strnlen(secret, sizeof(a)));
        memcpy(b, given, strnlen(given, sizeof(b)));
        for (size_t i = 0; i < sizeof(a); i++)
                difference |= (unsigned char) a[i] ^ (unsigned char) b[i];

        explicit_bzero(a, sizeof(a));
        explicit_bzero(b, sizeof(b));
        return difference == 0;
}

bool password_matches_hash(const char *hash, const char *password) {
        struct crypt_data *data = new0(struct crypt_data, 1);
        if (!data)
                return false;

        const char *result = crypt_rn(password, hash, data, sizeof(*data));
        bool match = result && equal_in_constant_time(hash, result);

        explicit_bzero(data, sizeof(*data));
        free(data);
        return match;
}

static const User *first_with_password(const UserTable *t) {
        for (size_t i = 0; i < t->n_users; i++)
                if (t->users[i].password)
                        return t->users + i;
        return NULL;
}

/* The account of that name, if somebody from there can be its user. */
static User *find_usable(const UserTable *t, const char *name, const struct in6_addr *from) {
        User *u = user_table_find(t, name);

        return u && u->password && user_may_come_from(u, from) ? u : NULL;
}

const User *user_table_check(const UserTable *t, const char *name, const char *password,
                const struct in6_addr *from, const char **ret_hash) {
        const User *found = find_usable(t, name, from), *user = found ?: first_with_password(t);

        *ret_hash = NULL;
        if (!user)
                return NULL;
        if (user->known && equal_in_constant_time(user->known, password))
                return found;
        if (password_is_hash(user->password)) {
                *ret_hash = user->password;
                return NULL;
        }
        return equal_in_constant_time(user->password, password) ? found : NULL;
}

const User *user_table_confirm(UserTable *t, const char *name, const char *password,
                const struct in6_addr *from) {
        User *user = find_usable(t, name, from);

        if (user && !user->known)
                user->known = strdup(password);
        return user;
}

const User *user_table_verify(UserTable *t, const char *name, const char *password,
                const struct in6_addr *from) {
        const char *hash;
        const User *user = user_table_check(t, name, password, from, &hash);

        if (!hash)
                return user;
        return password_matches_hash(hash, password) ? user_table_confirm(t, name, password, from) : NULL;
}
