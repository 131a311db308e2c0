/* "Verified members only": who is verified is judged by public data, so that everybody comes to the same answer. The
 * terms list roots by fingerprint, a chain brings its root along, and the commit's time is the clock. */
#include "credential.h"

#include <ic/pki/store.h>

bool ic_rules_verified_only(const struct ic_wire_terms *t)
{
    return t->admission == IC_WIRE_VERIFIED_ADMITTED;
}

/* Those of the chain that the terms list. */
static ic_err add_roots(const struct ic_wire_terms *t, const struct ic_pki_chain *chain,
                        struct ic_pki_store *s)
{
    for (size_t i = 1; i < chain->count; i++) {
        if (!ic_wire_list_has(t->roots, IC_VIEW_ARRAY(chain->certs[i].fingerprint)))
            continue;
        ic_err e = ic_pki_store_add_root(s, chain->certs[i].encoded, NULL);
        if (e == IC_ERR_NOMEM)
            return e;
    }
    return IC_OK;
}

/* Not every build has curve 448 (a browser's has not), and all must come to one answer: so nobody takes its word. The
 * leaf's own key is the suite's matter. */
static bool everybody_can_check(const struct ic_pki_chain *chain)
{
    for (size_t i = 1; i < chain->count; i++)
        if (chain->certs[i].key_kind == IC_PKI_KEY_EDDSA && chain->certs[i].key_sig == IC_ED448)
            return false;
    return true;
}

static ic_err judge(const struct ic_wire_terms *t, const struct ic_pki_chain *chain,
                    struct ic_pki_store *s, uint64_t time_ms, struct ic_rules_standing *out)
{
    struct ic_pki_fault fault;
    struct ic_pki_verdict v;
    struct ic_pki_want want = {.key = chain->certs[0].key, .suite = ic_suite_find(t->suite)};
    IC_TRY(add_roots(t, chain, s));
    ic_err e = ic_pki_validate(s, chain, &want, time_ms / 1000, &v, &fault);
    /* What this device could not find out is no verdict. */
    if (e == IC_ERR_NOMEM || (e != IC_OK && fault.reason == IC_PKI_FAILED))
        return e;
    *out = e == IC_OK
               ? (struct ic_rules_standing){.verified = true, .until_s = v.not_after, .reason = ""}
               : (struct ic_rules_standing){.reason = ic_pki_reason_name(fault.reason)};
    return IC_OK;
}

ic_err ic_rules_standing(const struct ic_wire_terms *t, const struct ic_mlspub_leaf_node *leaf,
                         uint64_t time_ms, struct ic_rules_standing *out)
{
    struct ic_pki_chain chain;
    struct ic_pki_store *s;
    if (leaf->credential.type != IC_MLS_X509) {
        *out = (struct ic_rules_standing){.reason = ic_pki_reason_name(IC_PKI_NO_CERTIFICATE)};
        return IC_OK;
    }
    if (!ic_rules_chain_of(leaf, &chain)) {
        *out = (struct ic_rules_standing){.reason = ic_pki_reason_name(IC_PKI_MALFORMED)};
        return IC_OK;
    }
    if (!everybody_can_check(&chain)) {
        *out = (struct ic_rules_standing){.reason = ic_pki_reason_name(IC_PKI_SIGNATURE_ALGORITHM)};
        return IC_OK;
    }
    IC_TRY(ic_pki_store_new(&(struct ic_pki_policy){.no_cache = true}, &s));
    ic_err e = judge(t, &chain, s, time_ms, out);
    ic_pki_store_free(s);
    return e;
}

ic_err ic_rules_over(const struct ic_wire_terms *t, const struct ic_mlspub_leaf_node *leaf,
                     uint64_t time_ms, bool *over)
{
    struct ic_rules_standing now, before = {0};
    uint64_t then = time_ms > IC_RULES_GRACE_MS ? time_ms - IC_RULES_GRACE_MS : 0;
    IC_TRY(ic_rules_standing(t, leaf, time_ms, &now));
    if (!now.verified)
        IC_TRY(ic_rules_standing(t, leaf, then, &before));
    *over = !now.verified && !before.verified;
    return IC_OK;
}
