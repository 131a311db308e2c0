/* The ACME server (RFC 8555) of the identity service: its addresses, its beginning and end. docs/protocol/acme.md */
#include "identity/acme/private.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

/* ---- what is not signed ---- */

void icd_acme_on_directory(struct icd_identity *id, struct icd_call *c)
{
    static const char *const names[][2] = {{"newNonce", "new-nonce"},
                                           {"newAccount", "new-account"},
                                           {"newOrder", "new-order"},
                                           {"revokeCert", "revoke-cert"},
                                           {"keyChange", "key-change"}};
    char url[ICD_ACME_URL];
    json_t *o = json_object(), *meta = json_object();
    for (size_t i = 0; i < IC_ARRAY_LEN(names); i++) {
        icd_acme_url(id, url, "%s", names[i][1]);
        json_object_set_new(o, names[i][0], json_string(url));
    }
    if (id->config->acme_terms[0])
        json_object_set_new(meta, "termsOfService", json_string(id->config->acme_terms));
    json_object_set_new(meta, "website", json_string(id->config->base_url));
    json_object_set_new(meta, "externalAccountRequired", json_false());
    json_object_set_new(o, "meta", meta);
    icd_call_json(c, 200, o);
}

/* RFC 8555 section 7.2: HEAD 200, GET 204. */
void icd_acme_on_nonce(struct icd_identity *id, struct icd_call *c)
{
    icd_acme_common_headers(id, c);
    icd_call_empty(c, c->request.head ? 200 : 204);
}

/* RFC 8555 section 6.3: POST-as-GET of these two is the same as GET. */
static ic_err post_directory(struct icd_acme_request *r)
{
    IC_TRY(icd_acme_want_none(r));
    icd_acme_on_directory(r->id, r->call);
    return IC_OK;
}

static void on_post_directory(struct icd_identity *id, struct icd_call *c)
{
    icd_acme_serve(id, c, ICD_ACME_BY_ACCOUNT, post_directory);
}

static ic_err post_nonce(struct icd_acme_request *r)
{
    IC_TRY(icd_acme_want_none(r));
    icd_call_empty(r->call, 204);
    return IC_OK;
}

static void on_post_nonce(struct icd_identity *id, struct icd_call *c)
{
    icd_acme_serve(id, c, ICD_ACME_BY_ACCOUNT, post_nonce);
}

void icd_acme_on_get(struct icd_identity *id, struct icd_call *c)
{
    struct icd_acme_problem p = {0};
    (void)icd_acme_refuse_as(&p, ICD_ACME_E_MALFORMED, 405,
                             "GET serves the directory and nonces; all else is a signed POST");
    icd_acme_call_refuse(id, c, &p);
}

void icd_acme_on_nothing(struct icd_identity *id, struct icd_call *c)
{
    struct icd_acme_problem p = {0};
    (void)icd_acme_not_there(&p, "resource");
    icd_acme_call_refuse(id, c, &p);
}

/* ---- the part ---- */

static const struct icd_id_route routes[] = {
    {"GET", "/acme/directory", icd_acme_on_directory},
    {"POST", "/acme/directory", on_post_directory},
    {"GET", "/acme/new-nonce", icd_acme_on_nonce},
    {"POST", "/acme/new-nonce", on_post_nonce},
    {"POST", "/acme/new-account", icd_acme_on_new_account},
    {"POST", "/acme/acct/", icd_acme_on_account},
    {"POST", "/acme/key-change", icd_acme_on_key_change},
    {"POST", "/acme/new-order", icd_acme_on_new_order},
    {"POST", "/acme/order/", icd_acme_on_order},
    {"POST", "/acme/authz/", icd_acme_on_authz},
    {"POST", "/acme/chall/", icd_acme_on_challenge},
    {"POST", "/acme/cert/", icd_acme_on_certificate},
    {"POST", "/acme/revoke-cert", icd_acme_on_revoke},
    {"GET", "/acme/", icd_acme_on_get},
    {"POST", "/acme/", icd_acme_on_nothing},
};

static ic_err start(struct icd_identity *id, char *why)
{
    uint64_t seed[2];
    struct icd_acme *a = ic_new(struct icd_acme);
    (void)why;
    if (!a)
        return IC_ERR_NOMEM;
    id->acme = a;
    a->others = &icd_acme_others_real;
    IC_TRY(icd_acme_nonces_init(&a->nonces, &id->rand));
    IC_TRY(ic_rand_fill(&id->rand, (uint8_t *)seed, sizeof seed));
    if (!icd_limiter_init(&a->newcomers, id->config->acme_accounts_per_min, seed))
        return IC_ERR_NOMEM;
    /* Whoever was at work when the server ended: their jobs are nobody's now. */
    IC_TRY(icd_id_write(id));
    return icd_store_exec(id->store, "UPDATE acme_authz SET next_ms = 0 WHERE status = $1", NULL,
                          ICD_PARAMS(ICD_INT(ICD_ACME_PROCESSING)));
}

static void tick(struct icd_identity *id)
{
    icd_acme_attempts_due(id);
    icd_acme_sweep(id);
}

static void stop(struct icd_identity *id)
{
    if (!id->acme)
        return;
    icd_acme_nonces_clear(&id->acme->nonces);
    icd_limiter_clear(&id->acme->newcomers);
    ic_free(id->acme);
    id->acme = NULL;
}

const struct icd_part icd_acme_part = {.name = "acme",
                                       .schema = icd_acme_schema,
                                       .routes = routes,
                                       .route_count = IC_ARRAY_LEN(routes),
                                       .start = start,
                                       .tick = tick,
                                       .stop = stop};
