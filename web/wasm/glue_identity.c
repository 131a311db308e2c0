/* The device's signature key: made here, and given out once, to be kept wrapped (worker/identity.ts). */
#include "glue.h"

#include <ic/crypto/hash.h>
#include <ic/crypto/sign.h>

static int set(const struct ic_suite *suite, struct ic_sign_key *key)
{
    ic_sign_key_free(icw.identity);
    icw.identity = key;
    icw.suite = suite->id;
    return 0;
}

ICW_EXPORT int icw_identity_generate(int suite)
{
    const struct ic_suite *s = ic_suite_find((uint16_t)suite);
    struct ic_rand rand = icw_rand();
    struct ic_sign_key *key = NULL;
    if (!s)
        return -IC_ERR_UNSUPPORTED;
    ic_err e = ic_sign_key_generate(s->sig, &rand, &key);
    return e == IC_OK ? set(s, key) : -(int)e;
}

/* The private key lies in the room in. */
ICW_EXPORT int icw_identity_import(int suite, int len)
{
    const struct ic_suite *s = ic_suite_find((uint16_t)suite);
    struct ic_sign_key *key = NULL;
    if (!s)
        return -IC_ERR_UNSUPPORTED;
    ic_err e = ic_sign_key_import(s->sig, icw_given(len), &key);
    return e == IC_OK ? set(s, key) : -(int)e;
}

/* The private key to the room out: wrap it, then icw_wipe. */
ICW_EXPORT int icw_identity_export(void)
{
    IC_SECRET_SCOPE(raw);
    struct ic_buf *out = icw_answer();
    if (!icw.identity)
        return -IC_ERR_STATE;
    ic_err e = ic_sign_key_export(icw.identity, &raw);
    if (e == IC_OK)
        e = ic_buf_append(out, ic_secret_view(&raw));
    return icw_done(e);
}

/* SHA-256 of the public key: the key_hash of events. */
ICW_EXPORT int icw_identity_hash(void)
{
    uint8_t hash[IC_HASH_MAX];
    if (!icw.identity)
        return -IC_ERR_STATE;
    ic_hash_once(IC_SHA256, ic_sign_key_public(icw.identity), hash);
    return icw_done(ic_buf_append(icw_answer(), ic_view(hash, 32)));
}

ICW_EXPORT void icw_identity_forget(void)
{
    ic_sign_key_free(icw.identity);
    icw.identity = NULL;
}
