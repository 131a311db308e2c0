#include "room_desk.h"

#include "base/clock.h"
#include "control/share.h"
#include "room_private.h"

#include <ic/base/mem.h>
#include <ic/os/os.h>
#include <stdio.h>
#include <unistd.h>

ic_err icc_room_desk_open(struct icc_room *r)
{
    struct ic_rand rand = ic_os_rand();
    IC_TRY(ic_together_desk_new(&rand, &r->desk));
    icc_share_open(&r->share, r->c->media.screen, r->c->view_only,
                   ic_together_desk_control(r->desk));
    return IC_OK;
}

void icc_room_desk_close(struct icc_room *r)
{
    icc_share_close(&r->share);
    ic_together_desk_free(r->desk);
    r->desk = NULL;
}

bool icc_room_desk_take(struct icc_room *r, const struct ic_meeting_event *e)
{
    pthread_mutex_lock(&r->lock);
    bool told = ic_together_desk_meeting(r->desk, r->meeting, e, icc_now_ms());
    pthread_mutex_unlock(&r->lock);
    return told;
}

void icc_room_desk_run(struct icc_room *r)
{
    IC_AUTOFREE struct ic_together_desk_event *e = ic_new(struct ic_together_desk_event);
    if (!e)
        return;
    for (bool some = true; some && !r->over;) {
        pthread_mutex_lock(&r->lock);
        ic_together_desk_run(r->desk, r->meeting, icc_now_ms());
        some = ic_together_desk_next(r->desk, e);
        if (some && e->what == IC_TOGETHER_DESK_CONTROL)
            icc_share_take(&r->share, ic_together_desk_control(r->desk), &e->control);
        pthread_mutex_unlock(&r->lock);
        if (some)
            r->view.ops->desk(r->view.self, r->desk, r->meeting, e);
    }
}

/* ---- what people ask for ---- */

static ic_err export_board(struct icc_room *r, const char *path)
{
    IC_BUF_SCOPE(svg, IC_TOGETHER_BOARD_SVG);
    IC_TRY(ic_together_board_svg(ic_together_desk_board(r->desk), &svg));
    FILE *f = path ? fopen(path, "we") : NULL;
    if (!f)
        return IC_ERR_IO;
    bool ok = fwrite(svg.p, 1, svg.len, f) == svg.len;
    ok = fclose(f) == 0 && ok;
    if (!ok)
        unlink(path);
    return ok ? IC_OK : IC_ERR_IO;
}

static ic_err draw_over(struct icc_room *r, const struct icc_desk_command *c)
{
    IC_BUF_SCOPE(body, 64);
    uint64_t self = ic_together_author_at(r->meeting, ic_meeting_own_leaf(r->meeting));
    IC_TRY(c->what == ICC_DESK_CLEAN ? ic_together_annot_clear_encode(self, &body)
                                     : ic_together_annot_switch_encode(self, c->on, &body));
    return ic_together_desk_draw(r->desk, ic_buf_view(&body));
}

static ic_err do_board(struct icc_room *r, const struct icc_desk_command *c)
{
    struct ic_together_board *b = ic_together_desk_board(r->desk);
    struct ic_together_board_item it = {.what = c->what == ICC_DESK_ADD ? IC_TOGETHER_PUT
                                                                        : IC_TOGETHER_DELETE,
                                        .element = c->element};
    switch (c->what) {
    case ICC_DESK_CLEAR:
        return ic_together_board_clear(b);
    case ICC_DESK_UNDO:
        return ic_together_board_undo(b);
    case ICC_DESK_REDO:
        return ic_together_board_redo(b);
    case ICC_DESK_EXPORT:
        return export_board(r, c->path);
    default:
        return ic_together_board_do(b, &it, 1);
    }
}

static ic_err do_control(struct icc_room *r, const struct icc_desk_command *c)
{
    struct ic_together_control *k = ic_together_desk_control(r->desk);
    uint64_t whom = c->leaf == UINT32_MAX ? ic_together_control_asks(k, 0)
                                          : ic_together_author_at(r->meeting, c->leaf);
    switch (c->what) {
    case ICC_DESK_REQUEST:
        return whom ? ic_together_control_request(k, whom) : IC_ERR_NOT_FOUND;
    case ICC_DESK_GRANT:
        return ic_together_control_grant(k, whom, c->allows);
    case ICC_DESK_REFUSE:
        return ic_together_control_refuse(k, whom);
    case ICC_DESK_STOP:
        return ic_together_control_stop(k);
    case ICC_DESK_REVOKE:
        return ic_meeting_is_host(r->meeting) ? ic_together_control_revoke(k, whom) : IC_ERR_DENIED;
    case ICC_DESK_INPUT:
        return ic_together_control_input(k, &c->input, 1);
    default:
        return draw_over(r, c);
    }
}

static const char *words(ic_err e)
{
    return e == IC_OK ? NULL : e == IC_ERR_DENIED ? "that is not permitted" : ic_err_text(e);
}

const char *icc_room_desk_do(struct icc_room *r, const struct icc_desk_command *c)
{
    if (c->what == ICC_DESK_STOP_SCREEN && r->engine) {
        r->screen_off = true;
        icc_engine_stop_screen(r->engine); /* joins its thread, which may want our lock */
        icc_room_talk_status(r);
    }
    pthread_mutex_lock(&r->lock);
    ic_err e = IC_OK;
    if (c->what == ICC_DESK_STOP_SCREEN)
        icc_share_stop(&r->share, ic_together_desk_control(r->desk));
    else
        e = c->what < ICC_DESK_REQUEST ? do_board(r, c) : do_control(r, c);
    pthread_mutex_unlock(&r->lock);
    icc_room_pump(r);
    return words(e);
}
