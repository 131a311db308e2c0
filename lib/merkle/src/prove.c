/* Proofs from stored hashes, RFC 9162 sections 2.1.3.1 and 2.1.4.1. */
#include <ic/merkle/tree.h>

/* The largest power of two below n, n > 1. */
static uint64_t split(uint64_t n)
{
    return UINT64_C(1) << (63 - (unsigned)__builtin_clzll(n - 1));
}

/* The root of n > 0 leaves from begin, which the recursion always gives at a multiple of a power of two >= n: its
 * complete subtrees, folded from the right. */
static ic_err range_root(const struct ic_merkle_nodes *nodes, uint64_t begin, uint64_t n,
                         struct ic_merkle_hash *out)
{
    uint64_t end = begin + n;
    bool any = false;
    for (unsigned level = 0; n >> level; level++) {
        if (!(n >> level & 1))
            continue;
        end -= UINT64_C(1) << level;
        struct ic_merkle_hash h;
        IC_TRY(nodes->get(nodes->ctx, level, end >> level, &h));
        if (any)
            ic_merkle_node_hash(&h, out, out);
        else
            *out = h;
        any = true;
    }
    return IC_OK;
}

/* Descends from the whole tree towards [begin, begin + n); what is left aside on the way is the proof. */
struct descent {
    const struct ic_merkle_nodes *nodes;
    uint64_t begin, n;
    struct ic_merkle_path path; /* the root's side first */
};

static ic_err go_left(struct descent *d, uint64_t k)
{
    IC_TRY(range_root(d->nodes, d->begin + k, d->n - k, &d->path.hash[d->path.count]));
    d->path.count++;
    d->n = k;
    return IC_OK;
}

static ic_err go_right(struct descent *d, uint64_t k)
{
    IC_TRY(range_root(d->nodes, d->begin, k, &d->path.hash[d->path.count]));
    d->path.count++;
    d->begin += k;
    d->n -= k;
    return IC_OK;
}

static void give(const struct descent *d, struct ic_merkle_path *out)
{
    out->count = d->path.count;
    for (unsigned i = 0; i < d->path.count; i++)
        out->hash[i] = d->path.hash[d->path.count - 1 - i];
}

ic_err ic_merkle_inclusion(const struct ic_merkle_nodes *nodes, uint64_t index, uint64_t size,
                           struct ic_merkle_path *out)
{
    if (size > IC_MERKLE_SIZE_MAX || index >= size)
        return IC_ERR_RANGE;
    struct descent d = {.nodes = nodes, .n = size};
    while (d.n > 1) {
        uint64_t k = split(d.n);
        if (index - d.begin < k)
            IC_TRY(go_left(&d, k));
        else
            IC_TRY(go_right(&d, k));
    }
    give(&d, out);
    return IC_OK;
}

ic_err ic_merkle_consistency(const struct ic_merkle_nodes *nodes, uint64_t first, uint64_t second,
                             struct ic_merkle_path *out)
{
    if (second > IC_MERKLE_SIZE_MAX || first > second)
        return IC_ERR_RANGE;
    struct descent d = {.nodes = nodes, .n = second};
    if (first > 0) {
        while (first - d.begin != d.n) {
            uint64_t k = split(d.n);
            if (first - d.begin <= k)
                IC_TRY(go_left(&d, k));
            else
                IC_TRY(go_right(&d, k));
        }
        /* Where the way went right, the verifier cannot make this part from the first root. */
        if (d.begin > 0) {
            IC_TRY(range_root(nodes, d.begin, d.n, &d.path.hash[d.path.count]));
            d.path.count++;
        }
    }
    give(&d, out);
    return IC_OK;
}
