/* The extensions of RFC 5280 section 4.2 that decide something here. */
#include "der.h"
#include "internal.h"

enum {
    KEY_ID = 14,
    KEY_USAGE = 15,
    ALT_NAMES = 17,
    BASIC_CONSTRAINTS = 19,
    NAME_CONSTRAINTS = 30,
    POLICIES = 32,
    POLICY_MAPPINGS = 33,
    AUTHORITY_KEY_ID = 35,
    POLICY_CONSTRAINTS = 36,
    EXT_KEY_USAGE = 37,
    INHIBIT_ANY_POLICY = 54,
};

static bool good(const struct ic_reader *r)
{
    return ic_reader_end(r) == IC_OK;
}

static bool read_key_id(struct ic_reader *r, struct ic_pki_cert *c)
{
    c->key_id = ic_pki_der_read(r, DER_OCTET_STRING);
    return c->key_id.len > 0;
}

static bool read_authority_key_id(struct ic_reader *r, struct ic_pki_cert *c)
{
    bool there;
    struct ic_reader list = ic_reader(ic_pki_der_read(r, DER_SEQUENCE));
    c->authority_key_id = ic_pki_der_optional(&list, DER_CONTEXT | 0, &there);
    ic_pki_der_optional(&list, DER_CONTEXT | DER_CONSTRUCTED | 1, &there);
    ic_pki_der_optional(&list, DER_CONTEXT | 2, &there);
    return good(&list);
}

static bool read_key_usage(struct ic_reader *r, struct ic_pki_cert *c)
{
    c->has_key_usage = true;
    c->key_usage = ic_pki_der_bits(r);
    return true;
}

static bool read_basic_constraints(struct ic_reader *r, struct ic_pki_cert *c)
{
    struct ic_reader list = ic_reader(ic_pki_der_read(r, DER_SEQUENCE));
    c->is_ca = ic_pki_der_flag(&list);
    if (ic_pki_der_next_is(&list, DER_INTEGER)) {
        struct ic_view number = ic_pki_der_integer(&list);
        /* Above 255 it permits whatever a chain can hold. */
        c->path_len = number.len == 1 ? number.p[0] : 255;
        if (!c->is_ca)
            return false;
    }
    return good(&list);
}

static uint16_t purpose_of(struct ic_view oid)
{
    static const uint8_t any[] = {0x55, 0x1d, 0x25, 0x00};
    static const uint8_t pkix[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03};
    if (ic_view_equal(oid, IC_VIEW_ARRAY(any)))
        return IC_PKI_FOR_ANY;
    if (oid.len != sizeof pkix + 1 ||
        !ic_view_equal(ic_view(oid.p, sizeof pkix), IC_VIEW_ARRAY(pkix)))
        return IC_PKI_FOR_SOMETHING;
    switch (oid.p[sizeof pkix]) {
    case 1:
        return IC_PKI_FOR_SERVER_AUTH;
    case 2:
        return IC_PKI_FOR_CLIENT_AUTH;
    case 4:
        return IC_PKI_FOR_EMAIL;
    case 40:
        return IC_PKI_FOR_IM_URI;
    default:
        return IC_PKI_FOR_SOMETHING;
    }
}

static bool read_purposes(struct ic_reader *r, struct ic_pki_cert *c)
{
    struct ic_reader list = ic_reader(ic_pki_der_read(r, DER_SEQUENCE));
    c->has_purposes = true;
    do {
        c->purposes |= purpose_of(ic_pki_der_read(&list, DER_OID));
    } while (ic_reader_more(&list));
    return good(&list);
}

static bool read_constraints(struct ic_reader *r, struct ic_pki_cert *c)
{
    bool permitted, excluded;
    struct ic_reader list = ic_reader(ic_pki_der_read(r, DER_SEQUENCE));
    c->has_constraints = true;
    c->permitted = ic_pki_der_optional(&list, DER_CONTEXT | DER_CONSTRUCTED | 0, &permitted);
    c->excluded = ic_pki_der_optional(&list, DER_CONTEXT | DER_CONSTRUCTED | 1, &excluded);
    return good(&list) && (permitted || excluded) && permitted == (c->permitted.len > 0) &&
           excluded == (c->excluded.len > 0);
}

static enum ic_pki_reason read_alt_names(struct ic_reader *r, struct ic_pki_cert *c)
{
    struct ic_pki_name name;
    size_t n = 0;
    c->names = ic_pki_der_read(r, DER_SEQUENCE);
    struct ic_reader list = ic_reader(c->names);
    while (ic_pki_names_next(&list, &name)) {
        if (!ic_pki_general_name_good(&name, false))
            return IC_PKI_NAME;
        if (++n > IC_PKI_NAMES_MAX)
            return IC_PKI_TOO_BIG;
    }
    return n > 0 && good(&list) ? IC_PKI_NONE : IC_PKI_EXTENSION;
}

/* How one is read; what is known and decides nothing here has no call. */
static enum ic_pki_reason read_known(uint8_t id, struct ic_view value, struct ic_pki_cert *c)
{
    struct ic_reader r = ic_reader(value);
    bool fine = true;
    switch (id) {
    case KEY_ID:
        fine = read_key_id(&r, c);
        break;
    case AUTHORITY_KEY_ID:
        fine = read_authority_key_id(&r, c);
        break;
    case KEY_USAGE:
        fine = read_key_usage(&r, c);
        break;
    case BASIC_CONSTRAINTS:
        fine = read_basic_constraints(&r, c);
        break;
    case EXT_KEY_USAGE:
        fine = read_purposes(&r, c);
        break;
    case NAME_CONSTRAINTS:
        if (!read_constraints(&r, c) || !good(&r))
            return IC_PKI_EXTENSION;
        PKI_TRY(ic_pki_subtrees_check(c->permitted));
        return ic_pki_subtrees_check(c->excluded);
    case ALT_NAMES:
        PKI_TRY(read_alt_names(&r, c));
        break;
    default:
        return IC_PKI_NONE;
    }
    return fine && good(&r) ? IC_PKI_NONE : IC_PKI_EXTENSION;
}

/* Policies matter to who asks for one; nobody here does, unless a certificate itself does by policy
 * constraints: those are refused, critical or not. */
static enum ic_pki_reason read_one(const struct ic_pki_extension *e, struct ic_pki_cert *c)
{
    static const uint64_t known =
        1ull << KEY_ID | 1ull << KEY_USAGE | 1ull << ALT_NAMES | 1ull << BASIC_CONSTRAINTS |
        1ull << NAME_CONSTRAINTS | 1ull << POLICIES | 1ull << POLICY_MAPPINGS |
        1ull << AUTHORITY_KEY_ID | 1ull << EXT_KEY_USAGE | 1ull << INHIBIT_ANY_POLICY;
    if (e->id && known >> e->id & 1)
        return read_known(e->id, e->value, c);
    if (e->critical || e->id == POLICY_CONSTRAINTS)
        return IC_PKI_EXTENSION_UNKNOWN;
    return IC_PKI_NONE;
}

enum ic_pki_reason ic_pki_extension_next(struct ic_reader *r, struct ic_pki_extension *out)
{
    struct ic_reader e = ic_reader(ic_pki_der_read(r, DER_SEQUENCE));
    out->oid = ic_pki_der_read(&e, DER_OID);
    out->critical = ic_pki_der_flag(&e);
    out->value = ic_pki_der_read(&e, DER_OCTET_STRING);
    if (r->err != IC_OK || !good(&e) || out->oid.len == 0)
        return IC_PKI_EXTENSION;
    bool of_x509 =
        out->oid.len == 3 && out->oid.p[0] == 0x55 && out->oid.p[1] == 0x1d && out->oid.p[2] < 64;
    out->id = of_x509 ? out->oid.p[2] : 0;
    return IC_PKI_NONE;
}

enum ic_pki_reason ic_pki_extensions_read(struct ic_view list, struct ic_pki_cert *c)
{
    struct ic_view seen[IC_PKI_EXTENSIONS_MAX];
    size_t n = 0;
    struct ic_reader r = ic_reader(list);
    do {
        struct ic_pki_extension e;
        PKI_TRY(ic_pki_extension_next(&r, &e));
        for (size_t i = 0; i < n; i++) {
            if (ic_view_equal(seen[i], e.oid))
                return IC_PKI_EXTENSION_TWICE;
        }
        if (n == IC_PKI_EXTENSIONS_MAX)
            return IC_PKI_TOO_BIG;
        seen[n++] = e.oid;
        PKI_TRY(read_one(&e, c));
    } while (ic_reader_more(&r));
    return good(&r) ? IC_PKI_NONE : IC_PKI_EXTENSION;
}
