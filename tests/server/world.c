#include "world.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>
#include <stdio.h>
#include <string.h>

static const uint8_t terms_type[] = {IC_WIRE_EXT_TERMS >> 8, IC_WIRE_EXT_TERMS & 0xff};

static struct person *person_of(struct world *w, uint64_t conn)
{
    for (size_t i = 0; i < PEOPLE; i++)
        if (w->people[i].conn == conn)
            return &w->people[i];
    return NULL;
}

static void got_free(struct got *g)
{
    if (g)
        ic_buf_clear(&g->bytes);
    ic_free(g);
}

static void on_send(void *ctx, const uint64_t *conns, size_t count, struct ic_view frame)
{
    for (size_t i = 0; i < count; i++) {
        struct person *p = person_of(ctx, conns[i]);
        struct got *g = p ? ic_new(struct got) : NULL;
        if (!g)
            continue;
        ic_buf_init(&g->bytes, IC_WIRE_MAX);
        IC_IGNORE(ic_buf_append(&g->bytes, frame));
        if (ic_wire_decode(ic_buf_view(&g->bytes), &g->f) != IC_OK)
            ic_test_fail(__FILE__, __LINE__, "the server sent what does not decode");
        *p->tail = g;
        p->tail = &g->next;
    }
}

static void on_close(void *ctx, uint64_t conn)
{
    struct person *p = person_of(ctx, conn);
    if (p) {
        p->closed = true;
        p->conn = NO_CONN;
    }
}

static void start(struct world *w)
{
    CHECK_OK(icd_core_new(&w->config, w->now_ms, &w->core));
    icd_services_register(w->core);
    icd_core_tick(w->core, w->now_ms);
    icd_core_flush(w->core);
}

void world_open(struct world *w)
{
    char why[ICD_STORE_WHY], token[ICD_TOKEN_LEN + 1];
    const struct ic_suite *s = ic_suite_find(2);
    w->rand = ic_test_rand(&w->rand_state, 42);
    w->now_ms = 1790000000000;
    w->next_conn = 1;
    w->admission = IC_WIRE_HOST_ADMITS;
    w->mls.rand = w->rand;
    w->mls.clock = ic_test_clock_ms(&w->now_ms);
    w->mls.data_with_pending = true;
    ic_buf_init(&w->terms, 1 << 20);
    CHECK_OK(icd_store_open(":memory:", why, &w->store));
    w->config.store = w->store;
    w->config.rand = w->rand;
    w->config.server_name = "incamerad/test";
    w->config.send = on_send;
    w->config.close = on_close;
    w->config.ctx = w;
    if (w->config.limits.max_frame == 0)
        icd_limits_default(&w->config.limits);
    STEP(start(w));
    CHECK_OK(icd_orgs_create(w->core, IC_VIEW_STR("org"), token, &w->org));
    CHECK_OK(ic_sign_key_generate(s->sig, &w->rand, &w->meeting_key));
    for (size_t i = 0; i < PEOPLE; i++) {
        struct person *p = &w->people[i];
        p->w = w;
        p->tail = &p->head;
        snprintf(p->name, sizeof p->name, "person-%zu", i);
        ic_buf_init(&p->nonce, 64);
        ic_buf_init(&p->server_key, 256);
        CHECK_OK(ic_sign_key_generate(s->sig, &w->rand, &p->key));
        p->id = (struct ic_mls_identity){
            .suite = s,
            .signer = p->key,
            .credential = {IC_MLS_BASIC, ic_view_cstr(p->name)},
            .extension_types = IC_VIEW_ARRAY(terms_type),
            .lifetime = {w->now_ms / 1000 - 3600, w->now_ms / 1000 + 86400}};
    }
}

void person_forget(struct person *p)
{
    while (p->head) {
        struct got *g = p->head;
        p->head = g->next;
        got_free(g);
    }
    p->tail = &p->head;
}

void world_close(struct world *w)
{
    icd_core_free(w->core);
    for (size_t i = 0; i < PEOPLE; i++) {
        struct person *p = &w->people[i];
        person_forget(p);
        got_free(p->last);
        ic_mls_group_free(p->g);
        ic_mls_key_package_free(p->kp);
        ic_sign_key_free(p->key);
        ic_buf_clear(&p->nonce);
        ic_buf_clear(&p->server_key);
    }
    ic_sign_key_free(w->meeting_key);
    ic_buf_clear(&w->terms);
    icd_store_close(w->store);
}

void world_restart(struct world *w)
{
    icd_core_free(w->core);
    w->core = NULL;
    for (size_t i = 0; i < PEOPLE; i++) {
        person_forget(&w->people[i]);
        w->people[i].conn = NO_CONN;
    }
    start(w);
}

void world_wait(struct world *w, uint64_t ms)
{
    uint64_t end = w->now_ms + ms;
    while (w->now_ms < end) {
        uint64_t at = icd_core_deadline_ms(w->core);
        w->now_ms = at > w->now_ms && at < end ? at : at <= w->now_ms ? w->now_ms + 1 : end;
        if (at <= w->now_ms)
            icd_core_tick(w->core, w->now_ms);
        icd_core_flush(w->core);
    }
}

/* ---- meetings ---- */

void world_sign_terms(struct world *w, uint8_t kind, struct ic_buf *out)
{
    uint8_t id[16];
    IC_BUF_SCOPE(hosts, 1000);
    CHECK_OK(ic_rand_fill(&w->rand, id, sizeof id));
    CHECK_OK(ic_wire_list_add(&hosts, ic_sign_key_public(w->people[0].key)));
    CHECK_OK(ic_wire_list_add(&hosts, ic_sign_key_public(w->people[1].key)));
    struct ic_wire_terms t = {.version = 1,
                              .meeting_id = IC_VIEW_ARRAY(id),
                              .kind = kind,
                              .suite = 2,
                              .sframe_suite = 4,
                              .admission = w->admission,
                              .hosts = ic_buf_view(&hosts),
                              .seq = 1,
                              .meeting_key = ic_sign_key_public(w->meeting_key)};
    ic_buf_reset(out);
    CHECK_OK(ic_rules_terms_sign(&t, NULL, w->meeting_key, out));
}

ic_err world_try_meeting(struct world *w, uint8_t kind, const struct icd_meeting_new *more,
                         const char **why)
{
    struct icd_meeting_new n = more ? *more : (struct icd_meeting_new){.title = IC_VIEW_STR("Tea")};
    struct icd_meeting m;
    world_sign_terms(w, kind, &w->terms);
    n.terms = ic_buf_view(&w->terms);
    ic_err e = icd_meetings_create(w->core, w->org, &n, &m, why);
    icd_core_flush(w->core);
    if (e != IC_OK)
        return e;
    strcpy(w->meeting, m.id);
    strcpy(w->number, m.number);
    icd_meeting_clear(&m);
    return IC_OK;
}

void world_meeting(struct world *w, uint8_t kind)
{
    const char *why = "";
    CHECK_OK(world_try_meeting(w, kind, NULL, &why));
}

/* ---- a connection ---- */

void person_send_bytes(struct person *p, struct ic_view bytes)
{
    icd_core_frame(p->w->core, p->conn, bytes, p->w->now_ms);
    icd_core_flush(p->w->core);
}

void person_send(struct person *p, struct ic_wire_frame *f)
{
    IC_BUF_SCOPE(b, IC_WIRE_MAX + 16);
    f->request = ++p->request;
    CHECK_OK(ic_wire_encode(f, &b));
    person_send_bytes(p, ic_buf_view(&b));
}

/* What came before the answer is not what the tests of requests look at. */
static void skip_to_answer(struct person *p)
{
    while (p->head && p->head->f.request != p->request) {
        struct got *g = p->head;
        p->head = g->next;
        got_free(g);
    }
    if (!p->head)
        p->tail = &p->head;
}

bool person_next(struct person *p, uint16_t type, const char *file, int line)
{
    got_free(p->last);
    p->last = p->head;
    if (p->head) {
        p->head = p->last->next;
        if (!p->head)
            p->tail = &p->head;
    }
    if (p->last && p->last->f.type == type)
        return true;
    ic_test_fail(file, line, "%s got %s %.*s, not %s", p->name,
                 p->last ? ic_wire_type_name(p->last->f.type) : "nothing",
                 p->last && p->last->f.type == IC_WIRE_ERROR ? (int)p->last->f.error.text.len : 0,
                 p->last ? (const char *)p->last->f.error.text.p : "", ic_wire_type_name(type));
    return false;
}

bool person_skip_to(struct person *p, uint16_t type)
{
    while (p->head && p->head->f.type != type) {
        struct got *g = p->head;
        p->head = g->next;
        got_free(g);
    }
    if (!p->head)
        p->tail = &p->head;
    return p->head && person_next(p, type, __FILE__, __LINE__);
}

void person_connect(struct person *p)
{
    struct world *w = p->w;
    uint8_t address[4] = {10, 0, 0, (uint8_t)(p - w->people)};
    person_forget(p);
    p->closed = false;
    p->conn = w->next_conn++;
    CHECK_OK(icd_core_open(w->core, p->conn, IC_VIEW_ARRAY(address), w->now_ms));
    struct ic_wire_frame f = {.type = IC_WIRE_HELLO,
                              .hello = {.minor = IC_WIRE_MINOR, .client = IC_VIEW_STR("test/1")}};
    STEP(person_send(p, &f));
    EXPECT(p, IC_WIRE_HELLO_OK);
    ic_buf_reset(&p->nonce);
    CHECK_OK(ic_buf_append(&p->nonce, p->last->f.hello_ok.nonce));
}

void person_hangup(struct person *p)
{
    icd_core_close(p->w->core, p->conn, p->w->now_ms);
    p->conn = NO_CONN;
    icd_core_flush(p->w->core);
    person_forget(p);
}

void person_ask_enter(struct person *p, uint8_t ref_kind, const char *ref, bool good_signature)
{
    uint8_t sig[IC_SIG_MAX];
    size_t sig_len;
    IC_BUF_SCOPE(tbs, 1024);
    struct ic_writer writer = ic_writer(&tbs);
    ic_write_vec(&writer, ic_buf_view(&p->nonce));
    ic_write_vec(&writer, ic_view_cstr(ref));
    CHECK_OK(ic_writer_end(&writer));
    CHECK_OK(
        ic_mlspub_sign_with_label(p->key, "InCamera Connect", ic_buf_view(&tbs), sig, &sig_len));
    sig[10] ^= !good_signature;
    struct ic_wire_frame f = {.type = IC_WIRE_ENTER,
                              .enter = {.ref_kind = ref_kind,
                                        .ref = ic_view_cstr(ref),
                                        .suite = 2,
                                        .signature_key = ic_sign_key_public(p->key),
                                        .signature = ic_view(sig, sig_len)}};
    person_send(p, &f);
}

void person_enter(struct person *p)
{
    if (p->conn == NO_CONN)
        STEP(person_connect(p));
    STEP(person_ask_enter(p, IC_WIRE_REF_ID, p->w->meeting, true));
    EXPECT(p, IC_WIRE_ENTERED);
    ic_buf_reset(&p->server_key);
    CHECK_OK(ic_buf_append(&p->server_key, p->last->f.entered.external_sender));
}

/* ---- the group ---- */

static ic_err extensions_of(const struct person *p, struct ic_buf *out)
{
    IC_BUF_SCOPE(senders, 4096);
    struct ic_writer ws = ic_writer(&senders);
    struct ic_mlspub_credential who = {IC_MLS_BASIC, IC_VIEW_STR("server")};
    size_t mark = ic_write_open(&ws);
    ic_write_vec(&ws, ic_buf_view(&p->server_key));
    ic_mlspub_credential_write(&ws, &who);
    ic_write_close(&ws, mark);
    IC_TRY(ic_writer_end(&ws));
    struct ic_writer w = ic_writer(out);
    ic_mlspub_extension_write(&w, IC_MLS_EXT_EXTERNAL_SENDERS, ic_buf_view(&senders));
    ic_mlspub_extension_write(&w, IC_WIRE_EXT_TERMS, ic_buf_view(&p->w->terms));
    return ic_writer_end(&w);
}

ic_err person_make_group(struct person *p, struct ic_buf *group_info, struct ic_buf *tree)
{
    uint8_t id[32];
    IC_BUF_SCOPE(extensions, 1 << 20);
    ic_mls_group_free(p->g);
    p->g = NULL;
    IC_TRY(ic_rand_fill(&p->w->rand, id, sizeof id));
    IC_TRY(extensions_of(p, &extensions));
    IC_TRY(ic_mls_group_create(&p->w->mls, &p->id, IC_VIEW_ARRAY(id), ic_buf_view(&extensions),
                               &p->g));
    IC_TRY(ic_mls_group_info(p->g, false, group_info));
    return ic_mls_tree(p->g, tree);
}

void world_open_group(struct world *w, struct person *host)
{
    (void)w;
    IC_BUF_SCOPE(info, 1 << 20);
    IC_BUF_SCOPE(tree, 1 << 20);
    STEP(person_enter(host));
    CHECK_OK(person_make_group(host, &info, &tree));
    struct ic_wire_frame f = {
        .type = IC_WIRE_CREATE_GROUP,
        .create_group = {.group_info = ic_buf_view(&info), .tree = ic_buf_view(&tree)}};
    STEP(person_send(host, &f));
    EXPECT(host, IC_WIRE_OK);
}

static struct ic_view group_id(const struct person *p)
{
    return ic_mls_context(p->g)->group_id;
}

void person_knock(struct person *p)
{
    if (p->conn == NO_CONN)
        STEP(person_enter(p));
    ic_mls_key_package_free(p->kp);
    p->kp = NULL;
    CHECK_OK(ic_mls_key_package_new(&p->w->mls, &p->id, ic_view(NULL, 0), &p->kp));
    struct ic_wire_frame f = {.type = IC_WIRE_KNOCK,
                              .knock = {.key_package = ic_mls_key_package_message(p->kp)}};
    STEP(person_send(p, &f));
    skip_to_answer(p);
    EXPECT(p, IC_WIRE_OK);
}

static ic_err commit_data(const struct world *w, struct ic_buf *out)
{
    struct ic_wire_commit_data d = {.version = 1, .time_ms = w->now_ms};
    return ic_wire_commit_data_encode(&d, out);
}

void person_commit(struct person *p, struct ic_mls_commit_params *params, bool replaces,
                   struct ic_mls_staged **staged)
{
    struct ic_mls_commit_params none = {.force_path = true};
    IC_BUF_SCOPE(data, 1024);
    if (!params)
        params = &none;
    CHECK_OK(commit_data(p->w, &data));
    params->authenticated_data = ic_buf_view(&data);
    params->want_group_info = true;
    params->welcome_without_tree = true;
    if (!*staged)
        CHECK_OK(ic_mls_commit_create(p->g, params, staged));
    struct ic_wire_frame f = {.type = IC_WIRE_COMMIT,
                              .commit = {.group_id = group_id(p),
                                         .epoch = ic_mls_context(p->g)->epoch,
                                         .commit = ic_mls_staged_commit(*staged),
                                         .welcome = ic_mls_staged_welcome(*staged),
                                         .group_info = ic_mls_staged_group_info(*staged),
                                         .replaces = replaces}};
    STEP(person_send(p, &f));
    skip_to_answer(p);
    if (p->head && p->head->f.type == IC_WIRE_OK) {
        EXPECT(p, IC_WIRE_OK);
        p->seq = p->last->f.ok.number;
        CHECK_OK(ic_mls_merge(p->g, *staged));
        *staged = NULL;
    }
}

static void take(struct person *p, const struct ic_wire_message *m)
{
    struct ic_mls_received r = {0};
    if (m->seq)
        p->seq = m->seq;
    ic_err e = ic_mls_process(p->g, m->message, &r);
    if (e == IC_ERR_EPOCH || (e == IC_OK && r.kind == IC_MLS_RECEIVED_OWN_ECHO)) {
        if (e == IC_OK)
            ic_mls_received_clear(&r);
        return; /* our own, merged when it was acknowledged */
    }
    CHECK_OK(e);
    if (r.kind == IC_MLS_RECEIVED_COMMIT) {
        e = ic_mls_merge(p->g, r.staged);
        r.staged = NULL;
        if (e == IC_ERR_REMOVED) {
            ic_mls_group_free(p->g);
            p->g = NULL;
            e = IC_OK;
        }
    }
    ic_mls_received_clear(&r);
    CHECK_OK(e);
}

void person_follow(struct person *p)
{
    while (p->g && person_skip_to(p, IC_WIRE_MESSAGE))
        STEP(take(p, &p->last->f.message));
}

static void join(struct person *p)
{
    EXPECT(p, IC_WIRE_WELCOME);
    IC_BUF_SCOPE(welcome, 1 << 20);
    CHECK_OK(ic_buf_append(&welcome, p->last->f.welcome.welcome));
    p->seq = p->last->f.welcome.seq;
    struct ic_wire_frame f = {.type = IC_WIRE_GET_TREE,
                              .get_tree = {.group_id = p->last->f.welcome.group_id,
                                           .tree_hash = p->last->f.welcome.tree_hash}};
    STEP(person_send(p, &f));
    EXPECT(p, IC_WIRE_TREE);
    ic_mls_group_free(p->g);
    p->g = NULL;
    CHECK_OK(ic_mls_group_join(&p->w->mls, &p->id, p->kp, ic_buf_view(&welcome),
                               p->last->f.tree.tree, &p->g));
}

void world_admit(struct world *w, struct person *host, struct person *p)
{
    struct ic_mls_staged *staged = NULL;
    person_forget(host);
    STEP(person_knock(p));
    EXPECT(host, IC_WIRE_KNOCKED);
    IC_BUF_SCOPE(package, 1 << 16);
    CHECK_OK(ic_buf_append(&package, host->last->f.knocked.key_package));
    struct ic_view add = ic_buf_view(&package);
    struct ic_mls_commit_params params = {.adds = &add, .add_count = 1};
    STEP(person_commit(host, &params, false, &staged));
    CHECK(!staged);
    for (size_t i = 0; i < PEOPLE; i++)
        if (&w->people[i] != p && &w->people[i] != host && w->people[i].g && w->people[i].conn)
            STEP(person_follow(&w->people[i]));
    STEP(join(p));
}

void person_say(struct person *p, const char *text, bool transient)
{
    IC_BUF_SCOPE(message, 1 << 16);
    CHECK_OK(ic_mls_protect(p->g, ic_view_cstr(text), ic_view(NULL, 0), &message));
    struct ic_wire_frame f = {.type = IC_WIRE_SEND,
                              .send = {.group_id = group_id(p),
                                       .message = ic_buf_view(&message),
                                       .transient = transient}};
    STEP(person_send(p, &f));
    skip_to_answer(p);
    EXPECT(p, IC_WIRE_OK);
}
