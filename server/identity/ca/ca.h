/* The organisation's own certification authority: one root, which issues leaves to people and devices, for
 * days, and says which of them it takes back (CRL, OCSP). Its key is a file or sits in a token.
 *
 *     struct icd_ca_order order = {.profile = IC_PKI_PERSON, .org = user.org, .user = user.id, .key_info = csr.key_info,
 *                                  .organisation = org.name, .common_name = user.name, .names = names, .name_count = 2};
 *     struct icd_ca_issued cert;
 *     IC_TRY(icd_ca_issue(id, &order, &cert));          // in the table and in the log, in this turn's transaction
 *     IC_TRY(icd_ca_chain(id, cert.serial, &pem));      // leaf, then root
 *     IC_TRY(icd_ca_revoke(id, cert.serial, IC_PKI_REVOKED_SUPERSEDED));
 *
 * Who may have which names is decided by who orders (acme, from accounts); a request's own names never come
 * here. Where a call fails the caller must refuse its own call, which takes back what was written. On the
 * loop's thread: a token that signs blocks it. IC_ERR_IO, IC_ERR_NOMEM: besides those named, of all.
 */
#ifndef ICD_CA_H
#define ICD_CA_H

#include "identity/live.h"

#include <ic/pki/crl.h>
#include <ic/pki/issue.h>

enum {
    ICD_CA_SERIAL_LEN = 16,                    /* random, the two highest bits 01 */
    ICD_CA_SERIAL_HEX = 2 * ICD_CA_SERIAL_LEN, /* lower case */
    ICD_CA_SKEW_S = 300,                       /* how much earlier than now certificates begin */
    ICD_CA_ROOT_S = 10 * 365 * 24 * 3600,
    ICD_CA_ROOT_PEM_MAX = 8192,
    ICD_CA_CHAIN_MAX = 32768, /* bytes of a chain in PEM */
};

struct icd_ca_order {
    enum ic_pki_profile profile; /* IC_PKI_PERSON or IC_PKI_DEVICE */
    struct ic_view key_info;     /* of the request whose signature was checked */
    int64_t org;
    const char *user, *device; /* accounts' ids, "" for none */
    const char *organisation;  /* O; "" for none */
    const char *common_name;
    const struct ic_pki_name *names; /* at least 1 */
    size_t name_count;
};
struct icd_ca_issued {
    char serial[ICD_CA_SERIAL_HEX + 1];
    int64_t not_before, not_after; /* Unix time */
    uint8_t hash[32];              /* SHA-256 of the certificate */
    uint64_t index;                /* in the log */
};
/* How long it lives: the organisation's policy, else [identity] person_certificate_s or device_certificate_s, never longer than
 * the root. IC_ERR_KEY: the key is too weak, or of a kind that no person's device signs with (RSA);
 * IC_ERR_ARG: a name is not well-formed, or there is none; IC_ERR_EXPIRED: the root's time is over; those of
 * the token. */
ic_err icd_ca_issue(struct icd_identity *id, const struct icd_ca_order *order,
                    struct icd_ca_issued *out);
/* Appends the certificate and the root, in PEM. IC_ERR_NOT_FOUND. */
ic_err icd_ca_chain(struct icd_identity *id, const char *serial, struct ic_buf *out);
/* The root; borrowed as long as id lives. */
const struct ic_pki_cert *icd_ca_root(const struct icd_identity *id);
/* "https://id.example.org/pki/crl.der" in a static buffer of id's; NULL where no base_url is known. */
const char *icd_ca_crl_url(const struct icd_identity *id);
const char *icd_ca_ocsp_url(const struct icd_identity *id);

/* ---- taking back ---- */

/* IC_ERR_NOT_FOUND; IC_ERR_STATE: it is revoked already. The list and OCSP say so from the next question on. */
ic_err icd_ca_revoke(struct icd_identity *id, const char *serial, enum ic_pki_revocation reason);
/* All of a user, or of a device of his, that are neither revoked nor run out; *count: how many. */
ic_err icd_ca_revoke_user(struct icd_identity *id, const char *user, enum ic_pki_revocation reason,
                          uint64_t *count);
ic_err icd_ca_revoke_device(struct icd_identity *id, const char *device,
                            enum ic_pki_revocation reason, uint64_t *count);
/* "keyCompromise", as RFC 5280 section 5.3.1 spells it; NULL and false for none. */
const char *icd_ca_reason_name(enum ic_pki_revocation reason);
bool icd_ca_reason_find(const char *name, enum ic_pki_revocation *out);

/* ---- what was issued ---- */

struct icd_ca_row {
    int64_t seq;
    char serial[ICD_CA_SERIAL_HEX + 1];
    enum ic_pki_profile kind;
    int64_t org;
    char user[32], device[32];
    char subject[IC_PKI_TEXT_MAX + 1]; /* the common name */
    char name[256];                    /* the first alternative name */
    int64_t not_before_s, not_after_s;
    uint64_t revoked_ms; /* 0: not */
    enum ic_pki_revocation reason;
};
/* serial: hexadecimal, any case. IC_ERR_NOT_FOUND. */
ic_err icd_ca_get(struct icd_identity *id, const char *serial, struct icd_ca_row *out);
/* Appends the certificate in DER. IC_ERR_NOT_FOUND. */
ic_err icd_ca_der(struct icd_identity *id, const char *serial, struct ic_buf *out);
struct icd_ca_query {
    int64_t org;
    const char *user; /* NULL: all */
    int64_t before;   /* seq; 0: the newest */
    unsigned limit;
};
typedef ic_err icd_ca_each(void *ctx, const struct icd_ca_row *row);
/* When the n-th newest of a user (1: the newest) was issued, in Unix time. IC_ERR_NOT_FOUND: he has fewer. */
ic_err icd_ca_issued_at(struct icd_identity *id, const char *user, unsigned n, int64_t *at_s);
/* Newest first; ends where each fails. */
ic_err icd_ca_list(struct icd_identity *id, const struct icd_ca_query *q, icd_ca_each *each,
                   void *ctx);

#endif
