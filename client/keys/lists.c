#include "lists.h"

#include "identity/profile.h"

#include <ic/base/mem.h>
#include <ic/pki/crl.h>
#include <ic/pki/pem.h>
#include <stdio.h>
#include <string.h>

#define KEPT "revoked.pem"

struct taking {
    const struct icc_certificates *c;
    uint64_t now_s;
    bool changed;
};

/* Into one store: true where it is of an authority in it. */
static bool into(struct ic_pki_store *s, struct ic_view der, struct taking *t, ic_err *err,
                 struct ic_pki_fault *fault)
{
    if (!s)
        return false;
    ic_err e = ic_pki_store_add_crl(s, der, t->now_s, fault);
    if (e != IC_OK && fault->reason == IC_PKI_NO_ROOT)
        return false;
    t->changed = t->changed || e == IC_OK;
    *err = e == IC_ERR_EXISTS || e == IC_ERR_STALE ? IC_OK : e;
    return true;
}

static ic_err take_one(struct taking *t, struct ic_view der, const char *name, char *why,
                       size_t why_len)
{
    struct ic_pki_fault fault = {.text = ""};
    ic_err e = IC_OK, f = IC_OK;
    bool external = into(t->c->external, der, t, &e, &fault);
    bool internal = (e == IC_OK) && into(t->c->internal, der, t, &f, &fault);
    if (e == IC_OK && f == IC_OK && (external || internal))
        return IC_OK;
    if (e == IC_OK && f == IC_OK) {
        snprintf(why, why_len, "%s: the list is of no authority that this device trusts", name);
        return IC_ERR_NOT_FOUND;
    }
    e = e == IC_OK ? f : e;
    snprintf(why, why_len, "%s: %s", name, fault.text[0] ? fault.text : ic_err_text(e));
    return e;
}

static ic_err take_pem(struct taking *t, struct ic_view rest, const char *name, char *why,
                       size_t why_len)
{
    IC_BUF_SCOPE(der, IC_PKI_CRL_MAX);
    size_t n = 0;
    ic_err e;
    for (; (e = ic_pki_pem_next(&rest, "X509 CRL", &der)) == IC_OK; n++)
        IC_TRY(take_one(t, ic_buf_view(&der), name, why, why_len));
    if (n > 0 && e == IC_ERR_NOT_FOUND)
        return IC_OK;
    snprintf(why, why_len, "%s holds no list of revoked certificates%s", name,
             e == IC_ERR_NOT_FOUND ? "" : ", or a damaged one");
    return IC_ERR_MALFORMED;
}

ic_err icc_lists_take(struct ic_view bytes, const char *name, const struct icc_certificates *c,
                      uint64_t now_s, bool *changed, char *why, size_t why_len)
{
    enum { DER_SEQUENCE = 0x30 };
    struct taking t = {.c = c, .now_s = now_s};
    ic_err e = bytes.len && bytes.p[0] == DER_SEQUENCE ? take_one(&t, bytes, name, why, why_len)
                                                       : take_pem(&t, bytes, name, why, why_len);
    *changed = t.changed;
    return e;
}

ic_err icc_lists_read(const char *path, const struct icc_certificates *c, uint64_t now_s,
                      bool *changed, char *why, size_t why_len)
{
    IC_BUF_SCOPE(text, 2 * IC_PKI_CRL_MAX);
    ic_err e = icc_file_read(path, &text);
    *changed = false;
    if (e != IC_OK) {
        snprintf(why, why_len, "%s cannot be read: %s", path, ic_err_text(e));
        return IC_ERR_IO;
    }
    return icc_lists_take(ic_buf_view(&text), path, c, now_s, changed, why, why_len);
}

static ic_err add_all(const struct ic_pki_store *s, struct ic_buf *pem)
{
    for (size_t i = 0; s && i < ic_pki_store_crl_count(s); i++)
        IC_TRY(ic_pki_pem_encode("X509 CRL", ic_pki_store_crl(s, i), pem));
    return IC_OK;
}

ic_err icc_lists_keep(const struct icc_certificates *c)
{
    IC_BUF_SCOPE(pem, 2 * IC_PKI_CRL_MAX);
    IC_TRY(add_all(c->internal, &pem));
    IC_TRY(add_all(c->external, &pem));
    return icc_profile_write(KEPT, ic_buf_view(&pem));
}

ic_err icc_lists_recall(const struct icc_certificates *c, uint64_t now_s, char *why, size_t why_len)
{
    IC_BUF_SCOPE(text, 2 * IC_PKI_CRL_MAX);
    IC_BUF_SCOPE(der, IC_PKI_CRL_MAX);
    struct taking t = {.c = c, .now_s = now_s};
    ic_err e = icc_profile_read(KEPT, &text);
    struct ic_view rest = ic_buf_view(&text);
    while (e == IC_OK && (e = ic_pki_pem_next(&rest, "X509 CRL", &der)) == IC_OK)
        IC_IGNORE(take_one(&t, ic_buf_view(&der), KEPT, why, why_len));
    if (e == IC_ERR_NOT_FOUND)
        return IC_OK;
    snprintf(why, why_len, "the profile's %s cannot be read: %s", KEPT, ic_err_text(e));
    return e == IC_ERR_IO || e == IC_ERR_NOMEM ? e : IC_ERR_MALFORMED;
}
