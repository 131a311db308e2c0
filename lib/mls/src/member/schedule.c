#include "schedule.h"

#include "labels.h"

#include <ic/base/ct.h>
#include <ic/crypto/hkdf.h>
#include <string.h>

void ic_mls_epoch_clear(struct ic_mls_epoch *e)
{
    ic_wipe(e, sizeof *e);
}

void ic_mls_zero_secret(const struct ic_suite *s, struct ic_secret *out)
{
    ic_secret_clear(out);
    out->len = s->hash_len;
}

ic_err ic_mls_joiner_secret(const struct ic_suite *s, const struct ic_secret *init,
                            const struct ic_secret *commit, struct ic_view context,
                            struct ic_secret *joiner)
{
    IC_SECRET_SCOPE(mixed);
    ic_hkdf_extract(s->hash, ic_secret_view(init), ic_secret_view(commit), &mixed);
    IC_TRY(ic_mls_expand_with_label(s, ic_secret_view(&mixed), "joiner", context, joiner->b,
                                    s->hash_len));
    joiner->len = s->hash_len;
    return IC_OK;
}

void ic_mls_member_secret(const struct ic_suite *s, const struct ic_secret *joiner,
                          const struct ic_secret *psk, struct ic_secret *member)
{
    ic_hkdf_extract(s->hash, ic_secret_view(joiner), ic_secret_view(psk), member);
}

ic_err ic_mls_welcome_secret(const struct ic_suite *s, const struct ic_secret *member,
                             struct ic_secret *welcome)
{
    return ic_mls_derive_secret(s, ic_secret_view(member), "welcome", welcome);
}

ic_err ic_mls_welcome_key(const struct ic_suite *s, const struct ic_secret *member,
                          struct ic_secret *key, uint8_t nonce[IC_AEAD_NONCE_LEN])
{
    IC_SECRET_SCOPE(welcome);
    IC_HMAC_KEY_SCOPE(prk);
    IC_TRY(ic_mls_welcome_secret(s, member, &welcome));
    ic_hmac_key_init(&prk, s->hash, ic_secret_view(&welcome));
    const struct ic_view none = ic_view(NULL, 0);
    IC_TRY(ic_mls_expand_key(&prk, IC_VIEW_STR("nonce"), none, nonce, IC_AEAD_NONCE_LEN));
    IC_TRY(ic_mls_expand_key(&prk, IC_VIEW_STR("key"), none, key->b, s->aead_key_len));
    key->len = s->aead_key_len;
    return IC_OK;
}

ic_err ic_mls_epoch_secret(const struct ic_suite *s, const struct ic_secret *member,
                           struct ic_view context, struct ic_secret *epoch)
{
    IC_TRY(ic_mls_expand_with_label(s, ic_secret_view(member), "epoch", context, epoch->b,
                                    s->hash_len));
    epoch->len = s->hash_len;
    return IC_OK;
}

ic_err ic_mls_epoch_derive(const struct ic_suite *s, const struct ic_secret *epoch,
                           struct ic_mls_epoch *out, struct ic_secret *encryption)
{
    const struct {
        struct ic_view label;
        struct ic_secret *out;
    } all[] = {
        {IC_VIEW_STR("sender data"), &out->sender_data},
        {IC_VIEW_STR("encryption"), encryption},
        {IC_VIEW_STR("exporter"), &out->exporter},
        {IC_VIEW_STR("external"), &out->external},
        {IC_VIEW_STR("confirm"), &out->confirmation},
        {IC_VIEW_STR("membership"), &out->membership},
        {IC_VIEW_STR("resumption"), &out->resumption},
        {IC_VIEW_STR("authentication"), &out->authenticator},
        {IC_VIEW_STR("init"), &out->init},
    };
    IC_HMAC_KEY_SCOPE(prk);
    ic_hmac_key_init(&prk, s->hash, ic_secret_view(epoch));
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        IC_TRY(ic_mls_expand_secret(s, &prk, all[i].label, ic_view(NULL, 0), all[i].out));
    return IC_OK;
}

ic_err ic_mls_external_pair(const struct ic_suite *s, const struct ic_mls_epoch *e,
                            struct ic_kem_pair *out)
{
    return ic_kem_derive_pair(s->kem, ic_secret_view(&e->external), out);
}

void ic_mls_confirmation_tag(const struct ic_suite *s, const struct ic_mls_epoch *e,
                             struct ic_view confirmed_transcript_hash, uint8_t *tag)
{
    ic_hmac_once(s->hash, ic_secret_view(&e->confirmation), confirmed_transcript_hash, tag);
    IC_CT_PUBLIC(tag, s->hash_len);
}

ic_err ic_mls_exporter(const struct ic_suite *s, const struct ic_secret *exporter,
                       struct ic_view label, struct ic_view context, uint8_t *out, size_t out_len)
{
    uint8_t digest[IC_HASH_MAX];
    IC_SECRET_SCOPE(derived);
    IC_HMAC_KEY_SCOPE(prk);
    ic_hmac_key_init(&prk, s->hash, ic_secret_view(exporter));
    IC_TRY(ic_mls_expand_secret(s, &prk, label, ic_view(NULL, 0), &derived));
    ic_hash_once(s->hash, context, digest);
    return ic_mls_expand_with_label(s, ic_secret_view(&derived), "exported",
                                    ic_view(digest, s->hash_len), out, out_len);
}
