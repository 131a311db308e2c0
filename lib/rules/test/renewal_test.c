/* Whose credential may take whose place. */
#include "papers.h"
#include "world.h"

static struct ic_mlspub_leaf_node leaf_with(const struct world *w, int who, struct ic_view chain)
{
    return (struct ic_mlspub_leaf_node){.signature_key = key_of(w, who),
                                        .credential = {IC_MLS_X509, chain}};
}

static const char names[] = "email:gus@ring.example,URI:im:gus@ring.example";

/* The guest's leaf is Gus's by the Ring CA; next: what its commit's path shows. */
static bool renews(struct world *w, struct ic_view former, struct ic_view next)
{
    w->leaf[GUEST] = leaf_with(w, GUEST, former);
    struct ic_mlspub_leaf_node path = leaf_with(w, GUEST, next);
    bool follows = ic_rules_may_follow(&w->leaf[GUEST], &path);
    w->change.count = 0;
    w->change.path_leaf = &path;
    commit_by(w, GUEST);
    bool in_commit = ic_rules_judge(&w->group, &w->change, &w->fault) == IC_OK;
    w->change.path_leaf = NULL;
    struct ic_mlspub_proposal *p = propose(w, GUEST, IC_MLS_UPDATE);
    p->update = path;
    bool in_update = ic_rules_judge(&w->group, &w->change, &w->fault) == IC_OK;
    w->change.count = 0;
    w->change.sender = (struct ic_mlspub_sender){IC_MLS_SENDER_NEW_MEMBER_COMMIT, 0};
    w->change.path_leaf = &path;
    propose(w, GUEST, IC_MLS_REMOVE)->remove = GUEST;
    bool in_resync = ic_rules_judge(&w->group, &w->change, &w->fault) == IC_OK;
    w->change.path_leaf = NULL;
    if (follows != in_commit || follows != in_update || follows != in_resync)
        ic_test_fail(__FILE__, __LINE__, "commit, update and resync are judged in different ways");
    return follows;
}

static struct ic_view paper(struct world *w, const struct papers *by, const char *subject,
                            const char *alt, int64_t until, bool with_root)
{
    return papers_chain(by, w->key[GUEST],
                        &(struct maker_spec){.subject = subject, .names = alt, .not_after = until},
                        with_root);
}

TEST(a_renewed_chain_may_take_the_old_ones_place)
{
    WORLD(w);
    MAKER_SCOPE(m, 1);
    struct papers ring = papers_authority(&m, IC_ED25519, "CN=Ring CA");
    struct ic_view former = paper(&w, &ring, "CN=Gus,O=Ring", names, 0, true);
    CHECK(renews(&w, former, former));
    CHECK(renews(&w, former, paper(&w, &ring, "CN=Gus,O=Ring", names, MAKER_NOW + 999999, true)));
    /* The root may be in the one and be left out of the other only where the chain says which it is. */
    struct ic_view bare = paper(&w, &ring, "CN=Gus,O=Ring", names, MAKER_NOW + 999999, false);
    CHECK(renews(&w, former, bare));
    CHECK(renews(&w, bare, former));
    CHECK(renews(&w, bare, paper(&w, &ring, "CN=Gus,O=Ring", names, 0, false)));
}

TEST(a_renewal_names_nobody_else)
{
    WORLD(w);
    MAKER_SCOPE(m, 2);
    struct papers ring = papers_authority(&m, IC_ED25519, "CN=Ring CA");
    struct ic_view former = paper(&w, &ring, "CN=Gus,O=Ring", names, 0, true);
    CHECK(!renews(&w, former, paper(&w, &ring, "CN=Olga,O=Ring", names, 0, true)));
    CHECK(
        !renews(&w, former, paper(&w, &ring, "CN=Gus,O=Ring", "email:olga@ring.example", 0, true)));
    CHECK(
        !renews(&w, former, paper(&w, &ring, "CN=Gus,O=Ring", "email:gus@ring.example", 0, true)));
    CHECK(!renews(&w, former, paper(&w, &ring, "CN=Gus,O=Ring", NULL, 0, true)));
}

TEST(a_renewal_comes_from_the_same_root)
{
    WORLD(w);
    MAKER_SCOPE(m, 3);
    struct papers ring = papers_authority(&m, IC_ED25519, "CN=Ring CA");
    struct papers false_ring = papers_authority(&m, IC_ED25519, "CN=Ring CA");
    struct papers other = papers_authority(&m, IC_ED25519, "CN=Other CA");
    for (int with_root = 0; with_root < 2; with_root++) {
        struct ic_view former = paper(&w, &ring, "CN=Gus", names, 0, with_root);
        CHECK(!renews(&w, former, paper(&w, &other, "CN=Gus", names, 0, true)));
        CHECK(!renews(&w, former, paper(&w, &other, "CN=Gus", names, 0, false)));
        CHECK(!renews(&w, former, paper(&w, &false_ring, "CN=Gus", names, 0, true)));
        CHECK(!renews(&w, former, paper(&w, &false_ring, "CN=Gus", names, 0, false)));
    }
}

TEST(a_renewal_is_for_the_same_key_and_an_x509_leaf)
{
    WORLD(w);
    MAKER_SCOPE(m, 4);
    struct papers ring = papers_authority(&m, IC_ED25519, "CN=Ring CA");
    struct ic_view former = paper(&w, &ring, "CN=Gus", names, 0, true);
    struct ic_mlspub_leaf_node a = leaf_with(&w, GUEST, former), b = a;
    struct maker_spec spec = {.subject = "CN=Gus", .names = names};
    b = leaf_with(&w, STRANGER, papers_chain(&ring, w.key[STRANGER], &spec, true));
    CHECK(!ic_rules_may_follow(&a, &b)); /* another key */
    b = leaf_with(&w, GUEST, papers_chain(&ring, w.key[STRANGER], &spec, true));
    CHECK(!ic_rules_may_follow(&a, &b)); /* the chain certifies another key */
    spec.ca = true;
    b = leaf_with(&w, GUEST, papers_chain(&ring, w.key[GUEST], &spec, true));
    CHECK(!ic_rules_may_follow(&a, &b)); /* an authority is no member */
    b = a;
    b.credential = (struct ic_mlspub_credential){IC_MLS_BASIC, IC_VIEW_STR("Gus")};
    CHECK(!ic_rules_may_follow(&a, &b) && !ic_rules_may_follow(&b, &a));
    b.credential = (struct ic_mlspub_credential){IC_MLS_X509, IC_VIEW_STR("no chain")};
    CHECK(!ic_rules_may_follow(&a, &b));
}
