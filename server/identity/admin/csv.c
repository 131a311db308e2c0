#include "identity/admin/csv.h"

#include <string.h>

void icd_csv_init(struct icd_csv *c, struct ic_view text)
{
    memset(c, 0, sizeof *c);
    if (text.len >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
        text = ic_view_sub(text, 3, text.len - 3);
    c->rest = text;
    c->next_line = 1;
    ic_buf_init(&c->room, ICD_CSV_ROW_MAX);
}

void icd_csv_clear(struct icd_csv *c)
{
    ic_buf_clear(&c->room);
}

static void skip(struct icd_csv *c, size_t n)
{
    c->rest = ic_view_sub(c->rest, n, c->rest.len - n);
}

static bool at_end_of_line(const struct icd_csv *c)
{
    struct ic_view r = c->rest;
    return r.len == 0 || r.p[0] == '\n' || (r.len >= 2 && r.p[0] == '\r' && r.p[1] == '\n');
}

static void skip_end_of_line(struct icd_csv *c)
{
    if (c->rest.len == 0)
        return;
    skip(c, c->rest.p[0] == '\r' ? 2 : 1);
    c->next_line++;
}

/* After an error: to where the next line begins, whatever quotes are open. */
static ic_err give_up(struct icd_csv *c, ic_err e, const char *why)
{
    while (c->rest.len && c->rest.p[0] != '\n')
        skip(c, 1);
    skip_end_of_line(c);
    c->why = why;
    c->count = 0;
    return e;
}

enum { QUOTED_MAX = 2 * ICD_CSV_FIELD_MAX + 1 };

/* How many bytes of a quoted field stand before its closing quote; v.len where none closes. Looks no further than a
 * field may be long: a file of open quotes costs no more than another. */
static size_t quoted_len(struct ic_view v)
{
    for (size_t i = 0; i < v.len && i <= QUOTED_MAX; i++) {
        if (v.p[i] != '"')
            continue;
        if (i + 1 >= v.len || v.p[i + 1] != '"')
            return i;
        i++;
    }
    return v.len < QUOTED_MAX ? v.len : QUOTED_MAX;
}

/* One that fits is copied without the doubled quotes. Offsets, because room may move. */
static ic_err take_quoted(struct icd_csv *c, size_t *from, size_t *len)
{
    struct ic_view inside = ic_view_sub(c->rest, 1, c->rest.len - 1);
    size_t n = quoted_len(inside), at = c->room.len, lines = 0;
    if (n >= QUOTED_MAX)
        return give_up(c, IC_ERR_LIMIT, "a field is longer than 1024 bytes");
    if (n == inside.len)
        return give_up(c, IC_ERR_MALFORMED, "a quote is open until the end of the file");
    for (size_t i = 0; i < n; i++) {
        ic_err e = ic_buf_append(&c->room, ic_view(inside.p + i, 1));
        if (e == IC_ERR_LIMIT)
            return give_up(c, e, "the row is longer than 4096 bytes");
        IC_TRY(e);
        lines += inside.p[i] == '\n';
        i += inside.p[i] == '"';
    }
    skip(c, n + 2);
    c->next_line += lines;
    if (!at_end_of_line(c) && c->rest.p[0] != ',')
        return give_up(c, IC_ERR_MALFORMED, "something stands behind a closing quote");
    *from = at;
    *len = c->room.len - at;
    return IC_OK;
}

static ic_err take_plain(struct icd_csv *c, struct ic_view *out)
{
    struct ic_view all = c->rest;
    size_t n = 0;
    while (!at_end_of_line(c) && c->rest.p[0] != ',') {
        if (c->rest.p[0] == '"')
            return give_up(c, IC_ERR_MALFORMED,
                           "a quote stands inside a field that does not begin with one");
        skip(c, 1);
        n++;
    }
    *out = ic_view_sub(all, 0, n);
    return IC_OK;
}

static ic_err check_fields(struct icd_csv *c)
{
    for (size_t i = 0; i < c->count; i++) {
        c->why = "a field is longer than 1024 bytes";
        if (c->field[i].len > ICD_CSV_FIELD_MAX) {
            c->count = 0;
            return IC_ERR_LIMIT;
        }
        c->why = "a field is no UTF-8 text, or has control characters in it";
        if (!ic_view_is_text(c->field[i])) {
            c->count = 0;
            return IC_ERR_MALFORMED;
        }
    }
    c->why = NULL;
    return IC_OK;
}

static ic_err take_row(struct icd_csv *c)
{
    size_t from[ICD_CSV_FIELDS_MAX], len[ICD_CSV_FIELDS_MAX], n = 0;
    bool quoted[ICD_CSV_FIELDS_MAX];
    do {
        if (n == ICD_CSV_FIELDS_MAX)
            return give_up(c, IC_ERR_LIMIT, "the row has more than 16 fields");
        if (n)
            skip(c, 1);
        quoted[n] = c->rest.len && c->rest.p[0] == '"';
        if (quoted[n])
            IC_TRY(take_quoted(c, &from[n], &len[n]));
        else
            IC_TRY(take_plain(c, &c->field[n]));
        n++;
    } while (!at_end_of_line(c));
    skip_end_of_line(c);
    for (size_t i = 0; i < n; i++)
        if (quoted[i])
            c->field[i] = ic_view_sub(ic_buf_view(&c->room), from[i], len[i]);
    c->count = n;
    return check_fields(c);
}

ic_err icd_csv_next(struct icd_csv *c)
{
    ic_buf_reset(&c->room);
    c->count = 0;
    c->why = NULL;
    while (c->rest.len && at_end_of_line(c))
        skip_end_of_line(c);
    c->line = c->next_line;
    return c->rest.len ? take_row(c) : IC_ERR_AGAIN;
}

ic_err icd_csv_write(struct ic_buf *out, struct ic_view field, bool first)
{
    bool formula = field.len && memchr("=+-@\t\r\n", field.p[0], 7), quotes = formula;
    for (size_t i = 0; i < field.len; i++)
        quotes = quotes || memchr("\",\r\n", field.p[i], 4);
    if (!first)
        IC_TRY(ic_buf_append(out, IC_VIEW_STR(",")));
    if (!quotes)
        return ic_buf_append(out, field);
    IC_TRY(ic_buf_append(out, formula ? IC_VIEW_STR("\"'") : IC_VIEW_STR("\"")));
    for (size_t i = 0; i < field.len; i++) {
        if (field.p[i] == '"')
            IC_TRY(ic_buf_append(out, IC_VIEW_STR("\"")));
        IC_TRY(ic_buf_append(out, ic_view(field.p + i, 1)));
    }
    return ic_buf_append(out, IC_VIEW_STR("\""));
}

ic_err icd_csv_end_row(struct ic_buf *out)
{
    return ic_buf_append(out, IC_VIEW_STR("\r\n"));
}
