#include "state.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>

struct own_lists { /* big-endian u16s of our own capabilities */
    uint8_t version[2];
    uint8_t suite[2];
    uint8_t credentials[4];
};

/* RFC 9420 section 7.2: what the identity says, beyond the default types. */
/* RFC9420-7.2-2 */
static struct ic_mlspub_capabilities capabilities_of(const struct ic_mls_identity *id,
                                                     struct own_lists *l)
{
    ic_store_u16(l->version, IC_MLS_VERSION_1);
    ic_store_u16(l->suite, id->suite->id);
    ic_store_u16(l->credentials, IC_MLS_BASIC);
    ic_store_u16(l->credentials + 2, id->credential.type);
    size_t own = id->credential.type == IC_MLS_BASIC ? 2 : 4;
    return (struct ic_mlspub_capabilities){
        .versions = IC_VIEW_ARRAY(l->version),
        .suites = IC_VIEW_ARRAY(l->suite),
        .extensions = id->extension_types,
        .proposals = id->proposal_types,
        .credentials =
            id->credential_types.len > 0 ? id->credential_types : ic_view(l->credentials, own),
    };
}

/* Peers' clocks are not ours: a leaf that begins now would be refused by those that are behind. */
enum { EARLY_S = 3600, LIFETIME_S = 84 * 86400 };

static struct ic_mlspub_lifetime lifetime_of(const struct ic_mls_leaf_spec *spec)
{
    struct ic_mlspub_lifetime l = spec->identity->lifetime;
    if (l.not_before != 0 || l.not_after != 0 || !spec->clock)
        return l;
    uint64_t now = ic_clock_now_s(spec->clock);
    l.not_before = now > EARLY_S ? now - EARLY_S : 0;
    l.not_after = now + LIFETIME_S;
    return l;
}

/* Section 7.2: default types MUST NOT be listed. RFC9420-7.2-1 */
static bool lists_defaults(const struct ic_mls_identity *id)
{
    for (uint16_t type = IC_MLS_EXT_APPLICATION_ID; type <= IC_MLS_EXT_EXTERNAL_SENDERS; type++)
        if (ic_mlspub_list_has(id->extension_types, type))
            return true;
    for (uint16_t type = IC_MLS_ADD; type <= IC_MLS_GROUP_CONTEXT_EXTENSIONS; type++)
        if (ic_mlspub_list_has(id->proposal_types, type))
            return true;
    return false;
}

static struct ic_mlspub_leaf_node leaf_of(const struct ic_mls_leaf_spec *spec, struct own_lists *l)
{
    struct ic_mlspub_leaf_node leaf = {.encryption_key = spec->encryption_key,
                                       .signature_key = ic_sign_key_public(spec->signer),
                                       .source = spec->source,
                                       .parent_hash = spec->parent_hash};
    if (spec->identity) {
        leaf.credential = spec->identity->credential;
        leaf.capabilities = capabilities_of(spec->identity, l);
        leaf.lifetime = lifetime_of(spec);
        leaf.extensions = spec->identity->leaf_extensions;
    } else {
        leaf.credential = spec->former->credential;
        leaf.capabilities = spec->former->capabilities;
        leaf.extensions = spec->former->extensions;
    }
    return leaf;
}

ic_err ic_mls_leaf_build(const struct ic_mls_leaf_spec *spec, struct ic_buf *out)
{
    if (spec->identity && lists_defaults(spec->identity))
        return IC_ERR_ARG;
    struct own_lists lists;
    const struct ic_mlspub_leaf_node leaf = leaf_of(spec, &lists);
    return ic_mlspub_leaf_node_sign(spec->signer, &leaf, spec->group_id, spec->leaf, out);
}

ic_err ic_mls_leaf_draft(const struct ic_mls_leaf_spec *spec, struct ic_buf *out)
{
    if (spec->identity && lists_defaults(spec->identity))
        return IC_ERR_ARG;
    struct own_lists lists;
    const struct ic_mlspub_leaf_node leaf = leaf_of(spec, &lists);
    struct ic_writer w = ic_writer(out);
    ic_mlspub_leaf_node_write(&w, &leaf);
    return ic_writer_end(&w);
}
