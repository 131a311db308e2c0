#include <ic/pki/pem.h>

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/base/writer.h>
#include <string.h>

enum { LINE = 64 };

static const char begin_mark[] = "-----BEGIN ", end_mark[] = "-----END ", dashes[] = "-----";

/* Takes a line off the front, without its end and the blanks before that. */
static bool take_line(struct ic_view *rest, struct ic_view *line)
{
    if (rest->len == 0)
        return false;
    const uint8_t *nl = memchr(rest->p, '\n', rest->len);
    size_t n = nl ? (size_t)(nl - rest->p) : rest->len, used = nl ? n + 1 : n;
    *line = ic_view(rest->p, n);
    *rest = ic_view_sub(*rest, used, rest->len - used);
    while (line->len && (line->p[line->len - 1] == '\r' || line->p[line->len - 1] == ' ' ||
                         line->p[line->len - 1] == '\t'))
        line->len--;
    return true;
}

static bool is_mark(struct ic_view line, const char *mark, const char *label)
{
    size_t a = strlen(mark), b = strlen(label), c = sizeof dashes - 1;
    return line.len == a + b + c && memcmp(line.p, mark, a) == 0 &&
           memcmp(line.p + a, label, b) == 0 && memcmp(line.p + a + b, dashes, c) == 0;
}

/* The lines up to the end's mark, joined. */
static ic_err collect(struct ic_view *rest, const char *label, struct ic_buf *text)
{
    struct ic_view line;
    while (take_line(rest, &line)) {
        if (is_mark(line, end_mark, label))
            return IC_OK;
        if (line.len && line.p[0] == '-')
            return IC_ERR_MALFORMED;
        IC_TRY(ic_buf_append(text, line));
    }
    return IC_ERR_MALFORMED;
}

ic_err ic_pki_pem_next(struct ic_view *rest, const char *label, struct ic_buf *der)
{
    struct ic_view left = *rest, line;
    bool found = false;
    while (!found && take_line(&left, &line))
        found = is_mark(line, begin_mark, label);
    if (!found)
        return IC_ERR_NOT_FOUND;
    IC_BUF_SCOPE(text, ic_base64_len(IC_BASE64_STD, der->max));
    IC_TRY(collect(&left, label, &text));
    ic_buf_reset(der);
    IC_TRY(ic_base64_decode(IC_BASE64_STD, ic_buf_view(&text), der));
    if (der->len == 0)
        return IC_ERR_MALFORMED;
    *rest = left;
    return IC_OK;
}

ic_err ic_pki_pem_encode(const char *label, struct ic_view der, struct ic_buf *out)
{
    size_t len = ic_base64_len(IC_BASE64_STD, der.len);
    char *text IC_AUTOFREE = ic_calloc(1, len + 1);
    struct ic_writer w = ic_writer(out);
    if (!text)
        return IC_ERR_NOMEM;
    ic_base64_encode(IC_BASE64_STD, der, text);
    const char *const head[] = {begin_mark, label, dashes, "\n"};
    const char *const foot[] = {end_mark, label, dashes, "\n"};
    for (size_t i = 0; i < IC_ARRAY_LEN(head); i++)
        ic_write_bytes(&w, ic_view_cstr(head[i]));
    for (size_t at = 0; at < len; at += LINE) {
        ic_write_bytes(&w, ic_view(text + at, len - at < LINE ? len - at : LINE));
        ic_write_bytes(&w, IC_VIEW_STR("\n"));
    }
    for (size_t i = 0; i < IC_ARRAY_LEN(foot); i++)
        ic_write_bytes(&w, ic_view_cstr(foot[i]));
    return ic_writer_end(&w);
}
