/* A member who lies: commits and messages that are well signed and wrong inside. */
#include "../../src/member/state.h"
#include "world.h"

#include <ic/mlspub/codec.h>
#include <string.h>

struct lie {
    struct world w;
    struct ic_mls_staged *genuine; /* of member 0 */
    struct ic_buf before;          /* member 1's state */
};

static void lie_open(struct lie *l, const struct ic_mls_commit_params *p)
{
    CHECK_OK(world_init(&l->w, ic_suite_find(1), 77));
    ic_buf_init(&l->before, 1 << 20);
    CHECK_OK(world_create(&l->w));
    CHECK_OK(world_add(&l->w, 0, (const size_t[]){1, 2, 3}, 3));
    CHECK_OK(world_snapshot(l->w.people[1].g, &l->before));
    CHECK_OK(ic_mls_commit_create(l->w.people[0].g, p, &l->genuine));
}

/* The victim is as it was, and follows the genuine commit. */
static void lie_close(struct lie *l)
{
    IC_BUF_SCOPE(after, 1 << 20);
    struct ic_mls_received r;
    CHECK_OK(world_snapshot(l->w.people[1].g, &after));
    CHECK_BYTES(ic_buf_view(&after), ic_buf_view(&l->before));
    CHECK_OK(ic_mls_process(l->w.people[1].g, ic_mls_staged_commit(l->genuine), &r));
    ic_mls_received_clear(&r);
    ic_mls_discard(l->genuine);
    ic_buf_clear(&l->before);
    world_clear(&l->w);
}

/* Member 0 signs and protects the body as a commit with that tag. */
static ic_err frame_commit(struct lie *l, struct ic_view body, struct ic_view tag,
                           struct ic_buf *out)
{
    uint8_t signature[IC_SIG_MAX];
    struct ic_mlspub_authenticated_content a;
    struct ic_mls_group *g = l->w.people[0].g;
    const struct ic_mlspub_sender us = {IC_MLS_SENDER_MEMBER, 0};
    IC_BUF_SCOPE(content, 1 << 20);
    IC_TRY(ic_mls_content_make(g, IC_MLS_COMMIT, us, ic_view(NULL, 0), body, g->now.signer,
                               &content, signature, &a));
    a.confirmation_tag = tag;
    return ic_mls_content_protect(g, &a, body, out);
}

/* The genuine commit's body. */
static ic_err body_of(const struct lie *l, struct ic_arena *arena, struct ic_mlspub_commit *commit)
{
    struct ic_mlspub_message m;
    IC_TRY(ic_mlspub_message_decode(ic_mls_staged_commit(l->genuine), arena, &m));
    *commit = m.public_message.auth.content.commit;
    return IC_OK;
}

static ic_err send_commit(struct lie *l, const struct ic_mlspub_commit *commit)
{
    static const uint8_t tag[32];
    struct ic_mls_received r;
    IC_BUF_SCOPE(body, 1 << 20);
    IC_BUF_SCOPE(message, 1 << 20);
    struct ic_writer w = ic_writer(&body);
    ic_mlspub_commit_write(&w, commit);
    IC_TRY(ic_writer_end(&w));
    IC_TRY(frame_commit(l, ic_buf_view(&body), IC_VIEW_ARRAY(tag), &message));
    ic_err e = ic_mls_process(l->w.people[1].g, ic_buf_view(&message), &r);
    if (e == IC_OK)
        ic_mls_received_clear(&r);
    return e;
}

static const struct ic_mls_commit_params with_path = {.force_path = true};

/* RFC9420-12.4.2-r4 */
TEST(commit_with_a_wrong_confirmation_tag_is_refused)
{
    struct lie l;
    struct ic_mlspub_commit commit;
    IC_ARENA_SCOPE(arena, 1 << 20);
    lie_open(&l, &with_path);
    CHECK_OK(body_of(&l, &arena, &commit));
    CHECK_ERR(send_commit(&l, &commit), IC_ERR_AUTH);
    CHECK(strstr(ic_mls_last_rule(l.w.people[1].g), "confirmation tag") != NULL);
    CHECK_EQ_INT(ic_mls_last_offender(l.w.people[1].g), 0);
    lie_close(&l);
}

/* RFC9420-12.4-3 */
TEST(commit_without_its_required_path_is_refused)
{
    struct lie l;
    struct ic_mlspub_commit commit;
    IC_ARENA_SCOPE(arena, 1 << 20);
    lie_open(&l, &with_path);
    CHECK_OK(body_of(&l, &arena, &commit));
    commit.has_path = false;
    CHECK_ERR(send_commit(&l, &commit), IC_ERR_RULE);
    CHECK(strstr(ic_mls_last_rule(l.w.people[1].g), "required path") != NULL);
    lie_close(&l);
}

/* path with the receiver's own ciphertext broken, or another's in its place. */
static void break_path(bool swap, ic_err want)
{
    struct lie l;
    struct ic_mlspub_commit commit;
    uint8_t broken[256];
    IC_ARENA_SCOPE(arena, 1 << 20);
    lie_open(&l, &with_path);
    if (ic_test_failed())
        return;
    CHECK_OK(body_of(&l, &arena, &commit));
    CHECK_EQ_INT(commit.path.node_count, 2);
    struct ic_mlspub_path_node nodes[2] = {commit.path.nodes[0], commit.path.nodes[1]};
    struct ic_mlspub_ciphertext first = nodes[0].secrets[0];
    if (swap) { /* a ciphertext meant for the other half of the tree */
        first = nodes[1].secrets[0];
    } else {
        memcpy(broken, first.ciphertext.p, first.ciphertext.len);
        broken[3] ^= 1;
        first.ciphertext.p = broken;
    }
    nodes[0].secrets = &first;
    commit.path.nodes = nodes;
    CHECK_ERR(send_commit(&l, &commit), want);
    lie_close(&l);
}

TEST(commit_whose_path_does_not_decrypt_is_refused)
{
    break_path(false, IC_ERR_AUTH);
    break_path(true, IC_ERR_AUTH);
}

/* RFC9420-7.9.2-2 */
TEST(commit_whose_keys_do_not_follow_from_its_secrets_is_refused)
{
    struct lie l;
    struct ic_mlspub_commit commit;
    struct ic_kem_pair other;
    IC_ARENA_SCOPE(arena, 1 << 20);
    lie_open(&l, &with_path);
    CHECK_OK(body_of(&l, &arena, &commit));
    CHECK_OK(ic_kem_generate_pair(l.w.suite->kem, &l.w.config.rand, &other));
    struct ic_mlspub_path_node nodes[2] = {commit.path.nodes[0], commit.path.nodes[1]};
    nodes[1].encryption_key = ic_view(other.public_key, other.public_len);
    commit.path.nodes = nodes;
    /* The leaf's signed parent hash binds the keys above it. */
    CHECK_ERR(send_commit(&l, &commit), IC_ERR_RULE);
    CHECK(strstr(ic_mls_last_rule(l.w.people[1].g), "parent") != NULL);
    lie_close(&l);
}

/* RFC9420-12.4-r1 */
TEST(commit_with_an_unknown_reference_is_refused)
{
    struct lie l;
    struct ic_mlspub_commit commit;
    static const uint8_t ref[32] = {9};
    const struct ic_mlspub_proposal_or_ref unknown = {.is_ref = true, .ref = IC_VIEW_ARRAY(ref)};
    IC_ARENA_SCOPE(arena, 1 << 20);
    lie_open(&l, &with_path);
    CHECK_OK(body_of(&l, &arena, &commit));
    commit.proposals = &unknown;
    commit.proposal_count = 1;
    CHECK_ERR(send_commit(&l, &commit), IC_ERR_NOT_FOUND);
    lie_close(&l);
}

/* RFC9420-6.2-2 */
TEST(public_message_with_a_wrong_membership_tag_is_refused)
{
    struct lie l;
    struct ic_mls_received r;
    IC_BUF_SCOPE(message, 1 << 20);
    lie_open(&l, &with_path);
    CHECK_OK(ic_buf_append(&message, ic_mls_staged_commit(l.genuine)));
    message.p[message.len - 1] ^= 1; /* the tag is what the message ends with */
    CHECK_ERR(ic_mls_process(l.w.people[1].g, ic_buf_view(&message), &r), IC_ERR_AUTH);
    message.p[message.len - 1] ^= 1;
    message.len -= 1;
    CHECK(ic_mls_process(l.w.people[1].g, ic_buf_view(&message), &r) != IC_OK);
    lie_close(&l);
}

/* Member 0 knows all keys of the epoch, and speaks as member 2. */
/* RFC9420-6.1-7 RFC9420-6.3.1-7 */
TEST(message_in_another_members_name_is_refused_and_costs_no_key)
{
    struct lie l;
    struct ic_mls_received r;
    IC_BUF_SCOPE(forged, 65536);
    IC_BUF_SCOPE(genuine, 65536);
    lie_open(&l, &with_path);
    struct ic_mls_group *liar = l.w.people[0].g;
    uint32_t own = liar->own_leaf;
    liar->own_leaf = 2;
    CHECK_OK(ic_mls_protect(liar, IC_VIEW_STR("I am another"), IC_VIEW_STR("aad"), &forged));
    liar->own_leaf = own;
    CHECK_ERR(ic_mls_process(l.w.people[1].g, ic_buf_view(&forged), &r), IC_ERR_SIGNATURE);
    CHECK_EQ_INT(ic_mls_last_offender(l.w.people[1].g), 2);
    CHECK_OK(world_say(&l.w, 2, "I am myself", &genuine)); /* the same generation */
    CHECK_OK(world_read(&l.w.people[1], ic_buf_view(&genuine), IC_VIEW_STR("I am myself")));
    lie_close(&l);
}

/* RFC9420-12.4.3.1-1 RFC9420-12.4.3.1-r1 RFC9420-12.4.3.3-4 */
TEST(welcome_is_bound_to_tree_and_key_package)
{
    struct world w;
    struct ic_mls_key_package *k, *stranger;
    struct ic_mls_staged *s;
    struct ic_mls_group *g;
    IC_BUF_SCOPE(tree, 1 << 20);
    CHECK_OK(world_init(&w, ic_suite_find(2), 78));
    CHECK_OK(world_create(&w));
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[1].id, ic_view(NULL, 0), &k));
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[1].id, ic_view(NULL, 0), &stranger));
    const struct ic_view add = ic_mls_key_package_message(k);
    const struct ic_mls_commit_params p = {
        .adds = &add, .add_count = 1, .welcome_without_tree = true};
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    CHECK_BYTES(ic_mls_staged_joiner(s, 0), ic_mls_key_package_ref(k));
    struct ic_view welcome = ic_mls_staged_welcome(s);
    CHECK_OK(ic_mls_tree(w.people[0].g, &tree)); /* of the epoch before */
    CHECK_ERR(
        ic_mls_group_join(&w.config, &w.people[1].id, stranger, welcome, ic_buf_view(&tree), &g),
        IC_ERR_NOT_FOUND);
    CHECK_ERR(ic_mls_group_join(&w.config, &w.people[1].id, k, welcome, ic_view(NULL, 0), &g),
              IC_ERR_NOT_FOUND);
    CHECK_ERR(ic_mls_group_join(&w.config, &w.people[1].id, k, welcome, ic_buf_view(&tree), &g),
              IC_ERR_RULE);
    CHECK(strstr(w.fault.rule, "another hash") != NULL);
    CHECK_OK(ic_mls_merge(w.people[0].g, s));
    ic_mls_key_package_free(k);
    ic_mls_key_package_free(stranger);
    world_clear(&w);
}
