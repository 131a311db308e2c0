/* /certificates: what the internal authority has issued. */
#include "identity/admin/private.h"
#include "identity/ca/ca.h"

#include <stdio.h>
#include <string.h>

static json_t *certificate_json(const struct icd_ca_row *r)
{
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:b}", "serial", r->serial, "kind",
                          r->kind == IC_PKI_DEVICE ? "device" : "person", "name", r->name,
                          "subject", r->subject, "not_before", (json_int_t)r->not_before_s,
                          "not_after", (json_int_t)r->not_after_s, "revoked", r->revoked_ms != 0);
    if (o && r->user[0])
        json_object_set_new(o, "user", json_string(r->user));
    if (o && r->revoked_ms) {
        json_object_set_new(o, "revoked_at", json_integer((json_int_t)(r->revoked_ms / 1000)));
        json_object_set_new(o, "reason", json_string(icd_ca_reason_name(r->reason)));
    }
    return o;
}

struct page {
    json_t *list;
    size_t limit;
    int64_t next;
    bool more;
};

static ic_err add_certificate(void *ctx, const struct icd_ca_row *r)
{
    struct page *p = ctx;
    if (json_array_size(p->list) == p->limit) {
        p->more = true;
        return IC_OK;
    }
    p->next = r->seq;
    return json_array_append_new(p->list, certificate_json(r)) == 0 ? IC_OK : IC_ERR_NOMEM;
}

void icd_admin_certificates(struct icd_admin_call *a)
{
    int64_t limit = ICD_ADMIN_PAGE, before = 0;
    char who[ICD_EMAIL_MAX + 1];
    struct icd_user u;
    if (!icd_admin_number(a, "limit", 1, ICD_ADMIN_PAGE_MAX, &limit) ||
        !icd_admin_number(a, "before", 1, INT64_MAX, &before))
        return;
    bool one = icd_call_query(a->c, "user", who, sizeof who);
    if (one && !icd_admin_user(a, who, "user", &u))
        return;
    struct page p = {.list = json_array(), .limit = (size_t)limit};
    struct icd_ca_query q = {
        .org = a->org, .user = one ? u.id : NULL, .before = before, .limit = (unsigned)limit + 1};
    ic_err e = icd_ca_list(a->id, &q, add_certificate, &p);
    if (e != IC_OK) {
        json_decref(p.list);
        icd_admin_failed(a, e, NULL, "the certificates cannot be listed");
        return;
    }
    json_t *o = json_pack("{s:o}", "certificates", p.list);
    if (o && p.more)
        json_object_set_new(o, "next", json_integer((json_int_t)p.next));
    icd_call_json(a->c, 200, o);
}

static void take_back(struct icd_admin_call *a, enum ic_pki_revocation reason)
{
    struct icd_ca_row row;
    char subject[ICD_WHO_MAX];
    ic_err e = icd_ca_get(a->id, a->param, &row);
    if (e == IC_OK && row.org != a->org)
        e = IC_ERR_NOT_FOUND;
    if (e == IC_OK && !row.revoked_ms) {
        snprintf(subject, sizeof subject, "certificate:%s", row.serial);
        e = icd_ca_revoke(a->id, row.serial, reason);
        if (e == IC_OK)
            e = icd_admin_audit(
                a, "certificate.revoked", subject,
                json_pack("{s:s, s:s}", "name", row.name, "reason", icd_ca_reason_name(reason)));
        if (e == IC_OK)
            e = icd_ca_get(a->id, row.serial, &row);
    }
    if (e == IC_OK)
        icd_call_json(a->c, 200, certificate_json(&row));
    else
        icd_admin_failed(a, e, NULL, "the organisation has no certificate with this number");
}

/* What may be said of a person's or a device's: not that it is an authority's, and no hold, which nothing ends. */
static bool is_reason(const char *name)
{
    static const char *const names[] = {"unspecified",          "keyCompromise",
                                        "affiliationChanged",   "superseded",
                                        "cessationOfOperation", "privilegeWithdrawn"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

void icd_admin_certificate_revoke(struct icd_admin_call *a)
{
    enum ic_pki_revocation reason;
    json_t *o = icd_admin_body(a, "reason");
    const json_t *given = json_object_get(o, "reason");
    const char *name = given ? json_string_value(given) : "unspecified";
    if (!o)
        return;
    if (name && is_reason(name) && icd_ca_reason_find(name, &reason))
        take_back(a, reason);
    else
        icd_admin_wrong(a, "reason",
                        "a reason is unspecified, keyCompromise, affiliationChanged, superseded, "
                        "cessationOfOperation or privilegeWithdrawn");
    json_decref(o);
}
