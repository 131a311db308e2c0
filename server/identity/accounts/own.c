/* What a signed-in person sees and ends: themselves, sessions, devices, the audit log; and the way to a
 * certificate. */
#include "identity/accounts/enrol.h"
#include "identity/accounts/private.h"
#include "identity/ca/ca.h"

#include <ic/base/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AUDIT_DEFAULT = 100, AUDIT_MAX = 1000 };

static void answer_list(struct icd_call *c, const char *name, json_t *list, ic_err e)
{
    if (e == IC_OK) {
        icd_call_json(c, 200, json_pack("{s:o}", name, list));
        return;
    }
    json_decref(list);
    icd_call_refuse_err(c, e, NULL);
}

static void answer_done(struct icd_call *c, ic_err e, const char *text)
{
    if (e == IC_OK)
        icd_call_empty(c, 204);
    else
        icd_call_refuse_err(c, e, text);
}

static json_int_t seconds(const struct icd_rows *r, int column)
{
    return (json_int_t)(icd_rows_int(r, column) / 1000);
}

/* ---- me ---- */

static ic_err add_way(void *ctx, const struct icd_provider *p)
{
    (void)p;
    *(bool *)ctx = true;
    return IC_OK;
}

static ic_err ways_of(struct icd_identity *id, int64_t org, json_t *methods)
{
    struct icd_policy policy;
    bool oidc = false;
    IC_TRY(icd_policy_get(id, org, &policy));
    IC_TRY(icd_accounts_provider_list(id, org, add_way, &oidc));
    json_array_append_new(methods, json_string("passkey"));
    if (policy.passwords)
        json_array_append_new(methods, json_string("password"));
    if (oidc)
        json_array_append_new(methods, json_string("oidc"));
    return IC_OK;
}

void icd_on_me(struct icd_identity *id, struct icd_call *c)
{
    struct icd_session s;
    struct icd_org org;
    int64_t passkeys;
    if (!icd_call_session(c, &s))
        return;
    json_t *methods = json_array();
    ic_err e = icd_accounts_org_get(id, s.user.org, &org);
    if (e == IC_OK)
        e = ways_of(id, s.user.org, methods);
    if (e == IC_OK)
        e = icd_store_int(id->store, "SELECT count(*) FROM passkeys WHERE owner = $1", &passkeys,
                          ICD_PARAMS(ICD_TEXT(ic_view_cstr(s.user.id))));
    if (e != IC_OK) {
        json_decref(methods);
        icd_call_refuse_err(c, e, NULL);
        return;
    }
    icd_call_json(c, 200,
                  json_pack("{s:s, s:s, s:s, s:s, s:b, s:I, s:o, s:{s:s, s:s, s:I, s:I, s:I}}",
                            "id", s.user.id, "email", s.user.email, "name", s.user.name,
                            "organisation", org.name, "password", s.user.password, "passkeys",
                            (json_int_t)passkeys, "methods", methods, "session", "id", s.id, "how",
                            icd_signin_name(s.how), "created", (json_int_t)(s.created_ms / 1000),
                            "fresh_until", (json_int_t)(s.fresh_until_ms / 1000), "ends",
                            (json_int_t)(s.ends_ms / 1000)));
}

/* ---- sessions ---- */

void icd_on_sessions(struct icd_identity *id, struct icd_call *c)
{
    struct icd_session s;
    struct icd_rows rows;
    json_t *all;
    if (!icd_call_session(c, &s))
        return;
    ic_err e = icd_store_query(
        id->store,
        "SELECT id, how, label, created_ms, seen_ms FROM sessions WHERE owner = $1 AND end_ms > $2"
        " ORDER BY created_ms DESC",
        &rows, ICD_PARAMS(ICD_TEXT(ic_view_cstr(s.user.id)), ICD_INT(id->now_ms)));
    all = json_array();
    while (e == IC_OK && icd_rows_next(&rows)) {
        struct ic_view row = icd_rows_bytes(&rows, 0), label = icd_rows_bytes(&rows, 2);
        json_array_append_new(
            all, json_pack("{s:s%, s:b, s:s, s:s%, s:I, s:I}", "id", row.p, row.len, "current",
                           ic_view_equal(row, ic_view_cstr(s.id)), "how",
                           icd_signin_name((enum icd_signin_how)icd_rows_int(&rows, 1)), "client",
                           label.p ? (const char *)label.p : "", label.len, "created",
                           seconds(&rows, 3), "seen", seconds(&rows, 4)));
    }
    if (e == IC_OK)
        e = icd_rows_end(&rows);
    answer_list(c, "sessions", all, e);
}

static ic_err note(struct icd_call *c, const struct icd_session *s, const char *action)
{
    struct icd_who who = icd_who_user(s->user.id);
    return icd_audit_add(c->id, s->user.org, who.text, action, who.text, "");
}

void icd_on_sessions_end(struct icd_identity *id, struct icd_call *c)
{
    struct icd_session s;
    uint64_t ended;
    if (!icd_call_session(c, &s))
        return;
    ic_err e = icd_accounts_sessions_end(id, s.user.id, s.id, &ended);
    if (e == IC_OK && ended)
        e = note(c, &s, "sessions.ended");
    answer_done(c, e, NULL);
}

void icd_on_session_end(struct icd_identity *id, struct icd_call *c)
{
    struct icd_session s;
    uint64_t ended = 0;
    if (!icd_call_session(c, &s))
        return;
    ic_err e = icd_id_write(id);
    if (e == IC_OK)
        e = icd_store_exec(id->store, "DELETE FROM sessions WHERE id = $1 AND owner = $2", &ended,
                           ICD_PARAMS(ICD_TEXT(c->rest), ICD_TEXT(ic_view_cstr(s.user.id))));
    if (e == IC_OK && !ended)
        e = IC_ERR_NOT_FOUND;
    if (e == IC_OK)
        e = note(c, &s, "sessions.ended");
    answer_done(c, e, "there is no such session of yours");
}

/* ---- devices ---- */

void icd_on_devices(struct icd_identity *id, struct icd_call *c)
{
    struct icd_session s;
    struct icd_rows rows;
    if (!icd_call_session(c, &s))
        return;
    json_t *all = json_array();
    ic_err e = icd_store_query(id->store,
                               "SELECT id, label, thumbprint, created_ms, revoked_ms FROM devices"
                               " WHERE owner = $1 ORDER BY created_ms DESC, id",
                               &rows, ICD_PARAMS(ICD_TEXT(ic_view_cstr(s.user.id))));
    while (e == IC_OK && icd_rows_next(&rows)) {
        struct ic_view row = icd_rows_bytes(&rows, 0), label = icd_rows_bytes(&rows, 1),
                       key = icd_rows_bytes(&rows, 2);
        json_array_append_new(all, json_pack("{s:s%, s:s%, s:s%, s:I, s:I}", "id", row.p, row.len,
                                             "label", label.p ? (const char *)label.p : "",
                                             label.len, "thumbprint", key.p, key.len, "created",
                                             seconds(&rows, 3), "revoked", seconds(&rows, 4)));
    }
    if (e == IC_OK)
        e = icd_rows_end(&rows);
    answer_list(c, "devices", all, e);
}

/* Whoever has it now shall be believed by nobody. */
static ic_err revoke_certificates(struct icd_identity *id, struct ic_view device, uint64_t *count)
{
    char name[ICD_ID_LEN + 1];
    icd_copy_text(name, sizeof name, device);
    return icd_ca_revoke_device(id, name, IC_PKI_REVOKED_KEY_COMPROMISE, count);
}

void icd_on_device_end(struct icd_identity *id, struct icd_call *c)
{
    struct icd_session s;
    char detail[96];
    uint64_t count = 0;
    if (!icd_call_session(c, &s))
        return;
    ic_err e = icd_device_revoke(id, s.user.id, c->rest);
    if (e == IC_OK)
        e = revoke_certificates(id, c->rest, &count);
    if (e == IC_OK) {
        struct icd_who who = icd_who_user(s.user.id);
        snprintf(detail, sizeof detail, "{\"device\":\"%.*s\",\"certificates\":%llu}",
                 (int)c->rest.len, c->rest.p, (unsigned long long)count);
        e = icd_audit_add(id, s.user.org, who.text, "device.revoked", who.text, detail);
    }
    answer_done(c, e, "there is no such device of yours, or it is revoked already");
}

/* ---- audit ---- */

static ic_err add_event(void *ctx, const struct icd_audit_row *r)
{
    json_t *detail = r->detail.len ? json_loadb((const char *)r->detail.p, r->detail.len, 0, NULL)
                                   : json_object();
    json_t *o = json_pack("{s:I, s:I, s:s%, s:s%, s:s%, s:o}", "seq", (json_int_t)r->seq, "time",
                          (json_int_t)(r->at_ms / 1000), "action", r->action.p, r->action.len,
                          "actor", r->actor.p, r->actor.len, "subject",
                          r->subject.p ? (const char *)r->subject.p : "", r->subject.len, "detail",
                          detail ? detail : json_object());
    return json_array_append_new(ctx, o) == 0 ? IC_OK : IC_ERR_NOMEM;
}

/* A decimal parameter; its default where it is missing. */
static bool number(struct icd_call *c, const char *name, int64_t low, int64_t high, int64_t *out)
{
    char text[24], *end;
    if (!icd_call_query(c, name, text, sizeof text))
        return true;
    long long v = strtoll(text, &end, 10);
    if (end == text || *end || v < low || v > high)
        return false;
    *out = v;
    return true;
}

void icd_on_audit(struct icd_identity *id, struct icd_call *c)
{
    struct icd_session s;
    int64_t limit = AUDIT_DEFAULT;
    if (!icd_call_session(c, &s))
        return;
    struct icd_who who = icd_who_user(s.user.id);
    struct icd_audit_query q = {.org = s.user.org, .who = who.text};
    if (!number(c, "limit", 1, AUDIT_MAX, &limit) ||
        !number(c, "before", 1, INT64_MAX, &q.before)) {
        icd_call_refuse(c, 400, "invalid", "limit: 1 to 1000; before: the number of an event");
        return;
    }
    q.limit = (unsigned)limit;
    json_t *all = json_array();
    answer_list(c, "events", all, icd_audit_list(id, &q, add_event, all));
}

/* ---- enrolment ---- */

static bool is_thumbprint(const char *text)
{
    IC_BUF_SCOPE(b, 32);
    return text && strlen(text) == ICD_THUMBPRINT_LEN &&
           ic_base64_decode(IC_BASE64_URL, ic_view_cstr(text), &b) == IC_OK && b.len == 32;
}

static void enrol(struct icd_call *c, const struct icd_session *s, const json_t *body)
{
    struct icd_identity *id = c->id;
    char token[ICD_BEARER_LEN + 1], directory[sizeof id->config->base_url + 32];
    uint64_t expires_ms;
    const char *thumb = icd_json_text(body, "thumbprint", ICD_THUMBPRINT_LEN);
    const char *label = icd_json_text(body, "device", ICD_LABEL_MAX);
    if (!is_thumbprint(thumb) || (json_object_get(body, "device") && !label)) {
        icd_call_refuse(c, 400, "invalid",
                        "thumbprint: base64url of SHA-256 (RFC 7638); device: at most 64 bytes");
        return;
    }
    ic_err e = icd_enrolment_make(id, &s->user, ic_view_cstr(thumb), ic_view_cstr(label), token,
                                  &expires_ms);
    if (e == IC_OK)
        e = note(c, s, "enrolment.begun");
    if (e != IC_OK) {
        icd_call_refuse_err(c, e, "too many enrolments wait: use them, or let them run out");
        return;
    }
    snprintf(directory, sizeof directory, "%s/acme/directory", id->config->base_url);
    icd_call_json(c, 201,
                  json_pack("{s:s, s:I, s:s, s:s, s:s}", "token", token, "expires",
                            (json_int_t)(expires_ms / 1000), "email", s->user.email, "name",
                            s->user.name, "directory", directory));
}

void icd_on_enrolments(struct icd_identity *id, struct icd_call *c)
{
    (void)id;
    struct icd_session s;
    if (!icd_call_fresh(c, &s))
        return;
    json_t *body = icd_call_body(c);
    if (body)
        enrol(c, &s, body);
    json_decref(body);
}
