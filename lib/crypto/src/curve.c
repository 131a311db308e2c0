#include "curve.h"

#include <ic/base/ct.h>
#include <ic/base/mem.h>
#include <string.h>

/* FIPS 186-5, SP 800-186 section 3.2.1 */
static const uint8_t order_p256[32] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
};

static const uint8_t order_p384[48] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
};

static const uint8_t order_p521[66] = {
    0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b,
    0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09, 0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89, 0x9c,
    0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09,
};

static const struct ic_curve curves[] = {
    {32, 65, 32, 0, order_p256, 0xff, IC_KEM_P256, IC_ECDSA_P256_SHA256, IC_SHA256, IC_SHA256},
    {48, 97, 48, 0, order_p384, 0xff, IC_KEM_P384, IC_ECDSA_P384_SHA384, IC_SHA384, IC_SHA384},
    {66, 133, 66, 0, order_p521, 0x01, IC_KEM_P521, IC_ECDSA_P521_SHA512, IC_SHA512, IC_SHA512},
    {32, 32, 32, 0, NULL, 0, IC_KEM_X25519, 0, IC_SHA256, 0},
    {56, 56, 56, 0, NULL, 0, IC_KEM_X448, 0, IC_SHA512, 0},
    {32, 32, 0, 64, NULL, 0, 0, IC_ED25519, 0, 0},
    {57, 57, 0, 114, NULL, 0, 0, IC_ED448, 0, 0},
};

const struct ic_curve *ic_curve_of_kem(enum ic_kem_id id)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(curves); i++) {
        if (curves[i].kem == id)
            return id ? &curves[i] : NULL;
    }
    return NULL;
}

const struct ic_curve *ic_curve_of_sig(enum ic_sig_id id)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(curves); i++) {
        if (curves[i].sig == id)
            return id ? &curves[i] : NULL;
    }
    return NULL;
}

/* Only the answer leaks, which the caller acts upon anyway. */
static bool scalar_in_range(struct ic_view s, const uint8_t *order)
{
    unsigned borrow = 0, any = 0;
    for (size_t i = s.len; i-- > 0;) {
        borrow = (((unsigned)s.p[i] - order[i] - borrow) >> 8) & 1;
        any |= s.p[i];
    }
    unsigned nonzero = ((0U - any) >> 8) & 1;
    unsigned good = borrow & nonzero;
    IC_CT_PUBLIC(&good, sizeof good);
    return good != 0;
}

ic_err ic_curve_check_private(const struct ic_curve *c, struct ic_view scalar)
{
    if (!c)
        return IC_ERR_UNSUPPORTED;
    if (scalar.len != c->private_len || (c->order && !scalar_in_range(scalar, c->order)))
        return IC_ERR_KEY;
    return IC_OK;
}

ic_err ic_curve_take_private(const struct ic_curve *c, struct ic_view scalar, struct ic_secret *out)
{
    if (!c)
        return IC_ERR_UNSUPPORTED;
    if (scalar.len > c->private_len || (!c->order && scalar.len < c->private_len))
        return IC_ERR_KEY;
    IC_SECRET_SCOPE(s);
    s.len = c->private_len;
    if (scalar.len > 0)
        memcpy(s.b + s.len - scalar.len, scalar.p, scalar.len);
    IC_TRY(ic_curve_check_private(c, ic_secret_view(&s)));
    *out = s;
    return IC_OK;
}

ic_err ic_curve_check_public_form(const struct ic_curve *c, struct ic_view key)
{
    if (!c)
        return IC_ERR_UNSUPPORTED;
    if (key.len != c->public_len || (c->order && key.p[0] != 4))
        return IC_ERR_KEY;
    return IC_OK;
}
