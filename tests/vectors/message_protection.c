#include "vectors.h"

#include "member/frame.h"
#include "member/private_message.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/fault.h>
#include <ic/mlspub/framing.h>
#include <ic/os/os.h>

enum { SENDER = 1 };

struct setting {
    const struct ic_suite *suite;
    const json_t *c;
    struct ic_mlspub_group_context context;
    struct ic_secret membership, sender_data;
    struct ic_mls_secret_tree *tree; /* one for each message */
    struct ic_sign_key *key;
};

static bool fresh_tree(struct vec *v, struct setting *g)
{
    IC_SECRET_SCOPE(secret);
    ic_mls_secret_tree_free(g->tree);
    g->tree = NULL;
    VEC_OK(v, ic_secret_set(&secret, vec_bytes(v, g->c, "encryption_secret")));
    VEC_OK(v, ic_mls_secret_tree_new(g->suite, 2, &secret, 1024, 1024, &g->tree));
    return true;
}

static bool check_public(struct vec *v, struct setting *g, struct ic_view bytes, struct ic_view raw,
                         uint8_t type)
{
    struct ic_mlspub_message m;
    VEC_OK(v, ic_mlspub_message_decode(bytes, &v->arena, &m));
    VEC_CHECK(v, m.wire_format == IC_MLS_PUBLIC_MESSAGE);
    const struct ic_mlspub_content *c = &m.public_message.auth.content;
    VEC_CHECK(v, c->type == type && c->sender.index == SENDER);
    VEC_OK(v, ic_mls_public_check(g->suite, &g->membership, &g->context, &m.public_message));
    VEC_OK(v, ic_mlspub_content_verify(g->suite, ic_sign_key_public(g->key), &m.public_message.auth,
                                       &g->context));
    IC_BUF_SCOPE(body, 1 << 20);
    struct ic_writer w = ic_writer(&body);
    ic_mlspub_content_body_write(&w, c);
    VEC_OK(v, ic_writer_end(&w));
    VEC_EQUAL(v, ic_buf_view(&body), raw);
    return true;
}

static bool check_private(struct vec *v, struct setting *g, struct ic_view bytes,
                          struct ic_view raw, uint8_t type)
{
    struct ic_mlspub_message m;
    struct ic_mls_opened o = {0};
    struct ic_mlspub_authenticated_content a = {.wire_format = IC_MLS_PRIVATE_MESSAGE};
    if (!fresh_tree(v, g))
        return false;
    const struct ic_mls_private_epoch e = {g->suite, g->context.group_id, g->context.epoch,
                                           &g->sender_data, g->tree};
    IC_BUF_SCOPE(content, 1 << 20);
    VEC_OK(v, ic_mlspub_message_decode(bytes, &v->arena, &m));
    VEC_CHECK(v, m.wire_format == IC_MLS_PRIVATE_MESSAGE);
    VEC_OK(v, ic_mls_private_open(&e, &m.private_message, IC_MLSPUB_NO_LEAF, &o));
    struct ic_view plain;
    VEC_OK(v, ic_arena_copy(&v->arena, ic_buf_view(&o.plain), &plain));
    uint32_t leaf = o.leaf;
    ic_mls_secret_tree_consume(g->tree, &o.use);
    ic_mls_opened_clear(&o);
    VEC_CHECK(v, leaf == SENDER);

    struct ic_reader r = ic_reader(plain);
    struct ic_view body;
    a.content =
        (struct ic_mlspub_content){.group_id = g->context.group_id,
                                   .epoch = g->context.epoch,
                                   .sender = {IC_MLS_SENDER_MEMBER, SENDER},
                                   .authenticated_data = m.private_message.authenticated_data,
                                   .type = type};
    if (type == IC_MLS_APPLICATION) {
        body = ic_read_vec(&r, plain.len);
    } else {
        ic_mlspub_content_body_read(&r, &v->arena, &a.content);
        body = ic_view(plain.p, (size_t)(r.p - plain.p));
    }
    VEC_OK(v, ic_mls_private_auth(&r, type, &a.signature, &a.confirmation_tag));
    VEC_EQUAL(v, body, raw);
    VEC_OK(v, ic_mls_frame_encode(&a.content, body, &content));
    VEC_OK(v, ic_mlspub_content_verify(g->suite, ic_sign_key_public(g->key), &a, &g->context));
    return true;
}

static bool sign(struct vec *v, struct setting *g, struct ic_view raw, uint8_t type,
                 uint16_t wire_format, struct ic_buf *content, uint8_t *sig,
                 struct ic_mlspub_authenticated_content *a)
{
    static const uint8_t tag[IC_HASH_MAX];
    size_t len;
    *a = (struct ic_mlspub_authenticated_content){
        .wire_format = wire_format,
        .content = {.group_id = g->context.group_id,
                    .epoch = g->context.epoch,
                    .sender = {IC_MLS_SENDER_MEMBER, SENDER},
                    .type = type}};
    VEC_OK(v, ic_mls_frame_encode(&a->content, raw, content));
    VEC_OK(v, ic_mlspub_content_sign(g->key, wire_format, &a->content, &g->context, sig, &len));
    a->signature = ic_view(sig, len);
    if (type == IC_MLS_COMMIT)
        a->confirmation_tag = ic_view(tag, g->suite->hash_len);
    return true;
}

static bool protect_public(struct vec *v, struct setting *g, struct ic_view raw, uint8_t type)
{
    uint8_t sig[IC_SIG_MAX];
    struct ic_mlspub_authenticated_content a;
    IC_BUF_SCOPE(content, 1 << 20);
    IC_BUF_SCOPE(out, 1 << 20);
    if (!sign(v, g, raw, type, IC_MLS_PUBLIC_MESSAGE, &content, sig, &a))
        return false;
    VEC_OK(v, ic_mls_public_encode(g->suite, &g->membership, &a, &g->context, &out));
    return check_public(v, g, ic_buf_view(&out), raw, type);
}

static bool protect_private(struct vec *v, struct setting *g, struct ic_view raw, uint8_t type)
{
    uint8_t sig[IC_SIG_MAX];
    struct ic_mlspub_authenticated_content a;
    struct ic_rand rand = ic_os_rand();
    IC_BUF_SCOPE(content, 1 << 20);
    IC_BUF_SCOPE(out, 1 << 20);
    if (!fresh_tree(v, g) || !sign(v, g, raw, type, IC_MLS_PRIVATE_MESSAGE, &content, sig, &a))
        return false;
    const struct ic_mls_private_epoch e = {g->suite, g->context.group_id, g->context.epoch,
                                           &g->sender_data, g->tree};
    const struct ic_mls_private_content p = {
        .type = type, .body = raw, .signature = a.signature, .tag = a.confirmation_tag};
    VEC_OK(v, ic_mls_private_seal(&e, SENDER, &p, (struct ic_mls_padding){.multiple = 64}, &rand,
                                  &out));
    return check_private(v, g, ic_buf_view(&out), raw, type);
}

static bool check_kind(struct vec *v, struct setting *g, const char *name, uint8_t type)
{
    char key[32];
    struct ic_view raw = vec_bytes(v, g->c, name);
    if (type != IC_MLS_APPLICATION) {
        snprintf(key, sizeof key, "%s_pub", name);
        if (!check_public(v, g, vec_bytes(v, g->c, key), raw, type) ||
            !protect_public(v, g, raw, type))
            return false;
    }
    snprintf(key, sizeof key, "%s_priv", name);
    return check_private(v, g, vec_bytes(v, g->c, key), raw, type) &&
           protect_private(v, g, raw, type);
}

bool run_message_protection(struct vec *v, const json_t *c)
{
    struct setting g = {.suite = vec_suite(v, c), .c = c};
    if (!g.suite)
        return false;
    g.context = (struct ic_mlspub_group_context){.version = IC_MLS_VERSION_1,
                                                 .suite = g.suite->id,
                                                 .group_id = vec_bytes(v, c, "group_id"),
                                                 .epoch = vec_int(c, "epoch"),
                                                 .tree_hash = vec_bytes(v, c, "tree_hash"),
                                                 .confirmed_transcript_hash =
                                                     vec_bytes(v, c, "confirmed_transcript_hash")};
    VEC_OK(v, ic_secret_set(&g.membership, vec_bytes(v, c, "membership_key")));
    VEC_OK(v, ic_secret_set(&g.sender_data, vec_bytes(v, c, "sender_data_secret")));
    VEC_OK(v, vec_sign_key(g.suite, vec_bytes(v, c, "signature_priv"), &g.key));
    bool passed = ic_view_equal(ic_sign_key_public(g.key), vec_bytes(v, c, "signature_pub")) &&
                  check_kind(v, &g, "proposal", IC_MLS_PROPOSAL) &&
                  check_kind(v, &g, "commit", IC_MLS_COMMIT) &&
                  check_kind(v, &g, "application", IC_MLS_APPLICATION);
    ic_sign_key_free(g.key);
    ic_mls_secret_tree_free(g.tree);
    return passed;
}
