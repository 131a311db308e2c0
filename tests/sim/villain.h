/* A malicious member: it holds the group's keys like any other, and calls lib/mls as it likes.
 *
 *     struct sim_villain *v = sim_villain_start(s, 2);   // knocks; is admitted like anybody
 *     CHECK(sim_villain_in(s, 2, 3000));
 *     struct ic_mls_commit_params p = {.removes = &leaf, .remove_count = 1};
 *     CHECK(sim_villain_commit(v, &p));                  // sent to the server, or
 *     sim_villain_collude(v, IC_WIRE_KIND_COMMIT, bytes); // handed to everybody by a server that checks nothing
 */
#ifndef SIM_VILLAIN_H
#define SIM_VILLAIN_H

#include "sim.h"

#include <ic/mls/group.h>

struct sim_villain {
    struct sim *s;
    unsigned who;
    struct ic_mls_group *g;
    struct ic_mls_key_package *kp;
    struct ic_buf group_id, welcome, tree_hash, commit, group_info, terms;
    uint64_t seq;     /* the last message it saw */
    uint32_t request; /* the last one sent */
    uint32_t watched; /* the request whose answer is awaited */
    uint16_t answer;  /* IC_WIRE_OK, IC_WIRE_ERROR; 0: none yet */
    uint16_t error;   /* enum ic_wire_error_code */
    char text[256];   /* of the error */
    struct ic_mls_staged *staged;
    bool deaf;                      /* no longer follows */
    bool lurks;                     /* says hello and no more */
    uint64_t time_ms;               /* of its commits; 0: now */
    uint64_t admission_ms;          /* what newcomers are told of it; 0: the same */
    struct ic_view tickets, proofs; /* for its next commit or proposal */
};

/* By its certificates, where it has any. */
struct ic_mlspub_credential sim_credential(const struct sim_person *p);
struct sim_villain *sim_villain_start(struct sim *s, unsigned who);
/* A connection that has said hello, and does what the test makes it do. */
struct sim_villain *sim_villain_lurk(struct sim *s, unsigned who);
void sim_villain_watch(struct sim_villain *v, struct ic_wire_frame *f);
void sim_villain_free(struct sim_villain *v);
/* Runs until it is a member. */
bool sim_villain_in(struct sim *s, unsigned who, uint64_t within_ms);
/* Its authenticated data for commits and proposals, appended. */
bool sim_villain_data(const struct sim_villain *v, struct ic_buf *out);
/* Stages a commit; v->commit, v->group_info hold it. p's data and GroupInfo wishes are filled in. */
bool sim_villain_make(struct sim_villain *v, const struct ic_mls_commit_params *p);
/* Sends v->commit; merged when the server accepts it. */
void sim_villain_send_commit(struct sim_villain *v);
/* make and send. */
bool sim_villain_commit(struct sim_villain *v, const struct ic_mls_commit_params *p);
/* make, then the message goes to all others as if the server had accepted it. */
bool sim_villain_force(struct sim_villain *v, const struct ic_mls_commit_params *p);
void sim_villain_collude(struct sim_villain *v, uint8_t kind, struct ic_view message);
void sim_villain_propose(struct sim_villain *v, struct ic_view proposal);
void sim_villain_say(struct sim_villain *v, struct ic_view message, bool transient);
/* The answer to what was sent last: runs until it is there. */
uint16_t sim_villain_answer(struct sim_villain *v);
uint32_t sim_villain_leaf_of(const struct sim_villain *v, unsigned who);

void sim_villain_connected(struct sim_villain *v);
void sim_villain_receive(struct sim_villain *v, struct ic_view bytes);
void sim_villain_pump(struct sim_villain *v);

/* Linked in place of lib/mls's own: the n-th path secret sealed from now on is spoiled (1 = the next,
 * and with `all` every later one). 0 turns it off. */
void sim_spoil_path(unsigned n, bool all);

/* ---- the usual scene ---- */
enum { ADA, BEN, CLEO, VILLAIN, GHOST, PEOPLE };

/* Three honest people, the first a host; Dan is the villain, and Eve is whom nobody invited. */
struct sim_villain *sim_villain_gather(struct sim *s);
#define VILLAINY(s, v)                                                                             \
    struct sim_villain *v = sim_villain_gather(s);                                                 \
    if (ic_test_failed())                                                                          \
    return

/* The honest server refuses it by this rule, and nobody else ever sees it. */
void sim_villain_refused_by_server(struct sim *s, struct sim_villain *v,
                                   struct ic_mls_commit_params p, const char *rule);
/* The server lets it pass: every honest member names rule and villain, stops sending, and leaves. */
void sim_villain_refused_by_members(struct sim *s, struct sim_villain *v,
                                    struct ic_mls_commit_params p, const char *rule,
                                    unsigned about);

struct ic_mls_key_package *sim_ghost_key_package(struct sim *s);
static inline void sim_key_package_free(struct ic_mls_key_package **k)
{
    ic_mls_key_package_free(*k);
}
#define GHOST_KP(s, name)                                                                          \
    __attribute__((cleanup(sim_key_package_free))) struct ic_mls_key_package *name =               \
        sim_ghost_key_package(s)

#endif
