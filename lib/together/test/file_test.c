#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <ic/base/test.h>
#include <ic/crypto/hash.h>
#include <ic/together/file.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1024, SEALED = CHUNK + IC_TOGETHER_FILE_TAG };

/* A file of small chunks, and all of its ciphertext. */
struct given {
    struct ic_together_file f;
    uint8_t plain[8 * CHUNK];
    uint8_t sealed[8 * SEALED];
    size_t sealed_len;
};

static void give(struct given *g, size_t size)
{
    struct ic_test_rand state;
    struct ic_rand rand = ic_test_rand(&state, 7 + size);
    struct ic_together_sealer *s;
    CHECK_OK(ic_rand_fill(&rand, g->plain, sizeof g->plain));
    CHECK_OK(
        ic_together_file_new(&rand, IC_VIEW_STR("a.txt"), IC_VIEW_STR("text/plain"), size, &g->f));
    g->f.chunk = CHUNK;
    CHECK_OK(ic_together_sealer_new(&g->f, &s));
    g->sealed_len = 0;
    for (uint64_t i = 0; i < ic_together_file_chunks(&g->f); i++) {
        size_t n = ic_together_file_chunk_len(&g->f, i);
        CHECK_EQ_INT(ic_together_file_chunk_at(&g->f, i), g->sealed_len);
        CHECK_OK(ic_together_seal(s, ic_view(g->plain + i * CHUNK, n), g->sealed + g->sealed_len));
        g->sealed_len += n + IC_TOGETHER_FILE_TAG;
    }
    CHECK_EQ_INT(ic_together_file_sealed_size(&g->f), g->sealed_len);
    CHECK_OK(ic_together_sealer_end(s, g->f.digest));
    ic_together_sealer_free(s);
}

static struct ic_view sealed_at(const struct given *g, uint64_t i)
{
    return ic_view(g->sealed + ic_together_file_chunk_at(&g->f, i),
                   ic_together_file_chunk_len(&g->f, i) + IC_TOGETHER_FILE_TAG);
}

TEST(file_comes_back_as_it_was_at_every_length_around_a_chunk)
{
    static const size_t sizes[] = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17};
    static struct given g;
    for (size_t k = 0; k < IC_ARRAY_LEN(sizes); k++) {
        struct ic_together_opener *o;
        uint8_t out[SEALED], digest[32];
        give(&g, sizes[k]);
        if (ic_test_failed())
            return;
        ic_hash_once(IC_SHA256, ic_view(g.sealed, g.sealed_len), digest);
        CHECK_BYTES(IC_VIEW_ARRAY(digest), IC_VIEW_ARRAY(g.f.digest));
        CHECK_OK(ic_together_opener_new(&g.f, &o));
        for (uint64_t i = 0; !ic_together_opener_whole(o); i++) {
            size_t n = ic_together_file_chunk_len(&g.f, i);
            CHECK_OK(ic_together_open(o, sealed_at(&g, i), out));
            CHECK_BYTES(ic_view(out, n), ic_view(g.plain + i * CHUNK, n));
        }
        CHECK_OK(ic_together_opener_end(o));
        ic_together_opener_free(o);
    }
}

TEST(file_chunk_that_was_altered_is_named_and_may_come_again)
{
    static struct given g;
    struct ic_together_opener *o;
    uint8_t out[SEALED];
    uint64_t at;
    give(&g, 4 * CHUNK + 5);
    CHECK_OK(ic_together_opener_new(&g.f, &o));
    CHECK_OK(ic_together_open(o, sealed_at(&g, 0), out));
    g.sealed[SEALED + 100] ^= 1;
    CHECK_ERR(ic_together_open(o, sealed_at(&g, 1), out), IC_ERR_AUTH);
    CHECK_EQ_INT(ic_together_opener_fault(o, &at), IC_TOGETHER_BAD_CHUNK);
    CHECK_EQ_INT(at, 1);
    g.sealed[SEALED + 100] ^= 1;
    for (uint64_t i = 1; i < 5; i++)
        CHECK_OK(ic_together_open(o, sealed_at(&g, i), out));
    CHECK_EQ_INT(ic_together_opener_fault(o, &at), IC_TOGETHER_FINE);
    CHECK_OK(ic_together_opener_end(o));
    ic_together_opener_free(o);
}

TEST(file_chunks_do_not_change_places)
{
    static struct given g;
    struct ic_together_opener *o;
    uint8_t out[SEALED];
    give(&g, 4 * CHUNK);
    CHECK_OK(ic_together_opener_new(&g.f, &o));
    CHECK_ERR(ic_together_open(o, sealed_at(&g, 1), out), IC_ERR_AUTH);
    CHECK_OK(ic_together_open(o, sealed_at(&g, 0), out));
    CHECK_ERR(ic_together_open(o, sealed_at(&g, 0), out), IC_ERR_AUTH);
    /* The last chunk is no other one, though as long. */
    CHECK_ERR(ic_together_open(o, sealed_at(&g, 3), out), IC_ERR_AUTH);
    ic_together_opener_free(o);
}

TEST(file_chunk_of_another_file_under_the_same_key_does_not_open)
{
    static struct given g;
    static const size_t at[] = {offsetof(struct ic_together_file, id),
                                offsetof(struct ic_together_file, key)};
    for (size_t k = 0; k < IC_ARRAY_LEN(at); k++) {
        struct ic_together_opener *o;
        uint8_t out[SEALED];
        give(&g, 2 * CHUNK);
        ((uint8_t *)&g.f)[at[k]] ^= 1;
        CHECK_OK(ic_together_opener_new(&g.f, &o));
        CHECK_ERR(ic_together_open(o, sealed_at(&g, 0), out), IC_ERR_AUTH);
        ic_together_opener_free(o);
    }
}

TEST(file_that_is_cut_is_truncated_wherever_it_is_cut)
{
    static struct given g;
    struct ic_together_opener *o;
    uint8_t out[SEALED];
    uint64_t at;
    give(&g, 3 * CHUNK);
    CHECK_OK(ic_together_opener_new(&g.f, &o));
    CHECK_ERR(ic_together_open(o, ic_view_sub(sealed_at(&g, 0), 0, SEALED - 1), out),
              IC_ERR_TRUNCATED);
    CHECK_EQ_INT(ic_together_opener_fault(o, &at), IC_TOGETHER_SHORT);
    CHECK_OK(ic_together_open(o, sealed_at(&g, 0), out));
    CHECK_ERR(ic_together_open(o, ic_view(NULL, 0), out), IC_ERR_TRUNCATED);
    CHECK_ERR(ic_together_opener_end(o), IC_ERR_TRUNCATED);
    CHECK_EQ_INT(ic_together_opener_fault(o, &at), IC_TOGETHER_SHORT);
    CHECK_EQ_INT(at, 1);
    CHECK_OK(ic_together_open(o, sealed_at(&g, 1), out));
    CHECK_OK(ic_together_open(o, sealed_at(&g, 2), out));
    CHECK_ERR(ic_together_open(o, sealed_at(&g, 2), out), IC_ERR_TRAILING);
    CHECK_EQ_INT(ic_together_opener_fault(o, &at), IC_TOGETHER_LONG);
    CHECK_OK(ic_together_opener_end(o));
    ic_together_opener_free(o);
    /* Sizes are bound: who announces a shorter file cannot pass off the beginning of a longer one. */
    g.f.size = 2 * CHUNK;
    CHECK_OK(ic_together_opener_new(&g.f, &o));
    CHECK_ERR(ic_together_open(o, sealed_at(&g, 0), out), IC_ERR_AUTH);
    ic_together_opener_free(o);
}

/* A member who has the key, together with the server, can make chunks that open: not this digest. */
TEST(file_of_another_sealing_under_the_same_key_has_the_wrong_digest)
{
    static struct given g;
    struct ic_together_opener *o;
    struct ic_together_sealer *s;
    uint8_t out[SEALED], other[CHUNK] = {1}, sealed[SEALED], digest[32];
    uint64_t at;
    give(&g, CHUNK);
    CHECK_OK(ic_together_sealer_new(&g.f, &s));
    CHECK_OK(ic_together_seal(s, IC_VIEW_ARRAY(other), sealed));
    CHECK_OK(ic_together_sealer_end(s, digest));
    ic_together_sealer_free(s);
    CHECK_OK(ic_together_opener_new(&g.f, &o));
    CHECK_OK(ic_together_open(o, IC_VIEW_ARRAY(sealed), out));
    CHECK_ERR(ic_together_opener_end(o), IC_ERR_AUTH);
    CHECK_EQ_INT(ic_together_opener_fault(o, &at), IC_TOGETHER_DIGEST);
    CHECK_BYTES(ic_view_cstr(ic_together_fault_name(IC_TOGETHER_DIGEST)),
                IC_VIEW_STR("wrong-digest"));
    ic_together_opener_free(o);
}

TEST(file_sealer_seals_each_index_once_and_only_what_was_announced)
{
    static struct given g;
    struct ic_together_sealer *s;
    uint8_t out[SEALED], digest[32];
    give(&g, CHUNK + 1);
    CHECK_OK(ic_together_sealer_new(&g.f, &s));
    CHECK_ERR(ic_together_seal(s, ic_view(g.plain, CHUNK - 1), out), IC_ERR_RANGE);
    CHECK_OK(ic_together_seal(s, ic_view(g.plain, CHUNK), out));
    CHECK_ERR(ic_together_sealer_end(s, digest), IC_ERR_STATE);
    CHECK_ERR(ic_together_seal(s, ic_view(g.plain, CHUNK), out), IC_ERR_RANGE);
    CHECK_OK(ic_together_seal(s, ic_view(g.plain, 1), out));
    CHECK_ERR(ic_together_seal(s, ic_view(g.plain, 1), out), IC_ERR_STATE);
    CHECK_OK(ic_together_sealer_end(s, digest));
    CHECK_ERR(ic_together_sealer_end(s, digest), IC_ERR_STATE);
    ic_together_sealer_free(s);
}

/* What WebCrypto does with nonce and AAD of ours counts as if it were done here. */
TEST(file_may_be_sealed_and_opened_outside)
{
    static struct given g;
    struct ic_together_sealer *s;
    struct ic_together_opener *o;
    uint8_t digest[32];
    uint64_t at;
    give(&g, CHUNK + 9);
    CHECK_OK(ic_together_sealer_new(&g.f, &s));
    CHECK_ERR(ic_together_sealer_took(s, sealed_at(&g, 1)), IC_ERR_RANGE);
    CHECK_ERR(ic_together_sealer_took(s, ic_view(g.sealed, 3)), IC_ERR_RANGE);
    CHECK_OK(ic_together_sealer_took(s, sealed_at(&g, 0)));
    CHECK_OK(ic_together_sealer_took(s, sealed_at(&g, 1)));
    CHECK_OK(ic_together_sealer_end(s, digest));
    CHECK_BYTES(IC_VIEW_ARRAY(digest), IC_VIEW_ARRAY(g.f.digest));
    ic_together_sealer_free(s);
    CHECK_OK(ic_together_opener_new(&g.f, &o));
    CHECK_ERR(ic_together_opener_took(o, sealed_at(&g, 0), false), IC_ERR_AUTH);
    CHECK_EQ_INT(ic_together_opener_fault(o, &at), IC_TOGETHER_BAD_CHUNK);
    CHECK_OK(ic_together_opener_took(o, sealed_at(&g, 0), true));
    CHECK_ERR(ic_together_opener_took(o, sealed_at(&g, 0), true), IC_ERR_TRAILING);
    CHECK_OK(ic_together_opener_took(o, sealed_at(&g, 1), true));
    CHECK_OK(ic_together_opener_end(o));
    ic_together_opener_free(o);
}

TEST(file_of_two_gigabytes_is_taken_and_no_more)
{
    struct ic_test_rand state;
    struct ic_rand rand = ic_test_rand(&state, 1);
    struct ic_together_file f;
    struct ic_view none = ic_view(NULL, 0);
    CHECK_OK(ic_together_file_new(&rand, none, none, IC_TOGETHER_FILE_SIZE_MAX, &f));
    CHECK_EQ_INT(ic_together_file_chunks(&f), 8193);
    CHECK_EQ_INT(ic_together_file_chunk_len(&f, 8192),
                 (INT64_C(2) << 30) - INT64_C(8192) * f.chunk);
    CHECK_EQ_INT(ic_together_file_chunk_at(&f, 1), 256 << 10);
    CHECK_ERR(ic_together_file_new(&rand, none, none, IC_TOGETHER_FILE_SIZE_MAX + 1, &f),
              IC_ERR_LIMIT);
    rand = ic_test_no_rand();
    CHECK_ERR(ic_together_file_new(&rand, none, none, 1, &f), IC_ERR_IO);
}

TEST(file_keeps_no_key_after_it_is_cleared)
{
    static struct given g;
    static const struct ic_together_file zero;
    give(&g, 1);
    ic_together_file_clear(&g.f);
    CHECK(memcmp(&g.f, &zero, sizeof zero) == 0);
}

static ic_err seal_and_open(void *ctx)
{
    struct given *g = ctx;
    struct ic_together_sealer *s = NULL;
    struct ic_together_opener *o = NULL;
    uint8_t out[SEALED], back[SEALED];
    ic_err e = ic_together_sealer_new(&g->f, &s);
    if (e == IC_OK)
        e = ic_together_opener_new(&g->f, &o);
    if (e == IC_OK)
        e = ic_together_seal(s, ic_view(g->plain, CHUNK), out);
    if (e == IC_OK)
        e = ic_together_open(o, ic_view(out, SEALED), back);
    ic_together_sealer_free(s);
    ic_together_opener_free(o);
    return e;
}

TEST(file_objects_survive_every_failed_allocation)
{
    static struct given g;
    give(&g, 2 * CHUNK);
    CHECK(ic_test_each_alloc_fails(seal_and_open, &g) > 0);
}
