/* The key in the token: found, read, signed with. */
#include "private.h"

#include <ic/base/mem.h>
#include <ic/crypto/ecdsa.h>
#include <ic/crypto/hash.h>
#include <string.h>

enum { ATTRIBUTES_MAX = 8, VALUE_MAX = 256, OCTET_STRING = 4 };

static const struct ic_pkcs11_curve curves[] = {
    {IC_ECDSA_P256_SHA256,
     IC_VIEW_INIT("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"),
     {0},
     IC_SHA256},
    {IC_ECDSA_P384_SHA384, IC_VIEW_INIT("\x06\x05\x2b\x81\x04\x00\x22"), {0}, IC_SHA384},
    {IC_ECDSA_P521_SHA512, IC_VIEW_INIT("\x06\x05\x2b\x81\x04\x00\x23"), {0}, IC_SHA512},
    {IC_ED25519, IC_VIEW_INIT("\x06\x03\x2b\x65\x70"),
     IC_VIEW_INIT("\x13\x0c"
                  "edwards25519"),
     0},
};

const struct ic_pkcs11_curve *ic_pkcs11_curve_of(struct ic_view params)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(curves); i++)
        if (ic_view_equal(params, curves[i].params) ||
            (params.len && ic_view_equal(params, curves[i].other_params)))
            return &curves[i];
    return NULL;
}

const struct ic_pkcs11_curve *ic_pkcs11_curve(enum ic_sig_id id)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(curves); i++)
        if (curves[i].id == id)
            return &curves[i];
    return NULL;
}

/* How many objects fit; the first two are kept. */
static CK_ULONG search(struct ic_pkcs11 *p, CK_ATTRIBUTE *want, CK_ULONG n, CK_OBJECT_HANDLE *out)
{
    CK_OBJECT_HANDLE found[2];
    CK_ULONG count = 0;
    if (p->f->C_FindObjectsInit(p->session, want, n) != CKR_OK)
        return 0;
    if (p->f->C_FindObjects(p->session, found, 2, &count) != CKR_OK)
        count = 0;
    p->f->C_FindObjectsFinal(p->session);
    if (count)
        *out = found[0];
    return count;
}

static bool read_value(struct ic_pkcs11 *p, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                       uint8_t room[VALUE_MAX], struct ic_view *out)
{
    CK_ATTRIBUTE a = {type, room, VALUE_MAX};
    if (p->f->C_GetAttributeValue(p->session, object, &a, 1) != CKR_OK || a.ulValueLen > VALUE_MAX)
        return false;
    *out = ic_view(room, a.ulValueLen);
    return true;
}

/* The public half: an object of its own beside the private one, with the same CKA_ID. */
static bool find_public(struct ic_pkcs11 *p, CK_OBJECT_HANDLE *out)
{
    CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
    uint8_t room[VALUE_MAX];
    struct ic_view id;
    if (!read_value(p, p->private_key, CKA_ID, room, &id) || id.len == 0)
        return false;
    CK_ATTRIBUTE want[] = {{CKA_CLASS, &class, sizeof class}, {CKA_ID, room, id.len}};
    return search(p, want, IC_ARRAY_LEN(want), out) == 1;
}

/* CKA_EC_POINT is the point in an OCTET STRING; some tokens leave that out. */
static struct ic_view point_of(struct ic_view v, enum ic_sig_id id)
{
    size_t want = ic_sig_public_len(id), head = want > 127 ? 3 : 2;
    if (v.len == want + head && v.p[0] == OCTET_STRING && v.p[head - 1] == want &&
        (head == 2 || v.p[1] == 0x81))
        return ic_view_sub(v, head, want);
    return v;
}

static ic_err read_public(struct ic_pkcs11 *p, const struct ic_pkcs11_why *why)
{
    uint8_t a[VALUE_MAX], b[VALUE_MAX];
    struct ic_view params, point;
    CK_OBJECT_HANDLE from;
    if (!find_public(p, &from))
        from = p->private_key;
    if (!read_value(p, from, CKA_EC_PARAMS, a, &params))
        return ic_pkcs11_say(why, IC_ERR_UNSUPPORTED,
                             "the key in %s is none on a curve: ECDSA or Ed25519 is wanted",
                             p->label);
    const struct ic_pkcs11_curve *curve = ic_pkcs11_curve_of(params);
    if (!curve)
        return ic_pkcs11_say(
            why, IC_ERR_UNSUPPORTED,
            "the key in %s is on another curve than P-256, P-384, P-521 and Ed25519", p->label);
    if (!read_value(p, from, CKA_EC_POINT, b, &point))
        return ic_pkcs11_say(why, IC_ERR_NOT_FOUND,
                             "the token %s does not have the key's public half beside it",
                             p->label);
    point = point_of(point, curve->id);
    if (ic_verify_key_check(curve->id, point) != IC_OK)
        return ic_pkcs11_say(why, IC_ERR_KEY, "the key's public half in %s is no point", p->label);
    p->id = curve->id;
    p->public_len = point.len;
    memcpy(p->public_key, point.p, point.len);
    return IC_OK;
}

ic_err ic_pkcs11_find(struct ic_pkcs11 *p, const struct ic_pkcs11_why *why)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ULONG n = 0;
    const CK_ATTRIBUTE *named = p11_kit_uri_get_attributes(p->uri, &n);
    CK_ATTRIBUTE want[ATTRIBUTES_MAX] = {{CKA_CLASS, &class, sizeof class}};
    CK_ULONG count = 1;
    for (CK_ULONG i = 0; i < n && count < ATTRIBUTES_MAX; i++)
        if (named[i].type != CKA_CLASS)
            want[count++] = named[i];
    CK_ULONG found = search(p, want, count, &p->private_key);
    if (found == 0)
        return ic_pkcs11_say(why, IC_ERR_NOT_FOUND,
                             "the token %s has no private key that the URI names", p->label);
    if (found > 1)
        return ic_pkcs11_say(
            why, IC_ERR_EXISTS,
            "the token %s has more than one such key: say which with object= or id=", p->label);
    return read_public(p, why);
}

ic_err ic_pkcs11_open(const char *uri, const char *pin, struct ic_pkcs11 **out, char *why,
                      size_t why_len)
{
    struct ic_pkcs11 *p;
    const struct ic_pkcs11_why w = {why, why_len};
    IC_TRY(ic_pkcs11_enter(uri, pin, false, &p, &w));
    ic_err e = ic_pkcs11_find(p, &w);
    if (e != IC_OK) {
        ic_pkcs11_free(p);
        return e;
    }
    *out = p;
    return IC_OK;
}

static ic_err sign(void *ctx, struct ic_view message, uint8_t *sig, size_t *sig_len)
{
    struct ic_pkcs11 *p = ctx;
    const struct ic_pkcs11_curve *curve = ic_pkcs11_curve(p->id);
    uint8_t digest[IC_HASH_MAX], made[IC_SIG_MAX];
    CK_MECHANISM m = {curve->hash ? CKM_ECDSA : CKM_EDDSA, NULL, 0};
    CK_ULONG len = sizeof made;
    if (curve->hash) {
        ic_hash_once(curve->hash, message, digest);
        message = ic_view(digest, ic_hash_len(curve->hash));
    }
    if (p->f->C_SignInit(p->session, &m, p->private_key) != CKR_OK ||
        p->f->C_Sign(p->session, (CK_BYTE_PTR)(uintptr_t)message.p, message.len, made, &len) !=
            CKR_OK)
        return IC_ERR_IO;
    if (curve->hash)
        return ic_ecdsa_der_from_raw(p->id, ic_view(made, len), sig, sig_len);
    memcpy(sig, made, len);
    *sig_len = len;
    return IC_OK;
}

ic_err ic_pkcs11_key(struct ic_pkcs11 *p, struct ic_sign_key **out)
{
    const struct ic_signer signer = {sign, p};
    return ic_sign_key_external(p->id, ic_view(p->public_key, p->public_len), &signer, out);
}
