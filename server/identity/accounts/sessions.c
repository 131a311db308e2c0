/* Sessions, and the clients that a user has signed in with before. */
#include "identity/accounts/private.h"
#include "identity/turn.h"

#include <icd/core.h>
#include <string.h>

enum { SEEN_EVERY_MS = 60000, KNOWN_KEEP_DAYS = 365 };
static const uint64_t day_ms = 86400000;

const char *icd_signin_name(enum icd_signin_how how)
{
    static const char *const names[] = {"", "invitation", "password", "passkey", "oidc"};
    return names[how];
}

/* ---- known clients ---- */

bool icd_known_client(struct icd_identity *id, struct ic_view token, const char *user,
                      uint8_t hash[ICD_TOKEN_HASH])
{
    int64_t one;
    if (!icd_token_is(token, ICD_TOKEN_KNOWN))
        return false;
    icd_token_hash(token, hash);
    return icd_store_int(id->store, "SELECT 1 FROM known_clients WHERE hash = $1 AND owner = $2",
                         &one,
                         ICD_PARAMS(ICD_BLOB(ic_view(hash, ICD_TOKEN_HASH)),
                                    ICD_TEXT(ic_view_cstr(user)))) == IC_OK;
}

/* The one that was shown where it is good, else a new one. */
static ic_err remember_client(struct icd_identity *id, const struct icd_session_new *n, char *known)
{
    uint8_t hash[ICD_TOKEN_HASH];
    struct icd_value user = ICD_TEXT(ic_view_cstr(n->user->id));
    if (icd_known_client(id, n->known, n->user->id, hash)) {
        icd_copy_text(known, ICD_BEARER_LEN + 1, n->known);
        return icd_store_exec(id->store, "UPDATE known_clients SET used_ms = $1 WHERE hash = $2",
                              NULL, ICD_PARAMS(ICD_INT(id->now_ms), ICD_BLOB(IC_VIEW_ARRAY(hash))));
    }
    IC_TRY(icd_token_make(&id->rand, ICD_TOKEN_KNOWN, known));
    icd_token_hash(ic_view_cstr(known), hash);
    IC_TRY(icd_store_exec(id->store,
                          "DELETE FROM known_clients WHERE owner = $1 AND hash NOT IN (SELECT hash"
                          " FROM known_clients WHERE owner = $1 ORDER BY used_ms DESC LIMIT $2)",
                          NULL, ICD_PARAMS(user, ICD_INT(ICD_KNOWN_CLIENTS - 1))));
    return icd_store_exec(
        id->store, "INSERT INTO known_clients(hash, owner, used_ms) VALUES($1, $2, $3)", NULL,
        ICD_PARAMS(ICD_BLOB(IC_VIEW_ARRAY(hash)), user, ICD_INT(id->now_ms)));
}

/* ---- sessions ---- */

static ic_err insert(struct icd_identity *id, const struct icd_session_new *n, const char *token,
                     const struct icd_session *s)
{
    uint8_t hash[ICD_TOKEN_HASH];
    struct icd_value user = ICD_TEXT(ic_view_cstr(n->user->id));
    icd_token_hash(ic_view_cstr(token), hash);
    IC_TRY(icd_store_exec(id->store,
                          "DELETE FROM sessions WHERE owner = $1 AND hash NOT IN (SELECT hash"
                          " FROM sessions WHERE owner = $1 ORDER BY created_ms DESC LIMIT $2)",
                          NULL, ICD_PARAMS(user, ICD_INT(ICD_SESSIONS - 1))));
    IC_TRY(icd_store_exec(
        id->store,
        "INSERT INTO sessions(hash, id, owner, how, label, created_ms, auth_ms, seen_ms, end_ms)"
        " VALUES($1, $2, $3, $4, $5, $6, $7, $6, $8)",
        NULL,
        ICD_PARAMS(ICD_BLOB(IC_VIEW_ARRAY(hash)), ICD_TEXT(ic_view_cstr(s->id)), user,
                   ICD_INT(n->how), ICD_TEXT(n->label), ICD_INT(id->now_ms), ICD_INT(n->auth_ms),
                   ICD_INT(s->ends_ms))));
    return icd_store_exec(id->store, "UPDATE users SET state = $1, signed_in_ms = $2 WHERE id = $3",
                          NULL, ICD_PARAMS(ICD_INT(ICD_USER_ACTIVE), ICD_INT(id->now_ms), user));
}

ic_err icd_session_make(struct icd_identity *id, const struct icd_session_new *n, char *token,
                        char *known, struct icd_session *out)
{
    struct icd_policy policy;
    struct icd_session s = {.user = *n->user, .how = n->how, .created_ms = id->now_ms};
    if (n->user->state == ICD_USER_SUSPENDED)
        return IC_ERR_DENIED;
    IC_TRY(icd_policy_get(id, n->user->org, &policy));
    IC_TRY(icd_token_make(&id->rand, ICD_TOKEN_SESSION, token));
    IC_TRY(icd_token_id(&id->rand, s.id));
    s.ends_ms = id->now_ms + (uint64_t)policy.session_s * 1000;
    s.fresh_until_ms = n->auth_ms ? n->auth_ms + ICD_FRESH_MS : 0;
    s.user.state = ICD_USER_ACTIVE;
    IC_TRY(icd_id_write(id));
    IC_TRY(remember_client(id, n, known));
    IC_TRY(insert(id, n, token, &s));
    *out = s;
    return IC_OK;
}

static ic_err find_row(struct icd_identity *id, struct ic_view hash, struct icd_session *s,
                       uint64_t *seen_ms)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(id->store,
                           "SELECT s.id, s.how, s.created_ms, s.auth_ms, s.seen_ms,"
                           " s.end_ms, " ICD_USER_COLUMNS
                           " FROM sessions s JOIN users u ON u.id = s.owner WHERE s.hash = $1",
                           &rows, ICD_PARAMS(ICD_BLOB(hash))));
    bool found = icd_rows_next(&rows);
    if (found) {
        uint64_t auth_ms = (uint64_t)icd_rows_int(&rows, 3);
        icd_copy_text(s->id, sizeof s->id, icd_rows_bytes(&rows, 0));
        s->how = (enum icd_signin_how)icd_rows_int(&rows, 1);
        s->created_ms = (uint64_t)icd_rows_int(&rows, 2);
        s->fresh_until_ms = auth_ms ? auth_ms + ICD_FRESH_MS : 0;
        *seen_ms = (uint64_t)icd_rows_int(&rows, 4);
        s->ends_ms = (uint64_t)icd_rows_int(&rows, 5);
        icd_user_row(&rows, 6, &s->user);
    }
    IC_TRY(icd_rows_end(&rows));
    return found ? IC_OK : IC_ERR_DENIED;
}

ic_err icd_accounts_session_find(struct icd_identity *id, struct ic_view token,
                                 struct icd_session *out)
{
    struct icd_policy policy;
    struct icd_session s = {0};
    uint8_t hash[ICD_TOKEN_HASH];
    uint64_t seen_ms;
    if (!icd_token_is(token, ICD_TOKEN_SESSION))
        return IC_ERR_DENIED;
    icd_token_hash(token, hash);
    IC_TRY(find_row(id, IC_VIEW_ARRAY(hash), &s, &seen_ms));
    if (s.user.state == ICD_USER_SUSPENDED || id->now_ms >= s.ends_ms)
        return IC_ERR_DENIED;
    IC_TRY(icd_policy_get(id, s.user.org, &policy));
    if (id->now_ms >= seen_ms + (uint64_t)policy.session_idle_s * 1000)
        return IC_ERR_DENIED;
    if (id->now_ms >= seen_ms + SEEN_EVERY_MS) {
        IC_TRY(icd_id_write(id));
        IC_TRY(icd_store_exec(id->store, "UPDATE sessions SET seen_ms = $1 WHERE hash = $2", NULL,
                              ICD_PARAMS(ICD_INT(id->now_ms), ICD_BLOB(IC_VIEW_ARRAY(hash)))));
    }
    *out = s;
    return IC_OK;
}

ic_err icd_accounts_organisation(struct icd_identity *id, struct ic_view token, char *name)
{
    struct icd_session s;
    struct icd_org org;
    if (!icd_token_is(token, ICD_TOKEN_SESSION))
        return IC_ERR_DENIED;
    icd_turn_time(id);
    IC_TRY(icd_accounts_session_find(id, token, &s));
    IC_TRY(icd_accounts_org_get(id, s.user.org, &org));
    memcpy(name, org.name, sizeof org.name);
    return IC_OK;
}

ic_err icd_accounts_sessions_end(struct icd_identity *id, const char *user, const char *except,
                                 uint64_t *ended)
{
    struct icd_value owner = ICD_TEXT(ic_view_cstr(user));
    IC_TRY(icd_id_write(id));
    /* What such a session may have begun ends with it; which one it was is not kept. */
    IC_TRY(icd_store_exec(id->store, "DELETE FROM enrolments WHERE owner = $1 AND used_ms = 0",
                          NULL, ICD_PARAMS(owner)));
    return icd_store_exec(id->store, "DELETE FROM sessions WHERE owner = $1 AND id <> $2", ended,
                          ICD_PARAMS(owner, ICD_TEXT(ic_view_cstr(except ? except : ""))));
}

void icd_accounts_sweep(struct icd_identity *id)
{
    static const char *const sweeps[] = {
        "DELETE FROM sessions WHERE end_ms <= $1",
        "DELETE FROM invitations WHERE end_ms <= $1",
        "DELETE FROM enrolments WHERE end_ms <= $1",
    };
    ic_err e = icd_id_write(id);
    for (size_t i = 0; i < sizeof sweeps / sizeof *sweeps && e == IC_OK; i++)
        e = icd_store_exec(id->store, sweeps[i], NULL, ICD_PARAMS(ICD_INT(id->now_ms)));
    uint64_t old = KNOWN_KEEP_DAYS * day_ms;
    if (e == IC_OK)
        e = icd_store_exec(id->store, "DELETE FROM known_clients WHERE used_ms <= $1", NULL,
                           ICD_PARAMS(ICD_INT(id->now_ms > old ? id->now_ms - old : 0)));
    if (e != IC_OK)
        icd_identity_log(id, ICD_LOG_ERROR, "accounts_not_swept", "reason=\"%s\"", ic_err_text(e));
}
