#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The one mutable state of the pure libraries: it lets a test make the k-th allocation fail. */
static _Thread_local uint64_t asked;
static _Thread_local uint64_t fail_in;

static bool refused(void)
{
    asked++;
    return fail_in != 0 && --fail_in == 0;
}

uint64_t ic_mem_fail_at(uint64_t k)
{
    uint64_t n = asked;
    asked = 0;
    fail_in = k;
    return n;
}

void *ic_calloc(size_t n, size_t size)
{
    size_t bytes;
    if (refused() || __builtin_mul_overflow(n, size, &bytes))
        return NULL;
    return calloc(1, bytes ? bytes : 1);
}

void *ic_realloc(void *p, size_t n, size_t size)
{
    size_t bytes;
    if (refused() || __builtin_mul_overflow(n, size, &bytes))
        return NULL;
    return realloc(p, bytes ? bytes : 1);
}

void *ic_memdup(const void *p, size_t len)
{
    void *copy = ic_calloc(len, 1);
    if (copy && len)
        memcpy(copy, p, len);
    return copy;
}

void ic_free(void *p)
{
    free(p);
}

void ic_free_secret(void *p, size_t len)
{
    if (p)
        ic_wipe(p, len);
    free(p);
}
