/* The server's core over a store in memory, with people who hold real MLS groups: for tests of each service.
 *
 *     WORLD(w);
 *     world_meeting(&w, IC_WIRE_INSTANT);
 *     world_open_group(&w, &w.people[0]);              // people[0] is the host
 *     world_admit(&w, &w.people[0], &w.people[1]);
 */
#ifndef TESTS_SERVER_WORLD_H
#define TESTS_SERVER_WORLD_H

#include "meetings/meetings.h"
#include "store/store.h"

#include <ic/base/test.h>
#include <ic/mls/group.h>
#include <ic/rules/rules.h>
#include <icd/core.h>
#include <icd/services.h>

enum { PEOPLE = 5, NO_CONN = 0 };

/* A frame that came, with its bytes. */
struct got {
    struct got *next;
    struct ic_buf bytes;
    struct ic_wire_frame f; /* borrows */
};

struct person {
    struct world *w;
    char name[16];
    struct ic_sign_key *key;
    struct ic_mls_identity id;
    struct ic_mls_group *g;
    struct ic_mls_key_package *kp;
    uint64_t conn; /* NO_CONN: not connected */
    bool closed;   /* by the server */
    struct got *head, **tail;
    struct got *last; /* of `expect` */
    struct ic_buf nonce, server_key;
    uint32_t request;
    uint64_t seq;
};

struct world {
    struct icd_store *store;
    struct icd_core *core;
    struct icd_core_config config;
    struct ic_test_rand rand_state;
    struct ic_rand rand;
    struct ic_mls_config mls;
    uint64_t now_ms, next_conn;
    int64_t org;
    struct ic_sign_key *meeting_key;
    struct ic_buf terms;
    char meeting[ICD_MEETING_ID_TEXT + 1];
    char number[21];
    uint8_t admission;
    struct person people[PEOPLE];
};

void world_open(struct world *w);
void world_close(struct world *w);
#define WORLD(name)                                                                                \
    __attribute__((cleanup(world_close))) struct world name = {0};                                 \
    world_open(&name);                                                                             \
    if (ic_test_failed())                                                                          \
    return
#define STEP(call)                                                                                 \
    do {                                                                                           \
        call;                                                                                      \
        if (ic_test_failed())                                                                      \
            return;                                                                                \
    } while (0)

/* Throws the core away as a crash does, and starts another on the same store. Everybody is gone. */
void world_restart(struct world *w);
/* Time passes, the core ticks. */
void world_wait(struct world *w, uint64_t ms);

/* Makes a meeting of the kind with people[0] as host, in w->meeting and w->number. */
void world_meeting(struct world *w, uint8_t kind);
ic_err world_try_meeting(struct world *w, uint8_t kind, const struct icd_meeting_new *more,
                         const char **why);
void world_sign_terms(struct world *w, uint8_t kind, struct ic_buf *out);

/* A connection and its hello. */
void person_connect(struct person *p);
void person_hangup(struct person *p);
/* Sends; the answer is the next frame of its request. */
void person_send(struct person *p, struct ic_wire_frame *f);
void person_send_bytes(struct person *p, struct ic_view bytes);
/* Connects where needed and enters by id; expects ENTERED. */
void person_enter(struct person *p);
void person_ask_enter(struct person *p, uint8_t ref_kind, const char *ref, bool good_signature);
/* The next frame is of this type: p->last. */
bool person_next(struct person *p, uint16_t type, const char *file, int line);
#define EXPECT(p, type)                                                                            \
    do {                                                                                           \
        if (!person_next((p), (type), __FILE__, __LINE__))                                         \
            return;                                                                                \
    } while (0)
#define EXPECT_ERROR(p, want)                                                                      \
    do {                                                                                           \
        EXPECT((p), IC_WIRE_ERROR);                                                                \
        CHECK_EQ_INT((p)->last->f.error.code, (want));                                             \
    } while (0)
/* Drops what came. */
void person_forget(struct person *p);
/* Drops all up to the first frame of the type, which is then p->last; false where there is none. */
bool person_skip_to(struct person *p, uint16_t type);

/* people[0]-like hosts open the group. */
void world_open_group(struct world *w, struct person *host);
ic_err person_make_group(struct person *p, struct ic_buf *group_info, struct ic_buf *tree);
/* Enters, knocks; the host's KNOCKED is consumed. */
void person_knock(struct person *p);
/* p enters and knocks, the host adds it, everybody else who is in the group follows. */
void world_admit(struct world *w, struct person *host, struct person *p);
/* Stages a commit with this authenticated data and sends it; the answer is p->last. Consumes *staged on
 * OK by merging. params may be NULL. */
void person_commit(struct person *p, struct ic_mls_commit_params *params, bool replaces,
                   struct ic_mls_staged **staged);
/* Takes every MESSAGE that came: merges commits, keeps proposals. */
void person_follow(struct person *p);
/* An application message; expects OK. */
void person_say(struct person *p, const char *text, bool transient);

#endif
