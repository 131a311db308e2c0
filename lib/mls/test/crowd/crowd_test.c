/* Properties over random sequences of operations, in groups of 40 to 1000 members who all hold their own state. */
#include "crowd.h"

#include <stdio.h>

static ic_err step(struct crowd *c)
{
    size_t by = crowd_member(c, SIZE_MAX), other = crowd_member(c, by), out = crowd_outsider(c);
    uint64_t n = 1 + ic_test_rand_u64(&c->dice) % 5;
    c->config.private_handshakes = false;
    switch (ic_test_rand_u64(&c->dice) % 9) {
    case 0:
        return out == SIZE_MAX ? IC_OK : crowd_add(c, by, n);
    case 1:
        return crowd_members(c) < 10 ? IC_OK : crowd_remove(c, by, n);
    case 2:
    case 3:
        return crowd_commit(c, by, &(struct ic_mls_commit_params){.force_path = true});
    case 4:
        return crowd_propose(c, by);
    case 5:
        return crowd_discard(c, by);
    case 6:
        return out == SIZE_MAX ? IC_OK : crowd_join_external(c, out, by);
    case 7:
        return other == SIZE_MAX ? IC_OK : crowd_join_external(c, other, by);
    default:
        return crowd_talk(c, by);
    }
}

/* Fills the crowd to its size less a few, in two commits, and takes so many random steps. */
static void live(const struct ic_suite *s, size_t size, size_t steps, uint64_t seed)
{
    struct crowd c;
    CHECK_OK(crowd_open(&c, s, size, seed));
    CHECK_OK(crowd_add(&c, 0, size / 2));
    CHECK_OK(crowd_add(&c, crowd_member(&c, 0), size - size / 2 - 1 - size / 20));
    CHECK(crowd_agrees(&c));
    for (size_t i = 0; i < steps; i++) {
        ic_err e = step(&c);
        if (e == IC_OK && crowd_agrees(&c))
            continue;
        ic_test_fail(__FILE__, __LINE__, "seed %llu step %zu: %s", (unsigned long long)seed, i,
                     ic_err_name(e));
        break;
    }
    CHECK(ic_test_failed() || c.refused > steps);
    crowd_close(&c);
}

TEST(a_crowd_of_40_in_every_suite)
{
    for (uint16_t id = 1; id <= 7 && !ic_test_failed(); id++)
        if (ic_suite_find(id))
            live(ic_suite_find(id), 40, 60, id);
}

TEST(a_crowd_of_200)
{
    live(ic_suite_find(1), 200, 150, 100);
}

TEST(a_crowd_of_1000)
{
    live(ic_suite_find(1), 1000, 80, 200);
}
