#include <ic/pki/crl.h>

#include "write.h"

static void write_reason(struct ic_writer *w, enum ic_pki_revocation reason)
{
    if (reason == IC_PKI_REVOKED_UNSPECIFIED) /* RFC 5280 section 5.3.1: then there is none */
        return;
    size_t list = ic_pki_der_open(w, DER_SEQUENCE);
    struct ic_pki_open_extension e = ic_pki_extension_open(w, PKI_CE("\x15"), false);
    ic_pki_der_put_enumerated(w, (uint8_t)reason);
    ic_pki_extension_close(w, e);
    ic_pki_der_close(w, list);
}

static bool reason_good(enum ic_pki_revocation reason)
{
    return (unsigned)reason <= 10 && reason != 7 && reason != 8; /* 8: of delta lists */
}

static void write_entries(struct ic_writer *w, const struct ic_pki_crl_spec *spec)
{
    if (spec->count == 0)
        return;
    size_t list = ic_pki_der_open(w, DER_SEQUENCE);
    for (size_t i = 0; i < spec->count && w->err == IC_OK; i++) {
        const struct ic_pki_crl_entry *e = &spec->entries[i];
        if (e->serial.len == 0 || e->serial.len > IC_PKI_SERIAL_MAX || !reason_good(e->reason))
            ic_writer_fail(w, IC_ERR_ARG);
        size_t entry = ic_pki_der_open(w, DER_SEQUENCE);
        ic_pki_der_put_integer(w, e->serial);
        ic_pki_der_put_time(w, e->time);
        write_reason(w, e->reason);
        ic_pki_der_close(w, entry);
    }
    ic_pki_der_close(w, list);
}

static void write_extensions(struct ic_writer *w, uint64_t number, struct ic_view key_id)
{
    size_t outer = ic_pki_der_open(w, DER_CONTEXT | DER_CONSTRUCTED | 0);
    size_t list = ic_pki_der_open(w, DER_SEQUENCE);
    ic_pki_write_authority_key_id(w, key_id);
    struct ic_pki_open_extension e = ic_pki_extension_open(w, PKI_CE("\x14"), false);
    ic_pki_der_put_number(w, number);
    ic_pki_extension_close(w, e);
    ic_pki_der_close(w, list);
    ic_pki_der_close(w, outer);
}

ic_err ic_pki_crl_make(const struct ic_pki_crl_spec *spec, const struct ic_pki_cert *issuer,
                       const struct ic_sign_key *signer, struct ic_buf *out)
{
    if (spec->this_update > spec->next_update)
        return IC_ERR_ARG;
    IC_TRY(ic_pki_is_key_of(signer, issuer));
    struct ic_writer w = ic_writer(out);
    size_t whole = ic_pki_der_open(&w, DER_SEQUENCE);
    size_t from = out->len;
    size_t body = ic_pki_der_open(&w, DER_SEQUENCE);
    ic_pki_der_put_number(&w, 1);
    ic_pki_write_algorithm(&w, ic_sign_key_id(signer));
    ic_write_bytes(&w, issuer->subject);
    ic_pki_der_put_time(&w, spec->this_update);
    ic_pki_der_put_time(&w, spec->next_update);
    write_entries(&w, spec);
    write_extensions(&w, spec->number, issuer->key_id);
    ic_pki_der_close(&w, body);
    ic_pki_write_signature(&w, from, signer);
    ic_pki_der_close(&w, whole);
    return ic_writer_end(&w);
}
