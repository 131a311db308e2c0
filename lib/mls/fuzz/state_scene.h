/* The live group's receiver with records of every kind, whose states the fuzzer changes; the same in every
 * process. */
#ifndef FUZZ_STATE_SCENE_H
#define FUZZ_STATE_SCENE_H

#include "live_group.h"

/* Aborts on failure. */
void state_scene_open(struct live *l);
/* One of its signing keys fits. */
ic_err state_scene_decode(const struct live *l, struct ic_view bytes, struct ic_mls_group **out);

#endif
