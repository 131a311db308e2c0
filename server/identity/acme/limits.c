/* How much one address and one account may ask, and what is thrown away. */
#include "identity/acme/private.h"
#include "identity/ca/ca.h"

#include <string.h>

enum {
    HOUR_MS = 3600000,
    DAY_MS = 24 * HOUR_MS,
    OPEN_ORDERS = 50,       /* of an account */
    FAILURES_PER_HOUR = 20, /* of an account and a name */
    SWEEP_MS = 60000,
    SWEEP_ROWS = 500,
    IDLE_DAYS = 30,
};

static ic_err limited(struct icd_acme_request *r, uint64_t wait_ms, const char *what)
{
    ic_err e = icd_acme_refuse(&r->problem, ICD_ACME_E_RATE_LIMITED, "%s", what);
    r->problem.retry_s = (uint32_t)((wait_ms + 999) / 1000);
    return e;
}

ic_err icd_acme_limit_account(struct icd_acme_request *r)
{
    if (icd_limiter_take(&r->acme->newcomers, r->call->request.peer, r->id->now_ms))
        return IC_OK;
    return limited(r, 60000 / r->id->config->acme_accounts_per_min + 1000,
                   "too many new accounts from this address");
}

/* When the oldest of those of the last hour is an hour old. */
static uint64_t until_oldest(const struct icd_acme_request *r, int64_t oldest)
{
    uint64_t free_ms = (uint64_t)oldest + HOUR_MS;
    return free_ms > r->id->now_ms ? free_ms - r->id->now_ms : 1000;
}

static ic_err limit_failures(struct icd_acme_request *r, const struct icd_acme_name *n)
{
    struct icd_rows rows;
    int64_t count = 0, oldest = 0;
    IC_TRY(icd_store_query(
        r->id->store,
        "SELECT COUNT(*), MIN(created_ms) FROM acme_authz WHERE account = $1"
        " AND name = $2 AND created_ms > $3 AND status = $4",
        &rows,
        ICD_PARAMS(ICD_TEXT(ic_view_cstr(r->account.id)), ICD_TEXT(ic_view_cstr(n->text)),
                   ICD_INT((int64_t)r->id->now_ms - HOUR_MS), ICD_INT(ICD_ACME_INVALID))));
    if (icd_rows_next(&rows)) {
        count = icd_rows_int(&rows, 0);
        oldest = icd_rows_int(&rows, 1);
    }
    IC_TRY(icd_rows_end(&rows));
    return count < FAILURES_PER_HOUR
               ? IC_OK
               : limited(r, until_oldest(r, oldest), "too many failed challenges for this name");
}

ic_err icd_acme_limit_order(struct icd_acme_request *r, const struct icd_acme_names *names)
{
    struct icd_rows rows;
    int64_t count = 0, oldest = 0, open = 0;
    IC_TRY(icd_store_query(
        r->id->store,
        "SELECT COUNT(*), MIN(created_ms) FROM acme_orders WHERE account = $1 AND created_ms > $2",
        &rows,
        ICD_PARAMS(ICD_TEXT(ic_view_cstr(r->account.id)),
                   ICD_INT((int64_t)r->id->now_ms - HOUR_MS))));
    if (icd_rows_next(&rows)) {
        count = icd_rows_int(&rows, 0);
        oldest = icd_rows_int(&rows, 1);
    }
    IC_TRY(icd_rows_end(&rows));
    if (count >= r->id->config->acme_orders_per_hour)
        return limited(r, until_oldest(r, oldest), "too many orders of this account in an hour");
    IC_TRY(icd_store_int(r->id->store,
                         "SELECT COUNT(*) FROM acme_orders WHERE account = $1 AND status = $2"
                         " AND expires_ms > $3",
                         &open,
                         ICD_PARAMS(ICD_TEXT(ic_view_cstr(r->account.id)),
                                    ICD_INT(ICD_ACME_PENDING), ICD_INT(r->id->now_ms))));
    if (open >= OPEN_ORDERS)
        return limited(r, HOUR_MS, "too many orders of this account are open");
    for (size_t i = 0; i < names->count; i++)
        IC_TRY(limit_failures(r, &names->list[i]));
    return IC_OK;
}

ic_err icd_acme_limit_person(struct icd_acme_request *r, const char *user)
{
    int64_t at_s = 0;
    ic_err e =
        icd_ca_issued_at(r->id, user, r->id->config->acme_person_certificates_per_hour, &at_s);
    if (e == IC_ERR_NOT_FOUND)
        return IC_OK;
    IC_TRY(icd_acme_failed(&r->problem, e));
    if (at_s * 1000 + HOUR_MS <= (int64_t)r->id->now_ms)
        return IC_OK;
    return limited(r, until_oldest(r, at_s * 1000),
                   "too many certificates of this person in an hour");
}

/* ---- what nobody needs any more ---- */

/* Orders that were never issued, a day after their time. */
static ic_err sweep_orders(struct icd_identity *id)
{
    int64_t day_ago = (int64_t)id->now_ms - DAY_MS;
    IC_TRY(icd_store_exec(id->store,
                          "DELETE FROM acme_order_authz WHERE order_id IN (SELECT id FROM"
                          " acme_orders WHERE certificate = '' AND expires_ms < $1"
                          " ORDER BY expires_ms, id LIMIT $2)",
                          NULL, ICD_PARAMS(ICD_INT(day_ago), ICD_INT(SWEEP_ROWS))));
    return icd_store_exec(id->store,
                          "DELETE FROM acme_orders WHERE id IN (SELECT id FROM"
                          " acme_orders WHERE certificate = '' AND expires_ms < $1"
                          " ORDER BY expires_ms, id LIMIT $2)",
                          NULL, ICD_PARAMS(ICD_INT(day_ago), ICD_INT(SWEEP_ROWS)));
}

/* Certificates a day after their end, with their orders. The authority keeps its own rows. */
static ic_err sweep_certificates(struct icd_identity *id)
{
    int64_t day_ago_s = (int64_t)(id->now_ms / 1000) - DAY_MS / 1000;
    IC_TRY(icd_store_exec(
        id->store,
        "DELETE FROM acme_order_authz WHERE order_id IN (SELECT id FROM acme_orders WHERE"
        " certificate IN (SELECT id FROM acme_certificates WHERE not_after < $1"
        " ORDER BY not_after, id LIMIT $2))",
        NULL, ICD_PARAMS(ICD_INT(day_ago_s), ICD_INT(SWEEP_ROWS))));
    IC_TRY(
        icd_store_exec(id->store,
                       "DELETE FROM acme_orders WHERE certificate IN (SELECT id FROM"
                       " acme_certificates WHERE not_after < $1 ORDER BY not_after, id LIMIT $2)",
                       NULL, ICD_PARAMS(ICD_INT(day_ago_s), ICD_INT(SWEEP_ROWS))));
    return icd_store_exec(
        id->store,
        "DELETE FROM acme_certificates WHERE id IN (SELECT id FROM"
        " acme_certificates WHERE not_after < $1 ORDER BY not_after, id LIMIT $2)",
        NULL, ICD_PARAMS(ICD_INT(day_ago_s), ICD_INT(SWEEP_ROWS)));
}

static ic_err sweep_authz(struct icd_identity *id)
{
    return icd_store_exec(
        id->store,
        "DELETE FROM acme_authz WHERE id IN (SELECT id FROM acme_authz WHERE expires_ms < $1 AND"
        " NOT EXISTS (SELECT 1 FROM acme_order_authz WHERE authz = acme_authz.id) LIMIT $2)",
        NULL, ICD_PARAMS(ICD_INT((int64_t)id->now_ms - DAY_MS), ICD_INT(SWEEP_ROWS)));
}

/* Anybody can make accounts: one that has ordered nothing for a month goes. */
static ic_err sweep_accounts(struct icd_identity *id)
{
    return icd_store_exec(
        id->store,
        "DELETE FROM acme_accounts WHERE id IN (SELECT id FROM acme_accounts WHERE created_ms < $1"
        " AND status = $2 AND NOT EXISTS"
        " (SELECT 1 FROM acme_orders WHERE account = acme_accounts.id) AND NOT EXISTS"
        " (SELECT 1 FROM acme_authz WHERE account = acme_accounts.id) LIMIT $3)",
        NULL,
        ICD_PARAMS(ICD_INT((int64_t)id->now_ms - (int64_t)IDLE_DAYS * DAY_MS),
                   ICD_INT(ICD_ACME_VALID), ICD_INT(SWEEP_ROWS)));
}

void icd_acme_sweep(struct icd_identity *id)
{
    struct icd_acme *a = id->acme;
    if (id->now_ms < a->swept_ms + SWEEP_MS)
        return;
    a->swept_ms = id->now_ms;
    ic_err e = icd_id_write(id);
    if (e == IC_OK)
        e = sweep_orders(id);
    if (e == IC_OK)
        e = sweep_certificates(id);
    if (e == IC_OK)
        e = sweep_authz(id);
    if (e == IC_OK)
        e = sweep_accounts(id);
    if (e != IC_OK)
        icd_identity_log(id, ICD_LOG_ERROR, "acme_not_swept", "reason=%s", ic_err_name(e));
}
