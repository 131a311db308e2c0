/* What a malicious member does to get in, and to send what it likes. */
#include "villain.h"

#include <ic/base/mem.h>
#include <ic/base/writer.h>
#include <ic/mlspub/label.h>
#include <ic/rules/rules.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t extension_types[] = {IC_WIRE_EXT_TERMS >> 8, IC_WIRE_EXT_TERMS & 0xff,
                                          IC_WIRE_EXT_WEB_CLIENT >> 8,
                                          IC_WIRE_EXT_WEB_CLIENT & 0xff};

static struct sim_person *person(const struct sim_villain *v)
{
    return &v->s->people[v->who];
}

struct ic_mlspub_credential sim_credential(const struct sim_person *p)
{
    if (p->certificates.len)
        return (struct ic_mlspub_credential){IC_MLS_X509, p->certificates};
    return (struct ic_mlspub_credential){IC_MLS_BASIC, ic_view_cstr(p->name)};
}

static struct ic_mls_identity identity(const struct sim_villain *v)
{
    const struct sim_person *p = person(v);
    uint64_t now_s = v->s->now_ms / 1000;
    return (struct ic_mls_identity){.suite = ic_suite_find(v->s->plan.suite),
                                    .signer = p->key,
                                    .credential = sim_credential(p),
                                    .credential_types = ic_rules_credential_types(),
                                    .extension_types = IC_VIEW_ARRAY(extension_types),
                                    .lifetime = {now_s - 3600, now_s + 7 * 24 * 3600}};
}

static struct ic_mls_config config(const struct sim_villain *v)
{
    struct sim_person *p = person(v);
    return (struct ic_mls_config){.rand = {ic_test_rand(&p->rand, p->rand.state).fill, &p->rand},
                                  .clock = ic_test_clock_ms(&v->s->now_ms),
                                  .check_credential = ic_rules_check_credential,
                                  .data_with_pending = true};
}

static void keep(struct ic_buf *b, struct ic_view v)
{
    ic_buf_init(b, IC_WIRE_MAX);
    if (ic_buf_append(b, v) != IC_OK)
        abort();
}

static void replace(struct ic_buf *b, struct ic_view v)
{
    ic_buf_clear(b);
    keep(b, v);
}

static uint32_t send(struct sim_villain *v, struct ic_wire_frame *f)
{
    f->request = ++v->request;
    IC_BUF_SCOPE(bytes, IC_WIRE_MAX);
    if (ic_wire_encode(f, &bytes) == IC_OK && person(v)->conn)
        sim_send(v->s, SIM_UP, v->who, ic_buf_view(&bytes));
    return f->request;
}

void sim_villain_watch(struct sim_villain *v, struct ic_wire_frame *f)
{
    v->answer = 0;
    v->text[0] = '\0';
    v->watched = send(v, f);
}

static struct sim_villain *villain_new(struct sim *s, unsigned who)
{
    struct sim_villain *v = ic_new(struct sim_villain);
    if (!v)
        abort();
    v->s = s;
    v->who = who;
    s->people[who].raw = v;
    return v;
}

struct sim_villain *sim_villain_start(struct sim *s, unsigned who)
{
    struct sim_villain *v = villain_new(s, who);
    s->people[who].invited |= s->plan.admission == IC_WIRE_LINK_ADMITS;
    sim_dial(s, who);
    return v;
}

struct sim_villain *sim_villain_lurk(struct sim *s, unsigned who)
{
    struct sim_villain *v = villain_new(s, who);
    v->lurks = true;
    sim_dial(s, who);
    sim_run(s, 50);
    return v;
}

void sim_villain_free(struct sim_villain *v)
{
    if (!v)
        return;
    ic_mls_discard(v->staged);
    ic_mls_group_free(v->g);
    ic_mls_key_package_free(v->kp);
    struct ic_buf *bufs[] = {&v->group_id, &v->welcome,    &v->tree_hash,
                             &v->commit,   &v->group_info, &v->terms};
    for (size_t i = 0; i < IC_ARRAY_LEN(bufs); i++)
        ic_buf_clear(bufs[i]);
    ic_free(v);
}

void sim_villain_connected(struct sim_villain *v)
{
    struct ic_wire_frame f = {.type = IC_WIRE_HELLO,
                              .hello = {.client = IC_VIEW_STR("villain"), .now_ms = v->s->now_ms}};
    send(v, &f);
}

void sim_villain_pump(struct sim_villain *v)
{
    (void)v; /* it sends as it goes */
}

/* ---- coming in ---- */

static void enter(struct sim_villain *v, struct ic_view nonce)
{
    uint8_t sig[IC_SIG_MAX];
    size_t len;
    struct ic_view ref = ic_view_cstr(person(v)->link.ref);
    IC_BUF_SCOPE(tbs, 1024);
    struct ic_writer w = ic_writer(&tbs);
    ic_write_vec(&w, nonce);
    ic_write_vec(&w, ref);
    if (ic_writer_end(&w) != IC_OK ||
        ic_mlspub_sign_with_label(person(v)->key, "InCamera Connect", ic_buf_view(&tbs), sig,
                                  &len) != IC_OK)
        abort();
    struct ic_wire_frame f = {.type = IC_WIRE_ENTER,
                              .enter = {IC_WIRE_REF_ID, ref, v->s->plan.suite,
                                        ic_sign_key_public(person(v)->key), ic_view(sig, len)}};
    send(v, &f);
}

static void knock(struct sim_villain *v, const struct ic_wire_entered *e)
{
    uint8_t proof[IC_RULES_PROOF_LEN];
    struct ic_mls_identity id = identity(v);
    struct ic_mls_config c = config(v);
    if (v->g)
        return;
    replace(&v->group_id, e->group_id);
    replace(&v->terms, e->terms);
    if (ic_mls_key_package_new(&c, &id, ic_view(NULL, 0), &v->kp) != IC_OK)
        abort();
    ic_rules_proof(IC_VIEW_ARRAY(person(v)->link.join_secret), e->group_id,
                   ic_mls_key_package_ref(v->kp), proof);
    struct ic_wire_frame f = {.type = IC_WIRE_KNOCK,
                              .knock = {ic_mls_key_package_message(v->kp), IC_VIEW_ARRAY(proof)}};
    send(v, &f);
}

static void welcomed(struct sim_villain *v, const struct ic_wire_welcome *w)
{
    replace(&v->welcome, w->welcome);
    replace(&v->tree_hash, w->tree_hash);
    v->seq = w->seq;
    struct ic_wire_frame f = {.type = IC_WIRE_GET_TREE,
                              .get_tree = {ic_buf_view(&v->group_id), ic_buf_view(&v->tree_hash)}};
    send(v, &f);
}

static void join(struct sim_villain *v, struct ic_view tree)
{
    struct ic_mls_identity id = identity(v);
    struct ic_mls_config c = config(v);
    if (v->g || !v->kp)
        return;
    ic_err e = ic_mls_group_join(&c, &id, v->kp, ic_buf_view(&v->welcome), tree, &v->g);
    if (e != IC_OK) {
        ic_test_fail(__FILE__, __LINE__, "the villain does not join: %s", ic_err_name(e));
        return;
    }
    struct ic_wire_frame f = {.type = IC_WIRE_FETCH, .fetch = {ic_buf_view(&v->group_id), v->seq}};
    send(v, &f);
}

/* ---- following ---- */

static void message(struct sim_villain *v, const struct ic_wire_message *m)
{
    struct ic_mls_received r = {0};
    if (!v->g || v->deaf || (m->seq && m->seq <= v->seq))
        return;
    if (m->seq)
        v->seq = m->seq;
    if (ic_mls_process(v->g, m->message, &r) != IC_OK)
        return;
    if (r.kind == IC_MLS_RECEIVED_COMMIT) {
        IC_IGNORE(ic_mls_merge(v->g, r.staged));
        r.staged = NULL;
    } else if (r.kind == IC_MLS_RECEIVED_OWN_ECHO && m->kind == IC_WIRE_KIND_COMMIT && v->staged) {
        IC_IGNORE(ic_mls_merge(v->g, v->staged));
        v->staged = NULL;
    }
    ic_mls_received_clear(&r);
}

static void answered(struct sim_villain *v, const struct ic_wire_frame *f)
{
    if (f->request != v->watched)
        return;
    v->answer = f->type;
    if (f->type == IC_WIRE_ERROR) {
        v->error = f->error.code;
        snprintf(v->text, sizeof v->text, "%.*s", (int)f->error.text.len,
                 (const char *)f->error.text.p);
    }
}

void sim_villain_receive(struct sim_villain *v, struct ic_view bytes)
{
    struct ic_wire_frame f;
    if (ic_wire_decode(bytes, &f) != IC_OK)
        return;
    switch (f.type) {
    case IC_WIRE_HELLO_OK:
        if (!v->lurks)
            enter(v, f.hello_ok.nonce);
        break;
    case IC_WIRE_ENTERED:
        knock(v, &f.entered);
        break;
    case IC_WIRE_WELCOME:
        welcomed(v, &f.welcome);
        break;
    case IC_WIRE_TREE:
        join(v, f.tree.tree);
        break;
    case IC_WIRE_MESSAGE:
        message(v, &f.message);
        break;
    case IC_WIRE_OK:
    case IC_WIRE_ERROR:
        answered(v, &f);
        break;
    default:
        break;
    }
}

static bool is_in(struct sim *s, uint64_t who)
{
    return s->people[who].raw->g != NULL;
}

bool sim_villain_in(struct sim *s, unsigned who, uint64_t within_ms)
{
    return sim_until(s, is_in, who, within_ms);
}

static bool has_answer(struct sim *s, uint64_t who)
{
    return s->people[who].raw->answer != 0;
}

uint16_t sim_villain_answer(struct sim_villain *v)
{
    (void)sim_until(v->s, has_answer, v->who, 2000);
    return v->answer;
}

uint32_t sim_villain_leaf_of(const struct sim_villain *v, unsigned who)
{
    struct ic_mlspub_leaf_node leaf;
    for (uint32_t i = 0; i < ic_mls_leaf_count(v->g); i++)
        if (ic_mls_leaf(v->g, i, &leaf) == IC_OK &&
            ic_view_equal(leaf.signature_key, ic_sign_key_public(v->s->people[who].key)))
            return i;
    return IC_MLSPUB_NO_LEAF;
}

/* ---- its deeds ---- */

bool sim_villain_data(const struct sim_villain *v, struct ic_buf *out)
{
    struct ic_wire_commit_data d = {1, v->time_ms ? v->time_ms : v->s->now_ms, v->tickets,
                                    v->proofs};
    return ic_wire_commit_data_encode(&d, out) == IC_OK;
}

bool sim_villain_make(struct sim_villain *v, const struct ic_mls_commit_params *params)
{
    struct ic_mls_commit_params p = *params;
    IC_BUF_SCOPE(data, IC_WIRE_MAX);
    if (!p.authenticated_data.p && !sim_villain_data(v, &data))
        return false;
    if (!p.authenticated_data.p)
        p.authenticated_data = ic_buf_view(&data);
    p.want_group_info = true;
    p.welcome_without_tree = true;
    ic_mls_discard(v->staged);
    v->staged = NULL;
    ic_err e = ic_mls_commit_create(v->g, &p, &v->staged);
    if (e != IC_OK) {
        ic_test_fail(__FILE__, __LINE__, "the villain's commit: %s %s", ic_err_name(e),
                     ic_mls_last_rule(v->g));
        return false;
    }
    replace(&v->commit, ic_mls_staged_commit(v->staged));
    replace(&v->group_info, ic_mls_staged_group_info(v->staged));
    return true;
}

void sim_villain_send_commit(struct sim_villain *v)
{
    IC_BUF_SCOPE(admission, IC_WIRE_ADMISSION_MAX);
    struct ic_wire_admission a = {.version = 1,
                                  .time_ms = v->admission_ms ? v->admission_ms
                                             : v->time_ms    ? v->time_ms
                                                             : v->s->now_ms};
    if (ic_wire_admission_encode(&a, &admission) != IC_OK)
        abort();
    struct ic_wire_frame f = {.type = IC_WIRE_COMMIT,
                              .commit = {.group_id = ic_buf_view(&v->group_id),
                                         .epoch = ic_mls_context(v->g)->epoch,
                                         .commit = ic_buf_view(&v->commit),
                                         .group_info = ic_buf_view(&v->group_info),
                                         .admission = ic_buf_view(&admission)}};
    if (v->staged)
        f.commit.welcome = ic_mls_staged_welcome(v->staged);
    sim_villain_watch(v, &f);
}

bool sim_villain_commit(struct sim_villain *v, const struct ic_mls_commit_params *p)
{
    if (!sim_villain_make(v, p))
        return false;
    sim_villain_send_commit(v);
    return true;
}

void sim_villain_collude(struct sim_villain *v, uint8_t kind, struct ic_view m)
{
    struct ic_wire_frame f = {.type = IC_WIRE_MESSAGE,
                              .message = {.seq = ++v->seq,
                                          .group_id = ic_buf_view(&v->group_id),
                                          .kind = kind,
                                          .time_ms = v->s->now_ms,
                                          .message = m}};
    for (unsigned i = 0; i < v->s->plan.people; i++)
        if (i != v->who && v->s->people[i].m && v->s->people[i].conn)
            sim_inject(v->s, SIM_DOWN, i, &f, 0);
}

bool sim_villain_force(struct sim_villain *v, const struct ic_mls_commit_params *p)
{
    if (!sim_villain_make(v, p))
        return false;
    sim_villain_collude(v, IC_WIRE_KIND_COMMIT, ic_buf_view(&v->commit));
    return true;
}

void sim_villain_propose(struct sim_villain *v, struct ic_view proposal)
{
    struct ic_wire_frame f = {.type = IC_WIRE_PROPOSE,
                              .propose = {ic_buf_view(&v->group_id), proposal}};
    sim_villain_watch(v, &f);
}

void sim_villain_say(struct sim_villain *v, struct ic_view m, bool transient)
{
    struct ic_wire_frame f = {.type = IC_WIRE_SEND,
                              .send = {ic_buf_view(&v->group_id), m, transient}};
    sim_villain_watch(v, &f);
}
