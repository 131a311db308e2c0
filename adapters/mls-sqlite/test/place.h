/* A folder of its own with a database in it, gone at the end. */
#ifndef TEST_PLACE_H
#define TEST_PLACE_H

#include "world.h"

#include <ic/base/mem.h>
#include <ic/mls_sqlite/store.h>

struct place {
    char folder[64];
    char path[96];
    struct ic_mls_sqlite *db; /* NULL: closed */
};

/* Opens the database. */
ic_err place_open(struct place *p);
void place_close(struct place *p);
#define PLACE(name) IC_CLEANUP(place_close) struct place name = {0}

/* One transaction each, with the group's own id. */
ic_err place_save(struct place *p, struct ic_mls_group *g);
ic_err place_load(struct place *p, const struct world *w, size_t who, struct ic_view group_id,
                  struct ic_mls_group **out);
/* The bytes of all files of the folder, one after the other; how many there are. */
ic_err place_files(const struct place *p, struct ic_buf *out, size_t *count);

#define SECRET_SCOPE(name) IC_CLEANUP(ic_buf_clear_secret) struct ic_buf name = {.max = 64 << 20}

#endif
