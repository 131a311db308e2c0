#include "frame.h"

#include <ic/base/ct.h>
#include <ic/crypto/hash.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>

ic_err ic_mls_frame_encode(struct ic_mlspub_content *c, struct ic_view body, struct ic_buf *bytes)
{
    /* At once, so that no growing leaves what is said behind. */
    IC_TRY(ic_buf_reserve(bytes, c->group_id.len + c->authenticated_data.len + body.len + 64));
    struct ic_writer w = ic_writer(bytes);
    ic_write_vec(&w, c->group_id);
    ic_write_u64(&w, c->epoch);
    ic_mlspub_sender_write(&w, &c->sender);
    ic_write_vec(&w, c->authenticated_data);
    ic_write_u8(&w, c->type);
    if (c->type == IC_MLS_APPLICATION)
        ic_write_vec(&w, body);
    else
        ic_write_bytes(&w, body);
    IC_TRY(ic_writer_end(&w));
    c->encoded = ic_buf_view(bytes);
    return IC_OK;
}

static ic_err membership_tag(const struct ic_suite *s, const struct ic_secret *membership,
                             const struct ic_mlspub_authenticated_content *a,
                             const struct ic_mlspub_group_context *context, uint8_t *out)
{
    IC_BUF_SCOPE(tbm, SIZE_MAX);
    IC_TRY(ic_mlspub_content_tbm(a, context, &tbm));
    ic_hmac_once(s->hash, ic_secret_view(membership), ic_buf_view(&tbm), out);
    IC_CT_PUBLIC(out, s->hash_len); /* it is sent, or compared by ic_ct_equal with what was sent */
    return IC_OK;
}

ic_err ic_mls_public_encode(const struct ic_suite *s, const struct ic_secret *membership,
                            const struct ic_mlspub_authenticated_content *a,
                            const struct ic_mlspub_group_context *context, struct ic_buf *out)
{
    uint8_t tag[IC_HASH_MAX];
    struct ic_mlspub_message m = {.version = IC_MLS_VERSION_1,
                                  .wire_format = IC_MLS_PUBLIC_MESSAGE,
                                  .public_message.auth = *a};
    if (membership) {
        /* RFC9420-6.2-1 */
        IC_TRY(membership_tag(s, membership, a, context, tag));
        m.public_message.membership_tag = ic_view(tag, s->hash_len);
    }
    struct ic_writer w = ic_writer(out);
    ic_mlspub_message_write(&w, &m);
    return ic_writer_end(&w);
}

ic_err ic_mls_public_check(const struct ic_suite *s, const struct ic_secret *membership,
                           const struct ic_mlspub_group_context *context,
                           const struct ic_mlspub_public_message *m)
{
    uint8_t tag[IC_HASH_MAX];
    IC_TRY(membership_tag(s, membership, &m->auth, context, tag));
    /* RFC 9420 section 6.2: the application MUST check membership_tag. */
    /* RFC9420-6.2-2 */
    return ic_ct_equal(ic_view(tag, s->hash_len), m->membership_tag) ? IC_OK : IC_ERR_AUTH;
}
