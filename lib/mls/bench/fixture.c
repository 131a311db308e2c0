#include "fixture.h"

#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/treemath.h>
#include <stdio.h>
#include <string.h>

struct ic_view fixture_group_id(void)
{
    return IC_VIEW_STR("0123456789abcdef0123456789abcdef");
}

static ic_err member_init(struct fixture *f, uint32_t i)
{
    struct fixture_member *m = &f->members[i];
    snprintf(m->name, sizeof m->name, "member-%010u", i);
    IC_TRY(ic_sign_key_generate(f->suite->sig, &f->config.rand, &m->signer));
    m->id = (struct ic_mls_identity){.suite = f->suite,
                                     .signer = m->signer,
                                     .credential = {IC_MLS_BASIC, ic_view(m->name, 17)},
                                     .lifetime = {fixture_now - 3600, fixture_now + 86400}};
    return IC_OK;
}

/* A bare leaf, as a key package brings it; its key is noted. */
static ic_err bare_leaf(struct fixture *f, uint32_t i, struct ic_arena *a,
                        struct ic_mlspub_leaf_node *out)
{
    struct ic_kem_pair pair;
    struct ic_view copy;
    IC_BUF_SCOPE(bytes, 65536);
    IC_TRY(ic_kem_generate_pair(f->suite->kem, &f->config.rand, &pair));
    f->node_keys[2 * i] = pair.private_key;
    const struct ic_mls_leaf_spec spec = {.identity = &f->members[i].id,
                                          .signer = f->members[i].signer,
                                          .encryption_key =
                                              ic_view(pair.public_key, pair.public_len),
                                          .source = IC_MLS_LEAF_KEY_PACKAGE};
    IC_TRY(ic_mls_leaf_build(&spec, &bytes));
    IC_TRY(ic_arena_copy(a, ic_buf_view(&bytes), &copy));
    return ic_mlspub_leaf_node_decode(copy, NULL, out);
}

static ic_err add_all(struct fixture *f, struct ic_mlspub_diff *d)
{
    IC_ARENA_SCOPE(arena, 1u << 30);
    for (uint32_t i = 1; i < f->n; i++) {
        struct ic_mlspub_leaf_node leaf;
        uint32_t at;
        IC_TRY(bare_leaf(f, i, &arena, &leaf));
        IC_TRY(ic_mlspub_diff_add(d, &leaf, &at));
    }
    return ic_mlspub_diff_seal(d);
}

/* One leaf's path, set as its commit would set it. */
static ic_err set_path(struct fixture *f, uint32_t leaf, struct ic_mlspub_diff *d)
{
    struct ic_mls_new_path p = {0};
    struct ic_view keys[IC_MLSPUB_DEPTH_MAX];
    struct ic_mlspub_leaf_node node;
    uint8_t parent_hash[IC_HASH_MAX];
    size_t len;
    IC_BUF_SCOPE(bytes, 65536);
    IC_TRY(ic_kem_generate_pair(f->suite->kem, &f->config.rand, &p.leaf));
    IC_TRY(ic_mls_new_path_draw(f->suite, d, leaf, &f->config.rand, &p));
    for (size_t i = 0; i < p.count; i++) {
        keys[i] = ic_view(p.pairs[i].public_key, p.pairs[i].public_len);
        f->node_keys[p.nodes[i]] = p.pairs[i].private_key;
    }
    f->node_keys[2 * leaf] = p.leaf.private_key;
    IC_TRY(ic_mlspub_diff_set_path(d, leaf, keys, p.count, parent_hash, &len));
    const struct ic_mls_leaf_spec spec = {.identity = &f->members[leaf].id,
                                          .signer = f->members[leaf].signer,
                                          .encryption_key =
                                              ic_view(p.leaf.public_key, p.leaf.public_len),
                                          .source = IC_MLS_LEAF_COMMIT,
                                          .parent_hash = ic_view(parent_hash, len),
                                          .group_id = fixture_group_id(),
                                          .leaf = leaf};
    IC_TRY(ic_mls_leaf_build(&spec, &bytes));
    IC_TRY(ic_mlspub_leaf_node_decode(ic_buf_view(&bytes), NULL, &node));
    IC_TRY(ic_mlspub_diff_set_leaf(d, leaf, &node));
    return ic_mlspub_diff_seal(d);
}

static ic_err build(struct fixture *f, bool populated)
{
    IC_ARENA_SCOPE(arena, 65536);
    struct ic_mlspub_leaf_node first;
    struct ic_mlspub_diff *d;
    for (uint32_t i = 0; i <= f->n; i++)
        IC_TRY(member_init(f, i));
    IC_TRY(bare_leaf(f, 0, &arena, &first));
    IC_TRY(ic_mlspub_tree_new(f->suite, &first, 0, &f->tree));
    IC_TRY(ic_mlspub_diff_new(f->tree, &d));
    IC_TRY(add_all(f, d));
    ic_mlspub_diff_merge(f->tree, d);
    for (uint32_t leaf = 0; populated && leaf < f->n; leaf++) {
        IC_TRY(ic_mlspub_diff_new(f->tree, &d));
        IC_TRY(set_path(f, leaf, d));
        ic_mlspub_diff_merge(f->tree, d);
    }
    f->member_secret.len = f->suite->hash_len;
    IC_TRY(ic_rand_fill(&f->config.rand, f->member_secret.b, f->member_secret.len));
    return ic_mlspub_tree_encode(f->tree, &f->tree_bytes);
}

static uint64_t clock_now_s(void *ctx)
{
    (void)ctx;
    return fixture_now;
}

ic_err fixture_init(struct fixture *f, const struct ic_suite *s, uint32_t n, bool populated,
                    struct ic_rand rand)
{
    uint32_t slots = 1;
    while (slots < n)
        slots *= 2;
    *f = (struct fixture){
        .suite = s, .n = n, .config = {.rand = rand, .clock = {clock_now_s, NULL}}};
    ic_buf_init(&f->tree_bytes, 1u << 30);
    f->members = ic_new_array(n + 1, struct fixture_member);
    f->node_keys = ic_new_array(2 * (size_t)slots, struct ic_secret);
    return f->members && f->node_keys ? build(f, populated) : IC_ERR_NOMEM;
}

void fixture_clear(struct fixture *f)
{
    for (uint32_t i = 0; f->members && i <= f->n; i++)
        ic_sign_key_free(f->members[i].signer);
    ic_free(f->members);
    ic_free(f->node_keys);
    ic_mlspub_tree_free(f->tree);
    ic_buf_clear(&f->tree_bytes);
}

static ic_err take(const struct fixture *f, struct ic_mls_group *g, uint32_t leaf)
{
    static const uint8_t confirmed[IC_HASH_MAX] = {1};
    IC_TRY(ic_mlspub_tree_decode(f->suite, ic_buf_view(&f->tree_bytes), 0, NULL, &g->tree));
    const struct ic_mlspub_group_context c = {.version = IC_MLS_VERSION_1,
                                              .suite = f->suite->id,
                                              .group_id = fixture_group_id(),
                                              .epoch = f->n,
                                              .tree_hash = ic_mlspub_tree_hash(g->tree),
                                              .confirmed_transcript_hash =
                                                  ic_view(confirmed, f->suite->hash_len)};
    IC_TRY(ic_mls_moment_set_context(&g->now, &c));
    IC_TRY(ic_mls_moment_open(&g->now, f->suite, &f->member_secret, ic_mlspub_tree_size(g->tree),
                              &g->config.limits));
    IC_TRY(
        ic_mls_path_keys_init(&g->now.keys, &f->node_keys[2 * leaf], ic_mlspub_tree_size(g->tree)));
    uint32_t root = ic_mlspub_node_root(ic_mlspub_tree_size(g->tree));
    for (uint32_t node = 2 * leaf; node != root;) {
        node = ic_mlspub_node_parent(node);
        if (ic_mlspub_tree_key(g->tree, node).len > 0)
            ic_mls_path_keys_push(&g->now.keys, node, &f->node_keys[node]);
    }
    g->own_leaf = leaf;
    return IC_OK;
}

ic_err fixture_take(const struct fixture *f, uint32_t leaf, struct ic_mls_group **out)
{
    struct ic_mls_group *g;
    IC_TRY(ic_mls_group_alloc(&f->config, &f->members[leaf].id, &g));
    ic_err e = take(f, g, leaf);
    if (e != IC_OK) {
        ic_mls_group_free(g);
        return e;
    }
    *out = g;
    return IC_OK;
}
