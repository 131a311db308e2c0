/* A client's side of a signed request, for tests: keys and flattened JWS by cjose.
 *
 *     struct signer s = signer_new(ICD_ACME_ES256);
 *     IC_BUF_SCOPE(body, 65536);
 *     signer_sign(&s, &(struct signed_request){.url = url, .nonce = nonce, .payload = "{}"}, &body);
 *     signer_free(&s);
 */
#ifndef ICD_ACME_TEST_SIGNER_H
#define ICD_ACME_TEST_SIGNER_H

#include "identity/acme/jws.h"

#include <cjose/cjose.h>

struct signer {
    cjose_jwk_t *jwk;
    enum icd_acme_alg alg;
    char *json; /* its public JWK as cjose writes it */
};

struct signed_request {
    const char *url, *nonce, *payload; /* nonce NULL: none */
    const char *kid;                   /* NULL: the jwk */
    const char *alg;                   /* NULL: the key's own */
    const char *extra, *extra_value;   /* a header more, its value as JSON; NULL: none */
};

struct signer signer_new(enum icd_acme_alg alg);
/* RSA of so many bits. */
struct signer signer_rsa(size_t bits);
void signer_free(struct signer *s);
/* Replaces out's content by the body. */
void signer_sign(const struct signer *s, const struct signed_request *r, struct ic_buf *out);
/* {"protected", "payload", "signature"} of three texts as they are. */
void signer_envelope(const char *header, const char *payload, const char *signature,
                     struct ic_buf *out);
/* Base64url of a text. */
void signer_base64(const char *text, char *out);

#endif
