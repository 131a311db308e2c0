/* Organisations and their domains. */
#include "identity/accounts/private.h"

#include <string.h>

ic_err icd_accounts_org_add(struct icd_identity *id, struct ic_view name, int64_t *org)
{
    int64_t row;
    if (!icd_is_name(name, ICD_NAME_MAX))
        return IC_ERR_RANGE;
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(id->store, "INSERT INTO organisations(name, created_ms) VALUES($1, $2)",
                          NULL, ICD_PARAMS(ICD_TEXT(name), ICD_INT(id->now_ms))));
    IC_TRY(icd_store_int(id->store, "SELECT id FROM organisations WHERE name = $1", &row,
                         ICD_PARAMS(ICD_TEXT(name))));
    *org = row;
    return IC_OK;
}

static ic_err one_org(struct icd_rows *rows, struct icd_org *out)
{
    struct icd_org o = {0};
    bool found = icd_rows_next(rows);
    if (found) {
        o.id = icd_rows_int(rows, 0);
        icd_copy_text(o.name, sizeof o.name, icd_rows_bytes(rows, 1));
        o.created_ms = (uint64_t)icd_rows_int(rows, 2);
    }
    IC_TRY(icd_rows_end(rows));
    if (!found)
        return IC_ERR_NOT_FOUND;
    *out = o;
    return IC_OK;
}

ic_err icd_accounts_org_get(struct icd_identity *id, int64_t org, struct icd_org *out)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(id->store,
                           "SELECT id, name, created_ms FROM organisations WHERE id = $1", &rows,
                           ICD_PARAMS(ICD_INT(org))));
    return one_org(&rows, out);
}

ic_err icd_accounts_org_by_name(struct icd_identity *id, struct ic_view name, struct icd_org *out)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(id->store,
                           "SELECT id, name, created_ms FROM organisations WHERE name = $1", &rows,
                           ICD_PARAMS(ICD_TEXT(name))));
    return one_org(&rows, out);
}

/* ---- domains ---- */

static void domain_row(const struct icd_rows *r, struct icd_domain *d)
{
    d->org = icd_rows_int(r, 0);
    icd_copy_text(d->name, sizeof d->name, icd_rows_bytes(r, 1));
    icd_copy_text(d->challenge, sizeof d->challenge, icd_rows_bytes(r, 2));
    d->created_ms = (uint64_t)icd_rows_int(r, 3);
    d->verified_ms = (uint64_t)icd_rows_int(r, 4);
}

ic_err icd_accounts_domain_add(struct icd_identity *id, int64_t org, struct ic_view name,
                               struct icd_domain *out)
{
    struct icd_domain d = {.org = org, .created_ms = id->now_ms};
    IC_TRY(icd_domain_clean(name, d.name));
    IC_TRY(icd_token_id(&id->rand, d.challenge));
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(id->store,
                          "INSERT INTO domains(org, name, challenge, created_ms, verified_ms)"
                          " VALUES($1, $2, $3, $4, 0)",
                          NULL,
                          ICD_PARAMS(ICD_INT(org), ICD_TEXT(ic_view_cstr(d.name)),
                                     ICD_TEXT(ic_view_cstr(d.challenge)), ICD_INT(id->now_ms))));
    *out = d;
    return IC_OK;
}

ic_err icd_accounts_domain_get(struct icd_identity *id, int64_t org, struct ic_view name,
                               struct icd_domain *out)
{
    char clean[ICD_DOMAIN_MAX + 1];
    struct icd_domain d = {0};
    struct icd_rows rows;
    if (icd_domain_clean(name, clean) != IC_OK)
        return IC_ERR_NOT_FOUND;
    IC_TRY(icd_store_query(id->store,
                           "SELECT org, name, challenge, created_ms, verified_ms FROM domains"
                           " WHERE org = $1 AND name = $2",
                           &rows, ICD_PARAMS(ICD_INT(org), ICD_TEXT(ic_view_cstr(clean)))));
    bool found = icd_rows_next(&rows);
    if (found)
        domain_row(&rows, &d);
    IC_TRY(icd_rows_end(&rows));
    if (!found)
        return IC_ERR_NOT_FOUND;
    *out = d;
    return IC_OK;
}

ic_err icd_accounts_domain_verify(struct icd_identity *id, int64_t org, struct ic_view name)
{
    struct icd_domain d;
    IC_TRY(icd_accounts_domain_get(id, org, name, &d));
    if (d.verified_ms)
        return IC_OK;
    IC_TRY(icd_id_write(id));
    /* The unique index refuses a second organisation: IC_ERR_EXISTS. */
    return icd_store_exec(
        id->store, "UPDATE domains SET verified_ms = $1 WHERE org = $2 AND name = $3", NULL,
        ICD_PARAMS(ICD_INT(id->now_ms), ICD_INT(org), ICD_TEXT(ic_view_cstr(d.name))));
}

ic_err icd_accounts_domain_remove(struct icd_identity *id, int64_t org, struct ic_view name)
{
    struct icd_domain d;
    IC_TRY(icd_accounts_domain_get(id, org, name, &d));
    IC_TRY(icd_id_write(id));
    return icd_store_exec(id->store, "DELETE FROM domains WHERE org = $1 AND name = $2", NULL,
                          ICD_PARAMS(ICD_INT(org), ICD_TEXT(ic_view_cstr(d.name))));
}

ic_err icd_accounts_domain_list(struct icd_identity *id, int64_t org, icd_domain_each *each,
                                void *ctx)
{
    struct icd_rows rows;
    ic_err e = IC_OK;
    IC_TRY(icd_store_query(id->store,
                           "SELECT org, name, challenge, created_ms, verified_ms FROM domains"
                           " WHERE org = $1 ORDER BY name",
                           &rows, ICD_PARAMS(ICD_INT(org))));
    while (e == IC_OK && icd_rows_next(&rows)) {
        struct icd_domain d = {0};
        domain_row(&rows, &d);
        e = each(ctx, &d);
    }
    ic_err end = icd_rows_end(&rows);
    return e != IC_OK ? e : end;
}

ic_err icd_accounts_domain_owner(struct icd_identity *id, struct ic_view host, int64_t *org)
{
    char clean[ICD_DOMAIN_MAX + 1];
    if (icd_domain_clean(host, clean) != IC_OK)
        return IC_ERR_NOT_FOUND;
    for (const char *at = clean; at && strchr(at, '.');) {
        ic_err e =
            icd_store_int(id->store, "SELECT org FROM domains WHERE name = $1 AND verified_ms > 0",
                          org, ICD_PARAMS(ICD_TEXT(ic_view_cstr(at))));
        if (e != IC_ERR_NOT_FOUND)
            return e;
        at = strchr(at, '.') + 1;
    }
    return IC_ERR_NOT_FOUND;
}

ic_err icd_accounts_domain_check(struct icd_identity *id, const struct icd_user *user)
{
    const char *at = strrchr(user->email, '@');
    int64_t owner = user->org;
    ic_err e = icd_accounts_domain_owner(id, ic_view_cstr(at ? at + 1 : ""), &owner);
    if (e != IC_OK && e != IC_ERR_NOT_FOUND)
        return e;
    return owner == user->org ? IC_OK : IC_ERR_DENIED;
}
