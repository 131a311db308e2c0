/* A commit that members cannot apply. */
#include "world.h"

static void three(struct world *w)
{
    STEP(world_meeting(w, IC_WIRE_INSTANT));
    STEP(world_open_group(w, &w->people[0]));
    STEP(world_admit(w, &w->people[0], &w->people[2]));
    STEP(world_admit(w, &w->people[0], &w->people[3]));
    STEP(person_follow(&w->people[2]));
}

static uint64_t epoch(const struct person *p)
{
    return ic_mls_context(p->g)->epoch;
}

static void cannot_apply(struct person *p, uint64_t at)
{
    struct ic_wire_frame f = {.type = IC_WIRE_CANNOT_APPLY,
                              .cannot_apply = {.group_id = ic_mls_context(p->g)->group_id,
                                               .epoch = at,
                                               .rule = IC_VIEW_STR("confirmation tag, leaf 0")}};
    person_send(p, &f);
}

TEST(a_commit_that_all_report_is_void_and_replaced_once)
{
    WORLD(w);
    STEP(three(&w));
    struct person *a = &w.people[0], *b = &w.people[2], *c = &w.people[3];
    uint64_t at = epoch(b);
    struct ic_mls_staged *s = NULL;
    STEP(person_commit(a, NULL, false, &s));
    CHECK(!s);
    person_forget(a);
    person_forget(b);
    person_forget(c);
    STEP(cannot_apply(a, at)); /* the committer is no judge */
    EXPECT_ERROR(a, IC_WIRE_E_DENIED);
    STEP(cannot_apply(b, at - 1));
    EXPECT_ERROR(b, IC_WIRE_E_STALE);
    STEP(cannot_apply(b, at));
    EXPECT(b, IC_WIRE_OK);
    CHECK(!b->head);
    STEP(cannot_apply(c, at));
    EXPECT(c, IC_WIRE_OK);
    EXPECT(b, IC_WIRE_REPLACE);
    CHECK_EQ_INT(b->last->f.replace.epoch, at);
    EXPECT(c, IC_WIRE_REPLACE);
    EXPECT(a, IC_WIRE_REPLACE);
    /* A plain commit is not it; a restart forgets nothing. */
    STEP(world_restart(&w));
    STEP(person_enter(b));
    CHECK_EQ_INT(b->last->f.entered.epoch, at);
    person_forget(b);
    STEP(person_commit(b, NULL, false, &s));
    EXPECT_ERROR(b, IC_WIRE_E_STALE);
    STEP(person_commit(b, NULL, true, &s));
    CHECK(!s);
    STEP(person_enter(c));
    person_forget(c);
    struct ic_wire_frame f = {
        .type = IC_WIRE_FETCH,
        .fetch = {.group_id = ic_mls_context(c->g)->group_id, .after_seq = c->seq}};
    STEP(person_send(c, &f));
    STEP(person_follow(c)); /* the void commit is not among it */
    CHECK_BYTES(ic_mls_epoch_authenticator(b->g), ic_mls_epoch_authenticator(c->g));
    /* One replacement, not another. */
    person_forget(c);
    STEP(cannot_apply(c, at));
    EXPECT(c, IC_WIRE_OK);
    CHECK(!c->head);
}

/* Who cannot apply and leaves, does not hold up the others; who came by the commit is no judge of it. */
TEST(reports_of_those_who_stay_decide)
{
    WORLD(w);
    STEP(three(&w));
    struct person *a = &w.people[0], *b = &w.people[2], *c = &w.people[3], *d = &w.people[4];
    uint64_t at = epoch(b);
    STEP(person_knock(d));
    CHECK(person_skip_to(a, IC_WIRE_KNOCKED));
    IC_BUF_SCOPE(package, 1 << 16);
    CHECK_OK(ic_buf_append(&package, a->last->f.knocked.key_package));
    struct ic_view add = ic_buf_view(&package);
    struct ic_mls_commit_params params = {.adds = &add, .add_count = 1};
    struct ic_mls_staged *s = NULL;
    STEP(person_commit(a, &params, false, &s));
    CHECK(!s);
    EXPECT(d, IC_WIRE_WELCOME);
    person_forget(b);
    STEP(cannot_apply(b, at));
    EXPECT(b, IC_WIRE_OK);
    CHECK(!b->head);
    STEP(person_hangup(c));
    CHECK(person_skip_to(b, IC_WIRE_REPLACE));
    EXPECT(d, IC_WIRE_REPLACE);
    /* The joiner is outside again, and may knock once more. */
    STEP(person_knock(d));
}
