/* /organisation, /policy, /providers */
#include "identity/admin/policy.h"
#include "identity/admin/private.h"

#include <ic/base/secret.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void icd_admin_organisation(struct icd_admin_call *a)
{
    struct icd_org org;
    ic_err e = icd_accounts_org_get(a->id, a->org, &org);
    if (e != IC_OK) {
        icd_admin_failed(a, e, NULL, "the organisation is there no more");
        return;
    }
    icd_call_json(a->c, 200,
                  json_pack("{s:s, s:I, s:s, s:o}", "name", org.name, "created",
                            (json_int_t)(org.created_ms / 1000), "base_url",
                            a->id->config->base_url, "token", icd_admin_token_json(a)));
}

void icd_admin_policy_show(struct icd_admin_call *a)
{
    struct icd_policy p;
    ic_err e = icd_policy_get(a->id, a->org, &p);
    if (e == IC_OK)
        icd_call_json(a->c, 200, icd_policy_json(&p));
    else
        icd_admin_failed(a, e, NULL, "the policy cannot be read");
}

/* Only what is otherwise than it was. */
static json_t *difference(const struct icd_policy *before, const struct icd_policy *after)
{
    json_t *was = icd_policy_json(before), *is = icd_policy_json(after), *out = json_object();
    const char *name;
    json_t *value;
    json_object_foreach(is, name, value)
    {
        if (!json_equal(value, json_object_get(was, name)))
            json_object_set(out, name, value);
    }
    json_decref(was);
    json_decref(is);
    return out;
}

void icd_admin_policy_change(struct icd_admin_call *a)
{
    struct icd_policy before, after;
    const char *field = NULL, *why = "";
    json_t *o = icd_call_body(a->c);
    ic_err e = o ? icd_policy_get(a->id, a->org, &before) : IC_ERR_ARG;
    if (!o)
        return;
    after = before;
    if (e == IC_OK && icd_policy_change(&after, o, &field, &why) != IC_OK) {
        icd_admin_wrong(a, field && strlen(field) < 64 ? field : NULL, why);
        json_decref(o);
        return;
    }
    /* What a provider says of an address then signs its owner in. */
    if (e == IC_OK && after.oidc_links_email && !before.oidc_links_email &&
        !icd_admin_may(a, ICD_SCOPE_POLICY | ICD_SCOPE_USERS_WRITE)) {
        json_decref(o);
        return;
    }
    json_t *changed = e == IC_OK ? difference(&before, &after) : NULL;
    if (e == IC_OK && json_object_size(changed)) {
        e = icd_policy_set(a->id, a->org, &after);
        if (e == IC_OK)
            e = icd_admin_audit(a, "policy.changed", "", json_incref(changed));
    }
    json_decref(changed);
    json_decref(o);
    if (e == IC_OK)
        icd_call_json(a->c, 200, icd_policy_json(&after));
    else
        icd_admin_failed(a, e, NULL, "the policy cannot be stored");
}

/* ---- sign-in providers ---- */

static json_t *provider_json(const struct icd_provider *p)
{
    return json_pack("{s:I, s:s, s:s, s:s, s:b}", "id", (json_int_t)p->id, "name", p->name,
                     "issuer", p->issuer, "client_id", p->client_id, "trust_email",
                     (int)p->trust_email);
}

static ic_err add_provider(void *ctx, const struct icd_provider *p)
{
    return json_array_append_new(ctx, provider_json(p)) == 0 ? IC_OK : IC_ERR_NOMEM;
}

void icd_admin_providers(struct icd_admin_call *a)
{
    json_t *list = json_array();
    ic_err e = icd_accounts_provider_list(a->id, a->org, add_provider, list);
    if (e == IC_OK) {
        icd_call_json(a->c, 200, json_pack("{s:o}", "providers", list));
        return;
    }
    json_decref(list);
    icd_admin_failed(a, e, NULL, "the providers cannot be listed");
}

/* False: refused. */
static bool take_text(struct icd_admin_call *a, const json_t *o, const char *field, bool needed,
                      char *out, size_t cap)
{
    const char *text = icd_admin_text(a, o, field, needed, cap - 1, needed);
    if (!text)
        return !needed && !json_object_get(o, field);
    memcpy(out, text, strlen(text) + 1);
    return true;
}

static void add(struct icd_admin_call *a, struct icd_provider *p)
{
    char subject[40];
    ic_err e = icd_accounts_provider_add(a->id, p);
    if (e == IC_ERR_MALFORMED || e == IC_ERR_RANGE) {
        icd_admin_wrong(a, "issuer", "an issuer is an https URL without query");
        return;
    }
    snprintf(subject, sizeof subject, "provider:%lld", (long long)p->id);
    if (e == IC_OK)
        e = icd_admin_audit(a, "provider.added", subject, json_pack("{s:s}", "issuer", p->issuer));
    if (e == IC_OK)
        icd_call_json(a->c, 201, provider_json(p));
    else
        icd_admin_failed(a, e, "issuer", "this provider is there already");
}

void icd_admin_provider_add(struct icd_admin_call *a)
{
    struct icd_provider p = {.org = a->org, .trust_email = true};
    json_t *o = icd_admin_body(a, "name issuer client_id secret trust_email");
    const json_t *trust = json_object_get(o, "trust_email");
    if (o && trust && !json_is_boolean(trust)) {
        icd_admin_wrong(a, "trust_email", "true or false");
    } else if (o && take_text(a, o, "name", true, p.name, sizeof p.name) &&
               take_text(a, o, "issuer", true, p.issuer, sizeof p.issuer) &&
               take_text(a, o, "client_id", true, p.client_id, sizeof p.client_id) &&
               take_text(a, o, "secret", false, p.secret, sizeof p.secret)) {
        p.trust_email = !trust || json_is_true(trust);
        add(a, &p);
    }
    ic_wipe(p.secret, sizeof p.secret);
    json_decref(o);
}

void icd_admin_provider_remove(struct icd_admin_call *a)
{
    char *end, subject[40];
    long long n = strtoll(a->param, &end, 10);
    ic_err e = *end || n <= 0 ? IC_ERR_NOT_FOUND : icd_accounts_provider_remove(a->id, a->org, n);
    snprintf(subject, sizeof subject, "provider:%lld", n);
    if (e == IC_OK)
        e = icd_admin_audit(a, "provider.removed", subject, NULL);
    if (e == IC_OK)
        icd_call_empty(a->c, 204);
    else
        icd_admin_failed(a, e, NULL, "the organisation has no such provider");
}
