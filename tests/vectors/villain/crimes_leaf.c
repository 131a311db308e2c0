/* Leaves and key packages that break a rule: RFC 9420 sections 7.2, 7.3, 7.6, 7.9, 10, 11.1. */
#include "villain.h"

#include <ic/crypto/hpke.h>
#include <ic/mlspub/codec.h>
#include <string.h>

/* ---- key packages, added by value ---- */

static ic_err add(struct scene *s, const struct package_bend *b)
{
    struct ic_view package;
    IC_TRY(villain_package(s, GUEST, b, &package, NULL));
    const struct ic_mls_commit_params p = {.adds = &package, .add_count = 1};
    return villain_commit(s, &p);
}

static void other_suite(struct scene *s, struct ic_mlspub_key_package *k)
{
    k->suite = s->w.suite->id == 3 ? 1 : 3;
}

static void other_version(struct scene *s, struct ic_mlspub_key_package *k)
{
    (void)s;
    k->version = 2;
}

static void init_key_short(struct scene *s, struct ic_mlspub_key_package *k)
{
    (void)s;
    k->init_key.len--;
}

static void leaf_key_short(struct scene *s, struct ic_mlspub_key_package *k)
{
    (void)s;
    k->leaf.encryption_key.len--;
}

static void same_keys(struct scene *s, struct ic_mlspub_key_package *k)
{
    (void)s;
    k->init_key = k->leaf.encryption_key;
}

static void source_update(struct scene *s, struct ic_mlspub_key_package *k)
{
    (void)s;
    k->leaf.source = IC_MLS_LEAF_UPDATE;
}

static void expired(struct scene *s, struct ic_mlspub_key_package *k)
{
    k->leaf.lifetime = (struct ic_mlspub_lifetime){s->w.now_s - 864000, s->w.now_s - 432000};
}

static void early(struct scene *s, struct ic_mlspub_key_package *k)
{
    k->leaf.lifetime = (struct ic_mlspub_lifetime){s->w.now_s + 432000, s->w.now_s + 864000};
}

static void lasting(struct scene *s, struct ic_mlspub_key_package *k)
{
    k->leaf.lifetime =
        (struct ic_mlspub_lifetime){s->w.now_s - 3600, s->w.now_s + 100ull * 365 * 86400};
}

static void unlisted_extension(struct scene *s, struct ic_mlspub_key_package *k)
{
    (void)s;
    k->leaf.extensions = IC_VIEW_STR("\xf1\x24\0");
}

static void no_credentials(struct scene *s, struct ic_mlspub_key_package *k)
{
    (void)s;
    static const uint8_t other[] = {OWN_CREDENTIAL >> 8, OWN_CREDENTIAL & 0xff};
    k->leaf.capabilities.credentials = IC_VIEW_ARRAY(other);
}

static void own_credential(struct scene *s, struct ic_mlspub_key_package *k)
{
    (void)s;
    static const uint8_t both[] = {0, IC_MLS_BASIC, OWN_CREDENTIAL >> 8, OWN_CREDENTIAL & 0xff};
    k->leaf.credential.type = OWN_CREDENTIAL;
    k->leaf.capabilities.credentials = IC_VIEW_ARRAY(both);
}

static void no_version(struct scene *s, struct ic_mlspub_key_package *k)
{
    (void)s;
    k->leaf.capabilities.versions = IC_VIEW_STR("\0\2");
}

static void no_suite(struct scene *s, struct ic_mlspub_key_package *k)
{
    (void)s;
    k->leaf.capabilities.suites = IC_VIEW_STR("\xf0\0");
}

static void no_extensions(struct scene *s, struct ic_mlspub_key_package *k)
{
    (void)s;
    k->leaf.capabilities.extensions = ic_view(NULL, 0);
}

/* As a proposal: nobody can encrypt to such keys. */
static ic_err propose(struct scene *s, const struct package_bend *b)
{
    struct ic_view package, body;
    struct ic_mlspub_proposal p = {.type = IC_MLS_ADD};
    IC_TRY(villain_package(s, GUEST, b, &package, NULL));
    IC_TRY(ic_mlspub_key_package_decode(ic_view_sub(package, 4, package.len - 4), NULL, &p.add));
    IC_TRY(villain_body(s, &p, &body));
    const struct frame f = {.type = IC_MLS_PROPOSAL,
                            .sender = {IC_MLS_SENDER_MEMBER, 0},
                            .key = s->w.people[VILLAIN].signer,
                            .body = body};
    return villain_frame(s, &f);
}

#define PROPOSE_CRIME(name)                                                                        \
    static ic_err propose_##name(struct scene *s)                                                  \
    {                                                                                              \
        return propose(s, &(struct package_bend){.fields = name});                                 \
    }

PROPOSE_CRIME(other_version)
PROPOSE_CRIME(init_key_short)
PROPOSE_CRIME(leaf_key_short)

#define ADD_CRIME(name)                                                                            \
    static ic_err add_##name(struct scene *s)                                                      \
    {                                                                                              \
        return add(s, &(struct package_bend){.fields = name});                                     \
    }

ADD_CRIME(other_suite)
ADD_CRIME(same_keys)
ADD_CRIME(source_update)
ADD_CRIME(expired)
ADD_CRIME(early)
ADD_CRIME(lasting)
ADD_CRIME(unlisted_extension)
ADD_CRIME(no_credentials)
ADD_CRIME(own_credential)
ADD_CRIME(no_version)
ADD_CRIME(no_suite)
ADD_CRIME(no_extensions)

static ic_err add_bad_leaf(struct scene *s)
{
    return add(s, &(struct package_bend){.break_leaf = true});
}

static ic_err add_bad_package(struct scene *s)
{
    return add(s, &(struct package_bend){.break_package = true});
}

/* A key of another algorithm, which signs as it should. */
static ic_err propose_other_algorithm(struct scene *s)
{
    enum ic_sig_id id = s->w.suite->sig == IC_ED25519 ? IC_ECDSA_P256_SHA256 : IC_ED25519;
    struct ic_sign_key *key;
    IC_TRY(ic_sign_key_generate(id, &s->w.config.rand, &key));
    ic_err e = propose(s, &(struct package_bend){.signer = key});
    ic_sign_key_free(key);
    return e;
}

/* ---- the leaf of a path ---- */

static ic_err path(struct scene *s)
{
    const struct ic_mls_commit_params p = {.force_path = true,
                                           .identity = &s->w.people[VILLAIN].id};
    return villain_commit(s, &p);
}

static void leaf_of_update(struct scene *s, struct ic_mls_leaf_spec *spec)
{
    (void)s;
    spec->source = IC_MLS_LEAF_UPDATE;
}

static void leaf_with_old_key(struct scene *s, struct ic_mls_leaf_spec *spec)
{
    spec->encryption_key = ic_mlspub_tree_key(s->w.people[VILLAIN].g->tree, 0);
}

static void leaf_with_other_parent(struct scene *s, struct ic_mls_leaf_spec *spec)
{
    uint8_t *hash = ic_arena_alloc(&s->arena, 1, spec->parent_hash.len);
    memcpy(hash, spec->parent_hash.p, spec->parent_hash.len);
    hash[0] ^= 1;
    spec->parent_hash.p = hash;
}

static void leaf_without_required(struct scene *s, struct ic_mls_leaf_spec *spec)
{
    struct ic_mls_identity *id = ic_arena_alloc(&s->arena, 1, sizeof *id);
    *id = *spec->identity;
    id->extension_types = ic_view(NULL, 0);
    spec->identity = id;
}

static void last_byte(struct ic_buf *leaf)
{
    leaf->p[leaf->len - 1] ^= 1;
}

static ic_err path_of_update(struct scene *s)
{
    lawless.leaf = leaf_of_update;
    return path(s);
}

static ic_err path_with_old_key(struct scene *s)
{
    lawless.leaf = leaf_with_old_key;
    return path(s);
}

static ic_err path_with_other_parent(struct scene *s)
{
    lawless.leaf = leaf_with_other_parent;
    return path(s);
}

static ic_err path_without_required(struct scene *s)
{
    lawless.leaf = leaf_without_required;
    return path(s);
}

static ic_err path_with_bad_leaf(struct scene *s)
{
    lawless.leaf_bytes = last_byte;
    return path(s);
}

static ic_err path_spent(struct scene *s)
{
    lawless.spent_path = true;
    return path(s);
}

static ic_err path_short(struct scene *s)
{
    lawless.short_path = true;
    return path(s);
}

static ic_err path_extra_secret(struct scene *s)
{
    lawless.extra_secret = true;
    return path(s);
}

/* ---- Updates ---- */

static ic_err update(struct scene *s, uint8_t source, bool old_key)
{
    struct ic_view leaf, body;
    struct ic_kem_pair pair;
    const struct ic_mls_group *g = s->w.people[VILLAIN].g;
    IC_BUF_SCOPE(bytes, 65536);
    IC_TRY(ic_kem_generate_pair(s->w.suite->kem, &s->w.config.rand, &pair));
    const struct ic_mls_leaf_spec spec = {.identity = &s->w.people[VILLAIN].id,
                                          .signer = g->now.signer,
                                          .encryption_key =
                                              old_key ? ic_mlspub_tree_key(g->tree, 0)
                                                      : ic_view(pair.public_key, pair.public_len),
                                          .source = source,
                                          .group_id = g->now.context.group_id,
                                          .leaf = 0};
    IC_TRY(ic_mls_leaf_build(&spec, &bytes));
    IC_TRY(ic_arena_copy(&s->arena, ic_buf_view(&bytes), &leaf));
    struct ic_mlspub_proposal p = {.type = IC_MLS_UPDATE};
    IC_TRY(ic_mlspub_leaf_node_decode(leaf, NULL, &p.update));
    IC_TRY(villain_body(s, &p, &body));
    const struct frame f = {.type = IC_MLS_PROPOSAL,
                            .sender = {IC_MLS_SENDER_MEMBER, 0},
                            .key = g->now.signer,
                            .body = body};
    return villain_frame(s, &f);
}

static ic_err update_from_commit(struct scene *s)
{
    return update(s, IC_MLS_LEAF_COMMIT, false);
}

static ic_err update_with_old_key(struct scene *s)
{
    return update(s, IC_MLS_LEAF_UPDATE, true);
}

const struct crime crimes_leaf[] = {
    {"RFC9420-10.1-r1", "a key package of another suite", add_other_suite, false},
    {"RFC9420-10.1-r1", "a key package of another version", propose_other_version, false},
    {"RFC9420-10-1", "an init key that is none of the suite", propose_init_key_short, false},
    {"RFC9420-10-3", "an encryption key that is none of the suite", propose_leaf_key_short, false},
    {"RFC9420-5.1.2-1", "a signature key of another algorithm", propose_other_algorithm, false},
    {"RFC9420-10.1-r2", "one key as init key and encryption key", add_same_keys, false},
    {"RFC9420-10-4", "a key package whose signature is wrong", add_bad_package, false},
    {"RFC9420-7.3-r1", "a key package whose leaf's signature is wrong", add_bad_leaf, false},
    {"RFC9420-10-6", "a key package whose leaf is an Update's", add_source_update, false},
    {"RFC9420-7.3-2", "a lifetime that is over", add_expired, false},
    {"RFC9420-7.3-2", "a lifetime that has not begun", add_early, false},
    {"RFC9420-7.2-6", "a lifetime of a century", add_lasting, false},
    {"RFC9420-7.2-3", "a leaf extension that is not in the capabilities", add_unlisted_extension,
     false},
    {"RFC9420-7.2-4", "a credential that is not in the capabilities", add_no_credentials, false},
    {"RFC9420-7.3-r2", "a credential that the others do not support", add_own_credential, false},
    {"RFC9420-11.1-r1", "a leaf that does not support the version", add_no_version, false},
    {"RFC9420-11-1", "a leaf that does not support the suite", add_no_suite, false},
    {"RFC9420-7.3-1", "a leaf without a required extension", add_no_extensions, false},
    {"RFC9420-12.4.2-1", "a path whose leaf is an Update's", path_of_update, false},
    {"RFC9420-7.5-1", "a path whose leaf keeps its encryption key", path_with_old_key, false},
    {"RFC9420-7.9.2-2", "a path whose leaf has another parent hash", path_with_other_parent, false},
    {"RFC9420-13.4-7", "a path whose leaf lacks a required extension", path_without_required,
     false},
    {"RFC9420-7.3-r1", "a path whose leaf's signature is wrong", path_with_bad_leaf, false},
    {"RFC9420-12.4.2-r3", "a path whose keys are in the tree", path_spent, false},
    {"RFC9420-7.6-2", "a path without its last node", path_short, false},
    {"RFC9420-7.6-2", "a path with a ciphertext too many", path_extra_secret, false},
    {"RFC9420-7.3-r3", "an Update whose leaf is a commit's", update_from_commit, false},
    {"RFC9420-7.3-r4", "an Update that keeps its encryption key", update_with_old_key, false},
    {0},
};
