/* RFC 6960, written. */
#include <ic/pki/ocsp.h>

#include <ic/crypto/hash.h>

#include "ocsp.h"
#include "write.h"

const struct ic_view ic_pki_oid_ocsp_nonce = IC_VIEW_INIT("\x2b\x06\x01\x05\x05\x07\x30\x01\x02");
const struct ic_view ic_pki_oid_ocsp_basic = IC_VIEW_INIT("\x2b\x06\x01\x05\x05\x07\x30\x01\x01");

static void write_nonce(struct ic_writer *w, struct ic_view nonce, uint8_t number)
{
    if (nonce.len == 0)
        return;
    if (nonce.len > IC_PKI_OCSP_NONCE_MAX)
        ic_writer_fail(w, IC_ERR_ARG);
    size_t outer = ic_pki_der_open(w, (uint8_t)(DER_CONTEXT | DER_CONSTRUCTED | number));
    size_t list = ic_pki_der_open(w, DER_SEQUENCE);
    struct ic_pki_open_extension e = ic_pki_extension_open(w, ic_pki_oid_ocsp_nonce, false);
    ic_pki_der_put(w, DER_OCTET_STRING, nonce);
    ic_pki_extension_close(w, e);
    ic_pki_der_close(w, list);
    ic_pki_der_close(w, outer);
}

/* ---- a request ---- */

/* SHA-1, for it is what every responder knows; it protects nothing here. */
static void write_id(struct ic_writer *w, const struct ic_pki_cert *cert,
                     const struct ic_pki_cert *issuer)
{
    uint8_t hash[IC_HASH_MAX];
    size_t id = ic_pki_der_open(w, DER_SEQUENCE);
    size_t algorithm = ic_pki_der_open(w, DER_SEQUENCE);
    ic_pki_der_put(w, DER_OID, IC_VIEW_STR("\x2b\x0e\x03\x02\x1a"));
    ic_pki_der_put(w, DER_NULL, ic_view(NULL, 0));
    ic_pki_der_close(w, algorithm);
    ic_hash_once(IC_SHA1, issuer->subject, hash);
    ic_pki_der_put(w, DER_OCTET_STRING, ic_view(hash, ic_hash_len(IC_SHA1)));
    ic_hash_once(IC_SHA1, ic_pki_key_bits(issuer->key_info), hash);
    ic_pki_der_put(w, DER_OCTET_STRING, ic_view(hash, ic_hash_len(IC_SHA1)));
    ic_pki_der_put_integer(w, cert->serial);
    ic_pki_der_close(w, id);
}

ic_err ic_pki_ocsp_request_make(const struct ic_pki_cert *cert, const struct ic_pki_cert *issuer,
                                struct ic_view nonce, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    size_t whole = ic_pki_der_open(&w, DER_SEQUENCE);
    size_t body = ic_pki_der_open(&w, DER_SEQUENCE);
    size_t list = ic_pki_der_open(&w, DER_SEQUENCE);
    size_t one = ic_pki_der_open(&w, DER_SEQUENCE);
    write_id(&w, cert, issuer);
    ic_pki_der_close(&w, one);
    ic_pki_der_close(&w, list);
    write_nonce(&w, nonce, 2);
    ic_pki_der_close(&w, body);
    ic_pki_der_close(&w, whole);
    return ic_writer_end(&w);
}

/* ---- an answer ---- */

static void write_revoked(struct ic_writer *w, const struct ic_pki_ocsp_state *s)
{
    size_t revoked = ic_pki_der_open(w, DER_CONTEXT | DER_CONSTRUCTED | 1);
    ic_pki_der_put_generalized(w, s->revoked_at);
    if (s->reason != IC_PKI_REVOKED_UNSPECIFIED) {
        size_t reason = ic_pki_der_open(w, DER_CONTEXT | DER_CONSTRUCTED | 0);
        ic_pki_der_put_enumerated(w, (uint8_t)s->reason);
        ic_pki_der_close(w, reason);
    }
    ic_pki_der_close(w, revoked);
}

static void write_state(struct ic_writer *w, const struct ic_pki_ocsp_state *s)
{
    size_t one = ic_pki_der_open(w, DER_SEQUENCE);
    ic_write_bytes(w, s->id.encoded);
    if (s->status == IC_PKI_OCSP_REVOKED)
        write_revoked(w, s);
    else
        ic_pki_der_put(w, DER_CONTEXT | (s->status == IC_PKI_OCSP_GOOD ? 0 : 2), ic_view(NULL, 0));
    ic_pki_der_put_generalized(w, s->this_update);
    size_t next = ic_pki_der_open(w, DER_CONTEXT | DER_CONSTRUCTED | 0);
    ic_pki_der_put_generalized(w, s->next_update);
    ic_pki_der_close(w, next);
    ic_pki_der_close(w, one);
}

static void write_body(struct ic_writer *w, const struct ic_pki_ocsp_spec *spec,
                       const struct ic_pki_cert *issuer)
{
    uint8_t key[IC_HASH_MAX];
    ic_hash_once(IC_SHA1, ic_pki_key_bits(issuer->key_info), key);
    size_t body = ic_pki_der_open(w, DER_SEQUENCE);
    size_t responder = ic_pki_der_open(w, DER_CONTEXT | DER_CONSTRUCTED | 2);
    ic_pki_der_put(w, DER_OCTET_STRING, ic_view(key, ic_hash_len(IC_SHA1)));
    ic_pki_der_close(w, responder);
    ic_pki_der_put_generalized(w, spec->produced_at);
    size_t states = ic_pki_der_open(w, DER_SEQUENCE);
    for (size_t i = 0; i < spec->count; i++)
        write_state(w, &spec->states[i]);
    ic_pki_der_close(w, states);
    write_nonce(w, spec->nonce, 1);
    ic_pki_der_close(w, body);
}

ic_err ic_pki_ocsp_make(const struct ic_pki_ocsp_spec *spec, const struct ic_pki_cert *issuer,
                        const struct ic_sign_key *signer, struct ic_buf *out)
{
    if (spec->count == 0 || spec->count > IC_PKI_OCSP_IDS_MAX)
        return IC_ERR_ARG;
    IC_TRY(ic_pki_is_key_of(signer, issuer));
    struct ic_writer w = ic_writer(out);
    size_t whole = ic_pki_der_open(&w, DER_SEQUENCE);
    ic_pki_der_put_enumerated(&w, IC_PKI_OCSP_SUCCESSFUL);
    size_t explicit = ic_pki_der_open(&w, DER_CONTEXT | DER_CONSTRUCTED | 0);
    size_t bytes = ic_pki_der_open(&w, DER_SEQUENCE);
    ic_pki_der_put(&w, DER_OID, ic_pki_oid_ocsp_basic);
    size_t response = ic_pki_der_open(&w, DER_OCTET_STRING);
    size_t basic = ic_pki_der_open(&w, DER_SEQUENCE);
    size_t from = out->len;
    write_body(&w, spec, issuer);
    ic_pki_write_signature(&w, from, signer);
    ic_pki_der_close(&w, basic);
    ic_pki_der_close(&w, response);
    ic_pki_der_close(&w, bytes);
    ic_pki_der_close(&w, explicit);
    ic_pki_der_close(&w, whole);
    return ic_writer_end(&w);
}

ic_err ic_pki_ocsp_make_error(enum ic_pki_ocsp_outcome outcome, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    size_t whole = ic_pki_der_open(&w, DER_SEQUENCE);
    ic_pki_der_put_enumerated(&w, (uint8_t)outcome);
    ic_pki_der_close(&w, whole);
    return ic_writer_end(&w);
}
