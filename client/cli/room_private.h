/* A room's inside, for its files: room.c lives through it, room_do.c does what people ask for. */
#ifndef ICC_CLI_ROOM_PRIVATE_H
#define ICC_CLI_ROOM_PRIVATE_H

#include "control/share.h"
#include "net/net.h"
#include "room.h"
#include "room_desk.h"
#include "room_files.h"
#include "room_identity.h"
#include "room_logs.h"
#include "room_trust.h"

#include <ic/together/talk.h>

struct icc_room {
    const struct icc_room_config *c;
    uv_loop_t *loop;
    struct icc_net *net;
    struct ic_meeting *meeting;
    pthread_mutex_t lock; /* the meeting and its media keys */
    struct icc_engine *engine;
    struct icc_view view;
    struct icc_room_files *files;
    struct ic_together_talk *talk; /* beside the meeting */
    struct ic_together_desk *desk;
    struct icc_room_trust *trust;
    struct icc_room_identity *own; /* NULL where this is not the profile's device */
    struct icc_room_logs *logs;    /* NULL: this device knows no log */
    struct icc_share share;
    bool screen_off; /* it was shared, and is no longer */
    uv_timer_t tick, retry, leave_timer, stats_timer, media_timer;
    uv_async_t engine_wake;
    uv_signal_t on_int, on_term, on_hup;
    uint64_t retry_ms;
    bool connected, media_wanted, media_asked, leaving, over;
    bool muted, blind;
    int status;
};

/* Sends what the meeting has to send, shows what happened, sets the timer. */
void icc_room_pump(struct icc_room *r);

/* ---- room_talk.c ---- */
/* Shows an event: what people tell each other in its own way, all else as the meeting has it. */
void icc_room_talk_take(struct icc_room *r, const struct ic_meeting_event *e);
/* Microphone and camera as they are now, for all. */
void icc_room_talk_status(struct icc_room *r);

#endif
