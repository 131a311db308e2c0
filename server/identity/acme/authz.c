/* Authorizations and their challenges: RFC 8555 sections 7.1.4, 7.5 and 8. */
#include "identity/acme/private.h"

#include <ic/pki/cert.h>
#include <stdio.h>
#include <string.h>

/* A wrong enrolment token may be sent so often. */
enum { TOKEN_TRIES = 5, POLL_S = 2 };

/* ---- rows ---- */

static void copy(char *out, size_t cap, struct ic_view v)
{
    size_t n = v.len < cap ? v.len : cap - 1;
    if (n)
        memcpy(out, v.p, n);
    out[n] = 0;
}

static void take_row(struct icd_rows *rows, struct icd_acme_authz *a)
{
    *a = (struct icd_acme_authz){0};
    copy(a->id, sizeof a->id, icd_rows_bytes(rows, 0));
    copy(a->account, sizeof a->account, icd_rows_bytes(rows, 1));
    a->name.kind = (enum icd_acme_kind)icd_rows_int(rows, 2);
    copy(a->name.text, sizeof a->name.text, icd_rows_bytes(rows, 3));
    a->state.status = (enum icd_acme_status)icd_rows_int(rows, 4);
    a->state.expires_ms = (uint64_t)icd_rows_int(rows, 5);
    a->tried = (enum icd_acme_challenge)icd_rows_int(rows, 6);
    copy(a->token, sizeof a->token, icd_rows_bytes(rows, 7));
    a->attempts = (unsigned)icd_rows_int(rows, 8);
    a->validated_ms = (uint64_t)icd_rows_int(rows, 9);
    a->error = (enum icd_acme_error)icd_rows_int(rows, 10);
    copy(a->detail, sizeof a->detail, icd_rows_bytes(rows, 11));
    copy(a->user, sizeof a->user, icd_rows_bytes(rows, 12));
    copy(a->device, sizeof a->device, icd_rows_bytes(rows, 13));
}

static ic_err take_one(struct icd_rows *rows, struct icd_acme_authz *out)
{
    bool found = icd_rows_next(rows);
    if (found)
        take_row(rows, out);
    IC_TRY(icd_rows_end(rows));
    return found ? IC_OK : IC_ERR_NOT_FOUND;
}

ic_err icd_acme_authz_get(struct icd_identity *id, const char *authz, struct icd_acme_authz *out)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(id->store,
                           "SELECT id, account, kind, name, status, expires_ms, tried, token,"
                           " attempts, validated_ms, error, detail, person, device"
                           " FROM acme_authz WHERE id = $1",
                           &rows, ICD_PARAMS(ICD_TEXT(ic_view_cstr(authz)))));
    return take_one(&rows, out);
}

ic_err icd_acme_authz_valid(struct icd_identity *id, const char *account,
                            const struct icd_acme_name *name, struct icd_acme_authz *out)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(
        id->store,
        "SELECT id, account, kind, name, status, expires_ms, tried, token, attempts, validated_ms,"
        " error, detail, person, device FROM acme_authz WHERE account = $1 AND name = $2"
        " AND kind = $3 AND status = $4 AND expires_ms > $5 ORDER BY expires_ms DESC LIMIT 1",
        &rows,
        ICD_PARAMS(ICD_TEXT(ic_view_cstr(account)), ICD_TEXT(ic_view_cstr(name->text)),
                   ICD_INT(name->kind), ICD_INT(ICD_ACME_VALID), ICD_INT(id->now_ms))));
    return take_one(&rows, out);
}

ic_err icd_acme_authz_load(struct icd_acme_request *r, const char *authz,
                           struct icd_acme_authz *out)
{
    struct icd_acme_authz a;
    ic_err e = icd_acme_authz_get(r->id, authz, &a);
    if (e == IC_ERR_NOT_FOUND)
        return icd_acme_not_there(&r->problem, "authorization");
    IC_TRY(e);
    if (strcmp(a.account, r->account.id) != 0)
        return icd_acme_not_yours(&r->problem, "authorization");
    *out = a;
    return IC_OK;
}

ic_err icd_acme_authz_add(struct icd_identity *id, const struct icd_acme_authz *a)
{
    IC_TRY(icd_id_write(id));
    return icd_store_exec(
        id->store,
        "INSERT INTO acme_authz(id, account, kind, name, status, expires_ms, created_ms, tried,"
        " token, attempts, validated_ms, error, detail, person, device, next_ms)"
        " VALUES($1, $2, $3, $4, $5, $6, $7, 0, $8, 0, 0, 0, '', '', '', 0)",
        NULL,
        ICD_PARAMS(ICD_TEXT(ic_view_cstr(a->id)), ICD_TEXT(ic_view_cstr(a->account)),
                   ICD_INT(a->name.kind), ICD_TEXT(ic_view_cstr(a->name.text)),
                   ICD_INT(a->state.status), ICD_INT(a->state.expires_ms), ICD_INT(id->now_ms),
                   ICD_TEXT(ic_view_cstr(a->token))));
}

ic_err icd_acme_authz_store(struct icd_identity *id, const struct icd_acme_authz *a,
                            uint64_t next_ms)
{
    IC_TRY(icd_id_write(id));
    return icd_store_exec(
        id->store,
        "UPDATE acme_authz SET status = $1, expires_ms = $2, tried = $3, attempts = $4,"
        " validated_ms = $5, error = $6, detail = $7, person = $8, device = $9, next_ms = $10"
        " WHERE id = $11",
        NULL,
        ICD_PARAMS(ICD_INT(a->state.status), ICD_INT(a->state.expires_ms), ICD_INT(a->tried),
                   ICD_INT(a->attempts), ICD_INT(a->validated_ms), ICD_INT(a->error),
                   ICD_TEXT(ic_view_cstr(a->detail)), ICD_TEXT(ic_view_cstr(a->user)),
                   ICD_TEXT(ic_view_cstr(a->device)), ICD_INT(next_ms),
                   ICD_TEXT(ic_view_cstr(a->id))));
}

/* ---- as JSON ---- */

static json_t *time_json(uint64_t ms)
{
    char text[IC_PKI_TIME_TEXT];
    ic_pki_time_text((int64_t)(ms / 1000), text);
    return json_string(text);
}

static json_t *challenge_json(const struct icd_identity *id, const struct icd_acme_authz *a,
                              enum icd_acme_challenge which)
{
    char url[ICD_ACME_URL];
    const char *type = icd_acme_challenge_name(which);
    enum icd_acme_status s = icd_acme_challenge_status(&a->state, a->tried, which);
    icd_acme_url(id, url, "chall/%s/%s", a->id, type);
    json_t *o =
        json_pack("{s:s, s:s, s:s}", "type", type, "url", url, "status", icd_acme_status_name(s));
    if (which != ICD_ACME_TOKEN_01)
        json_object_set_new(o, "token", json_string(a->token));
    if (s == ICD_ACME_VALID)
        json_object_set_new(o, "validated", time_json(a->validated_ms));
    if (a->tried == which && a->detail[0] && s != ICD_ACME_VALID) {
        struct icd_acme_problem p = {0};
        (void)icd_acme_refuse(&p, a->error, "%s", a->detail);
        json_object_set_new(o, "error", icd_acme_problem_json(&p));
    }
    return o;
}

static json_t *challenges_json(const struct icd_identity *id, const struct icd_acme_authz *a)
{
    json_t *list = json_array();
    bool open = a->state.status == ICD_ACME_PENDING || a->state.status == ICD_ACME_PROCESSING;
    for (int i = ICD_ACME_HTTP_01; i <= ICD_ACME_TOKEN_01; i++) {
        enum icd_acme_challenge c = (enum icd_acme_challenge)i;
        bool fits = (c == ICD_ACME_TOKEN_01) == (a->name.kind == ICD_ACME_EMAIL);
        /* RFC 8555 section 7.1.4: of one that has ended, the challenge that ended it. */
        if (open ? fits : a->tried == c)
            json_array_append_new(list, challenge_json(id, a, c));
    }
    return list;
}

json_t *icd_acme_authz_json(const struct icd_identity *id, const struct icd_acme_authz *a)
{
    enum icd_acme_status s = icd_acme_authz_status(&a->state, id->now_ms);
    return json_pack("{s:{s:s, s:s}, s:s, s:o, s:o}", "identifier", "type",
                     icd_acme_kind_name(a->name.kind), "value", a->name.text, "status",
                     icd_acme_status_name(s), "expires", time_json(a->state.expires_ms),
                     "challenges", challenges_json(id, a));
}

/* ---- an authorization's URL ---- */

static bool asks_to_deactivate(const json_t *payload)
{
    const char *status = json_string_value(json_object_get(payload, "status"));
    return status && strcmp(status, "deactivated") == 0;
}

static ic_err authz(struct icd_acme_request *r)
{
    char id[ICD_ACME_ID + 1];
    const char *rest;
    struct icd_acme_authz a;
    IC_TRY(icd_acme_path(r, id, &rest));
    if (rest[0])
        return icd_acme_not_there(&r->problem, "resource");
    IC_TRY(icd_acme_authz_load(r, id, &a));
    if (r->payload) {
        enum icd_acme_status s = icd_acme_authz_status(&a.state, r->id->now_ms);
        if (!asks_to_deactivate(r->payload))
            return icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED,
                                   "an authorization can be deactivated, and nothing else");
        if (s != ICD_ACME_VALID && s != ICD_ACME_PENDING)
            return icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED,
                                   "this authorization has ended already: %s",
                                   icd_acme_status_name(s));
        a.state.status = ICD_ACME_DEACTIVATED;
        IC_TRY(icd_acme_authz_store(r->id, &a, 0));
    }
    if (a.state.status == ICD_ACME_PROCESSING)
        icd_acme_retry_after(r, POLL_S);
    return icd_acme_answer(r, 200, icd_acme_authz_json(r->id, &a));
}

void icd_acme_on_authz(struct icd_identity *id, struct icd_call *c)
{
    icd_acme_serve(id, c, ICD_ACME_BY_ACCOUNT, authz);
}

/* ---- incamera-token-01: a person's enrolment token ---- */

static void fulfilled(struct icd_acme_request *r, struct icd_acme_authz *a,
                      const struct icd_acme_person *who)
{
    a->state.status = ICD_ACME_VALID;
    a->state.expires_ms = r->id->now_ms + 1000ull * r->id->config->acme_person_s;
    a->validated_ms = r->id->now_ms;
    a->detail[0] = 0;
    memcpy(a->user, who->user, sizeof a->user);
    memcpy(a->device, who->device, sizeof a->device);
}

/* What the token did is undone with the answer; that it was tried is kept. */
static ic_err token_refused(struct icd_acme_request *r, struct icd_acme_authz *a, const char *why)
{
    icd_id_undo(r->id);
    a->attempts++;
    a->error = ICD_ACME_E_INCORRECT_RESPONSE;
    snprintf(a->detail, sizeof a->detail, "%s", why);
    if (a->attempts >= TOKEN_TRIES)
        a->state.status = ICD_ACME_INVALID;
    IC_TRY(icd_acme_authz_store(r->id, a, 0));
    r->call->keep = true;
    return icd_acme_refuse(&r->problem, ICD_ACME_E_INCORRECT_RESPONSE, "%s", why);
}

static ic_err take_token(struct icd_acme_request *r, struct icd_acme_authz *a)
{
    struct icd_acme_person who;
    const json_t *token = json_object_get(r->payload, "token");
    const char *why = "the enrolment token is not good";
    if (!json_is_string(token))
        return icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED,
                               "token: the enrolment token of a signed-in session");
    a->tried = ICD_ACME_TOKEN_01;
    IC_TRY(icd_id_write(r->id));
    ic_err e =
        r->acme->others->redeem(r->id, ic_view(json_string_value(token), json_string_length(token)),
                                ic_view_cstr(r->account.key.thumbprint), &who, &why);
    if (e == IC_ERR_IO || e == IC_ERR_NOMEM)
        return e;
    if (e != IC_OK)
        return token_refused(r, a, why);
    if (strcmp(who.email, a->name.text) != 0)
        return token_refused(r, a, "the enrolment token is somebody else's");
    fulfilled(r, a, &who);
    return icd_acme_authz_store(r->id, a, 0);
}

/* ---- a challenge's URL ---- */

static ic_err answer_challenge(struct icd_acme_request *r, const struct icd_acme_authz *a,
                               enum icd_acme_challenge which)
{
    char up[ICD_ACME_URL];
    icd_acme_url(r->id, up, "authz/%s", a->id);
    icd_acme_link(r, up, "up");
    if (icd_acme_challenge_status(&a->state, a->tried, which) == ICD_ACME_PROCESSING)
        icd_acme_retry_after(r, POLL_S);
    return icd_acme_answer(r, 200, challenge_json(r->id, a, which));
}

static ic_err respond(struct icd_acme_request *r, struct icd_acme_authz *a,
                      enum icd_acme_challenge which)
{
    bool again;
    if (!icd_acme_challenge_may(&a->state, a->tried, which, r->id->now_ms, &again))
        return icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED,
                               "this authorization takes no answer now: it is %s",
                               icd_acme_status_name(a->state.status));
    if (which == ICD_ACME_TOKEN_01)
        return take_token(r, a);
    if (again)
        return IC_OK; /* it is being tried, and will be again by itself */
    a->tried = which;
    a->state.status = ICD_ACME_PROCESSING;
    return icd_acme_attempt(r->id, a, r->account.key.thumbprint);
}

static bool which_of(const struct icd_acme_authz *a, const char *name, enum icd_acme_challenge *out)
{
    for (int i = ICD_ACME_HTTP_01; i <= ICD_ACME_TOKEN_01; i++)
        if (strcmp(name, icd_acme_challenge_name((enum icd_acme_challenge)i)) == 0) {
            *out = (enum icd_acme_challenge)i;
            return (*out == ICD_ACME_TOKEN_01) == (a->name.kind == ICD_ACME_EMAIL);
        }
    return false;
}

static ic_err challenge(struct icd_acme_request *r)
{
    char id[ICD_ACME_ID + 1];
    const char *rest;
    struct icd_acme_authz a;
    enum icd_acme_challenge which;
    IC_TRY(icd_acme_path(r, id, &rest));
    IC_TRY(icd_acme_authz_load(r, id, &a));
    if (!which_of(&a, rest, &which))
        return icd_acme_not_there(&r->problem, "challenge");
    if (r->payload)
        IC_TRY(respond(r, &a, which));
    return answer_challenge(r, &a, which);
}

void icd_acme_on_challenge(struct icd_identity *id, struct icd_call *c)
{
    icd_acme_serve(id, c, ICD_ACME_BY_ACCOUNT, challenge);
}
