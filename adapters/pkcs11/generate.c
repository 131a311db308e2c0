/* A new key pair, made in the token and never outside it. */
#include "private.h"

#include <ic/base/mem.h>
#include <string.h>

enum { ID_LEN = 16, TEMPLATE_MAX = 9 };

/* What the URI names, but for the class. */
static CK_ULONG copy_named(struct ic_pkcs11 *p, CK_ATTRIBUTE *out, uint8_t id[ID_LEN])
{
    CK_ATTRIBUTE *label = p11_kit_uri_get_attribute(p->uri, CKA_LABEL);
    CK_ATTRIBUTE *named = p11_kit_uri_get_attribute(p->uri, CKA_ID);
    out[0] = *label;
    out[1] = named ? *named : (CK_ATTRIBUTE){CKA_ID, id, ID_LEN};
    return 2;
}

static CK_RV make(struct ic_pkcs11 *p, const struct ic_pkcs11_curve *curve, uint8_t id[ID_LEN])
{
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_OBJECT_HANDLE public_key;
    CK_ATTRIBUTE public[TEMPLATE_MAX], private[TEMPLATE_MAX];
    CK_MECHANISM m = {curve->hash ? CKM_EC_KEY_PAIR_GEN : CKM_EC_EDWARDS_KEY_PAIR_GEN, NULL, 0};
    CK_ULONG a = copy_named(p, public, id), b = copy_named(p, private, id);
    public[a++] = (CK_ATTRIBUTE){CKA_TOKEN, &yes, sizeof yes};
    public[a++] = (CK_ATTRIBUTE){CKA_VERIFY, &yes, sizeof yes};
    public[a++] =
        (CK_ATTRIBUTE){CKA_EC_PARAMS, (void *)(uintptr_t)curve->params.p, curve->params.len};
    private[b++] = (CK_ATTRIBUTE){CKA_TOKEN, &yes, sizeof yes};
    private[b++] = (CK_ATTRIBUTE){CKA_PRIVATE, &yes, sizeof yes};
    private[b++] = (CK_ATTRIBUTE){CKA_SIGN, &yes, sizeof yes};
    private[b++] = (CK_ATTRIBUTE){CKA_SENSITIVE, &yes, sizeof yes};
    private[b++] = (CK_ATTRIBUTE){CKA_EXTRACTABLE, &no, sizeof no};
    return p->f->C_GenerateKeyPair(p->session, &m, public, a, private, b, &public_key,
                                   &p->private_key);
}

static ic_err make_new(struct ic_pkcs11 *p, enum ic_sig_id id, const struct ic_pkcs11_why *why)
{
    const struct ic_pkcs11_curve *curve = ic_pkcs11_curve(id);
    uint8_t name[ID_LEN];
    if (!curve)
        return ic_pkcs11_say(why, IC_ERR_UNSUPPORTED, "tokens hold no keys of that kind");
    if (!p11_kit_uri_get_attribute(p->uri, CKA_LABEL))
        return ic_pkcs11_say(why, IC_ERR_MALFORMED, "the URI must name the new key with object=");
    ic_err e = ic_pkcs11_find(p, why);
    if (e != IC_ERR_NOT_FOUND)
        return e == IC_OK || e == IC_ERR_EXISTS
                   ? ic_pkcs11_say(why, IC_ERR_EXISTS,
                                   "the token %s has a key of that name already", p->label)
                   : e;
    if (p->f->C_GenerateRandom(p->session, name, sizeof name) != CKR_OK)
        return ic_pkcs11_say(why, IC_ERR_IO, "the token %s gives no randomness", p->label);
    CK_RV rv = make(p, curve, name);
    if (rv != CKR_OK)
        return ic_pkcs11_say(why, IC_ERR_IO, "the token %s makes no key: %s", p->label,
                             p11_kit_strerror(rv));
    return ic_pkcs11_find(p, why);
}

ic_err ic_pkcs11_generate(const char *uri, const char *pin, enum ic_sig_id id,
                          struct ic_pkcs11 **out, char *why, size_t why_len)
{
    struct ic_pkcs11 *p;
    const struct ic_pkcs11_why w = {why, why_len};
    IC_TRY(ic_pkcs11_enter(uri, pin, true, &p, &w));
    ic_err e = make_new(p, id, &w);
    if (e != IC_OK) {
        ic_pkcs11_free(p);
        return e;
    }
    *out = p;
    return IC_OK;
}
