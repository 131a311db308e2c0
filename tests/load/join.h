/* Everybody joins one meeting: real clients' cores (lib/meeting) over real WebSockets, in one process.
 *
 * Members share what one of them has verified of leaves and chains (shared.h): a thousand clients in one process
 * would else do a thousand machines' work. One further member, which shares nothing and whose store of roots
 * remembers nothing yet, and which judges everybody's staples of the log, comes when all are in: what it spends
 * from its first frame to its keys is what a device spends that enters such a meeting.
 */
#ifndef LOAD_JOIN_H
#define LOAD_JOIN_H

#include "people.h"

#include <ic/meeting/link.h>

struct load_join_plan {
    const char *host;
    uint16_t port;
    const struct ic_meeting_link *link;
    struct load_people *people;        /* the first is host, the last the uncached one */
    struct ic_pki_store *own_roots;    /* the uncached member's, */
    struct ic_together_logs *own_logs; /* which judges staples too; both may be NULL */
    uint16_t suite;
    bool share;
    unsigned at_once; /* how many are on their way in at one time */
    unsigned limit_s;
};

struct load_join_result {
    size_t members, verified; /* as the host sees them in the end */
    size_t verified_by_last;  /* the same, as the uncached one sees them */
    size_t alerts;            /* that any member raised */
    size_t reconnects;        /* connections that were lost, and made again */
    size_t epochs;
    double seconds; /* until all but the uncached one were in */
    double cpu_s;   /* of this process, until then */
    double
        median_ms; /* from connecting to having keys, of one member, the wait in the lobby included */
    double join_cpu_ms; /* the uncached one's, from its first frame to its keys */
    double join_wall_ms;
    bool codes_equal; /* all members in the last epoch have one security code */
};

/* why: 256 bytes. IC_ERR_EXPIRED: not within limit_s; IC_ERR_CLOSED: somebody was sent out. */
ic_err load_join(const struct load_join_plan *plan, struct load_join_result *out, char *why);

#endif
