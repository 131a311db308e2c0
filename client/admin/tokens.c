/* incamera admin tokens ..., certificates ... */
#include "admin/admin.h"

#include <stdio.h>
#include <string.h>

static void join_scopes(const json_t *token, char *out, size_t cap)
{
    const json_t *scope;
    size_t i;
    char text[1024];
    out[0] = '\0';
    json_array_foreach(json_object_get(token, "scopes"), i, scope)
    {
        size_t n = strlen(out);
        snprintf(out + n, cap - n, "%s%s", i ? "," : "", icc_admin_harmless(scope, text));
    }
    if (strcmp(out, "users:read,users:write,domains,roots,policy,audit,certificates,tokens") == 0)
        snprintf(out, cap, "all");
}

int icc_admin_tokens_list(struct icc_admin *a)
{
    static const char *const heads[] = {"ID", "NAME", "USED", "ENDS", "SCOPES"};
    struct icc_table t = {.heads = heads, .columns = 5};
    json_t *o = icc_admin_get(a, "/tokens"), *one;
    char scopes[200];
    size_t i;
    if (!o)
        return 1;
    if (!icc_admin_json(a, o)) {
        json_array_foreach(json_object_get(o, "tokens"), i, one)
        {
            join_scopes(one, scopes, sizeof scopes);
            icc_table_text(&t, json_object_get(one, "id"));
            icc_table_text(&t, json_object_get(one, "name"));
            icc_table_time(&t, json_object_get(one, "used"));
            if (json_is_true(json_object_get(one, "ended")))
                icc_table_word(&t, "ended");
            else
                icc_table_time(&t, json_object_get(one, "expires"));
            icc_table_word(&t, scopes);
        }
        icc_table_print(&t, "There is no token.");
    }
    json_decref(o);
    return 0;
}

static json_t *split(const char *text)
{
    json_t *list = json_array();
    while (text && *text) {
        size_t n = strcspn(text, ", ");
        if (n)
            json_array_append_new(list, json_stringn(text, n));
        text += n + (text[n] != '\0');
    }
    return list;
}

int icc_admin_tokens_add(struct icc_admin *a)
{
    const char *expires = icc_args_get(&a->args, "--expires"),
               *scopes = icc_args_get(&a->args, "--scopes");
    json_int_t s;
    char text[1024];
    if (!scopes) {
        fputs(
            "incamera: what may it do? --scopes users:read,users:write,domains,roots,policy,audit,\n"
            "  certificates,tokens: those that are needed\n",
            stderr);
        return 2;
    }
    json_t *body = json_pack("{s:s, s:o}", "name", a->args.free[0], "scopes", split(scopes));
    if (expires && !icc_admin_parse_span(expires, &s)) {
        fputs("incamera: --expires wants a span like 30d, 12h or seconds\n", stderr);
        json_decref(body);
        return 2;
    }
    if (expires)
        json_object_set_new(body, "expires_s", json_integer(s));
    json_t *o = icc_admin_send(a, "POST", "/tokens", body);
    if (!o)
        return 1;
    if (!icc_admin_json(a, o)) {
        printf("%s\n\nIt is shown this once: the server keeps only its hash.\n",
               icc_admin_harmless(json_object_get(o, "token"), text));
        icc_admin_line("Id", json_object_get(o, "id"));
        icc_admin_line_time("Until", json_object_get(o, "expires"));
    }
    json_decref(o);
    return 0;
}

int icc_admin_tokens_revoke(struct icc_admin *a)
{
    char path[ICC_ADMIN_PATH_MAX];
    icc_admin_path(path, "/tokens/%s", a->args.free[0]);
    json_t *o = icc_admin_send(a, "DELETE", path, NULL);
    if (!o)
        return 1;
    if (!icc_admin_json(a, o))
        puts("Revoked: it has ended.");
    json_decref(o);
    return 0;
}

/* ---- certificates ---- */

int icc_admin_certificates_list(struct icc_admin *a)
{
    static const char *const heads[] = {"SERIAL", "KIND", "FOR", "UNTIL", "STATE"};
    struct icc_table t = {.heads = heads, .columns = 5};
    char path[ICC_ADMIN_PATH_MAX] = "/certificates", reason[1024], state[1100];
    long limit = 0;
    size_t i;
    json_t *c;
    if (!icc_args_number(&a->args, "--limit", 1, 1000000, &limit))
        return 2;
    icc_admin_param(path, "user", icc_args_get(&a->args, "--user"));
    json_t *o = icc_admin_pages(a, path, "certificates", "before", (size_t)limit);
    if (!o)
        return 1;
    if (!icc_admin_json(a, o)) {
        json_array_foreach(json_object_get(o, "certificates"), i, c)
        {
            icc_table_text(&t, json_object_get(c, "serial"));
            icc_table_text(&t, json_object_get(c, "kind"));
            icc_table_text(&t, json_object_get(c, "name"));
            icc_table_time(&t, json_object_get(c, "not_after"));
            snprintf(state, sizeof state, "revoked: %s",
                     icc_admin_harmless(json_object_get(c, "reason"), reason));
            icc_table_word(&t, json_is_true(json_object_get(c, "revoked")) ? state : "good");
        }
        icc_table_print(&t, "The internal authority has issued nothing yet.");
    }
    json_decref(o);
    return 0;
}

int icc_admin_certificates_revoke(struct icc_admin *a)
{
    const char *reason = icc_args_get(&a->args, "--reason");
    char path[ICC_ADMIN_PATH_MAX], text[1024];
    json_t *body = reason ? json_pack("{s:s}", "reason", reason) : json_object();
    icc_admin_path(path, "/certificates/%s/revoke", a->args.free[0]);
    json_t *o = icc_admin_send(a, "POST", path, body);
    if (!o)
        return 1;
    if (!icc_admin_json(a, o)) {
        icc_admin_line("revoked", json_object_get(o, "serial"));
        icc_admin_line("for", json_object_get(o, "name"));
        icc_admin_line_word("reason", icc_admin_harmless(json_object_get(o, "reason"), text));
    }
    json_decref(o);
    return 0;
}
