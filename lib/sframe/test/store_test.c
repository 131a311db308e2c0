/* The rules of old and new epochs, row by row: protocol "Media keys", RFC 9605 section 5.2. */
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/sframe/store.h>
#include <string.h>

enum { ROOM = 2048 };
static const struct ic_view none;

/* A member's store; a base key is a function of the epoch's number, so that all members agree. */
struct member {
    struct ic_sframe_store *s;
    uint16_t suite;
    uint32_t leaf;
};

static void member_clear(struct member *m)
{
    ic_sframe_store_free(m->s);
}

#define MEMBER(name, its_leaf)                                                                     \
    IC_CLEANUP(member_clear) struct member name = {.suite = 4, .leaf = (its_leaf)};                \
    CHECK_OK(ic_sframe_store_new(4, &name.s))

static ic_err add_to(struct member *m, uint64_t number, uint32_t slots, const uint32_t *removed,
                     size_t removed_len, uint64_t now_ms)
{
    uint8_t base_key[IC_SFRAME_KEY_MAX];
    memset(base_key, (int)(number % 251), sizeof base_key);
    struct ic_sframe_epoch e = {.epoch = number,
                                .leaf_slots = slots,
                                .own_leaf = m->leaf,
                                .removed = removed,
                                .removed_len = removed_len,
                                .may_send = true};
    e.base_key = ic_view(base_key, ic_sframe_suite_find(m->suite)->key_len);
    return ic_sframe_store_add_epoch(m->s, &e, now_ms);
}

static ic_err add(struct member *m, uint64_t number, uint64_t now_ms)
{
    return add_to(m, number, 8, NULL, 0, now_ms);
}

static ic_err add_remove(struct member *m, uint64_t number, uint32_t removed, uint64_t now_ms)
{
    return add_to(m, number, 8, &removed, 1, now_ms);
}

struct frame {
    uint8_t b[ROOM];
    size_t len;
};

static ic_err send(struct member *m, uint32_t context, struct frame *f)
{
    return ic_sframe_store_protect(m->s, context, none, IC_VIEW_STR("frame"), f->b, &f->len);
}

static ic_err receive(struct member *m, const struct frame *f, uint64_t now_ms)
{
    uint8_t out[ROOM];
    size_t len = 0;
    struct ic_sframe_from from;
    IC_TRY(ic_sframe_store_unprotect(m->s, none, ic_view(f->b, f->len), now_ms, out, &len, &from));
    return ic_view_equal(ic_view(out, len), IC_VIEW_STR("frame")) ? IC_OK : IC_ERR_STATE;
}

static uint64_t sending(const struct member *m)
{
    uint64_t n = UINT64_MAX;
    return ic_sframe_store_sending_epoch(m->s, &n) == IC_OK ? n : UINT64_MAX;
}

static uint64_t kid_of(const struct frame *f)
{
    struct ic_sframe_header h = {0};
    size_t len;
    IC_IGNORE(ic_sframe_header_decode(ic_view(f->b, f->len), &h, &len));
    return h.kid;
}

TEST(store_tells_who_sent)
{
    MEMBER(a, 3);
    MEMBER(b, 6);
    struct frame f;
    CHECK_OK(add(&a, 0x123, 0));
    CHECK_OK(add(&b, 0x123, 0));
    for (uint32_t i = 0; i < 6; i++) {
        uint8_t out[ROOM];
        size_t len = 0;
        struct ic_sframe_from from = {0};
        CHECK_OK(send(&a, i % 3, &f));
        CHECK_OK(ic_sframe_store_unprotect(b.s, none, ic_view(f.b, f.len), 0, out, &len, &from));
        CHECK_EQ_INT(from.leaf, 3);
        CHECK_EQ_INT(from.epoch, 0x123);
        CHECK_EQ_INT(from.context, i % 3);
        CHECK_EQ_INT(from.counter, i / 3);
        CHECK_EQ_INT(from.kid, (i % 3) << 11 | 3 << 8 | 0x23);
        CHECK_EQ_INT(kid_of(&f), from.kid);
        CHECK_ERR(receive(&b, &f, 0), IC_ERR_REPLAY);
    }
}

/* S is the smallest with leaf_slots <= 2^S. */
TEST(store_counts_leaf_bits)
{
    static const struct {
        uint32_t slots;
        unsigned bits;
    } rows[] = {{1, 0},  {2, 1},  {3, 2},     {4, 2},       {5, 3},
                {64, 6}, {65, 7}, {1024, 10}, {1 << 16, 16}};
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        MEMBER(a, rows[i].slots - 1);
        struct frame f;
        CHECK_OK(add_to(&a, 2, rows[i].slots, NULL, 0, 0));
        CHECK_OK(send(&a, 1, &f));
        uint64_t want = (uint64_t)1 << (rows[i].bits + 8) | (uint64_t)(rows[i].slots - 1) << 8 | 2;
        CHECK_EQ_INT(kid_of(&f), want);
    }
}

TEST(store_refuses_wrong_epochs)
{
    MEMBER(a, 0);
    uint8_t key[33] = {1};
    struct ic_sframe_epoch e = {.epoch = 5, .leaf_slots = 4, .own_leaf = 0, .may_send = true};
    e.base_key = ic_view(key, 16);
    CHECK_OK(ic_sframe_store_add_epoch(a.s, &e, 0));
    CHECK_ERR(ic_sframe_store_add_epoch(a.s, &e, 0), IC_ERR_EPOCH);
    e.epoch = 4;
    CHECK_ERR(ic_sframe_store_add_epoch(a.s, &e, 0), IC_ERR_EPOCH);
    e.epoch = 6;
    e.own_leaf = 4;
    CHECK_ERR(ic_sframe_store_add_epoch(a.s, &e, 0), IC_ERR_ARG);
    e.own_leaf = 0;
    e.leaf_slots = 0;
    CHECK_ERR(ic_sframe_store_add_epoch(a.s, &e, 0), IC_ERR_ARG);
    e.leaf_slots = IC_SFRAME_LEAVES_MAX + 1;
    CHECK_ERR(ic_sframe_store_add_epoch(a.s, &e, 0), IC_ERR_LIMIT);
    e.leaf_slots = 4;
    e.base_key = ic_view(key, 15);
    CHECK_ERR(ic_sframe_store_add_epoch(a.s, &e, 0), IC_ERR_KEY);
    e.base_key = ic_view(key, 17);
    CHECK_ERR(ic_sframe_store_add_epoch(a.s, &e, 0), IC_ERR_KEY);
    CHECK_EQ_INT(sending(&a), 5);
    struct ic_sframe_store *s = NULL;
    CHECK_ERR(ic_sframe_store_new(9, &s), IC_ERR_UNSUPPORTED);
    CHECK(s == NULL);
    ic_sframe_store_free(NULL);
}

TEST(store_without_epoch_does_nothing)
{
    MEMBER(a, 0);
    struct frame f = {.len = 30};
    CHECK_ERR(send(&a, 0, &f), IC_ERR_STATE);
    memset(f.b, 0, f.len);
    CHECK_ERR(receive(&a, &f, 0), IC_ERR_UNKNOWN_KEY);
    CHECK(ic_sframe_store_deadline(a.s) == UINT64_MAX);
}

TEST(store_bounds_contexts_and_leaves)
{
    MEMBER(a, 0);
    MEMBER(b, 4);
    struct frame f;
    CHECK_OK(add_to(&a, 1, 5, NULL, 0, 0));
    CHECK_OK(add_to(&b, 1, 5, NULL, 0, 0));
    CHECK_ERR(send(&a, IC_SFRAME_CONTEXTS, &f), IC_ERR_RANGE);
    CHECK_OK(send(&a, IC_SFRAME_CONTEXTS - 1, &f));
    CHECK_OK(receive(&b, &f, 0));
    /* Leaf 5 of 5 slots (S = 3), and a context too many. */
    static const uint64_t bad[] = {5 << 8 | 1, 7 << 8 | 1, 16 << 11 | 1, UINT64_MAX - 254};
    for (size_t i = 0; i < IC_ARRAY_LEN(bad); i++) {
        memset(f.b, 0, 64);
        f.len = 40 + ic_sframe_header_encode(&(struct ic_sframe_header){.kid = bad[i]}, f.b);
        CHECK_ERR(receive(&b, &f, 0), IC_ERR_MALFORMED);
    }
}

/* RFC 9605 section 4.4.1: a key is for sending or for receiving, never both. */
TEST(store_refuses_its_own_frames)
{
    MEMBER(a, 2);
    struct frame f;
    CHECK_OK(add(&a, 1, 0));
    CHECK_OK(send(&a, 0, &f));
    CHECK_ERR(receive(&a, &f, 0), IC_ERR_OWN_ECHO);
}

TEST(store_unknown_epochs)
{
    MEMBER(a, 1);
    MEMBER(b, 2);
    struct frame early, late;
    CHECK_OK(add(&a, 10, 0));
    CHECK_OK(send(&a, 0, &early));
    CHECK_OK(add_remove(&a, 12, 7, 0));
    CHECK_OK(send(&a, 0, &late));
    /* b joined at 11: what came before is gone for it, what comes is to be waited for. */
    CHECK_OK(add(&b, 11, 0));
    CHECK_ERR(receive(&b, &early, 0), IC_ERR_EXPIRED);
    CHECK_ERR(receive(&b, &late, 0), IC_ERR_UNKNOWN_KEY);
    CHECK_OK(add(&b, 12, 100));
    CHECK_OK(receive(&b, &late, 100));
}

/* "Senders use the new epoch at once after a Remove, after a short delay otherwise." */
TEST(store_sends_with_the_new_epoch_in_time)
{
    MEMBER(a, 1);
    CHECK_OK(add(&a, 1, 1000));
    CHECK_EQ_INT(sending(&a), 1);
    CHECK_OK(add(&a, 2, 2000));
    CHECK_EQ_INT(sending(&a), 1);
    CHECK_EQ_INT(ic_sframe_store_deadline(a.s), 2000 + IC_SFRAME_SEND_DELAY_MS);
    /* Another epoch does not put it off further. */
    CHECK_OK(add(&a, 3, 2100));
    ic_sframe_store_tick(a.s, 2000 + IC_SFRAME_SEND_DELAY_MS - 1);
    CHECK_EQ_INT(sending(&a), 1);
    ic_sframe_store_tick(a.s, 2000 + IC_SFRAME_SEND_DELAY_MS);
    CHECK_EQ_INT(sending(&a), 3);
    CHECK_OK(add_remove(&a, 4, 6, 3000));
    CHECK_EQ_INT(sending(&a), 4);
    CHECK_OK(add(&a, 5, 4000));
    CHECK_OK(add_remove(&a, 6, 5, 4050));
    CHECK_EQ_INT(sending(&a), 6);
}

/* "A restarted client sends no media in an epoch it may have sent in." */
TEST(store_waits_after_a_restart)
{
    MEMBER(a, 1);
    struct frame f;
    uint8_t key[16] = {1};
    struct ic_sframe_epoch e = {.epoch = 5, .leaf_slots = 4, .own_leaf = 1, .base_key = {key, 16}};
    CHECK_OK(ic_sframe_store_add_epoch(a.s, &e, 0));
    CHECK_ERR(send(&a, 0, &f), IC_ERR_STATE);
    ic_sframe_store_tick(a.s, 100000);
    CHECK_ERR(send(&a, 0, &f), IC_ERR_STATE);
    CHECK_OK(add(&a, 6, 100000));
    CHECK_OK(send(&a, 0, &f));
    CHECK_EQ_INT(kid_of(&f) & 255, 6);
}

/* "A removed leaf's frames are refused at once", in all epochs; a new member at the leaf is heard. */
TEST(store_refuses_a_removed_leaf_at_once)
{
    MEMBER(gone, 3);
    MEMBER(b, 1);
    MEMBER(fresh, 3);
    struct frame known, unseen, old, new_frame;
    CHECK_OK(add(&gone, 1, 0));
    CHECK_OK(add(&b, 1, 0));
    CHECK_OK(send(&gone, 0, &old));
    CHECK_OK(add(&gone, 2, 0));
    CHECK_OK(add(&b, 2, 0));
    ic_sframe_store_tick(gone.s, 1000);
    CHECK_OK(send(&gone, 0, &known));
    CHECK_OK(receive(&b, &known, 1000));
    CHECK_OK(send(&gone, 0, &known));
    CHECK_OK(send(&gone, 1, &unseen));
    CHECK_OK(add_remove(&b, 3, 3, 1000));
    CHECK_ERR(receive(&b, &known, 1000), IC_ERR_EXPIRED);
    CHECK_ERR(receive(&b, &unseen, 1000), IC_ERR_EXPIRED);
    CHECK_ERR(receive(&b, &old, 1000), IC_ERR_EXPIRED);
    CHECK_OK(add(&fresh, 4, 1100));
    CHECK_OK(add(&b, 4, 1100));
    CHECK_OK(send(&fresh, 0, &new_frame));
    CHECK_OK(receive(&b, &new_frame, 1100));
}

TEST(store_refuses_a_leaf_whose_remove_is_pending)
{
    MEMBER(gone, 3);
    MEMBER(b, 1);
    struct frame f, next;
    CHECK_OK(add(&gone, 1, 0));
    CHECK_OK(add(&b, 1, 0));
    CHECK_OK(send(&gone, 0, &f));
    CHECK_OK(receive(&b, &f, 0));
    CHECK_OK(send(&gone, 0, &next));
    ic_sframe_store_refuse_leaf(b.s, 3);
    ic_sframe_store_refuse_leaf(b.s, 999);
    CHECK_ERR(receive(&b, &next, 0), IC_ERR_EXPIRED);
    CHECK_ERR(receive(&b, &f, 0), IC_ERR_EXPIRED);
}

/* "A sender's old key ends at its first new-epoch frame" after a Remove: that stream's, not another's. */
TEST(store_drops_an_old_key_at_the_first_new_frame)
{
    MEMBER(a, 2);
    MEMBER(b, 1);
    struct frame old0, old0b, old1, new0, forged;
    CHECK_OK(add(&a, 1, 0));
    CHECK_OK(add(&b, 1, 0));
    CHECK_OK(send(&a, 0, &old0));
    CHECK_OK(send(&a, 0, &old0b));
    CHECK_OK(send(&a, 1, &old1));
    CHECK_OK(add_remove(&a, 2, 5, 10));
    CHECK_OK(add_remove(&b, 2, 5, 10));
    CHECK_OK(send(&a, 0, &new0));
    CHECK_OK(receive(&b, &old0, 20));
    /* A forged new frame ends nothing. */
    forged = new0;
    forged.b[forged.len - 1] ^= 1;
    CHECK_ERR(receive(&b, &forged, 20), IC_ERR_AUTH);
    CHECK_OK(receive(&b, &new0, 20));
    CHECK_ERR(receive(&b, &old0b, 20), IC_ERR_EXPIRED);
    CHECK_OK(receive(&b, &old1, 20));
}

/* The same across an epoch that nobody was removed in: the Remove lies between. */
TEST(store_sees_a_remove_between_epochs)
{
    MEMBER(a, 2);
    MEMBER(b, 1);
    struct frame old, newer, newest;
    CHECK_OK(add(&a, 1, 0));
    CHECK_OK(add(&b, 1, 0));
    CHECK_OK(send(&a, 0, &old));
    CHECK_OK(add_remove(&a, 2, 5, 10));
    CHECK_OK(add_remove(&b, 2, 5, 10));
    CHECK_OK(send(&a, 0, &newer));
    CHECK_OK(add(&a, 3, 20));
    CHECK_OK(add(&b, 3, 20));
    ic_sframe_store_tick(a.s, 900);
    CHECK_OK(send(&a, 0, &newest));
    CHECK_OK(receive(&b, &newest, 900));
    CHECK_ERR(receive(&b, &old, 900), IC_ERR_EXPIRED);
    CHECK_OK(receive(&b, &newer, 900));
}

TEST(store_keeps_old_keys_where_nobody_was_removed)
{
    MEMBER(a, 2);
    MEMBER(b, 1);
    struct frame old, newer;
    CHECK_OK(add(&a, 1, 0));
    CHECK_OK(add(&b, 1, 0));
    CHECK_OK(send(&a, 0, &old));
    CHECK_OK(add(&a, 2, 0));
    CHECK_OK(add(&b, 2, 0));
    ic_sframe_store_tick(a.s, 500);
    CHECK_OK(send(&a, 0, &newer));
    CHECK_OK(receive(&b, &newer, 500));
    CHECK_OK(receive(&b, &old, 500));
}

/* "All old keys after 1 s" after a Remove, "otherwise 10 s", whichever is sooner. */
TEST(store_retires_old_epochs)
{
    static const struct {
        bool remove;
        uint64_t last_ms, gone_ms;
    } rows[] = {{true, 5000 + 999, 5000 + 1000}, {false, 5000 + 9999, 5000 + 10000}};
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        MEMBER(a, 2);
        MEMBER(b, 1);
        struct frame f, g;
        CHECK_OK(add(&a, 1, 0));
        CHECK_OK(add(&b, 1, 0));
        CHECK_OK(send(&a, 0, &f));
        CHECK_OK(send(&a, 0, &g));
        CHECK_OK(rows[i].remove ? add_remove(&b, 2, 5, 5000) : add(&b, 2, 5000));
        CHECK_OK(receive(&b, &f, rows[i].last_ms));
        CHECK_ERR(receive(&b, &g, rows[i].gone_ms), IC_ERR_EXPIRED);
        /* Time that goes back brings nothing back. */
        CHECK_ERR(receive(&b, &g, 0), IC_ERR_EXPIRED);
    }
}

TEST(store_remove_shortens_earlier_graces)
{
    MEMBER(a, 2);
    MEMBER(b, 1);
    struct frame f, g;
    CHECK_OK(add(&a, 1, 0));
    CHECK_OK(add(&b, 1, 0));
    CHECK_OK(send(&a, 0, &f));
    CHECK_OK(send(&a, 0, &g));
    CHECK_OK(add(&b, 2, 0));
    CHECK_OK(add_remove(&b, 3, 5, 100));
    CHECK_OK(add(&b, 4, 200));
    CHECK_OK(receive(&b, &f, 1099));
    CHECK_EQ_INT(ic_sframe_store_deadline(b.s), 1100);
    ic_sframe_store_tick(b.s, 1100);
    CHECK_ERR(receive(&b, &g, 1100), IC_ERR_EXPIRED);
    CHECK_EQ_INT(ic_sframe_store_deadline(b.s), 10200);
    ic_sframe_store_tick(b.s, 10200);
    CHECK(ic_sframe_store_deadline(b.s) == UINT64_MAX);
}

/* RFC 9605 section 5.2: an old epoch MUST go when a new one has the same low bits. */
TEST(store_rolls_over)
{
    MEMBER(a, 2);
    MEMBER(b, 1);
    struct frame first, f;
    CHECK_OK(add(&a, 0, 0));
    CHECK_OK(add(&b, 0, 0));
    CHECK_OK(send(&a, 0, &first));
    CHECK_OK(send(&a, 0, &first));
    for (uint64_t n = 1; n <= 600; n++) {
        CHECK_OK(add_remove(&a, n, 5, 0));
        CHECK_OK(add(&b, n, 0));
        CHECK_OK(send(&a, 0, &f));
        CHECK_OK(receive(&b, &f, 0));
    }
    /* 600 mod 256 = 88: epoch 512 has the KID of epoch 0 and another key. */
    CHECK_ERR(receive(&b, &first, 0), IC_ERR_AUTH);
}

static ic_err a_frame(struct member *a, struct member *b)
{
    struct frame f;
    IC_TRY(send(a, 1, &f));
    return receive(b, &f, 0);
}

/* Only a stream's first frame of an epoch allocates. */
TEST(store_frames_make_no_allocation)
{
    MEMBER(a, 2);
    MEMBER(b, 1);
    CHECK_OK(add(&a, 1, 0));
    CHECK_OK(add(&b, 1, 0));
    CHECK_OK(a_frame(&a, &b));
    (void)ic_mem_fail_at(1);
    for (int i = 0; i < 2000; i++)
        CHECK_OK(a_frame(&a, &b));
    CHECK_EQ_INT(ic_mem_fail_at(0), 0);
}

/* Frames that do not authenticate leave nothing behind, however many leaves they name. */
TEST(store_forgeries_cost_no_memory)
{
    MEMBER(b, 1);
    CHECK_OK(add(&b, 1, 0));
    for (uint64_t i = 0; i < 8 * IC_SFRAME_CONTEXTS; i++) {
        struct frame f = {0};
        uint64_t leaf = i % 8, context = i / 8;
        struct ic_sframe_header h = {.kid = context << 11 | leaf << 8 | 1, .ctr = i};
        f.len = 40 + ic_sframe_header_encode(&h, f.b);
        CHECK_ERR(receive(&b, &f, 0), leaf == 1 ? IC_ERR_OWN_ECHO : IC_ERR_AUTH);
        /* Nothing is kept of it: the next one needs its memory again. */
        (void)ic_mem_fail_at(1);
        ic_err e = receive(&b, &f, 0);
        (void)ic_mem_fail_at(0);
        CHECK_ERR(e, leaf == 1 ? IC_ERR_OWN_ECHO : IC_ERR_NOMEM);
    }
}

static ic_err run_all(void *ctx)
{
    IC_CLEANUP(member_clear) struct member a = {.suite = *(uint16_t *)ctx, .leaf = 2};
    IC_CLEANUP(member_clear) struct member b = {.suite = *(uint16_t *)ctx, .leaf = 1};
    IC_TRY(ic_sframe_store_new(a.suite, &a.s));
    IC_TRY(ic_sframe_store_new(b.suite, &b.s));
    for (uint64_t n = 1; n < 4; n++) {
        IC_TRY(add_remove(&a, n, 5, 0));
        IC_TRY(add_remove(&b, n, 5, 0));
        IC_TRY(a_frame(&a, &b));
        IC_TRY(a_frame(&a, &b));
    }
    return IC_OK;
}

TEST(store_survives_failing_allocations)
{
    for (uint16_t suite = 1; suite <= 8; suite++)
        CHECK(ic_test_each_alloc_fails(run_all, &suite) > 10);
}

/* A frame that met a failing allocation can be opened afterwards. */
TEST(store_failed_call_changes_nothing)
{
    MEMBER(a, 2);
    MEMBER(b, 1);
    struct frame f;
    CHECK_OK(add(&a, 1, 0));
    CHECK_OK(add(&b, 1, 0));
    CHECK_OK(send(&a, 0, &f));
    ic_err e = IC_ERR_NOMEM;
    for (uint64_t k = 1; e == IC_ERR_NOMEM; k++) {
        (void)ic_mem_fail_at(k);
        e = receive(&b, &f, 0);
    }
    CHECK_EQ_INT(ic_mem_fail_at(0) > 0, 1);
    CHECK_OK(e);
    CHECK_ERR(receive(&b, &f, 0), IC_ERR_REPLAY);
}
