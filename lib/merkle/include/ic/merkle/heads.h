/* What one viewer knows of logs: the newest head of each that continues all seen before, and what is asked about.
 *
 * Heads come in staples and by gossip. One of the same size with another root proves that the log shows different
 * people different lists: forked, for good. Any other size that was not proved yet needs the log's consistency proof:
 * ic_merkle_heads_next says which to fetch; a log that gives none in time withholds it, which is trouble too, and ends
 * when a proof comes after all.
 *
 *     struct ic_merkle_heads *heads;
 *     IC_TRY(ic_merkle_heads_new(&heads));
 *     IC_TRY(ic_merkle_heads_see(heads, &head, now_ms, &verdict));   // ic_merkle_head_check was before
 *     struct ic_merkle_ask ask;
 *     if (ic_merkle_heads_next(heads, now_ms, &ask))
 *         ... fetch consistency of ask.first and ask.second from ask.log ...
 *     IC_TRY(ic_merkle_heads_prove(heads, &ask, &path, now_ms, &verdict));
 *     if (ic_merkle_heads_trouble(heads, &head.log, now_ms) != IC_MERKLE_SOUND)
 *         ... nobody is "internal" by that log ...
 *     IC_TRY(ic_merkle_heads_encode(heads, &bytes));                 // kept over restarts
 *     ic_merkle_heads_free(heads);
 *
 * No I/O and no clock. It belongs to one thread at a time.
 */
#ifndef IC_MERKLE_HEADS_H
#define IC_MERKLE_HEADS_H

#include <ic/merkle/head.h>

IC_API_BEGIN

enum {
    IC_MERKLE_LOGS_MAX = 8,     /* logs known at a time */
    IC_MERKLE_WAITING_MAX = 64, /* heads of one log that wait for a proof */
    IC_MERKLE_PROVED_MAX = 64,  /* sizes remembered as proved; a forgotten one is asked for again */
    IC_MERKLE_ASKS_MAX = 8,     /* proofs asked for at a time */
    IC_MERKLE_ASK_AGAIN_MS = 5000,
    IC_MERKLE_PATIENCE_MS = 60000, /* after it a log that gave no proof withholds it */
    IC_MERKLE_HEADS_MAX = 8 + IC_MERKLE_LOGS_MAX * (1 + 3 * (IC_MERKLE_HEAD_MAX + 2)), /* bytes */
};

enum ic_merkle_verdict {
    IC_MERKLE_SAME,     /* known, or proved before */
    IC_MERKLE_NEWER,    /* the newest from now on */
    IC_MERKLE_UNPROVED, /* waits for a consistency proof */
    IC_MERKLE_FORKED,   /* two roots of one size: ic_merkle_heads_fork has both */
};

enum ic_merkle_trouble {
    IC_MERKLE_SOUND,
    IC_MERKLE_WITHHOLDS, /* a proof was asked for and did not come, or was wrong */
    IC_MERKLE_FORK,
};

/* A proof that is wanted: the log's leaves [0, first) are a beginning of [0, second). */
struct ic_merkle_ask {
    struct ic_merkle_hash log;
    uint64_t first, second; /* first < second */
};

struct ic_merkle_heads;

/* IC_ERR_NOMEM. */
ic_err ic_merkle_heads_new(struct ic_merkle_heads **out);
/* Accepts NULL. */
void ic_merkle_heads_free(struct ic_merkle_heads *h);

/* A head whose signature is good. IC_ERR_LIMIT where too many logs are known, or too many of its heads wait (the
 * newest known stays, trouble will show). */
ic_err ic_merkle_heads_see(struct ic_merkle_heads *h, const struct ic_merkle_head *head,
                           uint64_t now_ms, enum ic_merkle_verdict *verdict);
/* What is to be fetched now: IC_MERKLE_ASKS_MAX at a time, each given again IC_MERKLE_ASK_AGAIN_MS later until it is
 * proved. */
bool ic_merkle_heads_next(struct ic_merkle_heads *h, uint64_t now_ms, struct ic_merkle_ask *out);
/* The answer to it. verdict: SAME or NEWER where it is proved. IC_ERR_AUTH where it proves nothing (the ask stays, and
 * from now on the log withholds), IC_ERR_NOT_FOUND where nothing such was asked. */
ic_err ic_merkle_heads_prove(struct ic_merkle_heads *h, const struct ic_merkle_ask *ask,
                             const struct ic_merkle_path *path, enum ic_merkle_verdict *verdict);
/* When ic_merkle_heads_next or _trouble may say something new; UINT64_MAX: never by itself. */
uint64_t ic_merkle_heads_due_ms(const struct ic_merkle_heads *h, uint64_t now_ms);

/* How it stands with the log; of an unknown one: sound. */
enum ic_merkle_trouble ic_merkle_heads_trouble(const struct ic_merkle_heads *h,
                                               const struct ic_merkle_hash *log, uint64_t now_ms);
/* The newest proved head of a log, borrowed until the next call that changes h; NULL where there is none. */
const struct ic_merkle_head *ic_merkle_heads_newest(const struct ic_merkle_heads *h,
                                                    const struct ic_merkle_hash *log);
/* The i-th log's; NULL past the end. */
const struct ic_merkle_head *ic_merkle_heads_at(const struct ic_merkle_heads *h, size_t i);
/* The two heads that prove the fork; IC_ERR_NOT_FOUND where there is none. */
ic_err ic_merkle_heads_fork(const struct ic_merkle_heads *h, const struct ic_merkle_hash *log,
                            struct ic_merkle_head *a, struct ic_merkle_head *b);

/* What outlives a restart: newest heads and proofs of forks, not what waits. Decoding adds to an empty object and
 * checks no signature: the file is one's own. IC_ERR_STATE where it is not empty, IC_ERR_UNSUPPORTED,
 * IC_ERR_MALFORMED. */
ic_err ic_merkle_heads_decode(struct ic_merkle_heads *h, struct ic_view v);
/* Appends it. */
ic_err ic_merkle_heads_encode(const struct ic_merkle_heads *h, struct ic_buf *out);

IC_API_END

#endif
