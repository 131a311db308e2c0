#include "core/group_private.h"

#include <ic/base/mem.h>
#include <ic/rules/rules.h>
#include <string.h>

struct icd_group *icd_group_new(void)
{
    struct icd_group *g = ic_new(struct icd_group);
    if (!g)
        return NULL;
    ic_buf_init(&g->group_info, ICD_GROUP_INFO_MAX);
    ic_buf_init(&g->admission, IC_WIRE_ADMISSION_MAX);
    ic_buf_init(&g->added, 1 << 20);
    for (size_t i = 0; i < ICD_TREES_KEPT; i++)
        ic_buf_init(&g->trees[i].bytes, ICD_TREE_MAX);
    return g;
}

void icd_group_free(struct icd_group *g)
{
    if (!g)
        return;
    ic_mlspub_observer_free(g->observer);
    ic_buf_clear(&g->group_info);
    ic_buf_clear(&g->admission);
    ic_buf_clear(&g->added);
    for (size_t i = 0; i < ICD_TREES_KEPT; i++)
        ic_buf_clear(&g->trees[i].bytes);
    ic_free(g->absent);
    ic_free(g);
}

ic_err icd_group_take_id(struct icd_group *g, struct ic_view id)
{
    if (id.len == 0 || id.len > sizeof g->id)
        return IC_ERR_RANGE;
    memcpy(g->id, id.p, id.len);
    g->id_len = id.len;
    return IC_OK;
}

/* ---- counting ---- */

size_t icd_group_count_members(const struct icd_group *g)
{
    size_t n = 0;
    struct ic_mlspub_leaf_node leaf;
    for (uint32_t i = 0; i < ic_mlspub_observer_leaf_count(g->observer); i++)
        n += ic_mlspub_observer_leaf(g->observer, i, &leaf) == IC_OK;
    return n;
}

void icd_group_count_change(struct icd_group *g, const struct ic_mlspub_change *change)
{
    ic_buf_reset(&g->added);
    if (ic_mlspub_change_sender(change).type == IC_MLS_SENDER_NEW_MEMBER_COMMIT)
        g->members++;
    for (size_t i = 0; i < ic_mlspub_change_count(change); i++) {
        const struct ic_mlspub_change_item *item = ic_mlspub_change_item(change, i);
        if (item->proposal->type == IC_MLS_REMOVE)
            g->members--;
        if (item->proposal->type != IC_MLS_ADD)
            continue;
        g->members++;
        /* Not listed for want of memory, it may judge a commit that it cannot: a hint lost. */
        IC_IGNORE(ic_buf_append(&g->added, ic_view(&item->leaf, sizeof item->leaf)));
    }
}

bool icd_group_was_added(const struct icd_group *g, uint32_t leaf)
{
    for (size_t at = 0; at < g->added.len; at += sizeof leaf)
        if (memcmp(g->added.p + at, &leaf, sizeof leaf) == 0)
            return true;
    return false;
}

/* ---- trees by hash ---- */

static struct icd_tree *tree_find(struct icd_group *g, struct ic_view hash)
{
    for (size_t i = 0; i < ICD_TREES_KEPT; i++) {
        struct icd_tree *t = &g->trees[i];
        if (t->hash_len && ic_view_equal(ic_view(t->hash, t->hash_len), hash))
            return t;
    }
    return NULL;
}

ic_err icd_group_keep_tree(struct icd_group *g)
{
    struct ic_view hash = ic_mlspub_observer_context(g->observer)->tree_hash;
    if (tree_find(g, hash) || hash.len > IC_HASH_MAX)
        return IC_OK;
    struct icd_tree *t = &g->trees[g->next_tree];
    IC_BUF_SCOPE(bytes, ICD_TREE_MAX);
    IC_TRY(ic_mlspub_observer_tree(g->observer, &bytes));
    ic_buf_move(&t->bytes, &bytes);
    memcpy(t->hash, hash.p, hash.len);
    t->hash_len = hash.len;
    g->next_tree = (g->next_tree + 1) % ICD_TREES_KEPT;
    return IC_OK;
}

ic_err icd_group_tree(struct icd_group *g, struct ic_view hash, struct ic_view *out)
{
    if (ic_view_equal(hash, ic_mlspub_observer_context(g->observer)->tree_hash))
        IC_TRY(icd_group_keep_tree(g));
    struct icd_tree *t = tree_find(g, hash);
    if (!t || hash.len == 0)
        return IC_ERR_NOT_FOUND;
    *out = ic_buf_view(&t->bytes);
    return IC_OK;
}

/* ---- a new session ---- */

static ic_err write_snapshot(struct icd_core *core, const struct icd_group *g)
{
    IC_BUF_SCOPE(tree, ICD_TREE_MAX);
    IC_TRY(ic_mlspub_observer_tree(g->observer, &tree));
    IC_TRY(icd_store_exec(core->store, "DELETE FROM snapshots WHERE group_id = $1", NULL,
                          ICD_PARAMS(ICD_BLOB(icd_group_id(g)))));
    return icd_store_exec(core->store,
                          "INSERT INTO snapshots(group_id, epoch, seq, group_info, tree)"
                          " VALUES($1, $2, $3, $4, $5)",
                          NULL,
                          ICD_PARAMS(ICD_BLOB(icd_group_id(g)), ICD_INT(g->epoch),
                                     ICD_INT(g->epoch_seq), ICD_BLOB(ic_buf_view(&g->group_info)),
                                     ICD_BLOB(ic_buf_view(&tree))));
}

ic_err icd_group_write_new(struct icd_core *core, const struct icd_room *room,
                           const struct icd_group *g)
{
    IC_TRY(icd_store_exec(core->store,
                          "INSERT INTO groups(group_id, meeting, epoch, seq, log_bytes, group_info,"
                          " admission, epoch_seq, prev_group_info, prev_admission, prev_epoch_seq,"
                          " created_ms) VALUES($1, $2, $3, 0, 0, $4, $5, 0, $6, $6, 0, $7)",
                          NULL,
                          ICD_PARAMS(ICD_BLOB(icd_group_id(g)), ICD_BLOB(icd_room_id(room)),
                                     ICD_INT(g->epoch), ICD_BLOB(ic_buf_view(&g->group_info)),
                                     ICD_BLOB(ic_buf_view(&g->admission)),
                                     ICD_BLOB(IC_VIEW_STR("")), ICD_INT(core->now_ms))));
    return write_snapshot(core, g);
}

static ic_err open_new(const struct icd_core *core, struct icd_group *g,
                       const struct ic_wire_create_group *create)
{
    IC_TRY(ic_mlspub_observer_open_like(ic_rules_of_meetings(), create->group_info, create->tree,
                                        core->now_ms / 1000, NULL, &g->observer));
    const struct ic_mlspub_group_context *ctx = ic_mlspub_observer_context(g->observer);
    g->epoch = g->snapshot_epoch = ctx->epoch;
    g->members = icd_group_count_members(g);
    IC_TRY(icd_group_take_id(g, ctx->group_id));
    IC_TRY(ic_buf_append(&g->group_info, create->group_info));
    return ic_buf_append(&g->admission, create->admission);
}

ic_err icd_group_open(const struct icd_core *core, const struct ic_wire_create_group *create,
                      struct icd_group **out)
{
    struct icd_group *g = icd_group_new();
    if (!g)
        return IC_ERR_NOMEM;
    ic_err e = open_new(core, g, create);
    if (e != IC_OK) {
        icd_group_free(g);
        return e;
    }
    *out = g;
    return IC_OK;
}

/* ---- the log ---- */

ic_err icd_group_append(struct icd_core *core, const struct icd_group *g, uint8_t kind,
                        uint64_t epoch, struct ic_view body, uint64_t *seq)
{
    uint64_t next = g->seq + 1;
    if (g->log_bytes + body.len > core->limits.log_bytes_per_group)
        return IC_ERR_LIMIT;
    IC_TRY(icd_store_exec(core->store,
                          "INSERT INTO log(group_id, seq, kind, epoch, time_ms, is_void, body)"
                          " VALUES($1, $2, $3, $4, $5, 0, $6)",
                          NULL,
                          ICD_PARAMS(ICD_BLOB(icd_group_id(g)), ICD_INT(next), ICD_INT(kind),
                                     ICD_INT(epoch), ICD_INT(core->now_ms), ICD_BLOB(body))));
    IC_TRY(icd_store_exec(
        core->store, "UPDATE groups SET seq = $1, log_bytes = $2 WHERE group_id = $3", NULL,
        ICD_PARAMS(ICD_INT(next), ICD_INT(g->log_bytes + body.len), ICD_BLOB(icd_group_id(g)))));
    *seq = next;
    return IC_OK;
}

void icd_group_appended(struct icd_group *g, uint64_t seq, size_t body_len)
{
    g->seq = seq;
    g->log_bytes += body_len;
}

/* ---- commits ---- */

void icd_commit_clear(struct icd_commit *c)
{
    ic_buf_clear(&c->group_info_copy);
    ic_buf_clear(&c->admission_copy);
}

static ic_err write_epoch(struct icd_core *core, const struct icd_group *g,
                          const struct icd_commit *c)
{
    return icd_store_exec(core->store,
                          "UPDATE groups SET epoch = $1, epoch_seq = $2, group_info = $3,"
                          " admission = $4, prev_group_info = $5, prev_admission = $6,"
                          " prev_epoch_seq = $7 WHERE group_id = $8",
                          NULL,
                          ICD_PARAMS(ICD_INT(g->epoch + 1), ICD_INT(c->seq),
                                     ICD_BLOB(c->group_info), ICD_BLOB(c->admission),
                                     ICD_BLOB(ic_buf_view(&g->group_info)),
                                     ICD_BLOB(ic_buf_view(&g->admission)), ICD_INT(g->epoch_seq),
                                     ICD_BLOB(icd_group_id(g))));
}

ic_err icd_group_write_commit(struct icd_core *core, const struct icd_group *g,
                              struct icd_commit *c)
{
    ic_buf_init(&c->group_info_copy, ICD_GROUP_INFO_MAX);
    ic_buf_init(&c->admission_copy, IC_WIRE_ADMISSION_MAX);
    IC_TRY(ic_buf_append(&c->group_info_copy, c->group_info));
    IC_TRY(ic_buf_append(&c->admission_copy, c->admission));
    c->snapshot = g->epoch >= g->snapshot_epoch + ICD_SNAPSHOT_EVERY;
    if (c->snapshot)
        IC_TRY(write_snapshot(core, g));
    uint64_t won = 0;
    IC_TRY(icd_store_exec(core->store,
                          "INSERT INTO commits(group_id, epoch, attempt, seq, committer)"
                          " VALUES($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                          &won,
                          ICD_PARAMS(ICD_BLOB(icd_group_id(g)), ICD_INT(g->epoch),
                                     ICD_INT(g->replacement), ICD_INT(g->seq + 1),
                                     ICD_BLOB(c->committer))));
    if (won == 0)
        return IC_ERR_STALE;
    IC_TRY(icd_group_append(core, g, IC_WIRE_KIND_COMMIT, g->epoch, c->body, &c->seq));
    return write_epoch(core, g, c);
}

void icd_group_committed(struct icd_group *g, struct ic_mlspub_change *change, struct icd_commit *c)
{
    if (c->snapshot)
        g->snapshot_epoch = g->epoch;
    /* Without memory for it the tree is not kept: who asks for it resyncs. */
    if (g->tree_announced)
        IC_IGNORE(icd_group_keep_tree(g));
    g->tree_announced = false;
    memcpy(g->committer, c->committer.p, c->committer.len);
    g->committer_len = c->committer.len;
    icd_group_count_change(g, change);
    ic_mlspub_observer_merge(g->observer, change);
    g->epoch++;
    g->epoch_seq = c->seq;
    g->time_ms = c->time_ms;
    g->replaced = g->replacement;
    g->replacement = false;
    icd_group_appended(g, c->seq, c->body.len);
    ic_buf_move(&g->group_info, &c->group_info_copy);
    ic_buf_move(&g->admission, &c->admission_copy);
}

static ic_err write_void(struct icd_core *core, const struct icd_group *g)
{
    struct ic_view id = icd_group_id(g);
    IC_TRY(icd_store_exec(core->store,
                          "UPDATE log SET is_void = 1 WHERE group_id = $1 AND seq = $2", NULL,
                          ICD_PARAMS(ICD_BLOB(id), ICD_INT(g->epoch_seq))));
    /* Proposals of the void epoch go with it; what people said in it stays for those who can read it. */
    IC_TRY(icd_store_exec(
        core->store, "UPDATE log SET is_void = 1 WHERE group_id = $1 AND seq > $2 AND kind = $3",
        NULL, ICD_PARAMS(ICD_BLOB(id), ICD_INT(g->epoch_seq), ICD_INT(IC_WIRE_KIND_PROPOSAL))));
    IC_TRY(icd_store_exec(core->store, "DELETE FROM welcomes WHERE group_id = $1 AND seq = $2",
                          NULL, ICD_PARAMS(ICD_BLOB(id), ICD_INT(g->epoch_seq))));
    IC_TRY(icd_store_exec(core->store, "DELETE FROM joiners WHERE group_id = $1 AND seq = $2", NULL,
                          ICD_PARAMS(ICD_BLOB(id), ICD_INT(g->epoch_seq))));
    return icd_store_exec(
        core->store,
        "UPDATE groups SET epoch = epoch - 1, epoch_seq = prev_epoch_seq,"
        " group_info = prev_group_info, admission = prev_admission WHERE group_id = $1",
        NULL, ICD_PARAMS(ICD_BLOB(id)));
}

ic_err icd_group_void_last(struct icd_core *core, struct icd_room *room, struct icd_group **out)
{
    struct icd_group *was = room->group;
    if (was->epoch_seq == 0 || was->replaced || was->epoch <= was->snapshot_epoch)
        return IC_ERR_STATE;
    IC_TRY(write_void(core, was));
    struct icd_group *g;
    IC_TRY(icd_group_load(core, room, &g));
    /* Who is away is known from connections, not from the store. */
    g->absent = was->absent;
    g->absent_count = was->absent_count;
    g->absent_cap = was->absent_cap;
    was->absent = NULL;
    was->absent_count = was->absent_cap = 0;
    *out = g;
    return IC_OK;
}

/* ---- the rest ---- */

ic_err icd_group_delete_rows(struct icd_core *core, struct ic_view group_id)
{
    static const char *const tables[] = {
        "DELETE FROM log WHERE group_id = $1",       "DELETE FROM commits WHERE group_id = $1",
        "DELETE FROM snapshots WHERE group_id = $1", "DELETE FROM welcomes WHERE group_id = $1",
        "DELETE FROM joiners WHERE group_id = $1",   "DELETE FROM files WHERE group_id = $1",
        "DELETE FROM groups WHERE group_id = $1",
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(tables); i++)
        IC_TRY(icd_store_exec(core->store, tables[i], NULL, ICD_PARAMS(ICD_BLOB(group_id))));
    return IC_OK;
}

static ic_err make_server_key(struct icd_core *core, enum ic_sig_id sig, struct ic_sign_key **out)
{
    struct ic_sign_key *key;
    IC_TRY(ic_sign_key_generate(sig, &core->config.rand, &key));
    IC_SECRET_SCOPE(private_key);
    ic_err e = ic_sign_key_export(key, &private_key);
    if (e == IC_OK)
        e = icd_write_begin(core);
    if (e == IC_OK)
        e = icd_store_exec(core->store, "INSERT INTO server_keys(sig, private_key) VALUES($1, $2)",
                           NULL, ICD_PARAMS(ICD_INT(sig), ICD_BLOB(ic_secret_view(&private_key))));
    if (e != IC_OK) {
        ic_sign_key_free(key);
        return e;
    }
    *out = key;
    return IC_OK;
}

static ic_err read_server_key(struct icd_core *core, enum ic_sig_id sig, struct ic_sign_key **out)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(core->store, "SELECT private_key FROM server_keys WHERE sig = $1", &rows,
                           ICD_PARAMS(ICD_INT(sig))));
    ic_err e = IC_ERR_NOT_FOUND;
    if (icd_rows_next(&rows))
        e = ic_sign_key_import(sig, icd_rows_bytes(&rows, 0), out);
    ic_err end = icd_rows_end(&rows);
    return end != IC_OK ? end : e;
}

ic_err icd_group_server_key(struct icd_core *core, uint16_t suite, const struct ic_sign_key **out)
{
    const struct ic_suite *s = ic_suite_find(suite);
    if (!s)
        return IC_ERR_UNSUPPORTED;
    size_t i = 0;
    while (i < core->server_key_count && ic_sign_key_id(core->server_keys[i]) != s->sig)
        i++;
    if (i == core->server_key_count) {
        if (i == ICD_SERVER_KEYS_MAX)
            return IC_ERR_LIMIT;
        ic_err e = read_server_key(core, s->sig, &core->server_keys[i]);
        if (e == IC_ERR_NOT_FOUND)
            e = make_server_key(core, s->sig, &core->server_keys[i]);
        IC_TRY(e);
        core->server_key_count++;
    }
    *out = core->server_keys[i];
    return IC_OK;
}

void icd_group_forget_keys(struct icd_core *core)
{
    while (core->server_key_count)
        ic_sign_key_free(core->server_keys[--core->server_key_count]);
}

ic_err icd_group_sender_index(const struct icd_group *g, struct ic_view key, uint32_t *out)
{
    struct ic_view list;
    if (!ic_mlspub_extensions_find(ic_mlspub_observer_context(g->observer)->extensions,
                                   IC_MLS_EXT_EXTERNAL_SENDERS, &list))
        return IC_ERR_NOT_FOUND;
    struct ic_mlspub_external_sender sender;
    for (uint32_t i = 0; ic_mlspub_external_sender_at(list, i, &sender) == IC_OK; i++) {
        if (ic_view_equal(sender.signature_key, key)) {
            *out = i;
            return IC_OK;
        }
    }
    return IC_ERR_NOT_FOUND;
}
