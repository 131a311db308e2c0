/* Signing in by a provider (OpenID Connect). Whoever begins keeps a secret, to which state, nonce and PKCE
 * verifier are bound: nobody else can end it, and nothing is kept here meanwhile. */
#include "identity/accounts/oidc_errand.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <ic/base/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_BYTES = 32 };
static const char purpose[] = "provider signs in";

/* ---- beginning ---- */

/* "ticket.provider.place": 0 is our page at base_url, up to 65535 the port of a program on the person's own
 * machine, beyond that one of our other pages. */
enum { PLACE_ORIGINS = 65536 };

static void redirect_of(const struct icd_identity *id, unsigned place, char *out, size_t room)
{
    if (place == 0)
        snprintf(out, room, "%s/signin", id->config->base_url);
    else if (place < PLACE_ORIGINS)
        snprintf(out, room, "http://127.0.0.1:%u/signin", place);
    else
        snprintf(out, room, "%s/signin", id->accounts->origins[place - PLACE_ORIGINS]);
}

static void bound_of(int64_t provider, unsigned place, const char *secret, char *out, size_t room)
{
    snprintf(out, room, "%lld.%u.%s", (long long)provider, place, secret);
}

static void derive(const struct icd_identity *id, struct icd_errand *e)
{
    icd_ticket_derive(&id->accounts->tickets, "verifier", ic_view_cstr(e->secret), e->verifier);
    icd_ticket_derive(&id->accounts->tickets, "nonce", ic_view_cstr(e->secret), e->nonce);
}

/* RFC 8252 section 7.3: a loopback address, any port; or a page that we know. */
static bool place_of(const struct icd_accounts *a, const json_t *body, unsigned *place)
{
    int n = 0;
    const char *text = icd_json_text(body, "redirect", 300);
    *place = 0;
    if (!json_object_get(body, "redirect"))
        return true;
    for (unsigned i = 0; text && i < a->origin_count; i++) {
        size_t len = strlen(a->origins[i]);
        *place = PLACE_ORIGINS + i;
        if (strncmp(text, a->origins[i], len) == 0 && strcmp(text + len, "/signin") == 0)
            return true;
    }
    return text && sscanf(text, "http://127.0.0.1:%5u/signin%n", place, &n) == 1 &&
           (size_t)n == strlen(text) && *place > 0 && *place < PLACE_ORIGINS;
}

static ic_err draw(struct icd_identity *id, struct icd_errand *e, unsigned place)
{
    uint8_t bytes[SECRET_BYTES];
    char bound[128], ticket[ICD_TICKET_LEN + 1];
    IC_TRY(ic_rand_fill(&id->rand, bytes, sizeof bytes));
    ic_base64_encode(IC_BASE64_URL, IC_VIEW_ARRAY(bytes), e->secret);
    ic_wipe(bytes, sizeof bytes);
    bound_of(e->provider.id, place, e->secret, bound, sizeof bound);
    IC_TRY(
        icd_ticket_make(&id->accounts->tickets, purpose, ic_view_cstr(bound), id->now_ms, ticket));
    snprintf(e->state, sizeof e->state, "%s.%lld.%u", ticket, (long long)e->provider.id, place);
    redirect_of(id, place, e->redirect, sizeof e->redirect);
    derive(id, e);
    return IC_OK;
}

static void refuse(struct icd_call *c, const struct icd_errand *e)
{
    if (e->result == IC_ERR_NOMEM)
        icd_call_refuse_err(c, e->result, NULL);
    else
        icd_call_refuse(c, 502, "provider", e->why);
}

static void begun(struct icd_identity *id, struct icd_call *c, void *ctx)
{
    struct icd_errand *e = ctx;
    IC_BUF_SCOPE(url, 4096);
    if (c && e->result == IC_OK) {
        struct icd_oidc_begin b = {.client_id = e->provider.client_id,
                                   .redirect = e->redirect,
                                   .state = e->state,
                                   .nonce = e->nonce,
                                   .verifier = e->verifier,
                                   .max_age_s = ICD_FRESH_MS / 1000};
        icd_errand_remember(id, e);
        e->result = icd_oidc_url(&e->site, &b, &url);
        e->why = "the provider's address is too long";
    }
    if (c && e->result == IC_OK)
        icd_call_json(c, 200,
                      json_pack("{s:s, s:s}", "url", (const char *)url.p, "secret", e->secret));
    else if (c)
        refuse(c, e);
    icd_errand_free(e);
}

static bool may_ask(struct icd_call *c)
{
    if (icd_limiter_take(&c->id->accounts->provider_limit, c->request.peer, c->id->now_ms))
        return true;
    icd_answer_wait(c, 60000 / ICD_PROVIDER_PER_MIN);
    return false;
}

static void go(struct icd_call *c, struct icd_errand *e, icd_job_work *work, icd_job_done *done)
{
    if (icd_queue_job(c->id, &c->id->accounts->providers, c, work, done, e) == IC_OK)
        return;
    icd_call_refuse(c, 503, "busy", "the server is busy");
    icd_errand_free(e);
}

static void begin(struct icd_call *c, json_t *body)
{
    struct icd_identity *id = c->id;
    const json_t *v = json_object_get(body, "provider");
    struct icd_errand *e = icd_errand_new(c, body);
    unsigned place;
    ic_err err = e ? IC_OK : IC_ERR_NOMEM;
    if (err == IC_OK && (!json_is_integer(v) || !place_of(id->accounts, body, &place)))
        err = IC_ERR_MALFORMED;
    if (err == IC_OK)
        err = icd_provider_get(id, json_integer_value(v), &e->provider);
    if (err == IC_OK)
        err = icd_errand_take_known(id, e);
    if (err == IC_OK)
        err = draw(id, e, place);
    if (err == IC_OK) {
        go(c, e, icd_errand_begin, begun);
        return;
    }
    icd_call_refuse_err(c, err,
                        "provider: one of those that methods names; redirect: /signin of a page "
                        "of this server, or http://127.0.0.1:PORT/signin");
    if (e)
        icd_errand_free(e);
}

void icd_on_oidc_begin(struct icd_identity *id, struct icd_call *c)
{
    (void)id;
    json_t *body = may_ask(c) ? icd_call_body(c) : NULL;
    if (body)
        begin(c, body);
    json_decref(body);
}

/* ---- ending ---- */

static ic_err admit(struct icd_identity *id, struct icd_call *c, struct icd_errand *e)
{
    struct icd_user u;
    bool linked;
    uint64_t auth_ms = e->claims.auth_time_s * 1000;
    IC_TRY(icd_link_find(id, &e->provider, &e->claims, &u, &linked, &e->why));
    IC_TRY(icd_ticket_spend(&id->accounts->tickets, ic_view(e->state, ICD_TICKET_LEN), id->now_ms));
    icd_answer_signed_in(c, &(struct icd_signed_in){&u, ICD_BY_OIDC, auth_ms, e->body, NULL});
    return IC_OK;
}

static void finished(struct icd_identity *id, struct icd_call *c, void *ctx)
{
    struct icd_errand *e = ctx;
    if (c && e->result == IC_OK) {
        icd_errand_remember(id, e);
        ic_err err = admit(id, c, e);
        if (err == IC_ERR_DENIED)
            icd_call_refuse(c, 401, "denied", e->why);
        else if (err != IC_OK)
            icd_call_refuse_err(c, err, NULL);
    } else if (c && e->result == IC_ERR_DENIED) {
        icd_call_refuse(c, 401, "denied", e->why);
    } else if (c) {
        refuse(c, e);
    }
    icd_errand_free(e);
}

/* The state is ours, of this secret, and not old; then it says which provider and redirection it was. */
static ic_err open_state(struct icd_identity *id, struct icd_errand *e)
{
    long long provider;
    unsigned place;
    int n = 0;
    char bound[128];
    const char *rest = e->state + ICD_TICKET_LEN;
    if (strlen(e->state) <= ICD_TICKET_LEN ||
        sscanf(rest, ".%18lld.%6u%n", &provider, &place, &n) != 2 || (size_t)n != strlen(rest) ||
        place >= PLACE_ORIGINS + id->accounts->origin_count)
        return IC_ERR_AUTH;
    bound_of(provider, place, e->secret, bound, sizeof bound);
    IC_TRY(icd_ticket_open(&id->accounts->tickets, purpose, ic_view_cstr(bound),
                           ic_view(e->state, ICD_TICKET_LEN), id->now_ms));
    IC_TRY(icd_provider_get(id, provider, &e->provider));
    redirect_of(id, place, e->redirect, sizeof e->redirect);
    derive(id, e);
    return icd_errand_take_known(id, e);
}

static ic_err take_answer(struct icd_errand *e, const json_t *body)
{
    const char *state = icd_json_text(body, "state", ICD_ERRAND_STATE_MAX);
    const char *code = icd_json_text(body, "code", ICD_OIDC_CODE_MAX);
    const char *secret = icd_json_text(body, "secret", ICD_ERRAND_SECRET_LEN);
    const char *iss = icd_json_text(body, "iss", ICD_OIDC_URL_MAX - 1);
    if (json_object_get(body, "iss") && (!iss || !iss[0]))
        return IC_ERR_MALFORMED;
    if (!state || !code || !code[0] || !secret || strlen(secret) != ICD_ERRAND_SECRET_LEN)
        return IC_ERR_MALFORMED;
    icd_copy_text(e->state, sizeof e->state, ic_view_cstr(state));
    icd_copy_text(e->secret, sizeof e->secret, ic_view_cstr(secret));
    icd_copy_text(e->iss, sizeof e->iss, ic_view_cstr(iss ? iss : ""));
    return ic_buf_append(&e->code, ic_view_cstr(code));
}

static void finish(struct icd_call *c, json_t *body)
{
    struct icd_errand *e = icd_errand_new(c, body);
    ic_err err = e ? take_answer(e, body) : IC_ERR_NOMEM;
    if (err == IC_ERR_MALFORMED) {
        icd_call_refuse_err(c, err,
                            "state, code, secret: texts; iss: a text, where the answer has it");
    } else if (err != IC_OK) {
        icd_call_refuse_err(c, err, NULL);
    } else {
        err = open_state(c->id, e);
        if (err == IC_OK) {
            go(c, e, icd_errand_finish, finished);
            return;
        }
        icd_call_refuse(c, 401, "denied", "this ends no sign-in that was begun here with it");
    }
    if (e)
        icd_errand_free(e);
}

void icd_on_oidc_finish(struct icd_identity *id, struct icd_call *c)
{
    (void)id;
    json_t *body = may_ask(c) ? icd_call_body(c) : NULL;
    if (body)
        finish(c, body);
    json_decref(body);
}
