#include "core/outbox.h"

#include <ic/base/mem.h>
#include <string.h>

/* One flush may carry a whole catch-up to several members. */
enum { BYTES_MAX = 256 << 20 };

void icd_outbox_init(struct icd_outbox *o)
{
    *o = (struct icd_outbox){0};
    ic_buf_init(&o->bytes, BYTES_MAX);
}

void icd_outbox_clear(struct icd_outbox *o)
{
    ic_buf_clear(&o->bytes);
    ic_free(o->conns);
    ic_free(o->entries);
    icd_outbox_init(o);
}

void icd_outbox_reset(struct icd_outbox *o)
{
    /* A burst's memory is given back, a turn's usual amount is kept. */
    if (o->bytes.cap > (1 << 20))
        ic_buf_clear(&o->bytes);
    else
        ic_buf_reset(&o->bytes);
    o->count = 0;
    o->conn_count = 0;
}

static ic_err room_for_conns(struct icd_outbox *o, size_t n)
{
    if (o->conn_count + n <= o->conn_cap)
        return IC_OK;
    size_t cap = o->conn_cap ? o->conn_cap : 64;
    while (cap < o->conn_count + n)
        cap *= 2;
    uint64_t *p = ic_realloc(o->conns, cap, sizeof *p);
    if (!p)
        return IC_ERR_NOMEM;
    o->conns = p;
    o->conn_cap = cap;
    return IC_OK;
}

static ic_err add(struct icd_outbox *o, struct icd_outbox_entry e, const uint64_t *conns)
{
    IC_TRY(room_for_conns(o, e.conns_count));
    if (o->count == o->cap) {
        size_t cap = o->cap ? 2 * o->cap : 32;
        struct icd_outbox_entry *p = ic_realloc(o->entries, cap, sizeof *p);
        if (!p)
            return IC_ERR_NOMEM;
        o->entries = p;
        o->cap = cap;
    }
    e.conns_at = o->conn_count;
    memcpy(o->conns + o->conn_count, conns, e.conns_count * sizeof *conns);
    o->conn_count += e.conns_count;
    o->entries[o->count++] = e;
    return IC_OK;
}

ic_err icd_outbox_frame(struct icd_outbox *o, size_t from, const uint64_t *conns, size_t count)
{
    struct icd_outbox_entry e = {
        .bytes_at = from, .bytes_len = o->bytes.len - from, .conns_count = count};
    ic_err err = add(o, e, conns);
    if (err != IC_OK)
        o->bytes.len = from;
    return err;
}

ic_err icd_outbox_close(struct icd_outbox *o, uint64_t conn)
{
    return add(o, (struct icd_outbox_entry){.conns_count = 1}, &conn);
}
