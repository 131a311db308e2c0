/* The newest list of each authority, and what it says of a path. */
#include <assert.h>
#include <ic/base/mem.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

/* Authorities of one name that are tried for one list. */
enum { TRIES_MAX = 8 };

static void list_free(struct ic_pki_list *l)
{
    if (!l)
        return;
    ic_free(l->der);
    ic_free(l->serials);
    ic_free(l->key);
    ic_free(l);
}

void ic_pki_lists_free(struct ic_pki_store *s)
{
    for (size_t i = 0; i < s->list_count; i++)
        list_free(s->lists[i]);
    ic_free(s->lists);
}

static bool is_of(const struct ic_pki_list *l, const struct ic_pki_cert *issuer)
{
    return ic_view_equal(ic_view(l->key, l->key_len), issuer->key_info) &&
           ic_pki_name_equal(l->crl.issuer, issuer->subject);
}

static struct ic_pki_list **find(const struct ic_pki_store *s, const struct ic_pki_cert *issuer)
{
    for (size_t i = 0; i < s->list_count; i++) {
        if (is_of(s->lists[i], issuer))
            return &s->lists[i];
    }
    return NULL;
}

/* ---- taking one in ---- */

static int by_serial(const void *a, const void *b)
{
    return ic_view_cmp(*(const struct ic_view *)a, *(const struct ic_view *)b);
}

static ic_err sort_serials(struct ic_pki_list *l)
{
    struct ic_reader r = ic_reader(l->crl.entries);
    struct ic_pki_crl_entry e;
    size_t n = 0;
    l->serials = ic_new_array(l->crl.count, struct ic_view);
    if (!l->serials)
        return IC_ERR_NOMEM;
    while (n < l->crl.count && ic_pki_crl_next(&r, &e))
        l->serials[n++] = e.serial;
    if (n > 1)
        qsort(l->serials, n, sizeof *l->serials, by_serial);
    return IC_OK;
}

static ic_err fill(struct ic_pki_list *l, struct ic_view der, const struct ic_pki_cert *issuer)
{
    l->der = ic_memdup(der.p, der.len);
    l->key = ic_memdup(issuer->key_info.p, issuer->key_info.len);
    l->key_len = issuer->key_info.len;
    if (!l->der || !l->key)
        return IC_ERR_NOMEM;
    IC_TRY(ic_pki_crl_decode(ic_view(l->der, der.len), &l->crl, NULL));
    return sort_serials(l);
}

static int compare_numbers(struct ic_view a, struct ic_view b)
{
    return a.len != b.len ? (a.len < b.len ? -1 : 1) : ic_view_cmp(a, b);
}

/* The same, or one that was made before: by its time, or by the number that grows with each. */
static ic_err check_newer(const struct ic_pki_crl *now, const struct ic_pki_crl *next,
                          struct ic_pki_fault *fault)
{
    bool numbered = now->number.len > 0 && next->number.len > 0;
    if (ic_view_equal(now->encoded, next->encoded))
        return IC_ERR_EXISTS;
    if (next->this_update < now->this_update ||
        (numbered && compare_numbers(next->number, now->number) <= 0))
        return ic_pki_fault_set(fault, IC_PKI_LIST_OLDER, IC_PKI_LIST_INDEX, NULL);
    return IC_OK;
}

static ic_err put(struct ic_pki_store *s, struct ic_pki_list *l, struct ic_pki_list **former)
{
    if (former) {
        list_free(*former);
        *former = l;
        return IC_OK;
    }
    if (s->list_count == IC_PKI_LISTS_MAX)
        return IC_ERR_LIMIT;
    struct ic_pki_list **grown = ic_realloc(s->lists, s->list_count + 1, sizeof(void *));
    if (!grown)
        return IC_ERR_NOMEM;
    s->lists = grown;
    s->lists[s->list_count++] = l;
    return IC_OK;
}

/* crl is verified to be the issuer's. */
static ic_err take(struct ic_pki_store *s, const struct ic_pki_crl *crl,
                   const struct ic_pki_cert *issuer, bool of_root, struct ic_pki_fault *fault)
{
    struct ic_pki_list **former = find(s, issuer);
    if (former)
        IC_TRY(check_newer(&(*former)->crl, crl, fault));
    struct ic_pki_list *l = ic_new(struct ic_pki_list);
    if (!l)
        return IC_ERR_NOMEM;
    l->of_root = of_root;
    ic_err e = fill(l, crl->encoded, issuer);
    if (e == IC_OK)
        e = put(s, l, former);
    if (e != IC_OK)
        list_free(l);
    return e;
}

static ic_err read(struct ic_view der, uint64_t now_s, struct ic_pki_crl *crl,
                   struct ic_pki_fault *fault)
{
    IC_TRY(ic_pki_crl_decode(der, crl, fault));
    int64_t latest = now_s > INT64_MAX / 2 ? INT64_MAX : (int64_t)now_s + IC_PKI_LIST_SKEW_S;
    if (crl->this_update > latest)
        return ic_pki_fault_set(fault, IC_PKI_NOT_YET, IC_PKI_LIST_INDEX, NULL);
    return IC_OK;
}

ic_err ic_pki_store_add_crl_of(struct ic_pki_store *s, const struct ic_pki_cert *issuer,
                               struct ic_view der, uint64_t now_s, struct ic_pki_fault *fault)
{
    struct ic_pki_crl crl;
    IC_TRY(read(der, now_s, &crl, fault));
    IC_TRY(ic_pki_crl_verify(&crl, issuer, fault));
    return take(s, &crl, issuer, false, fault);
}

ic_err ic_pki_store_add_crl(struct ic_pki_store *s, struct ic_view der, uint64_t now_s,
                            struct ic_pki_fault *fault)
{
    struct ic_pki_crl crl;
    IC_TRY(read(der, now_s, &crl, fault));
    ic_err e = ic_pki_fault_set(fault, IC_PKI_NO_ROOT, IC_PKI_LIST_INDEX, NULL);
    unsigned tries = 0;
    for (size_t i = 0; i < s->root_count && tries < TRIES_MAX; i++) {
        const struct ic_pki_cert *root = &s->roots[i]->cert;
        if (!ic_pki_name_equal(root->subject, crl.issuer))
            continue;
        tries++;
        e = ic_pki_crl_verify(&crl, root, fault);
        if (e == IC_OK)
            return take(s, &crl, root, true, fault);
    }
    return e;
}

size_t ic_pki_store_crl_count(const struct ic_pki_store *s)
{
    return s->list_count;
}

struct ic_view ic_pki_store_crl(const struct ic_pki_store *s, size_t i)
{
    assert(i < s->list_count);
    return s->lists[i]->crl.encoded;
}

int64_t ic_pki_store_crl_due(const struct ic_pki_store *s)
{
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < s->list_count; i++) {
        int64_t next = s->lists[i]->crl.next_update;
        due = next < due ? next : due;
    }
    return due;
}

/* A root is gone: so is its list, unless another root has the same key and name. */
void ic_pki_lists_prune(struct ic_pki_store *s)
{
    for (size_t i = s->list_count; i-- > 0;) {
        bool wanted = !s->lists[i]->of_root;
        for (size_t j = 0; j < s->root_count && !wanted; j++)
            wanted = is_of(s->lists[i], &s->roots[j]->cert);
        if (wanted)
            continue;
        list_free(s->lists[i]);
        s->lists[i] = s->lists[--s->list_count];
    }
}

/* ---- judging ---- */

static enum ic_pki_reason judge(const struct ic_pki_store *s, const struct ic_pki_list *l,
                                const struct ic_pki_cert *c, int64_t now, int64_t skew)
{
    if (l->crl.count > 0 &&
        bsearch(&c->serial, l->serials, l->crl.count, sizeof *l->serials, by_serial))
        return IC_PKI_REVOKED;
    bool stale = now > l->crl.next_update && now - l->crl.next_update > skew;
    return stale && s->policy.fresh_lists ? IC_PKI_LIST_STALE : IC_PKI_NONE;
}

enum ic_pki_reason ic_pki_path_revocation(const struct ic_pki_store *s,
                                          const struct ic_pki_path *path, int64_t now, int64_t skew,
                                          int32_t *index)
{
    for (int32_t i = 0; s->list_count > 0 && i + 1 < path->count; i++) {
        struct ic_pki_list **l = find(s, path->at[i + 1]);
        *index = i;
        if (l)
            PKI_TRY(judge(s, *l, path->at[i], now, skew));
    }
    return IC_PKI_NONE;
}
