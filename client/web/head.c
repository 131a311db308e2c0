#include "web/head.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

enum { LINES_MAX = 100 };

static bool same_word(struct ic_view a, const char *b)
{
    size_t n = strlen(b);
    bool same = a.len == n;
    for (size_t i = 0; same && i < n; i++)
        same = (a.p[i] | ((a.p[i] >= 'A' && a.p[i] <= 'Z') ? 0x20 : 0)) == (uint8_t)b[i];
    return same;
}

/* The bytes up to the next CRLF, which is taken away too. No control character may stand there. */
static bool take_line(struct ic_view *rest, struct ic_view *line)
{
    for (size_t i = 0; i + 1 < rest->len; i++) {
        if (rest->p[i] == '\r' && rest->p[i + 1] == '\n') {
            *line = ic_view_sub(*rest, 0, i);
            *rest = ic_view_sub(*rest, i + 2, rest->len - i - 2);
            return true;
        }
        if ((rest->p[i] < ' ' && rest->p[i] != '\t') || rest->p[i] == 0x7f)
            return false;
    }
    return false;
}

static struct ic_view trimmed(struct ic_view v)
{
    while (v.len && (v.p[0] == ' ' || v.p[0] == '\t'))
        v = ic_view_sub(v, 1, v.len - 1);
    while (v.len && (v.p[v.len - 1] == ' ' || v.p[v.len - 1] == '\t'))
        v = ic_view_sub(v, 0, v.len - 1);
    return v;
}

static bool split(struct ic_view line, struct ic_view *name, struct ic_view *value)
{
    const uint8_t *colon = memchr(line.p, ':', line.len);
    if (!colon || colon == line.p)
        return false;
    size_t n = (size_t)(colon - line.p);
    *name = ic_view_sub(line, 0, n);
    *value = trimmed(ic_view_sub(line, n + 1, line.len - n - 1));
    return !memchr(name->p, ' ', n) && !memchr(name->p, '\t', n); /* RFC 9112 section 5.1 */
}

static bool request_line(struct ic_view line, struct icc_head *h)
{
    static const char version[] = " HTTP/1.1";
    size_t n = sizeof version - 1;
    const uint8_t *space = memchr(line.p, ' ', line.len);
    if (!space || line.len < n || memcmp(line.p + line.len - n, version, n) != 0)
        return false;
    size_t at = (size_t)(space - line.p) + 1;
    if (at == 1 || line.len < at + n + 1 || line.p[at] != '/')
        return false;
    h->method = ic_view_sub(line, 0, at - 1);
    h->target = ic_view_sub(line, at, line.len - at - n);
    const uint8_t *query = memchr(h->target.p, '?', h->target.len);
    h->path = query ? ic_view_sub(h->target, 0, (size_t)(query - h->target.p)) : h->target;
    return !memchr(h->target.p, ' ', h->target.len);
}

static void keep(struct icc_head *h, struct ic_view name, struct ic_view value)
{
    if (same_word(name, "host"))
        h->host = value;
    else if (same_word(name, "origin"))
        h->origin = value;
    else if (same_word(name, "sec-fetch-site"))
        h->fetch_site = value;
    else if (same_word(name, "accept-encoding"))
        h->accept_encoding = value;
    else if (same_word(name, "if-none-match"))
        h->if_none_match = value;
    else if (same_word(name, "upgrade"))
        h->upgrade = same_word(value, "websocket");
}

static size_t length_of(struct ic_view bytes)
{
    for (size_t i = 0; i + 4 <= bytes.len; i++)
        if (memcmp(bytes.p + i, "\r\n\r\n", 4) == 0)
            return i + 4;
    return 0;
}

ic_err icc_head_parse(struct ic_view bytes, struct icc_head *out)
{
    size_t n = length_of(bytes);
    if (n == 0)
        return bytes.len >= ICC_HEAD_MAX ? IC_ERR_LIMIT : IC_ERR_TRUNCATED;
    if (n > ICC_HEAD_MAX)
        return IC_ERR_LIMIT;
    struct icc_head h = {.bytes = ic_view_sub(bytes, 0, n)};
    struct ic_view rest = h.bytes, line, name, value;
    if (!take_line(&rest, &line) || !request_line(line, &h))
        return IC_ERR_MALFORMED;
    for (size_t i = 0; take_line(&rest, &line); i++) {
        if (line.len == 0) {
            *out = h;
            return IC_OK;
        }
        if (i == LINES_MAX)
            return IC_ERR_LIMIT;
        if (!split(line, &name, &value))
            return IC_ERR_MALFORMED;
        keep(&h, name, value);
    }
    return IC_ERR_MALFORMED;
}

static bool is_one_of(struct ic_view v, const char *before, uint16_t port)
{
    static const char *const hosts[] = {"localhost", "127.0.0.1"};
    char text[64];
    for (size_t i = 0; i < IC_ARRAY_LEN(hosts); i++) {
        snprintf(text, sizeof text, "%s%s:%u", before, hosts[i], port);
        if (same_word(v, text))
            return true;
    }
    return false;
}

bool icc_head_is_ours(const struct icc_head *h, uint16_t port)
{
    bool here = h->fetch_site.len == 0 || same_word(h->fetch_site, "same-origin") ||
                same_word(h->fetch_site, "none");
    return here && is_one_of(h->host, "", port) &&
           (h->origin.len == 0 || is_one_of(h->origin, "http://", port));
}

/* What is said of this connection, or of the browser's dealings with us: not for the server. */
static bool stays_here(struct ic_view name, bool upgrade)
{
    static const char *const always[] = {"host",    "origin",     "cookie",
                                         "referer", "keep-alive", "proxy-connection"};
    for (size_t i = 0; i < IC_ARRAY_LEN(always); i++)
        if (same_word(name, always[i]))
            return true;
    return !upgrade && (same_word(name, "connection") || same_word(name, "upgrade"));
}

static ic_err add_line(struct ic_buf *out, const char *name, struct ic_view value)
{
    IC_TRY(ic_buf_append(out, ic_view_cstr(name)));
    IC_TRY(ic_buf_append(out, value));
    return ic_buf_append(out, IC_VIEW_STR("\r\n"));
}

ic_err icc_head_forward(const struct icc_head *h, const char *host, struct ic_buf *out)
{
    struct ic_view rest = h->bytes, line, name, value;
    if (!take_line(&rest, &line))
        return IC_ERR_MALFORMED;
    IC_TRY(add_line(out, "", line));
    IC_TRY(add_line(out, "Host: ", ic_view_cstr(host)));
    if (!h->upgrade)
        IC_TRY(add_line(out, "Connection: ", IC_VIEW_STR("close")));
    while (take_line(&rest, &line) && line.len)
        if (split(line, &name, &value) && !stays_here(name, h->upgrade))
            IC_TRY(add_line(out, "", line));
    return add_line(out, "", ic_view(NULL, 0));
}
