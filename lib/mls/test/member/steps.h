/* Random steps of a world: who adds, removes, updates, proposes, commits, talks, discards or joins anew. */
#ifndef TEST_STEPS_H
#define TEST_STEPS_H

#include "world.h"

/* One of the first ten, who is a member or is not; WORLD_MEMBERS where nobody is. */
size_t world_pick(struct ic_test_rand *r, const struct world *w, bool member);
ic_err world_step(struct world *w, struct ic_test_rand *r);

#endif
