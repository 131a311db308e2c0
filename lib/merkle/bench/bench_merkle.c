/* What the log costs: an append and a proof in a log of a million entries, and a member's check of a staple's path.
 * The floor of each is the SHA-256 that it cannot do without. */
#include <ic/base/bench.h>
#include <ic/base/mem.h>
#include <ic/crypto/hash.h>
#include <ic/merkle/entry.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 1 << 20, LEVELS = 21 };

struct state {
    struct ic_merkle_hash *node[LEVELS];
    struct ic_merkle_edge edge;
    struct ic_merkle_entry entry;
    struct ic_merkle_path path;
    struct ic_merkle_hash root;
    uint64_t index;
};

static void must(ic_err e)
{
    if (e != IC_OK) {
        fprintf(stderr, "bench-merkle: %s\n", ic_err_text(e));
        exit(1);
    }
}

static ic_err put(void *ctx, unsigned level, uint64_t index, const struct ic_merkle_hash *hash)
{
    struct state *s = ctx;
    s->node[level][index] = *hash;
    return IC_OK;
}

static ic_err get(void *ctx, unsigned level, uint64_t index, struct ic_merkle_hash *out)
{
    const struct state *s = ctx;
    *out = s->node[level][index];
    return IC_OK;
}

static void append(void *ctx, size_t n)
{
    struct state *s = ctx;
    while (n--) {
        struct ic_merkle_edge e = s->edge;
        struct ic_merkle_hash leaf;
        s->entry.time_ms++;
        ic_merkle_entry_hash(&s->entry, &leaf);
        must(ic_merkle_edge_append(&e, &leaf, NULL));
        ic_bench_keep(&e);
    }
}

static void append_floor(void *ctx, size_t n)
{
    struct state *s = ctx;
    uint8_t bytes[1 + 1 + 8 + 64 + 1 + 64] = {0}, out[32];
    (void)s;
    while (n--) {
        ic_hash_once(IC_SHA256, IC_VIEW_ARRAY(bytes), out);
        memcpy(bytes, out, 32);
    }
    ic_bench_keep(out);
}

static void prove(void *ctx, size_t n)
{
    struct state *s = ctx;
    struct ic_merkle_nodes nodes = {get, s};
    while (n--) {
        s->index = (s->index * 1103515245 + 12345) % (SIZE - 1);
        must(ic_merkle_inclusion(&nodes, s->index, SIZE - 1, &s->path));
    }
    ic_bench_keep(&s->path);
}

static void check(void *ctx, size_t n)
{
    struct state *s = ctx;
    while (n--)
        must(ic_merkle_inclusion_check(&s->node[0][5], 5, SIZE, &s->path, &s->root));
}

static void check_floor(void *ctx, size_t n)
{
    struct state *s = ctx;
    uint8_t bytes[65] = {1}, out[32];
    while (n--)
        for (unsigned i = 0; i < s->path.count; i++) {
            memcpy(bytes + 1, s->path.hash[i].bytes, 32);
            ic_hash_once(IC_SHA256, IC_VIEW_ARRAY(bytes), out);
        }
    ic_bench_keep(out);
}

int main(void)
{
    static struct state s;
    struct ic_merkle_keep keep = {put, &s};
    struct ic_merkle_nodes nodes = {get, &s};
    for (unsigned l = 0; l < LEVELS; l++)
        if (!(s.node[l] = ic_calloc((SIZE >> l) + 1, sizeof *s.node[l])))
            return 1;
    for (uint32_t i = 0; i < SIZE; i++) {
        struct ic_merkle_hash leaf;
        ic_merkle_leaf_hash(ic_view(&i, sizeof i), &leaf);
        must(ic_merkle_edge_append(&s.edge, &leaf, &keep));
    }
    s.entry.label_count = 2;
    s.entry.label[1].bytes[0] = 1;
    struct ic_bench_pair p = ic_bench_pair(append, &s, append_floor, &s);
    ic_bench_row("merkle.append", p.a_ns, "ns", SIZE, -1, p.b_ns);
    ic_bench_row("merkle.inclusion_prove", ic_bench_ns(prove, &s), "ns", SIZE, -1, 0);
    must(ic_merkle_inclusion(&nodes, 5, SIZE, &s.path));
    ic_merkle_edge_root(&s.edge, &s.root);
    p = ic_bench_pair(check, &s, check_floor, &s);
    ic_bench_row("merkle.inclusion_check", p.a_ns, "ns", SIZE, -1, p.b_ns);
    for (unsigned l = 0; l < LEVELS; l++)
        ic_free(s.node[l]);
    return 0;
}
