/* Groups whose members carry X.509 credentials: they add, join, commit and renew, and refuse what
 * they must. */
#include "ring.h"

#include <ic/base/mem.h>
#include <string.h>

/* A new key with the same names: an identity to commit or to propose. */
static ic_err renewed(struct ring *r, size_t who, struct ic_mls_identity *out)
{
    struct ic_sign_key *fresh;
    IC_TRY(ic_sign_key_generate(r->w.suite->sig, &r->w.config.rand, &fresh));
    *out = r->w.people[who].id;
    out->signer = fresh;
    r->former[r->former_count++] = r->w.people[who].signer;
    r->w.people[who].signer = fresh;
    return ring_certify_person(r, who, out);
}

static void play(const struct ic_suite *suite)
{
    RING_SCOPE(r);
    struct world *w = &r.w;
    struct ic_mls_identity id;
    CHECK_OK(ring_init(&r, suite));
    CHECK_OK(world_create(w));
    CHECK_OK(world_add(w, 0, (const size_t[]){1, 2}, 2));
    CHECK_OK(world_talk(w, 1));
    CHECK_OK(world_update(w, 2));
    CHECK_OK(world_join_external(w, 3, 0, IC_MLSPUB_NO_LEAF));
    CHECK(world_agrees(w));
    /* A renewed certificate, by commit and by proposal. */
    CHECK_OK(renewed(&r, 0, &id));
    CHECK_OK(world_commit(w, 0, &(struct ic_mls_commit_params){.identity = &id}, NULL, NULL, 0));
    CHECK(world_agrees(w));
    CHECK_OK(renewed(&r, 1, &id));
    IC_BUF_SCOPE(proposal, 1 << 20);
    CHECK_OK(ic_mls_propose_update(w->people[1].g, &id, ic_view(NULL, 0), &proposal));
    CHECK_OK(world_propose(w, 1, &proposal));
    CHECK_OK(world_update(w, 2));
    CHECK(world_agrees(w));
    CHECK_OK(world_talk(w, 1));
    CHECK_OK(world_remove(w, 0, 3));
    CHECK(world_agrees(w));
    CHECK_EQ_INT(world_count(w), 3);
}

TEST(x509_group_in_every_suite)
{
    size_t n = 0;
    for (; ic_suite_at(n); n++) {
        play(ic_suite_at(n));
        if (ic_test_failed())
            ic_test_fail(__FILE__, __LINE__, "suite %u", ic_suite_at(n)->id);
    }
    CHECK_EQ_INT(n, 7);
}

/* All members must understand each other's kind of credential (section 7.3). */
static void make_basic(struct ic_mls_identity *id)
{
    id->credential = (struct ic_mlspub_credential){IC_MLS_BASIC, IC_VIEW_STR("somebody")};
    id->credential_types = IC_VIEW_STR("\0\1\0\2");
}

/* ---- what is refused ---- */

/* Member 0 commits what he did not check; member 1 refuses it for the reason and stays as he was.
 */
static void refused(struct ring *r, struct ic_mls_commit_params *p, enum ic_pki_reason reason)
{
    struct world *w = &r->w;
    struct ic_mls_staged *s;
    struct ic_mls_received received;
    IC_BUF_SCOPE(before, 1 << 20);
    IC_BUF_SCOPE(after, 1 << 20);
    CHECK_OK(world_snapshot(w->people[1].g, &before));
    r->blind = true;
    CHECK_OK(ic_mls_commit_create(w->people[0].g, p, &s));
    r->blind = false;
    ic_err e = ic_mls_process(w->people[1].g, ic_mls_staged_commit(s), &received);
    ic_mls_discard(s);
    CHECK_ERR(e, ic_pki_reason_err(reason));
    CHECK_EQ_INT(r->verifier.fault.reason, reason);
    CHECK_OK(world_snapshot(w->people[1].g, &after));
    CHECK_BYTES(ic_buf_view(&after), ic_buf_view(&before));
    if (p->add_count > 0) /* who does check does not even send it */
        CHECK_ERR(ic_mls_commit_create(w->people[0].g, p, &s), ic_pki_reason_err(reason));
}

static void refused_add(struct ring *r, const struct ic_mls_identity *id, enum ic_pki_reason reason)
{
    struct ic_mls_key_package *k;
    r->blind = true;
    CHECK_OK(ic_mls_key_package_new(&r->w.config, id, ic_view(NULL, 0), &k));
    r->blind = false;
    struct ic_view message = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {.adds = &message, .add_count = 1};
    refused(r, &p, reason);
    ic_mls_key_package_free(k);
}

static ic_err two_members(struct ring *r)
{
    IC_TRY(ring_init(r, ic_suite_find(1)));
    IC_TRY(world_create(&r->w));
    return world_add(&r->w, 0, (const size_t[]){1}, 1);
}

TEST(x509_newcomer_is_judged)
{
    RING_SCOPE(r);
    CHECK_OK(two_members(&r));
    struct ic_mls_identity id = r.w.people[2].id;
    struct maker_key key = {.sig = IC_ED25519, .key = r.w.people[2].signer};
    struct maker_spec s = ring_below(&r, "CN=Cleo", "email:cleo@ring.example", &key);
    s.not_after = (int64_t)world_now - 3600;
    CHECK_OK(ring_certify(&r, &id, &s));
    refused_add(&r, &id, IC_PKI_EXPIRED);
    s = ring_below(&r, "CN=Cleo", "email:cleo@ring.example", &key);
    s.purposes = IC_PKI_FOR_SERVER_AUTH;
    CHECK_OK(ring_certify(&r, &id, &s));
    refused_add(&r, &id, IC_PKI_PURPOSE);
    s = ring_below(&r, "CN=Cleo", "email:cleo@ring.example", maker_key(&r.m, IC_ED25519));
    CHECK_OK(ring_certify(&r, &id, &s));
    refused_add(&r, &id, IC_PKI_KEY_MISMATCH);
    s = ring_below(&r, "CN=Cleo", "email:cleo@ring.example", &key);
    s.signer = maker_key(&r.m, IC_ED25519);
    CHECK_OK(ring_certify(&r, &id, &s));
    refused_add(&r, &id, IC_PKI_SIGNATURE);
    make_basic(&id);
    refused_add(&r, &id, IC_PKI_NOT_X509);
    id.credential = (struct ic_mlspub_credential){IC_MLS_X509, IC_VIEW_STR("\x01x")};
    refused_add(&r, &id, IC_PKI_MALFORMED);
}

/* Section 5.3.1: a leaf may not become somebody else. */
TEST(x509_successor_is_the_same_person)
{
    RING_SCOPE(r);
    CHECK_OK(two_members(&r));
    struct ic_mls_identity id = r.w.people[0].id;
    struct maker_key key = {.sig = IC_ED25519, .key = r.w.people[0].signer};
    struct maker_spec s = ring_below(&r, "CN=Ana", "URI:im:ben@ring.example", &key);
    struct ic_mls_commit_params p = {.identity = &id};
    CHECK_OK(ring_certify(&r, &id, &s));
    refused(&r, &p, IC_PKI_SUCCESSOR);
    r.verifier.accept_basic = true;
    make_basic(&id);
    refused(&r, &p, IC_PKI_SUCCESSOR);
}

/* A certificate that ran out stays in the tree; its owner's next leaf needs a new one. */
TEST(x509_certificate_runs_out_in_a_group)
{
    RING_SCOPE(r);
    CHECK_OK(two_members(&r));
    r.w.now_s = world_now + 2 * 86400;
    struct ic_mls_commit_params p = {.force_path = true};
    refused(&r, &p, IC_PKI_EXPIRED);
    CHECK(strstr(r.verifier.fault.text, "certificate 0 (CN=Ana)") != NULL);
    struct ic_mls_identity id = r.w.people[0].id;
    struct maker_key key = {.sig = IC_ED25519, .key = r.w.people[0].signer};
    struct maker_spec s = ring_below(&r, "CN=Ana", "URI:im:ana@ring.example", &key);
    s.not_after = (int64_t)world_now + 4 * 86400;
    CHECK_OK(ring_certify(&r, &id, &s));
    p = (struct ic_mls_commit_params){.identity = &id};
    CHECK_OK(world_commit(&r.w, 0, &p, NULL, NULL, 0));
    CHECK(world_agrees(&r.w));
}

/* A certificate of this minute, and a clock that is five behind. */
TEST(x509_clock_behind_does_not_cost_the_group)
{
    RING_SCOPE(r);
    CHECK_OK(two_members(&r));
    struct ic_mls_identity *id = &r.w.people[2].id;
    struct maker_key key = {.sig = IC_ED25519, .key = r.w.people[2].signer};
    struct maker_spec s = ring_below(&r, "CN=Cleo", "email:cleo@ring.example", &key);
    s.not_before = (int64_t)world_now + 300;
    CHECK_OK(ring_certify(&r, id, &s));
    CHECK_OK(world_add(&r.w, 0, (const size_t[]){2}, 1));
    CHECK(world_agrees(&r.w));
    r.verifier.clock_skew_s = 60;
    CHECK_ERR(world_update(&r.w, 2), IC_ERR_EXPIRED);
}

static ic_err only_ana(void *ctx, const struct ic_mlspub_leaf_node *leaf,
                       const struct ic_pki_verdict *verdict)
{
    char name[32];
    (void)ctx;
    (void)leaf;
    ic_pki_common_name(verdict->leaf->subject, name, sizeof name);
    return strcmp(name, "Ana") == 0 ? IC_OK : IC_ERR_DENIED;
}

TEST(x509_application_has_the_last_word)
{
    RING_SCOPE(r);
    CHECK_OK(two_members(&r));
    r.verifier.accept = only_ana;
    refused_add(&r, &r.w.people[2].id, IC_PKI_APPLICATION);
    CHECK_OK(world_update(&r.w, 0));
}

TEST(basic_credentials_beside_x509_on_request)
{
    RING_SCOPE(r);
    CHECK_OK(two_members(&r));
    r.verifier.accept_basic = true;
    make_basic(&r.w.people[2].id);
    CHECK_OK(world_add(&r.w, 0, (const size_t[]){2}, 1));
    CHECK_OK(world_update(&r.w, 2));
    CHECK(world_agrees(&r.w));
}
