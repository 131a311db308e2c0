/* Names as people type them. */
#include "identity/accounts/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void icd_copy_text(char *out, size_t room, struct ic_view v)
{
    assert(v.len < room);
    if (v.len)
        memcpy(out, v.p, v.len);
    out[v.len] = '\0';
}

bool icd_is_name(struct ic_view v, size_t max)
{
    return v.len > 0 && v.len <= max && ic_view_is_text(v) && v.p[0] != ' ' &&
           v.p[v.len - 1] != ' ';
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool is_alnum(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* One label: 1 to 63 letters, digits and inner hyphens. */
static bool is_label(struct ic_view v)
{
    if (v.len == 0 || v.len > 63 || v.p[0] == '-' || v.p[v.len - 1] == '-')
        return false;
    for (size_t i = 0; i < v.len; i++)
        if (!is_alnum(v.p[i]) && v.p[i] != '-')
            return false;
    return true;
}

static bool is_domain(struct ic_view v)
{
    size_t labels = 0, at = 0;
    for (size_t i = 0; i <= v.len; i++) {
        if (i < v.len && v.p[i] != '.')
            continue;
        if (!is_label(ic_view_sub(v, at, i - at)))
            return false;
        at = i + 1;
        labels++;
    }
    return labels >= 2;
}

ic_err icd_domain_clean(struct ic_view in, char out[ICD_DOMAIN_MAX + 1])
{
    char name[ICD_DOMAIN_MAX + 1];
    if (in.len == 0 || in.len > ICD_DOMAIN_MAX)
        return IC_ERR_MALFORMED;
    for (size_t i = 0; i < in.len; i++)
        name[i] = (char)lower(in.p[i]);
    name[in.len] = '\0';
    if (!is_domain(ic_view_cstr(name)) || strlen(name) != in.len)
        return IC_ERR_MALFORMED;
    memcpy(out, name, in.len + 1);
    return IC_OK;
}

/* The unquoted local part of RFC 5321, in ASCII: what a certificate's rfc822Name takes. */
static bool is_local(struct ic_view v)
{
    static const char others[] = "!#$%&'*+/=?^_`{|}~-.";
    if (v.len == 0 || v.len > 64 || v.p[0] == '.' || v.p[v.len - 1] == '.')
        return false;
    for (size_t i = 0; i < v.len; i++) {
        if (!is_alnum(v.p[i]) && (v.p[i] == 0 || !strchr(others, v.p[i])))
            return false;
        if (i && v.p[i] == '.' && v.p[i - 1] == '.')
            return false;
    }
    return true;
}

ic_err icd_email_clean(struct ic_view in, char out[ICD_EMAIL_MAX + 1])
{
    char text[ICD_EMAIL_MAX + 1];
    if (in.len == 0 || in.len > ICD_EMAIL_MAX)
        return IC_ERR_MALFORMED;
    for (size_t i = 0; i < in.len; i++)
        text[i] = (char)lower(in.p[i]);
    text[in.len] = '\0';
    const char *at = strchr(text, '@');
    if (!at || strlen(text) != in.len || !is_local(ic_view(text, (size_t)(at - text))) ||
        !is_domain(ic_view_cstr(at + 1)))
        return IC_ERR_MALFORMED;
    memcpy(out, text, in.len + 1);
    return IC_OK;
}

struct icd_who icd_who_user(const char *user)
{
    struct icd_who w;
    snprintf(w.text, sizeof w.text, "user:%s", user);
    return w;
}
