/* RFC 9420 section 8: ExpandWithLabel and DeriveSecret, for those who derive from what a group exports. */
#ifndef IC_MLS_LABEL_H
#define IC_MLS_LABEL_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/crypto/suite.h>

/* label: without "MLS 1.0 ", which is put before it. */
ic_err ic_mls_expand_with_label(const struct ic_suite *s, struct ic_view secret, const char *label,
                                struct ic_view context, uint8_t *out, size_t out_len);

#endif
