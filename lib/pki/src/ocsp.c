/* RFC 6960, read. */
#include <ic/pki/ocsp.h>

#include <ic/base/mem.h>
#include <ic/crypto/hash.h>
#include <string.h>

#include "ocsp.h"
#include "write.h"

/* ---- what both have ---- */

static enum ic_hash_id read_hash(struct ic_view identifier)
{
    static const struct {
        struct ic_view content;
        enum ic_hash_id hash;
    } known[] = {
        {IC_VIEW_INIT("\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00"), IC_SHA1},
        {IC_VIEW_INIT("\x06\x05\x2b\x0e\x03\x02\x1a"), IC_SHA1},
        {IC_VIEW_INIT("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00"), IC_SHA256},
        {IC_VIEW_INIT("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"), IC_SHA256},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(known); i++) {
        if (ic_view_equal(known[i].content, identifier))
            return known[i].hash;
    }
    return 0;
}

static enum ic_pki_reason read_id(struct ic_reader *r, struct ic_pki_ocsp_id *out)
{
    struct ic_pki_der whole = ic_pki_der_any(r);
    if (r->err != IC_OK || whole.tag != DER_SEQUENCE)
        return IC_PKI_MALFORMED;
    struct ic_reader id = ic_reader(whole.content);
    out->encoded = whole.whole;
    out->hash = read_hash(ic_pki_der_read(&id, DER_SEQUENCE));
    out->name_hash = ic_pki_der_read(&id, DER_OCTET_STRING);
    out->key_hash = ic_pki_der_read(&id, DER_OCTET_STRING);
    out->serial = ic_pki_der_integer(&id);
    PKI_TRY(ic_pki_ended(&id, IC_PKI_MALFORMED));
    return out->serial.len <= IC_PKI_SERIAL_MAX ? IC_PKI_NONE : IC_PKI_SERIAL;
}

bool ic_pki_ocsp_id_matches(const struct ic_pki_ocsp_id *id, const struct ic_pki_cert *issuer)
{
    uint8_t name[IC_HASH_MAX], key[IC_HASH_MAX];
    if (id->hash == 0)
        return false;
    ic_hash_once(id->hash, issuer->subject, name);
    ic_hash_once(id->hash, ic_pki_key_bits(issuer->key_info), key);
    return ic_view_equal(id->name_hash, ic_view(name, ic_hash_len(id->hash))) &&
           ic_view_equal(id->key_hash, ic_view(key, ic_hash_len(id->hash)));
}

/* The nonce is all that is understood; of the others none may be critical. */
static enum ic_pki_reason read_extensions(struct ic_view explicit, struct ic_view *nonce)
{
    struct ic_reader outer = ic_reader(explicit);
    struct ic_reader r = ic_reader(ic_pki_der_read(&outer, DER_SEQUENCE));
    PKI_TRY(ic_pki_ended(&outer, IC_PKI_MALFORMED));
    while (ic_reader_more(&r)) {
        struct ic_pki_extension e;
        PKI_TRY(ic_pki_extension_next(&r, &e));
        if (!nonce || !ic_view_equal(e.oid, ic_pki_oid_ocsp_nonce)) {
            if (e.critical)
                return IC_PKI_EXTENSION_UNKNOWN;
            continue;
        }
        struct ic_reader value = ic_reader(e.value);
        if (nonce->len > 0)
            return IC_PKI_EXTENSION_TWICE;
        *nonce = ic_pki_der_read(&value, DER_OCTET_STRING);
        PKI_TRY(ic_pki_ended(&value, IC_PKI_EXTENSION));
        if (nonce->len == 0 || nonce->len > IC_PKI_OCSP_NONCE_MAX)
            return IC_PKI_EXTENSION;
    }
    return ic_pki_ended(&r, IC_PKI_EXTENSION);
}

static enum ic_pki_reason optional_extensions(struct ic_reader *r, uint8_t number,
                                              struct ic_view *nonce)
{
    bool there;
    struct ic_view v =
        ic_pki_der_optional(r, (uint8_t)(DER_CONTEXT | DER_CONSTRUCTED | number), &there);
    return there ? read_extensions(v, nonce) : IC_PKI_NONE;
}

/* Version 1 is the default; some write it. */
static enum ic_pki_reason read_version(struct ic_reader *r)
{
    bool there;
    struct ic_reader v =
        ic_reader(ic_pki_der_optional(r, DER_CONTEXT | DER_CONSTRUCTED | 0, &there));
    if (!there)
        return IC_PKI_NONE;
    struct ic_view number = ic_pki_der_integer(&v);
    PKI_TRY(ic_pki_ended(&v, IC_PKI_MALFORMED));
    return number.len == 1 && number.p[0] == 0 ? IC_PKI_NONE : IC_PKI_VERSION;
}

/* ---- a request ---- */

static enum ic_pki_reason read_asked(struct ic_reader *r, struct ic_pki_ocsp_id *out)
{
    struct ic_reader one = ic_reader(ic_pki_der_read(r, DER_SEQUENCE));
    PKI_TRY(read_id(&one, out));
    PKI_TRY(optional_extensions(&one, 0, NULL));
    return ic_pki_ended(&one, IC_PKI_MALFORMED);
}

bool ic_pki_ocsp_id_next(struct ic_reader *r, struct ic_pki_ocsp_id *out)
{
    if (!ic_reader_more(r))
        return false;
    if (read_asked(r, out) == IC_PKI_NONE)
        return true;
    ic_reader_fail(r, IC_ERR_MALFORMED);
    return false;
}

static enum ic_pki_reason read_list(struct ic_view list, struct ic_pki_ocsp_request *q)
{
    struct ic_reader r = ic_reader(list);
    struct ic_pki_ocsp_id id;
    q->ids = list;
    for (q->count = 0; ic_reader_more(&r); q->count++) {
        if (q->count == IC_PKI_OCSP_IDS_MAX)
            return IC_PKI_TOO_BIG;
        PKI_TRY(read_asked(&r, &id));
    }
    return q->count > 0 ? ic_pki_ended(&r, IC_PKI_MALFORMED) : IC_PKI_MALFORMED;
}

static enum ic_pki_reason read_request(struct ic_view der, struct ic_pki_ocsp_request *q)
{
    bool there;
    if (der.len > IC_PKI_OCSP_REQUEST_MAX)
        return IC_PKI_TOO_BIG;
    struct ic_reader outer = ic_reader(der);
    struct ic_reader whole = ic_reader(ic_pki_der_read(&outer, DER_SEQUENCE));
    PKI_TRY(ic_pki_ended(&outer, IC_PKI_MALFORMED));
    struct ic_reader r = ic_reader(ic_pki_der_read(&whole, DER_SEQUENCE));
    ic_pki_der_optional(&whole, DER_CONTEXT | DER_CONSTRUCTED | 0, &there); /* a signature */
    PKI_TRY(ic_pki_ended(&whole, IC_PKI_MALFORMED));
    PKI_TRY(read_version(&r));
    ic_pki_der_optional(&r, DER_CONTEXT | DER_CONSTRUCTED | 1, &there); /* who asks */
    struct ic_view list = ic_pki_der_read(&r, DER_SEQUENCE);
    if (r.err != IC_OK)
        return IC_PKI_MALFORMED;
    PKI_TRY(read_list(list, q));
    PKI_TRY(optional_extensions(&r, 2, &q->nonce));
    return ic_pki_ended(&r, IC_PKI_MALFORMED);
}

ic_err ic_pki_ocsp_request_decode(struct ic_view der, struct ic_pki_ocsp_request *out,
                                  struct ic_pki_fault *fault)
{
    struct ic_pki_ocsp_request q = {0};
    enum ic_pki_reason reason = read_request(der, &q);
    if (reason != IC_PKI_NONE)
        return ic_pki_fault_set(fault, reason, IC_PKI_REQUEST_INDEX, NULL);
    *out = q;
    return IC_OK;
}

/* ---- an answer ---- */

static enum ic_pki_reason read_time(struct ic_reader *r, int64_t *out)
{
    if (!ic_pki_der_next_is(r, DER_GENERALIZED_TIME))
        return IC_PKI_TIME;
    *out = ic_pki_time_read(r);
    return r->err == IC_OK ? IC_PKI_NONE : IC_PKI_TIME;
}

static enum ic_pki_reason read_revoked(struct ic_view content, struct ic_pki_ocsp_state *s)
{
    bool there;
    struct ic_reader r = ic_reader(content);
    PKI_TRY(read_time(&r, &s->revoked_at));
    struct ic_reader explicit =
        ic_reader(ic_pki_der_optional(&r, DER_CONTEXT | DER_CONSTRUCTED | 0, &there));
    PKI_TRY(ic_pki_ended(&r, IC_PKI_MALFORMED));
    if (!there)
        return IC_PKI_NONE;
    struct ic_view reason = ic_pki_der_read(&explicit, DER_ENUMERATED);
    PKI_TRY(ic_pki_ended(&explicit, IC_PKI_MALFORMED));
    if (reason.len != 1 || reason.p[0] > 10)
        return IC_PKI_MALFORMED;
    s->reason = reason.p[0];
    return IC_PKI_NONE;
}

static enum ic_pki_reason read_status(struct ic_reader *r, struct ic_pki_ocsp_state *s)
{
    struct ic_pki_der status = ic_pki_der_any(r);
    s->status = status.tag == (DER_CONTEXT | 0)                     ? IC_PKI_OCSP_GOOD
                : status.tag == (DER_CONTEXT | DER_CONSTRUCTED | 1) ? IC_PKI_OCSP_REVOKED
                                                                    : IC_PKI_OCSP_UNKNOWN;
    if (r->err != IC_OK)
        return IC_PKI_MALFORMED;
    if (s->status == IC_PKI_OCSP_REVOKED)
        return read_revoked(status.content, s);
    bool known = s->status == IC_PKI_OCSP_GOOD || status.tag == (DER_CONTEXT | 2);
    return known && status.content.len == 0 ? IC_PKI_NONE : IC_PKI_MALFORMED;
}

static enum ic_pki_reason read_state(struct ic_reader *list, struct ic_pki_ocsp_state *out)
{
    bool there;
    struct ic_pki_ocsp_state s = {.reason = IC_PKI_REVOKED_UNSPECIFIED};
    struct ic_reader r = ic_reader(ic_pki_der_read(list, DER_SEQUENCE));
    PKI_TRY(read_id(&r, &s.id));
    PKI_TRY(read_status(&r, &s));
    PKI_TRY(read_time(&r, &s.this_update));
    s.next_update = s.this_update;
    struct ic_reader next =
        ic_reader(ic_pki_der_optional(&r, DER_CONTEXT | DER_CONSTRUCTED | 0, &there));
    if (there) {
        PKI_TRY(read_time(&next, &s.next_update));
        PKI_TRY(ic_pki_ended(&next, IC_PKI_TIME));
    }
    PKI_TRY(optional_extensions(&r, 1, NULL));
    PKI_TRY(ic_pki_ended(&r, IC_PKI_MALFORMED));
    if (s.next_update < s.this_update)
        return IC_PKI_TIME;
    *out = s;
    return IC_PKI_NONE;
}

bool ic_pki_ocsp_state_next(struct ic_reader *r, struct ic_pki_ocsp_state *out)
{
    if (!ic_reader_more(r))
        return false;
    if (read_state(r, out) == IC_PKI_NONE)
        return true;
    ic_reader_fail(r, IC_ERR_MALFORMED);
    return false;
}

static enum ic_pki_reason read_states(struct ic_view list, struct ic_pki_ocsp *a)
{
    struct ic_reader r = ic_reader(list);
    struct ic_pki_ocsp_state s;
    a->states = list;
    for (a->count = 0; ic_reader_more(&r); a->count++) {
        if (a->count == IC_PKI_OCSP_IDS_MAX)
            return IC_PKI_TOO_BIG;
        PKI_TRY(read_state(&r, &s));
    }
    return a->count > 0 ? ic_pki_ended(&r, IC_PKI_MALFORMED) : IC_PKI_MALFORMED;
}

static enum ic_pki_reason read_responder(struct ic_reader *r, struct ic_pki_ocsp *a)
{
    struct ic_pki_der id = ic_pki_der_any(r);
    struct ic_reader inner = ic_reader(id.content);
    if (r->err == IC_OK && id.tag == (DER_CONTEXT | DER_CONSTRUCTED | 1)) {
        PKI_TRY(ic_pki_name_read(&inner, &a->responder_name));
        return ic_pki_ended(&inner, IC_PKI_MALFORMED);
    }
    if (r->err != IC_OK || id.tag != (DER_CONTEXT | DER_CONSTRUCTED | 2))
        return IC_PKI_MALFORMED;
    a->responder_key = ic_pki_der_read(&inner, DER_OCTET_STRING);
    return ic_pki_ended(&inner, IC_PKI_MALFORMED);
}

static enum ic_pki_reason read_body(struct ic_view content, struct ic_pki_ocsp *a)
{
    struct ic_reader r = ic_reader(content);
    PKI_TRY(read_version(&r));
    PKI_TRY(read_responder(&r, a));
    PKI_TRY(read_time(&r, &a->produced_at));
    struct ic_view list = ic_pki_der_read(&r, DER_SEQUENCE);
    if (r.err != IC_OK)
        return IC_PKI_MALFORMED;
    PKI_TRY(read_states(list, a));
    PKI_TRY(optional_extensions(&r, 1, &a->nonce));
    return ic_pki_ended(&r, IC_PKI_MALFORMED);
}

static enum ic_pki_reason read_basic(struct ic_view der, struct ic_pki_ocsp *a)
{
    bool there;
    struct ic_pki_signed whole;
    struct ic_view content, algorithm;
    struct ic_reader rest;
    PKI_TRY(ic_pki_signed_read(der, &whole, &content, &algorithm, &rest));
    ic_pki_der_optional(&rest, DER_CONTEXT | DER_CONSTRUCTED | 0, &there); /* certificates */
    PKI_TRY(ic_pki_ended(&rest, IC_PKI_MALFORMED));
    a->signed_part = whole.part;
    a->signature = whole.signature;
    a->signature_algorithm = whole.algorithm;
    return read_body(content, a);
}

static enum ic_pki_reason read_bytes(struct ic_view explicit, struct ic_pki_ocsp *a)
{
    struct ic_reader outer = ic_reader(explicit);
    struct ic_reader r = ic_reader(ic_pki_der_read(&outer, DER_SEQUENCE));
    PKI_TRY(ic_pki_ended(&outer, IC_PKI_MALFORMED));
    struct ic_view type = ic_pki_der_read(&r, DER_OID);
    struct ic_view basic = ic_pki_der_read(&r, DER_OCTET_STRING);
    PKI_TRY(ic_pki_ended(&r, IC_PKI_MALFORMED));
    if (!ic_view_equal(type, ic_pki_oid_ocsp_basic))
        return IC_PKI_MALFORMED;
    return read_basic(basic, a);
}

static enum ic_pki_reason read_answer(struct ic_view der, struct ic_pki_ocsp *a)
{
    bool there;
    if (der.len > IC_PKI_OCSP_MAX)
        return IC_PKI_TOO_BIG;
    struct ic_reader outer = ic_reader(der);
    struct ic_reader r = ic_reader(ic_pki_der_read(&outer, DER_SEQUENCE));
    PKI_TRY(ic_pki_ended(&outer, IC_PKI_MALFORMED));
    struct ic_view outcome = ic_pki_der_read(&r, DER_ENUMERATED);
    struct ic_view bytes = ic_pki_der_optional(&r, DER_CONTEXT | DER_CONSTRUCTED | 0, &there);
    PKI_TRY(ic_pki_ended(&r, IC_PKI_MALFORMED));
    if (outcome.len != 1 || outcome.p[0] > IC_PKI_OCSP_UNAUTHORIZED || outcome.p[0] == 4)
        return IC_PKI_MALFORMED;
    a->outcome = outcome.p[0];
    if (there != (a->outcome == IC_PKI_OCSP_SUCCESSFUL))
        return IC_PKI_MALFORMED;
    return there ? read_bytes(bytes, a) : IC_PKI_NONE;
}

ic_err ic_pki_ocsp_decode(struct ic_view der, struct ic_pki_ocsp *out, struct ic_pki_fault *fault)
{
    struct ic_pki_ocsp a = {0};
    enum ic_pki_reason reason = read_answer(der, &a);
    if (reason != IC_PKI_NONE)
        return ic_pki_fault_set(fault, reason, IC_PKI_ANSWER_INDEX, NULL);
    *out = a;
    return IC_OK;
}
