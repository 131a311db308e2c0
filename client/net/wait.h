/* One HTTP request, waited for: for commands that have no loop of their own.
 *
 *     struct icc_net_answer a;
 *     IC_TRY(icc_net_wait(&server, &(struct icc_net_call){.method = "GET", .path = "/healthz"}, 5000, &a));
 *     ... a.status, a.body ...
 *     icc_net_answer_clear(&a);
 */
#ifndef ICC_NET_WAIT_H
#define ICC_NET_WAIT_H

#include "net/net.h"

#include <ic/base/buf.h>

struct icc_net_answer {
    int status;         /* 0: there was none, and body is a sentence */
    struct ic_buf body; /* owned; 1 MiB at most */
};

/* ms: how long at most; 0: as long as it takes. Then IC_ERR_TIMEOUT. IC_ERR_NOMEM, IC_ERR_IO. An answer of any
 * status is IC_OK, none too. */
ic_err icc_net_wait(const struct ic_meeting_url *server, const struct icc_net_call *call,
                    uint64_t ms, struct icc_net_answer *out);
/* Wipes: answers hold tokens. */
void icc_net_answer_clear(struct icc_net_answer *a);

#endif
