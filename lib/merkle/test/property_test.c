/* Every proof of every tree up to a size, and of random larger ones: it verifies, and with any one thing changed it
 * does not. */
#include "plain.h"

#include <ic/base/test.h>

static struct ic_merkle_hash root_of(const struct plain *t, size_t size)
{
    return plain_root(t, 0, size);
}

/* Each bit of each hash, a hash less, a hash more, two exchanged. */
static void spoilt(const struct ic_merkle_path *good,
                   ic_err (*check)(const void *ctx, const struct ic_merkle_path *p),
                   const void *ctx, bool all_bits)
{
    struct ic_merkle_path p = *good;
    for (unsigned i = 0; i < good->count; i++)
        for (unsigned bit = 0; bit < 256; bit += all_bits ? 1 : 85) {
            p.hash[i].bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            CHECK_ERR(check(ctx, &p), IC_ERR_AUTH);
            p = *good;
        }
    if (good->count > 0) {
        p.count--;
        CHECK_ERR(check(ctx, &p), IC_ERR_AUTH);
    }
    p = *good;
    p.hash[p.count++] = (struct ic_merkle_hash){{7}};
    CHECK_ERR(check(ctx, &p), IC_ERR_AUTH);
    p = *good;
    if (good->count > 1) {
        p.hash[0] = good->hash[1];
        p.hash[1] = good->hash[0];
        CHECK_ERR(check(ctx, &p), IC_ERR_AUTH);
    }
}

struct inclusion {
    struct ic_merkle_hash leaf, root;
    uint64_t index, size;
};

static ic_err check_inclusion(const void *ctx, const struct ic_merkle_path *p)
{
    const struct inclusion *c = ctx;
    return ic_merkle_inclusion_check(&c->leaf, c->index, c->size, p, &c->root);
}

static void try_inclusion(struct plain *t, uint64_t index, uint64_t size, bool all_bits)
{
    struct inclusion c = {t->leaf[index], root_of(t, size), index, size};
    struct ic_merkle_path p;
    CHECK_OK(ic_merkle_inclusion(&t->nodes, index, size, &p));
    CHECK_OK(check_inclusion(&c, &p));
    spoilt(&p, check_inclusion, &c, all_bits);
    struct inclusion other = c;
    other.leaf.bytes[31] ^= 1;
    CHECK_ERR(check_inclusion(&other, &p), IC_ERR_AUTH);
    other = c;
    other.root.bytes[0] ^= 0x80;
    CHECK_ERR(check_inclusion(&other, &p), IC_ERR_AUTH);
    for (other = c, other.index = 0; other.index < size; other.index++)
        if (other.index != index)
            CHECK_ERR(check_inclusion(&other, &p), IC_ERR_AUTH);
}

struct consistency {
    struct ic_merkle_hash one, two;
    uint64_t first, second;
};

static ic_err check_consistency(const void *ctx, const struct ic_merkle_path *p)
{
    const struct consistency *c = ctx;
    return ic_merkle_consistency_check(c->first, &c->one, c->second, &c->two, p);
}

static void try_consistency(struct plain *t, uint64_t first, uint64_t second, bool all_bits)
{
    struct consistency c = {root_of(t, first), root_of(t, second), first, second};
    struct ic_merkle_path p;
    CHECK_OK(ic_merkle_consistency(&t->nodes, first, second, &p));
    CHECK_OK(check_consistency(&c, &p));
    spoilt(&p, check_consistency, &c, all_bits);
    struct consistency other = c;
    other.one.bytes[3] ^= 4;
    CHECK_ERR(check_consistency(&other, &p), IC_ERR_AUTH);
    other = c;
    other.two.bytes[9] ^= 2;
    if (first > 0) /* nothing is a beginning of everything */
        CHECK_ERR(check_consistency(&other, &p), IC_ERR_AUTH);
}

TEST(merkle_every_proof_of_small_trees_verifies_and_each_changed_bit_fails)
{
    struct plain *t = plain_of(17);
    for (uint64_t size = 1; size <= 17 && !ic_test_failed(); size++)
        for (uint64_t i = 0; i < size && !ic_test_failed(); i++)
            try_inclusion(t, i, size, true);
    for (uint64_t second = 0; second <= 17 && !ic_test_failed(); second++)
        for (uint64_t first = 0; first <= second && !ic_test_failed(); first++)
            try_consistency(t, first, second, true);
    plain_free(t);
}

TEST(merkle_proofs_of_random_large_trees)
{
    enum { LEAVES = 5000 };
    struct plain *t = plain_of(LEAVES);
    struct ic_test_rand state;
    ic_test_rand(&state, 9162);
    for (unsigned round = 0; round < 60 && !ic_test_failed(); round++) {
        uint64_t size = 1 + ic_test_rand_u64(&state) % LEAVES;
        if (round < 3)
            try_inclusion(t, ic_test_rand_u64(&state) % size, size, false);
        struct ic_merkle_hash root = root_of(t, size), loaded;
        struct ic_merkle_edge edge;
        CHECK_OK(ic_merkle_edge_load(&t->nodes, size, &edge));
        ic_merkle_edge_root(&edge, &loaded);
        CHECK_BYTES(ic_merkle_hash_view(&loaded), ic_merkle_hash_view(&root));
        try_consistency(t, ic_test_rand_u64(&state) % (size + 1), size, false);
    }
    plain_free(t);
}

TEST(merkle_what_is_stored_is_two_hashes_a_leaf_and_a_proof_reads_few)
{
    struct plain *t = plain_of(4095);
    size_t stored = 0;
    for (size_t l = 0; l < PLAIN_LEVELS; l++)
        stored += t->stored_count[l];
    CHECK(stored < 2 * 4095);
    struct ic_merkle_path p;
    t->reads = 0;
    CHECK_OK(ic_merkle_inclusion(&t->nodes, 0, 4095, &p));
    CHECK(t->reads <= 24);
    plain_free(t);
}

static ic_err full_disk(void *ctx, unsigned level, uint64_t index,
                        const struct ic_merkle_hash *hash)
{
    (void)ctx;
    (void)index;
    (void)hash;
    return level == 1 ? IC_ERR_IO : IC_OK;
}

TEST(merkle_edge_is_as_it_was_where_storing_fails)
{
    struct plain *t = plain_of(7);
    struct ic_merkle_edge before = t->edge;
    struct ic_merkle_keep keep = {full_disk, NULL};
    CHECK_ERR(ic_merkle_edge_append(&t->edge, &t->leaf[0], &keep), IC_ERR_IO);
    CHECK(memcmp(&before, &t->edge, sizeof before) == 0);
    t->edge.size = IC_MERKLE_SIZE_MAX;
    CHECK_ERR(ic_merkle_edge_append(&t->edge, &t->leaf[0], NULL), IC_ERR_LIMIT);
    plain_free(t);
}

TEST(merkle_refuses_sizes_that_cannot_be)
{
    struct plain *t = plain_of(5);
    struct ic_merkle_path p = {0};
    struct ic_merkle_hash h = t->leaf[0];
    struct ic_merkle_edge e;
    CHECK_ERR(ic_merkle_inclusion(&t->nodes, 5, 5, &p), IC_ERR_RANGE);
    CHECK_ERR(ic_merkle_inclusion(&t->nodes, 0, 0, &p), IC_ERR_RANGE);
    CHECK_ERR(ic_merkle_inclusion(&t->nodes, 0, UINT64_MAX, &p), IC_ERR_RANGE);
    CHECK_ERR(ic_merkle_inclusion(&t->nodes, 4, 6, &p), IC_ERR_NOT_FOUND);
    CHECK_ERR(ic_merkle_consistency(&t->nodes, 3, 2, &p), IC_ERR_RANGE);
    CHECK_ERR(ic_merkle_edge_load(&t->nodes, UINT64_MAX, &e), IC_ERR_RANGE);
    CHECK_ERR(ic_merkle_inclusion_check(&h, 1, 1, &p, &h), IC_ERR_RANGE);
    CHECK_ERR(ic_merkle_inclusion_check(&h, 0, UINT64_MAX, &p, &h), IC_ERR_RANGE);
    CHECK_ERR(ic_merkle_consistency_check(3, &h, 2, &h, &p), IC_ERR_RANGE);
    CHECK_ERR(ic_merkle_consistency_check(0, &h, 5, &h, &p), IC_ERR_AUTH);
    CHECK_ERR(ic_merkle_consistency_check(0, &h, 0, &h, &p), IC_ERR_AUTH);
    plain_free(t);
}

TEST(merkle_path_codec_takes_whole_hashes_alone)
{
    IC_BUF_SCOPE(b, 65536);
    struct ic_merkle_path p = {.count = IC_MERKLE_PATH_MAX}, back;
    p.hash[48].bytes[0] = 1;
    CHECK_OK(ic_merkle_path_encode(&p, &b));
    CHECK_OK(ic_merkle_path_decode(ic_buf_view(&b), &back));
    CHECK_EQ_INT(back.count, IC_MERKLE_PATH_MAX);
    CHECK(memcmp(&p, &back, sizeof p) == 0);
    CHECK_ERR(ic_merkle_path_decode(ic_view(b.p, b.len - 1), &back), IC_ERR_TRUNCATED);
    ic_buf_reset(&b);
    struct ic_writer w = ic_writer(&b);
    ic_write_vec(&w, ic_view(p.hash, 33));
    CHECK_OK(ic_writer_end(&w));
    CHECK_ERR(ic_merkle_path_decode(ic_buf_view(&b), &back), IC_ERR_MALFORMED);
    ic_buf_reset(&b);
    static const uint8_t many[50 * 32];
    w = ic_writer(&b);
    ic_write_vec(&w, IC_VIEW_ARRAY(many));
    CHECK_OK(ic_writer_end(&w));
    CHECK_ERR(ic_merkle_path_decode(ic_buf_view(&b), &back), IC_ERR_LIMIT);
}
