/* Every case gets its verdict, from us and, where it is asked, from OpenSSL's own path builder. */
#include "cases.h"

#include <ic/base/mem.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <string.h>

TEST(every_case_gets_its_verdict)
{
    MAKER_SCOPE(m, 7);
    static struct cases c;
    cases_make(&c, &m);
    for (size_t i = 0; i < c.count; i++) {
        const struct pki_case *k = &c.all[i];
        struct pki_outcome o = pki_case_run(k);
        if ((o.err == IC_OK) != (k->reason == IC_PKI_NONE) ||
            (o.err != IC_OK && (o.fault.reason != k->reason || o.fault.index != k->index ||
                                o.err != ic_pki_reason_err(k->reason))))
            ic_test_fail(__FILE__, __LINE__, "%s: %s at %d, not %s at %d (%s)", k->name,
                         o.err == IC_OK ? "good" : ic_pki_reason_name(o.fault.reason),
                         o.fault.index, ic_pki_reason_name(k->reason), k->index, o.fault.text);
    }
    CHECK(c.count > 150);
}

/* Every reason but those of the glue and of broken machines has a case. */
TEST(every_reason_has_a_case)
{
    MAKER_SCOPE(m, 8);
    static struct cases c;
    bool seen[IC_PKI_REASON_COUNT] = {[IC_PKI_NOT_X509] = true,
                                      [IC_PKI_SUCCESSOR] = true,
                                      [IC_PKI_APPLICATION] = true,
                                      [IC_PKI_FAILED] = true};
    cases_make(&c, &m);
    for (size_t i = 0; i < c.count; i++)
        seen[c.all[i].reason] = true;
    for (int r = 0; r < IC_PKI_REASON_COUNT; r++) {
        if (!seen[r])
            ic_test_fail(__FILE__, __LINE__, "no case for %s", ic_pki_reason_name(r));
    }
}

/* ---- OpenSSL's word ---- */

static X509 *read_cert(struct ic_view der)
{
    const unsigned char *p = der.p;
    X509 *x = d2i_X509(NULL, &p, (long)der.len);
    if (x && p != der.p + der.len) {
        X509_free(x);
        return NULL;
    }
    return x;
}

static int take_all(X509 *x, int (*take)(void *to, X509 *x), void *to)
{
    int good = x && take(to, x);
    X509_free(x);
    return good;
}

static int to_store(void *to, X509 *x)
{
    return X509_STORE_add_cert(to, x);
}

static int to_stack(void *to, X509 *x)
{
    return X509_up_ref(x) && sk_X509_push(to, x) > 0;
}

static bool openssl_accepts(const struct pki_case *k, int *error)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    STACK_OF(X509) *others = sk_X509_new_null();
    X509 *leaf = read_cert(k->certs[0]);
    int good = leaf != NULL;
    *error = -1;
    for (size_t i = 0; i < k->root_count; i++)
        good &= take_all(read_cert(k->roots[i]), to_store, store);
    for (size_t i = 1; i < k->cert_count; i++)
        good &= take_all(read_cert(k->certs[i]), to_stack, others);
    if (good && X509_STORE_CTX_init(ctx, store, leaf, others) == 1) {
        X509_STORE_CTX_set_time(ctx, 0, (time_t)k->now);
        good = X509_verify_cert(ctx) == 1;
        *error = X509_STORE_CTX_get_error(ctx);
    }
    X509_free(leaf);
    sk_X509_pop_free(others, X509_free);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    ERR_clear_error();
    return good;
}

TEST(openssl_agrees)
{
    MAKER_SCOPE(m, 9);
    static struct cases c;
    size_t asked = 0;
    cases_make(&c, &m);
    for (size_t i = 0; i < c.count; i++) {
        const struct pki_case *k = &c.all[i];
        int error;
        if (k->peer == PEER_UNASKED)
            continue;
        bool want = k->peer == PEER_SAME ? k->reason == IC_PKI_NONE : k->peer == PEER_ACCEPTS;
        asked++;
        if (openssl_accepts(k, &error) != want)
            ic_test_fail(__FILE__, __LINE__, "%s: OpenSSL %s it: %s", k->name,
                         want ? "refuses" : "accepts", X509_verify_cert_error_string(error));
    }
    CHECK(asked > 100);
}
