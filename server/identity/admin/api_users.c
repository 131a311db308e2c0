/* /users, one at a time. */
#include "identity/admin/private.h"
#include "identity/ca/ca.h"

#include <ic/base/secret.h>
#include <stdio.h>
#include <string.h>

static json_t *user_json(const struct icd_user *u)
{
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:b, s:I}", "id", u->id, "email", u->email, "name",
                          u->name, "state", icd_user_state_name(u->state), "password",
                          (int)u->password, "created", (json_int_t)(u->created_ms / 1000));
    if (o && u->signed_in_ms)
        json_object_set_new(o, "signed_in", json_integer((json_int_t)(u->signed_in_ms / 1000)));
    return o;
}

static void subject_of(const struct icd_user *u, char out[32])
{
    snprintf(out, 32, "user:%s", u->id);
}

/* ---- looking ---- */

struct page {
    json_t *list;
    size_t limit;
    char next[ICD_EMAIL_MAX + 1]; /* the last of this page */
    bool more;
};

static ic_err add_user(void *ctx, const struct icd_user *u)
{
    struct page *p = ctx;
    if (json_array_size(p->list) == p->limit) {
        p->more = true;
        return IC_OK;
    }
    memcpy(p->next, u->email, sizeof p->next);
    return json_array_append_new(p->list, user_json(u)) == 0 ? IC_OK : IC_ERR_NOMEM;
}

void icd_admin_users(struct icd_admin_call *a)
{
    int64_t limit = ICD_ADMIN_PAGE;
    char after[ICD_EMAIL_MAX + 1] = "";
    if (!icd_admin_number(a, "limit", 1, ICD_ADMIN_PAGE_MAX, &limit))
        return;
    if (!icd_call_query(a->c, "after", after, sizeof after))
        after[0] = 0;
    struct page p = {.list = json_array(), .limit = (size_t)limit};
    ic_err e = icd_accounts_user_list(a->id, a->org, ic_view_cstr(after), (unsigned)limit + 1,
                                      add_user, &p);
    if (e != IC_OK) {
        json_decref(p.list);
        icd_admin_failed(a, e, NULL, "the users cannot be listed");
        return;
    }
    json_t *o = json_pack("{s:o}", "users", p.list);
    if (o && p.more)
        json_object_set_new(o, "next", json_string(p.next));
    icd_call_json(a->c, 200, o);
}

void icd_admin_user_show(struct icd_admin_call *a)
{
    struct icd_user u;
    if (icd_admin_user(a, a->param, NULL, &u))
        icd_call_json(a->c, 200, user_json(&u));
}

/* ---- changing ---- */

/* The answer has the user as they are now. */
static void answer_user(struct icd_admin_call *a, ic_err e, const char *user, int status,
                        json_t *invitation)
{
    struct icd_user u;
    if (e == IC_OK)
        e = icd_accounts_user_get(a->id, user, &u);
    if (e != IC_OK) {
        json_decref(invitation);
        icd_admin_failed(a, e, NULL, "this cannot be done");
        return;
    }
    json_t *o = user_json(&u);
    if (o && invitation)
        json_object_set_new(o, "invitation", invitation);
    icd_call_json(a->c, status, o);
}

static ic_err invite(struct icd_admin_call *a, const struct icd_user *u, json_t **out)
{
    char token[ICD_BEARER_LEN + 1];
    uint64_t expires_ms;
    IC_TRY(icd_accounts_invite(a->id, u->id, a->actor, token, &expires_ms));
    *out = icd_admin_invitation(a, token, expires_ms);
    ic_wipe(token, sizeof token);
    return *out ? IC_OK : IC_ERR_NOMEM;
}

static void refuse_new(struct icd_admin_call *a, ic_err e)
{
    switch (e) {
    case IC_ERR_MALFORMED:
        icd_admin_wrong(a, "email", "this is no e-mail address");
        break;
    case IC_ERR_RULE:
        icd_admin_wrong(a, "email", "its domain is no verified domain of the organisation");
        break;
    case IC_ERR_EXISTS:
        icd_admin_failed(a, e, "email", "there is a user with this e-mail address");
        break;
    default:
        icd_admin_failed(a, e, "name", "this is no name");
    }
}

void icd_admin_user_add(struct icd_admin_call *a)
{
    struct icd_user u;
    json_t *o = icd_admin_body(a, "email name invite"), *invitation = NULL;
    const json_t *wants = json_object_get(o, "invite");
    const char *email = o ? icd_admin_text(a, o, "email", 3, ICD_EMAIL_MAX, true) : NULL;
    const char *name = email ? icd_admin_text(a, o, "name", 1, ICD_NAME_MAX, true) : NULL;
    if (name && wants && !json_is_boolean(wants)) {
        icd_admin_wrong(a, "invite", "true or false");
    } else if (name) {
        ic_err e =
            icd_accounts_user_add(a->id, a->org, ic_view_cstr(email), ic_view_cstr(name), &u);
        if (e != IC_OK) {
            refuse_new(a, e);
        } else {
            char subject[32];
            subject_of(&u, subject);
            e = icd_admin_audit(a, "user.added", subject, json_pack("{s:s}", "email", u.email));
            if (e == IC_OK && json_is_true(wants))
                e = invite(a, &u, &invitation);
            answer_user(a, e, u.id, 201, invitation);
        }
    }
    json_decref(o);
}

void icd_admin_user_rename(struct icd_admin_call *a)
{
    struct icd_user u;
    char subject[32];
    json_t *o = icd_admin_body(a, "name");
    const char *name = o ? icd_admin_text(a, o, "name", 1, ICD_NAME_MAX, true) : NULL;
    if (name && icd_admin_user(a, a->param, NULL, &u)) {
        ic_err e = icd_accounts_user_rename(a->id, u.id, ic_view_cstr(name));
        subject_of(&u, subject);
        if (e == IC_ERR_RANGE)
            icd_admin_wrong(a, "name", "this is no name");
        else if (e == IC_OK && strcmp(u.name, name) != 0)
            e = icd_admin_audit(a, "user.renamed", subject, NULL);
        if (e != IC_ERR_RANGE)
            answer_user(a, e, u.id, 200, NULL);
    }
    json_decref(o);
}

/* Certificates first: while the account is there. */
static ic_err end_all(struct icd_admin_call *a, const struct icd_user *u,
                      enum ic_pki_revocation reason, uint64_t *sessions, uint64_t *certificates)
{
    IC_TRY(icd_ca_revoke_user(a->id, u->id, reason, certificates));
    return icd_accounts_sessions_end(a->id, u->id, NULL, sessions);
}

void icd_admin_user_delete(struct icd_admin_call *a)
{
    struct icd_user u;
    char subject[32];
    uint64_t sessions = 0, certificates = 0;
    if (!icd_admin_user(a, a->param, NULL, &u))
        return;
    subject_of(&u, subject);
    ic_err e = end_all(a, &u, IC_PKI_REVOKED_CESSATION, &sessions, &certificates);
    if (e == IC_OK)
        e = icd_accounts_user_remove(a->id, u.id);
    if (e == IC_OK)
        e = icd_admin_audit(
            a, "user.deleted", subject,
            json_pack("{s:s, s:I}", "email", u.email, "certificates", (json_int_t)certificates));
    if (e == IC_OK)
        icd_call_empty(a->c, 204);
    else
        icd_admin_failed(a, e, NULL, "this cannot be done");
}

void icd_admin_user_suspend(struct icd_admin_call *a)
{
    struct icd_user u;
    char subject[32];
    uint64_t sessions = 0, certificates = 0;
    if (!icd_admin_user(a, a->param, NULL, &u))
        return;
    bool was = u.state == ICD_USER_SUSPENDED;
    subject_of(&u, subject);
    ic_err e = end_all(a, &u, IC_PKI_REVOKED_PRIVILEGE_WITHDRAWN, &sessions, &certificates);
    if (e == IC_OK)
        e = icd_accounts_user_suspend(a->id, u.id, true);
    if (e == IC_OK && !was)
        e = icd_admin_audit(a, "user.suspended", subject,
                            json_pack("{s:I, s:I}", "sessions", (json_int_t)sessions,
                                      "certificates", (json_int_t)certificates));
    if (e == IC_OK)
        e = icd_accounts_user_get(a->id, u.id, &u);
    if (e == IC_OK)
        icd_call_json(a->c, 200,
                      json_pack("{s:o, s:I, s:I}", "user", user_json(&u), "sessions_ended",
                                (json_int_t)sessions, "certificates_revoked",
                                (json_int_t)certificates));
    else
        icd_admin_failed(a, e, NULL, "this cannot be done");
}

void icd_admin_user_resume(struct icd_admin_call *a)
{
    struct icd_user u;
    char subject[32];
    ic_err e = IC_OK;
    if (!icd_admin_user(a, a->param, NULL, &u))
        return;
    subject_of(&u, subject);
    if (u.state == ICD_USER_SUSPENDED) {
        e = icd_accounts_user_suspend(a->id, u.id, false);
        if (e == IC_OK)
            e = icd_admin_audit(a, "user.resumed", subject, NULL);
    }
    answer_user(a, e, u.id, 200, NULL);
}

void icd_admin_user_invite(struct icd_admin_call *a)
{
    struct icd_user u;
    json_t *invitation = NULL;
    if (!icd_admin_user(a, a->param, NULL, &u))
        return;
    ic_err e = invite(a, &u, &invitation);
    if (e == IC_OK)
        icd_call_json(a->c, 201, invitation);
    else
        icd_admin_failed(a, e, NULL, "the user is suspended: resume them first");
}
