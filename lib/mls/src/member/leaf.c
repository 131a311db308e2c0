/* Our own leaf: what the identity and the configuration say that we understand, RFC 9420 section 7.2. */
#include "grease.h"
#include "state.h"

#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/extensions.h>
#include <ic/mlspub/label.h>

enum { LIST_MAX = 1 << 17 };

struct own_lists { /* big-endian u16s of our own capabilities, and the leaf's extensions */
    uint8_t version[2];
    struct ic_buf suites, extensions, proposals, credentials, leaf_extensions;
};

static void own_lists_clear(struct own_lists *l)
{
    ic_buf_clear(&l->suites);
    ic_buf_clear(&l->extensions);
    ic_buf_clear(&l->proposals);
    ic_buf_clear(&l->credentials);
    ic_buf_clear(&l->leaf_extensions);
}

#define OWN_LISTS(name)                                                                            \
    IC_CLEANUP(own_lists_clear)                                                                    \
    struct own_lists name = {{0},                                                                  \
                             {.max = LIST_MAX},                                                    \
                             {.max = LIST_MAX},                                                    \
                             {.max = LIST_MAX},                                                    \
                             {.max = LIST_MAX},                                                    \
                             {.max = LIST_MAX}}

static ic_err list_type(struct ic_buf *list, uint16_t type)
{
    return ic_mlspub_list_has(ic_buf_view(list), type) ? IC_OK : ic_mlspub_types_append(list, type);
}

/* RFC 9420 section 7.2: the default types MUST NOT be listed. RFC9420-7.2-1 */
static bool lists_defaults(struct ic_view list, uint16_t last)
{
    for (uint16_t type = 1; type <= last; type++)
        if (ic_mlspub_list_has(list, type))
            return true;
    return list.len % 2 != 0;
}

/* What the configuration adds to what the identity says. RFC9420-7.2-2 */
static ic_err list_configured(const struct ic_mls_config *c, struct own_lists *l)
{
    for (size_t i = 0; i < c->custom_count; i++)
        IC_TRY(list_type(&l->proposals, c->customs[i].type));
    if (c->drafts.self_remove)
        IC_TRY(list_type(&l->proposals, IC_MLS_SELF_REMOVE));
    if (c->drafts.last_resort)
        IC_TRY(list_type(&l->extensions, IC_MLS_EXT_APP_DATA_DICTIONARY));
    return IC_OK;
}

/* RFC 9420 section 13.5; an extension of the leaf must be listed too. */
static ic_err list_grease(const struct ic_rand *rand, struct own_lists *l)
{
    uint16_t type;
    struct ic_buf *const lists[] = {&l->suites, &l->extensions, &l->proposals, &l->credentials};
    for (size_t i = 0; i < IC_ARRAY_LEN(lists); i++) {
        IC_TRY(ic_mls_grease_type(rand, &type));
        IC_TRY(list_type(lists[i], type));
    }
    IC_TRY(ic_mls_grease_type(rand, &type));
    IC_TRY(list_type(&l->extensions, type));
    return ic_mls_grease_extension(rand, type, &l->leaf_extensions);
}

static ic_err fill_lists(const struct ic_mls_config *c, const struct ic_mls_identity *id,
                         struct own_lists *l)
{
    if (lists_defaults(id->extension_types, IC_MLS_EXT_EXTERNAL_SENDERS) ||
        lists_defaults(id->proposal_types, IC_MLS_GROUP_CONTEXT_EXTENSIONS))
        return IC_ERR_ARG;
    static const struct ic_mls_config plain;
    if (!c)
        c = &plain;
    ic_store_u16(l->version, IC_MLS_VERSION_1);
    IC_TRY(list_type(&l->suites, id->suite->id));
    IC_TRY(ic_buf_append(&l->extensions, id->extension_types));
    IC_TRY(ic_buf_append(&l->proposals, id->proposal_types));
    IC_TRY(ic_buf_append(&l->credentials, id->credential_types));
    if (id->credential_types.len == 0) {
        IC_TRY(list_type(&l->credentials, IC_MLS_BASIC));
        IC_TRY(list_type(&l->credentials, id->credential.type));
    }
    IC_TRY(ic_buf_append(&l->leaf_extensions, id->leaf_extensions));
    IC_TRY(list_configured(c, l));
    return c->grease ? list_grease(&c->rand, l) : IC_OK;
}

/* Peers' clocks are not ours: a leaf that begins now would be refused by those that are behind. */
enum { EARLY_S = 3600, LIFETIME_S = 84 * 86400 };

static struct ic_mlspub_lifetime lifetime_of(const struct ic_mls_leaf_spec *spec)
{
    struct ic_mlspub_lifetime l = spec->identity->lifetime;
    if (l.not_before != 0 || l.not_after != 0 || spec->source != IC_MLS_LEAF_KEY_PACKAGE ||
        !spec->config)
        return l;
    uint64_t now = ic_clock_now_s(&spec->config->clock);
    l.not_before = now > EARLY_S ? now - EARLY_S : 0;
    l.not_after = now + LIFETIME_S;
    return l;
}

static ic_err leaf_of(const struct ic_mls_leaf_spec *spec, struct own_lists *l,
                      struct ic_mlspub_leaf_node *out)
{
    *out = (struct ic_mlspub_leaf_node){.encryption_key = spec->encryption_key,
                                        .signature_key = ic_sign_key_public(spec->signer),
                                        .source = spec->source,
                                        .parent_hash = spec->parent_hash};
    if (!spec->identity) {
        out->credential = spec->former->credential;
        out->capabilities = spec->former->capabilities;
        out->extensions = spec->former->extensions;
        return IC_OK;
    }
    IC_TRY(fill_lists(spec->config, spec->identity, l));
    out->credential = spec->identity->credential;
    out->capabilities =
        (struct ic_mlspub_capabilities){.versions = IC_VIEW_ARRAY(l->version),
                                        .suites = ic_buf_view(&l->suites),
                                        .extensions = ic_buf_view(&l->extensions),
                                        .proposals = ic_buf_view(&l->proposals),
                                        .credentials = ic_buf_view(&l->credentials)};
    out->lifetime = lifetime_of(spec);
    out->extensions = ic_buf_view(&l->leaf_extensions);
    return IC_OK;
}

ic_err ic_mls_leaf_build(const struct ic_mls_leaf_spec *spec, struct ic_buf *out)
{
    OWN_LISTS(lists);
    struct ic_mlspub_leaf_node leaf;
    IC_TRY(leaf_of(spec, &lists, &leaf));
    return ic_mlspub_leaf_node_sign(spec->signer, &leaf, spec->group_id, spec->leaf, out);
}

ic_err ic_mls_leaf_draft(const struct ic_mls_leaf_spec *spec, struct ic_buf *out)
{
    OWN_LISTS(lists);
    struct ic_mlspub_leaf_node leaf;
    IC_TRY(leaf_of(spec, &lists, &leaf));
    struct ic_writer w = ic_writer(out);
    ic_mlspub_leaf_node_write(&w, &leaf);
    return ic_writer_end(&w);
}
