#include "identity/acme/key.h"

#include <ic/base/buf.h>
#include <ic/base/text.h>
#include <ic/crypto/hash.h>
#include <ic/crypto/verify.h>
#include <stdio.h>
#include <string.h>

struct curve {
    const char *name;
    enum icd_acme_alg alg;
    enum ic_sig_id sig;
    size_t len; /* of a coordinate */
};
static const struct curve curves[] = {
    {"P-256", ICD_ACME_ES256, IC_ECDSA_P256_SHA256, 32},
    {"P-384", ICD_ACME_ES384, IC_ECDSA_P384_SHA384, 48},
};

const char *icd_acme_alg_name(enum icd_acme_alg alg)
{
    return alg == ICD_ACME_ES256 ? "ES256" : alg == ICD_ACME_ES384 ? "ES384" : "RS256";
}

/* Appends the bytes of a member in base64url. */
static bool member(const json_t *jwk, const char *name, struct ic_buf *out)
{
    const json_t *v = json_object_get(jwk, name);
    struct ic_view text = ic_view(json_string_value(v), json_string_length(v));
    return json_is_string(v) && text.len && ic_base64_decode(IC_BASE64_URL, text, out) == IC_OK;
}

static struct ic_view trimmed(struct ic_view v)
{
    while (v.len && v.p[0] == 0)
        v = ic_view_sub(v, 1, v.len - 1);
    return v;
}

/* RFC 7638 section 3: the members that are required, in lexicographic order, without white space. */
static void name_it(struct icd_acme_key *key)
{
    uint8_t digest[IC_HASH_MAX];
    ic_hash_once(IC_SHA256, ic_view_cstr(key->json), digest);
    ic_base64_encode(IC_BASE64_URL, ic_view(digest, 32), key->thumbprint);
}

static void write_ec(struct icd_acme_key *key, const struct curve *c)
{
    char x[65], y[65];
    ic_base64_encode(IC_BASE64_URL, ic_view(key->value + 1, c->len), x);
    ic_base64_encode(IC_BASE64_URL, ic_view(key->value + 1 + c->len, c->len), y);
    snprintf(key->json, sizeof key->json,
             "{\"crv\":\"%s\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", c->name, x, y);
}

static ic_err read_ec(const json_t *jwk, struct icd_acme_key *key, struct icd_acme_problem *p)
{
    const char *name = json_string_value(json_object_get(jwk, "crv"));
    const struct curve *c = NULL;
    for (size_t i = 0; name && i < sizeof curves / sizeof *curves; i++)
        if (strcmp(curves[i].name, name) == 0)
            c = &curves[i];
    if (!c)
        return icd_acme_refuse(p, ICD_ACME_E_BAD_PUBLIC_KEY, "crv: P-256 or P-384");
    /* RFC 7518 section 6.2.1.2: the full size of a coordinate, leading zeros and all. */
    IC_BUF_SCOPE(point, 128);
    uint8_t form = 4;
    IC_TRY(icd_acme_failed(p, ic_buf_append(&point, ic_view(&form, 1))));
    if (!member(jwk, "x", &point) || point.len != 1 + c->len || !member(jwk, "y", &point) ||
        point.len != 1 + 2 * c->len)
        return icd_acme_refuse(p, ICD_ACME_E_BAD_PUBLIC_KEY,
                               "x, y: %zu bytes each, in base64url without padding", c->len);
    key->alg = c->alg;
    memcpy(key->value, point.p, point.len);
    key->value_len = point.len;
    write_ec(key, c);
    return IC_OK;
}

static void write_rsa(struct icd_acme_key *key)
{
    char n[1400], e[8];
    ic_base64_encode(IC_BASE64_URL, ic_view(key->value, key->value_len), n);
    ic_base64_encode(IC_BASE64_URL, ic_view(key->exponent, key->exponent_len), e);
    snprintf(key->json, sizeof key->json, "{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}", e, n);
}

static ic_err read_rsa(const json_t *jwk, struct icd_acme_key *key, struct icd_acme_problem *p)
{
    IC_BUF_SCOPE(n, ICD_ACME_MODULUS_MAX + 16);
    IC_BUF_SCOPE(e, 16);
    if (!member(jwk, "n", &n) || !member(jwk, "e", &e))
        return icd_acme_refuse(p, ICD_ACME_E_BAD_PUBLIC_KEY,
                               "n, e: base64url without padding, of at most %d bits",
                               IC_RSA_BITS_MAX);
    /* RFC 8555 section 8.1: zeros before it do not count. */
    struct ic_rsa_key rsa = {trimmed(ic_buf_view(&n)), trimmed(ic_buf_view(&e))};
    if (rsa.exponent.len > sizeof key->exponent || ic_rsa_key_check(&rsa) != IC_OK)
        return icd_acme_refuse(p, ICD_ACME_E_BAD_PUBLIC_KEY,
                               "RSA: %d to %d bits, and an odd exponent above 1 of at most 32 bits",
                               IC_RSA_BITS_MIN, IC_RSA_BITS_MAX);
    key->alg = ICD_ACME_RS256;
    memcpy(key->value, rsa.modulus.p, rsa.modulus.len);
    key->value_len = rsa.modulus.len;
    memcpy(key->exponent, rsa.exponent.p, rsa.exponent.len);
    key->exponent_len = rsa.exponent.len;
    write_rsa(key);
    return IC_OK;
}

ic_err icd_acme_key_read(const json_t *jwk, struct icd_acme_key *out, struct icd_acme_problem *p)
{
    struct icd_acme_key key = {0};
    const char *kty = json_string_value(json_object_get(jwk, "kty"));
    if (!json_is_object(jwk) || !kty)
        return icd_acme_refuse(p, ICD_ACME_E_MALFORMED, "jwk: a JSON Web Key with a kty");
    /* Who sends it has given it away. */
    if (json_object_get(jwk, "d") || json_object_get(jwk, "k"))
        return icd_acme_refuse(p, ICD_ACME_E_BAD_PUBLIC_KEY,
                               "jwk: a public key is wanted, this one holds a secret");
    if (strcmp(kty, "EC") == 0)
        IC_TRY(read_ec(jwk, &key, p));
    else if (strcmp(kty, "RSA") == 0)
        IC_TRY(read_rsa(jwk, &key, p));
    else
        return icd_acme_refuse(p, ICD_ACME_E_BAD_PUBLIC_KEY, "kty: EC or RSA");
    name_it(&key);
    *out = key;
    return IC_OK;
}

ic_err icd_acme_key_load(struct ic_view json, struct icd_acme_key *out)
{
    struct icd_acme_problem p = {0};
    json_error_t error;
    json_t *o = json_loadb((const char *)json.p, json.len, JSON_REJECT_DUPLICATES, &error);
    ic_err e = icd_acme_key_read(o, out, &p);
    json_decref(o);
    icd_acme_problem_clear(&p);
    return e == IC_OK ? IC_OK : IC_ERR_MALFORMED;
}

bool icd_acme_key_is_of(const struct icd_acme_key *key, const struct ic_pki_cert *cert)
{
    struct ic_view value = ic_view(key->value, key->value_len);
    if (key->alg == ICD_ACME_RS256)
        return cert->key_kind == IC_PKI_KEY_RSA && ic_view_equal(value, cert->key) &&
               ic_view_equal(ic_view(key->exponent, key->exponent_len), cert->exponent);
    return cert->key_kind == IC_PKI_KEY_ECDSA &&
           cert->key_sig ==
               (key->alg == ICD_ACME_ES256 ? IC_ECDSA_P256_SHA256 : IC_ECDSA_P384_SHA384) &&
           ic_view_equal(value, cert->key);
}
