/* Whiteboard, annotation and remote control: ic/together/desk.h beside the one meeting. */
#include "glue_board.h"

#include <ic/together/desk.h>

static struct ic_together_desk *desk;

ic_err icw_desk_open(void)
{
    struct ic_rand rand = icw_rand();
    IC_TRY(ic_together_desk_new(&rand, &desk));
    ic_together_control_offer(ic_together_desk_control(desk), IC_TOGETHER_CONTROL_IN_BROWSER);
    return IC_OK;
}

void icw_desk_close(void)
{
    ic_together_desk_free(desk);
    desk = NULL;
}

bool icw_desk_take(const struct ic_meeting_event *e, uint64_t now_ms)
{
    return desk && ic_together_desk_meeting(desk, icw.meeting, e, now_ms);
}

void icw_desk_run(uint64_t now_ms)
{
    if (desk)
        ic_together_desk_run(desk, icw.meeting, now_ms);
}

uint64_t icw_desk_deadline_ms(void)
{
    return desk ? ic_together_desk_deadline_ms(desk) : UINT64_MAX;
}

bool icw_desk_next(uint64_t now_ms, int *answer)
{
    struct ic_together_desk_event *e = ic_new(struct ic_together_desk_event);
    bool some = e && desk && ic_together_desk_next(desk, e);
    if (some)
        *answer = icw_done(ic_together_desk_json(desk, icw.meeting, e, now_ms, icw_answer()));
    ic_free(e);
    return some;
}

#define DESK()                                                                                     \
    if (!desk)                                                                                     \
    return -IC_ERR_STATE

/* ---- the board ---- */

/* The room in holds the body of an op, made by the page; elements whose author is 0 are new. */
ICW_EXPORT int icw_board_do(int len, double now_ms)
{
    DESK();
    (void)now_ms;
    IC_AUTOFREE struct ic_together_board_item *items =
        ic_new_array(IC_TOGETHER_BOARD_ITEMS, struct ic_together_board_item);
    size_t count;
    uint8_t intent;
    if (!items)
        return -IC_ERR_NOMEM;
    ic_err e = ic_together_board_op_decode(icw_given(len), &intent, items, &count, NULL);
    for (size_t i = 0; e == IC_OK && i < count; i++)
        if (items[i].element.id.author == 0)
            items[i].element.id.number = 0;
    if (e == IC_OK)
        e = ic_together_board_do(ic_together_desk_board(desk), items, count);
    return -(int)e;
}

ICW_EXPORT int icw_board_clear(double now_ms)
{
    DESK();
    (void)now_ms;
    return -(int)ic_together_board_clear(ic_together_desk_board(desk));
}

ICW_EXPORT int icw_board_undo(double now_ms)
{
    DESK();
    (void)now_ms;
    return -(int)ic_together_board_undo(ic_together_desk_board(desk));
}

ICW_EXPORT int icw_board_redo(double now_ms)
{
    DESK();
    (void)now_ms;
    return -(int)ic_together_board_redo(ic_together_desk_board(desk));
}

/* The picture, to the room out. */
ICW_EXPORT int icw_board_svg(void)
{
    DESK();
    return icw_done(ic_together_board_svg(ic_together_desk_board(desk), icw_answer()));
}

/* ---- annotation ---- */

/* The room in holds a body of kind 35. */
ICW_EXPORT int icw_annotate(int len, double now_ms)
{
    DESK();
    (void)now_ms;
    return -(int)ic_together_desk_draw(desk, icw_given(len));
}

/* ---- control ---- */

ICW_EXPORT int icw_control_request(double leaf, double now_ms)
{
    DESK();
    (void)now_ms;
    uint64_t author = ic_together_author_at(icw.meeting, (uint32_t)icw_ms(leaf));
    return author ? -(int)ic_together_control_request(ic_together_desk_control(desk), author)
                  : -IC_ERR_NOT_FOUND;
}

/* Escape: whatever of control is ours ends. */
ICW_EXPORT int icw_control_stop(double now_ms)
{
    DESK();
    (void)now_ms;
    return -(int)ic_together_control_stop(ic_together_desk_control(desk));
}

/* A host ends the control of that screen. */
ICW_EXPORT int icw_control_revoke(double leaf, double now_ms)
{
    DESK();
    (void)now_ms;
    uint64_t author = ic_together_author_at(icw.meeting, (uint32_t)icw_ms(leaf));
    return -(int)ic_together_control_revoke(ic_together_desk_control(desk), author);
}

/* The room in holds the body of kind 51 with nothing but its inputs filled in. */
ICW_EXPORT int icw_control_input(int len, double now_ms)
{
    DESK();
    (void)now_ms;
    struct ic_together_input inputs[IC_TOGETHER_CONTROL_INPUTS];
    uint64_t sharer;
    uint32_t grant, number;
    size_t count;
    ic_err e = ic_together_input_decode(icw_given(len), &sharer, &grant, &number, inputs, &count);
    if (e == IC_OK)
        e = ic_together_control_input(ic_together_desk_control(desk), inputs, count);
    return -(int)e;
}
