/* Logs of certificates (docs/protocol/log.md), as the members of a meeting hold them to their word: judges staples,
 * keeps the newest head of each log, tells the others of it, asks for proofs, and raises the alarm.
 *
 *     struct ic_together_logs *l;
 *     IC_TRY(ic_together_logs_new(&l));
 *     IC_TRY(ic_together_logs_add(l, root_fingerprint, &log));         // from trust.json
 *     IC_TRY(ic_together_logs_load(l, bytes));                         // what was kept; else nothing
 *     config.judge_staple = ic_together_logs_judge, config.staple_ctx = l;
 *     ...
 *     ic_together_logs_meeting(l, m, &event, now_ms);                  // each event of the meeting
 *     if (ic_together_logs_run(l, m, now_ms))                          // after that, and at its deadline
 *         ic_meeting_identity_changed(m, now_ms);
 *     while (ic_together_logs_next(l, &e))
 *         ... ASK: fetch the proof, then ic_together_logs_prove; ALERT: show it; KEEP: ic_together_logs_save ...
 *
 * No I/O and no clock. One object, one thread: the meeting's.
 */
#ifndef IC_TOGETHER_LOGS_H
#define IC_TOGETHER_LOGS_H

#include <ic/meeting/meeting.h>
#include <ic/merkle/heads.h>
#include <ic/merkle/staple.h>
#include <ic/pki/chain.h>

enum {
    IC_TOGETHER_LOGS_ROOTS = 16,                     /* roots whose certificates are logged */
    IC_TOGETHER_LOGS_HEADS = 2 * IC_MERKLE_LOGS_MAX, /* in a body: a fork is two */
    IC_TOGETHER_LOGS_BODY = 4 + IC_TOGETHER_LOGS_HEADS * (2 + IC_MERKLE_HEAD_MAX), /* bytes */
};

struct ic_together_logs;

ic_err ic_together_logs_new(struct ic_together_logs **out);
/* Accepts NULL. */
void ic_together_logs_free(struct ic_together_logs *l);
/* What this root issues stands in this log (of several: in any of them). root: SHA-256 of its certificate. Copies.
 * IC_ERR_LIMIT, IC_ERR_KEY. */
ic_err ic_together_logs_add(struct ic_together_logs *l, const uint8_t root[32],
                            const struct ic_merkle_log *log);
/* What outlives the meeting, as ic_merkle_heads_encode has it; load before all else. */
ic_err ic_together_logs_load(struct ic_together_logs *l, struct ic_view kept);
ic_err ic_together_logs_save(const struct ic_together_logs *l, struct ic_buf *out);

/* For ic_meeting_config.judge_staple; ctx: the object. "" where the certificate is in a log of that root's, or the root
 * has none; else "not-logged", "log-fork", "log-withholds", or "log-unproved" (too many heads wait for proofs). */
const char *ic_together_logs_judge(void *ctx, const struct ic_pki_chain *chain,
                                   const struct ic_pki_cert *root, struct ic_view staple,
                                   uint64_t now_s);

/* True where the event is this object's alone. */
bool ic_together_logs_meeting(struct ic_together_logs *l, const struct ic_meeting *m,
                              const struct ic_meeting_event *e, uint64_t now_ms);
/* Says what the others do not know. True where people are to be judged anew. */
bool ic_together_logs_run(struct ic_together_logs *l, struct ic_meeting *m, uint64_t now_ms);
/* UINT64_MAX: not before something arrives. */
uint64_t ic_together_logs_deadline_ms(const struct ic_together_logs *l);
/* The answer to an ASK: path as in the log's answer; what is no proof makes the log one that withholds. */
void ic_together_logs_prove(struct ic_together_logs *l, const struct ic_merkle_ask *ask,
                            struct ic_view path, uint64_t now_ms);

enum ic_together_logs_event_type {
    IC_TOGETHER_LOGS_ASK = 1, /* a consistency proof is wanted */
    IC_TOGETHER_LOGS_ALERT,   /* rule: log-fork, log-withholds; log-answers: that is over */
    IC_TOGETHER_LOGS_KEEP,    /* ic_together_logs_save has something new */
};
struct ic_together_logs_event {
    enum ic_together_logs_event_type type;
    struct ic_merkle_ask ask;      /* ASK */
    struct ic_merkle_hash log;     /* ALERT */
    const char *rule, *text;       /* ALERT: static; text is a sentence for people */
    struct ic_merkle_head fork[2]; /* ALERT log-fork: the proof of it */
};
bool ic_together_logs_next(struct ic_together_logs *l, struct ic_together_logs_event *out);
/* ALERT as the event `alert` of docs/events.md. Appends one object. */
ic_err ic_together_logs_json(const struct ic_together_logs_event *e, uint64_t time_ms,
                             struct ic_buf *out);

/* ---- bodies of kind 22 ---- */
struct ic_together_heads {
    size_t count;
    struct ic_merkle_head head[IC_TOGETHER_LOGS_HEADS];
};
/* Version 1, heads<V> of head<V>. IC_ERR_UNSUPPORTED, IC_ERR_LIMIT, IC_ERR_MALFORMED for none, those of heads. */
ic_err ic_together_heads_decode(struct ic_view bytes, struct ic_together_heads *out);
/* Appends. */
ic_err ic_together_heads_encode(const struct ic_together_heads *h, struct ic_buf *out);

#endif
