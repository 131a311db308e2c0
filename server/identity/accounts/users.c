/* Users: an address in a verified domain, a name, and what they may do now. */
#include "identity/accounts/private.h"

#include <string.h>

const char *icd_user_state_name(enum icd_user_state state)
{
    static const char *const names[] = {"invited", "active", "suspended"};
    return names[state];
}

void icd_user_row(const struct icd_rows *r, int first, struct icd_user *out)
{
    struct icd_user u = {.org = icd_rows_int(r, first + 1),
                         .state = (enum icd_user_state)icd_rows_int(r, first + 4),
                         .password = icd_rows_int(r, first + 5) != 0,
                         .created_ms = (uint64_t)icd_rows_int(r, first + 6),
                         .signed_in_ms = (uint64_t)icd_rows_int(r, first + 7)};
    icd_copy_text(u.id, sizeof u.id, icd_rows_bytes(r, first));
    icd_copy_text(u.email, sizeof u.email, icd_rows_bytes(r, first + 2));
    icd_copy_text(u.name, sizeof u.name, icd_rows_bytes(r, first + 3));
    *out = u;
}

static ic_err one_user(struct icd_identity *id, const char *sql, struct icd_params params,
                       struct icd_user *out)
{
    struct icd_rows rows;
    struct icd_user u = {0};
    IC_TRY(icd_store_query(id->store, sql, &rows, params));
    bool found = icd_rows_next(&rows);
    if (found)
        icd_user_row(&rows, 0, &u);
    IC_TRY(icd_rows_end(&rows));
    if (!found)
        return IC_ERR_NOT_FOUND;
    *out = u;
    return IC_OK;
}

ic_err icd_accounts_user_get(struct icd_identity *id, const char *user, struct icd_user *out)
{
    return one_user(id, "SELECT " ICD_USER_COLUMNS " FROM users u WHERE u.id = $1",
                    ICD_PARAMS(ICD_TEXT(ic_view_cstr(user))), out);
}

ic_err icd_accounts_user_by_email(struct icd_identity *id, struct ic_view email,
                                  struct icd_user *out)
{
    char clean[ICD_EMAIL_MAX + 1];
    if (icd_email_clean(email, clean) != IC_OK)
        return IC_ERR_NOT_FOUND;
    return one_user(id, "SELECT " ICD_USER_COLUMNS " FROM users u WHERE u.email = $1",
                    ICD_PARAMS(ICD_TEXT(ic_view_cstr(clean))), out);
}

static ic_err domain_is_ours(struct icd_identity *id, int64_t org, const char *email)
{
    int64_t one;
    ic_err e = icd_store_int(
        id->store, "SELECT 1 FROM domains WHERE org = $1 AND name = $2 AND verified_ms > 0", &one,
        ICD_PARAMS(ICD_INT(org), ICD_TEXT(ic_view_cstr(strchr(email, '@') + 1))));
    return e == IC_ERR_NOT_FOUND ? IC_ERR_RULE : e;
}

ic_err icd_accounts_user_add(struct icd_identity *id, int64_t org, struct ic_view email,
                             struct ic_view name, struct icd_user *out)
{
    struct icd_user u = {.org = org, .state = ICD_USER_INVITED, .created_ms = id->now_ms};
    IC_TRY(icd_email_clean(email, u.email));
    if (!icd_is_name(name, ICD_NAME_MAX))
        return IC_ERR_RANGE;
    icd_copy_text(u.name, sizeof u.name, name);
    IC_TRY(domain_is_ours(id, org, u.email));
    IC_TRY(icd_token_id(&id->rand, u.id));
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(
        id->store,
        "INSERT INTO users(id, org, email, name, state, password, created_ms, signed_in_ms)"
        " VALUES($1, $2, $3, $4, $5, '', $6, 0)",
        NULL,
        ICD_PARAMS(ICD_TEXT(ic_view_cstr(u.id)), ICD_INT(org), ICD_TEXT(ic_view_cstr(u.email)),
                   ICD_TEXT(ic_view_cstr(u.name)), ICD_INT(u.state), ICD_INT(id->now_ms))));
    *out = u;
    return IC_OK;
}

ic_err icd_accounts_user_rename(struct icd_identity *id, const char *user, struct ic_view name)
{
    uint64_t changed;
    if (!icd_is_name(name, ICD_NAME_MAX))
        return IC_ERR_RANGE;
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(id->store, "UPDATE users SET name = $1 WHERE id = $2", &changed,
                          ICD_PARAMS(ICD_TEXT(name), ICD_TEXT(ic_view_cstr(user)))));
    return changed ? IC_OK : IC_ERR_NOT_FOUND;
}

ic_err icd_accounts_user_list(struct icd_identity *id, int64_t org, struct ic_view after,
                              unsigned limit, icd_user_each *each, void *ctx)
{
    struct icd_rows rows;
    ic_err e = IC_OK;
    IC_TRY(icd_store_query(id->store,
                           "SELECT " ICD_USER_COLUMNS " FROM users u WHERE u.org = $1"
                           " AND u.email > $2 ORDER BY u.email LIMIT $3",
                           &rows, ICD_PARAMS(ICD_INT(org), ICD_TEXT(after), ICD_INT(limit))));
    while (e == IC_OK && icd_rows_next(&rows)) {
        struct icd_user u;
        icd_user_row(&rows, 0, &u);
        e = each(ctx, &u);
    }
    ic_err end = icd_rows_end(&rows);
    return e != IC_OK ? e : end;
}

/* ---- what opens the door ---- */

static ic_err shut(struct icd_identity *id, const char *user)
{
    struct icd_params who = ICD_PARAMS(ICD_TEXT(ic_view_cstr(user)));
    IC_TRY(icd_store_exec(id->store, "DELETE FROM sessions WHERE owner = $1", NULL, who));
    IC_TRY(icd_store_exec(id->store, "DELETE FROM invitations WHERE owner = $1", NULL, who));
    return icd_store_exec(id->store, "DELETE FROM enrolments WHERE owner = $1", NULL, who);
}

ic_err icd_accounts_user_suspend(struct icd_identity *id, const char *user, bool suspended)
{
    struct icd_user u;
    IC_TRY(icd_accounts_user_get(id, user, &u));
    if (!suspended && u.state != ICD_USER_SUSPENDED)
        return IC_OK;
    /* Who has never signed in is invited again, not active. */
    enum icd_user_state state = suspended        ? ICD_USER_SUSPENDED
                                : u.signed_in_ms ? ICD_USER_ACTIVE
                                                 : ICD_USER_INVITED;
    IC_TRY(icd_id_write(id));
    if (suspended)
        IC_TRY(shut(id, user));
    return icd_store_exec(id->store, "UPDATE users SET state = $1 WHERE id = $2", NULL,
                          ICD_PARAMS(ICD_INT(state), ICD_TEXT(ic_view_cstr(user))));
}

ic_err icd_accounts_user_remove(struct icd_identity *id, const char *user)
{
    uint64_t changed;
    struct icd_params who = ICD_PARAMS(ICD_TEXT(ic_view_cstr(user)));
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(id->store, "DELETE FROM users WHERE id = $1", &changed, who));
    if (!changed)
        return IC_ERR_NOT_FOUND;
    IC_TRY(shut(id, user));
    IC_TRY(icd_store_exec(id->store, "DELETE FROM passkeys WHERE owner = $1", NULL, who));
    IC_TRY(icd_store_exec(id->store, "DELETE FROM links WHERE owner = $1", NULL, who));
    IC_TRY(icd_store_exec(id->store, "DELETE FROM known_clients WHERE owner = $1", NULL, who));
    return icd_store_exec(id->store, "DELETE FROM devices WHERE owner = $1", NULL, who);
}

/* ---- password ---- */

ic_err icd_user_password(struct icd_identity *id, const char *user, char *out)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(id->store, "SELECT password FROM users WHERE id = $1", &rows,
                           ICD_PARAMS(ICD_TEXT(ic_view_cstr(user)))));
    bool found = icd_rows_next(&rows);
    if (found)
        icd_copy_text(out, ICD_PASSWORD_PHC, icd_rows_bytes(&rows, 0));
    IC_TRY(icd_rows_end(&rows));
    return found ? IC_OK : IC_ERR_NOT_FOUND;
}

ic_err icd_user_password_set(struct icd_identity *id, const char *user, const char *phc)
{
    IC_TRY(icd_id_write(id));
    return icd_store_exec(id->store, "UPDATE users SET password = $1 WHERE id = $2", NULL,
                          ICD_PARAMS(ICD_TEXT(ic_view_cstr(phc)), ICD_TEXT(ic_view_cstr(user))));
}

/* ---- invitations ---- */

ic_err icd_invitations_end(struct icd_identity *id, const char *user)
{
    IC_TRY(icd_id_write(id));
    return icd_store_exec(id->store, "DELETE FROM invitations WHERE owner = $1", NULL,
                          ICD_PARAMS(ICD_TEXT(ic_view_cstr(user))));
}

ic_err icd_accounts_invite(struct icd_identity *id, const char *user, const char *actor,
                           char *token, uint64_t *expires_ms)
{
    struct icd_user u;
    struct icd_policy policy;
    char made[ICD_BEARER_LEN + 1];
    uint8_t hash[ICD_TOKEN_HASH];
    IC_TRY(icd_accounts_user_get(id, user, &u));
    if (u.state == ICD_USER_SUSPENDED)
        return IC_ERR_STATE;
    IC_TRY(icd_policy_get(id, u.org, &policy));
    IC_TRY(icd_token_make(&id->rand, ICD_TOKEN_INVITATION, made));
    icd_token_hash(ic_view_cstr(made), hash);
    uint64_t end_ms = id->now_ms + (uint64_t)policy.invitation_s * 1000;
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(id->store, "DELETE FROM invitations WHERE owner = $1", NULL,
                          ICD_PARAMS(ICD_TEXT(ic_view_cstr(user)))));
    IC_TRY(icd_store_exec(
        id->store,
        "INSERT INTO invitations(hash, owner, created_ms, end_ms) VALUES($1, $2, $3, $4)", NULL,
        ICD_PARAMS(ICD_BLOB(IC_VIEW_ARRAY(hash)), ICD_TEXT(ic_view_cstr(user)), ICD_INT(id->now_ms),
                   ICD_INT(end_ms))));
    IC_TRY(icd_audit_add(id, u.org, actor, "user.invited", icd_who_user(user).text, ""));
    memcpy(token, made, sizeof made);
    *expires_ms = end_ms;
    return IC_OK;
}

ic_err icd_invitation_take(struct icd_identity *id, struct ic_view token, struct icd_user *out)
{
    struct icd_user u;
    uint8_t hash[ICD_TOKEN_HASH];
    if (!icd_token_is(token, ICD_TOKEN_INVITATION))
        return IC_ERR_DENIED;
    icd_token_hash(token, hash);
    ic_err e = one_user(id,
                        "SELECT " ICD_USER_COLUMNS " FROM users u JOIN invitations i"
                        " ON i.owner = u.id WHERE i.hash = $1 AND i.end_ms > $2 AND u.state <> 2",
                        ICD_PARAMS(ICD_BLOB(IC_VIEW_ARRAY(hash)), ICD_INT(id->now_ms)), &u);
    if (e != IC_OK)
        return e == IC_ERR_NOT_FOUND ? IC_ERR_DENIED : e;
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(id->store, "DELETE FROM invitations WHERE hash = $1", NULL,
                          ICD_PARAMS(ICD_BLOB(IC_VIEW_ARRAY(hash)))));
    *out = u;
    return IC_OK;
}
