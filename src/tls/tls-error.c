/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tls-internal.h"

static const struct {
        int code, r;
        const char *text; /* NULL: gnutls has better words */
} errors[] = {
        { GNUTLS_E_AGAIN,                          -EAGAIN                                                 },
        { GNUTLS_E_INTERRUPTED,                    -EAGAIN                                                 },
        { GNUTLS_E_MEMORY_ERROR,                   -ENOMEM,       "out of memory"                          },
        { GNUTLS_E_PREMATURE_TERMINATION,          -ECONNRESET,   "the other end hung up"                  },
        { GNUTLS_E_SESSION_EOF,                    -ECONNRESET,   "the other end hung up"                  },
        { GNUTLS_E_PULL_ERROR,                     -ECONNRESET,   "the connection broke"                   },
        { GNUTLS_E_PUSH_ERROR,                     -ECONNRESET,   "the connection broke"                   },
        { GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR, -EKEYREJECTED, "its certificate is not accepted"        },
        { GNUTLS_E_CERTIFICATE_ERROR,              -EKEYREJECTED, "its certificate is not accepted"        },
        { GNUTLS_E_CERTIFICATE_REQUIRED,           -EKEYREJECTED, "it has shown no certificate"            },
        { GNUTLS_E_NO_CERTIFICATE_FOUND,           -EKEYREJECTED, "it has shown no certificate"            },
        { GNUTLS_E_PK_SIG_VERIFY_FAILED,           -EKEYREJECTED, "it has not the key to its certificate"  },
        { GNUTLS_E_UNEXPECTED_PACKET,              -EPROTO,       "what came was no TLS"                   },
        { GNUTLS_E_UNEXPECTED_PACKET_LENGTH,       -EPROTO,       "what came was no TLS"                   },
        { GNUTLS_E_RECORD_OVERFLOW,                -EPROTO,       "what came was no TLS"                   },
        { GNUTLS_E_UNSUPPORTED_VERSION_PACKET,     -EPROTO,       "no version in common: it knows neither "
                                                                  "TLS 1.2 nor 1.3, or did not speak TLS"  },
        { GNUTLS_E_NO_CIPHER_SUITES,               -EPROTO,       "no cipher in common"                    },
        { GNUTLS_E_NO_COMMON_KEY_SHARE,            -EPROTO,       "no way to agree on keys in common"      },
        { GNUTLS_E_INSUFFICIENT_CREDENTIALS,       -EPROTO,       "no cipher in common that fits the "
                                                                  "certificate"                            },
        { GNUTLS_E_DECRYPTION_FAILED,              -EPROTO,       "what came was damaged on its way"       },
        { GNUTLS_E_TOO_MANY_HANDSHAKE_PACKETS,     -EPROTO,       "it asked for new keys too often"        },
        { GNUTLS_E_TOO_MANY_EMPTY_PACKETS,         -EPROTO,       "it sent too many empty messages"        },
        { GNUTLS_E_HANDSHAKE_TOO_LARGE,            -EPROTO,       "its greeting is too large"              },
        { GNUTLS_E_REHANDSHAKE,                    -EPROTO,       "it wanted to negotiate anew"            },
};

/* Those by which the other end says what it holds of our certificate, or that it wants one. */
static const struct {
        gnutls_alert_description_t alert;
        const char *text;
} alerts[] = {
        { GNUTLS_A_BAD_CERTIFICATE,         "the other end does not accept our certificate"                },
        { GNUTLS_A_UNSUPPORTED_CERTIFICATE, "the other end cannot use our certificate"                     },
        { GNUTLS_A_CERTIFICATE_REVOKED,     "the other end takes our certificate for revoked"              },
        { GNUTLS_A_CERTIFICATE_EXPIRED,     "the other end takes our certificate for expired"              },
        { GNUTLS_A_CERTIFICATE_UNKNOWN,     "the other end does not accept our certificate"                },
        { GNUTLS_A_UNKNOWN_CA,              "the other end does not know the authority of our certificate" },
        { GNUTLS_A_ACCESS_DENIED,           "the other end denies access"                                  },
        { GNUTLS_A_CERTIFICATE_REQUIRED,    "the other end wants a certificate of us"                      },
};

static bool is_alert(int r) {
        return r == GNUTLS_E_FATAL_ALERT_RECEIVED || r == GNUTLS_E_WARNING_ALERT_RECEIVED;
}

int tls_error_to_errno(int r, gnutls_alert_description_t alert) {
        if (r >= 0)
                return 0;
        if (is_alert(r))
                return tls_alert_text(alert) ? -EKEYREJECTED : -EPROTO;

        for (size_t i = 0; i < ELEMENTSOF(errors); i++)
                if (errors[i].code == r)
                        return errors[i].r;

        return -EPROTO;
}

const char *tls_error_text(int r) {
        for (size_t i = 0; i < ELEMENTSOF(errors); i++)
                if (errors[i].code == r && errors[i].text)
                        return errors[i].text;

        return gnutls_strerror(r);
}

const char *tls_alert_text(gnutls_alert_description_t alert) {
        for (size_t i = 0; i < ELEMENTSOF(alerts); i++)
                if (alerts[i].alert == alert)
                        return alerts[i].text;

        return NULL;
}
