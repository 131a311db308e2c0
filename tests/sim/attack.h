/* What a hostile server does, in one object: which frames it takes, and what becomes of them.
 *
 *     struct attack a = {.way = SIM_DOWN, .who = 1, .type = IC_WIRE_MESSAGE, .drop = true};
 *     attack_begin(s, &a);
 *     ...
 *     attack_end(s, &a);
 */
#ifndef SIM_ATTACK_H
#define SIM_ATTACK_H

#include "sim.h"

#include <ic/mls/group.h>

enum { ATTACK_ALL = -1, ATTACK_KEPT = 64 };

struct attack {
    enum sim_way way;
    int who;        /* ATTACK_ALL */
    uint64_t but;   /* mask of people who are spared */
    uint16_t type;  /* enum ic_wire_type; 0: every type */
    uint8_t kind;   /* of a MESSAGE; 0: every kind */
    unsigned after; /* so many pass first */
    unsigned count; /* then so many are taken; 0: all */
    bool drop;
    uint64_t delay_ms;
    bool (*change)(struct sim *s, struct attack *a, struct sim_passing *p); /* true: it was */
    void *ctx;

    unsigned seen, hits;
    struct ic_buf kept[ATTACK_KEPT]; /* what was taken, as it was */
};

void attack_begin(struct sim *s, struct attack *a);
void attack_end(struct sim *s, struct attack *a);
void attack_clear(struct attack *a);
#define ATTACK(name, ...) __attribute__((cleanup(attack_clear))) struct attack name = {__VA_ARGS__}
struct ic_view attack_kept(const struct attack *a, unsigned i);
/* Sends a kept frame once more, with another sequence number where seq is not 0. */
void attack_replay(struct sim *s, const struct attack *a, unsigned i, unsigned who, uint64_t seq);

/* A byte of a view inside a frame is turned over, in a copy that the frame then has. */
struct ic_view attack_flip(struct ic_view v, size_t at);

/* A group of the server's own, with terms that it copied, for one newcomer. */
struct fake {
    struct ic_sign_key *key;
    struct ic_test_rand rand;
    struct ic_mls_group *g;
    struct ic_buf tree, welcome, info, admission, commit;
    uint8_t id[32];
};
/* extensions: of the true group's context. key_package: the newcomer's, or empty: nobody is added. */
bool fake_open(struct fake *f, struct sim *s, struct ic_view extensions,
               struct ic_view key_package);
void fake_clear(struct fake *f);
#define FAKE(name) __attribute__((cleanup(fake_clear))) struct fake name = {0}
/* Hands the Welcome to `who`, and the tree when it asks: call before anything else of this client. */
void fake_welcome(struct sim *s, struct fake *f, unsigned who, struct attack *a);

/* The server takes a leaf for absent since long, and proposes its Remove. */
void attack_declare_absent(struct sim *s, uint32_t leaf);

/* ---- ends ---- */
/* Does `who` still send? By its last MEDIA_GATE, and by trying. */
bool gate_open(struct sim *s, unsigned who);
struct shown_code {
    char text[IC_MEETING_CODE_LEN + 1];
};
struct shown_code code_of(const struct sim *s, unsigned who);
bool same_code(struct shown_code a, struct shown_code b);
/* The terms and other extensions of the group, from the server's own view of it. */
struct ic_view group_extensions(const struct sim *s);
struct ic_view group_id_of(const struct sim *s);
uint64_t last_seq(const struct sim *s);
/* The first alert since the mark that names `of`. */
const struct sim_event *alert_about(const struct sim *s, unsigned who, unsigned of);

#endif
