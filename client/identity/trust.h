/* Whom an organisation's server asks us to trust: `trust.json` of the profile, as GET /api/v1/identity/trust gives
 * it (docs/protocol/identity.md). It is agreed to once, at enrolment; a change is told and needs consent.
 *
 *     struct icc_trust t;
 *     IC_TRY(icc_trust_parse(text, &t, why, sizeof why));
 *     IC_TRY(icc_trust_add(&t, ICC_TRUST_INTERNAL, store));
 *     icc_trust_clear(&t);
 *
 * The text is hostile: sizes are bounded, each root is an authority's certificate.
 */
#ifndef ICC_IDENTITY_TRUST_H
#define ICC_IDENTITY_TRUST_H

#include <ic/base/buf.h>
#include <ic/crypto/suite.h>
#include <ic/pki/store.h>

enum {
    ICC_TRUST_ROOTS_MAX = 64,
    ICC_TRUST_LOGS_MAX = 8,
    ICC_TRUST_NAME = 129,
    ICC_TRUST_URL = 257
};

enum icc_trust_kind { ICC_TRUST_INTERNAL, ICC_TRUST_EXTERNAL };

struct icc_trust_root {
    enum icc_trust_kind kind;
    struct ic_buf der; /* owned */
    uint8_t fingerprint[IC_PKI_FINGERPRINT_LEN];
    char name[ICC_TRUST_NAME]; /* common name, for people */
};

struct icc_trust_log {
    uint8_t key[IC_SIG_PUBLIC_MAX];
    size_t key_len;
    enum ic_sig_id sig;
};

struct icc_trust {
    char organisation[ICC_TRUST_NAME];
    char crl[ICC_TRUST_URL], ocsp[ICC_TRUST_URL]; /* "" where there is none */
    struct icc_trust_root roots[ICC_TRUST_ROOTS_MAX];
    size_t root_count;
    struct icc_trust_log logs[ICC_TRUST_LOGS_MAX];
    size_t log_count;
};

/* out is filled on success alone. IC_ERR_MALFORMED, IC_ERR_LIMIT, those of ic_pki_cert_decode; why says which. */
ic_err icc_trust_parse(struct ic_view json, struct icc_trust *out, char *why, size_t why_len);
void icc_trust_clear(struct icc_trust *t);
size_t icc_trust_count(const struct icc_trust *t, enum icc_trust_kind kind);
/* Puts the roots of that kind into the store. */
ic_err icc_trust_add(const struct icc_trust *t, enum icc_trust_kind kind, struct ic_pki_store *s);
/* True where both name the same roots, each of the same kind, the same logs, and the same addresses at which is told
 * what was revoked: nothing to consent to. */
bool icc_trust_equal(const struct icc_trust *a, const struct icc_trust *b);
/* True where t has that root, as that kind. */
bool icc_trust_has(const struct icc_trust *t, const struct icc_trust_root *root);
bool icc_trust_has_log(const struct icc_trust *t, const struct icc_trust_log *log);

#endif
