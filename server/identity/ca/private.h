/* Within the authority's part. */
#ifndef ICD_CA_PRIVATE_H
#define ICD_CA_PRIVATE_H

#include "core/limit.h"
#include "identity/ca/ca.h"

#include <ic/pkcs11/pkcs11.h>

enum { ICD_CA_URL_MAX = 300, ICD_CA_OCSP_KEPT = 256, ICD_CA_OCSP_PER_MIN = 120 };

/* An answer to a question without a nonce. */
struct icd_ca_ocsp_kept {
    uint8_t question[32]; /* SHA-256 of the ids */
    uint64_t until_ms, revocations;
    uint8_t *der;
    size_t len;
};

struct icd_ca {
    struct ic_sign_key *key;
    struct ic_pkcs11 *token; /* whose the key is, or NULL */
    uint8_t *der;
    struct ic_pki_cert root;    /* of der */
    struct icd_limiter signers; /* answers of OCSP that are signed, by address */
    struct icd_ca_ocsp_kept kept[ICD_CA_OCSP_KEPT];
    uint64_t revocations; /* since the start: what was kept before says nothing now */
    char crl_url[ICD_CA_URL_MAX], ocsp_url[ICD_CA_URL_MAX];
};

extern const char icd_ca_schema[];
enum { ICD_CA_ROUTES = 6 };
extern const struct icd_id_route icd_ca_routes[ICD_CA_ROUTES];

/* Opens the key that [identity] ca_key names; makes it where there is none and `make`. */
ic_err icd_ca_key_open(struct icd_identity *id, bool make, char *why);
/* Fills ca->root: the one in the database, else a new one. */
ic_err icd_ca_root_open(struct icd_identity *id, char *why);
/* Whether the database has a root already. */
ic_err icd_ca_root_known(struct icd_identity *id, bool *out);

/* The list of now, in DER: made anew where something was revoked since, or it is a quarter of its time old. */
ic_err icd_ca_crl(struct icd_identity *id, struct ic_buf *out);
/* The answer to a request of OCSP, in DER; an error of OCSP's own is an answer. peer: 16 bytes, who asks. */
ic_err icd_ca_ocsp(struct icd_identity *id, struct ic_view request, const uint8_t *peer,
                   struct ic_buf *out);
void icd_ca_ocsp_clear(struct icd_ca *ca);

/* All columns of a row. */
#define ICD_CA_COLUMNS                                                                              \
    "seq, serial, kind, org, owner, device, subject, name, not_before_s, not_after_s, revoked_ms, " \
    "reason"
void icd_ca_read_row(const struct icd_rows *rows, struct icd_ca_row *out);

#endif
