/* Reading a message: whose it is, whether it is genuine, and what kind of thing it brings. */
#include "frame.h"
#include "private_message.h"
#include "receive.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>
#include <string.h>

static ic_err refuse_epoch(struct ic_mls_group *g)
{
    return ic_mls_refuse(g, IC_ERR_EPOCH, "RFC 9420 section 12.4.2: a message of another epoch",
                         IC_MLSPUB_NO_LEAF);
}

static ic_err received_new(const struct ic_mlspub_content *c, struct ic_mls_received *out)
{
    *out =
        (struct ic_mls_received){.epoch = c->epoch, .sender = c->sender, .content_type = c->type};
    ic_buf_init(&out->authenticated_data, c->authenticated_data.len);
    ic_buf_init(&out->application, SIZE_MAX);
    return ic_buf_append(&out->authenticated_data, c->authenticated_data);
}

void ic_mls_received_clear(struct ic_mls_received *r)
{
    ic_buf_clear(&r->authenticated_data);
    ic_buf_clear_secret(&r->application);
    ic_mls_discard(r->staged);
    r->staged = NULL;
}

/* ---- handshake content, when its signature stands ---- */

static ic_err take_proposal(struct ic_mls_group *g, const struct ic_mlspub_authenticated_content *a,
                            struct ic_mls_received *out)
{
    struct ic_mlspub_pending_entry *entry;
    struct ic_mlspub_rules rules = ic_mls_rules_of(&g->config, g->suite, &g->now.context, g->now_s);
    ic_err e = ic_mlspub_proposal_check(&rules, g->tree, a->content.sender, &a->content.proposal,
                                        &g->fault);
    bool judged = e != IC_ERR_AGAIN;
    if (judged)
        IC_TRY(e);
    e = ic_mlspub_pending_prepare(g->pending, a, true, judged, &entry);
    if (e == IC_ERR_EXISTS)
        return ic_mls_refuse(g, IC_ERR_REPLAY, "RFC 9420 section 12.1: a proposal seen before",
                             a->content.sender.index);
    IC_TRY(e);
    ic_mlspub_pending_put(g->pending, entry);
    ic_mls_changes_note_proposal(g);
    out->kind = IC_MLS_RECEIVED_PROPOSAL;
    return IC_OK;
}

/* What the configuration accepts: RFC 9420 section 6 leaves the choice to the application. Who is no member
 * cannot but send PublicMessages, and a SelfRemove must be one. */
static ic_err check_policy(struct ic_mls_group *g, const struct ic_mlspub_authenticated_content *a)
{
    const struct ic_mlspub_content *c = &a->content;
    bool public = a->wire_format == IC_MLS_PUBLIC_MESSAGE;
    bool leaving = c->type == IC_MLS_PROPOSAL && c->proposal.type == IC_MLS_SELF_REMOVE;
    if (leaving && !public)
        return ic_mls_refuse(g, IC_ERR_RULE,
                             "draft-ietf-mls-extensions: a SelfRemove in a PrivateMessage",
                             c->sender.index);
    if (c->sender.type != IC_MLS_SENDER_MEMBER || leaving ||
        g->config.accept == IC_MLS_ACCEPT_ANY ||
        public == (g->config.accept == IC_MLS_ACCEPT_PUBLIC))
        return IC_OK;
    return ic_mls_refuse(g, IC_ERR_DENIED,
                         public ? "RFC 9420 section 6: handshakes are to be PrivateMessages here"
                                : "RFC 9420 section 6: handshakes are to be PublicMessages here",
                         c->sender.index);
}

static ic_err take_commit(struct ic_mls_group *g, struct ic_mls_staged *s,
                          const struct ic_mlspub_authenticated_content *a,
                          struct ic_mls_received *out)
{
    IC_TRY(ic_mls_commit_follow(g, s, a));
    out->kind = IC_MLS_RECEIVED_COMMIT;
    out->staged = s;
    return IC_OK;
}

/* ---- public messages ---- */

/* The commit that opened this epoch, if it was ours and merged before its echo came. */
static bool is_merged_echo(const struct ic_mls_group *g,
                           const struct ic_mlspub_authenticated_content *a)
{
    return g->opened_by_us && a->content.type == IC_MLS_COMMIT &&
           a->content.epoch + 1 == g->now.context.epoch &&
           ic_ct_equal(a->confirmation_tag, ic_view(g->now.tag, g->suite->hash_len));
}

static ic_err verify_public(struct ic_mls_group *g, const struct ic_mlspub_public_message *m)
{
    struct ic_view key;
    const struct ic_mlspub_content *c = &m->auth.content;
    /* RFC 9420 section 6: application messages MUST be PrivateMessages. */
    /* RFC9420-6-1 */
    if (c->type == IC_MLS_APPLICATION)
        return ic_mls_refuse(g, IC_ERR_RULE,
                             "RFC 9420 section 6: application data in a PublicMessage",
                             c->sender.index);
    ic_err e = IC_OK;
    if (c->sender.type == IC_MLS_SENDER_MEMBER)
        e = ic_mls_public_check(g->suite, &g->now.secrets.membership, &g->now.context, m);
    if (e == IC_ERR_AUTH)
        return ic_mls_refuse(g, e, "RFC 9420 section 6.2: the membership tag does not match",
                             c->sender.index);
    IC_TRY(e);
    IC_TRY(ic_mlspub_content_signer(g->tree, &g->now.context, c, &g->fault, &key));
    /* RFC9420-6.1-7 RFC9420-6.2-3 RFC9420-12.1-1 */
    e = ic_mlspub_content_verify(g->suite, key, &m->auth, &g->now.context);
    return e == IC_ERR_SIGNATURE
               ? ic_mls_refuse(g, e, "RFC 9420 section 6.1: the signature does not verify",
                               c->sender.index)
               : e;
}

/* A commit is staged on a copy of its bytes, which the staged commit views. */
static ic_err public_commit(struct ic_mls_group *g, struct ic_view bytes,
                            struct ic_mls_received *out)
{
    struct ic_mls_staged *s = ic_mls_staged_new(g);
    if (!s)
        return IC_ERR_NOMEM;
    struct ic_mlspub_message *m = ic_arena_alloc(&s->arena, 1, sizeof *m);
    ic_err e = m ? ic_buf_append(&s->message, bytes) : IC_ERR_NOMEM;
    if (e == IC_OK)
        e = ic_mlspub_message_decode(ic_buf_view(&s->message), &s->arena, m);
    if (e == IC_OK)
        e = take_commit(g, s, &m->public_message.auth, out);
    if (e != IC_OK)
        ic_mls_discard(s);
    return e;
}

static ic_err process_public(struct ic_mls_group *g, const struct ic_mlspub_public_message *m,
                             struct ic_view bytes, struct ic_mls_received *out)
{
    const struct ic_mlspub_content *c = &m->auth.content;
    bool echo = is_merged_echo(g, &m->auth);
    /* RFC9420-12.1-1 RFC9420-12.4.2-r1 */
    if (!echo && c->epoch != g->now.context.epoch)
        return refuse_epoch(g);
    if (!echo) {
        IC_TRY(check_policy(g, &m->auth));
        IC_TRY(verify_public(g, m));
        echo = c->sender.type == IC_MLS_SENDER_MEMBER && c->sender.index == g->own_leaf;
    }
    IC_TRY(received_new(c, out));
    if (echo) {
        out->kind = IC_MLS_RECEIVED_OWN_ECHO;
        return IC_OK;
    }
    return c->type == IC_MLS_COMMIT ? public_commit(g, bytes, out)
                                    : take_proposal(g, &m->auth, out);
}

/* ---- private messages ---- */

struct private
{
    struct ic_mls_group *g;
    const struct ic_mlspub_private_message *m;
    struct ic_mls_past *past; /* NULL: the current epoch */
    struct ic_mls_private_epoch epoch;
    struct ic_mls_opened opened;
    struct ic_buf content; /* FramedContent, put together for the signature */
};

static void private_clear(struct private *p)
{
    ic_mls_opened_clear(&p->opened);
    ic_buf_clear_secret(&p->content);
}

/* RFC 9420 section 6.3.2: the leaf MUST be non-blank; its key verifies the signature. */
static ic_err verify_private(struct private *p, const struct ic_mlspub_authenticated_content *a)
{
    struct ic_mls_group *g = p->g;
    uint32_t leaf = p->opened.leaf;
    struct ic_view key = p->past ? ic_mls_past_signer(g, p->past, leaf)
                                 : ic_mlspub_tree_signature_key(g->tree, leaf);
    /* RFC9420-6.3.2-2 */
    if (key.len == 0)
        return ic_mls_refuse(g, IC_ERR_RULE, "RFC 9420 section 6.3.2: the sender's leaf is blank",
                             leaf);
    ic_err e =
        ic_mlspub_content_verify(g->suite, key, a, p->past ? &p->past->context : &g->now.context);
    return e == IC_ERR_SIGNATURE
               ? ic_mls_refuse(g, e, "RFC 9420 section 6.1: the signature does not verify", leaf)
               : e;
}

/* Signature, tag and padding behind the body; then the signature's check, and the key is used up. */
static ic_err finish_private(struct private *p, struct ic_reader *rest, struct ic_view body,
                             struct ic_mlspub_authenticated_content *a, struct ic_buf *content)
{
    a->wire_format = IC_MLS_PRIVATE_MESSAGE;
    a->content.group_id = p->m->group_id;
    a->content.epoch = p->m->epoch;
    a->content.sender = (struct ic_mlspub_sender){IC_MLS_SENDER_MEMBER, p->opened.leaf};
    a->content.authenticated_data = p->m->authenticated_data;
    IC_TRY(ic_mls_private_auth(rest, a->content.type, &a->signature, &a->confirmation_tag));
    if (a->content.type != IC_MLS_APPLICATION)
        IC_TRY(check_policy(p->g, a));
    IC_TRY(ic_mls_frame_encode(&a->content, body, content));
    /* RFC9420-6.3.1-7 */
    IC_TRY(verify_private(p, a));
    ic_mls_secret_tree_consume(p->epoch.tree, &p->opened.use);
    return IC_OK;
}

/* The leaf has another key than when the message was sent: another member's, or the sender's own. */
static bool is_replaced(const struct private *p)
{
    uint32_t leaf = p->opened.leaf;
    if (!p->past)
        return false;
    struct ic_view now = leaf < ic_mlspub_tree_size(p->g->tree)
                             ? ic_mlspub_tree_signature_key(p->g->tree, leaf)
                             : ic_view(NULL, 0);
    return !ic_view_equal(now, ic_mls_past_signer(p->g, p->past, leaf));
}

static ic_err private_application(struct private *p, struct ic_mls_received *out)
{
    struct ic_mlspub_authenticated_content a = {.content.type = IC_MLS_APPLICATION};
    struct ic_reader r = ic_reader(ic_buf_view(&p->opened.plain));
    struct ic_view body = ic_read_vec(&r, p->opened.plain.len);
    IC_TRY(finish_private(p, &r, body, &a, &p->content));
    IC_TRY(received_new(&a.content, out));
    out->sender_replaced = is_replaced(p);
    ic_buf_move(&out->application, &p->opened.plain);
    if (body.len > 0)
        memmove(out->application.p, body.p, body.len);
    ic_wipe(out->application.p + body.len, out->application.len - body.len);
    out->application.len = body.len;
    out->kind = IC_MLS_RECEIVED_APPLICATION;
    return IC_OK;
}

static struct ic_view read_body(struct ic_reader *r, struct ic_arena *arena,
                                struct ic_mlspub_content *c)
{
    const uint8_t *start = r->p;
    ic_mlspub_content_body_read(r, arena, c);
    return r->err == IC_OK ? ic_view(start, (size_t)(r->p - start)) : ic_view(NULL, 0);
}

static ic_err private_proposal(struct private *p, struct ic_mls_received *out)
{
    IC_ARENA_SCOPE(arena, 16u << 20);
    struct ic_mlspub_authenticated_content a = {.content.type = IC_MLS_PROPOSAL};
    struct ic_reader r = ic_reader(ic_buf_view(&p->opened.plain));
    struct ic_view body = read_body(&r, &arena, &a.content);
    IC_TRY(finish_private(p, &r, body, &a, &p->content));
    IC_TRY(received_new(&a.content, out));
    return take_proposal(p->g, &a, out);
}

static ic_err stage_private(struct private *p, struct ic_mls_staged *s, struct ic_mls_received *out)
{
    struct ic_mlspub_authenticated_content *a = ic_arena_alloc(&s->arena, 1, sizeof *a);
    if (!a)
        return IC_ERR_NOMEM;
    a->content.type = IC_MLS_COMMIT;
    ic_buf_move(&s->message, &p->opened.plain);
    struct ic_reader r = ic_reader(ic_buf_view(&s->message));
    struct ic_view body = read_body(&r, &s->arena, &a->content);
    IC_TRY(finish_private(p, &r, body, a, &s->content));
    IC_TRY(ic_arena_copy(&s->arena, p->m->authenticated_data, &a->content.authenticated_data));
    IC_TRY(received_new(&a->content, out));
    return take_commit(p->g, s, a, out);
}

static ic_err private_commit(struct private *p, struct ic_mls_received *out)
{
    struct ic_mls_staged *s = ic_mls_staged_new(p->g);
    if (!s)
        return IC_ERR_NOMEM;
    ic_err e = stage_private(p, s, out);
    if (e != IC_OK)
        ic_mls_discard(s);
    return e;
}

static ic_err own_echo(struct private *p, struct ic_mls_received *out)
{
    const struct ic_mlspub_content c = {.epoch = p->m->epoch,
                                        .sender = {IC_MLS_SENDER_MEMBER, p->g->own_leaf},
                                        .type = p->m->content_type,
                                        .authenticated_data = p->m->authenticated_data};
    IC_TRY(received_new(&c, out));
    out->kind = IC_MLS_RECEIVED_OWN_ECHO;
    return IC_OK;
}

static ic_err open_private(struct private *p)
{
    struct ic_mls_group *g = p->g;
    if (p->m->epoch != g->now.context.epoch) {
        p->past = ic_mls_past_find(g, p->m->epoch);
        if (!p->past)
            return refuse_epoch(g);
    }
    p->epoch = (struct ic_mls_private_epoch){.suite = g->suite,
                                             .group_id = g->now.context.group_id,
                                             .epoch = p->m->epoch,
                                             .sender_data = p->past ? &p->past->sender_data
                                                                    : &g->now.secrets.sender_data,
                                             .tree = p->past ? p->past->ratchets : g->now.ratchets};
    ic_err e = ic_mls_private_open(&p->epoch, p->m, g->own_leaf, &p->opened);
    if (e == IC_ERR_AUTH)
        return ic_mls_refuse(g, e, "RFC 9420 section 6.3: the message does not decrypt",
                             IC_MLSPUB_NO_LEAF);
    if (e == IC_ERR_REPLAY)
        return ic_mls_refuse(g, e, "RFC 9420 section 9.2: the message's key has been used",
                             IC_MLSPUB_NO_LEAF);
    if (e == IC_ERR_LIMIT)
        return ic_mls_refuse(g, e, "RFC 9420 section 9.2: the message is too far ahead",
                             IC_MLSPUB_NO_LEAF);
    return e;
}

static ic_err process_private(struct ic_mls_group *g, const struct ic_mlspub_private_message *m,
                              struct ic_mls_received *out)
{
    __attribute__((cleanup(private_clear))) struct private p = {
        .g = g, .m = m, .content = {.max = SIZE_MAX}};
    ic_err e = open_private(&p);
    if (e == IC_ERR_OWN_ECHO)
        return own_echo(&p, out);
    IC_TRY(e);
    if (m->content_type == IC_MLS_APPLICATION)
        return private_application(&p, out);
    if (p.past)
        return refuse_epoch(g);
    return m->content_type == IC_MLS_COMMIT ? private_commit(&p, out) : private_proposal(&p, out);
}

static ic_err process(struct ic_mls_group *g, struct ic_view bytes, struct ic_mls_received *out)
{
    IC_ARENA_SCOPE(arena, (size_t)g->config.limits.max_message * 4);
    struct ic_mlspub_message m;
    if (bytes.len > g->config.limits.max_message)
        return IC_ERR_LIMIT;
    IC_TRY(ic_mlspub_message_decode(bytes, &arena, &m));
    if (m.wire_format != IC_MLS_PUBLIC_MESSAGE && m.wire_format != IC_MLS_PRIVATE_MESSAGE)
        return IC_ERR_UNSUPPORTED;
    struct ic_view group_id = m.wire_format == IC_MLS_PUBLIC_MESSAGE
                                  ? m.public_message.auth.content.group_id
                                  : m.private_message.group_id;
    if (!ic_view_equal(group_id, g->now.context.group_id))
        return IC_ERR_NOT_FOUND;
    return m.wire_format == IC_MLS_PUBLIC_MESSAGE ? process_public(g, &m.public_message, bytes, out)
                                                  : process_private(g, &m.private_message, out);
}

ic_err ic_mls_process(struct ic_mls_group *g, struct ic_view message, struct ic_mls_received *out)
{
    struct ic_mls_received r = {0};
    IC_TRY(ic_mls_begin(g));
    if (g->removed)
        return IC_ERR_REMOVED;
    ic_err e = process(g, message, &r);
    if (e != IC_OK) {
        ic_mls_received_clear(&r);
        return e;
    }
    *out = r;
    return IC_OK;
}
