/* People with certificates in the simulation.
 *
 *     SIM(s, .people = 3, .hosts = 1);
 *     PAPERED(p);
 *     papered_give(&p, s, 0, 3600);      // an hour's certificate by the Ring CA, and the root to judge others by
 *     papered_gather(s, 3);
 */
#ifndef SIM_PAPERED_H
#define SIM_PAPERED_H

#include "papers.h"
#include "sim.h"

#include <ic/pki/store.h>

enum { PAPERED_START_S = SIM_START_MS / 1000 };

struct papered {
    struct maker m;
    struct papers ring;
    struct ic_pki_store *roots; /* the Ring CA's */
    struct ic_view root;        /* its fingerprint, for sim_plan */
};

void papered_open(struct papered *p);
void papered_clear(struct papered *p);
#define PAPERED(name)                                                                              \
    __attribute__((cleanup(papered_clear))) struct papered name;                                   \
    papered_open(&name)

/* "CN=Ada,O=Ring" and email:Ada@ring.example, valid from an hour before the start until life_s after it. */
struct ic_view papered_chain(const struct papers *by, const struct sim *s, unsigned who,
                             int64_t life_s);
/* Gives it to them by the Ring CA, and the Ring CA's root. */
void papered_give(struct papered *p, struct sim *s, unsigned who, int64_t life_s);
void papered_give_all(struct papered *p, struct sim *s, unsigned n, int64_t life_s);
/* A meeting whose terms list the Ring CA alone. */
#define CLUB(s, p, n, n_hosts)                                                                     \
    PAPERED(p);                                                                                    \
    SIM(s, .people = (n), .hosts = (n_hosts), .admission = IC_WIRE_VERIFIED_ADMITTED,              \
        .root = &(p).root)
/* How `who` sees `of` now. */
struct ic_meeting_person papered_seen(const struct sim *s, unsigned who, unsigned of);
/* The last IDENTITY event about `of` since the mark that `who` saw; NULL. */
const struct ic_meeting_event *papered_event(const struct sim *s, unsigned who, unsigned of);
ic_err papered_renew(struct sim *s, unsigned who, struct ic_view chain);

#endif
