/* Who vouches for whom, as this viewer sees it: a chain held against the roots that this device has. It decides
 * only what is shown; whether a leaf may be in the group is the rules' matter (lib/rules). */
#include "internal.h"
#include <ic/mlspub/codec.h>
#include <ic/pki/store.h>
#include <stdio.h>
#include <string.h>

/* A basic credential is nothing out of the ordinary: it has no certificate. */
static const char *name_of(enum ic_pki_reason reason)
{
    return ic_pki_reason_name(reason == IC_PKI_NOT_X509 ? IC_PKI_NO_CERTIFICATE : reason);
}

/* Of the own organisation its name says more than the authority's. */
static void name_root(const struct ic_pki_cert *root, bool internal,
                      char out[IC_MEETING_NAME_MAX + 1])
{
    out[0] = '\0';
    if (internal)
        ic_pki_organisation(root->subject, out, IC_MEETING_NAME_MAX + 1);
    if (!out[0])
        ic_pki_common_name(root->subject, out, IC_MEETING_NAME_MAX + 1);
    if (!out[0])
        ic_pki_name_text(root->subject, out, IC_MEETING_NAME_MAX + 1);
}

static bool vouched(const struct ic_meeting *m, struct ic_pki_store *roots,
                    const struct ic_pki_chain *chain, struct ic_pki_verdict *out,
                    struct ic_pki_fault *fault)
{
    struct ic_pki_want want = {.key = chain->certs[0].key, .suite = m->suite};
    *fault = (struct ic_pki_fault){.reason = IC_PKI_NO_ROOT,
                                   .text = "no authority that this device trusts vouches for it"};
    return roots && ic_pki_validate(roots, chain, &want, m->now_ms / 1000, out, fault) == IC_OK;
}

static struct verdict verified(enum ic_meeting_identity identity, const struct ic_pki_verdict *v)
{
    struct verdict out = {.identity = (uint8_t)identity, .reason = "", .until_s = v->not_after};
    name_root(v->root, identity == IC_MEETING_INTERNAL, out.vouched_by);
    return out;
}

/* The log's word, where an internal root vouches. */
static const char *staple_fault(const struct ic_meeting *m, const struct ic_mlspub_leaf_node *leaf,
                                const struct ic_pki_chain *chain, const struct ic_pki_cert *root)
{
    struct ic_view staple = ic_view(NULL, 0);
    if (!m->config.judge_staple)
        return "";
    (void)ic_mlspub_extensions_find(leaf->extensions, IC_WIRE_EXT_LOG_STAPLE, &staple);
    return m->config.judge_staple(m->config.staple_ctx, chain, root, staple, m->now_ms / 1000);
}

/* When the answer may become another one by itself. */
static int64_t begins_s(const struct ic_pki_chain *chain, enum ic_pki_reason reason)
{
    return reason == IC_PKI_NOT_YET ? chain->certs[0].not_before - 1 : INT64_MAX;
}

static struct verdict judge_chain(const struct ic_meeting *m,
                                  const struct ic_mlspub_leaf_node *leaf,
                                  const struct ic_pki_chain *chain, struct ic_pki_fault *fault)
{
    struct ic_pki_fault by_external;
    struct ic_pki_verdict v;
    if (vouched(m, m->config.external_roots, chain, &v, &by_external))
        return verified(IC_MEETING_EXTERNAL, &v);
    if (vouched(m, m->config.internal_roots, chain, &v, fault)) {
        const char *why = staple_fault(m, leaf, chain, v.root);
        if (!why[0])
            return verified(IC_MEETING_INTERNAL, &v);
        snprintf(fault->text, sizeof fault->text, "its authority's log does not vouch for it (%s)",
                 why);
        return (struct verdict){.reason = why, .until_s = v.not_after};
    }
    /* Of two refusals the one by whose root it hangs says more than "no root of mine". */
    if (fault->reason == IC_PKI_NO_ROOT)
        *fault = by_external;
    return (struct verdict){.reason = name_of(fault->reason),
                            .until_s = begins_s(chain, fault->reason)};
}

struct verdict ic_meeting_identity_judge(const struct ic_meeting *m,
                                         const struct ic_mlspub_leaf_node *leaf,
                                         char text[IC_PKI_FAULT_TEXT])
{
    struct ic_pki_fault fault = {.reason = IC_PKI_NOT_X509, .text = "there is no certificate"};
    struct ic_pki_chain chain;
    struct verdict v = {.until_s = INT64_MAX};
    if (leaf->credential.type == IC_MLS_X509 &&
        ic_pki_chain_decode(leaf->credential.identity, 0, &chain, &fault) == IC_OK)
        v = judge_chain(m, leaf, &chain, &fault);
    else
        v.reason = name_of(fault.reason);
    snprintf(text, IC_PKI_FAULT_TEXT, "%s", v.reason[0] ? fault.text : "");
    return v;
}

/* ---- as a person ---- */

static bool take_address(const struct ic_pki_cert *c, enum ic_pki_name_kind kind,
                         char out[IC_MEETING_NAME_MAX + 1])
{
    struct ic_reader r = ic_reader(c->names);
    struct ic_pki_name n;
    while (ic_pki_names_next(&r, &n)) {
        if (n.kind != kind || !ic_rules_name_ok(n.value))
            continue;
        memcpy(out, n.value.p, n.value.len);
        out[n.value.len] = '\0';
        return true;
    }
    return false;
}

/* One address is shown; pins are held against all names, views into the leaf. */
static struct ic_view names_of(const struct ic_mlspub_leaf_node *leaf,
                               char address[IC_MEETING_NAME_MAX + 1])
{
    struct ic_pki_chain chain;
    if (leaf->credential.type != IC_MLS_X509 ||
        ic_pki_chain_decode(leaf->credential.identity, 0, &chain, NULL) != IC_OK)
        return ic_view(NULL, 0);
    if (!take_address(&chain.certs[0], IC_PKI_NAME_EMAIL, address) &&
        !take_address(&chain.certs[0], IC_PKI_NAME_URI, address))
        (void)take_address(&chain.certs[0], IC_PKI_NAME_DNS, address);
    return chain.certs[0].names;
}

bool ic_meeting_identity_show(const struct ic_meeting *m, const struct ic_mlspub_leaf_node *leaf,
                              struct ic_meeting_person *out, int64_t *until_s)
{
    struct ic_meeting_person who = {.leaf = IC_MLSPUB_NO_LEAF};
    char text[IC_PKI_FAULT_TEXT];
    if (!ic_rules_leaf_name(leaf, who.name))
        return false;
    struct verdict v = ic_meeting_identity_judge(m, leaf, text);
    who.identity = v.identity;
    who.reason = v.reason;
    memcpy(who.vouched_by, v.vouched_by, sizeof who.vouched_by);
    who.certificate = leaf->credential.type == IC_MLS_X509;
    struct ic_view names = names_of(leaf, who.address);
    who.web = ic_mlspub_extensions_find(leaf->extensions, IC_WIRE_EXT_WEB_CLIENT, NULL);
    ic_hash_once(IC_SHA256, leaf->signature_key, who.key_hash);
    who.pinned = ic_meeting_pins_say(m, &who, names);
    *out = who;
    *until_s = v.until_s;
    return true;
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

/* Verified by nobody that we know and not pinned, or not the one who is pinned: to be compared with. */
static bool is_stranger(const struct ic_meeting_person *who)
{
    return who->pinned == IC_MEETING_PIN_CHANGED ||
           (who->identity == IC_MEETING_UNVERIFIED && who->pinned == IC_MEETING_PIN_NONE);
}

bool ic_meeting_identity_is_stranger(const struct ic_meeting *m, const struct person *p)
{
    return is_stranger(&p->who) &&
           !ic_view_equal(ic_view(p->key, p->key_len), ic_meeting_own_key(m));
}

bool ic_meeting_identity_has_stranger(const struct ic_meeting *m)
{
    for (size_t i = 0; i < m->person_count; i++)
        if (m->people[i].to == NEVER && ic_meeting_identity_is_stranger(m, &m->people[i]))
            return true;
    return false;
}
