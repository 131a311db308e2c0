/* A blocking connection to the server, over TLS that is checked as net/net.h says, for one thread.
 *
 *     struct icc_far f;
 *     if (icc_far_open(&url, &f) == IC_OK)
 *         icc_far_relay(&f, near, head);            // until either side ends
 *     icc_far_close(&f);                            // after an error too
 */
#ifndef ICC_WEB_FAR_H
#define ICC_WEB_FAR_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/meeting/link.h>

struct icc_far {
    int fd;
    void *tls_context, *tls; /* NULL where the server speaks plain HTTP on this machine */
    char why[200];           /* why it could not be opened: a sentence */
};

/* IC_ERR_IO, IC_ERR_TIMEOUT (10 s), IC_ERR_AUTH (its certificate), IC_ERR_NOMEM. */
ic_err icc_far_open(const struct ic_meeting_url *url, struct icc_far *out);
/* Sends first, then carries bytes both ways between the server and the socket, until either ends or nothing has
 * come for ten minutes. once: the answer's head says that the connection ends with it, so that the next request
 * comes on a new one, where it is looked at again. */
void icc_far_relay(struct icc_far *f, int near, struct ic_view first, bool once);
void icc_far_close(struct icc_far *f);

#endif
