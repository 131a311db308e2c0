/* The body of an op: version, intent, items. All of it is right, or none of it is applied. */
#include "board.h"

static bool has_element(uint8_t what)
{
    return what == IC_TOGETHER_PUT || what == IC_TOGETHER_CHANGE;
}

static ic_err check_item(const struct ic_together_board_item *it, const char **rule)
{
    *rule = "board-op";
    if (it->what < IC_TOGETHER_PUT || it->what > IC_TOGETHER_CLEAR)
        return IC_ERR_RANGE;
    if (has_element(it->what) && (*rule = ic_together_board_element_fault(&it->element)))
        return IC_ERR_RANGE;
    *rule = NULL;
    return IC_OK;
}

ic_err ic_together_board_op_encode(uint8_t intent, const struct ic_together_board_item *items,
                                   size_t count, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    const char *rule;
    if (count < 1 || count > IC_TOGETHER_BOARD_ITEMS)
        return IC_ERR_LIMIT;
    ic_write_u8(&w, BOARD_VERSION);
    ic_write_u8(&w, intent);
    ic_write_u16(&w, (uint16_t)count);
    for (size_t i = 0; i < count; i++) {
        ic_err e = check_item(&items[i], &rule);
        if (e != IC_OK)
            ic_writer_fail(&w, e);
        ic_write_u8(&w, items[i].what);
        if (has_element(items[i].what))
            ic_together_board_element_write(&w, &items[i].element);
        else if (items[i].what == IC_TOGETHER_DELETE)
            ic_together_board_id_write(&w, items[i].element.id);
    }
    return ic_writer_end(&w);
}

static ic_err read_item(struct ic_reader *r, struct ic_together_board_item *it, const char **rule)
{
    *it = (struct ic_together_board_item){.what = ic_read_u8(r)};
    if (has_element(it->what))
        ic_together_board_element_read(r, &it->element);
    else if (it->what == IC_TOGETHER_DELETE)
        it->element.id = ic_together_board_id_read(r);
    *rule = "board-op";
    IC_TRY(r->err);
    return check_item(it, rule);
}

ic_err ic_together_board_op_decode(struct ic_view body, uint8_t *intent,
                                   struct ic_together_board_item *items, size_t *count,
                                   const char **rule)
{
    const char *unused;
    struct ic_reader r = ic_reader(body);
    if (!rule)
        rule = &unused;
    uint8_t version = ic_read_u8(&r);
    uint8_t meant = ic_read_u8(&r);
    size_t n = ic_read_u16(&r);
    *rule = "board-op";
    if (r.err == IC_OK && version != BOARD_VERSION)
        return IC_ERR_UNSUPPORTED;
    if (r.err == IC_OK && (n < 1 || n > IC_TOGETHER_BOARD_ITEMS || meant > IC_TOGETHER_REDO))
        return IC_ERR_RANGE;
    for (size_t i = 0; i < n && r.err == IC_OK; i++)
        IC_TRY(read_item(&r, &items[i], rule));
    IC_TRY(ic_reader_end(&r));
    *rule = NULL;
    *intent = meant;
    *count = n;
    return IC_OK;
}
