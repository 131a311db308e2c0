#include "meetings/meetings.h"
#include "core/group.h"

#include <ic/base/text.h>
#include <ic/rules/rules.h>
#include <string.h>

enum {
    NUMBER_DIGITS = 10,
    NUMBER_TRIES = 16,
    INVITED_BYTES_MAX = 256 << 10,
    HOUR_MS = 3600 * 1000,
    UNUSED_KEEP_S = 30 * 86400, /* an instant meeting that nobody came to */
};

void icd_meeting_clear(struct icd_meeting *m)
{
    ic_buf_clear(&m->title);
    ic_buf_clear(&m->invited);
}

static void meeting_init(struct icd_meeting *m)
{
    *m = (struct icd_meeting){0};
    ic_buf_init(&m->title, IC_WIRE_TEXT_MAX);
    ic_buf_init(&m->invited, INVITED_BYTES_MAX);
}

/* ---- reading ---- */

#define COLUMNS "id, kind, state, title, number, terms, start_s, end_s, created_ms"

static ic_err from_row(const struct icd_rows *rows, struct icd_meeting *m)
{
    struct ic_view id = icd_rows_bytes(rows, 0), number = icd_rows_bytes(rows, 4);
    if (id.len != ICD_MEETING_ID_LEN || number.len >= sizeof m->number)
        return IC_ERR_MALFORMED;
    ic_base64_encode(IC_BASE64_URL, id, m->id);
    m->kind = (uint8_t)icd_rows_int(rows, 1);
    m->state = (uint8_t)icd_rows_int(rows, 2);
    if (number.len)
        memcpy(m->number, number.p, number.len);
    struct ic_wire_terms terms;
    IC_TRY(ic_wire_terms_decode(icd_rows_bytes(rows, 5), &terms));
    m->suite = terms.suite;
    m->start_s = (uint64_t)icd_rows_int(rows, 6);
    m->end_s = (uint64_t)icd_rows_int(rows, 7);
    m->created_ms = (uint64_t)icd_rows_int(rows, 8);
    return ic_buf_append(&m->title, icd_rows_bytes(rows, 3));
}

static ic_err read_invited(struct icd_core *core, struct ic_view id, struct icd_meeting *m)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(core->store, "SELECT who FROM invited WHERE meeting = $1 ORDER BY place",
                           &rows, ICD_PARAMS(ICD_BLOB(id))));
    ic_err e = IC_OK;
    while (e == IC_OK && icd_rows_next(&rows))
        e = ic_wire_list_add(&m->invited, icd_rows_bytes(&rows, 0));
    ic_err end = icd_rows_end(&rows);
    return end != IC_OK ? end : e;
}

static ic_err id_from_text(struct ic_view text, uint8_t id[ICD_MEETING_ID_LEN])
{
    IC_BUF_SCOPE(bytes, ICD_MEETING_ID_LEN);
    if (ic_base64_decode(IC_BASE64_URL, text, &bytes) != IC_OK || bytes.len != ICD_MEETING_ID_LEN)
        return IC_ERR_NOT_FOUND;
    memcpy(id, bytes.p, ICD_MEETING_ID_LEN);
    return IC_OK;
}

static ic_err show(struct icd_core *core, int64_t org, struct ic_view id, struct icd_meeting *m)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(core->store,
                           "SELECT " COLUMNS " FROM meetings WHERE org = $1 AND id = $2", &rows,
                           ICD_PARAMS(ICD_INT(org), ICD_BLOB(id))));
    ic_err e = icd_rows_next(&rows) ? from_row(&rows, m) : IC_ERR_NOT_FOUND;
    ic_err end = icd_rows_end(&rows);
    IC_TRY(end != IC_OK ? end : e);
    return read_invited(core, id, m);
}

ic_err icd_meetings_show(struct icd_core *core, int64_t org, struct ic_view id_text,
                         struct icd_meeting *out)
{
    uint8_t id[ICD_MEETING_ID_LEN];
    IC_TRY(id_from_text(id_text, id));
    struct icd_meeting m;
    meeting_init(&m);
    ic_err e = show(core, org, IC_VIEW_ARRAY(id), &m);
    if (e != IC_OK) {
        icd_meeting_clear(&m);
        return e;
    }
    *out = m;
    return IC_OK;
}

ic_err icd_meetings_list(struct icd_core *core, int64_t org, uint64_t before_ms, unsigned limit,
                         ic_err (*each)(void *ctx, const struct icd_meeting *m), void *ctx)
{
    struct icd_rows rows;
    int64_t before = before_ms ? (int64_t)before_ms : INT64_MAX;
    IC_TRY(icd_store_query(core->store,
                           "SELECT " COLUMNS " FROM meetings WHERE org = $1 AND created_ms < $2"
                           " ORDER BY created_ms DESC LIMIT $3",
                           &rows, ICD_PARAMS(ICD_INT(org), ICD_INT(before), ICD_INT(limit))));
    ic_err e = IC_OK;
    while (e == IC_OK && icd_rows_next(&rows)) {
        struct icd_meeting m;
        meeting_init(&m);
        e = from_row(&rows, &m);
        if (e == IC_OK)
            e = each(ctx, &m);
        icd_meeting_clear(&m);
    }
    ic_err end = icd_rows_end(&rows);
    return end != IC_OK ? end : e;
}

/* ---- making ---- */

static ic_err check_terms(struct ic_view bytes, struct ic_wire_terms *t, const char **why)
{
    struct ic_rules_fault fault = {.rule = ""};
    *why = "the terms do not decode";
    if (ic_wire_terms_decode(bytes, t) != IC_OK)
        return IC_ERR_MALFORMED; /* a list that is too long is not the organisation's limit */
    *why = "a meeting's id has 16 bytes";
    if (t->meeting_id.len != ICD_MEETING_ID_LEN)
        return IC_ERR_RANGE;
    *why = "this server does not have the terms' cipher suite";
    if (!ic_suite_find(t->suite))
        return IC_ERR_UNSUPPORTED;
    *why = "new terms are signed by the meeting key itself";
    if (t->chain.len || !ic_view_equal(t->signer, t->meeting_key))
        return IC_ERR_RULE;
    *why = "the terms are not valid";
    ic_err e = ic_rules_terms_verify(t, IC_VIEW_STR(""), &fault);
    if (e == IC_ERR_RULE && fault.rule[0])
        *why = fault.rule;
    return e;
}

static ic_err check_times(const struct icd_meeting_new *n, uint8_t kind, const char **why)
{
    *why = "a scheduled meeting needs a start before its end";
    if (kind == IC_WIRE_SCHEDULED)
        return n->start_s && n->start_s < n->end_s && n->end_s < INT64_MAX / 1000 ? IC_OK
                                                                                  : IC_ERR_RANGE;
    *why = "only a scheduled meeting has a start and an end";
    return n->start_s || n->end_s ? IC_ERR_RANGE : IC_OK;
}

static ic_err check_room(struct icd_core *core, int64_t org, const char **why)
{
    int64_t count = 0;
    *why = "the store failed";
    IC_TRY(icd_store_int(core->store, "SELECT COUNT(*) FROM meetings WHERE org = $1", &count,
                         ICD_PARAMS(ICD_INT(org))));
    *why = "the organisation has as many meetings as it may";
    return count < core->limits.meetings_per_org ? IC_OK : IC_ERR_LIMIT;
}

/* Evenly among all numbers of ten digits that do not begin with 0: they can be dialled. */
static ic_err random_number(struct icd_core *core, char out[NUMBER_DIGITS + 1])
{
    const uint64_t low = 1000000000, span = 9000000000, fair = UINT64_MAX - UINT64_MAX % span;
    uint64_t r;
    do {
        IC_TRY(ic_rand_fill(&core->config.rand, (uint8_t *)&r, sizeof r));
    } while (r >= fair);
    r = low + r % span;
    for (int i = NUMBER_DIGITS - 1; i >= 0; i--, r /= 10)
        out[i] = (char)('0' + r % 10);
    out[NUMBER_DIGITS] = '\0';
    return IC_OK;
}

static ic_err free_number(struct icd_core *core, char out[NUMBER_DIGITS + 1])
{
    for (int i = 0; i < NUMBER_TRIES; i++) {
        int64_t taken;
        IC_TRY(random_number(core, out));
        ic_err e = icd_store_int(core->store, "SELECT 1 FROM meetings WHERE number = $1", &taken,
                                 ICD_PARAMS(ICD_TEXT(ic_view_cstr(out))));
        if (e == IC_ERR_NOT_FOUND)
            return IC_OK;
        IC_TRY(e);
    }
    return IC_ERR_LIMIT;
}

static ic_err write_invited(struct icd_core *core, struct ic_view id, struct ic_view list,
                            const char **why)
{
    struct ic_view who;
    int64_t place = 0;
    while (ic_wire_list_next(&list, &who)) {
        *why = "an invited person is a text of at most 256 bytes; at most 1000 are invited";
        if (who.len == 0 || who.len > IC_WIRE_TEXT_MAX || !ic_view_is_text(who) ||
            place == ICD_INVITED_MAX)
            return IC_ERR_RANGE;
        *why = "the store failed";
        IC_TRY(icd_store_exec(core->store,
                              "INSERT INTO invited(meeting, place, who) VALUES($1, $2, $3)", NULL,
                              ICD_PARAMS(ICD_BLOB(id), ICD_INT(place), ICD_TEXT(who))));
        place++;
    }
    return IC_OK;
}

static ic_err write_meeting(struct icd_core *core, int64_t org, const struct icd_meeting_new *n,
                            const struct ic_wire_terms *t, const char **why)
{
    char number[NUMBER_DIGITS + 1];
    *why = "the store failed";
    IC_TRY(icd_write_begin(core));
    IC_TRY(free_number(core, number));
    ic_err e = icd_store_exec(
        core->store,
        "INSERT INTO meetings(id, org, kind, state, title, number, terms, start_s, end_s,"
        " created_ms, changed_ms) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
        NULL,
        ICD_PARAMS(ICD_BLOB(t->meeting_id), ICD_INT(org), ICD_INT(t->kind),
                   ICD_INT(IC_WIRE_WAITING), ICD_TEXT(n->title), ICD_TEXT(ic_view_cstr(number)),
                   ICD_BLOB(n->terms), ICD_INT(n->start_s), ICD_INT(n->end_s),
                   ICD_INT(core->now_ms)));
    if (e == IC_ERR_EXISTS)
        *why = "there is a meeting with this id";
    IC_TRY(e);
    return write_invited(core, t->meeting_id, n->invited, why);
}

static ic_err create(struct icd_core *core, int64_t org, const struct icd_meeting_new *n,
                     struct icd_meeting *m, const char **why)
{
    struct ic_wire_terms t;
    IC_TRY(check_terms(n->terms, &t, why));
    IC_TRY(check_times(n, t.kind, why));
    *why = "the title is a text of at most 256 bytes";
    if (n->title.len > IC_WIRE_TEXT_MAX || !ic_view_is_text(n->title))
        return IC_ERR_RANGE;
    IC_TRY(check_room(core, org, why));
    IC_TRY(write_meeting(core, org, n, &t, why));
    *why = "the store failed";
    return show(core, org, t.meeting_id, m);
}

ic_err icd_meetings_create(struct icd_core *core, int64_t org, const struct icd_meeting_new *n,
                           struct icd_meeting *out, const char **why)
{
    struct icd_meeting m;
    meeting_init(&m);
    core->wrote = false;
    ic_err e = create(core, org, n, &m, why);
    if (e != IC_OK) {
        icd_write_undo(core);
        icd_meeting_clear(&m);
        return e;
    }
    *out = m;
    return IC_OK;
}

/* ---- deleting ---- */

static ic_err delete_rows(struct icd_core *core, struct ic_view id)
{
    IC_TRY(icd_store_exec(core->store, "DELETE FROM invited WHERE meeting = $1", NULL,
                          ICD_PARAMS(ICD_BLOB(id))));
    return icd_store_exec(core->store, "DELETE FROM meetings WHERE id = $1", NULL,
                          ICD_PARAMS(ICD_BLOB(id)));
}

/* Whoever is connected sees the end, and finds no meeting when it comes back. */
static ic_err delete_meeting(struct icd_core *core, struct ic_view id)
{
    struct icd_room *room;
    IC_TRY(icd_room_get(core, id, &room));
    IC_TRY(icd_room_end_session(core, room, "the organiser deleted the meeting", true));
    IC_TRY(icd_write_begin(core));
    ic_err e = delete_rows(core, id);
    if (e != IC_OK) {
        icd_write_undo(core);
        return e;
    }
    for (struct icd_conn *c = room->first; c; c = c->next)
        icd_conn_kick(core, c, IC_WIRE_E_NOT_FOUND, "there is no such meeting");
    icd_room_release(core, room);
    return IC_OK;
}

ic_err icd_meetings_delete(struct icd_core *core, int64_t org, struct ic_view id_text)
{
    uint8_t id[ICD_MEETING_ID_LEN];
    int64_t found;
    IC_TRY(id_from_text(id_text, id));
    IC_TRY(icd_store_int(core->store, "SELECT 1 FROM meetings WHERE org = $1 AND id = $2", &found,
                         ICD_PARAMS(ICD_INT(org), ICD_BLOB(IC_VIEW_ARRAY(id)))));
    core->wrote = false;
    return delete_meeting(core, IC_VIEW_ARRAY(id));
}

/* ---- time ---- */

/* Ended instant meetings answer "over" for a while; scheduled ones go some time after their end. */
static ic_err sweep(struct icd_core *core)
{
    int64_t keep_ms = (int64_t)core->limits.over_keep_s * 1000;
    int64_t now_ms = (int64_t)core->now_ms;
    IC_TRY(icd_write_begin(core));
    IC_TRY(icd_store_exec(core->store, "DELETE FROM meetings WHERE state = $1 AND changed_ms < $2",
                          NULL, ICD_PARAMS(ICD_INT(IC_WIRE_OVER), ICD_INT(now_ms - keep_ms))));
    IC_TRY(icd_store_exec(
        core->store, "DELETE FROM meetings WHERE state = $1 AND kind = $2 AND end_s < $3", NULL,
        ICD_PARAMS(ICD_INT(IC_WIRE_WAITING), ICD_INT(IC_WIRE_SCHEDULED),
                   ICD_INT((now_ms - keep_ms) / 1000))));
    IC_TRY(icd_store_exec(core->store,
                          "DELETE FROM meetings WHERE state = $1 AND kind = $2 AND changed_ms < $3",
                          NULL,
                          ICD_PARAMS(ICD_INT(IC_WIRE_WAITING), ICD_INT(IC_WIRE_INSTANT),
                                     ICD_INT(now_ms - (int64_t)UNUSED_KEEP_S * 1000))));
    return icd_store_exec(core->store,
                          "DELETE FROM invited WHERE meeting NOT IN (SELECT id FROM meetings)",
                          NULL, ICD_NO_PARAMS);
}

static void tick(struct icd_core *core)
{
    if (core->now_ms >= core->next_sweep_ms) {
        core->next_sweep_ms = core->now_ms + HOUR_MS;
        if (sweep(core) != IC_OK)
            icd_write_undo(core);
    }
    icd_core_wake_at(core, core->next_sweep_ms);
}

static const struct icd_hooks hooks = {.tick = tick};

void icd_meetings_register(struct icd_core *core)
{
    icd_core_hook(core, &hooks);
}
