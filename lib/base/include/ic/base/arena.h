/* An arena: many small allocations that die together, for one parsed message or one operation.
 *
 *     IC_ARENA_SCOPE(a, 1 << 20);
 *     uint32_t *ids = ic_arena_alloc(&a, n, sizeof *ids);
 *
 * Blocks double in size up to the arena's cap. Not for secrets.
 */
#ifndef IC_BASE_ARENA_H
#define IC_BASE_ARENA_H

#include <ic/base/api.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>

IC_API_BEGIN

struct ic_arena_block;
struct ic_arena {
    struct ic_arena_block *head;
    size_t used; /* of the head block */
    size_t total;
    size_t max;
};

/* An empty arena that may grow to max bytes. Allocates nothing yet. */
void ic_arena_init(struct ic_arena *a, size_t max);
/* Frees all that came from it; the arena is empty and usable again, with the same maximum. */
void ic_arena_clear(struct ic_arena *a);
/* Zeroed, aligned for any type; NULL past the cap or without memory. */
void *ic_arena_alloc(struct ic_arena *a, size_t n, size_t size);
/* A copy of v that lives as long as the arena. IC_ERR_NOMEM. */
ic_err ic_arena_copy(struct ic_arena *a, struct ic_view v, struct ic_view *out);

#define IC_ARENA_SCOPE(name, maximum)                                                              \
    __attribute__((cleanup(ic_arena_clear))) struct ic_arena name = {0, 0, 0, (maximum)}

IC_API_END

#endif
