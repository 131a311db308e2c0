/* The two forms of an ECDSA signature: DER, as ic_sign gives it and ic_verify takes it, and r || s of fixed
 * length, as JWS (RFC 7518 section 3.4), PKCS #11 and WebCrypto have it.
 *
 *     uint8_t raw[IC_ECDSA_RAW_MAX];
 *     size_t len;
 *     IC_TRY(ic_sign(key, message, sig, &sig_len));
 *     IC_TRY(ic_ecdsa_raw_from_der(ic_sign_key_id(key), ic_view(sig, sig_len), raw, &len));
 */
#ifndef IC_CRYPTO_ECDSA_H
#define IC_CRYPTO_ECDSA_H

#include <ic/base/api.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/crypto/suite.h>

IC_API_BEGIN

enum { IC_ECDSA_RAW_MAX = 132 };

/* Bytes of r || s: twice the curve's field; 0 where id is not ECDSA. */
size_t ic_ecdsa_raw_len(enum ic_sig_id id);
/* raw: ic_ecdsa_raw_len bytes. Strict DER (RFC 3279 section 2.2.3): IC_ERR_MALFORMED; IC_ERR_UNSUPPORTED
 * where id is not ECDSA. */
ic_err ic_ecdsa_raw_from_der(enum ic_sig_id id, struct ic_view der, uint8_t *raw, size_t *raw_len);
/* der: IC_SIG_MAX bytes of room. IC_ERR_MALFORMED where raw has another length. */
ic_err ic_ecdsa_der_from_raw(enum ic_sig_id id, struct ic_view raw, uint8_t *der, size_t *der_len);

IC_API_END

#endif
