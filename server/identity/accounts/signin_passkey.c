/* Signing in by passkey. The challenge is a ticket of ours: nothing is kept for who only begins. */
#include "identity/accounts/private.h"

#include <ic/base/text.h>
#include <stdlib.h>
#include <string.h>

static const char purpose[] = "passkey signs in";

void icd_on_passkey_begin(struct icd_identity *id, struct icd_call *c)
{
    char ticket[ICD_TICKET_LEN + 1];
    struct icd_webauthn_site site = icd_site_of(c);
    ic_err e = icd_ticket_make(&id->accounts->tickets, purpose, ic_view_cstr(site.rp_id),
                               id->now_ms, ticket);
    if (e != IC_OK) {
        icd_call_refuse_err(c, e, NULL);
        return;
    }
    icd_call_json(c, 200,
                  json_pack("{s:s, s:{s:s, s:s, s:i, s:s, s:[]}}", "id", ticket, "publicKey",
                            "challenge", ticket, "rpId", site.rp_id, "timeout", ICD_TICKET_MS,
                            "userVerification", "required", "allowCredentials"));
}

/* userHandle is the user's id, which the authenticator learnt when the passkey was made. */
static bool is_handle_of(struct ic_view handle, const char *user)
{
    char text[ICD_ID_LEN + 1];
    if (handle.len != 16)
        return false;
    ic_base64_encode(IC_BASE64_URL, handle, text);
    return strcmp(text, user) == 0;
}

struct login {
    struct icd_passkey key;
    struct icd_user user;
    uint32_t counter;
};

/* Two of one authenticator: who has stolen it, or its owner, is here. Neither comes in by it. */
static void note_copy(struct icd_call *c, const struct icd_user *u)
{
    struct icd_who who = icd_who_user(u->id);
    c->keep = icd_audit_add(c->id, u->org, "server", "passkey.copied", who.text, "") == IC_OK;
}

static ic_err judge(struct icd_call *c, const struct icd_webauthn_sent *s, struct login *l)
{
    struct icd_identity *id = c->id;
    struct icd_webauthn_site site = icd_site_of(c);
    struct ic_view ticket = ic_view_cstr(s->challenge);
    const char *why;
    IC_TRY(icd_ticket_open(&id->accounts->tickets, purpose, ic_view_cstr(site.rp_id), ticket,
                           id->now_ms));
    IC_TRY(icd_passkey_find(id, ic_buf_view(&s->id), &l->key));
    IC_TRY(icd_accounts_user_get(id, l->key.user, &l->user));
    if (!is_handle_of(ic_buf_view(&s->user), l->user.id) || l->user.state == ICD_USER_SUSPENDED)
        return IC_ERR_DENIED;
    ic_err e = icd_webauthn_login_verify(&site, s, &l->key.key, &l->counter, &why);
    if (e == IC_ERR_REPLAY)
        note_copy(c, &l->user);
    IC_TRY(e);
    IC_TRY(icd_ticket_spend(&id->accounts->tickets, ticket, id->now_ms));
    return icd_passkey_used(id, ic_buf_view(&s->id), l->counter);
}

static void finish(struct icd_call *c, const json_t *body, struct ic_view credential)
{
    struct icd_webauthn_sent s;
    struct login l;
    ic_err e = icd_webauthn_login_parse(credential, &s);
    if (e != IC_OK) {
        icd_call_refuse_err(c, e, "credential: what navigator.credentials.get gave, as JSON");
        return;
    }
    e = judge(c, &s, &l);
    icd_webauthn_sent_clear(&s);
    if (e == IC_OK)
        icd_answer_signed_in(
            c, &(struct icd_signed_in){&l.user, ICD_BY_PASSKEY, c->id->now_ms, body, NULL});
    else if (e == IC_ERR_IO || e == IC_ERR_NOMEM)
        icd_call_refuse_err(c, e, NULL);
    else
        icd_answer_not_in(c);
}

void icd_on_passkey_finish(struct icd_identity *id, struct icd_call *c)
{
    (void)id;
    json_t *body = icd_call_body(c);
    if (!body)
        return;
    char *text = json_dumps(json_object_get(body, "credential"), JSON_COMPACT);
    finish(c, body, ic_view_cstr(text));
    free(text);
    json_decref(body);
}
