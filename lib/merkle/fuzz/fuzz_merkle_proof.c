/* Sizes, places and hashes as they come: a proof that verifies must be the one that the tree gives. The tree has a
 * leaf for each number below 64; the bytes choose what is claimed of it. */
#include <ic/merkle/tree.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LEAVES = 64, LEVELS = 7 };
static struct ic_merkle_hash node[LEVELS][LEAVES];
static struct ic_merkle_edge edge;

static ic_err put(void *ctx, unsigned level, uint64_t index, const struct ic_merkle_hash *hash)
{
    (void)ctx;
    node[level][index] = *hash;
    return IC_OK;
}

static ic_err get(void *ctx, unsigned level, uint64_t index, struct ic_merkle_hash *out)
{
    (void)ctx;
    if (level >= LEVELS || index >= LEAVES >> level)
        return IC_ERR_NOT_FOUND;
    *out = node[level][index];
    return IC_OK;
}

static const struct ic_merkle_nodes nodes = {get, NULL};

static void plant(void)
{
    struct ic_merkle_keep keep = {put, NULL};
    for (uint8_t i = 0; edge.size < LEAVES; i++) {
        struct ic_merkle_hash leaf;
        ic_merkle_leaf_hash(ic_view(&i, 1), &leaf);
        if (ic_merkle_edge_append(&edge, &leaf, &keep) != IC_OK)
            abort();
    }
}

static struct ic_merkle_hash root(uint64_t size)
{
    struct ic_merkle_edge e;
    struct ic_merkle_hash h;
    if (ic_merkle_edge_load(&nodes, size, &e) != IC_OK)
        abort();
    ic_merkle_edge_root(&e, &h);
    return h;
}

static bool same(const struct ic_merkle_path *a, const struct ic_merkle_path *b)
{
    return a->count == b->count && memcmp(a->hash, b->hash, a->count * sizeof a->hash[0]) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plant();
    struct ic_reader r = ic_reader(ic_view(data, size));
    uint64_t first = ic_read_u64(&r), second = ic_read_u64(&r), leaf = ic_read_u8(&r) % LEAVES;
    struct ic_merkle_path path, right;
    ic_merkle_path_read(&r, &path);
    if (r.err != IC_OK)
        return 0;
    struct ic_merkle_hash two = root(second % (LEAVES + 1)), one = root(first % (LEAVES + 1));
    if (ic_merkle_inclusion_check(&node[0][leaf], first, second, &path, &two) == IC_OK &&
        (second > LEAVES || first != leaf ||
         ic_merkle_inclusion(&nodes, first, second, &right) != IC_OK || !same(&path, &right)))
        abort();
    if (ic_merkle_consistency_check(first, &one, second, &two, &path) == IC_OK && first <= LEAVES &&
        second <= LEAVES &&
        (ic_merkle_consistency(&nodes, first, second, &right) != IC_OK || !same(&path, &right)))
        abort();
    return 0;
}
