#include "identity/acme/test/signer.h"

#include <ic/base/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct signer signer_new(enum icd_acme_alg alg)
{
    cjose_err err;
    struct signer s = {.alg = alg};
    if (alg == ICD_ACME_RS256)
        return signer_rsa(2048);
    s.jwk = cjose_jwk_create_EC_random(
        alg == ICD_ACME_ES256 ? CJOSE_JWK_EC_P_256 : CJOSE_JWK_EC_P_384, &err);
    s.json = cjose_jwk_to_json(s.jwk, false, &err);
    return s;
}

struct signer signer_rsa(size_t bits)
{
    static const uint8_t exponent[] = {1, 0, 1};
    cjose_err err;
    struct signer s = {.alg = ICD_ACME_RS256};
    s.jwk = cjose_jwk_create_RSA_random(bits, exponent, sizeof exponent, &err);
    s.json = cjose_jwk_to_json(s.jwk, false, &err);
    return s;
}

void signer_free(struct signer *s)
{
    cjose_jwk_release(s->jwk);
    free(s->json);
    *s = (struct signer){0};
}

void signer_envelope(const char *header, const char *payload, const char *signature,
                     struct ic_buf *out)
{
    json_t *o = json_pack("{s:s, s:s, s:s}", "protected", header, "payload", payload, "signature",
                          signature);
    char *text = json_dumps(o, JSON_COMPACT);
    ic_buf_reset(out);
    IC_IGNORE(ic_buf_append(out, ic_view_cstr(text)));
    free(text);
    json_decref(o);
}

void signer_base64(const char *text, char *out)
{
    ic_base64_encode(IC_BASE64_URL, ic_view_cstr(text), out);
}

static cjose_header_t *header_of(const struct signer *s, const struct signed_request *r)
{
    cjose_err err;
    cjose_header_t *h = cjose_header_new(&err);
    cjose_header_set(h, "alg", r->alg ? r->alg : icd_acme_alg_name(s->alg), &err);
    if (r->kid)
        cjose_header_set(h, "kid", r->kid, &err);
    else
        cjose_header_set_raw(h, "jwk", s->json, &err);
    if (r->url)
        cjose_header_set(h, "url", r->url, &err);
    if (r->nonce)
        cjose_header_set(h, "nonce", r->nonce, &err);
    if (r->extra)
        cjose_header_set_raw(h, r->extra, r->extra_value, &err);
    return h;
}

void signer_sign(const struct signer *s, const struct signed_request *r, struct ic_buf *out)
{
    cjose_err err;
    const char *compact = NULL;
    cjose_header_t *h = header_of(s, r);
    cjose_jws_t *jws =
        cjose_jws_sign(s->jwk, h, (const uint8_t *)r->payload, strlen(r->payload), &err);
    if (jws && cjose_jws_export(jws, &compact, &err)) {
        char *copy = strdup(compact), *payload = strchr(copy, '.'), *signature = strrchr(copy, '.');
        *payload++ = 0;
        *signature++ = 0;
        signer_envelope(copy, payload, signature, out);
        free(copy);
    }
    cjose_jws_release(jws);
    cjose_header_release(h);
}
