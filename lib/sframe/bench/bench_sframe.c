/* SFrame against its floor: the same AEAD over as many bytes, with the same AAD length and the same
 * scatter call, in alternating rounds of the same run. The floor of a CTR suite is one AES-CTR pass and
 * one HMAC pass. Frames open once, so a batch of them is made before each round, outside the time. */
#include <ic/base/bench.h>
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/crypto/aead.h>
#include <ic/crypto/hash.h>
#include <ic/sframe/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_MAX = 102400, RING_BYTES = 1 << 18, RING_LEAST = 4 };

static uint8_t plain[FRAME_MAX], out[FRAME_MAX + IC_SFRAME_OVERHEAD_MAX];
static const struct ic_view none;

struct ring {
    uint8_t *bytes;
    size_t *lens;
    size_t stride, count, at;
};

struct state {
    const struct ic_sframe_suite *suite;
    size_t n;
    struct ic_sframe_store *tx, *rx;
    struct ring frames;
    /* The floor's own keys, and what it opens. */
    struct ic_aead *aead;
    struct ic_aes_ctr *ctr;
    struct ic_hmac_key mac;
    struct ring sealed;
    uint8_t aad[IC_SFRAME_HEADER_MAX];
    size_t aad_len;
    uint64_t nonces;
};

static void must(ic_err e, const char *what)
{
    if (e != IC_OK) {
        fprintf(stderr, "bench-sframe: %s: %s\n", what, ic_err_text(e));
        exit(1);
    }
}

static struct ic_sframe_store *make_store(uint16_t suite, uint32_t leaf)
{
    static const uint8_t base_key[IC_SFRAME_KEY_MAX] = {5};
    struct ic_sframe_store *s = NULL;
    must(ic_sframe_store_new(suite, &s), "store");
    struct ic_sframe_epoch e = {.epoch = 7, .leaf_slots = 4, .own_leaf = leaf, .may_send = true};
    e.base_key = ic_view(base_key, ic_sframe_suite_find(suite)->key_len);
    must(ic_sframe_store_add_epoch(s, &e, 0), "epoch");
    return s;
}

static void protect(void *ctx, size_t iterations)
{
    struct state *s = ctx;
    size_t len = 0;
    while (iterations--)
        must(ic_sframe_store_protect(s->tx, 1, none, ic_view(plain, s->n), out, &len), "protect");
    ic_bench_keep(out);
}

static struct ic_view ring_next(struct ring *r)
{
    size_t i = r->at++;
    return ic_view(r->bytes + i * r->stride, r->lens[i]);
}

static void unprotect(void *ctx, size_t iterations)
{
    struct state *s = ctx;
    struct ic_sframe_from from;
    size_t len = 0;
    while (iterations--)
        must(ic_sframe_store_unprotect(s->rx, none, ring_next(&s->frames), 0, out, &len, &from),
             "unprotect");
    ic_bench_keep(out);
}

static void mac_pass(struct state *s, struct ic_view nonce, const uint8_t *cipher)
{
    uint8_t lengths[24] = {0}, tag[IC_HASH_MAX];
    struct ic_view parts[] = {IC_VIEW_ARRAY(lengths), nonce, ic_view(s->aad, s->aad_len),
                              ic_view(cipher, s->n)};
    ic_hmac_parts(&s->mac, parts, IC_ARRAY_LEN(parts), tag);
    ic_bench_keep(tag);
}

static void seal_one(struct state *s, uint64_t number, uint8_t *to)
{
    uint8_t nonce[16] = {0};
    ic_store_u64(nonce + 4, number);
    struct ic_view aad = ic_view(s->aad, s->aad_len), in = ic_view(plain, s->n);
    if (s->aead) {
        must(ic_aead_seal_scatter(s->aead, ic_view(nonce, 12), aad, in, to, to + s->n), "seal");
    } else {
        must(ic_aes_ctr_xor(s->ctr, IC_VIEW_ARRAY(nonce), in, to), "ctr");
        mac_pass(s, ic_view(nonce, 12), to);
    }
}

static void floor_seal(void *ctx, size_t iterations)
{
    struct state *s = ctx;
    while (iterations--)
        seal_one(s, s->nonces++, out + s->aad_len);
    ic_bench_keep(out);
}

static void floor_open(void *ctx, size_t iterations)
{
    struct state *s = ctx;
    while (iterations--) {
        uint8_t nonce[16] = {0};
        ic_store_u64(nonce + 4, s->sealed.at);
        struct ic_view frame = ring_next(&s->sealed);
        struct ic_view cipher = ic_view_sub(frame, 0, s->n);
        if (s->aead) {
            must(ic_aead_open_gather(s->aead, ic_view(nonce, 12), ic_view(s->aad, s->aad_len),
                                     cipher, ic_view_sub(frame, s->n, IC_AEAD_TAG_LEN), out),
                 "open");
        } else {
            mac_pass(s, ic_view(nonce, 12), cipher.p);
            must(ic_aes_ctr_xor(s->ctr, IC_VIEW_ARRAY(nonce), cipher, out), "ctr");
        }
    }
    ic_bench_keep(out);
}

static void ring_init(struct ring *r, size_t n)
{
    r->stride = n + 64;
    r->count = RING_BYTES / r->stride;
    if (r->count < RING_LEAST)
        r->count = RING_LEAST;
    r->bytes = malloc(r->count * r->stride);
    r->lens = calloc(r->count, sizeof *r->lens);
    if (!r->bytes || !r->lens)
        must(IC_ERR_NOMEM, "ring");
}

static void ring_clear(struct ring *r)
{
    free(r->bytes);
    free(r->lens);
}

static void floor_init(struct state *s)
{
    static const uint8_t key[IC_SFRAME_KEY_MAX] = {9};
    size_t cipher_len = s->suite->cipher_len;
    if (cipher_len) {
        must(ic_aes_ctr_new(ic_view(key, cipher_len), &s->ctr), "key");
        ic_hmac_key_init(&s->mac, s->suite->hash, ic_view(key, s->suite->key_len - cipher_len));
    } else {
        must(ic_aead_new(s->suite->aead, ic_view(key, s->suite->key_len), &s->aead), "key");
    }
}

/* Fresh frames for both sides, touched alike. */
static void prepare(void *ctx)
{
    struct state *s = ctx;
    s->frames.at = s->sealed.at = 0;
    for (size_t i = 0; i < s->frames.count; i++) {
        must(ic_sframe_store_protect(s->tx, 1, none, ic_view(plain, s->n),
                                     s->frames.bytes + i * s->frames.stride, &s->frames.lens[i]),
             "protect");
        seal_one(s, i, s->sealed.bytes + i * s->sealed.stride);
        s->sealed.lens[i] = s->n + IC_AEAD_TAG_LEN;
    }
}

static void state_init(struct state *s, uint16_t suite, size_t n)
{
    *s = (struct state){.suite = ic_sframe_suite_find(suite), .n = n};
    s->tx = make_store(suite, 1);
    s->rx = make_store(suite, 2);
    ring_init(&s->frames, n);
    ring_init(&s->sealed, n);
    floor_init(s);
    /* Past counter 255, so that the header has the length that most frames have. */
    for (size_t made = 0; made < 300; made += s->frames.count)
        prepare(s);
    s->aad_len = s->frames.lens[s->frames.count - 1] - n - s->suite->tag_len;
}

static void state_clear(struct state *s)
{
    ic_sframe_store_free(s->tx);
    ic_sframe_store_free(s->rx);
    ic_aead_free(s->aead);
    ic_aes_ctr_free(s->ctr);
    ring_clear(&s->frames);
    ring_clear(&s->sealed);
}

static void row(const char *name, const struct state *s, struct ic_bench_pair p)
{
    /* The floor by the ratio of the rounds, which is steadier than the quotient of the medians. */
    ic_bench_row(name, p.a_ns, "ns", (long long)s->n, s->suite->id, p.a_ns / p.ratio);
}

int main(void)
{
    static const uint16_t suites[] = {4, 5, 1};
    static const size_t sizes[] = {100, 1200, 10240, FRAME_MAX};
    struct ic_test_rand seed;
    struct ic_rand rand = ic_test_rand(&seed, 1);
    must(ic_rand_fill(&rand, plain, sizeof plain), "rand");
    for (size_t i = 0; i < IC_ARRAY_LEN(suites); i++) {
        for (size_t k = 0; k < IC_ARRAY_LEN(sizes); k++) {
            static struct state s;
            state_init(&s, suites[i], sizes[k]);
            row("sframe.protect", &s, ic_bench_pair(protect, &s, floor_seal, &s));
            row("sframe.unprotect", &s,
                ic_bench_pair_prepared(prepare, unprotect, floor_open, &s, s.frames.count));
            state_clear(&s);
        }
    }
    return 0;
}
