/* Which address is whose, and who may ask it. */
#include "identity/admin/private.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

const struct icd_admin_route icd_admin_routes[] = {
    {"GET", "/organisation", 0, icd_admin_organisation},
    {"GET", "/users", ICD_SCOPE_USERS_READ, icd_admin_users},
    {"POST", "/users", ICD_SCOPE_USERS_WRITE, icd_admin_user_add},
    {"POST", "/users/import", ICD_SCOPE_USERS_WRITE, icd_admin_import},
    {"GET", "/users/export", ICD_SCOPE_USERS_READ, icd_admin_export},
    {"GET", "/users/{user}", ICD_SCOPE_USERS_READ, icd_admin_user_show},
    {"PATCH", "/users/{user}", ICD_SCOPE_USERS_WRITE, icd_admin_user_rename},
    {"DELETE", "/users/{user}", ICD_SCOPE_USERS_WRITE, icd_admin_user_delete},
    {"POST", "/users/{user}/suspend", ICD_SCOPE_USERS_WRITE, icd_admin_user_suspend},
    {"POST", "/users/{user}/resume", ICD_SCOPE_USERS_WRITE, icd_admin_user_resume},
    {"POST", "/users/{user}/invitation", ICD_SCOPE_USERS_WRITE, icd_admin_user_invite},
    {"GET", "/domains", ICD_SCOPE_DOMAINS, icd_admin_domains},
    {"POST", "/domains", ICD_SCOPE_DOMAINS, icd_admin_domain_add},
    {"GET", "/domains/{domain}", ICD_SCOPE_DOMAINS, icd_admin_domain_show},
    {"DELETE", "/domains/{domain}", ICD_SCOPE_DOMAINS, icd_admin_domain_remove},
    {"POST", "/domains/{domain}/verify", ICD_SCOPE_DOMAINS, icd_admin_domain_verify},
    {"GET", "/roots", ICD_SCOPE_ROOTS, icd_admin_roots_list},
    {"POST", "/roots", ICD_SCOPE_ROOTS, icd_admin_root_add},
    {"DELETE", "/roots/{fingerprint}", ICD_SCOPE_ROOTS, icd_admin_root_remove},
    {"GET", "/policy", ICD_SCOPE_POLICY, icd_admin_policy_show},
    {"PATCH", "/policy", ICD_SCOPE_POLICY, icd_admin_policy_change},
    {"GET", "/providers", ICD_SCOPE_POLICY, icd_admin_providers},
    /* Who adds one may be whoever it says: as by an invitation. */
    {"POST", "/providers", ICD_SCOPE_POLICY | ICD_SCOPE_USERS_WRITE, icd_admin_provider_add},
    {"DELETE", "/providers/{provider}", ICD_SCOPE_POLICY, icd_admin_provider_remove},
    {"GET", "/tokens", ICD_SCOPE_TOKENS, icd_admin_tokens},
    {"POST", "/tokens", ICD_SCOPE_TOKENS, icd_admin_token_make},
    {"DELETE", "/tokens/{id}", ICD_SCOPE_TOKENS, icd_admin_token_revoke},
    {"GET", "/certificates", ICD_SCOPE_CERTIFICATES, icd_admin_certificates},
    {"POST", "/certificates/{serial}/revoke", ICD_SCOPE_CERTIFICATES, icd_admin_certificate_revoke},
    {"GET", "/audit", ICD_SCOPE_AUDIT, icd_admin_audit_list},
    {NULL, NULL, 0, NULL},
};

/* Whether a path is a route's; then param has what stands for its {name}. */
static bool fits(const char *pattern, struct ic_view path, char *param)
{
    const char *open = strchr(pattern, '{'), *close = open ? strchr(open, '}') : NULL;
    if (!open)
        return ic_view_equal(path, ic_view_cstr(pattern));
    size_t head = (size_t)(open - pattern), tail = strlen(close + 1);
    if (path.len <= head + tail || memcmp(path.p, pattern, head) != 0 ||
        memcmp(path.p + path.len - tail, close + 1, tail) != 0)
        return false;
    struct ic_view inside = ic_view_sub(path, head, path.len - head - tail);
    if (inside.len > ICD_ADMIN_PARAM_MAX || memchr(inside.p, '/', inside.len) ||
        !ic_view_is_text(inside))
        return false;
    memcpy(param, inside.p, inside.len);
    param[inside.len] = '\0';
    return true;
}

/* The first that fits: fixed paths stand before those with a name in them. NULL; *known: by another method. */
static const struct icd_admin_route *find(struct icd_admin_call *a, struct ic_view path,
                                          bool *known)
{
    for (const struct icd_admin_route *r = icd_admin_routes; r->method; r++) {
        if (!fits(r->path, path, a->param))
            continue;
        *known = true;
        if (ic_view_equal(a->c->request.method, ic_view_cstr(r->method)))
            return r;
    }
    return NULL;
}

bool icd_admin_may(struct icd_admin_call *a, uint32_t scope)
{
    char text[120];
    uint32_t has = a->token.scopes;
    if (has & ICD_SCOPE_USERS_WRITE)
        has |= ICD_SCOPE_USERS_READ;
    if ((scope & ~has) == 0)
        return true;
    int n = snprintf(text, sizeof text, "this token lacks the scope");
    for (size_t i = 0; icd_scope_name(i); i++)
        if (scope & ~has & 1u << i)
            n += snprintf(text + n, sizeof text - (size_t)n, " %s", icd_scope_name(i));
    icd_admin_refuse(a, 403, "scope", NULL, text);
    return false;
}

static void dispatch(struct icd_admin_call *a)
{
    bool known = false;
    /* The slash before the rest is the route's last byte. */
    struct ic_view path = ic_view(
        a->c->request.path.p + a->c->request.path.len - a->c->rest.len - 1, a->c->rest.len + 1);
    const struct icd_admin_route *r = find(a, path, &known);
    if (!r) {
        icd_admin_refuse(a, known ? 405 : 404, known ? "method" : "not-found", NULL,
                         known ? "this address has another method" : "there is nothing here");
        return;
    }
    if (icd_admin_may(a, r->scope))
        r->fn(a);
}

static void on_request(struct icd_identity *id, struct icd_call *c)
{
    struct icd_admin_call a = {.id = id, .c = c};
    ic_err e = icd_admin_token_find(id, c->request.token, &a.token);
    if (e == IC_ERR_DENIED) {
        icd_admin_refuse(&a, 401, "denied", NULL,
                         "an access token that is known and has not ended is needed");
        return;
    }
    if (e != IC_OK) {
        icd_call_refuse_err(c, e, NULL);
        return;
    }
    a.org = a.token.org;
    snprintf(a.actor, sizeof a.actor, "token:%s", a.token.id);
    dispatch(&a);
}

static ic_err start(struct icd_identity *id, char *why)
{
    (void)why;
    id->admin = ic_new(struct icd_admin);
    return id->admin ? IC_OK : IC_ERR_NOMEM;
}

static void stop(struct icd_identity *id)
{
    ic_free(id->admin);
    id->admin = NULL;
}

static const struct icd_id_route routes[] = {
    {"GET", "/api/v1/admin/", on_request},
    {"POST", "/api/v1/admin/", on_request},
    {"PATCH", "/api/v1/admin/", on_request},
    {"DELETE", "/api/v1/admin/", on_request},
};

const struct icd_part icd_admin_part = {.name = "admin",
                                        .schema = icd_admin_schema,
                                        .routes = routes,
                                        .route_count = IC_ARRAY_LEN(routes),
                                        .start = start,
                                        .stop = stop};
