/* Requests' signatures: RFC 7515 in the form that RFC 8555 section 6.2 asks for. */
#include "internal.h"

#include <ic/base/json.h>
#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/crypto/ecdsa.h>
#include <ic/crypto/hash.h>
#include <string.h>

enum { JWK_MAX = 400, HEADER_MAX = 2048 };

struct algorithm {
    enum ic_sig_id id;
    const char *name, *curve; /* RFC 7518 section 3.1 and 6.2.1.1, RFC 8037 */
    bool okp;
};

static const struct algorithm algorithms[] = {
    {IC_ECDSA_P256_SHA256, "ES256", "P-256", false},
    {IC_ECDSA_P384_SHA384, "ES384", "P-384", false},
    {IC_ECDSA_P521_SHA512, "ES512", "P-521", false},
    {IC_ED25519, "EdDSA", "Ed25519", true},
    {IC_ED448, "EdDSA", "Ed448", true},
};

static const struct algorithm *algorithm_of(const struct ic_sign_key *key)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(algorithms); i++)
        if (algorithms[i].id == ic_sign_key_id(key))
            return &algorithms[i];
    return NULL;
}

/* Members in the order of RFC 7638 section 3.2, so that it serves for the thumbprint too. */
static void write_jwk(const struct ic_sign_key *key, const struct algorithm *alg,
                      const char *member, struct ic_json *j)
{
    struct ic_view p = ic_sign_key_public(key);
    ic_json_object(j, member);
    ic_json_cstr(j, "crv", alg->curve);
    ic_json_cstr(j, "kty", alg->okp ? "OKP" : "EC");
    if (alg->okp) {
        ic_json_base64(j, "x", p);
    } else {
        size_t n = (p.len - 1) / 2; /* an uncompressed point: 4, x, y */
        ic_json_base64(j, "x", ic_view_sub(p, 1, n));
        ic_json_base64(j, "y", ic_view_sub(p, 1 + n, n));
    }
    ic_json_object_end(j);
}

ic_err ic_acme_thumbprint(const struct ic_sign_key *key, char out[IC_ACME_THUMBPRINT])
{
    const struct algorithm *alg = algorithm_of(key);
    uint8_t hash[IC_HASH_MAX];
    IC_BUF_SCOPE(text, JWK_MAX);
    struct ic_json j = ic_json(&text);
    if (!alg)
        return IC_ERR_UNSUPPORTED;
    write_jwk(key, alg, NULL, &j);
    IC_TRY(ic_json_end(&j));
    ic_hash_once(IC_SHA256, ic_buf_view(&text), hash);
    ic_base64_encode(IC_BASE64_URL, ic_view(hash, 32), out);
    return IC_OK;
}

static ic_err append_base64(struct ic_buf *out, struct ic_view v)
{
    size_t len = ic_base64_len(IC_BASE64_URL, v.len);
    char *text IC_AUTOFREE = ic_calloc(1, len + 1);
    if (!text)
        return IC_ERR_NOMEM;
    ic_base64_encode(IC_BASE64_URL, v, text);
    return ic_buf_append(out, ic_view(text, len));
}

static ic_err write_header(const struct ic_sign_key *key, const struct algorithm *alg,
                           const char *kid, const char *nonce, const char *url, struct ic_buf *out)
{
    IC_BUF_SCOPE(text, HEADER_MAX);
    struct ic_json j = ic_json(&text);
    ic_json_object(&j, NULL);
    ic_json_cstr(&j, "alg", alg->name);
    if (kid[0])
        ic_json_cstr(&j, "kid", kid);
    else
        write_jwk(key, alg, "jwk", &j);
    ic_json_cstr(&j, "nonce", nonce);
    ic_json_cstr(&j, "url", url);
    ic_json_object_end(&j);
    IC_TRY(ic_json_end(&j));
    return append_base64(out, ic_buf_view(&text));
}

ic_err ic_acme_sign(const struct ic_sign_key *key, const char *kid, const char *nonce,
                    const char *url, struct ic_view payload, struct ic_buf *out)
{
    const struct algorithm *alg = algorithm_of(key);
    uint8_t sig[IC_SIG_MAX], raw[IC_SIG_MAX];
    size_t sig_len, raw_len;
    IC_BUF_SCOPE(signed_text, BODY_MAX);
    if (!alg)
        return IC_ERR_UNSUPPORTED;
    IC_TRY(write_header(key, alg, kid, nonce, url, &signed_text));
    size_t header = signed_text.len;
    IC_TRY(ic_buf_append(&signed_text, IC_VIEW_STR(".")));
    IC_TRY(append_base64(&signed_text, payload));
    struct ic_view all = ic_buf_view(&signed_text);
    IC_TRY(ic_sign(key, all, sig, &sig_len));
    if (alg->okp) {
        memcpy(raw, sig, sig_len);
        raw_len = sig_len;
    } else {
        IC_TRY(ic_ecdsa_raw_from_der(alg->id, ic_view(sig, sig_len), raw, &raw_len));
    }
    struct ic_json j = ic_json(out);
    ic_json_object(&j, NULL);
    ic_json_text(&j, "protected", ic_view_sub(all, 0, header));
    ic_json_text(&j, "payload", ic_view_sub(all, header + 1, all.len - header - 1));
    ic_json_base64(&j, "signature", ic_view(raw, raw_len));
    ic_json_object_end(&j);
    return ic_json_end(&j);
}
