/* A group as records: what each kind holds is in docs/mls-state.md. */
#ifndef IC_MLS_SAVED_H
#define IC_MLS_SAVED_H

#include "state.h"

/* Every record but a tree's node ends with the first bytes of a hash over its key and content. A node's are
 * covered by the tree hash. */
enum { IC_MLS_RECORD_CHECK_LEN = 8 };

enum { /* flags of the GROUP record */
       IC_MLS_SAVED_REMOVED = 1,
       IC_MLS_SAVED_OPENED_BY_US = 2,
};
enum { IC_MLS_SAVED_JUDGED = 2 }; /* of a PROPOSAL record's verified, and its greatest value */

/* All of a store, or all of one kind. */
extern const struct ic_mls_record_key ic_mls_record_first, ic_mls_record_last;

bool ic_mls_record_checked(uint8_t kind);
void ic_mls_record_check(const struct ic_mls_record_key *key, struct ic_view content,
                         uint8_t out[IC_MLS_RECORD_CHECK_LEN]);

/* ---- writing ---- */

struct ic_mls_saving {
    const struct ic_mls_group *g;
    const struct ic_mls_store *store;
    struct ic_buf bytes; /* the record at hand; secret */
};

/* Room for a record of so many bytes, at once: what grows would leave a secret behind. */
ic_err ic_mls_saving_begin(struct ic_mls_saving *s, size_t room, struct ic_writer *w);
/* Adds the check, and gives the record to the store. */
ic_err ic_mls_saving_end(struct ic_mls_saving *s, struct ic_writer *w,
                         const struct ic_mls_record_key *key);
void ic_mls_saved_write_secrets(struct ic_writer *w, const struct ic_mls_epoch *e);
void ic_mls_saved_write_keys(struct ic_writer *w, const struct ic_mls_path_keys *k);
/* The record of a staged commit. */
ic_err ic_mls_saving_staged(struct ic_mls_saving *s, const struct ic_mls_staged *staged);
/* Writes the record if the group has it, else erases it. */
ic_err ic_mls_saving_put(struct ic_mls_saving *s, const struct ic_mls_record_key *key);
/* All records of the group but the stamp, ascending. */
ic_err ic_mls_saving_all(struct ic_mls_saving *s);
ic_err ic_mls_saving_stamp(struct ic_mls_saving *s, uint64_t saves);
void ic_mls_saving_clear(struct ic_mls_saving *s);
/* The first epoch of which the group holds secrets; the next one where it holds none. */
uint64_t ic_mls_saved_oldest(const struct ic_mls_group *g);

/* ---- reading ---- */

struct ic_mls_stamp {
    uint16_t major, minor;
    uint64_t saves;
};
/* content without its check. IC_ERR_UNSUPPORTED for another major version. */
ic_err ic_mls_stamp_read(struct ic_view content, struct ic_mls_stamp *out);
/* value with its check, which is taken off. IC_ERR_MALFORMED. */
ic_err ic_mls_record_open(const struct ic_mls_record_key *key, struct ic_view value,
                          struct ic_view *content);

struct ic_mls_loading {
    const struct ic_mls_config *config;
    const struct ic_sign_key *const *signers;
    size_t signer_count;
    struct ic_mls_changes *changes; /* of the group to be, or NULL; taken by it */
    struct ic_mlspub_fault fault;
    struct ic_mls_group *g; /* once its record was read */
    struct ic_mls_record_key last;
    bool any, resave; /* something is here that the next save should write otherwise */
    struct ic_mls_stamp stamp;
    struct ic_buf tree; /* the ratchet_tree data as it comes together */
    struct ic_writer tree_writer;
    size_t tree_mark;
    uint32_t nodes; /* in it */
};

ic_err ic_mls_loading_take(void *loading, const struct ic_mls_record_key *key,
                           struct ic_view value);
/* The last checks; the group is the caller's. */
ic_err ic_mls_loading_end(struct ic_mls_loading *l, struct ic_mls_group **out);
void ic_mls_loading_clear(struct ic_mls_loading *l);

/* ---- between the files that read ---- */

ic_err ic_mls_loading_refuse(struct ic_mls_loading *l, ic_err e, const char *rule);
/* A later minor version may say more behind the fields known here. */
ic_err ic_mls_loading_fields_end(const struct ic_mls_loading *l, const struct ic_reader *r);
/* NULL where it was not given. */
const struct ic_sign_key *ic_mls_loading_signer(const struct ic_mls_loading *l,
                                                struct ic_view public_key);
/* want: the length of each. */
ic_err ic_mls_saved_read_secrets(struct ic_reader *r, size_t want, struct ic_mls_epoch *e);
/* Into m, with the interim hash, if it is what context and secrets of m give. */
ic_err ic_mls_saved_check_tag(struct ic_mls_loading *l, struct ic_mls_moment *m,
                              struct ic_view tag);
/* Private keys of a leaf and of nodes above it, which must fit the group's tree, or d's where d is not
 * NULL. */
ic_err ic_mls_loading_fitting_keys(struct ic_mls_loading *l, const struct ic_mlspub_diff *d,
                                   uint32_t leaf, struct ic_view leaf_key, struct ic_view above,
                                   struct ic_mls_path_keys *out);
/* A record of all kinds behind the tree's. */
ic_err ic_mls_loading_keys(struct ic_mls_loading *l, struct ic_view content);
ic_err ic_mls_loading_past(struct ic_mls_loading *l, uint64_t epoch, struct ic_view content);
ic_err ic_mls_loading_secret(struct ic_mls_loading *l, const struct ic_mls_record_key *key,
                             struct ic_view content);
ic_err ic_mls_loading_resumption(struct ic_mls_loading *l, uint64_t epoch, struct ic_view content);
ic_err ic_mls_loading_proposal(struct ic_mls_loading *l, uint64_t index, struct ic_view content);
ic_err ic_mls_loading_staged(struct ic_mls_loading *l, const struct ic_mls_record_key *key,
                             struct ic_view content);
ic_err ic_mls_loading_update(struct ic_mls_loading *l, uint64_t index, struct ic_view content);

#endif
