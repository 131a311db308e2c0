/* Content authentication (RFC 9420 section 6.1) and transcript hashes (section 8.2): the public
 * part. MACs and encryption are the member's.
 *
 *     IC_TRY(ic_mlspub_content_verify(suite, key, &auth, &context));
 *     ic_mlspub_confirmed_hash(suite, interim, &auth, confirmed);
 *     ic_mlspub_interim_hash(suite, ic_view(confirmed, n), auth.confirmation_tag, interim);
 */
#ifndef IC_MLSPUB_FRAMING_H
#define IC_MLSPUB_FRAMING_H

#include <ic/base/api.h>
#include <ic/crypto/hash.h>
#include <ic/crypto/sign.h>
#include <ic/mlspub/types.h>

IC_API_BEGIN

/* Appends FramedContentTBS. context: the current one; it is part of it for member and
 * new_member_commit senders, else ignored (may be NULL). */
ic_err ic_mlspub_content_tbs(uint16_t wire_format, const struct ic_mlspub_content *c,
                             const struct ic_mlspub_group_context *context, struct ic_buf *out);
/* Appends AuthenticatedContentTBM (section 6.2), which the membership tag covers. */
ic_err ic_mlspub_content_tbm(const struct ic_mlspub_authenticated_content *a,
                             const struct ic_mlspub_group_context *context, struct ic_buf *out);
/* sig: IC_SIG_MAX bytes of room. */
ic_err ic_mlspub_content_sign(const struct ic_sign_key *key, uint16_t wire_format,
                              const struct ic_mlspub_content *c,
                              const struct ic_mlspub_group_context *context, uint8_t *sig,
                              size_t *sig_len);
/* IC_ERR_SIGNATURE, IC_ERR_KEY. */
ic_err ic_mlspub_content_verify(const struct ic_suite *s, struct ic_view public_key,
                                const struct ic_mlspub_authenticated_content *a,
                                const struct ic_mlspub_group_context *context);

/* confirmed_transcript_hash of the epoch that this commit opens; out: hash_len bytes. interim: that
 * of the current epoch, empty before the first commit. a->content.encoded must be set. */
void ic_mlspub_confirmed_hash(const struct ic_suite *s, struct ic_view interim,
                              const struct ic_mlspub_authenticated_content *a, uint8_t *out);
/* interim_transcript_hash of the epoch with that confirmed hash; out: hash_len bytes. */
void ic_mlspub_interim_hash(const struct ic_suite *s, struct ic_view confirmed,
                            struct ic_view confirmation_tag, uint8_t *out);

/* Appends GroupContext: the same as ic_mlspub_group_context_write into a buffer. */
ic_err ic_mlspub_group_context_encode(const struct ic_mlspub_group_context *c, struct ic_buf *out);

IC_API_END

#endif
