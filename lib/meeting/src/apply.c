/* What delivery brings, in its one total order. */
#include "internal.h"
#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void take(struct ic_meeting *m, const struct ic_wire_message *msg);

/* ---- catching up ---- */

void ic_meeting_apply_fetch(struct ic_meeting *m)
{
    if (m->fetching || m->conn != CONN_IN || !m->group)
        return;
    struct ic_wire_frame f = {.type = IC_WIRE_FETCH,
                              .fetch = {ic_buf_view(&m->group_id), m->last_seq}};
    m->fetching = true;
    m->stale_asked = m->stale;
    ic_meeting_send_request(m, &f, REQ_FETCH, m->last_seq);
}

/* The server says that this epoch, in which we sent something, is not the current one. What opened the
 * next is asked for; where that brings nothing, it was kept from us, and only a resync leads back. */
void ic_meeting_apply_stale(struct ic_meeting *m, uint64_t epoch)
{
    if (!m->group || ic_mls_context(m->group)->epoch != epoch)
        return; /* it has come meanwhile */
    m->stale = true;
    m->stale_epoch = epoch;
    if (m->in_step)
        ic_meeting_apply_fetch(m);
}

static bool left_behind(struct ic_meeting *m)
{
    bool behind = m->stale && m->stale_asked && !m->stuck && !m->ahead && m->resync == RESYNC_NO &&
                  m->stale_epoch == ic_mls_context(m->group)->epoch;
    if (m->stale_asked)
        m->stale = m->stale_asked = false;
    return behind;
}

void ic_meeting_apply_forget(struct ic_meeting *m)
{
    for (size_t i = 0; i < m->kept_count; i++)
        ic_buf_clear(&m->kept[i].message);
    ic_free(m->kept);
    m->kept = NULL;
    m->kept_count = m->kept_cap = m->kept_bytes = 0;
    m->kept_end = NEVER;
}

static bool room_to_keep(struct ic_meeting *m, size_t len)
{
    if (m->kept_bytes + len > KEPT_BYTES_MAX)
        return false;
    if (m->kept_count < m->kept_cap)
        return true;
    size_t cap = m->kept_cap ? 2 * m->kept_cap : 64;
    struct kept *k = cap <= KEPT_MAX ? ic_realloc(m->kept, cap, sizeof *k) : NULL;
    if (!k)
        return false;
    m->kept = k;
    m->kept_cap = cap;
    return true;
}

/* The live flow may overtake a page: all of it is kept and then taken in order. Without memory it is
 * dropped, and asked for again. */
static void keep(struct ic_meeting *m, const struct ic_wire_message *msg)
{
    struct kept k = {.seq = msg->seq, .kind = msg->kind, .message = {.max = IC_WIRE_MAX}};
    if (!room_to_keep(m, msg->message.len) || ic_buf_append(&k.message, msg->message) != IC_OK) {
        if (msg->seq < m->kept_end)
            m->kept_end = msg->seq;
        return;
    }
    m->kept_bytes += msg->message.len;
    m->kept[m->kept_count++] = k;
}

static int by_seq(const void *a, const void *b)
{
    uint64_t x = ((const struct kept *)a)->seq, y = ((const struct kept *)b)->seq;
    return (x > y) - (x < y);
}

static void take_kept(struct ic_meeting *m)
{
    struct kept *kept = m->kept;
    size_t count = m->kept_count;
    uint64_t end = m->kept_end;
    m->kept = NULL;
    m->kept_count = m->kept_cap = m->kept_bytes = 0;
    m->kept_end = NEVER;
    if (count)
        qsort(kept, count, sizeof *kept, by_seq);
    for (size_t i = 0; i < count; i++) {
        struct ic_wire_message msg = {
            .seq = kept[i].seq, .kind = kept[i].kind, .message = ic_buf_view(&kept[i].message)};
        if (msg.seq < end)
            take(m, &msg);
        ic_buf_clear(&kept[i].message);
    }
    ic_free(kept);
}

/* A page came; the last one brings nothing new. */
void ic_meeting_apply_fetched(struct ic_meeting *m, uint64_t last)
{
    bool lost = m->kept_end != NEVER;
    m->fetching = false;
    take_kept(m);
    if (!m->group)
        return;
    if (last > m->last_seq) { /* void entries at the end, or another page */
        if (!lost)
            m->last_seq = last;
        ic_meeting_apply_fetch(m);
        return;
    }
    m->in_step = true;
    ic_meeting_lines_check(m);
    if (left_behind(m)) {
        ic_meeting_resync_start(m, "epoch-unreachable");
        return;
    }
    if (m->staged && !ic_meeting_has_request(m, REQ_COMMIT)) {
        /* Sent over a connection that died, and not in the order: it never will be. */
        ic_mls_discard(m->staged);
        m->staged = NULL;
    }
    ic_meeting_intents_prune(m);
    ic_meeting_say_flush(m);
    ic_meeting_leave_step(m);
}

/* ---- trouble ---- */

static void report(struct ic_meeting *m, uint64_t epoch, const char *rule)
{
    struct ic_wire_frame f = {
        .type = IC_WIRE_CANNOT_APPLY,
        .cannot_apply = {ic_buf_view(&m->group_id), epoch, ic_view_cstr(rule)}};
    ic_meeting_send_request(m, &f, REQ_CANNOT, 0);
}

/* An ordered commit of this epoch does not apply here: sending stops, the server and so the others are
 * told. If it is the same for all, the server takes a replacement; else we resync, or, where it broke
 * a rule that all share, leave. */
static void get_stuck(struct ic_meeting *m, uint32_t leaf, const char *rule, bool by_rule)
{
    if (m->stuck)
        return;
    m->stuck = true;
    m->stuck_by_rule = by_rule;
    m->stuck_until_ms = m->now_ms + REPLACE_WAIT_MS;
    struct ic_meeting_event e = {0};
    ic_meeting_set_rule(&e, rule[0] ? rule : "commit");
    memcpy(m->stuck_rule, e.rule, sizeof e.rule);
    ic_mls_discard(m->staged);
    m->staged = NULL;
    ic_meeting_alert(m, m->stuck_rule, leaf,
                     "A change of the group was refused; sending is paused.");
    report(m, ic_mls_context(m->group)->epoch, m->stuck_rule);
}

void ic_meeting_apply_tick(struct ic_meeting *m)
{
    if (!m->stuck || m->now_ms < m->stuck_until_ms)
        return;
    m->stuck_until_ms = NEVER;
    if (m->stuck_by_rule) {
        struct ic_wire_frame f = {.type = IC_WIRE_LEAVE};
        ic_meeting_send_request(m, &f, REQ_LEAVE, 0);
        ic_meeting_end_meeting(
            m, m->stuck_rule,
            "The group took a change that its rules forbid, so this device left.");
    } else {
        ic_meeting_resync_start(m, "cannot-apply");
    }
}

void ic_meeting_apply_replace(struct ic_meeting *m, const struct ic_wire_replace *r)
{
    struct ic_rules_fault none = {"", IC_MLSPUB_NO_LEAF};
    if (!m->group || !ic_view_equal(r->group_id, ic_buf_view(&m->group_id)))
        return;
    uint64_t epoch = ic_mls_context(m->group)->epoch;
    char rule[160];
    snprintf(rule, sizeof rule, "commit-void: %.*s", (int)(r->rule.len < 120 ? r->rule.len : 120),
             (const char *)r->rule.p);
    if (r->epoch == epoch) {
        ic_mls_discard(m->staged);
        m->staged = NULL;
        m->stuck = false;
        m->replacing = true;
        ic_meeting_alert(m, rule, none.leaf,
                         "The change was void for everybody; the group goes on without it.");
        ic_meeting_want_soon(m, ic_meeting_jitter(m, BATCH_MS, STEP_ASIDE_MS));
    } else if (r->epoch + 1 == epoch) {
        /* We applied it: whoever did never applies another commit of that epoch, but comes back by an
         * external commit, when the replacement has opened the next epoch. */
        m->ahead = true;
        ic_meeting_alert(m, rule, none.leaf,
                         "A change that only this device applied is void; resuming.");
    }
}

/* ---- one message ---- */

static bool public_epoch(struct ic_view bytes, uint64_t *epoch)
{
    IC_ARENA_SCOPE(arena, 4 << 20);
    struct ic_mlspub_message msg;
    if (ic_mlspub_message_decode(bytes, &arena, &msg) != IC_OK ||
        msg.wire_format != IC_MLS_PUBLIC_MESSAGE)
        return false;
    *epoch = msg.public_message.auth.content.epoch;
    return true;
}

static uint64_t private_epoch(struct ic_view bytes)
{
    IC_ARENA_SCOPE(arena, 1 << 16);
    struct ic_mlspub_message msg;
    if (ic_mlspub_message_decode(bytes, &arena, &msg) != IC_OK ||
        msg.wire_format != IC_MLS_PRIVATE_MESSAGE)
        return 0;
    return msg.private_message.epoch;
}

/* Handshakes are PublicMessages and have a number; what is transient or said is application data alone. A
 * message that comes as something else has passed by the order, or by the server's checks. */
static bool kind_fits(const struct ic_wire_message *msg)
{
    IC_ARENA_SCOPE(arena, 1 << 16);
    struct ic_mlspub_message x;
    /* RFC 9420 section 6: version and wire format stand first. */
    uint16_t format = msg->message.len < 4 ? 0 : ic_load_u16(msg->message.p + 2);
    if (msg->kind != IC_WIRE_KIND_APPLICATION)
        return format != IC_MLS_PRIVATE_MESSAGE;
    if (format != IC_MLS_PRIVATE_MESSAGE)
        return format != IC_MLS_PUBLIC_MESSAGE;
    return ic_mlspub_message_decode(msg->message, &arena, &x) != IC_OK ||
           x.private_message.content_type == IC_MLS_APPLICATION;
}

static void note_time(struct ic_meeting *m, uint64_t time_ms, uint32_t leaf)
{
    int64_t off = (int64_t)(time_ms - m->now_ms);
    struct person *p = ic_meeting_person_at(m, leaf);
    if (!p || p->clock_told || (off <= CLOCK_OFF_MS && off >= -CLOCK_OFF_MS))
        return;
    p->clock_told = true;
    ic_meeting_alert(m, "commit-clock", leaf,
                     "This participant's clock is more than five minutes off.");
}

static void take_commit(struct ic_meeting *m, struct ic_mls_received *r)
{
    struct ic_rules_fault fault = {"", IC_MLSPUB_NO_LEAF};
    uint64_t time_ms = m->time_ms;
    ic_err e = ic_meeting_judge_commit(m, r->staged, &fault);
    if (e != IC_OK) {
        get_stuck(m, fault.leaf, e == IC_ERR_RULE ? fault.rule : ic_err_name(e), e == IC_ERR_RULE);
        return;
    }
    IC_IGNORE(ic_rules_commit_time(ic_mls_staged_authenticated_data(r->staged), &time_ms));
    if (r->sender.type == IC_MLS_SENDER_MEMBER)
        note_time(m, time_ms, r->sender.index);
    ic_mls_discard(m->staged); /* ours lost the race; what it was for is still wanted */
    m->staged = NULL;
    m->time_ms = time_ms;
    struct ic_mls_staged *s = r->staged;
    r->staged = NULL;
    ic_meeting_merge_commit(m, s, false);
}

static void take_proposal(struct ic_meeting *m, const struct ic_mls_received *r)
{
    struct ic_rules_fault fault = {"", IC_MLSPUB_NO_LEAF};
    size_t n = ic_mls_pending_count(m->group);
    const struct ic_mlspub_change_item *item = n ? ic_mls_pending(m->group, n - 1) : NULL;
    if (item && ic_meeting_judge_item(m, item, &fault) == IC_ERR_RULE)
        ic_meeting_alert(m, fault.rule, fault.leaf,
                         "A proposal was refused; nobody here commits it.");
    if (r->sender.type == IC_MLS_SENDER_MEMBER)
        ic_meeting_pulse_heard(m, r->sender.index);
    ic_meeting_commit_pending_soon(m);
}

static void take_echo(struct ic_meeting *m, const struct ic_wire_message *msg)
{
    if (msg->kind == IC_WIRE_KIND_PROPOSAL) {
        ic_meeting_commit_pending_soon(m);
        ic_meeting_leave_step(m);
    }
    if (msg->kind == IC_WIRE_KIND_APPLICATION && msg->seq)
        ic_meeting_say_echo(m, msg->message, msg->seq);
    if (msg->kind != IC_WIRE_KIND_COMMIT)
        return;
    if (!m->staged || !ic_view_equal(ic_mls_staged_commit(m->staged), msg->message)) {
        /* Ours, but of a life or an attempt whose secrets are gone. */
        ic_meeting_resync_start(m, "own-commit-unknown");
        return;
    }
    struct ic_mls_staged *s = m->staged;
    m->staged = NULL;
    if (m->staged_update)
        m->update_keys = false;
    m->refused_commits = 0;
    IC_IGNORE(ic_rules_commit_time(ic_mls_staged_authenticated_data(s), &m->time_ms));
    ic_meeting_merge_commit(m, s, true);
}

/* A commit of the epoch that we have left, and not the one by which we left it: that one was void, and we
 * were away when it was said. */
static bool is_other_commit(const struct ic_meeting *m, const struct ic_wire_message *msg)
{
    uint8_t hash[32];
    ic_hash_once(IC_SHA256, msg->message, hash);
    return msg->kind == IC_WIRE_KIND_COMMIT && msg->seq &&
           memcmp(hash, m->applied, sizeof hash) != 0;
}

static void failed(struct ic_meeting *m, const struct ic_wire_message *msg, ic_err e)
{
    uint64_t now = ic_mls_context(m->group)->epoch, epoch = now;
    const char *rule = ic_mls_last_rule(m->group);
    uint32_t leaf = ic_mls_last_offender(m->group);
    if (msg->kind == IC_WIRE_KIND_APPLICATION) {
        if (e == IC_ERR_EPOCH && private_epoch(msg->message) > now)
            ic_meeting_pulse_out_of_reach(m); /* the others are where we are not */
        else if (e != IC_ERR_EPOCH) /* a late line of an epoch that is over: nothing to say */
            ic_meeting_alert(m, rule[0] ? rule : ic_err_name(e), leaf, "A message was refused.");
        return;
    }
    (void)public_epoch(msg->message, &epoch);
    if (epoch > now) {
        ic_meeting_resync_start(m, "epoch-unreachable");
    } else if (epoch < now) {
        if (m->ahead || (epoch + 1 == now && is_other_commit(m, msg)))
            ic_meeting_resync_start(m, "commit-void"); /* the replacement of what we applied */
        else
            ic_meeting_alert(m, "stale-message", IC_MLSPUB_NO_LEAF,
                             "The server delivered something stale.");
    } else if (msg->kind == IC_WIRE_KIND_COMMIT) {
        get_stuck(m, leaf, rule[0] ? rule : ic_err_name(e), false);
    } else {
        ic_meeting_alert(m, rule[0] ? rule : ic_err_name(e), leaf, "A proposal was refused.");
    }
}

static void process(struct ic_meeting *m, const struct ic_wire_message *msg)
{
    struct ic_mls_received r = {0};
    if (!kind_fits(msg)) {
        ic_meeting_alert(m, "message-kind", IC_MLSPUB_NO_LEAF,
                         "A message did not come as what it is.");
        return;
    }
    ic_err e = ic_mls_process(m->group, msg->message, &r);
    if (e == IC_ERR_OWN_ECHO) {
        e = IC_OK;
        r.kind = IC_MLS_RECEIVED_OWN_ECHO;
    }
    if (e != IC_OK) {
        failed(m, msg, e);
        return;
    }
    switch (r.kind) {
    case IC_MLS_RECEIVED_APPLICATION:
        ic_meeting_hear_application(m, &r, msg->seq);
        break;
    case IC_MLS_RECEIVED_PROPOSAL:
        take_proposal(m, &r);
        break;
    case IC_MLS_RECEIVED_COMMIT:
        take_commit(m, &r);
        break;
    case IC_MLS_RECEIVED_OWN_ECHO:
        take_echo(m, msg);
        break;
    }
    ic_mls_received_clear(&r);
}

/* The next in the order; gaps are void entries, or what the server withholds. */
static void take(struct ic_meeting *m, const struct ic_wire_message *msg)
{
    if (!m->group || msg->seq <= m->last_seq)
        return; /* seen: delivered twice, or replayed */
    m->last_seq = msg->seq;
    /* While a commit does not apply, no handshake after it can: the server may yet take it back, else a
     * resync passes over all of it. */
    if (m->resync != RESYNC_NO || (m->stuck && msg->kind != IC_WIRE_KIND_APPLICATION))
        return;
    uint64_t before = ic_mls_context(m->group)->epoch;
    process(m, msg);
    if (m->group && ic_mls_context(m->group)->epoch != before)
        ic_hash_once(IC_SHA256, msg->message, m->applied);
}

void ic_meeting_apply_message(struct ic_meeting *m, const struct ic_wire_message *msg)
{
    if (!m->group || m->creating || !ic_view_equal(msg->group_id, ic_buf_view(&m->group_id)))
        return;
    if (msg->seq == 0) { /* transient: heartbeats alone */
        if (msg->kind == IC_WIRE_KIND_APPLICATION)
            process(m, msg);
    } else if (m->fetching) {
        keep(m, msg);
    } else if (msg->seq > m->last_seq + 1 && m->in_step) {
        ic_meeting_apply_fetch(m); /* something in between is missing, or void */
    } else if (m->in_step) {
        take(m, msg);
    }
}
