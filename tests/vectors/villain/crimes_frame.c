/* Messages whose frame breaks a rule: RFC 9420 sections 6 and 12.1. */
#include "../../../lib/mls/src/member/frame.h"
#include "../../../lib/mls/src/member/private_message.h"
#include "villain.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>
#include <string.h>

static const struct ic_mlspub_sender member_0 = {IC_MLS_SENDER_MEMBER, 0};

static const struct ic_sign_key *key_of(const struct scene *s, size_t who)
{
    return s->w.people[who].signer;
}

/* A Remove of leaf 1, framed as f says. */
static ic_err remove_framed(struct scene *s, struct frame f)
{
    IC_TRY(
        villain_body(s, &(struct ic_mlspub_proposal){.type = IC_MLS_REMOVE, .remove = 1}, &f.body));
    f.type = f.type ? f.type : IC_MLS_PROPOSAL;
    return villain_frame(s, &f);
}

static ic_err wrong_membership(struct scene *s)
{
    return remove_framed(
        s, (struct frame){.sender = member_0, .key = key_of(s, VILLAIN), .break_membership = true});
}

static ic_err wrong_signature(struct scene *s)
{
    return remove_framed(
        s, (struct frame){.sender = member_0, .key = key_of(s, VILLAIN), .break_signature = true});
}

static ic_err in_anothers_name(struct scene *s)
{
    return remove_framed(
        s, (struct frame){.sender = {IC_MLS_SENDER_MEMBER, 2}, .key = key_of(s, VILLAIN)});
}

static ic_err of_no_leaf(struct scene *s)
{
    return remove_framed(
        s, (struct frame){.sender = {IC_MLS_SENDER_MEMBER, 6}, .key = key_of(s, VILLAIN)});
}

static ic_err of_the_past(struct scene *s)
{
    return remove_framed(
        s, (struct frame){.sender = member_0, .key = key_of(s, VILLAIN), .epoch_off = UINT64_MAX});
}

static ic_err of_the_future(struct scene *s)
{
    return remove_framed(
        s, (struct frame){.sender = member_0, .key = key_of(s, VILLAIN), .epoch_off = 1});
}

static ic_err data_in_public(struct scene *s)
{
    const struct frame f = {.type = IC_MLS_APPLICATION,
                            .sender = member_0,
                            .key = key_of(s, VILLAIN),
                            .body = IC_VIEW_STR("for all to read")};
    return villain_frame(s, &f);
}

/* A genuine commit, tagged anew with another confirmation tag. */
static ic_err wrong_confirmation(struct scene *s)
{
    struct ic_mlspub_message m;
    struct ic_mls_staged *staged;
    uint8_t tag[IC_HASH_MAX];
    const struct ic_mls_group *g = s->w.people[VILLAIN].g;
    const struct ic_mls_commit_params p = {.force_path = true};
    IC_TRY(ic_mls_commit_create(s->w.people[VILLAIN].g, &p, &staged));
    ic_err e = ic_mlspub_message_decode(ic_mls_staged_commit(staged), &s->arena, &m);
    if (e == IC_OK) {
        struct ic_mlspub_authenticated_content *a = &m.public_message.auth;
        a->wire_format = IC_MLS_PUBLIC_MESSAGE;
        memcpy(tag, a->confirmation_tag.p, a->confirmation_tag.len);
        tag[0] ^= 1;
        a->confirmation_tag.p = tag;
        e = ic_mls_public_encode(g->suite, &g->now.secrets.membership, a, &g->now.context,
                                 &s->message);
    }
    ic_mls_discard(staged);
    return e;
}

/* A Remove of leaf 1 as PrivateMessage of the leaf; behind it `behind` stands where padding may. */
static ic_err remove_private(struct scene *s, uint32_t leaf, struct ic_view behind, bool broken)
{
    size_t len;
    uint8_t signature[IC_SIG_MAX];
    struct ic_view body;
    const struct ic_mls_group *g = s->w.people[VILLAIN].g;
    IC_BUF_SCOPE(content, 65536);
    IC_BUF_SCOPE(plain, 65536);
    IC_TRY(
        villain_body(s, &(struct ic_mlspub_proposal){.type = IC_MLS_REMOVE, .remove = 1}, &body));
    struct ic_mlspub_content c = {.group_id = g->now.context.group_id,
                                  .epoch = g->now.context.epoch,
                                  .sender = {IC_MLS_SENDER_MEMBER, leaf},
                                  .type = IC_MLS_PROPOSAL};
    IC_TRY(ic_mls_frame_encode(&c, body, &content));
    IC_TRY(ic_mlspub_content_sign(g->now.signer, IC_MLS_PRIVATE_MESSAGE, &c, &g->now.context,
                                  signature, &len));
    signature[len - 1] ^= broken;
    struct ic_writer w = ic_writer(&plain);
    ic_write_bytes(&w, body);
    ic_write_vec(&w, ic_view(signature, len));
    ic_write_bytes(&w, behind);
    IC_TRY(ic_writer_end(&w));
    /* The empty signature that follows is one more zero. */
    const struct ic_mls_private_content p = {.type = IC_MLS_PROPOSAL, .body = ic_buf_view(&plain)};
    const struct ic_mls_private_epoch e = {g->suite, g->now.context.group_id, g->now.context.epoch,
                                           &g->now.secrets.sender_data, g->now.ratchets};
    return ic_mls_private_seal(&e, leaf, &p, (struct ic_mls_padding){0}, &s->w.config.rand,
                               &s->message);
}

/* RFC9420-6.3.1-3 */
static ic_err padded_with_ones(struct scene *s)
{
    return remove_private(s, 0, IC_VIEW_STR("\1"), false);
}

static ic_err private_of_no_leaf(struct scene *s)
{
    return remove_private(s, 6, ic_view(NULL, 0), false);
}

static ic_err private_wrong_signature(struct scene *s)
{
    return remove_private(s, 0, ic_view(NULL, 0), true);
}

static ic_err private_in_anothers_name(struct scene *s)
{
    return remove_private(s, 2, ic_view(NULL, 0), false);
}

const struct crime crimes_frame[] = {
    {"RFC9420-6.2-2", "a wrong membership tag", wrong_membership, false},
    {"RFC9420-6.2-3", "a wrong signature under the right membership tag", wrong_signature, false},
    {"RFC9420-6.1-7", "a message in another member's name", in_anothers_name, false},
    {"RFC9420-6.1-1", "a message in the name of a blank leaf", of_no_leaf, false},
    {"RFC9420-12.1-1", "a proposal of the epoch before", of_the_past, false},
    {"RFC9420-12.1-1", "a proposal of the epoch to come", of_the_future, false},
    {"RFC9420-6-1", "application data in a PublicMessage", data_in_public, false},
    {"RFC9420-12.4.2-r4", "a wrong confirmation tag", wrong_confirmation, false},
    {"RFC9420-6.3.1-2", "padding that is not zeros", padded_with_ones, false},
    {"RFC9420-6.3.2-2", "a PrivateMessage of a blank leaf", private_of_no_leaf, false},
    {"RFC9420-6.3.1-7", "a PrivateMessage with a wrong signature", private_wrong_signature, false},
    {"RFC9420-6.1-7", "a PrivateMessage in another's name", private_in_anothers_name, false},
    {0},
};
