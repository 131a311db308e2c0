/* A file's chunk against its floor: the same AEAD and the same SHA-256 over as many bytes, in alternating
 * rounds of the same run. */
#include <ic/base/bench.h>
#include <ic/base/mem.h>
#include <ic/crypto/aead.h>
#include <ic/crypto/hash.h>
#include <ic/together/file.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK = IC_TOGETHER_FILE_CHUNK, SEALED = CHUNK + IC_TOGETHER_FILE_TAG };

static uint8_t plain[CHUNK], sealed[SEALED], out[SEALED];

struct state {
    struct ic_together_file f;
    struct ic_together_sealer *s;
    struct ic_together_opener *o;
    struct ic_aead *aead;
    struct ic_hash hash;
    uint8_t nonce[12], aad[IC_TOGETHER_FILE_AAD];
};

static void must(ic_err e)
{
    if (e != IC_OK) {
        fprintf(stderr, "bench-together: %s\n", ic_err_text(e));
        exit(1);
    }
}

/* A file ends some time: then the next one begins. Only its first chunk can be opened many times. */
static void seal(void *ctx, size_t iterations)
{
    struct state *s = ctx;
    while (iterations--) {
        if (ic_together_sealer_next(s->s) + 1 == ic_together_file_chunks(&s->f)) {
            ic_together_sealer_free(s->s);
            must(ic_together_sealer_new(&s->f, &s->s));
        }
        must(ic_together_seal(s->s, IC_VIEW_ARRAY(plain), out));
    }
    ic_bench_keep(out);
}

static void seal_floor(void *ctx, size_t iterations)
{
    struct state *s = ctx;
    while (iterations--) {
        must(ic_aead_seal(s->aead, IC_VIEW_ARRAY(s->nonce), IC_VIEW_ARRAY(s->aad),
                          IC_VIEW_ARRAY(plain), out));
        ic_hash_update(&s->hash, IC_VIEW_ARRAY(out));
    }
    ic_bench_keep(out);
}

static void open_one(void *ctx, size_t iterations)
{
    struct state *s = ctx;
    while (iterations--) {
        ic_together_opener_free(s->o);
        must(ic_together_opener_new(&s->f, &s->o));
        must(ic_together_open(s->o, IC_VIEW_ARRAY(sealed), out));
    }
    ic_bench_keep(out);
}

static void open_floor(void *ctx, size_t iterations)
{
    struct state *s = ctx;
    while (iterations--) {
        ic_hash_update(&s->hash, IC_VIEW_ARRAY(sealed));
        must(ic_aead_open(s->aead, IC_VIEW_ARRAY(s->nonce), IC_VIEW_ARRAY(s->aad),
                          IC_VIEW_ARRAY(sealed), out));
    }
    ic_bench_keep(out);
}

int main(void)
{
    static struct state s = {
        .f = {.id = {1}, .key = {2}, .size = IC_TOGETHER_FILE_SIZE_MAX, .chunk = CHUNK}};
    ic_together_file_nonce(&s.f, 0, s.nonce);
    ic_together_file_aad(&s.f, 0, s.aad);
    ic_hash_init(&s.hash, IC_SHA256);
    must(ic_aead_new(IC_AES_256_GCM, IC_VIEW_ARRAY(s.f.key), &s.aead));
    must(ic_together_sealer_new(&s.f, &s.s));
    must(ic_together_opener_new(&s.f, &s.o));
    must(ic_aead_seal(s.aead, IC_VIEW_ARRAY(s.nonce), IC_VIEW_ARRAY(s.aad), IC_VIEW_ARRAY(plain),
                      sealed));
    struct ic_bench_pair p = ic_bench_pair(seal, &s, seal_floor, &s);
    ic_bench_row("together.file_seal", p.a_ns, "ns", CHUNK, -1, p.a_ns / p.ratio);
    p = ic_bench_pair(open_one, &s, open_floor, &s);
    ic_bench_row("together.file_open", p.a_ns, "ns", CHUNK, -1, p.a_ns / p.ratio);
    ic_together_sealer_free(s.s);
    ic_together_opener_free(s.o);
    ic_aead_free(s.aead);
    ic_hash_clear(&s.hash);
    return 0;
}
