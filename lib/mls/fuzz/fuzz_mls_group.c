/* A live group under a script: four bytes are one step, any bytes are a script. People propose, commit, decide
 * upon commits of others late or never, join, resync, talk; the mail brings any message to anybody, at any time,
 * whole or spoilt; an insider signs and protects a proposal or commit that is wrong in one place. town.c says
 * what must hold after each step. */
#include "town.h"

#include "../src/member/state.h"

#include <ic/base/mem.h>
#include <ic/mls/store.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS_MAX = 64 };

struct step {
    uint8_t what, who, a, b;
};

static struct town_person *person(struct town *t, uint8_t i)
{
    return &t->people[i % TOWN_PEOPLE];
}

static struct ic_view nothing(void)
{
    return ic_view(NULL, 0);
}

/* A fresh key package of somebody's; an expired one where the script wants it. */
static struct ic_view fresh_package(struct town *t, struct town_person *p)
{
    struct ic_mls_key_package *k;
    town_assert(ic_mls_key_package_new(&t->config, &p->id, nothing(), &k) == IC_OK);
    ic_mls_key_package_free(p->package);
    p->package = k;
    return ic_mls_key_package_message(k);
}

/* ---- steps ---- */

static void propose(struct town *t, struct step s)
{
    struct town_person *p = person(t, s.who);
    IC_BUF_SCOPE(m, 1 << 20);
    ic_err e = IC_ERR_STATE;
    if (!p->g)
        return;
    uint8_t psk_name = s.b % 6;
    const struct ic_mlspub_psk_id psk = {.type = IC_MLS_PSK_EXTERNAL,
                                         .external_id = ic_view(&psk_name, 1)};
    const struct ic_mls_reinit reinit = {IC_VIEW_STR("the next town"), 1, nothing()};
    switch (s.a % 6) {
    case 0:
        e = ic_mls_propose_add(p->g, fresh_package(t, person(t, s.b)), nothing(), &m);
        break;
    case 1:
        e = ic_mls_propose_remove(p->g, s.b % 10, nothing(), &m);
        break;
    case 2:
        e = ic_mls_propose_update(p->g, NULL, nothing(), &m);
        break;
    case 3:
        e = ic_mls_propose_psk(p->g, &psk, nothing(), &m);
        break;
    case 4:
        e = ic_mls_propose_extensions(p->g, nothing(), nothing(), &m);
        break;
    default:
        e = ic_mls_propose_reinit(p->g, &reinit, nothing(), &m);
    }
    if (e == IC_OK)
        town_post(t, TOWN_HANDSHAKE, ic_buf_view(&m), 0, TOWN_WHOLE);
}

static void commit(struct town *t, struct step s)
{
    struct town_person *p = person(t, s.who);
    struct ic_view add;
    uint32_t gone = s.b % 10;
    uint8_t psk_name = s.b % 6;
    const struct ic_mlspub_psk_id psk = {.type = IC_MLS_PSK_EXTERNAL,
                                         .external_id = ic_view(&psk_name, 1)};
    if (!p->g)
        return;
    struct ic_mls_commit_params c = {.force_path = s.a & 1,
                                     .skip_pending = s.a & 2,
                                     .want_group_info = s.a & 4,
                                     .welcome_without_tree = s.a & 8};
    if (s.a & 16) {
        add = fresh_package(t, person(t, s.b));
        c.adds = &add;
        c.add_count = 1;
    }
    if (s.a & 32) {
        c.removes = &gone;
        c.remove_count = 1;
    }
    if (s.a & 64) {
        c.psks = &psk;
        c.psk_count = 1;
    }
    p->g->config.private_handshakes = s.a & 128;
    struct ic_mls_staged *staged;
    if (ic_mls_commit_create(p->g, &c, &staged) != IC_OK)
        return;
    ic_mls_discard(p->own);
    p->own = staged;
    town_post(t, TOWN_HANDSHAKE, ic_mls_staged_commit(staged), 0, TOWN_WHOLE);
    town_post(t, TOWN_WELCOME, ic_mls_staged_welcome(staged), 0, TOWN_WHOLE);
}

/* Merges or drops what waits: our own commit, or somebody else's. */
static void decide(struct town *t, struct step s)
{
    struct town_person *p = person(t, s.who);
    struct ic_mls_staged **which = s.a & 1 ? &p->own : &p->other;
    (void)t;
    if (!p->g || !*which)
        return;
    struct ic_mls_staged *staged = *which;
    *which = NULL;
    if (s.a & 2) {
        IC_BUF_SCOPE(before, 1 << 20);
        IC_BUF_SCOPE(after, 1 << 20);
        town_snapshot(p->g, &before);
        ic_mls_discard(staged);
        town_snapshot(p->g, &after);
        town_assert(ic_view_equal(ic_buf_view(&before), ic_buf_view(&after)));
        return;
    }
    uint64_t epoch = ic_mls_context(p->g)->epoch;
    ic_err e = ic_mls_merge(p->g, staged);
    town_assert(e == IC_OK || e == IC_ERR_EPOCH || e == IC_ERR_REMOVED);
    town_assert(ic_mls_context(p->g)->epoch == epoch + (e == IC_OK));
    if (e == IC_ERR_REMOVED)
        town_leave(p);
}

static void say(struct town *t, struct step s)
{
    struct town_person *p = person(t, s.who);
    IC_BUF_SCOPE(m, 4096);
    if (p->g && ic_mls_protect(p->g, ic_view(&s.a, 1), nothing(), &m) == IC_OK)
        town_post(t, TOWN_TEXT, ic_buf_view(&m), s.a, TOWN_WHOLE);
}

static void deliver(struct town *t, struct step s)
{
    struct town_letter *m = town_letter(t, s.a);
    if (m)
        town_deliver(t, person(t, s.who), m);
}

/* To all at once, as a good delivery service would, and everybody decides for it. */
static void deliver_to_all(struct town *t, struct step s)
{
    struct town_letter *m = town_letter(t, s.a);
    for (uint8_t i = 0; m && i < TOWN_PEOPLE; i++) {
        struct town_person *p = &t->people[i];
        town_deliver(t, p, m);
        bool ours = p->own && ic_view_equal(ic_mls_staged_commit(p->own), ic_buf_view(&m->bytes));
        decide(t, (struct step){.who = i, .a = ours});
    }
}

static void spoil(struct town *t, struct step s)
{
    struct town_letter *m = town_letter(t, s.who);
    IC_BUF_SCOPE(copy, 1 << 20);
    /* Once only: the same bit twice would make it whole again. */
    if (!m || m->state == TOWN_SPOILT || ic_buf_append(&copy, ic_buf_view(&m->bytes)) != IC_OK)
        return;
    size_t at = ((size_t)s.a << 8 | s.b) % copy.len;
    copy.p[at] ^= (uint8_t)(1u << (s.b & 7));
    town_post(t, m->kind, ic_buf_view(&copy), m->said, TOWN_SPOILT);
}

static void join(struct town *t, struct step s)
{
    struct town_person *p = person(t, s.who);
    struct town_letter *m = town_letter(t, s.a);
    IC_BUF_SCOPE(tree, 1 << 20);
    struct ic_mls_group *g;
    if (p->g || !p->package || !m || m->kind != TOWN_WELCOME)
        return;
    struct town_person *with = person(t, s.b); /* who lends a tree: perhaps another epoch's */
    if (s.b & 128 && with->g)
        town_assert(ic_mls_tree(with->g, &tree) == IC_OK);
    if (ic_mls_group_join(&t->config, &p->id, p->package, ic_buf_view(&m->bytes),
                          ic_buf_view(&tree), &g) == IC_OK)
        p->g = g;
}

static void join_external(struct town *t, struct step s)
{
    struct town_person *p = person(t, s.who), *from = person(t, s.a);
    struct ic_mls_group *g;
    IC_BUF_SCOPE(info, 1 << 20);
    IC_BUF_SCOPE(message, 1 << 20);
    if (p == from || !from->g || ic_mls_group_info(from->g, true, &info) != IC_OK)
        return;
    if (s.b & 128) /* a lie of the delivery service */
        info.p[s.b % info.len] ^= 1;
    uint32_t own = p->g ? ic_mls_own_leaf(p->g) : 0;
    const struct ic_mls_external_join how = {.group_info = ic_buf_view(&info),
                                             .replaces = p->g ? &own : NULL};
    if (ic_mls_group_join_external(&t->config, &p->id, &how, &g, &message, NULL) != IC_OK)
        return;
    town_leave(p);
    p->g = g;
    town_post(t, TOWN_HANDSHAKE, ic_buf_view(&message), 0, TOWN_WHOLE);
}

static void forget(struct town *t, struct step s)
{
    struct town_person *p = person(t, s.who);
    if (p->g)
        ic_mls_clear_pending(p->g);
}

static void pass_time(struct town *t, struct step s)
{
    t->now_s += (uint64_t)s.a * 600;
}

/* A restart: what was saved is what was there. What is staged does not outlive its group. */
static void restart(struct town *t, struct step s)
{
    struct town_person *p = person(t, s.who);
    struct ic_mls_group *g;
    IC_BUF_SCOPE(before, 1 << 20);
    IC_BUF_SCOPE(saved, 1 << 20);
    IC_BUF_SCOPE(after, 1 << 20);
    if (!p->g)
        return;
    town_snapshot(p->g, &before);
    town_assert(ic_mls_state_encode(p->g, &saved) == IC_OK);
    const struct ic_sign_key *signer = p->signer;
    town_assert(ic_mls_state_decode(&t->config, &signer, 1, ic_buf_view(&saved), &g) == IC_OK);
    town_leave(p);
    p->g = g;
    town_snapshot(p->g, &after);
    town_assert(ic_view_equal(ic_buf_view(&before), ic_buf_view(&after)));
}

/* ---- the insider: what it says is well signed, and tagged as a member does, but for the confirmation ---- */

/* One field of a path, set wrong. nodes: the path's own, to be written upon. */
static void distort_path(struct ic_mlspub_commit *c, struct ic_mlspub_path_node *nodes, uint8_t how)
{
    size_t n = c->path.node_count;
    switch (how % 5) {
    case 0:
        c->has_path = !c->has_path;
        break;
    case 1:
        c->path.node_count = n > 0 ? n - 1 : 0;
        break;
    case 2:
        if (n > 0 && nodes[0].secret_count > 0)
            nodes[0].secret_count--;
        break;
    case 3:
        if (n > 1)
            nodes[0].encryption_key = nodes[1].encryption_key;
        break;
    default:
        if (n > 1)
            nodes[0].secrets = nodes[n - 1].secrets,
            nodes[0].secret_count = nodes[n - 1].secret_count;
    }
}

/* One field of the list of proposals. */
static void distort_list(struct ic_mlspub_commit *c, struct ic_mlspub_proposal_or_ref *list,
                         struct step s)
{
    size_t n = c->proposal_count;
    struct ic_mlspub_proposal_or_ref *x = n > 0 ? &list[s.b % n] : NULL;
    if (!x)
        return;
    switch (s.a / 8 % 4) {
    case 0:
        c->proposal_count--;
        break;
    case 1:
        list[0] = list[n - 1];
        break;
    case 2:
        if (!x->is_ref && x->proposal.type == IC_MLS_REMOVE)
            x->proposal.remove = s.b;
        break;
    default:
        *x = (struct ic_mlspub_proposal_or_ref){
            .proposal = {.type = IC_MLS_REMOVE, .remove = s.b % 10}};
    }
}

static ic_err distorted_body(const struct ic_mlspub_content *c, struct step s, struct ic_arena *a,
                             struct ic_buf *out)
{
    struct ic_mlspub_commit commit = c->commit;
    size_t n = commit.path.node_count, m = commit.proposal_count;
    struct ic_mlspub_path_node *nodes = ic_arena_alloc(a, n + 1, sizeof *nodes);
    struct ic_mlspub_proposal_or_ref *list = ic_arena_alloc(a, m + 1, sizeof *list);
    if (!nodes || !list)
        return IC_ERR_NOMEM;
    if (commit.has_path && n > 0)
        memcpy(nodes, commit.path.nodes, n * sizeof *nodes);
    if (m > 0)
        memcpy(list, commit.proposals, m * sizeof *list);
    commit.path.nodes = nodes;
    commit.proposals = list;
    if (s.a & 128)
        distort_list(&commit, list, s);
    else if (commit.has_path)
        distort_path(&commit, nodes, s.a);
    struct ic_writer w = ic_writer(out);
    ic_mlspub_commit_write(&w, &commit);
    return ic_writer_end(&w);
}

static void insider(struct town *t, struct step s)
{
    static const uint8_t tag[IC_HASH_MAX];
    struct town_letter *m = town_letter(t, s.who);
    struct ic_mlspub_message decoded;
    struct ic_mlspub_authenticated_content a;
    uint8_t signature[IC_SIG_MAX];
    IC_ARENA_SCOPE(arena, 1 << 20);
    IC_BUF_SCOPE(body, 1 << 20);
    IC_BUF_SCOPE(content, 1 << 20);
    IC_BUF_SCOPE(out, 1 << 20);
    struct town_person *p = person(t, s.b);
    if (!m || !p->g ||
        ic_mlspub_message_decode(ic_buf_view(&m->bytes), &arena, &decoded) != IC_OK ||
        decoded.wire_format != IC_MLS_PUBLIC_MESSAGE ||
        decoded.public_message.auth.content.type != IC_MLS_COMMIT ||
        distorted_body(&decoded.public_message.auth.content, s, &arena, &body) != IC_OK)
        return;
    const struct ic_mlspub_sender us = {IC_MLS_SENDER_MEMBER, ic_mls_own_leaf(p->g)};
    if (ic_mls_content_make(p->g, IC_MLS_COMMIT, us, nothing(), ic_buf_view(&body), p->signer,
                            &content, signature, &a) != IC_OK)
        return;
    a.confirmation_tag = ic_view(tag, p->g->suite->hash_len);
    if (ic_mls_content_protect(p->g, &a, ic_buf_view(&body), &out) == IC_OK)
        town_post(t, TOWN_HANDSHAKE, ic_buf_view(&out), 0, TOWN_INSIDER);
}

static void (*const steps[])(struct town *, struct step) = {
    propose, commit, commit,        deliver, deliver_to_all, deliver_to_all, decide,  say,
    spoil,   join,   join_external, forget,  pass_time,      insider,        deliver, restart,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct town t;
    if (size < sizeof(struct step) || size > STEPS_MAX * sizeof(struct step))
        return 0;
    town_open(&t);
    for (size_t i = 0; i + sizeof(struct step) <= size; i += sizeof(struct step)) {
        struct step s;
        memcpy(&s, data + i, sizeof s);
        steps[s.what % IC_ARRAY_LEN(steps)](&t, s);
        town_check(&t);
    }
    town_close(&t);
    return 0;
}
