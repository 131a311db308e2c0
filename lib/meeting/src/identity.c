/* Who vouches for whom, as this viewer sees it: a chain held against the roots that this device has. It decides
 * only what is shown; whether a leaf may be in the group is the rules' matter (lib/rules). */
#include "internal.h"
#include <ic/pki/store.h>
#include <string.h>

static struct verdict unverified(enum ic_pki_reason reason)
{
    return (struct verdict){
        .identity = IC_MEETING_UNVERIFIED, .reason = reason, .until_s = INT64_MAX};
}

static void name_root(const struct ic_pki_cert *root, char out[IC_MEETING_NAME_MAX + 1])
{
    ic_pki_common_name(root->subject, out, IC_MEETING_NAME_MAX + 1);
    if (!out[0])
        ic_pki_name_text(root->subject, out, IC_MEETING_NAME_MAX + 1);
}

static bool vouched(const struct ic_meeting *m, struct ic_pki_store *roots,
                    const struct ic_pki_chain *chain, struct verdict *out,
                    struct ic_pki_fault *fault)
{
    struct ic_pki_verdict v;
    struct ic_pki_want want = {.key = chain->certs[0].key, .suite = m->suite};
    if (!roots || ic_pki_validate(roots, chain, &want, m->now_ms / 1000, &v, fault) != IC_OK)
        return false;
    name_root(v.root, out->vouched_by);
    out->until_s = v.not_after;
    return true;
}

struct verdict ic_meeting_identity_judge(const struct ic_meeting *m,
                                         const struct ic_mlspub_leaf_node *leaf,
                                         struct ic_pki_fault *fault)
{
    struct ic_pki_fault by_external = {.reason = IC_PKI_NO_ROOT}, by_internal = by_external;
    struct ic_pki_chain chain;
    *fault = (struct ic_pki_fault){.reason = IC_PKI_NOT_X509};
    if (leaf->credential.type != IC_MLS_X509)
        return unverified(fault->reason);
    if (ic_pki_chain_decode(leaf->credential.identity, 0, &chain, fault) != IC_OK)
        return unverified(fault->reason);
    struct verdict v = unverified(IC_PKI_NONE);
    *fault = (struct ic_pki_fault){.reason = IC_PKI_NONE};
    v.identity = IC_MEETING_EXTERNAL;
    if (vouched(m, m->config.external_roots, &chain, &v, &by_external))
        return v;
    v.identity = IC_MEETING_INTERNAL;
    if (vouched(m, m->config.internal_roots, &chain, &v, &by_internal))
        return v;
    /* Of two refusals the one by whose root it hangs says more than "no root of mine". */
    *fault = by_internal.reason == IC_PKI_NO_ROOT ? by_external : by_internal;
    if (!fault->text[0])
        strcpy(fault->text, "no authority that this device trusts vouches for it");
    return unverified(fault->reason);
}

void ic_meeting_identity_describe(const struct ic_meeting *m,
                                  const struct ic_mlspub_leaf_node *leaf, struct verdict *out)
{
    struct ic_pki_fault fault;
    *out = ic_meeting_identity_judge(m, leaf, &fault);
}

/* ---- time goes by ---- */

static uint64_t due_ms(const struct person *p)
{
    return p->to != NEVER || p->verdict.until_s >= INT64_MAX / 1000
               ? NEVER
               : ((uint64_t)p->verdict.until_s + 1) * 1000;
}

uint64_t ic_meeting_identity_deadline(const struct ic_meeting *m)
{
    uint64_t at = NEVER;
    for (size_t i = 0; i < m->person_count; i++)
        if (due_ms(&m->people[i]) < at)
            at = due_ms(&m->people[i]);
    return at;
}

/* A certificate ran out: what it vouched for is no longer shown. */
void ic_meeting_identity_tick(struct ic_meeting *m)
{
    struct ic_mlspub_leaf_node leaf;
    for (size_t i = 0; i < m->person_count; i++) {
        struct person *p = &m->people[i];
        if (due_ms(p) > m->now_ms || !m->group || ic_mls_leaf(m->group, p->leaf, &leaf) != IC_OK)
            continue;
        uint8_t before = p->verdict.identity;
        ic_meeting_identity_describe(m, &leaf, &p->verdict);
        if (p->verdict.identity == before)
            continue;
        struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_IDENTITY);
        ic_meeting_person_show(m, p, &e->person);
        if (p->verdict.identity == IC_MEETING_UNVERIFIED && !e->person.self)
            m->compared = false;
    }
}

/* ---- our own ---- */

ic_err ic_meeting_identity_own(const struct ic_meeting *m, struct ic_mlspub_credential *out)
{
    char name[IC_RULES_NAME_MAX + 1];
    if (m->certificates.len == 0) {
        *out = (struct ic_mlspub_credential){IC_MLS_BASIC, ic_view_cstr(m->name)};
        return IC_OK;
    }
    struct ic_mlspub_leaf_node leaf = {
        .signature_key = ic_meeting_own_key(m),
        .credential = {IC_MLS_X509, ic_buf_view(&m->certificates)},
    };
    if (!ic_rules_leaf_name(&leaf, name))
        return IC_ERR_KEY;
    *out = leaf.credential;
    return IC_OK;
}

/* Verified by nobody that we know, and so to be compared with. */
bool ic_meeting_identity_has_stranger(const struct ic_meeting *m)
{
    struct ic_view own = ic_meeting_own_key(m);
    for (size_t i = 0; i < m->person_count; i++) {
        const struct person *p = &m->people[i];
        if (p->to == NEVER && p->verdict.identity == IC_MEETING_UNVERIFIED &&
            !ic_view_equal(ic_view(p->key, p->key_len), own))
            return true;
    }
    return false;
}
