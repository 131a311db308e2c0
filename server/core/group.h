/* A running session's group as the server holds it: the public view (observer), the log's end, the trees
 * that joiners may still ask for, who is away. Shared by delivery, lobby and presence.
 *
 * Writing is two steps: rows first (inside icd_write_begin), memory after, by calls that cannot fail.
 */
#ifndef ICD_CORE_GROUP_H
#define ICD_CORE_GROUP_H

#include "core/live.h"

#include <ic/crypto/hash.h>

enum {
    ICD_TREES_KEPT = 8,
    ICD_SNAPSHOT_EVERY = 16, /* commits between two snapshots: what a restart replays at most */
};

struct icd_tree {
    uint8_t hash[IC_HASH_MAX];
    size_t hash_len;
    struct ic_buf bytes;
};

struct icd_absent {
    uint32_t leaf;
    uint64_t since_ms;
    uint64_t proposed_epoch; /* the server's Remove is pending in it; UINT64_MAX: none */
    bool left;               /* by LEAVE: no wait */
};

struct icd_group {
    uint8_t id[ICD_GROUP_ID_MAX];
    size_t id_len;
    struct ic_mlspub_observer *observer;
    uint64_t epoch;
    uint64_t seq;       /* the last of the log */
    uint64_t epoch_seq; /* of the commit that opened this epoch; 0: the first */
    uint64_t snapshot_epoch;
    uint64_t log_bytes;
    size_t members;
    struct ic_buf added; /* u32 each, native: the leaves that the last commit added */
    uint64_t time_ms;    /* the last commit's own; 0: not known */
    struct ic_buf group_info;
    struct ic_buf admission;               /* who vouches for its signer: shown with it */
    struct icd_tree trees[ICD_TREES_KEPT]; /* a ring */
    size_t next_tree;
    bool tree_announced;                  /* somebody was told this epoch's tree hash */
    uint8_t committer[IC_SIG_PUBLIC_MAX]; /* key of who made the last commit, or the void one */
    size_t committer_len;
    bool replacement; /* the epoch's commit was void: one other is taken */
    bool replaced;    /* the last epoch's commit was a replacement: it cannot be void too */
    struct icd_absent *absent;
    size_t absent_count, absent_cap;
};

static inline struct ic_view icd_group_id(const struct icd_group *g)
{
    return ic_view(g->id, g->id_len);
}

/* A new session: checks the public objects; then its rows. IC_ERR_EXISTS: the id is taken. */
ic_err icd_group_open(const struct icd_core *core, const struct ic_wire_create_group *create,
                      struct icd_group **out);
ic_err icd_group_write_new(struct icd_core *core, const struct icd_room *room,
                           const struct icd_group *g);
/* From the store. IC_ERR_NOT_FOUND: no session runs. */
ic_err icd_group_load(struct icd_core *core, struct icd_room *room, struct icd_group **out);
void icd_group_free(struct icd_group *g);

/* Appends a row to the log; *seq is its place. Memory is moved by icd_group_appended. */
ic_err icd_group_append(struct icd_core *core, const struct icd_group *g, uint8_t kind,
                        uint64_t epoch, struct ic_view body, uint64_t *seq);
void icd_group_appended(struct icd_group *g, uint64_t seq, size_t body_len);

/* A commit that passed every check. Views borrow; the bodies outlive the call. */
struct icd_commit {
    struct ic_view body;
    struct ic_view group_info;
    struct ic_view admission;
    struct ic_view committer; /* signature key */
    uint64_t time_ms;
    /* filled in by icd_group_write_commit: */
    uint64_t seq;
    bool snapshot;
    struct ic_buf group_info_copy, admission_copy;
};
/* The rows of a commit: the compare-and-swap, its log entry, the epoch. IC_ERR_STALE: another one was
 * first. Also makes a snapshot of the epoch that ends, where one is due. c is cleared by the caller. */
ic_err icd_group_write_commit(struct icd_core *core, const struct icd_group *g,
                              struct icd_commit *c);
/* Memory after it: merges the change. */
void icd_group_committed(struct icd_group *g, struct ic_mlspub_change *change,
                         struct icd_commit *c);
void icd_commit_clear(struct icd_commit *c);
/* Marks the last commit void and gives the group as it was before it, from the store. */
ic_err icd_group_void_last(struct icd_core *core, struct icd_room *room, struct icd_group **out);

bool icd_group_was_added(const struct icd_group *g, uint32_t leaf);

/* Keeps the current tree for those who were told its hash. */
ic_err icd_group_keep_tree(struct icd_group *g);
/* IC_ERR_NOT_FOUND. The view is borrowed until the next commit. */
ic_err icd_group_tree(struct icd_group *g, struct ic_view hash, struct ic_view *out);

/* Removes every row of the session. */
ic_err icd_group_delete_rows(struct icd_core *core, struct ic_view group_id);
/* The server's signature key for the suite, made when first asked for. Borrowed from the core. */
ic_err icd_group_server_key(struct icd_core *core, uint16_t suite, const struct ic_sign_key **out);
/* Those made in a flush that failed were never stored: they are read, or made, again. */
void icd_group_forget_keys(struct icd_core *core);
/* Which external sender of the group this key is. IC_ERR_NOT_FOUND. */
ic_err icd_group_sender_index(const struct icd_group *g, struct ic_view key, uint32_t *out);

#endif
