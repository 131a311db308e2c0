/* RFC 5280 section 5. */
#include <ic/pki/crl.h>

#include "write.h"

enum { CRL_NUMBER = 20, REASON = 21, KEY_ID = 35, VERSION_2 = 1 };

/* ---- reading ---- */

/* seen: bits of those of id-ce that were there before. */
static enum ic_pki_reason next_extension(struct ic_reader *r, uint64_t *seen,
                                         struct ic_pki_extension *out)
{
    PKI_TRY(ic_pki_extension_next(r, out));
    if (out->id && *seen >> out->id & 1)
        return IC_PKI_EXTENSION_TWICE;
    *seen |= 1ull << out->id;
    return IC_PKI_NONE;
}

static bool read_reason(struct ic_view value, struct ic_pki_crl_entry *out)
{
    struct ic_reader r = ic_reader(value);
    struct ic_view reason = ic_pki_der_read(&r, DER_ENUMERATED);
    if (ic_reader_end(&r) != IC_OK || reason.len != 1 || reason.p[0] > 10)
        return false;
    out->reason = reason.p[0];
    return true;
}

/* A critical extension of an entry changes whose it is (certificateIssuer): refused. */
static enum ic_pki_reason read_entry_extensions(struct ic_view list, struct ic_pki_crl_entry *out)
{
    struct ic_reader r = ic_reader(list);
    uint64_t seen = 0;
    do {
        struct ic_pki_extension e;
        PKI_TRY(next_extension(&r, &seen, &e));
        if (e.id == REASON && !read_reason(e.value, out))
            return IC_PKI_EXTENSION;
        if (e.id != REASON && e.critical)
            return IC_PKI_EXTENSION_UNKNOWN;
    } while (ic_reader_more(&r));
    return ic_pki_ended(&r, IC_PKI_EXTENSION);
}

static enum ic_pki_reason read_entry(struct ic_reader *r, struct ic_pki_crl_entry *out)
{
    struct ic_pki_crl_entry entry = {.reason = IC_PKI_REVOKED_UNSPECIFIED};
    struct ic_reader e = ic_reader(ic_pki_der_read(r, DER_SEQUENCE));
    entry.serial = ic_pki_der_integer(&e);
    if (r->err != IC_OK || e.err != IC_OK)
        return IC_PKI_MALFORMED;
    if (entry.serial.len > IC_PKI_SERIAL_MAX)
        return IC_PKI_SERIAL;
    entry.time = ic_pki_time_read(&e);
    if (e.err != IC_OK)
        return IC_PKI_TIME;
    if (ic_reader_more(&e))
        PKI_TRY(read_entry_extensions(ic_pki_der_read(&e, DER_SEQUENCE), &entry));
    PKI_TRY(ic_pki_ended(&e, IC_PKI_MALFORMED));
    *out = entry;
    return IC_PKI_NONE;
}

bool ic_pki_crl_next(struct ic_reader *r, struct ic_pki_crl_entry *out)
{
    if (!ic_reader_more(r))
        return false;
    if (read_entry(r, out) == IC_PKI_NONE)
        return true;
    ic_reader_fail(r, IC_ERR_MALFORMED);
    return false;
}

static enum ic_pki_reason read_entries(struct ic_view list, struct ic_pki_crl *crl)
{
    struct ic_reader r = ic_reader(list);
    struct ic_pki_crl_entry entry;
    crl->entries = list;
    while (ic_reader_more(&r)) {
        PKI_TRY(read_entry(&r, &entry));
        crl->count++;
    }
    return crl->count > 0 ? ic_pki_ended(&r, IC_PKI_MALFORMED) : IC_PKI_MALFORMED;
}

static enum ic_pki_reason read_extension(const struct ic_pki_extension *e, struct ic_pki_crl *crl)
{
    struct ic_reader r = ic_reader(e->value);
    if (e->id == CRL_NUMBER) {
        crl->number = ic_pki_der_integer(&r);
        return crl->number.len <= IC_PKI_SERIAL_MAX ? ic_pki_ended(&r, IC_PKI_EXTENSION)
                                                    : IC_PKI_EXTENSION;
    }
    if (e->id == KEY_ID) {
        bool there;
        struct ic_reader list = ic_reader(ic_pki_der_read(&r, DER_SEQUENCE));
        crl->authority_key_id = ic_pki_der_optional(&list, DER_CONTEXT | 0, &there);
        ic_pki_der_optional(&list, DER_CONTEXT | DER_CONSTRUCTED | 1, &there);
        ic_pki_der_optional(&list, DER_CONTEXT | 2, &there);
        PKI_TRY(ic_pki_ended(&list, IC_PKI_EXTENSION));
        return ic_pki_ended(&r, IC_PKI_EXTENSION);
    }
    return e->critical ? IC_PKI_EXTENSION_UNKNOWN : IC_PKI_NONE;
}

static enum ic_pki_reason read_extensions(struct ic_reader *body, struct ic_pki_crl *crl)
{
    bool there;
    uint64_t seen = 0;
    struct ic_reader outer =
        ic_reader(ic_pki_der_optional(body, DER_CONTEXT | DER_CONSTRUCTED | 0, &there));
    if (!there)
        return IC_PKI_NONE;
    struct ic_reader r = ic_reader(ic_pki_der_read(&outer, DER_SEQUENCE));
    PKI_TRY(ic_pki_ended(&outer, IC_PKI_MALFORMED));
    do {
        struct ic_pki_extension e;
        PKI_TRY(next_extension(&r, &seen, &e));
        PKI_TRY(read_extension(&e, crl));
    } while (ic_reader_more(&r));
    return ic_pki_ended(&r, IC_PKI_EXTENSION);
}

static enum ic_pki_reason read_times(struct ic_reader *r, struct ic_pki_crl *crl)
{
    crl->this_update = ic_pki_time_read(r);
    if (r->err != IC_OK)
        return IC_PKI_TIME;
    crl->next_update = ic_pki_time_read(r); /* RFC 5280 section 5.1.2.5 demands it */
    return r->err == IC_OK && crl->this_update <= crl->next_update ? IC_PKI_NONE : IC_PKI_TIME;
}

static enum ic_pki_reason read_body(struct ic_view content, struct ic_pki_crl *crl,
                                    struct ic_view *algorithm)
{
    struct ic_reader r = ic_reader(content);
    if (!ic_pki_der_next_is(&r, DER_INTEGER))
        return IC_PKI_VERSION; /* version 1 does not say so */
    struct ic_view version = ic_pki_der_integer(&r);
    if (r.err != IC_OK || version.len != 1 || version.p[0] != VERSION_2)
        return IC_PKI_VERSION;
    *algorithm = ic_pki_der_any(&r).whole;
    PKI_TRY(ic_pki_name_read(&r, &crl->issuer));
    PKI_TRY(read_times(&r, crl));
    if (ic_pki_der_next_is(&r, DER_SEQUENCE))
        PKI_TRY(read_entries(ic_pki_der_read(&r, DER_SEQUENCE), crl));
    PKI_TRY(read_extensions(&r, crl));
    return ic_pki_ended(&r, IC_PKI_MALFORMED);
}

static enum ic_pki_reason read_whole(struct ic_view der, struct ic_pki_crl *crl)
{
    struct ic_pki_signed whole;
    struct ic_view content, outer, inner;
    if (der.len > IC_PKI_CRL_MAX)
        return IC_PKI_TOO_BIG;
    PKI_TRY(ic_pki_signed_read(der, &whole, &content, &outer, NULL));
    PKI_TRY(read_body(content, crl, &inner));
    if (!ic_view_equal(inner, outer)) /* RFC 5280 section 5.1.1.2 */
        return IC_PKI_ALGORITHMS_DIFFER;
    crl->encoded = der;
    crl->signed_part = whole.part;
    crl->signature = whole.signature;
    crl->signature_algorithm = whole.algorithm;
    return IC_PKI_NONE;
}

ic_err ic_pki_crl_decode(struct ic_view der, struct ic_pki_crl *out, struct ic_pki_fault *fault)
{
    struct ic_pki_crl crl = {0};
    enum ic_pki_reason reason = read_whole(der, &crl);
    if (reason != IC_PKI_NONE)
        return ic_pki_fault_set(fault, reason, IC_PKI_LIST_INDEX, NULL);
    *out = crl;
    return IC_OK;
}

/* ---- whose it is ---- */

static enum ic_pki_reason verify(const struct ic_pki_crl *crl, const struct ic_pki_cert *issuer)
{
    struct ic_pki_signed s = {crl->signed_part, crl->signature, crl->signature_algorithm};
    bool keys_told = issuer->key_id.len > 0 && crl->authority_key_id.len > 0;
    if (!ic_pki_name_equal(crl->issuer, issuer->subject) ||
        (keys_told && !ic_view_equal(issuer->key_id, crl->authority_key_id)))
        return IC_PKI_ORDER;
    if (!issuer->is_ca)
        return IC_PKI_NOT_CA;
    if (issuer->has_key_usage && !(issuer->key_usage & IC_PKI_CRL_SIGN))
        return IC_PKI_KEY_USAGE;
    if (!ic_pki_key_serves(issuer))
        return IC_PKI_KEY_WEAK;
    return ic_pki_signed_check(&s, issuer);
}

ic_err ic_pki_crl_verify(const struct ic_pki_crl *crl, const struct ic_pki_cert *issuer,
                         struct ic_pki_fault *fault)
{
    enum ic_pki_reason reason = verify(crl, issuer);
    return reason == IC_PKI_NONE ? IC_OK : ic_pki_fault_set(fault, reason, IC_PKI_LIST_INDEX, NULL);
}
