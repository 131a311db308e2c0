/* `incamera admin`: what its commands share. Each command asks the identity service (docs/api/admin.openapi.yaml) and
 * prints a table for people, or with --json the answer itself.
 *
 *     json_t *users = icc_admin_get(a, "/users?limit=100");     // NULL: it has told why
 *     if (!users) return 1;
 *     if (icc_admin_json(a, users)) return 0;                   // --json: printed, and done
 *     struct icc_table t = {.heads = heads, .columns = 3};
 *     icc_table_text(&t, json_object_get(u, "name"));           // a cell; a row is full by its columns
 *     icc_table_print(&t);
 */
#ifndef ICC_ADMIN_ADMIN_H
#define ICC_ADMIN_ADMIN_H

#include "cli/args.h"

#include <ic/meeting/link.h>
#include <jansson.h>
#include <uv.h>

enum { ICC_ADMIN_TOKEN_MAX = 128, ICC_ADMIN_PATH_MAX = 1024 };

struct icc_net;

struct icc_admin {
    struct icc_args args; /* free[0] is the first behind the command's two words */
    bool json;
    struct ic_meeting_url server;
    char url[1024];                  /* the same, as it was given */
    char token[ICC_ADMIN_TOKEN_MAX]; /* wiped at the end */
    uv_loop_t loop;
    struct icc_net *net;
};

/* ---- who is asked ---- */
/* From --url and --token, else the environment, else what login stored. False: it has told what is missing. */
bool icc_admin_connect(struct icc_admin *a);
void icc_admin_close(struct icc_admin *a);
/* Keeps server and token for the next commands, in the profile. */
ic_err icc_admin_remember(const char *server, const char *token);
ic_err icc_admin_forget(void);

/* ---- asking ---- */
/* The answer as an object (empty for 204), NULL: it has told why. path: behind /api/v1/admin. body: taken. */
json_t *icc_admin_get(struct icc_admin *a, const char *path);
json_t *icc_admin_send(struct icc_admin *a, const char *method, const char *path, json_t *body);
json_t *icc_admin_csv(struct icc_admin *a, const char *path, struct ic_view text);
/* Appends an answer that is no JSON. False: it has told why. */
bool icc_admin_text(struct icc_admin *a, const char *path, struct ic_buf *out);
/* All pages of a list: `name` holds its rows, `cursor` is the parameter that takes `next`. path may have parameters. max 0: all
 * of them. NULL: it has told why. */
json_t *icc_admin_pages(struct icc_admin *a, const char *path, const char *name, const char *cursor,
                        size_t max);
/* format has %s for parts that come from people: each is percent-encoded. out: ICC_ADMIN_PATH_MAX. */
void icc_admin_path(char *out, const char *format, const char *part);
/* Adds "?name=value" or "&name=value", encoded, where value is given. */
void icc_admin_param(char *path, const char *name, const char *value);

/* ---- showing ---- */
/* With --json: prints the object and is true. */
bool icc_admin_json(const struct icc_admin *a, const json_t *o);

struct icc_table {
    const char *const *heads;
    size_t columns;
    char **cells; /* owned */
    size_t count, room;
};
/* A cell: harmless on a terminal; "-" for what is missing or empty. */
void icc_table_text(struct icc_table *t, const json_t *text);
void icc_table_word(struct icc_table *t, const char *text);
/* Unix seconds, local; "never" where it is missing. */
void icc_table_time(struct icc_table *t, const json_t *seconds);
/* Prints with columns as wide as needed, bold heads on a terminal, `none` where there is no row; and clears it. */
void icc_table_print(struct icc_table *t, const char *none);
/* "NAME   value": lines about one thing. */
void icc_admin_line(const char *name, const json_t *value);
void icc_admin_line_word(const char *name, const char *value);
void icc_admin_line_time(const char *name, const json_t *seconds);
/* A text of the server's, harmless; out: 1024 bytes. */
const char *icc_admin_harmless(const json_t *text, char out[1024]);
/* "7 days", "12 hours", "90 seconds". */
void icc_admin_span(json_int_t seconds, char *out, size_t cap);
/* "7d", "12h", "30m", "45s" or seconds. False: neither. */
bool icc_admin_parse_span(const char *text, json_int_t *out);

/* ---- the commands: each returns the exit status ---- */
typedef int icc_admin_fn(struct icc_admin *a);
icc_admin_fn icc_admin_users_list, icc_admin_users_add, icc_admin_users_show,
    icc_admin_users_rename, icc_admin_users_suspend, icc_admin_users_resume, icc_admin_users_delete,
    icc_admin_users_invite, icc_admin_users_import, icc_admin_users_export;
icc_admin_fn icc_admin_domains_list, icc_admin_domains_add, icc_admin_domains_verify,
    icc_admin_domains_remove;
icc_admin_fn icc_admin_roots_list, icc_admin_roots_add, icc_admin_roots_remove;
icc_admin_fn icc_admin_policy_show, icc_admin_policy_set;
icc_admin_fn icc_admin_providers_list, icc_admin_providers_add, icc_admin_providers_remove;
icc_admin_fn icc_admin_tokens_list, icc_admin_tokens_add, icc_admin_tokens_revoke;
icc_admin_fn icc_admin_audit, icc_admin_certificates_list, icc_admin_certificates_revoke;
icc_admin_fn icc_admin_login, icc_admin_logout;

#endif
