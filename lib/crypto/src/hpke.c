/* HPKE (RFC 9180), modes base and PSK. */
#include <ic/crypto/hpke.h>

#include <ic/base/mem.h>
#include <string.h>

#include "labeled.h"

enum { MODE_BASE = 0, MODE_PSK = 1, PSK_MIN = 32 };

static const struct ic_view nothing;

struct ic_hpke_suite ic_hpke_suite_of(const struct ic_suite *s)
{
    return (struct ic_hpke_suite){s->kem, s->hash, s->aead};
}

/* RFC 9180 section 7.2 */
static uint16_t kdf_id(enum ic_hash_id id)
{
    switch (id) {
    case IC_SHA256:
        return 1;
    case IC_SHA384:
        return 2;
    case IC_SHA512:
        return 3;
    default:
        return 0;
    }
}

static struct ic_labeled labeled_of(struct ic_hpke_suite s)
{
    struct ic_labeled l = {.kdf = s.kdf, .suite_id = "HPKE", .suite_id_len = 10};
    ic_store_u16(l.suite_id + 4, (uint16_t)s.kem);
    ic_store_u16(l.suite_id + 6, kdf_id(s.kdf));
    ic_store_u16(l.suite_id + 8, (uint16_t)s.aead);
    return l;
}

static void hash_labeled(const struct ic_labeled *l, const char *label, struct ic_view v,
                         uint8_t *out)
{
    IC_SECRET_SCOPE(s);
    ic_labeled_extract(l, nothing, label, v, &s);
    memcpy(out, s.b, s.len);
}

void ic_hpke_info_init(struct ic_hpke_info *i, struct ic_hpke_suite suite, struct ic_view info)
{
    struct ic_labeled l = labeled_of(suite);
    i->suite = suite;
    hash_labeled(&l, "psk_id_hash", nothing, i->psk_id_hash);
    hash_labeled(&l, "info_hash", info, i->info_hash);
}

/* What the key schedule of RFC 9180 section 5.1 gives. */
struct schedule {
    uint8_t key[IC_AEAD_KEY_MAX];
    uint8_t base_nonce[IC_AEAD_NONCE_LEN];
    struct ic_secret exporter; /* only where it is asked for */
};

static void schedule_clear(struct schedule *s)
{
    ic_wipe(s, sizeof *s);
}

#define SCHEDULE_SCOPE(name) IC_CLEANUP(schedule_clear) struct schedule name = {0}

static ic_err expand_all(const struct ic_hpke_info *i, const struct ic_hmac_key *secret,
                         uint8_t mode, bool with_exporter, struct schedule *out)
{
    struct ic_labeled l = labeled_of(i->suite);
    size_t n = ic_hash_len(i->suite.kdf);
    uint8_t context[1 + 2 * IC_HASH_MAX] = {mode};
    memcpy(context + 1, i->psk_id_hash, n);
    memcpy(context + 1 + n, i->info_hash, n);
    struct ic_view ctx = ic_view(context, 1 + 2 * n);
    IC_TRY(ic_labeled_expand(&l, secret, "key", ctx, nothing, out->key,
                             ic_aead_key_len(i->suite.aead)));
    IC_TRY(ic_labeled_expand(&l, secret, "base_nonce", ctx, nothing, out->base_nonce,
                             sizeof out->base_nonce));
    if (!with_exporter)
        return IC_OK;
    out->exporter.len = n;
    return ic_labeled_expand(&l, secret, "exp", ctx, nothing, out->exporter.b, n);
}

static ic_err key_schedule(const struct ic_hpke_info *i, const struct ic_secret *shared,
                           uint8_t mode, struct ic_view psk, bool with_exporter,
                           struct schedule *out)
{
    struct ic_labeled l = labeled_of(i->suite);
    IC_SECRET_SCOPE(secret);
    struct ic_hmac_key key;
    ic_labeled_extract(&l, ic_secret_view(shared), "secret", psk, &secret);
    ic_hmac_key_init(&key, i->suite.kdf, ic_secret_view(&secret));
    ic_err e = expand_all(i, &key, mode, with_exporter, out);
    ic_hmac_key_clear(&key);
    return e;
}

static ic_err check_suite(struct ic_hpke_suite s)
{
    if (!kdf_id(s.kdf) || !ic_aead_key_len(s.aead) || !ic_kem_public_len(s.kem))
        return IC_ERR_UNSUPPORTED;
    return IC_OK;
}

static ic_err seal(const struct ic_hpke_info *i, struct ic_view public_key, struct ic_view aad,
                   struct ic_view plain, const struct ic_kem_pair *ephemeral, uint8_t *enc,
                   uint8_t *sealed)
{
    IC_SECRET_SCOPE(shared);
    SCHEDULE_SCOPE(s);
    IC_TRY(ic_kem_encap_with(i->suite.kem, public_key, ephemeral, &shared));
    IC_TRY(key_schedule(i, &shared, MODE_BASE, nothing, false, &s));
    IC_TRY(ic_aead_seal_once(i->suite.aead, ic_view(s.key, ic_aead_key_len(i->suite.aead)),
                             IC_VIEW_ARRAY(s.base_nonce), aad, plain, sealed));
    memcpy(enc, ephemeral->public_key, ephemeral->public_len);
    return IC_OK;
}

ic_err ic_hpke_seal(const struct ic_hpke_info *i, struct ic_view public_key, struct ic_view aad,
                    struct ic_view plain, const struct ic_rand *rand, uint8_t *enc, uint8_t *sealed)
{
    IC_TRY(check_suite(i->suite));
    IC_CLEANUP(ic_kem_pair_clear) struct ic_kem_pair ephemeral = {0};
    IC_TRY(ic_kem_generate_pair(i->suite.kem, rand, &ephemeral));
    return seal(i, public_key, aad, plain, &ephemeral, enc, sealed);
}

ic_err ic_hpke_seal_with(const struct ic_hpke_info *i, struct ic_view public_key,
                         struct ic_view aad, struct ic_view plain, struct ic_view ephemeral,
                         uint8_t *enc, uint8_t *sealed)
{
    IC_TRY(check_suite(i->suite));
    IC_CLEANUP(ic_kem_pair_clear) struct ic_kem_pair pair = {0};
    IC_TRY(ic_kem_import_private(i->suite.kem, ephemeral, &pair));
    return seal(i, public_key, aad, plain, &pair, enc, sealed);
}

ic_err ic_hpke_open(const struct ic_hpke_info *i, struct ic_view private_key,
                    struct ic_view public_key, struct ic_view enc, struct ic_view aad,
                    struct ic_view sealed, uint8_t *out)
{
    IC_TRY(check_suite(i->suite));
    IC_SECRET_SCOPE(shared);
    SCHEDULE_SCOPE(s);
    IC_TRY(ic_kem_decap(i->suite.kem, private_key, public_key, enc, &shared));
    IC_TRY(key_schedule(i, &shared, MODE_BASE, nothing, false, &s));
    return ic_aead_open_once(i->suite.aead, ic_view(s.key, ic_aead_key_len(i->suite.aead)),
                             IC_VIEW_ARRAY(s.base_nonce), aad, sealed, out);
}

/* RFC 9180 section 5.1, VerifyPSKInputs; section 9.5 for the length. */
static ic_err psk_mode(struct ic_hpke_psk psk, uint8_t *mode)
{
    if ((psk.psk.len == 0) != (psk.psk_id.len == 0))
        return IC_ERR_ARG;
    if (psk.psk.len > 0 && psk.psk.len < PSK_MIN)
        return IC_ERR_ARG;
    *mode = psk.psk.len > 0 ? MODE_PSK : MODE_BASE;
    return IC_OK;
}

static ic_err setup(struct ic_hpke_suite suite, const struct ic_secret *shared, struct ic_view info,
                    struct ic_hpke_psk psk, struct ic_hpke_ctx *out)
{
    uint8_t mode;
    IC_TRY(psk_mode(psk, &mode));
    struct ic_hpke_info i;
    ic_hpke_info_init(&i, suite, info);
    if (mode == MODE_PSK) {
        struct ic_labeled l = labeled_of(suite);
        hash_labeled(&l, "psk_id_hash", psk.psk_id, i.psk_id_hash);
    }
    SCHEDULE_SCOPE(s);
    IC_TRY(key_schedule(&i, shared, mode, psk.psk, true, &s));
    struct ic_aead *aead;
    IC_TRY(ic_aead_new(suite.aead, ic_view(s.key, ic_aead_key_len(suite.aead)), &aead));
    out->suite = suite;
    out->aead = aead;
    memcpy(out->base_nonce, s.base_nonce, sizeof out->base_nonce);
    out->seq = 0;
    out->exporter = s.exporter;
    return IC_OK;
}

ic_err ic_hpke_setup_sender_with(struct ic_hpke_suite suite, struct ic_view public_key,
                                 struct ic_view info, struct ic_hpke_psk psk,
                                 const struct ic_kem_pair *ephemeral, struct ic_hpke_ctx *out)
{
    IC_TRY(check_suite(suite));
    IC_SECRET_SCOPE(shared);
    IC_TRY(ic_kem_encap_with(suite.kem, public_key, ephemeral, &shared));
    return setup(suite, &shared, info, psk, out);
}

ic_err ic_hpke_setup_sender(struct ic_hpke_suite suite, struct ic_view public_key,
                            struct ic_view info, struct ic_hpke_psk psk, const struct ic_rand *rand,
                            uint8_t *enc, struct ic_hpke_ctx *out)
{
    IC_TRY(check_suite(suite));
    IC_CLEANUP(ic_kem_pair_clear) struct ic_kem_pair ephemeral = {0};
    IC_TRY(ic_kem_generate_pair(suite.kem, rand, &ephemeral));
    IC_TRY(ic_hpke_setup_sender_with(suite, public_key, info, psk, &ephemeral, out));
    memcpy(enc, ephemeral.public_key, ephemeral.public_len);
    return IC_OK;
}

ic_err ic_hpke_setup_receiver(struct ic_hpke_suite suite, struct ic_view private_key,
                              struct ic_view public_key, struct ic_view enc, struct ic_view info,
                              struct ic_hpke_psk psk, struct ic_hpke_ctx *out)
{
    IC_TRY(check_suite(suite));
    IC_SECRET_SCOPE(shared);
    IC_TRY(ic_kem_decap(suite.kem, private_key, public_key, enc, &shared));
    return setup(suite, &shared, info, psk, out);
}

void ic_hpke_ctx_clear(struct ic_hpke_ctx *c)
{
    ic_aead_free(c->aead);
    ic_wipe(c, sizeof *c);
}

/* RFC 9180 section 5.2. A wrap of 64 bits stands for the 96 of the RFC: nobody gets there. */
static ic_err nonce_of(const struct ic_hpke_ctx *c, uint8_t nonce[IC_AEAD_NONCE_LEN])
{
    if (c->seq == UINT64_MAX)
        return IC_ERR_LIMIT;
    uint8_t seq[8];
    ic_store_u64(seq, c->seq);
    memcpy(nonce, c->base_nonce, IC_AEAD_NONCE_LEN);
    for (size_t i = 0; i < sizeof seq; i++)
        nonce[IC_AEAD_NONCE_LEN - sizeof seq + i] ^= seq[i];
    return IC_OK;
}

ic_err ic_hpke_ctx_seal(struct ic_hpke_ctx *c, struct ic_view aad, struct ic_view plain,
                        uint8_t *out)
{
    uint8_t nonce[IC_AEAD_NONCE_LEN];
    IC_TRY(nonce_of(c, nonce));
    IC_TRY(ic_aead_seal(c->aead, IC_VIEW_ARRAY(nonce), aad, plain, out));
    c->seq++;
    return IC_OK;
}

ic_err ic_hpke_ctx_open(struct ic_hpke_ctx *c, struct ic_view aad, struct ic_view sealed,
                        uint8_t *out)
{
    uint8_t nonce[IC_AEAD_NONCE_LEN];
    IC_TRY(nonce_of(c, nonce));
    IC_TRY(ic_aead_open(c->aead, IC_VIEW_ARRAY(nonce), aad, sealed, out));
    c->seq++;
    return IC_OK;
}

ic_err ic_hpke_ctx_export(const struct ic_hpke_ctx *c, struct ic_view context, uint8_t *out,
                          size_t out_len)
{
    struct ic_labeled l = labeled_of(c->suite);
    struct ic_hmac_key key;
    ic_hmac_key_init(&key, c->suite.kdf, ic_secret_view(&c->exporter));
    ic_err e = ic_labeled_expand(&l, &key, "sec", context, nothing, out, out_len);
    ic_hmac_key_clear(&key);
    return e;
}
