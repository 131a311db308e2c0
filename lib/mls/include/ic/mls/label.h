/* RFC 9420 section 8: ExpandWithLabel and DeriveSecret, for those who derive from what a group exports.
 *
 *     uint8_t code[40];
 *     IC_TRY(ic_mls_expand_with_label(suite, authenticator, "InCamera Code", group_id, code, 40));
 */
#ifndef IC_MLS_LABEL_H
#define IC_MLS_LABEL_H

#include <ic/base/api.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/base/secret.h>
#include <ic/crypto/suite.h>

IC_API_BEGIN

/* label: without "MLS 1.0 ", which is put before it; at most 247 bytes. IC_ERR_RANGE for a longer one,
 * and for more than 255 hash lengths. */
ic_err ic_mls_expand_with_label(const struct ic_suite *s, struct ic_view secret, const char *label,
                                struct ic_view context, uint8_t *out, size_t out_len);
/* DeriveSecret: ExpandWithLabel without context, of one hash length. out may be the secret itself. */
ic_err ic_mls_derive_secret(const struct ic_suite *s, struct ic_view secret, const char *label,
                            struct ic_secret *out);

IC_API_END

#endif
