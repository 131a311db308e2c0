/* incamera admin policy ..., providers ... */
#include "admin/admin.h"
#include "identity/profile.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *field, *meaning;
    bool span;
} rows[] = {
    {"passwords", "passwords", "people may sign in by password", false},
    {"guests", "guests", "meetings may admit whoever has the link", false},
    {"verified-members", "verified_members", "new meetings are for verified members only", false},
    {"oidc-links-email", "oidc_links_email", "a provider's verified e-mail links to an account",
     false},
    {"session-idle", "session_idle_s", "a session ends when it is not used for so long", true},
    {"session", "session_s", "and after so long in any case", true},
    {"invitation", "invitation_s", "how long an invitation holds", true},
    {"person-certificate", "person_certificate_s", "how long a person's certificate holds", true},
    {"device-certificate", "device_certificate_s", "how long a device's certificate holds", true},
};

static int print_policy(struct icc_admin *a, json_t *o)
{
    static const char *const heads[] = {"POLICY", "VALUE", "MEANING"};
    struct icc_table t = {.heads = heads, .columns = 3};
    char span[40];
    if (!o)
        return 1;
    if (!icc_admin_json(a, o)) {
        for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
            const json_t *v = json_object_get(o, rows[i].field);
            icc_admin_span(json_integer_value(v), span, sizeof span);
            icc_table_word(&t, rows[i].name);
            icc_table_word(&t, !rows[i].span           ? json_is_true(v) ? "yes" : "no"
                               : json_integer_value(v) ? span
                                                       : "the server's");
            icc_table_word(&t, rows[i].meaning);
        }
        icc_table_print(&t, "");
    }
    json_decref(o);
    return 0;
}

int icc_admin_policy_show(struct icc_admin *a)
{
    return print_policy(a, icc_admin_get(a, "/policy"));
}

static json_t *flag_of(const char *value)
{
    if (strcmp(value, "yes") == 0 || strcmp(value, "true") == 0 || strcmp(value, "on") == 0)
        return json_true();
    if (strcmp(value, "no") == 0 || strcmp(value, "false") == 0 || strcmp(value, "off") == 0)
        return json_false();
    return NULL;
}

/* One NAME=VALUE. False: it has told what is wrong. */
static bool take(json_t *body, const char *text)
{
    const char *value = strchr(text, '=');
    size_t n = value ? (size_t)(value - text) : strlen(text), i = 0;
    json_int_t s;
    while (i < IC_ARRAY_LEN(rows) &&
           !((strlen(rows[i].name) == n && strncmp(rows[i].name, text, n) == 0) ||
             (strlen(rows[i].field) == n && strncmp(rows[i].field, text, n) == 0)))
        i++;
    if (i == IC_ARRAY_LEN(rows)) {
        fprintf(stderr,
                "incamera: no policy is called %.*s; `incamera admin policy show` has them\n",
                (int)n, text);
        return false;
    }
    json_t *v = NULL;
    if (value && !rows[i].span)
        v = flag_of(value + 1);
    else if (value && icc_admin_parse_span(value + 1, &s))
        v = json_integer(s);
    if (!v)
        fprintf(stderr, "incamera: it is %s=%s\n", rows[i].name,
                rows[i].span ? "7d, 12h, 30m or seconds" : "yes or no");
    else
        json_object_set_new(body, rows[i].field, v);
    return v != NULL;
}

int icc_admin_policy_set(struct icc_admin *a)
{
    json_t *body = json_object();
    for (size_t i = 0; i < a->args.free_count; i++) {
        if (!take(body, a->args.free[i])) {
            json_decref(body);
            return 2;
        }
    }
    return print_policy(a, icc_admin_send(a, "PATCH", "/policy", body));
}

/* ---- sign-in providers ---- */

static void add_provider(struct icc_table *t, const json_t *p)
{
    char id[24];
    snprintf(id, sizeof id, "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(p, "id")));
    icc_table_word(t, id);
    icc_table_text(t, json_object_get(p, "name"));
    icc_table_text(t, json_object_get(p, "issuer"));
    icc_table_text(t, json_object_get(p, "client_id"));
    icc_table_word(t, json_is_true(json_object_get(p, "trust_email")) ? "yes" : "no");
}

static const char *const provider_heads[] = {"ID", "NAME", "ISSUER", "CLIENT", "E-MAIL BELIEVED"};

int icc_admin_providers_list(struct icc_admin *a)
{
    struct icc_table t = {.heads = provider_heads, .columns = 5};
    json_t *o = icc_admin_get(a, "/providers"), *p;
    size_t i;
    if (!o)
        return 1;
    if (!icc_admin_json(a, o)) {
        json_array_foreach(json_object_get(o, "providers"), i, p) add_provider(&t, p);
        icc_table_print(&t, "Nobody signs in by OpenID Connect.");
    }
    json_decref(o);
    return 0;
}

/* The first line of a file into the body. */
static bool take_secret(json_t *body, const char *path)
{
    IC_BUF_SCOPE(text, 4096);
    if (!path)
        return true;
    ic_err e = icc_file_read(path, &text);
    size_t n = 0;
    while (n < text.len && text.p[n] != '\n' && text.p[n] != '\r')
        n++;
    json_t *secret = e == IC_OK && n ? json_stringn((const char *)text.p, n) : NULL;
    ic_buf_clear_secret(&text);
    if (!secret)
        fprintf(stderr, "incamera: %s: there is no secret in its first line\n", path);
    return secret && json_object_set_new(body, "secret", secret) == 0;
}

int icc_admin_providers_add(struct icc_admin *a)
{
    struct icc_table t = {.heads = provider_heads, .columns = 5};
    json_t *body = json_pack("{s:s, s:s, s:s, s:b}", "name", a->args.free[0], "issuer",
                             a->args.free[1], "client_id", a->args.free[2], "trust_email",
                             !icc_args_has(&a->args, "--no-trust-email"));
    if (!body || !take_secret(body, icc_args_get(&a->args, "--secret-file"))) {
        json_decref(body);
        return 2;
    }
    json_t *o = icc_admin_send(a, "POST", "/providers", body);
    if (!o)
        return 1;
    if (!icc_admin_json(a, o)) {
        add_provider(&t, o);
        icc_table_print(&t, "");
    }
    json_decref(o);
    return 0;
}

int icc_admin_providers_remove(struct icc_admin *a)
{
    char path[ICC_ADMIN_PATH_MAX];
    icc_admin_path(path, "/providers/%s", a->args.free[0]);
    json_t *o = icc_admin_send(a, "DELETE", path, NULL);
    if (!o)
        return 1;
    if (!icc_admin_json(a, o))
        puts("Removed: nobody signs in by it any more.");
    json_decref(o);
    return 0;
}
