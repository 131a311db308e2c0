/* Name constraints, RFC 5280 section 4.2.1.10. What cannot be compared is refused where it is
 * constrained. */
#include <string.h>

#include "der.h"
#include "internal.h"

/* ---- the subtrees of one authority ---- */

static bool next_subtree(struct ic_reader *r, struct ic_pki_name *base)
{
    if (!ic_reader_more(r))
        return false;
    /* minimum is 0, and so not written, and there is no maximum. */
    struct ic_reader one = ic_reader(ic_pki_der_read(r, DER_SEQUENCE));
    if (r->err == IC_OK && ic_pki_names_next(&one, base) && ic_reader_end(&one) == IC_OK)
        return true;
    ic_reader_fail(r, IC_ERR_MALFORMED);
    return false;
}

enum ic_pki_reason ic_pki_subtrees_check(struct ic_view subtrees)
{
    struct ic_reader r = ic_reader(subtrees);
    struct ic_pki_name base;
    for (size_t n = 0; next_subtree(&r, &base); n++) {
        if (n == IC_PKI_SUBTREES_MAX)
            return IC_PKI_TOO_BIG;
        if (!ic_pki_general_name_good(&base, true))
            return IC_PKI_EXTENSION;
    }
    return ic_reader_end(&r) == IC_OK ? IC_PKI_NONE : IC_PKI_EXTENSION;
}

/* ---- is a name within a subtree? ---- */

static uint8_t lower(uint8_t b)
{
    return b >= 'A' && b <= 'Z' ? (uint8_t)(b + ('a' - 'A')) : b;
}

bool ic_pki_ascii_equal(struct ic_view a, struct ic_view b)
{
    if (a.len != b.len)
        return false;
    if (a.len == 0)
        return true;
    assert(a.p && b.p);
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    }
    return true;
}

static struct ic_view tail(struct ic_view v, size_t len)
{
    return ic_view_sub(v, v.len - len, len);
}

/* host ends in domain, at a label; below: it must not be the domain itself. */
static bool host_under(struct ic_view host, struct ic_view domain, bool below)
{
    assert(host.p);
    if (host.len == domain.len)
        return !below && ic_pki_ascii_equal(host, domain);
    return host.len > domain.len && host.p[host.len - domain.len - 1] == '.' &&
           ic_pki_ascii_equal(tail(host, domain.len), domain);
}

static bool has_point(struct ic_view v)
{
    return v.len > 0 && v.p[0] == '.';
}

/* A host alone is itself for emails and URIs; with a leading point, all below it. */
static bool host_matches(struct ic_view host, struct ic_view base)
{
    if (has_point(base))
        return host_under(host, tail(base, base.len - 1), true);
    return ic_pki_ascii_equal(host, base);
}

/* excluded: a wildcard that could stand for a name within counts as within. */
static bool dns_within(struct ic_view name, struct ic_view base, bool excluded)
{
    bool wild = name.len > 2 && name.p[0] == '*';
    struct ic_view plain = has_point(base) ? tail(base, base.len - 1) : base;
    if (base.len == 0)
        return true;
    if (wild && excluded) {
        struct ic_view parent = tail(name, name.len - 2);
        return host_under(parent, plain, false) || host_under(plain, parent, true);
    }
    return host_under(name, plain, has_point(base));
}

static bool email_within(struct ic_view name, struct ic_view base)
{
    const uint8_t *at = ic_pki_last(name, '@');
    const uint8_t *base_at = ic_pki_last(base, '@');
    size_t local = at ? (size_t)(at - name.p) : 0;
    struct ic_view host = at ? tail(name, name.len - local - 1) : name;
    if (!at)
        return false;
    if (!base_at)
        return host_matches(host, base);
    size_t base_local = (size_t)(base_at - base.p);
    return ic_view_equal(ic_view(name.p, local), ic_view(base.p, base_local)) &&
           ic_pki_ascii_equal(host, tail(base, base.len - base_local - 1));
}

static bool is_one_of(const char *set, uint8_t byte)
{
    return byte != 0 && strchr(set, byte);
}

/* The host of a URI with an authority: scheme://user@host:port/. Empty where there is none, or an
 * address in brackets. */
static struct ic_view uri_host(struct ic_view uri)
{
    const uint8_t *colon = memchr(uri.p, ':', uri.len);
    size_t at = (size_t)(colon - uri.p) + 1;
    if (uri.len - at < 2 || uri.p[at] != '/' || uri.p[at + 1] != '/')
        return ic_view(NULL, 0);
    size_t start = at + 2, end = start;
    while (end < uri.len && !is_one_of("/?#", uri.p[end]))
        end++;
    struct ic_view authority = ic_view_sub(uri, start, end - start);
    const uint8_t *user = ic_pki_last(authority, '@');
    if (user)
        authority = tail(authority, authority.len - (size_t)(user - authority.p) - 1);
    if (authority.len == 0 || authority.p[0] == '[')
        return ic_view(NULL, 0);
    const uint8_t *port = memchr(authority.p, ':', authority.len);
    return port ? ic_view(authority.p, (size_t)(port - authority.p)) : authority;
}

/* im:, sip: and mailto: URIs name user@host, as RFC 9734 has them. */
static struct ic_view uri_domain(struct ic_view uri)
{
    struct ic_view host = uri_host(uri);
    if (host.len > 0 || uri.len == 0)
        return host;
    const uint8_t *colon = memchr(uri.p, ':', uri.len);
    struct ic_view rest = tail(uri, uri.len - (size_t)(colon - uri.p) - 1);
    if (rest.len > 0 && rest.p[0] == '/')
        return ic_view(NULL, 0);
    size_t end = 0;
    while (end < rest.len && !is_one_of(";?#", rest.p[end]))
        end++;
    rest.len = end;
    const uint8_t *at = ic_pki_last(rest, '@');
    if (!at)
        return ic_view(NULL, 0);
    rest = tail(rest, rest.len - (size_t)(at - rest.p) - 1);
    const uint8_t *port = rest.len ? memchr(rest.p, ':', rest.len) : NULL;
    return port ? ic_view(rest.p, (size_t)(port - rest.p)) : rest;
}

/* RFC 5280: a URI whose host is an address, or is none at all, is refused where URIs are
 * constrained. */
static bool is_domain_name(struct ic_view host)
{
    return ic_pki_host_good(host) && !(host.p[host.len - 1] >= '0' && host.p[host.len - 1] <= '9');
}

static bool ip_within(struct ic_view ip, struct ic_view base)
{
    if (base.len != 2 * ip.len)
        return false;
    for (size_t i = 0; i < ip.len; i++) {
        if ((ip.p[i] ^ base.p[i]) & base.p[ip.len + i])
            return false;
    }
    return true;
}

enum fit { OUTSIDE, INSIDE, UNCLEAR };

static enum fit fit_of(bool inside)
{
    return inside ? INSIDE : OUTSIDE;
}

static enum fit fits(const struct ic_pki_name *name, struct ic_view base, bool excluded)
{
    switch (name->kind) {
    case IC_PKI_NAME_EMAIL:
        return fit_of(email_within(name->value, base));
    case IC_PKI_NAME_DNS:
        return fit_of(dns_within(name->value, base, excluded));
    case IC_PKI_NAME_DIRECTORY:
        return fit_of(ic_pki_name_within(name->value, base));
    case IC_PKI_NAME_IP:
        return fit_of(ip_within(name->value, base));
    case IC_PKI_NAME_URI: {
        struct ic_view host = uri_domain(name->value);
        return is_domain_name(host) ? fit_of(host_matches(host, base)) : UNCLEAR;
    }
    default:
        return UNCLEAR;
    }
}

/* ---- a name against all subtrees ---- */

/* Among subtrees of the name's kind: whether there are any, and whether one holds the name. */
static enum fit search(struct ic_view subtrees, const struct ic_pki_name *name, bool excluded,
                       bool *constrained)
{
    struct ic_reader r = ic_reader(subtrees);
    struct ic_pki_name base;
    enum fit found = OUTSIDE;
    *constrained = false;
    while (found == OUTSIDE && next_subtree(&r, &base)) {
        if (base.kind != name->kind)
            continue;
        *constrained = true;
        found = fits(name, base.value, excluded);
    }
    return found;
}

static bool permitted(const struct ic_pki_cert *authority, const struct ic_pki_name *name)
{
    bool constrained;
    if (search(authority->excluded, name, true, &constrained) != OUTSIDE)
        return false;
    enum fit found = search(authority->permitted, name, false, &constrained);
    return !constrained || found == INSIDE;
}

/* An internationalised mailbox (RFC 9598) hides in an otherName: email constraints that we cannot
 * apply to it refuse it. */
static bool is_smtp_utf8(const struct ic_pki_name *n)
{
    static const uint8_t oid[] = {DER_OID, 8, 0x2b, 6, 1, 5, 5, 7, 8, 9};
    return n->kind == IC_PKI_NAME_OTHER && n->value.len > sizeof oid &&
           memcmp(n->value.p, oid, sizeof oid) == 0;
}

static bool constrains(const struct ic_pki_cert *authority, enum ic_pki_name_kind kind)
{
    struct ic_pki_name probe = {kind, {NULL, 0}}, base;
    const struct ic_view lists[] = {authority->permitted, authority->excluded};
    for (size_t i = 0; i < 2; i++) {
        struct ic_reader r = ic_reader(lists[i]);
        while (next_subtree(&r, &base)) {
            if (base.kind == probe.kind)
                return true;
        }
    }
    return false;
}

static bool alt_names_permitted(const struct ic_pki_cert *authority, const struct ic_pki_cert *c,
                                unsigned *kinds)
{
    struct ic_reader r = ic_reader(c->names);
    struct ic_pki_name n;
    while (ic_pki_names_next(&r, &n)) {
        *kinds |= 1u << n.kind;
        if (is_smtp_utf8(&n) && constrains(authority, IC_PKI_NAME_EMAIL))
            return false;
        if (!permitted(authority, &n))
            return false;
    }
    return true;
}

/* Names that some take from the subject where the certificate has no alternative name of that kind:
 * an emailAddress, and a common name that looks like a host. */
static bool subject_permitted(const struct ic_pki_cert *authority, const struct ic_pki_cert *c,
                              unsigned kinds, bool leaf)
{
    struct ic_pki_attributes i = ic_pki_attributes(c->subject);
    struct ic_pki_attribute a;
    while (ic_pki_attributes_next(&i, &a)) {
        struct ic_pki_name n = {IC_PKI_NAME_EMAIL, a.value};
        bool email = ic_view_equal(a.type, ic_pki_oid_email_address);
        bool host = leaf && !(kinds >> IC_PKI_NAME_DNS & 1) &&
                    ic_view_equal(a.type, ic_pki_oid_common_name) && a.value.len > 0 &&
                    memchr(a.value.p, '.', a.value.len);
        if (host)
            n.kind = IC_PKI_NAME_DNS;
        /* What has no form of its kind is no name of that kind. */
        if ((email && !(kinds >> IC_PKI_NAME_EMAIL & 1)) ||
            (host && ic_pki_general_name_good(&n, false))) {
            if (!permitted(authority, &n))
                return false;
        }
    }
    return true;
}

enum ic_pki_reason ic_pki_constraints_check(const struct ic_pki_cert *authority,
                                            const struct ic_pki_cert *c, bool leaf)
{
    static const size_t empty_name = 2;
    struct ic_pki_name subject = {IC_PKI_NAME_DIRECTORY, c->subject};
    unsigned kinds = 0;
    if (!authority->has_constraints)
        return IC_PKI_NONE;
    if (c->subject.len > empty_name && !permitted(authority, &subject))
        return IC_PKI_NAME_CONSTRAINT;
    if (!alt_names_permitted(authority, c, &kinds) || !subject_permitted(authority, c, kinds, leaf))
        return IC_PKI_NAME_CONSTRAINT;
    return IC_PKI_NONE;
}
