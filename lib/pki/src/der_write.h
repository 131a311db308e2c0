/* DER written into a buffer, on a writer with a sticky error. An element of a length that is not
 * known yet is opened and closed; they nest.
 *
 *     size_t list = ic_pki_der_open(&w, DER_SEQUENCE);
 *     ic_pki_der_put(&w, DER_OID, oid);
 *     ic_pki_der_close(&w, list);
 */
#ifndef IC_PKI_DER_WRITE_H
#define IC_PKI_DER_WRITE_H

#include <ic/base/writer.h>

#include "der.h"

/* A mark for _close. */
size_t ic_pki_der_open(struct ic_writer *w, uint8_t tag);
void ic_pki_der_close(struct ic_writer *w, size_t mark);
/* A whole element. */
void ic_pki_der_put(struct ic_writer *w, uint8_t tag, struct ic_view content);
/* A non-negative INTEGER, big-endian; leading zeros are left out. */
void ic_pki_der_put_integer(struct ic_writer *w, struct ic_view number);
void ic_pki_der_put_number(struct ic_writer *w, uint64_t number);
void ic_pki_der_put_enumerated(struct ic_writer *w, uint8_t value);
void ic_pki_der_put_true(struct ic_writer *w);
/* A BIT STRING of whole bytes. */
void ic_pki_der_put_bytes(struct ic_writer *w, struct ic_view v);
/* A named bit list, as ic_pki_der_bits reads it; bits is not 0. */
void ic_pki_der_put_bits(struct ic_writer *w, uint16_t bits);
/* GeneralizedTime; IC_ERR_ARG before 1950 and after 9999. */
void ic_pki_der_put_generalized(struct ic_writer *w, int64_t time);
/* RFC 5280 section 4.1.2.5: UTCTime until 2049, GeneralizedTime after it. */
void ic_pki_der_put_time(struct ic_writer *w, int64_t time);

#endif
