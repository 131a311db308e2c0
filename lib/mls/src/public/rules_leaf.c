/* Leaves and key packages (RFC 9420 sections 7.2, 7.3, 10.1, 11.1). */
#include "rules_internal.h"
#include <ic/crypto/kem.h>
#include <string.h>

/* 366 days, and an hour for clocks on each side. */
static const uint64_t DEFAULT_LIFETIME_S = UINT64_C(366) * 86400 + 7200;

bool ic_mlspub_rules_default_proposal(uint16_t type)
{
    return type >= IC_MLS_ADD && type <= IC_MLS_GROUP_CONTEXT_EXTENSIONS;
}

bool ic_mlspub_rules_default_extension(uint16_t type)
{
    return type >= IC_MLS_EXT_APPLICATION_ID && type <= IC_MLS_EXT_EXTERNAL_SENDERS;
}

/* Section 7.2: the total lifetime MUST NOT be longer than the application's maximum. */
static ic_err check_lifetime_length(const struct ic_mlspub_rules *rules,
                                    const struct ic_mlspub_leaf_node *l,
                                    struct ic_mlspub_fault *fault, uint32_t offender)
{
    uint64_t max = rules->max_lifetime_s ? rules->max_lifetime_s : DEFAULT_LIFETIME_S;
    /* RFC9420-7.2-6 */
    if (l->lifetime.not_after < l->lifetime.not_before ||
        l->lifetime.not_after - l->lifetime.not_before > max)
        return rule(fault, offender, "RFC 9420 section 7.2: a leaf's lifetime is too long");
    return IC_OK;
}

/* A list of types to be asked often: a long one becomes bits, so that hostile lists stay linear. */
struct type_set {
    struct ic_view list;
    bool many;
    uint64_t bits[1024];
};

static void type_set_init(struct type_set *s, struct ic_view list)
{
    enum { FEW_BYTES = 64 };
    s->list = list;
    s->many = list.len > FEW_BYTES;
    if (!s->many)
        return;
    memset(s->bits, 0, sizeof s->bits);
    for (size_t i = 0; i + 1 < list.len; i += 2) {
        uint16_t type = ic_load_u16(list.p + i);
        s->bits[type / 64] |= UINT64_C(1) << type % 64;
    }
}

static bool type_set_has(const struct type_set *s, uint16_t type)
{
    return s->many ? s->bits[type / 64] >> type % 64 & 1 : ic_mlspub_list_has(s->list, type);
}

static bool extensions_listed(const struct ic_mlspub_leaf_node *l)
{
    struct type_set have;
    type_set_init(&have, l->capabilities.extensions);
    struct ic_reader r = ic_reader(l->extensions);
    uint16_t type;
    struct ic_view data;
    while (ic_mlspub_extensions_next(&r, &type, &data))
        if (!ic_mlspub_rules_default_extension(type) && !type_set_has(&have, type))
            return false;
    return true;
}

ic_err ic_mlspub_rules_leaf_declared(const struct ic_mlspub_rules *rules,
                                     const struct ic_mlspub_leaf_node *l,
                                     struct ic_mlspub_fault *fault, uint32_t offender)
{
    /* RFC 9420 section 11.1: all members need to support the suite and version in use. */
    /* RFC9420-11-1 RFC9420-11.1-r1 */
    if (!ic_mlspub_list_has(l->capabilities.versions, IC_MLS_VERSION_1) ||
        !ic_mlspub_list_has(l->capabilities.suites, rules->suite->id))
        return rule(fault, offender,
                    "RFC 9420 section 11.1: a leaf does not support the group's version and suite");
    /* RFC9420-7.2-4 */
    if (!ic_mlspub_list_has(l->capabilities.credentials, l->credential.type))
        return rule(
            fault, offender,
            "RFC 9420 section 7.2: a leaf's own credential type is not in its capabilities");
    /* RFC9420-7.2-3 */
    if (!extensions_listed(l))
        return rule(fault, offender,
                    "RFC 9420 section 7.3: a leaf's extension is not in its capabilities");
    if (l->source == IC_MLS_LEAF_KEY_PACKAGE)
        return check_lifetime_length(rules, l, fault, offender);
    return IC_OK;
}

static bool lists_all(struct ic_view list, struct ic_view want, bool (*is_default)(uint16_t))
{
    struct type_set have;
    type_set_init(&have, list);
    for (size_t i = 0; i + 1 < want.len; i += 2) {
        uint16_t type = ic_load_u16(want.p + i);
        if (!(is_default && is_default(type)) && !type_set_has(&have, type))
            return false;
    }
    return true;
}

/* Sections 7.3 and 13.4: compatible with the group's extensions. */
static ic_err check_compatible(const struct leaf_check *c, const struct ic_mlspub_leaf_node *l)
{
    struct type_set have;
    type_set_init(&have, l->capabilities.extensions);
    struct ic_reader r = ic_reader(c->extensions);
    uint16_t type;
    struct ic_view data;
    while (ic_mlspub_extensions_next(&r, &type, &data)) {
        /* RFC9420-12.4.3-2 RFC9420-13.4-6 RFC9420-13.4-7 RFC9420-13.4-8 RFC9420-13.4-9 */
        if (!ic_mlspub_rules_default_extension(type) && !type_set_has(&have, type))
            return rule(c->fault, c->offender,
                        "RFC 9420 section 13.4: a leaf does not support an extension of the group");
        if (type != IC_MLS_EXT_REQUIRED_CAPABILITIES)
            continue;
        struct ic_mlspub_required_capabilities need;
        IC_TRY(ic_mlspub_required_capabilities_decode(data, &need));
        /* RFC9420-7.3-1 */
        if (!lists_all(l->capabilities.extensions, need.extensions,
                       ic_mlspub_rules_default_extension) ||
            !lists_all(l->capabilities.proposals, need.proposals,
                       ic_mlspub_rules_default_proposal) ||
            !lists_all(l->capabilities.credentials, need.credentials, NULL))
            return rule(c->fault, c->offender,
                        "RFC 9420 section 7.3: a leaf lacks a required capability");
    }
    return IC_OK;
}

static ic_err check_encryption_key(const struct leaf_check *c, const struct ic_mlspub_leaf_node *l)
{
    const struct ic_suite *s = c->rules->suite;
    /* RFC9420-5.1.2-1 RFC9420-10-3 */
    if (l->encryption_key.len == s->kem_public_len && l->signature_key.len == s->sig_public_len &&
        ic_kem_public_check(s->kem, l->encryption_key) == IC_OK)
        return IC_OK;
    return ic_mlspub_fault_set(c->fault, IC_ERR_KEY,
                               "RFC 9420 section 10: a key does not fit the cipher suite",
                               c->offender);
}

static ic_err check_clock(const struct leaf_check *c, const struct ic_mlspub_leaf_node *l)
{
    const struct ic_mlspub_lifetime *t = &l->lifetime;
    uint64_t now = c->rules->now_s, skew = c->rules->clock_skew_s;
    bool early = now < t->not_before && t->not_before - now > skew;
    bool late = now > t->not_after && now - t->not_after > skew;
    /* RFC9420-7.3-2 */
    if (l->source != IC_MLS_LEAF_KEY_PACKAGE || (!early && !late))
        return IC_OK;
    return ic_mlspub_fault_set(c->fault, IC_ERR_EXPIRED,
                               "RFC 9420 section 7.3: a leaf's lifetime is over, or has not begun",
                               c->offender);
}

ic_err ic_mlspub_rules_leaf(const struct leaf_check *c, const struct ic_mlspub_leaf_node *l)
{
    /* RFC9420-7.3-r3 RFC9420-10-6 RFC9420-12.4.2-1 */
    if (l->source != c->source)
        return rule(c->fault, c->offender,
                    "RFC 9420 section 7.3: a leaf's source does not fit where it stands");
    IC_TRY(check_encryption_key(c, l));
    IC_TRY(ic_mlspub_rules_leaf_declared(c->rules, l, c->fault, c->offender));
    IC_TRY(check_compatible(c, l));
    IC_TRY(check_clock(c, l));
    /* RFC9420-7.3-r4 RFC9420-7.5-1 */
    if (c->former && ic_view_equal(c->former->encryption_key, l->encryption_key))
        return rule(c->fault, c->offender,
                    "RFC 9420 section 7.3: the encryption key is that of the leaf replaced");
    return IC_OK;
}

ic_err ic_mlspub_rules_key_package(const struct leaf_check *c,
                                   const struct ic_mlspub_key_package *k)
{
    const struct ic_suite *s = c->rules->suite;
    /* RFC9420-10.1-r1 */
    if (k->version != IC_MLS_VERSION_1 || k->suite != s->id)
        return rule(c->fault, c->offender,
                    "RFC 9420 section 10.1: version or suite of a key package is not the group's");
    /* RFC9420-10-1 */
    if (k->init_key.len != s->kem_public_len || ic_kem_public_check(s->kem, k->init_key) != IC_OK)
        return ic_mlspub_fault_set(c->fault, IC_ERR_KEY,
                                   "RFC 9420 section 10: an init key does not fit the cipher suite",
                                   c->offender);
    /* RFC9420-10.1-r2 */
    if (ic_view_equal(k->init_key, k->leaf.encryption_key))
        return rule(c->fault, c->offender,
                    "RFC 9420 section 10.1: init key and encryption key are the same");
    return ic_mlspub_rules_leaf(c, &k->leaf);
}

ic_err ic_mlspub_rules_key_package_signed(const struct ic_mlspub_rules *rules,
                                          const struct ic_mlspub_key_package *k,
                                          struct ic_mlspub_fault *fault)
{
    struct leaf_check c = {
        .rules = rules,
        .source = IC_MLS_LEAF_KEY_PACKAGE,
        .extensions = rules->context ? rules->context->extensions : ic_view(NULL, 0),
        .fault = fault,
        .offender = IC_MLSPUB_NO_LEAF,
    };
    IC_TRY(ic_mlspub_rules_key_package(&c, k));
    ic_err e = ic_mlspub_leaf_node_verify(rules->suite, &k->leaf, ic_view(NULL, 0), 0);
    if (e != IC_OK)
        return ic_mlspub_fault_set(fault, e,
                                   "RFC 9420 section 7.3: a leaf's signature does not verify",
                                   IC_MLSPUB_NO_LEAF);
    /* RFC9420-10-4 */
    e = ic_mlspub_key_package_verify(rules->suite, k);
    if (e != IC_OK)
        return ic_mlspub_fault_set(
            fault, e, "RFC 9420 section 10.1: a key package's signature does not verify",
            IC_MLSPUB_NO_LEAF);
    return IC_OK;
}

ic_err ic_mlspub_key_package_check(const struct ic_mlspub_rules *rules,
                                   const struct ic_mlspub_key_package *k,
                                   struct ic_mlspub_fault *fault)
{
    IC_TRY(ic_mlspub_rules_key_package_signed(rules, k, fault));
    return ic_mlspub_rules_credential(rules, &k->leaf, NULL, fault, IC_MLSPUB_NO_LEAF);
}

static bool all_of_list(struct source s, enum ic_mlspub_support kind, struct ic_view want,
                        bool (*is_default)(uint16_t))
{
    for (size_t i = 0; i + 1 < want.len; i += 2) {
        uint16_t type = ic_load_u16(want.p + i);
        if (!(is_default && is_default(type)) && !ic_mlspub_source_all_support(s, kind, type))
            return false;
    }
    return true;
}

bool ic_mlspub_rules_extensions_supported(struct source s, struct ic_view extensions)
{
    struct ic_reader r = ic_reader(extensions);
    uint16_t type;
    struct ic_view data;
    while (ic_mlspub_extensions_next(&r, &type, &data)) {
        if (!ic_mlspub_rules_default_extension(type) &&
            !ic_mlspub_source_all_support(s, IC_MLSPUB_EXTENSIONS, type))
            return false;
        struct ic_mlspub_required_capabilities need;
        if (type != IC_MLS_EXT_REQUIRED_CAPABILITIES)
            continue;
        if (ic_mlspub_required_capabilities_decode(data, &need) != IC_OK ||
            !all_of_list(s, IC_MLSPUB_EXTENSIONS, need.extensions,
                         ic_mlspub_rules_default_extension) ||
            !all_of_list(s, IC_MLSPUB_PROPOSALS, need.proposals,
                         ic_mlspub_rules_default_proposal) ||
            !all_of_list(s, IC_MLSPUB_CREDENTIALS, need.credentials, NULL))
            return false;
    }
    return true;
}

static ic_err check_whole(struct source s, struct ic_view extensions, struct ic_mlspub_fault *fault)
{
    /* RFC9420-12.1.7-r1 RFC9420-13.4-10 */
    /* RFC9420-12.4.3-2 RFC9420-13.4-8 RFC9420-13.4-9 */
    if (!ic_mlspub_rules_extensions_supported(s, extensions))
        return rule(fault, IC_MLSPUB_NO_LEAF,
                    "RFC 9420 section 12.1.7: a member lacks an extension or required capability");
    /* RFC9420-7.3-r2 */
    if (!ic_mlspub_source_credentials_agree(s))
        return rule(fault, IC_MLSPUB_NO_LEAF,
                    "RFC 9420 section 7.3: a credential type in use is not supported by a member");
    return IC_OK;
}

ic_err ic_mlspub_rules_finish(const struct ic_mlspub_rules *rules,
                              const struct ic_mlspub_outcome *outcome,
                              const struct ic_mlspub_diff *d, struct ic_mlspub_fault *fault)
{
    uint32_t leaf;
    (void)rules;
    /* RFC9420-7.3-r5 RFC9420-7.3-r6 RFC9420-12.2-r4 RFC9420-12.2-r5 RFC9420-16.7-1 */
    if (ic_mlspub_diff_unique(d, &leaf) != IC_OK)
        return rule(fault, leaf,
                    ic_mlspub_diff_added(d, leaf)
                        ? "RFC 9420 section 12.2: an Add of a client already in the group"
                        : "RFC 9420 section 7.3: a key that another node has");
    return check_whole((struct source){d->t, d}, outcome->extensions, fault);
}

ic_err ic_mlspub_rules_tree(const struct ic_mlspub_rules *rules, const struct ic_mlspub_tree *t,
                            struct ic_mlspub_fault *fault)
{
    for (uint32_t i = 0; (i = ic_mlspub_tree_next(t, i)) != IC_MLSPUB_NO_LEAF; i++) {
        struct ic_mlspub_leaf_node l;
        IC_TRY(ic_mlspub_tree_leaf(t, i, &l));
        IC_TRY(ic_mlspub_rules_leaf_declared(rules, &l, fault, i));
    }
    IC_TRY(ic_mlspub_rules_external_senders(rules, rules->context->extensions, ic_view(NULL, 0),
                                            fault, IC_MLSPUB_NO_LEAF));
    return check_whole((struct source){t, NULL}, rules->context->extensions, fault);
}
