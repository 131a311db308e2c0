#include "labels.h"

#include <ic/crypto/hkdf.h>
#include <string.h>

enum { LABEL_MAX = 255, PREFIX_LEN = 8 };

/* RFC 9420 section 2.1.2; n below 2^30. */
static size_t put_varint(uint8_t *p, size_t n)
{
    if (n < 0x40) {
        p[0] = (uint8_t)n;
        return 1;
    }
    if (n < 0x4000) {
        ic_store_u16(p, (uint16_t)(n | 0x4000));
        return 2;
    }
    ic_store_u32(p, (uint32_t)n | 0x80000000u);
    return 4;
}

/* RFC 9420 section 8: KDFLabel, all but the context's bytes. */
ic_err ic_mls_expand_key(const struct ic_hmac_key *prk, struct ic_view label,
                         struct ic_view context, uint8_t *out, size_t out_len)
{
    uint8_t head[2 + 2 + LABEL_MAX + 4];
    if (label.len > LABEL_MAX - PREFIX_LEN || out_len > UINT16_MAX || context.len >= 1u << 30)
        return IC_ERR_RANGE;
    ic_store_u16(head, (uint16_t)out_len);
    size_t n = 2 + put_varint(head + 2, PREFIX_LEN + label.len);
    memcpy(head + n, "MLS 1.0 ", PREFIX_LEN);
    n += PREFIX_LEN;
    if (label.len > 0)
        memcpy(head + n, label.p, label.len);
    n += label.len;
    n += put_varint(head + n, context.len);
    const struct ic_view info[] = {ic_view(head, n), context};
    return ic_hkdf_expand_key(prk, info, context.len > 0 ? 2 : 1, out, out_len);
}

ic_err ic_mls_expand_secret(const struct ic_suite *s, const struct ic_hmac_key *prk,
                            struct ic_view label, struct ic_view context, struct ic_secret *out)
{
    IC_TRY(ic_mls_expand_key(prk, label, context, out->b, s->hash_len));
    out->len = s->hash_len;
    return IC_OK;
}

ic_err ic_mls_expand_with_label(const struct ic_suite *s, struct ic_view secret, const char *label,
                                struct ic_view context, uint8_t *out, size_t out_len)
{
    IC_HMAC_KEY_SCOPE(prk);
    ic_hmac_key_init(&prk, s->hash, secret);
    return ic_mls_expand_key(&prk, ic_view_cstr(label), context, out, out_len);
}

ic_err ic_mls_derive_secret(const struct ic_suite *s, struct ic_view secret, const char *label,
                            struct ic_secret *out)
{
    IC_HMAC_KEY_SCOPE(prk);
    ic_hmac_key_init(&prk, s->hash, secret);
    return ic_mls_expand_secret(s, &prk, ic_view_cstr(label), ic_view(NULL, 0), out);
}
