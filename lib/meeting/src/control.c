/* Media and files, passed through between the application and the server. */
#include "internal.h"

static ic_err pass(struct ic_meeting *m, struct ic_wire_frame *f, enum request_kind kind)
{
    IC_BUF_SCOPE(trial, IC_WIRE_MAX);
    if (m->conn != CONN_IN || !m->group)
        return IC_ERR_STATE;
    IC_TRY(ic_wire_encode(f, &trial)); /* what the application got wrong is its to know */
    ic_meeting_send_request(m, f, kind, 0);
    return IC_OK;
}

ic_err ic_meeting_media_open(struct ic_meeting *m, const struct ic_wire_media_open *o)
{
    struct ic_wire_frame f = {.type = IC_WIRE_MEDIA_OPEN, .media_open = *o};
    return pass(m, &f, REQ_MEDIA_OPEN);
}

ic_err ic_meeting_media_want(struct ic_meeting *m, const struct ic_wire_media_want *w)
{
    struct ic_wire_frame f = {.type = IC_WIRE_MEDIA_WANT, .media_want = *w};
    return pass(m, &f, REQ_MEDIA_WANT);
}

ic_err ic_meeting_media_publish(struct ic_meeting *m, const struct ic_wire_media_publish *p)
{
    struct ic_wire_frame f = {.type = IC_WIRE_MEDIA_PUBLISH, .media_publish = *p};
    return pass(m, &f, REQ_MEDIA_PUBLISH);
}

ic_err ic_meeting_media_select(struct ic_meeting *m, const struct ic_wire_media_select *s)
{
    struct ic_wire_frame f = {.type = IC_WIRE_MEDIA_SELECT, .media_select = *s};
    return pass(m, &f, REQ_MEDIA_WANT);
}

ic_err ic_meeting_files_open(struct ic_meeting *m)
{
    struct ic_wire_frame f = {.type = IC_WIRE_FILES_OPEN};
    return pass(m, &f, REQ_FILES_OPEN);
}
