#include "attack.h"

#include "core/group.h"
#include "core/live.h"

#include <ic/base/mem.h>
#include <ic/rules/rules.h>
#include <ic/wire/terms.h>
#include <stdlib.h>
#include <string.h>

static bool takes(const struct attack *a, const struct sim_passing *p)
{
    if (p->way != a->way || (a->who != ATTACK_ALL && (unsigned)a->who != p->who) ||
        (a->but & SIM_ONE(p->who)))
        return false;
    if (a->type && (!p->f || p->f->type != a->type))
        return false;
    return !a->kind || (p->f->type == IC_WIRE_MESSAGE && p->f->message.kind == a->kind);
}

static enum sim_verdict middle(struct sim *s, void *ctx, struct sim_passing *p)
{
    struct attack *a = ctx;
    if (!takes(a, p) || a->seen++ < a->after || (a->count && a->hits >= a->count))
        return SIM_PASS;
    struct ic_buf *b = &a->kept[a->hits % ATTACK_KEPT];
    ic_buf_clear(b);
    ic_buf_init(b, IC_WIRE_MAX);
    if (ic_buf_append(b, p->bytes) != IC_OK)
        abort();
    a->hits++;
    p->delay_ms = a->delay_ms;
    if (a->change)
        return a->change(s, a, p) ? SIM_CHANGED : a->drop ? SIM_DROP : SIM_PASS;
    return a->drop ? SIM_DROP : SIM_PASS;
}

void attack_begin(struct sim *s, struct attack *a)
{
    sim_middle(s, middle, a);
}

void attack_end(struct sim *s, struct attack *a)
{
    (void)a;
    sim_middle(s, NULL, NULL);
}

void attack_clear(struct attack *a)
{
    for (int i = 0; i < ATTACK_KEPT; i++)
        ic_buf_clear(&a->kept[i]);
}

struct ic_view attack_kept(const struct attack *a, unsigned i)
{
    return ic_buf_view(&a->kept[i % ATTACK_KEPT]);
}

void attack_replay(struct sim *s, const struct attack *a, unsigned i, unsigned who, uint64_t seq)
{
    struct ic_wire_frame f;
    if (ic_wire_decode(attack_kept(a, i), &f) != IC_OK)
        abort();
    if (seq)
        f.message.seq = seq;
    sim_inject(s, a->way, who, &f, 0);
}

struct ic_view attack_flip(struct ic_view v, size_t at)
{
    static uint8_t copies[4][1 << 16];
    static unsigned next;
    uint8_t *copy = copies[next++ % 4];
    if (v.len > sizeof copies[0] || at >= v.len)
        abort();
    memcpy(copy, v.p, v.len);
    copy[at] ^= 1;
    return ic_view(copy, v.len);
}

/* ---- a group of the server's own ---- */

static struct ic_mls_identity fake_identity(const struct fake *f, const struct sim *s)
{
    static const uint8_t extension_types[] = {0xf1, 0xca, 0xf1, 0xcb};
    uint64_t now_s = s->now_ms / 1000;
    return (struct ic_mls_identity){.suite = ic_suite_find(s->plan.suite),
                                    .signer = f->key,
                                    .credential = {IC_MLS_BASIC, IC_VIEW_STR("Ada")},
                                    .credential_types = ic_rules_credential_types(),
                                    .extension_types = IC_VIEW_ARRAY(extension_types),
                                    .lifetime = {now_s - 3600, now_s + 86400}};
}

static ic_err fake_group(struct fake *f, struct sim *s, struct ic_view extensions,
                         struct ic_view key_package)
{
    struct ic_rand rand = ic_test_rand(&f->rand, 4711);
    struct ic_mls_config config = {.rand = rand, .clock = ic_test_clock_ms(&s->now_ms)};
    struct ic_wire_admission a = {.version = 1, .time_ms = s->now_ms};
    struct ic_mls_staged *staged;
    IC_TRY(ic_sign_key_generate(ic_suite_find(s->plan.suite)->sig, &rand, &f->key));
    struct ic_mls_identity id = fake_identity(f, s);
    IC_TRY(ic_rand_fill(&rand, f->id, sizeof f->id));
    IC_TRY(ic_mls_group_create(&config, &id, IC_VIEW_ARRAY(f->id), extensions, &f->g));
    struct ic_mls_commit_params p = {.adds = &key_package,
                                     .add_count = key_package.len > 0,
                                     .force_path = true,
                                     .welcome_without_tree = true,
                                     .want_group_info = true};
    IC_TRY(ic_mls_commit_create(f->g, &p, &staged));
    IC_TRY(ic_buf_append(&f->welcome, ic_mls_staged_welcome(staged)));
    IC_TRY(ic_buf_append(&f->info, ic_mls_staged_group_info(staged)));
    IC_TRY(ic_buf_append(&f->commit, ic_mls_staged_commit(staged)));
    IC_TRY(ic_mls_merge(f->g, staged));
    IC_TRY(ic_mls_tree(f->g, &f->tree));
    return ic_wire_admission_encode(&a, &f->admission);
}

bool fake_open(struct fake *f, struct sim *s, struct ic_view extensions, struct ic_view key_package)
{
    struct ic_buf *bufs[] = {&f->tree, &f->welcome, &f->info, &f->admission, &f->commit};
    for (size_t i = 0; i < IC_ARRAY_LEN(bufs); i++)
        ic_buf_init(bufs[i], IC_WIRE_MAX);
    return ic_test_ok(fake_group(f, s, extensions, key_package), __FILE__, __LINE__, "fake_group");
}

void fake_clear(struct fake *f)
{
    struct ic_buf *bufs[] = {&f->tree, &f->welcome, &f->info, &f->admission, &f->commit};
    for (size_t i = 0; i < IC_ARRAY_LEN(bufs); i++)
        ic_buf_clear(bufs[i]);
    ic_mls_group_free(f->g);
    ic_sign_key_free(f->key);
}

/* The newcomer asks for the tree: the server answers out of its own group. */
static bool serve_tree(struct sim *s, struct attack *a, struct sim_passing *p)
{
    const struct fake *f = a->ctx;
    struct ic_wire_frame t = {
        .type = IC_WIRE_TREE, .request = p->f->request, .tree = {ic_buf_view(&f->tree)}};
    sim_inject(s, SIM_DOWN, p->who, &t, 2 * SIM_LATENCY_MS);
    return false;
}

void fake_welcome(struct sim *s, struct fake *f, unsigned who, struct attack *a)
{
    *a = (struct attack){.way = SIM_UP,
                         .who = (int)who,
                         .type = IC_WIRE_GET_TREE,
                         .drop = true,
                         .change = serve_tree,
                         .ctx = f};
    attack_begin(s, a);
    struct ic_wire_frame w = {.type = IC_WIRE_WELCOME,
                              .welcome = {.group_id = IC_VIEW_ARRAY(f->id),
                                          .seq = 1,
                                          .welcome = ic_buf_view(&f->welcome),
                                          .tree_hash = ic_mls_context(f->g)->tree_hash,
                                          .admission = ic_buf_view(&f->admission)}};
    sim_inject(s, SIM_DOWN, who, &w, 0);
}

/* ---- ends ---- */

bool gate_open(struct sim *s, unsigned who)
{
    const struct sim_person *p = &s->people[who];
    uint8_t out[128];
    size_t len;
    bool open = false;
    for (size_t i = p->life; i < p->event_count; i++)
        if (p->events[i].e.type == IC_MEETING_EV_MEDIA_GATE)
            open = p->events[i].e.flag;
    if (!p->m)
        return false;
    ic_err e = ic_meeting_protect(ic_meeting_media(p->m), IC_MEETING_CTX_VIDEO,
                                  IC_VIEW_STR("frame"), out, &len);
    if ((e == IC_OK) != open)
        ic_test_fail(__FILE__, __LINE__, "the gate of %s is told %s and is not", p->name,
                     open ? "open" : "shut");
    return open;
}

struct shown_code code_of(const struct sim *s, unsigned who)
{
    struct shown_code c = {""};
    if (s->people[who].m)
        (void)ic_meeting_code(s->people[who].m, c.text);
    return c;
}

bool same_code(struct shown_code a, struct shown_code b)
{
    return strcmp(a.text, b.text) == 0;
}

static const struct icd_group *group_of(const struct sim *s)
{
    const struct icd_room *room = s->server[0].core->first_room;
    if (!room || !room->group)
        abort();
    return room->group;
}

void attack_declare_absent(struct sim *s, uint32_t leaf)
{
    struct icd_core *core = s->server[0].core;
    struct icd_group *g = core->first_room->group;
    struct icd_absent *grown = ic_realloc(g->absent, g->absent_count + 1, sizeof *grown);
    if (!grown)
        abort();
    g->absent = grown;
    g->absent_cap = g->absent_count + 1;
    g->absent[g->absent_count++] =
        (struct icd_absent){.leaf = leaf, .since_ms = 1, .proposed_epoch = UINT64_MAX};
    icd_core_wake_at(core, s->now_ms);
}

struct ic_view group_extensions(const struct sim *s)
{
    return ic_mlspub_observer_context(group_of(s)->observer)->extensions;
}

struct ic_view group_id_of(const struct sim *s)
{
    return ic_view(group_of(s)->id, group_of(s)->id_len);
}

uint64_t last_seq(const struct sim *s)
{
    return group_of(s)->seq;
}

const struct sim_event *alert_about(const struct sim *s, unsigned who, unsigned of)
{
    const struct sim_person *p = &s->people[who];
    for (size_t i = p->mark; i < p->event_count; i++)
        if (p->events[i].e.type == IC_MEETING_EV_ALERT && p->events[i].e.rule[0] &&
            strcmp(p->events[i].e.person.name, s->people[of].name) == 0)
            return &p->events[i];
    return NULL;
}
