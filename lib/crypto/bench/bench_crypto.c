/* The primitives: what the floors of all other rows are counted in. */
#include <ic/base/bench.h>
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/crypto/hkdf.h>
#include <ic/crypto/hpke.h>
#include <ic/crypto/info.h>
#include <ic/crypto/sign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/provider.h"

enum { MESSAGE = 250, AEAD_MAX = 102400 };

static void must(ic_err e)
{
    if (e != IC_OK) {
        fprintf(stderr, "bench-crypto: %s\n", ic_err_text(e));
        exit(1);
    }
}

static uint8_t message[MESSAGE];
static struct ic_test_rand rand_state;
static struct ic_rand source;

struct sig_bench {
    enum ic_sig_id id;
    struct ic_sign_key *key;
    uint8_t sig[IC_SIG_MAX];
    size_t sig_len;
};

static void run_sign(void *ctx, size_t iterations)
{
    struct sig_bench *b = ctx;
    while (iterations--)
        must(ic_sign(b->key, IC_VIEW_ARRAY(message), b->sig, &b->sig_len));
}

static void run_verify(void *ctx, size_t iterations)
{
    struct sig_bench *b = ctx;
    while (iterations--)
        must(ic_verify(b->id, ic_sign_key_public(b->key), IC_VIEW_ARRAY(message),
                       ic_view(b->sig, b->sig_len)));
}

static void bench_signature(enum ic_sig_id id, int suite, const char *sign, const char *verify)
{
    struct sig_bench b = {.id = id};
    must(ic_sign_key_generate(id, &source, &b.key));
    ic_bench_row(sign, ic_bench_ns(run_sign, &b) / 1e3, "us", -1, suite, 0);
    run_sign(&b, 1);
    ic_bench_row(verify, ic_bench_ns(run_verify, &b) / 1e3, "us", -1, suite, 0);
    ic_sign_key_free(b.key);
}

struct dh_bench {
    enum ic_kem_id id;
    const struct ic_prov *prov;
    struct ic_kem_pair own, peer;
    uint8_t out[IC_KEM_PUBLIC_MAX];
};

static void run_dh(void *ctx, size_t iterations)
{
    struct dh_bench *b = ctx;
    while (iterations--)
        must(b->prov->dh(b->id, ic_secret_view(&b->own.private_key),
                         ic_view(b->peer.public_key, b->peer.public_len), b->out));
}

/* A private key is there already: what is measured is the one base multiplication. */
static void run_keygen(void *ctx, size_t iterations)
{
    struct dh_bench *b = ctx;
    while (iterations--)
        must(b->prov->dh_public(b->id, ic_secret_view(&b->own.private_key), b->out));
}

static void bench_dh(enum ic_kem_id id, int suite, const char *dh, const char *keygen)
{
    struct dh_bench b = {.id = id, .prov = ic_prov_dh(id)};
    must(ic_kem_generate_pair(id, &source, &b.own));
    must(ic_kem_generate_pair(id, &source, &b.peer));
    ic_bench_row(dh, ic_bench_ns(run_dh, &b) / 1e3, "us", -1, suite, 0);
    ic_bench_row(keygen, ic_bench_ns(run_keygen, &b) / 1e3, "us", -1, suite, 0);
    ic_kem_pair_clear(&b.own);
    ic_kem_pair_clear(&b.peer);
}

static void run_sha256(void *ctx, size_t iterations)
{
    uint8_t *out = ctx;
    while (iterations--) {
        ic_hash_once(IC_SHA256, IC_VIEW_ARRAY(message), out);
        ic_bench_keep(out);
    }
}

static void run_hmac(void *ctx, size_t iterations)
{
    uint8_t out[IC_HASH_MAX];
    while (iterations--) {
        ic_hmac(ctx, IC_VIEW_ARRAY(message), out);
        ic_bench_keep(out);
    }
}

static void run_hkdf(void *ctx, size_t iterations)
{
    uint8_t *out = ctx;
    struct ic_secret prk;
    while (iterations--) {
        ic_hkdf_extract(IC_SHA256, ic_view(out, 32), ic_view(message, 32), &prk);
        must(ic_hkdf_expand(IC_SHA256, ic_secret_view(&prk), ic_view(message, 32), out, 32));
    }
    ic_secret_clear(&prk);
}

static void bench_hashes(void)
{
    uint8_t out[IC_HASH_MAX] = {0};
    struct ic_hmac_key key;
    ic_hmac_key_init(&key, IC_SHA256, ic_view(message, 32));
    ic_bench_row("crypto.sha256", ic_bench_ns(run_sha256, out), "ns", -1, 1, 0);
    ic_bench_row("crypto.hmac_sha256", ic_bench_ns(run_hmac, &key), "ns", -1, 1, 0);
    ic_bench_row("crypto.hkdf_sha256", ic_bench_ns(run_hkdf, out), "ns", -1, 1, 0);
    ic_hmac_key_clear(&key);
}

struct hpke_bench {
    struct ic_hpke_info info;
    struct ic_kem_pair pair;
    uint8_t enc[IC_KEM_PUBLIC_MAX], sealed[MESSAGE + IC_AEAD_TAG_LEN], plain[MESSAGE];
};

static void run_seal(void *ctx, size_t iterations)
{
    struct hpke_bench *b = ctx;
    while (iterations--)
        must(ic_hpke_seal(&b->info, ic_view(b->pair.public_key, b->pair.public_len),
                          ic_view(message, 16), IC_VIEW_ARRAY(message), &source, b->enc,
                          b->sealed));
}

static void run_open(void *ctx, size_t iterations)
{
    struct hpke_bench *b = ctx;
    while (iterations--)
        must(ic_hpke_open(&b->info, ic_secret_view(&b->pair.private_key),
                          ic_view(b->pair.public_key, b->pair.public_len),
                          ic_view(b->enc, b->pair.public_len), ic_view(message, 16),
                          IC_VIEW_ARRAY(b->sealed), b->plain));
}

static void bench_hpke(uint16_t id)
{
    const struct ic_suite *s = ic_suite_find(id);
    struct hpke_bench b;
    must(ic_kem_generate_pair(s->kem, &source, &b.pair));
    ic_hpke_info_init(&b.info, ic_hpke_suite_of(s), ic_view(message, 64));
    ic_bench_row("crypto.hpke_seal", ic_bench_ns(run_seal, &b) / 1e3, "us", -1, id, 0);
    run_seal(&b, 1);
    ic_bench_row("crypto.hpke_open", ic_bench_ns(run_open, &b) / 1e3, "us", -1, id, 0);
    ic_kem_pair_clear(&b.pair);
}

struct aead_bench {
    struct ic_aead *aead;
    size_t len;
    uint8_t *text, *sealed;
};

static void run_aead_seal(void *ctx, size_t iterations)
{
    struct aead_bench *b = ctx;
    while (iterations--)
        must(ic_aead_seal(b->aead, ic_view(message, IC_AEAD_NONCE_LEN), ic_view(message, 16),
                          ic_view(b->text, b->len), b->sealed));
}

static void run_aead_open(void *ctx, size_t iterations)
{
    struct aead_bench *b = ctx;
    while (iterations--)
        must(ic_aead_open(b->aead, ic_view(message, IC_AEAD_NONCE_LEN), ic_view(message, 16),
                          ic_view(b->sealed, b->len + IC_AEAD_TAG_LEN), b->text));
}

static void bench_aead(void)
{
    static const size_t lengths[] = {100, 1200, 10240, AEAD_MAX};
    struct aead_bench b = {.text = ic_calloc(1, AEAD_MAX),
                           .sealed = ic_calloc(1, AEAD_MAX + IC_AEAD_TAG_LEN)};
    if (!b.text || !b.sealed)
        must(IC_ERR_NOMEM);
    must(ic_aead_new(IC_AES_128_GCM, ic_view(message, 16), &b.aead));
    for (size_t i = 0; i < IC_ARRAY_LEN(lengths); i++) {
        b.len = lengths[i];
        ic_bench_row("crypto.aead_seal", ic_bench_ns(run_aead_seal, &b), "ns", (long long)b.len, 1,
                     0);
        run_aead_seal(&b, 1);
        ic_bench_row("crypto.aead_open", ic_bench_ns(run_aead_open, &b), "ns", (long long)b.len, 1,
                     0);
    }
    ic_aead_free(b.aead);
    ic_free(b.text);
    ic_free(b.sealed);
}

int main(void)
{
    source = ic_test_rand(&rand_state, 1);
    must(ic_rand_fill(&source, message, sizeof message));
    fprintf(stderr, "bench-crypto: %s\n", ic_crypto_provider_line());
    bench_signature(IC_ED25519, 1, "crypto.ed25519_sign", "crypto.ed25519_verify");
    bench_dh(IC_KEM_X25519, 1, "crypto.x25519", "crypto.x25519_keygen");
    bench_signature(IC_ECDSA_P256_SHA256, 2, "crypto.p256_sign", "crypto.p256_verify");
    bench_dh(IC_KEM_P256, 2, "crypto.p256_ecdh", "crypto.p256_keygen");
    bench_hashes();
    bench_hpke(1);
    bench_hpke(2);
    bench_aead();
    return 0;
}
