#include <ic/base/arena.h>
#include <ic/base/mem.h>
#include <stdalign.h>
#include <string.h>

enum { FIRST_BLOCK = 1024 };

struct ic_arena_block {
    struct ic_arena_block *next;
    size_t cap;
    alignas(max_align_t) uint8_t bytes[];
};

void ic_arena_init(struct ic_arena *a, size_t max)
{
    *a = (struct ic_arena){.max = max};
}

void ic_arena_clear(struct ic_arena *a)
{
    struct ic_arena_block *b = a->head;
    while (b) {
        struct ic_arena_block *next = b->next;
        ic_free(b);
        b = next;
    }
    ic_arena_init(a, a->max);
}

/* A new head block with room for at least `need` bytes, twice as large as the last one. */
static bool add_block(struct ic_arena *a, size_t need)
{
    size_t cap = a->head && a->head->cap <= SIZE_MAX / 4 ? a->head->cap * 2 : FIRST_BLOCK;
    size_t left = a->max - a->total;
    if (cap > left)
        cap = left;
    if (cap < need)
        cap = need;
    if (cap > SIZE_MAX - sizeof(struct ic_arena_block))
        return false;
    struct ic_arena_block *b = ic_calloc(1, sizeof *b + cap);
    if (!b)
        return false;
    b->next = a->head;
    b->cap = cap;
    a->head = b;
    a->used = 0;
    return true;
}

void *ic_arena_alloc(struct ic_arena *a, size_t n, size_t size)
{
    size_t need;
    if (__builtin_mul_overflow(n, size, &need))
        return NULL;
    size_t align = alignof(max_align_t);
    if (need == 0)
        need = 1;
    if (need > SIZE_MAX - align)
        return NULL;
    need = (need + align - 1) / align * align;
    /* total counts what was handed out, so the cap does not depend on how blocks fill. */
    if (need > a->max - a->total)
        return NULL;
    if (!a->head || need > a->head->cap - a->used) {
        if (!add_block(a, need))
            return NULL;
    }
    void *p = a->head->bytes + a->used;
    a->used += need;
    a->total += need;
    return p;
}

ic_err ic_arena_copy(struct ic_arena *a, struct ic_view v, struct ic_view *out)
{
    uint8_t *p = ic_arena_alloc(a, v.len, 1);
    if (!p)
        return IC_ERR_NOMEM;
    if (v.len)
        memcpy(p, v.p, v.len);
    *out = ic_view(p, v.len);
    return IC_OK;
}
