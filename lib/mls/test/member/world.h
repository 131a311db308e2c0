/* A simulated world for tests: members with keys, one group among them, and a delivery without faults.
 *
 *     struct world w;
 *     CHECK_OK(world_init(&w, suite, 1));
 *     CHECK_OK(world_create(&w));                       // member 0 is alone
 *     CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2}, 2));
 *     CHECK(world_agrees(&w));
 *     world_clear(&w);
 */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include <ic/base/test.h>
#include <ic/mls/group.h>
#include <ic/mlspub/observer.h>

enum { WORLD_MEMBERS = 16 };

static const uint64_t world_now = 1800000000;

struct person {
    char name[16];
    struct ic_sign_key *signer;
    struct ic_mls_identity id;
    struct ic_mls_group *g; /* NULL: not a member */
};

struct world {
    const struct ic_suite *suite;
    struct ic_test_rand rand_state;
    uint64_t now_s; /* of config's clock: world_now at first */
    struct ic_mls_config config;
    struct ic_mlspub_fault fault;
    struct person people[WORLD_MEMBERS];
    bool without_tree;                  /* Welcomes do not carry it */
    const struct ic_view *self_removes; /* what an external commit refers to */
    size_t self_remove_count;
    struct ic_mlspub_observer *observer; /* follows the group from outside, or NULL */
};

ic_err world_init(struct world *w, const struct ic_suite *s, uint64_t seed);
void world_clear(struct world *w);
ic_err world_create(struct world *w);
ic_err world_create_with(struct world *w, struct ic_view extensions);

/* From now on an observer follows, and must agree. Handshakes must be public. */
ic_err world_watch(struct world *w);

/* Member `by` commits; everybody merges; those added join. Removed ones free their group. */
ic_err world_commit(struct world *w, size_t by, struct ic_mls_commit_params *p,
                    const size_t *joiners, struct ic_mls_key_package *const *packages,
                    size_t count);
ic_err world_add(struct world *w, size_t by, const size_t *who, size_t count);
ic_err world_remove(struct world *w, size_t by, size_t who);
ic_err world_update(struct world *w, size_t by); /* an empty commit with a path */
/* Every member but `by` processes a proposal. */
ic_err world_propose(struct world *w, size_t by, const struct ic_buf *message);
/* Everybody but `by`, and the observer, merges the commit. */
ic_err world_take(struct world *w, size_t by, struct ic_view commit);
/* Joins by an external commit with member `from`'s GroupInfo; all others merge it. */
ic_err world_join_external(struct world *w, size_t who, size_t from, uint32_t remove);

/* All members hold the same epoch, tree and secrets. */
bool world_agrees(const struct world *w);
size_t world_count(const struct world *w);
/* `by` says something and everybody else reads it. */
ic_err world_talk(struct world *w, size_t by);
/* One message, one reader: IC_OK where the reader got the bytes back. */
ic_err world_read(struct person *reader, struct ic_view message, struct ic_view want);
/* Leaves message in out. */
ic_err world_say(struct world *w, size_t by, const char *text, struct ic_buf *out);

/* All that a group shows of its state, as bytes: context, tree, authenticator, an export, pending. */
ic_err world_snapshot(const struct ic_mls_group *g, struct ic_buf *out);

#endif
