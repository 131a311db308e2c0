/* Whom a leaf's credential names, and what all members ask of it alike. Whether anybody vouches for a chain
 * is no rule of the group: each viewer holds it against the roots that the viewer has. */
#include "credential.h"

#include <string.h>

static bool take_name(struct ic_view name, char out[IC_RULES_NAME_MAX + 1])
{
    if (!ic_rules_name_ok(name))
        return false;
    memcpy(out, name.p, name.len);
    out[name.len] = '\0';
    return true;
}

/* The common name; where there is none that may stand in a roster, the first address. */
static bool certified_name(const struct ic_pki_cert *c, char out[IC_RULES_NAME_MAX + 1])
{
    /* Room for one byte more: a name that does not fit is refused, not cut. */
    char name[IC_RULES_NAME_MAX + 2];
    struct ic_reader r = ic_reader(c->names);
    struct ic_pki_name n;
    ic_pki_common_name(c->subject, name, sizeof name);
    if (take_name(ic_view_cstr(name), out))
        return true;
    while (ic_pki_names_next(&r, &n))
        if ((n.kind == IC_PKI_NAME_EMAIL || n.kind == IC_PKI_NAME_URI ||
             n.kind == IC_PKI_NAME_DNS) &&
            take_name(n.value, out))
            return true;
    return false;
}

/* RFC 9420 section 5.3: the first certificate's key is the leaf's signature key. */
bool ic_rules_chain_of(const struct ic_mlspub_leaf_node *leaf, struct ic_pki_chain *out)
{
    return leaf->credential.type == IC_MLS_X509 &&
           ic_pki_chain_decode(leaf->credential.identity, 0, out, NULL) == IC_OK &&
           ic_view_equal(out->certs[0].key, leaf->signature_key) && !out->certs[0].is_ca;
}

bool ic_rules_leaf_name(const struct ic_mlspub_leaf_node *leaf, char out[IC_RULES_NAME_MAX + 1])
{
    struct ic_pki_chain chain;
    if (leaf->credential.type == IC_MLS_BASIC)
        return take_name(leaf->credential.identity, out);
    return ic_rules_chain_of(leaf, &chain) && certified_name(&chain.certs[0], out);
}

struct ic_view ic_rules_credential_types(void)
{
    static const uint8_t types[] = {0, IC_MLS_BASIC, 0, IC_MLS_X509};
    return IC_VIEW_ARRAY(types);
}

ic_err ic_rules_check_credential(void *ctx, const struct ic_mlspub_leaf_node *leaf,
                                 const struct ic_mlspub_leaf_node *former)
{
    (void)ctx;
    (void)former; /* who may follow whom is judged with the rest: identity-changed */
    char name[IC_RULES_NAME_MAX + 1];
    return ic_rules_leaf_name(leaf, name) ? IC_OK : IC_ERR_DENIED;
}

const struct ic_mlspub_rules *ic_rules_of_meetings(void)
{
    static const struct ic_mlspub_rules rules = {.check_credential = ic_rules_check_credential};
    return &rules;
}
