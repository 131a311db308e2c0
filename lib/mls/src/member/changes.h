/* What has changed in a group since it was saved: keys of records, to be written or erased by what the group
 * then holds. Noting cannot fail: without memory for a key, everything counts as changed. */
#ifndef IC_MLS_CHANGES_H
#define IC_MLS_CHANGES_H

#include <ic/mls/store.h>

/* docs/mls-state.md has the table. A reader that does not know a kind above OPTIONAL passes over it. */
enum ic_mls_record_kind {
    IC_MLS_RECORD_STAMP = 1,
    IC_MLS_RECORD_GROUP,
    IC_MLS_RECORD_NODE,
    IC_MLS_RECORD_KEYS,
    IC_MLS_RECORD_PAST,
    IC_MLS_RECORD_SECRET_NODE,
    IC_MLS_RECORD_RATCHET,
    IC_MLS_RECORD_SKIPPED,
    IC_MLS_RECORD_RESUMPTION,
    IC_MLS_RECORD_PROPOSAL,
    IC_MLS_RECORD_UPDATE,
    IC_MLS_RECORD_OPTIONAL = 0x80,
    IC_MLS_RECORD_STAGED = IC_MLS_RECORD_OPTIONAL,
};

struct ic_mls_changes {
    bool all;
    struct ic_mls_record_key *keys; /* in no order, perhaps twice */
    size_t count, cap;
    uint64_t oldest;     /* epochs before it have no records */
    uint32_t tree_nodes; /* the tree was as small as this meanwhile */
    uint32_t saved_nodes;
    bool staged;           /* there is a STAGED record */
    uint64_t staged_epoch; /* which it starts from */
    bool unsure;           /* a store's commit failed: it may have happened */
};

struct ic_mls_changes *ic_mls_changes_new(void);
/* Accepts NULL. */
void ic_mls_changes_free(struct ic_mls_changes *c);
/* c may be NULL: nobody wants to know. */
void ic_mls_changes_note(struct ic_mls_changes *c, enum ic_mls_record_kind kind, uint64_t epoch,
                         uint64_t index);
/* In order, each key once. */
void ic_mls_changes_sort(struct ic_mls_changes *c);

#endif
