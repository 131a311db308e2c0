#include "world.h"

#include <ic/mlspub/codec.h>

/* A meeting with the host and people[2] in it. */
static void two(struct world *w)
{
    STEP(world_meeting(w, IC_WIRE_INSTANT));
    STEP(world_open_group(w, &w->people[0]));
    STEP(world_admit(w, &w->people[0], &w->people[2]));
    person_forget(&w->people[0]);
}

static uint64_t epoch(const struct person *p)
{
    return ic_mls_context(p->g)->epoch;
}

static int64_t rows(struct world *w, const char *sql)
{
    int64_t n = -1;
    return icd_store_int(w->store, sql, &n, ICD_NO_PARAMS) == IC_OK ? n : -1;
}

TEST(create_is_for_hosts_and_the_first_wins)
{
    WORLD(w);
    struct person *host = &w.people[0], *other = &w.people[1], *p = &w.people[2];
    IC_BUF_SCOPE(info, 1 << 20);
    IC_BUF_SCOPE(tree, 1 << 20);
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(person_enter(p));
    CHECK_OK(person_make_group(p, &info, &tree));
    struct ic_wire_frame f = {
        .type = IC_WIRE_CREATE_GROUP,
        .create_group = {.group_info = ic_buf_view(&info), .tree = ic_buf_view(&tree)}};
    STEP(person_send(p, &f));
    EXPECT_ERROR(p, IC_WIRE_E_DENIED);
    /* A host cannot open the group that another made. */
    STEP(person_enter(host));
    STEP(person_send(host, &f));
    EXPECT_ERROR(host, IC_WIRE_E_DENIED);
    STEP(world_open_group(&w, other));
    EXPECT(host, IC_WIRE_GROUP_OPEN);
    ic_buf_reset(&info);
    ic_buf_reset(&tree);
    CHECK_OK(person_make_group(host, &info, &tree));
    f.create_group.group_info = ic_buf_view(&info);
    f.create_group.tree = ic_buf_view(&tree);
    STEP(person_send(host, &f));
    EXPECT_ERROR(host, IC_WIRE_E_EXISTS);
}

TEST(create_with_another_meetings_terms_is_refused)
{
    WORLD(w);
    IC_BUF_SCOPE(info, 1 << 20);
    IC_BUF_SCOPE(tree, 1 << 20);
    struct person *host = &w.people[0];
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(person_enter(host));
    STEP(world_sign_terms(&w, IC_WIRE_INSTANT, &w.terms)); /* a fresh meeting id */
    CHECK_OK(person_make_group(host, &info, &tree));
    struct ic_wire_frame f = {
        .type = IC_WIRE_CREATE_GROUP,
        .create_group = {.group_info = ic_buf_view(&info), .tree = ic_buf_view(&tree)}};
    STEP(person_send(host, &f));
    EXPECT_ERROR(host, IC_WIRE_E_INVALID);
}

TEST(a_member_is_admitted_and_talks)
{
    WORLD(w);
    STEP(two(&w));
    struct person *host = &w.people[0], *p = &w.people[2];
    CHECK_BYTES(ic_mls_epoch_authenticator(host->g), ic_mls_epoch_authenticator(p->g));
    STEP(person_say(p, "hello", false));
    EXPECT(host, IC_WIRE_MESSAGE);
    CHECK_EQ_INT(host->last->f.message.seq, 2);
    CHECK_EQ_INT(host->last->f.message.kind, IC_WIRE_KIND_APPLICATION);
    struct ic_mls_received r;
    CHECK_OK(ic_mls_process(host->g, host->last->f.message.message, &r));
    CHECK_BYTES(ic_buf_view(&r.application), IC_VIEW_STR("hello"));
    ic_mls_received_clear(&r);
    EXPECT(p, IC_WIRE_MESSAGE); /* the sender sees its place in the order too */
}

TEST(a_transient_message_is_not_stored)
{
    WORLD(w);
    STEP(two(&w));
    int64_t before = rows(&w, "SELECT COUNT(*) FROM log");
    STEP(person_say(&w.people[2], "beat", true));
    CHECK_EQ_INT(w.people[2].last->f.ok.number, 0);
    EXPECT(&w.people[0], IC_WIRE_MESSAGE);
    CHECK_EQ_INT(w.people[0].last->f.message.seq, 0);
    CHECK_EQ_INT(rows(&w, "SELECT COUNT(*) FROM log"), before);
}

TEST(two_commits_at_one_epoch_one_wins)
{
    WORLD(w);
    STEP(two(&w));
    struct person *a = &w.people[0], *b = &w.people[2];
    struct ic_mls_staged *sa = NULL, *sb = NULL;
    struct ic_mls_commit_params pb = {.force_path = true, .want_group_info = true};
    IC_BUF_SCOPE(data, 1000);
    struct ic_wire_commit_data d = {.version = 1, .time_ms = w.now_ms};
    CHECK_OK(ic_wire_commit_data_encode(&d, &data));
    pb.authenticated_data = ic_buf_view(&data);
    CHECK_OK(ic_mls_commit_create(b->g, &pb, &sb));
    STEP(person_commit(a, NULL, false, &sa));
    CHECK(!sa);
    STEP(person_skip_to(b, IC_WIRE_MESSAGE));
    STEP(person_commit(b, &pb, false, &sb));
    CHECK(sb);
    EXPECT_ERROR(b, IC_WIRE_E_STALE);
    ic_mls_discard(sb);
    sb = NULL;
    CHECK_EQ_INT(rows(&w, "SELECT COUNT(*) FROM commits"), 2);
    /* The loser follows and tries again. */
    struct ic_wire_frame f = {
        .type = IC_WIRE_FETCH,
        .fetch = {.group_id = ic_mls_context(b->g)->group_id, .after_seq = 1}};
    STEP(person_send(b, &f));
    STEP(person_follow(b));
    CHECK_EQ_INT(epoch(b), epoch(a));
    STEP(person_commit(b, NULL, false, &sb));
    CHECK(!sb);
    STEP(person_follow(a));
    CHECK_BYTES(ic_mls_epoch_authenticator(a->g), ic_mls_epoch_authenticator(b->g));
}

TEST(a_member_cannot_send_anothers_commit)
{
    WORLD(w);
    STEP(two(&w));
    struct person *a = &w.people[0], *b = &w.people[2];
    struct ic_mls_staged *s = NULL;
    struct ic_mls_commit_params params = {.force_path = true, .want_group_info = true};
    IC_BUF_SCOPE(data, 1000);
    struct ic_wire_commit_data d = {.version = 1, .time_ms = w.now_ms};
    CHECK_OK(ic_wire_commit_data_encode(&d, &data));
    params.authenticated_data = ic_buf_view(&data);
    CHECK_OK(ic_mls_commit_create(a->g, &params, &s));
    struct ic_wire_frame f = {.type = IC_WIRE_COMMIT,
                              .commit = {.group_id = ic_mls_context(a->g)->group_id,
                                         .epoch = epoch(a),
                                         .commit = ic_mls_staged_commit(s),
                                         .group_info = ic_mls_staged_group_info(s)}};
    STEP(person_send(b, &f));
    EXPECT_ERROR(b, IC_WIRE_E_DENIED);
    ic_mls_discard(s);
}

TEST(a_commit_with_another_epochs_group_info_is_refused)
{
    WORLD(w);
    STEP(two(&w));
    struct person *a = &w.people[0];
    struct ic_mls_staged *s = NULL;
    IC_BUF_SCOPE(old, 1 << 20);
    CHECK_OK(ic_mls_group_info(a->g, false, &old));
    struct ic_mls_commit_params params = {.force_path = true};
    IC_BUF_SCOPE(data, 1000);
    struct ic_wire_commit_data d = {.version = 1, .time_ms = w.now_ms};
    CHECK_OK(ic_wire_commit_data_encode(&d, &data));
    params.authenticated_data = ic_buf_view(&data);
    CHECK_OK(ic_mls_commit_create(a->g, &params, &s));
    struct ic_wire_frame f = {.type = IC_WIRE_COMMIT,
                              .commit = {.group_id = ic_mls_context(a->g)->group_id,
                                         .epoch = epoch(a),
                                         .commit = ic_mls_staged_commit(s),
                                         .group_info = ic_buf_view(&old)}};
    STEP(person_send(a, &f));
    EXPECT_ERROR(a, IC_WIRE_E_INVALID);
    ic_mls_discard(s);
    CHECK_EQ_INT(rows(&w, "SELECT COUNT(*) FROM commits"), 1);
}

/* Authority is the proposer's: a guest's Remove of the host is refused before anybody sees it. */
TEST(a_guest_cannot_remove)
{
    WORLD(w);
    STEP(two(&w));
    struct person *b = &w.people[2];
    uint32_t target = ic_mls_own_leaf(w.people[0].g);
    struct ic_mls_commit_params params = {.removes = &target, .remove_count = 1};
    struct ic_mls_staged *s = NULL;
    STEP(person_commit(b, &params, false, &s));
    EXPECT_ERROR(b, IC_WIRE_E_INVALID);
    CHECK_BYTES(b->last->f.error.text, IC_VIEW_STR("remove-without-authority"));
    ic_mls_discard(s);
}

TEST(messages_of_another_epoch_are_stale_and_handshakes_must_be_public)
{
    WORLD(w);
    STEP(two(&w));
    struct person *a = &w.people[0], *b = &w.people[2];
    IC_BUF_SCOPE(old, 1 << 16);
    CHECK_OK(ic_mls_protect(b->g, IC_VIEW_STR("late"), ic_view(NULL, 0), &old));
    struct ic_mls_staged *s = NULL;
    STEP(person_commit(a, NULL, false, &s));
    STEP(person_follow(b));
    struct ic_wire_frame f = {
        .type = IC_WIRE_SEND,
        .send = {.group_id = ic_mls_context(b->g)->group_id, .message = ic_buf_view(&old)}};
    STEP(person_send(b, &f));
    EXPECT_ERROR(b, IC_WIRE_E_STALE);
    f.send.message = ic_mls_key_package_message(b->kp);
    STEP(person_send(b, &f));
    EXPECT_ERROR(b, IC_WIRE_E_INVALID);
    f.send.group_id = IC_VIEW_STR("another");
    STEP(person_send(b, &f));
    EXPECT_ERROR(b, IC_WIRE_E_NOT_FOUND);
}

TEST(who_was_away_fetches_what_it_missed)
{
    WORLD(w);
    STEP(two(&w));
    struct person *a = &w.people[0], *b = &w.people[2];
    uint64_t seen = b->seq;
    STEP(person_hangup(b));
    struct ic_mls_staged *s = NULL;
    STEP(person_commit(a, NULL, false, &s));
    STEP(person_say(a, "one", false));
    STEP(person_enter(b));
    CHECK_EQ_INT(b->last->f.entered.role, IC_WIRE_MEMBER);
    CHECK_EQ_INT(b->last->f.entered.last_seq, seen + 2);
    STEP(person_say(a, "two", false));                    /* not before it has fetched */
    CHECK(b->head && b->head->f.type == IC_WIRE_WELCOME); /* it never spoke: kept for it */
    person_forget(b);
    struct ic_wire_frame f = {
        .type = IC_WIRE_FETCH,
        .fetch = {.group_id = ic_mls_context(b->g)->group_id, .after_seq = seen}};
    STEP(person_send(b, &f));
    for (uint64_t seq = seen + 1; seq <= seen + 3; seq++) {
        EXPECT(b, IC_WIRE_MESSAGE);
        CHECK_EQ_INT(b->last->f.message.seq, seq);
    }
    EXPECT(b, IC_WIRE_OK);
    CHECK_EQ_INT(b->last->f.ok.number, seen + 3);
    STEP(person_say(a, "three", false));
    EXPECT(b, IC_WIRE_MESSAGE);
    CHECK_EQ_INT(rows(&w, "SELECT COUNT(*) FROM joiners"), 0);
    f.fetch.after_seq = 1000;
    STEP(person_send(b, &f));
    EXPECT_ERROR(b, IC_WIRE_E_INVALID);
}

/* Killed between any two flushes, the server rebuilds the group and takes the next commit. */
static void restart_and_go_on(struct world *w, int commits)
{
    struct person *a = &w->people[0], *b = &w->people[2];
    for (int i = 0; i < commits; i++) {
        struct ic_mls_staged *s = NULL;
        STEP(person_commit(i & 1 ? a : b, NULL, false, &s));
        CHECK(!s);
        STEP(person_follow(a));
        STEP(person_follow(b));
    }
    STEP(person_say(a, "before", false));
    STEP(world_restart(w));
    STEP(person_enter(a));
    CHECK_EQ_INT(a->last->f.entered.state, IC_WIRE_OPEN);
    CHECK_EQ_INT(a->last->f.entered.epoch, epoch(a));
    STEP(person_enter(b));
    struct ic_wire_frame f = {.type = IC_WIRE_FETCH,
                              .fetch = {.group_id = ic_mls_context(a->g)->group_id,
                                        .after_seq = a->last->f.entered.last_seq}};
    STEP(person_send(b, &f));
    f.fetch.after_seq = b->seq;
    person_forget(a);
    STEP(person_send(a, &f));
    struct ic_mls_staged *s = NULL;
    person_forget(a);
    STEP(person_commit(a, NULL, false, &s));
    CHECK(!s);
    STEP(person_follow(b));
    CHECK_BYTES(ic_mls_epoch_authenticator(a->g), ic_mls_epoch_authenticator(b->g));
}

TEST(a_restart_loses_nothing)
{
    WORLD(w);
    STEP(two(&w));
    STEP(restart_and_go_on(&w, 3));
}

TEST(a_restart_after_snapshots_loses_nothing)
{
    WORLD(w);
    STEP(two(&w));
    STEP(restart_and_go_on(&w, 40));
    STEP(restart_and_go_on(&w, 1));
    CHECK_EQ_INT(rows(&w, "SELECT COUNT(*) FROM snapshots"), 1);
}

TEST(pending_proposals_survive_a_restart)
{
    WORLD(w);
    STEP(two(&w));
    struct person *a = &w.people[0], *b = &w.people[2];
    IC_BUF_SCOPE(proposal, 1 << 16);
    IC_BUF_SCOPE(data, 1000);
    struct ic_wire_commit_data d = {.version = 1, .time_ms = w.now_ms};
    CHECK_OK(ic_wire_commit_data_encode(&d, &data));
    CHECK_OK(ic_mls_propose_update(b->g, NULL, ic_buf_view(&data), &proposal));
    struct ic_wire_frame f = {.type = IC_WIRE_PROPOSE,
                              .propose = {.group_id = ic_mls_context(b->g)->group_id,
                                          .proposal = ic_buf_view(&proposal)}};
    STEP(person_send(b, &f));
    EXPECT(b, IC_WIRE_OK);
    STEP(person_follow(a));
    CHECK_EQ_INT(ic_mls_pending_count(a->g), 1);
    STEP(world_restart(&w));
    STEP(person_enter(a));
    person_forget(a);
    struct ic_mls_staged *s = NULL;
    STEP(person_commit(a, NULL, false, &s)); /* by reference */
    CHECK(!s);
}

TEST(group_info_and_tree_serve_a_resync)
{
    WORLD(w);
    STEP(two(&w));
    struct person *a = &w.people[0], *b = &w.people[2];
    uint32_t own = ic_mls_own_leaf(b->g);
    IC_BUF_SCOPE(info, 1 << 20);
    IC_BUF_SCOPE(commit, 1 << 20);
    IC_BUF_SCOPE(new_info, 1 << 20);
    IC_BUF_SCOPE(data, 1000);
    STEP(person_hangup(b));
    STEP(person_enter(b));
    person_forget(b);
    struct ic_view gid = ic_mls_context(b->g)->group_id;
    struct ic_wire_frame f = {.type = IC_WIRE_GET_GROUP_INFO, .get_group_info = {.group_id = gid}};
    STEP(person_send(b, &f));
    EXPECT(b, IC_WIRE_GROUP_INFO);
    CHECK_OK(ic_buf_append(&info, b->last->f.group_info.group_info));
    struct ic_wire_frame t = {
        .type = IC_WIRE_GET_TREE,
        .get_tree = {.group_id = gid, .tree_hash = b->last->f.group_info.tree_hash}};
    STEP(person_send(b, &t));
    EXPECT(b, IC_WIRE_TREE);
    struct ic_wire_commit_data d = {.version = 1, .time_ms = w.now_ms};
    CHECK_OK(ic_wire_commit_data_encode(&d, &data));
    struct ic_mls_group *again = NULL;
    const struct ic_mls_external_join j = {.group_info = ic_buf_view(&info),
                                           .tree = b->last->f.tree.tree,
                                           .replaces = &own,
                                           .authenticated_data = ic_buf_view(&data)};
    CHECK_OK(ic_mls_group_join_external(&w.mls, &b->id, &j, &again, &commit, &new_info));
    struct ic_wire_frame c = {.type = IC_WIRE_COMMIT,
                              .commit = {.group_id = gid,
                                         .epoch = epoch(a),
                                         .commit = ic_buf_view(&commit),
                                         .group_info = ic_buf_view(&new_info)}};
    STEP(person_send(b, &c));
    EXPECT(b, IC_WIRE_OK);
    ic_mls_group_free(b->g);
    b->g = again;
    STEP(person_follow(a));
    CHECK_BYTES(ic_mls_epoch_authenticator(a->g), ic_mls_epoch_authenticator(b->g));
    STEP(person_say(a, "welcome back", false));
    CHECK(person_skip_to(b, IC_WIRE_MESSAGE)); /* its own commit */
    EXPECT(b, IC_WIRE_MESSAGE);
    t.get_tree = (struct ic_wire_get_tree){ic_mls_context(a->g)->group_id, IC_VIEW_STR("unknown")};
    STEP(person_send(b, &t));
    EXPECT_ERROR(b, IC_WIRE_E_NOT_FOUND);
}

TEST(a_host_ends_the_meeting_and_nothing_is_left)
{
    WORLD(w);
    STEP(two(&w));
    struct person *a = &w.people[0], *b = &w.people[2];
    STEP(person_say(a, "bye", false));
    struct ic_wire_frame f = {.type = IC_WIRE_END};
    STEP(person_send(b, &f));
    CHECK(person_skip_to(b, IC_WIRE_ERROR));
    STEP(person_send(a, &f));
    CHECK(person_skip_to(b, IC_WIRE_ENDED));
    CHECK_EQ_INT(rows(&w, "SELECT (SELECT COUNT(*) FROM groups) + (SELECT COUNT(*) FROM log) +"
                          " (SELECT COUNT(*) FROM commits) + (SELECT COUNT(*) FROM snapshots) +"
                          " (SELECT COUNT(*) FROM welcomes) + (SELECT COUNT(*) FROM joiners)"),
                 0);
    STEP(person_hangup(a));
    STEP(person_enter(a));
    CHECK_EQ_INT(a->last->f.entered.state, IC_WIRE_OVER);
    IC_BUF_SCOPE(info, 1 << 20);
    IC_BUF_SCOPE(tree, 1 << 20);
    CHECK_OK(person_make_group(a, &info, &tree));
    struct ic_wire_frame create = {
        .type = IC_WIRE_CREATE_GROUP,
        .create_group = {.group_info = ic_buf_view(&info), .tree = ic_buf_view(&tree)}};
    STEP(person_send(a, &create));
    EXPECT_ERROR(a, IC_WIRE_E_STATE);
}

TEST(a_personal_room_gets_a_new_group_each_session)
{
    WORLD(w);
    STEP(world_meeting(&w, IC_WIRE_PERSONAL));
    STEP(world_open_group(&w, &w.people[0]));
    struct ic_wire_frame f = {.type = IC_WIRE_END};
    STEP(person_send(&w.people[0], &f));
    STEP(person_hangup(&w.people[0]));
    STEP(world_open_group(&w, &w.people[0]));
    CHECK_EQ_INT(rows(&w, "SELECT COUNT(*) FROM groups"), 1);
}

TEST(a_session_limits_members_log_and_proposals)
{
    WORLD(w);
    STEP(two(&w));
    struct person *a = &w.people[0], *b = &w.people[2];
    w.config.limits.members_per_meeting = 2;
    w.config.limits.proposals_per_epoch = 0;
    w.config.limits.log_bytes_per_group = 5000;
    STEP(world_restart(&w));
    STEP(person_enter(a));
    STEP(person_enter(b));
    person_forget(b);
    STEP(person_knock(&w.people[3]));
    CHECK(person_skip_to(a, IC_WIRE_KNOCKED));
    IC_BUF_SCOPE(package, 1 << 16);
    CHECK_OK(ic_buf_append(&package, a->last->f.knocked.key_package));
    struct ic_view add = ic_buf_view(&package);
    struct ic_mls_commit_params params = {.adds = &add, .add_count = 1};
    struct ic_mls_staged *s = NULL;
    STEP(person_commit(a, &params, false, &s));
    EXPECT_ERROR(a, IC_WIRE_E_LIMIT);
    ic_mls_discard(s);
    IC_BUF_SCOPE(proposal, 1 << 16);
    IC_BUF_SCOPE(data, 1000);
    struct ic_wire_commit_data d = {.version = 1, .time_ms = w.now_ms};
    CHECK_OK(ic_wire_commit_data_encode(&d, &data));
    CHECK_OK(ic_mls_propose_update(b->g, NULL, ic_buf_view(&data), &proposal));
    struct ic_wire_frame f = {.type = IC_WIRE_PROPOSE,
                              .propose = {.group_id = ic_mls_context(b->g)->group_id,
                                          .proposal = ic_buf_view(&proposal)}};
    STEP(person_send(b, &f));
    EXPECT_ERROR(b, IC_WIRE_E_LIMIT);
    IC_BUF_SCOPE(message, 1 << 16);
    static uint8_t much[8000];
    CHECK_OK(ic_mls_protect(b->g, IC_VIEW_ARRAY(much), ic_view(NULL, 0), &message));
    struct ic_wire_frame send = {
        .type = IC_WIRE_SEND,
        .send = {.group_id = ic_mls_context(b->g)->group_id, .message = ic_buf_view(&message)}};
    STEP(person_send(b, &send));
    EXPECT_ERROR(b, IC_WIRE_E_LIMIT);
}

/* A disk that fails: nobody is told what is not on it, everybody comes back and finds the truth. */
TEST(what_could_not_be_stored_was_never_said)
{
    WORLD(w);
    STEP(two(&w));
    struct person *a = &w.people[0], *b = &w.people[2];
    IC_BUF_SCOPE(message, 1 << 16);
    CHECK_OK(ic_mls_protect(a->g, IC_VIEW_STR("lost?"), ic_view(NULL, 0), &message));
    struct ic_wire_frame f = {
        .type = IC_WIRE_SEND,
        .send = {.group_id = ic_mls_context(a->g)->group_id, .message = ic_buf_view(&message)}};
    icd_store_fail_next_commit(w.store);
    STEP(person_send(a, &f));
    EXPECT_ERROR(a, IC_WIRE_E_SERVER);
    EXPECT_ERROR(b, IC_WIRE_E_SERVER);
    CHECK(a->closed && b->closed);
    world_wait(&w, 10);
    STEP(person_enter(a));
    CHECK_EQ_INT(a->last->f.entered.last_seq, 1);
    STEP(person_send(a, &f)); /* the same bytes once more */
    EXPECT(a, IC_WIRE_OK);
    CHECK_EQ_INT(a->last->f.ok.number, 2);
}
