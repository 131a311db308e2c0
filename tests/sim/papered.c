#include "papered.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void papered_open(struct papered *p)
{
    maker_init(&p->m, 77);
    p->ring = papers_authority(&p->m, IC_ED25519, "CN=Ring CA,O=Ring");
    p->root = IC_VIEW_ARRAY(p->ring.fingerprint);
    if (ic_pki_store_new(&(struct ic_pki_policy){0}, &p->roots) != IC_OK ||
        ic_pki_store_add_root(p->roots, p->ring.root, NULL) != IC_OK)
        abort();
}

void papered_clear(struct papered *p)
{
    ic_pki_store_free(p->roots);
    maker_clear(&p->m);
}

struct ic_view papered_chain(const struct papers *by, const struct sim *s, unsigned who,
                             int64_t life_s)
{
    char subject[64], names[64];
    const struct sim_person *p = &s->people[who];
    snprintf(subject, sizeof subject, "CN=%s,O=Ring", p->name);
    snprintf(names, sizeof names, "email:%s@ring.example", p->name);
    struct maker_spec spec = {.subject = subject,
                              .names = names,
                              .not_before = PAPERED_START_S - 3600,
                              .not_after = PAPERED_START_S + life_s};
    return papers_chain(by, p->key, &spec, true);
}

void papered_give(struct papered *p, struct sim *s, unsigned who, int64_t life_s)
{
    s->people[who].certificates = papered_chain(&p->ring, s, who, life_s);
    s->people[who].roots = p->roots;
    s->people[who].invited =
        s->people[who].invited || s->plan.admission == IC_WIRE_VERIFIED_ADMITTED;
}

void papered_give_all(struct papered *p, struct sim *s, unsigned n, int64_t life_s)
{
    for (unsigned i = 0; i < n; i++)
        papered_give(p, s, i, life_s);
}

struct ic_meeting_person papered_seen(const struct sim *s, unsigned who, unsigned of)
{
    struct ic_meeting_person shown;
    for (size_t i = 0; ic_meeting_person(s->people[who].m, i, &shown); i++)
        if (strcmp(shown.name, s->people[of].name) == 0)
            return shown;
    return (struct ic_meeting_person){.leaf = UINT32_MAX, .reason = "not here"};
}

const struct ic_meeting_event *papered_event(const struct sim *s, unsigned who, unsigned of)
{
    const struct sim_person *p = &s->people[who];
    for (size_t i = p->event_count; i-- > p->mark;)
        if (p->events[i].e.type == IC_MEETING_EV_IDENTITY &&
            strcmp(p->events[i].e.person.name, s->people[of].name) == 0)
            return &p->events[i].e;
    return NULL;
}

ic_err papered_renew(struct sim *s, unsigned who, struct ic_view chain)
{
    struct sim_person *p = &s->people[who];
    ic_err e = ic_meeting_renew(p->m, chain, ic_view(NULL, 0), sim_wall(p));
    sim_pump(s, who);
    return e;
}
