/* A participant: its meeting, its line, and what it saw. */
#include "sim.h"

#include "villain.h"

#include <ic/base/mem.h>
#include <ic/together/logs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t sim_wall(const struct sim_person *p)
{
    return (uint64_t)((int64_t)p->sim->now_ms + p->clock_off_ms);
}

/* ---- events ---- */

static void trace_event(const struct sim_person *p, const struct ic_meeting_event *e)
{
    static const char *const names[] = {[IC_MEETING_EV_STATE] = "STATE",
                                        [IC_MEETING_EV_WAITING] = "WAITING",
                                        [IC_MEETING_EV_REFUSED] = "REFUSED",
                                        [IC_MEETING_EV_KNOCK] = "KNOCK",
                                        [IC_MEETING_EV_KNOCK_GONE] = "KNOCK_GONE",
                                        [IC_MEETING_EV_CODE] = "CODE",
                                        [IC_MEETING_EV_JOINED] = "JOINED",
                                        [IC_MEETING_EV_LEFT] = "LEFT",
                                        [IC_MEETING_EV_AWAY] = "AWAY",
                                        [IC_MEETING_EV_IDENTITY] = "IDENTITY",
                                        [IC_MEETING_EV_CHAT] = "CHAT",
                                        [IC_MEETING_EV_TERMS] = "TERMS",
                                        [IC_MEETING_EV_CLOCK] = "CLOCK",
                                        [IC_MEETING_EV_ALERT] = "ALERT",
                                        [IC_MEETING_EV_MEDIA_OPENED] = "OPENED",
                                        [IC_MEETING_EV_MEDIA_SOURCES] = "SOURCES",
                                        [IC_MEETING_EV_MEDIA_SLOTS] = "SLOTS",
                                        [IC_MEETING_EV_MEDIA_SPEAKER] = "SPEAKER",
                                        [IC_MEETING_EV_MEDIA_GATE] = "GATE",
                                        [IC_MEETING_EV_FILES_OPENED] = "FILES_OPENED",
                                        [IC_MEETING_EV_SAID] = "SAID",
                                        [IC_MEETING_EV_SENT] = "SENT",
                                        [IC_MEETING_EV_PIN_OFFER] = "PIN_OFFER",
                                        [IC_MEETING_EV_ENDED] = "ENDED"};
    sim_trace(p->sim, "%s * %s state=%d epoch=%llu leaf=%d name=%s rule=%s code=%.11s flag=%d %.*s",
              p->name, names[e->type], e->state, (unsigned long long)e->epoch, (int)e->person.leaf,
              e->person.name, e->rule, e->code, e->flag, (int)e->text.len,
              e->text.len ? (const char *)e->text.p : "");
}

/* Nobody may be in a roster whom nobody invited, whatever else a test is about. */
static void check_roster(struct sim_person *p)
{
    struct ic_meeting_person shown;
    for (size_t i = 0; !p->sim->strangers_expected && ic_meeting_person(p->m, i, &shown); i++) {
        bool invited = false;
        for (unsigned k = 0; k < p->sim->plan.people; k++)
            invited = invited || (p->sim->people[k].invited &&
                                  strcmp(p->sim->people[k].name, shown.name) == 0);
        if (!invited)
            ic_test_fail(__FILE__, __LINE__, "%s has %s in its roster", p->name, shown.name);
    }
}

static void keep(struct sim_person *p, struct ic_meeting_event *e)
{
    trace_event(p, e);
    if (p->event_count == p->event_cap) {
        size_t cap = p->event_cap ? 2 * p->event_cap : 64;
        struct sim_event *grown = ic_realloc(p->events, cap, sizeof *grown);
        if (!grown)
            abort();
        p->events = grown;
        p->event_cap = cap;
    }
    p->events[p->event_count++] = (struct sim_event){p->sim->now_ms, *e};
}

static void answer(struct sim *s, struct sim_person *p, const struct ic_meeting_event *e)
{
    if (e->type == IC_MEETING_EV_KNOCK && s->admit) {
        for (unsigned k = 0; k < s->plan.people; k++)
            if (strcmp(s->people[k].name, e->person.name) == 0)
                s->people[k].invited = true;
        IC_IGNORE(ic_meeting_admit(p->m, e->knock, sim_wall(p)));
    }
    if (e->type == IC_MEETING_EV_JOINED)
        check_roster(p);
    if (e->type == IC_MEETING_EV_ENDED)
        p->over = true;
}

void sim_pump(struct sim *s, unsigned who)
{
    struct sim_person *p = &s->people[who];
    struct ic_meeting_event e;
    IC_BUF_SCOPE(frame, IC_WIRE_MAX);
    while (p->m && ic_meeting_next_event(p->m, &e)) {
        keep(p, &e);
        answer(s, p, &e);
    }
    while (p->m && ic_meeting_next_frame(p->m, &frame))
        if (p->conn)
            sim_send(s, SIM_UP, who, ic_buf_view(&frame));
    if (p->raw)
        sim_villain_pump(p->raw);
}

/* ---- the client and its line ---- */

void sim_dial(struct sim *s, unsigned who)
{
    struct sim_person *p = &s->people[who];
    struct icd_core *core = s->server[p->server].core;
    const uint8_t address[4] = {10, 0, (uint8_t)(who >> 8), (uint8_t)who};
    p->redial_at_ms = 0;
    if (p->conn || (!p->m && !p->raw) || p->over)
        return;
    if (!core) {
        p->redial_at_ms = s->now_ms + SIM_REDIAL_MS;
        return;
    }
    p->conn = ++s->next_conn;
    if (icd_core_open(core, p->conn, IC_VIEW_ARRAY(address), s->now_ms) != IC_OK)
        abort();
    if (p->m)
        ic_meeting_connected(p->m, sim_wall(p));
    else
        sim_villain_connected(p->raw);
    sim_pump(s, who);
}

void sim_start(struct sim *s, unsigned who)
{
    struct sim_person *p = &s->people[who];
    struct ic_meeting_config c = {.link = p->link,
                                  .identity = p->key,
                                  .suite = s->plan.suite,
                                  .name = p->name,
                                  .rand = {ic_test_rand(&p->rand, p->rand.state).fill, &p->rand},
                                  .web = p->web,
                                  .certificates = p->certificates,
                                  .external_roots = p->roots,
                                  .internal_roots = p->internal,
                                  .staple = p->staple,
                                  .judge_staple = p->logs ? ic_together_logs_judge : NULL,
                                  .staple_ctx = p->logs,
                                  .pins = p->pins,
                                  .pin_count = p->pin_count,
                                  .rotate_ms = p->rotate_ms,
                                  .may_create = who < s->plan.hosts};
    p->over = false;
    p->life = p->event_count;
    p->invited = p->invited || s->plan.admission == IC_WIRE_LINK_ADMITS;
    if (ic_meeting_new(&c, sim_wall(p), &p->m) != IC_OK) {
        ic_test_fail(__FILE__, __LINE__, "%s does not start", p->name);
        return;
    }
    sim_dial(s, who);
}

void sim_drop_line(struct sim *s, unsigned who)
{
    struct sim_person *p = &s->people[who];
    uint64_t conn = p->conn;
    struct icd_core *core = s->server[p->server].core;
    if (!conn)
        return;
    p->conn = 0;
    sim_net_forget(s, conn);
    if (core) {
        icd_core_close(core, conn, s->now_ms);
        icd_core_flush(core);
    }
}

/* The other end is gone. */
void sim_person_closed(struct sim *s, unsigned who)
{
    struct sim_person *p = &s->people[who];
    sim_net_forget(s, p->conn);
    p->conn = 0;
    if (p->m)
        ic_meeting_disconnected(p->m, sim_wall(p));
    if (!p->stays_away)
        p->redial_at_ms = s->now_ms + SIM_REDIAL_MS;
    sim_pump(s, who);
}

void sim_cut(struct sim *s, unsigned who)
{
    sim_drop_line(s, who);
    sim_person_closed(s, who);
}

void sim_hold_off(struct sim *s, unsigned who)
{
    s->people[who].stays_away = true;
    sim_cut(s, who);
    s->people[who].stays_away = false;
}

void sim_kill(struct sim *s, unsigned who)
{
    struct sim_person *p = &s->people[who];
    sim_drop_line(s, who);
    ic_meeting_free(p->m);
    p->m = NULL;
    p->redial_at_ms = 0;
}

void sim_person_receive(struct sim *s, unsigned who, struct ic_view bytes)
{
    struct sim_person *p = &s->people[who];
    if (p->m)
        ic_meeting_receive(p->m, bytes, sim_wall(p));
    else if (p->raw)
        sim_villain_receive(p->raw, bytes);
    sim_pump(s, who);
}

/* When this participant next has something to do of its own accord, in the simulation's time. */
uint64_t sim_person_due(const struct sim *s, unsigned who)
{
    const struct sim_person *p = &s->people[who];
    uint64_t due = p->redial_at_ms ? p->redial_at_ms : UINT64_MAX;
    uint64_t own = p->m ? ic_meeting_deadline_ms(p->m) : UINT64_MAX;
    if (own != UINT64_MAX) {
        int64_t at = (int64_t)own - p->clock_off_ms;
        own = at < (int64_t)s->now_ms ? s->now_ms : (uint64_t)at;
    }
    return own < due ? own : due;
}

void sim_person_tick(struct sim *s, unsigned who)
{
    struct sim_person *p = &s->people[who];
    if (p->redial_at_ms && p->redial_at_ms <= s->now_ms)
        sim_dial(s, who);
    if (p->m)
        ic_meeting_tick(p->m, sim_wall(p));
    sim_pump(s, who);
}

void sim_person_clear(struct sim_person *p)
{
    for (size_t i = 0; i < p->event_count; i++)
        ic_meeting_event_clear(&p->events[i].e);
    ic_free(p->events);
    ic_meeting_free(p->m);
    sim_villain_free(p->raw);
    ic_sign_key_free(p->key);
}

/* ---- what people do ---- */

bool sim_chat(struct sim *s, unsigned who, const char *text)
{
    struct sim_person *p = &s->people[who];
    ic_err e = p->m ? ic_meeting_chat(p->m, ic_view_cstr(text), sim_wall(p)) : IC_ERR_STATE;
    sim_pump(s, who);
    return e == IC_OK;
}

uint32_t sim_leaf(const struct sim *s, unsigned who, unsigned of)
{
    struct ic_meeting_person shown;
    for (size_t i = 0; s->people[who].m && ic_meeting_person(s->people[who].m, i, &shown); i++)
        if (strcmp(shown.name, s->people[of].name) == 0)
            return shown.leaf;
    return UINT32_MAX;
}

bool sim_sees(const struct sim *s, unsigned who, unsigned of)
{
    return sim_leaf(s, who, of) != UINT32_MAX;
}

size_t sim_roster(const struct sim *s, unsigned who)
{
    struct ic_meeting_person shown;
    size_t n = 0;
    while (s->people[who].m && ic_meeting_person(s->people[who].m, n, &shown))
        n++;
    return n;
}

bool sim_remove(struct sim *s, unsigned host, unsigned of)
{
    struct sim_person *p = &s->people[host];
    ic_err e = ic_meeting_remove(p->m, sim_leaf(s, host, of), sim_wall(p));
    sim_pump(s, host);
    return e == IC_OK;
}

bool sim_in(const struct sim *s, unsigned who)
{
    if (!s->people[who].m)
        return false;
    enum ic_meeting_state st = ic_meeting_state(s->people[who].m);
    return st == IC_MEETING_E2EE || st == IC_MEETING_COMPARE;
}
