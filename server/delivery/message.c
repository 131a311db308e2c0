/* Proposals, application messages, catch-up. */
#include "delivery/private.h"

#include <ic/rules/rules.h>

/* A page fits the send queue of a connection (icd_config_check): who catches up is not too slow. */
enum { PAGE_ROWS = 4096, PAGE_BYTES = 512 << 10 };

static struct ic_wire_frame message(const struct icd_group *g, uint64_t seq, uint8_t kind,
                                    uint64_t time_ms, struct ic_view body)
{
    return (struct ic_wire_frame){.type = IC_WIRE_MESSAGE,
                                  .message = {.seq = seq,
                                              .group_id = icd_group_id(g),
                                              .kind = kind,
                                              .time_ms = time_ms,
                                              .message = body}};
}

static ic_err store(struct icd_core *core, struct icd_group *g, uint8_t kind, struct ic_view body,
                    uint64_t *seq)
{
    ic_err e = icd_write_begin(core);
    if (e == IC_OK)
        e = icd_group_append(core, g, kind, g->epoch, body, seq);
    if (e != IC_OK)
        icd_write_undo(core);
    return e;
}

/* ---- proposals ---- */

static ic_err check_proposal(const struct icd_core *core, const struct icd_conn *c,
                             const struct icd_group *g, const struct ic_mlspub_change *change,
                             const char **text)
{
    struct ic_mlspub_sender sender = ic_mlspub_change_sender(change);
    *text = "a commit is sent as one";
    if (ic_mlspub_change_is_commit(change))
        return IC_ERR_RULE;
    *text = "the proposal is not of the member who sent it";
    if (sender.type != IC_MLS_SENDER_MEMBER || sender.index != c->leaf)
        return IC_ERR_DENIED;
    *text = "too many proposals wait for a commit";
    if (ic_mlspub_observer_pending_count(g->observer) >= core->limits.proposals_per_epoch)
        return IC_ERR_LIMIT;
    struct ic_rules_group group = ic_rules_group_of(g->observer, g->time_ms);
    struct ic_rules_change judged = ic_rules_change_of(change);
    struct ic_rules_fault fault = {.rule = ""};
    ic_err e = ic_rules_judge(&group, &judged, &fault);
    *text = fault.rule;
    return e;
}

void icd_delivery_on_propose(struct icd_core *core, struct icd_conn *c,
                             const struct ic_wire_frame *f)
{
    struct icd_group *g = icd_delivery_group(core, c, f->request, f->propose.group_id);
    if (!g)
        return;
    icd_delivery_welcome_done(core, c);
    struct ic_view body = f->propose.proposal;
    struct ic_mlspub_change *change = NULL;
    const char *text = NULL;
    uint64_t seq = 0;
    ic_err e = ic_mlspub_observer_stage(g->observer, body, core->now_ms / 1000, &change);
    if (e != IC_OK) {
        icd_delivery_refuse(core, c, f->request, e, ic_mlspub_observer_rule(g->observer));
        return;
    }
    e = check_proposal(core, c, g, change, &text);
    if (e == IC_OK) {
        text = NULL;
        e = store(core, g, IC_WIRE_KIND_PROPOSAL, body, &seq);
    }
    if (e != IC_OK) {
        ic_mlspub_change_discard(change);
        icd_delivery_refuse(core, c, f->request, e, text);
        return;
    }
    ic_mlspub_observer_merge(g->observer, change);
    icd_group_appended(g, seq, body.len);
    icd_reply_ok(core, c, f->request, seq);
    struct ic_wire_frame event = message(g, seq, IC_WIRE_KIND_PROPOSAL, core->now_ms, body);
    icd_send_room(core, c->room, &event, icd_conn_is_live);
}

/* ---- application messages ---- */

/* Handshakes must be PublicMessages, so that they can be checked; what people say must not be. */
static ic_err check_private(const struct icd_group *g, struct ic_view body, const char **text)
{
    IC_ARENA_SCOPE(arena, 1 << 16);
    struct ic_mlspub_message m;
    *text = NULL;
    IC_TRY(ic_mlspub_message_decode(body, &arena, &m));
    *text = "only application data travels as a PrivateMessage";
    if (m.wire_format != IC_MLS_PRIVATE_MESSAGE ||
        m.private_message.content_type != IC_MLS_APPLICATION)
        return IC_ERR_RULE;
    *text = "the message is of another group";
    if (!ic_view_equal(m.private_message.group_id, icd_group_id(g)))
        return IC_ERR_RULE;
    *text = "the message is of another epoch";
    return m.private_message.epoch == g->epoch ? IC_OK : IC_ERR_EPOCH;
}

void icd_delivery_on_send(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    struct icd_group *g = icd_delivery_group(core, c, f->request, f->send.group_id);
    if (!g)
        return;
    icd_delivery_welcome_done(core, c);
    const char *text = NULL;
    struct ic_view body = f->send.message;
    uint64_t seq = 0;
    ic_err e = check_private(g, body, &text);
    if (e == IC_OK && !f->send.transient) {
        text = NULL;
        e = store(core, g, IC_WIRE_KIND_APPLICATION, body, &seq);
    }
    if (e != IC_OK) {
        icd_delivery_refuse(core, c, f->request, e, text);
        return;
    }
    if (!f->send.transient) {
        icd_group_appended(g, seq, body.len);
        core->stats.messages++;
    }
    icd_reply_ok(core, c, f->request, seq);
    struct ic_wire_frame event = message(g, seq, IC_WIRE_KIND_APPLICATION, core->now_ms, body);
    icd_send_room(core, c->room, &event, icd_conn_is_live);
}

/* ---- catch-up ---- */

/* Sends what follows after_seq, up to a page; *last is the last that was sent, *more whether there is
 * more of it. */
static ic_err send_page(struct icd_core *core, struct icd_conn *c, uint64_t after_seq,
                        uint64_t *last, bool *more)
{
    const struct icd_group *g = c->room->group;
    struct icd_rows rows;
    IC_TRY(
        icd_store_query(core->store,
                        "SELECT seq, kind, time_ms, body FROM log WHERE group_id = $1 AND seq > $2"
                        " AND is_void = 0 ORDER BY seq",
                        &rows, ICD_PARAMS(ICD_BLOB(icd_group_id(g)), ICD_INT(after_seq))));
    size_t count = 0, bytes = 0;
    *more = false;
    while (icd_rows_next(&rows)) {
        struct ic_view body = icd_rows_bytes(&rows, 3);
        *more = count == PAGE_ROWS || (count && bytes + body.len > PAGE_BYTES);
        if (*more)
            break;
        struct ic_wire_frame f =
            message(g, (uint64_t)icd_rows_int(&rows, 0), (uint8_t)icd_rows_int(&rows, 1),
                    (uint64_t)icd_rows_int(&rows, 2), body);
        icd_send(core, c, &f);
        *last = f.message.seq;
        count++;
        bytes += body.len;
    }
    return icd_rows_end(&rows);
}

void icd_delivery_on_fetch(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    struct icd_group *g = icd_delivery_group(core, c, f->request, f->fetch.group_id);
    if (!g)
        return;
    icd_delivery_welcome_done(core, c);
    uint64_t last = f->fetch.after_seq;
    bool more = false;
    if (last > g->seq) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_INVALID, "the log does not reach that far");
        return;
    }
    ic_err e = send_page(core, c, last, &last, &more);
    if (e != IC_OK) {
        icd_delivery_refuse(core, c, f->request, e, NULL);
        return;
    }
    if (!more) { /* void entries at the end are passed over */
        c->live = true;
        last = g->seq;
    }
    icd_reply_ok(core, c, f->request, last);
}
