/* Verification of proofs, RFC 9162 sections 2.1.3.2 and 2.1.4.2. */
#include <ic/crypto/hash.h>
#include <ic/merkle/tree.h>

/* The way from a leaf up: its place and the last one's, on the present level. */
struct climb {
    uint64_t at, last;
};

/* Both algorithms' step: true where the next hash of the path stands on the left. */
static bool from_left(struct climb *c)
{
    bool left = (c->at & 1) || c->at == c->last;
    if (left)
        while (!(c->at & 1) && c->at != 0) {
            c->at >>= 1;
            c->last >>= 1;
        }
    c->at >>= 1;
    c->last >>= 1;
    return left;
}

ic_err ic_merkle_inclusion_check(const struct ic_merkle_hash *leaf, uint64_t index, uint64_t size,
                                 const struct ic_merkle_path *path,
                                 const struct ic_merkle_hash *root)
{
    if (size > IC_MERKLE_SIZE_MAX || index >= size)
        return IC_ERR_RANGE;
    struct climb c = {index, size - 1};
    struct ic_merkle_hash r = *leaf;
    for (unsigned i = 0; i < path->count; i++) {
        if (c.last == 0)
            return IC_ERR_AUTH;
        if (from_left(&c))
            ic_merkle_node_hash(&path->hash[i], &r, &r);
        else
            ic_merkle_node_hash(&r, &path->hash[i], &r);
    }
    return c.last == 0 && ic_merkle_hash_equal(&r, root) ? IC_OK : IC_ERR_AUTH;
}

/* Equal sizes, and nothing before something, need no path; then a path is wrong. */
static ic_err check_trivial(uint64_t first, const struct ic_merkle_hash *first_root,
                            uint64_t second, const struct ic_merkle_hash *second_root,
                            const struct ic_merkle_path *path)
{
    struct ic_merkle_hash empty;
    ic_hash_once(IC_SHA256, ic_view(NULL, 0), empty.bytes);
    const struct ic_merkle_hash *want = first == second ? second_root : &empty;
    if (second == 0 && !ic_merkle_hash_equal(second_root, &empty))
        return IC_ERR_AUTH;
    return path->count == 0 && ic_merkle_hash_equal(first_root, want) ? IC_OK : IC_ERR_AUTH;
}

ic_err ic_merkle_consistency_check(uint64_t first, const struct ic_merkle_hash *first_root,
                                   uint64_t second, const struct ic_merkle_hash *second_root,
                                   const struct ic_merkle_path *path)
{
    if (second > IC_MERKLE_SIZE_MAX || first > second)
        return IC_ERR_RANGE;
    if (first == 0 || first == second)
        return check_trivial(first, first_root, second, second_root, path);
    struct climb c = {first - 1, second - 1};
    while (c.at & 1) {
        c.at >>= 1;
        c.last >>= 1;
    }
    /* A first tree that is a complete subtree of the second is its own beginning of the path. */
    bool whole = (first & (first - 1)) == 0;
    if (path->count == 0)
        return IC_ERR_AUTH;
    struct ic_merkle_hash one = whole ? *first_root : path->hash[0], two = one;
    for (unsigned i = whole ? 0 : 1; i < path->count; i++) {
        if (c.last == 0)
            return IC_ERR_AUTH;
        if (from_left(&c)) {
            ic_merkle_node_hash(&path->hash[i], &one, &one);
            ic_merkle_node_hash(&path->hash[i], &two, &two);
        } else {
            ic_merkle_node_hash(&two, &path->hash[i], &two);
        }
    }
    bool good = c.last == 0 && ic_merkle_hash_equal(&one, first_root) &&
                ic_merkle_hash_equal(&two, second_root);
    return good ? IC_OK : IC_ERR_AUTH;
}
