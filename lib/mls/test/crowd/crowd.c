#include "crowd.h"

#include <ic/base/mem.h>
#include <ic/mls/store.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_MAX = 64 << 20 };

/* ---- people ---- */

static ic_err person_init(struct crowd *c, size_t i)
{
    struct crowd_person *p = &c->people[i];
    snprintf(p->name, sizeof p->name, "person-%zu", i);
    IC_TRY(ic_sign_key_generate(c->suite->sig, &c->config.rand, &p->signer));
    p->id = (struct ic_mls_identity){.suite = c->suite,
                                     .signer = p->signer,
                                     .credential = {IC_MLS_BASIC, ic_view_cstr(p->name)},
                                     .lifetime = {c->now_s - 3600, c->now_s + 86400}};
    return IC_OK;
}

ic_err crowd_open(struct crowd *c, const struct ic_suite *s, size_t count, uint64_t seed)
{
    *c = (struct crowd){.suite = s, .now_s = 1800000000, .count = count, .dice = {seed}};
    c->config.rand = ic_test_rand(&c->rand, seed);
    c->config.clock = ic_test_clock(&c->now_s);
    c->config.data_with_pending = true;
    c->people = ic_new_array(count, struct crowd_person);
    if (!c->people)
        return IC_ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        IC_TRY(person_init(c, i));
    return ic_mls_group_create(&c->config, &c->people[0].id, IC_VIEW_STR("the crowd"),
                               ic_view(NULL, 0), &c->people[0].g);
}

void crowd_close(struct crowd *c)
{
    for (size_t i = 0; i < CROWD_GHOSTS; i++)
        ic_mls_group_free(c->ghosts[i]);
    for (size_t i = 0; i < c->count; i++) {
        ic_mls_group_free(c->people[i].g);
        ic_sign_key_free(c->people[i].signer);
    }
    ic_free(c->people);
}

size_t crowd_members(const struct crowd *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->count; i++)
        n += c->people[i].g != NULL;
    return n;
}

static size_t pick(struct crowd *c, bool member, size_t but)
{
    size_t start = ic_test_rand_u64(&c->dice) % c->count;
    for (size_t k = 0; k < c->count; k++) {
        size_t i = (start + k) % c->count;
        if (i != but && (c->people[i].g != NULL) == member)
            return i;
    }
    return SIZE_MAX;
}

size_t crowd_member(struct crowd *c, size_t but)
{
    return pick(c, true, but);
}

size_t crowd_outsider(struct crowd *c)
{
    return pick(c, false, SIZE_MAX);
}

/* ---- ghosts ---- */

static void make_ghost(struct crowd *c, struct crowd_person *p)
{
    struct ic_mls_group **place = &c->ghosts[c->next_ghost++ % CROWD_GHOSTS];
    ic_mls_group_free(*place);
    *place = p->g;
    p->g = NULL;
}

/* Not one message after its removal opens for a ghost; not even that removal gives it a new epoch. */
static ic_err haunt(struct crowd *c, struct ic_view message)
{
    for (size_t i = 0; i < CROWD_GHOSTS; i++) {
        struct ic_mls_received r;
        struct ic_mls_group *g = c->ghosts[i];
        if (!g)
            continue;
        uint64_t epoch = ic_mls_context(g)->epoch;
        if (ic_mls_process(g, message, &r) == IC_OK) {
            bool out = r.staged && ic_mls_staged_removes_us(r.staged);
            ic_mls_received_clear(&r);
            if (!out)
                return IC_ERR_DENIED;
        }
        if (ic_mls_context(g)->epoch != epoch)
            return IC_ERR_DENIED;
        c->refused++;
    }
    return IC_OK;
}

/* ---- commits ---- */

static ic_err merge_at(struct crowd *c, struct crowd_person *p, struct ic_mls_staged *s)
{
    if (ic_mls_staged_removes_us(s)) {
        ic_mls_discard(s); /* it does not do as it is told */
        make_ghost(c, p);
        return IC_OK;
    }
    return ic_mls_merge(p->g, s);
}

static ic_err all_take(struct crowd *c, size_t by, struct ic_view commit)
{
    for (size_t i = 0; i < c->count; i++) {
        struct ic_mls_received r;
        if (i == by || !c->people[i].g)
            continue;
        IC_TRY(ic_mls_process(c->people[i].g, commit, &r));
        struct ic_mls_staged *s = r.staged;
        r.staged = NULL;
        ic_mls_received_clear(&r);
        if (!s)
            return IC_ERR_STATE;
        IC_TRY(merge_at(c, &c->people[i], s));
    }
    return haunt(c, commit);
}

/* welcome and tree: for those added; may be NULL. */
static ic_err commit(struct crowd *c, size_t by, const struct ic_mls_commit_params *p,
                     struct ic_buf *welcome, struct ic_buf *tree)
{
    struct ic_mls_staged *s;
    struct ic_mls_group *g = c->people[by].g;
    IC_TRY(ic_mls_commit_create(g, p, &s));
    ic_err e = all_take(c, by, ic_mls_staged_commit(s));
    if (e == IC_OK && welcome)
        e = ic_buf_append(welcome, ic_mls_staged_welcome(s));
    if (e != IC_OK) {
        ic_mls_discard(s);
        return e;
    }
    IC_TRY(ic_mls_merge(g, s));
    return tree ? ic_mls_tree(g, tree) : IC_OK;
}

ic_err crowd_commit(struct crowd *c, size_t by, const struct ic_mls_commit_params *p)
{
    return commit(c, by, p, NULL, NULL);
}

struct joiners {
    size_t *who;
    struct ic_mls_key_package **packages;
    struct ic_view *adds;
    size_t count;
};

static void joiners_clear(struct joiners *j)
{
    for (size_t i = 0; i < j->count; i++)
        ic_mls_key_package_free(j->packages[i]);
    ic_free(j->who);
    ic_free(j->packages);
    ic_free(j->adds);
}

static ic_err invite(struct crowd *c, size_t n, struct joiners *j)
{
    j->who = ic_new_array(n, size_t);
    j->packages = ic_new_array(n, struct ic_mls_key_package *);
    j->adds = ic_new_array(n, struct ic_view);
    if (!j->who || !j->packages || !j->adds)
        return IC_ERR_NOMEM;
    for (size_t i = 0; i < c->count && j->count < n; i++) {
        if (c->people[i].g)
            continue;
        IC_TRY(ic_mls_key_package_new(&c->config, &c->people[i].id, ic_view(NULL, 0),
                                      &j->packages[j->count]));
        j->who[j->count] = i;
        j->adds[j->count] = ic_mls_key_package_message(j->packages[j->count]);
        j->count++;
    }
    return IC_OK;
}

static ic_err add(struct crowd *c, size_t by, struct joiners *j)
{
    IC_BUF_SCOPE(welcome, MESSAGE_MAX);
    IC_BUF_SCOPE(tree, MESSAGE_MAX);
    const struct ic_mls_commit_params p = {
        .adds = j->adds, .add_count = j->count, .welcome_without_tree = true};
    IC_TRY(commit(c, by, &p, &welcome, &tree));
    for (size_t i = 0; i < j->count; i++) {
        struct crowd_person *one = &c->people[j->who[i]];
        IC_TRY(ic_mls_group_join(&c->config, &one->id, j->packages[i], ic_buf_view(&welcome),
                                 ic_buf_view(&tree), &one->g));
    }
    return IC_OK;
}

ic_err crowd_add(struct crowd *c, size_t by, size_t n)
{
    struct joiners j = {0};
    ic_err e = invite(c, n, &j);
    if (e == IC_OK)
        e = add(c, by, &j);
    joiners_clear(&j);
    return e;
}

ic_err crowd_remove(struct crowd *c, size_t by, size_t n)
{
    uint32_t leaves[64];
    size_t found = 0;
    size_t start = crowd_member(c, by);
    for (size_t k = 0; start != SIZE_MAX && k < c->count && found < n && found < 64; k++) {
        size_t i = (start + k) % c->count;
        if (i != by && c->people[i].g)
            leaves[found++] = ic_mls_own_leaf(c->people[i].g);
    }
    if (found == 0)
        return IC_OK;
    return crowd_commit(c, by,
                        &(struct ic_mls_commit_params){.removes = leaves, .remove_count = found});
}

static ic_err all_hear(struct crowd *c, size_t by, struct ic_view proposal)
{
    for (size_t i = 0; i < c->count; i++) {
        struct ic_mls_received r;
        if (i == by || !c->people[i].g)
            continue;
        IC_TRY(ic_mls_process(c->people[i].g, proposal, &r));
        ic_mls_received_clear(&r);
    }
    return haunt(c, proposal);
}

ic_err crowd_propose(struct crowd *c, size_t by)
{
    IC_BUF_SCOPE(m, MESSAGE_MAX);
    struct ic_mls_group *g = c->people[by].g;
    size_t committer = crowd_member(c, by), target = crowd_member(c, committer);
    if (committer == SIZE_MAX)
        return IC_OK;
    if (ic_test_rand_u64(&c->dice) % 2 && target != by && target != SIZE_MAX)
        IC_TRY(
            ic_mls_propose_remove(g, ic_mls_own_leaf(c->people[target].g), ic_view(NULL, 0), &m));
    else
        IC_TRY(ic_mls_propose_update(g, NULL, ic_view(NULL, 0), &m));
    IC_TRY(all_hear(c, by, ic_buf_view(&m)));
    return crowd_commit(c, committer, &(struct ic_mls_commit_params){0});
}

ic_err crowd_join_external(struct crowd *c, size_t who, size_t from)
{
    struct crowd_person *p = &c->people[who];
    struct ic_mls_group *g;
    IC_BUF_SCOPE(info, MESSAGE_MAX);
    IC_BUF_SCOPE(message, MESSAGE_MAX);
    uint32_t own = p->g ? ic_mls_own_leaf(p->g) : 0;
    IC_TRY(ic_mls_group_info(c->people[from].g, true, &info));
    const struct ic_mls_external_join how = {.group_info = ic_buf_view(&info),
                                             .replaces = p->g ? &own : NULL};
    IC_TRY(ic_mls_group_join_external(&c->config, &p->id, &how, &g, &message, NULL));
    ic_mls_group_free(p->g);
    p->g = g;
    return all_take(c, who, ic_buf_view(&message));
}

/* ---- talk ---- */

ic_err crowd_talk(struct crowd *c, size_t by)
{
    IC_BUF_SCOPE(m, 65536);
    const struct ic_view text = IC_VIEW_STR("good morning, all");
    IC_TRY(ic_mls_protect(c->people[by].g, text, ic_view(NULL, 0), &m));
    for (size_t i = 0; i < c->count; i++) {
        struct ic_mls_received r;
        if (i == by || !c->people[i].g)
            continue;
        IC_TRY(ic_mls_process(c->people[i].g, ic_buf_view(&m), &r));
        bool same = ic_view_equal(ic_buf_view(&r.application), text);
        ic_mls_received_clear(&r);
        if (!same)
            return IC_ERR_STATE;
    }
    return haunt(c, ic_buf_view(&m));
}

/* ---- comparing ---- */

static ic_err stage_and_discard(struct crowd *c, size_t by, struct ic_mls_group *other)
{
    struct ic_mls_staged *s;
    struct ic_mls_received r;
    IC_TRY(ic_mls_commit_create(c->people[by].g, &(struct ic_mls_commit_params){.force_path = true},
                                &s));
    ic_err e = ic_mls_process(other, ic_mls_staged_commit(s), &r);
    ic_mls_discard(s);
    IC_TRY(e);
    ic_mls_received_clear(&r); /* which discards */
    return IC_OK;
}

ic_err crowd_discard(struct crowd *c, size_t by)
{
    IC_BUF_SCOPE(own_before, MESSAGE_MAX);
    IC_BUF_SCOPE(own_after, MESSAGE_MAX);
    IC_BUF_SCOPE(before, MESSAGE_MAX);
    IC_BUF_SCOPE(after, MESSAGE_MAX);
    size_t other = crowd_member(c, by);
    if (other == SIZE_MAX)
        return IC_OK;
    IC_TRY(ic_mls_state_encode(c->people[by].g, &own_before));
    IC_TRY(ic_mls_state_encode(c->people[other].g, &before));
    IC_TRY(stage_and_discard(c, by, c->people[other].g));
    IC_TRY(ic_mls_state_encode(c->people[by].g, &own_after));
    IC_TRY(ic_mls_state_encode(c->people[other].g, &after));
    return ic_view_equal(ic_buf_view(&own_before), ic_buf_view(&own_after)) &&
                   ic_view_equal(ic_buf_view(&before), ic_buf_view(&after))
               ? IC_OK
               : IC_ERR_STATE;
}

/* The tree hash stands for the tree: each member computes it from its own. */
static bool stands_as(const struct crowd_person *p, const struct ic_mls_group *want)
{
    const struct ic_mlspub_group_context *a = ic_mls_context(p->g), *b = ic_mls_context(want);
    struct ic_mlspub_leaf_node leaf;
    return a->epoch == b->epoch && ic_view_equal(a->tree_hash, b->tree_hash) &&
           ic_view_equal(a->confirmed_transcript_hash, b->confirmed_transcript_hash) &&
           ic_view_equal(ic_mls_epoch_authenticator(p->g), ic_mls_epoch_authenticator(want)) &&
           ic_mls_member_count(p->g) == ic_mls_member_count(want) &&
           ic_mls_leaf(p->g, ic_mls_own_leaf(p->g), &leaf) == IC_OK &&
           ic_view_equal(leaf.signature_key, ic_sign_key_public(p->signer));
}

bool crowd_agrees(const struct crowd *c)
{
    const struct ic_mls_group *first = NULL;
    for (size_t i = 0; i < c->count; i++) {
        if (!c->people[i].g)
            continue;
        first = first ? first : c->people[i].g;
        if (!stands_as(&c->people[i], first))
            return false;
    }
    return first && ic_mls_member_count(first) == crowd_members(c);
}
