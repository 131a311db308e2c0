#include <ic/base/map.h>
#include <ic/base/mem.h>
#include <ic/base/test.h>

static const uint64_t seed[2] = {1, 2};

/* SipHash paper, appendix A, and the reference vectors: key 00..0f, input 00, 01, ... */
TEST(siphash_known_answers)
{
    uint64_t key[2] = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    uint8_t in[15];
    for (uint8_t i = 0; i < sizeof in; i++)
        in[i] = i;
    CHECK(ic_siphash(key, ic_view(in, 15)) == 0xa129ca6149be45e5u);
    CHECK(ic_siphash(key, ic_view(in, 0)) == 0x726fdb47dd0e0e31u);
    CHECK(ic_siphash(key, ic_view(in, 8)) == 0x93f5f5799a932462u);
}

TEST(map_puts_gets_removes)
{
    struct ic_map m;
    int a, b;
    void *old = &a;
    ic_map_init(&m, 2, seed);
    CHECK(ic_map_get(&m, IC_VIEW_STR("a")) == NULL);
    CHECK(ic_map_remove(&m, IC_VIEW_STR("a")) == NULL);
    CHECK_OK(ic_map_put(&m, IC_VIEW_STR("a"), &a));
    CHECK_ERR(ic_map_put(&m, IC_VIEW_STR("a"), &b), IC_ERR_EXISTS);
    CHECK(ic_map_get(&m, IC_VIEW_STR("a")) == &a);
    CHECK_OK(ic_map_set(&m, IC_VIEW_STR("a"), &b, &old));
    CHECK(old == &a);
    CHECK_OK(ic_map_set(&m, IC_VIEW_STR(""), &a, &old));
    CHECK(old == NULL);
    CHECK_ERR(ic_map_put(&m, IC_VIEW_STR("c"), &a), IC_ERR_LIMIT);
    CHECK_OK(ic_map_set(&m, IC_VIEW_STR("a"), &a, NULL));
    CHECK(ic_map_remove(&m, ic_view(NULL, 0)) == &a);
    CHECK_EQ_INT(m.count, 1);
    ic_map_clear(&m);
    CHECK_EQ_INT(m.count, 0);
    CHECK_OK(ic_map_put(&m, IC_VIEW_STR("a"), &a));
    ic_map_clear(&m);
}

/* Against a plain table: random puts and removes, then everything must be as the table says. */
TEST(map_agrees_with_a_table)
{
    enum { KEYS = 500 };
    static int values[KEYS];
    static bool there[KEYS];
    struct ic_test_rand state = {42};
    struct ic_map m;
    ic_map_init(&m, KEYS, seed);
    for (int step = 0; step < 20000; step++) {
        uint16_t k = (uint16_t)(ic_test_rand_u64(&state) % KEYS);
        struct ic_view key = ic_view(&k, sizeof k);
        bool remove = ic_test_rand_u64(&state) % 2;
        if (remove)
            CHECK((ic_map_remove(&m, key) != NULL) == there[k]);
        else
            CHECK_ERR(ic_map_put(&m, key, &values[k]), there[k] ? IC_ERR_EXISTS : IC_OK);
        there[k] = !remove;
    }
    size_t count = 0, walked = 0, it = 0;
    for (uint16_t k = 0; k < KEYS; k++) {
        count += there[k];
        CHECK(ic_map_get(&m, ic_view(&k, sizeof k)) == (there[k] ? &values[k] : NULL));
    }
    struct ic_view key;
    void *value;
    while (ic_map_next(&m, &it, &key, &value))
        walked++;
    CHECK_EQ_INT(m.count, count);
    CHECK_EQ_INT(walked, count);
    ic_map_clear(&m);
}

static ic_err fills(void *ctx)
{
    (void)ctx;
    __attribute__((cleanup(ic_map_clear))) struct ic_map m;
    ic_map_init(&m, 100, seed);
    for (uint8_t i = 0; i < 50; i++) {
        size_t before = m.count;
        ic_err e = ic_map_put(&m, ic_view(&i, 1), &m);
        if (e != IC_OK)
            return m.count == before && !ic_map_get(&m, ic_view(&i, 1)) ? e : IC_ERR_STATE;
    }
    return IC_OK;
}

TEST(map_survives_failing_allocations)
{
    CHECK(ic_test_each_alloc_fails(fills, NULL) > 50);
}
