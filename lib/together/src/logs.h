/* Within the logs' files. */
#ifndef IC_TOGETHER_LOGS_PRIVATE_H
#define IC_TOGETHER_LOGS_PRIVATE_H

#include <ic/together/logs.h>

struct logs_one {
    struct ic_merkle_log log; /* views of `key` */
    struct ic_merkle_hash id;
    uint8_t key[IC_SIG_PUBLIC_MAX];
    enum ic_merkle_trouble told; /* what people were last told */
    bool kept;                   /* `told` and newest are on disk */
    bool heard;                  /* the largest head that all here have seen, in a staple or said */
    uint64_t heard_size;
    bool fork_said;
    struct ic_merkle_head checked; /* whose signature was good: most staples share a head */
};

struct ic_together_logs {
    struct {
        uint8_t fingerprint[32];
        size_t log;
    } roots[IC_TOGETHER_LOGS_ROOTS];
    size_t root_count;
    struct logs_one logs[IC_MERKLE_LOGS_MAX];
    size_t log_count;
    struct ic_merkle_heads *heads;
    uint64_t kept_size[IC_MERKLE_LOGS_MAX];
    bool in;   /* the group */
    bool full; /* a head found no place */
    bool judge_again;
    uint64_t say_ms; /* UINT64_MAX: nothing is to be said */
    uint64_t now_ms; /* of the last call that knew it: a judge is told seconds */
    uint64_t due_ms; /* of the heads themselves, at the last run */
    size_t event_count, event_first;
    struct ic_together_logs_event events[32];
};

/* A head, from wherever: checked and compared. *unseen may be NULL. IC_ERR_UNKNOWN_KEY, IC_ERR_SIGNATURE,
 * IC_ERR_LIMIT. */
ic_err ic_together_logs_see(struct ic_together_logs *l, const struct ic_merkle_head *head,
                            uint64_t now_ms);
struct logs_one *ic_together_logs_find(struct ic_together_logs *l, const struct ic_merkle_hash *id);

#endif
