/* A group read back from its records: their order, the group itself, its tree, and the last checks. */
#include "saved.h"

#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>
#include <string.h>

enum { TREE_MAX = 0x3fffffff };

enum { SINCE_JOINED_EXTENSIONS = 2 }; /* minor versions that brought a field */

ic_err ic_mls_loading_refuse(struct ic_mls_loading *l, ic_err e, const char *rule)
{
    return ic_mlspub_fault_set(&l->fault, e, rule, IC_MLSPUB_NO_LEAF);
}

ic_err ic_mls_loading_fields_end(const struct ic_mls_loading *l, const struct ic_reader *r)
{
    return l->stamp.minor > IC_MLS_STATE_MINOR ? r->err : ic_reader_end(r);
}

const struct ic_sign_key *ic_mls_loading_signer(const struct ic_mls_loading *l,
                                                struct ic_view public_key)
{
    for (size_t i = 0; i < l->signer_count; i++)
        if (ic_sign_key_id(l->signers[i]) == l->g->suite->sig &&
            ic_view_equal(ic_sign_key_public(l->signers[i]), public_key))
            return l->signers[i];
    return NULL;
}

void ic_mls_loading_clear(struct ic_mls_loading *l)
{
    ic_mls_group_free(l->g);
    l->g = NULL;
    ic_mls_changes_free(l->changes);
    l->changes = NULL;
    ic_buf_clear(&l->tree);
}

ic_err ic_mls_stamp_read(struct ic_view content, struct ic_mls_stamp *out)
{
    struct ic_reader r = ic_reader(content);
    struct ic_mls_stamp s;
    s.major = ic_read_u16(&r);
    if (r.err == IC_OK && s.major != IC_MLS_STATE_MAJOR)
        return IC_ERR_UNSUPPORTED; /* what follows is that version's affair */
    s.minor = ic_read_u16(&r);
    s.saves = ic_read_u64(&r);
    IC_TRY(s.minor > IC_MLS_STATE_MINOR ? r.err : ic_reader_end(&r));
    *out = s;
    return IC_OK;
}

ic_err ic_mls_record_open(const struct ic_mls_record_key *key, struct ic_view value,
                          struct ic_view *content)
{
    uint8_t check[IC_MLS_RECORD_CHECK_LEN];
    *content = value;
    if (!ic_mls_record_checked(key->kind))
        return IC_OK;
    if (value.len < sizeof check)
        return IC_ERR_MALFORMED;
    *content = ic_view_sub(value, 0, value.len - sizeof check);
    ic_mls_record_check(key, *content, check);
    return memcmp(check, content->p + content->len, sizeof check) == 0 ? IC_OK : IC_ERR_MALFORMED;
}

/* ---- the group's own record ---- */

static ic_err make_group(struct ic_mls_loading *l, struct ic_view context)
{
    struct ic_mlspub_group_context c;
    IC_TRY(ic_mlspub_group_context_decode(context, NULL, &c));
    const struct ic_suite *suite = ic_suite_find(c.suite);
    if (!suite)
        return ic_mls_loading_refuse(l, IC_ERR_UNSUPPORTED, "saved state: a suite not known here");
    if (c.epoch == UINT64_MAX || c.version != IC_MLS_VERSION_1 ||
        c.tree_hash.len != suite->hash_len)
        return IC_ERR_MALFORMED;
    const struct ic_mls_identity id = {.suite = suite};
    IC_TRY(ic_mls_group_alloc(l->config, &id, &l->g));
    l->g->changes = l->changes;
    l->changes = NULL;
    if (c.epoch > 0)
        l->g->config.predecessor = NULL;
    return ic_mls_moment_set_context(&l->g->now, &c);
}

ic_err ic_mls_saved_read_secrets(struct ic_reader *r, size_t want, struct ic_mls_epoch *e)
{
    struct ic_secret *const secrets[] = {&e->sender_data,   &e->exporter,   &e->external,
                                         &e->confirmation,  &e->membership, &e->resumption,
                                         &e->authenticator, &e->init};
    for (size_t i = 0; i < IC_ARRAY_LEN(secrets); i++) {
        struct ic_view v = ic_read_vec(r, IC_SECRET_MAX);
        if (r->err == IC_OK && v.len != want)
            ic_reader_fail(r, IC_ERR_MALFORMED);
        if (r->err == IC_OK)
            IC_TRY(ic_secret_set(secrets[i], v));
    }
    return r->err;
}

/* The tag proves that context and confirmation key belong together; the transcript follows from both. */
ic_err ic_mls_saved_check_tag(struct ic_mls_loading *l, struct ic_mls_moment *m, struct ic_view tag)
{
    const struct ic_suite *s = l->g->suite;
    struct ic_view confirmed = m->context.confirmed_transcript_hash;
    uint8_t want[IC_HASH_MAX];
    if (tag.len != s->hash_len)
        return IC_ERR_MALFORMED;
    ic_mls_confirmation_tag(s, &m->secrets, confirmed, want);
    if (!l->g->removed && !ic_ct_equal(ic_view(want, s->hash_len), tag))
        return ic_mls_loading_refuse(l, IC_ERR_MALFORMED,
                                     "saved state: the confirmation tag does not match");
    memcpy(m->tag, tag.p, tag.len);
    ic_mlspub_interim_hash(s, confirmed, tag, m->interim);
    m->interim_len = s->hash_len;
    return IC_OK;
}

static ic_err read_rest(struct ic_mls_loading *l, struct ic_reader *r)
{
    struct ic_mls_group *g = l->g;
    struct ic_mlspub_proposal p;
    IC_TRY(ic_mls_saved_read_secrets(r, g->removed ? 0 : g->suite->hash_len, &g->now.secrets));
    struct ic_view tag = ic_read_vec(r, IC_HASH_MAX);
    struct ic_view signer = ic_read_vec(r, IC_SIG_PUBLIC_MAX);
    struct ic_view reinit = ic_read_vec(r, TREE_MAX);
    struct ic_view joined = {0};
    if (l->stamp.minor >= SINCE_JOINED_EXTENSIONS)
        joined = ic_read_vec(r, TREE_MAX);
    IC_TRY(ic_mls_loading_fields_end(l, r));
    if (reinit.len > 0)
        IC_TRY(ic_mlspub_proposal_decode(reinit, NULL, &p));
    if (reinit.len > 0 && p.type != IC_MLS_REINIT)
        return IC_ERR_MALFORMED;
    IC_TRY(ic_mls_saved_check_tag(l, &g->now, tag));
    g->now.signer = ic_mls_loading_signer(l, signer);
    if (!g->now.signer && !g->removed)
        return ic_mls_loading_refuse(l, IC_ERR_KEY, "saved state: our signing key was not given");
    IC_TRY(ic_mlspub_extensions_check(joined));
    IC_TRY(ic_buf_append(&g->joined_extensions, joined));
    return ic_buf_append(&g->reinit, reinit);
}

static ic_err read_group(struct ic_mls_loading *l, struct ic_view content)
{
    struct ic_reader r = ic_reader(content);
    uint8_t flags = ic_read_u8(&r);
    uint32_t own_leaf = ic_read_u32(&r);
    uint32_t joined_by = ic_read_u32(&r);
    struct ic_view context = ic_read_vec(&r, TREE_MAX);
    IC_TRY(r.err);
    if (flags & ~(IC_MLS_SAVED_REMOVED | IC_MLS_SAVED_OPENED_BY_US))
        return IC_ERR_MALFORMED;
    IC_TRY(make_group(l, context));
    l->g->removed = flags & IC_MLS_SAVED_REMOVED;
    l->g->opened_by_us = flags & IC_MLS_SAVED_OPENED_BY_US;
    l->g->own_leaf = own_leaf;
    l->g->joined_by = joined_by;
    l->tree_writer = ic_writer(&l->tree);
    l->tree_mark = ic_write_open(&l->tree_writer);
    return read_rest(l, &r);
}

/* ---- the tree ---- */

static ic_err too_large(struct ic_mls_loading *l)
{
    return ic_mls_loading_refuse(l, IC_ERR_LIMIT, "saved state: the tree is too large");
}

/* Nodes come together as the ratchet_tree extension has them, blank ones between. */
static ic_err read_node(struct ic_mls_loading *l, uint64_t index, struct ic_view content)
{
    if (index >= ic_mlspub_node_count(l->g->config.limits.max_leaves))
        return too_large(l);
    for (; l->nodes < index; l->nodes++)
        ic_write_u8(&l->tree_writer, 0);
    ic_write_u8(&l->tree_writer, 1);
    ic_write_bytes(&l->tree_writer, content);
    l->nodes++;
    return l->tree_writer.err;
}

static ic_err check_own_leaf(struct ic_mls_loading *l)
{
    const struct ic_mls_group *g = l->g;
    struct ic_view key = g->own_leaf < ic_mlspub_tree_size(g->tree)
                             ? ic_mlspub_tree_signature_key(g->tree, g->own_leaf)
                             : ic_view(NULL, 0);
    if (key.len == 0 || (!g->removed && !ic_view_equal(ic_sign_key_public(g->now.signer), key)))
        return ic_mls_loading_refuse(l, IC_ERR_MALFORMED, "saved state: our leaf is not ours");
    return IC_OK;
}

static ic_err end_tree(struct ic_mls_loading *l)
{
    struct ic_mls_group *g = l->g;
    const struct ic_mls_limits *limits = &g->config.limits;
    ic_write_close(&l->tree_writer, l->tree_mark);
    IC_TRY(ic_writer_end(&l->tree_writer));
    ic_err e = ic_mlspub_tree_decode(g->suite, ic_buf_view(&l->tree), limits->max_leaves, &l->fault,
                                     &g->tree);
    ic_buf_clear(&l->tree);
    if (e == IC_ERR_LIMIT)
        return too_large(l);
    IC_TRY(e);
    if (!ic_view_equal(ic_mlspub_tree_hash(g->tree), g->now.context.tree_hash))
        return ic_mls_loading_refuse(l, IC_ERR_MALFORMED, "saved state: the tree has another hash");
    IC_TRY(check_own_leaf(l));
    if (g->removed)
        return IC_OK;
    IC_TRY(ic_mls_secret_tree_blank(g->suite, ic_mlspub_tree_size(g->tree), limits->max_forward,
                                    limits->max_skipped, &g->now.ratchets));
    ic_mls_secret_tree_watch(g->now.ratchets, g->changes, g->now.context.epoch);
    return IC_OK;
}

/* ---- all records in their order ---- */

static ic_err read_behind_tree(struct ic_mls_loading *l, const struct ic_mls_record_key *key,
                               struct ic_view content)
{
    if (!l->g->tree)
        IC_TRY(end_tree(l));
    if (l->g->removed && key->kind <= IC_MLS_RECORD_SKIPPED)
        return IC_ERR_MALFORMED;
    switch (key->kind) {
    case IC_MLS_RECORD_KEYS:
        return ic_mls_loading_keys(l, content);
    case IC_MLS_RECORD_PAST:
        return ic_mls_loading_past(l, key->epoch, content);
    case IC_MLS_RECORD_SECRET_NODE:
    case IC_MLS_RECORD_RATCHET:
    case IC_MLS_RECORD_SKIPPED:
        return ic_mls_loading_secret(l, key, content);
    case IC_MLS_RECORD_RESUMPTION:
        return ic_mls_loading_resumption(l, key->epoch, content);
    case IC_MLS_RECORD_PROPOSAL:
        return ic_mls_loading_proposal(l, key->index, content);
    case IC_MLS_RECORD_UPDATE:
        return ic_mls_loading_update(l, key->index, content);
    case IC_MLS_RECORD_STAGED:
        return ic_mls_loading_staged(l, key, content);
    default:
        l->resave = true;
        return key->kind >= IC_MLS_RECORD_OPTIONAL
                   ? IC_OK
                   : ic_mls_loading_refuse(l, IC_ERR_UNSUPPORTED,
                                           "saved state: a record of a later version");
    }
}

/* What is not of an epoch, or of no number, has 0 there: so that a later save finds it. */
static bool well_placed(const struct ic_mls_record_key *key)
{
    switch (key->kind) {
    case IC_MLS_RECORD_STAMP:
    case IC_MLS_RECORD_GROUP:
    case IC_MLS_RECORD_KEYS:
        return key->epoch == 0 && key->index == 0;
    case IC_MLS_RECORD_NODE:
    case IC_MLS_RECORD_PROPOSAL:
    case IC_MLS_RECORD_UPDATE:
        return key->epoch == 0;
    case IC_MLS_RECORD_PAST:
    case IC_MLS_RECORD_RESUMPTION:
        return key->index == 0;
    default:
        return true;
    }
}

/* The stamp first, then the group, then the others, ascending. */
static bool in_order(const struct ic_mls_loading *l, const struct ic_mls_record_key *key)
{
    if (!l->any)
        return key->kind == IC_MLS_RECORD_STAMP;
    if (!l->g)
        return key->kind == IC_MLS_RECORD_GROUP;
    return key->kind > IC_MLS_RECORD_GROUP && ic_mls_record_cmp(&l->last, key) < 0;
}

static ic_err read_record(struct ic_mls_loading *l, const struct ic_mls_record_key *key,
                          struct ic_view value)
{
    struct ic_view content;
    bool first = key->kind == IC_MLS_RECORD_STAMP, second = key->kind == IC_MLS_RECORD_GROUP;
    if (!well_placed(key) || !in_order(l, key))
        return ic_mls_loading_refuse(l, IC_ERR_MALFORMED,
                                     "saved state: records are missing or out of order");
    l->last = *key;
    l->any = true;
    IC_TRY(ic_mls_record_open(key, value, &content));
    if (first)
        return ic_mls_stamp_read(content, &l->stamp);
    if (second)
        return read_group(l, content);
    if (key->kind == IC_MLS_RECORD_NODE)
        return read_node(l, key->index, content);
    return read_behind_tree(l, key, content);
}

/* What is wrong with a message is malformed state here. */
static ic_err outcome(struct ic_mls_loading *l, ic_err e)
{
    switch (e) {
    case IC_OK:
    case IC_ERR_NOMEM:
    case IC_ERR_CRYPTO:
        return e;
    case IC_ERR_KEY:
    case IC_ERR_LIMIT:
        if (*l->fault.rule)
            return e;
        return ic_mls_loading_refuse(l, IC_ERR_MALFORMED, "saved state: a record is damaged");
    case IC_ERR_UNSUPPORTED:
        return *l->fault.rule ? e
                              : ic_mls_loading_refuse(l, e, "saved state: made by a later version");
    default:
        return *l->fault.rule
                   ? IC_ERR_MALFORMED
                   : ic_mls_loading_refuse(l, IC_ERR_MALFORMED, "saved state: a record is damaged");
    }
}

ic_err ic_mls_loading_take(void *loading, const struct ic_mls_record_key *key, struct ic_view value)
{
    struct ic_mls_loading *l = loading;
    return outcome(l, read_record(l, key, value));
}

static ic_err check_past(struct ic_mls_loading *l)
{
    uint64_t next = l->g->now.context.epoch;
    for (const struct ic_mls_past *p = l->g->past; p; p = p->older) {
        if (p->context.epoch != next - 1)
            return ic_mls_loading_refuse(l, IC_ERR_MALFORMED, "saved state: an epoch is missing");
        if (!ic_mls_secret_tree_complete(p->ratchets))
            return IC_ERR_MALFORMED;
        next--;
    }
    return IC_OK;
}

static ic_err check_all(struct ic_mls_loading *l)
{
    struct ic_mls_group *g = l->g;
    if (!g)
        return l->any ? IC_ERR_MALFORMED : IC_ERR_NOT_FOUND;
    if (!g->tree)
        IC_TRY(end_tree(l));
    if (!g->removed && (g->now.keys.leaf.len == 0 || !ic_mls_secret_tree_complete(g->now.ratchets)))
        return ic_mls_loading_refuse(l, IC_ERR_MALFORMED, "saved state: secrets are missing");
    return check_past(l);
}

ic_err ic_mls_loading_end(struct ic_mls_loading *l, struct ic_mls_group **out)
{
    ic_err e = check_all(l);
    if (e != IC_OK)
        return e == IC_ERR_NOT_FOUND ? e : outcome(l, e);
    struct ic_mls_group *g = l->g;
    if (g->changes) {
        g->changes->oldest = ic_mls_saved_oldest(g);
        g->changes->tree_nodes = g->changes->saved_nodes =
            ic_mlspub_node_count(ic_mlspub_tree_size(g->tree));
        g->changes->all = l->resave || l->stamp.minor != IC_MLS_STATE_MINOR;
        g->changes->staged = g->staged != NULL;
        g->changes->staged_epoch = g->now.context.epoch;
        g->saves = l->stamp.saves;
    }
    ic_mls_past_limit(g);
    l->g = NULL;
    *out = g;
    return IC_OK;
}
