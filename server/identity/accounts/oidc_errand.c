#include "identity/accounts/oidc_errand.h"
#include "identity/base/fetch.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 10000, KNOWN_MS = 3600000, DOCUMENT_MAX = 256 << 10 };

/* ---- what is known ---- */

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

void icd_errand_free(struct icd_errand *e)
{
    json_decref(e->body);
    ic_buf_clear(&e->keys);
    ic_buf_clear_secret(&e->code);
    ic_free_secret(e, sizeof *e);
}

struct icd_errand *icd_errand_new(struct icd_call *c, json_t *body)
{
    struct icd_identity *id = c->id;
    struct icd_errand *e = ic_new(struct icd_errand);
    if (!e)
        return NULL;
    e->body = json_incref(body);
    e->now_s = id->now_ms / 1000;
    e->ca_file = id->config->oidc_ca_file;
    e->private_addresses = id->config->oidc_private_addresses;
    ic_buf_init(&e->keys, DOCUMENT_MAX);
    ic_buf_init(&e->code, ICD_OIDC_CODE_MAX);
    return e;
}

ic_err icd_errand_take_known(struct icd_identity *id, struct icd_errand *e)
{
    const struct icd_oidc_known *k = known_of(id->accounts, &e->provider);
    if (!k || id->now_ms >= k->at_ms + KNOWN_MS)
        return IC_OK;
    IC_TRY(ic_buf_append(&e->keys, ic_buf_view(&k->keys)));
    e->site = k->site;
    e->has_site = true;
    return IC_OK;
}

void icd_errand_remember(struct icd_identity *id, struct icd_errand *e)
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

/* ---- on the pool ---- */

/* Whatever keeps us from it: an address that is not public is no refusal by the provider. */
static ic_err ask(struct icd_errand *e, struct icd_fetch *f, struct icd_fetched *got)
{
    char why[ICD_FETCH_WHY];
    e->why = "the provider cannot be reached";
    f->max = DOCUMENT_MAX;
    f->timeout_ms = TIMEOUT_MS;
    f->ca_file = e->ca_file;
    f->public_only = !e->private_addresses;
    ic_err err = icd_fetch(f, got, why);
    return err == IC_ERR_DENIED ? IC_ERR_IO : err;
}

/* bearer: an access token, or "". */
static ic_err get(struct icd_errand *e, const char *url, const char *bearer, struct ic_buf *out)
{
    char authorization[ICD_OIDC_ACCESS_MAX + 32];
    const char *const headers[] = {"Accept: application/json", authorization};
    struct icd_fetch f = {.url = url, .headers = headers, .header_count = bearer[0] ? 2 : 1};
    struct icd_fetched got;
    snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", bearer);
    ic_err err = ask(e, &f, &got);
    ic_wipe(authorization, sizeof authorization);
    IC_TRY(err);
    err = got.status == 200 ? ic_buf_append(out, ic_buf_view(&got.body)) : IC_ERR_IO;
    icd_fetched_clear(&got);
    return err;
}

static ic_err discover(struct icd_errand *e)
{
    char url[sizeof e->provider.issuer + 48];
    size_t n = strlen(e->provider.issuer);
    e->why = "the provider is on this machine, and the server's configuration does not allow that";
    if (!e->private_addresses && strncmp(e->provider.issuer, "http://", 7) == 0)
        return IC_ERR_RULE;
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

static ic_err exchange(struct icd_errand *e, struct ic_buf *id_token)
{
    IC_BUF_SCOPE(form, 8192);
    IC_BUF_SCOPE(basic, 2048);
    struct icd_oidc_end end = {.client_id = e->provider.client_id,
                               .secret = e->provider.secret,
                               .redirect = e->redirect,
                               .verifier = e->verifier,
                               .code = ic_buf_view(&e->code)};
    char authorization[2100];
    IC_TRY(icd_oidc_token_body(&e->site, &end, &form));
    IC_TRY(icd_oidc_authorization(&e->site, &end, &basic));
    snprintf(authorization, sizeof authorization, "Authorization: %s", (const char *)basic.p);
    const char *headers[] = {"Accept: application/json",
                             "Content-Type: application/x-www-form-urlencoded", authorization};
    struct icd_fetch f = {.method = "POST",
                          .url = e->site.token,
                          .headers = headers,
                          .header_count = basic.len > 1 ? 3 : 2,
                          .body = ic_buf_view(&form)};
    struct icd_fetched got;
    ic_err err = ask(e, &f, &got);
    ic_wipe(authorization, sizeof authorization);
    IC_TRY(err);
    err = icd_oidc_answer(ic_buf_view(&got.body), id_token, e->access, &e->why);
    icd_fetched_clear(&got);
    return err;
}

static ic_err judge(struct icd_errand *e, struct ic_view id_token)
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
static ic_err ask_for_email(struct icd_errand *e)
{
    IC_BUF_SCOPE(document, DOCUMENT_MAX);
    if (e->claims.email[0] || !e->site.userinfo[0] || !e->access[0])
        return IC_OK;
    IC_TRY(get(e, e->site.userinfo, e->access, &document));
    return icd_oidc_userinfo(ic_buf_view(&document), &e->claims, &e->why);
}

void icd_errand_begin(void *ctx)
{
    struct icd_errand *e = ctx;
    e->result = discover(e);
}

void icd_errand_finish(void *ctx)
{
    struct icd_errand *e = ctx;
    IC_BUF_SCOPE(id_token, ICD_OIDC_TOKEN_MAX);
    e->result = discover(e);
    if (e->result == IC_OK)
        e->result = icd_oidc_answers(&e->site, e->iss[0] ? e->iss : NULL, &e->why);
    if (e->result == IC_OK)
        e->result = exchange(e, &id_token);
    if (e->result == IC_OK)
        e->result = judge(e, ic_buf_view(&id_token));
    if (e->result == IC_OK)
        e->result = ask_for_email(e);
}
