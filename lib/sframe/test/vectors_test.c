/* The working group's vectors: RFC 9605 appendix C, and those of the AES-256-CTR suites. */
#include "../src/key.h"
#include "../src/stream.h"

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/base/vectors.h>

static const char main_file[] = "sframe/test-vectors.json";
static const char aes256_file[] = "sframe/test-vectors-aes256.json";

typedef void (*case_fn)(const json_t *c);

static void each(const char *file, const char *group, case_fn fn, size_t want)
{
    json_t *v = ic_test_vectors_load(file);
    if (!v)
        SKIP("no vectors");
    json_t *c;
    size_t i, n = json_array_size(json_object_get(v, group));
    json_array_foreach(json_object_get(v, group), i, c)
    {
        fn(c);
        if (ic_test_failed()) {
            ic_test_fail(__FILE__, __LINE__, "%s, case %zu", group, i);
            break;
        }
    }
    json_decref(v);
    CHECK_EQ_INT(n, want);
}

static void header_case(const json_t *c)
{
    struct ic_sframe_header h, back;
    uint8_t b[IC_SFRAME_HEADER_MAX];
    size_t len = 0;
    IC_BUF_SCOPE(want, 100);
    CHECK_OK(ic_test_json_u64(c, "kid", &h.kid));
    CHECK_OK(ic_test_json_u64(c, "ctr", &h.ctr));
    CHECK_OK(ic_test_json_bytes(c, "encoded", &want));
    size_t n = ic_sframe_header_encode(&h, b);
    CHECK_BYTES(ic_view(b, n), ic_buf_view(&want));
    CHECK_OK(ic_sframe_header_decode(ic_buf_view(&want), &back, &len));
    CHECK(back.kid == h.kid && back.ctr == h.ctr && len == n);
}

static void aead_case(const json_t *c)
{
    IC_BUF_SCOPE(key, 200);
    IC_BUF_SCOPE(nonce, 200);
    IC_BUF_SCOPE(aad, 200);
    IC_BUF_SCOPE(pt, 200);
    IC_BUF_SCOPE(ct, 200);
    IC_CLEANUP(ic_sframe_key_clear) struct sframe_key k = {0};
    uint8_t out[200], back[200];
    CHECK_OK(ic_test_json_bytes(c, "key", &key));
    CHECK_OK(ic_test_json_bytes(c, "nonce", &nonce));
    CHECK_OK(ic_test_json_bytes(c, "aad", &aad));
    CHECK_OK(ic_test_json_bytes(c, "pt", &pt));
    CHECK_OK(ic_test_json_bytes(c, "ct", &ct));
    const struct ic_sframe_suite *suite =
        ic_sframe_suite_find((uint16_t)ic_test_json_int(c, "cipher_suite"));
    CHECK(suite != NULL);
    CHECK_EQ_INT(suite->key_len, key.len);
    CHECK_OK(ic_sframe_key_set(&k, suite, ic_buf_view(&key)));
    /* The aad in two parts, as frames have it. */
    struct ic_view a = ic_buf_view(&aad), none = ic_view(NULL, 0);
    struct ic_view front = ic_view_sub(a, 0, 5), rest = ic_view_sub(a, 5, a.len - 5);
    CHECK_OK(ic_sframe_key_seal(&k, nonce.p, front, rest, ic_buf_view(&pt), out));
    CHECK_BYTES(ic_view(out, pt.len + suite->tag_len), ic_buf_view(&ct));
    CHECK_OK(ic_sframe_key_open(&k, nonce.p, a, none, ic_buf_view(&ct), back));
    CHECK_BYTES(ic_view(back, pt.len), ic_buf_view(&pt));
}

/* The key and salt that derive_key_salt gives: the salt directly, the key by what it encrypts. */
static void check_frame(uint16_t suite, const struct ic_sframe_header *h, struct ic_view base_key,
                        struct ic_view salt, struct ic_view metadata, struct ic_view pt,
                        struct ic_view ct)
{
    IC_CLEANUP(ic_sframe_secret_clear) struct sframe_secret secret = {0};
    struct ic_sframe_sender *sender = NULL;
    uint8_t out[300];
    size_t len = 0;
    CHECK_OK(ic_sframe_secret_init(&secret, suite, base_key));
    CHECK_OK(ic_sframe_sender_derive(&secret, h->kid, &sender));
    uint8_t nonce[IC_SFRAME_NONCE_LEN];
    sframe_key_nonce(&sender->key, 0, nonce);
    bool salt_fits = ic_view_equal(IC_VIEW_ARRAY(nonce), salt);
    sender->next = h->ctr;
    ic_err e = ic_sframe_sender_protect(sender, metadata, pt, out, &len);
    ic_sframe_sender_free(sender);
    CHECK(salt_fits);
    CHECK_OK(e);
    CHECK_BYTES(ic_view(out, len), ct);
    CHECK_OK(ic_sframe_open_once(suite, base_key, metadata, ct, out, &len));
    CHECK_BYTES(ic_view(out, len), pt);
}

static void frame_case(const json_t *c)
{
    struct ic_sframe_header h;
    IC_BUF_SCOPE(base_key, 200);
    IC_BUF_SCOPE(salt, 200);
    IC_BUF_SCOPE(metadata, 200);
    IC_BUF_SCOPE(pt, 200);
    IC_BUF_SCOPE(ct, 200);
    CHECK_OK(ic_test_json_u64(c, "kid", &h.kid));
    CHECK_OK(ic_test_json_u64(c, "ctr", &h.ctr));
    CHECK_OK(ic_test_json_bytes(c, "base_key", &base_key));
    CHECK_OK(ic_test_json_bytes(c, "sframe_salt", &salt));
    CHECK_OK(ic_test_json_bytes(c, "metadata", &metadata));
    CHECK_OK(ic_test_json_bytes(c, "pt", &pt));
    CHECK_OK(ic_test_json_bytes(c, "ct", &ct));
    uint16_t suite = (uint16_t)ic_test_json_int(c, "cipher_suite");
    check_frame(suite, &h, ic_buf_view(&base_key), ic_buf_view(&salt), ic_buf_view(&metadata),
                ic_buf_view(&pt), ic_buf_view(&ct));
}

TEST(vectors_header)
{
    each(main_file, "header", header_case, 289);
}

TEST(vectors_aes_128_ctr_hmac)
{
    each(main_file, "aes_ctr_hmac", aead_case, 3);
}

TEST(vectors_aes_256_ctr_hmac)
{
    each(main_file, "aes_256_ctr_hmac", aead_case, 3);
}

TEST(vectors_frames)
{
    each(main_file, "sframe", frame_case, 5);
}

TEST(vectors_frames_aes_256_ctr)
{
    each(aes256_file, "sframe_aes_256_ctr_hmac", frame_case, 3);
}
