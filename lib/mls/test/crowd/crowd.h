/* Many people and one group among them, each with a group of its own: whatever is sent reaches every member, and the
 * people who were removed as well, who must get nothing out of it.
 *
 *     struct crowd c;
 *     CHECK_OK(crowd_open(&c, suite, 1000, seed));    // nobody is in yet but person 0
 *     CHECK_OK(crowd_add(&c, 0, 999));
 *     CHECK(crowd_agrees(&c));
 *     crowd_close(&c);
 */
#ifndef TEST_CROWD_H
#define TEST_CROWD_H

#include <ic/base/test.h>
#include <ic/mls/group.h>

enum { CROWD_GHOSTS = 6 };

struct crowd_person {
    char name[32];
    struct ic_sign_key *signer;
    struct ic_mls_identity id;
    struct ic_mls_group *g; /* NULL: outside */
};

struct crowd {
    const struct ic_suite *suite;
    struct ic_test_rand rand, dice;
    uint64_t now_s;
    struct ic_mls_config config;
    struct crowd_person *people;
    size_t count;
    struct ic_mls_group *ghosts[CROWD_GHOSTS]; /* of those removed, as they were before */
    size_t next_ghost;
    unsigned refused; /* how often a ghost got nothing */
};

ic_err crowd_open(struct crowd *c, const struct ic_suite *s, size_t count, uint64_t seed);
void crowd_close(struct crowd *c);
size_t crowd_members(const struct crowd *c);
/* A random member other than `but`, or a random outsider; SIZE_MAX where there is none. */
size_t crowd_member(struct crowd *c, size_t but);
size_t crowd_outsider(struct crowd *c);

/* Member `by` adds up to n outsiders, each of whom joins. */
ic_err crowd_add(struct crowd *c, size_t by, size_t n);
/* Member `by` removes up to n others, who become ghosts. */
ic_err crowd_remove(struct crowd *c, size_t by, size_t n);
/* Everybody processes what p says, and merges. */
ic_err crowd_commit(struct crowd *c, size_t by, const struct ic_mls_commit_params *p);
/* `by` proposes an update or a removal; another commits. */
ic_err crowd_propose(struct crowd *c, size_t by);
/* An outsider comes in by an external commit, or a member anew. */
ic_err crowd_join_external(struct crowd *c, size_t who, size_t from);
/* `by` speaks; all members read it, no ghost does. */
ic_err crowd_talk(struct crowd *c, size_t by);
/* `by` stages a commit, another one stages it too; both discard, and stand bit for bit as they stood. */
ic_err crowd_discard(struct crowd *c, size_t by);
/* All members hold the same context, secrets and tree, and their own leaves. */
bool crowd_agrees(const struct crowd *c);

#endif
