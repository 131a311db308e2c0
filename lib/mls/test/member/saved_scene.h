/* A world whose member 0 has records of every kind, and its store. */
#ifndef TEST_SAVED_SCENE_H
#define TEST_SAVED_SCENE_H

#include "../../src/member/saved.h"
#include "memory_store.h"
#include "world.h"

#include <ic/base/mem.h>

enum { STATE_MAX = 16 << 20 };

#define STATE_SCOPE(name) IC_CLEANUP(ic_buf_clear_secret) struct ic_buf name = {.max = STATE_MAX}

struct scene {
    struct world w;
    struct memory_store m;
    struct ic_mls_store store;
    struct ic_mls_group *g; /* member 0's */
};

void scene_close(struct scene *s);
#define SCENE(name) IC_CLEANUP(scene_close) struct scene name = {0}

/* A failed check inside fails the test. */
void scene_open(struct scene *s);
/* With the signing key of one person; of member 0. */
ic_err scene_load_with(struct scene *s, size_t signer, struct ic_mls_group **out);
ic_err scene_load(struct scene *s, struct ic_mls_group **out);
ic_err scene_decode(struct scene *s, struct ic_view bytes);
/* Gives a record that was changed the check that it should have. */
void scene_sum_up(struct memory_record *r);
/* The records of an export, and of a store's dump, without the stamp. */
struct ic_view records_of(const struct ic_buf *exported);
struct ic_view records_in(const struct ic_buf *dump);

#endif
