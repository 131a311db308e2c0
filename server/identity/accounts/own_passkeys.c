/* A person's own passkeys: listed, made, named, taken away. */
#include "identity/accounts/private.h"

#include <ic/base/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_TEXT_MAX = (ICD_WEBAUTHN_ID_MAX * 4 + 2) / 3 };

static const char purpose[] = "passkey is made";

static void name_of(struct ic_view credential, char out[ID_TEXT_MAX + 1])
{
    out[0] = '\0';
    if (credential.len <= ICD_WEBAUTHN_ID_MAX)
        ic_base64_encode(IC_BASE64_URL, credential, out);
}

/* ---- listing ---- */

/* bare: as excludeCredentials wants them. */
static json_t *list(struct icd_identity *id, const char *user, bool bare)
{
    struct icd_rows rows;
    json_t *all = json_array();
    if (icd_store_query(id->store,
                        "SELECT id, label, created_ms, used_ms FROM passkeys WHERE owner = $1"
                        " ORDER BY created_ms, id",
                        &rows, ICD_PARAMS(ICD_TEXT(ic_view_cstr(user)))) != IC_OK) {
        json_decref(all);
        return NULL;
    }
    while (icd_rows_next(&rows)) {
        char name[ID_TEXT_MAX + 1];
        name_of(icd_rows_bytes(&rows, 0), name);
        struct ic_view label = icd_rows_bytes(&rows, 1);
        json_array_append_new(
            all, bare ? json_pack("{s:s, s:s}", "type", "public-key", "id", name)
                      : json_pack("{s:s, s:s%, s:I, s:I}", "id", name, "name", label.p, label.len,
                                  "created", (json_int_t)(icd_rows_int(&rows, 2) / 1000), "used",
                                  (json_int_t)(icd_rows_int(&rows, 3) / 1000)));
    }
    if (icd_rows_end(&rows) == IC_OK)
        return all;
    json_decref(all);
    return NULL;
}

void icd_on_passkeys(struct icd_identity *id, struct icd_call *c)
{
    struct icd_session s;
    if (icd_call_session(c, &s))
        icd_call_json(c, 200, json_pack("{s:o}", "passkeys", list(id, s.user.id, false)));
}

/* ---- making ---- */

/* A ticket to make one is for this session and this page's site alone. */
static struct icd_who bound(const struct icd_session *s, const struct icd_webauthn_site *site)
{
    struct icd_who w;
    snprintf(w.text, sizeof w.text, "%s %s", s->id, site->rp_id);
    return w;
}

void icd_on_passkeys_begin(struct icd_identity *id, struct icd_call *c)
{
    struct icd_session s;
    struct icd_org org;
    char ticket[ICD_TICKET_LEN + 1];
    struct icd_webauthn_site site = icd_site_of(c);
    if (!icd_call_fresh(c, &s))
        return;
    ic_err e = icd_accounts_org_get(id, s.user.org, &org);
    if (e == IC_OK)
        e = icd_ticket_make(&id->accounts->tickets, purpose, ic_view_cstr(bound(&s, &site).text),
                            id->now_ms, ticket);
    if (e != IC_OK) {
        icd_call_refuse_err(c, e, NULL);
        return;
    }
    json_t *o = json_pack(
        "{s:s, s:{s:s, s:s}, s:{s:s, s:s, s:s}, s:[{s:s, s:i}, {s:s, s:i}, {s:s, s:i}], s:i, s:s,"
        " s:{s:s, s:b, s:s}, s:o}",
        "challenge", ticket, "rp", "id", site.rp_id, "name", org.name, "user", "id", s.user.id,
        "name", s.user.email, "displayName", s.user.name, "pubKeyCredParams", "type", "public-key",
        "alg", -7, "type", "public-key", "alg", -8, "type", "public-key", "alg", -257, "timeout",
        ICD_TICKET_MS, "attestation", "none", "authenticatorSelection", "residentKey", "required",
        "requireResidentKey", 1, "userVerification", "required", "excludeCredentials",
        list(id, s.user.id, true));
    icd_call_json(c, 200, json_pack("{s:s, s:o}", "id", ticket, "publicKey", o));
}

static ic_err keep(struct icd_call *c, const struct icd_session *s,
                   const struct icd_webauthn_sent *sent, struct ic_view label, const char **why)
{
    struct icd_identity *id = c->id;
    struct icd_webauthn_key key;
    struct icd_webauthn_site site = icd_site_of(c);
    struct icd_who who = icd_who_user(s->user.id);
    struct ic_view ticket = ic_view_cstr(sent->challenge);
    *why = "this answers no beginning of yours, or an old one";
    IC_TRY(icd_ticket_open(&id->accounts->tickets, purpose, ic_view_cstr(bound(s, &site).text),
                           ticket, id->now_ms));
    IC_TRY(icd_webauthn_made_verify(&site, sent, &key, why));
    *why = "there are too many passkeys, or this one is known already";
    IC_TRY(icd_passkey_add(id, s->user.id, ic_buf_view(&sent->id), label, &key));
    IC_TRY(icd_audit_add(id, s->user.org, who.text, "passkey.added", who.text, ""));
    /* Last: what is refused leaves the ticket good, and a refusal here undoes what was written. */
    *why = "this answers no beginning of yours, or an old one";
    return icd_ticket_spend(&id->accounts->tickets, ticket, id->now_ms);
}

static void make(struct icd_call *c, const struct icd_session *s, struct ic_view credential,
                 struct ic_view label)
{
    struct icd_webauthn_sent sent;
    char name[ID_TEXT_MAX + 1];
    const char *why = "credential: what navigator.credentials.create gave, as JSON, with "
                      "authenticatorData";
    ic_err e = icd_webauthn_made_parse(credential, &sent);
    if (e != IC_OK) {
        icd_call_refuse_err(c, e, why);
        return;
    }
    e = keep(c, s, &sent, label, &why);
    name_of(ic_buf_view(&sent.id), name);
    icd_webauthn_sent_clear(&sent);
    if (e == IC_OK)
        icd_call_json(c, 201,
                      json_pack("{s:s, s:s%, s:I}", "id", name, "name", label.p, label.len,
                                "created", (json_int_t)(c->id->now_ms / 1000)));
    else
        icd_call_refuse_err(c, e, why);
}

static const char *label_of(const json_t *body)
{
    const char *label = icd_json_text(body, "name", ICD_LABEL_MAX);
    return label && icd_is_name(ic_view_cstr(label), ICD_LABEL_MAX) ? label : NULL;
}

void icd_on_passkeys_finish(struct icd_identity *id, struct icd_call *c)
{
    (void)id;
    struct icd_session s;
    if (!icd_call_session(c, &s))
        return;
    json_t *body = icd_call_body(c);
    if (!body)
        return;
    const char *label = label_of(body);
    char *text = json_dumps(json_object_get(body, "credential"), JSON_COMPACT);
    if (label)
        make(c, &s, ic_view_cstr(text), ic_view_cstr(label));
    else
        icd_call_refuse(c, 400, "invalid", "name: 1 to 64 bytes of text");
    free(text);
    json_decref(body);
}

/* ---- naming and taking away ---- */

/* One of the person's own, or refused. */
static bool own(struct icd_call *c, const struct icd_session *s, struct ic_buf *credential)
{
    struct icd_passkey k;
    ic_buf_init(credential, ICD_WEBAUTHN_ID_MAX);
    if (ic_base64_decode(IC_BASE64_URL, c->rest, credential) == IC_OK &&
        icd_passkey_find(c->id, ic_buf_view(credential), &k) == IC_OK &&
        strcmp(k.user, s->user.id) == 0)
        return true;
    icd_call_refuse(c, 404, "not-found", "there is no such passkey of yours");
    return false;
}

static ic_err change(struct icd_call *c, const struct icd_session *s, struct ic_view credential,
                     const char *label)
{
    struct icd_who who = icd_who_user(s->user.id);
    IC_TRY(icd_id_write(c->id));
    if (label)
        return icd_store_exec(c->id->store, "UPDATE passkeys SET label = $1 WHERE id = $2", NULL,
                              ICD_PARAMS(ICD_TEXT(ic_view_cstr(label)), ICD_BLOB(credential)));
    IC_TRY(icd_store_exec(c->id->store, "DELETE FROM passkeys WHERE id = $1", NULL,
                          ICD_PARAMS(ICD_BLOB(credential))));
    return icd_audit_add(c->id, s->user.org, who.text, "passkey.removed", who.text, "");
}

static void change_own(struct icd_call *c, const struct icd_session *s, const char *label)
{
    IC_BUF_SCOPE(credential, ICD_WEBAUTHN_ID_MAX);
    if (!own(c, s, &credential))
        return;
    ic_err e = change(c, s, ic_buf_view(&credential), label);
    if (e == IC_OK)
        icd_call_empty(c, 204);
    else
        icd_call_refuse_err(c, e, NULL);
}

void icd_on_passkeys_delete(struct icd_identity *id, struct icd_call *c)
{
    (void)id;
    struct icd_session s;
    if (icd_call_fresh(c, &s))
        change_own(c, &s, NULL);
}

void icd_on_passkeys_rename(struct icd_identity *id, struct icd_call *c)
{
    (void)id;
    struct icd_session s;
    if (!icd_call_session(c, &s))
        return;
    json_t *body = icd_call_body(c);
    if (!body)
        return;
    const char *label = label_of(body);
    if (label)
        change_own(c, &s, label);
    else
        icd_call_refuse(c, 400, "invalid", "name: 1 to 64 bytes of text");
    json_decref(body);
}
