/* Tables for people: columns as wide as their widest cell, in characters that a terminal shows. */
#include "admin/admin.h"
#include "base/clock.h"
#include "cli/terminal.h"
#include "cli/when.h"

#include <ic/base/mem.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

const char *icc_admin_harmless(const json_t *text, char out[1024])
{
    const char *s = json_string_value(text);
    snprintf(out, 1024, "%s", s && *s ? s : "-");
    icc_terminal_make_harmless(out);
    return out;
}

bool icc_admin_json(const struct icc_admin *a, const json_t *o)
{
    if (!a->json)
        return false;
    json_dumpf(o, stdout, JSON_COMPACT);
    putchar('\n');
    return true;
}

/* Columns on a terminal: East Asian letters take two. */
static size_t width_of(const char *s)
{
    wchar_t c;
    mbstate_t state = {0};
    size_t n = 0, used;
    while (*s && (used = mbrtowc(&c, s, strlen(s), &state)) > 0 && used < (size_t)-2) {
        int w = wcwidth(c);
        n += w > 0 ? (size_t)w : 0;
        s += used;
    }
    return n + strlen(s);
}

void icc_table_word(struct icc_table *t, const char *text)
{
    if (t->count == t->room) {
        size_t room = t->room ? 2 * t->room : 64;
        char **more = ic_realloc(t->cells, room, sizeof *more);
        if (!more)
            return;
        t->cells = more;
        t->room = room;
    }
    t->cells[t->count] = strdup(text && *text ? text : "-");
    if (t->cells[t->count])
        icc_terminal_make_harmless(t->cells[t->count++]);
}

void icc_table_text(struct icc_table *t, const json_t *text)
{
    icc_table_word(t, json_string_value(text));
}

void icc_table_time(struct icc_table *t, const json_t *seconds)
{
    char text[40] = "never";
    if (seconds)
        icc_when_print((int64_t)json_integer_value(seconds), text, sizeof text);
    icc_table_word(t, text);
}

static void print_row(const struct icc_table *t, const char *const *cells, const size_t *width)
{
    for (size_t i = 0; i < t->columns; i++) {
        bool last = i + 1 == t->columns;
        printf("%s%*s", cells[i], last ? 0 : (int)(width[i] - width_of(cells[i]) + 2), "");
    }
    putchar('\n');
}

void icc_table_print(struct icc_table *t, const char *none)
{
    enum { COLUMNS_MAX = 12 };
    size_t width[COLUMNS_MAX] = {0};
    bool bold = isatty(1) && !getenv("NO_COLOR");
    setlocale(LC_CTYPE, "C.UTF-8");
    for (size_t i = 0; i < t->columns; i++)
        width[i] = strlen(t->heads[i]);
    for (size_t i = 0; i < t->count; i++) {
        size_t w = width_of(t->cells[i]);
        if (w > width[i % t->columns])
            width[i % t->columns] = w;
    }
    if (t->count == 0) {
        puts(none);
    } else {
        fputs(bold ? "\x1b[1m" : "", stdout);
        print_row(t, t->heads, width);
        fputs(bold ? "\x1b[0m" : "", stdout);
    }
    for (size_t i = 0; i + t->columns <= t->count; i += t->columns)
        print_row(t, (const char *const *)(t->cells + i), width);
    for (size_t i = 0; i < t->count; i++)
        free(t->cells[i]);
    ic_free(t->cells);
    t->cells = NULL;
    t->count = t->room = 0;
}

/* ---- one thing, line by line ---- */

void icc_admin_line_word(const char *name, const char *value)
{
    printf("%-13s %s\n", name, value);
}

void icc_admin_line(const char *name, const json_t *value)
{
    char text[1024];
    if (json_string_length(value))
        icc_admin_line_word(name, icc_admin_harmless(value, text));
}

void icc_admin_line_time(const char *name, const json_t *seconds)
{
    char text[40];
    if (!seconds)
        return;
    icc_when_print((int64_t)json_integer_value(seconds), text, sizeof text);
    icc_admin_line_word(name, text);
}

/* ---- spans of time ---- */

static const struct {
    json_int_t s;
    char letter;
    const char *name;
} units[] = {{86400, 'd', "day"}, {3600, 'h', "hour"}, {60, 'm', "minute"}, {1, 's', "second"}};

/* In the largest unit of which there are two, or which fits exactly. */
void icc_admin_span(json_int_t seconds, char *out, size_t cap)
{
    size_t i = 0;
    while (i + 1 < IC_ARRAY_LEN(units) && seconds < 2 * units[i].s &&
           (seconds == 0 || seconds % units[i].s != 0))
        i++;
    json_int_t n = seconds / units[i].s;
    snprintf(out, cap, "%" JSON_INTEGER_FORMAT " %s%s", n, units[i].name, n == 1 ? "" : "s");
}

bool icc_admin_parse_span(const char *text, json_int_t *out)
{
    char *end;
    long long n = strtoll(text, &end, 10);
    if (end == text || n < 0 || n > 1000000000)
        return false;
    if (*end == '\0') {
        *out = n;
        return true;
    }
    for (size_t i = 0; i < IC_ARRAY_LEN(units); i++) {
        if (*end == units[i].letter && end[1] == '\0') {
            *out = n * units[i].s;
            return true;
        }
    }
    return false;
}
