/* The tables of RFC 9420 section 17.1 and RFC 9180 section 7. */
#include <ic/crypto/suite.h>

#include <ic/base/mem.h>
#include <ic/crypto/aead.h>

#include "curve.h"
#include "provider.h"

#define NONCE_LEN IC_AEAD_NONCE_LEN

static const struct ic_suite suites[] = {
    {1, "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519", IC_KEM_X25519, IC_SHA256, IC_AES_128_GCM,
     IC_ED25519, 32, 16, NONCE_LEN, 32, 32, 32},
    {2, "MLS_128_DHKEMP256_AES128GCM_SHA256_P256", IC_KEM_P256, IC_SHA256, IC_AES_128_GCM,
     IC_ECDSA_P256_SHA256, 32, 16, NONCE_LEN, 65, 32, 65},
    {3, "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519", IC_KEM_X25519, IC_SHA256,
     IC_CHACHA20_POLY1305, IC_ED25519, 32, 32, NONCE_LEN, 32, 32, 32},
    {4, "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448", IC_KEM_X448, IC_SHA512, IC_AES_256_GCM,
     IC_ED448, 64, 32, NONCE_LEN, 56, 56, 57},
    {5, "MLS_256_DHKEMP521_AES256GCM_SHA512_P521", IC_KEM_P521, IC_SHA512, IC_AES_256_GCM,
     IC_ECDSA_P521_SHA512, 64, 32, NONCE_LEN, 133, 66, 133},
    {6, "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448", IC_KEM_X448, IC_SHA512,
     IC_CHACHA20_POLY1305, IC_ED448, 64, 32, NONCE_LEN, 56, 56, 57},
    {7, "MLS_256_DHKEMP384_AES256GCM_SHA384_P384", IC_KEM_P384, IC_SHA384, IC_AES_256_GCM,
     IC_ECDSA_P384_SHA384, 48, 32, NONCE_LEN, 97, 48, 97},
};

static bool served(const struct ic_suite *s)
{
    return ic_prov_dh(s->kem) && ic_prov_sig(s->sig);
}

/* RFC9420-17.1-3 */
const struct ic_suite *ic_suite_find(uint16_t id)
{
    if (id == 0 || id > IC_ARRAY_LEN(suites))
        return NULL;
    const struct ic_suite *s = &suites[id - 1];
    return served(s) ? s : NULL;
}

const struct ic_suite *ic_suite_at(size_t i)
{
    for (size_t k = 0; k < IC_ARRAY_LEN(suites); k++) {
        if (served(&suites[k]) && i-- == 0)
            return &suites[k];
    }
    return NULL;
}

size_t ic_hash_len(enum ic_hash_id id)
{
    switch (id) {
    case IC_SHA1:
        return 20;
    case IC_SHA256:
        return 32;
    case IC_SHA384:
        return 48;
    case IC_SHA512:
        return 64;
    }
    return 0;
}

size_t ic_aead_key_len(enum ic_aead_id id)
{
    switch (id) {
    case IC_AES_128_GCM:
        return 16;
    case IC_AES_256_GCM:
    case IC_CHACHA20_POLY1305:
        return 32;
    }
    return 0;
}

size_t ic_kem_public_len(enum ic_kem_id id)
{
    const struct ic_curve *c = ic_curve_of_kem(id);
    return c ? c->public_len : 0;
}

size_t ic_sig_public_len(enum ic_sig_id id)
{
    const struct ic_curve *c = ic_curve_of_sig(id);
    return c ? c->public_len : 0;
}
