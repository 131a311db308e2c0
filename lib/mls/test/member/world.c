#include "world.h"

#include <ic/mlspub/framing.h>
#include <stdio.h>
#include <string.h>

static ic_err person_init(struct world *w, size_t i)
{
    struct person *p = &w->people[i];
    snprintf(p->name, sizeof p->name, "member-%zu", i);
    IC_TRY(ic_sign_key_generate(w->suite->sig, &w->config.rand, &p->signer));
    p->id = (struct ic_mls_identity){.suite = w->suite,
                                     .signer = p->signer,
                                     .credential = {IC_MLS_BASIC, ic_view_cstr(p->name)},
                                     .lifetime = {world_now - 3600, world_now + 86400}};
    return IC_OK;
}

ic_err world_init(struct world *w, const struct ic_suite *s, uint64_t seed)
{
    *w = (struct world){.suite = s, .now_s = world_now, .fault = IC_MLSPUB_FAULT_NONE};
    w->config.rand = ic_test_rand(&w->rand_state, seed);
    w->config.clock = ic_test_clock(&w->now_s);
    w->config.fault = &w->fault;
    for (size_t i = 0; i < WORLD_MEMBERS; i++)
        IC_TRY(person_init(w, i));
    return IC_OK;
}

void world_clear(struct world *w)
{
    ic_mlspub_observer_free(w->observer);
    for (size_t i = 0; i < WORLD_MEMBERS; i++) {
        ic_mls_group_free(w->people[i].g);
        ic_sign_key_free(w->people[i].signer);
    }
}

ic_err world_create_with(struct world *w, struct ic_view extensions)
{
    return ic_mls_group_create(&w->config, &w->people[0].id, IC_VIEW_STR("the group"), extensions,
                               &w->people[0].g);
}

ic_err world_create(struct world *w)
{
    return world_create_with(w, ic_view(NULL, 0));
}

static const struct person *first_member(const struct world *w)
{
    for (size_t i = 0; i < WORLD_MEMBERS; i++)
        if (w->people[i].g)
            return &w->people[i];
    return NULL;
}

ic_err world_watch(struct world *w)
{
    IC_BUF_SCOPE(info, 16u << 20);
    IC_TRY(ic_mls_group_info(first_member(w)->g, true, &info));
    const struct ic_mlspub_rules like = {.customs = w->config.customs,
                                         .custom_count = w->config.custom_count,
                                         .self_remove = w->config.drafts.self_remove};
    return ic_mlspub_observer_open_like(&like, ic_buf_view(&info), ic_view(NULL, 0), world_now,
                                        NULL, &w->observer);
}

static ic_err observe(struct world *w, struct ic_view message)
{
    struct ic_mlspub_change *c;
    if (!w->observer)
        return IC_OK;
    IC_TRY(ic_mlspub_observer_stage(w->observer, message, world_now, &c));
    ic_mlspub_observer_merge(w->observer, c);
    return IC_OK;
}

static bool observer_agrees(const struct world *w, const struct ic_mls_group *g)
{
    IC_BUF_SCOPE(seen, 65536);
    IC_BUF_SCOPE(held, 65536);
    if (!w->observer)
        return true;
    return ic_mlspub_group_context_encode(ic_mlspub_observer_context(w->observer), &seen) ==
               IC_OK &&
           ic_mlspub_group_context_encode(ic_mls_context(g), &held) == IC_OK &&
           ic_view_equal(ic_buf_view(&seen), ic_buf_view(&held));
}

static ic_err take_commit(struct person *p, struct ic_view commit)
{
    struct ic_mls_received r;
    IC_TRY(ic_mls_process(p->g, commit, &r));
    struct ic_mls_staged *s = r.staged;
    r.staged = NULL;
    ic_mls_received_clear(&r);
    if (!s)
        return IC_ERR_STATE;
    ic_err e = ic_mls_merge(p->g, s);
    if (e == IC_ERR_REMOVED) {
        ic_mls_group_free(p->g);
        p->g = NULL;
        return IC_OK;
    }
    return e;
}

ic_err world_take(struct world *w, size_t by, struct ic_view commit)
{
    IC_TRY(observe(w, commit));
    for (size_t i = 0; i < WORLD_MEMBERS; i++)
        if (i != by && w->people[i].g)
            IC_TRY(take_commit(&w->people[i], commit));
    return IC_OK;
}

static ic_err join_all(struct world *w, size_t by, struct ic_view welcome, const size_t *joiners,
                       struct ic_mls_key_package *const *packages, size_t count)
{
    IC_BUF_SCOPE(tree, 16u << 20);
    if (w->without_tree)
        IC_TRY(ic_mls_tree(w->people[by].g, &tree));
    for (size_t i = 0; i < count; i++)
        IC_TRY(ic_mls_group_join(&w->config, &w->people[joiners[i]].id, packages[i], welcome,
                                 ic_buf_view(&tree), &w->people[joiners[i]].g));
    return IC_OK;
}

ic_err world_commit(struct world *w, size_t by, struct ic_mls_commit_params *p,
                    const size_t *joiners, struct ic_mls_key_package *const *packages, size_t count)
{
    struct ic_mls_staged *s;
    IC_BUF_SCOPE(commit, 16u << 20);
    IC_BUF_SCOPE(welcome, 16u << 20);
    p->welcome_without_tree = w->without_tree;
    IC_TRY(ic_mls_commit_create(w->people[by].g, p, &s));
    ic_err e = ic_buf_append(&commit, ic_mls_staged_commit(s));
    if (e == IC_OK)
        e = ic_buf_append(&welcome, ic_mls_staged_welcome(s));
    if (e == IC_OK)
        e = world_take(w, by, ic_buf_view(&commit));
    if (e != IC_OK) {
        ic_mls_discard(s);
        return e;
    }
    IC_TRY(ic_mls_merge(w->people[by].g, s));
    return join_all(w, by, ic_buf_view(&welcome), joiners, packages, count);
}

static ic_err add_with(struct world *w, size_t by, const size_t *who,
                       struct ic_mls_key_package **packages, size_t count)
{
    struct ic_view adds[WORLD_MEMBERS];
    for (size_t i = 0; i < count; i++) {
        IC_TRY(ic_mls_key_package_new(&w->config, &w->people[who[i]].id, ic_view(NULL, 0),
                                      &packages[i]));
        adds[i] = ic_mls_key_package_message(packages[i]);
    }
    struct ic_mls_commit_params p = {.adds = adds, .add_count = count};
    return world_commit(w, by, &p, who, packages, count);
}

ic_err world_add(struct world *w, size_t by, const size_t *who, size_t count)
{
    struct ic_mls_key_package *packages[WORLD_MEMBERS] = {0};
    ic_err e = add_with(w, by, who, packages, count);
    for (size_t i = 0; i < count; i++)
        ic_mls_key_package_free(packages[i]);
    return e;
}

ic_err world_remove(struct world *w, size_t by, size_t who)
{
    uint32_t leaf = ic_mls_own_leaf(w->people[who].g);
    struct ic_mls_commit_params p = {.removes = &leaf, .remove_count = 1};
    return world_commit(w, by, &p, NULL, NULL, 0);
}

ic_err world_update(struct world *w, size_t by)
{
    struct ic_mls_commit_params p = {.force_path = true};
    return world_commit(w, by, &p, NULL, NULL, 0);
}

ic_err world_propose(struct world *w, size_t by, const struct ic_buf *message)
{
    IC_TRY(observe(w, ic_buf_view(message)));
    for (size_t i = 0; i < WORLD_MEMBERS; i++) {
        if (i == by || !w->people[i].g)
            continue;
        struct ic_mls_received r;
        IC_TRY(ic_mls_process(w->people[i].g, ic_buf_view(message), &r));
        bool pending = r.kind == IC_MLS_RECEIVED_PROPOSAL;
        ic_mls_received_clear(&r);
        if (!pending)
            return IC_ERR_STATE;
    }
    return IC_OK;
}

ic_err world_join_external(struct world *w, size_t who, size_t from, uint32_t remove)
{
    struct ic_mls_group *g;
    IC_BUF_SCOPE(info, 16u << 20);
    IC_BUF_SCOPE(commit, 16u << 20);
    IC_TRY(ic_mls_group_info(w->people[from].g, true, &info));
    const struct ic_mls_external_join j = {.group_info = ic_buf_view(&info),
                                           .self_removes = w->self_removes,
                                           .self_remove_count = w->self_remove_count,
                                           .replaces =
                                               remove == IC_MLSPUB_NO_LEAF ? NULL : &remove};
    IC_TRY(ic_mls_group_join_external(&w->config, &w->people[who].id, &j, &g, &commit, NULL));
    ic_err e = world_take(w, who, ic_buf_view(&commit));
    ic_mls_group_free(w->people[who].g);
    w->people[who].g = g;
    return e;
}

ic_err world_snapshot(const struct ic_mls_group *g, struct ic_buf *out)
{
    uint8_t exported[32];
    uint8_t pending[4];
    IC_TRY(ic_mlspub_group_context_encode(ic_mls_context(g), out));
    IC_TRY(ic_mls_tree(g, out));
    IC_TRY(ic_buf_append(out, ic_mls_epoch_authenticator(g)));
    IC_TRY(ic_mls_export(g, "test", IC_VIEW_STR("x"), exported, sizeof exported));
    IC_TRY(ic_buf_append(out, IC_VIEW_ARRAY(exported)));
    ic_store_u32(pending, (uint32_t)ic_mls_pending_count(g));
    return ic_buf_append(out, IC_VIEW_ARRAY(pending));
}

bool world_agrees(const struct world *w)
{
    const struct person *first = first_member(w);
    IC_BUF_SCOPE(want, 16u << 20);
    if (!first || world_snapshot(first->g, &want) != IC_OK)
        return false;
    for (size_t i = 0; i < WORLD_MEMBERS; i++) {
        IC_BUF_SCOPE(got, 16u << 20);
        if (!w->people[i].g)
            continue;
        if (world_snapshot(w->people[i].g, &got) != IC_OK ||
            !ic_view_equal(ic_buf_view(&got), ic_buf_view(&want)))
            return false;
        struct ic_mlspub_leaf_node leaf;
        if (ic_mls_leaf(w->people[i].g, ic_mls_own_leaf(w->people[i].g), &leaf) != IC_OK ||
            !ic_view_equal(leaf.signature_key, ic_sign_key_public(w->people[i].signer)))
            return false;
    }
    return ic_mls_member_count(first->g) == world_count(w) && observer_agrees(w, first->g);
}

size_t world_count(const struct world *w)
{
    size_t n = 0;
    for (size_t i = 0; i < WORLD_MEMBERS; i++)
        n += w->people[i].g != NULL;
    return n;
}

ic_err world_say(struct world *w, size_t by, const char *text, struct ic_buf *out)
{
    return ic_mls_protect(w->people[by].g, ic_view_cstr(text), IC_VIEW_STR("aad"), out);
}

ic_err world_read(struct person *reader, struct ic_view message, struct ic_view want)
{
    struct ic_mls_received r;
    IC_TRY(ic_mls_process(reader->g, message, &r));
    bool same = r.kind == IC_MLS_RECEIVED_APPLICATION &&
                ic_view_equal(ic_buf_view(&r.application), want) &&
                ic_view_equal(ic_buf_view(&r.authenticated_data), IC_VIEW_STR("aad"));
    ic_mls_received_clear(&r);
    return same ? IC_OK : IC_ERR_STATE;
}

ic_err world_talk(struct world *w, size_t by)
{
    IC_BUF_SCOPE(message, 65536);
    IC_TRY(world_say(w, by, "good morning", &message));
    for (size_t i = 0; i < WORLD_MEMBERS; i++)
        if (i != by && w->people[i].g)
            IC_TRY(world_read(&w->people[i], ic_buf_view(&message), IC_VIEW_STR("good morning")));
    return IC_OK;
}
