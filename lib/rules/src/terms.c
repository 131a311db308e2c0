#include "fault.h"
#include <ic/crypto/hash.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>

static const char label[] = "InCamera Terms";

static ic_err broken(struct ic_rules_fault *f, const char *rule)
{
    return ic_rules_broken(f, rule, IC_MLSPUB_NO_LEAF);
}

ic_err ic_rules_terms_find(const struct ic_mlspub_group_context *c, struct ic_wire_terms *out,
                           struct ic_rules_fault *fault)
{
    struct ic_view data;
    if (!ic_mlspub_extensions_find(c->extensions, IC_WIRE_EXT_TERMS, &data))
        return broken(fault, "terms-missing");
    if (ic_wire_terms_decode(data, out) != IC_OK)
        return broken(fault, "terms-malformed");
    return IC_OK;
}

/* Three bytes of UTF-8: U+200B to U+200F and U+2028 to U+202E are E2 80 8B to 8F and A8 to AE, U+2060 to U+206F are
 * E2 81 A0 to AF, U+FEFF is EF BB BF. */
static bool deceives(const uint8_t c[3])
{
    if (c[0] == 0xe2 && c[1] == 0x80)
        return (c[2] >= 0x8b && c[2] <= 0x8f) || (c[2] >= 0xa8 && c[2] <= 0xae);
    if (c[0] == 0xe2 && c[1] == 0x81)
        return c[2] >= 0xa0 && c[2] <= 0xaf;
    return c[0] == 0xef && c[1] == 0xbb && c[2] == 0xbf;
}

bool ic_rules_name_ok(struct ic_view name)
{
    if (name.len == 0 || name.len > IC_RULES_NAME_MAX || !ic_view_is_text(name))
        return false;
    for (size_t i = 0; i + 2 < name.len; i++)
        if (deceives(name.p + i))
            return false;
    return true;
}

bool ic_rules_is_host(const struct ic_wire_terms *t, struct ic_view signature_key)
{
    return signature_key.len > 0 && ic_wire_list_has(t->hosts, signature_key);
}

bool ic_rules_is_barred(const struct ic_wire_terms *t, struct ic_view signature_key)
{
    uint8_t hash[32];
    ic_hash_once(IC_SHA256, signature_key, hash);
    return ic_wire_list_has(t->barred, IC_VIEW_ARRAY(hash));
}

static bool same_meeting(const struct ic_wire_terms *a, const struct ic_wire_terms *b)
{
    return ic_view_equal(a->meeting_id, b->meeting_id) && a->kind == b->kind &&
           a->suite == b->suite && a->sframe_suite == b->sframe_suite &&
           ic_view_equal(a->meeting_key, b->meeting_key);
}

static ic_err signature_ok(const struct ic_wire_terms *t, struct ic_rules_fault *fault)
{
    const struct ic_suite *suite = ic_suite_find(t->suite);
    if (!suite)
        return broken(fault, "terms-suite");
    ic_err e = ic_mlspub_verify_with_label(suite->sig, t->signer, label, t->tbs, t->signature);
    if (e == IC_ERR_NOMEM)
        return e;
    return e == IC_OK ? IC_OK : broken(fault, "terms-signature");
}

/* Do the chain's first n terms name the key, or is it the meeting key? */
static bool named(const struct ic_wire_terms *t, struct ic_view chain, size_t n, struct ic_view key)
{
    struct ic_view item;
    struct ic_wire_terms former;
    if (ic_view_equal(key, t->meeting_key))
        return true;
    while (n-- > 0 && ic_wire_list_next(&chain, &item))
        if (ic_wire_terms_decode(item, &former) == IC_OK && ic_rules_is_host(&former, key))
            return true;
    return false;
}

/* Each item of the chain: terms of the same meeting, older than the next, by a key that those before it
 * name. The first can only be the meeting key's. */
static ic_err chain_ok(const struct ic_wire_terms *t, size_t *count, struct ic_rules_fault *fault)
{
    struct ic_view rest = t->chain, item;
    uint64_t seq = 0;
    size_t n = 0;
    for (; ic_wire_list_next(&rest, &item); n++) {
        struct ic_wire_terms former;
        if (ic_wire_terms_decode(item, &former) != IC_OK || former.chain.len ||
            !same_meeting(&former, t) || (n > 0 && former.seq <= seq) || former.seq >= t->seq ||
            !named(t, t->chain, n, former.signer))
            return broken(fault, "terms-chain");
        IC_TRY(signature_ok(&former, fault));
        seq = former.seq;
    }
    *count = n;
    return IC_OK;
}

ic_err ic_rules_terms_verify(const struct ic_wire_terms *t, struct ic_view pin,
                             struct ic_rules_fault *fault)
{
    size_t n = 0;
    uint8_t hash[32];
    ic_hash_once(IC_SHA256, t->meeting_key, hash);
    if (pin.len && !ic_view_equal(pin, IC_VIEW_ARRAY(hash)))
        return broken(fault, "terms-pin");
    IC_TRY(chain_ok(t, &n, fault));
    if (!named(t, t->chain, n, t->signer))
        return broken(fault, "terms-chain");
    if (ic_rules_verified_only(t) && t->roots.len == 0)
        return broken(fault, "terms-no-root"); /* nobody could enter */
    return signature_ok(t, fault);
}

ic_err ic_rules_terms_follow(const struct ic_wire_terms *former, const struct ic_wire_terms *next,
                             struct ic_rules_fault *fault)
{
    if (ic_view_equal(former->tbs, next->tbs) &&
        ic_view_equal(former->signature, next->signature) &&
        ic_view_equal(former->chain, next->chain))
        return IC_OK;
    if (!same_meeting(former, next))
        return broken(fault, "terms-fixed");
    /* No leap either: after terms of the highest number nobody could change any. */
    if (next->seq <= former->seq || next->seq - former->seq > IC_RULES_SEQ_LEAP)
        return broken(fault, "terms-seq");
    if (!ic_view_equal(next->signer, next->meeting_key) && !ic_rules_is_host(former, next->signer))
        return broken(fault, "terms-signer");
    if (next->hosts.len == 0 && !next->locked)
        return broken(fault, "terms-no-host");
    return ic_rules_terms_verify(next, ic_view(NULL, 0), fault);
}

/* The part of former's chain, with former itself where that is needed, that shows how the key came to be
 * named. */
static ic_err make_chain(const struct ic_wire_terms *former, struct ic_view key, struct ic_buf *out)
{
    struct ic_view rest = former->chain, item;
    size_t n = 0;
    for (; ic_wire_list_next(&rest, &item); n++) {
        struct ic_wire_terms older;
        IC_TRY(ic_wire_list_add(out, item));
        IC_TRY(ic_wire_terms_decode(item, &older));
        if (ic_rules_is_host(&older, key))
            return IC_OK;
    }
    if (!ic_rules_is_host(former, key))
        return IC_ERR_DENIED;
    if (n == IC_WIRE_CHAIN_MAX)
        return IC_ERR_LIMIT;
    struct ic_wire_terms last = *former;
    last.chain = ic_view(NULL, 0);
    IC_BUF_SCOPE(encoded, IC_WIRE_TERMS_MAX);
    IC_TRY(ic_wire_terms_encode(&last, &encoded));
    return ic_wire_list_add(out, ic_buf_view(&encoded));
}

ic_err ic_rules_terms_sign(const struct ic_wire_terms *t, const struct ic_wire_terms *former,
                           const struct ic_sign_key *key, struct ic_buf *out)
{
    struct ic_wire_terms signed_terms = *t;
    uint8_t sig[IC_SIG_MAX];
    size_t sig_len;
    IC_BUF_SCOPE(chain, (size_t)IC_WIRE_CHAIN_MAX * (IC_WIRE_TERMS_MAX + 4));
    IC_BUF_SCOPE(tbs, IC_WIRE_TERMS_MAX);
    signed_terms.signer = ic_sign_key_public(key);
    if (former)
        IC_TRY(make_chain(former, signed_terms.signer, &chain));
    signed_terms.chain = ic_buf_view(&chain);
    IC_TRY(ic_wire_terms_encode_tbs(&signed_terms, &tbs));
    IC_TRY(ic_mlspub_sign_with_label(key, label, ic_buf_view(&tbs), sig, &sig_len));
    signed_terms.signature = ic_view(sig, sig_len);
    return ic_wire_terms_encode(&signed_terms, out);
}
