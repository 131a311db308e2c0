/* The NIST curves through EC_POINT and EC_KEY; its groups are static, so a key is cheap to make. */
#include "internal.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/ecdsa.h>
#include <string.h>

#include "../curve.h"

static const EC_GROUP *group_of(enum ic_kem_id id)
{
    switch (id) {
    case IC_KEM_P256:
        return EC_group_p256();
    case IC_KEM_P384:
        return EC_group_p384();
    default:
        return EC_group_p521();
    }
}

/* Everything that one operation on a curve takes. */
struct work {
    const EC_GROUP *group;
    BIGNUM scalar;
    EC_POINT *point;
    EC_POINT *result;
};

static void work_clear(struct work *w)
{
    EC_POINT_free(w->point);
    EC_POINT_clear_free(w->result);
    BN_clear_free(&w->scalar);
}

#define WORK_SCOPE(name) __attribute__((cleanup(work_clear))) struct work name

static bool work_init(struct work *w, enum ic_kem_id id)
{
    w->group = group_of(id);
    BN_init(&w->scalar);
    w->point = EC_POINT_new(w->group);
    w->result = EC_POINT_new(w->group);
    return w->point && w->result;
}

/* Refuses what is not on the curve; the order is prime, so that is all there is to refuse. */
static bool load_point(const EC_GROUP *group, EC_POINT *point, struct ic_view v)
{
    return EC_POINT_oct2point(group, point, v.p, v.len, NULL) == 1;
}

ic_err ic_awslc_ec_public(enum ic_kem_id id, struct ic_view private_key, uint8_t *public_key)
{
    WORK_SCOPE(w);
    size_t len = ic_kem_public_len(id);
    if (!work_init(&w, id))
        return IC_ERR_NOMEM;
    if (!BN_bin2bn(private_key.p, private_key.len, &w.scalar) ||
        EC_POINT_mul(w.group, w.result, &w.scalar, NULL, NULL, NULL) != 1 ||
        EC_POINT_point2oct(w.group, w.result, POINT_CONVERSION_UNCOMPRESSED, public_key, len,
                           NULL) != len)
        return IC_ERR_CRYPTO;
    return IC_OK;
}

ic_err ic_awslc_ec_dh(enum ic_kem_id id, struct ic_view private_key, struct ic_view peer,
                      uint8_t *out)
{
    WORK_SCOPE(w);
    uint8_t point[IC_KEM_PUBLIC_MAX];
    size_t len = ic_kem_public_len(id);
    if (!work_init(&w, id))
        return IC_ERR_NOMEM;
    if (!load_point(w.group, w.point, peer))
        return IC_ERR_KEY;
    if (!BN_bin2bn(private_key.p, private_key.len, &w.scalar) ||
        EC_POINT_mul(w.group, w.result, NULL, w.point, &w.scalar, NULL) != 1 ||
        EC_POINT_point2oct(w.group, w.result, POINT_CONVERSION_UNCOMPRESSED, point, len, NULL) !=
            len)
        return IC_ERR_CRYPTO;
    memcpy(out, point + 1, len / 2);
    ic_wipe(point, sizeof point);
    return IC_OK;
}

ic_err ic_awslc_ec_key_check(enum ic_kem_id id, struct ic_view public_key)
{
    const EC_GROUP *group = group_of(id);
    EC_POINT *point = EC_POINT_new(group);
    if (!point)
        return IC_ERR_NOMEM;
    bool good = load_point(group, point, public_key);
    EC_POINT_free(point);
    return good ? IC_OK : IC_ERR_KEY;
}

static EC_KEY *key_new(enum ic_kem_id id)
{
    EC_KEY *key = EC_KEY_new();
    if (key && EC_KEY_set_group(key, group_of(id)) == 1)
        return key;
    EC_KEY_free(key);
    return NULL;
}

ic_err ic_awslc_ecdsa_open(struct ic_sign_key *k)
{
    const struct ic_curve *c = ic_curve_of_sig(k->id);
    IC_TRY(ic_awslc_ec_public(c->kem, ic_secret_view(&k->private_key), k->public_key));
    EC_KEY *key = key_new(c->kem);
    BIGNUM *scalar = BN_bin2bn(k->private_key.b, k->private_key.len, NULL);
    bool good = key && scalar && EC_KEY_set_private_key(key, scalar) == 1;
    BN_clear_free(scalar);
    if (!good) {
        EC_KEY_free(key);
        return IC_ERR_CRYPTO;
    }
    k->handle = key;
    return IC_OK;
}

void ic_awslc_ecdsa_close(struct ic_sign_key *k)
{
    EC_KEY_free(k->handle); /* wipes the scalar */
}

static struct ic_view digest_of(const struct ic_curve *c, struct ic_view message, uint8_t *digest)
{
    const struct ic_prov_hash *h = ic_awslc_hash(c->digest);
    _Alignas(16) uint8_t state[256];
    h->init(state);
    h->update(state, message.p, message.len);
    h->final(state, digest);
    return ic_view(digest, h->len);
}

ic_err ic_awslc_ecdsa_sign(const struct ic_sign_key *k, struct ic_view message, uint8_t *sig,
                           size_t *sig_len)
{
    uint8_t digest[IC_HASH_MAX];
    struct ic_view d = digest_of(ic_curve_of_sig(k->id), message, digest);
    unsigned n = 0;
    if (ECDSA_sign(0, d.p, d.len, sig, &n, k->handle) != 1)
        return IC_ERR_CRYPTO;
    *sig_len = n;
    return IC_OK;
}

static ic_err verify_with(EC_KEY *key, const EC_GROUP *group, struct ic_view public_key,
                          struct ic_view digest, struct ic_view sig)
{
    EC_POINT *point = EC_POINT_new(group);
    if (!point)
        return IC_ERR_NOMEM;
    bool good = load_point(group, point, public_key) && EC_KEY_set_public_key(key, point) == 1;
    EC_POINT_free(point);
    if (!good)
        return IC_ERR_KEY;
    /* It refuses signatures that are not DER, and scalars out of range. */
    if (ECDSA_verify(0, digest.p, digest.len, sig.p, sig.len, key) != 1)
        return IC_ERR_SIGNATURE;
    return IC_OK;
}

ic_err ic_awslc_ecdsa_verify_digest(enum ic_sig_id id, struct ic_view public_key,
                                    struct ic_view digest, struct ic_view sig)
{
    const struct ic_curve *c = ic_curve_of_sig(id);
    EC_KEY *key = key_new(c->kem);
    if (!key)
        return IC_ERR_NOMEM;
    ic_err e = verify_with(key, group_of(c->kem), public_key, digest, sig);
    EC_KEY_free(key);
    return e;
}

ic_err ic_awslc_ecdsa_verify(enum ic_sig_id id, struct ic_view public_key, struct ic_view message,
                             struct ic_view sig)
{
    uint8_t digest[IC_HASH_MAX];
    return ic_awslc_ecdsa_verify_digest(id, public_key,
                                        digest_of(ic_curve_of_sig(id), message, digest), sig);
}
