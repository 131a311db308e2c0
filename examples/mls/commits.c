/* Two members commit at the same time. The delivery service takes one commit for each epoch: here it
 * takes Ben's. Ana looks at what it does, gives up her own, and commits again. */
#include "people.h"

int main(void)
{
    struct person ana, ben;
    person_init(&ana, "ana");
    person_init(&ben, "ben");
    create(&ana);
    add(&ana, &ben);

    /* Both stage. Neither group has changed. */
    const struct ic_mls_commit_params fresh_keys = {.force_path = true};
    struct ic_mls_staged *anas, *bens;
    must(ic_mls_commit_create(ana.g, &fresh_keys, &anas));
    must(ic_mls_commit_create(ben.g, &fresh_keys, &bens));
    uint64_t before = ic_mls_context(ana.g)->epoch;

    /* The service accepts Ben's and hands it to everybody, to Ben too. */
    struct ic_view accepted = ic_mls_staged_commit(bens);
    struct ic_mls_received r;
    must(ic_mls_process(ben.g, accepted, &r));
    expect(r.kind == IC_MLS_RECEIVED_OWN_ECHO, "Ben knows his own commit when it comes back");
    ic_mls_received_clear(&r);

    /* Ana inspects before she merges; this is where an application says no. */
    must(ic_mls_process(ana.g, accepted, &r));
    expect(r.kind == IC_MLS_RECEIVED_COMMIT, "to Ana it is a staged commit");
    expect(ic_mls_staged_committer(r.staged) == ic_mls_own_leaf(ben.g), "by Ben");
    expect(ic_mls_staged_count(r.staged) == 0 && !ic_mls_staged_removes_us(r.staged),
           "that changes keys and nothing else");
    expect(ic_mls_context(ana.g)->epoch == before, "and nothing has changed yet");
    ic_mls_discard(anas); /* she lost the race */
    must(ic_mls_merge(ana.g, r.staged));
    r.staged = NULL;
    ic_mls_received_clear(&r);
    must(ic_mls_merge(ben.g, bens));
    expect(agree(&ana, &ben), "both are in the next epoch");

    /* What Ana wanted still stands, so she tries again, and is alone this time. */
    must(ic_mls_commit_create(ana.g, &fresh_keys, &anas));
    follow(&ben, ic_mls_staged_commit(anas));
    must(ic_mls_merge(ana.g, anas));
    expect(agree(&ana, &ben) && ic_mls_context(ana.g)->epoch == before + 2, "and the one after");
    person_clear(&ana);
    person_clear(&ben);
    puts("ok");
}
