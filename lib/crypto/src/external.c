/* Signature keys that live elsewhere. */
#include <ic/crypto/sign.h>

#include <ic/base/mem.h>
#include <string.h>

#include "provider.h"

struct external_key {
    struct ic_sign_key key; /* first: what callers hold */
    struct ic_signer signer;
};

static ic_err sign(const struct ic_sign_key *k, struct ic_view message, uint8_t *sig,
                   size_t *sig_len)
{
    const struct external_key *x = (const struct external_key *)k;
    uint8_t made[IC_SIG_MAX];
    size_t len = 0;
    IC_TRY(x->signer.sign(x->signer.ctx, message, made, &len));
    IC_TRY(ic_verify(k->id, ic_sign_key_public(k), message, ic_view(made, len)));
    memcpy(sig, made, len);
    *sig_len = len;
    return IC_OK;
}

static void sign_close(struct ic_sign_key *k)
{
    (void)k;
}

/* No provider of the build: the one of a key like this. */
static const struct ic_prov elsewhere = {
    .name = "external", .sign = sign, .sign_close = sign_close};

ic_err ic_sign_key_external(enum ic_sig_id id, struct ic_view public_key,
                            const struct ic_signer *signer, struct ic_sign_key **out)
{
    IC_TRY(ic_verify_key_check(id, public_key));
    struct external_key *x = ic_new(struct external_key);
    if (!x)
        return IC_ERR_NOMEM;
    x->signer = *signer;
    x->key.prov = &elsewhere;
    x->key.id = id;
    x->key.public_len = (uint8_t)public_key.len;
    memcpy(x->key.public_key, public_key.p, public_key.len);
    *out = &x->key;
    return IC_OK;
}
