/* Roots, and the policy and memory that go with them. */
#include "store.h"

#include <ic/base/mem.h>
#include <string.h>

ic_err ic_pki_store_new(const struct ic_pki_policy *p, struct ic_pki_store **out)
{
    enum { DEFAULT_CACHE = 512 };
    if (p->max_chain > IC_PKI_CHAIN_MAX || p->max_cache > IC_PKI_CACHE_MAX)
        return IC_ERR_RANGE;
    struct ic_pki_store *s = ic_new(struct ic_pki_store);
    if (!s)
        return IC_ERR_NOMEM;
    s->policy = *p;
    if (!p->no_cache &&
        ic_pki_cache_new(p->max_cache ? p->max_cache : DEFAULT_CACHE, &s->cache) != IC_OK) {
        ic_free(s);
        return IC_ERR_NOMEM;
    }
    *out = s;
    return IC_OK;
}

static void root_free(struct root *r)
{
    ic_free(r->der);
    ic_free(r);
}

void ic_pki_store_free(struct ic_pki_store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->root_count; i++)
        root_free(s->roots[i]);
    ic_free(s->roots);
    ic_pki_lists_free(s);
    ic_pki_cache_free(s->cache);
    ic_free(s);
}

void ic_pki_store_forget(struct ic_pki_store *s)
{
    if (s->cache)
        ic_pki_cache_clear(s->cache);
}

static struct root **find(const struct ic_pki_store *s, const uint8_t *fingerprint)
{
    for (size_t i = 0; i < s->root_count; i++) {
        if (memcmp(s->roots[i]->cert.fingerprint, fingerprint, IC_PKI_FINGERPRINT_LEN) == 0)
            return &s->roots[i];
    }
    return NULL;
}

static ic_err root_new(struct ic_view der, struct root **out, struct ic_pki_fault *fault)
{
    struct root *r = ic_new(struct root);
    if (!r)
        return IC_ERR_NOMEM;
    r->der = ic_memdup(der.p, der.len);
    ic_err e =
        r->der ? ic_pki_cert_decode(ic_view(r->der, der.len), &r->cert, fault) : IC_ERR_NOMEM;
    if (e == IC_OK && !r->cert.is_ca)
        e = ic_pki_fault_set(fault, IC_PKI_NOT_CA, 0, &r->cert);
    if (e == IC_OK && !ic_pki_key_serves(&r->cert))
        e = ic_pki_fault_set(fault, IC_PKI_KEY_WEAK, 0, &r->cert);
    if (e != IC_OK) {
        root_free(r);
        return e;
    }
    *out = r;
    return IC_OK;
}

ic_err ic_pki_store_add_root(struct ic_pki_store *s, struct ic_view der, struct ic_pki_fault *fault)
{
    struct root *r;
    if (der.len > IC_PKI_CERT_MAX)
        return ic_pki_fault_set(fault, IC_PKI_TOO_BIG, 0, NULL);
    if (s->root_count == IC_PKI_ROOTS_MAX)
        return IC_ERR_LIMIT;
    IC_TRY(root_new(der, &r, fault));
    struct root **grown = NULL;
    ic_err e = find(s, r->cert.fingerprint) ? IC_ERR_EXISTS : IC_OK;
    if (e == IC_OK) {
        grown = ic_realloc(s->roots, s->root_count + 1, sizeof(void *));
        e = grown ? IC_OK : IC_ERR_NOMEM;
    }
    if (e != IC_OK) {
        root_free(r);
        return e;
    }
    s->roots = grown;
    s->roots[s->root_count++] = r;
    ic_pki_store_forget(s);
    return IC_OK;
}

ic_err ic_pki_store_remove_root(struct ic_pki_store *s,
                                const uint8_t fingerprint[IC_PKI_FINGERPRINT_LEN])
{
    struct root **at = find(s, fingerprint);
    if (!at)
        return IC_ERR_NOT_FOUND;
    root_free(*at);
    *at = s->roots[--s->root_count];
    ic_pki_lists_prune(s);
    ic_pki_store_forget(s);
    return IC_OK;
}

size_t ic_pki_store_root_count(const struct ic_pki_store *s)
{
    return s->root_count;
}

const struct ic_pki_cert *ic_pki_store_root(const struct ic_pki_store *s, size_t i)
{
    assert(i < s->root_count);
    return &s->roots[i]->cert;
}
