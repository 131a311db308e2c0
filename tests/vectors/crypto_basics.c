#include "vectors.h"

#include "member/sealing.h"

#include <ic/mls/label.h>
#include <ic/mlspub/label.h>
#include <ic/os/os.h>

static const char *text(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static bool check_derivations(struct vec *v, const struct ic_suite *s, const json_t *c)
{
    uint8_t out[IC_HASH_MAX], context[4];
    IC_SECRET_SCOPE(derived);
    const json_t *t = json_object_get(c, "ref_hash");
    ic_mlspub_ref_hash(s->hash, text(t, "label"), vec_bytes(v, t, "value"), out);
    VEC_EQUAL(v, ic_view(out, s->hash_len), vec_bytes(v, t, "out"));

    t = json_object_get(c, "expand_with_label");
    VEC_CHECK(v, vec_int(t, "length") <= sizeof out);
    VEC_OK(v, ic_mls_expand_with_label(s, vec_bytes(v, t, "secret"), text(t, "label"),
                                       vec_bytes(v, t, "context"), out, vec_int(t, "length")));
    VEC_EQUAL(v, ic_view(out, vec_int(t, "length")), vec_bytes(v, t, "out"));

    t = json_object_get(c, "derive_secret");
    VEC_OK(v, ic_mls_derive_secret(s, vec_bytes(v, t, "secret"), text(t, "label"), &derived));
    VEC_EQUAL(v, ic_secret_view(&derived), vec_bytes(v, t, "out"));

    t = json_object_get(c, "derive_tree_secret");
    VEC_CHECK(v, vec_int(t, "length") <= sizeof out);
    ic_store_u32(context, (uint32_t)vec_int(t, "generation"));
    VEC_OK(v, ic_mls_expand_with_label(s, vec_bytes(v, t, "secret"), text(t, "label"),
                                       IC_VIEW_ARRAY(context), out, vec_int(t, "length")));
    VEC_EQUAL(v, ic_view(out, vec_int(t, "length")), vec_bytes(v, t, "out"));
    return true;
}

static bool check_signature(struct vec *v, const struct ic_suite *s, const json_t *t)
{
    struct ic_view content = vec_bytes(v, t, "content"), public_key = vec_bytes(v, t, "pub");
    const char *label = text(t, "label");
    uint8_t sig[IC_SIG_MAX];
    size_t len;
    struct ic_sign_key *key;
    VEC_OK(v, ic_mlspub_verify_with_label(s->sig, public_key, label, content,
                                          vec_bytes(v, t, "signature")));
    VEC_OK(v, vec_sign_key(s, vec_bytes(v, t, "priv"), &key));
    ic_err e = ic_mlspub_sign_with_label(key, label, content, sig, &len);
    bool same = ic_view_equal(ic_sign_key_public(key), public_key);
    ic_sign_key_free(key);
    VEC_OK(v, e);
    VEC_CHECK(v, same);
    VEC_OK(v, ic_mlspub_verify_with_label(s->sig, public_key, label, content, ic_view(sig, len)));
    VEC_CHECK(v, ic_mlspub_verify_with_label(s->sig, public_key, "other", content,
                                             ic_view(sig, len)) == IC_ERR_SIGNATURE);
    return true;
}

static bool check_sealing(struct vec *v, const struct ic_suite *s, const json_t *t)
{
    struct ic_hpke_info info;
    struct ic_rand rand = ic_os_rand();
    struct ic_view priv = vec_bytes(v, t, "priv"), pub = vec_bytes(v, t, "pub");
    struct ic_view plain = vec_bytes(v, t, "plaintext");
    const struct ic_mlspub_ciphertext given = {vec_bytes(v, t, "kem_output"),
                                               vec_bytes(v, t, "ciphertext")};
    IC_BUF_SCOPE(opened, 1 << 20);
    IC_BUF_SCOPE(sealed, 1 << 20);
    VEC_OK(v, ic_mls_sealing_info(s, text(t, "label"), vec_bytes(v, t, "context"), &info));
    VEC_OK(v, ic_mls_open(&info, priv, pub, &given, &opened));
    VEC_EQUAL(v, ic_buf_view(&opened), plain);

    struct ic_writer w = ic_writer(&sealed);
    VEC_OK(v, ic_mls_seal_write(s, &info, pub, plain, &rand, &w));
    struct ic_reader r = ic_reader(ic_buf_view(&sealed));
    struct ic_mlspub_ciphertext own;
    own.kem_output = ic_read_vec(&r, 1024);
    own.ciphertext = ic_read_vec(&r, 1 << 20);
    VEC_OK(v, ic_reader_end(&r));
    VEC_OK(v, ic_mls_open(&info, priv, pub, &own, &opened));
    VEC_EQUAL(v, ic_buf_view(&opened), plain);
    return true;
}

bool run_crypto_basics(struct vec *v, const json_t *c)
{
    const struct ic_suite *s = vec_suite(v, c);
    return s && check_derivations(v, s, c) &&
           check_signature(v, s, json_object_get(c, "sign_with_label")) &&
           check_sealing(v, s, json_object_get(c, "encrypt_with_label"));
}
