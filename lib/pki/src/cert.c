#include <ic/pki/cert.h>

#include <ic/crypto/hash.h>
#include <string.h>

#include "der.h"
#include "internal.h"

enum { VERSION_3 = 2 };

enum ic_pki_reason ic_pki_ended(const struct ic_reader *r, enum ic_pki_reason otherwise)
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
    PKI_TRY(ic_pki_ended(&v, IC_PKI_MALFORMED));
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

enum ic_pki_reason ic_pki_name_read(struct ic_reader *r, struct ic_view *out)
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
    return ic_pki_ended(&v, IC_PKI_TIME);
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
    PKI_TRY(ic_pki_ended(&outer, IC_PKI_MALFORMED));
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
    PKI_TRY(ic_pki_name_read(&r, &c->issuer));
    PKI_TRY(read_validity(&r, c));
    PKI_TRY(ic_pki_name_read(&r, &c->subject));
    PKI_TRY(ic_pki_key_read(ic_pki_der_any(&r).whole, c));
    PKI_TRY(read_extensions(&r, c));
    PKI_TRY(ic_pki_ended(&r, IC_PKI_MALFORMED));
    return check_names(c);
}

static enum ic_pki_reason read_whole(struct ic_view der, struct ic_pki_cert *c)
{
    if (der.len > IC_PKI_CERT_MAX)
        return IC_PKI_TOO_BIG;
    struct ic_pki_signed whole;
    struct ic_view content, algorithm, inner;
    PKI_TRY(ic_pki_signed_read(der, &whole, &content, &algorithm, NULL));
    c->encoded = der;
    c->signed_part = whole.part;
    c->signature = whole.signature;
    PKI_TRY(read_signed_part(content, c, &inner));
    /* RFC 5280 section 4.1.1.2 */
    if (!ic_view_equal(inner, algorithm))
        return IC_PKI_ALGORITHMS_DIFFER;
    c->signature_algorithm = whole.algorithm;
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
