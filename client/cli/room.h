/* A meeting from the door to the leaving: ties the sans-I/O meeting to network, media, clock and a view.
 *
 *     struct icc_room_config c = {...};
 *     int status = icc_room_run(&c);        // returns when the meeting is over for us
 *
 * Everything runs on one libuv loop, but for the media (engine/engine.h).
 */
#ifndef ICC_CLI_ROOM_H
#define ICC_CLI_ROOM_H

#include "keys/certificates.h"
#include "view.h"

#include <ic/meeting/link.h>

struct icc_room_config {
    struct ic_meeting_url url;
    const struct ic_sign_key *identity;
    uint16_t suite;
    const struct icc_certificates *certificates;
    const char *name;
    bool profile;       /* what the profile keeps of logs is for this device */
    const char *crl;    /* a file of revoked certificates, read again when it changes; or NULL */
    uint64_t rotate_ms; /* ic_meeting_config */
    bool json;
    bool view_only; /* our shared screen is never controlled */
    struct icc_engine_config
        media;               /* sources, recording, sizes: keys, lock and wake are filled in */
    uint64_t stats_every_ms; /* 0: only at the end */
};

/* 0: we left, or the meeting ended; 1: it could not be joined, we were refused or removed. */
int icc_room_run(const struct icc_room_config *c);

/* What a view asks for. Refusals come back through the view. */
void icc_room_say(struct icc_room *r, const struct ic_together_say *s);
void icc_room_mark(struct icc_room *r, uint64_t seq, struct ic_view sign, bool put);
void icc_room_react(struct icc_room *r, struct ic_view sign);
void icc_room_hand(struct icc_room *r, bool up);
/* A host asks somebody to mute; IC_TOGETHER_ALL: everybody else. */
void icc_room_ask_mute(struct icc_room *r, uint32_t leaf);
void icc_room_admit(struct icc_room *r, uint64_t knock);
void icc_room_refuse(struct icc_room *r, uint64_t knock);
void icc_room_remove(struct icc_room *r, uint32_t leaf);
void icc_room_lock(struct icc_room *r, bool locked);
void icc_room_name_host(struct icc_room *r, uint32_t leaf);
void icc_room_update_keys(struct icc_room *r);
/* Our own sound and picture: at once; the others see that they are off. */
void icc_room_mute(struct icc_room *r, bool sound, bool picture);
void icc_room_microphone(struct icc_room *r, bool on);
void icc_room_camera(struct icc_room *r, bool on);
/* The view is shown what it asks for: icc_view_ops.look. */
void icc_room_look(struct icc_room *r, enum icc_look what);
/* The person read the code out and it was the same. */
void icc_room_compared(struct icc_room *r);
/* Appends the event `certificate` of a leaf (ic/meeting/json.h), with its errors. */
ic_err icc_room_certificate(struct icc_room *r, uint32_t leaf, struct ic_buf *out);
/* Files: client/files/files.h has the commands. */
struct icc_files *icc_room_files(struct icc_room *r);
void icc_room_leave(struct icc_room *r);
/* Asked to leave already: what closes then closes for that reason. */
bool icc_room_is_leaving(const struct icc_room *r);
void icc_room_end(struct icc_room *r);

#endif
