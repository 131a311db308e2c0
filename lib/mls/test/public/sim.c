#include "sim.h"
#include <ic/base/mem.h>
#include <ic/crypto/kem.h>
#include <ic/mlspub/framing.h>
#include <ic/mlspub/label.h>
#include <stdio.h>
#include <string.h>

static const uint8_t list_one[] = {0, 1}, list_credentials[] = {0, 1, 0, 7},
                     grease[] = {0x1a, 0x1a};

static ic_err new_public(struct sim *s, uint8_t *out)
{
    struct ic_kem_pair pair;
    IC_TRY(ic_kem_generate_pair(s->suite->kem, &s->rand, &pair));
    memcpy(out, pair.public_key, pair.public_len);
    ic_kem_pair_clear(&pair);
    return IC_OK;
}

/* Sets what does not depend on the source. The scratch must outlive the leaf. */
struct leaf_scratch {
    uint8_t key[IC_KEM_PUBLIC_MAX];
    uint8_t suites[2], extensions[4], proposals[4], extension[3];
    char name[24];
};

static ic_err leaf_base(struct sim *s, const struct sim_bend *b, const struct ic_sign_key *key,
                        struct leaf_scratch *z, struct ic_mlspub_leaf_node *l)
{
    IC_TRY(new_public(s, z->key));
    ic_store_u16(z->suites, s->suite->id);
    memcpy(z->extensions, grease, 2);
    ic_store_u16(z->extensions + 2, b->extension);
    ic_store_u16(z->extension, b->extension);
    z->extension[2] = 0;
    ic_store_u16(z->proposals, b->supports_proposal);
    for (size_t i = 0; i < 17; i++)
        z->name[i] = (char)('a' + ic_test_rand_u64(&s->state) % 26);
    bool extended = b->extension != 0;
    *l = (struct ic_mlspub_leaf_node){
        .encryption_key = ic_view(z->key, s->suite->kem_public_len),
        .signature_key = ic_sign_key_public(key),
        .credential = {b->credential ? b->credential : IC_MLS_BASIC, ic_view(z->name, 17)},
        .capabilities = {.versions = IC_VIEW_ARRAY(list_one),
                         .suites = IC_VIEW_ARRAY(z->suites),
                         .extensions =
                             ic_view(z->extensions, extended && !b->extension_unlisted ? 4 : 2),
                         .proposals = ic_view(z->proposals, b->supports_proposal ? 2 : 0),
                         .credentials = ic_view(list_credentials, b->credential ? 4 : 2)},
        .extensions = ic_view(z->extension, extended ? 3 : 0),
    };
    if (b->version_list)
        l->capabilities.versions = ic_view(b->version_list, 2);
    if (b->lacks_credential)
        l->capabilities.credentials = ic_view(NULL, 0);
    return IC_OK;
}

static ic_err key_package(struct sim *s, const struct sim_bend *b, struct sim_client *c)
{
    struct leaf_scratch z;
    uint8_t init[IC_KEM_PUBLIC_MAX];
    struct ic_mlspub_key_package k = {.version = IC_MLS_VERSION_1, .suite = s->suite->id};
    IC_TRY(leaf_base(s, b, c->key, &z, &k.leaf));
    IC_TRY(new_public(s, init));
    k.init_key = ic_view(b->same_init_key ? z.key : init, s->suite->kem_public_len);
    k.leaf.source = IC_MLS_LEAF_KEY_PACKAGE;
    k.leaf.lifetime = (struct ic_mlspub_lifetime){
        b->not_before ? b->not_before : SIM_NOW - 3600,
        b->not_after ? b->not_after : SIM_NOW + 86400,
    };
    IC_BUF_SCOPE(leaf, 1 << 16);
    IC_TRY(ic_mlspub_leaf_node_sign(c->key, &k.leaf, ic_view(NULL, 0), 0, &leaf));
    if (b->bad_leaf_signature)
        leaf.p[leaf.len - 1] ^= 1;
    k.leaf.encoded = ic_buf_view(&leaf);
    IC_TRY(ic_mlspub_key_package_sign(c->key, &k, &c->key_package));
    if (b->bad_signature)
        c->key_package.p[c->key_package.len - 1] ^= 1;
    return IC_OK;
}

ic_err sim_client(struct sim *s, const struct sim_bend *bend, uint32_t *client)
{
    if (s->client_count == SIM_CLIENTS)
        return IC_ERR_LIMIT;
    struct sim_client *c = &s->clients[s->client_count];
    ic_buf_init(&c->key_package, 1 << 16);
    IC_TRY(ic_sign_key_generate(s->suite->sig, &s->rand, &c->key));
    *client = s->client_count++;
    return key_package(s, bend ? bend : &s->bend, c);
}

ic_err sim_proposal_add(struct sim *s, uint32_t client, struct ic_mlspub_proposal *out)
{
    struct ic_mlspub_key_package k;
    IC_TRY(ic_mlspub_key_package_decode(ic_buf_view(&s->clients[client].key_package), NULL, &k));
    *out = (struct ic_mlspub_proposal){.type = IC_MLS_ADD, .add = k};
    return IC_OK;
}

struct ic_sign_key *sim_key_of(struct sim *s, uint32_t leaf)
{
    struct ic_view key = ic_mlspub_tree_signature_key(s->tree, leaf);
    for (uint32_t i = 0; i < s->client_count; i++)
        if (ic_view_equal(ic_sign_key_public(s->clients[i].key), key))
            return s->clients[i].key;
    return NULL;
}

/* GroupContext extensions: external_senders with one basic credential. */
static ic_err group_extensions(struct sim *s, struct ic_buf *out)
{
    IC_BUF_SCOPE(data, 1 << 16);
    struct ic_writer w = ic_writer(&data);
    size_t mark = ic_write_open(&w);
    ic_write_vec(&w, ic_sign_key_public(s->external));
    struct ic_mlspub_credential c = {IC_MLS_BASIC, IC_VIEW_STR("server")};
    ic_mlspub_credential_write(&w, &c);
    ic_write_close(&w, mark);
    IC_TRY(ic_writer_end(&w));
    w = ic_writer(out);
    ic_mlspub_extension_write(&w, IC_MLS_EXT_EXTERNAL_SENDERS, ic_buf_view(&data));
    return ic_writer_end(&w);
}

static ic_err open_observer(struct sim *s)
{
    uint8_t tag[IC_HASH_MAX] = {7};
    IC_BUF_SCOPE(extensions, 1 << 16);
    IC_BUF_SCOPE(tree, 1 << 16);
    IC_TRY(group_extensions(s, &extensions));
    IC_TRY(ic_mlspub_tree_encode(s->tree, &tree));
    struct ic_mlspub_group_info x = {
        .context = {.version = IC_MLS_VERSION_1,
                    .suite = s->suite->id,
                    .group_id = IC_VIEW_STR("the group"),
                    .tree_hash = ic_mlspub_tree_hash(s->tree),
                    .extensions = ic_buf_view(&extensions)},
        .confirmation_tag = ic_view(tag, s->suite->hash_len),
    };
    struct ic_writer w = ic_writer(&s->info);
    ic_write_u16(&w, IC_MLS_VERSION_1);
    ic_write_u16(&w, IC_MLS_GROUP_INFO);
    IC_TRY(ic_writer_end(&w));
    IC_TRY(ic_mlspub_group_info_sign(s->clients[0].key, &x, &s->info));
    return ic_mlspub_observer_open_like(&s->like, ic_buf_view(&s->info), ic_buf_view(&tree),
                                        SIM_NOW, NULL, &s->observer);
}

ic_err sim_open(struct sim *s, uint16_t suite, uint64_t seed)
{
    static const struct sim_bend straight;
    static const struct ic_mlspub_rules plain;
    return sim_open_like(s, suite, seed, &straight, &plain);
}

ic_err sim_open_like(struct sim *s, uint16_t suite, uint64_t seed, const struct sim_bend *bend,
                     const struct ic_mlspub_rules *like)
{
    memset(s, 0, sizeof *s);
    s->bend = *bend;
    s->like = *like;
    s->suite = ic_suite_find(suite);
    if (!s->suite)
        return IC_ERR_UNSUPPORTED;
    s->rand = ic_test_rand(&s->state, seed);
    ic_buf_init(&s->info, 1 << 16);
    ic_buf_init(&s->message, 1 << 24);
    IC_TRY(ic_sign_key_generate(s->suite->sig, &s->rand, &s->external));
    uint32_t creator;
    IC_TRY(sim_client(s, NULL, &creator));
    struct ic_mlspub_proposal p;
    IC_TRY(sim_proposal_add(s, creator, &p));
    IC_TRY(ic_mlspub_tree_new(s->suite, &p.add.leaf, 0, &s->tree));
    return open_observer(s);
}

void sim_close(struct sim *s)
{
    for (uint32_t i = 0; i < s->client_count; i++) {
        ic_sign_key_free(s->clients[i].key);
        ic_buf_clear(&s->clients[i].key_package);
    }
    ic_sign_key_free(s->external);
    ic_mlspub_diff_free(s->staged);
    ic_mlspub_observer_free(s->observer);
    ic_mlspub_tree_free(s->tree);
    ic_buf_clear(&s->info);
    ic_buf_clear(&s->message);
}

static ic_err sign_leaf(struct sim *s, uint32_t leaf, const struct ic_sign_key *key, uint8_t source,
                        struct ic_view parent_hash, struct ic_view encryption_key,
                        struct ic_buf *out)
{
    struct leaf_scratch z;
    struct ic_mlspub_leaf_node l;
    IC_TRY(leaf_base(s, &s->bend, key, &z, &l));
    if (encryption_key.len)
        l.encryption_key = encryption_key;
    l.source = source;
    l.parent_hash = parent_hash;
    struct ic_view group_id = ic_mlspub_observer_context(s->observer)->group_id;
    return ic_mlspub_leaf_node_sign(key, &l, group_id, leaf, out);
}

ic_err sim_update_leaf_with(struct sim *s, uint32_t leaf, const struct ic_sign_key *key,
                            struct ic_view encryption_key, struct ic_buf *out)
{
    return sign_leaf(s, leaf, key, IC_MLS_LEAF_UPDATE, ic_view(NULL, 0), encryption_key, out);
}

ic_err sim_update_leaf(struct sim *s, uint32_t leaf, struct ic_buf *out)
{
    return sim_update_leaf_with(s, leaf, sim_key_of(s, leaf), ic_view(NULL, 0), out);
}

static ic_err send(struct sim *s, struct ic_mlspub_content *c, const struct ic_sign_key *key)
{
    uint8_t tag[IC_HASH_MAX] = {0x55}, sig[IC_SIG_MAX];
    size_t len;
    c->group_id = ic_mlspub_observer_context(s->observer)->group_id;
    c->epoch = ic_mlspub_observer_context(s->observer)->epoch;
    IC_TRY(ic_mlspub_content_sign(key, IC_MLS_PUBLIC_MESSAGE, c,
                                  ic_mlspub_observer_context(s->observer), sig, &len));
    struct ic_mlspub_message m = {.version = IC_MLS_VERSION_1,
                                  .wire_format = IC_MLS_PUBLIC_MESSAGE};
    m.public_message.auth.wire_format = IC_MLS_PUBLIC_MESSAGE;
    m.public_message.auth.content = *c;
    m.public_message.auth.signature = ic_view(sig, len);
    m.public_message.auth.confirmation_tag = ic_view(tag, s->suite->hash_len);
    m.public_message.membership_tag = ic_view(tag, s->suite->hash_len);
    ic_buf_reset(&s->message);
    struct ic_writer w = ic_writer(&s->message);
    ic_mlspub_message_write(&w, &m);
    return ic_writer_end(&w);
}

ic_err sim_propose(struct sim *s, struct ic_mlspub_sender sender, struct ic_sign_key *key,
                   const struct ic_mlspub_proposal *p)
{
    struct ic_mlspub_content c = {.sender = sender, .type = IC_MLS_PROPOSAL, .proposal = *p};
    return send(s, &c, key);
}

/* The path's nodes with fresh keys and as many false ciphertexts as there must be. */
static ic_err fill_path(struct sim *s, uint32_t leaf, struct ic_arena *a,
                        struct ic_mlspub_update_path *path, struct ic_view *keys)
{
    static const struct ic_mlspub_ciphertext false_one = {{(const uint8_t *)"k", 1},
                                                          {(const uint8_t *)"c", 1}};
    uint32_t nodes[IC_MLSPUB_DEPTH_MAX], copath[IC_MLSPUB_DEPTH_MAX];
    size_t n, count;
    ic_mlspub_diff_filtered_path(s->staged, leaf, nodes, copath, &n);
    struct ic_mlspub_path_node *out = ic_arena_alloc(a, n, sizeof *out);
    for (size_t i = 0; i < n; i++) {
        const uint32_t *resolution;
        IC_TRY(ic_mlspub_diff_resolution(s->staged, copath[i], true, a, &resolution, &count));
        struct ic_mlspub_ciphertext *secrets = ic_arena_alloc(a, count + 1, sizeof *secrets);
        uint8_t *key = ic_arena_alloc(a, 1, s->suite->kem_public_len);
        if (!secrets || !key)
            return IC_ERR_NOMEM;
        IC_TRY(new_public(s, key));
        for (size_t j = 0; j <= count; j++)
            secrets[j] = false_one;
        keys[i] = ic_view(key, s->suite->kem_public_len);
        out[i] = (struct ic_mlspub_path_node){keys[i], secrets, count};
    }
    path->nodes = out;
    path->node_count = n;
    return IC_OK;
}

/* Fills the commit's path and brings s->staged to the state after it. */
static ic_err make_path(struct sim *s, uint32_t leaf, const struct ic_sign_key *key,
                        const struct sim_commit *c, struct ic_arena *a,
                        struct ic_mlspub_commit *commit)
{
    struct ic_view keys[IC_MLSPUB_DEPTH_MAX], encoded;
    uint8_t parent_hash[IC_HASH_MAX];
    size_t len;
    IC_TRY(fill_path(s, leaf, a, &commit->path, keys));
    IC_TRY(
        ic_mlspub_diff_set_path(s->staged, leaf, keys, commit->path.node_count, parent_hash, &len));
    if (c->bad_parent_hash)
        parent_hash[0] ^= 1;
    IC_BUF_SCOPE(bytes, 1 << 16);
    struct ic_view former =
        c->keep_leaf_key ? ic_mlspub_tree_key(s->tree, 2 * leaf) : ic_view(NULL, 0);
    IC_TRY(sign_leaf(s, leaf, key, IC_MLS_LEAF_COMMIT, ic_view(parent_hash, len), former, &bytes));
    IC_TRY(ic_arena_copy(a, ic_buf_view(&bytes), &encoded));
    IC_TRY(ic_mlspub_leaf_node_decode(encoded, a, &commit->path.leaf));
    IC_TRY(ic_mlspub_diff_set_leaf(s->staged, leaf, &commit->path.leaf));
    commit->has_path = true;
    commit->path.node_count -= c->short_path;
    if (c->extra_secret)
        ((struct ic_mlspub_path_node *)(uintptr_t)commit->path.nodes)[0].secret_count++;
    return IC_OK;
}

/* Applies what it can to s->staged: a commit that breaks a rule is made all the same. */
static void apply(struct sim *s, const struct ic_mlspub_proposal_or_ref *p, uint32_t committer)
{
    uint32_t leaf;
    const struct ic_mlspub_proposal *x = &p->proposal;
    struct ic_mlspub_sender sender = {IC_MLS_SENDER_MEMBER, committer};
    for (size_t i = 0; p->is_ref && i < ic_mlspub_observer_pending_count(s->observer); i++) {
        const struct ic_mlspub_change_item *item = ic_mlspub_observer_pending(s->observer, i);
        if (ic_view_equal(item->ref, p->ref)) {
            x = item->proposal;
            sender = item->sender;
        }
    }
    if (x->type == IC_MLS_ADD)
        IC_IGNORE(ic_mlspub_diff_add(s->staged, &x->add.leaf, &leaf));
    else if (x->type == IC_MLS_SELF_REMOVE && sender.index != committer)
        IC_IGNORE(ic_mlspub_diff_remove(s->staged, sender.index));
    else if (x->type == IC_MLS_REMOVE && x->remove != committer)
        IC_IGNORE(ic_mlspub_diff_remove(s->staged, x->remove));
    else if (x->type == IC_MLS_UPDATE && sender.index != committer)
        IC_IGNORE(ic_mlspub_diff_update(s->staged, sender.index, &x->update));
}

static ic_err fresh_diff(struct sim *s, const struct ic_mlspub_proposal_or_ref *p, size_t count,
                         uint32_t committer)
{
    ic_mlspub_diff_free(s->staged);
    s->staged = NULL;
    IC_TRY(ic_mlspub_diff_new(s->tree, &s->staged));
    for (size_t pass = 0; pass < 2; pass++) /* Adds after all else */
        for (size_t i = 0; i < count; i++)
            if ((p[i].proposal.type == IC_MLS_ADD && !p[i].is_ref) == (pass == 1))
                apply(s, &p[i], committer);
    return IC_OK;
}

ic_err sim_commit(struct sim *s, uint32_t committer, const struct sim_commit *c)
{
    IC_ARENA_SCOPE(arena, 1 << 22);
    IC_TRY(fresh_diff(s, c->proposals, c->count, committer));
    struct ic_mlspub_content content = {
        .sender = {IC_MLS_SENDER_MEMBER, c->as == IC_MLSPUB_NO_LEAF ? committer : c->as},
        .type = IC_MLS_COMMIT,
        .commit = {.proposals = c->proposals, .proposal_count = c->count},
    };
    struct ic_sign_key *key = sim_key_of(s, committer);
    if (c->path)
        IC_TRY(make_path(s, committer, key, c, &arena, &content.commit));
    IC_TRY(ic_mlspub_diff_seal(s->staged));
    return send(s, &content, key);
}

ic_err sim_external_commit(struct sim *s, uint32_t client,
                           const struct ic_mlspub_proposal_or_ref *p, size_t count)
{
    static const struct sim_commit straight;
    IC_ARENA_SCOPE(arena, 1 << 22);
    IC_TRY(fresh_diff(s, p, count, IC_MLSPUB_NO_LEAF));
    struct ic_mlspub_proposal add;
    uint32_t leaf;
    IC_TRY(sim_proposal_add(s, client, &add));
    IC_TRY(ic_mlspub_diff_add_external(s->staged, &add.add.leaf, &leaf));
    struct ic_mlspub_content content = {
        .sender = {IC_MLS_SENDER_NEW_MEMBER_COMMIT, 0},
        .type = IC_MLS_COMMIT,
        .commit = {.proposals = p, .proposal_count = count},
    };
    struct ic_sign_key *key = s->clients[client].key;
    IC_TRY(make_path(s, leaf, key, &straight, &arena, &content.commit));
    IC_TRY(ic_mlspub_diff_seal(s->staged));
    return send(s, &content, key);
}

ic_err sim_deliver(struct sim *s)
{
    struct ic_mlspub_change *c;
    IC_TRY(ic_mlspub_observer_stage(s->observer, ic_buf_view(&s->message), SIM_NOW, &c));
    bool commit = ic_mlspub_change_is_commit(c);
    ic_mlspub_observer_merge(s->observer, c);
    if (!commit)
        return IC_OK;
    ic_mlspub_diff_merge(s->tree, s->staged);
    s->staged = NULL;
    struct ic_view want = ic_mlspub_tree_hash(s->tree);
    return ic_view_equal(ic_mlspub_observer_context(s->observer)->tree_hash, want) ? IC_OK
                                                                                   : IC_ERR_STATE;
}

ic_err sim_grow(struct sim *s, uint32_t count)
{
    IC_ARENA_SCOPE(arena, 1 << 22);
    struct ic_mlspub_proposal_or_ref *list = ic_arena_alloc(&arena, count, sizeof *list);
    if (!list)
        return IC_ERR_NOMEM;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t client;
        IC_TRY(sim_client(s, NULL, &client));
        IC_TRY(sim_proposal_add(s, client, &list[i].proposal));
    }
    struct sim_commit c = {
        .proposals = list, .count = count, .path = true, .as = IC_MLSPUB_NO_LEAF};
    IC_TRY(sim_commit(s, 0, &c));
    return sim_deliver(s);
}

void sim_check_refused(struct sim *s, ic_err want, const char *section)
{
    IC_BUF_SCOPE(before, 1 << 20);
    IC_BUF_SCOPE(after, 1 << 20);
    CHECK_OK(ic_mlspub_observer_tree(s->observer, &before));
    CHECK_ERR(sim_deliver(s), want);
    char text[64];
    snprintf(text, sizeof text, "RFC 9420 section %s:", section);
    if (strncmp(ic_mlspub_observer_rule(s->observer), text, strlen(text)) != 0)
        ic_test_fail(__FILE__, __LINE__, "section %s, not '%s'", section,
                     ic_mlspub_observer_rule(s->observer));
    CHECK_OK(ic_mlspub_observer_tree(s->observer, &after));
    CHECK_BYTES(ic_buf_view(&before), ic_buf_view(&after));
}
