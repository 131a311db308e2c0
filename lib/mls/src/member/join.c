/* Joining by a Welcome, RFC 9420 section 12.4.3.1. */
#include "sealing.h"
#include "state.h"

#include <ic/base/ct.h>
#include <ic/base/mem.h>
#include <ic/crypto/aead.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>
#include <ic/mlspub/treemath.h>
#include <string.h>

struct join {
    struct ic_mls_group *g;
    const struct ic_mls_key_package *k;
    struct ic_arena arena;
    struct ic_buf secrets_bytes; /* secret */
    struct ic_buf info_bytes;    /* secret until read */
    struct ic_mls_group_secrets secrets;
    struct ic_mlspub_group_info info;
    struct ic_secret member;
    const struct ic_mlspub_psk_id *follow_up; /* the PSK for reinit or branch, or NULL */
};

static void join_clear(struct join *j)
{
    ic_arena_clear(&j->arena);
    ic_buf_clear_secret(&j->secrets_bytes);
    ic_buf_clear_secret(&j->info_bytes);
    ic_secret_clear(&j->member);
}

static ic_err refuse(struct join *j, ic_err e, const char *rule, uint32_t leaf)
{
    return ic_mls_refuse(j->g, e, rule, leaf);
}

static const struct ic_mlspub_encrypted_secrets *find_entry(const struct join *j,
                                                            const struct ic_mlspub_welcome *w)
{
    for (size_t i = 0; i < w->secret_count; i++)
        if (ic_view_equal(w->secrets[i].new_member, ic_mls_key_package_ref(j->k)))
            return &w->secrets[i];
    return NULL;
}

static ic_err open_secrets(struct join *j, const struct ic_mlspub_welcome *w)
{
    struct ic_hpke_info info;
    const struct ic_mlspub_encrypted_secrets *entry = find_entry(j, w);
    /* RFC9420-12.4.3.1-r1 */
    if (!entry || w->suite != j->k->suite->id)
        return refuse(j, IC_ERR_NOT_FOUND,
                      "RFC 9420 section 12.4.3.1: a Welcome for another key package",
                      IC_MLSPUB_NO_LEAF);
    IC_TRY(ic_mls_sealing_info(j->g->suite, "Welcome", w->encrypted_group_info, &info));
    IC_TRY(ic_mls_open(&info, ic_secret_view(&j->k->init_key), j->k->package.init_key,
                       &entry->secrets, &j->secrets_bytes));
    IC_CT_PUBLIC(j->secrets_bytes.p,
                 j->secrets_bytes.len); /* lengths are; secrets are marked anew */
    return ic_mls_group_secrets_decode(ic_buf_view(&j->secrets_bytes), &j->arena, &j->secrets);
}

/* The PSKs that the Welcome names, and the secret between joiner and epoch. */
static ic_err mix_psks(struct join *j)
{
    IC_SECRET_SCOPE(joiner);
    IC_SECRET_SCOPE(psk);
    size_t n = j->secrets.psk_count;
    const struct ic_mlspub_psk_id **ids = ic_arena_alloc(&j->arena, n + 1, sizeof(void *));
    if (!ids)
        return IC_ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        ids[i] = &j->secrets.psks[i];
        if (ids[i]->type != IC_MLS_PSK_RESUMPTION || ids[i]->usage == IC_MLS_PSK_APPLICATION)
            continue;
        /* RFC9420-12.4.3.1-r2 */
        if (j->follow_up)
            return refuse(j, IC_ERR_RULE,
                          "RFC 9420 section 12.4.3.1: two PSKs for reinit or branch",
                          IC_MLSPUB_NO_LEAF);
        j->follow_up = ids[i];
    }
    IC_TRY(ic_mls_psk_secret(j->g, ids, n, &psk));
    IC_TRY(ic_secret_set(&joiner, j->secrets.joiner));
    ic_mls_member_secret(j->g->suite, &joiner, &psk, &j->member);
    return IC_OK;
}

static ic_err open_info(struct join *j, struct ic_view sealed)
{
    uint8_t nonce[IC_AEAD_NONCE_LEN];
    uint8_t *plain;
    IC_SECRET_SCOPE(key);
    if (sealed.len < IC_AEAD_TAG_LEN)
        return IC_ERR_MALFORMED;
    IC_TRY(ic_mls_welcome_key(j->g->suite, &j->member, &key, nonce));
    IC_TRY(ic_buf_extend(&j->info_bytes, sealed.len - IC_AEAD_TAG_LEN, &plain));
    ic_err e = ic_aead_open_once(j->g->suite->aead, ic_secret_view(&key), IC_VIEW_ARRAY(nonce),
                                 ic_view(NULL, 0), sealed, plain);
    IC_CT_PUBLIC(plain,
                 j->info_bytes.len); /* a GroupInfo, as anybody in the group may publish it */
    if (e == IC_ERR_AUTH)
        return refuse(j, e, "RFC 9420 section 12.4.3.1: the GroupInfo does not decrypt",
                      IC_MLSPUB_NO_LEAF);
    IC_TRY(e);
    IC_TRY(ic_mlspub_group_info_decode(ic_buf_view(&j->info_bytes), &j->arena, &j->info));
    /* RFC9420-12.4.3.1-r4 */
    if (j->info.context.suite != j->g->suite->id || j->info.context.version != IC_MLS_VERSION_1)
        return refuse(j, IC_ERR_RULE,
                      "RFC 9420 section 12.4.3.1: the group has another suite or version",
                      IC_MLSPUB_NO_LEAF);
    return IC_OK;
}

/* Our leaf: identical to the key package's. */
static ic_err find_own_leaf(struct join *j)
{
    const struct ic_mlspub_leaf_node *own = &j->k->package.leaf;
    uint32_t node = ic_mlspub_tree_find_key(j->g->tree, own->encryption_key);
    uint32_t leaf = node == IC_MLSPUB_NO_LEAF ? node : ic_mlspub_leaf_of_node(node);
    if (node == IC_MLSPUB_NO_LEAF || !ic_mlspub_node_is_leaf(node) ||
        /* RFC9420-12.4.3.1-r7 */
        !ic_view_equal(ic_mlspub_tree_leaf_bytes(j->g->tree, leaf), own->encoded))
        return refuse(j, IC_ERR_RULE, "RFC 9420 section 12.4.3.1: our leaf is not in the tree",
                      IC_MLSPUB_NO_LEAF);
    j->g->own_leaf = leaf;
    return IC_OK;
}

/* The keys above our leaf, from the path secret of the node that we share with the committer. */
static ic_err derive_keys(struct join *j)
{
    struct ic_mls_group *g = j->g;
    const struct ic_suite *suite = g->suite;
    uint32_t root = ic_mlspub_node_root(ic_mlspub_tree_size(g->tree));
    IC_TRY(ic_mls_path_keys_init(&g->now.keys, &j->k->leaf_key, ic_mlspub_tree_size(g->tree)));
    if (!j->secrets.has_path_secret)
        return IC_OK;
    IC_SECRET_SCOPE(secret);
    IC_TRY(ic_secret_set(&secret, j->secrets.path_secret));
    uint32_t node = ic_mlspub_node_common(g->own_leaf, j->info.signer);
    if (g->own_leaf == j->info.signer || secret.len != suite->hash_len ||
        ic_mlspub_tree_key(g->tree, node).len == 0)
        return refuse(j, IC_ERR_RULE, "RFC 9420 section 12.4.3.1: a path secret for no node",
                      j->info.signer);
    for (;; node = ic_mlspub_node_parent(node)) {
        struct ic_view key = ic_mlspub_tree_key(g->tree, node);
        if (key.len > 0) {
            struct ic_kem_pair pair = {0};
            IC_TRY(ic_mls_path_pair(suite, &secret, &pair));
            bool fits = ic_view_equal(ic_view(pair.public_key, pair.public_len), key);
            if (fits)
                ic_mls_path_keys_push(&g->now.keys, node, &pair.private_key);
            ic_kem_pair_clear(&pair);
            /* RFC9420-12.4.3.1-2 */
            if (!fits)
                return refuse(
                    j, IC_ERR_RULE,
                    "RFC 9420 section 12.4.3.1: a path secret does not give the key in the tree",
                    j->info.signer);
            IC_TRY(ic_mls_path_next(suite, &secret));
        }
        if (node == root)
            return IC_OK;
    }
}

static ic_err open_epoch(struct join *j)
{
    struct ic_mls_group *g = j->g;
    IC_TRY(ic_mls_moment_set_context(&g->now, &j->info.context));
    IC_TRY(ic_mls_moment_open(&g->now, g->suite, &j->member, ic_mlspub_tree_size(g->tree),
                              &g->config.limits));
    /* RFC9420-12.4.3.1-r8 */
    if (!ic_ct_equal(ic_view(g->now.tag, g->suite->hash_len), j->info.confirmation_tag))
        return refuse(j, IC_ERR_AUTH,
                      "RFC 9420 section 12.4.3.1: the confirmation tag does not match",
                      j->info.signer);
    return IC_OK;
}

/* Up to the GroupInfo, which is not checked yet. */
static ic_err open_welcome(struct join *j, struct ic_view bytes)
{
    struct ic_mlspub_message m;
    if (bytes.len > j->g->config.limits.max_message)
        return IC_ERR_LIMIT;
    IC_TRY(ic_mlspub_message_decode(bytes, &j->arena, &m));
    if (m.wire_format != IC_MLS_WELCOME)
        return IC_ERR_MALFORMED;
    IC_TRY(open_secrets(j, &m.welcome));
    IC_TRY(mix_psks(j));
    return open_info(j, m.welcome.encrypted_group_info);
}

/* The GroupInfo's extensions but for the tree, which is long and has been read. */
static ic_err keep_extensions(struct join *j)
{
    uint16_t type;
    struct ic_view data;
    struct ic_reader r = ic_reader(j->info.extensions);
    struct ic_writer w = ic_writer(&j->g->joined_extensions);
    while (ic_mlspub_extensions_next(&r, &type, &data))
        if (type != IC_MLS_EXT_RATCHET_TREE)
            ic_mlspub_extension_write(&w, type, data);
    return ic_writer_end(&w);
}

static ic_err join(struct join *j, struct ic_view bytes, struct ic_view tree)
{
    IC_TRY(open_welcome(j, bytes));
    IC_TRY(keep_extensions(j));
    IC_TRY(ic_mls_group_load_tree(j->g, &j->info, tree));
    IC_TRY(find_own_leaf(j));
    IC_TRY(derive_keys(j));
    j->g->joined_by = j->info.signer;
    IC_TRY(open_epoch(j));
    if (j->follow_up)
        IC_TRY(ic_mls_follow_up_check(j->g, j->follow_up));
    j->g->config.predecessor = NULL;
    return ic_mls_group_ask(j->g);
}

/* peek: gets the GroupInfo, and nothing is joined; or NULL. */
static ic_err run(struct ic_mls_group *g, const struct ic_mls_key_package *k,
                  struct ic_view welcome, struct ic_view tree, struct ic_buf *peek)
{
    __attribute__((cleanup(join_clear))) struct join j = {.g = g, .k = k};
    ic_arena_init(&j.arena, (size_t)g->config.limits.max_message * 4);
    ic_buf_init(&j.secrets_bytes, g->config.limits.max_message);
    ic_buf_init(&j.info_bytes, g->config.limits.max_message);
    if (!peek)
        return join(&j, welcome, tree);
    IC_TRY(open_welcome(&j, welcome));
    struct ic_writer w = ic_writer(peek);
    ic_write_u16(&w, IC_MLS_VERSION_1);
    ic_write_u16(&w, IC_MLS_GROUP_INFO);
    ic_write_bytes(&w, j.info.encoded);
    return ic_writer_end(&w);
}

static ic_err start(const struct ic_mls_config *c, const struct ic_mls_identity *id,
                    const struct ic_mls_key_package *k, struct ic_mls_group **out)
{
    if (id->suite != k->suite ||
        !ic_view_equal(ic_sign_key_public(id->signer), k->package.leaf.signature_key))
        return IC_ERR_ARG;
    return ic_mls_group_alloc(c, id, out);
}

ic_err ic_mls_group_join(const struct ic_mls_config *c, const struct ic_mls_identity *id,
                         const struct ic_mls_key_package *k, struct ic_view welcome,
                         struct ic_view tree, struct ic_mls_group **out)
{
    struct ic_mls_group *g;
    IC_TRY(start(c, id, k, &g));
    ic_err e = run(g, k, welcome, tree, NULL);
    if (e != IC_OK) {
        if (c->fault)
            *c->fault = g->fault;
        ic_mls_group_free(g);
        return e;
    }
    *out = g;
    return IC_OK;
}

ic_err ic_mls_welcome_peek(const struct ic_mls_config *c, const struct ic_mls_identity *id,
                           const struct ic_mls_key_package *k, struct ic_view welcome,
                           struct ic_buf *out)
{
    struct ic_mls_group *g;
    size_t had = out->len;
    IC_TRY(start(c, id, k, &g));
    ic_err e = run(g, k, welcome, ic_view(NULL, 0), out);
    if (e != IC_OK) {
        out->len = had;
        if (c->fault)
            *c->fault = g->fault;
    }
    ic_mls_group_free(g);
    return e;
}
