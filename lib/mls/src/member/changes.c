#include "changes.h"

#include <ic/base/mem.h>
#include <stdlib.h>

/* So many keys are not worth more than writing everything. */
enum { KEYS_MAX = 1 << 18 };

int ic_mls_record_cmp(const struct ic_mls_record_key *a, const struct ic_mls_record_key *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->epoch != b->epoch)
        return a->epoch < b->epoch ? -1 : 1;
    if (a->index != b->index)
        return a->index < b->index ? -1 : 1;
    return 0;
}

static int compare(const void *a, const void *b)
{
    return ic_mls_record_cmp(a, b);
}

struct ic_mls_changes *ic_mls_changes_new(void)
{
    return ic_new(struct ic_mls_changes);
}

void ic_mls_changes_free(struct ic_mls_changes *c)
{
    if (!c)
        return;
    ic_free(c->keys);
    ic_free(c);
}

void ic_mls_changes_sort(struct ic_mls_changes *c)
{
    size_t kept = 0;
    if (c->count > 0)
        qsort(c->keys, c->count, sizeof *c->keys, compare);
    for (size_t i = 0; i < c->count; i++)
        if (kept == 0 || ic_mls_record_cmp(&c->keys[kept - 1], &c->keys[i]) != 0)
            c->keys[kept++] = c->keys[i];
    c->count = kept;
}

/* One more key's room; doubles of a key are given up first. */
static bool reserve(struct ic_mls_changes *c)
{
    if (c->count < c->cap)
        return true;
    ic_mls_changes_sort(c);
    if (c->count <= c->cap / 2 && c->cap > 0)
        return true;
    size_t cap = c->cap ? c->cap * 2 : 32;
    struct ic_mls_record_key *keys =
        cap <= KEYS_MAX ? ic_realloc(c->keys, cap, sizeof *keys) : NULL;
    if (!keys)
        return false;
    c->keys = keys;
    c->cap = cap;
    return true;
}

void ic_mls_changes_note(struct ic_mls_changes *c, enum ic_mls_record_kind kind, uint64_t epoch,
                         uint64_t index)
{
    const struct ic_mls_record_key key = {(uint8_t)kind, epoch, index};
    if (!c || c->all)
        return;
    if (c->count > 0 && ic_mls_record_cmp(&c->keys[c->count - 1], &key) == 0)
        return;
    if (!reserve(c)) {
        c->all = true;
        c->count = 0;
        return;
    }
    c->keys[c->count++] = key;
}
