/* incamera admin audit */
#include "admin/admin.h"
#include "base/clock.h"
#include "cli/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 50 };

/* "7d" before now, or a time. False: it has told what is wrong. */
static bool take_time(struct icc_admin *a, const char *option, const char *name, char *path)
{
    const char *text = icc_args_get(&a->args, option);
    int64_t t;
    json_int_t span;
    char number[24];
    if (!text)
        return true;
    size_t n = strlen(text);
    if (n && strchr("dhms", text[n - 1]) && icc_admin_parse_span(text, &span)) {
        t = (int64_t)(icc_now_ms() / 1000) - span;
    } else if (!icc_when_parse(text, &t)) {
        fprintf(stderr,
                "incamera: %s wants a span like 7d or 12h, or a time like 2026-11-30T14:00\n",
                option);
        return false;
    }
    snprintf(number, sizeof number, "%lld", (long long)(t > 0 ? t : 0));
    icc_admin_param(path, name, number);
    return true;
}

/* {"email":"ana@example.org"} as "email ana@example.org". */
static void describe(const json_t *detail, char *out, size_t cap)
{
    const char *name;
    json_t *value;
    out[0] = '\0';
    json_object_foreach((json_t *)(uintptr_t)detail, name, value)
    {
        size_t n = strlen(out);
        char *text =
            json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        snprintf(out + n, cap - n, "%s%s %s", n ? ", " : "", name,
                 text ? text : json_string_value(value));
        free(text);
    }
}

int icc_admin_audit(struct icc_admin *a)
{
    static const char *const heads[] = {"TIME", "ACTION", "ACTOR", "SUBJECT", "DETAIL"};
    struct icc_table t = {.heads = heads, .columns = 5};
    char path[ICC_ADMIN_PATH_MAX] = "/audit", detail[600];
    long limit = ROWS;
    size_t i;
    json_t *e;
    if (!icc_args_number(&a->args, "--limit", 1, 1000000, &limit) ||
        !take_time(a, "--since", "since", path) || !take_time(a, "--until", "until", path))
        return 2;
    icc_admin_param(path, "user", icc_args_get(&a->args, "--user"));
    icc_admin_param(path, "action", icc_args_get(&a->args, "--action"));
    json_t *o = icc_admin_pages(a, path, "events", "before", (size_t)limit);
    if (!o)
        return 1;
    if (!icc_admin_json(a, o)) {
        json_array_foreach(json_object_get(o, "events"), i, e)
        {
            describe(json_object_get(e, "detail"), detail, sizeof detail);
            icc_table_time(&t, json_object_get(e, "time"));
            icc_table_text(&t, json_object_get(e, "action"));
            icc_table_text(&t, json_object_get(e, "actor"));
            icc_table_text(&t, json_object_get(e, "subject"));
            icc_table_word(&t, detail);
        }
        icc_table_print(&t, "Nothing has happened.");
    }
    json_decref(o);
    return 0;
}
