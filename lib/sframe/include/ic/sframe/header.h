/* The SFrame header: RFC 9605 section 4.3.
 *
 *     uint8_t b[IC_SFRAME_HEADER_MAX];
 *     size_t n = ic_sframe_header_encode(&(struct ic_sframe_header){.kid = 0x123, .ctr = 7}, b);
 *
 * It is public on the wire, and authenticated only once the frame has been opened.
 */
#ifndef IC_SFRAME_HEADER_H
#define IC_SFRAME_HEADER_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>

enum { IC_SFRAME_HEADER_MAX = 17 };

struct ic_sframe_header {
    uint64_t kid;
    uint64_t ctr;
};

/* out: IC_SFRAME_HEADER_MAX bytes of room. The length used, 1 to 17. */
size_t ic_sframe_header_encode(const struct ic_sframe_header *h, uint8_t *out);
/* Reads the header at the front of a frame; *len gets its length. IC_ERR_TRUNCATED; IC_ERR_MALFORMED
 * where a value is not in its shortest form. */
ic_err ic_sframe_header_decode(struct ic_view frame, struct ic_sframe_header *out, size_t *len);

#endif
