/* A path from a leaf to a root: everything but signatures. RFC 5280 section 6.1, with the leaf
 * first. */
#include "internal.h"

enum { DEFAULT_PURPOSES = IC_PKI_FOR_IM_URI | IC_PKI_FOR_CLIENT_AUTH | IC_PKI_FOR_ANY };

static bool has_usage(const struct ic_pki_cert *c, uint16_t bit)
{
    return !c->has_key_usage || c->key_usage & bit;
}

static bool has_purpose(const struct ic_pki_policy *p, const struct ic_pki_cert *c)
{
    uint16_t accepted = p->purposes ? p->purposes : DEFAULT_PURPOSES;
    return !c->has_purposes || c->purposes & accepted;
}

static enum ic_pki_reason judge_key(const struct ic_pki_cert *leaf, const struct ic_pki_want *want)
{
    bool signs = leaf->key_kind == IC_PKI_KEY_ECDSA || leaf->key_kind == IC_PKI_KEY_EDDSA;
    if (!signs || (want->suite && leaf->key_sig != want->suite->sig))
        return IC_PKI_KEY_SUITE;
    /* RFC9420-5.3-1. Signature keys of the suites' algorithms have different lengths each. */
    return ic_view_equal(leaf->key, want->key) ? IC_PKI_NONE : IC_PKI_KEY_MISMATCH;
}

enum ic_pki_reason ic_pki_leaf_judge(const struct ic_pki_policy *p, const struct ic_pki_cert *leaf,
                                     const struct ic_pki_want *want)
{
    PKI_TRY(judge_key(leaf, want));
    if (leaf->is_ca)
        return IC_PKI_LEAF_CA;
    if (!has_usage(leaf, IC_PKI_DIGITAL_SIGNATURE))
        return IC_PKI_KEY_USAGE;
    if (!has_purpose(p, leaf) || (p->need_purpose && !leaf->has_purposes))
        return IC_PKI_PURPOSE;
    return IC_PKI_NONE;
}

static bool is_self_issued(const struct ic_pki_cert *c)
{
    return ic_pki_name_equal(c->subject, c->issuer);
}

/* below: authorities between this one and the leaf, those that issued to themselves not counted. */
static enum ic_pki_reason judge_authority(const struct ic_pki_policy *p,
                                          const struct ic_pki_cert *c, int32_t below)
{
    if (!c->is_ca)
        return IC_PKI_NOT_CA;
    if (!has_usage(c, IC_PKI_KEY_CERT_SIGN))
        return IC_PKI_KEY_USAGE;
    if (!has_purpose(p, c))
        return IC_PKI_PURPOSE;
    if (!ic_pki_key_serves(c))
        return IC_PKI_KEY_WEAK;
    if (c->path_len >= 0 && below > c->path_len)
        return IC_PKI_PATH_LENGTH;
    return IC_PKI_NONE;
}

static enum ic_pki_reason judge_time(const struct ic_pki_cert *c, int64_t now, int64_t skew)
{
    if (now < c->not_before && c->not_before - now > skew)
        return IC_PKI_NOT_YET;
    return now > c->not_after && now - c->not_after > skew ? IC_PKI_EXPIRED : IC_PKI_NONE;
}

enum ic_pki_reason ic_pki_path_judge(const struct ic_pki_policy *p, const struct ic_pki_path *path,
                                     int64_t now, int64_t skew, int32_t *index)
{
    int32_t below = 0;
    for (int32_t i = 0; i < path->count; i++) {
        *index = i;
        PKI_TRY(judge_time(path->at[i], now, skew));
        if (i == 0)
            continue;
        PKI_TRY(judge_authority(p, path->at[i], below));
        below += !is_self_issued(path->at[i]);
    }
    return IC_PKI_NONE;
}

enum ic_pki_reason ic_pki_path_constraints(const struct ic_pki_path *path, int32_t *index)
{
    for (int32_t i = 0; i + 1 < path->count; i++) {
        *index = i;
        if (i > 0 && is_self_issued(path->at[i]))
            continue;
        for (int32_t j = i + 1; j < path->count; j++)
            PKI_TRY(ic_pki_constraints_check(path->at[j], path->at[i], i == 0));
    }
    return IC_PKI_NONE;
}
