/* The elements, sorted by id, within their limits. */
#include "board.h"

#include <ic/base/mem.h>
#include <string.h>

static int compare(struct ic_together_board_id a, struct ic_together_board_id b)
{
    if (a.author != b.author)
        return a.author < b.author ? -1 : 1;
    return a.number == b.number ? 0 : a.number < b.number ? -1 : 1;
}

/* The first slot whose id is not below. */
static size_t place_of(const struct board_table *t, struct ic_together_board_id id)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (compare(t->slots[mid].e.id, id) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct board_slot *ic_together_board_table_find(const struct board_table *t,
                                                struct ic_together_board_id id)
{
    size_t i = place_of(t, id);
    return i < t->count && compare(t->slots[i].e.id, id) == 0 ? &t->slots[i] : NULL;
}

static void free_data(struct board_slot *s)
{
    void *p;
    memcpy(&p, &s->e.data.p, sizeof p);
    ic_free(p);
}

void ic_together_board_table_clear(struct board_table *t)
{
    for (size_t i = 0; i < t->count; i++)
        free_data(&t->slots[i]);
    ic_free(t->slots);
    *t = (struct board_table){0};
}

static ic_err grow(struct board_table *t)
{
    if (t->count < t->cap)
        return IC_OK;
    size_t cap = t->cap ? t->cap * 2 : 64;
    struct board_slot *slots = ic_realloc(t->slots, cap, sizeof *slots);
    if (!slots)
        return IC_ERR_NOMEM;
    t->slots = slots;
    t->cap = cap;
    return IC_OK;
}

ic_err ic_together_board_table_put(struct board_table *t, const struct ic_together_board_element *e,
                                   uint64_t by)
{
    IC_TRY(grow(t));
    uint8_t *data = ic_memdup(e->data.p, e->data.len);
    if (!data)
        return IC_ERR_NOMEM;
    struct board_slot *s = ic_together_board_table_find(t, e->id);
    if (s) {
        t->bytes -= s->e.data.len;
        free_data(s);
    } else {
        size_t i = place_of(t, e->id);
        s = &t->slots[i];
        memmove(s + 1, s, (t->count - i) * sizeof *s);
        t->count++;
    }
    s->e = *e;
    s->e.data = ic_view(data, e->data.len);
    s->by = by;
    t->bytes += e->data.len;
    return IC_OK;
}

void ic_together_board_table_drop(struct board_table *t, struct ic_together_board_id id)
{
    struct board_slot *s = ic_together_board_table_find(t, id);
    if (!s)
        return;
    t->bytes -= s->e.data.len;
    free_data(s);
    t->count--;
    memmove(s, s + 1, (size_t)(t->slots + t->count - s) * sizeof *s);
}

/* An upper bound that all members reckon alike: what stands, and all that the op brings, without what it takes
 * away. */
const char *ic_together_board_table_room(const struct board_table *t,
                                         const struct ic_together_board_item *items, size_t count,
                                         uint64_t by)
{
    size_t all = t->count, all_bytes = t->bytes, own = 0, own_bytes = 0, brought = 0;
    for (size_t i = 0; i < t->count; i++) {
        own += t->slots[i].by == by;
        own_bytes += t->slots[i].by == by ? t->slots[i].e.data.len : 0;
    }
    for (size_t i = 0; i < count; i++) {
        const struct ic_together_board_item *it = &items[i];
        if (it->what == IC_TOGETHER_CLEAR)
            all = all_bytes = own = own_bytes = brought = 0;
        if (it->what != IC_TOGETHER_PUT && it->what != IC_TOGETHER_CHANGE)
            continue;
        const struct board_slot *s = ic_together_board_table_find(t, it->element.id);
        if (it->what == IC_TOGETHER_CHANGE && !s)
            continue;
        brought++;
        all += !s;
        own += !(s && s->by == by);
        all_bytes += it->element.data.len;
        own_bytes += it->element.data.len;
    }
    if (!brought)
        return NULL;
    if (all > IC_TOGETHER_BOARD_ELEMENTS || all_bytes > IC_TOGETHER_BOARD_BYTES)
        return "board-full";
    if (own > IC_TOGETHER_BOARD_ELEMENTS / 2 || own_bytes > IC_TOGETHER_BOARD_BYTES / 2)
        return "board-share";
    return NULL;
}
