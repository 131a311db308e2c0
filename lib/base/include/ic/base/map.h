/* A hash map from byte keys (copied) to pointers (not owned), with a cap and a seeded hash, so that
 * keys chosen by a peer cannot make it slow.
 *
 *     struct ic_map m;
 *     ic_map_init(&m, 1000, seed);
 *     IC_TRY(ic_map_put(&m, key, thing));     // IC_ERR_EXISTS, IC_ERR_LIMIT, IC_ERR_NOMEM
 *     thing = ic_map_get(&m, key);            // NULL where there is none
 */
#ifndef IC_BASE_MAP_H
#define IC_BASE_MAP_H

#include <ic/base/api.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>

IC_API_BEGIN

struct ic_map_entry;
struct ic_map {
    struct ic_map_entry *slots;
    size_t cap; /* power of two, or 0 */
    size_t count;
    size_t max;
    uint64_t seed[2];
};

/* seed: 16 random bytes, or any constant where keys come from nobody hostile. */
void ic_map_init(struct ic_map *m, size_t max, const uint64_t seed[2]);
/* Frees the entries and their keys, not the values; the map is empty and usable again. */
void ic_map_clear(struct ic_map *m);
/* Adds a value under a key that is not there yet: IC_ERR_EXISTS. IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err ic_map_put(struct ic_map *m, struct ic_view key, void *value);
/* Replaces the value of a key that may exist. *old (optional) gets the former value or NULL. */
ic_err ic_map_set(struct ic_map *m, struct ic_view key, void *value, void **old);
/* The value, or NULL where there is none. */
void *ic_map_get(const struct ic_map *m, struct ic_view key);
/* The removed value, or NULL. */
void *ic_map_remove(struct ic_map *m, struct ic_view key);
/* Walks all entries in no order: *it starts at 0; false at the end. No change while walking. */
bool ic_map_next(const struct ic_map *m, size_t *it, struct ic_view *key, void **value);
/* SipHash-2-4, 64 bits. */
uint64_t ic_siphash(const uint64_t seed[2], struct ic_view v);

IC_API_END

#endif
