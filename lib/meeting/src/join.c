/* From the Welcome to the group. */
#include "internal.h"
#include <string.h>

void ic_meeting_join_welcome(struct ic_meeting *m, const struct ic_wire_welcome *w)
{
    if (m->group || !m->key_package || m->resync != RESYNC_NO)
        return;
    if (ic_meeting_set_buf(&m->welcome, w->welcome) != IC_OK ||
        ic_meeting_set_buf(&m->welcome_tree_hash, w->tree_hash) != IC_OK ||
        ic_meeting_set_buf(&m->welcome_admission, w->admission) != IC_OK ||
        ic_meeting_set_buf(&m->group_id, w->group_id) != IC_OK)
        return;
    m->welcome_seq = w->seq;
    ic_meeting_join_ask(m);
}

void ic_meeting_join_ask(struct ic_meeting *m)
{
    m->welcome_by_ms = m->now_ms + ANSWER_MS;
    struct ic_wire_frame f = {
        .type = IC_WIRE_GET_TREE,
        .get_tree = {ic_buf_view(&m->group_id), ic_buf_view(&m->welcome_tree_hash)}};
    ic_meeting_send_request(m, &f, REQ_TREE, 0);
}

/* Is this the meeting, and not a group that the server made up with copied terms? */
static ic_err believe(struct ic_meeting *m, const struct ic_mls_group *g, uint64_t *time_ms,
                      struct ic_rules_fault *fault)
{
    struct ic_mlspub_leaf_node signer;
    enum ic_rules_vouched by;
    IC_TRY(ic_mls_leaf(g, ic_mls_joined_by(g), &signer));
    struct ic_rules_entry e = {.context = ic_mls_context(g),
                               .signer = signer.signature_key,
                               .pin = ic_meeting_link_pin(m),
                               .meeting_id = IC_VIEW_ARRAY(m->meeting_id),
                               .join_secret = ic_meeting_link_secret(m),
                               .ref = ic_mls_key_package_ref(m->key_package),
                               .own_key = ic_meeting_own_key(m),
                               .admission = ic_buf_view(&m->welcome_admission)};
    return ic_rules_enter(&e, &by, time_ms, fault);
}

static void refused(struct ic_meeting *m, ic_err e, const char *rule)
{
    if (e == IC_ERR_RULE)
        ic_meeting_end_meeting(
            m, rule[0] ? rule : "welcome",
            "The group that the server offered is not the meeting of your link.");
    else
        ic_meeting_alert(m, rule[0] ? rule : "welcome", IC_MLSPUB_NO_LEAF,
                         "A Welcome arrived that does not open; you are still waiting.");
}

void ic_meeting_join_tree(struct ic_meeting *m, struct ic_view tree)
{
    struct setup s;
    struct ic_mls_group *g = NULL;
    struct ic_mlspub_fault mls_fault = IC_MLSPUB_FAULT_NONE;
    struct ic_rules_fault fault = {"", IC_MLSPUB_NO_LEAF};
    uint64_t time_ms = 0;
    struct ic_mls_config config = ic_meeting_setup_config(m);
    if (m->group || !m->key_package || m->welcome.len == 0)
        return;
    ic_meeting_setup_identity(m, &s);
    config.fault = &mls_fault;
    ic_err e =
        ic_mls_group_join(&config, &s.identity, m->key_package, ic_buf_view(&m->welcome), tree, &g);
    ic_buf_clear(&m->welcome);
    if (e != IC_OK) {
        refused(m, e == IC_ERR_RULE ? IC_ERR_AUTH : e, mls_fault.rule);
        return;
    }
    e = believe(m, g, &time_ms, &fault);
    if (e != IC_OK) {
        ic_mls_group_free(g);
        refused(m, e, fault.rule);
        return;
    }
    /* RFC 9420 section 16.8: the init key is deleted once the Welcome has been used. */
    ic_mls_key_package_free(m->key_package);
    m->key_package = NULL;
    m->knock = 0;
    m->welcome_by_ms = NEVER;
    m->committer = ic_mls_joined_by(g);
    ic_meeting_group_adopt(m, g, m->welcome_seq, time_ms);
    ic_meeting_apply_fetch(m);
}

void ic_meeting_group_adopt(struct ic_meeting *m, struct ic_mls_group *g, uint64_t seq,
                            uint64_t time_ms)
{
    const struct ic_mlspub_group_context *c = ic_mls_context(g);
    ic_meeting_group_drop(m);
    m->group = g;
    m->last_seq = seq;
    m->time_ms = time_ms;
    m->compared =
        false; /* what the group is now is the server's word, until the codes are compared */
    IC_IGNORE(ic_meeting_set_buf(&m->group_id, c->group_id));
    ic_meeting_roster_fill(m);
    ic_meeting_rotate_begin(m);
    ic_meeting_pulse_start(m);
    ic_meeting_epoch_entered(m, NULL, 0);
    ic_meeting_lobby_consider(m);
    ic_meeting_say_passed_over(m);
}

void ic_meeting_group_drop(struct ic_meeting *m)
{
    ic_mls_discard(m->staged);
    m->staged = NULL;
    ic_mls_group_free(m->group);
    m->group = NULL;
    ic_meeting_media_drop(m);
    ic_meeting_resync_stop(m);
    m->commit_at_ms = NEVER;
    m->stuck = m->cut_off = m->ahead = m->replacing = m->fetching = m->in_step = false;
    m->unknown_kid_ms = 0;
    m->last_seq = 0;
}
