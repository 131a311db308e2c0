/* Members who exchange their signature keys in one commit: RFC 9420 section 7.3 speaks of the tree as it will be. */
#include "world.h"

static const struct ic_view none;

static void start(struct world *w)
{
    CHECK_OK(world_init(w, ic_suite_find(1), 91));
    CHECK_OK(world_create(w));
    CHECK_OK(world_add(w, 0, (const size_t[]){1, 2, 3}, 3));
}

/* Person `who` updates to the key of person `of`. */
static void take_key(struct world *w, size_t who, size_t of)
{
    IC_BUF_SCOPE(m, 65536);
    struct ic_mls_identity id = w->people[who].id;
    id.signer = w->people[of].signer;
    CHECK_OK(ic_mls_propose_update(w->people[who].g, &id, none, &m));
    CHECK_OK(world_propose(w, who, &m));
}

static void swap_signers(struct world *w, size_t a, size_t b)
{
    struct ic_sign_key *key = w->people[a].signer;
    w->people[a].signer = w->people[b].signer;
    w->people[b].signer = key;
    w->people[a].id.signer = w->people[a].signer;
    w->people[b].id.signer = w->people[b].signer;
}

TEST(members_may_swap_their_signature_keys)
{
    struct world w;
    struct ic_mls_commit_params p = {0};
    start(&w);
    if (ic_test_failed())
        return;
    take_key(&w, 1, 2);
    take_key(&w, 2, 1);
    CHECK_OK(world_commit(&w, 0, &p, NULL, NULL, 0));
    swap_signers(&w, 1, 2);
    CHECK(world_agrees(&w));
    CHECK_OK(world_talk(&w, 1));
    CHECK_OK(world_update(&w, 2));
    CHECK(world_agrees(&w));
    world_clear(&w);
}

/* One may take what another drops, in a chain; the last takes a new one. */
TEST(members_may_hand_on_their_signature_keys)
{
    struct world w;
    struct ic_mls_commit_params p = {0};
    start(&w);
    if (ic_test_failed())
        return;
    take_key(&w, 1, 2);
    take_key(&w, 2, 3);
    take_key(&w, 3, 7); /* who is no member */
    CHECK_OK(world_commit(&w, 0, &p, NULL, NULL, 0));
    swap_signers(&w, 1, 2);
    swap_signers(&w, 2, 3);
    swap_signers(&w, 3, 7);
    CHECK(world_agrees(&w));
    CHECK_OK(world_talk(&w, 3));
    world_clear(&w);
}

static bool but_for_member_three(void *ctx, const struct ic_mlspub_change_item *item)
{
    (void)ctx;
    return item->sender.index != 3;
}

TEST(key_that_stays_takes_the_updates_with_it_that_wanted_it)
{
    struct world w;
    struct ic_mls_staged *s;
    start(&w);
    if (ic_test_failed())
        return;
    const struct ic_mls_commit_params p = {.filter = but_for_member_three};
    take_key(&w, 1, 2);
    take_key(&w, 2, 3);
    take_key(&w, 3, 7);
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    CHECK_EQ_INT(ic_mls_staged_count(s), 0);
    ic_mls_discard(s);
    const struct ic_mls_commit_params all = {0};
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &all, &s));
    CHECK_EQ_INT(ic_mls_staged_count(s), 3);
    ic_mls_discard(s);
    CHECK_OK(world_update(&w, 3)); /* whose own Update gives way, and with it the others */
    CHECK(world_agrees(&w));
    world_clear(&w);
}
