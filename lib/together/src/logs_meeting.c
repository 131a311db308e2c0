/* Gossip: who knows a head that the others here have not seen says it, in the order, where none of them can be kept
 * from it unseen. */
#include "logs.h"

#include <ic/base/mem.h>
#include <ic/together/kinds.h>

enum { SAY_MIN_MS = 100, SAY_SPAN_MS = 1900, RETRY_MS = 1000 };

/* ---- events ---- */

static struct ic_together_logs_event *new_event(struct ic_together_logs *l,
                                                enum ic_together_logs_event_type type)
{
    if (l->event_count == IC_ARRAY_LEN(l->events))
        return NULL;
    size_t at = (l->event_first + l->event_count++) % IC_ARRAY_LEN(l->events);
    l->events[at] = (struct ic_together_logs_event){.type = type};
    return &l->events[at];
}

bool ic_together_logs_next(struct ic_together_logs *l, struct ic_together_logs_event *out)
{
    if (l->event_count == 0)
        return false;
    *out = l->events[l->event_first];
    l->event_first = (l->event_first + 1) % IC_ARRAY_LEN(l->events);
    l->event_count--;
    return true;
}

/* ---- what is to be said ---- */

/* 0, 1 or, of a fork, 2 heads that the others have not seen. */
static size_t unsaid(const struct ic_together_logs *l, const struct logs_one *one,
                     struct ic_merkle_head out[2])
{
    const struct ic_merkle_head *newest = ic_merkle_heads_newest(l->heads, &one->id);
    if (!one->fork_said && ic_merkle_heads_fork(l->heads, &one->id, &out[0], &out[1]) == IC_OK)
        return 2;
    if (!newest || (one->heard && newest->size <= one->heard_size))
        return 0;
    out[0] = *newest;
    return 1;
}

static bool any_unsaid(const struct ic_together_logs *l)
{
    struct ic_merkle_head room[2];
    for (size_t i = 0; i < l->log_count; i++)
        if (unsaid(l, &l->logs[i], room) > 0)
            return true;
    return false;
}

/* Each device at its own moment: who hears it from another need not say it. */
static uint64_t moment(const struct ic_meeting *m, uint64_t now_ms)
{
    struct ic_meeting_person p;
    for (size_t i = 0; ic_meeting_person(m, i, &p); i++)
        if (p.self)
            return now_ms + SAY_MIN_MS + ic_load_u16(p.key_hash) % SAY_SPAN_MS;
    return now_ms + RETRY_MS;
}

static void say(struct ic_together_logs *l, struct ic_meeting *m, uint64_t now_ms)
{
    struct ic_together_heads h = {0};
    IC_BUF_SCOPE(body, IC_TOGETHER_LOGS_BODY);
    for (size_t i = 0; i < l->log_count; i++)
        h.count += unsaid(l, &l->logs[i], &h.head[h.count]);
    l->say_ms = UINT64_MAX;
    if (h.count == 0)
        return;
    ic_err e = ic_together_heads_encode(&h, &body);
    if (e == IC_OK)
        e = ic_meeting_say(m, IC_TOGETHER_HEADS, ic_buf_view(&body), false, now_ms, NULL);
    if (e != IC_OK) {
        l->say_ms = now_ms + RETRY_MS;
        return;
    }
    for (size_t i = 0; i < l->log_count; i++) {
        struct logs_one *one = &l->logs[i];
        struct ic_merkle_head room[2];
        size_t n = unsaid(l, one, room);
        one->fork_said = one->fork_said || n == 2;
        if (n == 1) {
            one->heard = true;
            one->heard_size = room[0].size;
        }
    }
}

/* ---- following the meeting ---- */

static void hear(struct ic_together_logs *l, struct ic_view body, uint64_t now_ms)
{
    struct ic_together_heads h;
    if (ic_together_heads_decode(body, &h) != IC_OK)
        return;
    /* A log that we do not know is others' matter; a forged head is nobody's proof. */
    for (size_t i = 0; i < h.count; i++)
        IC_IGNORE(ic_together_logs_see(l, &h.head[i], now_ms));
}

static bool in_group(enum ic_meeting_state s)
{
    return s == IC_MEETING_E2EE || s == IC_MEETING_COMPARE || s == IC_MEETING_UPDATING;
}

bool ic_together_logs_meeting(struct ic_together_logs *l, const struct ic_meeting *m,
                              const struct ic_meeting_event *e, uint64_t now_ms)
{
    if (m)
        l->in = in_group(ic_meeting_state(m));
    if (e->type != IC_MEETING_EV_SAID || e->kind != IC_TOGETHER_HEADS)
        return false;
    if (!e->person.self)
        hear(l, ic_buf_view(&e->text), now_ms);
    return true;
}

/* ---- what time and answers bring ---- */

static void alarm(struct ic_together_logs *l, struct logs_one *one, uint64_t now_ms)
{
    static const struct {
        const char *rule, *text;
    } words[] = {
        [IC_MERKLE_SOUND] = {"log-answers",
                             "The log of certificates has proved now that it only grew."},
        [IC_MERKLE_WITHHOLDS] =
            {"log-withholds",
             "The log of certificates does not prove that it only grew: nobody is shown as "
             "verified by its organisation."},
        [IC_MERKLE_FORK] =
            {"log-fork",
             "The log of certificates has shown different people different lists: nobody is shown "
             "as verified by its organisation."},
    };
    enum ic_merkle_trouble now = ic_merkle_heads_trouble(l->heads, &one->id, now_ms);
    if (now == one->told)
        return;
    struct ic_together_logs_event *e = new_event(l, IC_TOGETHER_LOGS_ALERT);
    if (!e)
        return;
    one->told = now;
    l->judge_again = true;
    e->log = one->id;
    e->rule = words[now].rule;
    e->text = words[now].text;
    if (now == IC_MERKLE_FORK) {
        IC_IGNORE(ic_merkle_heads_fork(l->heads, &one->id, &e->fork[0], &e->fork[1]));
        new_event(l, IC_TOGETHER_LOGS_KEEP);
    }
}

/* The file is written where a head is newer than the one in it; 0 stands for none. */
static void keep(struct ic_together_logs *l)
{
    bool newer = false;
    for (size_t i = 0; i < l->log_count; i++) {
        const struct ic_merkle_head *h = ic_merkle_heads_newest(l->heads, &l->logs[i].id);
        newer = newer || (h && h->size + 1 > l->kept_size[i]);
    }
    if (!newer || !new_event(l, IC_TOGETHER_LOGS_KEEP))
        return;
    for (size_t i = 0; i < l->log_count; i++) {
        const struct ic_merkle_head *h = ic_merkle_heads_newest(l->heads, &l->logs[i].id);
        l->kept_size[i] = h ? h->size + 1 : 0;
    }
}

bool ic_together_logs_run(struct ic_together_logs *l, struct ic_meeting *m, uint64_t now_ms)
{
    struct ic_merkle_ask ask;
    l->now_ms = now_ms > l->now_ms ? now_ms : l->now_ms;
    for (size_t i = 0; i < l->log_count; i++)
        alarm(l, &l->logs[i], now_ms);
    while (l->event_count < IC_ARRAY_LEN(l->events) / 2 &&
           ic_merkle_heads_next(l->heads, now_ms, &ask)) {
        struct ic_together_logs_event *e = new_event(l, IC_TOGETHER_LOGS_ASK);
        if (e)
            e->ask = ask;
    }
    keep(l);
    if (m && l->in && l->say_ms == UINT64_MAX && any_unsaid(l))
        l->say_ms = moment(m, now_ms);
    if (m && l->in && l->say_ms <= now_ms)
        say(l, m, now_ms);
    l->due_ms = ic_merkle_heads_due_ms(l->heads, now_ms);
    bool again = l->judge_again;
    l->judge_again = false;
    return again;
}

uint64_t ic_together_logs_deadline_ms(const struct ic_together_logs *l)
{
    uint64_t say_ms = l->in ? l->say_ms : UINT64_MAX;
    return say_ms < l->due_ms ? say_ms : l->due_ms;
}

void ic_together_logs_prove(struct ic_together_logs *l, const struct ic_merkle_ask *ask,
                            struct ic_view path, uint64_t now_ms)
{
    struct ic_merkle_path p = {0};
    enum ic_merkle_verdict verdict;
    /* What cannot be read proves nothing: an empty path never does either, for first < second; but from nothing. */
    if (ic_merkle_path_decode(path, &p) != IC_OK)
        p = (struct ic_merkle_path){.count = IC_MERKLE_PATH_MAX};
    ic_err e = ic_merkle_heads_prove(l->heads, ask, &p, &verdict);
    if (e == IC_OK && l->full) {
        l->full = false;
        l->judge_again = true;
    }
    l->due_ms = ic_merkle_heads_due_ms(l->heads, now_ms);
}
