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

static ic_err propose_and_commit(struct world *w, struct ic_test_rand *r)
{
    size_t by = world_pick(r, w, true), other = world_pick(r, w, true),
           committer = world_pick(r, w, true);
    struct ic_mls_commit_params p = {0};
    IC_BUF_SCOPE(m, 65536);
    if (ic_test_rand_u64(r) % 2 && by != other && other != committer && world_count(w) > 2)
        IC_TRY(ic_mls_propose_remove(w->people[by].g, ic_mls_own_leaf(w->people[other].g),
                                     ic_view(NULL, 0), &m));
    else
        IC_TRY(ic_mls_propose_update(w->people[by].g, NULL, ic_view(NULL, 0), &m));
    IC_TRY(world_propose(w, by, &m));
    return world_commit(w, committer, &p, NULL, NULL, 0);
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
    switch (ic_test_rand_u64(r) % 8) {
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
    default:
        return world_talk(w, a);
    }
}
