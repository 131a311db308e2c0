/* /roots */
#include "identity/admin/private.h"
#include "identity/admin/roots.h"

#include <ic/base/text.h>
#include <ic/pki/cert.h>
#include <ic/pki/pem.h>
#include <stdio.h>
#include <string.h>

enum { PEM_MAX = 65536, SUBJECT_MAX = 400 };

static json_t *root_json(const struct icd_root *r)
{
    char hash[65], subject[SUBJECT_MAX] = "";
    struct ic_pki_cert cert;
    IC_BUF_SCOPE(pem, PEM_MAX);
    ic_hex_encode(IC_VIEW_ARRAY(r->hash), hash);
    if (ic_pki_cert_decode(r->der, &cert, NULL) == IC_OK)
        ic_pki_name_text(cert.subject, subject, sizeof subject);
    if (ic_pki_pem_encode("CERTIFICATE", r->der, &pem) != IC_OK)
        return NULL;
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:s%}", "fingerprint", hash, "name", r->name,
                     "subject", subject, "expires", (json_int_t)r->end_s, "added",
                     (json_int_t)(r->added_ms / 1000), "pem", (const char *)pem.p, pem.len);
}

static ic_err add_root(void *ctx, const struct icd_root *r)
{
    return json_array_append_new(ctx, root_json(r)) == 0 ? IC_OK : IC_ERR_NOMEM;
}

void icd_admin_roots_list(struct icd_admin_call *a)
{
    json_t *list = json_array();
    ic_err e = icd_roots_each(a->id, a->org, add_root, list);
    if (e == IC_OK) {
        icd_call_json(a->c, 200, json_pack("{s:o}", "roots", list));
        return;
    }
    json_decref(list);
    icd_admin_failed(a, e, NULL, "the roots cannot be listed");
}

/* One certificate in PEM, of an authority that speaks for itself. NULL: good; else what is wrong. */
static const char *read_root(const char *text, uint64_t now_s, struct ic_buf *der,
                             struct ic_pki_cert *cert)
{
    struct ic_view rest = ic_view_cstr(text);
    IC_BUF_SCOPE(second, ICD_ROOT_DER_MAX);
    if (ic_pki_pem_next(&rest, "CERTIFICATE", der) != IC_OK)
        return "no certificate in PEM is in it";
    if (ic_pki_pem_next(&rest, "CERTIFICATE", &second) != IC_ERR_NOT_FOUND)
        return "one certificate at a time, please";
    if (ic_pki_cert_decode(ic_buf_view(der), cert, NULL) != IC_OK)
        return "the certificate cannot be read";
    if (!cert->is_ca || (cert->has_key_usage && !(cert->key_usage & IC_PKI_KEY_CERT_SIGN)))
        return "the certificate is no authority's: it may not sign others";
    if (!ic_pki_name_equal(cert->issuer, cert->subject))
        return "the certificate is an intermediate's: its root is needed";
    if (cert->not_after < (int64_t)now_s)
        return "the certificate has run out";
    return NULL;
}

struct same {
    const uint8_t *hash;
    json_t *found;
};

static ic_err look_for(void *ctx, const struct icd_root *r)
{
    struct same *s = ctx;
    if (memcmp(r->hash, s->hash, sizeof r->hash) == 0)
        s->found = root_json(r);
    return IC_OK;
}

static void answer_known(struct icd_admin_call *a, const uint8_t *hash)
{
    struct same s = {.hash = hash};
    ic_err e = icd_roots_each(a->id, a->org, look_for, &s);
    if (e == IC_OK)
        icd_call_json(a->c, 200, s.found);
    else
        icd_admin_failed(a, e, NULL, "this cannot be done");
}

static void take_root(struct icd_admin_call *a, const struct ic_pki_cert *cert, const char *name)
{
    char subject[ICD_WHO_MAX] = "root:";
    struct icd_root r = {.der = cert->encoded, .end_s = (uint64_t)cert->not_after};
    ic_hex_encode(IC_VIEW_ARRAY(cert->fingerprint), subject + 5);
    if (name)
        snprintf(r.name, sizeof r.name, "%s", name);
    else
        ic_pki_common_name(cert->subject, r.name, sizeof r.name);
    if (!r.name[0])
        snprintf(r.name, sizeof r.name, "an authority without a name");
    ic_err e = icd_roots_add(a->id, a->org, &r);
    if (e == IC_ERR_EXISTS) {
        answer_known(a, cert->fingerprint);
        return;
    }
    if (e == IC_OK)
        e = icd_admin_audit(a, "root.added", subject, json_pack("{s:s}", "name", r.name));
    if (e == IC_OK)
        icd_call_json(a->c, 201, root_json(&r));
    else
        icd_admin_failed(a, e, NULL, "an organisation accepts 100 roots at most");
}

void icd_admin_root_add(struct icd_admin_call *a)
{
    struct ic_pki_cert cert;
    IC_BUF_SCOPE(der, ICD_ROOT_DER_MAX);
    json_t *o = icd_admin_body(a, "pem name");
    /* Not icd_admin_text: it has line breaks. */
    const json_t *pem = json_object_get(o, "pem");
    bool named = json_object_get(o, "name") != NULL;
    const char *name = o ? icd_admin_text(a, o, "name", 1, ICD_ROOT_NAME_MAX, false) : NULL;
    if (o && (!named || name)) {
        const char *why = "a certificate in PEM is needed, at most 64 KiB";
        if (json_is_string(pem) && json_string_length(pem) <= PEM_MAX)
            why = read_root(json_string_value(pem), a->id->now_ms / 1000, &der, &cert);
        if (why)
            icd_admin_wrong(a, "pem", why);
        else
            take_root(a, &cert, name);
    }
    json_decref(o);
}

void icd_admin_root_remove(struct icd_admin_call *a)
{
    char subject[ICD_WHO_MAX];
    IC_BUF_SCOPE(hash, 32);
    ic_err e =
        strlen(a->param) == 64 ? ic_hex_decode(ic_view_cstr(a->param), &hash) : IC_ERR_NOT_FOUND;
    if (e == IC_OK)
        e = icd_roots_remove(a->id, a->org, hash.p);
    if (e == IC_OK) {
        char hex[65];
        ic_hex_encode(ic_buf_view(&hash), hex);
        snprintf(subject, sizeof subject, "root:%s", hex);
        e = icd_admin_audit(a, "root.removed", subject, NULL);
    }
    if (e == IC_OK)
        icd_call_empty(a->c, 204);
    else
        icd_admin_failed(a, e == IC_ERR_MALFORMED ? IC_ERR_NOT_FOUND : e, NULL,
                         "the organisation accepts no such root");
}
