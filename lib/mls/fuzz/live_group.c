#include "live_group.h"

#include <ic/mlspub/framing.h>
#include <stdlib.h>
#include <string.h>

static void must(ic_err e)
{
    if (e != IC_OK)
        abort();
}

static ic_err fill(void *ctx, uint8_t *out, size_t n)
{
    uint64_t *state = ctx;
    for (size_t i = 0; i < n; i++) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        out[i] = (uint8_t)(*state >> 56);
    }
    return IC_OK;
}

static void add_receiver(struct live *l)
{
    struct ic_mls_key_package *k;
    struct ic_mls_staged *s;
    must(ic_mls_key_package_new(&l->config, &l->ids[1], ic_view(NULL, 0), &k));
    const struct ic_view add = ic_mls_key_package_message(k);
    const struct ic_mls_commit_params p = {.adds = &add, .add_count = 1, .force_path = true};
    must(ic_mls_commit_create(l->sender, &p, &s));
    must(ic_mls_group_join(&l->config, &l->ids[1], k, ic_mls_staged_welcome(s), ic_view(NULL, 0),
                           &l->receiver));
    must(ic_mls_merge(l->sender, s));
    ic_mls_key_package_free(k);
}

static void invite_newcomer(struct live *l)
{
    must(ic_mls_key_package_new(&l->config, &l->ids[2], ic_view(NULL, 0), &l->newcomer));
    const struct ic_view add = ic_mls_key_package_message(l->newcomer);
    const struct ic_mls_commit_params p = {
        .adds = &add, .add_count = 1, .force_path = true, .welcome_without_tree = true};
    must(ic_mls_commit_create(l->sender, &p, &l->welcoming));
    ic_buf_init(&l->tree, 1 << 20);
    must(ic_mlspub_diff_encode(l->welcoming->diff, &l->tree));
}

static uint64_t clock_now_s(void *ctx)
{
    (void)ctx;
    return live_now;
}

void live_open(struct live *l)
{
    static const char *const names[] = {"sender", "receiver", "newcomer"};
    *l = (struct live){.rand_state = 42};
    l->config.rand = (struct ic_rand){fill, &l->rand_state};
    l->config.clock.now_s = clock_now_s;
    l->config.data_with_pending = true;
    for (size_t i = 0; i < 3; i++) {
        const struct ic_suite *s = ic_suite_find(1);
        must(ic_sign_key_generate(s->sig, &l->config.rand, &l->signers[i]));
        l->ids[i] = (struct ic_mls_identity){.suite = s,
                                             .signer = l->signers[i],
                                             .credential = {IC_MLS_BASIC, ic_view_cstr(names[i])},
                                             .lifetime = {live_now - 3600, live_now + 86400}};
    }
    must(ic_mls_group_create(&l->config, &l->ids[0], IC_VIEW_STR("fuzzed"), ic_view(NULL, 0),
                             &l->sender));
    add_receiver(l);
    invite_newcomer(l);
}

void live_close(struct live *l)
{
    ic_mls_discard(l->welcoming);
    ic_mls_group_free(l->sender);
    ic_mls_group_free(l->receiver);
    ic_mls_key_package_free(l->newcomer);
    ic_buf_clear(&l->tree);
    for (size_t i = 0; i < 3; i++)
        ic_sign_key_free(l->signers[i]);
}

ic_err live_frame(struct live *l, uint8_t content_type, bool private, struct ic_view body,
                  struct ic_buf *out)
{
    static const uint8_t tag[IC_HASH_MAX];
    uint8_t signature[IC_SIG_MAX];
    struct ic_mlspub_authenticated_content a;
    const struct ic_mlspub_sender us = {IC_MLS_SENDER_MEMBER, 0};
    IC_BUF_SCOPE(content, 1 << 20);
    l->sender->config.private_handshakes = private;
    IC_TRY(ic_mls_content_make(l->sender, content_type, us, ic_view(NULL, 0), body, l->signers[0],
                               &content, signature, &a));
    if (content_type == IC_MLS_COMMIT)
        a.confirmation_tag = ic_view(tag, l->sender->suite->hash_len);
    return ic_mls_content_protect(l->sender, &a, body, out);
}
