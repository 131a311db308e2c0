/* Keeping a group on disk: records, what a change touched, one transaction at a time.
 *
 * A group is a set of records (docs/mls-state.md is their format). The first save writes them all; each later
 * one writes what has changed since, and nothing else: after a message one record, after a commit its path.
 * Records of secrets that memory has deleted are erased by the same save.
 *
 *     ic_mls_protect(g, data, aad, &message);
 *     IC_TRY(ic_mls_save(g, &store));      // before it is sent: no key serves twice after a crash
 *     send(&message);
 *
 *     IC_TRY(ic_mls_commit_create(g, &p, &s));
 *     IC_TRY(ic_mls_save_staged(g, s, &store));  // a crash from here on finds s again
 *     send(ic_mls_staged_commit(s));
 *     ... accepted ...
 *     IC_TRY(ic_mls_merge(g, s));
 *     IC_TRY(ic_mls_save(g, &store));
 *
 *     IC_TRY(ic_mls_load(&config, signers, 1, &store, &g));
 *     s = ic_mls_take_staged(g);                 // or NULL
 *
 * Signing keys are not kept: whoever loads brings them. Randomness, limits and callbacks come with the config.
 * One group belongs to one thread at a time, and its store with it.
 */
#ifndef IC_MLS_STORE_H
#define IC_MLS_STORE_H

#include <ic/base/api.h>
#include <ic/mls/group.h>

IC_API_BEGIN

/* The version that is written. A reader takes every minor version of its own major version, later ones too,
 * and refuses other major versions with IC_ERR_UNSUPPORTED. */
enum { IC_MLS_STATE_MAJOR = 1, IC_MLS_STATE_MINOR = 2 };

/* Records are ordered by kind, then epoch, then index. */
struct ic_mls_record_key {
    uint8_t kind;
    uint64_t epoch; /* 0 where the record is of no epoch */
    uint64_t index;
};
/* <0, 0, >0 */
int ic_mls_record_cmp(const struct ic_mls_record_key *a, const struct ic_mls_record_key *b);

/* Where the records of one group are kept: the caller's, as a database, or a file. All changes between begin
 * and commit happen together or not at all. Values are secret. An error of any function ends the save or
 * load that met it, and is what that returns. */
struct ic_mls_store {
    void *ctx;
    /* Nothing is open before it; false: it will only be read. */
    ic_err (*begin)(void *ctx, bool write);
    /* Writes a record, over one with the same key. value: borrowed for the call. */
    ic_err (*put)(void *ctx, const struct ic_mls_record_key *key, struct ic_view value);
    /* Erases all records from first to last, both included; that there are none is no error. */
    ic_err (*erase)(void *ctx, const struct ic_mls_record_key *first,
                    const struct ic_mls_record_key *last);
    /* Gives each record from first to last, both included, in ascending order, until take fails; returns
     * what take returned. value need only live for the call. */
    ic_err (*each)(void *ctx, const struct ic_mls_record_key *first,
                   const struct ic_mls_record_key *last,
                   ic_err (*take)(void *arg, const struct ic_mls_record_key *key,
                                  struct ic_view value),
                   void *arg);
    /* Makes the changes durable. On an error they may be there or not: save again. */
    ic_err (*commit)(void *ctx);
    /* Drops the changes, or ends reading. */
    void (*rollback)(void *ctx);
};

/* Writes what has changed since the last save or load, in one transaction; all of it the first time.
 * On failure g is as it was, and save may be called again.
 * IC_ERR_STATE: credentials of the group wait for their verdict (ic_mls_unjudged).
 * IC_ERR_STALE: the store holds another state of this group than the one that g came from: another process
 * has saved it, or the group was joined anew (ic_mls_save_anew).  IC_ERR_UNSUPPORTED: the store holds a later major version; IC_ERR_NOMEM; those of the store. */
ic_err ic_mls_save(struct ic_mls_group *g, const struct ic_mls_store *store);
/* The same with a commit staged on g, ours or a received one, so that a crash before it is merged does not
 * lose it: before ours is sent; for a received one only if something is saved between ic_mls_process and the
 * merge, as a PrivateMessage cannot be processed twice. It stays in the store while the epoch lasts, through
 * other saves too, and the next save behind a merge erases it. s NULL: none is kept any more.
 * IC_ERR_ARG: s is not of g's epoch. IC_ERR_STATE: credentials of s wait for a verdict. */
ic_err ic_mls_save_staged(struct ic_mls_group *g, const struct ic_mls_staged *s,
                          const struct ic_mls_store *store);
/* The same as ic_mls_save, and whatever the store holds of a group is replaced. */
ic_err ic_mls_save_anew(struct ic_mls_group *g, const struct ic_mls_store *store);

/* Reads a group back. signers: every signing key it may still use: of our leaf, of pending Updates of
 * ours, and of the staged commit; the keys are borrowed as long as the group lives.
 * Nothing is taken on trust: encodings, bounds, hashes, that private keys fit the tree's, that our leaf is
 * ours. IC_ERR_NOT_FOUND: the store is empty. IC_ERR_UNSUPPORTED: a later major version, or a suite this
 * build lacks. IC_ERR_KEY: a signing key is missing, or a private key does not fit. IC_ERR_MALFORMED with
 * the rule in c->fault; IC_ERR_LIMIT where c->limits are too small for it; IC_ERR_NOMEM; the store's. */
ic_err ic_mls_load(const struct ic_mls_config *c, const struct ic_sign_key *const *signers,
                   size_t signer_count, const struct ic_mls_store *store,
                   struct ic_mls_group **out);

/* The staged commit that was loaded with g, from now on the caller's to merge or discard; NULL where there was
 * none, or g has moved on. */
struct ic_mls_staged *ic_mls_take_staged(struct ic_mls_group *g);

/* The whole state as one byte string, for a backup or to move it; secret. IC_ERR_STATE as ic_mls_save. Appended to out, which should be
 * cleared with ic_buf_clear_secret. */
ic_err ic_mls_state_encode(const struct ic_mls_group *g, struct ic_buf *out);
/* With a staged commit (may be NULL), as ic_mls_save_staged. */
ic_err ic_mls_state_encode_staged(const struct ic_mls_group *g, const struct ic_mls_staged *s,
                                  struct ic_buf *out);
/* As ic_mls_load. The group has been saved nowhere yet. */
ic_err ic_mls_state_decode(const struct ic_mls_config *c, const struct ic_sign_key *const *signers,
                           size_t signer_count, struct ic_view bytes, struct ic_mls_group **out);

/* A key package with its private keys, which are to be kept until a Welcome has come (for a last-resort one:
 * as long as it is handed out); secret, appended to out. */
ic_err ic_mls_key_package_encode(const struct ic_mls_key_package *k, struct ic_buf *out);
/* IC_ERR_MALFORMED, IC_ERR_KEY where a private key does not fit, IC_ERR_UNSUPPORTED. */
ic_err ic_mls_key_package_decode(struct ic_view bytes, struct ic_mls_key_package **out);

IC_API_END

#endif
