/* A private key from randomness: the same for KEM and signature keys. */
#ifndef IC_CRYPTO_KEYGEN_H
#define IC_CRYPTO_KEYGEN_H

#include <ic/base/rand.h>
#include <ic/base/secret.h>

struct ic_curve;

/* Draws until the scalar is in range. IC_ERR_CRYPTO where 256 draws did not do: a broken source. */
ic_err ic_keygen_private(const struct ic_curve *c, const struct ic_rand *rand,
                         struct ic_secret *out);

#endif
