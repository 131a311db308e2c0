/* FramedContent of our own making, and the membership tag: RFC 9420 sections 6 to 6.2. */
#ifndef IC_MLS_FRAME_H
#define IC_MLS_FRAME_H

#include <ic/base/secret.h>
#include <ic/crypto/sign.h>
#include <ic/mlspub/types.h>

/* Appends the FramedContent to bytes and sets c->encoded to it; c's other members, but for the union,
 * say what it holds. body: the application data, or the encoded Proposal or Commit. bytes must be empty. */
ic_err ic_mls_frame_encode(struct ic_mlspub_content *c, struct ic_view body, struct ic_buf *bytes);

/* Appends an MLSMessage with a PublicMessage; membership: NULL for one who is no member. */
ic_err ic_mls_public_encode(const struct ic_suite *s, const struct ic_secret *membership,
                            const struct ic_mlspub_authenticated_content *a,
                            const struct ic_mlspub_group_context *context, struct ic_buf *out);
/* Checks the membership tag, section 6.2. IC_ERR_AUTH. */
ic_err ic_mls_public_check(const struct ic_suite *s, const struct ic_secret *membership,
                           const struct ic_mlspub_group_context *context,
                           const struct ic_mlspub_public_message *m);

#endif
