/* Import of any private key: first byte the suite. What is taken must sign and verify. */
#include <ic/crypto/kem.h>
#include <ic/crypto/sign.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static void try_sign_key(const struct ic_suite *s, struct ic_view key)
{
    struct ic_sign_key *k;
    uint8_t sig[IC_SIG_MAX];
    size_t len;
    ic_err e = ic_sign_key_import(s->sig, key, &k);
    if (e != IC_OK) {
        must(e == IC_ERR_KEY);
        return;
    }
    struct ic_view pub = ic_sign_key_public(k);
    must(ic_verify_key_check(s->sig, pub) == IC_OK);
    must(ic_sign(k, IC_VIEW_STR("m"), sig, &len) == IC_OK);
    must(ic_verify(s->sig, pub, IC_VIEW_STR("m"), ic_view(sig, len)) == IC_OK);
    ic_sign_key_free(k);
}

static void try_kem_key(const struct ic_suite *s, struct ic_view key)
{
    struct ic_kem_pair pair;
    ic_err e = ic_kem_import_private(s->kem, key, &pair);
    if (e != IC_OK) {
        must(e == IC_ERR_KEY);
        return;
    }
    must(ic_kem_public_check(s->kem, ic_view(pair.public_key, pair.public_len)) == IC_OK);
    ic_kem_pair_clear(&pair);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 256)
        return 0;
    const struct ic_suite *s = ic_suite_find(data[0]);
    if (!s)
        return 0;
    try_sign_key(s, ic_view(data + 1, size - 1));
    try_kem_key(s, ic_view(data + 1, size - 1));
    return 0;
}
