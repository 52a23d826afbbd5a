/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <arpa/inet.h>

#include "string-util.h"
#include "tls-internal.h"

/* More than anybody reads. */
#define HOSTS_MAX 64U

typedef int (*GetName)(gnutls_x509_crt_t crt, const char *oid, unsigned index, unsigned raw, void *buffer,
                       size_t *size);

static char *find_name(gnutls_x509_crt_t crt, GetName get) {
        static const char *const oids[] = { GNUTLS_OID_X520_COMMON_NAME,
                                            GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME,
                                            GNUTLS_OID_X520_ORGANIZATION_NAME };
        char name[256];

        for (size_t i = 0; i < ELEMENTSOF(oids); i++) {
                size_t size = sizeof(name);

                if (get(crt, oids[i], 0, 0, name, &size) >= 0 && size > 0)
                        return strndup(name, size);
        }

        return strdup("(no name)");
}

char *tls_certificate_name(gnutls_x509_crt_t crt) {
        return find_name(crt, gnutls_x509_crt_get_dn_by_oid);
}

char *tls_certificate_issuer(gnutls_x509_crt_t crt) {
        return find_name(crt, gnutls_x509_crt_get_issuer_dn_by_oid);
}

int tls_certificate_hosts(gnutls_x509_crt_t crt, char ***ret) {
        _cleanup_strv_free_ char **hosts = NULL;

        for (unsigned i = 0; i < HOSTS_MAX; i++) {
                char name[256], address[INET6_ADDRSTRLEN];
                size_t size = sizeof(name);
                int r, type = gnutls_x509_crt_get_subject_alt_name(crt, i, name, &size, NULL);

                if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
                        break;
                if (type == GNUTLS_SAN_DNSNAME && size < sizeof(name))
                        name[size] = '\0';
                else if (type != GNUTLS_SAN_IPADDRESS || (size != 4 && size != 16) ||
                         !inet_ntop(size == 4 ? AF_INET : AF_INET6, name, address, sizeof(address)))
                        continue;

                r = strv_extend(&hosts, type == GNUTLS_SAN_DNSNAME ? name : address);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(hosts);
        return 0;
}

bool tls_certificate_has_purpose(gnutls_x509_crt_t crt, const char *oid) {
        for (unsigned i = 0;; i++) {
                char purpose[64];
                size_t size = sizeof(purpose);
                int r = gnutls_x509_crt_get_key_purpose_oid(crt, i, purpose, &size, NULL);

                if (r < 0)
                        return i == 0 && r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
                if (streq(purpose, oid) || streq(purpose, GNUTLS_KP_ANY))
                        return true;
        }
}
