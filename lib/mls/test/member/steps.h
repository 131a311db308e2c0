/* Random steps of a world: who adds, removes, updates, proposes, commits, talks, discards or joins anew. */
#ifndef TEST_STEPS_H
#define TEST_STEPS_H

#include "world.h"

/* One of the first ten, who is a member or is not; WORLD_MEMBERS where nobody is. */
size_t world_pick(struct ic_test_rand *r, const struct world *w, bool member);
/* What the steps need: before the group is made. */
void world_steps_config(struct world *w, bool grease);
/* `who` removes itself, by a commit of `by`, or of `in` who joins by it (WORLD_MEMBERS: nobody). */
ic_err world_leave(struct world *w, size_t who, size_t by, size_t in);
/* A PSK by value, and one and a custom proposal by `other`, committed by `by`. */
ic_err world_propose_each(struct world *w, size_t by, size_t other);
ic_err world_step(struct world *w, struct ic_test_rand *r);

#endif
