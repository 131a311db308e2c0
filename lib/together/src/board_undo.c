/* Undo: each device keeps what takes its own steps back, and says that as an op like any other. What somebody
 * else has changed since is left alone. */
#include "board.h"

#include <ic/base/mem.h>
#include <string.h>

static void step_clear(struct board_step *s)
{
    for (size_t i = 0; i < s->count; i++) {
        void *p;
        memcpy(&p, &s->items[i].e.data.p, sizeof p);
        ic_free(p);
    }
    ic_free(s->items);
    *s = (struct board_step){0};
}

void ic_together_board_steps_clear(struct board_steps *s)
{
    while (s->count)
        step_clear(&s->steps[--s->count]);
}

void ic_together_board_steps_push(struct board_steps *s, struct board_step *step)
{
    if (step->count == 0) {
        step_clear(step);
        return;
    }
    if (s->count == IC_TOGETHER_BOARD_UNDO) {
        step_clear(&s->steps[0]);
        memmove(&s->steps[0], &s->steps[1], (s->count - 1) * sizeof s->steps[0]);
        s->count--;
    }
    s->steps[s->count++] = *step;
    *step = (struct board_step){0};
}

/* ---- what takes a step back ---- */

static bool has(const struct board_step *s, struct ic_together_board_id id)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].e.id.author == id.author && s->items[i].e.id.number == id.number)
            return true;
    return false;
}

static ic_err add(struct board_step *s, const struct ic_together_board_element *e, bool there)
{
    if (s->count == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 4;
        struct board_undo_item *items = ic_realloc(s->items, cap, sizeof *items);
        if (!items)
            return IC_ERR_NOMEM;
        s->items = items;
        s->cap = cap;
    }
    struct board_undo_item it = {.there = there, .e = *e};
    it.e.data = ic_view(NULL, 0);
    if (there) {
        uint8_t *p = ic_memdup(e->data.p, e->data.len);
        if (!p)
            return IC_ERR_NOMEM;
        it.e.data = ic_view(p, e->data.len);
    }
    s->items[s->count++] = it;
    return IC_OK;
}

static ic_err add_all(struct board_step *s, const struct board_table *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (!has(s, t->slots[i].e.id))
            IC_TRY(add(s, &t->slots[i].e, true));
    return IC_OK;
}

static ic_err add_item(struct board_step *s, const struct board_table *t,
                       const struct ic_together_board_item *it)
{
    if (it->what == IC_TOGETHER_CLEAR)
        return add_all(s, t);
    if (has(s, it->element.id))
        return IC_OK; /* what it was before the first change counts */
    const struct board_slot *slot = ic_together_board_table_find(t, it->element.id);
    if (slot)
        return add(s, &slot->e, true);
    return it->what == IC_TOGETHER_PUT ? add(s, &it->element, false) : IC_OK;
}

ic_err ic_together_board_step_make(const struct board_table *t,
                                   const struct ic_together_board_item *items, size_t count,
                                   struct board_step *out)
{
    struct board_step s = {0};
    for (size_t i = 0; i < count; i++) {
        ic_err e = add_item(&s, t, &items[i]);
        if (e != IC_OK) {
            step_clear(&s);
            return e;
        }
    }
    *out = s;
    return IC_OK;
}

/* ---- taking back ---- */

static bool still_ours(const struct ic_together_board *b, const struct board_undo_item *u)
{
    const struct board_slot *s = ic_together_board_table_find(&b->table, u->e.id);
    return s ? s->by == b->self : u->there;
}

static size_t size_of(const struct board_undo_item *u)
{
    return 48 + u->e.data.len;
}

/* As many items as an op takes, from *next on. */
static size_t fill(const struct ic_together_board *b, const struct board_step *s, size_t *next,
                   struct ic_together_board_item *items)
{
    size_t n = 0, bytes = 16;
    for (; *next < s->count && n < IC_TOGETHER_BOARD_ITEMS; (*next)++) {
        const struct board_undo_item *u = &s->items[*next];
        if (n && bytes + size_of(u) > IC_TOGETHER_BOARD_BODY)
            break;
        if (!still_ours(b, u))
            continue;
        items[n].what = u->there ? IC_TOGETHER_PUT : IC_TOGETHER_DELETE;
        items[n++].element = u->e;
        bytes += size_of(u);
    }
    return n;
}

/* True where there was anything left to take back. */
static bool take_back(struct ic_together_board *b, const struct board_step *s, uint8_t intent)
{
    IC_AUTOFREE struct ic_together_board_item *items =
        ic_new_array(IC_TOGETHER_BOARD_ITEMS, struct ic_together_board_item);
    bool any = false;
    for (size_t next = 0, n; items && next < s->count;) {
        IC_BUF_SCOPE(body, IC_TOGETHER_BOARD_BODY);
        n = fill(b, s, &next, items);
        if (n == 0)
            break;
        if (ic_together_board_op_encode(intent, items, n, &body) != IC_OK ||
            ic_together_board_say(b, IC_TOGETHER_BOARD_OP, false, ic_buf_view(&body)) != IC_OK)
            break;
        b->under_way++;
        any = true;
    }
    return any;
}

static ic_err back(struct ic_together_board *b, struct board_steps *from, uint8_t intent)
{
    bool done = false;
    while (!done && from->count) {
        struct board_step s = from->steps[--from->count];
        done = take_back(b, &s, intent);
        step_clear(&s);
    }
    return done ? IC_OK : IC_ERR_NOT_FOUND;
}

void ic_together_board_wants(struct ic_together_board *b)
{
    while (b->under_way == 0 && (b->wants[0] || b->wants[1])) {
        bool undo = b->wants[0] > 0;
        b->wants[undo ? 0 : 1]--;
        IC_IGNORE(back(b, undo ? &b->undo : &b->redo, undo ? IC_TOGETHER_UNDO : IC_TOGETHER_REDO));
    }
}

static ic_err want(struct ic_together_board *b, unsigned which, bool can)
{
    if (!can)
        return IC_ERR_NOT_FOUND;
    b->wants[which]++;
    ic_together_board_wants(b);
    return IC_OK;
}

bool ic_together_board_can_undo(const struct ic_together_board *b)
{
    return b->undo.count > 0 || (b->under_way > 0 && b->wants[0] < b->under_way);
}

bool ic_together_board_can_redo(const struct ic_together_board *b)
{
    return b->redo.count > 0 || b->wants[0] > 0;
}

ic_err ic_together_board_undo(struct ic_together_board *b)
{
    return want(b, 0, ic_together_board_can_undo(b));
}

ic_err ic_together_board_redo(struct ic_together_board *b)
{
    return want(b, 1, ic_together_board_can_redo(b));
}
