/* incamera admin users import | export: CSV goes in some hundred rows at a time, so that others are served between. */
#include "admin/admin.h"
#include "identity/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

enum { ROWS_AT_ONCE = 500, BYTES_AT_ONCE = 128 << 10, ROWS_MAX = 10000, FILE_MAX = 16 << 20 };

struct import {
    struct icc_admin *a;
    struct ic_view head; /* the first line */
    struct ic_view rest;
    size_t line; /* of rest, from 1 */
    size_t rows;
    json_t *all; /* the answers as one */
};

/* The line with its end. */
static struct ic_view first_line(struct ic_view v)
{
    const uint8_t *end = v.len ? memchr(v.p, '\n', v.len) : NULL;
    return ic_view(v.p, end ? (size_t)(end - v.p) + 1 : v.len);
}

static void skip(struct import *im, size_t n)
{
    im->rest = ic_view_sub(im->rest, n, im->rest.len - n);
}

/* Line numbers count in the file, not in the piece that was sent. */
static void merge(struct import *im, json_t *answer, size_t before)
{
    static const char *const sums[] = {"created", "renamed", "unchanged", "failed"};
    json_t *rows = json_object_get(im->all, "rows"), *row;
    size_t i;
    for (i = 0; i < IC_ARRAY_LEN(sums); i++) {
        json_int_t sum = json_integer_value(json_object_get(im->all, sums[i])) +
                         json_integer_value(json_object_get(answer, sums[i]));
        json_object_set_new(im->all, sums[i], json_integer(sum));
    }
    json_array_foreach(json_object_get(answer, "rows"), i, row)
    {
        json_int_t line = json_integer_value(json_object_get(row, "line"));
        json_object_set_new(row, "line", json_integer(line + (json_int_t)before));
        json_array_append(rows, row);
    }
}

static bool send_some(struct import *im)
{
    IC_BUF_SCOPE(body, 2 * BYTES_AT_ONCE);
    char path[ICC_ADMIN_PATH_MAX] = "/users/import";
    size_t lines = 0, before = im->line - 2;
    ic_err e = ic_buf_append(&body, im->head);
    while (e == IC_OK && im->rest.len && lines < ROWS_AT_ONCE) {
        struct ic_view line = first_line(im->rest);
        if (lines && body.len + line.len > BYTES_AT_ONCE)
            break;
        e = ic_buf_append(&body, line);
        skip(im, line.len);
        lines++;
    }
    im->line += lines;
    if (e != IC_OK) {
        fprintf(stderr, "incamera: line %zu is too long\n", im->line - 1);
        return false;
    }
    if (icc_args_has(&im->a->args, "--dry-run"))
        icc_admin_param(path, "dry_run", "true");
    if (icc_args_has(&im->a->args, "--no-invite"))
        icc_admin_param(path, "invite", "false");
    json_t *answer = icc_admin_csv(im->a, path, ic_buf_view(&body));
    if (!answer)
        return false;
    merge(im, answer, before);
    json_decref(answer);
    return true;
}

/* ---- what came of it ---- */

static void print_failures(const json_t *rows)
{
    static const char *const heads[] = {"LINE", "E-MAIL", "FIELD", "WHAT IS WRONG"};
    struct icc_table t = {.heads = heads, .columns = 4};
    const json_t *row;
    size_t i;
    char line[24];
    json_array_foreach(rows, i, row)
    {
        const char *result = json_string_value(json_object_get(row, "result"));
        if (!result || strcmp(result, "failed") != 0)
            continue;
        snprintf(line, sizeof line, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(json_object_get(row, "line")));
        icc_table_word(&t, line);
        icc_table_text(&t, json_object_get(row, "email"));
        icc_table_text(&t, json_object_get(row, "field"));
        icc_table_text(&t, json_object_get(row, "text"));
    }
    if (t.count) {
        icc_table_print(&t, "");
        puts("");
    }
}

/* E-mail and invitation: with commas and quotes in neither, whatever the server sends. */
static bool is_plain(const char *s)
{
    return s && *s && !strpbrk(s, "\",\r\n") && !strchr("=+-@", *s);
}

static bool write_invitations(const struct import *im, FILE *f)
{
    const json_t *row;
    size_t i;
    bool ok = fputs("email,invitation\r\n", f) >= 0;
    json_array_foreach(json_object_get(im->all, "rows"), i, row)
    {
        const char *email = json_string_value(json_object_get(row, "email"));
        const char *url =
            json_string_value(json_object_get(json_object_get(row, "invitation"), "url"));
        if (is_plain(email) && is_plain(url))
            ok = ok && fprintf(f, "%s,%s\r\n", email, url) > 0;
    }
    return ok;
}

static bool keep_invitations(const struct import *im, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    bool ok = f && write_invitations(im, f);
    if ((f && fclose(f) != 0) || !ok) {
        fprintf(stderr, "incamera: %s cannot be written: %s\n", path, strerror(errno));
        return false;
    }
    return true;
}

static void print_invitations(const json_t *rows)
{
    static const char *const heads[] = {"E-MAIL", "INVITATION"};
    struct icc_table t = {.heads = heads, .columns = 2};
    const json_t *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        const json_t *invitation = json_object_get(row, "invitation");
        if (!invitation)
            continue;
        icc_table_text(&t, json_object_get(row, "email"));
        icc_table_text(&t, json_object_get(invitation, "url"));
    }
    if (t.count) {
        icc_table_print(&t, "");
        puts("");
    }
}

static json_int_t count_of(const struct import *im, const char *what)
{
    return json_integer_value(json_object_get(im->all, what));
}

static int show(struct import *im)
{
    const char *output = icc_args_get(&im->a->args, "--output");
    const json_t *rows = json_object_get(im->all, "rows");
    bool dry = icc_args_has(&im->a->args, "--dry-run"), kept = true;
    if (output && !dry)
        kept = keep_invitations(im, output);
    if (!icc_admin_json(im->a, im->all)) {
        if (!output)
            print_invitations(rows);
        print_failures(rows);
        printf("%s%" JSON_INTEGER_FORMAT " new, %" JSON_INTEGER_FORMAT
               " renamed, %" JSON_INTEGER_FORMAT " as they were, %" JSON_INTEGER_FORMAT " wrong.\n",
               dry ? "Nothing was changed. It would be: " : "", count_of(im, "created"),
               count_of(im, "renamed"), count_of(im, "unchanged"), count_of(im, "failed"));
    }
    return kept && count_of(im, "failed") == 0 ? 0 : 1;
}

static size_t count_lines(struct ic_view v)
{
    size_t n = 0;
    for (size_t i = 0; i < v.len; i++)
        n += v.p[i] == '\n' || i + 1 == v.len;
    return n;
}

int icc_admin_users_import(struct icc_admin *a)
{
    struct import im = {.a = a, .line = 2};
    IC_BUF_SCOPE(file, FILE_MAX);
    ic_err e = icc_file_read(a->args.free[0], &file);
    if (e != IC_OK) {
        fprintf(stderr, "incamera: %s: %s\n", a->args.free[0], ic_err_text(e));
        return 2;
    }
    im.rest = ic_buf_view(&file);
    im.head = first_line(im.rest);
    skip(&im, im.head.len);
    if (im.head.len == 0) {
        fprintf(stderr, "incamera: %s is empty; its first row names the columns: email,name\n",
                a->args.free[0]);
        return 2;
    }
    if (count_lines(im.rest) > ROWS_MAX) {
        fprintf(stderr, "incamera: %s has %zu rows; 10,000 are the most at once\n", a->args.free[0],
                count_lines(im.rest));
        return 2;
    }
    im.all = json_pack("{s:b, s:i, s:i, s:i, s:i, s:[]}", "dry_run",
                       (int)icc_args_has(&a->args, "--dry-run"), "created", 0, "renamed", 0,
                       "unchanged", 0, "failed", 0, "rows");
    bool ok = send_some(&im);
    while (ok && im.rest.len)
        ok = send_some(&im);
    /* What was done before a failure is told too: its invitations are good. */
    int status = ok || json_array_size(json_object_get(im.all, "rows")) ? show(&im) : 1;
    json_decref(im.all);
    return ok ? status : 1;
}

int icc_admin_users_export(struct icc_admin *a)
{
    const char *path = a->args.free_count ? a->args.free[0] : NULL;
    IC_BUF_SCOPE(text, FILE_MAX);
    if (!icc_admin_text(a, "/users/export", &text))
        return 1;
    FILE *f = path ? fopen(path, "we") : stdout;
    bool ok = f && fwrite(text.p, 1, text.len, f) == text.len;
    if (f && path)
        ok = fclose(f) == 0 && ok;
    if (!ok)
        fprintf(stderr, "incamera: %s cannot be written: %s\n", path ? path : "standard output",
                strerror(errno));
    return ok ? 0 : 1;
}
