#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>
#include <ic/mlspub/label.h>

ic_err ic_mlspub_group_context_encode(const struct ic_mlspub_group_context *c, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    ic_mlspub_group_context_write(&w, c);
    return ic_writer_end(&w);
}

static void tbs_write(struct ic_writer *w, uint16_t wire_format, const struct ic_mlspub_content *c,
                      const struct ic_mlspub_group_context *context)
{
    ic_write_u16(w, IC_MLS_VERSION_1);
    ic_write_u16(w, wire_format);
    ic_mlspub_content_write(w, c);
    /* RFC 9420 section 6.1: who is, or becomes, a member signs the group's state too. */
    if (c->sender.type == IC_MLS_SENDER_MEMBER || c->sender.type == IC_MLS_SENDER_NEW_MEMBER_COMMIT)
        ic_mlspub_group_context_write(w, context);
}

ic_err ic_mlspub_content_tbs(uint16_t wire_format, const struct ic_mlspub_content *c,
                             const struct ic_mlspub_group_context *context, struct ic_buf *out)
{
    /* At once, so that no growing leaves what is said behind. */
    IC_TRY(ic_buf_reserve(
        out,
        c->encoded.len + 128 +
            (context ? context->group_id.len + context->extensions.len + 2 * IC_HASH_MAX : 0)));
    struct ic_writer w = ic_writer(out);
    tbs_write(&w, wire_format, c, context);
    return ic_writer_end(&w);
}

ic_err ic_mlspub_content_tbm(const struct ic_mlspub_authenticated_content *a,
                             const struct ic_mlspub_group_context *context, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    tbs_write(&w, a->wire_format, &a->content, context);
    ic_write_vec(&w, a->signature);
    if (a->content.type == IC_MLS_COMMIT)
        ic_write_vec(&w, a->confirmation_tag);
    return ic_writer_end(&w);
}

ic_err ic_mlspub_content_sign(const struct ic_sign_key *key, uint16_t wire_format,
                              const struct ic_mlspub_content *c,
                              const struct ic_mlspub_group_context *context, uint8_t *sig,
                              size_t *sig_len)
{
    IC_CLEANUP(ic_buf_clear_secret) struct ic_buf tbs = {.max = SIZE_MAX};
    IC_TRY(ic_mlspub_content_tbs(wire_format, c, context, &tbs));
    return ic_mlspub_sign_with_label(key, "FramedContentTBS", ic_buf_view(&tbs), sig, sig_len);
}

ic_err ic_mlspub_content_verify(const struct ic_suite *s, struct ic_view public_key,
                                const struct ic_mlspub_authenticated_content *a,
                                const struct ic_mlspub_group_context *context)
{
    IC_CLEANUP(ic_buf_clear_secret) struct ic_buf tbs = {.max = SIZE_MAX};
    IC_TRY(ic_mlspub_content_tbs(a->wire_format, &a->content, context, &tbs));
    return ic_mlspub_verify_with_label(s->sig, public_key, "FramedContentTBS", ic_buf_view(&tbs),
                                       a->signature);
}

/* The length of a vector as it stands before it. */
static void update_vec(struct ic_hash *h, struct ic_view v)
{
    uint8_t len[4];
    size_t n = 4;
    if (v.len < 0x40) {
        len[0] = (uint8_t)v.len;
        n = 1;
    } else if (v.len < 0x4000) {
        ic_store_u16(len, (uint16_t)(v.len | 0x4000));
        n = 2;
    } else {
        ic_store_u32(len, (uint32_t)v.len | 0x80000000u);
    }
    ic_hash_update(h, ic_view(len, n));
    ic_hash_update(h, v);
}

void ic_mlspub_confirmed_hash(const struct ic_suite *s, struct ic_view interim,
                              const struct ic_mlspub_authenticated_content *a, uint8_t *out)
{
    uint8_t format[2];
    struct ic_hash h;
    ic_store_u16(format, a->wire_format);
    ic_hash_init(&h, s->hash);
    ic_hash_update(&h, interim);
    ic_hash_update(&h, IC_VIEW_ARRAY(format));
    ic_hash_update(&h, a->content.encoded);
    update_vec(&h, a->signature);
    ic_hash_final(&h, out);
}

void ic_mlspub_interim_hash(const struct ic_suite *s, struct ic_view confirmed,
                            struct ic_view confirmation_tag, uint8_t *out)
{
    struct ic_hash h;
    ic_hash_init(&h, s->hash);
    ic_hash_update(&h, confirmed);
    update_vec(&h, confirmation_tag);
    ic_hash_final(&h, out);
}
