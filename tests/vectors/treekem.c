#include "vectors.h"

#include "member/treekem.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>
#include <ic/mlspub/label.h>
#include <ic/os/os.h>
#include <string.h>

struct setting {
    const struct ic_suite *suite;
    const json_t *c;
    struct ic_mlspub_tree *tree;
    struct ic_mlspub_group_context context; /* tree_hash: of the tree with the path */
};

static const json_t *private_of(const struct setting *g, uint32_t leaf)
{
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(g->c, "leaves_private"), i,
                       p) if (vec_int(p, "index") == leaf) return p;
    return NULL;
}

/* A member's private state, shown to fit the tree. */
static bool load_keys(struct vec *v, const struct setting *g, const json_t *p,
                      struct ic_mls_path_keys *out)
{
    struct ic_secret leaf, secret;
    struct ic_kem_pair pair = {0};
    size_t i;
    json_t *s;
    VEC_OK(v, ic_secret_set(&leaf, vec_bytes(v, p, "encryption_priv")));
    VEC_OK(v, ic_kem_import_private(g->suite->kem, ic_secret_view(&leaf), &pair));
    VEC_EQUAL(v, ic_view(pair.public_key, pair.public_len),
              ic_mlspub_tree_key(g->tree, 2 * (uint32_t)vec_int(p, "index")));
    VEC_OK(v, ic_mls_path_keys_init(out, &leaf, ic_mlspub_tree_size(g->tree)));
    json_array_foreach(json_object_get(p, "path_secrets"), i, s)
    {
        uint32_t node = (uint32_t)vec_int(s, "node");
        VEC_OK(v, ic_secret_set(&secret, vec_bytes(v, s, "path_secret")));
        VEC_OK(v, ic_mls_path_pair(g->suite, &secret, &pair));
        VEC_EQUAL(v, ic_view(pair.public_key, pair.public_len), ic_mlspub_tree_key(g->tree, node));
        ic_mls_path_keys_push(out, node, &pair.private_key);
    }
    return true;
}

static bool encode_context(struct vec *v, struct setting *g, const struct ic_mlspub_diff *d,
                           struct ic_buf *out)
{
    g->context.tree_hash = ic_mlspub_diff_tree_hash(d);
    VEC_OK(v, ic_mlspub_group_context_encode(&g->context, out));
    return true;
}

/* One receiver opens the path. want_secret: empty where it is not known. */
static bool open_one(struct vec *v, struct setting *g, const struct ic_mlspub_diff *d,
                     uint32_t sender, const json_t *p, const struct ic_mlspub_update_path *path,
                     struct ic_view want_secret, struct ic_view want_commit)
{
    struct ic_mls_path_keys keys = {0}, next = {0};
    struct ic_secret commit, secret;
    struct ic_mlspub_fault fault = IC_MLSPUB_FAULT_NONE;
    IC_BUF_SCOPE(context, 65536);
    bool ready = encode_context(v, g, d, &context) && load_keys(v, g, p, &keys);
    struct ic_secret leaf = keys.leaf;
    const struct ic_mls_path_reader r = {.suite = g->suite,
                                         .tree = g->tree,
                                         .diff = d,
                                         .own_leaf = (uint32_t)vec_int(p, "index"),
                                         .committer = sender,
                                         .keys = &keys,
                                         .leaf_key = &leaf};
    ic_err e =
        ready ? ic_mls_path_open(&r, path, ic_buf_view(&context), &next, &commit, &secret, &fault)
              : IC_ERR_STATE;
    ic_mls_path_keys_clear(&keys);
    ic_mls_path_keys_clear(&next);
    if (!ready)
        return false;
    if (e != IC_OK)
        return vec_fail(v, "leaf %u cannot open the path: %s %s", r.own_leaf, ic_err_name(e),
                        fault.rule);
    VEC_EQUAL(v, ic_secret_view(&commit), want_commit);
    if (want_secret.len > 0)
        VEC_EQUAL(v, ic_secret_view(&secret), want_secret);
    return true;
}

static bool open_all(struct vec *v, struct setting *g, const struct ic_mlspub_diff *d,
                     uint32_t sender, const struct ic_mlspub_update_path *path,
                     const json_t *secrets, struct ic_view want_commit)
{
    uint32_t slots = ic_mlspub_tree_size(g->tree);
    for (uint32_t leaf = 0; leaf < slots; leaf++) {
        if (leaf == sender || ic_mlspub_tree_leaf_bytes(g->tree, leaf).len == 0)
            continue;
        const json_t *p = private_of(g, leaf);
        VEC_CHECK(v, p);
        struct ic_view want =
            secrets ? vec_hex(v, json_array_get(secrets, leaf)) : ic_view(NULL, 0);
        if (!open_one(v, g, d, sender, p, path, want, want_commit))
            return false;
    }
    return true;
}

static bool check_given(struct vec *v, struct setting *g, const json_t *u, struct ic_mlspub_diff *d)
{
    uint32_t sender = (uint32_t)vec_int(u, "sender");
    struct ic_mlspub_update_path path;
    struct ic_view keys[IC_MLSPUB_DEPTH_MAX];
    uint8_t parent_hash[IC_HASH_MAX];
    size_t len;
    VEC_OK(v, ic_mlspub_update_path_decode(vec_bytes(v, u, "update_path"), &v->arena, &path));
    VEC_CHECK(v, path.node_count <= IC_MLSPUB_DEPTH_MAX);
    for (size_t i = 0; i < path.node_count; i++)
        keys[i] = path.nodes[i].encryption_key;
    VEC_OK(v, ic_mlspub_diff_set_path(d, sender, keys, path.node_count, parent_hash, &len));
    VEC_EQUAL(v, ic_view(parent_hash, len), path.leaf.parent_hash);
    VEC_OK(v, ic_mlspub_diff_set_leaf(d, sender, &path.leaf));
    VEC_OK(v, ic_mlspub_leaf_node_verify(g->suite, &path.leaf, g->context.group_id, sender));
    VEC_OK(v, ic_mlspub_diff_seal(d));
    VEC_EQUAL(v, ic_mlspub_diff_tree_hash(d), vec_bytes(v, u, "tree_hash_after"));
    return open_all(v, g, d, sender, &path, json_object_get(u, "path_secrets"),
                    vec_bytes(v, u, "commit_secret"));
}

static bool make_leaf(struct vec *v, struct setting *g, uint32_t sender,
                      const struct ic_mls_new_path *p, struct ic_view parent_hash,
                      struct ic_mlspub_diff *d, struct ic_buf *bytes)
{
    struct ic_mlspub_leaf_node leaf;
    struct ic_sign_key *key;
    VEC_OK(v, ic_mlspub_tree_leaf(g->tree, sender, &leaf));
    leaf.encryption_key = ic_view(p->leaf.public_key, p->leaf.public_len);
    leaf.source = IC_MLS_LEAF_COMMIT;
    leaf.parent_hash = parent_hash;
    VEC_OK(v, vec_sign_key(g->suite, vec_bytes(v, private_of(g, sender), "signature_priv"), &key));
    ic_err e = ic_mlspub_leaf_node_sign(key, &leaf, g->context.group_id, sender, bytes);
    ic_sign_key_free(key);
    VEC_OK(v, e);
    VEC_OK(v, ic_mlspub_leaf_node_decode(ic_buf_view(bytes), &v->arena, &leaf));
    VEC_OK(v, ic_mlspub_diff_set_leaf(d, sender, &leaf));
    return true;
}

/* A path of our own, which all members open. */
static bool check_made(struct vec *v, struct setting *g, uint32_t sender, struct ic_mlspub_diff *d)
{
    struct ic_mls_new_path p = {0};
    struct ic_rand rand = ic_os_rand();
    struct ic_view keys[IC_MLSPUB_DEPTH_MAX];
    uint8_t parent_hash[IC_HASH_MAX];
    size_t len;
    IC_BUF_SCOPE(bytes, 65536);
    IC_BUF_SCOPE(context, 65536);
    IC_BUF_SCOPE(out, 1u << 20);
    VEC_OK(v, ic_kem_generate_pair(g->suite->kem, &rand, &p.leaf));
    VEC_OK(v, ic_mls_new_path_draw(g->suite, d, sender, &rand, &p));
    for (size_t i = 0; i < p.count; i++)
        keys[i] = ic_view(p.pairs[i].public_key, p.pairs[i].public_len);
    VEC_OK(v, ic_mlspub_diff_set_path(d, sender, keys, p.count, parent_hash, &len));
    if (!make_leaf(v, g, sender, &p, ic_view(parent_hash, len), d, &bytes))
        return false;
    VEC_OK(v, ic_mlspub_diff_seal(d));
    if (!encode_context(v, g, d, &context))
        return false;
    struct ic_writer w = ic_writer(&out);
    ic_write_bytes(&w, ic_buf_view(&bytes));
    VEC_OK(v, ic_mls_new_path_write(g->suite, d, &p, ic_buf_view(&context), &rand, NULL, &w));
    VEC_OK(v, ic_writer_end(&w));
    struct ic_mlspub_update_path path;
    VEC_OK(v, ic_mlspub_update_path_decode(ic_buf_view(&out), &v->arena, &path));
    return open_all(v, g, d, sender, &path, NULL, ic_secret_view(&p.commit_secret));
}

static bool check_path(struct vec *v, struct setting *g, const json_t *u)
{
    struct ic_mlspub_diff *d;
    VEC_OK(v, ic_mlspub_diff_new(g->tree, &d));
    bool passed = check_given(v, g, u, d);
    ic_mlspub_diff_free(d);
    if (!passed)
        return false;
    VEC_OK(v, ic_mlspub_diff_new(g->tree, &d));
    passed = check_made(v, g, (uint32_t)vec_int(u, "sender"), d);
    ic_mlspub_diff_free(d);
    return passed;
}

bool run_treekem(struct vec *v, const json_t *c)
{
    struct setting g = {.suite = vec_suite(v, c), .c = c};
    struct ic_mlspub_fault fault = IC_MLSPUB_FAULT_NONE;
    if (!g.suite)
        return false;
    g.context = (struct ic_mlspub_group_context){.version = IC_MLS_VERSION_1,
                                                 .suite = g.suite->id,
                                                 .group_id = vec_bytes(v, c, "group_id"),
                                                 .epoch = vec_int(c, "epoch"),
                                                 .confirmed_transcript_hash =
                                                     vec_bytes(v, c, "confirmed_transcript_hash")};
    VEC_OK(v, ic_mlspub_tree_decode(g.suite, vec_bytes(v, c, "ratchet_tree"), 0, &fault, &g.tree));
    bool passed = true;
    size_t i;
    json_t *u;
    json_array_foreach(json_object_get(c, "update_paths"), i, u) passed =
        passed && check_path(v, &g, u);
    ic_mlspub_tree_free(g.tree);
    return passed;
}
