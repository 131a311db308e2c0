/* The PSK secret, RFC 9420 section 8.4, built one PSK at a time in the order of the commit.
 *
 *     struct ic_mls_psk_mix m;
 *     ic_mls_psk_mix_init(&m, suite, count);
 *     for (...)
 *         IC_TRY(ic_mls_psk_mix_add(&m, encoded_id, psk));
 *     ... &m.secret ...                  // all zeros where count is 0
 *     ic_mls_psk_mix_clear(&m);
 */
#ifndef IC_MLS_PSK_H
#define IC_MLS_PSK_H

#include <ic/base/secret.h>
#include <ic/crypto/suite.h>

struct ic_mls_psk_mix {
    const struct ic_suite *suite;
    struct ic_secret secret;
    uint16_t index;
    uint16_t count;
};

void ic_mls_psk_mix_init(struct ic_mls_psk_mix *m, const struct ic_suite *s, uint16_t count);
void ic_mls_psk_mix_clear(struct ic_mls_psk_mix *m);
/* encoded_id: the PreSharedKeyID. IC_ERR_LIMIT where it is longer than 1 KiB. */
ic_err ic_mls_psk_mix_add(struct ic_mls_psk_mix *m, struct ic_view encoded_id, struct ic_view psk);

#endif
