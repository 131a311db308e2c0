/* Who may replace whom: RFC 9420 section 5.3.1. */
#include <string.h>

#include "internal.h"

static bool identifies(enum ic_pki_name_kind kind)
{
    return kind == IC_PKI_NAME_URI || kind == IC_PKI_NAME_EMAIL || kind == IC_PKI_NAME_DNS;
}

/* The part before the last '@' of a mailbox is its owner's matter; hosts know no case. URIs are
 * compared as they stand. */
static bool same_name(const struct ic_pki_name *a, const struct ic_pki_name *b)
{
    size_t local = 0;
    if (a->kind != b->kind || a->value.len != b->value.len)
        return false;
    if (a->kind == IC_PKI_NAME_URI)
        return ic_view_equal(a->value, b->value);
    if (a->kind == IC_PKI_NAME_EMAIL)
        local = (size_t)(ic_pki_last(a->value, '@') - a->value.p);
    return memcmp(a->value.p, b->value.p, local) == 0 &&
           ic_pki_ascii_equal(ic_view_sub(a->value, local, a->value.len - local),
                              ic_view_sub(b->value, local, b->value.len - local));
}

static bool has_name(const struct ic_pki_cert *c, const struct ic_pki_name *name)
{
    struct ic_reader r = ic_reader(c->names);
    struct ic_pki_name n;
    while (ic_pki_names_next(&r, &n)) {
        if (same_name(&n, name))
            return true;
    }
    return false;
}

/* Every name of a that identifies is one of b. */
static bool all_in(const struct ic_pki_cert *a, const struct ic_pki_cert *b, size_t *count)
{
    struct ic_reader r = ic_reader(a->names);
    struct ic_pki_name n;
    *count = 0;
    while (ic_pki_names_next(&r, &n)) {
        if (!identifies(n.kind))
            continue;
        ++*count;
        if (!has_name(b, &n))
            return false;
    }
    return true;
}

bool ic_pki_same_identity(const struct ic_pki_cert *former, const struct ic_pki_cert *next)
{
    static const size_t empty_name = 2;
    size_t n, m;
    if (!all_in(former, next, &n) || !all_in(next, former, &m))
        return false;
    if (n > 0)
        return true;
    return former->subject.len > empty_name && ic_pki_name_equal(former->subject, next->subject);
}
