/* Back into the group by an external commit: for a restarted client, and for one that cannot follow. */
#include "internal.h"
#include <ic/mlspub/codec.h>
#include <ic/mlspub/observer.h>
#include <string.h>

void ic_meeting_resync_stop(struct ic_meeting *m)
{
    m->resync = RESYNC_NO;
    m->resync_at_ms = NEVER;
    ic_mls_group_free(m->resynced);
    m->resynced = NULL;
}

void ic_meeting_resync_start(struct ic_meeting *m, const char *why)
{
    if (m->over)
        return;
    if (m->resync == RESYNC_NO)
        m->resync_tries = 0;
    ic_meeting_resync_stop(m);
    ic_mls_discard(m->staged);
    m->staged = NULL;
    m->resync = RESYNC_WAIT;
    m->resync_at_ms = m->now_ms;
    if (m->group) /* else nothing is lost: a client that starts again, told when it is back */
        ic_meeting_alert(m, why, IC_MLSPUB_NO_LEAF, "Fetching the group's keys anew.");
}

static void again_later(struct ic_meeting *m)
{
    ic_mls_group_free(m->resynced);
    m->resynced = NULL;
    m->resync = RESYNC_WAIT;
    m->resync_at_ms = ic_meeting_jitter(m, RETRY_MS, 3 * RETRY_MS);
    if (++m->resync_tries < RESYNC_TRIES)
        return;
    m->resync_at_ms = m->now_ms + 5000;
    m->resync_tries = 0;
    ic_meeting_alert(m, "resync-failed", IC_MLSPUB_NO_LEAF,
                     "The group's keys are out of reach; trying again in a few seconds.");
}

void ic_meeting_resync_tick(struct ic_meeting *m)
{
    if (m->resync == RESYNC_NO || m->conn != CONN_IN || m->now_ms < m->resync_at_ms)
        return;
    if (m->resync != RESYNC_WAIT) { /* no answer */
        again_later(m);
        return;
    }
    struct ic_wire_frame f = {.type = IC_WIRE_GET_GROUP_INFO,
                              .get_group_info = {ic_buf_view(&m->group_id)}};
    m->resync = RESYNC_INFO;
    m->resync_at_ms = m->now_ms + ANSWER_MS;
    ic_meeting_send_request(m, &f, REQ_INFO, 0);
}

void ic_meeting_resync_info(struct ic_meeting *m, const struct ic_wire_group_info *i)
{
    if (m->resync != RESYNC_INFO)
        return;
    if (ic_meeting_set_buf(&m->info, i->group_info) != IC_OK ||
        ic_meeting_set_buf(&m->info_tree_hash, i->tree_hash) != IC_OK ||
        ic_meeting_set_buf(&m->info_admission, i->admission) != IC_OK) {
        again_later(m);
        return;
    }
    m->resync = RESYNC_TREE;
    m->resync_at_ms = m->now_ms + ANSWER_MS;
    struct ic_wire_frame f = {
        .type = IC_WIRE_GET_TREE,
        .get_tree = {ic_buf_view(&m->group_id), ic_buf_view(&m->info_tree_hash)}};
    ic_meeting_send_request(m, &f, REQ_TREE, 0);
}

/* ---- the external commit ---- */

struct attempt {
    struct ic_mlspub_observer *o;
    struct ic_mlspub_group_info info;
    struct ic_arena arena;
    uint32_t old_leaf;
    struct ic_rules_fault fault;
    struct ic_buf commit, new_info, data, admission;
    uint64_t time_ms;
};

static void attempt_clear(struct attempt *a)
{
    ic_mlspub_observer_free(a->o);
    ic_arena_clear(&a->arena);
    ic_buf_clear(&a->commit);
    ic_buf_clear(&a->new_info);
    ic_buf_clear(&a->data);
    ic_buf_clear(&a->admission);
}

/* Is it a member of the group as we knew it last? */
static bool known(const struct ic_meeting *m, struct ic_view key)
{
    struct ic_mlspub_leaf_node leaf;
    for (uint32_t i = 0; m->group && i < ic_mls_leaf_count(m->group); i++)
        if (ic_mls_leaf(m->group, i, &leaf) == IC_OK && ic_view_equal(leaf.signature_key, key))
            return true;
    return false;
}

/* A committer who wants to keep us out shows no witness: then its place in our own tree vouches for it,
 * which the server could not give to anybody. */
static ic_err vouched(const struct ic_meeting *m, struct attempt *a, const struct ic_rules_entry *e)
{
    struct ic_wire_admission shown;
    enum ic_rules_vouched by;
    ic_err err = ic_rules_enter(e, &by, &a->time_ms, &a->fault);
    if (err != IC_ERR_RULE || strcmp(a->fault.rule, "entry-not-vouched") != 0 ||
        !known(m, e->signer))
        return err;
    if (e->admission.len && ic_wire_admission_decode(e->admission, &shown) == IC_OK)
        a->time_ms = shown.time_ms;
    a->fault = (struct ic_rules_fault){"", IC_MLSPUB_NO_LEAF};
    return IC_OK;
}

/* The public half of the group as the server shows it: is it the meeting, and are we in it? */
static ic_err look(struct ic_meeting *m, struct attempt *a, struct ic_view tree)
{
    struct ic_mlspub_message message;
    struct ic_mlspub_leaf_node signer;
    IC_TRY(ic_mlspub_message_decode(ic_buf_view(&m->info), &a->arena, &message));
    if (message.wire_format != IC_MLS_GROUP_INFO)
        return IC_ERR_MALFORMED;
    a->info = message.group_info;
    IC_TRY(ic_mlspub_observer_open_like(ic_rules_of_meetings(), ic_buf_view(&m->info), tree,
                                        m->now_ms / 1000, NULL, &a->o));
    a->old_leaf = ic_mlspub_observer_find(a->o, ic_meeting_own_key(m));
    IC_TRY(ic_mlspub_observer_leaf(a->o, a->info.signer, &signer));
    /* A server that serves us an epoch that we have left behind offers nothing to go back to. */
    if (m->group && a->info.context.epoch < ic_mls_context(m->group)->epoch)
        return IC_ERR_EPOCH;
    struct ic_rules_entry e = {.context = ic_mlspub_observer_context(a->o),
                               .signer = signer.signature_key,
                               .pin = ic_meeting_link_pin(m),
                               .meeting_id = IC_VIEW_ARRAY(m->meeting_id),
                               .join_secret = ic_meeting_link_secret(m),
                               .own_key = ic_meeting_own_key(m),
                               .admission = ic_buf_view(&m->info_admission)};
    /* Our own signature is no exception: all that we ever signed, in any meeting, is in some server's hands. */
    IC_TRY(vouched(m, a, &e));
    if (ic_view_equal(a->info.context.group_id, ic_buf_view(&m->group_id)))
        return IC_OK;
    a->fault.rule = "entry-other-group";
    return IC_ERR_RULE;
}

static ic_err commit(struct ic_meeting *m, struct attempt *a, struct ic_view tree)
{
    struct setup s;
    struct ic_mlspub_leaf_node old;
    struct ic_mls_config config = ic_meeting_setup_config(m);
    ic_meeting_setup_identity(m, &s);
    /* A resync keeps the credential, renewed at most, also where this run was given another name. */
    IC_TRY(ic_mlspub_observer_leaf(a->o, a->old_leaf, &old));
    if (!ic_meeting_renew_follows(m, &old)) {
        s.identity.credential = old.credential;
        s.identity.leaf_extensions = old.extensions;
    }
    if (a->time_ms > m->time_ms)
        m->time_ms = a->time_ms;
    IC_TRY(ic_meeting_commit_data(m, &a->data));
    IC_TRY(ic_meeting_admission_data(m, &a->admission));
    const struct ic_mls_external_join j = {.group_info = ic_buf_view(&m->info),
                                           .tree = tree,
                                           .replaces = &a->old_leaf,
                                           .authenticated_data = ic_buf_view(&a->data)};
    return ic_mls_group_join_external(&config, &s.identity, &j, &m->resynced, &a->commit,
                                      &a->new_info);
}

static void send_commit(struct ic_meeting *m, const struct attempt *a)
{
    struct ic_wire_frame f = {.type = IC_WIRE_COMMIT,
                              .commit = {.group_id = ic_buf_view(&m->group_id),
                                         .epoch = a->info.context.epoch,
                                         .commit = ic_buf_view(&a->commit),
                                         .group_info = ic_buf_view(&a->new_info),
                                         .admission = ic_buf_view(&a->admission),
                                         .replaces = m->replacing}};
    m->resync = RESYNC_COMMIT;
    m->resync_at_ms = m->now_ms + ANSWER_MS;
    m->resynced_time_ms = ic_meeting_commit_time(m);
    ic_meeting_send_request(m, &f, REQ_RESYNC, 0);
}

void ic_meeting_resync_tree(struct ic_meeting *m, struct ic_view tree)
{
    struct attempt a __attribute__((cleanup(attempt_clear))) = {.fault = {"", IC_MLSPUB_NO_LEAF}};
    if (m->resync != RESYNC_TREE)
        return;
    ic_arena_init(&a.arena, 1 << 20);
    struct ic_buf *bufs[] = {&a.commit, &a.new_info, &a.data, &a.admission};
    for (size_t i = 0; i < 4; i++)
        ic_buf_init(bufs[i], IC_WIRE_MAX);
    ic_err e = look(m, &a, tree);
    if (e == IC_ERR_RULE && a.fault.rule[0]) {
        ic_meeting_alert(m, a.fault.rule, IC_MLSPUB_NO_LEAF,
                         "The server offered a group that nobody of this meeting vouches for.");
    } else if (e == IC_OK && a.old_leaf == IC_MLSPUB_NO_LEAF) {
        ic_meeting_group_drop(m); /* removed meanwhile: the lobby */
        ic_meeting_roster_clear(m);
        ic_meeting_enter_knock(m);
        return;
    }
    if (e == IC_OK)
        e = commit(m, &a, tree);
    if (e == IC_OK)
        send_commit(m, &a);
    else
        again_later(m);
}

void ic_meeting_resync_accepted(struct ic_meeting *m, uint64_t seq)
{
    struct ic_mls_group *g = m->resynced;
    bool restarted = !m->group;
    if (m->resync != RESYNC_COMMIT || !g)
        return;
    m->resynced = NULL;
    m->committer = ic_mls_own_leaf(g);
    ic_meeting_group_adopt(m, g, seq, m->resynced_time_ms);
    if (restarted)
        ic_meeting_alert(m, "restarted", ic_mls_own_leaf(m->group),
                         "This device was in the meeting before; it came back with new keys.");
    ic_meeting_apply_fetch(m);
}

void ic_meeting_resync_failed(struct ic_meeting *m, const struct ic_wire_error *e)
{
    if (m->resync == RESYNC_NO)
        return;
    if (m->resync == RESYNC_INFO &&
        (e->code == IC_WIRE_E_DENIED || e->code == IC_WIRE_E_NOT_FOUND)) {
        ic_meeting_group_drop(m);
        ic_meeting_roster_clear(m);
        ic_meeting_enter_knock(m);
        return;
    }
    if (m->resync == RESYNC_COMMIT && e->code == IC_WIRE_E_STALE && m->resync_tries % 2)
        m->replacing = !m->replacing; /* the server may be waiting for a replacement */
    again_later(m);
}
