/* Allocation: overflow-checked, zeroed, and able to fail on demand in tests.
 *
 *     struct thing *t = ic_new(struct thing);
 *     if (!t)
 *         return IC_ERR_NOMEM;
 *     ic_free(t);
 */
#ifndef IC_BASE_MEM_H
#define IC_BASE_MEM_H

#include <ic/base/api.h>
#include <stddef.h>
#include <stdint.h>

IC_API_BEGIN

/* Zeroed memory for n objects of the size; NULL when there is none, or n * size overflows.
 * n * size = 0 gives a valid pointer. Release with ic_free. */
void *ic_calloc(size_t n, size_t size);
/* Grows or shrinks to n objects; new bytes are not zeroed. On NULL the old block stands. */
void *ic_realloc(void *p, size_t n, size_t size);
/* A copy of len bytes. */
void *ic_memdup(const void *p, size_t len);
/* Accepts NULL. Does not wipe: secrets live in ic_secret, or go through ic_free_secret. */
void ic_free(void *p);
/* Wipes len bytes, then frees. Accepts NULL. */
void ic_free_secret(void *p, size_t len);

#define ic_new(type) ((type *)ic_calloc(1, sizeof(type)))
#define ic_new_array(n, type) ((type *)ic_calloc((n), sizeof(type)))

/* Scope clean-up: `IC_CLEANUP(f) struct x v`, f takes a pointer to the variable. */
#define IC_CLEANUP(f) __attribute__((cleanup(f)))
/* For IC_CLEANUP: pp is a pointer to a pointer variable. */
static inline void ic_free_scope(void *pp)
{
    ic_free(*(void **)pp);
}
#define IC_AUTOFREE IC_CLEANUP(ic_free_scope)

/* Tests: the k-th allocation from now (1 = the next) fails, once; 0 turns it off. One thread.
 * Returns how many allocations were asked for since the last call. */
uint64_t ic_mem_fail_at(uint64_t k);

#define IC_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

IC_API_END

#endif
