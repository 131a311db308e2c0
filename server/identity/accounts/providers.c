/* Sign-in providers, and which account a provider's subject is. */
#include "identity/accounts/private.h"

#include <stdio.h>
#include <string.h>

static bool is_issuer(const char *issuer)
{
    size_t n = strlen(issuer);
    return icd_oidc_is_secure(issuer) && n < sizeof((struct icd_provider *)0)->issuer - 1 &&
           ic_view_is_text(ic_view_cstr(issuer)) && !strpbrk(issuer, "?# ");
}

ic_err icd_accounts_provider_add(struct icd_identity *id, struct icd_provider *p)
{
    if (!is_issuer(p->issuer) || !p->client_id[0] ||
        !icd_is_name(ic_view_cstr(p->name), ICD_LABEL_MAX))
        return IC_ERR_MALFORMED;
    struct icd_value org = ICD_INT(p->org), issuer = ICD_TEXT(ic_view_cstr(p->issuer)),
                     client = ICD_TEXT(ic_view_cstr(p->client_id));
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(id->store,
                          "INSERT INTO providers(org, name, issuer, client_id, secret, trust_email)"
                          " VALUES($1, $2, $3, $4, $5, $6)",
                          NULL,
                          ICD_PARAMS(org, ICD_TEXT(ic_view_cstr(p->name)), issuer, client,
                                     ICD_TEXT(ic_view_cstr(p->secret)), ICD_INT(p->trust_email))));
    return icd_store_int(
        id->store, "SELECT id FROM providers WHERE org = $1 AND issuer = $2 AND client_id = $3",
        &p->id, ICD_PARAMS(org, issuer, client));
}

ic_err icd_accounts_provider_remove(struct icd_identity *id, int64_t org, int64_t provider)
{
    uint64_t changed;
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(id->store, "DELETE FROM providers WHERE id = $1 AND org = $2", &changed,
                          ICD_PARAMS(ICD_INT(provider), ICD_INT(org))));
    if (!changed)
        return IC_ERR_NOT_FOUND;
    return icd_store_exec(id->store, "DELETE FROM links WHERE provider = $1", NULL,
                          ICD_PARAMS(ICD_INT(provider)));
}

static void provider_row(const struct icd_rows *r, struct icd_provider *p)
{
    *p = (struct icd_provider){.id = icd_rows_int(r, 0),
                               .org = icd_rows_int(r, 1),
                               .trust_email = icd_rows_int(r, 6) != 0};
    icd_copy_text(p->name, sizeof p->name, icd_rows_bytes(r, 2));
    icd_copy_text(p->issuer, sizeof p->issuer, icd_rows_bytes(r, 3));
    icd_copy_text(p->client_id, sizeof p->client_id, icd_rows_bytes(r, 4));
    icd_copy_text(p->secret, sizeof p->secret, icd_rows_bytes(r, 5));
}

ic_err icd_provider_get(struct icd_identity *id, int64_t provider, struct icd_provider *out)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(id->store,
                           "SELECT id, org, name, issuer, client_id, secret, trust_email"
                           " FROM providers WHERE id = $1",
                           &rows, ICD_PARAMS(ICD_INT(provider))));
    bool found = icd_rows_next(&rows);
    if (found)
        provider_row(&rows, out);
    IC_TRY(icd_rows_end(&rows));
    return found ? IC_OK : IC_ERR_NOT_FOUND;
}

ic_err icd_accounts_provider_list(struct icd_identity *id, int64_t org, icd_provider_each *each,
                                  void *ctx)
{
    struct icd_rows rows;
    ic_err e = IC_OK;
    IC_TRY(icd_store_query(id->store,
                           "SELECT id, org, name, issuer, client_id, secret, trust_email"
                           " FROM providers WHERE org = $1 OR $1 = 0 ORDER BY id",
                           &rows, ICD_PARAMS(ICD_INT(org))));
    while (e == IC_OK && icd_rows_next(&rows)) {
        struct icd_provider p;
        provider_row(&rows, &p);
        e = each(ctx, &p);
    }
    ic_err end = icd_rows_end(&rows);
    return e != IC_OK ? e : end;
}

/* ---- links ---- */

static ic_err linked_user(struct icd_identity *id, const struct icd_provider *p,
                          struct ic_view subject, struct icd_user *out)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(id->store,
                           "SELECT " ICD_USER_COLUMNS " FROM links l JOIN users u ON u.id = l.owner"
                           " WHERE l.provider = $1 AND l.subject = $2 AND u.org = $3",
                           &rows, ICD_PARAMS(ICD_INT(p->id), ICD_TEXT(subject), ICD_INT(p->org))));
    bool found = icd_rows_next(&rows);
    if (found)
        icd_user_row(&rows, 0, out);
    IC_TRY(icd_rows_end(&rows));
    return found ? IC_OK : IC_ERR_NOT_FOUND;
}

/* The provider says that the address is theirs; it must be believed (trust_email), in a domain that the
 * organisation has verified, and the organisation must want that. */
static ic_err by_email(struct icd_identity *id, const struct icd_provider *p,
                       const struct icd_oidc_claims *claims, struct icd_user *out)
{
    struct icd_policy policy;
    int64_t owner;
    char email[ICD_EMAIL_MAX + 1];
    IC_TRY(icd_policy_get(id, p->org, &policy));
    if (!policy.oidc_links_email || !p->trust_email || !claims->email_verified ||
        icd_email_clean(ic_view_cstr(claims->email), email) != IC_OK)
        return IC_ERR_NOT_FOUND;
    IC_TRY(icd_store_int(id->store, "SELECT org FROM domains WHERE name = $1 AND verified_ms > 0",
                         &owner, ICD_PARAMS(ICD_TEXT(ic_view_cstr(strchr(email, '@') + 1)))));
    struct icd_user u;
    IC_TRY(icd_accounts_user_by_email(id, ic_view_cstr(email), &u));
    if (owner != p->org || u.org != p->org)
        return IC_ERR_NOT_FOUND;
    *out = u;
    return IC_OK;
}

static ic_err add_link(struct icd_identity *id, const struct icd_provider *p,
                       struct ic_view subject, const struct icd_user *u)
{
    char detail[64];
    struct icd_who who = icd_who_user(u->id);
    IC_TRY(icd_id_write(id));
    /* An account that another subject of this provider is already: IC_ERR_EXISTS. */
    IC_TRY(icd_store_exec(
        id->store, "INSERT INTO links(provider, subject, owner, created_ms) VALUES($1, $2, $3, $4)",
        NULL,
        ICD_PARAMS(ICD_INT(p->id), ICD_TEXT(subject), ICD_TEXT(ic_view_cstr(u->id)),
                   ICD_INT(id->now_ms))));
    snprintf(detail, sizeof detail, "{\"provider\":%lld}", (long long)p->id);
    return icd_audit_add(id, p->org, who.text, "signin.linked", who.text, detail);
}

/* The row as it is now: while the pool was with the provider, an administrator may have removed it. */
static ic_err still_there(struct icd_identity *id, const struct icd_provider *asked,
                          struct icd_provider *now)
{
    ic_err e = icd_provider_get(id, asked->id, now);
    if (e == IC_ERR_NOT_FOUND)
        return IC_ERR_DENIED;
    IC_TRY(e);
    bool same = now->org == asked->org && strcmp(now->issuer, asked->issuer) == 0 &&
                strcmp(now->client_id, asked->client_id) == 0;
    return same ? IC_OK : IC_ERR_DENIED;
}

ic_err icd_link_find(struct icd_identity *id, const struct icd_provider *asked,
                     const struct icd_oidc_claims *claims, struct icd_user *out, bool *linked,
                     const char **why)
{
    struct ic_view subject = ic_view_cstr(claims->subject);
    struct icd_provider now;
    const struct icd_provider *p = &now;
    struct icd_user u;
    *why = "this provider is there no more";
    IC_TRY(still_there(id, asked, &now));
    ic_err e = linked_user(id, p, subject, &u);
    bool is_new = e == IC_ERR_NOT_FOUND;
    if (is_new) {
        e = by_email(id, p, claims, &u);
        if (e == IC_OK)
            e = add_link(id, p, subject, &u);
    }
    *why = "no account here belongs to this sign-in";
    if (e == IC_ERR_NOT_FOUND || e == IC_ERR_EXISTS)
        return IC_ERR_DENIED;
    IC_TRY(e);
    if (u.state == ICD_USER_SUSPENDED)
        return IC_ERR_DENIED;
    *linked = is_new;
    *out = u;
    return IC_OK;
}
