/* Looking into answers, which may say anything. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

/* "https://host:port" at the beginning of a URL: how long it is; 0 where it is none that we would ask. */
static size_t origin_len(const char *url)
{
    size_t scheme = strncmp(url, "https://", 8) == 0 ? 8 : strncmp(url, "http://", 7) == 0 ? 7 : 0;
    size_t host = strcspn(url + scheme, "/?#");
    return scheme && host ? scheme + host : 0;
}

bool ic_acme_take_url(const struct ic_acme *a, const char *url, acme_url out)
{
    size_t len = url ? strlen(url) : 0, origin = url ? origin_len(url) : 0;
    if (origin == 0 || len > IC_ACME_URL_LEN || origin != origin_len(a->directory) ||
        strncmp(url, a->directory, origin) != 0 || url[origin] != '/')
        return false;
    for (size_t i = 0; i < len; i++)
        if (url[i] <= ' ' || url[i] > '~' || strchr("\"\\<>#@", url[i]))
            return false;
    memcpy(out, url, len + 1);
    return true;
}

bool ic_acme_read_url(const struct ic_acme *a, const json_t *o, const char *member, acme_url out)
{
    const json_t *v = json_object_get(o, member);
    const char *text = json_string_value(v);
    return text && strlen(text) == json_string_length(v) && ic_acme_take_url(a, text, out);
}

bool ic_acme_read_text(const json_t *o, const char *member, char *out, size_t len)
{
    const json_t *v = json_object_get(o, member);
    size_t n = json_string_length(v);
    if (!json_is_string(v) || n >= len || !ic_view_is_text(ic_view(json_string_value(v), n)))
        return false;
    memcpy(out, json_string_value(v), n + 1);
    return true;
}

bool ic_acme_read_is(const json_t *o, const char *member, const char *value)
{
    const char *text = json_string_value(json_object_get(o, member));
    return text && strcmp(text, value) == 0;
}

bool ic_acme_is_base64url(const char *text, size_t min, size_t max)
{
    size_t len = strlen(text);
    return len >= min && len <= max &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == len;
}

void ic_acme_make_plain(char *text)
{
    if (ic_view_is_text(ic_view_cstr(text)))
        return;
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

/* Cut at a character's end, and plain. */
static void copy_plain(const char *from, char *out, size_t len)
{
    size_t n = strlen(from);
    if (n >= len)
        n = len - 1;
    while (n && ((unsigned char)from[n] & 0xc0) == 0x80)
        n--;
    memcpy(out, from, n);
    out[n] = 0;
    ic_acme_make_plain(out);
}

void ic_acme_read_problem(struct ic_acme *a, const json_t *o, int status)
{
    static const char urn[] = "urn:ietf:params:acme:error:";
    const char *type = json_string_value(json_object_get(o, "type"));
    const char *detail = json_string_value(json_object_get(o, "detail"));
    char text[200] = "";
    a->problem[0] = 0;
    if (type && strncmp(type, urn, sizeof urn - 1) == 0)
        copy_plain(type + sizeof urn - 1, a->problem, sizeof a->problem);
    if (detail)
        copy_plain(detail, text, sizeof text);
    if (text[0] || a->problem[0])
        snprintf(a->why, sizeof a->why, "the authority refuses: %s%s%s%s",
                 text[0] ? text : a->problem, text[0] && a->problem[0] ? " (" : "",
                 text[0] ? a->problem : "", text[0] && a->problem[0] ? ")" : "");
    else
        snprintf(a->why, sizeof a->why, "the authority answered %d", status);
}
