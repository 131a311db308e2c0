#include <ic/pki/cert.h>

#include <ic/crypto/hash.h>
#include <string.h>

#include "der.h"
#include "internal.h"

enum { VERSION_3 = 2 };

/* Truncated, trailing and malformed are one thing to who looks from outside. */
static enum ic_pki_reason ended(const struct ic_reader *r, enum ic_pki_reason otherwise)
{
    return ic_reader_end(r) == IC_OK ? IC_PKI_NONE : otherwise;
}

static enum ic_pki_reason read_version(struct ic_reader *r)
{
    bool there;
    struct ic_reader v =
        ic_reader(ic_pki_der_optional(r, DER_CONTEXT | DER_CONSTRUCTED | 0, &there));
    if (!there)
        return r->err == IC_OK ? IC_PKI_VERSION : IC_PKI_MALFORMED;
    struct ic_view number = ic_pki_der_integer(&v);
    PKI_TRY(ended(&v, IC_PKI_MALFORMED));
    return number.len == 1 && number.p[0] == VERSION_3 ? IC_PKI_NONE : IC_PKI_VERSION;
}

static enum ic_pki_reason read_serial(struct ic_reader *r, struct ic_pki_cert *c)
{
    if (!ic_pki_der_next_is(r, DER_INTEGER))
        return IC_PKI_MALFORMED;
    c->serial = ic_pki_der_integer(r);
    /* It should be positive; some well-known roots have 0 (RFC 5280 section 4.1.2.2 expects that). */
    if (r->err != IC_OK || c->serial.len > IC_PKI_SERIAL_MAX)
        return IC_PKI_SERIAL;
    return IC_PKI_NONE;
}

static enum ic_pki_reason read_name(struct ic_reader *r, struct ic_view *out)
{
    struct ic_pki_der name = ic_pki_der_any(r);
    if (r->err != IC_OK || name.tag != DER_SEQUENCE)
        return IC_PKI_MALFORMED;
    if (name.content.len > IC_PKI_NAME_MAX)
        return IC_PKI_TOO_BIG;
    *out = name.whole;
    return ic_pki_name_good(name.whole) ? IC_PKI_NONE : IC_PKI_NAME;
}

static bool is_empty_name(struct ic_view name)
{
    return name.len == 2;
}

static enum ic_pki_reason read_validity(struct ic_reader *r, struct ic_pki_cert *c)
{
    struct ic_reader v = ic_reader(ic_pki_der_read(r, DER_SEQUENCE));
    if (r->err != IC_OK)
        return IC_PKI_MALFORMED;
    c->not_before = ic_pki_time_read(&v);
    c->not_after = ic_pki_time_read(&v);
    return ended(&v, IC_PKI_TIME);
}

/* Unique identifiers, which stand here in certificates of another age, are refused. */
static enum ic_pki_reason read_extensions(struct ic_reader *r, struct ic_pki_cert *c)
{
    bool there;
    struct ic_reader outer =
        ic_reader(ic_pki_der_optional(r, DER_CONTEXT | DER_CONSTRUCTED | 3, &there));
    if (!there)
        return IC_PKI_NONE;
    struct ic_view list = ic_pki_der_read(&outer, DER_SEQUENCE);
    PKI_TRY(ended(&outer, IC_PKI_MALFORMED));
    return ic_pki_extensions_read(list, c);
}

static enum ic_pki_reason check_names(const struct ic_pki_cert *c)
{
    if (is_empty_name(c->issuer))
        return IC_PKI_NAME;
    if (is_empty_name(c->subject) && (c->is_ca || c->names.len == 0))
        return IC_PKI_NAME;
    return IC_PKI_NONE;
}

static enum ic_pki_reason read_signed_part(struct ic_view content, struct ic_pki_cert *c,
                                           struct ic_view *algorithm)
{
    struct ic_reader r = ic_reader(content);
    PKI_TRY(read_version(&r));
    PKI_TRY(read_serial(&r, c));
    *algorithm = ic_pki_der_any(&r).whole;
    PKI_TRY(read_name(&r, &c->issuer));
    PKI_TRY(read_validity(&r, c));
    PKI_TRY(read_name(&r, &c->subject));
    struct ic_view key = ic_pki_der_read(&r, DER_SEQUENCE);
    if (r.err != IC_OK)
        return IC_PKI_MALFORMED;
    PKI_TRY(ic_pki_key_read(key, c));
    PKI_TRY(read_extensions(&r, c));
    PKI_TRY(ended(&r, IC_PKI_MALFORMED));
    return check_names(c);
}

static enum ic_pki_reason read_whole(struct ic_view der, struct ic_pki_cert *c)
{
    if (der.len > IC_PKI_CERT_MAX)
        return IC_PKI_TOO_BIG;
    struct ic_reader outer = ic_reader(der);
    struct ic_reader r = ic_reader(ic_pki_der_read(&outer, DER_SEQUENCE));
    PKI_TRY(ended(&outer, IC_PKI_MALFORMED));
    struct ic_pki_der body = ic_pki_der_any(&r);
    struct ic_pki_der algorithm = ic_pki_der_any(&r);
    c->signature = ic_pki_der_bytes(&r);
    PKI_TRY(ended(&r, IC_PKI_MALFORMED));
    if (body.tag != DER_SEQUENCE || algorithm.tag != DER_SEQUENCE)
        return IC_PKI_MALFORMED;
    c->encoded = der;
    c->signed_part = body.whole;
    struct ic_view inner;
    PKI_TRY(read_signed_part(body.content, c, &inner));
    /* RFC 5280 section 4.1.1.2 */
    if (!ic_view_equal(inner, algorithm.whole))
        return IC_PKI_ALGORITHMS_DIFFER;
    c->signature_algorithm = ic_pki_signature_algorithm(inner);
    return IC_PKI_NONE;
}

ic_err ic_pki_cert_decode(struct ic_view der, struct ic_pki_cert *out, struct ic_pki_fault *fault)
{
    struct ic_pki_cert c = {.path_len = -1};
    enum ic_pki_reason reason = read_whole(der, &c);
    if (reason != IC_PKI_NONE)
        return ic_pki_fault_set(fault, reason, 0, NULL);
    ic_hash_once(IC_SHA256, der, c.fingerprint);
    *out = c;
    return IC_OK;
}
