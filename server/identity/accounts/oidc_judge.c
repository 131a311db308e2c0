/* An ID token, judged: OpenID Connect Core 1.0 section 3.1.3.7. */
#include "identity/accounts/oidc.h"

#include <cjose/cjose.h>
#include <ic/base/secret.h>
#include <ic/base/text.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 32, NUMBER_MAX = 1366, RSA_BITS_MIN = 2048, ISSUED_MAX_S = 600 };

/* Never `none`, never a MAC: a key that everybody can read makes no signature. */
static const struct {
    const char *name;
    cjose_jwk_kty_t kty;
    const char *curve; /* of an elliptic key */
} algorithms[] = {
    {"RS256", CJOSE_JWK_KTY_RSA, NULL},
    {"PS256", CJOSE_JWK_KTY_RSA, NULL},
    {"ES256", CJOSE_JWK_KTY_EC, "P-256"},
    {"ES384", CJOSE_JWK_KTY_EC, "P-384"},
};

static const char *text_of(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return json_is_string(v) && strlen(json_string_value(v)) == json_string_length(v)
               ? json_string_value(v)
               : NULL;
}

static bool is(const json_t *o, const char *key, const char *want)
{
    const char *text = text_of(o, key);
    return text && strcmp(text, want) == 0;
}

/* cjose ends the process where base64url has padding or what is none in its middle, so it sees only what was
 * decoded here before. */
static bool is_base64url(struct ic_view v, size_t max)
{
    IC_BUF_SCOPE(bytes, ICD_OIDC_TOKEN_MAX);
    return v.len > 0 && v.len <= max && ic_base64_decode(IC_BASE64_URL, v, &bytes) == IC_OK;
}

/* Three parts, each base64url. */
static bool is_compact(struct ic_view token)
{
    size_t from = 0, parts = 0;
    for (size_t i = 0; i <= token.len; i++) {
        if (i < token.len && token.p[i] != '.')
            continue;
        if (!is_base64url(ic_view_sub(token, from, i - from), ICD_OIDC_TOKEN_MAX))
            return false;
        from = i + 1;
        parts++;
    }
    return parts == 3;
}

/* ---- signature ---- */

/* What names an algorithm, a use or a curve must name this one. */
static bool may_serve(const json_t *jwk, size_t algorithm, const char *kid)
{
    if (kid && !is(jwk, "kid", kid))
        return false;
    if (json_object_get(jwk, "use") && !is(jwk, "use", "sig"))
        return false;
    if (json_object_get(jwk, "alg") && !is(jwk, "alg", algorithms[algorithm].name))
        return false;
    if (!algorithms[algorithm].curve)
        return is(jwk, "kty", "RSA");
    return is(jwk, "kty", "EC") && is(jwk, "crv", algorithms[algorithm].curve);
}

static json_t *number(const json_t *jwk, const char *name)
{
    const char *text = text_of(jwk, name);
    return text && is_base64url(ic_view_cstr(text), NUMBER_MAX) ? json_string(text) : NULL;
}

/* The public key alone, of numbers that are numbers; NULL where one is missing. */
static json_t *key_of(const json_t *jwk, size_t algorithm)
{
    const char *curve = algorithms[algorithm].curve;
    return curve ? json_pack("{s:s, s:s, s:o, s:o}", "kty", "EC", "crv", curve, "x",
                             number(jwk, "x"), "y", number(jwk, "y"))
                 : json_pack("{s:s, s:o, s:o}", "kty", "RSA", "n", number(jwk, "n"), "e",
                             number(jwk, "e"));
}

static bool verifies(cjose_jws_t *jws, const json_t *jwk, size_t algorithm)
{
    cjose_err err;
    json_t *clean = key_of(jwk, algorithm);
    char *text = clean ? json_dumps(clean, JSON_COMPACT) : NULL;
    json_decref(clean);
    cjose_jwk_t *key = text ? cjose_jwk_import(text, strlen(text), &err) : NULL;
    bool ok = key && cjose_jwk_get_kty(key, &err) == algorithms[algorithm].kty &&
              (algorithms[algorithm].curve || cjose_jwk_get_keysize(key, &err) >= RSA_BITS_MIN) &&
              cjose_jws_verify(jws, key, &err);
    cjose_jwk_release(key);
    free(text);
    return ok;
}

static ic_err try_keys(cjose_jws_t *jws, const json_t *keys, size_t algorithm, const char *kid,
                       const char **why)
{
    bool served = false;
    for (size_t i = 0; i < json_array_size(keys) && i < KEYS_MAX; i++) {
        const json_t *jwk = json_array_get(keys, i);
        if (!may_serve(jwk, algorithm, kid))
            continue;
        served = true;
        if (verifies(jws, jwk, algorithm))
            return IC_OK;
    }
    *why = served ? "the ID token's signature does not verify"
                  : "the provider publishes no key for this ID token";
    return served ? IC_ERR_SIGNATURE : IC_ERR_UNKNOWN_KEY;
}

static ic_err check_signature(cjose_jws_t *jws, const json_t *keys, const char **why)
{
    cjose_err err;
    cjose_header_t *header = cjose_jws_get_protected(jws);
    const char *alg = cjose_header_get(header, CJOSE_HDR_ALG, &err);
    const char *kid = cjose_header_get(header, CJOSE_HDR_KID, &err);
    *why = "the ID token is signed by an algorithm that is not taken";
    for (size_t i = 0; alg && i < sizeof algorithms / sizeof *algorithms; i++)
        if (strcmp(alg, algorithms[i].name) == 0)
            return try_keys(jws, keys, i, kid, why);
    return IC_ERR_UNSUPPORTED;
}

/* ---- claims ---- */

/* `aud` names us, and where it names others too, `azp` says that it was made for us. */
static bool is_for(const json_t *o, const char *client_id)
{
    const json_t *aud = json_object_get(o, "aud"), *item;
    bool found = is(o, "aud", client_id);
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)aud, i, item)
    {
        found |= json_is_string(item) && strcmp(json_string_value(item), client_id) == 0;
    }
    if (json_object_get(o, "azp") || (json_is_array(aud) && json_array_size(aud) > 1))
        found = found && is(o, "azp", client_id);
    return found;
}

static uint64_t seconds(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return json_is_integer(v) && json_integer_value(v) > 0 ? (uint64_t)json_integer_value(v) : 0;
}

static ic_err check_claims(const struct icd_oidc_expected *want, const json_t *o, const char **why)
{
    *why = "the ID token is of another issuer";
    if (!is(o, "iss", want->issuer))
        return IC_ERR_RULE;
    *why = "the ID token is for another client";
    if (!is_for(o, want->client_id))
        return IC_ERR_RULE;
    *why = "the ID token answers another sign-in";
    const char *nonce = text_of(o, "nonce");
    if (!nonce || !ic_ct_equal(ic_view_cstr(nonce), ic_view_cstr(want->nonce)))
        return IC_ERR_RULE;
    *why = "the ID token is too old, or not of this time";
    uint64_t exp = seconds(o, "exp"), iat = seconds(o, "iat");
    if (exp > UINT64_MAX - ICD_OIDC_SKEW_S || exp + ICD_OIDC_SKEW_S <= want->now_s || iat == 0 ||
        iat > want->now_s + ICD_OIDC_SKEW_S || iat + ISSUED_MAX_S < want->now_s)
        return IC_ERR_EXPIRED;
    return IC_OK;
}

static void take_email(const json_t *o, struct icd_oidc_claims *c)
{
    const char *email = text_of(o, "email");
    if (email && strlen(email) < sizeof c->email)
        memcpy(c->email, email, strlen(email) + 1);
    c->email_verified = c->email[0] && json_is_true(json_object_get(o, "email_verified"));
}

ic_err icd_oidc_userinfo(struct ic_view json, struct icd_oidc_claims *c, const char **why)
{
    json_t *o = json_loadb((const char *)json.p, json.len, JSON_REJECT_DUPLICATES, NULL);
    ic_err e = json_is_object(o) ? IC_OK : IC_ERR_MALFORMED;
    *why = "the provider says nothing of this person";
    if (e == IC_OK && !is(o, "sub", c->subject)) {
        *why = "the provider speaks of somebody else";
        e = IC_ERR_RULE;
    }
    if (e == IC_OK)
        take_email(o, c);
    json_decref(o);
    return e;
}

static ic_err take_claims(const json_t *o, uint64_t now_s, struct icd_oidc_claims *c,
                          const char **why)
{
    const char *subject = text_of(o, "sub");
    *why = "the ID token does not say who";
    if (!subject || !subject[0] || strlen(subject) > ICD_OIDC_SUBJECT_MAX)
        return IC_ERR_MALFORMED;
    memcpy(c->subject, subject, strlen(subject) + 1);
    take_email(o, c);
    c->auth_time_s = seconds(o, "auth_time");
    if (c->auth_time_s > now_s)
        c->auth_time_s = c->auth_time_s <= now_s + ICD_OIDC_SKEW_S ? now_s : 0;
    return IC_OK;
}

static ic_err judge(const struct icd_oidc_expected *want, cjose_jws_t *jws, const json_t *keys,
                    struct icd_oidc_claims *c, const char **why)
{
    cjose_err err;
    uint8_t *payload;
    size_t len;
    IC_TRY(check_signature(jws, keys, why));
    *why = "the ID token is no JSON object";
    if (!cjose_jws_get_plaintext(jws, &payload, &len, &err))
        return IC_ERR_MALFORMED;
    json_t *o = json_loadb((const char *)payload, len, JSON_REJECT_DUPLICATES, NULL);
    ic_err e = json_is_object(o) ? check_claims(want, o, why) : IC_ERR_MALFORMED;
    if (e == IC_OK)
        e = take_claims(o, want->now_s, c, why);
    json_decref(o);
    return e;
}

ic_err icd_oidc_judge(const struct icd_oidc_expected *want, struct ic_view id_token,
                      struct ic_view jwks, struct icd_oidc_claims *out, const char **why)
{
    cjose_err err;
    struct icd_oidc_claims c = {0};
    *why = "the ID token is no signed token";
    if (id_token.len > ICD_OIDC_TOKEN_MAX || !is_compact(id_token))
        return IC_ERR_MALFORMED;
    cjose_jws_t *jws = cjose_jws_import((const char *)id_token.p, id_token.len, &err);
    if (!jws)
        return IC_ERR_MALFORMED;
    json_t *set = json_loadb((const char *)jwks.p, jwks.len, 0, NULL);
    ic_err e = judge(want, jws, json_object_get(set, "keys"), &c, why);
    json_decref(set);
    cjose_jws_release(jws);
    if (e == IC_OK)
        *out = c;
    return e;
}
