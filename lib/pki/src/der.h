/* DER on a reader with a sticky error: tags below 31, definite and shortest lengths, nothing else.
 */
#ifndef IC_PKI_DER_H
#define IC_PKI_DER_H

#include <ic/base/reader.h>

enum {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_UTF8 = 0x0c,
    DER_PRINTABLE = 0x13,
    DER_TELETEX = 0x14,
    DER_IA5 = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_UNIVERSAL_STRING = 0x1c,
    DER_BMP = 0x1e,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT = 0x80,
    DER_CONSTRUCTED = 0x20,
};

struct ic_pki_der {
    uint8_t tag;
    struct ic_view content;
    struct ic_view whole;
};

/* Any element; zeros after an error. */
struct ic_pki_der ic_pki_der_any(struct ic_reader *r);
/* The content of an element that must have this tag: IC_ERR_MALFORMED for another. */
struct ic_view ic_pki_der_read(struct ic_reader *r, uint8_t tag);
/* True where an element with this tag is next. */
bool ic_pki_der_next_is(const struct ic_reader *r, uint8_t tag);
/* As ic_pki_der_read where it is next; else the empty view, and *there false. */
struct ic_view ic_pki_der_optional(struct ic_reader *r, uint8_t tag, bool *there);
/* A BOOLEAN DEFAULT FALSE: absent, or true; DER forbids to write FALSE. */
bool ic_pki_der_flag(struct ic_reader *r);
/* A non-negative INTEGER's bytes without leading zero; zero is one zero byte. Fails below 0, or
 * where it is not the shortest. */
struct ic_view ic_pki_der_integer(struct ic_reader *r);
/* A BIT STRING of whole bytes. */
struct ic_view ic_pki_der_bytes(struct ic_reader *r);
/* A named bit list of at most 16 bits: bit 0 of the result is the first. */
uint16_t ic_pki_der_bits(struct ic_reader *r);

#endif
