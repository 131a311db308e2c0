/* Logs of certificates in a room (ic/together/logs.h): what they are asked is fetched, what they do is shown and kept. */
#ifndef ICC_CLI_ROOM_LOGS_H
#define ICC_CLI_ROOM_LOGS_H

#include <ic/together/logs.h>

struct icc_room;
struct icc_room_logs;

/* For room.c; the meeting's lock is not held. r->logs stays NULL where this device knows no log. */
ic_err icc_room_logs_open(struct icc_room *r, char *why, size_t why_len);
/* While the loop still turns. */
void icc_room_logs_close(struct icc_room *r);
/* The judge of staples, and its context: NULL without logs. */
struct ic_together_logs *icc_room_logs(const struct icc_room *r);
/* True: the event is theirs alone. */
bool icc_room_logs_take(struct icc_room *r, const struct ic_meeting_event *e);
/* Time passes; what waits is said, asked, shown and kept. */
void icc_room_logs_run(struct icc_room *r);

#endif
