/* RFC 2986, with the attribute extensionRequest of RFC 2985 section 5.4.2. */
#include <ic/pki/csr.h>

#include "write.h"

static const uint8_t extension_request[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e};

enum { ATTRIBUTES_MAX = 16 };

/* ---- making one ---- */

static void write_attributes(struct ic_writer *w, const struct ic_pki_csr_spec *spec)
{
    size_t all = ic_pki_der_open(w, DER_CONTEXT | DER_CONSTRUCTED | 0);
    if (spec->name_count > 0) {
        size_t attribute = ic_pki_der_open(w, DER_SEQUENCE);
        ic_pki_der_put(w, DER_OID, IC_VIEW_ARRAY(extension_request));
        size_t values = ic_pki_der_open(w, DER_SET);
        size_t extensions = ic_pki_der_open(w, DER_SEQUENCE);
        ic_pki_write_alt_names(w, spec->names, spec->name_count, false);
        ic_pki_der_close(w, extensions);
        ic_pki_der_close(w, values);
        ic_pki_der_close(w, attribute);
    }
    ic_pki_der_close(w, all);
}

ic_err ic_pki_csr_make(const struct ic_pki_csr_spec *spec, const struct ic_sign_key *key,
                       struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    size_t whole = ic_pki_der_open(&w, DER_SEQUENCE);
    size_t from = out->len;
    size_t body = ic_pki_der_open(&w, DER_SEQUENCE);
    ic_pki_der_put_number(&w, 0);
    ic_pki_write_subject(&w, &spec->subject);
    ic_pki_write_key_info(&w, ic_sign_key_id(key), ic_sign_key_public(key));
    write_attributes(&w, spec);
    ic_pki_der_close(&w, body);
    ic_pki_write_signature(&w, from, key);
    ic_pki_der_close(&w, whole);
    return ic_writer_end(&w);
}

/* ---- reading one ---- */

/* c: takes what the requested extensions say. */
static enum ic_pki_reason read_values(struct ic_view values, struct ic_pki_cert *c)
{
    struct ic_reader set = ic_reader(values);
    struct ic_view list = ic_pki_der_read(&set, DER_SEQUENCE);
    PKI_TRY(ic_pki_ended(&set, IC_PKI_EXTENSION));
    return list.len > 0 ? ic_pki_extensions_read(list, c) : IC_PKI_NONE;
}

/* Others than extensionRequest, a challenge password above all, say nothing here. */
static enum ic_pki_reason read_attributes(struct ic_view list, struct ic_pki_cert *c)
{
    struct ic_reader r = ic_reader(list);
    bool asked = false;
    for (size_t n = 0; ic_reader_more(&r); n++) {
        struct ic_reader attribute = ic_reader(ic_pki_der_read(&r, DER_SEQUENCE));
        struct ic_view type = ic_pki_der_read(&attribute, DER_OID);
        struct ic_view values = ic_pki_der_read(&attribute, DER_SET);
        PKI_TRY(ic_pki_ended(&attribute, IC_PKI_MALFORMED));
        if (n == ATTRIBUTES_MAX)
            return IC_PKI_TOO_BIG;
        if (!ic_view_equal(type, IC_VIEW_ARRAY(extension_request)))
            continue;
        if (asked)
            return IC_PKI_EXTENSION_TWICE;
        asked = true;
        PKI_TRY(read_values(values, c));
    }
    return ic_pki_ended(&r, IC_PKI_MALFORMED);
}

static enum ic_pki_reason read_body(struct ic_view content, struct ic_pki_cert *c)
{
    struct ic_reader r = ic_reader(content);
    struct ic_view version = ic_pki_der_integer(&r);
    if (r.err != IC_OK)
        return IC_PKI_MALFORMED;
    if (version.len != 1 || version.p[0] != 0)
        return IC_PKI_VERSION;
    PKI_TRY(ic_pki_name_read(&r, &c->subject));
    PKI_TRY(ic_pki_key_read(ic_pki_der_any(&r).whole, c));
    struct ic_view attributes = ic_pki_der_read(&r, DER_CONTEXT | DER_CONSTRUCTED | 0);
    PKI_TRY(ic_pki_ended(&r, IC_PKI_MALFORMED));
    return read_attributes(attributes, c);
}

static enum ic_pki_reason read_whole(struct ic_view der, struct ic_pki_cert *c)
{
    struct ic_pki_signed whole;
    struct ic_view content, algorithm;
    if (der.len > IC_PKI_CSR_MAX)
        return IC_PKI_TOO_BIG;
    PKI_TRY(ic_pki_signed_read(der, &whole, &content, &algorithm, NULL));
    PKI_TRY(read_body(content, c));
    if (!ic_pki_key_serves(c))
        return IC_PKI_KEY_WEAK;
    return ic_pki_signed_check(&whole, c);
}

ic_err ic_pki_csr_decode(struct ic_view der, struct ic_pki_csr *out, struct ic_pki_fault *fault)
{
    struct ic_pki_cert c = {.path_len = -1};
    enum ic_pki_reason reason = read_whole(der, &c);
    if (reason != IC_PKI_NONE)
        return ic_pki_fault_set(fault, reason, IC_PKI_REQUEST_INDEX, NULL);
    *out = (struct ic_pki_csr){.encoded = der,
                               .subject = c.subject,
                               .names = c.names,
                               .wants_ca = c.is_ca,
                               .key_info = c.key_info,
                               .key_kind = c.key_kind,
                               .key_sig = c.key_sig,
                               .key = c.key,
                               .exponent = c.exponent};
    return IC_OK;
}
