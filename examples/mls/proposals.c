/* Ben proposes, Ana commits: proposals travel apart from the commit that covers them. And what an error
 * says: the rule, and whose fault it was. */
#include "people.h"

int main(void)
{
    struct person ana, ben, carla;
    person_init(&ana, "ana");
    person_init(&ben, "ben");
    person_init(&carla, "carla");
    create(&ana);
    add(&ana, &ben);

    /* Ben asks that Carla be added. */
    struct ic_mls_key_package *k;
    must(ic_mls_key_package_new(&carla.config, &carla.id, none, &k));
    IC_BUF_SCOPE(proposal, 65536);
    must(ic_mls_propose_add(ben.g, ic_mls_key_package_message(k), none, &proposal));
    struct ic_mls_received r;
    must(ic_mls_process(ana.g, ic_buf_view(&proposal), &r));
    expect(r.kind == IC_MLS_RECEIVED_PROPOSAL && ic_mls_pending_count(ana.g) == 1, "it is pending");
    ic_mls_received_clear(&r);

    /* A commit covers every valid pending proposal, unless it is told otherwise. */
    const struct ic_mls_commit_params params = {.authenticated_data = IC_VIEW_STR("note")};
    struct ic_mls_staged *s;
    must(ic_mls_commit_create(ana.g, &params, &s));
    const struct ic_mlspub_change_item *item = ic_mls_staged_item(s, 0);
    expect(item->proposal->type == IC_MLS_ADD && item->sender.index == ic_mls_own_leaf(ben.g),
           "the commit adds, as Ben proposed");
    must(ic_mls_group_join(&carla.config, &carla.id, k, ic_mls_staged_welcome(s), none, &carla.g));
    follow(&ben, ic_mls_staged_commit(s));
    must(ic_mls_merge(ana.g, s));
    expect(agree(&ana, &ben) && agree(&ana, &carla), "all three agree");

    /* Adding her again breaks a rule; the group says which, and stays as it was. */
    struct ic_view again = ic_mls_key_package_message(k);
    const struct ic_mls_commit_params twice = {.adds = &again, .add_count = 1};
    ic_err e = ic_mls_commit_create(ana.g, &twice, &s);
    expect(e != IC_OK, ic_mls_last_rule(ana.g));
    expect(agree(&ana, &carla), "and nothing has happened");

    /* Carla leaves: nobody can remove themselves, so she proposes, and somebody else commits. */
    ic_buf_reset(&proposal);
    must(ic_mls_propose_remove(carla.g, ic_mls_own_leaf(carla.g), none, &proposal));
    must(ic_mls_process(ana.g, ic_buf_view(&proposal), &r));
    ic_mls_received_clear(&r);
    must(ic_mls_process(ben.g, ic_buf_view(&proposal), &r));
    ic_mls_received_clear(&r);
    must(ic_mls_commit_create(ana.g, &params, &s));
    follow(&ben, ic_mls_staged_commit(s));
    must(ic_mls_process(carla.g, ic_mls_staged_commit(s), &r));
    expect(ic_mls_staged_removes_us(r.staged), "Carla sees that she is out");
    ic_mls_received_clear(&r);
    must(ic_mls_merge(ana.g, s));
    expect(agree(&ana, &ben) && ic_mls_member_count(ana.g) == 2, "two are left");
    ic_mls_key_package_free(k);
    person_clear(&ana);
    person_clear(&ben);
    person_clear(&carla);
    puts("ok");
}
