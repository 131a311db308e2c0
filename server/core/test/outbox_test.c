#include "core/outbox.h"

#include <ic/base/test.h>

TEST(outbox_keeps_order_and_receivers)
{
    struct icd_outbox o;
    uint64_t many[100];
    for (uint64_t i = 0; i < 100; i++)
        many[i] = i + 1;
    icd_outbox_init(&o);
    CHECK_OK(ic_buf_append(&o.bytes, IC_VIEW_STR("first")));
    CHECK_OK(icd_outbox_frame(&o, 0, many, 100));
    CHECK_OK(ic_buf_append(&o.bytes, IC_VIEW_STR("second")));
    CHECK_OK(icd_outbox_frame(&o, 5, many + 7, 1));
    CHECK_OK(icd_outbox_close(&o, 9));
    CHECK_EQ_INT(o.count, 3);
    CHECK_EQ_INT(o.entries[0].conns_count, 100);
    CHECK_EQ_INT(o.conns[o.entries[1].conns_at], 8);
    CHECK_BYTES(ic_view_sub(ic_buf_view(&o.bytes), o.entries[1].bytes_at, o.entries[1].bytes_len),
                IC_VIEW_STR("second"));
    CHECK_EQ_INT(o.entries[2].bytes_len, 0);
    CHECK_EQ_INT(o.conns[o.entries[2].conns_at], 9);
    icd_outbox_reset(&o);
    CHECK_EQ_INT(o.count, 0);
    icd_outbox_clear(&o);
}

static ic_err queue_some(void *ctx)
{
    (void)ctx;
    struct icd_outbox o;
    uint64_t ids[70] = {1};
    icd_outbox_init(&o);
    ic_err e = IC_OK;
    for (int i = 0; i < 40 && e == IC_OK; i++) {
        size_t from = o.bytes.len;
        e = ic_buf_append(&o.bytes, IC_VIEW_STR("0123456789"));
        if (e == IC_OK)
            e = icd_outbox_frame(&o, from, ids, 70);
    }
    icd_outbox_clear(&o);
    return e;
}

TEST(outbox_survives_each_allocation_failing)
{
    CHECK(ic_test_each_alloc_fails(queue_some, NULL) > 3);
}
