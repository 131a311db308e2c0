/* The seam between the server's control thread and the media forwarder.
 *
 * The control thread holds a `struct icd_media` and calls its operations; each returns at once and never
 * waits for a media thread. What the forwarder has to say back is queued inside it and handed over when
 * the control thread calls `poll`; `wake` (set once, before the first open; called from any thread) asks
 * for that. So everything in this header but `wake` happens on the control thread.
 *
 *     m->ops->set_wake(m->self, wake, loop);
 *     m->ops->open(m->self, room, session, leaf, &offer);     // answered by opened or failed
 *     m->ops->poll(m->self, &events, core);                   // after each wake
 *
 * A room is a meeting's session, a session one participant's transport in it; both numbers are the
 * control thread's own choice, never 0 and never used twice in a server's life. The leaf is a hint that
 * the forwarder passes on in its lists of sources, nothing more.
 */
#ifndef ICD_MEDIA_H
#define ICD_MEDIA_H

#include <ic/base/err.h>
#include <ic/wire/message.h>

struct icd_media_events {
    /* Views borrow until the call returns. */
    void (*opened)(void *ctx, uint64_t session, const struct ic_wire_media_opened *answer);
    /* The offer cannot be served; the session is gone. code: enum ic_wire_error_code. */
    void (*failed)(void *ctx, uint64_t session, uint16_t code, const char *text);
    /* All sources of the room: after each change, for everybody in it (session 0); and as they are when
     * a session has opened, for that one. source is unique in the room while it lives. */
    void (*sources)(void *ctx, uint64_t room, uint64_t session, const struct ic_wire_source *list,
                    size_t count);
    /* Which source each receive slot of the session carries now: all of its slots. */
    void (*slots)(void *ctx, uint64_t session, const struct ic_wire_media_slots *slots);
    /* Who speaks, where that changed: a microphone's source, 0 for nobody, and its leaf. */
    void (*speaker)(void *ctx, uint64_t session, uint32_t source, uint32_t leaf);
    /* The transport ended by itself (no consent, DTLS alert): the session is gone. */
    void (*closed)(void *ctx, uint64_t session, const char *why);
};

struct icd_media_ops {
    /* Called once; wake may be called from any thread, and must not call back into the forwarder. */
    void (*set_wake)(void *self, void (*wake)(void *ctx), void *ctx);
    /* Copies what it needs of the offer. IC_ERR_LIMIT: no room for another session; IC_ERR_RANGE: an
     * offer that breaks the protocol. On an error there is no session and no event. */
    ic_err (*open)(void *self, uint64_t room, uint64_t session, uint32_t leaf,
                   const struct ic_wire_media_open *offer);
    /* The participant left or was removed: nothing of its media is forwarded, to it or from it, once
     * the media thread has seen this (at most one of its turns). No event follows. Unknown: ignored. */
    void (*close)(void *self, uint64_t session);
    /* The same for all sessions of a room, and the room itself. */
    void (*close_room)(void *self, uint64_t room);
    /* Replaces the list of what the session sends, also that of its offer; what is the same in both goes
     * on. IC_ERR_NOT_FOUND; IC_ERR_RANGE: a list that breaks the protocol, the former one stays. */
    ic_err (*publish)(void *self, uint64_t session, const struct ic_wire_media_publish *list);
    /* For all video slots; those beyond the list pause. IC_ERR_NOT_FOUND. */
    ic_err (*want)(void *self, uint64_t session, const struct ic_wire_media_select *want);
    /* The participant's leaf index changed (it resynced). */
    void (*leaf)(void *self, uint64_t session, uint32_t leaf);
    /* Delivers what has been queued since the last call. The events may call any operation but poll. */
    void (*poll)(void *self, const struct icd_media_events *events, void *ctx);
    /* Appends Prometheus text lines: packets, bytes, sessions. May be NULL. */
    ic_err (*metrics)(void *self, struct ic_buf *out);
};

struct icd_media {
    const struct icd_media_ops *ops;
    void *self;
};

#endif
