/* Keys are judged in the tree that a commit leads to, not one proposal after the other (section 7.3). */
#include "sim.h"
#include <ic/base/mem.h>

/* A pending Update of the leaf, signed by its present key, that brings these keys. */
static void update(struct sim *s, uint32_t leaf, const struct ic_sign_key *key,
                   struct ic_view encryption_key, struct ic_mlspub_proposal_or_ref *out)
{
    IC_BUF_SCOPE(bytes, 1 << 16);
    struct ic_mlspub_proposal p = {.type = IC_MLS_UPDATE};
    const struct ic_mlspub_sender sender = {IC_MLS_SENDER_MEMBER, leaf};
    CHECK_OK(sim_update_leaf_with(s, leaf, key, encryption_key, &bytes));
    CHECK_OK(ic_mlspub_leaf_node_decode(ic_buf_view(&bytes), NULL, &p.update));
    CHECK_OK(sim_propose(s, sender, sim_key_of(s, leaf), &p));
    CHECK_OK(sim_deliver(s));
    size_t newest = ic_mlspub_observer_pending_count(s->observer) - 1;
    *out = (struct ic_mlspub_proposal_or_ref){
        .is_ref = true, .ref = ic_mlspub_observer_pending(s->observer, newest)->ref};
}

static struct ic_view key_of(const struct sim *s, uint32_t leaf)
{
    return ic_mlspub_tree_key(s->tree, 2 * leaf);
}

static void commit(struct sim *s, const struct ic_mlspub_proposal_or_ref *p, size_t n)
{
    struct sim_commit c = sim_with(p, n);
    CHECK_OK(sim_commit(s, 0, &c));
}

TEST(updates_may_swap_their_keys)
{
    SIM(s, 1, 4);
    struct ic_mlspub_proposal_or_ref p[2];
    struct ic_sign_key *one = sim_key_of(&s, 1), *two = sim_key_of(&s, 2);
    update(&s, 1, two, key_of(&s, 2), &p[0]);
    update(&s, 2, one, key_of(&s, 1), &p[1]);
    commit(&s, p, 2);
    CHECK_OK(sim_deliver(&s));
    CHECK(sim_key_of(&s, 1) == two && sim_key_of(&s, 2) == one);
    CHECK_EQ_INT(ic_mlspub_observer_find(s.observer, ic_sign_key_public(two)), 1);
    CHECK_EQ_INT(ic_mlspub_observer_find(s.observer, ic_sign_key_public(one)), 2);
}

TEST(update_may_take_what_the_committers_path_drops)
{
    SIM(s, 1, 4);
    struct ic_mlspub_proposal_or_ref p;
    update(&s, 1, sim_key_of(&s, 1), key_of(&s, 0), &p);
    commit(&s, &p, 1);
    CHECK_OK(sim_deliver(&s));
}

TEST(update_may_not_take_what_another_keeps)
{
    SIM(s, 1, 4);
    struct ic_mlspub_proposal_or_ref p;
    update(&s, 1, sim_key_of(&s, 2), ic_view(NULL, 0), &p);
    commit(&s, &p, 1);
    sim_check_refused(&s, IC_ERR_RULE, "7.3");
    CHECK_EQ_INT(ic_mlspub_observer_offender(s.observer), 1);
    update(&s, 3, sim_key_of(&s, 3), key_of(&s, 2), &p);
    commit(&s, &p, 1);
    sim_check_refused(&s, IC_ERR_RULE, "7.3");
    CHECK_EQ_INT(ic_mlspub_observer_offender(s.observer), 3);
    update(&s, 3, sim_key_of(&s, 3), ic_mlspub_tree_key(s.tree, 3), &p); /* the root's */
    commit(&s, &p, 1);
    CHECK_OK(sim_deliver(&s)); /* which the commit replaces */
}

TEST(client_may_be_removed_and_added_in_one_commit)
{
    SIM(s, 1, 4);
    struct ic_mlspub_proposal add;
    uint32_t client = 2;
    while (s.clients[client].key != sim_key_of(&s, 2))
        client++;
    CHECK_OK(sim_proposal_add(&s, client, &add));
    const struct ic_mlspub_proposal_or_ref p[] = {sim_value(add), sim_value(sim_remove(2))};
    commit(&s, p, 1); /* the Add alone */
    sim_check_refused(&s, IC_ERR_RULE, "12.2");
    commit(&s, p, 2);
    CHECK_OK(sim_deliver(&s));
    CHECK_EQ_INT(ic_mlspub_observer_find(s.observer, add.add.leaf.signature_key), 2);
}

TEST(update_and_add_of_one_key_are_refused)
{
    SIM(s, 1, 4);
    uint32_t client;
    struct ic_mlspub_proposal add;
    struct ic_mlspub_proposal_or_ref p[2];
    CHECK_OK(sim_client(&s, NULL, &client));
    CHECK_OK(sim_proposal_add(&s, client, &add));
    update(&s, 1, s.clients[client].key, ic_view(NULL, 0), &p[0]);
    p[1] = sim_value(add);
    commit(&s, p, 2);
    sim_check_refused(&s, IC_ERR_RULE, "12.2");
    commit(&s, p, 1);
    CHECK_OK(sim_deliver(&s));
}
