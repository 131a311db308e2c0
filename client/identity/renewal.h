/* Renews this device's certificate while a loop turns: when two thirds of its time are over, and again until it
 * succeeds. For certificates of the server that the device enrolled with; those of others are not ours to renew.
 *
 *     struct icc_renewal *w;
 *     struct icc_renewal_config c = {.loop = loop, .key = id.key, .certificates = chain, .renewed = on_renewed,
 *                                    .failed = on_failed, .ctx = ...};
 *     IC_TRY(icc_renewal_start(&c, &w));        // NULL: nothing here is to be renewed
 *     icc_renewal_now(w);                       // asked for by the person
 *     icc_renewal_free(w);                      // not within its callbacks, nor while the loop turns
 *
 * What came is in the profile before renewed is called.
 */
#ifndef ICC_IDENTITY_RENEWAL_H
#define ICC_IDENTITY_RENEWAL_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/crypto/sign.h>
#include <uv.h>

struct icc_renewal;

struct icc_renewal_config {
    uv_loop_t *loop;
    const struct ic_sign_key *key; /* borrowed */
    struct ic_view certificates;   /* as a credential's vector has them; looked at now alone */
    /* certificates: as in that vector. staple: may be empty. Both borrowed. */
    void (*renewed)(void *ctx, struct ic_view certificates, struct ic_view staple);
    /* It is tried again by itself. */
    void (*failed)(void *ctx, const char *why);
    void *ctx;
};

/* When a certificate is to be renewed, in milliseconds since 1970: two thirds of its time. */
uint64_t icc_renewal_due_ms(int64_t not_before_s, int64_t not_after_s);
/* How long until the next try after one that failed. */
uint64_t icc_renewal_retry_ms(uint64_t now_ms, int64_t not_after_s);

/* *out NULL where the device is not enrolled, or the certificate is not of that server. */
ic_err icc_renewal_start(const struct icc_renewal_config *c, struct icc_renewal **out);
/* At once, unless it is under way. Accepts NULL: false. */
bool icc_renewal_now(struct icc_renewal *w);
/* Accepts NULL. */
void icc_renewal_free(struct icc_renewal *w);

#endif
