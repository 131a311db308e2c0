#include "town.h"

#include <ic/mlspub/framing.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t start_s = 1800000000;

void town_assert(bool ok)
{
    if (!ok)
        abort();
}

static void must(ic_err e)
{
    town_assert(e == IC_OK);
}

static ic_err fill(void *ctx, uint8_t *out, size_t n)
{
    uint64_t *state = ctx;
    for (size_t i = 0; i < n; i++) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        out[i] = (uint8_t)(*state >> 56);
    }
    return IC_OK;
}

static uint64_t clock_now(void *ctx)
{
    return *(const uint64_t *)ctx;
}

static ic_err find_psk(void *ctx, struct ic_view id, struct ic_buf *out)
{
    (void)ctx;
    if (id.len != 1 || id.p[0] > 3) /* few are known */
        return IC_ERR_PSK;
    return ic_buf_append(out, IC_VIEW_STR("0123456789abcdef0123456789abcdef"));
}

static void person_init(struct town *t, size_t i)
{
    static const char *const names[TOWN_PEOPLE] = {"ana", "ben", "cleo", "dan", "eva", "finn"};
    struct town_person *p = &t->people[i];
    const struct ic_suite *s = ic_suite_find(1);
    must(ic_sign_key_generate(s->sig, &t->config.rand, &p->signer));
    p->id = (struct ic_mls_identity){.suite = s,
                                     .signer = p->signer,
                                     .credential = {IC_MLS_BASIC, ic_view_cstr(names[i])},
                                     .lifetime = {start_s - 3600, start_s + 86400}};
}

static void found_group(struct town *t)
{
    struct ic_mls_staged *s;
    struct ic_view adds[2];
    for (size_t i = 0; i < 2; i++) {
        must(ic_mls_key_package_new(&t->config, &t->people[i + 1].id, ic_view(NULL, 0),
                                    &t->people[i + 1].package));
        adds[i] = ic_mls_key_package_message(t->people[i + 1].package);
    }
    must(ic_mls_group_create(&t->config, &t->people[0].id, IC_VIEW_STR("the town"),
                             ic_view(NULL, 0), &t->people[0].g));
    const struct ic_mls_commit_params p = {.adds = adds, .add_count = 2};
    must(ic_mls_commit_create(t->people[0].g, &p, &s));
    for (size_t i = 1; i < 3; i++)
        must(ic_mls_group_join(&t->config, &t->people[i].id, t->people[i].package,
                               ic_mls_staged_welcome(s), ic_view(NULL, 0), &t->people[i].g));
    must(ic_mls_merge(t->people[0].g, s));
}

void town_open(struct town *t)
{
    *t = (struct town){.rand_state = 42, .now_s = start_s};
    t->config.rand = (struct ic_rand){fill, &t->rand_state};
    t->config.clock = (struct ic_clock){clock_now, &t->now_s};
    t->config.find_psk = find_psk;
    t->config.data_with_pending = true;
    t->config.limits =
        (struct ic_mls_limits){.max_forward = 16, .max_skipped = 8, .max_pending = 8};
    for (size_t i = 0; i < TOWN_PEOPLE; i++)
        person_init(t, i);
    found_group(t);
    town_check(t);
}

void town_leave(struct town_person *p)
{
    ic_mls_discard(p->own);
    ic_mls_discard(p->other);
    ic_mls_group_free(p->g);
    p->own = p->other = NULL;
    p->g = NULL;
}

void town_close(struct town *t)
{
    for (size_t i = 0; i < TOWN_PEOPLE; i++) {
        town_leave(&t->people[i]);
        ic_mls_key_package_free(t->people[i].package);
        ic_sign_key_free(t->people[i].signer);
    }
    for (size_t i = 0; i < t->mail_count; i++)
        ic_buf_clear(&t->mail[i].bytes);
}

void town_post(struct town *t, enum town_kind kind, struct ic_view bytes, uint8_t said,
               enum town_state state)
{
    if (t->mail_count == TOWN_MAIL || bytes.len == 0)
        return;
    struct town_letter *m = &t->mail[t->mail_count++];
    *m = (struct town_letter){.kind = kind, .state = state, .said = said};
    ic_buf_init(&m->bytes, 1 << 20);
    must(ic_buf_append(&m->bytes, bytes));
}

struct town_letter *town_letter(struct town *t, uint8_t i)
{
    return t->mail_count > 0 ? &t->mail[i % t->mail_count] : NULL;
}

void town_snapshot(const struct ic_mls_group *g, struct ic_buf *out)
{
    uint8_t exported[32], count[4];
    must(ic_mlspub_group_context_encode(ic_mls_context(g), out));
    must(ic_mls_tree(g, out));
    must(ic_buf_append(out, ic_mls_epoch_authenticator(g)));
    must(ic_mls_export(g, "town", IC_VIEW_STR("x"), exported, sizeof exported));
    must(ic_buf_append(out, IC_VIEW_ARRAY(exported)));
    ic_store_u32(count, (uint32_t)ic_mls_pending_count(g));
    must(ic_buf_append(out, IC_VIEW_ARRAY(count)));
}

static void received(struct town_person *p, uint32_t bit, struct town_letter *m,
                     struct ic_mls_received *r)
{
    if (r->kind == IC_MLS_RECEIVED_OWN_ECHO)
        return;
    /* Whom a commit removes cannot check its confirmation tag. */
    bool out = r->staged && ic_mls_staged_removes_us(r->staged);
    town_assert(m->state == TOWN_WHOLE || (m->state == TOWN_INSIDER && out));
    if (r->kind == IC_MLS_RECEIVED_APPLICATION) {
        town_assert(m->kind == TOWN_TEXT && r->application.len == 1 &&
                    r->application.p[0] == m->said && !(m->readers & bit));
        m->readers |= bit;
    }
    if (r->kind == IC_MLS_RECEIVED_COMMIT) {
        ic_mls_discard(p->other);
        p->other = r->staged;
        r->staged = NULL;
    }
}

void town_deliver(struct town *t, struct town_person *p, struct town_letter *m)
{
    struct ic_mls_received r;
    IC_BUF_SCOPE(before, 1 << 20);
    IC_BUF_SCOPE(after, 1 << 20);
    if (!p->g || m->kind == TOWN_WELCOME || m->kind == TOWN_GROUP_INFO)
        return;
    town_snapshot(p->g, &before);
    ic_err e = ic_mls_process(p->g, ic_buf_view(&m->bytes), &r);
    bool proposal = e == IC_OK && r.kind == IC_MLS_RECEIVED_PROPOSAL;
    if (e == IC_OK) {
        received(p, 1u << (p - t->people), m, &r);
        ic_mls_received_clear(&r);
    }
    town_snapshot(p->g, &after);
    /* Nothing but a merge changes a group; a proposal is one more that is pending, the last bytes. */
    size_t same = before.len - (proposal ? 4 : 0);
    town_assert(before.len == after.len && memcmp(before.p, after.p, same) == 0);
}

static bool same_context(const struct ic_mls_group *a, const struct ic_mls_group *b)
{
    IC_BUF_SCOPE(x, 1 << 20);
    IC_BUF_SCOPE(y, 1 << 20);
    must(ic_mlspub_group_context_encode(ic_mls_context(a), &x));
    must(ic_mlspub_group_context_encode(ic_mls_context(b), &y));
    return ic_view_equal(ic_buf_view(&x), ic_buf_view(&y));
}

static void check_pair(const struct ic_mls_group *a, const struct ic_mls_group *b)
{
    uint8_t x[32], y[32];
    if (!same_context(a, b))
        return;
    must(ic_mls_export(a, "town", IC_VIEW_STR("pair"), x, sizeof x));
    must(ic_mls_export(b, "town", IC_VIEW_STR("pair"), y, sizeof y));
    town_assert(memcmp(x, y, sizeof x) == 0);
    town_assert(ic_mls_own_leaf(a) != ic_mls_own_leaf(b));
}

void town_check(const struct town *t)
{
    for (size_t i = 0; i < TOWN_PEOPLE; i++)
        for (size_t k = 0; k < i; k++)
            if (t->people[i].g && t->people[k].g)
                check_pair(t->people[i].g, t->people[k].g);
}
