/* /domains: a name is the organisation's once it shows a challenge in its DNS, or on its web server. */
#include "identity/admin/private.h"
#include "identity/base/dns.h"
#include "identity/base/fetch.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

enum { VERIFYING_MAX = 2, FILE_MAX = 1024, FETCH_MS = 8000, PROOF_MAX = 64 };
#define TXT_LABEL "_incamera-domain"
#define FILE_PATH "/.well-known/incamera-domain/"

static void content_of(const struct icd_domain *d, char out[PROOF_MAX])
{
    snprintf(out, PROOF_MAX, "incamera-domain=%s", d->challenge);
}

static json_t *proof_json(const struct icd_domain *d)
{
    char content[PROOF_MAX], txt[ICD_DOMAIN_MAX + 32], url[ICD_DOMAIN_MAX + 80];
    content_of(d, content);
    snprintf(txt, sizeof txt, TXT_LABEL ".%s", d->name);
    snprintf(url, sizeof url, "https://%s" FILE_PATH "%s", d->name, d->challenge);
    return json_pack("{s:s, s:s, s:s, s:s}", "txt_name", txt, "txt_value", content, "url", url,
                     "content", content);
}

static json_t *domain_json(const struct icd_domain *d)
{
    json_t *o = json_pack("{s:s, s:b, s:I}", "name", d->name, "verified", d->verified_ms != 0,
                          "created", (json_int_t)(d->created_ms / 1000));
    if (o && d->verified_ms)
        json_object_set_new(o, "verified_at", json_integer((json_int_t)(d->verified_ms / 1000)));
    else if (o)
        json_object_set_new(o, "proof", proof_json(d));
    return o;
}

static void subject_of(const struct icd_domain *d, char out[ICD_WHO_MAX])
{
    snprintf(out, ICD_WHO_MAX, "domain:%s", d->name);
}

static ic_err add_domain(void *ctx, const struct icd_domain *d)
{
    return json_array_append_new(ctx, domain_json(d)) == 0 ? IC_OK : IC_ERR_NOMEM;
}

void icd_admin_domains(struct icd_admin_call *a)
{
    json_t *list = json_array();
    ic_err e = icd_accounts_domain_list(a->id, a->org, add_domain, list);
    if (e == IC_OK) {
        icd_call_json(a->c, 200, json_pack("{s:o}", "domains", list));
        return;
    }
    json_decref(list);
    icd_admin_failed(a, e, NULL, "the domains cannot be listed");
}

void icd_admin_domain_add(struct icd_admin_call *a)
{
    struct icd_domain d;
    char subject[ICD_WHO_MAX];
    json_t *o = icd_admin_body(a, "name");
    const char *name = o ? icd_admin_text(a, o, "name", 3, ICD_DOMAIN_MAX, true) : NULL;
    if (name) {
        ic_err e = icd_accounts_domain_add(a->id, a->org, ic_view_cstr(name), &d);
        bool known = e == IC_ERR_EXISTS;
        if (known) {
            e = icd_accounts_domain_get(a->id, a->org, ic_view_cstr(name), &d);
        } else if (e == IC_OK) {
            subject_of(&d, subject);
            e = icd_admin_audit(a, "domain.added", subject, NULL);
        }
        if (e == IC_OK)
            icd_call_json(a->c, known ? 200 : 201, domain_json(&d));
        else
            icd_admin_failed(a, e, "name", "this is no name of a domain, as example.org is one");
    }
    json_decref(o);
}

static bool find(struct icd_admin_call *a, struct icd_domain *out)
{
    ic_err e = icd_accounts_domain_get(a->id, a->org, ic_view_cstr(a->param), out);
    if (e != IC_OK)
        icd_admin_failed(a, e == IC_ERR_MALFORMED ? IC_ERR_NOT_FOUND : e, NULL,
                         "the organisation has no such domain");
    return e == IC_OK;
}

void icd_admin_domain_show(struct icd_admin_call *a)
{
    struct icd_domain d;
    if (find(a, &d))
        icd_call_json(a->c, 200, domain_json(&d));
}

void icd_admin_domain_remove(struct icd_admin_call *a)
{
    struct icd_domain d;
    char subject[ICD_WHO_MAX];
    if (!find(a, &d))
        return;
    subject_of(&d, subject);
    ic_err e = icd_accounts_domain_remove(a->id, a->org, ic_view_cstr(d.name));
    if (e == IC_OK)
        e = icd_admin_audit(a, "domain.removed", subject, NULL);
    if (e == IC_OK)
        icd_call_empty(a->c, 204);
    else
        icd_admin_failed(a, e, NULL, "this cannot be done");
}

/* ---- proving ---- */

struct proof {
    struct icd_admin_call call; /* as of the request; its token may have ended since */
    struct icd_domain domain;
    const struct icd_identity_config *config;
    bool by_dns, by_file;
    char dns_why[ICD_DNS_WHY], file_why[ICD_FETCH_WHY];
};

static void ask_dns(struct proof *p)
{
    char name[ICD_DOMAIN_MAX + 32], wanted[PROOF_MAX];
    IC_AUTOFREE struct icd_dns_texts *t = ic_new(struct icd_dns_texts);
    if (!t)
        return;
    content_of(&p->domain, wanted);
    snprintf(name, sizeof name, TXT_LABEL ".%s", p->domain.name);
    if (icd_dns_texts(p->config->resolver, name, t, p->dns_why) != IC_OK)
        return;
    for (size_t i = 0; i < t->count; i++)
        p->by_dns = p->by_dns ||
                    ic_view_equal(ic_view(t->text[i].bytes, t->text[i].len), ic_view_cstr(wanted));
    snprintf(p->dns_why, sizeof p->dns_why, "%zu TXT record%s of another text", t->count,
             t->count == 1 ? "" : "s");
}

static struct ic_view trimmed(struct ic_view v)
{
    while (v.len && v.p[v.len - 1] <= ' ')
        v.len--;
    return v;
}

/* Over https, so that the answer is the domain's own; a redirect is no proof. What it says is never shown:
 * this must not become a way to read others' pages. */
static void ask_file(struct proof *p)
{
    char url[ICD_DOMAIN_MAX + 80], wanted[PROOF_MAX];
    struct icd_fetched got = {0};
    struct icd_fetch f = {.url = url,
                          .max = FILE_MAX,
                          .timeout_ms = FETCH_MS,
                          .public_only = !p->config->domain_private_addresses,
                          .ca_file = p->config->domain_ca_file,
                          .resolver = p->config->resolver,
                          .connect_to = p->config->domain_connect_to};
    content_of(&p->domain, wanted);
    snprintf(url, sizeof url, "https://%s" FILE_PATH "%s", p->domain.name, p->domain.challenge);
    if (icd_fetch(&f, &got, p->file_why) != IC_OK)
        return;
    p->by_file =
        got.status == 200 && ic_view_equal(trimmed(ic_buf_view(&got.body)), ic_view_cstr(wanted));
    if (got.status != 200)
        snprintf(p->file_why, sizeof p->file_why, "the answer was %d", got.status);
    else
        snprintf(p->file_why, sizeof p->file_why, "the file has another content");
    icd_fetched_clear(&got);
}

static void prove(void *ctx)
{
    struct proof *p = ctx;
    ask_dns(p);
    if (!p->by_dns)
        ask_file(p);
}

static void not_proved(struct icd_admin_call *a, const struct proof *p)
{
    char text[700];
    snprintf(text, sizeof text, "not verified. DNS: %s. File: %s.",
             p->dns_why[0] ? p->dns_why : "no answer", p->file_why[0] ? p->file_why : "no answer");
    icd_admin_refuse(a, 409, "not-verified", NULL, text);
}

static void proved(struct icd_admin_call *a, const struct proof *p)
{
    struct icd_domain d = {0};
    char subject[ICD_WHO_MAX];
    struct ic_view name = ic_view_cstr(p->domain.name);
    ic_err e = icd_accounts_domain_get(a->id, a->org, name, &d);
    /* Removed, or added anew with another challenge, while we asked. */
    if (e == IC_OK && strcmp(d.challenge, p->domain.challenge) != 0)
        e = IC_ERR_NOT_FOUND;
    if (e == IC_OK)
        e = icd_accounts_domain_verify(a->id, a->org, name);
    if (e == IC_ERR_EXISTS) {
        icd_admin_failed(a, e, NULL, "another organisation has verified this domain");
        return;
    }
    subject_of(&p->domain, subject);
    if (e == IC_OK)
        e = icd_admin_audit(a, "domain.verified", subject,
                            json_pack("{s:s}", "by", p->by_dns ? "dns" : "file"));
    if (e == IC_OK)
        e = icd_accounts_domain_get(a->id, a->org, name, &d);
    if (e == IC_OK)
        icd_call_json(a->c, 200, domain_json(&d));
    else
        icd_admin_failed(a, e, NULL, "the organisation has no such domain");
}

static void on_proof(struct icd_identity *id, struct icd_call *c, void *ctx)
{
    struct proof *p = ctx;
    struct icd_admin_call a = p->call;
    struct icd_admin_token t;
    id->admin->verifying--;
    a.c = c;
    if (icd_admin_token_find(id, c->request.token, &t) != IC_OK)
        icd_admin_refuse(&a, 401, "denied", NULL, "the access token has ended meanwhile");
    else if (p->by_dns || p->by_file)
        proved(&a, p);
    else
        not_proved(&a, p);
    ic_free(p);
}

void icd_admin_domain_verify(struct icd_admin_call *a)
{
    struct icd_domain d;
    if (!find(a, &d))
        return;
    if (d.verified_ms) {
        icd_call_json(a->c, 200, domain_json(&d));
        return;
    }
    /* They wait for strangers, on threads that others need too. */
    struct proof *p = a->id->admin->verifying < VERIFYING_MAX ? ic_new(struct proof) : NULL;
    if (!p) {
        icd_admin_failed(a, IC_ERR_LIMIT, NULL,
                         "other domains are being looked at; try again in a moment");
        return;
    }
    p->call = *a;
    p->domain = d;
    p->config = a->id->config;
    a->id->admin->verifying++;
    ic_err e = icd_job(a->id, a->c, prove, on_proof, p);
    if (e != IC_OK) {
        a->id->admin->verifying--;
        ic_free(p);
        icd_admin_failed(a, e, NULL, "too much at once; try again in a moment");
    }
}
