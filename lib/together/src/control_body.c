/* The bodies of kinds 48 to 51. */
#include "control.h"

static struct ic_reader open_body(struct ic_view body)
{
    struct ic_reader r = ic_reader(body);
    if (ic_read_u8(&r) != CONTROL_VERSION)
        ic_reader_fail(&r, IC_ERR_UNSUPPORTED);
    return r;
}

ic_err ic_together_control_request_write(const struct control_request *q, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    ic_write_u8(&w, CONTROL_VERSION);
    ic_write_u64(&w, q->target);
    ic_write_u32(&w, q->number);
    return ic_writer_end(&w);
}

ic_err ic_together_control_request_read(struct ic_view body, struct control_request *out)
{
    struct ic_reader r = open_body(body);
    struct control_request q;
    q.target = ic_read_u64(&r);
    q.number = ic_read_u32(&r);
    IC_TRY(ic_reader_end(&r));
    *out = q;
    return IC_OK;
}

ic_err ic_together_control_grant_write(const struct control_grant *g, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    ic_write_u8(&w, CONTROL_VERSION);
    ic_write_u64(&w, g->grantee);
    ic_write_u32(&w, g->number);
    ic_write_u32(&w, g->grant);
    ic_write_u8(&w, g->allows);
    return ic_writer_end(&w);
}

ic_err ic_together_control_grant_read(struct ic_view body, struct control_grant *out)
{
    struct ic_reader r = open_body(body);
    struct control_grant g;
    g.grantee = ic_read_u64(&r);
    g.number = ic_read_u32(&r);
    g.grant = ic_read_u32(&r);
    g.allows = ic_read_u8(&r);
    IC_TRY(ic_reader_end(&r));
    if (g.allows < 1 || g.allows > 3)
        return IC_ERR_RANGE;
    *out = g;
    return IC_OK;
}

ic_err ic_together_control_revoke_write(const struct control_revoke *v, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    ic_write_u8(&w, CONTROL_VERSION);
    ic_write_u64(&w, v->sharer);
    ic_write_u64(&w, v->grantee);
    ic_write_u32(&w, v->number);
    ic_write_u8(&w, v->reason);
    return ic_writer_end(&w);
}

ic_err ic_together_control_revoke_read(struct ic_view body, struct control_revoke *out)
{
    struct ic_reader r = open_body(body);
    struct control_revoke v;
    v.sharer = ic_read_u64(&r);
    v.grantee = ic_read_u64(&r);
    v.number = ic_read_u32(&r);
    v.reason = ic_read_u8(&r);
    IC_TRY(ic_reader_end(&r));
    if (v.reason < 1 || v.reason >= IC_TOGETHER_CONTROL_REASON_COUNT)
        return IC_ERR_RANGE;
    *out = v;
    return IC_OK;
}

/* ---- input ---- */

/* Keysyms: Latin-1 and the old tables, function keys and modifiers, Unicode. */
static bool keysym_ok(uint32_t k)
{
    return (k >= 0x20 && k <= 0xffff) || (k >= 0x01000020 && k <= 0x0110ffff) ||
           (k >= 0x10080000 && k <= 0x1008ffff);
}

static bool input_ok(const struct ic_together_input *in)
{
    switch (in->type) {
    case IC_TOGETHER_INPUT_MOVE:
        return true;
    case IC_TOGETHER_INPUT_BUTTON:
        return in->code >= 1 && in->code <= IC_TOGETHER_CONTROL_BUTTONS &&
               !(in->code >= 4 && in->code <= 7); /* X's wheel */
    case IC_TOGETHER_INPUT_WHEEL:
        return in->dx >= -10 && in->dx <= 10 && in->dy >= -10 && in->dy <= 10;
    case IC_TOGETHER_INPUT_KEY:
        return keysym_ok(in->code);
    default:
        return false;
    }
}

static void write_input(struct ic_writer *w, const struct ic_together_input *in)
{
    if (!input_ok(in))
        ic_writer_fail(w, IC_ERR_RANGE);
    ic_write_u8(w, in->type);
    if (in->type == IC_TOGETHER_INPUT_MOVE) {
        ic_write_u16(w, in->x);
        ic_write_u16(w, in->y);
    } else if (in->type == IC_TOGETHER_INPUT_WHEEL) {
        ic_write_u8(w, (uint8_t)in->dx);
        ic_write_u8(w, (uint8_t)in->dy);
    } else {
        ic_write_u32(w, in->code);
        ic_write_u8(w, in->down);
    }
}

static void read_input(struct ic_reader *r, struct ic_together_input *in)
{
    *in = (struct ic_together_input){.type = ic_read_u8(r)};
    if (in->type == IC_TOGETHER_INPUT_MOVE) {
        in->x = ic_read_u16(r);
        in->y = ic_read_u16(r);
    } else if (in->type == IC_TOGETHER_INPUT_WHEEL) {
        in->dx = (int8_t)ic_read_u8(r);
        in->dy = (int8_t)ic_read_u8(r);
    } else {
        in->code = ic_read_u32(r);
        uint8_t down = ic_read_u8(r);
        if (down > 1)
            ic_reader_fail(r, IC_ERR_RANGE);
        in->down = down;
    }
    if (!input_ok(in))
        ic_reader_fail(r, IC_ERR_RANGE);
}

ic_err ic_together_input_encode(uint64_t sharer, uint32_t grant, uint32_t number,
                                const struct ic_together_input *inputs, size_t count,
                                struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    if (count < 1 || count > IC_TOGETHER_CONTROL_INPUTS)
        return IC_ERR_LIMIT;
    ic_write_u8(&w, CONTROL_VERSION);
    ic_write_u64(&w, sharer);
    ic_write_u32(&w, grant);
    ic_write_u32(&w, number);
    ic_write_u8(&w, (uint8_t)count);
    for (size_t i = 0; i < count; i++)
        write_input(&w, &inputs[i]);
    return ic_writer_end(&w);
}

ic_err ic_together_input_decode(struct ic_view body, uint64_t *sharer, uint32_t *grant,
                                uint32_t *number, struct ic_together_input *inputs, size_t *count)
{
    struct ic_reader r = open_body(body);
    uint64_t whose = ic_read_u64(&r);
    uint32_t g = ic_read_u32(&r);
    uint32_t no = ic_read_u32(&r);
    size_t n = ic_read_u8(&r);
    if (r.err == IC_OK && (n < 1 || n > IC_TOGETHER_CONTROL_INPUTS))
        return IC_ERR_RANGE;
    for (size_t i = 0; r.err == IC_OK && i < n; i++)
        read_input(&r, &inputs[i]);
    IC_TRY(ic_reader_end(&r));
    *sharer = whose;
    *grant = g;
    *number = no;
    *count = n;
    return IC_OK;
}
