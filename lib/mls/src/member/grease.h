/* Values that peers have to ignore, RFC 9420 section 13.5. */
#ifndef IC_MLS_GREASE_H
#define IC_MLS_GREASE_H

#include <ic/base/buf.h>
#include <ic/base/rand.h>

/* One of the fifteen at random. */
ic_err ic_mls_grease_type(const struct ic_rand *rand, uint16_t *out);
/* Puts an extension of that type into an encoded list: up to 15 random bytes. */
ic_err ic_mls_grease_extension(const struct ic_rand *rand, uint16_t type, struct ic_buf *list);

#endif
