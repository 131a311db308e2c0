/* What people tell each other beside plain lines: between the meeting and the view. */
#include "base/clock.h"
#include "room_private.h"

void icc_room_talk_status(struct icc_room *r)
{
    const struct icc_engine_config *m = &r->c->media;
    struct ic_together_status s = {.microphone = m->audio && !r->muted,
                                   .camera = m->video && !r->blind,
                                   .sharing = m->screen && !r->screen_off,
                                   .opaque = true,
                                   .codecs = IC_TOGETHER_VP8};
    pthread_mutex_lock(&r->lock);
    IC_IGNORE(ic_together_talk_status(r->talk, r->meeting, &s, icc_now_ms()));
    pthread_mutex_unlock(&r->lock);
}

/* We are in: who records says so before the first frame is heard. */
static void entered(struct icc_room *r)
{
    icc_room_talk_status(r);
    if (!r->c->media.record_dir)
        return;
    pthread_mutex_lock(&r->lock);
    IC_IGNORE(ic_together_talk_record(r->talk, r->meeting, true, icc_now_ms()));
    pthread_mutex_unlock(&r->lock);
}

static void show(struct icc_room *r)
{
    struct ic_together_talk_event e;
    while (ic_together_talk_next(r->talk, &e)) {
        if (e.type == IC_TOGETHER_EV_MUTE && e.you && !r->muted) {
            r->muted = true;
            icc_engine_mute(r->engine, r->muted, r->blind);
            icc_room_talk_status(r);
        }
        if (e.type == IC_TOGETHER_EV_FRAMES)
            icc_engine_clear_bytes(r->engine, !e.on);
        r->view.ops->talk(r->view.self, &e, r->talk);
        ic_together_talk_event_clear(&e);
    }
}

/* What is said of a kind that has a name is its feature's to show: bodies hold keys of files. */
static bool is_features(const struct ic_meeting_event *e)
{
    return e->type == IC_MEETING_EV_SAID && ic_together_kind_name(e->kind)[0];
}

void icc_room_talk_take(struct icc_room *r, const struct ic_meeting_event *e)
{
    pthread_mutex_lock(&r->lock);
    bool taken = ic_together_talk_take(r->talk, e, r->meeting, icc_now_ms());
    pthread_mutex_unlock(&r->lock);
    if (e->type == IC_MEETING_EV_JOINED && e->person.self)
        entered(r);
    if (!taken && !is_features(e))
        r->view.ops->meeting(r->view.self, e, r->meeting);
    show(r);
}
