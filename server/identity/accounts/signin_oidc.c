/* Signing in by a provider (OpenID Connect). Whoever begins keeps a secret, to which state, nonce and PKCE
 * verifier are bound: nobody else can end it, and nothing is kept here meanwhile. */
#include "identity/accounts/private.h"
#include "identity/base/fetch.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <ic/base/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SECRET_BYTES = 32,
    SECRET_LEN = 43,
    STATE_MAX = ICD_TICKET_LEN + 40,
    TIMEOUT_MS = 10000,
    KNOWN_MS = 3600000,
    DOCUMENT_MAX = 256 << 10,
};
static const char purpose[] = "provider signs in";

/* What a provider said of itself, kept for an hour. One a provider of the table. */
struct icd_oidc_known {
    int64_t provider;
    char issuer[256];
    struct icd_oidc_site site;
    struct ic_buf keys; /* its JWK set; empty: not fetched */
    uint64_t at_ms;
    struct icd_oidc_known *next;
};

void icd_oidc_forget(struct icd_oidc_known *k)
{
    while (k) {
        struct icd_oidc_known *next = k->next;
        ic_buf_clear(&k->keys);
        ic_free(k);
        k = next;
    }
}

static struct icd_oidc_known *known_of(struct icd_accounts *a, const struct icd_provider *p)
{
    struct icd_oidc_known *k = a->known;
    while (k && (k->provider != p->id || strcmp(k->issuer, p->issuer) != 0))
        k = k->next;
    return k;
}

/* ---- one errand: what the pool needs, and what it brings back ---- */

struct errand {
    json_t *body;
    struct icd_provider provider;
    struct icd_oidc_site site;
    bool has_site;
    struct ic_buf keys, code;
    char access[ICD_OIDC_ACCESS_MAX + 1];
    char redirect[300], state[STATE_MAX + 1], secret[SECRET_LEN + 1], verifier[48], nonce[48];
    const char *ca_file;
    uint64_t now_s;
    /* The outcome. */
    ic_err result;
    const char *why;
    struct icd_oidc_claims claims;
};

static void errand_free(struct errand *e)
{
    json_decref(e->body);
    ic_buf_clear(&e->keys);
    ic_buf_clear_secret(&e->code);
    ic_free_secret(e, sizeof *e);
}

/* bearer: an access token, or "". */
static ic_err get(struct errand *e, const char *url, const char *bearer, struct ic_buf *out)
{
    char authorization[ICD_OIDC_ACCESS_MAX + 32];
    const char *const headers[] = {"Accept: application/json", authorization};
    struct icd_fetch f = {.url = url,
                          .headers = headers,
                          .header_count = bearer[0] ? 2 : 1,
                          .max = DOCUMENT_MAX,
                          .timeout_ms = TIMEOUT_MS,
                          .ca_file = e->ca_file};
    struct icd_fetched got;
    char why[ICD_FETCH_WHY];
    e->why = "the provider cannot be reached";
    snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", bearer);
    ic_err err = icd_fetch(&f, &got, why);
    ic_wipe(authorization, sizeof authorization);
    IC_TRY(err);
    err = got.status == 200 ? ic_buf_append(out, ic_buf_view(&got.body)) : IC_ERR_IO;
    icd_fetched_clear(&got);
    return err;
}

static ic_err discover(struct errand *e)
{
    char url[sizeof e->provider.issuer + 48];
    size_t n = strlen(e->provider.issuer);
    IC_BUF_SCOPE(document, DOCUMENT_MAX);
    if (e->has_site)
        return IC_OK;
    /* Discovery 1.0 section 4: a slash at the issuer's end is not doubled. */
    snprintf(url, sizeof url, "%.*s/.well-known/openid-configuration",
             (int)(e->provider.issuer[n - 1] == '/' ? n - 1 : n), e->provider.issuer);
    IC_TRY(get(e, url, "", &document));
    IC_TRY(icd_oidc_discovery(e->provider.issuer, ic_buf_view(&document), &e->site, &e->why));
    e->has_site = true;
    return IC_OK;
}

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

static void derive(const struct icd_identity *id, struct errand *e)
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

static ic_err draw(struct icd_identity *id, struct errand *e, unsigned place)
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

static struct errand *errand_new(struct icd_call *c, json_t *body)
{
    struct icd_identity *id = c->id;
    struct errand *e = ic_new(struct errand);
    if (!e)
        return NULL;
    e->body = json_incref(body);
    e->now_s = id->now_ms / 1000;
    e->ca_file = id->config->oidc_ca_file;
    ic_buf_init(&e->keys, DOCUMENT_MAX);
    ic_buf_init(&e->code, ICD_OIDC_CODE_MAX);
    return e;
}

static ic_err take_known(struct icd_identity *id, struct errand *e)
{
    const struct icd_oidc_known *k = known_of(id->accounts, &e->provider);
    if (!k || id->now_ms >= k->at_ms + KNOWN_MS)
        return IC_OK;
    IC_TRY(ic_buf_append(&e->keys, ic_buf_view(&k->keys)));
    e->site = k->site;
    e->has_site = true;
    return IC_OK;
}

static void remember(struct icd_identity *id, struct errand *e)
{
    struct icd_accounts *a = id->accounts;
    struct icd_oidc_known *k = known_of(a, &e->provider);
    if (!e->has_site)
        return;
    if (!k) {
        k = ic_new(struct icd_oidc_known);
        if (!k)
            return;
        k->provider = e->provider.id;
        memcpy(k->issuer, e->provider.issuer, sizeof k->issuer);
        ic_buf_init(&k->keys, DOCUMENT_MAX);
        k->next = a->known;
        a->known = k;
    }
    if (id->now_ms >= k->at_ms + KNOWN_MS)
        k->at_ms = id->now_ms;
    k->site = e->site;
    if (e->keys.len)
        ic_buf_move(&k->keys, &e->keys);
}

static void do_begin(void *ctx)
{
    struct errand *e = ctx;
    e->result = discover(e);
}

static void refuse(struct icd_call *c, const struct errand *e)
{
    if (e->result == IC_ERR_NOMEM)
        icd_call_refuse_err(c, e->result, NULL);
    else
        icd_call_refuse(c, 502, "provider", e->why);
}

static void begun(struct icd_identity *id, struct icd_call *c, void *ctx)
{
    struct errand *e = ctx;
    IC_BUF_SCOPE(url, 4096);
    if (c && e->result == IC_OK) {
        struct icd_oidc_begin b = {.client_id = e->provider.client_id,
                                   .redirect = e->redirect,
                                   .state = e->state,
                                   .nonce = e->nonce,
                                   .verifier = e->verifier,
                                   .max_age_s = ICD_FRESH_MS / 1000};
        remember(id, e);
        e->result = icd_oidc_url(&e->site, &b, &url);
        e->why = "the provider's address is too long";
    }
    if (c && e->result == IC_OK)
        icd_call_json(c, 200,
                      json_pack("{s:s, s:s}", "url", (const char *)url.p, "secret", e->secret));
    else if (c)
        refuse(c, e);
    errand_free(e);
}

static bool may_ask(struct icd_call *c)
{
    if (icd_limiter_take(&c->id->accounts->provider_limit, c->request.peer, c->id->now_ms))
        return true;
    icd_answer_wait(c, 60000 / ICD_PROVIDER_PER_MIN);
    return false;
}

static void go(struct icd_call *c, struct errand *e, icd_job_work *work, icd_job_done *done)
{
    if (icd_queue_job(c->id, &c->id->accounts->providers, c, work, done, e) == IC_OK)
        return;
    icd_call_refuse(c, 503, "busy", "the server is busy");
    errand_free(e);
}

static void begin(struct icd_call *c, json_t *body)
{
    struct icd_identity *id = c->id;
    const json_t *v = json_object_get(body, "provider");
    struct errand *e = errand_new(c, body);
    unsigned place;
    ic_err err = e ? IC_OK : IC_ERR_NOMEM;
    if (err == IC_OK && (!json_is_integer(v) || !place_of(id->accounts, body, &place)))
        err = IC_ERR_MALFORMED;
    if (err == IC_OK)
        err = icd_provider_get(id, json_integer_value(v), &e->provider);
    if (err == IC_OK)
        err = take_known(id, e);
    if (err == IC_OK)
        err = draw(id, e, place);
    if (err == IC_OK) {
        go(c, e, do_begin, begun);
        return;
    }
    icd_call_refuse_err(c, err,
                        "provider: one of those that methods names; redirect: /signin of a page "
                        "of this server, or http://127.0.0.1:PORT/signin");
    if (e)
        errand_free(e);
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

static ic_err exchange(struct errand *e, struct ic_buf *id_token)
{
    IC_BUF_SCOPE(form, 8192);
    IC_BUF_SCOPE(basic, 2048);
    struct icd_oidc_end end = {.client_id = e->provider.client_id,
                               .secret = e->provider.secret,
                               .redirect = e->redirect,
                               .verifier = e->verifier,
                               .code = ic_buf_view(&e->code)};
    char authorization[2100], why[ICD_FETCH_WHY];
    IC_TRY(icd_oidc_token_body(&e->site, &end, &form));
    IC_TRY(icd_oidc_authorization(&e->site, &end, &basic));
    snprintf(authorization, sizeof authorization, "Authorization: %s", (const char *)basic.p);
    const char *headers[] = {"Accept: application/json",
                             "Content-Type: application/x-www-form-urlencoded", authorization};
    struct icd_fetch f = {.method = "POST",
                          .url = e->site.token,
                          .headers = headers,
                          .header_count = basic.len > 1 ? 3 : 2,
                          .body = ic_buf_view(&form),
                          .max = DOCUMENT_MAX,
                          .timeout_ms = TIMEOUT_MS,
                          .ca_file = e->ca_file};
    struct icd_fetched got;
    e->why = "the provider cannot be reached";
    ic_err err = icd_fetch(&f, &got, why);
    ic_wipe(authorization, sizeof authorization);
    IC_TRY(err);
    err = icd_oidc_answer(ic_buf_view(&got.body), id_token, e->access, &e->why);
    icd_fetched_clear(&got);
    return err;
}

static ic_err judge(struct errand *e, struct ic_view id_token)
{
    struct icd_oidc_expected want = {.issuer = e->provider.issuer,
                                     .client_id = e->provider.client_id,
                                     .nonce = e->nonce,
                                     .now_s = e->now_s};
    ic_err err = IC_ERR_UNKNOWN_KEY;
    if (e->keys.len)
        err = icd_oidc_judge(&want, id_token, ic_buf_view(&e->keys), &e->claims, &e->why);
    if (err != IC_ERR_UNKNOWN_KEY)
        return err;
    /* Providers change their keys: look again, once. */
    ic_buf_reset(&e->keys);
    IC_TRY(get(e, e->site.keys, "", &e->keys));
    return icd_oidc_judge(&want, id_token, ic_buf_view(&e->keys), &e->claims, &e->why);
}

/* Some providers keep the address out of the ID token: then their userinfo endpoint has it. */
static ic_err ask_for_email(struct errand *e)
{
    IC_BUF_SCOPE(document, DOCUMENT_MAX);
    if (e->claims.email[0] || !e->site.userinfo[0] || !e->access[0])
        return IC_OK;
    IC_TRY(get(e, e->site.userinfo, e->access, &document));
    return icd_oidc_userinfo(ic_buf_view(&document), &e->claims, &e->why);
}

static void do_finish(void *ctx)
{
    struct errand *e = ctx;
    IC_BUF_SCOPE(id_token, ICD_OIDC_TOKEN_MAX);
    e->result = discover(e);
    if (e->result == IC_OK)
        e->result = exchange(e, &id_token);
    if (e->result == IC_OK)
        e->result = judge(e, ic_buf_view(&id_token));
    if (e->result == IC_OK)
        e->result = ask_for_email(e);
}

static ic_err admit(struct icd_identity *id, struct icd_call *c, struct errand *e)
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
    struct errand *e = ctx;
    if (c && e->result == IC_OK) {
        remember(id, e);
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
    errand_free(e);
}

/* The state is ours, of this secret, and not old; then it says which provider and redirection it was. */
static ic_err open_state(struct icd_identity *id, struct errand *e)
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
    return take_known(id, e);
}

static ic_err take_answer(struct errand *e, const json_t *body)
{
    const char *state = icd_json_text(body, "state", STATE_MAX);
    const char *code = icd_json_text(body, "code", ICD_OIDC_CODE_MAX);
    const char *secret = icd_json_text(body, "secret", SECRET_LEN);
    if (!state || !code || !code[0] || !secret || strlen(secret) != SECRET_LEN)
        return IC_ERR_MALFORMED;
    icd_copy_text(e->state, sizeof e->state, ic_view_cstr(state));
    icd_copy_text(e->secret, sizeof e->secret, ic_view_cstr(secret));
    return ic_buf_append(&e->code, ic_view_cstr(code));
}

static void finish(struct icd_call *c, json_t *body)
{
    struct errand *e = errand_new(c, body);
    ic_err err = e ? take_answer(e, body) : IC_ERR_NOMEM;
    if (err == IC_ERR_MALFORMED) {
        icd_call_refuse_err(c, err, "state, code, secret: texts");
    } else if (err != IC_OK) {
        icd_call_refuse_err(c, err, NULL);
    } else {
        err = open_state(c->id, e);
        if (err == IC_OK) {
            go(c, e, do_finish, finished);
            return;
        }
        icd_call_refuse(c, 401, "denied", "this ends no sign-in that was begun here with it");
    }
    if (e)
        errand_free(e);
}

void icd_on_oidc_finish(struct icd_identity *id, struct icd_call *c)
{
    (void)id;
    json_t *body = may_ask(c) ? icd_call_body(c) : NULL;
    if (body)
        finish(c, body);
    json_decref(body);
}
