/* Welcomes that bring a false group: RFC 9420 sections 7.3, 7.9.2, 12.4.3, 12.4.3.1, 12.4.3.3. The villain makes
 * up an epoch with a joiner secret of its own: nothing ties a Welcome to what a group did. */
#include "../../../lib/mls/src/public/tree_internal.h"
#include "villain.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>
#include <string.h>

enum { NODES_MAX = 64 };

/* A tree as it goes into the Welcome; leaves are encoded LeafNodes, empty for blank. */
struct node {
    struct ic_view leaf, key, hash, unmerged;
};

struct false_group {
    struct node nodes[NODES_MAX];
    size_t count;
    struct ic_view extensions;
    bool other_tree_hash, other_tag, other_suite, with_path_secret, to_stranger;
    uint32_t signer;
    size_t signed_by;
    const struct ic_mlspub_psk_id *psks[2];
    size_t psk_count;
};

/* The group as it is. */
static void true_group(struct scene *s, struct false_group *f)
{
    const struct ic_mlspub_tree *t = s->w.people[VILLAIN].g->tree;
    *f = (struct false_group){.extensions = ic_buf_view(&s->extensions), .signed_by = VILLAIN};
    f->count = ic_mlspub_node_count(t->size);
    for (uint32_t i = 0; i < f->count; i++) {
        if (ic_mlspub_node_is_leaf(i)) {
            f->nodes[i].leaf = ic_mlspub_tree_leaf_bytes(t, i / 2);
        } else if (t->parents[i / 2]) {
            f->nodes[i].key = parent_rec_key(t->parents[i / 2]);
            f->nodes[i].hash = parent_rec_hash(t->parents[i / 2]);
            f->nodes[i].unmerged = parent_rec_unmerged(t->parents[i / 2]);
        }
    }
    while (f->count > 0 && !f->nodes[f->count - 1].leaf.len && !f->nodes[f->count - 1].key.len)
        f->count--;
}

/* Three leaves and no parent: villain, victim, and a guest as bent. */
static ic_err flat_group(struct scene *s, const struct package_bend *guest, struct false_group *f)
{
    const struct ic_mlspub_tree *t = s->w.people[VILLAIN].g->tree;
    *f = (struct false_group){
        .count = 5, .extensions = ic_buf_view(&s->extensions), .signed_by = VILLAIN};
    IC_TRY(villain_package(s, VILLAIN, &(struct package_bend){0}, NULL, &f->nodes[0].leaf));
    f->nodes[2].leaf = ic_mlspub_tree_leaf_bytes(t, VICTIM_LEAF);
    return villain_package(s, GUEST, guest, NULL, &f->nodes[4].leaf);
}

static void write_node(struct ic_writer *w, const struct node *n)
{
    ic_write_u8(w, n->leaf.len > 0 || n->key.len > 0);
    if (n->leaf.len > 0) {
        ic_write_u8(w, 1);
        ic_write_bytes(w, n->leaf);
    } else if (n->key.len > 0) {
        ic_write_u8(w, 2);
        ic_write_vec(w, n->key);
        ic_write_vec(w, n->hash);
        ic_write_vec(w, n->unmerged);
    }
}

static ic_err write_tree(const struct false_group *f, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    size_t mark = ic_write_open(&w);
    for (size_t i = 0; i < f->count; i++)
        write_node(&w, &f->nodes[i]);
    ic_write_close(&w, mark);
    return ic_writer_end(&w);
}

/* The hash of the tree as bytes say, whatever is wrong with it; all zero where it is no tree. */
static void hash_tree(const struct scene *s, struct ic_view bytes, uint8_t *hash)
{
    struct ic_mlspub_tree *t = NULL;
    memset(hash, 0, IC_HASH_MAX);
    if (ic_mlspub_tree_decode(s->w.suite, bytes, 0, NULL, &t) != IC_OK)
        return;
    memcpy(hash, ic_mlspub_tree_hash(t).p, s->w.suite->hash_len);
    ic_mlspub_tree_free(t);
}

static ic_err open_epoch(struct scene *s, const struct false_group *f, struct ic_view tree_hash,
                         const struct ic_secret *member, struct ic_mls_moment *m)
{
    const struct ic_mls_group *g = s->w.people[VILLAIN].g;
    struct ic_mlspub_group_context c = g->now.context;
    c.tree_hash = tree_hash;
    c.extensions = f->extensions;
    if (f->other_suite)
        c.suite = c.suite == 3 ? 1 : 3;
    IC_TRY(ic_mls_moment_set_context(m, &c));
    IC_TRY(ic_mls_moment_open(m, g->suite, member, 8, &g->config.limits));
    m->tag[0] ^= f->other_tag;
    m->signer = s->w.people[f->signed_by].signer;
    return IC_OK;
}

static ic_err secrets_of(struct scene *s, const struct false_group *f, struct ic_secret *joiner,
                         struct ic_secret *member)
{
    struct ic_secret psk;
    joiner->len = s->w.suite->hash_len;
    IC_TRY(ic_rand_fill(&s->w.config.rand, joiner->b, joiner->len));
    lawless.on = true;
    ic_err e = ic_mls_psk_secret(s->w.people[VILLAIN].g, f->psks, f->psk_count, &psk);
    lawless.on = false;
    IC_TRY(e);
    ic_mls_member_secret(s->w.suite, joiner, &psk, member);
    return IC_OK;
}

static ic_err welcome(struct scene *s, const struct false_group *f, const struct ic_mls_moment *m,
                      struct ic_view tree, const struct ic_secret *joiner,
                      const struct ic_secret *member)
{
    const struct ic_mls_group *g = s->w.people[VILLAIN].g;
    struct ic_mlspub_proposal add = {.type = IC_MLS_ADD, .add = s->victim};
    if (f->to_stranger) {
        struct ic_view package;
        IC_TRY(villain_package(s, STRANGER, &(struct package_bend){0}, &package, NULL));
        IC_TRY(
            ic_mlspub_key_package_decode(ic_view_sub(package, 4, package.len - 4), NULL, &add.add));
    }
    struct ic_mlspub_change_item item = {.proposal = &add, .leaf = VICTIM_LEAF};
    const struct ic_mlspub_proposals list = {&item, 1, {IC_MLS_SENDER_MEMBER, 0}};
    const struct ic_mlspub_outcome outcome = {
        .added_count = 1, .psks = f->psks, .psk_count = f->psk_count};
    struct ic_mls_new_path other_path = s->spent;
    for (size_t i = 0; i < other_path.count; i++)
        other_path.secrets[i].b[0] ^= 1;
    const struct ic_mls_group_info_spec info = {
        .suite = g->suite, .moment = m, .signer = f->signer, .tree = tree};
    const struct ic_mls_welcome_spec spec = {.suite = g->suite,
                                             .info = &info,
                                             .joiner = joiner,
                                             .member = member,
                                             .path = f->with_path_secret ? &other_path : NULL,
                                             .outcome = &outcome,
                                             .proposals = &list,
                                             .rand = &s->w.config.rand};
    struct ic_mls_staged *staged = ic_mls_staged_new(g);
    ic_err e = ic_mls_welcome_build(&spec, staged);
    lawless = (struct lawless){.s = s};
    if (e == IC_OK)
        e = ic_buf_append(&s->message, ic_buf_view(&staged->welcome));
    ic_mls_discard(staged);
    return e;
}

static ic_err invite(struct scene *s, const struct false_group *f)
{
    uint8_t hash[IC_HASH_MAX];
    struct ic_secret joiner, member;
    struct ic_mls_moment m = {0};
    IC_BUF_SCOPE(tree, 65536);
    IC_TRY(write_tree(f, &tree));
    lawless.on = true;
    hash_tree(s, ic_buf_view(&tree), hash);
    lawless.on = false;
    hash[0] ^= f->other_tree_hash;
    IC_TRY(secrets_of(s, f, &joiner, &member));
    ic_err e = open_epoch(s, f, ic_view(hash, s->w.suite->hash_len), &member, &m);
    if (e == IC_OK)
        e = welcome(s, f, &m, ic_buf_view(&tree), &joiner, &member);
    ic_mls_moment_clear(&m);
    return e;
}

/* ---- the GroupInfo and the secrets ---- */

static ic_err to_stranger(struct scene *s)
{
    struct false_group f;
    true_group(s, &f);
    f.to_stranger = true;
    return invite(s, &f);
}

static ic_err blank_signer(struct scene *s)
{
    struct false_group f;
    true_group(s, &f);
    f.signer = 6;
    return invite(s, &f);
}

static ic_err wrong_signer(struct scene *s)
{
    struct false_group f;
    true_group(s, &f);
    f.signed_by = OTHER;
    return invite(s, &f);
}

static ic_err other_suite(struct scene *s)
{
    struct false_group f;
    true_group(s, &f);
    f.other_suite = true;
    return invite(s, &f);
}

static ic_err other_tree_hash(struct scene *s)
{
    struct false_group f;
    true_group(s, &f);
    f.other_tree_hash = true;
    return invite(s, &f);
}

static ic_err other_tag(struct scene *s)
{
    struct false_group f;
    true_group(s, &f);
    f.other_tag = true;
    return invite(s, &f);
}

static ic_err other_path_secret(struct scene *s)
{
    struct false_group f;
    true_group(s, &f);
    f.with_path_secret = true;
    return invite(s, &f);
}

/* RFC9420-13.4-8 RFC9420-13.4-9 */
static ic_err extension_of_none(struct scene *s)
{
    struct false_group f;
    IC_BUF_SCOPE(list, 4096);
    struct ic_writer w = ic_writer(&list);
    ic_mlspub_extension_write(&w, 0xf999, IC_VIEW_STR("x"));
    IC_TRY(ic_writer_end(&w));
    true_group(s, &f);
    f.extensions = ic_buf_view(&list);
    return invite(s, &f);
}

static const uint8_t nonce[64] = {5};

static ic_err unknown_psk(struct scene *s)
{
    struct false_group f;
    const struct ic_mlspub_psk_id id = {.type = IC_MLS_PSK_EXTERNAL,
                                        .external_id = IC_VIEW_STR("unheard of"),
                                        .nonce = ic_view(nonce, s->w.suite->hash_len)};
    true_group(s, &f);
    f.psks[f.psk_count++] = &id;
    return invite(s, &f);
}

static ic_err two_branches(struct scene *s)
{
    struct false_group f;
    struct ic_mlspub_psk_id id[2];
    true_group(s, &f);
    for (uint8_t i = 0; i < 2; i++) {
        id[i] = (struct ic_mlspub_psk_id){.type = IC_MLS_PSK_RESUMPTION,
                                          .usage = IC_MLS_PSK_BRANCH,
                                          .group_id = IC_VIEW_STR("another group"),
                                          .epoch = i,
                                          .nonce = ic_view(nonce, s->w.suite->hash_len)};
        f.psks[f.psk_count++] = &id[i];
    }
    return invite(s, &f);
}

/* ---- the tree ---- */

static ic_err trailing_blank(struct scene *s)
{
    struct false_group f;
    true_group(s, &f);
    f.count += 2;
    return invite(s, &f);
}

static ic_err parent_at_the_end(struct scene *s)
{
    struct false_group f;
    struct ic_kem_pair pair;
    IC_TRY(ic_kem_generate_pair(s->w.suite->kem, &s->w.config.rand, &pair));
    true_group(s, &f);
    f.nodes[f.count++] = (struct node){.key = ic_view(pair.public_key, pair.public_len)};
    return invite(s, &f);
}

/* The lowest parent node that is not blank. */
static struct node *some_parent(struct false_group *f)
{
    for (size_t i = 1; i < f->count; i += 2)
        if (f->nodes[i].key.len > 0)
            return &f->nodes[i];
    return &f->nodes[1];
}

static ic_err other_parent_key(struct scene *s)
{
    struct false_group f;
    struct ic_kem_pair pair;
    IC_TRY(ic_kem_generate_pair(s->w.suite->kem, &s->w.config.rand, &pair));
    true_group(s, &f);
    some_parent(&f)->key = ic_view(pair.public_key, pair.public_len);
    return invite(s, &f);
}

static ic_err parent_key_of_leaf(struct scene *s)
{
    struct false_group f;
    true_group(s, &f);
    some_parent(&f)->key = ic_mlspub_tree_key(s->w.people[VILLAIN].g->tree, 4);
    return invite(s, &f);
}

static ic_err with_unmerged(struct scene *s, uint32_t node, struct ic_view list)
{
    struct false_group f;
    true_group(s, &f);
    f.nodes[node].unmerged = list;
    return invite(s, &f);
}

static ic_err unmerged_unsorted(struct scene *s)
{
    return with_unmerged(s, 1, IC_VIEW_STR("\0\0\0\1\0\0\0\0"));
}

static ic_err unmerged_blank(struct scene *s)
{
    return with_unmerged(s, ic_mlspub_node_root(8), IC_VIEW_STR("\0\0\0\7"));
}

static ic_err without_victim(struct scene *s)
{
    struct false_group f;
    IC_TRY(flat_group(s, &(struct package_bend){0}, &f));
    return villain_package(s, STRANGER, &(struct package_bend){0}, NULL, &f.nodes[2].leaf) == IC_OK
               ? invite(s, &f)
               : IC_ERR_STATE;
}

static ic_err with_guest(struct scene *s, const struct package_bend *b)
{
    struct false_group f;
    IC_TRY(flat_group(s, b, &f));
    return invite(s, &f);
}

static ic_err guest_bad_signature(struct scene *s)
{
    return with_guest(s, &(struct package_bend){.break_leaf = true});
}

static ic_err guest_same_signer(struct scene *s)
{
    return with_guest(s, &(struct package_bend){.signer = s->w.people[VILLAIN].signer});
}

static void victims_key(struct scene *s, struct ic_mlspub_key_package *k)
{
    k->leaf.encryption_key = s->victim.leaf.encryption_key;
}

static ic_err guest_same_key(struct scene *s)
{
    return with_guest(s, &(struct package_bend){.fields = victims_key});
}

static void no_extensions(struct scene *s, struct ic_mlspub_key_package *k)
{
    (void)s;
    k->leaf.capabilities.extensions = ic_view(NULL, 0);
}

static ic_err guest_without_required(struct scene *s)
{
    return with_guest(s, &(struct package_bend){.fields = no_extensions});
}

static void no_credentials(struct scene *s, struct ic_mlspub_key_package *k)
{
    (void)s;
    k->leaf.capabilities.credentials = ic_view(NULL, 0);
}

static ic_err guest_without_credential(struct scene *s)
{
    return with_guest(s, &(struct package_bend){.fields = no_credentials});
}

const struct crime crimes_welcome[] = {
    {"RFC9420-12.4.3.1-r1", "a Welcome to somebody else", to_stranger, true},
    {"RFC9420-12.4.3.1-r3", "a GroupInfo of a blank leaf", blank_signer, true},
    {"RFC9420-12.4.3-4", "a GroupInfo signed by another member", wrong_signer, true},
    {"RFC9420-12.4.3.1-r4", "a GroupInfo of another suite", other_suite, true},
    {"RFC9420-12.4.3.3-4", "another tree hash", other_tree_hash, true},
    {"RFC9420-12.4.3.1-r8", "a wrong confirmation tag", other_tag, true},
    {"RFC9420-12.4.3.1-2", "a path secret of other keys", other_path_secret, true},
    {"RFC9420-12.4.3-2", "a group extension that nobody supports", extension_of_none, true},
    {"RFC9420-12.4.3.1-r2", "a PSK that the joiner does not know", unknown_psk, true},
    {"RFC9420-12.4.3.1-r2", "two PSKs with usage branch", two_branches, true},
    {"RFC9420-12.4.3.3-2", "a tree whose last node is blank", trailing_blank, true},
    {"RFC9420-12.4.3.3-3", "a tree whose last node is a parent", parent_at_the_end, true},
    {"RFC9420-7.9.2-1", "a parent node that its child's hash does not cover", other_parent_key,
     true},
    {"RFC9420-12.4.3.1-r6", "a parent node with a leaf's key", parent_key_of_leaf, true},
    {"RFC9420-7.1-1", "unmerged leaves out of order", unmerged_unsorted, true},
    {"RFC9420-12.4.3.1-r5", "an unmerged leaf that is blank", unmerged_blank, true},
    {"RFC9420-12.4.3.1-r7", "a tree without the joiner's leaf", without_victim, true},
    {"RFC9420-7.3-r1", "a leaf whose signature is wrong", guest_bad_signature, true},
    {"RFC9420-7.3-r5", "one signature key in two leaves", guest_same_signer, true},
    {"RFC9420-7.3-r6", "one encryption key in two leaves", guest_same_key, true},
    {"RFC9420-7.3-1", "a leaf without a required extension", guest_without_required, true},
    {"RFC9420-7.2-4", "a leaf without its credential type", guest_without_credential, true},
    {0},
};
