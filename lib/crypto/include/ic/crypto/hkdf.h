/* HKDF (RFC 5869) over HMAC midstates.
 *
 *     IC_SECRET_SCOPE(prk);
 *     ic_hkdf_extract(IC_SHA256, salt, ikm, &prk);
 *     IC_TRY(ic_hkdf_expand(IC_SHA256, ic_secret_view(&prk), info, out, 16));
 */
#ifndef IC_CRYPTO_HKDF_H
#define IC_CRYPTO_HKDF_H

#include <ic/base/api.h>
#include <ic/base/bytes.h>
#include <ic/base/secret.h>
#include <ic/crypto/hash.h>

IC_API_BEGIN

/* prk gets ic_hash_len(id) bytes. It may be the salt or ikm itself. */
void ic_hkdf_extract(enum ic_hash_id id, struct ic_view salt, struct ic_view ikm,
                     struct ic_secret *prk);
/* The parts are taken as one IKM. */
void ic_hkdf_extract_parts(enum ic_hash_id id, struct ic_view salt, const struct ic_view *ikm,
                           size_t n, struct ic_secret *prk);
/* out_len <= 255 hash lengths: IC_ERR_RANGE above. */
ic_err ic_hkdf_expand(enum ic_hash_id id, struct ic_view prk, struct ic_view info, uint8_t *out,
                      size_t out_len);
/* With a prepared key, and info in parts: for many expansions of one secret. */
ic_err ic_hkdf_expand_key(const struct ic_hmac_key *prk, const struct ic_view *info, size_t n,
                          uint8_t *out, size_t out_len);

IC_API_END

#endif
