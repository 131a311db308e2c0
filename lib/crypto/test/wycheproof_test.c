/* Project Wycheproof's files, run against every provider of the build. */
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/base/text.h>
#include <ic/base/vectors.h>
#include <ic/crypto/aead.h>
#include <ic/crypto/hkdf.h>
#include <ic/crypto/sign.h>
#include <stdio.h>
#include <string.h>

#include "../src/curve.h"
#include "../src/provider.h"

enum { FIELD_MAX = 1 << 17 };

struct run {
    const struct ic_prov *prov;
    const json_t *group, *test;
    int kind; /* the algorithm of the file */
    unsigned passed, failed, left_out;
};

enum outcome { PASSED, FAILED, LEFT_OUT };

static bool is(const json_t *o, const char *key, const char *value)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s && strcmp(s, value) == 0;
}

#define FIELD(name, object, key)                                                                   \
    IC_BUF_SCOPE(name, FIELD_MAX);                                                                 \
    if (ic_test_json_bytes((object), (key), &(name)) != IC_OK)                                     \
    return FAILED

static enum outcome expect(const struct run *r, bool accepted)
{
    return accepted == is(r->test, "result", "valid") ? PASSED : FAILED;
}

static void run_file(const char *name, int kind, enum outcome (*one)(struct run *))
{
    char path[128];
    snprintf(path, sizeof path, "wycheproof/%s.json", name);
    json_t *file = ic_test_vectors_load(path);
    if (!file)
        SKIP("no vectors");
    const struct ic_prov *prov;
    unsigned ran = 0;
    for (size_t p = 0; (prov = ic_prov_at(p)); p++) {
        struct run r = {.prov = prov, .kind = kind};
        size_t i, k;
        json_array_foreach(json_object_get(file, "testGroups"), i, r.group)
        {
            json_array_foreach(json_object_get(r.group, "tests"), k, r.test)
            {
                enum outcome o = one(&r);
                r.passed += o == PASSED;
                r.left_out += o == LEFT_OUT;
                r.failed += o == FAILED;
                if (o == FAILED)
                    printf("  %s: case %lld\n", name, ic_test_json_int(r.test, "tcId"));
            }
        }
        if (r.passed + r.failed == 0)
            continue;
        ran++;
        printf("  %s by %s: %u passed, %u failed, %u left out\n", name, prov->name, r.passed,
               r.failed, r.left_out);
        if (r.failed > 0)
            ic_test_fail(__FILE__, __LINE__, "%s by %s", name, prov->name);
    }
    json_decref(file);
    CHECK(ran > 0);
}

static enum outcome aead_case(struct run *r)
{
    FIELD(key, r->test, "key");
    FIELD(iv, r->test, "iv");
    FIELD(aad, r->test, "aad");
    FIELD(msg, r->test, "msg");
    FIELD(ct, r->test, "ct");
    FIELD(tag, r->test, "tag");
    if (iv.len != IC_AEAD_NONCE_LEN || tag.len != IC_AEAD_TAG_LEN || key.len == 24)
        return LEFT_OUT; /* RFC 5116 algorithms have one length of each */
    enum ic_aead_id id = r->kind         ? IC_CHACHA20_POLY1305
                         : key.len == 16 ? IC_AES_128_GCM
                                         : IC_AES_256_GCM;
    uint8_t out[4096], made[IC_AEAD_TAG_LEN];
    IC_CLEANUP(ic_aead_free_scope) struct ic_aead *a = NULL;
    if (msg.len > sizeof out || ct.len > sizeof out ||
        ic_prov_aead_new(r->prov, id, ic_buf_view(&key), &a) != IC_OK)
        return FAILED;
    ic_err e = ic_aead_open_gather(a, ic_buf_view(&iv), ic_buf_view(&aad), ic_buf_view(&ct),
                                   ic_buf_view(&tag), out);
    if (e != IC_OK)
        return e == IC_ERR_AUTH ? expect(r, false) : FAILED;
    if (!ic_view_equal(ic_view(out, ct.len), ic_buf_view(&msg)))
        return FAILED;
    if (ic_aead_seal_scatter(a, ic_buf_view(&iv), ic_buf_view(&aad), ic_buf_view(&msg), out,
                             made) != IC_OK)
        return FAILED;
    return expect(r, ic_view_equal(ic_view(out, msg.len), ic_buf_view(&ct)) &&
                         ic_view_equal(IC_VIEW_ARRAY(made), ic_buf_view(&tag)));
}

/* The raw point at the end of a SubjectPublicKeyInfo of the usual shape; empty for any other. */
static struct ic_view point_of_spki(struct ic_view spki, const struct ic_curve *c)
{
    static const char *const heads[] = {
        "3059301306072a8648ce3d020106082a8648ce3d030107034200",
        "3076301006072a8648ce3d020106052b81040022036200",
        "30819b301006072a8648ce3d020106052b8104002303818600",
    };
    const char *want = heads[c->kem - IC_KEM_P256];
    IC_BUF_SCOPE(head, 64);
    if (ic_hex_decode(ic_view_cstr(want), &head) != IC_OK || spki.len != head.len + c->public_len)
        return ic_view(NULL, 0);
    if (!ic_view_equal(ic_view_sub(spki, 0, head.len), ic_buf_view(&head)))
        return ic_view(NULL, 0);
    return ic_view_sub(spki, head.len, c->public_len);
}

static enum outcome ecdh_case(struct run *r)
{
    const struct ic_curve *c = ic_curve_of_kem((enum ic_kem_id)r->kind);
    FIELD(spki, r->test, "public");
    FIELD(shared, r->test, "shared");
    FIELD(private_key, r->test, "private");
    struct ic_view point = point_of_spki(ic_buf_view(&spki), c);
    uint8_t scalar[66] = {0};
    size_t lead = 0;
    while (lead < private_key.len && private_key.p[lead] == 0)
        lead++;
    size_t n = private_key.len - lead;
    if (point.len == 0 || n > c->private_len)
        return LEFT_OUT; /* we take raw uncompressed points alone */
    memcpy(scalar + c->private_len - n, private_key.p + lead, n);
    IC_SECRET_SCOPE(out);
    ic_err e = ic_prov_dh_shared(r->prov, c->kem, ic_view(scalar, c->private_len), point, &out);
    if (e != IC_OK)
        return e == IC_ERR_KEY ? expect(r, false) : FAILED;
    return ic_view_equal(ic_secret_view(&out), ic_buf_view(&shared)) ? expect(r, true) : FAILED;
}

static enum outcome xdh_case(struct run *r)
{
    enum ic_kem_id id = (enum ic_kem_id)r->kind;
    if (!r->prov->has_dh(id))
        return LEFT_OUT;
    FIELD(peer, r->test, "public");
    FIELD(shared, r->test, "shared");
    FIELD(private_key, r->test, "private");
    IC_SECRET_SCOPE(out);
    ic_err e = ic_prov_dh_shared(r->prov, id, ic_buf_view(&private_key), ic_buf_view(&peer), &out);
    bool zero = true;
    for (size_t i = 0; i < shared.len; i++)
        zero = zero && shared.p[i] == 0;
    /* RFC 9180 section 7.1.4: what Wycheproof calls acceptable is refused where it gives zero. */
    if (zero || is(r->test, "result", "invalid"))
        return e == IC_ERR_KEY ? PASSED : FAILED;
    if (e != IC_OK)
        return FAILED;
    return ic_view_equal(ic_secret_view(&out), ic_buf_view(&shared)) ? PASSED : FAILED;
}

static enum outcome signature_case(struct run *r)
{
    enum ic_sig_id id = (enum ic_sig_id)r->kind;
    bool edwards = id == IC_ED25519 || id == IC_ED448;
    if (!r->prov->has_sig(id))
        return LEFT_OUT;
    FIELD(msg, r->test, "msg");
    FIELD(sig, r->test, "sig");
    FIELD(pub, json_object_get(r->group, "publicKey"), edwards ? "pk" : "uncompressed");
    ic_err e = ic_prov_verify(r->prov, id, ic_buf_view(&pub), ic_buf_view(&msg), ic_buf_view(&sig));
    if (e != IC_OK && e != IC_ERR_SIGNATURE)
        return FAILED;
    return expect(r, e == IC_OK);
}

static enum outcome hmac_case(struct run *r)
{
    if (r->prov != ic_prov_bulk())
        return LEFT_OUT;
    FIELD(key, r->test, "key");
    FIELD(msg, r->test, "msg");
    FIELD(tag, r->test, "tag");
    uint8_t out[IC_HASH_MAX];
    ic_hmac_once((enum ic_hash_id)r->kind, ic_buf_view(&key), ic_buf_view(&msg), out);
    if (tag.len > ic_hash_len((enum ic_hash_id)r->kind))
        return FAILED;
    return expect(r, ic_ct_equal(ic_view(out, tag.len), ic_buf_view(&tag)));
}

static enum outcome hkdf_case(struct run *r)
{
    if (r->prov != ic_prov_bulk())
        return LEFT_OUT;
    enum ic_hash_id id = (enum ic_hash_id)r->kind;
    FIELD(ikm, r->test, "ikm");
    FIELD(salt, r->test, "salt");
    FIELD(info, r->test, "info");
    FIELD(okm, r->test, "okm");
    size_t n = (size_t)ic_test_json_int(r->test, "size");
    uint8_t out[255 * IC_HASH_MAX];
    IC_SECRET_SCOPE(prk);
    ic_hkdf_extract(id, ic_buf_view(&salt), ic_buf_view(&ikm), &prk);
    ic_err e = ic_hkdf_expand(id, ic_secret_view(&prk), ic_buf_view(&info), out, n);
    if (e != IC_OK)
        return e == IC_ERR_RANGE ? expect(r, false) : FAILED;
    return expect(r, ic_view_equal(ic_view(out, n), ic_buf_view(&okm)));
}

#define WYCHEPROOF(file, kind, one)                                                                \
    TEST(wycheproof_##file)                                                                        \
    {                                                                                              \
        run_file(#file, kind, one);                                                                \
    }

WYCHEPROOF(aes_gcm, 0, aead_case)
WYCHEPROOF(chacha20_poly1305, 1, aead_case)
WYCHEPROOF(ecdh_secp256r1, IC_KEM_P256, ecdh_case)
WYCHEPROOF(ecdh_secp384r1, IC_KEM_P384, ecdh_case)
WYCHEPROOF(ecdh_secp521r1, IC_KEM_P521, ecdh_case)
WYCHEPROOF(x25519, IC_KEM_X25519, xdh_case)
WYCHEPROOF(x448, IC_KEM_X448, xdh_case)
WYCHEPROOF(ecdsa_secp256r1_sha256, IC_ECDSA_P256_SHA256, signature_case)
WYCHEPROOF(ecdsa_secp384r1_sha384, IC_ECDSA_P384_SHA384, signature_case)
WYCHEPROOF(ecdsa_secp521r1_sha512, IC_ECDSA_P521_SHA512, signature_case)
WYCHEPROOF(ed25519, IC_ED25519, signature_case)
WYCHEPROOF(ed448, IC_ED448, signature_case)
WYCHEPROOF(hmac_sha256, IC_SHA256, hmac_case)
WYCHEPROOF(hmac_sha384, IC_SHA384, hmac_case)
WYCHEPROOF(hmac_sha512, IC_SHA512, hmac_case)
WYCHEPROOF(hkdf_sha256, IC_SHA256, hkdf_case)
WYCHEPROOF(hkdf_sha384, IC_SHA384, hkdf_case)
WYCHEPROOF(hkdf_sha512, IC_SHA512, hkdf_case)
