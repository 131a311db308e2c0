/* Enrolment tokens, and the devices that redeeming them makes. */
#include "identity/accounts/enrol.h"
#include "identity/accounts/private.h"

#include <stdio.h>
#include <string.h>

ic_err icd_enrolment_make(struct icd_identity *id, const struct icd_user *user,
                          struct ic_view thumbprint, struct ic_view label, char *token,
                          uint64_t *expires_ms)
{
    char made[ICD_BEARER_LEN + 1];
    uint8_t hash[ICD_TOKEN_HASH];
    int64_t waiting;
    struct icd_value owner = ICD_TEXT(ic_view_cstr(user->id));
    IC_TRY(icd_store_int(id->store,
                         "SELECT count(*) FROM enrolments WHERE owner = $1 AND used_ms = 0"
                         " AND end_ms > $2",
                         &waiting, ICD_PARAMS(owner, ICD_INT(id->now_ms))));
    if (waiting >= ICD_ENROLMENTS)
        return IC_ERR_LIMIT;
    IC_TRY(icd_token_make(&id->rand, ICD_TOKEN_ENROLMENT, made));
    icd_token_hash(ic_view_cstr(made), hash);
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(
        id->store,
        "INSERT INTO enrolments(hash, owner, thumbprint, label, created_ms, end_ms, used_ms)"
        " VALUES($1, $2, $3, $4, $5, $6, 0)",
        NULL,
        ICD_PARAMS(ICD_BLOB(IC_VIEW_ARRAY(hash)), owner, ICD_TEXT(thumbprint), ICD_TEXT(label),
                   ICD_INT(id->now_ms), ICD_INT(id->now_ms + ICD_ENROLMENT_MS))));
    memcpy(token, made, sizeof made);
    *expires_ms = id->now_ms + ICD_ENROLMENT_MS;
    return IC_OK;
}

struct found {
    struct icd_enrolment e;
    char thumbprint[ICD_THUMBPRINT_LEN + 1];
    uint64_t end_ms, used_ms;
};

static ic_err find(struct icd_identity *id, struct ic_view hash, struct found *out)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(id->store,
                           "SELECT e.thumbprint, e.label, e.end_ms, e.used_ms, " ICD_USER_COLUMNS
                           " FROM enrolments e JOIN users u ON u.id = e.owner WHERE e.hash = $1",
                           &rows, ICD_PARAMS(ICD_BLOB(hash))));
    bool found = icd_rows_next(&rows);
    if (found) {
        icd_copy_text(out->thumbprint, sizeof out->thumbprint, icd_rows_bytes(&rows, 0));
        icd_copy_text(out->e.label, sizeof out->e.label, icd_rows_bytes(&rows, 1));
        out->end_ms = (uint64_t)icd_rows_int(&rows, 2);
        out->used_ms = (uint64_t)icd_rows_int(&rows, 3);
        icd_user_row(&rows, 4, &out->e.user);
    }
    IC_TRY(icd_rows_end(&rows));
    return found ? IC_OK : IC_ERR_NOT_FOUND;
}

static ic_err judge(const struct found *f, struct ic_view thumbprint, uint64_t now_ms,
                    const char **why)
{
    *why = "this enrolment token has run out";
    if (now_ms >= f->end_ms)
        return IC_ERR_DENIED;
    *why = "this enrolment token was used before";
    if (f->used_ms)
        return IC_ERR_REPLAY;
    *why = "this enrolment token was made for another key";
    if (!ic_view_equal(thumbprint, ic_view_cstr(f->thumbprint)))
        return IC_ERR_KEY;
    *why = "this account is suspended";
    return f->e.user.state == ICD_USER_SUSPENDED ? IC_ERR_STATE : IC_OK;
}

/* Whether that user may have another device. */
static ic_err room_for(struct icd_identity *id, const struct icd_user *user, const char **why)
{
    int64_t devices;
    *why = "another organisation has the domain of this address now";
    ic_err e = icd_accounts_domain_check(id, user);
    if (e != IC_OK)
        return e == IC_ERR_DENIED ? IC_ERR_STATE : e;
    IC_TRY(icd_store_int(id->store,
                         "SELECT count(*) FROM devices WHERE owner = $1 AND revoked_ms = 0",
                         &devices, ICD_PARAMS(ICD_TEXT(ic_view_cstr(user->id)))));
    *why = "this account has too many devices; revoke those that are not used any more";
    return devices < ICD_DEVICES ? IC_OK : IC_ERR_STATE;
}

static ic_err make_device(struct icd_identity *id, struct ic_view hash, const struct found *f)
{
    char detail[256];
    struct icd_value now = ICD_INT(id->now_ms), owner = ICD_TEXT(ic_view_cstr(f->e.user.id));
    struct icd_who who = icd_who_user(f->e.user.id);
    snprintf(detail, sizeof detail, "{\"device\":\"%s\"}", f->e.device);
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(id->store, "UPDATE enrolments SET used_ms = $1 WHERE hash = $2", NULL,
                          ICD_PARAMS(now, ICD_BLOB(hash))));
    IC_TRY(icd_store_exec(
        id->store,
        "INSERT INTO devices(id, owner, label, thumbprint, created_ms, revoked_ms)"
        " VALUES($1, $2, $3, $4, $5, 0)",
        NULL,
        ICD_PARAMS(ICD_TEXT(ic_view_cstr(f->e.device)), owner, ICD_TEXT(ic_view_cstr(f->e.label)),
                   ICD_TEXT(ic_view_cstr(f->thumbprint)), now)));
    return icd_audit_add(id, f->e.user.org, who.text, "device.enrolled", who.text, detail);
}

ic_err icd_accounts_redeem(struct icd_identity *id, struct ic_view token, struct ic_view thumbprint,
                           struct icd_enrolment *out, const char **why)
{
    struct found f = {0};
    uint8_t hash[ICD_TOKEN_HASH];
    *why = "there is no such enrolment token";
    if (!icd_token_is(token, ICD_TOKEN_ENROLMENT))
        return IC_ERR_DENIED;
    icd_token_hash(token, hash);
    ic_err e = find(id, IC_VIEW_ARRAY(hash), &f);
    if (e != IC_OK)
        return e == IC_ERR_NOT_FOUND ? IC_ERR_DENIED : e;
    IC_TRY(judge(&f, thumbprint, id->now_ms, why));
    IC_TRY(room_for(id, &f.e.user, why));
    *why = "the server could not do this";
    IC_TRY(icd_token_id(&id->rand, f.e.device));
    IC_TRY(make_device(id, IC_VIEW_ARRAY(hash), &f));
    *out = f.e;
    return IC_OK;
}

ic_err icd_accounts_device_check(struct icd_identity *id, const char *device, struct icd_user *out)
{
    struct icd_rows rows;
    struct icd_user u = {0};
    bool revoked = false;
    IC_TRY(icd_store_query(id->store,
                           "SELECT d.revoked_ms, " ICD_USER_COLUMNS
                           " FROM devices d JOIN users u ON u.id = d.owner WHERE d.id = $1",
                           &rows, ICD_PARAMS(ICD_TEXT(ic_view_cstr(device)))));
    bool found = icd_rows_next(&rows);
    if (found) {
        revoked = icd_rows_int(&rows, 0) != 0;
        icd_user_row(&rows, 1, &u);
    }
    IC_TRY(icd_rows_end(&rows));
    if (!found)
        return IC_ERR_NOT_FOUND;
    if (revoked || u.state == ICD_USER_SUSPENDED)
        return IC_ERR_STATE;
    ic_err e = icd_accounts_domain_check(id, &u);
    if (e != IC_OK)
        return e == IC_ERR_DENIED ? IC_ERR_STATE : e;
    *out = u;
    return IC_OK;
}

ic_err icd_device_revoke(struct icd_identity *id, const char *user, struct ic_view device)
{
    uint64_t changed;
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(
        id->store,
        "UPDATE devices SET revoked_ms = $1 WHERE id = $2 AND owner = $3"
        " AND revoked_ms = 0",
        &changed, ICD_PARAMS(ICD_INT(id->now_ms), ICD_TEXT(device), ICD_TEXT(ic_view_cstr(user)))));
    return changed ? IC_OK : IC_ERR_NOT_FOUND;
}
