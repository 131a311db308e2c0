/* Many leaves at once, and answers that come later. */
#include "ring.h"

#include <ic/base/mem.h>
#include <string.h>

/* Six members behind one authority; who joins last judges all of them in one call. */
static ic_err six_members(struct ring *r)
{
    IC_TRY(ring_init(r, ic_suite_find(2)));
    for (size_t i = 4; i < 6; i++) {
        struct ic_mls_identity *id = &r->w.people[i].id;
        struct maker_key key = {.sig = ic_sign_key_id(id->signer), .key = r->w.people[i].signer};
        struct maker_spec s = ring_below(r, i == 4 ? "CN=Emil" : "CN=Fay", NULL, &key);
        IC_TRY(ring_certify(r, id, &s));
    }
    IC_TRY(world_create(&r->w));
    return world_add(&r->w, 0, (const size_t[]){1, 2, 3, 4}, 4);
}

static void at_once(void *ctx, const struct ic_mlspub_candidate *candidates, size_t n,
                    ic_err *verdicts)
{
    struct ring *r = ctx;
    if (n > r->most_at_once)
        r->most_at_once = n;
    ic_pkimls_check_credentials(&r->verifier, candidates, n, verdicts);
}

TEST(x509_tree_is_judged_at_once)
{
    RING_SCOPE(r);
    CHECK_OK(six_members(&r));
    r.w.config.check_credential = NULL;
    r.w.config.check_credentials = at_once;
    CHECK_OK(world_add(&r.w, 1, (const size_t[]){5}, 1));
    CHECK(world_agrees(&r.w));
    CHECK(r.most_at_once >= 5);
    CHECK_EQ_INT(r.verifier.fault.reason, IC_PKI_NONE);
}

TEST(x509_tree_with_one_bad_leaf_is_refused_for_it)
{
    RING_SCOPE(r);
    CHECK_OK(six_members(&r));
    r.w.config.check_credential = NULL;
    r.w.config.check_credentials = at_once;
    /* Emil's certificate, at leaf 4, is not what the newcomer's root says. */
    struct ic_mls_identity *emil = &r.w.people[4].id;
    struct maker_key key = {.sig = ic_sign_key_id(emil->signer), .key = r.w.people[4].signer};
    struct maker_spec s = ring_below(&r, "CN=Emil", NULL, &key);
    s.signer = maker_key(&r.m, r.w.suite->sig);
    CHECK_OK(ring_certify(&r, emil, &s));
    r.blind = true; /* the others, who still have the old callback, do not look */
    CHECK_OK(
        world_commit(&r.w, 4, &(struct ic_mls_commit_params){.identity = emil}, NULL, NULL, 0));
    CHECK_ERR(world_add(&r.w, 0, (const size_t[]){5}, 1), IC_ERR_SIGNATURE);
    CHECK_EQ_INT(r.verifier.fault.reason, IC_PKI_SIGNATURE);
    CHECK_EQ_INT(r.verifier.leaf, 4);
}

/* A commit of member 0 that adds member 5, whose verdict is not there yet. */
static ic_err staged_add(struct ring *r, struct ic_mls_staged **out)
{
    struct ic_mls_key_package *k;
    IC_TRY(ic_mls_key_package_new(&r->w.config, &r->w.people[5].id, ic_view(NULL, 0), &k));
    struct ic_view add = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {.adds = &add, .add_count = 1};
    r->later = true;
    ic_err e = ic_mls_commit_create(r->w.people[0].g, &p, out);
    r->later = false;
    ic_mls_key_package_free(k);
    return e;
}

/* The chain stands in the staged commit: nothing of ours need be kept for it. */
TEST(x509_verdict_may_come_later)
{
    RING_SCOPE(r);
    struct ic_mls_staged *s;
    const struct ic_mlspub_candidate *c;
    CHECK_OK(six_members(&r));
    CHECK_OK(staged_add(&r, &s));
    CHECK_EQ_INT(ic_mls_staged_commit(s).len, 0);
    CHECK((c = ic_mls_staged_unjudged(s, 0)) != NULL);
    CHECK_OK(ic_mls_staged_judge(s, c->index,
                                 ic_pkimls_check_credential(&r.verifier, c->leaf, c->former)));
    CHECK(ic_mls_staged_unjudged(s, 0) == NULL);
    CHECK(ic_mls_staged_commit(s).len > 0);
    CHECK_OK(ic_mls_merge(r.w.people[0].g, s));
    CHECK_EQ_INT(ic_mls_member_count(r.w.people[0].g), 6);
}

TEST(x509_later_verdict_is_of_its_time)
{
    RING_SCOPE(r);
    struct ic_mls_staged *s;
    const struct ic_mlspub_candidate *c;
    CHECK_OK(six_members(&r));
    CHECK_OK(staged_add(&r, &s));
    CHECK((c = ic_mls_staged_unjudged(s, 0)) != NULL);
    r.w.now_s += 2 * 86400; /* the answer took two days */
    ic_err verdict = ic_pkimls_check_credential(&r.verifier, c->leaf, c->former);
    CHECK_ERR(verdict, IC_ERR_EXPIRED);
    CHECK_OK(ic_mls_staged_judge(s, c->index, verdict));
    CHECK_ERR(ic_mls_merge(r.w.people[0].g, s), IC_ERR_EXPIRED);
    CHECK_EQ_INT(ic_mls_member_count(r.w.people[0].g), 5);
}

TEST(x509_external_sender_is_judged)
{
    RING_SCOPE(r);
    CHECK_OK(ring_init(&r, ic_suite_find(1)));
    struct maker_key *key = maker_key(&r.m, IC_ED25519);
    struct ic_mls_identity id = {0};
    struct maker_spec s = ring_below(&r, "CN=Delivery", "DNS:delivery.ring.example", key);
    CHECK_OK(ring_certify(&r, &id, &s));
    struct ic_mlspub_external_sender sender = {maker_public(key), id.credential};
    CHECK_OK(ic_pkimls_check_external_sender(&r.verifier, &sender));
    sender.signature_key = maker_public(r.root);
    CHECK_ERR(ic_pkimls_check_external_sender(&r.verifier, &sender), IC_ERR_KEY);
    sender.credential = (struct ic_mlspub_credential){IC_MLS_BASIC, IC_VIEW_STR("delivery")};
    CHECK_ERR(ic_pkimls_check_external_sender(&r.verifier, &sender), IC_ERR_UNSUPPORTED);
    r.verifier.accept_basic = true;
    CHECK_OK(ic_pkimls_check_external_sender(&r.verifier, &sender));
}
