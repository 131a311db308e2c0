/* Board, annotation and control as JSON: docs/events.md. */
#include "desk.h"

#include <ic/base/mem.h>
#include <ic/meeting/json.h>
#include <inttypes.h>
#include <stdio.h>

void ic_together_json_author(struct ic_json *j, const char *key, uint64_t author)
{
    char hex[17];
    snprintf(hex, sizeof hex, "%016" PRIx64, author);
    ic_json_cstr(j, key, hex);
}

/* A person as ever, or nobody that is here. */
void ic_together_json_who(struct ic_json *j, const char *key, const struct ic_meeting *m,
                          uint64_t author)
{
    struct ic_meeting_person p = {.leaf = UINT32_MAX};
    ic_store_u64(p.key_hash, author);
    IC_IGNORE(ic_together_person(m, author, &p) ? IC_OK : IC_ERR_NOT_FOUND);
    ic_meeting_json_person(j, key, &p);
}

/* ---- the board ---- */

static void id_text(struct ic_json *j, const char *key, struct ic_together_board_id id)
{
    char hex[34];
    snprintf(hex, sizeof hex, "%016" PRIx64 "-%016" PRIx64, id.author, id.number);
    ic_json_cstr(j, key, hex);
}

static void write_points(struct ic_json *j, const struct ic_together_board_element *e)
{
    int32_t at[2];
    ic_json_array(j, "points");
    for (size_t i = 0; ic_together_board_point(e, i, at); i++) {
        ic_json_int(j, NULL, at[0]);
        ic_json_int(j, NULL, at[1]);
    }
    ic_json_array_end(j);
}

static void write_element(struct ic_json *j, const struct ic_together_board_element *e, uint64_t by)
{
    static const char *const types[] = {"",      "pen",  "line", "rect", "ellipse",
                                        "arrow", "text", "note", "image"};
    ic_json_object(j, NULL);
    id_text(j, "id", e->id);
    ic_together_json_author(j, "by", by);
    ic_json_cstr(j, "type", e->type < IC_ARRAY_LEN(types) ? types[e->type] : "");
    ic_json_uint(j, "colour", e->colour);
    ic_json_uint(j, "fill", e->fill);
    ic_json_uint(j, "width", e->width);
    ic_json_int(j, "z", e->z);
    ic_json_int(j, "x", e->x);
    ic_json_int(j, "y", e->y);
    ic_json_int(j, "w", e->w);
    ic_json_int(j, "h", e->h);
    if (e->type == IC_TOGETHER_PEN) {
        write_points(j, e);
    } else if (e->type == IC_TOGETHER_IMAGE) {
        ic_json_cstr(j, "image_type", ic_together_board_image_type(e->data));
        ic_json_base64(j, "image", e->data);
    } else if (e->type == IC_TOGETHER_TEXT || e->type == IC_TOGETHER_NOTE) {
        ic_json_text(j, "text", e->data);
    }
    ic_json_object_end(j);
}

static void write_changed(struct ic_json *j, const struct ic_together_board *b,
                          const struct ic_together_board_event *e)
{
    const struct ic_together_board_element *el;
    uint64_t by = 0;
    ic_json_bool(j, "cleared", e->cleared);
    ic_json_array(j, "put");
    for (size_t i = 0; i < e->id_count; i++)
        if ((el = ic_together_board_find(b, e->ids[i], &by)) != NULL)
            write_element(j, el, by);
    ic_json_array_end(j);
    ic_json_array(j, "gone");
    for (size_t i = 0; i < e->id_count; i++)
        if (!ic_together_board_find(b, e->ids[i], NULL))
            id_text(j, NULL, e->ids[i]);
    ic_json_array_end(j);
}

static void write_whole(struct ic_json *j, const struct ic_together_board *b)
{
    const struct ic_together_board_element *el;
    uint64_t by = 0;
    ic_json_array(j, "put");
    for (size_t i = 0; (el = ic_together_board_at(b, i, &by)) != NULL; i++)
        write_element(j, el, by);
    ic_json_array_end(j);
}

ic_err ic_together_board_json(const struct ic_together_board *b, const struct ic_meeting *m,
                              const struct ic_together_board_event *e, uint64_t now_ms,
                              struct ic_buf *out)
{
    static const char *const names[] = {"", "board", "board_whole", "board_refused", "board_sync"};
    struct ic_json j = ic_meeting_json_open(names[e->type], now_ms, out);
    if (e->type != IC_TOGETHER_BOARD_SYNC)
        ic_together_json_who(&j, "person", m, e->author);
    if (e->type == IC_TOGETHER_BOARD_CHANGED)
        write_changed(&j, b, e);
    else if (e->type == IC_TOGETHER_BOARD_WHOLE)
        write_whole(&j, b);
    else if (e->type == IC_TOGETHER_BOARD_REFUSED)
        ic_json_cstr(&j, "rule", e->rule);
    if (e->type != IC_TOGETHER_BOARD_REFUSED) {
        ic_json_uint(&j, "seq", e->seq);
        ic_json_bool(&j, "synced", ic_together_board_synced(b));
        ic_json_bool(&j, "undo", ic_together_board_can_undo(b));
        ic_json_bool(&j, "redo", ic_together_board_can_redo(b));
        ic_json_uint(&j, "elements", ic_together_board_count(b));
    }
    return ic_meeting_json_close(&j);
}

/* ---- annotation ---- */

static void write_stroke(struct ic_json *j, const struct ic_together_annot_stroke *s)
{
    ic_json_uint(j, "colour", s->colour);
    ic_json_uint(j, "width", s->width);
    ic_json_bool(j, "keep", s->keep);
    ic_json_array(j, "points");
    for (size_t i = 0; i < s->count; i++) {
        ic_json_uint(j, NULL, s->points[i][0]);
        ic_json_uint(j, NULL, s->points[i][1]);
    }
    ic_json_array_end(j);
}

ic_err ic_together_annot_json(const struct ic_together_annot *a, const struct ic_meeting *m,
                              const struct ic_together_annot_event *e, uint64_t now_ms,
                              struct ic_buf *out)
{
    static const char *const names[] = {"",
                                        "annotation",
                                        "annotation_gone",
                                        "annotation_cleared",
                                        "annotation_switched",
                                        "annotation_refused"};
    struct ic_json j = ic_meeting_json_open(names[e->type], now_ms, out);
    (void)a;
    ic_together_json_who(&j, "person", m, e->author);
    if (e->type == IC_TOGETHER_ANNOT_REFUSED) {
        ic_json_cstr(&j, "rule", e->rule);
        return ic_meeting_json_close(&j);
    }
    ic_together_json_author(&j, "target", e->target);
    if (e->type == IC_TOGETHER_ANNOT_STROKE || e->type == IC_TOGETHER_ANNOT_GONE)
        ic_json_uint(&j, "number", e->number);
    if (e->type == IC_TOGETHER_ANNOT_STROKE)
        write_stroke(&j, &e->stroke);
    if (e->type == IC_TOGETHER_ANNOT_CLEARED)
        ic_json_bool(&j, "all", e->author == 0);
    if (e->type == IC_TOGETHER_ANNOT_SWITCHED)
        ic_json_bool(&j, "on", e->on);
    return ic_meeting_json_close(&j);
}

/* ---- control ---- */

ic_err ic_together_control_json(const struct ic_meeting *m,
                                const struct ic_together_control_event *e, uint64_t now_ms,
                                struct ic_buf *out)
{
    static const char *const names[] = {"",
                                        "control_request",
                                        "control_granted",
                                        "control_refused",
                                        "control_ended",
                                        "control_input",
                                        "control_bad"};
    struct ic_json j = ic_meeting_json_open(names[e->type], now_ms, out);
    ic_together_json_who(&j, "grantee", m, e->grantee);
    if (e->type != IC_TOGETHER_CONTROL_EV_BAD)
        ic_together_json_who(&j, "sharer", m, e->sharer);
    if (e->type == IC_TOGETHER_CONTROL_EV_GRANTED) {
        ic_json_bool(&j, "pointer", e->allows & IC_TOGETHER_CONTROL_POINTER);
        ic_json_bool(&j, "keys", e->allows & IC_TOGETHER_CONTROL_KEYS);
    }
    if (e->type == IC_TOGETHER_CONTROL_EV_REFUSED || e->type == IC_TOGETHER_CONTROL_EV_ENDED)
        ic_json_cstr(&j, "why", ic_together_control_reason_name(e->reason));
    if (e->type == IC_TOGETHER_CONTROL_EV_BAD)
        ic_json_cstr(&j, "rule", e->rule);
    if (e->type == IC_TOGETHER_CONTROL_EV_INPUT)
        ic_json_uint(&j, "count", e->input_count);
    return ic_meeting_json_close(&j);
}
