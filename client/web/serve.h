/* The web client from this program, on this machine's localhost, and a way to the meeting's server behind it: /ws and
 * /api/, /acme/ and /pki/ go there, everything else is of the bundle or is not there.
 *
 *     struct icc_web w = {.server = &url, .bundle = &ic_page_own};
 *     if (icc_web_listen(&w, 8180) == IC_OK)         // w.port
 *         icc_web_run(&w);                           // does not return
 *
 * A browser page elsewhere cannot use it: only requests of our own origin, or of the address bar, are taken. One
 * thread a connection, CONNECTIONS_MAX at most.
 */
#ifndef ICC_WEB_SERVE_H
#define ICC_WEB_SERVE_H

#include <ic/base/err.h>
#include <ic/meeting/link.h>
#include <ic/page/page.h>

struct icc_web {
    const struct ic_meeting_url *server;
    const struct ic_page_bundle *bundle;
    uint16_t port;
    int fd;
};

/* On 127.0.0.1 alone. port 0: any free one. IC_ERR_IO: it is taken. */
ic_err icc_web_listen(struct icc_web *w, uint16_t port);
void icc_web_run(struct icc_web *w);

#endif
