#include "invite.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 2000, CSV_MAX = 256 << 10, LINE_MAX_ = 160 };

struct batch {
    struct load_people *people;
    size_t first, count;
    int status;
    char text[160];
};

/* Line 1 names the columns, so person `first` is of line 2. */
static void take_row(struct batch *b, const json_t *row)
{
    json_int_t line = json_integer_value(json_object_get(row, "line"));
    const char *token =
        json_string_value(json_object_get(json_object_get(row, "invitation"), "token"));
    if (token && line >= 2 && (size_t)line - 2 < b->count) {
        struct load_person *p = &b->people->list[b->first + (size_t)line - 2];
        snprintf(p->session, sizeof p->session, "%s", token);
    }
}

static void on_import(void *ctx, const struct load_answer *a)
{
    struct batch *b = ctx;
    size_t i;
    json_t *o = json_loadb((const char *)a->body.p, a->body.len, 0, NULL), *row;
    b->status = a->status;
    snprintf(b->text, sizeof b->text, "%.*s", (int)a->body.len, (const char *)a->body.p);
    json_array_foreach(json_object_get(o, "rows"), i, row) take_row(b, row);
    json_decref(o);
}

static ic_err import(struct load_http *h, const char *admin, struct batch *b, char *csv)
{
    size_t n = (size_t)sprintf(csv, "email,name\n");
    for (size_t i = 0; i < b->count; i++) {
        const struct load_person *p = &b->people->list[b->first + i];
        n += (size_t)snprintf(csv + n, LINE_MAX_, "%s,%s\n", p->email, p->name);
    }
    IC_TRY(load_http_ask(h, &(struct load_ask){.method = "POST",
                                               .url = "/api/v1/admin/users/import?invite=true",
                                               .token = admin,
                                               .type = "text/csv",
                                               .body = ic_view(csv, n),
                                               .done = on_import,
                                               .ctx = b}));
    load_http_run(h);
    return b->status == 200 ? IC_OK : IC_ERR_DENIED;
}

ic_err load_invite(struct load_http *h, const char *admin, struct load_people *people, char *why)
{
    char *csv = malloc(CSV_MAX + LINE_MAX_);
    ic_err e = csv ? IC_OK : IC_ERR_NOMEM;
    for (size_t at = 0; e == IC_OK && at < people->count; at += AT_ONCE) {
        size_t left = people->count - at;
        struct batch b = {.people = people, .first = at, .count = left < AT_ONCE ? left : AT_ONCE};
        e = import(h, admin, &b, csv);
        for (size_t i = 0; e == IC_OK && i < b.count; i++)
            if (!people->list[at + i].session[0])
                e = IC_ERR_DENIED;
        if (e != IC_OK)
            snprintf(why, 256, "users cannot be made: status %d, %s", b.status, b.text);
    }
    free(csv);
    return e;
}
