#include "steps.h"

enum { PEOPLE = 10 };

size_t world_pick(struct ic_test_rand *r, const struct world *w, bool member)
{
    size_t found[WORLD_MEMBERS], n = 0;
    for (size_t i = 0; i < PEOPLE; i++)
        if ((w->people[i].g != NULL) == member)
            found[n++] = i;
    return n > 0 ? found[ic_test_rand_u64(r) % n] : WORLD_MEMBERS;
}

static const struct ic_mlspub_custom_proposal custom = {.type = 0xf00f, .without_path = true};
static const struct ic_mlspub_psk_id psk = {.type = IC_MLS_PSK_EXTERNAL};
static const struct ic_view none;

static ic_err one_psk(void *ctx, struct ic_view id, struct ic_buf *out)
{
    (void)ctx;
    (void)id;
    return ic_buf_append(out, IC_VIEW_STR("of all"));
}

void world_steps_config(struct world *w, bool grease)
{
    w->config.customs = &custom;
    w->config.custom_count = 1;
    w->config.drafts.self_remove = true;
    w->config.find_psk = one_psk;
    w->config.grease = grease;
}

static ic_err propose_something(struct world *w, struct ic_test_rand *r, size_t by, size_t other,
                                struct ic_buf *out)
{
    struct ic_mls_group *g = w->people[by].g;
    switch (ic_test_rand_u64(r) % 4) {
    case 0:
        return by == other
                   ? ic_mls_propose_update(g, NULL, none, out)
                   : ic_mls_propose_remove(g, ic_mls_own_leaf(w->people[other].g), none, out);
    case 1:
        return ic_mls_propose_psk(g, &psk, none, out);
    case 2:
        return ic_mls_propose_custom(g, custom.type, IC_VIEW_STR("anything"), none, out);
    default:
        return ic_mls_propose_update(g, NULL, none, out);
    }
}

/* Some proposals by anybody, also about the committer and each other, and a commit of what may stand. */
static ic_err propose_and_commit(struct world *w, struct ic_test_rand *r)
{
    size_t committer = world_pick(r, w, true);
    struct ic_mls_commit_params p = {0};
    for (size_t n = 1 + ic_test_rand_u64(r) % 3; n > 0; n--) {
        IC_BUF_SCOPE(m, 65536);
        size_t by = world_pick(r, w, true);
        ic_err e = propose_something(w, r, by, world_pick(r, w, true), &m);
        if (e == IC_ERR_EXISTS)
            continue; /* the same once more */
        IC_TRY(e);
        IC_TRY(world_propose(w, by, &m));
    }
    return world_commit(w, committer, &p, NULL, NULL, 0);
}

ic_err world_leave(struct world *w, size_t who, size_t by, size_t in)
{
    IC_BUF_SCOPE(m, 65536);
    struct ic_mls_commit_params p = {0};
    IC_TRY(ic_mls_propose_self_remove(w->people[who].g, none, &m));
    IC_TRY(world_propose(w, who, &m));
    if (in == WORLD_MEMBERS)
        return world_commit(w, by, &p, NULL, NULL, 0);
    const struct ic_view leaving = ic_buf_view(&m);
    w->self_removes = &leaving;
    w->self_remove_count = 1;
    ic_err e = world_join_external(w, in, by, IC_MLSPUB_NO_LEAF);
    w->self_remove_count = 0;
    return e;
}

static ic_err leave(struct world *w, struct ic_test_rand *r)
{
    size_t who = world_pick(r, w, true), by = world_pick(r, w, true), in = world_pick(r, w, false);
    if (who == by || world_count(w) < 3)
        return IC_OK;
    return world_leave(w, who, by, ic_test_rand_u64(r) % 2 ? in : (size_t)WORLD_MEMBERS);
}

ic_err world_propose_each(struct world *w, size_t by, size_t other)
{
    struct ic_mls_commit_params p = {.psks = &psk, .psk_count = 1};
    IC_BUF_SCOPE(a, 65536);
    IC_BUF_SCOPE(b, 65536);
    IC_TRY(ic_mls_propose_psk(w->people[other].g, &psk, none, &a));
    IC_TRY(world_propose(w, other, &a));
    IC_TRY(ic_mls_propose_custom(w->people[other].g, custom.type, none, none, &b));
    IC_TRY(world_propose(w, other, &b));
    return world_commit(w, by, &p, NULL, NULL, 0);
}

static ic_err discard_one(struct world *w, struct ic_test_rand *r)
{
    IC_BUF_SCOPE(before, 1 << 20);
    IC_BUF_SCOPE(after, 1 << 20);
    struct ic_mls_group *g = w->people[world_pick(r, w, true)].g;
    struct ic_mls_staged *s;
    struct ic_mls_commit_params p = {.force_path = true};
    IC_TRY(world_snapshot(g, &before));
    IC_TRY(ic_mls_commit_create(g, &p, &s));
    ic_mls_discard(s);
    IC_TRY(world_snapshot(g, &after));
    return ic_view_equal(ic_buf_view(&before), ic_buf_view(&after)) ? IC_OK : IC_ERR_STATE;
}

static ic_err resync(struct world *w, struct ic_test_rand *r)
{
    size_t who = world_pick(r, w, true), from = world_pick(r, w, true);
    if (world_count(w) < 2 || who == from)
        return IC_OK;
    uint32_t leaf = ic_mls_own_leaf(w->people[who].g);
    ic_mls_group_free(w->people[who].g);
    w->people[who].g = NULL;
    return world_join_external(w, who, from, leaf);
}

ic_err world_step(struct world *w, struct ic_test_rand *r)
{
    size_t a = world_pick(r, w, true), b = world_pick(r, w, true), out = world_pick(r, w, false);
    w->without_tree = ic_test_rand_u64(r) % 2;
    switch (ic_test_rand_u64(r) % 9) {
    case 0:
    case 1:
        return out == WORLD_MEMBERS ? IC_OK : world_add(w, a, &out, 1);
    case 2:
        return a == b || world_count(w) < 3 ? IC_OK : world_remove(w, a, b);
    case 3:
        return world_update(w, a);
    case 4:
        return propose_and_commit(w, r);
    case 5:
        return discard_one(w, r);
    case 6:
        return out == WORLD_MEMBERS ? resync(w, r)
                                    : world_join_external(w, out, a, IC_MLSPUB_NO_LEAF);
    case 7:
        return leave(w, r);
    default:
        return world_talk(w, a);
    }
}
