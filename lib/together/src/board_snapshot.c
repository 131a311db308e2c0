/* The board as a whole, in order of ids: for who comes late, and to compare. */
#include "board.h"

ic_err ic_together_board_snapshot_write(const struct board_table *t, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    ic_write_u32(&w, (uint32_t)t->count);
    for (size_t i = 0; i < t->count; i++) {
        ic_write_u64(&w, t->slots[i].by);
        ic_together_board_element_write(&w, &t->slots[i].e);
    }
    return ic_writer_end(&w);
}

static ic_err read_one(struct ic_reader *r, struct board_table *t)
{
    struct ic_together_board_item it = {.what = IC_TOGETHER_PUT};
    uint64_t by = ic_read_u64(r);
    ic_together_board_element_read(r, &it.element);
    IC_TRY(r->err);
    if (ic_together_board_element_fault(&it.element))
        return IC_ERR_RANGE;
    if (t->count && ic_together_board_table_find(t, it.element.id))
        return IC_ERR_MALFORMED;
    if (t->bytes + it.element.data.len > IC_TOGETHER_BOARD_BYTES)
        return IC_ERR_LIMIT;
    return ic_together_board_table_put(t, &it.element, by);
}

ic_err ic_together_board_snapshot_read(struct ic_view v, struct board_table *out)
{
    struct ic_reader r = ic_reader(v);
    struct board_table t = {0};
    uint32_t n = ic_read_u32(&r);
    ic_err e = n > IC_TOGETHER_BOARD_ELEMENTS ? IC_ERR_LIMIT : IC_OK;
    for (uint32_t i = 0; i < n && e == IC_OK; i++)
        e = read_one(&r, &t);
    if (e == IC_OK)
        e = ic_reader_end(&r);
    if (e != IC_OK) {
        ic_together_board_table_clear(&t);
        return e;
    }
    ic_together_board_table_clear(out);
    *out = t;
    return IC_OK;
}
