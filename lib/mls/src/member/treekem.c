#include "treekem.h"

#include "sealing.h"

#include <ic/base/arena.h>
#include <ic/mls/label.h>
#include <ic/mlspub/treemath.h>

void ic_mls_new_path_clear(struct ic_mls_new_path *p)
{
    ic_wipe(p, sizeof *p);
}

ic_err ic_mls_path_pair(const struct ic_suite *s, const struct ic_secret *path_secret,
                        struct ic_kem_pair *pair)
{
    IC_SECRET_SCOPE(node_secret);
    IC_TRY(ic_mls_derive_secret(s, ic_secret_view(path_secret), "node", &node_secret));
    return ic_kem_derive_pair(s->kem, ic_secret_view(&node_secret), pair);
}

ic_err ic_mls_path_next(const struct ic_suite *s, struct ic_secret *path_secret)
{
    return ic_mls_derive_secret(s, ic_secret_view(path_secret), "path", path_secret);
}

/* RFC 9420 section 7.4 */
ic_err ic_mls_new_path_draw(const struct ic_suite *s, const struct ic_mlspub_diff *d, uint32_t leaf,
                            const struct ic_rand *rand, struct ic_mls_new_path *p)
{
    IC_SECRET_SCOPE(secret);
    secret.len = s->hash_len;
    IC_TRY(ic_rand_fill(rand, secret.b, secret.len));
    ic_mlspub_diff_filtered_path(d, leaf, p->nodes, p->copath, &p->count);
    for (size_t i = 0; i < p->count; i++) {
        p->secrets[i] = secret;
        IC_TRY(ic_mls_path_pair(s, &secret, &p->pairs[i]));
        IC_TRY(ic_mls_path_next(s, &secret));
    }
    p->commit_secret = secret;
    return IC_OK;
}

/* Who gets which path secret: node after node, each with its copath's resolution. */
struct encapsulation {
    size_t counts[IC_MLSPUB_DEPTH_MAX]; /* receivers of each node */
    size_t total;
    struct ic_mls_receiver *to;
};

static ic_err find_receivers(const struct ic_mlspub_diff *d, const struct ic_mls_new_path *p,
                             struct ic_arena *a, struct encapsulation *out)
{
    const uint32_t *nodes[IC_MLSPUB_DEPTH_MAX];
    for (size_t i = 0; i < p->count; i++) {
        IC_TRY(ic_mlspub_diff_resolution(d, p->copath[i], true, a, &nodes[i], &out->counts[i]));
        out->total += out->counts[i];
    }
    out->to = ic_arena_alloc(a, out->total, sizeof *out->to);
    if (!out->to)
        return IC_ERR_NOMEM;
    struct ic_mls_receiver *r = out->to;
    for (size_t i = 0; i < p->count; i++)
        for (size_t k = 0; k < out->counts[i]; k++)
            *r++ = (struct ic_mls_receiver){.public_key = ic_mlspub_diff_key(d, nodes[i][k]),
                                            .plain = ic_secret_view(&p->secrets[i])};
    return IC_OK;
}

ic_err ic_mls_new_path_write(const struct ic_suite *s, const struct ic_mlspub_diff *d,
                             const struct ic_mls_new_path *p, struct ic_view context,
                             const struct ic_rand *rand, const struct ic_mlspub_executor *exec,
                             struct ic_writer *w)
{
    struct ic_hpke_info info;
    struct encapsulation x = {0};
    IC_ARENA_SCOPE(arena, SIZE_MAX);
    const struct ic_mls_sealing how = {s, &info, rand, exec, &arena};
    IC_TRY(ic_mls_sealing_info(s, "UpdatePathNode", context, &info));
    IC_TRY(find_receivers(d, p, &arena, &x));
    IC_TRY(ic_mls_seal_all(&how, x.to, x.total));
    const struct ic_mls_receiver *r = x.to;
    size_t nodes = ic_write_open(w);
    for (size_t i = 0; i < p->count; i++) {
        ic_write_vec(w, ic_view(p->pairs[i].public_key, p->pairs[i].public_len));
        size_t ciphertexts = ic_write_open(w);
        for (size_t k = 0; k < x.counts[i]; k++)
            ic_mls_sealed_write(r++, w);
        ic_write_close(w, ciphertexts);
    }
    ic_write_close(w, nodes);
    return w->err;
}

const struct ic_secret *ic_mls_new_path_secret(const struct ic_mls_new_path *p, uint32_t leaf)
{
    for (size_t i = 0; i < p->count; i++)
        if (ic_mlspub_node_covers(p->nodes[i], leaf))
            return &p->secrets[i];
    return NULL;
}

/* The one node of a resolution whose private key is ours, and its place. */
static const struct ic_secret *own_key_in(const struct ic_mls_path_reader *r, const uint32_t *nodes,
                                          size_t count, size_t *place)
{
    for (size_t i = 0; i < count; i++) {
        const struct ic_secret *key = NULL;
        if (nodes[i] == ic_mlspub_node_of_leaf(r->own_leaf))
            key = r->leaf_key;
        else if (ic_mlspub_node_covers(nodes[i], r->own_leaf))
            key = ic_mls_path_keys_find(r->keys, nodes[i]);
        if (key) {
            *place = i;
            return key;
        }
    }
    return NULL;
}

/* RFC 9420 section 7.5: the path secret that was encrypted to us, below path node `at`. */
static ic_err open_secret(const struct ic_mls_path_reader *r,
                          const struct ic_mlspub_path_node *node, uint32_t copath,
                          struct ic_view context, struct ic_secret *out,
                          struct ic_mlspub_fault *fault)
{
    IC_ARENA_SCOPE(arena, 64u << 20);
    const uint32_t *receivers;
    size_t count, place = 0;
    struct ic_hpke_info info;
    IC_TRY(ic_mlspub_diff_resolution(r->diff, copath, true, &arena, &receivers, &count));
    const struct ic_secret *key = own_key_in(r, receivers, count, &place);
    if (!key || place >= node->secret_count)
        return ic_mlspub_fault_set(fault, IC_ERR_RULE,
                                   "RFC 9420 section 7.6: the path has no secret for this member",
                                   r->committer);
    IC_TRY(ic_mls_sealing_info(r->suite, "UpdatePathNode", context, &info));
    return ic_mls_open_secret(&info, ic_secret_view(key),
                              ic_mlspub_diff_key(r->diff, receivers[place]), &node->secrets[place],
                              out);
}

/* RFC 9420 section 7.5, steps 4 to 7, from the path node `at` up. */
static ic_err derive_up(const struct ic_mls_path_reader *r, const uint32_t *nodes, size_t at,
                        size_t count, struct ic_secret *secret, struct ic_mls_path_keys *next,
                        struct ic_mlspub_fault *fault)
{
    struct ic_kem_pair pair;
    ic_err e = IC_OK;
    for (size_t i = at; e == IC_OK && i < count; i++) {
        e = ic_mls_path_pair(r->suite, secret, &pair);
        if (e == IC_OK && !ic_view_equal(ic_view(pair.public_key, pair.public_len),
                                         ic_mlspub_diff_key(r->diff, nodes[i])))
            e = ic_mlspub_fault_set(
                fault, IC_ERR_RULE,
                "RFC 9420 section 7.5: a path secret does not give the key sent", r->committer);
        if (e == IC_OK) {
            ic_mls_path_keys_push(next, nodes[i], &pair.private_key);
            e = ic_mls_path_next(r->suite, secret);
        }
        ic_kem_pair_clear(&pair);
    }
    return e;
}

ic_err ic_mls_path_open(const struct ic_mls_path_reader *r,
                        const struct ic_mlspub_update_path *path, struct ic_view context,
                        struct ic_mls_path_keys *next, struct ic_secret *commit_secret,
                        struct ic_secret *path_secret, struct ic_mlspub_fault *fault)
{
    uint32_t nodes[IC_MLSPUB_DEPTH_MAX], copath[IC_MLSPUB_DEPTH_MAX];
    size_t count, at = 0;
    ic_mlspub_diff_filtered_path(r->diff, r->committer, nodes, copath, &count);
    while (at < count && !ic_mlspub_node_covers(nodes[at], r->own_leaf))
        at++;
    if (at == count || count != path->node_count)
        return ic_mlspub_fault_set(fault, IC_ERR_RULE,
                                   "RFC 9420 section 7.5: the path does not reach this member",
                                   r->committer);
    IC_SECRET_SCOPE(secret);
    IC_TRY(open_secret(r, &path->nodes[at], copath[at], context, &secret, fault));
    if (secret.len != r->suite->hash_len)
        return ic_mlspub_fault_set(fault, IC_ERR_RULE,
                                   "RFC 9420 section 7.4: a path secret of the wrong length",
                                   r->committer);
    if (path_secret)
        *path_secret = secret;
    struct ic_mls_path_keys k = {0};
    IC_TRY(ic_mls_path_keys_init(&k, r->leaf_key, ic_mlspub_diff_size(r->diff)));
    ic_mls_path_keys_keep(&k, r->keys, r->tree, r->diff, nodes[at]);
    ic_err e = derive_up(r, nodes, at, count, &secret, &k, fault);
    if (e != IC_OK) {
        ic_mls_path_keys_clear(&k);
        return e;
    }
    *next = k;
    *commit_secret = secret;
    return IC_OK;
}
