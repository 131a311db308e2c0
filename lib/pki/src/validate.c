/* Finding a root for a chain, and checking signatures from it down. */
#include <ic/pki/store.h>

#include <string.h>

#include "store.h"

/* Roots of one name, as when an authority renews its own, that are tried for one chain. */
enum { TRIES_MAX = 8 };

struct work {
    struct ic_pki_store *store;
    const struct ic_pki_chain *chain;
    int64_t now, skew;
    uint32_t verified;
    uint16_t linked; /* bit i: the signature on certificate i by certificate i + 1 is good */
    unsigned tries;
    enum ic_pki_reason reason; /* of the first path that failed */
    int32_t index;
    const struct ic_pki_cert *culprit;
};

static enum ic_pki_reason check_signature(struct work *w, const struct ic_pki_cert *c,
                                          const struct ic_pki_cert *issuer)
{
    struct ic_pki_cache *cache = w->store->cache;
    bool leaf = c == &w->chain->certs[0];
    if (cache && ic_pki_cache_has(cache, c, issuer))
        return IC_PKI_NONE;
    w->verified++;
    PKI_TRY(ic_pki_signature_check(c, issuer));
    if (cache && !(leaf && w->store->policy.forget_leaves))
        ic_pki_cache_put(cache, c, issuer);
    return IC_PKI_NONE;
}

/* From the root down: so nothing is remembered that no root stands above. */
static enum ic_pki_reason check_signatures(struct work *w, const struct ic_pki_path *path,
                                           int32_t *index)
{
    for (int32_t i = path->count - 1; i-- > 0;) {
        bool to_root = path->root_outside && i + 2 == path->count;
        *index = i;
        if (!to_root && w->linked >> i & 1)
            continue;
        PKI_TRY(check_signature(w, path->at[i], path->at[i + 1]));
        if (!to_root)
            w->linked |= (uint16_t)(1u << i);
    }
    return IC_PKI_NONE;
}

/* What the chain holds above the root that served must be signed as section 5.3 says; it is not
 * remembered. */
static enum ic_pki_reason check_rest(struct work *w, int32_t from, int32_t *index)
{
    for (int32_t i = from; i + 1 < (int32_t)w->chain->count; i++) {
        *index = i;
        if (w->linked >> i & 1)
            continue;
        if (!ic_pki_key_serves(&w->chain->certs[i + 1])) {
            *index = i + 1;
            return IC_PKI_KEY_WEAK;
        }
        w->verified++;
        PKI_TRY(ic_pki_signature_check(&w->chain->certs[i], &w->chain->certs[i + 1]));
    }
    return IC_PKI_NONE;
}

static enum ic_pki_reason judge_path(struct work *w, const struct ic_pki_path *path, int32_t *index)
{
    PKI_TRY(ic_pki_path_judge(&w->store->policy, path, w->now, w->skew, index));
    PKI_TRY(check_signatures(w, path, index));
    PKI_TRY(ic_pki_path_constraints(path, index));
    return ic_pki_path_revocation(w->store, path, w->now, w->skew, index);
}

/* Of several paths that fail the first one is told. */
static void blame(struct work *w, enum ic_pki_reason reason, const struct ic_pki_cert *culprit,
                  int32_t index)
{
    if (w->reason != IC_PKI_NONE)
        return;
    w->reason = reason;
    w->culprit = culprit;
    w->index = index;
}

static bool try_path(struct work *w, const struct ic_pki_path *path)
{
    int32_t index = 0, in_chain = path->count - path->root_outside;
    enum ic_pki_reason reason = judge_path(w, path, &index);
    w->tries++;
    if (reason != IC_PKI_NONE) {
        blame(w, reason, path->at[index], index < in_chain ? index : IC_PKI_ROOT_INDEX);
        return false;
    }
    reason = check_rest(w, in_chain - 1, &index);
    if (reason != IC_PKI_NONE)
        blame(w, reason, &w->chain->certs[index], index);
    return reason == IC_PKI_NONE;
}

/* Where both say which key it is, they must agree. */
static bool may_have_issued(const struct ic_pki_cert *root, const struct ic_pki_cert *c)
{
    bool keys_told = root->key_id.len > 0 && c->authority_key_id.len > 0;
    return (!keys_told || ic_view_equal(root->key_id, c->authority_key_id)) &&
           ic_pki_name_equal(root->subject, c->issuer);
}

static void path_to(const struct ic_pki_chain *chain, int32_t last, struct ic_pki_path *path)
{
    for (int32_t i = 0; i <= last; i++)
        path->at[i] = &chain->certs[i];
    path->count = last + 1;
    path->root_outside = false;
}

/* A root that is in the chain, or issued its certificate at `last`. */
static const struct ic_pki_cert *find_path(struct work *w, int32_t last, struct ic_pki_path *path)
{
    const struct ic_pki_cert *c = &w->chain->certs[last];
    for (size_t i = 0; i < w->store->root_count && w->tries < TRIES_MAX; i++) {
        const struct ic_pki_cert *root = &w->store->roots[i]->cert;
        path_to(w->chain, last, path);
        bool same = memcmp(root->fingerprint, c->fingerprint, IC_PKI_FINGERPRINT_LEN) == 0;
        if (!same) {
            if (!may_have_issued(root, c))
                continue;
            path->at[path->count++] = root;
            path->root_outside = true;
        }
        if (try_path(w, path))
            return root;
    }
    return NULL;
}

static enum ic_pki_reason check_order(const struct ic_pki_chain *chain, int32_t *index)
{
    for (int32_t i = 0; i + 1 < (int32_t)chain->count; i++) {
        *index = i + 1;
        if (!ic_pki_name_equal(chain->certs[i].issuer, chain->certs[i + 1].subject))
            return IC_PKI_ORDER;
    }
    return IC_PKI_NONE;
}

static enum ic_pki_reason judge_chain(struct work *w, const struct ic_pki_want *want,
                                      struct ic_pki_path *path, const struct ic_pki_cert **root)
{
    const struct ic_pki_policy *p = &w->store->policy;
    const struct ic_pki_chain *chain = w->chain;
    w->index = IC_PKI_NO_INDEX;
    if (chain->count == 0)
        return IC_PKI_NO_CERTIFICATE;
    if (p->max_chain && chain->count > p->max_chain)
        return IC_PKI_CHAIN_LONG;
    w->index = 0;
    PKI_TRY(ic_pki_leaf_judge(p, &chain->certs[0], want));
    PKI_TRY(check_order(chain, &w->index));
    for (int32_t last = 0; last < (int32_t)chain->count; last++) {
        *root = find_path(w, last, path);
        if (*root)
            return IC_PKI_NONE;
    }
    if (w->reason != IC_PKI_NONE)
        return w->reason;
    w->index = (int32_t)chain->count - 1;
    return IC_PKI_NO_ROOT;
}

static void tell(const struct ic_pki_path *path, const struct ic_pki_cert *root, uint32_t verified,
                 struct ic_pki_verdict *out)
{
    *out = (struct ic_pki_verdict){.leaf = path->at[0],
                                   .root = root,
                                   .not_before = path->at[0]->not_before,
                                   .not_after = path->at[0]->not_after,
                                   .path_len = (uint32_t)path->count,
                                   .verified = verified};
    for (int32_t i = 1; i < path->count; i++) {
        const struct ic_pki_cert *c = path->at[i];
        out->not_before = c->not_before > out->not_before ? c->not_before : out->not_before;
        out->not_after = c->not_after < out->not_after ? c->not_after : out->not_after;
    }
}

ic_err ic_pki_validate(struct ic_pki_store *s, const struct ic_pki_chain *chain,
                       const struct ic_pki_want *want, uint64_t now_s, struct ic_pki_verdict *out,
                       struct ic_pki_fault *fault)
{
    struct ic_pki_path path;
    const struct ic_pki_cert *root = NULL;
    struct work w = {.store = s,
                     .chain = chain,
                     .now = now_s > INT64_MAX / 2 ? INT64_MAX / 2 : (int64_t)now_s,
                     .skew = want->clock_skew_s,
                     .reason = IC_PKI_NONE};
    enum ic_pki_reason reason = judge_chain(&w, want, &path, &root);
    if (reason != IC_PKI_NONE) {
        const struct ic_pki_cert *culprit = w.culprit;
        if (!culprit && w.index >= 0 && w.index < (int32_t)chain->count)
            culprit = &chain->certs[w.index];
        return ic_pki_fault_set(fault, reason, w.index, culprit);
    }
    tell(&path, root, w.verified, out);
    return IC_OK;
}

ic_err ic_pki_validate_all(struct ic_pki_store *s, struct ic_pki_job *jobs, size_t n,
                           uint64_t now_s)
{
    ic_err first = IC_OK;
    for (size_t i = 0; i < n; i++) {
        struct ic_pki_job *j = &jobs[i];
        j->err = ic_pki_validate(s, j->chain, &j->want, now_s, &j->verdict, &j->fault);
        if (first == IC_OK)
            first = j->err;
    }
    return first;
}
