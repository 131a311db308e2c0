/* mls-make-large DIRECTORY: vectors of trees above 1000 leaves, in the formats of the working group's
 * tree-validation, tree-operations and treekem files. */
#include "../../../lib/mls/bench/fixture.h"

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/mlspub/codec.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct maker {
    struct fixture f;
    struct ic_test_rand state;
    struct ic_secret *path_secrets; /* by node, where a path of ours set it and it stands */
};

static json_t *hex(struct ic_view v)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * v.len + 1);
    for (size_t i = 0; i < v.len; i++) {
        text[2 * i] = digits[v.p[i] >> 4];
        text[2 * i + 1] = digits[v.p[i] & 15];
    }
    text[2 * v.len] = 0;
    json_t *s = json_string(text);
    free(text);
    return s;
}

static void must(ic_err e, const char *what)
{
    if (e == IC_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, ic_err_name(e));
    exit(1);
}
#define MUST(call) must((call), #call)

static void open_maker(struct maker *m, uint16_t suite, uint32_t n, bool populated)
{
    *m = (struct maker){0};
    MUST(fixture_init(&m->f, ic_suite_find(suite), n, populated,
                      ic_test_rand(&m->state, 900u + n + suite)));
    m->path_secrets = ic_new_array(2 * (size_t)ic_mlspub_tree_size(m->f.tree), struct ic_secret);
}

static void close_maker(struct maker *m)
{
    ic_free(m->path_secrets);
    fixture_clear(&m->f);
}

static json_t *tree_of(const struct ic_mlspub_tree *t)
{
    IC_BUF_SCOPE(bytes, 64u << 20);
    MUST(ic_mlspub_tree_encode(t, &bytes));
    return hex(ic_buf_view(&bytes));
}

/* A proposal as its bytes. */
static json_t *encoded(const struct ic_mlspub_proposal *p)
{
    IC_BUF_SCOPE(bytes, 65536);
    struct ic_writer w = ic_writer(&bytes);
    ic_mlspub_proposal_write(&w, p);
    MUST(ic_writer_end(&w));
    return hex(ic_buf_view(&bytes));
}

/* The key package of somebody new. */
static struct ic_mls_key_package *newcomer(struct maker *m, struct ic_sign_key **signer)
{
    struct ic_mls_key_package *k;
    struct ic_mls_identity id = m->f.members[m->f.n].id;
    MUST(ic_sign_key_generate(m->f.suite->sig, &m->f.config.rand, signer));
    id.signer = *signer;
    MUST(ic_mls_key_package_new(&m->f.config, &id, ic_view(NULL, 0), &k));
    return k;
}

static void apply(struct ic_mlspub_tree *t, const struct ic_mlspub_proposal *p)
{
    uint32_t leaf;
    struct ic_mlspub_diff *d;
    MUST(ic_mlspub_diff_new(t, &d));
    MUST(p->type == IC_MLS_ADD ? ic_mlspub_diff_add(d, &p->add.leaf, &leaf)
                               : ic_mlspub_diff_remove(d, p->remove));
    MUST(ic_mlspub_diff_seal(d));
    ic_mlspub_diff_merge(t, d);
}

static void add_one(struct maker *m)
{
    struct ic_sign_key *signer;
    struct ic_mls_key_package *k = newcomer(m, &signer);
    apply(m->f.tree, &(struct ic_mlspub_proposal){.type = IC_MLS_ADD, .add = k->package});
    ic_mls_key_package_free(k);
    ic_sign_key_free(signer);
}

/* ---- commits ---- */

struct made {
    struct ic_mls_new_path path;
    struct ic_mlspub_diff *diff;
    struct ic_buf leaf;
};

/* A path by the sender, in a diff that is sealed. */
static void make_path(struct maker *m, uint32_t sender, struct made *out)
{
    struct ic_view keys[IC_MLSPUB_DEPTH_MAX];
    struct ic_mlspub_leaf_node leaf;
    uint8_t hash[IC_HASH_MAX];
    size_t len;
    struct ic_mls_new_path *p = &out->path;
    ic_buf_init(&out->leaf, 65536);
    MUST(ic_mlspub_diff_new(m->f.tree, &out->diff));
    MUST(ic_kem_generate_pair(m->f.suite->kem, &m->f.config.rand, &p->leaf));
    MUST(ic_mls_new_path_draw(m->f.suite, out->diff, sender, &m->f.config.rand, p));
    for (size_t i = 0; i < p->count; i++)
        keys[i] = ic_view(p->pairs[i].public_key, p->pairs[i].public_len);
    MUST(ic_mlspub_diff_set_path(out->diff, sender, keys, p->count, hash, &len));
    const struct ic_mls_leaf_spec spec = {.identity = &m->f.members[sender].id,
                                          .signer = m->f.members[sender].signer,
                                          .encryption_key =
                                              ic_view(p->leaf.public_key, p->leaf.public_len),
                                          .source = IC_MLS_LEAF_COMMIT,
                                          .parent_hash = ic_view(hash, len),
                                          .group_id = fixture_group_id(),
                                          .leaf = sender};
    MUST(ic_mls_leaf_build(&spec, &out->leaf));
    MUST(ic_mlspub_leaf_node_decode(ic_buf_view(&out->leaf), NULL, &leaf));
    MUST(ic_mlspub_diff_set_leaf(out->diff, sender, &leaf));
    MUST(ic_mlspub_diff_seal(out->diff));
}

static void commit(struct maker *m, uint32_t sender)
{
    struct made made = {0};
    make_path(m, sender, &made);
    for (uint32_t node = 2 * sender; node != ic_mlspub_node_root(ic_mlspub_tree_size(m->f.tree));) {
        node = ic_mlspub_node_parent(node);
        m->path_secrets[node].len = 0;
    }
    for (size_t i = 0; i < made.path.count; i++)
        m->path_secrets[made.path.nodes[i]] = made.path.secrets[i];
    m->f.node_keys[2 * sender] = made.path.leaf.private_key;
    ic_mlspub_diff_merge(m->f.tree, made.diff);
    ic_buf_clear(&made.leaf);
}

/* Blanks all over the tree, at its end too; many commit; some blanks are filled again, by leaves that no parent
 * has merged. */
static void wear(struct maker *m)
{
    uint32_t n = m->f.n;
    for (uint32_t i = 0; i < 40; i++) {
        uint32_t leaf = (uint32_t)(ic_test_rand_u64(&m->state) % n);
        if (leaf > 0 && ic_mlspub_tree_leaf_bytes(m->f.tree, leaf).len > 0)
            apply(m->f.tree, &(struct ic_mlspub_proposal){.type = IC_MLS_REMOVE, .remove = leaf});
    }
    apply(m->f.tree, &(struct ic_mlspub_proposal){.type = IC_MLS_REMOVE, .remove = n - 1});
    for (uint32_t i = 0; i < 200; i++) {
        uint32_t leaf = (uint32_t)(ic_test_rand_u64(&m->state) % n);
        if (ic_mlspub_tree_leaf_bytes(m->f.tree, leaf).len > 0)
            commit(m, leaf);
    }
    for (uint32_t i = 0; i < 12; i++)
        add_one(m);
}

/* ---- tree-validation ---- */

static json_t *validation(uint16_t suite, uint32_t n)
{
    static struct maker m;
    IC_ARENA_SCOPE(arena, 64u << 20);
    open_maker(&m, suite, n, true);
    wear(&m);
    json_t *hashes = json_array(), *resolutions = json_array();
    for (uint32_t node = 0; node < 2 * ic_mlspub_tree_size(m.f.tree) - 1; node++) {
        const uint32_t *nodes;
        size_t count;
        json_t *resolution = json_array();
        MUST(ic_mlspub_tree_resolution(m.f.tree, node, &arena, &nodes, &count));
        for (size_t i = 0; i < count; i++)
            json_array_append_new(resolution, json_integer(nodes[i]));
        json_array_append_new(resolutions, resolution);
        json_array_append_new(hashes, hex(ic_mlspub_tree_node_hash(m.f.tree, node)));
    }
    json_t *o = json_pack("{s:i, s:o, s:o, s:o, s:o}", "cipher_suite", suite, "tree",
                          tree_of(m.f.tree), "group_id", hex(fixture_group_id()), "tree_hashes",
                          hashes, "resolutions", resolutions);
    close_maker(&m);
    return o;
}

/* ---- tree-operations ---- */

static json_t *operation(struct maker *m, const struct ic_mlspub_proposal *p)
{
    json_t *o = json_pack("{s:i, s:o, s:i, s:o, s:o}", "cipher_suite", m->f.suite->id, "proposal",
                          encoded(p), "proposal_sender", 0, "tree_before", tree_of(m->f.tree),
                          "tree_hash_before", hex(ic_mlspub_tree_hash(m->f.tree)));
    apply(m->f.tree, p);
    json_object_set_new(o, "tree_after", tree_of(m->f.tree));
    json_object_set_new(o, "tree_hash_after", hex(ic_mlspub_tree_hash(m->f.tree)));
    return o;
}

/* An Add for which 1024 leaves are doubled, and the Remove by which they are 1024 again. */
static void edges(json_t *out)
{
    static struct maker m;
    struct ic_sign_key *signer;
    open_maker(&m, 1, 1024, false);
    struct ic_mls_key_package *k = newcomer(&m, &signer);
    struct ic_mlspub_proposal p = {.type = IC_MLS_ADD, .add = k->package};
    json_array_append_new(out, operation(&m, &p));
    p = (struct ic_mlspub_proposal){.type = IC_MLS_REMOVE, .remove = 1024};
    json_array_append_new(out, operation(&m, &p));
    ic_mls_key_package_free(k);
    ic_sign_key_free(signer);
    close_maker(&m);
}

/* An Add into a blank leaf below parents. */
static void inside(json_t *out)
{
    static struct maker m;
    struct ic_sign_key *signer;
    open_maker(&m, 1, 1025, true);
    wear(&m);
    struct ic_mls_key_package *k = newcomer(&m, &signer);
    const struct ic_mlspub_proposal p = {.type = IC_MLS_ADD, .add = k->package};
    json_array_append_new(out, operation(&m, &p));
    ic_mls_key_package_free(k);
    ic_sign_key_free(signer);
    close_maker(&m);
}

/* ---- treekem ---- */

static const uint32_t back[] = {3, 64}; /* removed, and added again when all had committed */

static bool is_back(uint32_t leaf)
{
    return leaf == back[0] || leaf == back[1];
}

static void come_back(struct maker *m)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(back); i++) {
        struct ic_mls_key_package *k;
        MUST(ic_mls_key_package_new(&m->f.config, &m->f.members[back[i]].id, ic_view(NULL, 0), &k));
        apply(m->f.tree, &(struct ic_mlspub_proposal){.type = IC_MLS_ADD, .add = k->package});
        m->f.node_keys[2 * back[i]] = k->leaf_key;
        ic_mls_key_package_free(k);
    }
}

static json_t *private_of(const struct maker *m, uint32_t leaf)
{
    struct ic_secret key;
    json_t *secrets = json_array();
    uint32_t root = ic_mlspub_node_root(ic_mlspub_tree_size(m->f.tree));
    for (uint32_t node = 2 * leaf; node != root && !is_back(leaf);) {
        node = ic_mlspub_node_parent(node);
        if (m->path_secrets[node].len > 0 && ic_mlspub_tree_key(m->f.tree, node).len > 0)
            json_array_append_new(secrets, json_pack("{s:i, s:o}", "node", node, "path_secret",
                                                     hex(ic_secret_view(&m->path_secrets[node]))));
    }
    MUST(ic_sign_key_export(m->f.members[leaf].signer, &key));
    return json_pack("{s:i, s:o, s:o, s:o}", "index", leaf, "encryption_priv",
                     hex(ic_secret_view(&m->f.node_keys[2 * leaf])), "signature_priv",
                     hex(ic_secret_view(&key)), "path_secrets", secrets);
}

enum { EPOCH = 1234567 };
static const uint8_t confirmed[IC_HASH_MAX] = {3, 1, 4, 1, 5};

static void write_path(struct maker *m, const struct made *made, struct ic_buf *out)
{
    IC_BUF_SCOPE(context, 65536);
    const struct ic_mlspub_group_context c = {.version = IC_MLS_VERSION_1,
                                              .suite = m->f.suite->id,
                                              .group_id = fixture_group_id(),
                                              .epoch = EPOCH,
                                              .tree_hash = ic_mlspub_diff_tree_hash(made->diff),
                                              .confirmed_transcript_hash =
                                                  ic_view(confirmed, m->f.suite->hash_len)};
    struct ic_writer w = ic_writer(&context);
    ic_mlspub_group_context_write(&w, &c);
    MUST(ic_writer_end(&w));
    w = ic_writer(out);
    ic_write_bytes(&w, ic_buf_view(&made->leaf));
    MUST(ic_mls_new_path_write(m->f.suite, made->diff, &made->path, ic_buf_view(&context),
                               &m->f.config.rand, NULL, &w));
    MUST(ic_writer_end(&w));
}

static json_t *update_path(struct maker *m, uint32_t sender)
{
    struct made made = {0};
    IC_BUF_SCOPE(bytes, 16u << 20);
    json_t *secrets = json_array();
    make_path(m, sender, &made);
    write_path(m, &made, &bytes);
    for (uint32_t leaf = 0; leaf < ic_mlspub_tree_size(m->f.tree); leaf++) {
        bool reads = leaf != sender && ic_mlspub_tree_leaf_bytes(m->f.tree, leaf).len > 0;
        const struct ic_secret *s = reads ? ic_mls_new_path_secret(&made.path, leaf) : NULL;
        json_array_append_new(secrets, s ? hex(ic_secret_view(s)) : json_null());
    }
    json_t *o = json_pack("{s:i, s:o, s:o, s:o, s:o}", "sender", sender, "update_path",
                          hex(ic_buf_view(&bytes)), "path_secrets", secrets, "commit_secret",
                          hex(ic_secret_view(&made.path.commit_secret)), "tree_hash_after",
                          hex(ic_mlspub_diff_tree_hash(made.diff)));
    ic_mlspub_diff_free(made.diff);
    ic_buf_clear(&made.leaf);
    return o;
}

static json_t *treekem(uint16_t suite, uint32_t n)
{
    static struct maker m;
    static const uint32_t gone[] = {3, 64, 65, 66, 67, 500, 1023};
    static const uint32_t busy[] = {0, 1024, 512, 255, 768, 1};
    open_maker(&m, suite, n, false);
    for (size_t i = 0; i < IC_ARRAY_LEN(gone); i++)
        apply(m.f.tree, &(struct ic_mlspub_proposal){.type = IC_MLS_REMOVE, .remove = gone[i]});
    for (size_t i = 0; i < IC_ARRAY_LEN(busy); i++)
        commit(&m, busy[i]);
    come_back(&m);
    json_t *leaves = json_array(), *paths = json_array();
    for (uint32_t leaf = 0; leaf < n; leaf++)
        if (ic_mlspub_tree_leaf_bytes(m.f.tree, leaf).len > 0)
            json_array_append_new(leaves, private_of(&m, leaf));
    json_array_append_new(paths, update_path(&m, 0));
    json_array_append_new(paths, update_path(&m, n - 1));
    json_t *o = json_pack("{s:i, s:o, s:i, s:o, s:o, s:o, s:o}", "cipher_suite", suite, "group_id",
                          hex(fixture_group_id()), "epoch", EPOCH, "confirmed_transcript_hash",
                          hex(ic_view(confirmed, m.f.suite->hash_len)), "ratchet_tree",
                          tree_of(m.f.tree), "leaves_private", leaves, "update_paths", paths);
    close_maker(&m);
    return o;
}

static void save(const char *directory, const char *name, json_t *cases)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s.json", directory, name);
    if (json_dump_file(cases, path, JSON_COMPACT) != 0)
        must(IC_ERR_IO, path);
    json_decref(cases);
}

int main(int argc, char **argv)
{
    const char *directory = argc > 1 ? argv[1] : ".";
    json_t *operations = json_array();
    save(directory, "tree-validation",
         json_pack("[o, o]", validation(1, 1100), validation(2, 1030)));
    edges(operations);
    inside(operations);
    save(directory, "tree-operations", operations);
    save(directory, "treekem", json_pack("[o]", treekem(1, 1030)));
    return 0;
}
