/* The media keys of one member of one MLS group: RFC 9605 section 5.2.
 *
 *     struct ic_sframe_store *s;
 *     IC_TRY(ic_sframe_store_new(4, &s));
 *     IC_TRY(ic_sframe_store_add_epoch(s, &epoch, now_ms));          // at every epoch of the group
 *     IC_TRY(ic_sframe_store_protect(s, context, metadata, frame, out, &len));
 *     IC_TRY(ic_sframe_store_unprotect(s, metadata, sealed, now_ms, out, &len, &from));
 *     ic_sframe_store_tick(s, now_ms);                               // at ic_sframe_store_deadline
 *     ic_sframe_store_free(s);                                       // wipes
 *
 * KID = context << (S + 8) | leaf << 8 | epoch mod 256, S the bits for that epoch's leaf slots. The
 * context is a stream of its sender (audio, camera, screen); each has a counter and a replay window of
 * its own. Keys of senders are derived at their first frame and kept once a frame has authenticated.
 *
 * Which old keys still open frames:
 * - a removed leaf's frames are refused from add_epoch on, in every epoch before it;
 * - once a Remove lies between two epochs, a stream's first authentic frame of the later one drops that
 *   stream's keys of the earlier ones;
 * - all epochs before a Remove end IC_SFRAME_GRACE_REMOVE_MS after it, before any other change
 *   IC_SFRAME_GRACE_MS after it;
 * - an epoch ends where a new one has the same low 8 bits (section 5.2, MUST).
 * One object belongs to one thread at a time, or to the lock of its caller. A call that fails changes
 * nothing. Counters and keys are never written anywhere.
 */
#ifndef IC_SFRAME_STORE_H
#define IC_SFRAME_STORE_H

#include <ic/sframe/stream.h>

enum {
    IC_SFRAME_EPOCH_BITS = 8,
    IC_SFRAME_CONTEXTS = 16, /* streams a sender may have */
    IC_SFRAME_LEAVES_MAX = 1 << 16,
    IC_SFRAME_GRACE_MS = 10000,
    IC_SFRAME_GRACE_REMOVE_MS = 1000,
    IC_SFRAME_SEND_DELAY_MS = 200, /* until the new epoch is sent with, where nobody was removed */
};

#define IC_SFRAME_EXPORTER_LABEL "SFrame 1.0 Base Key"

struct ic_sframe_store;

/* IC_ERR_UNSUPPORTED, IC_ERR_NOMEM. */
ic_err ic_sframe_store_new(uint16_t suite, struct ic_sframe_store **out);
/* Wipes. Accepts NULL. */
void ic_sframe_store_free(struct ic_sframe_store *s);

struct ic_sframe_epoch {
    uint64_t epoch;
    uint32_t leaf_slots; /* of that epoch's tree, 1 to IC_SFRAME_LEAVES_MAX */
    uint32_t own_leaf;
    /* MLS-Exporter(IC_SFRAME_EXPORTER_LABEL, "", Nk): the suite's key_len bytes. The caller's to wipe. */
    struct ic_view base_key;
    /* Leaves of the epochs before that this one's commit removed. */
    const uint32_t *removed;
    size_t removed_len;
    /* False where this member may have sent in the epoch before, in another life of the program: it
     * then sends nothing until the next epoch. */
    bool may_send;
};

/* IC_ERR_EPOCH where the epoch is not above all before; IC_ERR_ARG where a leaf has no slot; IC_ERR_KEY
 * for a wrong length; IC_ERR_LIMIT for leaf_slots; IC_ERR_NOMEM. */
ic_err ic_sframe_store_add_epoch(struct ic_sframe_store *s, const struct ic_sframe_epoch *e,
                                 uint64_t now_ms);
/* Refuses a leaf's frames in every epoch held now: for a Remove that is known and not committed yet. */
void ic_sframe_store_refuse_leaf(struct ic_sframe_store *s, uint32_t leaf);

/* Retires what is due, and moves sending to the new epoch when its delay is over. Time that goes back is
 * taken as standing still. */
void ic_sframe_store_tick(struct ic_sframe_store *s, uint64_t now_ms);
/* When tick has something to do next; UINT64_MAX for never. */
uint64_t ic_sframe_store_deadline(const struct ic_sframe_store *s);
/* The epoch that protect uses now. IC_ERR_STATE where there is none. */
ic_err ic_sframe_store_sending_epoch(const struct ic_sframe_store *s, uint64_t *epoch);

/* As ic_sframe_sender_protect. IC_ERR_STATE where no epoch may be sent in; IC_ERR_RANGE for a context of
 * IC_SFRAME_CONTEXTS or more; IC_ERR_NOMEM at a stream's first frame of an epoch alone. */
ic_err ic_sframe_store_protect(struct ic_sframe_store *s, uint32_t context, struct ic_view metadata,
                               struct ic_view plain, uint8_t *out, size_t *out_len);

struct ic_sframe_from {
    uint32_t leaf; /* in that epoch's tree, and only there: leaves are reused */
    uint64_t epoch;
    uint32_t context;
    uint64_t counter;
    uint64_t kid;
};

/* As ic_sframe_receiver_unprotect, and: IC_ERR_UNKNOWN_KEY for an epoch still to come (hold the frame for
 * 500 ms at most and try again); IC_ERR_EXPIRED for a key that is retired or refused; IC_ERR_OWN_ECHO for
 * our own leaf's KID; IC_ERR_MALFORMED for a leaf or context that cannot be. */
ic_err ic_sframe_store_unprotect(struct ic_sframe_store *s, struct ic_view metadata,
                                 struct ic_view frame, uint64_t now_ms, uint8_t *out,
                                 size_t *out_len, struct ic_sframe_from *from);

/* Whom a frame says it is of, for words about a frame that does not open: nothing of it is authenticated.
 * Where the epoch is not known yet the newest one's leaf slots are taken. IC_ERR_TRUNCATED, IC_ERR_MALFORMED
 * for a leaf or context that cannot be, IC_ERR_STATE without any epoch. */
ic_err ic_sframe_store_claim(const struct ic_sframe_store *s, struct ic_view frame,
                             struct ic_sframe_from *from);

#endif
