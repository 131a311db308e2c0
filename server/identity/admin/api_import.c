/* Users in bulk: CSV in and out. */
#include "identity/admin/csv.h"
#include "identity/admin/private.h"

#include <ic/base/secret.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS_MAX = 10000, EXPORT_MAX = 15 << 20 };
enum { CREATED, RENAMED, UNCHANGED, FAILED, RESULTS };
static const char *const results[RESULTS] = {"created", "renamed", "unchanged", "failed"};

struct import {
    struct icd_admin_call *a;
    bool dry_run, invite;
    size_t email, name; /* columns */
    size_t count[RESULTS];
    json_t *rows;
};

/* ---- in ---- */

static bool read_head(struct import *im, const struct icd_csv *csv)
{
    size_t none = ICD_CSV_FIELDS_MAX;
    char text[120];
    im->email = im->name = none;
    for (size_t i = 0; i < csv->count; i++) {
        size_t *at = ic_view_equal(csv->field[i], IC_VIEW_STR("email"))  ? &im->email
                     : ic_view_equal(csv->field[i], IC_VIEW_STR("name")) ? &im->name
                                                                         : NULL;
        if (!at || *at != none) {
            snprintf(text, sizeof text, "column %zu of the first row is %s; there are: email,name",
                     i + 1, at ? "there already" : "none that is known");
            icd_admin_wrong(im->a, "body", text);
            return false;
        }
        *at = i;
    }
    if (im->email != none && im->name != none)
        return true;
    icd_admin_wrong(im->a, "body", "the first row must name the columns: email,name");
    return false;
}

static ic_err tell(struct import *im, size_t line, const char *email, int result, const char *field,
                   const char *text, json_t *invitation)
{
    json_t *o = json_pack("{s:I, s:s}", "line", (json_int_t)line, "result", results[result]);
    im->count[result]++;
    if (o && email)
        json_object_set_new(o, "email", json_string(email));
    if (o && field)
        json_object_set_new(o, "field", json_string(field));
    if (o && text)
        json_object_set_new(o, "text", json_string(text));
    if (o && invitation)
        json_object_set_new(o, "invitation", invitation);
    else
        json_decref(invitation);
    return json_array_append_new(im->rows, o) == 0 ? IC_OK : IC_ERR_NOMEM;
}

static ic_err invite(struct import *im, const struct icd_user *u, json_t **out)
{
    char token[ICD_BEARER_LEN + 1];
    uint64_t expires_ms;
    if (!im->invite || im->dry_run)
        return IC_OK;
    IC_TRY(icd_accounts_invite(im->a->id, u->id, im->a->actor, token, &expires_ms));
    *out = icd_admin_invitation(im->a, token, expires_ms);
    ic_wipe(token, sizeof token);
    return *out ? IC_OK : IC_ERR_NOMEM;
}

/* Who is there: renamed, or left alone. */
static ic_err take_known(struct import *im, size_t line, const char *email, struct ic_view name)
{
    struct icd_user u;
    char subject[32];
    IC_TRY(icd_accounts_user_by_email(im->a->id, ic_view_cstr(email), &u));
    if (u.org != im->a->org)
        return tell(im, line, email, FAILED, "email",
                    "another organisation has a user with this e-mail address", NULL);
    if (ic_view_equal(name, ic_view_cstr(u.name)))
        return tell(im, line, email, UNCHANGED, NULL, NULL, NULL);
    ic_err e = icd_accounts_user_rename(im->a->id, u.id, name);
    if (e == IC_ERR_RANGE)
        return tell(im, line, email, FAILED, "name", "this is no name", NULL);
    IC_TRY(e);
    snprintf(subject, sizeof subject, "user:%s", u.id);
    IC_TRY(icd_admin_audit(im->a, "user.renamed", subject, NULL));
    return tell(im, line, email, RENAMED, NULL, NULL, NULL);
}

static ic_err take_user(struct import *im, size_t line, const char *email, struct ic_view name)
{
    struct icd_user u;
    char subject[32];
    json_t *invitation = NULL;
    ic_err e = icd_accounts_user_add(im->a->id, im->a->org, ic_view_cstr(email), name, &u);
    switch (e) {
    case IC_OK:
        break;
    case IC_ERR_EXISTS:
        return take_known(im, line, email, name);
    case IC_ERR_MALFORMED:
        return tell(im, line, email, FAILED, "email", "this is no e-mail address", NULL);
    case IC_ERR_RULE:
        return tell(im, line, email, FAILED, "email",
                    "its domain is no verified domain of the organisation", NULL);
    case IC_ERR_RANGE:
        return tell(im, line, email, FAILED, "name", "this is no name", NULL);
    default:
        return e;
    }
    snprintf(subject, sizeof subject, "user:%s", u.id);
    IC_TRY(icd_admin_audit(im->a, "user.added", subject, json_pack("{s:s}", "email", u.email)));
    IC_TRY(invite(im, &u, &invitation));
    return tell(im, line, email, CREATED, NULL, NULL, invitation);
}

static ic_err take_row(struct import *im, const struct icd_csv *csv)
{
    char email[ICD_EMAIL_MAX + 1];
    size_t last = im->email > im->name ? im->email : im->name;
    if (csv->count <= last || csv->count > 2)
        return tell(im, csv->line, NULL, FAILED, NULL, "the row has not two fields", NULL);
    struct ic_view v = csv->field[im->email];
    if (v.len == 0 || v.len > ICD_EMAIL_MAX)
        return tell(im, csv->line, NULL, FAILED, "email", "this is no e-mail address", NULL);
    memcpy(email, v.p, v.len);
    email[v.len] = '\0';
    return take_user(im, csv->line, email, csv->field[im->name]);
}

static ic_err take_rows(struct import *im, struct icd_csv *csv)
{
    size_t rows = 0;
    ic_err e;
    while ((e = icd_csv_next(csv)) != IC_ERR_AGAIN) {
        if (++rows > ROWS_MAX)
            return IC_ERR_LIMIT;
        if (e == IC_ERR_NOMEM)
            return e;
        IC_TRY(e == IC_OK ? take_row(im, csv)
                          : tell(im, csv->line, NULL, FAILED, NULL, csv->why, NULL));
    }
    return IC_OK;
}

static void run(struct import *im, struct icd_csv *csv)
{
    struct icd_admin_call *a = im->a;
    ic_err e = icd_csv_next(csv);
    if (e != IC_OK) {
        icd_admin_wrong(a, "body",
                        csv->why ? csv->why : "the first row must name the columns: email,name");
        return;
    }
    if (!read_head(im, csv))
        return;
    e = take_rows(im, csv);
    if (e == IC_ERR_LIMIT)
        icd_admin_refuse(a, 413, "too-long", "body", "at most 10,000 rows at once");
    else if (e != IC_OK)
        icd_admin_failed(a, e, NULL, "this cannot be done");
    if (e != IC_OK)
        return;
    if (im->dry_run)
        icd_id_undo(a->id);
    icd_call_json(a->c, 200,
                  json_pack("{s:b, s:I, s:I, s:I, s:I, s:O}", "dry_run", (int)im->dry_run,
                            "created", (json_int_t)im->count[CREATED], "renamed",
                            (json_int_t)im->count[RENAMED], "unchanged",
                            (json_int_t)im->count[UNCHANGED], "failed",
                            (json_int_t)im->count[FAILED], "rows", im->rows));
}

static bool is_csv(struct ic_view type)
{
    return type.len >= 8 && memcmp(type.p, "text/csv", 8) == 0 &&
           (type.len == 8 || type.p[8] == ';' || type.p[8] == ' ');
}

void icd_admin_import(struct icd_admin_call *a)
{
    struct import im = {.a = a, .invite = true};
    struct icd_csv csv;
    if (!icd_admin_flag(a, "dry_run", &im.dry_run) || !icd_admin_flag(a, "invite", &im.invite))
        return;
    if (!is_csv(a->c->request.content_type)) {
        icd_admin_refuse(a, 415, "malformed", "content-type", "text/csv is needed");
        return;
    }
    im.rows = json_array();
    icd_csv_init(&csv, a->c->request.body);
    run(&im, &csv);
    icd_csv_clear(&csv);
    json_decref(im.rows);
}

/* ---- out ---- */

struct export
{
    struct ic_buf out;
    char last[ICD_EMAIL_MAX + 1];
    size_t count;
};

/* RFC 3339, or nothing. */
static ic_err write_time(struct ic_buf *out, uint64_t ms)
{
    char text[40] = "";
    time_t s = (time_t)(ms / 1000);
    struct tm t;
    if (ms && gmtime_r(&s, &t))
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &t);
    return icd_csv_write(out, ic_view_cstr(text), false);
}

static ic_err write_user(void *ctx, const struct icd_user *u)
{
    struct export *x = ctx;
    x->count++;
    memcpy(x->last, u->email, sizeof x->last);
    IC_TRY(icd_csv_write(&x->out, ic_view_cstr(u->email), true));
    IC_TRY(icd_csv_write(&x->out, ic_view_cstr(u->name), false));
    IC_TRY(icd_csv_write(&x->out, ic_view_cstr(icd_user_state_name(u->state)), false));
    IC_TRY(write_time(&x->out, u->created_ms));
    IC_TRY(write_time(&x->out, u->signed_in_ms));
    return icd_csv_end_row(&x->out);
}

void icd_admin_export(struct icd_admin_call *a)
{
    struct export x = {0};
    ic_buf_init(&x.out, EXPORT_MAX);
    ic_err e = ic_buf_append(&x.out, IC_VIEW_STR("email,name,state,created,signed_in\r\n"));
    do {
        x.count = 0;
        if (e == IC_OK)
            e = icd_accounts_user_list(a->id, a->org, ic_view_cstr(x.last), ICD_ADMIN_PAGE_MAX,
                                       write_user, &x);
    } while (e == IC_OK && x.count == ICD_ADMIN_PAGE_MAX);
    if (e == IC_OK)
        icd_call_bytes(a->c, 200, "text/csv; charset=utf-8; header=present", ic_buf_view(&x.out));
    else
        icd_admin_failed(a, e, NULL, "there are too many for one answer");
    ic_buf_clear(&x.out);
}
