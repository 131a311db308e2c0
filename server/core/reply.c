/* Answers and events: encoded once into the outbox, whoever they go to. */
#include "core/live.h"

#include <ic/base/mem.h>
#include <stdlib.h>

/* A frame that could not be queued would leave its receiver with a hole: the whole flush is void then,
 * and everybody reads the truth from the store. */
static void queue(struct icd_core *core, const struct ic_wire_frame *f, const uint64_t *conns,
                  size_t count)
{
    if (count == 0)
        return;
    size_t from = core->outbox.bytes.len;
    ic_err e = ic_wire_encode(f, &core->outbox.bytes);
    if (e == IC_OK)
        e = icd_outbox_frame(&core->outbox, from, conns, count);
    if (e != IC_OK) {
        icd_core_log(core, ICD_LOG_ERROR, "frame_lost", "type=%s error=%s",
                     ic_wire_type_name(f->type), ic_err_name(e));
        core->store_broken = true;
    }
}

void icd_send(struct icd_core *core, struct icd_conn *c, struct ic_wire_frame *f)
{
    if (!c->closing)
        queue(core, f, &c->id, 1);
}

void icd_send_room(struct icd_core *core, struct icd_room *room, struct ic_wire_frame *f,
                   bool (*want)(const struct icd_conn *c))
{
    IC_AUTOFREE uint64_t *ids = ic_new_array(room->conns, uint64_t);
    if (!ids) {
        core->store_broken = true;
        return;
    }
    size_t count = 0;
    for (const struct icd_conn *c = room->first; c; c = c->next)
        if (!c->closing && (!want || want(c)))
            ids[count++] = c->id;
    queue(core, f, ids, count);
}

void icd_reply(struct icd_core *core, struct icd_conn *c, uint32_t request, struct ic_wire_frame *f)
{
    c->answered = true;
    f->request = request;
    icd_send(core, c, f);
}

void icd_reply_ok(struct icd_core *core, struct icd_conn *c, uint32_t request, uint64_t number)
{
    struct ic_wire_frame f = {.type = IC_WIRE_OK, .ok = {.number = number}};
    icd_reply(core, c, request, &f);
}

/* Texts come from the libraries too; the frame takes so much of one. */
static struct ic_view clipped(const char *text)
{
    struct ic_view v = ic_view_cstr(text);
    if (v.len > IC_WIRE_TEXT_MAX)
        v.len = IC_WIRE_TEXT_MAX;
    return v;
}

void icd_reply_error(struct icd_core *core, struct icd_conn *c, uint32_t request, uint16_t code,
                     const char *text)
{
    core->stats.refused++;
    struct ic_wire_frame f = {.type = IC_WIRE_ERROR,
                              .error = {.code = code, .text = clipped(text)}};
    icd_reply(core, c, request, &f);
}

void icd_conn_kick(struct icd_core *core, struct icd_conn *c, uint16_t code, const char *text)
{
    if (c->closing)
        return;
    icd_core_log(core, ICD_LOG_INFO, "closed", "reason=%s", ic_wire_error_name(code));
    struct ic_wire_frame f = {.type = IC_WIRE_ERROR,
                              .error = {.code = code, .text = clipped(text)}};
    icd_send(core, c, &f);
    c->closing = true;
    if (icd_outbox_close(&core->outbox, c->id) != IC_OK)
        core->store_broken = true;
}
