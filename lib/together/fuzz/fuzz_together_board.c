/* A member says anything: ops, questions and pieces by the first byte of each stretch. Whatever comes, the limits
 * hold, the board can be drawn, and an op that decodes encodes to the same. */
#include <ic/base/mem.h>
#include <ic/together/board.h>
#include <ic/together/kinds.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ic_err same(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 7, n);
    return IC_OK;
}

static void again(struct ic_view body)
{
    IC_BUF_SCOPE(b, 1 << 20);
    IC_AUTOFREE struct ic_together_board_item *items =
        ic_new_array(IC_TOGETHER_BOARD_ITEMS, struct ic_together_board_item);
    uint8_t intent;
    size_t n;
    if (!items || ic_together_board_op_decode(body, &intent, items, &n, NULL) != IC_OK)
        return;
    if (ic_together_board_op_encode(intent, items, n, &b) != IC_OK ||
        !ic_view_equal(ic_buf_view(&b), body))
        abort();
}

static void check(struct ic_together_board *b)
{
    IC_BUF_SCOPE(svg, IC_TOGETHER_BOARD_SVG);
    struct ic_together_board_event e;
    if (ic_together_board_count(b) > IC_TOGETHER_BOARD_ELEMENTS)
        abort();
    if (ic_together_board_svg(b, &svg) != IC_OK)
        abort();
    if (memmem(svg.p, svg.len, "<script", 7))
        abort();
    while (ic_together_board_next_event(b, &e))
        ;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_rand rand = {same, NULL};
    struct ic_together_board *b;
    uint64_t seq = 0, now = 1;
    if (ic_together_board_new(&rand, &b) != IC_OK)
        return 0;
    ic_together_board_self(b, 1);
    ic_together_board_enter(b, size % 2, now);
    while (size >= 4) {
        uint8_t how = data[0];
        size_t len = (size_t)data[1] << 8 | data[2];
        struct ic_together_board_from from = {data[3] % 4u, data[3] % 4u, data[3] % 4u == 1, 0};
        data += 4;
        size -= 4;
        len = len < size ? len : size;
        struct ic_view body = ic_view(data, len);
        uint16_t kind = (uint16_t)(IC_TOGETHER_BOARD_OP + how % 3);
        again(body);
        ic_together_board_said(b, &from, kind, body, kind == IC_TOGETHER_BOARD_OP ? ++seq : 0, now);
        if (how & 0x40)
            IC_IGNORE(ic_together_board_undo(b));
        now += how;
        ic_together_board_tick(b, now);
        data += len;
        size -= len;
    }
    check(b);
    ic_together_board_free(b);
    return 0;
}
