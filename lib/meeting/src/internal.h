/* The insides of a meeting, and what its files lend each other.
 *
 * The way of things: receive.c decodes a frame and hands it to whom it concerns; each file changes its
 * own part and leaves frames in the queue and events in the other; at the end of every call from outside
 * `ic_meeting_settle` looks whether the shown state or the media gate has changed.
 */
#ifndef IC_MEETING_INTERNAL_H
#define IC_MEETING_INTERNAL_H

#include "identity.h"
#include "setup.h"
#include "verified.h"

#include <ic/crypto/hash.h>
#include <ic/meeting/media.h>
#include <ic/meeting/meeting.h>
#include <ic/mls/group.h>
#include <ic/rules/rules.h>
#include <ic/sframe/store.h>

enum {
    BATCH_MS = 200,       /* Adds and departures wait this long for company */
    STEP_ASIDE_MS = 1600, /* longest back-off of who commits what others proposed */
    NOT_YET_REMOVED_MS = 3000,
    HEARTBEAT_MS = 3000,
    CUT_OFF_MS = 10000,
    DELAY_PERIOD_MS = 60000,
    UNKNOWN_KIDS_MS = 2000,
    UNKNOWN_GONE_MS = 5000,
    CLOCK_OFF_MS = 5 * 60 * 1000,
    WELCOME_WAIT_MS = 2000, /* for a Welcome before a member without keys resyncs */
    REPLACE_WAIT_MS = 3000, /* for the server's verdict on a commit that does not apply here */
    RETRY_MS = 300,
    RESYNC_TRIES = 3,
    ANSWER_MS = 4000, /* for an answer before it counts as withheld */
    INTENTS_MAX = 1024,
    KNOCKS_MAX = 1024, /* that a server may show at a time */
    CHAT_MAX = 4096,
    SAY_QUEUE_MAX = 256,
    KEPT_MAX = 16384,          /* messages of one catch-up page, */
    KEPT_BYTES_MAX = 32 << 20, /* and their bytes */
    QUEUE_MAX = 4096,
    CERTIFICATES_MAX = 65536, /* bytes of our own chain */
    LIFETIME_S = 7 * 24 * 3600,
};
#define NEVER UINT64_MAX

/* ---- queues (queue.c) ---- */

enum request_kind {
    REQ_HELLO = 1,
    REQ_ENTER,
    REQ_KNOCK,
    REQ_CREATE,
    REQ_COMMIT,
    REQ_RESYNC,
    REQ_PROPOSE,
    REQ_SAY,
    REQ_BEAT,
    REQ_WORD,
    REQ_TREE,
    REQ_INFO,
    REQ_FETCH,
    REQ_CANNOT,
    REQ_REFUSE,
    REQ_LEAVE,
    REQ_END,
    REQ_MEDIA_OPEN,
    REQ_MEDIA_WANT,
    REQ_MEDIA_PUBLISH,
    REQ_FILES_OPEN,
};

struct request {
    uint32_t number;
    uint8_t kind;
    uint64_t arg;
};

struct out_frame {
    struct ic_buf bytes;
    struct out_frame *next;
};

struct out_event {
    struct ic_meeting_event e;
    struct out_event *next;
};

/* ---- people (roster.c) ---- */

/* Who had a leaf from one epoch to another: names of media and late messages are resolved in their own
 * epoch, for leaves are reused. */
struct person {
    uint32_t leaf;
    uint64_t from, to;            /* epochs; to = NEVER: still here */
    struct ic_meeting_person who; /* but for leaf, host, self and away */
    int64_t until_s;              /* when it is to be judged again */
    uint8_t key[IC_SIG_PUBLIC_MAX];
    uint8_t key_len;
    uint8_t shown_hash[32]; /* ic_meeting_identity_hash */
    int64_t terms_until_s;  /* so long it is verified by the terms' roots; INT64_MAX: nobody asks */
    uint64_t over_at_ms;    /* when we take it out; NEVER */
    uint64_t revoked_ms;    /* since when we know that its certificate is revoked; 0 */
    bool over_told;
    bool away;
    uint64_t heard_ms; /* when something of it authenticated last */
    uint64_t life;     /* of its lines: numbers count within one run of its client */
    uint64_t lines;    /* the next one expected */
    uint64_t got;      /* which of the 64 before have come: bit 0 is the last */
    uint64_t told;     /* its own count, of its last heartbeat */
    bool counted;      /* from its first line on: it came after us, or has been heard */
    bool clock_told;
    int64_t delay_ms[2]; /* least delay of its heartbeats by our two clocks: this and the last */
    uint64_t delay_since_ms; /* period, of a minute each; 0: none yet */
};

/* ---- what people want, until the group shows it (intents.c) ---- */

struct admit {      /* a key package to add */
    uint64_t knock; /* 0: not from the lobby */
    struct ic_buf key_package, proof, ticket;
    uint8_t ref[IC_HASH_MAX];
    uint8_t key[IC_SIG_PUBLIC_MAX];
    uint8_t key_len;
    struct admit *next;
};

struct removal {
    uint32_t leaf;
    uint8_t key[IC_SIG_PUBLIC_MAX];
    uint8_t key_len;
    uint64_t since_ms;
    bool told;  /* "not yet removed" */
    bool quiet; /* nobody asked for it: a certificate ran out */
    struct removal *next;
};

struct wish {                 /* for the terms */
    int locked;               /* -1: as it is */
    struct ic_buf new_hosts;  /* list of keys */
    struct ic_buf bar, unbar; /* lists of SHA-256 of keys */
};

struct knock { /* somebody who waits, at a host's */
    uint64_t id;
    bool considered;
    struct ic_buf key_package, proof;
    struct ic_meeting_person who;
    const char *lacks; /* what the terms ask for; "" nothing */
    char code[IC_MEETING_CODE_LEN + 1];
    uint8_t ref[IC_HASH_MAX];
    uint8_t key[IC_SIG_PUBLIC_MAX];
    uint8_t key_len;
    struct knock *next;
};

struct kept { /* a message that waits for those before it */
    uint64_t seq;
    uint8_t kind;
    struct ic_buf message;
};

struct line { /* of any kind that goes into the order */
    uint64_t number;
    uint16_t kind;
    struct ic_buf body;
    uint64_t epoch;       /* in which it was sent last */
    struct ic_buf sealed; /* as it was sent last: its echo is known by it */
    bool sent;            /* on its way */
    bool taken;           /* the server has it: the echo will come */
    bool told;            /* that it is not confirmed */
    uint64_t sent_ms;
    struct line *next;
};

enum conn { CONN_DOWN, CONN_HELLO, CONN_ENTER, CONN_IN };
enum resync { RESYNC_NO, RESYNC_WAIT, RESYNC_INFO, RESYNC_TREE, RESYNC_COMMIT };
enum leaving { LEAVE_NO, LEAVE_HANDOVER, LEAVE_PROPOSED };

struct ic_meeting {
    struct ic_meeting_config config;
    char name[IC_MEETING_NAME_MAX + 1];
    struct ic_buf certificates; /* of our own credential; empty: a basic one */
    struct ic_buf leaf_extensions;
    struct ic_meeting_pin *pins;
    size_t pin_count;
    const struct ic_suite *suite;
    uint64_t now_ms;

    /* the connection */
    enum conn conn;
    uint32_t next_request;
    struct request requests[64];
    size_t request_count;
    struct out_frame *out_first, **out_last;
    size_t out_count;
    struct out_event *ev_first, **ev_last;
    size_t ev_count;

    /* what the server said */
    uint8_t nonce[32];
    uint8_t role;
    bool clock_told, unbound_told;
    uint64_t server_ahead_ms; /* of our clock, as it said; modulo 2^64 */
    uint8_t meeting_id[16];
    struct ic_buf first_terms; /* as the organiser signed them: verified */
    struct ic_buf external_sender;
    struct ic_buf group_id; /* empty: no group yet */

    /* in the lobby */
    struct ic_mls_key_package *key_package;
    uint64_t knock;         /* 0: not knocking */
    uint64_t welcome_by_ms; /* a Welcome may still come until then */
    struct ic_buf welcome, welcome_tree_hash, welcome_admission;
    uint64_t welcome_seq;
    bool creating;

    /* in the group */
    struct ic_mls_group *group;
    uint64_t last_seq;      /* everything up to here is processed */
    uint64_t time_ms;       /* of the last commit */
    uint32_t committer;     /* who made it, as far as we saw; else IC_MLSPUB_NO_LEAF */
    bool fetching, in_step; /* in_step: this connection has caught up */
    struct kept *kept;      /* what came while fetching */
    size_t kept_count, kept_cap, kept_bytes;
    uint64_t kept_end;            /* the first that there was no room for; NEVER */
    struct ic_mls_staged *staged; /* our commit, sent */
    uint64_t staged_ms;           /* when; NEVER once its delay was told */
    bool replacing;               /* the next commit of this epoch is the replacement */
    bool ahead;                   /* we applied a commit that became void */
    uint64_t commit_at_ms;        /* when to commit what is wanted; NEVER */
    unsigned refused_commits;     /* of ours, in a row */
    bool one_by_one;              /* Adds are committed singly: one of them does not fit */
    size_t staged_adds;           /* of the staged one */
    bool update_keys;             /* wanted, until a commit of ours that does it is merged */
    bool staged_update;           /* the staged one does */
    bool rotating;                /* new keys are due, by anybody's commit */
    uint64_t rotate_at_ms;        /* when they are, and our turn to see to it; NEVER */
    bool renewing;                /* our leaf is to show other certificates than it does */
    struct admit *admits;
    struct removal *removals;
    struct wish wish;
    struct knock *knocks;
    enum leaving leaving;
    uint64_t left_by_ms;

    /* trouble */
    enum resync resync;
    uint64_t resync_at_ms;
    unsigned resync_tries;
    struct ic_buf info, info_tree_hash, info_admission;
    struct ic_mls_group *resynced; /* our external commit, sent */
    uint64_t resynced_time_ms;
    uint8_t applied[32];     /* SHA-256 of the commit that opened our epoch */
    bool lines_told;         /* somebody tells of lines that have not come: ask, then say */
    bool stale, stale_asked; /* the server calls stale_epoch stale; and was asked since for more */
    uint64_t stale_epoch;
    bool stuck; /* an ordered commit does not apply here */
    uint64_t stuck_until_ms;
    bool stuck_by_rule; /* refused by who may do what, not by MLS */
    char stuck_rule[160];
    bool cut_off;
    uint64_t heard_ms; /* the last authenticated word of another member */
    uint64_t said_ms;  /* our own */
    uint64_t beat_at_ms;
    uint64_t count_at_ms;    /* when our count of lines must be told; NEVER */
    uint64_t unknown_kid_ms; /* since when; 0: none */
    uint64_t unknown_last_ms;

    /* people */
    struct person *people;
    size_t person_count, person_cap;
    bool compared;

    /* lines that are to be said */
    struct line *lines;
    uint64_t next_line, life, lines_sent;
    uint64_t say_at_ms;

    struct ic_meeting_media *media;

    /* shown */
    enum ic_meeting_state state;
    bool gate;
    bool over;
};

/* ---- queue.c ---- */
void ic_meeting_send_frame(struct ic_meeting *m, struct ic_wire_frame *f);
/* With a fresh request number; answered to `kind`. */
void ic_meeting_send_request(struct ic_meeting *m, struct ic_wire_frame *f, enum request_kind kind,
                             uint64_t arg);
bool ic_meeting_take_request(struct ic_meeting *m, uint32_t number, struct request *out);
bool ic_meeting_has_request(const struct ic_meeting *m, enum request_kind kind);
/* A fresh event at the queue's end, to be filled in; a spare one when memory fails. */
struct ic_meeting_event *ic_meeting_new_event(struct ic_meeting *m,
                                              enum ic_meeting_event_type type);
void ic_meeting_drop_frames(struct ic_meeting *m);
void ic_meeting_drop_events(struct ic_meeting *m);
void ic_meeting_set_text(struct ic_meeting_event *e, const char *text);
void ic_meeting_set_rule(struct ic_meeting_event *e, const char *rule);
/* Somebody broke a rule, or the server did. leaf: IC_MLSPUB_NO_LEAF for the server. */
void ic_meeting_alert(struct ic_meeting *m, const char *rule, uint32_t leaf, const char *sentence);
/* Over for us, with a rule name and a sentence; the first reason stands. */
void ic_meeting_end_meeting(struct ic_meeting *m, const char *rule, const char *sentence);
/* A random time of [lo, hi) ms from now. */
uint64_t ic_meeting_jitter(struct ic_meeting *m, uint64_t lo, uint64_t hi);
ic_err ic_meeting_set_buf(struct ic_buf *b, struct ic_view v);

/* ---- enter.c ---- */
void ic_meeting_enter_hello_ok(struct ic_meeting *m, const struct ic_wire_hello_ok *a);
void ic_meeting_enter_entered(struct ic_meeting *m, const struct ic_wire_entered *a);
void ic_meeting_enter_group_open(struct ic_meeting *m, const struct ic_wire_group_open *e);
void ic_meeting_enter_knock(struct ic_meeting *m);
void ic_meeting_enter_failed(struct ic_meeting *m, const struct ic_wire_error *e);
/* The terms that hold: the group's, else the organiser's. False where there are none. */
bool ic_meeting_current_terms(const struct ic_meeting *m, struct ic_wire_terms *out);
struct ic_view ic_meeting_own_key(const struct ic_meeting *m);

/* ---- join.c ---- */
void ic_meeting_join_welcome(struct ic_meeting *m, const struct ic_wire_welcome *w);
/* Asks for the tree of the Welcome in hand. */
void ic_meeting_join_ask(struct ic_meeting *m);
void ic_meeting_join_tree(struct ic_meeting *m, struct ic_view tree);
struct ic_view ic_meeting_link_secret(const struct ic_meeting *m);
struct ic_view ic_meeting_link_pin(const struct ic_meeting *m);
/* Takes g as the group now: everything up to seq is behind us. */
void ic_meeting_group_adopt(struct ic_meeting *m, struct ic_mls_group *g, uint64_t seq,
                            uint64_t time_ms);
/* Wipes the group and all that hangs on it. */
void ic_meeting_group_drop(struct ic_meeting *m);

/* ---- resync.c ---- */
void ic_meeting_resync_start(struct ic_meeting *m, const char *why);
void ic_meeting_resync_info(struct ic_meeting *m, const struct ic_wire_group_info *i);
void ic_meeting_resync_tree(struct ic_meeting *m, struct ic_view tree);
void ic_meeting_resync_accepted(struct ic_meeting *m, uint64_t seq);
void ic_meeting_resync_failed(struct ic_meeting *m, const struct ic_wire_error *e);
void ic_meeting_resync_tick(struct ic_meeting *m);
void ic_meeting_resync_stop(struct ic_meeting *m);

/* ---- apply.c ---- */
void ic_meeting_apply_message(struct ic_meeting *m, const struct ic_wire_message *msg);
void ic_meeting_apply_replace(struct ic_meeting *m, const struct ic_wire_replace *r);
void ic_meeting_apply_fetched(struct ic_meeting *m, uint64_t last);
void ic_meeting_apply_fetch(struct ic_meeting *m);
void ic_meeting_apply_stale(struct ic_meeting *m, uint64_t epoch);
void ic_meeting_apply_tick(struct ic_meeting *m);
void ic_meeting_apply_forget(struct ic_meeting *m);

/* ---- judge.c ---- */
struct ic_rules_group ic_meeting_judge_group(const struct ic_meeting *m);
ic_err ic_meeting_judge_commit(const struct ic_meeting *m, const struct ic_mls_staged *s,
                               struct ic_rules_fault *fault);
/* One pending proposal on its own. */
ic_err ic_meeting_judge_item(const struct ic_meeting *m, const struct ic_mlspub_change_item *item,
                             struct ic_rules_fault *fault);

/* ---- merge.c ---- */
/* Takes the staged commit, moves roster, code, media keys on. */
void ic_meeting_merge_commit(struct ic_meeting *m, struct ic_mls_staged *s, bool own);
/* After any entry into an epoch: code, media keys, terms. */
void ic_meeting_epoch_entered(struct ic_meeting *m, const uint32_t *removed, size_t removed_count);

/* ---- intents.c ---- */
void ic_meeting_want_soon(struct ic_meeting *m, uint64_t at_ms);
bool ic_meeting_wants_commit(const struct ic_meeting *m);
/* Drops what the group already shows. */
void ic_meeting_intents_prune(struct ic_meeting *m);
void ic_meeting_intents_clear(struct ic_meeting *m);
void ic_meeting_admit_drop(struct ic_meeting *m, uint64_t knock);
void ic_meeting_admit_drop_first(struct ic_meeting *m);
ic_err ic_meeting_admit_add(struct ic_meeting *m, uint64_t knock, struct ic_view key_package,
                            struct ic_view proof, struct ic_view ticket);
void ic_meeting_intents_tick(struct ic_meeting *m);
/* Somebody is to go without a bar, and without a word where it takes long. */
void ic_meeting_removal_quiet(struct ic_meeting *m, const struct person *p);

/* ---- commit.c ---- */
void ic_meeting_commit_now(struct ic_meeting *m);
void ic_meeting_commit_accepted(struct ic_meeting *m, uint64_t seq);
void ic_meeting_commit_failed(struct ic_meeting *m, uint64_t epoch, const struct ic_wire_error *e);
/* What our next commit has for its time: monotone over the group's commits. */
uint64_t ic_meeting_commit_time(const struct ic_meeting *m);
/* Appends the data for a commit or proposal of ours. */
ic_err ic_meeting_commit_data(const struct ic_meeting *m, struct ic_buf *out);
ic_err ic_meeting_admission_data(const struct ic_meeting *m, struct ic_buf *out);
/* Members may commit pending proposals; when it is our turn. */
void ic_meeting_commit_pending_soon(struct ic_meeting *m);

/* ---- new_terms.c ---- */
bool ic_meeting_wish_any(const struct ic_meeting *m);
/* The GroupContext extensions with the terms that the wishes make of the current ones. */
ic_err ic_meeting_wish_extensions(const struct ic_meeting *m, struct ic_buf *out);
void ic_meeting_wish_prune(struct ic_meeting *m);
void ic_meeting_wish_clear(struct ic_meeting *m);

/* ---- lobby.c ---- */
void ic_meeting_lobby_knocked(struct ic_meeting *m, const struct ic_wire_knocked *k);
/* Looks at everybody who waits: we have just come in ourselves. */
void ic_meeting_lobby_consider(struct ic_meeting *m);
void ic_meeting_lobby_gone(struct ic_meeting *m, const struct ic_wire_knock_gone *k);
void ic_meeting_lobby_refused(struct ic_meeting *m, uint8_t why);
/* Who waits, anew; whoever is seen otherwise is shown once more. */
void ic_meeting_lobby_judge_all(struct ic_meeting *m);
void ic_meeting_lobby_clear(struct ic_meeting *m);
struct knock *ic_meeting_lobby_find(const struct ic_meeting *m, uint64_t id);

/* ---- roster.c ---- */
struct person *ic_meeting_person_at(const struct ic_meeting *m, uint32_t leaf); /* now; NULL */
const struct person *ic_meeting_person_of(const struct ic_meeting *m, uint32_t leaf,
                                          uint64_t epoch);
void ic_meeting_person_show(const struct ic_meeting *m, const struct person *p,
                            struct ic_meeting_person *out);
/* The whole tree as the roster, at our own entry. */
void ic_meeting_roster_fill(struct ic_meeting *m);
void ic_meeting_roster_add(struct ic_meeting *m, uint32_t leaf, bool there_already);
/* why: a stable name. */
void ic_meeting_roster_left(struct ic_meeting *m, uint32_t leaf, const char *why);
/* The same device at another leaf. */
void ic_meeting_roster_moved(struct ic_meeting *m, uint32_t from, uint32_t to);
void ic_meeting_roster_clear(struct ic_meeting *m);
void ic_meeting_roster_presence(struct ic_meeting *m, const struct ic_wire_presence *p);
bool ic_meeting_roster_has_host(const struct ic_meeting *m, uint32_t but_leaf);

/* ---- code.c ---- */
void ic_meeting_code_digits(const uint8_t *bytes, size_t groups, char *out);
ic_err ic_meeting_code_of_group(const struct ic_meeting *m, char out[IC_MEETING_CODE_LEN + 1]);
/* Two groups of five digits from a KeyPackageRef. */
void ic_meeting_code_short(struct ic_view ref, char out[IC_MEETING_CODE_LEN + 1]);

/* ---- leave.c ---- */
void ic_meeting_leave_step(struct ic_meeting *m);
void ic_meeting_leave_tick(struct ic_meeting *m);

/* ---- say.c ---- */
void ic_meeting_say_flush(struct ic_meeting *m);
void ic_meeting_say_sent(struct ic_meeting *m, uint64_t number, uint64_t seq);
void ic_meeting_say_failed(struct ic_meeting *m, uint64_t number, const struct ic_wire_error *e);
/* Our own message, in its place in the order. */
void ic_meeting_say_echo(struct ic_meeting *m, struct ic_view message, uint64_t seq);
void ic_meeting_say_unsent(struct ic_meeting *m);
/* The log that would have brought the echo is passed over. */
void ic_meeting_say_passed_over(struct ic_meeting *m);
void ic_meeting_say_clear(struct ic_meeting *m);
void ic_meeting_say_tick(struct ic_meeting *m);
/* Sends a heartbeat, if that is possible now. */
bool ic_meeting_say_beat(struct ic_meeting *m);

/* ---- hear.c ---- */
void ic_meeting_hear_application(struct ic_meeting *m, const struct ic_mls_received *r,
                                 uint64_t seq);
/* Somebody's line or word, our own too, as an event. */
void ic_meeting_hear_show(struct ic_meeting *m, const struct person *p, uint16_t kind,
                          struct ic_view body, uint64_t epoch, uint64_t seq);

/* ---- lines.c ---- */
/* A line in its place of the order; false where it was shown before. */
bool ic_meeting_lines_take(struct ic_meeting *m, struct person *p, uint64_t life, uint64_t line);
/* How many lines it has said, by its heartbeat. */
void ic_meeting_lines_told(struct ic_meeting *m, struct person *p, uint64_t life, uint64_t lines);
/* Everything that the server would give has come: what is missing now is withheld. */
void ic_meeting_lines_check(struct ic_meeting *m);

/* ---- pulse.c ---- */
void ic_meeting_pulse_heard(struct ic_meeting *m, uint32_t leaf);
/* By its sender's clock: false where it was held back. */
bool ic_meeting_pulse_fresh(const struct ic_meeting *m, struct person *p, uint64_t time_ms);
void ic_meeting_pulse_line_said(struct ic_meeting *m);
void ic_meeting_pulse_tick(struct ic_meeting *m);
void ic_meeting_pulse_out_of_reach(struct ic_meeting *m);
void ic_meeting_pulse_start(struct ic_meeting *m);
uint64_t ic_meeting_pulse_deadline(const struct ic_meeting *m);

/* ---- media.c ---- */
ic_err ic_meeting_media_epoch(struct ic_meeting *m, const uint32_t *removed, size_t removed_count);
void ic_meeting_media_refuse(struct ic_meeting *m, uint32_t leaf);
void ic_meeting_media_gate(struct ic_meeting *m, bool open);
void ic_meeting_media_tick(struct ic_meeting *m);
uint64_t ic_meeting_media_deadline(const struct ic_meeting *m);
/* Wipes all media keys. Who enters a group anew, also by a resync, has not seen whom the commits between
 * removed: what came before is neither sent with nor opened any more. */
void ic_meeting_media_drop(struct ic_meeting *m);
void ic_meeting_media_free(struct ic_meeting *m);
/* Moves what media calls noted (somebody was heard) into the meeting. */
void ic_meeting_media_collect(struct ic_meeting *m);

/* ---- receive.c ---- */
void ic_meeting_settle(struct ic_meeting *m);

#endif
