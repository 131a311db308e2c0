/* Issuing a person's certificate with all that goes with it (table, log, audit log, over a store in memory), against
 * the one signature that it needs. n: certificates in a transaction. */
#include "identity/ca/private.h"
#include "identity/test/world.h"

#include <ic/base/bench.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 100 };

static void must(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench-identity-ca: %s\n", what);
        exit(1);
    }
}

struct bench {
    struct world w;
    struct icd_ca_order order;
    uint8_t message[600];
};

static void issue_run(void *ctx, size_t iterations)
{
    struct bench *b = ctx;
    struct icd_ca_issued c;
    for (size_t i = 0; i < iterations; i++) {
        must(icd_ca_issue(b->w.id, &b->order, &c) == IC_OK, "issue");
        if ((i + 1) % BATCH == 0)
            icd_identity_flush(b->w.id);
    }
    icd_identity_flush(b->w.id);
}

static void sign_run(void *ctx, size_t iterations)
{
    struct bench *b = ctx;
    uint8_t sig[IC_SIG_MAX];
    size_t len;
    for (size_t i = 0; i < iterations; i++)
        must(ic_sign(b->w.id->ca->key, IC_VIEW_ARRAY(b->message), sig, &len) == IC_OK, "sign");
}

int main(void)
{
    static struct bench b;
    static const struct ic_pki_name names[] = {
        {IC_PKI_NAME_EMAIL, IC_VIEW_INIT("ana@example.org")},
        {IC_PKI_NAME_URI, IC_VIEW_INIT("im:ana@example.org")},
    };
    IC_BUF_SCOPE(info, 256);
    struct ic_sign_key *key;
    world_open(&b.w);
    must(ic_sign_key_generate(IC_ECDSA_P256_SHA256, &b.w.id->rand, &key) == IC_OK &&
             ic_pki_key_info_encode(IC_ECDSA_P256_SHA256, ic_sign_key_public(key), &info) == IC_OK,
         "key");
    b.order = (struct icd_ca_order){.profile = IC_PKI_PERSON,
                                    .key_info = ic_buf_view(&info),
                                    .org = 1,
                                    .user = "user-ana",
                                    .device = "device-1",
                                    .organisation = "Example",
                                    .common_name = "Ana",
                                    .names = names,
                                    .name_count = 2};
    struct ic_bench_pair p = ic_bench_pair(issue_run, &b, sign_run, &b);
    ic_bench_row("ca.issue", p.a_ns / 1000, "us", BATCH, 2, p.b_ns / 1000);
    ic_sign_key_free(key);
    world_close(&b.w);
    return 0;
}
