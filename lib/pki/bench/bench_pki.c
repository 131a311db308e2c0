/* Chains from their bytes to a verdict, against the signature checks that they need. n is the
 * number of certificates in the chain; the root is not among them. */
#include <ic/base/bench.h>
#include <ic/base/mem.h>
#include <ic/pki/crl.h>
#include <ic/pki/issue.h>
#include <ic/pki/store.h>
#include <stdio.h>
#include <stdlib.h>

#include "../test/maker.h"

enum { BATCH = 100, LENGTH_MAX = 3, REVOKED = 10000 };

static void must(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench-pki: %s\n", what);
        exit(1);
    }
}

struct bench {
    struct maker m;
    const struct ic_suite *suite;
    struct ic_pki_store *store;
    struct ic_view chains[BATCH];
    struct ic_view key;
    size_t chain_count;
    uint32_t checks; /* signatures that one run must check */
    bool cold;
    struct ic_pki_chain *decoded;
    struct ic_pki_job *jobs;
    const struct maker_key *signer; /* of the floor */
    uint8_t message[250], sig[IC_SIG_MAX];
    size_t sig_len;
};

static void floor_run(void *ctx, size_t iterations)
{
    struct bench *b = ctx;
    for (size_t i = 0; i < iterations * b->checks; i++)
        must(ic_verify(b->suite->sig, maker_public(b->signer), IC_VIEW_ARRAY(b->message),
                       ic_view(b->sig, b->sig_len)) == IC_OK,
             "verify");
}

static void validate_run(void *ctx, size_t iterations)
{
    struct bench *b = ctx;
    struct ic_pki_want want = {b->key, b->suite, 0};
    struct ic_pki_verdict v;
    for (size_t i = 0; i < iterations; i++) {
        if (b->cold)
            ic_pki_store_forget(b->store);
        must(ic_pki_chain_decode(b->chains[0], 0, &b->decoded[0], NULL) == IC_OK, "decode");
        must(ic_pki_validate(b->store, &b->decoded[0], &want, MAKER_NOW, &v, NULL) == IC_OK,
             "validate");
        must(v.verified == b->checks, "another number of signatures");
    }
}

static void batch_run(void *ctx, size_t iterations)
{
    struct bench *b = ctx;
    while (iterations-- > 0) {
        ic_pki_store_forget(b->store);
        for (size_t i = 0; i < b->chain_count; i++) {
            must(ic_pki_chain_decode(b->chains[i], 0, &b->decoded[i], NULL) == IC_OK, "decode");
            b->jobs[i].chain = &b->decoded[i];
            b->jobs[i].want = (struct ic_pki_want){b->key, b->suite, 0};
        }
        must(ic_pki_validate_all(b->store, b->jobs, b->chain_count, MAKER_NOW) == IC_OK, "batch");
    }
}

/* `count` leaves below length - 1 authorities below a root. */
static void make(struct bench *b, size_t length, size_t count)
{
    static const char *const names[] = {"CN=Ana Example,O=Ring", "CN=Ring CA 2,O=Ring",
                                        "CN=Ring CA 1,O=Ring"};
    struct ic_view certs[LENGTH_MAX];
    struct maker_spec s = {.subject = "CN=Ring Root,O=Ring",
                           .key = maker_key(&b->m, b->suite->sig),
                           .key_usage = IC_PKI_KEY_CERT_SIGN | IC_PKI_CRL_SIGN,
                           .key_ids = true,
                           .ca = true};
    must(ic_pki_store_add_root(b->store, maker_cert(&b->m, &s), NULL) == IC_OK, "root");
    b->signer = s.key;
    must(ic_sign(s.key->key, IC_VIEW_ARRAY(b->message), b->sig, &b->sig_len) == IC_OK, "sign");
    for (size_t i = length; i-- > 0;) {
        s.signer = s.key;
        s.issuer = s.subject;
        s.subject = names[i];
        s.key = maker_key(&b->m, b->suite->sig);
        s.ca = i > 0;
        s.key_usage = 0;
        s.names = i > 0 ? NULL : "URI:im:ana@ring.example,email:ana@ring.example";
        s.purposes = i > 0 ? 0 : IC_PKI_FOR_IM_URI;
        certs[i] = maker_cert(&b->m, &s);
    }
    b->key = maker_public(s.key);
    b->chain_count = count;
    for (size_t i = 0; i < count; i++) {
        IC_BUF_SCOPE(bytes, 1 << 16);
        certs[0] = maker_cert(&b->m, &s);
        must(ic_pki_chain_encode(certs, length, &bytes) == IC_OK, "encode");
        b->chains[i] = maker_copy(&b->m, ic_buf_view(&bytes));
    }
}

/* The root has revoked many others. */
static void revoke_others(struct bench *b)
{
    static struct ic_pki_crl_entry entries[REVOKED];
    static uint8_t serials[REVOKED][16];
    struct ic_pki_crl_spec spec = {MAKER_NOW - 60, MAKER_NOW + 60, 1, entries, REVOKED};
    IC_BUF_SCOPE(der, IC_PKI_CRL_MAX);
    for (size_t i = 0; i < REVOKED; i++) {
        must(ic_rand_fill(&b->m.rand, serials[i], 16) == IC_OK, "random");
        serials[i][0] = 0x41;
        entries[i] = (struct ic_pki_crl_entry){IC_VIEW_ARRAY(serials[i]), MAKER_NOW - 60, 1};
    }
    must(ic_pki_crl_make(&spec, ic_pki_store_root(b->store, 0), b->signer->key, &der) == IC_OK &&
             ic_pki_store_add_crl(b->store, ic_buf_view(&der), MAKER_NOW, NULL) == IC_OK,
         "list");
}

/* ---- issuing ---- */

struct issuing {
    struct maker m;
    const struct ic_suite *suite;
    struct maker_key *ca;
    struct ic_pki_cert root;
    struct ic_pki_issue what;
    uint8_t message[600]; /* as long as what is signed of a person's certificate */
};

static void issue_run(void *ctx, size_t iterations)
{
    struct issuing *b = ctx;
    for (size_t i = 0; i < iterations; i++) {
        IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
        must(ic_pki_issue(&b->what, &b->root, b->ca->key, &der) == IC_OK, "issue");
    }
}

static void sign_run(void *ctx, size_t iterations)
{
    struct issuing *b = ctx;
    uint8_t sig[IC_SIG_MAX];
    size_t len;
    for (size_t i = 0; i < iterations; i++)
        must(ic_sign(b->ca->key, IC_VIEW_ARRAY(b->message), sig, &len) == IC_OK, "sign");
}

static void issue_row(const struct ic_suite *suite)
{
    static struct issuing b;
    static const struct ic_pki_name names[] = {
        {IC_PKI_NAME_EMAIL, IC_VIEW_INIT("ana@ring.example")},
        {IC_PKI_NAME_URI, IC_VIEW_INIT("im:ana@ring.example")},
    };
    b = (struct issuing){.suite = suite};
    maker_init(&b.m, 1);
    b.ca = maker_key(&b.m, suite->sig);
    b.what = (struct ic_pki_issue){.profile = IC_PKI_ROOT,
                                   .serial = IC_VIEW_STR("\x41 a number of 1"),
                                   .subject = {IC_VIEW_STR("Ring"), IC_VIEW_STR("In Camera CA")},
                                   .not_before = MAKER_NOW - 60,
                                   .not_after = MAKER_NOW + 60};
    IC_BUF_SCOPE(root, IC_PKI_CERT_MAX);
    IC_BUF_SCOPE(info, 256);
    must(ic_pki_issue(&b.what, NULL, b.ca->key, &root) == IC_OK &&
             ic_pki_cert_decode(ic_buf_view(&root), &b.root, NULL) == IC_OK,
         "root");
    must(ic_pki_key_info_encode(suite->sig, maker_public(maker_key(&b.m, suite->sig)), &info) ==
             IC_OK,
         "key");
    b.what.profile = IC_PKI_PERSON;
    b.what.subject.common_name = IC_VIEW_STR("Ana Example");
    b.what.names = names;
    b.what.name_count = 2;
    b.what.key_info = ic_buf_view(&info);
    b.what.crl_url = "https://id.ring.example/pki/crl.der";
    b.what.ocsp_url = "https://id.ring.example/pki/ocsp";
    struct ic_bench_pair p = ic_bench_pair(issue_run, &b, sign_run, &b);
    ic_bench_row("pki.issue", p.a_ns / 1000, "us", -1, suite->id, p.b_ns / 1000);
    maker_clear(&b.m);
}

static void row(const char *name, void (*run)(void *ctx, size_t iterations), struct bench *b,
                size_t n)
{
    struct ic_bench_pair p = ic_bench_pair(run, b, floor_run, b);
    ic_bench_row(name, p.a_ns / 1000, "us", (long long)n, b->suite->id, p.b_ns / 1000);
}

static void open_bench(struct bench *b, const struct ic_suite *suite, bool forget_leaves)
{
    struct ic_pki_policy policy = {.forget_leaves = forget_leaves};
    *b = (struct bench){.suite = suite};
    maker_init(&b->m, 1);
    b->decoded = ic_new_array(BATCH, struct ic_pki_chain);
    b->jobs = ic_new_array(BATCH, struct ic_pki_job);
    must(b->decoded && b->jobs && ic_pki_store_new(&policy, &b->store) == IC_OK, "memory");
}

static void close_bench(struct bench *b)
{
    ic_pki_store_free(b->store);
    ic_free(b->decoded);
    ic_free(b->jobs);
    maker_clear(&b->m);
}

static void chain_rows(const struct ic_suite *suite, size_t length)
{
    struct bench b;
    open_bench(&b, suite, true);
    make(&b, length, 1);
    b.cold = true;
    b.checks = (uint32_t)length;
    row("pki.validate", validate_run, &b, length);
    if (length == LENGTH_MAX) {
        revoke_others(&b);
        row("pki.validate_lists", validate_run, &b, length);
    }
    b.cold = false;
    b.checks = 1;
    must(ic_pki_chain_decode(b.chains[0], 0, &b.decoded[0], NULL) == IC_OK, "decode");
    struct ic_pki_verdict v;
    must(ic_pki_validate(b.store, &b.decoded[0], &(struct ic_pki_want){b.key, suite, 0}, MAKER_NOW,
                         &v, NULL) == IC_OK,
         "validate");
    row("pki.validate_cached", validate_run, &b, length);
    close_bench(&b);
}

static void batch_row(const struct ic_suite *suite)
{
    struct bench b;
    open_bench(&b, suite, false);
    make(&b, 2, BATCH);
    b.checks = BATCH + 1;
    row("pki.validate_all", batch_run, &b, BATCH);
    close_bench(&b);
}

int main(void)
{
    for (size_t i = 0; ic_suite_at(i); i++) {
        const struct ic_suite *suite = ic_suite_at(i);
        if (suite->id == 3 || suite->id == 6) /* they sign as 1 and 4 do */
            continue;
        chain_rows(suite, 2);
        chain_rows(suite, LENGTH_MAX);
        issue_row(suite);
        if (suite->id <= 2)
            batch_row(suite);
    }
    return 0;
}
