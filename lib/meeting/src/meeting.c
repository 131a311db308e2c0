#include "internal.h"
#include <ic/base/mem.h>
#include <string.h>

static ic_err draw_life(struct ic_meeting *m)
{
    uint8_t b[8];
    IC_TRY(ic_rand_fill(&m->config.rand, b, sizeof b));
    m->life = ic_load_u64(b);
    return IC_OK;
}

ic_err ic_meeting_new(const struct ic_meeting_config *c, uint64_t wall_ms, struct ic_meeting **out)
{
    const struct ic_suite *suite = ic_suite_find(c->suite);
    struct ic_view name = ic_view_cstr(c->name);
    if (!suite || ic_sign_key_id(c->identity) != suite->sig)
        return IC_ERR_UNSUPPORTED;
    if (!ic_rules_name_ok(name))
        return IC_ERR_ARG;
    struct ic_meeting *m = ic_new(struct ic_meeting);
    if (!m)
        return IC_ERR_NOMEM;
    m->config = *c;
    memcpy(m->name, name.p, name.len);
    m->config.name = m->name;
    ic_buf_init(&m->certificates, CERTIFICATES_MAX);
    ic_buf_init(&m->leaf_extensions, IC_MEETING_STAPLE_MAX + 16);
    m->config.pins = NULL; /* ours are copies */
    m->suite = suite;
    m->now_ms = wall_ms;
    m->out_last = &m->out_first;
    m->ev_last = &m->ev_first;
    m->wish.locked = -1;
    m->kept_end = NEVER;
    m->commit_at_ms = m->resync_at_ms = m->welcome_by_ms = m->say_at_ms = NEVER;
    m->rotate_at_ms = m->stuck_until_ms = m->beat_at_ms = m->count_at_ms = NEVER;
    m->state = IC_MEETING_CONNECTING;
    struct ic_mlspub_credential own;
    ic_err e = ic_buf_append(&m->certificates, c->certificates);
    if (e == IC_OK)
        e = ic_meeting_identity_own(m, &own);
    if (e == IC_OK)
        e = ic_meeting_renew_extensions(m, c->staple);
    if (e == IC_OK)
        e = ic_meeting_pins_copy(m, c->pins, c->pin_count);
    if (e == IC_OK)
        e = draw_life(m);
    if (e != IC_OK) {
        ic_meeting_free(m);
        return e;
    }
    *out = m;
    return IC_OK;
}

void ic_meeting_free(struct ic_meeting *m)
{
    if (!m)
        return;
    ic_meeting_group_drop(m);
    ic_meeting_roster_clear(m);
    ic_meeting_intents_clear(m);
    ic_meeting_lobby_clear(m);
    ic_meeting_say_clear(m);
    ic_meeting_apply_forget(m);
    ic_meeting_media_free(m);
    ic_meeting_drop_frames(m);
    ic_meeting_drop_events(m);
    ic_mls_key_package_free(m->key_package);
    struct ic_buf *bufs[] = {&m->first_terms,  &m->external_sender,   &m->group_id,
                             &m->welcome,      &m->welcome_tree_hash, &m->welcome_admission,
                             &m->info,         &m->info_tree_hash,    &m->info_admission,
                             &m->certificates, &m->leaf_extensions};
    for (size_t i = 0; i < IC_ARRAY_LEN(bufs); i++)
        ic_buf_clear(bufs[i]);
    ic_free(m->pins);
    ic_free_secret(m, sizeof *m); /* the join secret is in the config */
}

void ic_meeting_connected(struct ic_meeting *m, uint64_t now_ms)
{
    m->now_ms = now_ms;
    if (m->over)
        return;
    ic_meeting_disconnected(m, now_ms);
    m->conn = CONN_HELLO;
    struct ic_wire_frame f = {
        .type = IC_WIRE_HELLO,
        .hello = {IC_WIRE_MINOR, IC_VIEW_STR("incamera/0.1.0"), now_ms, m->config.web}};
    ic_meeting_send_request(m, &f, REQ_HELLO, 0);
    ic_meeting_settle(m);
}

void ic_meeting_disconnected(struct ic_meeting *m, uint64_t now_ms)
{
    m->now_ms = now_ms;
    m->conn = CONN_DOWN;
    m->request_count = 0;
    m->fetching = m->in_step = false;
    ic_meeting_apply_forget(m);
    ic_meeting_drop_frames(m);
    ic_meeting_lobby_clear(m); /* shown again at the next entry */
    ic_meeting_say_unsent(m);
    if (m->creating) { /* whether it was taken is not known: the next entry says */
        m->creating = false;
        ic_meeting_group_drop(m);
        ic_buf_reset(&m->group_id);
    }
    if (m->resync != RESYNC_NO) {
        ic_meeting_resync_stop(m);
        m->resync = RESYNC_WAIT;
        m->resync_at_ms = now_ms;
    }
    ic_meeting_settle(m);
}

static void welcome_tick(struct ic_meeting *m)
{
    if (m->welcome_by_ms > m->now_ms)
        return;
    m->welcome_by_ms = NEVER;
    if (m->group)
        return; /* in by another way */
    if (m->welcome.len) {
        ic_meeting_alert(
            m, "tree-withheld", IC_MLSPUB_NO_LEAF,
            "You were admitted, but the server withholds the group's tree; asking again.");
        ic_meeting_join_ask(m);
        return;
    }
    ic_mls_key_package_free(m->key_package);
    m->key_package = NULL;
    ic_meeting_resync_start(m, "welcome-lost");
}

void ic_meeting_tick(struct ic_meeting *m, uint64_t now_ms)
{
    m->now_ms = now_ms;
    if (m->over)
        return;
    ic_meeting_media_collect(m);
    ic_meeting_media_tick(m);
    welcome_tick(m);
    ic_meeting_apply_tick(m);
    ic_meeting_resync_tick(m);
    ic_meeting_intents_tick(m);
    ic_meeting_leave_tick(m);
    ic_meeting_say_tick(m);
    ic_meeting_pulse_tick(m);
    ic_meeting_identity_tick(m);
    ic_meeting_verified_tick(m);
    ic_meeting_rotate_tick(m);
    ic_meeting_settle(m);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t ic_meeting_deadline_ms(const struct ic_meeting *m)
{
    uint64_t at = NEVER;
    if (m->over)
        return NEVER;
    at = earlier(m->commit_at_ms, ic_meeting_pulse_deadline(m));
    at = earlier(at, ic_meeting_identity_deadline(m));
    at = earlier(at, ic_meeting_rotate_deadline(m));
    if (m->conn == CONN_IN)
        at = earlier(at, ic_meeting_verified_deadline(m));
    if (m->conn == CONN_IN)
        at = earlier(at, earlier(m->resync_at_ms, m->say_at_ms));
    at = earlier(at, earlier(m->welcome_by_ms, m->stuck ? m->stuck_until_ms : NEVER));
    for (const struct removal *r = m->removals; r; r = r->next)
        if (!r->told && !r->quiet)
            at = earlier(at, r->since_ms + NOT_YET_REMOVED_MS);
    if (m->staged && m->staged_ms != NEVER)
        at = earlier(at, m->staged_ms + ANSWER_MS);
    if (m->lines && m->lines->sent && !m->lines->told)
        at = earlier(at, m->lines->sent_ms + ANSWER_MS);
    if (m->media)
        at = earlier(at, ic_meeting_media_deadline(m));
    return m->leaving == LEAVE_NO ? at : earlier(at, m->left_by_ms);
}

/* ---- looking ---- */

enum ic_meeting_state ic_meeting_state(const struct ic_meeting *m)
{
    return m->state;
}

bool ic_meeting_terms(const struct ic_meeting *m, struct ic_meeting_terms *out)
{
    struct ic_wire_terms t;
    if (!ic_meeting_current_terms(m, &t))
        return false;
    *out = (struct ic_meeting_terms){.suite = t.suite,
                                     .sframe_suite = t.sframe_suite,
                                     .admission = t.admission,
                                     .locked = t.locked,
                                     .watermark = t.watermark,
                                     .recording = t.recording};
    return true;
}

bool ic_meeting_is_host(const struct ic_meeting *m)
{
    struct ic_wire_terms t;
    return ic_meeting_current_terms(m, &t) && ic_rules_is_host(&t, ic_meeting_own_key(m));
}

uint32_t ic_meeting_own_leaf(const struct ic_meeting *m)
{
    return m->group ? ic_mls_own_leaf(m->group) : IC_MLSPUB_NO_LEAF;
}

uint64_t ic_meeting_epoch(const struct ic_meeting *m)
{
    return m->group ? ic_mls_context(m->group)->epoch : 0;
}

const char *ic_meeting_suite_name(const struct ic_meeting *m)
{
    return m->suite->name;
}

ic_err ic_meeting_compared(struct ic_meeting *m, uint64_t now_ms)
{
    m->now_ms = now_ms;
    if (!m->group)
        return IC_ERR_STATE;
    m->compared = true;
    ic_meeting_pins_offer(m);
    ic_meeting_settle(m);
    return IC_OK;
}
