#include "world.h"
#include <ic/crypto/hash.h>
#include <string.h>

static void propose_terms(struct world *w, uint32_t by, struct ic_buf *extensions,
                          const struct ic_wire_terms *t, int signer)
{
    IC_BUF_SCOPE(next, 1 << 20);
    struct ic_wire_terms former = world_terms(w);
    CHECK_OK(ic_rules_terms_sign(t, signer == METER ? NULL : &former, w->key[signer], &next));
    ic_buf_reset(extensions);
    make_extensions(extensions, ic_buf_view(&next), IC_VIEW_STR("the server"));
    w->change.count = 0;
    propose(w, by, IC_MLS_GROUP_CONTEXT_EXTENSIONS)->group_context_extensions =
        ic_buf_view(extensions);
}

TEST(hosts_change_terms)
{
    WORLD(w);
    IC_BUF_SCOPE(x, 1 << 20);
    struct ic_wire_terms t = world_terms(&w);
    t.locked = 1;
    t.seq = 5;
    propose_terms(&w, COHOST, &x, &t, COHOST);
    CHECK_ALLOWED(&w);
    propose_terms(&w, COHOST, &x, &t, METER);
    CHECK_ALLOWED(&w);
    propose_terms(&w, GUEST, &x, &t, COHOST);
    CHECK_RULE(&w, "terms-without-host");
    CHECK_EQ_INT(w.fault.leaf, GUEST);
}

TEST(terms_that_may_not_follow)
{
    WORLD(w);
    IC_BUF_SCOPE(x, 1 << 20);
    const struct ic_wire_terms was = world_terms(&w);
    struct ic_wire_terms t = was;
    t.locked = 1;
    propose_terms(&w, COHOST, &x, &t, COHOST);
    CHECK_RULE(&w, "terms-seq");
    propose_terms(&w, COHOST, &x, &t, METER);
    CHECK_RULE(&w, "terms-seq");
    t.seq = UINT64_MAX; /* the last terms there could ever be */
    propose_terms(&w, COHOST, &x, &t, COHOST);
    CHECK_RULE(&w, "terms-seq");
    t.seq = 2;
    const struct {
        struct ic_wire_terms t;
        const char *rule;
    } rows[] = {
        {{.kind = IC_WIRE_PERSONAL}, "terms-fixed"},
        {{.meeting_id = IC_VIEW_INIT("another meeting!")}, "terms-fixed"},
        {{.suite = 3}, "terms-fixed"},
        {{.sframe_suite = 5}, "terms-fixed"},
        {{.meeting_key = IC_VIEW_INIT("another key")}, "terms-fixed"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ic_wire_terms next = t;
        next.kind = rows[i].t.kind ? rows[i].t.kind : t.kind;
        next.suite = rows[i].t.suite ? rows[i].t.suite : t.suite;
        next.sframe_suite = rows[i].t.sframe_suite ? rows[i].t.sframe_suite : t.sframe_suite;
        next.meeting_id = rows[i].t.meeting_id.len ? rows[i].t.meeting_id : t.meeting_id;
        next.meeting_key = rows[i].t.meeting_key.len ? rows[i].t.meeting_key : t.meeting_key;
        propose_terms(&w, COHOST, &x, &next, COHOST);
        CHECK_RULE(&w, rows[i].rule);
    }
    t.locked = 0;
    t.hosts = ic_view(NULL, 0);
    propose_terms(&w, COHOST, &x, &t, COHOST);
    CHECK_RULE(&w, "terms-no-host");
    t.locked = 1;
    propose_terms(&w, COHOST, &x, &t, COHOST);
    CHECK_ALLOWED(&w); /* the last host locks the room behind it */
}

TEST(other_extensions_are_fixed)
{
    WORLD(w);
    IC_BUF_SCOPE(x, 1 << 20);
    make_extensions(&x, ic_buf_view(&w.terms), IC_VIEW_STR("another server"));
    propose(&w, ORGANISER, IC_MLS_GROUP_CONTEXT_EXTENSIONS)->group_context_extensions =
        ic_buf_view(&x);
    CHECK_RULE(&w, "extensions-fixed");
    ic_buf_reset(&x);
    make_extensions(&x, ic_buf_view(&w.terms), IC_VIEW_STR("the server"));
    w.proposal[0].group_context_extensions = ic_buf_view(&x);
    CHECK_ALLOWED(&w); /* the same once more changes nothing */
    w.proposal[0].group_context_extensions = ic_view(NULL, 0);
    CHECK_RULE(&w, "extensions-fixed");
}

TEST(terms_signed_by_a_stranger)
{
    WORLD(w);
    IC_BUF_SCOPE(x, 1 << 20);
    struct ic_wire_terms t = world_terms(&w), forged;
    t.seq = 2;
    t.locked = 1;
    propose_terms(&w, COHOST, &x, &t, METER);
    IC_BUF_SCOPE(bytes, 1 << 20);
    CHECK_OK(ic_rules_terms_sign(&t, NULL, w.key[STRANGER], &bytes));
    CHECK_OK(ic_wire_terms_decode(ic_buf_view(&bytes), &forged));
    struct ic_wire_terms former = world_terms(&w);
    struct ic_rules_fault f = {0};
    CHECK_ERR(ic_rules_terms_follow(&former, &forged, &f), IC_ERR_RULE);
    CHECK(strcmp(f.rule, "terms-signer") == 0);
    CHECK_ERR(ic_rules_terms_verify(&forged, ic_view(NULL, 0), &f), IC_ERR_RULE);
    CHECK(strcmp(f.rule, "terms-chain") == 0);
    forged.signer = forged.meeting_key;
    CHECK_ERR(ic_rules_terms_verify(&forged, ic_view(NULL, 0), &f), IC_ERR_RULE);
    CHECK(strcmp(f.rule, "terms-signature") == 0);
    CHECK_ERR(ic_rules_terms_sign(&t, &former, w.key[GUEST], &bytes), IC_ERR_DENIED);
}

TEST(terms_pin)
{
    WORLD(w);
    uint8_t pin[32];
    struct ic_rules_fault f = {0};
    struct ic_wire_terms t = world_terms(&w);
    ic_hash_once(IC_SHA256, key_of(&w, METER), pin);
    CHECK_OK(ic_rules_terms_verify(&t, IC_VIEW_ARRAY(pin), &f));
    pin[0] ^= 1;
    CHECK_ERR(ic_rules_terms_verify(&t, IC_VIEW_ARRAY(pin), &f), IC_ERR_RULE);
    CHECK(strcmp(f.rule, "terms-pin") == 0);
}

/* The organiser names the guest, who names the stranger: a newcomer can follow that. */
static void name_host(struct world *w, int who, int signer)
{
    IC_BUF_SCOPE(hosts, 1000);
    struct ic_wire_terms t = world_terms(w);
    CHECK_OK(ic_buf_append(&hosts, t.hosts));
    CHECK_OK(ic_wire_list_add(&hosts, key_of(w, who)));
    t.hosts = ic_buf_view(&hosts);
    t.seq++;
    world_resign(w, &t, signer);
}

TEST(terms_chain_of_named_hosts)
{
    WORLD(w);
    struct ic_rules_fault f = {0};
    name_host(&w, GUEST, ORGANISER);
    name_host(&w, STRANGER, GUEST);
    struct ic_wire_terms t = world_terms(&w);
    t.seq++;
    world_resign(&w, &t, STRANGER);
    t = world_terms(&w);
    CHECK_OK(ic_rules_terms_verify(&t, ic_view(NULL, 0), &f));
    size_t n = 0;
    struct ic_view rest = t.chain, item;
    while (ic_wire_list_next(&rest, &item))
        n++;
    CHECK_EQ_INT(n, 3);
    struct ic_wire_terms cut = t;
    cut.chain = ic_view_sub(t.chain, 0, 0);
    CHECK_ERR(ic_rules_terms_verify(&cut, ic_view(NULL, 0), &f), IC_ERR_RULE);
    t.seq++;
    world_resign(&w, &t, COHOST); /* the first terms name him: the chain is short again */
    t = world_terms(&w);
    CHECK_OK(ic_rules_terms_verify(&t, ic_view(NULL, 0), &f));
    rest = t.chain;
    for (n = 0; ic_wire_list_next(&rest, &item);)
        n++;
    CHECK_EQ_INT(n, 1);
}

TEST(terms_chain_with_a_forged_link)
{
    WORLD(w);
    struct ic_rules_fault f = {0};
    name_host(&w, GUEST, ORGANISER);
    name_host(&w, STRANGER, GUEST);
    struct ic_wire_terms t = world_terms(&w);
    w.terms.p[w.terms.len - 80] ^= 1; /* inside the chain's last item */
    ic_err e = ic_wire_terms_decode(ic_buf_view(&w.terms), &t);
    if (e == IC_OK)
        e = ic_rules_terms_verify(&t, ic_view(NULL, 0), &f);
    CHECK(e != IC_OK);
}

static ic_err sign_and_verify(void *ctx)
{
    struct world *w = ctx;
    IC_BUF_SCOPE(next, 1 << 20);
    struct ic_wire_terms former = world_terms(w), t = former;
    t.seq += 5;
    IC_TRY(ic_rules_terms_sign(&t, &former, w->key[COHOST], &next));
    IC_TRY(ic_wire_terms_decode(ic_buf_view(&next), &t));
    IC_TRY(ic_rules_terms_follow(&former, &t, NULL));
    return ic_rules_judge(&w->group, &w->change, NULL);
}

TEST(terms_survive_failing_allocations)
{
    WORLD(w);
    name_host(&w, GUEST, ORGANISER);
    propose_add(&w, COHOST);
    CHECK(ic_test_each_alloc_fails(sign_and_verify, &w) > 0);
}
