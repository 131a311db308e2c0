/* The NIST curves through EC_POINT and EC_KEY: EVP_PKEY would parse and validate at 16 to 48 us. */
#include "internal.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <stdatomic.h>

#include "../curve.h"

enum { CURVES = 3 };

static int index_of(enum ic_kem_id id)
{
    return id == IC_KEM_P256 ? 0 : id == IC_KEM_P384 ? 1 : 2;
}

/* A group is made once a process and only read from then on. */
static const EC_GROUP *group_of(int curve)
{
    static const int nids[CURVES] = {NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1};
    static _Atomic(EC_GROUP *) made[CURVES];
    EC_GROUP *g = atomic_load_explicit(&made[curve], memory_order_acquire);
    if (g)
        return g;
    EC_GROUP *fresh = EC_GROUP_new_by_curve_name(nids[curve]);
    if (!fresh || atomic_compare_exchange_strong(&made[curve], &g, fresh))
        return fresh;
    EC_GROUP_free(fresh);
    return g;
}

/* Everything that one operation on a curve takes. */
struct work {
    const EC_GROUP *group;
    BN_CTX *ctx;
    BIGNUM *scalar;
    EC_POINT *point, *result;
};

static void work_clear(struct work *w)
{
    EC_POINT_free(w->point);
    EC_POINT_clear_free(w->result);
    BN_clear_free(w->scalar);
    BN_CTX_free(w->ctx);
}

#define WORK_SCOPE(name) __attribute__((cleanup(work_clear))) struct work name = {0}

static bool work_init(struct work *w, enum ic_kem_id id)
{
    w->group = group_of(index_of(id));
    if (!w->group)
        return false;
    w->ctx = BN_CTX_secure_new();
    w->point = EC_POINT_new(w->group);
    w->result = EC_POINT_new(w->group);
    w->scalar = BN_new();
    return w->ctx && w->point && w->result && w->scalar;
}

static bool load_scalar(struct work *w, struct ic_view v)
{
    BN_set_flags(w->scalar, BN_FLG_CONSTTIME);
    return BN_bin2bn(v.p, (int)v.len, w->scalar) != NULL;
}

/* Refuses what is not on the curve; the order is prime, so that is all there is to refuse. */
static bool load_point(struct work *w, struct ic_view v)
{
    return EC_POINT_oct2point(w->group, w->point, v.p, v.len, w->ctx) == 1 &&
           !EC_POINT_is_at_infinity(w->group, w->point);
}

ic_err ic_ossl_ec_public(enum ic_kem_id id, struct ic_view private_key, uint8_t *public_key)
{
    WORK_SCOPE(w);
    size_t len = ic_kem_public_len(id);
    if (!work_init(&w, id))
        return ic_ossl_fail(IC_ERR_NOMEM);
    if (!load_scalar(&w, private_key) ||
        EC_POINT_mul(w.group, w.result, w.scalar, NULL, NULL, w.ctx) != 1 ||
        EC_POINT_point2oct(w.group, w.result, POINT_CONVERSION_UNCOMPRESSED, public_key, len,
                           w.ctx) != len)
        return ic_ossl_fail(IC_ERR_CRYPTO);
    return IC_OK;
}

ic_err ic_ossl_ec_dh(enum ic_kem_id id, struct ic_view private_key, struct ic_view peer,
                     uint8_t *out)
{
    WORK_SCOPE(w);
    uint8_t point[IC_KEM_PUBLIC_MAX];
    size_t len = ic_kem_public_len(id);
    if (!work_init(&w, id))
        return ic_ossl_fail(IC_ERR_NOMEM);
    if (!load_point(&w, peer))
        return ic_ossl_fail(IC_ERR_KEY);
    if (!load_scalar(&w, private_key) ||
        EC_POINT_mul(w.group, w.result, NULL, w.point, w.scalar, w.ctx) != 1 ||
        EC_POINT_point2oct(w.group, w.result, POINT_CONVERSION_UNCOMPRESSED, point, len, w.ctx) !=
            len)
        return ic_ossl_fail(IC_ERR_CRYPTO);
    for (size_t i = 0; i < len / 2; i++)
        out[i] = point[1 + i];
    ic_wipe(point, sizeof point);
    return IC_OK;
}

ic_err ic_ossl_ec_key_check(enum ic_kem_id id, struct ic_view public_key)
{
    WORK_SCOPE(w);
    if (!work_init(&w, id))
        return ic_ossl_fail(IC_ERR_NOMEM);
    return load_point(&w, public_key) ? IC_OK : ic_ossl_fail(IC_ERR_KEY);
}

/* An EC_KEY carries a copy of its group, which costs more than the rest of making one: so each
 * curve keeps one for verifying, taken out while in use. */
static _Atomic(EC_KEY *) spare[CURVES];

static EC_KEY *key_new(int curve)
{
    const EC_GROUP *group = group_of(curve);
    EC_KEY *key = group ? EC_KEY_new() : NULL;
    if (key && EC_KEY_set_group(key, group) == 1)
        return key;
    EC_KEY_free(key);
    return NULL;
}

static EC_KEY *spare_take(int curve)
{
    EC_KEY *key = atomic_exchange_explicit(&spare[curve], NULL, memory_order_acquire);
    return key ? key : key_new(curve);
}

static void spare_return(int curve, EC_KEY *key)
{
    EC_KEY_free(atomic_exchange_explicit(&spare[curve], key, memory_order_acq_rel));
}

ic_err ic_ossl_ecdsa_open(struct ic_sign_key *k)
{
    const struct ic_curve *c = ic_curve_of_sig(k->id);
    IC_TRY(ic_ossl_ec_public(c->kem, ic_secret_view(&k->private_key), k->public_key));
    EC_KEY *key = key_new(index_of(c->kem));
    BIGNUM *scalar = BN_bin2bn(k->private_key.b, (int)k->private_key.len, NULL);
    bool good = key && scalar && EC_KEY_set_private_key(key, scalar) == 1;
    BN_clear_free(scalar);
    if (!good) {
        EC_KEY_free(key);
        return ic_ossl_fail(IC_ERR_CRYPTO);
    }
    k->handle = key;
    return IC_OK;
}

void ic_ossl_ecdsa_close(struct ic_sign_key *k)
{
    EC_KEY_free(k->handle); /* wipes the scalar */
}

static struct ic_view digest_of(const struct ic_curve *c, struct ic_view message, uint8_t *digest)
{
    const struct ic_prov_hash *h = ic_ossl_hash(c->digest);
    _Alignas(16) uint8_t state[256];
    h->init(state);
    h->update(state, message.p, message.len);
    h->final(state, digest);
    return ic_view(digest, h->len);
}

ic_err ic_ossl_ecdsa_sign(const struct ic_sign_key *k, struct ic_view message, uint8_t *sig,
                          size_t *sig_len)
{
    uint8_t digest[IC_HASH_MAX];
    struct ic_view d = digest_of(ic_curve_of_sig(k->id), message, digest);
    unsigned n = 0;
    if (ECDSA_sign(0, d.p, (int)d.len, sig, &n, k->handle) != 1)
        return ic_ossl_fail(IC_ERR_CRYPTO);
    *sig_len = n;
    return IC_OK;
}

static ic_err verify_with(EC_KEY *key, struct ic_view public_key, struct ic_view digest,
                          struct ic_view sig)
{
    const EC_GROUP *group = EC_KEY_get0_group(key);
    EC_POINT *point = EC_POINT_new(group);
    if (!point)
        return ic_ossl_fail(IC_ERR_NOMEM);
    bool good = EC_POINT_oct2point(group, point, public_key.p, public_key.len, NULL) == 1 &&
                EC_KEY_set_public_key(key, point) == 1;
    EC_POINT_free(point);
    if (!good)
        return ic_ossl_fail(IC_ERR_KEY);
    /* It refuses signatures that are not DER, and scalars out of range. */
    if (ECDSA_verify(0, digest.p, (int)digest.len, sig.p, (int)sig.len, key) != 1)
        return ic_ossl_fail(IC_ERR_SIGNATURE);
    return IC_OK;
}

ic_err ic_ossl_ecdsa_verify_digest(enum ic_sig_id id, struct ic_view public_key,
                                   struct ic_view digest, struct ic_view sig)
{
    int curve = index_of(ic_curve_of_sig(id)->kem);
    EC_KEY *key = spare_take(curve);
    if (!key)
        return ic_ossl_fail(IC_ERR_NOMEM);
    ic_err e = verify_with(key, public_key, digest, sig);
    spare_return(curve, key);
    return e;
}

ic_err ic_ossl_ecdsa_verify(enum ic_sig_id id, struct ic_view public_key, struct ic_view message,
                            struct ic_view sig)
{
    uint8_t digest[IC_HASH_MAX];
    return ic_ossl_ecdsa_verify_digest(id, public_key,
                                       digest_of(ic_curve_of_sig(id), message, digest), sig);
}
