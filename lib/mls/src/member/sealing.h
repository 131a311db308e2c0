/* EncryptWithLabel and DecryptWithLabel, RFC 9420 section 5.1.3, to many receivers at once: the context is
 * hashed once, and the executor may share out the work. Ephemeral keys are drawn before it begins, in the
 * receivers' order: the same randomness gives the same bytes, whoever seals when.
 *
 *     struct ic_hpke_info info;
 *     IC_TRY(ic_mls_sealing_info(suite, "UpdatePathNode", context, &info));
 *     struct ic_mls_receiver to[2] = {{public_key, path_secret}, {other_key, path_secret}};
 *     const struct ic_mls_sealing how = {suite, &info, rand, exec, &arena};
 *     IC_TRY(ic_mls_seal_all(&how, to, 2));
 *     ic_mls_sealed_write(&to[0], &w);
 */
#ifndef IC_MLS_SEALING_H
#define IC_MLS_SEALING_H

#include <ic/base/secret.h>
#include <ic/crypto/hpke.h>
#include <ic/mlspub/executor.h>
#include <ic/mlspub/types.h>

/* label without "MLS 1.0 ". */
ic_err ic_mls_sealing_info(const struct ic_suite *s, const char *label, struct ic_view context,
                           struct ic_hpke_info *out);

struct ic_mls_receiver {
    struct ic_view public_key;
    struct ic_view plain;
    struct ic_view enc, sealed; /* filled, in the arena */
};
struct ic_mls_sealing {
    const struct ic_suite *suite;
    const struct ic_hpke_info *info;
    const struct ic_rand *rand;
    const struct ic_mlspub_executor *exec; /* or NULL */
    struct ic_arena *arena;
};
/* IC_ERR_KEY where a public key is none. */
ic_err ic_mls_seal_all(const struct ic_mls_sealing *how, struct ic_mls_receiver *to, size_t n);
/* An HPKECiphertext. */
void ic_mls_sealed_write(const struct ic_mls_receiver *r, struct ic_writer *w);
/* The same for one receiver. */
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
