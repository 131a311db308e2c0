/* What the ACME server asks of its neighbours: who people are, and the authority that issues. Tests stand in
 * for them. */
#ifndef ICD_ACME_OTHERS_H
#define ICD_ACME_OTHERS_H

#include "identity/acme/name.h"

#include <ic/base/buf.h>

struct icd_identity;

enum { ICD_ACME_OTHER_ID = 22, ICD_ACME_SERIAL = 40 };

/* A person, as an enrolment token showed. */
struct icd_acme_person {
    char user[ICD_ACME_OTHER_ID + 1], device[ICD_ACME_OTHER_ID + 1];
    char email[ICD_ACME_NAME_MAX + 1];
};

struct icd_acme_wish {
    const struct icd_acme_names *names;
    const char *user, *device; /* "" for a device's host names */
    struct ic_view key_info;   /* SubjectPublicKeyInfo in DER */
};

struct icd_acme_issued {
    char serial[ICD_ACME_SERIAL + 1]; /* hexadecimal */
    int64_t not_after;                /* Unix time */
    uint8_t hash[32];                 /* SHA-256 of the certificate */
};

struct icd_acme_others {
    /* Takes an enrolment token for the account key of that thumbprint. why: a static sentence where it is refused:
     * IC_ERR_DENIED, IC_ERR_REPLAY, IC_ERR_KEY, IC_ERR_STATE. */
    ic_err (*redeem)(struct icd_identity *id, struct ic_view token, struct ic_view thumbprint,
                     struct icd_acme_person *out, const char **why);
    /* Whether that person's device may have a certificate (again): IC_ERR_STATE, IC_ERR_NOT_FOUND. */
    ic_err (*device_check)(struct icd_identity *id, const char *device,
                           struct icd_acme_person *out);
    /* The organisation that has verified the domain in which a host name lies: IC_ERR_NOT_FOUND. */
    ic_err (*domain_owner)(struct icd_identity *id, const char *host, int64_t *org);
    /* Issues and logs within this turn's transaction. why: a static sentence for IC_ERR_KEY, a key that is
     * not certified, and IC_ERR_DENIED, somebody who may have none. */
    ic_err (*issue)(struct icd_identity *id, const struct icd_acme_wish *wish,
                    struct icd_acme_issued *out, const char **why);
    /* Appends leaf and root in PEM. IC_ERR_NOT_FOUND. */
    ic_err (*chain)(struct icd_identity *id, const char *serial, struct ic_buf *out);
    /* IC_ERR_STATE: it is revoked already; IC_ERR_NOT_FOUND. reason: RFC 5280 section 5.3.1. */
    ic_err (*revoke)(struct icd_identity *id, const char *serial, int reason);
};

/* The real ones. */
extern const struct icd_acme_others icd_acme_others_real;

#endif
