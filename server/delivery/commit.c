/* The way of a commit: right group, epoch and sender; RFC 9420's public checks (observer); who may do what
 * (rules); the GroupInfo of the new epoch; then one transaction: compare-and-swap, log, epoch, Welcome.
 * Only after that is the change merged and told. */
#include "delivery/private.h"

#include <ic/mlspub/label.h>
#include <ic/rules/rules.h>
#include <ic/wire/terms.h>

struct taken {
    struct icd_room *room;
    struct icd_group *group;
    struct icd_conn *from;
    const struct ic_wire_commit *frame;
    struct ic_mlspub_change *change;
    struct icd_commit rows;
    size_t adds;
    const char *text; /* why not, for the sender */
};

static bool external(const struct taken *t)
{
    return ic_mlspub_change_sender(t->change).type == IC_MLS_SENDER_NEW_MEMBER_COMMIT;
}

static ic_err check_order(struct taken *t)
{
    const struct icd_group *g = t->group;
    t->text = "another commit came first";
    if (t->frame->epoch != g->epoch)
        return IC_ERR_STALE;
    t->text = g->replacement ? "this epoch's commit was void: only a replacement is taken"
                             : "no replacement is awaited";
    if (!t->frame->replaces != !g->replacement)
        return IC_ERR_STALE;
    t->text = "whose commit was void cannot replace it";
    if (g->replacement &&
        ic_view_equal(icd_conn_key(t->from), ic_view(g->committer, g->committer_len)))
        return IC_ERR_DENIED;
    return IC_OK;
}

/* A commit comes over its sender's own connection: nobody can spend another's. */
static ic_err check_sender(struct taken *t)
{
    struct ic_mlspub_sender sender = ic_mlspub_change_sender(t->change);
    t->text = "this is no commit";
    if (!ic_mlspub_change_is_commit(t->change))
        return IC_ERR_RULE;
    t->text = "the commit is not of the member who sent it";
    if (external(t)) {
        const struct ic_mlspub_leaf_node *leaf = ic_mlspub_change_path_leaf(t->change);
        bool own = leaf && ic_view_equal(leaf->signature_key, icd_conn_key(t->from));
        return own ? IC_OK : IC_ERR_DENIED;
    }
    bool own = sender.type == IC_MLS_SENDER_MEMBER && sender.index == t->from->leaf;
    return own ? IC_OK : IC_ERR_DENIED;
}

/* Only a clock can tell that a certificate ran out, and members have none in common: the server, whose hands are on the
 * order anyway, lets no member of a meeting for verified people set the time so far ahead that good certificates look
 * over. One limit for all commits: times never go back, so one that others may not pass would keep them from taking out
 * whose time is over. Where the time was ahead before the terms asked for verified people it stands still meanwhile. */
static bool too_early(const struct icd_core *core, const struct taken *t,
                      const struct ic_rules_group *group, const struct ic_rules_change *change)
{
    struct ic_wire_terms terms;
    bool later = t->rows.time_ms > group->last_time_ms || ic_rules_removes_by_time(group, change);
    return later && ic_rules_terms_find(group->context, &terms, NULL) == IC_OK &&
           ic_rules_verified_only(&terms) && t->rows.time_ms > core->now_ms + IC_RULES_GRACE_MS;
}

static ic_err check_rules(const struct icd_core *core, struct taken *t)
{
    struct ic_rules_group group = ic_rules_group_of(t->group->observer, t->group->time_ms);
    struct ic_rules_change judged = ic_rules_change_of(t->change);
    struct ic_rules_fault fault = {.rule = ""};
    ic_err e = ic_rules_judge(&group, &judged, &fault);
    t->text = fault.rule;
    IC_TRY(e);
    IC_TRY(ic_rules_commit_time(judged.authenticated_data, &t->rows.time_ms));
    t->text = "commit-time-ahead";
    return too_early(core, t, &group, &judged) ? IC_ERR_RULE : IC_OK;
}

/* Newcomers take the commit's time from what is shown to them beside it: a member must not give them another
 * one than the group has. */
static ic_err check_admission(struct taken *t)
{
    struct ic_wire_admission a;
    t->text = "the admission does not decode";
    if (t->frame->admission.len == 0)
        return IC_OK;
    if (ic_wire_admission_decode(t->frame->admission, &a) != IC_OK)
        return IC_ERR_RULE;
    t->text = "the admission has another time than the commit";
    return a.time_ms == t->rows.time_ms ? IC_OK : IC_ERR_RULE;
}

static bool same_context(const struct ic_mlspub_group_context *a,
                         const struct ic_mlspub_group_context *b)
{
    return a->suite == b->suite && a->epoch == b->epoch &&
           ic_view_equal(a->group_id, b->group_id) && ic_view_equal(a->tree_hash, b->tree_hash) &&
           ic_view_equal(a->confirmed_transcript_hash, b->confirmed_transcript_hash) &&
           ic_view_equal(a->extensions, b->extensions);
}

/* RFC 9420 section 12.4.3: who resyncs later relies on this GroupInfo; it must be of the very epoch that
 * the commit opens, signed by the committer. Its confirmation tag only members can check. */
static ic_err check_group_info(struct taken *t)
{
    IC_ARENA_SCOPE(arena, 1 << 20);
    struct ic_mlspub_message m;
    t->text = "the GroupInfo does not decode";
    IC_TRY(ic_mlspub_message_decode(t->frame->group_info, &arena, &m));
    t->text = "the GroupInfo is not of the epoch that this commit opens";
    if (m.wire_format != IC_MLS_GROUP_INFO ||
        !same_context(&m.group_info.context, ic_mlspub_change_context(t->change)))
        return IC_ERR_RULE;
    t->text = "the GroupInfo is not signed by the committer";
    if (m.group_info.signer != ic_mlspub_change_committer(t->change))
        return IC_ERR_RULE;
    const struct ic_suite *s = ic_suite_find(m.group_info.context.suite);
    return s ? ic_mlspub_group_info_verify(s, &m.group_info, icd_conn_key(t->from))
             : IC_ERR_UNSUPPORTED;
}

static ic_err check_members(const struct icd_core *core, struct taken *t)
{
    size_t removes = 0;
    for (size_t i = 0; i < ic_mlspub_change_count(t->change); i++) {
        uint16_t type = ic_mlspub_change_item(t->change, i)->proposal->type;
        t->adds += type == IC_MLS_ADD;
        removes += type == IC_MLS_REMOVE;
    }
    t->text = "the meeting is full";
    if (t->adds && t->group->members + t->adds > core->limits.members_per_meeting + removes)
        return IC_ERR_LIMIT;
    t->text = t->adds ? "who is added needs a Welcome" : "a Welcome for nobody";
    if ((t->adds > 0) != (t->frame->welcome.len > 0))
        return IC_ERR_RULE;
    t->text = "more knocks than Adds";
    return ic_wire_numbers_count(t->frame->knocks) > t->adds ? IC_ERR_RULE : IC_OK;
}

static ic_err check(struct icd_core *core, struct taken *t)
{
    IC_TRY(check_order(t));
    ic_err e = ic_mlspub_observer_stage(t->group->observer, t->frame->commit, core->now_ms / 1000,
                                        &t->change);
    t->text = ic_mlspub_observer_rule(t->group->observer);
    IC_TRY(e == IC_ERR_NOT_FOUND ? IC_ERR_RULE : e); /* an unknown proposal, not an unknown group */
    IC_TRY(check_sender(t));
    IC_TRY(check_rules(core, t));
    IC_TRY(check_admission(t));
    IC_TRY(check_members(core, t));
    return check_group_info(t);
}

/* ---- rows ---- */

static ic_err write_joiners(struct icd_core *core, const struct taken *t)
{
    struct ic_view id = icd_group_id(t->group);
    IC_TRY(
        icd_store_exec(core->store,
                       "INSERT INTO welcomes(group_id, seq, welcome, tree_hash, admission)"
                       " VALUES($1, $2, $3, $4, $5)",
                       NULL,
                       ICD_PARAMS(ICD_BLOB(id), ICD_INT(t->rows.seq), ICD_BLOB(t->frame->welcome),
                                  ICD_BLOB(ic_mlspub_change_context(t->change)->tree_hash),
                                  ICD_BLOB(t->frame->admission))));
    for (size_t i = 0; i < ic_mlspub_change_count(t->change); i++) {
        const struct ic_mlspub_proposal *p = ic_mlspub_change_item(t->change, i)->proposal;
        if (p->type == IC_MLS_ADD)
            IC_TRY(icd_store_exec(core->store,
                                  "INSERT INTO joiners(group_id, signature_key, seq)"
                                  " VALUES($1, $2, $3) ON CONFLICT(group_id, signature_key)"
                                  " DO UPDATE SET seq = $3",
                                  NULL,
                                  ICD_PARAMS(ICD_BLOB(id), ICD_BLOB(p->add.leaf.signature_key),
                                             ICD_INT(t->rows.seq))));
    }
    /* A Welcome that nobody waits for any more is not kept. */
    return icd_store_exec(core->store,
                          "DELETE FROM welcomes WHERE group_id = $1 AND seq NOT IN"
                          " (SELECT seq FROM joiners WHERE group_id = $1)",
                          NULL, ICD_PARAMS(ICD_BLOB(id)));
}

static ic_err write(struct icd_core *core, struct taken *t)
{
    t->text = NULL;
    IC_TRY(icd_write_begin(core));
    ic_err e = icd_group_write_commit(core, t->group, &t->rows);
    if (e == IC_ERR_STALE)
        t->text = "another commit came first";
    IC_TRY(e);
    return t->adds ? write_joiners(core, t) : IC_OK;
}

/* ---- telling ---- */

/* Whoever was added and is connected: found by the key of the Add, whatever the knock numbers say. */
static void welcome(struct icd_core *core, struct taken *t, struct ic_view keys)
{
    struct ic_wire_frame f = {
        .type = IC_WIRE_WELCOME,
        .welcome = {.group_id = icd_group_id(t->group),
                    .seq = t->rows.seq,
                    .welcome = t->frame->welcome,
                    .tree_hash = ic_mlspub_observer_context(t->group->observer)->tree_hash,
                    .admission = t->frame->admission}};
    struct ic_view key;
    while (ic_wire_list_next(&keys, &key)) {
        struct icd_conn *c = icd_room_find_key(t->room, key);
        if (!c || c->closing || !icd_conn_in_group(c))
            continue;
        c->live = true;
        c->welcome_kept = true;
        icd_send(core, c, &f);
    }
    t->group->tree_announced = true;
}

/* The keys of the Adds outlive the change only as a copy. */
static ic_err joiner_keys(const struct taken *t, struct ic_buf *keys)
{
    for (size_t i = 0; i < ic_mlspub_change_count(t->change); i++) {
        const struct ic_mlspub_proposal *p = ic_mlspub_change_item(t->change, i)->proposal;
        if (p->type == IC_MLS_ADD)
            IC_TRY(ic_wire_list_add(keys, p->add.leaf.signature_key));
    }
    return IC_OK;
}

static void tell(struct icd_core *core, struct taken *t, uint32_t request, struct ic_view keys)
{
    icd_reply_ok(core, t->from, request, t->rows.seq);
    struct ic_wire_frame f = {.type = IC_WIRE_MESSAGE,
                              .message = {.seq = t->rows.seq,
                                          .group_id = icd_group_id(t->group),
                                          .kind = IC_WIRE_KIND_COMMIT,
                                          .time_ms = core->now_ms,
                                          .message = t->frame->commit}};
    t->from->live = true;
    /* Those of the epoch that ends: whoever was removed learns it too, joiners get the Welcome. */
    icd_send_room(core, t->room, &f, icd_conn_is_live);
    icd_room_refresh(core, t->room);
    if (t->adds)
        welcome(core, t, keys);
    for (size_t i = 0; i < core->hook_count; i++)
        if (core->hooks[i]->epoch)
            core->hooks[i]->epoch(core, t->room);
}

void icd_delivery_on_commit(struct icd_core *core, struct icd_conn *c,
                            const struct ic_wire_frame *f)
{
    struct icd_group *g = icd_delivery_group(core, c, f->request, f->commit.group_id);
    if (!g)
        return;
    icd_delivery_welcome_done(core, c);
    struct taken t = {.room = c->room, .group = g, .from = c, .frame = &f->commit};
    t.rows = (struct icd_commit){.body = f->commit.commit,
                                 .group_info = f->commit.group_info,
                                 .admission = f->commit.admission,
                                 .committer = icd_conn_key(c)};
    IC_BUF_SCOPE(keys, 1 << 20);
    ic_err e = check(core, &t);
    if (e == IC_OK)
        e = joiner_keys(&t, &keys);
    if (e == IC_OK) {
        e = write(core, &t);
        if (e != IC_OK)
            icd_write_undo(core);
    }
    if (e == IC_OK) {
        icd_group_committed(g, t.change, &t.rows);
        core->stats.commits++;
        tell(core, &t, f->request, ic_buf_view(&keys));
    } else {
        core->stats.stale_commits += e == IC_ERR_STALE;
        icd_delivery_refuse(core, c, f->request, e, t.text);
        if (t.change)
            ic_mlspub_change_discard(t.change);
    }
    icd_commit_clear(&t.rows);
}
