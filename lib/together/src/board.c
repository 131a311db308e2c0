/* The object: ops in their order, what waits to be said, what is to be shown. */
#include "board.h"

#include <ic/base/mem.h>
#include <ic/crypto/hash.h>
#include <string.h>

ic_err ic_together_board_new(const struct ic_rand *rand, struct ic_together_board **out)
{
    struct ic_together_board *b = ic_new(struct ic_together_board);
    if (!b)
        return IC_ERR_NOMEM;
    b->rand = *rand;
    b->bodies_end = &b->bodies;
    b->kept_end = &b->kept;
    b->ask_at_ms = BOARD_NEVER;
    ic_together_board_sync_clear(b);
    b->events = ic_new_array(BOARD_EVENTS_MAX, struct ic_together_board_event);
    ic_err e =
        b->events ? ic_rand_fill(rand, (uint8_t *)&b->number, sizeof b->number) : IC_ERR_NOMEM;
    if (e != IC_OK) {
        ic_together_board_free(b);
        return e;
    }
    b->number >>= 1; /* far from wrapping */
    *out = b;
    return IC_OK;
}

void ic_together_board_free(struct ic_together_board *b)
{
    if (!b)
        return;
    while (b->bodies)
        ic_together_board_took(b);
    ic_together_board_sync_clear(b);
    ic_together_board_table_clear(&b->table);
    ic_together_board_steps_clear(&b->undo);
    ic_together_board_steps_clear(&b->redo);
    ic_free(b->events);
    ic_free(b);
}

void ic_together_board_self(struct ic_together_board *b, uint64_t author)
{
    b->self = author;
}

/* ---- out ---- */

ic_err ic_together_board_say(struct ic_together_board *b, uint16_t kind, bool transient,
                             struct ic_view body)
{
    if (b->body_count >= BOARD_BODIES_MAX)
        return IC_ERR_LIMIT;
    struct board_body *n = ic_new(struct board_body);
    uint8_t *p = n ? ic_memdup(body.p, body.len) : NULL;
    if (!p) {
        ic_free(n);
        return IC_ERR_NOMEM;
    }
    *n = (struct board_body){.kind = kind, .transient = transient, .p = p, .len = body.len};
    *b->bodies_end = n;
    b->bodies_end = &n->next;
    b->body_count++;
    return IC_OK;
}

struct ic_view ic_together_board_next_body(const struct ic_together_board *b, uint16_t *kind,
                                           bool *transient)
{
    if (!b->bodies)
        return ic_view(NULL, 0);
    *kind = b->bodies->kind;
    *transient = b->bodies->transient;
    return ic_view(b->bodies->p, b->bodies->len);
}

void ic_together_board_took(struct ic_together_board *b)
{
    struct board_body *n = b->bodies;
    if (!n)
        return;
    b->bodies = n->next;
    if (!b->bodies)
        b->bodies_end = &b->bodies;
    b->body_count--;
    ic_free(n->p);
    ic_free(n);
}

/* ---- events ---- */

/* One too many: whoever looks is told to look at all of it. */
struct ic_together_board_event *ic_together_board_event(struct ic_together_board *b,
                                                        enum ic_together_board_event_type type)
{
    bool full = b->event_count == BOARD_EVENTS_MAX;
    if (!full)
        b->event_count++;
    size_t at = (b->event_first + b->event_count - 1) % BOARD_EVENTS_MAX;
    struct ic_together_board_event *e = &b->events[at];
    *e = (struct ic_together_board_event){
        .type = full ? IC_TOGETHER_BOARD_WHOLE : type, .seq = b->seq, .synced = b->synced};
    return e;
}

bool ic_together_board_next_event(struct ic_together_board *b, struct ic_together_board_event *out)
{
    if (b->event_count == 0)
        return false;
    *out = b->events[b->event_first];
    b->event_first = (b->event_first + 1) % BOARD_EVENTS_MAX;
    b->event_count--;
    return true;
}

/* ---- an op ---- */

/* New elements bear their author's name; an undo brings back anybody's. */
static bool ids_ok(uint64_t author, uint8_t intent, const struct ic_together_board_item *items,
                   size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].what == IC_TOGETHER_PUT && intent == IC_TOGETHER_DO &&
            items[i].element.id.author != author)
            return false;
    return true;
}

static void clear_table(struct ic_together_board *b)
{
    ic_together_board_table_clear(&b->table);
}

static void note(struct ic_together_board_event *ev, struct ic_together_board_id id)
{
    if (ev)
        ev->ids[ev->id_count++] = id;
}

static ic_err apply_item(struct ic_together_board *b, const struct ic_together_board_item *it,
                         uint64_t author, struct ic_together_board_event *ev)
{
    struct ic_together_board_id id = it->element.id;
    bool there = ic_together_board_table_find(&b->table, id) != NULL;
    switch (it->what) {
    case IC_TOGETHER_CLEAR:
        clear_table(b);
        if (ev) {
            ev->cleared = true;
            ev->id_count = 0;
        }
        return IC_OK;
    case IC_TOGETHER_DELETE:
        ic_together_board_table_drop(&b->table, id);
        break;
    default:
        if (it->what == IC_TOGETHER_CHANGE && !there)
            return IC_OK;
        IC_TRY(ic_together_board_table_put(&b->table, &it->element, author));
        there = true;
    }
    if (there)
        note(ev, id);
    return IC_OK;
}

static const char *judge(struct ic_together_board *b, uint64_t author, struct ic_view body,
                         uint8_t *intent, struct ic_together_board_item *items, size_t *count)
{
    const char *rule;
    ic_err e = ic_together_board_op_decode(body, intent, items, count, &rule);
    if (e != IC_OK)
        return e == IC_ERR_UNSUPPORTED ? "board-version" : rule ? rule : "board-op";
    if (!ids_ok(author, *intent, items, *count))
        return "board-id";
    return ic_together_board_table_room(&b->table, items, *count, author);
}

static void remember(struct ic_together_board *b, uint8_t intent, struct board_step *step)
{
    if (intent == IC_TOGETHER_DO)
        ic_together_board_steps_clear(&b->redo);
    ic_together_board_steps_push(intent == IC_TOGETHER_UNDO ? &b->redo : &b->undo, step);
}

const char *ic_together_board_apply(struct ic_together_board *b, uint64_t author,
                                    struct ic_view body, uint64_t seq, bool quiet)
{
    IC_AUTOFREE struct ic_together_board_item *items =
        ic_new_array(IC_TOGETHER_BOARD_ITEMS, struct ic_together_board_item);
    struct board_step step = {0};
    uint8_t intent = 0;
    size_t count = 0;
    if (!items)
        return "board-memory";
    if (seq <= b->seq)
        return NULL;
    const char *rule = judge(b, author, body, &intent, items, &count);
    b->seq = seq;
    if (rule)
        return rule;
    bool ours = author == b->self && !quiet;
    if (ours && ic_together_board_step_make(&b->table, items, count, &step) != IC_OK)
        ours = false; /* it cannot be taken back */
    struct ic_together_board_event *ev =
        quiet ? NULL : ic_together_board_event(b, IC_TOGETHER_BOARD_CHANGED);
    if (ev)
        ev->author = author;
    for (size_t i = 0; i < count; i++)
        if (apply_item(b, &items[i], author, ev) != IC_OK)
            rule = "board-memory";
    if (ours)
        remember(b, intent, &step);
    return rule;
}

static void hear_op(struct ic_together_board *b, const struct ic_together_board_from *from,
                    struct ic_view body, uint64_t seq, uint64_t now_ms)
{
    if (from->self && b->under_way)
        b->under_way--;
    if (!b->synced)
        ic_together_board_keep(b, from->author, body, seq);
    const char *rule = ic_together_board_apply(b, from->author, body, seq, false);
    if (rule) {
        struct ic_together_board_event *ev = ic_together_board_event(b, IC_TOGETHER_BOARD_REFUSED);
        ev->author = from->author;
        ev->rule = rule;
        if (strcmp(rule, "board-memory") == 0)
            ic_together_board_enter(b, true, now_ms);
    }
    if (from->self)
        ic_together_board_wants(b);
}

void ic_together_board_said(struct ic_together_board *b, const struct ic_together_board_from *from,
                            uint16_t kind, struct ic_view body, uint64_t seq, uint64_t now_ms)
{
    if (kind == IC_TOGETHER_BOARD_OP && seq != 0)
        hear_op(b, from, body, seq, now_ms);
    else if (kind == IC_TOGETHER_BOARD_ASK && !from->self)
        ic_together_board_hear_ask(b, from, body, now_ms);
    else if (kind == IC_TOGETHER_BOARD_PIECE && !from->self)
        ic_together_board_hear_piece(b, from, body, now_ms);
}

/* ---- what a person does ---- */

static int32_t top_z(const struct ic_together_board *b)
{
    int32_t z = 0;
    for (size_t i = 0; i < b->table.count; i++)
        z = b->table.slots[i].e.z > z ? b->table.slots[i].e.z : z;
    return z < INT32_MAX ? z + 1 : z;
}

ic_err ic_together_board_do(struct ic_together_board *b, struct ic_together_board_item *items,
                            size_t count)
{
    IC_BUF_SCOPE(body, IC_TOGETHER_BOARD_BODY);
    if (!b->self)
        return IC_ERR_STATE;
    for (size_t i = 0; i < count; i++) {
        struct ic_together_board_element *e = &items[i].element;
        if (items[i].what != IC_TOGETHER_PUT || e->id.number)
            continue;
        e->id = (struct ic_together_board_id){b->self, ++b->number};
        if (e->z == 0)
            e->z = top_z(b);
    }
    if (ic_together_board_table_room(&b->table, items, count, b->self))
        return IC_ERR_LIMIT;
    IC_TRY(ic_together_board_op_encode(IC_TOGETHER_DO, items, count, &body));
    IC_TRY(ic_together_board_say(b, IC_TOGETHER_BOARD_OP, false, ic_buf_view(&body)));
    b->under_way++;
    return IC_OK;
}

ic_err ic_together_board_clear(struct ic_together_board *b)
{
    struct ic_together_board_item it = {.what = IC_TOGETHER_CLEAR};
    return ic_together_board_do(b, &it, 1);
}

/* ---- looking ---- */

bool ic_together_board_synced(const struct ic_together_board *b)
{
    return b->synced;
}

size_t ic_together_board_count(const struct ic_together_board *b)
{
    return b->table.count;
}

const struct ic_together_board_element *ic_together_board_at(const struct ic_together_board *b,
                                                             size_t i, uint64_t *by)
{
    if (i >= b->table.count)
        return NULL;
    if (by)
        *by = b->table.slots[i].by;
    return &b->table.slots[i].e;
}

const struct ic_together_board_element *ic_together_board_find(const struct ic_together_board *b,
                                                               struct ic_together_board_id id,
                                                               uint64_t *by)
{
    const struct board_slot *s = ic_together_board_table_find(&b->table, id);
    if (s && by)
        *by = s->by;
    return s ? &s->e : NULL;
}

void ic_together_board_digest(const struct ic_together_board *b, uint8_t out[32])
{
    IC_BUF_SCOPE(all, BOARD_SNAPSHOT_MAX);
    memset(out, 0, 32);
    if (ic_together_board_snapshot_write(&b->table, &all) == IC_OK)
        ic_hash_once(IC_SHA256, ic_buf_view(&all), out);
}
