/* Hexadecimal and base64 (RFC 4648), in constant time per byte, without tables: they carry keys too.
 *
 *     char hex[2 * 32 + 1];
 *     ic_hex_encode(v, hex);
 */
#ifndef IC_BASE_TEXT_H
#define IC_BASE_TEXT_H

#include <ic/base/api.h>
#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>

IC_API_BEGIN

/* out: 2 * v.len + 1 bytes, lower case, NUL-terminated. */
void ic_hex_encode(struct ic_view v, char *out);
/* Appends the bytes. IC_ERR_MALFORMED on an odd length or another character. */
ic_err ic_hex_decode(struct ic_view text, struct ic_buf *out);

/* The two alphabets of RFC 4648. */
enum ic_base64_kind { IC_BASE64_STD, IC_BASE64_URL }; /* URL: '-' and '_', no padding */
/* Characters without the NUL. */
size_t ic_base64_len(enum ic_base64_kind kind, size_t len);
/* out: ic_base64_len + 1 bytes, NUL-terminated. */
void ic_base64_encode(enum ic_base64_kind kind, struct ic_view v, char *out);
/* Appends the bytes. Strict: padding as the kind demands, no white space, no stray bits. */
ic_err ic_base64_decode(enum ic_base64_kind kind, struct ic_view text, struct ic_buf *out);

IC_API_END

#endif
