#include "vectors.h"

#include "member/schedule.h"

#include <ic/mlspub/framing.h>

static bool check_secrets(struct vec *v, const struct ic_mls_epoch *got,
                          const struct ic_secret *encryption, const json_t *e)
{
    const struct {
        const char *key;
        const struct ic_secret *secret;
    } all[] = {
        {"init_secret", &got->init},
        {"sender_data_secret", &got->sender_data},
        {"encryption_secret", encryption},
        {"exporter_secret", &got->exporter},
        {"epoch_authenticator", &got->authenticator},
        {"external_secret", &got->external},
        {"confirmation_key", &got->confirmation},
        {"membership_key", &got->membership},
        {"resumption_psk", &got->resumption},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (!ic_view_equal(ic_secret_view(all[i].secret), vec_bytes(v, e, all[i].key)))
            return vec_fail(v, "%s differs", all[i].key);
    return true;
}

static bool check_exports(struct vec *v, const struct ic_suite *s, const struct ic_mls_epoch *got,
                          const json_t *e)
{
    uint8_t out[256];
    struct ic_kem_pair pair = {0};
    const json_t *x = json_object_get(e, "exporter");
    size_t len = vec_int(x, "length");
    VEC_CHECK(v, len <= sizeof out);
    VEC_OK(v, ic_mls_external_pair(s, got, &pair));
    VEC_EQUAL(v, ic_view(pair.public_key, pair.public_len), vec_bytes(v, e, "external_pub"));
    VEC_OK(v, ic_mls_exporter(s, &got->exporter,
                              ic_view_cstr(json_string_value(json_object_get(x, "label"))),
                              vec_bytes(v, x, "context"), out, len));
    VEC_EQUAL(v, ic_view(out, len), vec_bytes(v, x, "secret"));
    return true;
}

static bool check_epoch(struct vec *v, const struct ic_suite *s, const json_t *e,
                        const struct ic_mlspub_group_context *context, struct ic_secret *init)
{
    struct ic_secret commit, psk, joiner, member, welcome, epoch, encryption;
    struct ic_mls_epoch got;
    IC_BUF_SCOPE(bytes, 65536);
    VEC_OK(v, ic_mlspub_group_context_encode(context, &bytes));
    VEC_EQUAL(v, ic_buf_view(&bytes), vec_bytes(v, e, "group_context"));
    VEC_OK(v, ic_secret_set(&commit, vec_bytes(v, e, "commit_secret")));
    VEC_OK(v, ic_secret_set(&psk, vec_bytes(v, e, "psk_secret")));
    VEC_OK(v, ic_mls_joiner_secret(s, init, &commit, ic_buf_view(&bytes), &joiner));
    VEC_EQUAL(v, ic_secret_view(&joiner), vec_bytes(v, e, "joiner_secret"));
    ic_mls_member_secret(s, &joiner, &psk, &member);
    VEC_OK(v, ic_mls_welcome_secret(s, &member, &welcome));
    VEC_EQUAL(v, ic_secret_view(&welcome), vec_bytes(v, e, "welcome_secret"));
    VEC_OK(v, ic_mls_epoch_secret(s, &member, ic_buf_view(&bytes), &epoch));
    VEC_OK(v, ic_mls_epoch_derive(s, &epoch, &got, &encryption));
    *init = got.init;
    return check_secrets(v, &got, &encryption, e) && check_exports(v, s, &got, e);
}

bool run_key_schedule(struct vec *v, const json_t *c)
{
    const struct ic_suite *s = vec_suite(v, c);
    if (!s)
        return false;
    struct ic_secret init;
    VEC_OK(v, ic_secret_set(&init, vec_bytes(v, c, "initial_init_secret")));
    size_t i;
    json_t *e;
    json_array_foreach(json_object_get(c, "epochs"), i, e)
    {
        const struct ic_mlspub_group_context context = {
            .version = IC_MLS_VERSION_1,
            .suite = s->id,
            .group_id = vec_bytes(v, c, "group_id"),
            .epoch = i,
            .tree_hash = vec_bytes(v, e, "tree_hash"),
            .confirmed_transcript_hash = vec_bytes(v, e, "confirmed_transcript_hash")};
        if (!check_epoch(v, s, e, &context, &init))
            return false;
    }
    return true;
}
