/* Roots, the memory of signatures, batches, and what is said of a failure. */
#include <ic/pki/store.h>

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

#include "cases.h"

/* A root, an authority below it, and leaves below that. */
struct ring {
    struct maker m;
    struct trio t;
    struct ic_view root, inter;
    struct ic_pki_store *store;
    struct ic_buf bytes;
};

static void ring_clear(struct ring *r)
{
    ic_pki_store_free(r->store);
    ic_buf_clear(&r->bytes);
    maker_clear(&r->m);
}

#define RING_SCOPE(name, policy)                                                                   \
    __attribute__((cleanup(ring_clear))) struct ring name;                                         \
    ring_init(&name, policy)

static void ring_init(struct ring *r, struct ic_pki_policy policy)
{
    static struct cases c;
    memset(r, 0, sizeof *r);
    maker_init(&r->m, 5);
    ic_buf_init(&r->bytes, 1 << 20);
    c.m = &r->m;
    r->t = cases_trio(&c, IC_ED25519, IC_ED25519, IC_ED25519);
    r->root = maker_cert(&r->m, &r->t.root);
    r->inter = maker_cert(&r->m, &r->t.inter);
    CHECK_OK(ic_pki_store_new(&policy, &r->store));
    CHECK_OK(ic_pki_store_add_root(r->store, r->root, NULL));
}

/* A chain of a new leaf; the bytes live in the maker. */
static ic_err ring_chain(struct ring *r, struct ic_pki_chain *out)
{
    struct ic_view certs[] = {maker_cert(&r->m, &r->t.leaf), r->inter};
    ic_buf_reset(&r->bytes);
    IC_TRY(ic_pki_chain_encode(certs, 2, &r->bytes));
    return ic_pki_chain_decode(maker_copy(&r->m, ic_buf_view(&r->bytes)), 0, out, NULL);
}

static ic_err validate(struct ring *r, const struct ic_pki_chain *chain, int64_t now,
                       struct ic_pki_verdict *v)
{
    struct ic_pki_want want = {maker_public(r->t.leaf.key), NULL, 0};
    return ic_pki_validate(r->store, chain, &want, (uint64_t)now, v, NULL);
}

TEST(verdict_names_leaf_root_and_time)
{
    RING_SCOPE(r, (struct ic_pki_policy){0});
    struct ic_pki_chain chain;
    struct ic_pki_verdict v;
    r.t.leaf.not_before = MAKER_NOW - 10;
    CHECK_OK(ring_chain(&r, &chain));
    CHECK_OK(validate(&r, &chain, MAKER_NOW, &v));
    CHECK(v.leaf == &chain.certs[0]);
    CHECK(v.root == ic_pki_store_root(r.store, 0));
    CHECK_EQ_INT(v.not_before, MAKER_NOW - 10);
    CHECK_EQ_INT(v.not_after, MAKER_NOW + 86400);
    CHECK_EQ_INT(v.path_len, 3);
    CHECK_EQ_INT(v.verified, 2);
}

TEST(authority_is_checked_once)
{
    RING_SCOPE(r, (struct ic_pki_policy){0});
    struct ic_pki_chain chain, other;
    struct ic_pki_verdict v;
    CHECK_OK(ring_chain(&r, &chain));
    CHECK_OK(ring_chain(&r, &other));
    CHECK_OK(validate(&r, &chain, MAKER_NOW, &v));
    CHECK_EQ_INT(v.verified, 2);
    CHECK_OK(validate(&r, &other, MAKER_NOW, &v));
    CHECK_EQ_INT(v.verified, 1);
    CHECK_OK(validate(&r, &other, MAKER_NOW, &v));
    CHECK_EQ_INT(v.verified, 0);
    ic_pki_store_forget(r.store);
    CHECK_OK(validate(&r, &other, MAKER_NOW, &v));
    CHECK_EQ_INT(v.verified, 2);
}

TEST(policy_says_what_is_remembered)
{
    RING_SCOPE(r, (struct ic_pki_policy){.forget_leaves = true});
    struct ic_pki_chain chain;
    struct ic_pki_verdict v;
    CHECK_OK(ring_chain(&r, &chain));
    CHECK_OK(validate(&r, &chain, MAKER_NOW, &v));
    CHECK_OK(validate(&r, &chain, MAKER_NOW, &v));
    CHECK_EQ_INT(v.verified, 1);
    RING_SCOPE(n, (struct ic_pki_policy){.no_cache = true});
    CHECK_OK(ring_chain(&n, &chain));
    CHECK_OK(validate(&n, &chain, MAKER_NOW, &v));
    CHECK_OK(validate(&n, &chain, MAKER_NOW, &v));
    CHECK_EQ_INT(v.verified, 2);
}

/* What is remembered never outlives its time, nor the roots. */
TEST(memory_does_not_stretch_validity)
{
    RING_SCOPE(r, (struct ic_pki_policy){0});
    struct ic_pki_chain chain;
    struct ic_pki_verdict v;
    CHECK_OK(ring_chain(&r, &chain));
    CHECK_OK(validate(&r, &chain, MAKER_NOW, &v));
    CHECK_ERR(validate(&r, &chain, MAKER_NOW + 86401, &v), IC_ERR_EXPIRED);
    CHECK_ERR(validate(&r, &chain, MAKER_NOW - 86401, &v), IC_ERR_EXPIRED);
    uint8_t fingerprint[IC_PKI_FINGERPRINT_LEN];
    memcpy(fingerprint, ic_pki_store_root(r.store, 0)->fingerprint, sizeof fingerprint);
    CHECK_OK(ic_pki_store_remove_root(r.store, fingerprint));
    CHECK_ERR(validate(&r, &chain, MAKER_NOW, &v), IC_ERR_AUTH);
    CHECK_ERR(ic_pki_store_remove_root(r.store, fingerprint), IC_ERR_NOT_FOUND);
    CHECK_OK(ic_pki_store_add_root(r.store, r.root, NULL));
    CHECK_OK(validate(&r, &chain, MAKER_NOW, &v));
    CHECK_EQ_INT(v.verified, 2); /* another root's coming and going emptied the memory */
}

/* Ten minutes on either side, for clocks that differ. */
TEST(clocks_may_differ_by_so_much)
{
    RING_SCOPE(r, (struct ic_pki_policy){0});
    struct ic_pki_chain chain;
    struct ic_pki_verdict v;
    struct ic_pki_want want = {maker_public(r.t.leaf.key), NULL, 600};
    static const struct {
        int64_t now;
        enum ic_pki_reason reason;
    } rows[] = {
        {MAKER_NOW + 86400 + 600, IC_PKI_NONE},
        {MAKER_NOW + 86400 + 601, IC_PKI_EXPIRED},
        {MAKER_NOW - 86400 - 600, IC_PKI_NONE},
        {MAKER_NOW - 86400 - 601, IC_PKI_NOT_YET},
        {INT64_MAX, IC_PKI_EXPIRED},
    };
    CHECK_OK(ring_chain(&r, &chain));
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++)
        CHECK_ERR(ic_pki_validate(r.store, &chain, &want, (uint64_t)rows[i].now, &v, NULL),
                  ic_pki_reason_err(rows[i].reason));
    CHECK_ERR(ic_pki_validate(r.store, &chain, &want, UINT64_MAX, &v, NULL), IC_ERR_EXPIRED);
}

/* A small memory holds the authority that all use, however many leaves pass by. */
TEST(memory_is_bounded)
{
    RING_SCOPE(r, (struct ic_pki_policy){.max_cache = 8});
    struct ic_pki_chain chain, first;
    struct ic_pki_verdict v;
    for (size_t i = 0; i < 40; i++) {
        CHECK_OK(ring_chain(&r, &chain));
        CHECK_OK(validate(&r, &chain, MAKER_NOW, &v));
        CHECK_EQ_INT(v.verified, i == 0 ? 2 : 1);
        if (i == 0)
            first = chain;
    }
    CHECK_OK(validate(&r, &first, MAKER_NOW, &v));
    CHECK_EQ_INT(v.verified, 1); /* its leaf was pushed out */
}

/* A stranger's chain that is sound in itself leaves no trace. */
TEST(strangers_are_not_remembered)
{
    RING_SCOPE(r, (struct ic_pki_policy){0});
    RING_SCOPE(stranger, (struct ic_pki_policy){0});
    struct ic_pki_chain chain;
    struct ic_pki_verdict v;
    struct ic_pki_want want;
    stranger.t.inter.signer = maker_key(&stranger.m, IC_ED25519); /* not the root that it names */
    stranger.inter = maker_cert(&stranger.m, &stranger.t.inter);
    CHECK_OK(ring_chain(&stranger, &chain));
    want = (struct ic_pki_want){maker_public(stranger.t.leaf.key), NULL, 0};
    for (int i = 0; i < 2; i++) {
        struct ic_pki_fault fault;
        CHECK_ERR(ic_pki_validate(r.store, &chain, &want, MAKER_NOW, &v, &fault), IC_ERR_SIGNATURE);
        CHECK_EQ_INT(fault.index, 1);
    }
}

TEST(batch_checks_common_authorities_once)
{
    enum { N = 20, BAD = 7 };
    static struct ic_pki_chain chains[N];
    static struct ic_pki_job jobs[N];
    RING_SCOPE(r, (struct ic_pki_policy){0});
    uint32_t verified = 0;
    for (size_t i = 0; i < N; i++) {
        r.t.leaf.forged = i == BAD;
        CHECK_OK(ring_chain(&r, &chains[i]));
        jobs[i].chain = &chains[i];
        jobs[i].want = (struct ic_pki_want){maker_public(r.t.leaf.key), ic_suite_find(1), 0};
    }
    CHECK_ERR(ic_pki_validate_all(r.store, jobs, N, MAKER_NOW), IC_ERR_SIGNATURE);
    for (size_t i = 0; i < N; i++) {
        CHECK_ERR(jobs[i].err, i == BAD ? IC_ERR_SIGNATURE : IC_OK);
        verified += jobs[i].verdict.verified;
    }
    CHECK_EQ_INT(verified, N); /* N - 1 good leaves, and one authority */
    CHECK_EQ_INT(jobs[BAD].fault.index, 0);
    CHECK_OK(ic_pki_validate_all(r.store, NULL, 0, MAKER_NOW));
}

TEST(roots_are_authorities)
{
    RING_SCOPE(r, (struct ic_pki_policy){0});
    struct ic_pki_fault fault;
    r.t.leaf.signer = r.t.leaf.key;
    r.t.leaf.issuer = r.t.leaf.subject;
    CHECK_ERR(ic_pki_store_add_root(r.store, maker_cert(&r.m, &r.t.leaf), &fault), IC_ERR_DENIED);
    CHECK_EQ_INT(fault.reason, IC_PKI_NOT_CA);
    CHECK_ERR(ic_pki_store_add_root(r.store, r.root, &fault), IC_ERR_EXISTS);
    CHECK_ERR(ic_pki_store_add_root(r.store, IC_VIEW_STR("x"), &fault), IC_ERR_MALFORMED);
    r.t.root.key = maker_rsa(&r.m, 1024);
    CHECK_ERR(ic_pki_store_add_root(r.store, maker_cert(&r.m, &r.t.root), &fault), IC_ERR_KEY);
    CHECK_EQ_INT(ic_pki_store_root_count(r.store), 1);
    struct ic_pki_store *s;
    CHECK_ERR(ic_pki_store_new(&(struct ic_pki_policy){.max_chain = 9}, &s), IC_ERR_RANGE);
    CHECK_ERR(ic_pki_store_new(&(struct ic_pki_policy){.max_cache = IC_PKI_CACHE_MAX + 1}, &s),
              IC_ERR_RANGE);
}

TEST(fault_names_the_certificate)
{
    RING_SCOPE(r, (struct ic_pki_policy){0});
    struct ic_pki_chain chain;
    struct ic_pki_verdict v;
    struct ic_pki_fault fault;
    struct ic_pki_want want = {maker_public(r.t.leaf.key), NULL, 0};
    r.t.inter.not_after = MAKER_NOW - 60;
    r.inter = maker_cert(&r.m, &r.t.inter);
    CHECK_OK(ring_chain(&r, &chain));
    CHECK_ERR(ic_pki_validate(r.store, &chain, &want, MAKER_NOW, &v, &fault), IC_ERR_EXPIRED);
    CHECK(strcmp(fault.text, "certificate 1 (CN=Ring CA 1, O=Ring): its time is over "
                             "(2026-11-23T03:59:00Z)") == 0);
    CHECK(strcmp(ic_pki_reason_name(fault.reason), "expired") == 0);
}

static ic_err all_of_it(void *ctx)
{
    struct ring *r = ctx;
    struct ic_pki_store *s;
    struct ic_pki_chain chain;
    struct ic_pki_verdict v;
    struct ic_pki_want want = {maker_public(r->t.leaf.key), NULL, 0};
    IC_TRY(ic_pki_store_new(&(struct ic_pki_policy){0}, &s));
    struct ic_view certs[] = {r->inter, r->root};
    ic_err e = IC_OK;
    for (size_t i = 0; e == IC_OK && i < 2; i++)
        e = ic_pki_store_add_root(s, certs[i], NULL);
    IC_BUF_SCOPE(bytes, 1 << 16);
    if (e == IC_OK)
        e = ic_pki_chain_encode(certs, 2, &bytes);
    if (e == IC_OK)
        e = ic_pki_chain_decode(ic_buf_view(&r->bytes), 0, &chain, NULL);
    if (e == IC_OK)
        e = ic_pki_validate(s, &chain, &want, MAKER_NOW, &v, NULL);
    ic_pki_store_free(s);
    return e;
}

TEST(every_allocation_may_fail)
{
    RING_SCOPE(r, (struct ic_pki_policy){0});
    struct ic_pki_chain chain;
    CHECK_OK(ring_chain(&r, &chain));
    CHECK(ic_test_each_alloc_fails(all_of_it, &r) >= 6);
}
