/* A signed request of RFC 8555 section 6.2: JSON Web Signature (RFC 7515), flattened, opened by cjose.
 *
 *     struct icd_acme_jws jws;
 *     IC_TRY(icd_acme_jws_open(body, ICD_ACME_OUTER, &jws, &problem));
 *     ... look at jws.url and jws.nonce, find the key of jws.kid or take jws.key ...
 *     IC_TRY(icd_acme_jws_verify(&jws, &key, &problem));
 *     use(ic_buf_view(&jws.payload));                     // trusted from here on
 *     icd_acme_jws_clear(&jws);
 *
 * Strict: exactly the members protected, payload and signature, no name twice, base64url without padding, no
 * critical header, one of three algorithms, and exactly one of jwk and kid.
 */
#ifndef ICD_ACME_JWS_H
#define ICD_ACME_JWS_H

#include "identity/acme/key.h"

#include <ic/base/buf.h>

enum {
    ICD_ACME_BODY_MAX = 65536,   /* bytes of a request */
    ICD_ACME_HEADER_MAX = 8192,  /* bytes of the protected header */
    ICD_ACME_PAYLOAD_MAX = 49152 /* bytes decoded */
};

/* The inner one of RFC 8555 section 7.3.5 has no nonce. */
enum icd_acme_place { ICD_ACME_OUTER, ICD_ACME_INNER };

struct icd_acme_jws {
    json_t *header; /* owned; the texts below borrow from it */
    enum icd_acme_alg alg;
    const char *url, *nonce; /* nonce NULL in an inner one */
    const char *kid;         /* NULL where there is a jwk */
    struct icd_acme_key key; /* of jwk */
    struct ic_buf payload;
    struct ic_buf compact; /* of RFC 7515 section 7.1, as cjose takes it */
};

/* Takes it apart; nothing of it is to be believed yet. On IC_OK end with icd_acme_jws_clear. */
ic_err icd_acme_jws_open(struct ic_view body, enum icd_acme_place place, struct icd_acme_jws *out,
                         struct icd_acme_problem *p);
/* Checks the signature. A key of another algorithm is badPublicKey, a wrong signature malformed. */
ic_err icd_acme_jws_verify(const struct icd_acme_jws *jws, const struct icd_acme_key *key,
                           struct icd_acme_problem *p);
void icd_acme_jws_clear(struct icd_acme_jws *jws);

#endif
