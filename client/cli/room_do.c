/* What people ask a room for. */
#include "room_private.h"

#include "base/clock.h"

#ifdef IC_TEST_HOOKS
#include "testhook/testhook.h"
#endif

static void answer(struct icc_room *r, const char *command, ic_err e)
{
    pthread_mutex_unlock(&r->lock);
    if (e != IC_OK)
        r->view.ops->refused(r->view.self, command,
                             e == IC_ERR_DENIED ? "only a host may do that" : ic_err_text(e));
    icc_room_pump(r);
}

#define COMMAND(r, name, call)                                                                     \
    do {                                                                                           \
        pthread_mutex_lock(&(r)->lock);                                                            \
        answer((r), (name), (call));                                                               \
    } while (0)

void icc_room_say(struct icc_room *r, const struct ic_together_say *s)
{
#ifdef IC_TEST_HOOKS
    ic_testhook_note("chat", s->text);
#endif
    COMMAND(r, "chat", ic_together_talk_say(r->talk, r->meeting, s, icc_now_ms()));
}

void icc_room_mark(struct icc_room *r, uint64_t seq, struct ic_view sign, bool put)
{
    COMMAND(r, "mark", ic_together_talk_mark(r->talk, r->meeting, seq, sign, put, icc_now_ms()));
}

void icc_room_react(struct icc_room *r, struct ic_view sign)
{
    COMMAND(r, "react", ic_together_talk_react(r->talk, r->meeting, sign, icc_now_ms()));
}

void icc_room_hand(struct icc_room *r, bool up)
{
    COMMAND(r, "hand", ic_together_talk_hand(r->talk, r->meeting, up, icc_now_ms()));
}

void icc_room_ask_mute(struct icc_room *r, uint32_t leaf)
{
    COMMAND(r, leaf == IC_TOGETHER_ALL ? "mute_all" : "mute",
            ic_together_talk_mute(r->talk, r->meeting, leaf, icc_now_ms()));
}

void icc_room_admit(struct icc_room *r, uint64_t knock)
{
    COMMAND(r, "admit", ic_meeting_admit(r->meeting, knock, icc_now_ms()));
}

void icc_room_refuse(struct icc_room *r, uint64_t knock)
{
    COMMAND(r, "refuse", ic_meeting_refuse(r->meeting, knock, icc_now_ms()));
}

void icc_room_remove(struct icc_room *r, uint32_t leaf)
{
    COMMAND(r, "remove", ic_meeting_remove(r->meeting, leaf, icc_now_ms()));
}

void icc_room_lock(struct icc_room *r, bool locked)
{
    COMMAND(r, "lock", ic_meeting_lock(r->meeting, locked, icc_now_ms()));
}

void icc_room_name_host(struct icc_room *r, uint32_t leaf)
{
    COMMAND(r, "host", ic_meeting_name_host(r->meeting, leaf, icc_now_ms()));
}

void icc_room_update_keys(struct icc_room *r)
{
    COMMAND(r, "update", ic_meeting_update_keys(r->meeting, icc_now_ms()));
}

void icc_room_compared(struct icc_room *r)
{
    COMMAND(r, "compared", ic_meeting_compared(r->meeting, icc_now_ms()));
}

void icc_room_mute(struct icc_room *r, bool sound, bool picture)
{
    r->muted = sound;
    r->blind = picture;
    icc_engine_mute(r->engine, sound, picture);
    icc_room_talk_status(r);
    icc_room_pump(r);
}

void icc_room_microphone(struct icc_room *r, bool on)
{
    icc_room_mute(r, !on, r->blind);
}

void icc_room_camera(struct icc_room *r, bool on)
{
    icc_room_mute(r, r->muted, !on);
}

void icc_room_look(struct icc_room *r, enum icc_look what)
{
    r->view.ops->look(r->view.self, what, r->meeting, r->talk);
}

void icc_room_end(struct icc_room *r)
{
    COMMAND(r, "end", ic_meeting_end(r->meeting, icc_now_ms()));
}

ic_err icc_room_certificate(struct icc_room *r, uint32_t leaf, struct ic_buf *out)
{
    pthread_mutex_lock(&r->lock);
    ic_err e = ic_meeting_certificate_json(r->meeting, leaf, icc_now_ms(), out);
    pthread_mutex_unlock(&r->lock);
    return e;
}

struct icc_files *icc_room_files(struct icc_room *r)
{
    return icc_room_files_of(r->files);
}
