#include "internal.h"

#include <openssl/sha.h>

/* The low-level functions cannot fail for contexts that they have initialised themselves. */
#define HASH(name, NAME, context, digest_len, block)                                               \
    static void name##_init(void *state)                                                           \
    {                                                                                              \
        (void)NAME##_Init((context *)state);                                                       \
    }                                                                                              \
    static void name##_update(void *state, const uint8_t *p, size_t n)                             \
    {                                                                                              \
        (void)NAME##_Update((context *)state, p, n);                                               \
    }                                                                                              \
    static void name##_final(void *state, uint8_t *out)                                            \
    {                                                                                              \
        (void)NAME##_Final(out, (context *)state);                                                 \
    }                                                                                              \
    static const struct ic_prov_hash name = {                                                      \
        digest_len, block, sizeof(context), name##_init, name##_update, name##_final,              \
    }

HASH(sha1, SHA1, SHA_CTX, 20, 64);
HASH(sha256, SHA256, SHA256_CTX, 32, 64);
HASH(sha384, SHA384, SHA512_CTX, 48, 128);
HASH(sha512, SHA512, SHA512_CTX, 64, 128);

const struct ic_prov_hash *ic_awslc_hash(enum ic_hash_id id)
{
    switch (id) {
    case IC_SHA1:
        return &sha1;
    case IC_SHA256:
        return &sha256;
    case IC_SHA384:
        return &sha384;
    case IC_SHA512:
        return &sha512;
    }
    return NULL;
}
