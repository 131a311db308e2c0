/* Labelled signatures and hash references (RFC 9420 sections 5.1.2 and 5.2).
 *
 *     IC_TRY(ic_mlspub_verify_with_label(suite->sig, key, "KeyPackageTBS", kp.tbs, kp.signature));
 *
 * Labels are given without "MLS 1.0 ", which is put before them, except to ic_mlspub_ref_hash.
 */
#ifndef IC_MLSPUB_LABEL_H
#define IC_MLSPUB_LABEL_H

#include <ic/base/api.h>
#include <ic/crypto/hash.h>
#include <ic/crypto/sign.h>
#include <ic/mlspub/types.h>

IC_API_BEGIN

/* sig: IC_SIG_MAX bytes of room. IC_ERR_NOMEM, IC_ERR_CRYPTO. */
ic_err ic_mlspub_sign_with_label(const struct ic_sign_key *key, const char *label,
                                 struct ic_view content, uint8_t *sig, size_t *sig_len);
/* IC_ERR_SIGNATURE, IC_ERR_KEY, IC_ERR_NOMEM. */
ic_err ic_mlspub_verify_with_label(enum ic_sig_id id, struct ic_view public_key, const char *label,
                                   struct ic_view content, struct ic_view sig);
/* The content in parts, taken as one. */
ic_err ic_mlspub_verify_parts_with_label(enum ic_sig_id id, struct ic_view public_key,
                                         const char *label, const struct ic_view *parts, size_t n,
                                         struct ic_view sig);

/* The same of a content in parts, taken as one. */
ic_err ic_mlspub_sign_parts_with_label(const struct ic_sign_key *key, const char *label,
                                       const struct ic_view *parts, size_t n, uint8_t *sig,
                                       size_t *sig_len);

/* label in full: "MLS 1.0 KeyPackage Reference". out: ic_hash_len(id) bytes. */
void ic_mlspub_ref_hash(enum ic_hash_id id, const char *label, struct ic_view value, uint8_t *out);
/* KeyPackageRef by the hash of the key package's own suite; encoded: the KeyPackage (no
 * MLSMessage). */
void ic_mlspub_key_package_ref(const struct ic_suite *s, struct ic_view encoded, uint8_t *out);
/* ProposalRef: over the AuthenticatedContent; content.encoded must be set. */
void ic_mlspub_proposal_ref(const struct ic_suite *s,
                            const struct ic_mlspub_authenticated_content *a, uint8_t *out);

/* The three signed objects. IC_ERR_SIGNATURE, IC_ERR_KEY, IC_ERR_NOMEM. group_id and leaf are part
 * of what is signed for leaves whose source is update or commit (section 7.2), else ignored. */
ic_err ic_mlspub_leaf_node_verify(const struct ic_suite *s, const struct ic_mlspub_leaf_node *l,
                                  struct ic_view group_id, uint32_t leaf);
ic_err ic_mlspub_key_package_verify(const struct ic_suite *s,
                                    const struct ic_mlspub_key_package *k);
ic_err ic_mlspub_group_info_verify(const struct ic_suite *s, const struct ic_mlspub_group_info *g,
                                   struct ic_view signer_key);

/* Appends a whole signed object made of x's fields; x's signature, encoded and tbs are ignored. */
ic_err ic_mlspub_leaf_node_sign(const struct ic_sign_key *key, const struct ic_mlspub_leaf_node *x,
                                struct ic_view group_id, uint32_t leaf, struct ic_buf *out);
ic_err ic_mlspub_key_package_sign(const struct ic_sign_key *key,
                                  const struct ic_mlspub_key_package *x, struct ic_buf *out);
ic_err ic_mlspub_group_info_sign(const struct ic_sign_key *key,
                                 const struct ic_mlspub_group_info *x, struct ic_buf *out);

IC_API_END

#endif
