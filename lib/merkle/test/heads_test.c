/* A log shows its tree at several sizes; a second one with the same key shows another tree. */
#include "plain.h"

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/merkle/heads.h>

struct world {
    struct plain *good, *bad; /* bad differs from leaf 6 on */
    struct ic_sign_key *key;
    struct ic_merkle_heads *heads;
    enum ic_merkle_verdict verdict;
};

static void world_clear(struct world *w)
{
    plain_free(w->good);
    plain_free(w->bad);
    ic_sign_key_free(w->key);
    ic_merkle_heads_free(w->heads);
}

static ic_err world_init(struct world *w)
{
    struct ic_rand rand = ic_test_os_rand();
    w->good = plain_of(200);
    w->bad = plain_new(200);
    for (uint32_t i = 0; i < 200; i++) {
        uint32_t other = i < 6 ? i : i + 1000;
        plain_add(w->bad, ic_view(&other, sizeof other));
    }
    IC_TRY(ic_sign_key_generate(IC_ED25519, &rand, &w->key));
    return ic_merkle_heads_new(&w->heads);
}

static struct ic_merkle_head head(const struct world *w, const struct plain *t, uint64_t size)
{
    struct ic_merkle_head h = {
        .size = size, .time_ms = 1000 + size, .root = plain_root(t, 0, size)};
    if (ic_merkle_head_sign(w->key, &h) != IC_OK)
        ic_test_fail(__FILE__, __LINE__, "sign");
    return h;
}

static ic_err see(struct world *w, const struct plain *t, uint64_t size, uint64_t now_ms)
{
    struct ic_merkle_head h = head(w, t, size);
    return ic_merkle_heads_see(w->heads, &h, now_ms, &w->verdict);
}

static ic_err answer(struct world *w, struct plain *t, const struct ic_merkle_ask *ask)
{
    struct ic_merkle_path p;
    IC_TRY(ic_merkle_consistency(&t->nodes, ask->first, ask->second, &p));
    return ic_merkle_heads_prove(w->heads, ask, &p, &w->verdict);
}

static enum ic_merkle_trouble trouble(const struct world *w, uint64_t now_ms)
{
    struct ic_merkle_head h = head(w, w->good, 1);
    return ic_merkle_heads_trouble(w->heads, &h.log, now_ms);
}

TEST(merkle_heads_ask_for_proofs_and_follow_a_growing_log)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    struct ic_merkle_ask ask;
    CHECK_OK(world_init(&w));
    CHECK_OK(see(&w, w.good, 20, 0));
    CHECK_EQ_INT(w.verdict, IC_MERKLE_NEWER);
    CHECK_OK(see(&w, w.good, 20, 0));
    CHECK_EQ_INT(w.verdict, IC_MERKLE_SAME);
    CHECK(!ic_merkle_heads_next(w.heads, 0, &ask));
    CHECK(ic_merkle_heads_due_ms(w.heads, 0) == UINT64_MAX);

    CHECK_OK(see(&w, w.good, 50, 10));
    CHECK_EQ_INT(w.verdict, IC_MERKLE_UNPROVED);
    CHECK_OK(see(&w, w.good, 7, 10));
    CHECK_EQ_INT(w.verdict, IC_MERKLE_UNPROVED);
    CHECK_EQ_INT(ic_merkle_heads_due_ms(w.heads, 10), 10);
    CHECK(ic_merkle_heads_next(w.heads, 10, &ask));
    CHECK_EQ_INT(ask.first, 20);
    CHECK_EQ_INT(ask.second, 50);
    struct ic_merkle_ask old;
    CHECK(ic_merkle_heads_next(w.heads, 10, &old));
    CHECK_EQ_INT(old.first, 7);
    CHECK_EQ_INT(old.second, 20);
    CHECK(!ic_merkle_heads_next(w.heads, 10, &ask));
    CHECK_EQ_INT(ic_merkle_heads_due_ms(w.heads, 10), 10 + IC_MERKLE_ASK_AGAIN_MS);

    ask = (struct ic_merkle_ask){old.log, 20, 50};
    CHECK_OK(answer(&w, w.good, &ask));
    CHECK_EQ_INT(w.verdict, IC_MERKLE_NEWER);
    CHECK_EQ_INT(ic_merkle_heads_newest(w.heads, &ask.log)->size, 50);
    CHECK_EQ_INT(ic_merkle_heads_at(w.heads, 0)->size, 50);
    CHECK(ic_merkle_heads_at(w.heads, 1) == NULL);
    /* The answer to what was asked before the newest changed serves still. */
    CHECK_OK(answer(&w, w.good, &old));
    CHECK_EQ_INT(w.verdict, IC_MERKLE_SAME);
    CHECK_ERR(answer(&w, w.good, &old), IC_ERR_NOT_FOUND);
    CHECK_OK(see(&w, w.good, 7, 20));
    CHECK_EQ_INT(w.verdict, IC_MERKLE_SAME);
    CHECK_OK(see(&w, w.good, 20, 20));
    CHECK_EQ_INT(w.verdict, IC_MERKLE_SAME);
    CHECK_EQ_INT(trouble(&w, 1000000), IC_MERKLE_SOUND);
}

TEST(merkle_heads_two_views_of_one_size_are_a_fork)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    struct ic_merkle_ask ask;
    struct ic_merkle_head a, b;
    CHECK_OK(world_init(&w));
    CHECK_OK(see(&w, w.good, 20, 0));
    CHECK_ERR(ic_merkle_heads_fork(w.heads, &ic_merkle_heads_at(w.heads, 0)->log, &a, &b),
              IC_ERR_NOT_FOUND);
    CHECK_OK(see(&w, w.bad, 20, 0));
    CHECK_EQ_INT(w.verdict, IC_MERKLE_FORKED);
    CHECK_EQ_INT(trouble(&w, 0), IC_MERKLE_FORK);
    /* For good, and nothing is asked any more. */
    CHECK_OK(see(&w, w.good, 30, 0));
    CHECK_EQ_INT(w.verdict, IC_MERKLE_FORKED);
    CHECK(!ic_merkle_heads_next(w.heads, 100000, &ask));
    CHECK_OK(ic_merkle_heads_fork(w.heads, &ic_merkle_heads_at(w.heads, 0)->log, &a, &b));
    CHECK_EQ_INT(a.size, b.size);
    CHECK(!ic_merkle_hash_equal(&a.root, &b.root));
    struct ic_merkle_log log = {IC_ED25519, ic_sign_key_public(w.key)};
    CHECK_OK(ic_merkle_head_check(&log, &a));
    CHECK_OK(ic_merkle_head_check(&log, &b));
}

TEST(merkle_heads_a_fork_shows_among_those_that_wait_and_those_proved_before)
{
    IC_CLEANUP(world_clear) struct world w = {0}, v = {0};
    struct ic_merkle_ask ask;
    CHECK_OK(world_init(&w));
    CHECK_OK(see(&w, w.good, 20, 0));
    CHECK_OK(see(&w, w.good, 30, 0));
    CHECK_OK(see(&w, w.bad, 30, 0));
    CHECK_EQ_INT(w.verdict, IC_MERKLE_FORKED);

    CHECK_OK(world_init(&v));
    CHECK_OK(see(&v, v.good, 20, 0));
    CHECK_OK(see(&v, v.good, 30, 0));
    CHECK(ic_merkle_heads_next(v.heads, 0, &ask));
    CHECK_OK(answer(&v, v.good, &ask));
    CHECK_OK(see(&v, v.bad, 20, 0));
    CHECK_EQ_INT(v.verdict, IC_MERKLE_FORKED);
}

TEST(merkle_heads_a_rewritten_log_finds_no_proof)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    struct ic_merkle_ask ask;
    CHECK_OK(world_init(&w));
    CHECK_OK(see(&w, w.good, 20, 0));
    CHECK_OK(see(&w, w.bad, 40, 0));
    CHECK_EQ_INT(w.verdict, IC_MERKLE_UNPROVED);
    CHECK(ic_merkle_heads_next(w.heads, 0, &ask));
    CHECK_EQ_INT(trouble(&w, 0), IC_MERKLE_SOUND);
    CHECK_ERR(answer(&w, w.bad, &ask), IC_ERR_AUTH);
    CHECK_EQ_INT(trouble(&w, 0), IC_MERKLE_WITHHOLDS);
    CHECK_ERR(answer(&w, w.good, &ask), IC_ERR_AUTH);
    CHECK_EQ_INT(ic_merkle_heads_newest(w.heads, &ask.log)->size, 20);
}

TEST(merkle_heads_a_log_that_stays_silent_withholds_until_it_answers)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    struct ic_merkle_ask ask;
    CHECK_OK(world_init(&w));
    CHECK_OK(see(&w, w.good, 20, 0));
    CHECK_OK(see(&w, w.good, 30, 1000));
    unsigned asked = 0;
    for (uint64_t now = 1000; now < 1000 + IC_MERKLE_PATIENCE_MS; now += 100)
        asked += ic_merkle_heads_next(w.heads, now, &ask);
    CHECK_EQ_INT(asked, IC_MERKLE_PATIENCE_MS / IC_MERKLE_ASK_AGAIN_MS);
    CHECK_EQ_INT(trouble(&w, 999 + IC_MERKLE_PATIENCE_MS), IC_MERKLE_SOUND);
    CHECK_EQ_INT(trouble(&w, 1000 + IC_MERKLE_PATIENCE_MS), IC_MERKLE_WITHHOLDS);
    CHECK_OK(answer(&w, w.good, &ask));
    CHECK_EQ_INT(trouble(&w, 1000 + IC_MERKLE_PATIENCE_MS), IC_MERKLE_SOUND);
}

TEST(merkle_heads_have_limits)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    CHECK_OK(world_init(&w));
    CHECK_OK(see(&w, w.good, 200, 0));
    for (uint64_t i = 1; i <= IC_MERKLE_WAITING_MAX; i++)
        CHECK_OK(see(&w, w.good, i, 0));
    CHECK_ERR(see(&w, w.good, 100, 0), IC_ERR_LIMIT);
    struct ic_merkle_ask ask;
    for (uint64_t i = 0; i < IC_MERKLE_WAITING_MAX; i++) {
        CHECK(ic_merkle_heads_next(w.heads, 0, &ask));
        CHECK_OK(answer(&w, w.good, &ask));
    }
    CHECK(!ic_merkle_heads_next(w.heads, 0, &ask));
    struct ic_merkle_head h = head(&w, w.good, 9);
    for (uint8_t i = 1; i < IC_MERKLE_LOGS_MAX; i++) {
        h.log.bytes[0] ^= i;
        h.log.bytes[1] = i;
        CHECK_OK(ic_merkle_heads_see(w.heads, &h, 0, &w.verdict));
    }
    h.log.bytes[1] = 100;
    CHECK_ERR(ic_merkle_heads_see(w.heads, &h, 0, &w.verdict), IC_ERR_LIMIT);
}

TEST(merkle_heads_ask_for_few_proofs_at_a_time_and_for_the_next_when_one_is_there)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    struct ic_merkle_ask first, ask;
    CHECK_OK(world_init(&w));
    CHECK_OK(see(&w, w.good, 200, 0));
    for (uint64_t i = 1; i <= 40; i++)
        CHECK_OK(see(&w, w.good, i, 0));
    CHECK_EQ_INT(ic_merkle_heads_due_ms(w.heads, 0), 0);
    CHECK(ic_merkle_heads_next(w.heads, 0, &first));
    for (unsigned i = 1; i < IC_MERKLE_ASKS_MAX; i++)
        CHECK(ic_merkle_heads_next(w.heads, 0, &ask));
    CHECK(!ic_merkle_heads_next(w.heads, 0, &ask));
    CHECK_EQ_INT(ic_merkle_heads_due_ms(w.heads, 0), IC_MERKLE_ASK_AGAIN_MS);
    CHECK_OK(answer(&w, w.good, &first));
    CHECK_EQ_INT(ic_merkle_heads_due_ms(w.heads, 0), 0);
    CHECK(ic_merkle_heads_next(w.heads, 0, &ask));
    CHECK(!ic_merkle_heads_next(w.heads, 0, &ask));
    /* A server that answers one request in a moment has proved all of them long before patience ends. */
    for (unsigned i = 0; i < 39; i++) {
        uint64_t now = IC_MERKLE_ASK_AGAIN_MS * (i / IC_MERKLE_ASKS_MAX + 1);
        CHECK(ic_merkle_heads_next(w.heads, now, &ask));
        CHECK_OK(answer(&w, w.good, &ask));
    }
    CHECK_EQ_INT(trouble(&w, IC_MERKLE_PATIENCE_MS), IC_MERKLE_SOUND);
    CHECK(ic_merkle_heads_due_ms(w.heads, 0) == UINT64_MAX);
}

/* Nine heads, eight questions, and no answer to any of the first eight. */
TEST(merkle_heads_that_find_no_proof_do_not_keep_others_from_being_asked_for)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    struct ic_merkle_ask ask;
    bool ninth = false;
    CHECK_OK(world_init(&w));
    CHECK_OK(see(&w, w.good, 200, 0));
    for (uint64_t i = 1; i <= IC_MERKLE_ASKS_MAX + 1; i++)
        CHECK_OK(see(&w, w.good, i, 0));
    for (unsigned i = 0; i < IC_MERKLE_ASKS_MAX; i++)
        CHECK(ic_merkle_heads_next(w.heads, 0, &ask));
    for (unsigned i = 0; i < IC_MERKLE_ASKS_MAX; i++) {
        CHECK(ic_merkle_heads_next(w.heads, IC_MERKLE_ASK_AGAIN_MS, &ask));
        ninth = ninth || ask.first == IC_MERKLE_ASKS_MAX + 1;
    }
    CHECK(ninth);
}

TEST(merkle_heads_outlive_a_restart_and_so_does_a_fork)
{
    IC_CLEANUP(world_clear) struct world w = {0}, v = {0};
    IC_BUF_SCOPE(b, IC_MERKLE_HEADS_MAX);
    CHECK_OK(world_init(&w));
    CHECK_OK(world_init(&v));
    CHECK_OK(see(&w, w.good, 20, 0));
    CHECK_OK(see(&v, v.good, 30, 0));
    CHECK_OK(see(&v, v.bad, 30, 0));
    struct ic_merkle_head other = head(&v, v.bad, 30);
    other.size = 3;
    other.log.bytes[0] ^= 1;
    CHECK_OK(ic_merkle_heads_see(v.heads, &other, 0, &v.verdict));
    CHECK_OK(ic_merkle_heads_encode(v.heads, &b));
    CHECK_ERR(ic_merkle_heads_decode(w.heads, ic_buf_view(&b)), IC_ERR_STATE);

    struct ic_merkle_heads *back;
    CHECK_OK(ic_merkle_heads_new(&back));
    for (size_t n = 0; n < b.len; n++)
        CHECK(ic_merkle_heads_decode(back, ic_view(b.p, n)) != IC_OK);
    CHECK_OK(ic_merkle_heads_decode(back, ic_buf_view(&b)));
    CHECK_EQ_INT(ic_merkle_heads_at(back, 1)->size, 3);
    const struct ic_merkle_hash *log = &ic_merkle_heads_at(back, 0)->log;
    CHECK_EQ_INT(ic_merkle_heads_newest(back, log)->size, 30);
    CHECK_EQ_INT(ic_merkle_heads_trouble(back, log, 0), IC_MERKLE_FORK);
    CHECK_EQ_INT(ic_merkle_heads_trouble(back, &other.log, 0), IC_MERKLE_SOUND);
    ic_merkle_heads_free(back);
}

static ic_err remember(void *ctx)
{
    struct world *w = ctx;
    struct ic_merkle_heads *h = NULL;
    struct ic_merkle_head one = head(w, w->good, 20);
    enum ic_merkle_verdict verdict;
    IC_BUF_SCOPE(b, IC_MERKLE_HEADS_MAX);
    ic_err e = ic_merkle_heads_new(&h);
    if (e == IC_OK)
        e = ic_merkle_heads_see(h, &one, 0, &verdict);
    if (e == IC_OK)
        e = ic_merkle_heads_encode(h, &b);
    ic_merkle_heads_free(h);
    if (e != IC_OK)
        return e;
    IC_TRY(ic_merkle_heads_new(&h));
    e = ic_merkle_heads_decode(h, ic_buf_view(&b));
    ic_merkle_heads_free(h);
    return e;
}

TEST(merkle_heads_bear_it_where_memory_fails)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    CHECK_OK(world_init(&w));
    CHECK(ic_test_each_alloc_fails(remember, &w) >= 4);
}
