/* A meeting whose members hold the log of their organisation's CA to its word. */
#include "papered.h"

#include <ic/base/mem.h>
#include <ic/together/kinds.h>
#include <ic/together/logs.h>
#include <keeper.h>
#include <stdlib.h>
#include <string.h>

enum { PEOPLE = 3, BEFORE = 20, STEP_MS = 100 };

struct town {
    struct sim *s;
    struct papered p;
    struct ic_sign_key *key;
    struct keeper good, bad; /* of one key: bad has other entries from 10 on */
    struct keeper *answers;  /* who gives proofs; NULL: nobody */
    struct ic_pki_cert root;
    struct ic_buf staple[PEOPLE];
    struct ic_together_logs *logs[PEOPLE];
    size_t seen[PEOPLE];    /* events that the logs have had */
    unsigned said[PEOPLE];  /* bodies of kind 22 */
    char alert[PEOPLE][32]; /* the last */
};

static void town_clear(struct town *t)
{
    sim_free(t->s);
    papered_clear(&t->p);
    ic_sign_key_free(t->key);
    for (size_t i = 0; i < PEOPLE; i++) {
        ic_together_logs_free(t->logs[i]);
        ic_buf_clear(&t->staple[i]);
    }
}

static void must(ic_err e)
{
    if (e != IC_OK)
        abort();
}

/* Certificates of all stand in the log as entries 0 to 2; staples are by the head of 20. */
static void enter_log(struct town *t, struct keeper *k, uint32_t salt)
{
    keeper_init(k, t->key);
    for (unsigned i = 0; i < PEOPLE; i++) {
        struct ic_pki_chain chain;
        must(ic_pki_chain_decode(t->s->people[i].certificates, 0, &chain, NULL));
        keeper_add(k, &chain.certs[0], &t->root);
    }
    keeper_fill(k, 7, 0);
    keeper_fill(k, 40, salt);
}

static void town_init(struct town *t)
{
    struct ic_rand rand = ic_test_os_rand();
    t->s = sim_new(&(struct sim_plan){.people = PEOPLE, .hosts = 1});
    papered_open(&t->p);
    must(ic_pki_cert_decode(t->p.ring.root, &t->root, NULL));
    must(ic_sign_key_generate(IC_ECDSA_P256_SHA256, &rand, &t->key));
    for (unsigned i = 0; i < PEOPLE; i++)
        papered_give(&t->p, t->s, i, 3600);
    enter_log(t, &t->good, 0);
    enter_log(t, &t->bad, 1);
    t->answers = &t->good;
    struct ic_merkle_log log = keeper_log(&t->good);
    for (unsigned i = 0; i < PEOPLE; i++) {
        struct sim_person *p = &t->s->people[i];
        ic_buf_init(&t->staple[i], IC_MERKLE_STAPLE_MAX);
        keeper_staple(&t->good, i, BEFORE, &t->staple[i]);
        must(ic_together_logs_new(&t->logs[i]));
        must(ic_together_logs_add(t->logs[i], t->p.ring.fingerprint, &log));
        p->internal = p->roots;
        p->roots = NULL;
        p->staple = ic_buf_view(&t->staple[i]);
        p->logs = t->logs[i];
    }
}

/* What `who` kept of an earlier meeting: this head. */
static void kept(struct town *t, unsigned who, struct keeper *k, uint64_t size)
{
    struct ic_merkle_heads *h;
    struct ic_merkle_head head = keeper_head(k, size, 5);
    enum ic_merkle_verdict verdict;
    IC_BUF_SCOPE(b, IC_MERKLE_HEADS_MAX);
    must(ic_merkle_heads_new(&h));
    must(ic_merkle_heads_see(h, &head, 0, &verdict));
    must(ic_merkle_heads_encode(h, &b));
    ic_merkle_heads_free(h);
    must(ic_together_logs_load(t->logs[who], ic_buf_view(&b)));
}

static void answer(struct town *t, unsigned who, const struct ic_merkle_ask *ask)
{
    IC_BUF_SCOPE(b, 4096);
    if (!t->answers)
        return;
    keeper_consistency(t->answers, ask->first, ask->second, &b);
    ic_together_logs_prove(t->logs[who], ask, ic_buf_view(&b), sim_wall(&t->s->people[who]));
}

/* As a client does after each of its meeting's events. */
static void follow(struct town *t, unsigned who)
{
    struct sim_person *p = &t->s->people[who];
    struct ic_together_logs_event e;
    for (; t->seen[who] < p->event_count; t->seen[who]++) {
        const struct ic_meeting_event *m = &p->events[t->seen[who]].e;
        if (ic_together_logs_meeting(p->logs, p->m, m, sim_wall(p)))
            t->said[who] += m->person.self;
    }
    if (ic_together_logs_run(p->logs, p->m, sim_wall(p)))
        ic_meeting_identity_changed(p->m, sim_wall(p));
    while (ic_together_logs_next(p->logs, &e)) {
        if (e.type == IC_TOGETHER_LOGS_ASK)
            answer(t, who, &e.ask);
        if (e.type == IC_TOGETHER_LOGS_ALERT)
            strcpy(t->alert[who], e.rule);
    }
    sim_pump(t->s, who);
}

static void run(struct town *t, uint64_t ms)
{
    for (uint64_t at = 0; at < ms; at += STEP_MS) {
        sim_run(t->s, STEP_MS);
        for (unsigned i = 0; i < PEOPLE; i++)
            if (t->s->people[i].m)
                follow(t, i);
    }
}

static void gather(struct town *t)
{
    sim_gather(t->s, PEOPLE);
    run(t, 5000);
}

/* All see all, themselves too, with this reason; "" is internal. */
static void all_are(struct town *t, const char *reason)
{
    for (unsigned i = 0; i < PEOPLE; i++)
        for (unsigned k = 0; k < PEOPLE; k++) {
            struct ic_meeting_person seen = papered_seen(t->s, i, k);
            if (strcmp(seen.reason, reason) != 0)
                ic_test_fail(__FILE__, __LINE__, "%u sees %u as \"%s\", not \"%s\"", i, k,
                             seen.reason, reason);
            CHECK_EQ_INT(seen.identity, reason[0] ? IC_MEETING_UNVERIFIED : IC_MEETING_INTERNAL);
        }
}

static bool all_heard(const struct town *t, const char *rule)
{
    for (unsigned i = 0; i < PEOPLE; i++)
        if (strcmp(t->alert[i], rule) != 0)
            return false;
    return true;
}

TEST(sim_log_vouches_for_all_and_nobody_says_what_all_see)
{
    IC_CLEANUP(town_clear) struct town t = {0};
    town_init(&t);
    gather(&t);
    all_are(&t, "");
    CHECK(all_heard(&t, "") && t.said[0] + t.said[1] + t.said[2] == 0);
}

TEST(sim_certificate_never_logged_is_unverified_to_all)
{
    IC_CLEANUP(town_clear) struct town t = {0};
    town_init(&t);
    t.s->people[1].staple = ic_buf_view(&t.staple[2]); /* another's */
    gather(&t);
    for (unsigned i = 0; i < PEOPLE; i++) {
        CHECK(strcmp(papered_seen(t.s, i, 1).reason, "not-logged") == 0);
        CHECK_EQ_INT(papered_seen(t.s, i, 1).identity, IC_MEETING_UNVERIFIED);
        CHECK_EQ_INT(papered_seen(t.s, i, 2).identity, IC_MEETING_INTERNAL);
    }
    CHECK(ic_meeting_state(t.s->people[0].m) == IC_MEETING_COMPARE);
    /* A staple that comes later, with the same certificate, is looked at too. */
    struct sim_person *p = &t.s->people[1];
    CHECK_OK(ic_meeting_renew(p->m, p->certificates, ic_buf_view(&t.staple[1]), sim_wall(p)));
    sim_pump(t.s, 1);
    sim_run(t.s, 2000);
    CHECK_EQ_INT(papered_seen(t.s, 0, 1).identity, IC_MEETING_INTERNAL);
}

TEST(sim_newer_head_is_said_once_proved_and_kept_by_all)
{
    IC_CLEANUP(town_clear) struct town t = {0};
    town_init(&t);
    kept(&t, 1, &t.good, 33);
    kept(&t, 2, &t.good, 33);
    gather(&t);
    CHECK(t.said[1] + t.said[2] == 1 && t.said[0] == 0);
    all_are(&t, "");
    CHECK(all_heard(&t, ""));
    for (unsigned i = 0; i < PEOPLE; i++) {
        struct ic_merkle_heads *h;
        IC_BUF_SCOPE(b, IC_MERKLE_HEADS_MAX);
        CHECK_OK(ic_together_logs_save(t.logs[i], &b));
        CHECK_OK(ic_merkle_heads_new(&h));
        CHECK_OK(ic_merkle_heads_decode(h, ic_buf_view(&b)));
        CHECK_EQ_INT(ic_merkle_heads_at(h, 0)->size, 33);
        ic_merkle_heads_free(h);
    }
}

TEST(sim_log_that_forks_alarms_everybody)
{
    IC_CLEANUP(town_clear) struct town t = {0};
    town_init(&t);
    kept(&t, 1, &t.bad, BEFORE); /* what the log showed Ben the day before */
    gather(&t);
    CHECK(all_heard(&t, "log-fork"));
    all_are(&t, "log-fork");
    CHECK(ic_meeting_state(t.s->people[0].m) == IC_MEETING_COMPARE);
}

TEST(sim_log_that_forks_and_withholds_alarms_everybody_in_mid_meeting)
{
    IC_CLEANUP(town_clear) struct town t = {0};
    town_init(&t);
    kept(&t, 1, &t.bad, 33); /* of another size: only the log could prove it, and it cannot */
    t.answers = NULL;
    gather(&t);
    all_are(&t, "");
    run(&t, IC_MERKLE_PATIENCE_MS);
    CHECK(all_heard(&t, "log-withholds"));
    all_are(&t, "log-withholds");
    CHECK(papered_event(t.s, 0, 1) && strcmp(papered_event(t.s, 0, 1)->rule, "trust") == 0);
}

TEST(sim_log_that_answers_late_is_believed_again)
{
    IC_CLEANUP(town_clear) struct town t = {0};
    town_init(&t);
    kept(&t, 1, &t.good, 33);
    t.answers = NULL;
    gather(&t);
    run(&t, IC_MERKLE_PATIENCE_MS);
    all_are(&t, "log-withholds");
    t.answers = &t.good;
    run(&t, IC_MERKLE_ASK_AGAIN_MS + 1000);
    CHECK(all_heard(&t, "log-answers"));
    all_are(&t, "");
}

TEST(sim_log_that_rewrote_its_past_finds_no_proof)
{
    IC_CLEANUP(town_clear) struct town t = {0};
    town_init(&t);
    kept(&t, 2, &t.good, 33);
    t.answers = &t.bad;
    gather(&t);
    CHECK(all_heard(&t, "log-withholds"));
    all_are(&t, "log-withholds");
}
