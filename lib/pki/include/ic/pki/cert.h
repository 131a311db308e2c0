/* One X.509 certificate (RFC 5280), read and not yet judged.
 *
 * Reading is strict: DER alone, version 3, no trailing byte, no extension twice, no critical one
 * that is not understood, sizes bounded. Nothing is allocated: all views borrow from the bytes
 * given.
 *
 *     struct ic_pki_cert c;
 *     struct ic_pki_fault fault;
 *     IC_TRY(ic_pki_cert_decode(der, &c, &fault));
 *     char name[128];
 *     ic_pki_common_name(c.subject, name, sizeof name);
 *     struct ic_reader r = ic_reader(c.names);
 *     struct ic_pki_name n;
 *     while (ic_pki_names_next(&r, &n))
 *         if (n.kind == IC_PKI_NAME_URI) ...
 */
#ifndef IC_PKI_CERT_H
#define IC_PKI_CERT_H

#include <ic/base/api.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/base/reader.h>
#include <ic/crypto/suite.h>
#include <ic/pki/fault.h>

IC_API_BEGIN

enum {
    IC_PKI_CERT_MAX = 16384,   /* bytes of a certificate */
    IC_PKI_NAME_MAX = 2048,    /* bytes of an issuer or subject */
    IC_PKI_NAMES_MAX = 64,     /* subject alternative names */
    IC_PKI_SUBTREES_MAX = 128, /* name constraints, permitted and excluded each */
    IC_PKI_EXTENSIONS_MAX = 32,
    IC_PKI_SERIAL_MAX = 20,
    IC_PKI_FINGERPRINT_LEN = 32,
};

/* What a key is for, RFC 5280 section 4.2.1.12: bits of ic_pki_cert.purposes. */
enum ic_pki_purpose {
    IC_PKI_FOR_ANY = 1,          /* anyExtendedKeyUsage */
    IC_PKI_FOR_IM_URI = 2,       /* id-kp-imUri, RFC 9734: made for MLS */
    IC_PKI_FOR_CLIENT_AUTH = 4,  /* id-kp-clientAuth */
    IC_PKI_FOR_SERVER_AUTH = 8,  /* id-kp-serverAuth */
    IC_PKI_FOR_EMAIL = 16,       /* id-kp-emailProtection */
    IC_PKI_FOR_SOMETHING = 1024, /* one that is not named here */
};

/* RFC 5280 section 4.2.1.3: bits of ic_pki_cert.key_usage. */
enum ic_pki_key_usage {
    IC_PKI_DIGITAL_SIGNATURE = 1 << 0,
    IC_PKI_KEY_CERT_SIGN = 1 << 5,
    IC_PKI_CRL_SIGN = 1 << 6,
};

/* The number is the tag of RFC 5280's GeneralName. */
enum ic_pki_name_kind {
    IC_PKI_NAME_OTHER = 0,     /* value: the type's OID and its value, both DER */
    IC_PKI_NAME_EMAIL = 1,     /* ASCII */
    IC_PKI_NAME_DNS = 2,       /* ASCII, perhaps with a leading "*." */
    IC_PKI_NAME_X400 = 3,      /* DER */
    IC_PKI_NAME_DIRECTORY = 4, /* a Name in DER */
    IC_PKI_NAME_EDI = 5,       /* DER */
    IC_PKI_NAME_URI = 6,       /* ASCII */
    IC_PKI_NAME_IP = 7,        /* 4 or 16 bytes */
    IC_PKI_NAME_REGISTERED = 8 /* an OID's content */
};

struct ic_pki_name {
    enum ic_pki_name_kind kind;
    struct ic_view value;
};

/* What a certificate's public key is. */
enum ic_pki_key_kind { IC_PKI_KEY_OTHER, IC_PKI_KEY_RSA, IC_PKI_KEY_ECDSA, IC_PKI_KEY_EDDSA };

struct ic_pki_cert {
    struct ic_view encoded;                      /* the whole */
    uint8_t fingerprint[IC_PKI_FINGERPRINT_LEN]; /* SHA-256 of the whole */
    struct ic_view serial;                       /* big-endian, no leading zero */
    struct ic_view issuer, subject;              /* Names in DER */
    int64_t not_before, not_after;               /* Unix time, both inclusive */
    struct ic_view names; /* subject alternative names: ic_pki_names_next; may be empty */

    /* The public key. */
    enum ic_pki_key_kind key_kind;
    enum ic_sig_id key_sig;  /* of ECDSA and EdDSA: the curve, as RFC 9420 signs with it */
    struct ic_view key_info; /* SubjectPublicKeyInfo in DER, whole */
    struct ic_view key;      /* as RFC 9420 section 5.1.1 writes it; of RSA: the modulus */
    struct ic_view exponent; /* of RSA */

    bool is_ca;
    int32_t path_len; /* -1 where it has none */
    bool has_key_usage;
    uint16_t key_usage;
    bool has_purposes;
    uint16_t purposes;
    bool has_constraints;
    struct ic_view permitted, excluded;      /* GeneralSubtrees, RFC 5280 section 4.2.1.10 */
    struct ic_view key_id, authority_key_id; /* empty where there are none */

    /* The signature over it. */
    struct ic_view signed_part, signature;
    uint8_t signature_algorithm; /* private to this library; 0 for one that is not accepted */
};

/* Reads exactly one certificate. fault may be NULL; its index is 0. The errors are those of
 * ic_pki_reason_err: IC_ERR_MALFORMED, IC_ERR_LIMIT, IC_ERR_UNSUPPORTED. */
ic_err ic_pki_cert_decode(struct ic_view der, struct ic_pki_cert *out, struct ic_pki_fault *fault);

/* The next alternative name; false at the end. r begins as ic_reader(cert.names). */
bool ic_pki_names_next(struct ic_reader *r, struct ic_pki_name *out);

/* Text of a Name, cut to fit: UTF-8, control characters replaced, NUL-terminated; cap of at least
 * 1. "" where there is none. The first: the last common name. The second: the whole as "CN=Ana,
 * O=Ring", most significant part first as it stands in the certificate. */
void ic_pki_common_name(struct ic_view name, char *out, size_t cap);
/* The same of the last organisation. */
void ic_pki_organisation(struct ic_view name, char *out, size_t cap);
void ic_pki_name_text(struct ic_view name, char *out, size_t cap);
enum { IC_PKI_TIME_TEXT = 21 };
/* "2026-11-23T04:00:00Z" */
void ic_pki_time_text(int64_t time, char out[IC_PKI_TIME_TEXT]);

/* True where two Names are the same to RFC 5280 section 7.1: ASCII letters match in either case,
 * runs of spaces count as one, string types do not matter. */
bool ic_pki_name_equal(struct ic_view a, struct ic_view b);

/* True where `next` names exactly whom `former` names, so that it may replace it (RFC 9420 section
 * 5.3.1): the same set of alternative names of the kinds URI, email and DNS; and where there is
 * none of those, the same subject, which must then not be empty. */
bool ic_pki_same_identity(const struct ic_pki_cert *former, const struct ic_pki_cert *next);

IC_API_END

#endif
