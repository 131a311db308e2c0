/* The key schedule, RFC 9420 section 8: from one epoch's init secret to the next epoch's secrets.
 *
 *     IC_TRY(ic_mls_joiner_secret(s, &init, &commit, context, &joiner));
 *     ic_mls_member_secret(s, &joiner, &psk, &member);
 *     IC_TRY(ic_mls_epoch_secret(s, &member, context, &epoch));
 *     IC_TRY(ic_mls_epoch_derive(s, &epoch, &secrets, &encryption));
 *
 * context is the encoded GroupContext of the new epoch.
 */
#ifndef IC_MLS_SCHEDULE_H
#define IC_MLS_SCHEDULE_H

#include <ic/base/secret.h>
#include <ic/crypto/kem.h>
#include <ic/crypto/suite.h>

/* What a member keeps of an epoch; the encryption secret goes into the secret tree instead. */
struct ic_mls_epoch {
    struct ic_secret sender_data;
    struct ic_secret exporter;
    struct ic_secret external;
    struct ic_secret confirmation;
    struct ic_secret membership;
    struct ic_secret resumption;
    struct ic_secret authenticator;
    struct ic_secret init;
};

void ic_mls_epoch_clear(struct ic_mls_epoch *e);

/* An all-zero secret of one hash length: "0" in the schedule's figure. */
void ic_mls_zero_secret(const struct ic_suite *s, struct ic_secret *out);
ic_err ic_mls_joiner_secret(const struct ic_suite *s, const struct ic_secret *init,
                            const struct ic_secret *commit, struct ic_view context,
                            struct ic_secret *joiner);
/* Between joiner and epoch secret, with the PSKs mixed in. */
void ic_mls_member_secret(const struct ic_suite *s, const struct ic_secret *joiner,
                          const struct ic_secret *psk, struct ic_secret *member);
ic_err ic_mls_welcome_secret(const struct ic_suite *s, const struct ic_secret *member,
                             struct ic_secret *welcome);
/* The AEAD key and nonce of a Welcome's GroupInfo, section 12.4.3.1. key: aead_key_len bytes. */
ic_err ic_mls_welcome_key(const struct ic_suite *s, const struct ic_secret *member,
                          struct ic_secret *key, uint8_t nonce[IC_AEAD_NONCE_LEN]);
ic_err ic_mls_epoch_secret(const struct ic_suite *s, const struct ic_secret *member,
                           struct ic_view context, struct ic_secret *epoch);
ic_err ic_mls_epoch_derive(const struct ic_suite *s, const struct ic_secret *epoch,
                           struct ic_mls_epoch *out, struct ic_secret *encryption);
/* external_priv, external_pub of section 8. */
ic_err ic_mls_external_pair(const struct ic_suite *s, const struct ic_mls_epoch *e,
                            struct ic_kem_pair *out);
/* MAC(confirmation_key, confirmed_transcript_hash), section 6.1. tag: hash_len bytes. */
void ic_mls_confirmation_tag(const struct ic_suite *s, const struct ic_mls_epoch *e,
                             struct ic_view confirmed_transcript_hash, uint8_t *tag);
/* MLS-Exporter, section 8.5. */
ic_err ic_mls_exporter(const struct ic_suite *s, const struct ic_secret *exporter,
                       struct ic_view label, struct ic_view context, uint8_t *out, size_t out_len);

#endif
