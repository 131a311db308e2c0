/* "Verified members only", by public data: who comes in, who may be taken out, and when. */
#include "papers.h"
#include "world.h"

#include <ic/pki/cert.h>
#include <string.h>

#define NOW_MS (MAKER_NOW * 1000ull)

struct club {
    struct maker m;
    struct papers ring, foreign; /* of the same name; the terms list the first */
};

static void club_clear(struct club *c)
{
    maker_clear(&c->m);
}

static struct ic_mlspub_leaf_node leaf_of(struct world *w, struct club *c, int who, int64_t until,
                                          bool with_root)
{
    struct maker_spec s = {.subject = "CN=Somebody",
                           .names = "email:somebody@ring.example",
                           .not_before = MAKER_NOW - 86400,
                           .not_after = until};
    return (struct ic_mlspub_leaf_node){
        .signature_key = key_of(w, who),
        .credential = {IC_MLS_X509, papers_chain(&c->ring, w->key[who], &s, with_root)}};
}

static void club_open(struct club *c, struct world *w)
{
    IC_BUF_SCOPE(roots, 1000);
    maker_init(&c->m, 5);
    c->ring = papers_authority(&c->m, IC_ED25519, "CN=Ring CA");
    c->foreign = papers_authority(&c->m, IC_ED25519, "CN=Ring CA");
    CHECK_OK(ic_wire_list_add(&roots, IC_VIEW_ARRAY(c->ring.fingerprint)));
    struct ic_wire_terms t = world_terms(w);
    t.admission = IC_WIRE_VERIFIED_ADMITTED;
    t.roots = ic_buf_view(&roots);
    t.seq++;
    world_resign(w, &t, ORGANISER);
    for (int i = 0; i < LEAVES; i++)
        w->leaf[i] = leaf_of(w, c, i, MAKER_NOW + 3600, true);
    set_data(w, NOW_MS, ic_view(NULL, 0), ic_view(NULL, 0));
}
#define CLUB(name, w)                                                                              \
    __attribute__((cleanup(club_clear))) struct club name;                                         \
    club_open(&name, &(w));                                                                        \
    if (ic_test_failed())                                                                          \
    return

TEST(the_verified_are_admitted_by_any_member_and_nobody_else_by_a_host)
{
    WORLD(w);
    CLUB(c, w);
    struct ic_mlspub_proposal *p = propose_add(&w, GUEST);
    CHECK_RULE(&w, "add-not-verified"); /* a guest without a certificate */
    w.item[0].sender.index = COHOST;
    CHECK_RULE(&w, "add-not-verified"); /* also by a host */
    p->add.leaf = leaf_of(&w, &c, STRANGER, MAKER_NOW + 60, true);
    CHECK_ALLOWED(&w);
    w.item[0].sender.index = GUEST;
    CHECK_ALLOWED(&w);
    set_data(&w, NOW_MS + 61000, ic_view(NULL, 0), ic_view(NULL, 0));
    CHECK_RULE(&w, "add-not-verified"); /* by the commit's time it has run out */
    set_data(&w, NOW_MS - 86401000, ic_view(NULL, 0), ic_view(NULL, 0));
    CHECK_RULE(&w, "add-not-verified"); /* or has not begun */
}

TEST(chains_without_their_root_of_a_foreign_one_or_forged_are_not_verified)
{
    WORLD(w);
    CLUB(c, w);
    struct ic_mlspub_proposal *p = propose_add(&w, COHOST);
    struct maker_spec s = {.subject = "CN=Sam"};
    p->add.leaf = leaf_of(&w, &c, STRANGER, MAKER_NOW + 60, false);
    CHECK_RULE(&w, "add-not-verified");
    p->add.leaf.credential.identity = papers_chain(&c.foreign, w.key[STRANGER], &s, true);
    CHECK_RULE(&w, "add-not-verified"); /* of the same name: the fingerprint counts */
    s.forged = true;
    p->add.leaf.credential.identity = papers_chain(&c.ring, w.key[STRANGER], &s, true);
    CHECK_RULE(&w, "add-not-verified");
    s.forged = false;
    s.purposes = IC_PKI_FOR_EMAIL;
    p->add.leaf.credential.identity = papers_chain(&c.ring, w.key[STRANGER], &s, true);
    CHECK_RULE(&w, "add-not-verified"); /* for something else */
    /* A leaf that the foreign authority signed, with the listed root beside it. */
    struct papers mixed = c.foreign;
    mixed.root = c.ring.root;
    s.purposes = 0;
    p->add.leaf.credential.identity = papers_chain(&mixed, w.key[STRANGER], &s, true);
    CHECK_RULE(&w, "add-not-verified");
}

/* A browser's build has no curve 448: what not all members can check counts for none of them. */
TEST(an_authority_that_not_every_build_can_check_vouches_for_nobody)
{
    WORLD(w);
    CLUB(c, w);
    IC_BUF_SCOPE(roots, 1000);
    struct papers other = papers_authority(&c.m, IC_ED448, "CN=Curve 448");
    CHECK_OK(ic_wire_list_add(&roots, IC_VIEW_ARRAY(c.ring.fingerprint)));
    CHECK_OK(ic_wire_list_add(&roots, IC_VIEW_ARRAY(other.fingerprint)));
    struct ic_wire_terms t = world_terms(&w);
    t.roots = ic_buf_view(&roots);
    t.seq++;
    world_resign(&w, &t, ORGANISER);
    struct ic_mlspub_proposal *p = propose_add(&w, COHOST);
    struct maker_spec s = {.subject = "CN=Sam"};
    p->add.leaf = leaf_of(&w, &c, STRANGER, MAKER_NOW + 60, true);
    CHECK_ALLOWED(&w);
    p->add.leaf.credential.identity = papers_chain(&other, w.key[STRANGER], &s, true);
    CHECK_RULE(&w, "add-not-verified");
}

TEST(the_roots_that_hold_are_those_after_the_commit)
{
    WORLD(w);
    CLUB(c, w);
    IC_BUF_SCOPE(other, 1000);
    IC_BUF_SCOPE(next, 1 << 20);
    IC_BUF_SCOPE(extensions, 1 << 20);
    CHECK_OK(ic_wire_list_add(&other, IC_VIEW_ARRAY(c.foreign.fingerprint)));
    struct ic_wire_terms former = world_terms(&w), t = former;
    t.roots = ic_buf_view(&other);
    t.seq++;
    CHECK_OK(ic_rules_terms_sign(&t, &former, w.key[ORGANISER], &next));
    make_extensions(&extensions, ic_buf_view(&next), IC_VIEW_STR("the server"));
    propose(&w, ORGANISER, IC_MLS_GROUP_CONTEXT_EXTENSIONS)->group_context_extensions =
        ic_buf_view(&extensions);
    propose_add(&w, ORGANISER)->add.leaf = leaf_of(&w, &c, STRANGER, MAKER_NOW + 60, true);
    CHECK_RULE(&w, "add-not-verified");
}

TEST(who_ran_out_may_be_taken_out_by_anybody_after_a_minute)
{
    WORLD(w);
    CLUB(c, w);
    w.leaf[COHOST] = leaf_of(&w, &c, COHOST, MAKER_NOW, true);
    propose(&w, GUEST, IC_MLS_REMOVE)->remove = COHOST;
    CHECK_RULE(&w, "remove-without-authority"); /* still good */
    set_data(&w, NOW_MS + 1000, ic_view(NULL, 0), ic_view(NULL, 0));
    CHECK_RULE(&w, "remove-without-authority"); /* over, but the minute is not */
    set_data(&w, NOW_MS + IC_RULES_GRACE_MS, ic_view(NULL, 0), ic_view(NULL, 0));
    CHECK_RULE(&w, "remove-without-authority");
    set_data(&w, NOW_MS + IC_RULES_GRACE_MS + 1000, ic_view(NULL, 0), ic_view(NULL, 0));
    CHECK_ALLOWED(&w);
    CHECK(ic_rules_removes_by_time(&w.group, &w.change));
    w.leaf[COHOST] = leaf_of(&w, &c, COHOST, MAKER_NOW + 3600, true); /* renewed in between */
    CHECK_RULE(&w, "remove-without-authority");
    w.item[0].sender.index = ORGANISER; /* a host may all the same */
    CHECK_ALLOWED(&w);
    CHECK(!ic_rules_removes_by_time(&w.group, &w.change));
}

TEST(no_certificate_runs_out_where_the_terms_do_not_ask_for_any)
{
    WORLD(w);
    CLUB(c, w);
    struct ic_wire_terms t = world_terms(&w);
    t.admission = IC_WIRE_HOST_ADMITS;
    t.seq++;
    world_resign(&w, &t, ORGANISER);
    w.leaf[COHOST] = leaf_of(&w, &c, COHOST, MAKER_NOW - 3600, true);
    propose(&w, GUEST, IC_MLS_REMOVE)->remove = COHOST;
    CHECK_RULE(&w, "remove-without-authority");
    w.change.count = 0;
    propose_add(&w, COHOST);
    CHECK_ALLOWED(&w);
}

TEST(a_renewal_and_a_resync_must_be_verified_too)
{
    WORLD(w);
    CLUB(c, w);
    struct ic_mlspub_leaf_node path = leaf_of(&w, &c, GUEST, MAKER_NOW - 1, true);
    w.change.path_leaf = &path;
    CHECK_RULE(&w, "renewal-not-verified"); /* an older one, which has run out */
    path = leaf_of(&w, &c, GUEST, MAKER_NOW + 7200, true);
    CHECK_ALLOWED(&w);
    path = w.leaf[GUEST] = leaf_of(&w, &c, GUEST, MAKER_NOW - 1, true);
    CHECK_ALLOWED(&w); /* new keys alone, within the minute */
    w.change.sender = (struct ic_mlspub_sender){IC_MLS_SENDER_NEW_MEMBER_COMMIT, 0};
    propose(&w, GUEST, IC_MLS_REMOVE)->remove = GUEST;
    CHECK_RULE(&w, "add-not-verified");
    path = leaf_of(&w, &c, GUEST, MAKER_NOW + 7200, true);
    CHECK_ALLOWED(&w);
}

TEST(a_meeting_for_the_verified_is_opened_by_one_and_lists_a_root)
{
    WORLD(w);
    CLUB(c, w);
    struct ic_rules_fault f = {"", 0};
    w.context.epoch = 0;
    CHECK_OK(ic_rules_new_group(&w.context, &w.leaf[ORGANISER], ic_view(NULL, 0), NOW_MS, &f));
    CHECK_ERR(ic_rules_new_group(&w.context, &w.leaf[ORGANISER], ic_view(NULL, 0), 2 * NOW_MS, &f),
              IC_ERR_RULE);
    CHECK(strcmp(f.rule, "group-not-verified") == 0);
    w.leaf[ORGANISER].credential = (struct ic_mlspub_credential){IC_MLS_BASIC, IC_VIEW_STR("Olga")};
    CHECK_ERR(ic_rules_new_group(&w.context, &w.leaf[ORGANISER], ic_view(NULL, 0), NOW_MS, &f),
              IC_ERR_RULE);
    struct ic_wire_terms t = world_terms(&w);
    t.roots = ic_view(NULL, 0);
    t.seq++;
    world_resign(&w, &t, ORGANISER);
    t = world_terms(&w);
    CHECK_ERR(ic_rules_terms_verify(&t, ic_view(NULL, 0), &f), IC_ERR_RULE);
    CHECK(strcmp(f.rule, "terms-no-root") == 0);
}
