#include <ic/crypto/info.h>

#include <ic/base/mem.h>
#include <stdio.h>

#include "provider.h"

#define OWN_VERSION IC_CRYPTO_VERSION
#define NOTHING "nothing"

#if defined(IC_CRYPTO_AWSLC) && defined(__x86_64__)
#define PROVED(text) text
#else
#define PROVED(text) NOTHING
#endif

enum { BULK, SIG, DH, OWN };

/* What is proved is AWS-LC's, of its x86-64 code. docs/crypto.md holds the same table. */
static const struct row {
    const char *primitive;
    int kind;
    int id;
    const char *proved;
} rows[] = {
    {"X25519", DH, IC_KEM_X25519,
     PROVED("correctness and constant time of the assembly, in HOL Light")},
    {"Ed25519", SIG, IC_ED25519,
     PROVED("correctness of the curve arithmetic, in HOL Light; not of the code that signs and "
            "verifies with it")},
    {"ECDH P-256", DH, IC_KEM_P256,
     PROVED("correctness of inversion and of multiplying a point, in HOL Light; not of the rest")},
    {"ECDH P-384", DH, IC_KEM_P384,
     PROVED("correctness of field arithmetic and of multiplying a point, in HOL Light; not of the "
            "rest")},
    {"ECDH P-521", DH, IC_KEM_P521,
     PROVED("correctness of field arithmetic and of multiplying a point, in HOL Light; not of the "
            "rest")},
    {"ECDSA P-256", SIG, IC_ECDSA_P256_SHA256,
     PROVED("correctness of inversion, in HOL Light; not of the rest")},
    {"ECDSA P-384", SIG, IC_ECDSA_P384_SHA384,
     PROVED("correctness of field arithmetic, in HOL Light; not of the rest")},
    {"ECDSA P-521", SIG, IC_ECDSA_P521_SHA512,
     PROVED("correctness of field arithmetic, in HOL Light; not of the rest")},
    {"X448", DH, IC_KEM_X448, NOTHING},
    {"Ed448", SIG, IC_ED448, NOTHING},
    {"RSA (verifying)", BULK, 0, NOTHING},
    {"SHA-1", BULK, 0, NOTHING},
    {"SHA-256", BULK, 0, NOTHING},
    {"SHA-384", BULK, 0, PROVED("correctness, in SAW")},
    {"SHA-512", BULK, 0, PROVED("correctness, in SAW")},
    {"AES-128-GCM", BULK, 0, NOTHING},
    {"AES-256-GCM", BULK, 0, NOTHING},
    {"ChaCha20-Poly1305", BULK, 0, NOTHING},
    {"AES-CTR", BULK, 0, NOTHING},
    {"HMAC", OWN, 0, NOTHING},
    {"HKDF", OWN, 0, NOTHING},
    {"DHKEM", OWN, 0, NOTHING},
    {"HPKE", OWN, 0, NOTHING},
};

static const struct ic_prov *prov_of(const struct row *r)
{
    switch (r->kind) {
    case SIG:
        return ic_prov_sig((enum ic_sig_id)r->id);
    case DH:
        return ic_prov_dh((enum ic_kem_id)r->id);
    case BULK:
        return ic_prov_bulk();
    default:
        return NULL;
    }
}

const struct ic_crypto_primitive *ic_crypto_info(size_t i)
{
    static _Thread_local struct ic_crypto_primitive table[IC_ARRAY_LEN(rows)];
    if (i >= IC_ARRAY_LEN(rows))
        return NULL;
    const struct ic_prov *prov = prov_of(&rows[i]);
    table[i] = (struct ic_crypto_primitive){
        .primitive = rows[i].primitive,
        .provider = prov ? prov->name : "In Camera",
        .version = prov ? prov->version() : OWN_VERSION,
        .proved = rows[i].proved,
    };
    return &table[i];
}

const char *ic_crypto_provider_line(void)
{
    static _Thread_local char line[128];
    const struct ic_prov *bulk = ic_prov_bulk(), *last = ic_prov_dh(IC_KEM_X448);
    if (bulk == last)
        snprintf(line, sizeof line, "%s %s", bulk->name, bulk->version());
    else
        snprintf(line, sizeof line, "%s %s with %s %s for curve 448", bulk->name, bulk->version(),
                 last->name, last->version());
    return line;
}
