#include "vectors.h"

#include "member/sealing.h"
#include "member/state.h"

#include <ic/crypto/aead.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>
#include <ic/mlspub/label.h>

static const struct ic_mlspub_encrypted_secrets *entry_for(const struct ic_mlspub_welcome *w,
                                                           struct ic_view ref)
{
    for (size_t i = 0; i < w->secret_count; i++)
        if (ic_view_equal(w->secrets[i].new_member, ref))
            return &w->secrets[i];
    return NULL;
}

static bool check_tag(struct vec *v, const struct ic_suite *s, const struct ic_secret *member,
                      const struct ic_mlspub_group_info *info)
{
    struct ic_secret epoch, encryption;
    struct ic_mls_epoch secrets;
    uint8_t tag[IC_HASH_MAX];
    IC_BUF_SCOPE(context, 65536);
    VEC_OK(v, ic_mlspub_group_context_encode(&info->context, &context));
    VEC_OK(v, ic_mls_epoch_secret(s, member, ic_buf_view(&context), &epoch));
    VEC_OK(v, ic_mls_epoch_derive(s, &epoch, &secrets, &encryption));
    ic_mls_confirmation_tag(s, &secrets, info->context.confirmed_transcript_hash, tag);
    VEC_EQUAL(v, ic_view(tag, s->hash_len), info->confirmation_tag);
    return true;
}

static bool check_info(struct vec *v, const struct ic_suite *s, const json_t *c,
                       struct ic_view sealed, struct ic_view joiner_bytes)
{
    struct ic_secret joiner, zero, member, key;
    uint8_t nonce[IC_AEAD_NONCE_LEN];
    VEC_OK(v, ic_secret_set(&joiner, joiner_bytes));
    ic_mls_zero_secret(s, &zero);
    ic_mls_member_secret(s, &joiner, &zero, &member);
    VEC_OK(v, ic_mls_welcome_key(s, &member, &key, nonce));
    uint8_t *plain = ic_arena_alloc(&v->arena, sealed.len, 1);
    VEC_CHECK(v, plain && sealed.len > 16);
    VEC_OK(v, ic_aead_open_once(s->aead, ic_secret_view(&key), IC_VIEW_ARRAY(nonce),
                                ic_view(NULL, 0), sealed, plain));
    struct ic_mlspub_group_info info;
    VEC_OK(v, ic_mlspub_group_info_decode(ic_view(plain, sealed.len - 16), &v->arena, &info));
    VEC_OK(v, ic_mlspub_group_info_verify(s, &info, vec_bytes(v, c, "signer_pub")));
    return check_tag(v, s, &member, &info);
}

bool run_welcome(struct vec *v, const json_t *c)
{
    const struct ic_suite *s = vec_suite(v, c);
    if (!s)
        return false;
    uint8_t ref[IC_HASH_MAX];
    struct ic_mlspub_message kp, w;
    struct ic_hpke_info info;
    struct ic_mls_group_secrets secrets;
    IC_BUF_SCOPE(plain, 1 << 20);
    VEC_OK(v, ic_mlspub_message_decode(vec_bytes(v, c, "key_package"), &v->arena, &kp));
    VEC_OK(v, ic_mlspub_message_decode(vec_bytes(v, c, "welcome"), &v->arena, &w));
    ic_mlspub_key_package_ref(s, kp.key_package.encoded, ref);
    const struct ic_mlspub_encrypted_secrets *entry =
        entry_for(&w.welcome, ic_view(ref, s->hash_len));
    VEC_CHECK(v, entry);
    VEC_OK(v, ic_mls_sealing_info(s, "Welcome", w.welcome.encrypted_group_info, &info));
    VEC_OK(v, ic_mls_open(&info, vec_bytes(v, c, "init_priv"), kp.key_package.init_key,
                          &entry->secrets, &plain));
    VEC_OK(v, ic_mls_group_secrets_decode(ic_buf_view(&plain), &v->arena, &secrets));
    VEC_CHECK(v, secrets.psk_count == 0);
    return check_info(v, s, c, w.welcome.encrypted_group_info, secrets.joiner);
}
