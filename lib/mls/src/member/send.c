/* What we send: content signed, and protected as public or private message; application messages. */
#include "frame.h"
#include "private_message.h"
#include "state.h"

#include <ic/mlspub/framing.h>

/* draft-ietf-mls-extensions: a SelfRemove MUST be a PublicMessage, for joiners to read it. */
static bool is_private(const struct ic_mls_group *g, uint8_t type, struct ic_mlspub_sender sender,
                       struct ic_view body)
{
    if (type == IC_MLS_APPLICATION)
        return true;
    if (type == IC_MLS_PROPOSAL && body.len == 2 && ic_load_u16(body.p) == IC_MLS_SELF_REMOVE)
        return false;
    return g->config.private_handshakes && sender.type == IC_MLS_SENDER_MEMBER;
}

ic_err ic_mls_content_make(struct ic_mls_group *g, uint8_t type, struct ic_mlspub_sender sender,
                           struct ic_view authenticated_data, struct ic_view body,
                           const struct ic_sign_key *signer, struct ic_buf *content,
                           uint8_t *signature, struct ic_mlspub_authenticated_content *a)
{
    /* RFC9420-6-1 RFC9420-6.3.2-1 RFC9420-12.1.8-1 */
    bool private = is_private(g, type, sender, body);
    struct ic_mlspub_authenticated_content made = {
        .wire_format = private ? IC_MLS_PRIVATE_MESSAGE : IC_MLS_PUBLIC_MESSAGE,
        .content = {.group_id = g->now.context.group_id,
                    .epoch = g->now.context.epoch,
                    .sender = sender,
                    .authenticated_data = authenticated_data,
                    .type = type}};
    size_t len;
    IC_TRY(ic_mls_frame_encode(&made.content, body, content));
    /* RFC9420-6.1-1 */
    IC_TRY(ic_mlspub_content_sign(signer, made.wire_format, &made.content, &g->now.context,
                                  signature, &len));
    made.signature = ic_view(signature, len);
    *a = made;
    return IC_OK;
}

ic_err ic_mls_content_protect(struct ic_mls_group *g,
                              const struct ic_mlspub_authenticated_content *a, struct ic_view body,
                              struct ic_buf *out)
{
    if (a->wire_format == IC_MLS_PUBLIC_MESSAGE) {
        bool member = a->content.sender.type == IC_MLS_SENDER_MEMBER;
        return ic_mls_public_encode(g->suite, member ? &g->now.secrets.membership : NULL, a,
                                    &g->now.context, out);
    }
    const struct ic_mls_private_epoch e = {g->suite, g->now.context.group_id, g->now.context.epoch,
                                           &g->now.secrets.sender_data, g->now.ratchets};
    const struct ic_mls_private_content c = {.type = a->content.type,
                                             .authenticated_data = a->content.authenticated_data,
                                             .body = body,
                                             .signature = a->signature,
                                             .tag = a->confirmation_tag};
    const struct ic_mls_padding padding = {g->config.padding, g->config.padme};
    return ic_mls_private_seal(&e, g->own_leaf, &c, padding, &g->config.rand, out);
}

ic_err ic_mls_protect(struct ic_mls_group *g, struct ic_view data,
                      struct ic_view authenticated_data, struct ic_buf *out)
{
    uint8_t signature[IC_SIG_MAX];
    struct ic_mlspub_authenticated_content a;
    IC_TRY(ic_mls_begin(g));
    if (g->removed || g->reinit.len > 0)
        return ic_mls_refuse(g, IC_ERR_STATE, "RFC 9420 section 12.4.2: this group sends no more",
                             IC_MLSPUB_NO_LEAF);
    /* RFC 9420 section 12.4: a member that has observed proposals MUST commit before application data. */
    /* RFC9420-12.4-1 */
    if (!g->config.data_with_pending && ic_mlspub_pending_count(g->pending) > 0)
        return ic_mls_refuse(
            g, IC_ERR_STATE,
            "RFC 9420 section 12.4: proposals are to be committed before data is sent",
            IC_MLSPUB_NO_LEAF);
    const struct ic_mlspub_sender us = {IC_MLS_SENDER_MEMBER, g->own_leaf};
    struct ic_buf content;
    ic_buf_init(&content, SIZE_MAX);
    ic_err e = ic_mls_content_make(g, IC_MLS_APPLICATION, us, authenticated_data, data,
                                   g->now.signer, &content, signature, &a);
    if (e == IC_OK)
        e = ic_mls_content_protect(g, &a, data, out);
    ic_buf_clear_secret(&content);
    return e;
}

ic_err ic_mls_export(const struct ic_mls_group *g, const char *label, struct ic_view context,
                     uint8_t *out, size_t out_len)
{
    if (!ic_mls_usable(g))
        return IC_ERR_STATE;
    return ic_mls_exporter(g->suite, &g->now.secrets.exporter, ic_view_cstr(label), context, out,
                           out_len);
}

ic_err ic_mls_resumption_psk(const struct ic_mls_group *g, struct ic_buf *out)
{
    if (!ic_mls_usable(g))
        return IC_ERR_STATE;
    return ic_buf_append(out, ic_secret_view(&g->now.secrets.resumption));
}
