/* Frames that wait for the transaction that makes them true, and closes that wait for their frames. */
#ifndef ICD_CORE_OUTBOX_H
#define ICD_CORE_OUTBOX_H

#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>

struct icd_outbox_entry {
    size_t bytes_at, bytes_len; /* 0, 0: a close */
    size_t conns_at, conns_count;
};

struct icd_outbox {
    struct ic_buf bytes;
    uint64_t *conns;
    size_t conn_count, conn_cap;
    struct icd_outbox_entry *entries;
    size_t count, cap;
};

void icd_outbox_init(struct icd_outbox *o);
void icd_outbox_clear(struct icd_outbox *o);
/* Empties without freeing. */
void icd_outbox_reset(struct icd_outbox *o);
/* The frame is what was appended to o->bytes since `from`. IC_ERR_NOMEM: nothing was queued. */
ic_err icd_outbox_frame(struct icd_outbox *o, size_t from, const uint64_t *conns, size_t count);
ic_err icd_outbox_close(struct icd_outbox *o, uint64_t conn);

#endif
