#include "board_world.h"

#include <ic/base/mem.h>
#include <stdlib.h>
#include <string.h>

void world_open(struct world *w, uint64_t seed)
{
    ic_test_rand(&w->rand, seed);
    w->log = ic_new_array(WORLD_LOG, struct world_word);
    w->now_ms = 1000;
}

void world_close(struct world *w)
{
    for (unsigned i = 0; i < WORLD_PEOPLE; i++)
        ic_together_board_free(w->b[i]);
    for (size_t i = 0; i < w->log_len; i++)
        ic_free(w->log[i].p);
    ic_free(w->log);
}

uint64_t world_author(unsigned who)
{
    return 0x1000 + who;
}

uint64_t world_dice(struct world *w, uint64_t sides)
{
    return ic_test_rand_u64(&w->rand) % sides;
}

void world_enter(struct world *w, unsigned who)
{
    struct ic_rand r = ic_test_os_rand();
    bool others = false;
    ic_together_board_free(w->b[who]);
    w->b[who] = NULL;
    if (ic_together_board_new(&r, &w->b[who]) != IC_OK)
        abort();
    for (unsigned i = 0; i < WORLD_PEOPLE; i++)
        others = others || (i != who && w->here[i]);
    w->here[who] = true;
    w->heard[who] = w->log_len;
    ic_together_board_self(w->b[who], world_author(who));
    ic_together_board_enter(w->b[who], others, w->now_ms);
}

void world_speak(struct world *w, unsigned who, size_t most)
{
    uint16_t kind;
    bool transient;
    struct ic_view v;
    while (most-- && (v = ic_together_board_next_body(w->b[who], &kind, &transient)).len) {
        if (w->log_len == WORLD_LOG)
            abort();
        w->log[w->log_len++] =
            (struct world_word){who, kind, transient ? 0 : ++w->seq, ic_memdup(v.p, v.len), v.len};
        ic_together_board_took(w->b[who]);
    }
}

static uint32_t before(const struct world *w, unsigned who, unsigned speaker)
{
    uint32_t n = 0;
    for (unsigned i = 0; i < who; i++)
        n += w->here[i] && i != speaker;
    return n;
}

void world_listen(struct world *w, unsigned who, size_t most)
{
    while (most-- && w->heard[who] < w->log_len) {
        const struct world_word *x = &w->log[w->heard[who]++];
        struct ic_together_board_from from = {world_author(x->from), x->from, x->from == who,
                                              before(w, who, x->from)};
        ic_together_board_said(w->b[who], &from, x->kind, ic_view(x->p, x->len), x->seq, w->now_ms);
    }
}

static bool waits(const struct world *w)
{
    uint16_t kind;
    bool transient;
    for (unsigned i = 0; i < WORLD_PEOPLE; i++)
        if (w->here[i] && (ic_together_board_deadline_ms(w->b[i]) != UINT64_MAX ||
                           ic_together_board_next_body(w->b[i], &kind, &transient).len ||
                           w->heard[i] < w->log_len))
            return true;
    return false;
}

void world_settle(struct world *w)
{
    for (unsigned round = 0; round < 1000; round++) {
        for (unsigned i = 0; i < WORLD_PEOPLE; i++) {
            if (!w->here[i])
                continue;
            world_speak(w, i, SIZE_MAX);
            world_listen(w, i, SIZE_MAX);
            ic_together_board_tick(w->b[i], w->now_ms);
        }
        w->now_ms += 50;
        if (!waits(w) && round > 2)
            return;
    }
}

bool world_agree(const struct world *w)
{
    uint8_t first[32], other[32];
    bool any = false;
    for (unsigned i = 0; i < WORLD_PEOPLE; i++) {
        if (!w->here[i])
            continue;
        ic_together_board_digest(w->b[i], any ? other : first);
        if ((any && memcmp(first, other, 32) != 0) || !ic_together_board_synced(w->b[i]))
            return false;
        any = true;
    }
    return any;
}

struct ic_together_board_element world_shape(uint8_t type, int32_t x, int32_t y, int32_t wide,
                                             int32_t high)
{
    return (struct ic_together_board_element){
        .type = type,
        .colour = 2,
        .width = type == IC_TOGETHER_TEXT || type == IC_TOGETHER_NOTE ? 16 : 3,
        .x = x,
        .y = y,
        .w = wide,
        .h = high};
}

ic_err world_put(struct world *w, unsigned who, const struct ic_together_board_element *e)
{
    struct ic_together_board_item it = {.what = IC_TOGETHER_PUT, .element = *e};
    return ic_together_board_do(w->b[who], &it, 1);
}

ic_err world_delete(struct world *w, unsigned who, struct ic_together_board_id id)
{
    struct ic_together_board_item it = {.what = IC_TOGETHER_DELETE, .element = {.id = id}};
    return ic_together_board_do(w->b[who], &it, 1);
}

size_t world_refusals(struct world *w, unsigned who, const char *rule)
{
    struct ic_together_board_event e;
    size_t n = 0;
    while (ic_together_board_next_event(w->b[who], &e))
        n += e.type == IC_TOGETHER_BOARD_REFUSED && strcmp(e.rule, rule) == 0;
    return n;
}
