/* What goes wrong around a group, and how it ends. */
#include "world.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>
#include <string.h>

static const size_t one_two_three[] = {1, 2, 3};

static const struct ic_suite *suite(void)
{
    return ic_suite_find(1);
}

static void start(struct world *w, size_t others)
{
    CHECK_OK(world_init(w, suite(), 7));
    CHECK_OK(world_create(w));
    CHECK_OK(world_add(w, 0, one_two_three, others));
}

/* RFC9420-12.4.2-r1 */
TEST(conflicting_commits_one_wins_the_other_vanishes)
{
    struct world w;
    start(&w, 3);
    if (ic_test_failed())
        return;
    struct ic_mls_commit_params p = {.force_path = true};
    struct ic_mls_staged *first, *second;
    struct ic_mls_received r;
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &first));
    CHECK_OK(ic_mls_commit_create(w.people[1].g, &p, &second));
    for (size_t i = 1; i < 4; i++) {
        CHECK_OK(ic_mls_process(w.people[i].g, ic_mls_staged_commit(first), &r));
        CHECK_EQ_INT(r.kind, IC_MLS_RECEIVED_COMMIT);
        CHECK_EQ_INT(ic_mls_staged_committer(r.staged), 0);
        CHECK_OK(ic_mls_merge(w.people[i].g, r.staged));
        r.staged = NULL;
        ic_mls_received_clear(&r);
    }
    IC_BUF_SCOPE(late, 65536);
    CHECK_OK(ic_buf_append(&late, ic_mls_staged_commit(second)));
    CHECK_OK(ic_mls_merge(w.people[0].g, first));
    CHECK_ERR(ic_mls_merge(w.people[1].g, second), IC_ERR_EPOCH);
    CHECK(world_agrees(&w));
    CHECK_ERR(ic_mls_process(w.people[2].g, ic_buf_view(&late), &r), IC_ERR_EPOCH);
    CHECK_OK(world_update(&w, 1));
    CHECK(world_agrees(&w));
    world_clear(&w);
}

TEST(staged_commits_outlive_the_proposals_they_refer_to)
{
    struct world w;
    start(&w, 3);
    if (ic_test_failed())
        return;
    IC_BUF_SCOPE(proposal, 65536);
    struct ic_mls_staged *own;
    struct ic_mls_commit_params p = {0}, q = {.skip_pending = true, .force_path = true};
    CHECK_OK(ic_mls_propose_remove(w.people[1].g, 3, ic_view(NULL, 0), &proposal));
    CHECK_OK(world_propose(&w, 1, &proposal));
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &own));
    CHECK_OK(world_commit(&w, 2, &q, NULL, NULL, 0));
    CHECK_EQ_INT(ic_mls_pending_count(w.people[0].g), 0);
    CHECK_EQ_INT(ic_mls_staged_count(own), 1);
    CHECK_EQ_INT(ic_mls_staged_item(own, 0)->proposal->remove, 3);
    CHECK_EQ_INT(ic_mls_staged_item(own, 0)->sender.index, 1);
    CHECK_ERR(ic_mls_merge(w.people[0].g, own), IC_ERR_EPOCH);
    CHECK(world_agrees(&w) && world_count(&w) == 4);
    world_clear(&w);
}

/* Stages one commit of each kind on g, discards it, and compares. */
static void discard_leaves_no_trace(struct world *w, const struct ic_mls_commit_params *p)
{
    IC_BUF_SCOPE(before, 1 << 20);
    IC_BUF_SCOPE(after, 1 << 20);
    struct ic_mls_staged *s;
    struct ic_mls_received r;
    CHECK_OK(world_snapshot(w->people[0].g, &before));
    CHECK_OK(ic_mls_commit_create(w->people[0].g, p, &s));
    CHECK_OK(ic_mls_process(w->people[1].g, ic_mls_staged_commit(s), &r));
    ic_mls_received_clear(&r); /* discards what was staged */
    ic_mls_discard(s);
    CHECK_OK(world_snapshot(w->people[0].g, &after));
    CHECK_BYTES(ic_buf_view(&after), ic_buf_view(&before));
    ic_buf_reset(&after);
    CHECK_OK(world_snapshot(w->people[1].g, &after));
    CHECK_BYTES(ic_buf_view(&after), ic_buf_view(&before));
    CHECK(world_agrees(w));
}

/* RFC9420-14-3 */
TEST(discarded_commits_leave_the_group_bit_for_bit)
{
    struct world w;
    start(&w, 3);
    if (ic_test_failed())
        return;
    struct ic_mls_key_package *k;
    const uint32_t gone = 2;
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[5].id, ic_view(NULL, 0), &k));
    const struct ic_view add = ic_mls_key_package_message(k);
    const struct ic_mls_commit_params all[] = {
        {.adds = &add, .add_count = 1},
        {.removes = &gone, .remove_count = 1},
        {.force_path = true},
        {.adds = &add,
         .add_count = 1,
         .removes = &gone,
         .remove_count = 1,
         .want_group_info = true},
    };
    for (size_t i = 0; i < 4 && !ic_test_failed(); i++)
        discard_leaves_no_trace(&w, &all[i]);
    ic_mls_key_package_free(k);
    CHECK_OK(world_talk(&w, 0));
    CHECK_OK(world_update(&w, 1));
    CHECK(world_agrees(&w));
    world_clear(&w);
}

/* RFC9420-15.2-2 */
TEST(removed_member_cannot_read_on)
{
    struct world w;
    start(&w, 3);
    if (ic_test_failed())
        return;
    const uint32_t gone = ic_mls_own_leaf(w.people[2].g);
    struct ic_mls_commit_params p = {.removes = &gone, .remove_count = 1};
    struct ic_mls_staged *s;
    struct ic_mls_received r;
    IC_BUF_SCOPE(message, 65536);
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    struct ic_mls_group *out = w.people[2].g;
    CHECK_OK(ic_mls_process(out, ic_mls_staged_commit(s), &r));
    CHECK(ic_mls_staged_removes_us(r.staged));
    CHECK_EQ_INT(ic_mls_staged_context(r.staged)->epoch, 2);
    struct ic_mls_staged *removal = r.staged;
    r.staged = NULL;
    ic_mls_received_clear(&r);
    w.people[2].g = NULL;
    for (size_t i = 1; i < 4; i += 2) {
        CHECK_OK(ic_mls_process(w.people[i].g, ic_mls_staged_commit(s), &r));
        CHECK_OK(ic_mls_merge(w.people[i].g, r.staged));
        r.staged = NULL;
        ic_mls_received_clear(&r);
    }
    CHECK_OK(ic_mls_merge(w.people[0].g, s));
    CHECK(world_agrees(&w));
    CHECK_OK(world_say(&w, 0, "without you", &message));
    /* Neither with the keys it still has ... */
    CHECK_ERR(ic_mls_process(out, ic_buf_view(&message), &r), IC_ERR_EPOCH);
    CHECK_ERR(ic_mls_merge(out, removal), IC_ERR_REMOVED);
    /* ... nor after the merge. */
    CHECK_ERR(ic_mls_process(out, ic_buf_view(&message), &r), IC_ERR_REMOVED);
    IC_BUF_SCOPE(more, 65536);
    CHECK_ERR(ic_mls_protect(out, IC_VIEW_STR("x"), ic_view(NULL, 0), &more), IC_ERR_STATE);
    ic_mls_group_free(out);
    world_clear(&w);
}

TEST(messages_replayed_reordered_forged)
{
    struct world w;
    start(&w, 1);
    if (ic_test_failed())
        return;
    struct person *reader = &w.people[1];
    struct ic_buf m[4];
    static const char *const texts[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < 4; i++) {
        ic_buf_init(&m[i], 65536);
        CHECK_OK(world_say(&w, 0, texts[i], &m[i]));
    }
    struct ic_mls_received r;
    CHECK_OK(world_read(reader, ic_buf_view(&m[3]), IC_VIEW_STR("d")));
    CHECK_OK(world_read(reader, ic_buf_view(&m[1]), IC_VIEW_STR("b")));
    CHECK_ERR(ic_mls_process(reader->g, ic_buf_view(&m[1]), &r), IC_ERR_REPLAY);
    for (size_t at = 4; at < m[2].len; at++) { /* each byte behind the header broken */
        m[2].p[at] ^= 1;
        CHECK(ic_mls_process(reader->g, ic_buf_view(&m[2]), &r) != IC_OK);
        m[2].p[at] ^= 1;
    }
    CHECK_OK(world_read(reader, ic_buf_view(&m[2]), IC_VIEW_STR("c")));
    CHECK_OK(world_read(reader, ic_buf_view(&m[0]), IC_VIEW_STR("a")));
    for (size_t len = 0; len < m[0].len; len++)
        CHECK(ic_mls_process(reader->g, ic_view(m[0].p, len), &r) != IC_OK);
    for (size_t i = 0; i < 4; i++)
        ic_buf_clear(&m[i]);
    world_clear(&w);
}

TEST(messages_skipped_too_far_are_refused)
{
    struct world w;
    CHECK_OK(world_init(&w, suite(), 3));
    w.config.limits.max_forward = 20;
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, one_two_three, 1));
    struct ic_mls_received r;
    IC_BUF_SCOPE(m, 65536);
    for (int i = 0; i < 22; i++) {
        ic_buf_reset(&m);
        CHECK_OK(world_say(&w, 0, "x", &m));
    }
    CHECK_ERR(ic_mls_process(w.people[1].g, ic_buf_view(&m), &r), IC_ERR_LIMIT);
    world_clear(&w);
}

/* RFC9420-14-2 */
TEST(messages_of_past_epochs_are_read_as_far_as_kept)
{
    struct world w;
    start(&w, 3);
    if (ic_test_failed())
        return;
    struct ic_buf m[4];
    struct ic_mls_received r;
    for (size_t i = 0; i < 4; i++) {
        ic_buf_init(&m[i], 65536);
        CHECK_OK(world_say(&w, 1, "late", &m[i]));
        if (i == 2) /* the sender leaves; its late message was genuine */
            CHECK_OK(world_remove(&w, 0, 3));
        else
            CHECK_OK(world_update(&w, i % 2));
    }
    struct person *reader = &w.people[2];
    CHECK_ERR(ic_mls_process(reader->g, ic_buf_view(&m[0]), &r), IC_ERR_EPOCH);
    CHECK_ERR(ic_mls_process(reader->g, ic_buf_view(&m[1]), &r), IC_ERR_EPOCH);
    CHECK_OK(world_read(reader, ic_buf_view(&m[2]), IC_VIEW_STR("late")));
    CHECK_OK(world_read(reader, ic_buf_view(&m[3]), IC_VIEW_STR("late")));
    CHECK_ERR(ic_mls_process(reader->g, ic_buf_view(&m[3]), &r), IC_ERR_REPLAY);
    for (size_t i = 0; i < 4; i++)
        ic_buf_clear(&m[i]);
    world_clear(&w);
}

TEST(late_messages_are_judged_by_the_keys_of_their_epoch)
{
    struct world w;
    start(&w, 2);
    if (ic_test_failed())
        return;
    IC_BUF_SCOPE(m, 65536);
    CHECK_OK(world_say(&w, 2, "my last words", &m));
    CHECK_OK(world_remove(&w, 0, 2));
    /* Somebody else takes the leaf. */
    CHECK_OK(world_add(&w, 0, (const size_t[]){4}, 1));
    CHECK_EQ_INT(ic_mls_own_leaf(w.people[4].g), 2);
    CHECK_OK(world_read(&w.people[1], ic_buf_view(&m), IC_VIEW_STR("my last words")));
    world_clear(&w);
}

TEST(own_messages_come_back_as_echoes)
{
    struct world w;
    for (int private = 0; private < 2; private ++) {
        CHECK_OK(world_init(&w, suite(), 5));
        w.config.private_handshakes = private;
        CHECK_OK(world_create(&w));
        CHECK_OK(world_add(&w, 0, one_two_three, 2));
        struct ic_mls_commit_params p = {.force_path = true};
        struct ic_mls_staged *s;
        struct ic_mls_received r;
        IC_BUF_SCOPE(m, 65536);
        CHECK_OK(world_say(&w, 0, "hello", &m));
        CHECK_OK(ic_mls_process(w.people[0].g, ic_buf_view(&m), &r));
        CHECK_EQ_INT(r.kind, IC_MLS_RECEIVED_OWN_ECHO);
        ic_mls_received_clear(&r);
        CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
        ic_buf_reset(&m);
        CHECK_OK(ic_buf_append(&m, ic_mls_staged_commit(s)));
        CHECK_OK(ic_mls_process(w.people[0].g, ic_buf_view(&m), &r));
        CHECK_EQ_INT(r.kind, IC_MLS_RECEIVED_OWN_ECHO);
        CHECK(!r.staged);
        ic_mls_received_clear(&r);
        CHECK_OK(ic_mls_merge(w.people[0].g, s));
        CHECK_OK(ic_mls_process(w.people[0].g, ic_buf_view(&m), &r)); /* merged before */
        CHECK_EQ_INT(r.kind, IC_MLS_RECEIVED_OWN_ECHO);
        ic_mls_received_clear(&r);
        world_clear(&w);
    }
}

/* RFC9420-12.4-1 */
TEST(data_waits_for_pending_proposals)
{
    struct world w;
    start(&w, 2);
    if (ic_test_failed())
        return;
    IC_BUF_SCOPE(proposal, 65536);
    IC_BUF_SCOPE(m, 65536);
    CHECK_OK(ic_mls_propose_remove(w.people[1].g, 2, ic_view(NULL, 0), &proposal));
    CHECK_OK(world_propose(&w, 1, &proposal));
    CHECK_ERR(world_say(&w, 0, "too early", &m), IC_ERR_STATE);
    CHECK(strstr(ic_mls_last_rule(w.people[0].g), "section 12.4") != NULL);
    struct ic_mls_received r;
    CHECK_ERR(ic_mls_process(w.people[0].g, ic_buf_view(&proposal), &r), IC_ERR_REPLAY);
    struct ic_mls_commit_params p = {0};
    CHECK_OK(world_commit(&w, 0, &p, NULL, NULL, 0));
    CHECK_OK(world_talk(&w, 0));
    world_clear(&w);
}

/* Ben's clock is ahead of Ana's, who adds Cleo in the last seconds of Cleo's key package. */
TEST(clocks_may_differ_by_the_skew)
{
    struct world w;
    struct ic_mls_key_package *k;
    struct ic_mls_staged *s;
    struct ic_mls_received r;
    uint64_t now_s = world_now;
    CHECK_OK(world_init(&w, ic_suite_find(1), 3));
    w.config.clock = ic_test_clock(&now_s);
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1}, 1));
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[2].id, ic_view(NULL, 0), &k));
    const struct ic_view add = ic_mls_key_package_message(k);
    const struct ic_mls_commit_params p = {.adds = &add, .add_count = 1};
    const struct ic_mlspub_lifetime *life = &w.people[2].id.lifetime;
    now_s = life->not_before - IC_MLSPUB_CLOCK_SKEW_S / 2 - 1;
    CHECK_ERR(ic_mls_commit_create(w.people[0].g, &p, &s), IC_ERR_EXPIRED);
    now_s = life->not_after + IC_MLSPUB_CLOCK_SKEW_S / 2;
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    now_s = life->not_after + IC_MLSPUB_CLOCK_SKEW_S + 1;
    CHECK_ERR(ic_mls_process(w.people[1].g, ic_mls_staged_commit(s), &r), IC_ERR_EXPIRED);
    now_s--;
    CHECK_OK(ic_mls_process(w.people[1].g, ic_mls_staged_commit(s), &r));
    ic_mls_received_clear(&r);
    ic_mls_discard(s);
    ic_mls_key_package_free(k);
    world_clear(&w);
}

/* RFC9420-7.2-6 RFC9420-7.3-2 */
TEST(expired_and_overlong_lifetimes_are_refused)
{
    struct world w;
    start(&w, 1);
    if (ic_test_failed())
        return;
    const struct ic_mlspub_lifetime bad[] = {
        {world_now - 7200, world_now - 3600},                /* over */
        {world_now + 7200, world_now + 86400},               /* not yet */
        {world_now - 3600, world_now + 100ull * 365 * 86400} /* a century */
    };
    for (size_t i = 0; i < 3; i++) {
        struct ic_mls_key_package *k;
        w.people[5].id.lifetime = bad[i];
        CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[5].id, ic_view(NULL, 0), &k));
        const struct ic_view add = ic_mls_key_package_message(k);
        struct ic_mls_commit_params p = {.adds = &add, .add_count = 1};
        struct ic_mls_staged *s;
        CHECK(ic_mls_key_package_check(add, &w.config) != IC_OK);
        CHECK(ic_mls_commit_create(w.people[0].g, &p, &s) != IC_OK);
        CHECK(*ic_mls_last_rule(w.people[0].g));
        ic_mls_key_package_free(k);
    }
    CHECK(world_agrees(&w));
    world_clear(&w);
}

/* A group with an external sender, who proposes a Remove as delivery does. */
static ic_err senders_extension(const struct ic_sign_key *key, struct ic_buf *out)
{
    IC_BUF_SCOPE(data, 4096);
    struct ic_writer d = ic_writer(&data);
    size_t mark = ic_write_open(&d);
    ic_write_vec(&d, ic_sign_key_public(key));
    ic_write_u16(&d, IC_MLS_BASIC);
    ic_write_vec(&d, IC_VIEW_STR("delivery"));
    ic_write_close(&d, mark);
    IC_TRY(ic_writer_end(&d));
    struct ic_writer w = ic_writer(out);
    ic_mlspub_extension_write(&w, IC_MLS_EXT_EXTERNAL_SENDERS, ic_buf_view(&data));
    return ic_writer_end(&w);
}

static ic_err external_remove(struct world *w, const struct ic_sign_key *key, uint32_t leaf,
                              struct ic_buf *out)
{
    uint8_t sig[IC_SIG_MAX];
    size_t len;
    const struct ic_mlspub_group_context *c = ic_mls_context(w->people[0].g);
    struct ic_mlspub_message m = {.version = IC_MLS_VERSION_1,
                                  .wire_format = IC_MLS_PUBLIC_MESSAGE};
    struct ic_mlspub_content *content = &m.public_message.auth.content;
    *content = (struct ic_mlspub_content){.group_id = c->group_id,
                                          .epoch = c->epoch,
                                          .sender = {IC_MLS_SENDER_EXTERNAL, 0},
                                          .type = IC_MLS_PROPOSAL};
    content->proposal.type = IC_MLS_REMOVE;
    content->proposal.remove = leaf;
    IC_TRY(ic_mlspub_content_sign(key, IC_MLS_PUBLIC_MESSAGE, content, c, sig, &len));
    m.public_message.auth.signature = ic_view(sig, len);
    struct ic_writer wr = ic_writer(out);
    ic_mlspub_message_write(&wr, &m);
    return ic_writer_end(&wr);
}

/* RFC9420-12.1-1 RFC9420-12.1.8-1 */
TEST(external_sender_proposes_a_remove)
{
    struct world w;
    IC_BUF_SCOPE(list, 4096);
    IC_BUF_SCOPE(proposal, 4096);
    IC_BUF_SCOPE(forged, 4096);
    struct ic_mls_received r;
    CHECK_OK(world_init(&w, suite(), 11));
    CHECK_OK(senders_extension(w.people[9].signer, &list));
    CHECK_OK(world_create_with(&w, ic_buf_view(&list)));
    CHECK_OK(world_add(&w, 0, one_two_three, 3));
    CHECK_OK(external_remove(&w, w.people[8].signer, 3, &forged));
    CHECK_ERR(ic_mls_process(w.people[0].g, ic_buf_view(&forged), &r), IC_ERR_SIGNATURE);
    CHECK_OK(external_remove(&w, w.people[9].signer, 3, &proposal));
    CHECK_OK(world_propose(&w, WORLD_MEMBERS, &proposal));
    CHECK_EQ_INT(ic_mls_pending(w.people[1].g, 0)->sender.type, IC_MLS_SENDER_EXTERNAL);
    struct ic_mls_commit_params p = {0};
    CHECK_OK(world_commit(&w, 2, &p, NULL, NULL, 0));
    CHECK(world_agrees(&w) && world_count(&w) == 3);
    world_clear(&w);
}

TEST(group_refuses_foreign_and_impossible_things)
{
    struct world w, other;
    start(&w, 2);
    if (ic_test_failed())
        return;
    struct ic_mls_staged *s;
    struct ic_mls_received r;
    const uint32_t self = 0, nobody = 77;
    struct ic_mls_commit_params remove_self = {.removes = &self, .remove_count = 1};
    struct ic_mls_commit_params remove_nobody = {.removes = &nobody, .remove_count = 1};
    CHECK(ic_mls_commit_create(w.people[0].g, &remove_self, &s) != IC_OK);
    CHECK(ic_mls_commit_create(w.people[0].g, &remove_nobody, &s) != IC_OK);
    CHECK(ic_mls_process(w.people[0].g, IC_VIEW_STR("hello"), &r) != IC_OK);
    CHECK_OK(world_init(&other, suite(), 99));
    CHECK_OK(ic_mls_group_create(&other.config, &other.people[0].id, IC_VIEW_STR("another group"),
                                 ic_view(NULL, 0), &other.people[0].g));
    IC_BUF_SCOPE(m, 65536);
    CHECK_OK(world_say(&other, 0, "x", &m));
    CHECK_ERR(ic_mls_process(w.people[0].g, ic_buf_view(&m), &r), IC_ERR_NOT_FOUND);
    CHECK(world_agrees(&w));
    world_clear(&other);
    world_clear(&w);
}
