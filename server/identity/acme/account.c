/* Accounts: RFC 8555 section 7.3. */
#include "identity/acme/private.h"

#include <stdio.h>
#include <string.h>

/* ---- rows ---- */

static void copy(char *out, size_t cap, struct ic_view v)
{
    size_t n = v.len < cap ? v.len : cap - 1;
    if (n)
        memcpy(out, v.p, n);
    out[n] = 0;
}

static ic_err take_row(struct icd_rows *rows, struct icd_acme_account *out)
{
    struct icd_acme_account a = {0};
    ic_err e = IC_ERR_NOT_FOUND;
    if (icd_rows_next(rows)) {
        copy(a.id, sizeof a.id, icd_rows_bytes(rows, 0));
        e = icd_acme_key_load(icd_rows_bytes(rows, 1), &a.key);
        a.status = (enum icd_acme_status)icd_rows_int(rows, 2);
        copy(a.contact, sizeof a.contact, icd_rows_bytes(rows, 3));
        a.created_ms = (uint64_t)icd_rows_int(rows, 4);
    }
    IC_TRY(icd_rows_end(rows));
    if (e == IC_OK)
        *out = a;
    return e == IC_ERR_MALFORMED ? IC_ERR_IO : e;
}

ic_err icd_acme_account_get(struct icd_identity *id, const char *account,
                            struct icd_acme_account *out)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(
        id->store, "SELECT id, key, status, contact, created_ms FROM acme_accounts WHERE id = $1",
        &rows, ICD_PARAMS(ICD_TEXT(ic_view_cstr(account)))));
    return take_row(&rows, out);
}

ic_err icd_acme_account_by_key(struct icd_identity *id, const char *thumbprint,
                               struct icd_acme_account *out)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(
        id->store,
        "SELECT id, key, status, contact, created_ms FROM acme_accounts WHERE thumbprint = $1",
        &rows, ICD_PARAMS(ICD_TEXT(ic_view_cstr(thumbprint)))));
    return take_row(&rows, out);
}

/* ---- answers ---- */

static ic_err answer_account(struct icd_acme_request *r, int status,
                             const struct icd_acme_account *a)
{
    char orders[ICD_ACME_URL];
    json_t *contact = json_loads(a->contact, 0, NULL);
    icd_acme_url(r->id, orders, "acct/%s/orders", a->id);
    json_t *o =
        json_pack("{s:s, s:s}", "status", icd_acme_status_name(a->status), "orders", orders);
    if (json_array_size(contact))
        json_object_set(o, "contact", contact);
    json_decref(contact);
    return icd_acme_answer(r, status, o);
}

/* The URL that is its kid from now on. */
static void locate(struct icd_acme_request *r, const struct icd_acme_account *a)
{
    char url[ICD_ACME_URL];
    icd_acme_url(r->id, url, "acct/%s", a->id);
    icd_acme_location(r, url);
}

/* The list as it is kept. */
static ic_err take_contact(struct icd_acme_request *r, char out[ICD_ACME_CONTACT])
{
    json_t *list;
    IC_TRY(icd_acme_contacts_read(json_object_get(r->payload, "contact"), &list, &r->problem));
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    if (!text || strlen(text) >= ICD_ACME_CONTACT) {
        free(text);
        return icd_acme_failed(&r->problem, IC_ERR_NOMEM);
    }
    strcpy(out, text);
    free(text);
    return IC_OK;
}

/* ---- newAccount ---- */

static ic_err add(struct icd_acme_request *r, const struct icd_acme_account *a)
{
    IC_TRY(icd_id_write(r->id));
    return icd_store_exec(
        r->id->store,
        "INSERT INTO acme_accounts(id, key, thumbprint, status, contact, created_ms)"
        " VALUES($1, $2, $3, $4, $5, $6)",
        NULL,
        ICD_PARAMS(ICD_TEXT(ic_view_cstr(a->id)), ICD_TEXT(ic_view_cstr(a->key.json)),
                   ICD_TEXT(ic_view_cstr(a->key.thumbprint)), ICD_INT(a->status),
                   ICD_TEXT(ic_view_cstr(a->contact)), ICD_INT(a->created_ms)));
}

static ic_err make(struct icd_acme_request *r)
{
    struct icd_acme_account a = {.status = ICD_ACME_VALID, .created_ms = r->id->now_ms};
    if (json_is_true(json_object_get(r->payload, "onlyReturnExisting")))
        return icd_acme_refuse(&r->problem, ICD_ACME_E_ACCOUNT_DOES_NOT_EXIST,
                               "no account has this key");
    if (r->id->config->acme_terms[0] &&
        !json_is_true(json_object_get(r->payload, "termsOfServiceAgreed")))
        return icd_acme_refuse_as(&r->problem, ICD_ACME_E_MALFORMED, 400,
                                  "termsOfServiceAgreed: the terms are at %s",
                                  r->id->config->acme_terms);
    a.key = r->jws.key;
    IC_TRY(take_contact(r, a.contact));
    IC_TRY(icd_acme_limit_account(r));
    IC_TRY(icd_acme_new_id(r->id, a.id));
    IC_TRY(add(r, &a));
    locate(r, &a);
    return answer_account(r, 201, &a);
}

/* RFC 8555 section 7.3.1: who has an account already is given it, whatever else the request says. */
static ic_err new_account(struct icd_acme_request *r)
{
    struct icd_acme_account a;
    IC_TRY(icd_acme_want_payload(r));
    ic_err e = icd_acme_account_by_key(r->id, r->jws.key.thumbprint, &a);
    if (e == IC_ERR_NOT_FOUND)
        return make(r);
    IC_TRY(e);
    if (a.status != ICD_ACME_VALID)
        return icd_acme_refuse(&r->problem, ICD_ACME_E_UNAUTHORIZED,
                               "the account of this key was %s", icd_acme_status_name(a.status));
    locate(r, &a);
    return answer_account(r, 200, &a);
}

void icd_acme_on_new_account(struct icd_identity *id, struct icd_call *c)
{
    icd_acme_serve(id, c, ICD_ACME_BY_KEY, new_account);
}

/* ---- an account's own URL ---- */

/* RFC 8555 section 7.3.6: what is under way ends with it; what was issued stands. */
static ic_err deactivate(struct icd_acme_request *r)
{
    struct icd_acme_account *a = &r->account;
    struct ic_view account = ic_view_cstr(a->id);
    a->status = ICD_ACME_DEACTIVATED;
    IC_TRY(icd_id_write(r->id));
    IC_TRY(icd_store_exec(r->id->store, "UPDATE acme_accounts SET status = $1 WHERE id = $2", NULL,
                          ICD_PARAMS(ICD_INT(ICD_ACME_DEACTIVATED), ICD_TEXT(account))));
    IC_TRY(icd_store_exec(
        r->id->store, "UPDATE acme_orders SET status = $1 WHERE account = $2 AND status = $3", NULL,
        ICD_PARAMS(ICD_INT(ICD_ACME_INVALID), ICD_TEXT(account), ICD_INT(ICD_ACME_PENDING))));
    return icd_store_exec(
        r->id->store, "UPDATE acme_authz SET status = $1 WHERE account = $2 AND status <= $3", NULL,
        ICD_PARAMS(ICD_INT(ICD_ACME_DEACTIVATED), ICD_TEXT(account), ICD_INT(ICD_ACME_VALID)));
}

static ic_err update(struct icd_acme_request *r)
{
    const char *status = json_string_value(json_object_get(r->payload, "status"));
    if (status && strcmp(status, "deactivated") == 0) {
        IC_TRY(deactivate(r));
    } else if (json_object_get(r->payload, "contact")) {
        IC_TRY(take_contact(r, r->account.contact));
        IC_TRY(icd_id_write(r->id));
        IC_TRY(icd_store_exec(r->id->store, "UPDATE acme_accounts SET contact = $1 WHERE id = $2",
                              NULL,
                              ICD_PARAMS(ICD_TEXT(ic_view_cstr(r->account.contact)),
                                         ICD_TEXT(ic_view_cstr(r->account.id)))));
    }
    return answer_account(r, 200, &r->account);
}

/* ---- its orders: RFC 8555 section 7.1.2.1 ---- */

enum { PAGE = 50 };

static ic_err orders(struct icd_acme_request *r)
{
    struct icd_rows rows;
    char after[64] = "", url[ICD_ACME_URL], last[ICD_ACME_ID + 1] = "";
    size_t n = 0;
    IC_TRY(icd_acme_want_none(r));
    (void)icd_call_query(r->call, "cursor", after, sizeof after);
    IC_TRY(icd_store_query(
        r->id->store,
        "SELECT id FROM acme_orders WHERE account = $1 AND id > $2 AND (status = $3 OR"
        " (status = $4 AND expires_ms > $5)) ORDER BY id LIMIT $6",
        &rows,
        ICD_PARAMS(ICD_TEXT(ic_view_cstr(r->account.id)), ICD_TEXT(ic_view_cstr(after)),
                   ICD_INT(ICD_ACME_VALID), ICD_INT(ICD_ACME_PENDING), ICD_INT(r->id->now_ms),
                   ICD_INT(PAGE + 1))));
    json_t *list = json_array();
    for (; icd_rows_next(&rows); n++) {
        if (n == PAGE)
            continue;
        copy(last, sizeof last, icd_rows_bytes(&rows, 0));
        icd_acme_url(r->id, url, "order/%s", last);
        json_array_append_new(list, json_string(url));
    }
    ic_err e = icd_rows_end(&rows);
    if (e == IC_OK && n > PAGE) {
        icd_acme_url(r->id, url, "acct/%s/orders?cursor=%s", r->account.id, last);
        icd_acme_link(r, url, "next");
    }
    json_t *o = json_pack("{s:o}", "orders", list);
    IC_TRY(icd_acme_answer(r, 200, o));
    return e;
}

static ic_err account(struct icd_acme_request *r)
{
    char id[ICD_ACME_ID + 1];
    const char *rest;
    IC_TRY(icd_acme_path(r, id, &rest));
    if (strcmp(id, r->account.id) != 0)
        return icd_acme_not_yours(&r->problem, "account");
    if (strcmp(rest, "orders") == 0)
        return orders(r);
    if (rest[0])
        return icd_acme_not_there(&r->problem, "resource");
    return r->payload ? update(r) : answer_account(r, 200, &r->account);
}

void icd_acme_on_account(struct icd_identity *id, struct icd_call *c)
{
    icd_acme_serve(id, c, ICD_ACME_BY_ACCOUNT, account);
}
