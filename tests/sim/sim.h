/* Many meetings around the real server core, without sockets, threads or a real clock.
 *
 *     SIM(s, .people = 4, .hosts = 1);          // a meeting is made; nobody is there yet
 *     sim_start(s, 0);                          // the host opens it
 *     sim_start(s, 1);                          // knocks; s->admit says that hosts admit at once
 *     CHECK(sim_agree_within(s, SIM_FIRST(2), 3000));
 *     sim_middle(s, my_man, &state);            // from here on somebody sits in the middle
 *     CHECK(sim_await(s, 1, IC_MEETING_EV_ALERT, "commit-time", 5000));
 *
 * The same plan gives the same run, byte for byte (with the default suite 1, whose signatures are
 * deterministic). SIM_TRACE=1 in the environment prints every frame and event.
 */
#ifndef SIM_H
#define SIM_H

#include <ic/base/test.h>
#include <ic/meeting/link.h>
#include <ic/meeting/media.h>
#include <ic/meeting/meeting.h>
#include <icd/core.h>

enum {
    SIM_PEOPLE_MAX = 64,
    SIM_SERVERS = 2,     /* the second one is a fork of the first */
    SIM_LATENCY_MS = 5,  /* one way */
    SIM_REDIAL_MS = 500, /* how soon a client tries again */
    SIM_BACK_MS = 300,   /* how soon a crashed server is there again */
};
#define SIM_START_MS 1795000000000ull
#define SIM_ONE(who) (1ull << (who))
#define SIM_FIRST(n) ((1ull << (n)) - 1)

struct sim;
struct sim_villain;
struct ic_together_logs; /* ic/together/logs.h */

struct sim_plan {
    uint64_t seed;              /* 0: 1 */
    unsigned people, hosts;     /* the first `hosts` people are named by the terms */
    uint8_t admission;          /* enum ic_wire_admission_rule; 0: host admits */
    uint8_t kind;               /* enum ic_wire_kind; 0: instant */
    uint16_t suite;             /* 0: suite 1 */
    const struct ic_view *root; /* SHA-256 of who vouches for members; NULL: nobody needs to be */
};

struct sim_event {
    uint64_t at_ms;
    struct ic_meeting_event e;
};

struct sim_person {
    struct sim *sim;
    unsigned who;
    char name[16];
    struct ic_sign_key *key;
    struct ic_test_rand rand;
    struct ic_meeting *m;    /* NULL: the client does not run */
    struct sim_villain *raw; /* instead of m */
    struct ic_meeting_link link;
    unsigned server; /* which it dials */
    uint64_t conn;   /* 0: no connection */
    uint64_t redial_at_ms;
    int64_t clock_off_ms;
    bool stays_away; /* does not dial by itself */
    bool invited;    /* may be in a roster */
    bool web;
    struct ic_view certificates;   /* borrowed; empty: a basic credential */
    struct ic_pki_store *roots;    /* borrowed; of other organisations. NULL: none */
    struct ic_pki_store *internal; /* borrowed; of its own */
    struct ic_view staple;         /* borrowed */
    struct ic_together_logs *logs; /* borrowed; NULL: no log is known */
    const struct ic_meeting_pin *pins;
    size_t pin_count;
    uint64_t rotate_ms;
    bool over; /* ENDED was seen */
    struct sim_event *events;
    size_t event_count, event_cap;
    size_t mark; /* events before it are not looked at */
    size_t life; /* the first event of this run of the client */
};

struct sim_server {
    struct sim *sim;
    struct icd_store *store;
    struct icd_core *core; /* NULL: it is down */
    struct ic_test_rand rand;
    uint64_t back_at_ms;  /* when a crashed one starts again */
    uint64_t frames;      /* taken in so far */
    uint64_t crash_at;    /* the frame after which it dies; 0: never */
    bool crash_unflushed; /* before its transaction is written, else before anything is sent */
    char path[64];        /* "" in memory */
};

enum sim_way { SIM_UP = 1, SIM_DOWN }; /* to the server, to a client */

/* A frame on its way past the man in the middle. */
struct sim_passing {
    enum sim_way way;
    unsigned who;
    struct ic_view bytes;
    struct ic_wire_frame
        *f;            /* decoded: views borrow from bytes. Changed ones go on with SIM_CHANGED */
    uint64_t delay_ms; /* others overtake it */
};
enum sim_verdict { SIM_PASS, SIM_DROP, SIM_CHANGED };
typedef enum sim_verdict sim_middle_fn(struct sim *s, void *ctx, struct sim_passing *p);

struct sim_packet;

struct sim {
    struct sim_plan plan;
    struct ic_test_rand rand;
    uint64_t now_ms;
    uint64_t serial, next_conn;
    struct sim_packet *first;
    struct sim_server server[SIM_SERVERS];
    struct sim_person people[SIM_PEOPLE_MAX];
    struct ic_meeting_made made;
    char number[24];
    bool admit;              /* hosts admit whoever knocks */
    bool strangers_expected; /* a roster may hold keys that nobody invited: the test looks itself */
    sim_middle_fn *middle;
    void *middle_ctx;
    bool trace;
    uint64_t frames; /* that passed the middle */
};

struct sim *sim_new(const struct sim_plan *plan);
void sim_free(struct sim *s);
static inline void sim_free_scope(struct sim **s)
{
    sim_free(*s);
}
#define SIM(name, ...)                                                                             \
    __attribute__((cleanup(sim_free_scope))) struct sim *name =                                    \
        sim_new(&(struct sim_plan){__VA_ARGS__});                                                  \
    if (ic_test_failed())                                                                          \
    return

/* ---- time ---- */
void sim_run(struct sim *s, uint64_t ms);
/* Runs until done says so; false where it does not within the time. */
bool sim_until(struct sim *s, bool (*done)(struct sim *s, uint64_t arg), uint64_t arg,
               uint64_t within_ms);

/* ---- people (person.c) ---- */
void sim_start(struct sim *s, unsigned who);    /* the client starts, and dials */
void sim_kill(struct sim *s, unsigned who);     /* without a word; its key file stays */
void sim_cut(struct sim *s, unsigned who);      /* its line; it dials again after SIM_REDIAL_MS */
void sim_hold_off(struct sim *s, unsigned who); /* its line, and it stays away until sim_dial */
void sim_dial(struct sim *s, unsigned who);
bool sim_chat(struct sim *s, unsigned who, const char *text);
/* The leaf of `of` as `who` sees it; UINT32_MAX. */
uint32_t sim_leaf(const struct sim *s, unsigned who, unsigned of);
bool sim_remove(struct sim *s, unsigned host, unsigned of);
uint64_t sim_wall(const struct sim_person *p);
/* Takes frames and events out of the meeting: after every call into it. */
void sim_pump(struct sim *s, unsigned who);
bool sim_sees(const struct sim *s, unsigned who, unsigned of);
size_t sim_roster(const struct sim *s, unsigned who);
/* End to end, in step with the group. */
bool sim_in(const struct sim *s, unsigned who);
/* Starts 0 .. n-1, the hosts first, and waits until all agree. */
void sim_gather(struct sim *s, unsigned n);

/* ---- what was seen ---- */
/* From here on: what came before is not looked at. */
void sim_mark(struct sim *s);
/* The first event since the mark of this type, with this rule where rule is not NULL. */
const struct sim_event *sim_seen(const struct sim *s, unsigned who, enum ic_meeting_event_type type,
                                 const char *rule);
size_t sim_count(const struct sim *s, unsigned who, enum ic_meeting_event_type type,
                 const char *rule);
bool sim_await(struct sim *s, unsigned who, enum ic_meeting_event_type type, const char *rule,
               uint64_t within_ms);
/* Did `who` read this line, from whom? SIM_PEOPLE_MAX: no. */
bool sim_read(const struct sim *s, unsigned who, const char *text);
/* All of the mask: in the group, one epoch, one code, a roster of exactly the mask. */
bool sim_agree(struct sim *s, uint64_t mask);
bool sim_agree_within(struct sim *s, uint64_t mask, uint64_t within_ms);
/* Every chat line that both read, in the same order. */
bool sim_same_order(const struct sim *s, unsigned a, unsigned b);

/* ---- network (net.c) ---- */
void sim_middle(struct sim *s, sim_middle_fn *fn, void *ctx);
/* Frames of the attacker's own; they do not pass the middle. */
void sim_inject(struct sim *s, enum sim_way way, unsigned who, const struct ic_wire_frame *f,
                uint64_t delay_ms);
void sim_inject_bytes(struct sim *s, enum sim_way way, unsigned who, struct ic_view bytes,
                      uint64_t delay_ms);

/* ---- the server (server.c) ---- */
ic_err sim_server_open(struct sim *s, unsigned which, const char *path);
void sim_server_start(struct sim *s, unsigned which);
/* As kill -9: what was not flushed never happened, all lines are down. */
void sim_server_crash(struct sim *s, unsigned which);
/* The second server, with a copy of the first one's store. */
bool sim_server_fork(struct sim *s);
/* The server's view, from its store. */
uint64_t sim_server_epoch(const struct sim *s, unsigned which);

/* ---- for sim.c's own files ---- */
void sim_send(struct sim *s, enum sim_way way, unsigned who, struct ic_view bytes);
void sim_send_close(struct sim *s, unsigned who);
void sim_drop_line(struct sim *s, unsigned who);
bool sim_net_next(const struct sim *s, uint64_t *due);
void sim_net_deliver(struct sim *s);
void sim_net_forget(struct sim *s, uint64_t conn);
void sim_net_clear(struct sim *s);
void sim_server_frame(struct sim *s, unsigned who, struct ic_view bytes);
void sim_server_close(struct sim *s, unsigned which);
void sim_person_receive(struct sim *s, unsigned who, struct ic_view bytes);
void sim_person_closed(struct sim *s, unsigned who);
uint64_t sim_person_due(const struct sim *s, unsigned who);
void sim_person_tick(struct sim *s, unsigned who);
void sim_person_clear(struct sim_person *p);
void sim_trace(const struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
