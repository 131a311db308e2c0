/* EncryptWithLabel and DecryptWithLabel, RFC 9420 section 5.1.3, with the context hashed once for many
 * receivers.
 *
 *     struct ic_hpke_info info;
 *     IC_TRY(ic_mls_sealing_info(suite, "UpdatePathNode", context, &info));
 *     IC_TRY(ic_mls_seal_write(suite, &info, public_key, path_secret, rand, &w));
 */
#ifndef IC_MLS_SEALING_H
#define IC_MLS_SEALING_H

#include <ic/base/secret.h>
#include <ic/crypto/hpke.h>
#include <ic/mlspub/types.h>

/* label without "MLS 1.0 ". */
ic_err ic_mls_sealing_info(const struct ic_suite *s, const char *label, struct ic_view context,
                           struct ic_hpke_info *out);
/* Writes an HPKECiphertext. IC_ERR_KEY where the public key is none. */
ic_err ic_mls_seal_write(const struct ic_suite *s, const struct ic_hpke_info *info,
                         struct ic_view public_key, struct ic_view plain,
                         const struct ic_rand *rand, struct ic_writer *w);
/* A short secret. IC_ERR_AUTH; IC_ERR_KEY where kem_output is no key. */
ic_err ic_mls_open_secret(const struct ic_hpke_info *info, struct ic_view private_key,
                          struct ic_view public_key, const struct ic_mlspub_ciphertext *c,
                          struct ic_secret *out);
/* out is cleared first; wipe it with ic_buf_clear_secret. */
ic_err ic_mls_open(const struct ic_hpke_info *info, struct ic_view private_key,
                   struct ic_view public_key, const struct ic_mlspub_ciphertext *c,
                   struct ic_buf *out);

#endif
