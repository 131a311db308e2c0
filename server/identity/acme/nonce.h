/* Replay nonces (RFC 8555 section 6.5): each holds once, for an hour, and none is stored.
 *
 *     struct icd_acme_nonces n;
 *     IC_TRY(icd_acme_nonces_init(&n, &rand));
 *     char text[ICD_ACME_NONCE + 1];
 *     icd_acme_nonce_make(&n, now_ms, text);
 *     if (!icd_acme_nonce_take(&n, now_ms, sent))    // false: never given, taken before, too old
 *         return badNonce;
 *
 * A nonce is a number, the minute it was made in, and a MAC of both by a key of this process: whoever has not got
 * it from us cannot guess one, and after a restart none of the former ones holds. Which numbers were taken is
 * a bit each, for the last ICD_ACME_NONCES that were given out; older ones do not hold any more.
 */
#ifndef ICD_ACME_NONCE_H
#define ICD_ACME_NONCE_H

#include <ic/base/rand.h>
#include <ic/crypto/hash.h>

enum {
    ICD_ACME_NONCES = 1 << 20, /* 128 KB of bits */
    ICD_ACME_NONCE_BYTES = 24, /* number 8, minute 4, MAC 12 */
    ICD_ACME_NONCE = 32,       /* characters */
    ICD_ACME_NONCE_MIN = 60,   /* minutes */
};

struct icd_acme_nonces {
    struct ic_hmac_key key;
    uint64_t next;
    uint8_t *taken;
};

/* IC_ERR_NOMEM, the source's errors. End with icd_acme_nonces_clear. */
ic_err icd_acme_nonces_init(struct icd_acme_nonces *n, const struct ic_rand *rand);
void icd_acme_nonces_clear(struct icd_acme_nonces *n);
void icd_acme_nonce_make(struct icd_acme_nonces *n, uint64_t now_ms, char out[ICD_ACME_NONCE + 1]);
/* True once for each. */
bool icd_acme_nonce_take(struct icd_acme_nonces *n, uint64_t now_ms, const char *text);

#endif
