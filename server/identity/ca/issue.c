#include "identity/accounts/accounts.h"
#include "identity/admin/policy.h"
#include "identity/ca/private.h"
#include "identity/tlog/tlog.h"

#include <ic/base/text.h>
#include <ic/pki/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long this one lives: its organisation's word, else the server's. */
static ic_err lifetime(struct icd_identity *id, const struct icd_ca_order *o, int64_t *out)
{
    struct icd_policy p;
    bool person = o->profile == IC_PKI_PERSON;
    IC_TRY(icd_policy_get(id, o->org, &p));
    uint32_t own = person ? p.person_certificate_s : p.device_certificate_s;
    uint32_t usual = person ? id->config->person_certificate_s : id->config->device_certificate_s;
    *out = own ? own : usual;
    return IC_OK;
}

static ic_err check(const struct icd_ca_order *o)
{
    struct ic_pki_cert key = {0};
    if ((o->profile != IC_PKI_PERSON && o->profile != IC_PKI_DEVICE) || o->name_count == 0)
        return IC_ERR_ARG;
    IC_TRY(ic_pki_key_info_decode(o->key_info, &key.key_kind, &key.key_sig));
    return o->profile == IC_PKI_PERSON && key.key_kind == IC_PKI_KEY_RSA ? IC_ERR_KEY : IC_OK;
}

static ic_err make(struct icd_identity *id, const struct icd_ca_order *o, struct ic_view serial,
                   struct icd_ca_issued *out, struct ic_buf *der)
{
    int64_t now = (int64_t)(id->now_ms / 1000), life;
    IC_TRY(lifetime(id, o, &life));
    struct ic_pki_issue what = {
        .profile = o->profile,
        .serial = serial,
        .subject = {ic_view_cstr(o->organisation), ic_view_cstr(o->common_name)},
        .names = o->names,
        .name_count = o->name_count,
        .not_before = now - ICD_CA_SKEW_S,
        .not_after = now + life,
        .key_info = o->key_info,
        .crl_url = icd_ca_crl_url(id),
        .ocsp_url = icd_ca_ocsp_url(id),
    };
    const struct ic_pki_cert *root = &id->ca->root;
    if (now < root->not_before || now >= root->not_after)
        return IC_ERR_EXPIRED;
    if (what.not_after > root->not_after)
        what.not_after = root->not_after;
    out->not_before = what.not_before;
    out->not_after = what.not_after;
    return ic_pki_issue(&what, root, id->ca->key, der);
}

static ic_err insert(struct icd_identity *id, const struct icd_ca_order *o,
                     const struct icd_ca_issued *c, struct ic_view der)
{
    return icd_store_exec(
        id->store,
        "INSERT INTO ca_certificates(serial, kind, org, owner, device, subject, name, not_before_s, "
        "not_after_s, revoked_ms, reason, der) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, "
        "$10)",
        NULL,
        ICD_PARAMS(ICD_TEXT(ic_view_cstr(c->serial)), ICD_INT(o->profile), ICD_INT(o->org),
                   ICD_TEXT(ic_view_cstr(o->user)), ICD_TEXT(ic_view_cstr(o->device)),
                   ICD_TEXT(ic_view_cstr(o->common_name)), ICD_TEXT(o->names[0].value),
                   ICD_INT(c->not_before), ICD_INT(c->not_after), ICD_BLOB(der)));
}

/* Noisy on purpose: a person reads every certificate in his own audit log. */
static ic_err tell(struct icd_identity *id, const struct icd_ca_order *o,
                   const struct icd_ca_issued *c)
{
    char actor[ICD_WHO_MAX] = "server", subject[ICD_WHO_MAX];
    if (o->user[0])
        snprintf(actor, sizeof actor, "user:%s", o->user);
    snprintf(subject, sizeof subject, "certificate:%s", c->serial);
    json_t *detail =
        json_pack("{s:s%, s:s, s:I}", "name", o->names[0].value.p, o->names[0].value.len, "device",
                  o->device, "not_after", (json_int_t)c->not_after);
    char *text = detail ? json_dumps(detail, JSON_COMPACT) : NULL;
    json_decref(detail);
    ic_err e =
        text ? icd_audit_add(id, o->org, actor, "certificate.issued", subject, text) : IC_ERR_NOMEM;
    free(text);
    return e;
}

ic_err icd_ca_issue(struct icd_identity *id, const struct icd_ca_order *order,
                    struct icd_ca_issued *out)
{
    struct icd_ca_issued c = {0};
    uint8_t serial[ICD_CA_SERIAL_LEN];
    struct ic_pki_cert made;
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    IC_TRY(check(order));
    IC_TRY(ic_rand_fill(&id->rand, serial, sizeof serial));
    serial[0] = (serial[0] & 0x3f) | 0x40; /* positive, and of this length */
    ic_hex_encode(IC_VIEW_ARRAY(serial), c.serial);
    IC_TRY(make(id, order, IC_VIEW_ARRAY(serial), &c, &der));
    IC_TRY(ic_pki_cert_decode(ic_buf_view(&der), &made, NULL));
    memcpy(c.hash, made.fingerprint, sizeof c.hash);
    IC_TRY(icd_id_write(id));
    IC_TRY(insert(id, order, &c, ic_buf_view(&der)));
    IC_TRY(icd_tlog_append(id, ic_buf_view(&der), id->ca->root.encoded, id->now_ms, &c.index));
    IC_TRY(tell(id, order, &c));
    *out = c;
    return IC_OK;
}

ic_err icd_ca_chain(struct icd_identity *id, const char *serial, struct ic_buf *out)
{
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    IC_BUF_SCOPE(pem, ICD_CA_CHAIN_MAX);
    IC_TRY(icd_ca_der(id, serial, &der));
    IC_TRY(ic_pki_pem_encode("CERTIFICATE", ic_buf_view(&der), &pem));
    IC_TRY(ic_pki_pem_encode("CERTIFICATE", id->ca->root.encoded, &pem));
    return ic_buf_append(out, ic_buf_view(&pem));
}
