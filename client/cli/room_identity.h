/* Who we are in a room, and whom we know: the certificate's renewal, the staple, and contacts as pins. */
#ifndef ICC_CLI_ROOM_IDENTITY_H
#define ICC_CLI_ROOM_IDENTITY_H

#include <ic/meeting/meeting.h>

struct icc_room;
struct icc_room_identity;

/* For room.c; the meeting's lock is not held. Nothing is read where the room is not the profile's. */
ic_err icc_room_identity_open(struct icc_room *r, char *why, size_t why_len);
/* Staple and pins; borrowed until the meeting is made. */
void icc_room_identity_config(const struct icc_room *r, struct ic_meeting_config *c);
/* From now on the certificate is renewed. */
ic_err icc_room_identity_start(struct icc_room *r);
/* While the loop does not turn. */
void icc_room_identity_close(struct icc_room *r);
/* Notes whom the compared codes offer to pin. */
void icc_room_identity_take(struct icc_room *r, const struct ic_meeting_event *e);

/* What people ask for: those who were there when the codes were compared become contacts. */
void icc_room_pin(struct icc_room *r);
/* A new certificate now. */
void icc_room_renew(struct icc_room *r);

#endif
