/* GeneralNames: reading them, and the form that each kind must have. */
#include <string.h>

#include "der.h"
#include "internal.h"

bool ic_pki_names_next(struct ic_reader *r, struct ic_pki_name *out)
{
    static const uint8_t constructed = 1 << IC_PKI_NAME_OTHER | 1 << IC_PKI_NAME_X400 |
                                       1 << IC_PKI_NAME_DIRECTORY | 1 << IC_PKI_NAME_EDI;
    if (!ic_reader_more(r))
        return false;
    struct ic_pki_der e = ic_pki_der_any(r);
    unsigned kind = e.tag & 0x1f;
    uint8_t want =
        (uint8_t)(DER_CONTEXT | kind | (kind < 8 && constructed >> kind & 1 ? DER_CONSTRUCTED : 0));
    if (r->err != IC_OK || kind > IC_PKI_NAME_REGISTERED || e.tag != want) {
        ic_reader_fail(r, IC_ERR_MALFORMED);
        return false;
    }
    *out = (struct ic_pki_name){(enum ic_pki_name_kind)kind, e.content};
    return true;
}

const uint8_t *ic_pki_last(struct ic_view v, uint8_t byte)
{
    for (size_t i = v.len; i-- > 0;) {
        if (v.p[i] == byte)
            return &v.p[i];
    }
    return NULL;
}

static bool is_visible(struct ic_view v)
{
    for (size_t i = 0; i < v.len; i++) {
        if (v.p[i] <= ' ' || v.p[i] > '~')
            return false;
    }
    return true;
}

static bool is_host_byte(uint8_t b)
{
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '-' ||
           b == '_';
}

/* Labels of 1 to 63 bytes between points. */
bool ic_pki_host_good(struct ic_view v)
{
    size_t label = 0;
    if (v.len == 0 || v.len > 253)
        return false;
    assert(v.p);
    for (size_t i = 0; i < v.len; i++) {
        if (v.p[i] == '.' ? label == 0 : !is_host_byte(v.p[i]))
            return false;
        label = v.p[i] == '.' ? 0 : label + 1;
        if (label > 63)
            return false;
    }
    return label > 0;
}

/* A host, or with a leading point all below it. */
static bool is_domain(struct ic_view v)
{
    return ic_pki_host_good(v.len > 0 && v.p[0] == '.' ? ic_view_sub(v, 1, v.len - 1) : v);
}

static bool is_mailbox(struct ic_view v)
{
    const uint8_t *at = ic_pki_last(v, '@');
    if (!at || at == v.p)
        return false;
    size_t local = (size_t)(at - v.p);
    return is_visible(v) && ic_pki_host_good(ic_view_sub(v, local + 1, v.len - local - 1));
}

static bool is_dns(struct ic_view v)
{
    bool wild = v.len > 2 && v.p[0] == '*' && v.p[1] == '.';
    return ic_pki_host_good(wild ? ic_view_sub(v, 2, v.len - 2) : v);
}

static bool is_uri(struct ic_view v)
{
    const uint8_t *colon = v.len ? memchr(v.p, ':', v.len) : NULL;
    return colon && colon > v.p && is_visible(v);
}

/* An address and a mask whose ones stand to the left. */
static bool is_network(struct ic_view v)
{
    bool ended = false;
    if (v.len != 8 && v.len != 32)
        return false;
    for (size_t i = 4 * v.len; i < 8 * v.len; i++) {
        bool one = v.p[i / 8] & (0x80 >> i % 8);
        if (one && ended)
            return false;
        ended = !one;
    }
    return true;
}

static bool form_of_constraint(const struct ic_pki_name *n)
{
    switch (n->kind) {
    case IC_PKI_NAME_EMAIL:
        return memchr(n->value.p, '@', n->value.len) ? is_mailbox(n->value) : is_domain(n->value);
    case IC_PKI_NAME_DNS:
        return n->value.len == 0 || is_domain(n->value);
    case IC_PKI_NAME_URI:
        return is_domain(n->value);
    case IC_PKI_NAME_IP:
        return is_network(n->value);
    default:
        return true;
    }
}

static bool form_of_name(const struct ic_pki_name *n)
{
    switch (n->kind) {
    case IC_PKI_NAME_EMAIL:
        return is_mailbox(n->value);
    case IC_PKI_NAME_DNS:
        return is_dns(n->value);
    case IC_PKI_NAME_URI:
        return is_uri(n->value);
    case IC_PKI_NAME_IP:
        return n->value.len == 4 || n->value.len == 16;
    default:
        return true;
    }
}

bool ic_pki_general_name_good(const struct ic_pki_name *n, bool in_constraint)
{
    if (n->kind == IC_PKI_NAME_DIRECTORY)
        return ic_pki_name_good(n->value);
    return in_constraint ? form_of_constraint(n) : form_of_name(n);
}
