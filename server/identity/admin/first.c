#include "identity/admin/first.h"

#include "identity/accounts/accounts.h"
#include "identity/admin/tokens.h"
#include "identity/schema.h"

#include <ic/base/secret.h>
#include <stdio.h>
#include <string.h>

static ic_err find_org(struct icd_identity *id, const char *name, int64_t *org)
{
    struct icd_org found;
    ic_err e = icd_accounts_org_by_name(id, ic_view_cstr(name), &found);
    if (e == IC_OK)
        *org = found.id;
    if (e != IC_ERR_NOT_FOUND)
        return e;
    IC_TRY(icd_accounts_org_add(id, ic_view_cstr(name), org));
    return icd_audit_add(id, *org, "server", "organisation.added", "", "");
}

static ic_err add_domain(struct icd_identity *id, int64_t org, const char *name, char *why)
{
    struct icd_domain d;
    char subject[ICD_WHO_MAX];
    ic_err e = icd_accounts_domain_add(id, org, ic_view_cstr(name), &d);
    if (e == IC_ERR_EXISTS)
        e = icd_accounts_domain_get(id, org, ic_view_cstr(name), &d);
    if (e == IC_OK && d.verified_ms)
        return IC_OK;
    if (e == IC_OK)
        e = icd_accounts_domain_verify(id, org, ic_view_cstr(name));
    if (e == IC_ERR_MALFORMED)
        snprintf(why, ICD_IDENTITY_WHY, "%.200s is no name of a domain", name);
    if (e == IC_ERR_EXISTS)
        snprintf(why, ICD_IDENTITY_WHY, "another organisation has the domain %.200s", name);
    IC_TRY(e);
    snprintf(subject, sizeof subject, "domain:%s", d.name);
    return icd_audit_add(id, org, "server", "domain.verified", subject, "{\"by\":\"operator\"}");
}

static ic_err make(struct icd_identity *id, const struct icd_admin_first *f, char *token, char *why)
{
    struct icd_admin_token t = {.scopes = ICD_SCOPE_ALL,
                                .name = "first administrator",
                                .made_by = "server",
                                .end_ms = id->now_ms + (uint64_t)f->life_s * 1000};
    char subject[32];
    IC_TRY(icd_id_write(id));
    IC_TRY(find_org(id, f->organisation, &t.org));
    if (f->domain)
        IC_TRY(add_domain(id, t.org, f->domain, why));
    IC_TRY(icd_admin_token_add(id, &t, token));
    snprintf(subject, sizeof subject, "token:%s", t.id);
    IC_TRY(icd_audit_add(id, t.org, "server", "token.added", subject, ""));
    return icd_store_commit(id->store);
}

ic_err icd_admin_first(const char *data_dir, struct ic_rand rand, uint64_t now_ms,
                       const struct icd_admin_first *f, char *token, char *why)
{
    /* Without the parts' own state: what is called here needs database, time and randomness alone. */
    struct icd_identity id = {.rand = rand, .now_ms = now_ms};
    char text[ICD_ADMIN_TOKEN_LEN + 1];
    IC_TRY(icd_identity_store_open(data_dir, why, &id.store));
    why[0] = '\0';
    ic_err e = make(&id, f, text, why);
    icd_store_close(id.store);
    if (e == IC_OK)
        memcpy(token, text, sizeof text);
    else if (!why[0])
        snprintf(why, ICD_IDENTITY_WHY, "organisation %.128s: %s", f->organisation, ic_err_text(e));
    ic_wipe(text, sizeof text);
    return e;
}
