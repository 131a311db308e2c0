#include "identity/acme/jws.h"

#include <cjose/cjose.h>
#include <ic/base/text.h>
#include <string.h>

static json_t *object_of(struct ic_view text)
{
    json_error_t error;
    json_t *o = json_loadb((const char *)text.p, text.len, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(o))
        return o;
    json_decref(o);
    return NULL;
}

/* A text of the envelope; empty where it is none. */
static struct ic_view part(const json_t *envelope, const char *name)
{
    const json_t *v = json_object_get(envelope, name);
    return json_is_string(v) ? ic_view(json_string_value(v), json_string_length(v))
                             : ic_view(NULL, 0);
}

/* RFC 8555 section 6.2: flattened, no unprotected header, one signature, no detached payload. */
static ic_err look_at_envelope(const json_t *envelope, struct icd_acme_problem *p)
{
    if (!envelope)
        return icd_acme_refuse(p, ICD_ACME_E_MALFORMED,
                               "the body is no JSON object, or names a member twice");
    if (json_object_get(envelope, "header") || json_object_get(envelope, "signatures"))
        return icd_acme_refuse(p, ICD_ACME_E_MALFORMED,
                               "no unprotected header, and exactly one signature");
    if (!json_is_string(json_object_get(envelope, "protected")) ||
        !json_is_string(json_object_get(envelope, "payload")) ||
        !json_is_string(json_object_get(envelope, "signature")) || json_object_size(envelope) != 3)
        return icd_acme_refuse(p, ICD_ACME_E_MALFORMED,
                               "a JWS in flattened JSON has protected, payload and signature");
    return IC_OK;
}

static ic_err take_alg(const json_t *header, enum icd_acme_alg *out, struct icd_acme_problem *p)
{
    const char *alg = json_string_value(json_object_get(header, "alg"));
    for (int i = ICD_ACME_ES256; alg && i <= ICD_ACME_RS256; i++)
        if (strcmp(alg, icd_acme_alg_name((enum icd_acme_alg)i)) == 0) {
            *out = (enum icd_acme_alg)i;
            return IC_OK;
        }
    return icd_acme_refuse(p, ICD_ACME_E_BAD_SIGNATURE_ALGORITHM, "alg: ES256, ES384 or RS256");
}

static bool is_base64url(const char *text)
{
    size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    return n > 0 && text[n] == 0;
}

static ic_err take_nonce(struct icd_acme_jws *jws, enum icd_acme_place place,
                         struct icd_acme_problem *p)
{
    const json_t *nonce = json_object_get(jws->header, "nonce");
    if (place == ICD_ACME_INNER)
        return nonce ? icd_acme_refuse(p, ICD_ACME_E_MALFORMED, "the inner JWS has a nonce")
                     : IC_OK;
    if (!nonce)
        return icd_acme_refuse(p, ICD_ACME_E_BAD_NONCE, "the request has no nonce");
    jws->nonce = json_string_value(nonce);
    if (!jws->nonce || !is_base64url(jws->nonce))
        return icd_acme_refuse(p, ICD_ACME_E_MALFORMED, "nonce: base64url");
    return IC_OK;
}

static ic_err take_header(struct icd_acme_jws *jws, enum icd_acme_place place,
                          struct icd_acme_problem *p)
{
    const json_t *jwk = json_object_get(jws->header, "jwk"),
                 *kid = json_object_get(jws->header, "kid");
    /* RFC 7515 section 4.1.11, RFC 7797: what is critical is not understood here. */
    if (json_object_get(jws->header, "crit") || json_object_get(jws->header, "b64"))
        return icd_acme_refuse(p, ICD_ACME_E_MALFORMED, "no header of this JWS may be critical");
    IC_TRY(take_alg(jws->header, &jws->alg, p));
    jws->url = json_string_value(json_object_get(jws->header, "url"));
    if (!jws->url)
        return icd_acme_refuse(p, ICD_ACME_E_MALFORMED, "the protected header has no url");
    if ((jwk != NULL) == (kid != NULL))
        return icd_acme_refuse(p, ICD_ACME_E_MALFORMED, "exactly one of jwk and kid");
    if (kid && !json_is_string(kid))
        return icd_acme_refuse(p, ICD_ACME_E_MALFORMED, "kid: the URL of an account");
    jws->kid = json_string_value(kid);
    IC_TRY(take_nonce(jws, place, p));
    return jwk ? icd_acme_key_read(jwk, &jws->key, p) : IC_OK;
}

static ic_err decode(struct ic_view text, struct ic_buf *out, const char *what,
                     struct icd_acme_problem *p)
{
    if (ic_base64_decode(IC_BASE64_URL, text, out) == IC_OK)
        return IC_OK;
    return icd_acme_refuse(p, ICD_ACME_E_MALFORMED,
                           "%s: base64url without padding, not longer than is needed", what);
}

static ic_err join(const json_t *envelope, struct ic_buf *out)
{
    static const char *const names[] = {"protected", "payload", "signature"};
    for (size_t i = 0; i < 3; i++) {
        if (i)
            IC_TRY(ic_buf_append(out, IC_VIEW_STR(".")));
        IC_TRY(ic_buf_append(out, part(envelope, names[i])));
    }
    return IC_OK;
}

static ic_err take_envelope(const json_t *envelope, enum icd_acme_place place,
                            struct icd_acme_jws *jws, struct icd_acme_problem *p)
{
    IC_BUF_SCOPE(header, ICD_ACME_HEADER_MAX);
    IC_BUF_SCOPE(signature, ICD_ACME_MODULUS_MAX);
    IC_TRY(look_at_envelope(envelope, p));
    IC_TRY(decode(part(envelope, "protected"), &header, "protected", p));
    IC_TRY(decode(part(envelope, "payload"), &jws->payload, "payload", p));
    IC_TRY(decode(part(envelope, "signature"), &signature, "signature", p));
    jws->header = object_of(ic_buf_view(&header));
    if (!jws->header)
        return icd_acme_refuse(p, ICD_ACME_E_MALFORMED,
                               "the protected header is no JSON object, or names a member twice");
    IC_TRY(take_header(jws, place, p));
    return icd_acme_failed(p, join(envelope, &jws->compact));
}

ic_err icd_acme_jws_open(struct ic_view body, enum icd_acme_place place, struct icd_acme_jws *out,
                         struct icd_acme_problem *p)
{
    struct icd_acme_jws jws = {0};
    if (body.len > ICD_ACME_BODY_MAX)
        return icd_acme_refuse_as(p, ICD_ACME_E_MALFORMED, 413, "the body has more than %d bytes",
                                  ICD_ACME_BODY_MAX);
    ic_buf_init(&jws.payload, ICD_ACME_PAYLOAD_MAX);
    ic_buf_init(&jws.compact, ICD_ACME_BODY_MAX);
    json_t *envelope = object_of(body);
    ic_err e = take_envelope(envelope, place, &jws, p);
    json_decref(envelope);
    if (e != IC_OK)
        icd_acme_jws_clear(&jws);
    else
        *out = jws;
    return e;
}

ic_err icd_acme_jws_verify(const struct icd_acme_jws *jws, const struct icd_acme_key *key,
                           struct icd_acme_problem *p)
{
    cjose_err err;
    /* RFC 7515 section 10.6: the algorithm is the key's, never one that the sender chooses. */
    if (jws->alg != key->alg)
        return icd_acme_refuse(p, ICD_ACME_E_BAD_PUBLIC_KEY, "alg is %s, and the key is for %s",
                               icd_acme_alg_name(jws->alg), icd_acme_alg_name(key->alg));
    /* cjose ends the process over padded base64url: the key's text is our own, and all three parts were
     * decoded strictly by now. */
    cjose_jwk_t *jwk = cjose_jwk_import(key->json, strlen(key->json), &err);
    if (!jwk)
        return icd_acme_refuse(p, ICD_ACME_E_BAD_PUBLIC_KEY, "the key is not valid");
    cjose_jws_t *s = cjose_jws_import((const char *)jws->compact.p, jws->compact.len, &err);
    bool good = s && cjose_jws_verify(s, jwk, &err);
    cjose_jws_release(s);
    cjose_jwk_release(jwk);
    return good ? IC_OK
                : icd_acme_refuse(p, ICD_ACME_E_MALFORMED, "the signature is not that of the key");
}

void icd_acme_jws_clear(struct icd_acme_jws *jws)
{
    json_decref(jws->header);
    ic_buf_clear(&jws->payload);
    ic_buf_clear(&jws->compact);
    *jws = (struct icd_acme_jws){0};
}
