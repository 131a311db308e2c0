/* incamera admin users ... */
#include "admin/admin.h"
#include "base/ask.h"

#include <stdio.h>
#include <string.h>

static int print_user(struct icc_admin *a, json_t *u)
{
    if (!u)
        return 1;
    if (!icc_admin_json(a, u)) {
        json_t *invitation = json_object_get(u, "invitation");
        icc_admin_line("e-mail", json_object_get(u, "email"));
        icc_admin_line("name", json_object_get(u, "name"));
        icc_admin_line("state", json_object_get(u, "state"));
        icc_admin_line("id", json_object_get(u, "id"));
        icc_admin_line_word("password",
                            json_is_true(json_object_get(u, "password")) ? "yes" : "no");
        icc_admin_line_time("created", json_object_get(u, "created"));
        icc_admin_line_time("signed in", json_object_get(u, "signed_in"));
        if (invitation) {
            icc_admin_line("invitation", json_object_get(invitation, "url"));
            icc_admin_line_time("  until", json_object_get(invitation, "expires"));
        }
    }
    json_decref(u);
    return 0;
}

static long limit_of(struct icc_admin *a)
{
    long n = 0;
    return icc_args_number(&a->args, "--limit", 1, 1000000, &n) ? n : -1;
}

int icc_admin_users_list(struct icc_admin *a)
{
    static const char *const heads[] = {"E-MAIL", "NAME", "STATE", "SIGNED IN"};
    struct icc_table t = {.heads = heads, .columns = 4};
    long limit = limit_of(a);
    json_t *o = limit < 0 ? NULL : icc_admin_pages(a, "/users", "users", "after", (size_t)limit),
           *u;
    size_t i;
    if (!o)
        return limit < 0 ? 2 : 1;
    if (!icc_admin_json(a, o)) {
        json_array_foreach(json_object_get(o, "users"), i, u)
        {
            icc_table_text(&t, json_object_get(u, "email"));
            icc_table_text(&t, json_object_get(u, "name"));
            icc_table_text(&t, json_object_get(u, "state"));
            icc_table_time(&t, json_object_get(u, "signed_in"));
        }
        icc_table_print(&t, "There is nobody yet: `incamera admin users add EMAIL NAME`.");
    }
    json_decref(o);
    return 0;
}

int icc_admin_users_add(struct icc_admin *a)
{
    const char *name = a->args.free_count > 1 ? a->args.free[1] : icc_args_get(&a->args, "--name");
    if (!name) {
        fputs("incamera: it is: incamera admin users add EMAIL NAME [--invite]\n", stderr);
        return 2;
    }
    json_t *body = json_pack("{s:s, s:s, s:b}", "email", a->args.free[0], "name", name, "invite",
                             (int)icc_args_has(&a->args, "--invite"));
    if (!body) {
        fputs("incamera: the name is no UTF-8 text\n", stderr);
        return 2;
    }
    return print_user(a, icc_admin_send(a, "POST", "/users", body));
}

int icc_admin_users_show(struct icc_admin *a)
{
    char path[ICC_ADMIN_PATH_MAX];
    icc_admin_path(path, "/users/%s", a->args.free[0]);
    return print_user(a, icc_admin_get(a, path));
}

int icc_admin_users_rename(struct icc_admin *a)
{
    char path[ICC_ADMIN_PATH_MAX];
    json_t *body = json_pack("{s:s}", "name", a->args.free[1]);
    if (!body) {
        fputs("incamera: the name is no UTF-8 text\n", stderr);
        return 2;
    }
    icc_admin_path(path, "/users/%s", a->args.free[0]);
    return print_user(a, icc_admin_send(a, "PATCH", path, body));
}

int icc_admin_users_resume(struct icc_admin *a)
{
    char path[ICC_ADMIN_PATH_MAX];
    icc_admin_path(path, "/users/%s/resume", a->args.free[0]);
    return print_user(a, icc_admin_send(a, "POST", path, NULL));
}

int icc_admin_users_suspend(struct icc_admin *a)
{
    char path[ICC_ADMIN_PATH_MAX], email[1024];
    icc_admin_path(path, "/users/%s/suspend", a->args.free[0]);
    json_t *o = icc_admin_send(a, "POST", path, NULL);
    if (!o)
        return 1;
    if (!icc_admin_json(a, o)) {
        json_int_t sessions = json_integer_value(json_object_get(o, "sessions_ended"));
        json_int_t certificates = json_integer_value(json_object_get(o, "certificates_revoked"));
        printf("%s is suspended: %" JSON_INTEGER_FORMAT " session%s ended, %" JSON_INTEGER_FORMAT
               " certificate%s revoked.\n",
               icc_admin_harmless(json_object_get(json_object_get(o, "user"), "email"), email),
               sessions, sessions == 1 ? "" : "s", certificates, certificates == 1 ? "" : "s");
    }
    json_decref(o);
    return 0;
}

int icc_admin_users_delete(struct icc_admin *a)
{
    char path[ICC_ADMIN_PATH_MAX], question[400];
    snprintf(question, sizeof question, "Delete %.250s for good? [y/N] ", a->args.free[0]);
    if (!icc_args_has(&a->args, "--yes") && !icc_ask_yes(question)) {
        fputs("incamera: nothing was deleted; --yes does it without a question\n", stderr);
        return 1;
    }
    icc_admin_path(path, "/users/%s", a->args.free[0]);
    json_t *o = icc_admin_send(a, "DELETE", path, NULL);
    if (!o)
        return 1;
    if (!icc_admin_json(a, o))
        puts("Deleted. Sessions are ended, certificates revoked; the audit log stays.");
    json_decref(o);
    return 0;
}

int icc_admin_users_invite(struct icc_admin *a)
{
    char path[ICC_ADMIN_PATH_MAX], url[1024];
    icc_admin_path(path, "/users/%s/invitation", a->args.free[0]);
    json_t *o = icc_admin_send(a, "POST", path, NULL);
    if (!o)
        return 1;
    if (!icc_admin_json(a, o)) {
        printf("%s\n\nGood once; hand it to this person alone.\n",
               icc_admin_harmless(json_object_get(o, "url"), url));
        icc_admin_line_time("Until", json_object_get(o, "expires"));
    }
    json_decref(o);
    return 0;
}
