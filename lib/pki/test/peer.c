#include "peer.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

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

/* Where a case has lists, every authority must have one. */
static int add_lists(const struct pki_case *k, X509_STORE *store)
{
    int good = 1;
    for (size_t i = 0; i < k->list_count; i++) {
        const unsigned char *p = k->lists[i].der.p;
        X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)k->lists[i].der.len);
        good &= crl && X509_STORE_add_crl(store, crl);
        X509_CRL_free(crl);
    }
    if (k->list_count > 0)
        good &= X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    return good;
}

bool peer_accepts(const struct pki_case *k, int *error)
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
    good &= add_lists(k, store);
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

const char *peer_error(int error)
{
    return error < 0 ? "no certificate" : X509_verify_cert_error_string(error);
}
