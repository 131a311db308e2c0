/* The part as a whole: beginning, time, end. */
#include "config/config.h"
#include "identity/accounts/private.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <stdio.h>
#include <string.h>

enum { SWEEP_MS = 3600000 };

/* "https://host:port" without what follows; host without port for a passkey's site. */
static bool add_origin(struct icd_accounts *a, struct ic_view url)
{
    size_t i = a->origin_count;
    const uint8_t *scheme = url.len > 3 ? memmem(url.p, url.len, "://", 3) : NULL;
    if (!scheme || url.len >= sizeof a->origin_text[0] || i == ICD_ORIGINS)
        return false;
    size_t from = (size_t)(scheme - url.p) + 3, to = from;
    while (to < url.len && url.p[to] != '/')
        to++;
    icd_copy_text(a->origin_text[i], sizeof a->origin_text[i], ic_view_sub(url, 0, to));
    icd_copy_text(a->origin_host[i], sizeof a->origin_host[i], ic_view_sub(url, from, to - from));
    a->origins[i] = a->origin_text[i];
    char *port = strrchr(a->origin_host[i], ':');
    if (port)
        *port = '\0';
    a->origin_count++;
    return a->origin_host[i][0] != '\0';
}

static ic_err find_origins(struct icd_accounts *a, const struct icd_identity_config *c, char *why)
{
    struct ic_view rest = ic_view_cstr(c->origins), item;
    bool ok = add_origin(a, ic_view_cstr(c->base_url));
    while (ok && icd_config_next(&rest, &item))
        ok = add_origin(a, item);
    if (!ok)
        snprintf(why, ICD_IDENTITY_WHY,
                 "[identity] base_url, origins: at most %d of the form https://host:port",
                 ICD_ORIGINS);
    return ok ? IC_OK : IC_ERR_RANGE;
}

static ic_err open_parts(struct icd_identity *id, struct icd_accounts *a, char *why)
{
    uint8_t seed[16];
    IC_TRY(find_origins(a, id->config, why));
    IC_TRY(ic_rand_fill(&id->rand, seed, sizeof seed));
    const uint64_t pair[2] = {ic_load_u64(seed), ic_load_u64(seed + 8)};
    IC_TRY(icd_guard_init(&a->guard, pair));
    if (!icd_limiter_init(&a->provider_limit, ICD_PROVIDER_PER_MIN, pair))
        return IC_ERR_NOMEM;
    a->cost = (struct icd_password_cost){.mib = id->config->password_mib, .passes = 3};
    a->passwords.most = ICD_PASSWORD_JOBS;
    a->known_passwords.most = 1;
    a->providers.most = ICD_PROVIDER_JOBS;
    return icd_ticket_box_init(&a->tickets, &id->rand);
}

static ic_err start(struct icd_identity *id, char *why)
{
    id->accounts = ic_new(struct icd_accounts);
    return id->accounts ? open_parts(id, id->accounts, why) : IC_ERR_NOMEM;
}

static void tick(struct icd_identity *id)
{
    struct icd_accounts *a = id->accounts;
    icd_failures_write(id);
    if (id->now_ms < a->swept_ms + SWEEP_MS)
        return;
    a->swept_ms = id->now_ms;
    icd_accounts_sweep(id);
}

static void stop(struct icd_identity *id)
{
    struct icd_accounts *a = id->accounts;
    if (!a)
        return;
    icd_ticket_box_clear(&a->tickets);
    icd_guard_clear(&a->guard);
    icd_limiter_clear(&a->provider_limit);
    icd_oidc_forget(a->known);
    ic_free(a);
    id->accounts = NULL;
}

#define API "/api/v1/identity/"
static const struct icd_id_route routes[] = {
    {"GET", API "methods", icd_on_methods},
    {"POST", API "signin/password", icd_on_password_signin},
    {"POST", API "signin/passkey/begin", icd_on_passkey_begin},
    {"POST", API "signin/passkey/finish", icd_on_passkey_finish},
    {"POST", API "signin/oidc/begin", icd_on_oidc_begin},
    {"POST", API "signin/oidc/finish", icd_on_oidc_finish},
    {"POST", API "signin/invitation", icd_on_invitation},
    {"POST", API "signout", icd_on_signout},
    {"GET", API "me", icd_on_me},
    {"GET", API "passkeys", icd_on_passkeys},
    {"POST", API "passkeys/begin", icd_on_passkeys_begin},
    {"POST", API "passkeys/finish", icd_on_passkeys_finish},
    {"PATCH", API "passkeys/", icd_on_passkeys_rename},
    {"DELETE", API "passkeys/", icd_on_passkeys_delete},
    {"POST", API "password", icd_on_password_set},
    {"GET", API "sessions", icd_on_sessions},
    {"DELETE", API "sessions", icd_on_sessions_end},
    {"DELETE", API "sessions/", icd_on_session_end},
    {"GET", API "devices", icd_on_devices},
    {"DELETE", API "devices/", icd_on_device_end},
    {"GET", API "audit", icd_on_audit},
    {"POST", API "enrolments", icd_on_enrolments},
};

const struct icd_part icd_accounts_part = {.name = "accounts",
                                           .schema = icd_accounts_schema,
                                           .routes = routes,
                                           .route_count = IC_ARRAY_LEN(routes),
                                           .start = start,
                                           .tick = tick,
                                           .stop = stop};
