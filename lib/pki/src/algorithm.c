/* Which algorithms sign certificates, and which keys they hold. Identifiers are compared byte by
 * byte: each accepted one has one encoding in DER, or two where NULL parameters may be left out. */
#include <ic/base/mem.h>
#include <ic/crypto/sign.h>
#include <ic/crypto/verify.h>

#include "der.h"
#include "internal.h"

struct algorithm {
    struct ic_view identifier;
    enum ic_pki_key_kind key;
    enum ic_hash_id hash;
    enum ic_rsa_padding padding;
    enum ic_sig_id sig; /* of EdDSA */
};

#define RSA_PKCS1(last)                                                                            \
    IC_VIEW_INIT("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01" last "\x05\x00")
#define ECDSA(last) IC_VIEW_INIT("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03" last)
/* RFC 4055: hash, MGF1 with the same hash, a salt of its length. */
#define PSS_HASH(last) "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02" last "\x05\x00"
#define PSS(last, salt)                                                                            \
    IC_VIEW_INIT("\x30\x41\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34\xa0\x0f" PSS_HASH(  \
        last) "\xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08" PSS_HASH(last) "\xa2\x03\x02\x01" salt)

static const struct algorithm algorithms[] = {
    {IC_VIEW_INIT("\x30\x05\x06\x03\x2b\x65\x70"), IC_PKI_KEY_EDDSA, 0, 0, IC_ED25519},
    {IC_VIEW_INIT("\x30\x05\x06\x03\x2b\x65\x71"), IC_PKI_KEY_EDDSA, 0, 0, IC_ED448},
    {ECDSA("\x02"), IC_PKI_KEY_ECDSA, IC_SHA256, 0, 0},
    {ECDSA("\x03"), IC_PKI_KEY_ECDSA, IC_SHA384, 0, 0},
    {ECDSA("\x04"), IC_PKI_KEY_ECDSA, IC_SHA512, 0, 0},
    {RSA_PKCS1("\x0b"), IC_PKI_KEY_RSA, IC_SHA256, IC_RSA_PKCS1, 0},
    {RSA_PKCS1("\x0c"), IC_PKI_KEY_RSA, IC_SHA384, IC_RSA_PKCS1, 0},
    {RSA_PKCS1("\x0d"), IC_PKI_KEY_RSA, IC_SHA512, IC_RSA_PKCS1, 0},
    {PSS("\x01", "\x20"), IC_PKI_KEY_RSA, IC_SHA256, IC_RSA_PSS, 0},
    {PSS("\x02", "\x30"), IC_PKI_KEY_RSA, IC_SHA384, IC_RSA_PSS, 0},
    {PSS("\x03", "\x40"), IC_PKI_KEY_RSA, IC_SHA512, IC_RSA_PSS, 0},
};

uint8_t ic_pki_signature_algorithm(struct ic_view identifier)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(algorithms); i++) {
        if (ic_view_equal(algorithms[i].identifier, identifier))
            return (uint8_t)(i + 1);
    }
    return 0;
}

/* ---- keys ---- */

struct key_type {
    struct ic_view identifier;
    enum ic_pki_key_kind kind;
    enum ic_sig_id sig;
};

#define EC_CURVE(len, curve) IC_VIEW_INIT("\x30" len "\x06\x07\x2a\x86\x48\xce\x3d\x02\x01" curve)

static const struct key_type key_types[] = {
    {IC_VIEW_INIT("\x30\x05\x06\x03\x2b\x65\x70"), IC_PKI_KEY_EDDSA, IC_ED25519},
    {IC_VIEW_INIT("\x30\x05\x06\x03\x2b\x65\x71"), IC_PKI_KEY_EDDSA, IC_ED448},
    {EC_CURVE("\x13", "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"), IC_PKI_KEY_ECDSA,
     IC_ECDSA_P256_SHA256},
    {EC_CURVE("\x10", "\x06\x05\x2b\x81\x04\x00\x22"), IC_PKI_KEY_ECDSA, IC_ECDSA_P384_SHA384},
    {EC_CURVE("\x10", "\x06\x05\x2b\x81\x04\x00\x23"), IC_PKI_KEY_ECDSA, IC_ECDSA_P521_SHA512},
    {RSA_PKCS1("\x01"), IC_PKI_KEY_RSA, 0},
};

static enum ic_pki_reason read_rsa(struct ic_view bits, struct ic_pki_cert *c)
{
    struct ic_reader outer = ic_reader(bits);
    struct ic_reader r = ic_reader(ic_pki_der_read(&outer, DER_SEQUENCE));
    c->key = ic_pki_der_integer(&r);
    c->exponent = ic_pki_der_integer(&r);
    if (ic_reader_end(&r) != IC_OK || ic_reader_end(&outer) != IC_OK)
        return IC_PKI_MALFORMED;
    return IC_PKI_NONE;
}

enum ic_pki_reason ic_pki_key_read(struct ic_view info, struct ic_pki_cert *c)
{
    struct ic_reader outer = ic_reader(info);
    struct ic_reader r = ic_reader(ic_pki_der_read(&outer, DER_SEQUENCE));
    struct ic_pki_der identifier = ic_pki_der_any(&r);
    struct ic_view bits = ic_pki_der_bytes(&r);
    if (ic_reader_end(&outer) != IC_OK || ic_reader_end(&r) != IC_OK ||
        identifier.tag != DER_SEQUENCE)
        return IC_PKI_MALFORMED;
    c->key_info = info;
    c->key = bits;
    for (size_t i = 0; i < IC_ARRAY_LEN(key_types); i++) {
        const struct key_type *t = &key_types[i];
        if (!ic_view_equal(t->identifier, identifier.whole))
            continue;
        c->key_kind = t->kind;
        c->key_sig = t->sig;
        if (t->kind == IC_PKI_KEY_RSA)
            return read_rsa(bits, c);
        /* A compressed point is a key that we do not take. */
        if (bits.len != ic_sig_public_len(t->sig) ||
            (t->kind == IC_PKI_KEY_ECDSA && bits.p[0] != 4))
            c->key_kind = IC_PKI_KEY_OTHER;
    }
    return IC_PKI_NONE;
}

struct ic_view ic_pki_key_bits(struct ic_view info)
{
    struct ic_reader outer = ic_reader(info);
    struct ic_reader r = ic_reader(ic_pki_der_read(&outer, DER_SEQUENCE));
    (void)ic_pki_der_any(&r);
    return ic_pki_der_bytes(&r);
}

bool ic_pki_key_serves(const struct ic_pki_cert *issuer)
{
    struct ic_rsa_key rsa = {issuer->key, issuer->exponent};
    if (issuer->key_kind == IC_PKI_KEY_RSA)
        return ic_rsa_key_check(&rsa) == IC_OK;
    return issuer->key_kind != IC_PKI_KEY_OTHER;
}

/* ---- signatures ---- */

static ic_err verify(const struct algorithm *a, const struct ic_pki_signed *s,
                     const struct ic_pki_cert *signer)
{
    switch (a->key) {
    case IC_PKI_KEY_RSA: {
        struct ic_rsa_key rsa = {signer->key, signer->exponent};
        return ic_verify_rsa(a->padding, a->hash, &rsa, s->part, s->signature);
    }
    case IC_PKI_KEY_ECDSA:
        return ic_verify_ecdsa(signer->key_sig, a->hash, signer->key, s->part, s->signature);
    default:
        return ic_verify(a->sig, signer->key, s->part, s->signature);
    }
}

enum ic_pki_reason ic_pki_signed_check(const struct ic_pki_signed *s,
                                       const struct ic_pki_cert *signer)
{
    if (s->algorithm == 0)
        return IC_PKI_SIGNATURE_ALGORITHM;
    const struct algorithm *a = &algorithms[s->algorithm - 1];
    if (a->key != signer->key_kind || (a->sig && a->sig != signer->key_sig))
        return IC_PKI_SIGNATURE;
    switch (verify(a, s, signer)) {
    case IC_OK:
        return IC_PKI_NONE;
    case IC_ERR_SIGNATURE:
    case IC_ERR_KEY:
        return IC_PKI_SIGNATURE;
    case IC_ERR_UNSUPPORTED:
        return IC_PKI_SIGNATURE_ALGORITHM;
    default:
        return IC_PKI_FAILED;
    }
}

enum ic_pki_reason ic_pki_signature_check(const struct ic_pki_cert *c,
                                          const struct ic_pki_cert *issuer)
{
    struct ic_pki_signed s = {c->signed_part, c->signature, c->signature_algorithm};
    return ic_pki_signed_check(&s, issuer);
}

enum ic_pki_reason ic_pki_signed_read(struct ic_view der, struct ic_pki_signed *out,
                                      struct ic_view *inner, struct ic_view *algorithm,
                                      struct ic_reader *rest)
{
    struct ic_reader outer = ic_reader(der);
    struct ic_reader r = ic_reader(ic_pki_der_read(&outer, DER_SEQUENCE));
    PKI_TRY(ic_pki_ended(&outer, IC_PKI_MALFORMED));
    struct ic_pki_der body = ic_pki_der_any(&r);
    struct ic_pki_der identifier = ic_pki_der_any(&r);
    struct ic_view signature = ic_pki_der_bytes(&r);
    if (r.err != IC_OK || body.tag != DER_SEQUENCE || identifier.tag != DER_SEQUENCE)
        return IC_PKI_MALFORMED;
    if (!rest)
        PKI_TRY(ic_pki_ended(&r, IC_PKI_MALFORMED));
    else
        *rest = r;
    *out =
        (struct ic_pki_signed){body.whole, signature, ic_pki_signature_algorithm(identifier.whole)};
    *inner = body.content;
    *algorithm = identifier.whole;
    return IC_PKI_NONE;
}

/* ---- what the suites' keys sign with ---- */

struct ic_view ic_pki_sign_identifier(enum ic_sig_id id)
{
    static const struct {
        enum ic_sig_id id;
        uint8_t at;
    } of[] = {{IC_ED25519, 0},
              {IC_ED448, 1},
              {IC_ECDSA_P256_SHA256, 2},
              {IC_ECDSA_P384_SHA384, 3},
              {IC_ECDSA_P521_SHA512, 4}};
    for (size_t i = 0; i < IC_ARRAY_LEN(of); i++) {
        if (of[i].id == id)
            return algorithms[of[i].at].identifier;
    }
    return ic_view(NULL, 0);
}

struct ic_view ic_pki_key_identifier(enum ic_sig_id id)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(key_types); i++) {
        if (key_types[i].kind != IC_PKI_KEY_RSA && key_types[i].sig == id)
            return key_types[i].identifier;
    }
    return ic_view(NULL, 0);
}
