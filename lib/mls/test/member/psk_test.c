/* PreSharedKey proposals by value and by reference, and PSKs of those who join: RFC 9420 sections 8.4, 12.1.4. */
#include "world.h"

#include <ic/mlspub/codec.h>
#include <string.h>

/* What one application has: an external PSK, and the resumption PSK of one epoch. */
struct purse {
    struct ic_view secret;
    struct ic_buf resumption;
    uint64_t epoch;
};

static ic_err find_psk(void *ctx, struct ic_view id, struct ic_buf *out)
{
    const struct purse *p = ctx;
    if (!p || p->secret.len == 0 || !ic_view_equal(id, IC_VIEW_STR("the psk")))
        return IC_ERR_PSK;
    return ic_buf_append(out, p->secret);
}

static ic_err find_resumption(void *ctx, struct ic_view group_id, uint64_t epoch,
                              struct ic_buf *out)
{
    const struct purse *p = ctx;
    if (!p || p->resumption.len == 0 || epoch != p->epoch ||
        !ic_view_equal(group_id, IC_VIEW_STR("the group")))
        return IC_ERR_PSK;
    return ic_buf_append(out, ic_buf_view(&p->resumption));
}

static const struct ic_mlspub_psk_id the_psk = {.type = IC_MLS_PSK_EXTERNAL,
                                                .external_id = {(const uint8_t *)"the psk", 7}};
static const struct ic_view none;

struct psk_world {
    struct world w;
    struct purse rich, poor;
};

/* 0 and 1 have the PSK, 2 has another purse. */
static void psk_open(struct psk_world *z, bool private)
{
    *z = (struct psk_world){.rich.secret = IC_VIEW_STR("shared by hand")};
    ic_buf_init(&z->rich.resumption, 64);
    ic_buf_init(&z->poor.resumption, 64);
    CHECK_OK(world_init(&z->w, ic_suite_find(1), 41));
    z->w.config.private_handshakes = private;
    z->w.config.find_psk = find_psk;
    z->w.config.find_resumption = find_resumption;
    z->w.config.ctx = &z->rich;
    CHECK_OK(world_create(&z->w));
    CHECK_OK(world_add(&z->w, 0, (const size_t[]){1}, 1));
    z->w.config.ctx = &z->poor;
    CHECK_OK(world_add(&z->w, 0, (const size_t[]){2}, 1));
}

static void psk_close(struct psk_world *z)
{
    ic_buf_clear_secret(&z->rich.resumption);
    ic_buf_clear_secret(&z->poor.resumption);
    world_clear(&z->w);
}

static struct ic_mlspub_psk_id epoch_psk(uint64_t epoch)
{
    return (struct ic_mlspub_psk_id){
        .type = IC_MLS_PSK_RESUMPTION, .usage = IC_MLS_PSK_APPLICATION, .epoch = epoch};
}

/* `by` proposes it, and everybody else hears of it. */
static void propose(struct psk_world *z, size_t by, const struct ic_mlspub_psk_id *psk)
{
    IC_BUF_SCOPE(m, 65536);
    CHECK_OK(ic_mls_propose_psk(z->w.people[by].g, psk, none, &m));
    CHECK_OK(world_propose(&z->w, by, &m));
}

static void by_reference(bool private)
{
    struct psk_world z;
    struct ic_mls_commit_params p = {0};
    psk_open(&z, private);
    if (ic_test_failed())
        return;
    z.poor.secret = z.rich.secret;
    CHECK_OK(world_update(&z.w, 0)); /* all have epoch 2, and stand in 3 */
    const struct ic_mlspub_psk_id kept = epoch_psk(2);
    propose(&z, 1, &the_psk);
    propose(&z, 2, &kept);
    propose(&z, 1, &the_psk); /* with another nonce, so not the same one twice */
    CHECK_EQ_INT(ic_mls_pending_count(z.w.people[0].g), 3);
    const struct ic_mlspub_psk_id *first = &ic_mls_pending(z.w.people[0].g, 0)->proposal->psk;
    const struct ic_mlspub_psk_id *third = &ic_mls_pending(z.w.people[0].g, 2)->proposal->psk;
    CHECK(first->nonce.len == 32 && !ic_view_equal(first->nonce, third->nonce));
    CHECK_BYTES(ic_mls_pending(z.w.people[0].g, 1)->proposal->psk.group_id,
                IC_VIEW_STR("the group"));
    CHECK_OK(world_commit(&z.w, 0, &p, NULL, NULL, 0));
    CHECK(world_agrees(&z.w));
    CHECK_OK(world_talk(&z.w, 2));
    psk_close(&z);
}

TEST(psks_by_reference_enter_the_next_epoch)
{
    by_reference(false);
    by_reference(true);
}

TEST(psk_proposals_that_cannot_stand_are_refused)
{
    struct psk_world z;
    IC_BUF_SCOPE(m, 65536);
    psk_open(&z, false);
    if (ic_test_failed())
        return;
    struct ic_mlspub_psk_id psk = epoch_psk(1);
    struct ic_mls_group *poor = z.w.people[2].g;
    CHECK_ERR(ic_mls_propose_psk(poor, &the_psk, none, &m), IC_ERR_PSK);
    CHECK(strstr(ic_mls_last_rule(poor), "external PSK") != NULL);
    CHECK_ERR(ic_mls_propose_psk(poor, &psk, none, &m), IC_ERR_PSK); /* it joined in epoch 2 */
    CHECK(strstr(ic_mls_last_rule(poor), "resumption PSK") != NULL);
    psk.usage = IC_MLS_PSK_BRANCH;
    CHECK_ERR(ic_mls_propose_psk(z.w.people[0].g, &psk, none, &m), IC_ERR_RULE);
    psk.usage = IC_MLS_PSK_REINIT;
    CHECK_ERR(ic_mls_propose_psk(z.w.people[0].g, &psk, none, &m), IC_ERR_RULE);
    CHECK_EQ_INT(m.len, 0);
    CHECK_EQ_INT(ic_mls_pending_count(z.w.people[0].g) + ic_mls_pending_count(poor), 0);
    psk_close(&z);
}

/* A committer who lacks a PSK leaves its proposal out; who lacks one that is committed cannot follow. */
/* RFC9420-12.4.2-r2 */
TEST(psk_that_somebody_lacks_stops_only_those_who_want_it)
{
    struct psk_world z;
    struct ic_mls_staged *s;
    struct ic_mls_received r;
    struct ic_mls_commit_params p = {.force_path = true};
    psk_open(&z, false);
    if (ic_test_failed())
        return;
    propose(&z, 1, &the_psk);
    CHECK_OK(ic_mls_commit_create(z.w.people[0].g, &p, &s));
    CHECK_EQ_INT(ic_mls_staged_count(s), 1);
    CHECK_ERR(ic_mls_process(z.w.people[2].g, ic_mls_staged_commit(s), &r), IC_ERR_PSK);
    ic_mls_discard(s);
    CHECK_OK(ic_mls_commit_create(z.w.people[2].g, &p, &s));
    CHECK_EQ_INT(ic_mls_staged_count(s), 0);
    ic_mls_discard(s);
    CHECK_OK(world_commit(&z.w, 2, &p, NULL, NULL, 0));
    CHECK(world_agrees(&z.w));
    psk_close(&z);
}

/* Person 5 enters with these PSKs; everybody's answer to the commit. */
static ic_err enter(struct psk_world *z, const struct ic_mlspub_psk_id *psk)
{
    struct ic_mls_group *g;
    struct ic_mls_received r;
    ic_err result = IC_OK;
    IC_BUF_SCOPE(info, 1 << 20);
    IC_BUF_SCOPE(commit, 1 << 20);
    IC_TRY(ic_mls_group_info(z->w.people[0].g, true, &info));
    const struct ic_mls_external_join j = {
        .group_info = ic_buf_view(&info), .psks = psk, .psk_count = 1};
    IC_TRY(ic_mls_group_join_external(&z->w.config, &z->w.people[5].id, &j, &g, &commit, NULL));
    for (size_t i = 0; i < 3 && result == IC_OK; i++) {
        result = ic_mls_process(z->w.people[i].g, ic_buf_view(&commit), &r);
        if (result == IC_OK)
            result = ic_mls_merge(z->w.people[i].g, r.staged);
        else
            r = (struct ic_mls_received){0};
        r.staged = NULL;
        ic_mls_received_clear(&r);
    }
    if (result == IC_OK)
        z->w.people[5].g = g;
    else
        ic_mls_group_free(g);
    return result;
}

TEST(external_commit_may_bring_psks)
{
    struct psk_world z;
    psk_open(&z, true);
    if (ic_test_failed())
        return;
    z.w.config.ctx = NULL;
    CHECK_ERR(enter(&z, &the_psk), IC_ERR_PSK);
    CHECK(strstr(z.w.fault.rule, "external PSK") != NULL);
    struct purse other = {.secret = IC_VIEW_STR("something else")};
    z.w.config.ctx = &other;
    CHECK_ERR(enter(&z, &the_psk), IC_ERR_AUTH);
    CHECK(world_agrees(&z.w));
    z.poor.secret = other.secret = z.rich.secret;
    CHECK_OK(enter(&z, &the_psk));
    CHECK(world_agrees(&z.w) && world_count(&z.w) == 4);
    CHECK_OK(world_talk(&z.w, 5));
    psk_close(&z);
}

/* Who was a member before shows it: by the resumption PSK of then, kept by its application. */
TEST(resumption_psk_of_an_earlier_membership_serves_a_joiner)
{
    struct psk_world z;
    struct ic_mls_key_package *k;
    psk_open(&z, false);
    if (ic_test_failed())
        return;
    CHECK_OK(ic_mls_resumption_psk(z.w.people[2].g, &z.poor.resumption));
    z.poor.epoch = ic_mls_context(z.w.people[2].g)->epoch;
    CHECK_OK(world_remove(&z.w, 0, 2));
    CHECK_OK(ic_mls_key_package_new(&z.w.config, &z.w.people[2].id, none, &k));
    const struct ic_view add = ic_mls_key_package_message(k);
    const struct ic_mlspub_psk_id psk = epoch_psk(z.poor.epoch);
    struct ic_mls_commit_params p = {.adds = &add, .add_count = 1, .psks = &psk, .psk_count = 1};
    CHECK_OK(world_commit(&z.w, 1, &p, (const size_t[]){2}, &k, 1));
    CHECK(world_agrees(&z.w));
    ic_mls_key_package_free(k);
    struct ic_mlspub_psk_id then = psk; /* an external join knows the group's id in time */
    CHECK_OK(enter(&z, &then));
    CHECK(world_agrees(&z.w) && world_count(&z.w) == 4);
    then.epoch = 0;
    CHECK_OK(world_remove(&z.w, 0, 5));
    CHECK_ERR(enter(&z, &then), IC_ERR_PSK);
    psk_close(&z);
}
