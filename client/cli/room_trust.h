/* What this device trusts may change while it is in a room: lists of revoked certificates are read again when their file
 * changes (--crl), and fetched from where the organisation publishes its own. Then everybody is judged anew. */
#ifndef ICC_CLI_ROOM_TRUST_H
#define ICC_CLI_ROOM_TRUST_H

#include <ic/base/err.h>

struct icc_room;
struct icc_room_trust;

/* For room.c; the lists have been read once already (join.c). The meeting's lock is not held. */
ic_err icc_room_trust_open(struct icc_room *r);
/* While the loop still turns. */
void icc_room_trust_close(struct icc_room *r);

#endif
