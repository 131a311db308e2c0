/* Commits of our own: everything wanted, and what others proposed, in one. */
#include "internal.h"
#include <ic/base/mem.h>

/* In a meeting for verified people the server takes no commit a minute ahead of its clock. Ours is put back to it where it
 * is ahead, by so much and no more, for servers lie. It is never put forward: that could take somebody out too early. */
static uint64_t clock_of_commits(const struct ic_meeting *m)
{
    uint64_t server_ms = m->now_ms + m->server_ahead_ms;
    uint64_t least_ms = m->now_ms > CLOCK_OFF_MS ? m->now_ms - CLOCK_OFF_MS : 0;
    if (server_ms >= m->now_ms)
        return m->now_ms;
    return server_ms > least_ms ? server_ms : least_ms;
}

uint64_t ic_meeting_commit_time(const struct ic_meeting *m)
{
    uint64_t clock_ms = clock_of_commits(m);
    return clock_ms > m->time_ms ? clock_ms : m->time_ms; /* monotone over the group's commits */
}

ic_err ic_meeting_commit_data(const struct ic_meeting *m, struct ic_buf *out)
{
    IC_BUF_SCOPE(tickets, IC_WIRE_ADMISSION_MAX);
    IC_BUF_SCOPE(proofs, IC_WIRE_ADMISSION_MAX);
    for (const struct admit *a = m->admits; a; a = a->next) {
        IC_TRY(ic_buf_append(&tickets, ic_buf_view(&a->ticket)));
        if (a->proof.len)
            IC_TRY(ic_wire_list_add(&proofs, ic_buf_view(&a->proof)));
    }
    struct ic_wire_commit_data d = {1, ic_meeting_commit_time(m), ic_buf_view(&tickets),
                                    ic_buf_view(&proofs)};
    return ic_wire_commit_data_encode(&d, out);
}

ic_err ic_meeting_admission_data(const struct ic_meeting *m, struct ic_buf *out)
{
    uint8_t witness[IC_RULES_PROOF_LEN];
    IC_BUF_SCOPE(tickets, IC_WIRE_ADMISSION_MAX);
    struct ic_wire_admission a = {.version = 1, .time_ms = ic_meeting_commit_time(m)};
    for (const struct admit *x = m->admits; x; x = x->next)
        IC_TRY(ic_buf_append(&tickets, ic_buf_view(&x->ticket)));
    a.tickets = ic_buf_view(&tickets);
    if (ic_meeting_link_secret(m).len) {
        ic_rules_witness(ic_meeting_link_secret(m), ic_buf_view(&m->group_id),
                         ic_meeting_own_key(m), witness);
        a.witness = IC_VIEW_ARRAY(witness);
    }
    return ic_wire_admission_encode(&a, out);
}

/* ---- others' proposals ---- */

static bool take_pending(void *ctx, const struct ic_mlspub_change_item *item)
{
    return ic_meeting_judge_item(ctx, item, NULL) == IC_OK;
}

/* Members, hosts first, commit what waits; who can show no witness to newcomers comes last. */
void ic_meeting_commit_pending_soon(struct ic_meeting *m)
{
    if (!m->group || m->config.keep_proposals_back)
        return;
    size_t n = 0;
    for (size_t i = 0; i < ic_mls_pending_count(m->group); i++) {
        const struct ic_mlspub_change_item *item = ic_mls_pending(m->group, i);
        bool ours = item->proposal->type == IC_MLS_REMOVE &&
                    item->proposal->remove == ic_mls_own_leaf(m->group);
        n += !ours && take_pending(m, item);
    }
    if (n == 0)
        return;
    if (ic_meeting_is_host(m))
        ic_meeting_want_soon(m, ic_meeting_jitter(m, BATCH_MS, 2 * BATCH_MS));
    else if (ic_meeting_link_secret(m).len)
        ic_meeting_want_soon(m, ic_meeting_jitter(m, 3 * BATCH_MS, STEP_ASIDE_MS));
    else
        ic_meeting_want_soon(m, ic_meeting_jitter(m, STEP_ASIDE_MS - BATCH_MS, STEP_ASIDE_MS));
}

/* ---- the commit ---- */

struct parts {
    struct ic_view *adds;
    uint32_t *removes;
    struct ic_buf data, extensions, admission, knocks;
    struct setup setup;
    struct ic_mls_commit_params p;
};

static void parts_clear(struct parts *p)
{
    ic_free(p->adds);
    ic_free(p->removes);
    ic_buf_clear(&p->data);
    ic_buf_clear(&p->extensions);
    ic_buf_clear(&p->admission);
    ic_buf_clear(&p->knocks);
}

static ic_err collect_lists(const struct ic_meeting *m, struct parts *p)
{
    p->adds = ic_new_array(INTENTS_MAX, struct ic_view);
    p->removes = ic_new_array(INTENTS_MAX, uint32_t);
    if (!p->adds || !p->removes)
        return IC_ERR_NOMEM;
    size_t adds = !m->one_by_one ? INTENTS_MAX : m->removals || ic_meeting_wish_any(m) ? 0 : 1;
    for (const struct admit *a = m->admits; a && p->p.add_count < adds; a = a->next) {
        p->adds[p->p.add_count++] = ic_buf_view(&a->key_package);
        if (a->knock)
            IC_TRY(ic_wire_numbers_add(&p->knocks, a->knock));
    }
    for (const struct removal *r = m->removals; r && p->p.remove_count < INTENTS_MAX; r = r->next)
        p->removes[p->p.remove_count++] = r->leaf;
    p->p.adds = p->adds;
    p->p.removes = p->removes;
    return IC_OK;
}

/* Who is to go goes, also where there is no room for a bar or no chain would show that the new terms are a
 * host's. */
static ic_err collect_terms(struct ic_meeting *m, struct parts *p)
{
    if (!ic_meeting_wish_any(m))
        return IC_OK;
    ic_err e = ic_meeting_wish_extensions(m, &p->extensions);
    if (e == IC_OK) {
        p->p.set_extensions = true;
        p->p.extensions = ic_buf_view(&p->extensions);
        return IC_OK;
    }
    if (!m->removals || e == IC_ERR_NOMEM)
        return e;
    ic_meeting_wish_clear(m);
    ic_meeting_alert(m, "terms-not-made", ic_meeting_own_leaf(m),
                     "The meeting's terms cannot be changed: who is removed now is not barred.");
    return IC_OK;
}

static ic_err collect(struct ic_meeting *m, struct parts *p)
{
    ic_buf_init(&p->data, 2 * IC_WIRE_ADMISSION_MAX);
    ic_buf_init(&p->extensions, IC_WIRE_MAX);
    ic_buf_init(&p->admission, IC_WIRE_ADMISSION_MAX);
    ic_buf_init(&p->knocks, 8 * IC_WIRE_KNOCKS_MAX);
    IC_TRY(collect_lists(m, p));
    IC_TRY(ic_meeting_commit_data(m, &p->data));
    IC_TRY(ic_meeting_admission_data(m, &p->admission));
    IC_TRY(collect_terms(m, p));
    p->p.filter = take_pending;
    p->p.filter_ctx = m;
    p->p.force_path = m->update_keys || m->rotating || m->replacing;
    if (m->renewing) { /* which makes a path too */
        ic_meeting_setup_identity(m, &p->setup);
        p->p.identity = &p->setup.identity;
    }
    p->p.authenticated_data = ic_buf_view(&p->data);
    p->p.welcome_without_tree = true;
    p->p.want_group_info = true;
    return IC_OK;
}

static bool own_removal_pending(const struct ic_meeting *m)
{
    for (size_t i = 0; i < ic_mls_pending_count(m->group); i++) {
        const struct ic_mlspub_change_item *item = ic_mls_pending(m->group, i);
        if (item->proposal->type == IC_MLS_REMOVE &&
            item->proposal->remove == ic_mls_own_leaf(m->group))
            return true;
    }
    return false;
}

static bool may_commit(const struct ic_meeting *m)
{
    return m->group && m->conn == CONN_IN && m->in_step && !m->staged && !m->stuck && !m->ahead &&
           m->resync == RESYNC_NO && !own_removal_pending(m);
}

static bool anything(const struct ic_meeting *m)
{
    if (ic_meeting_wants_commit(m))
        return true;
    for (size_t i = 0; i < ic_mls_pending_count(m->group); i++)
        if (ic_meeting_judge_item(m, ic_mls_pending(m->group, i), NULL) == IC_OK)
            return true;
    return false;
}

static void send_commit(struct ic_meeting *m, const struct parts *p)
{
    struct ic_wire_frame f = {.type = IC_WIRE_COMMIT,
                              .commit = {.group_id = ic_buf_view(&m->group_id),
                                         .epoch = ic_mls_context(m->group)->epoch,
                                         .commit = ic_mls_staged_commit(m->staged),
                                         .welcome = ic_mls_staged_welcome(m->staged),
                                         .group_info = ic_mls_staged_group_info(m->staged),
                                         .admission = ic_buf_view(&p->admission),
                                         .replaces = m->replacing,
                                         .knocks = ic_buf_view(&p->knocks)}};
    m->staged_update = m->update_keys;
    m->staged_adds = p->p.add_count;
    m->staged_ms = m->now_ms;
    ic_meeting_send_request(m, &f, REQ_COMMIT, f.commit.epoch);
}

/* What we are about to send must hold under the rules as they judge it from anybody. */
static ic_err stage(struct ic_meeting *m, struct parts *p, struct ic_rules_fault *fault)
{
    IC_TRY(collect(m, p));
    IC_TRY(ic_mls_commit_create(m->group, &p->p, &m->staged));
    ic_err e = ic_meeting_judge_commit(m, m->staged, fault);
    if (e != IC_OK) {
        ic_mls_discard(m->staged);
        m->staged = NULL;
    }
    return e;
}

static void give_up(struct ic_meeting *m, const char *rule)
{
    ic_meeting_alert(m, rule, ic_meeting_own_leaf(m),
                     "A change that you asked for was not possible.");
    m->refused_commits = 0;
    ic_meeting_intents_clear(m);
}

/* Our commit was not possible, or not taken. Where it had Adds, one of them may be why: strangers make
 * their own key packages. Then everything else comes first, the Adds one by one, and who does not fit
 * stays outside. */
static void set_back(struct ic_meeting *m, size_t adds, const char *rule)
{
    if (adds == 0 || !m->admits) {
        give_up(m, rule);
        return;
    }
    m->refused_commits = 0;
    if (m->one_by_one) {
        ic_meeting_alert(m, rule, ic_meeting_own_leaf(m),
                         "Somebody who was admitted cannot be added.");
        ic_meeting_admit_drop_first(m);
    }
    m->one_by_one = m->admits != NULL;
    ic_meeting_want_soon(m, ic_meeting_jitter(m, 1, BATCH_MS));
}

void ic_meeting_commit_now(struct ic_meeting *m)
{
    struct parts p __attribute__((cleanup(parts_clear))) = {0};
    struct ic_rules_fault fault = {"", IC_MLSPUB_NO_LEAF};
    m->commit_at_ms = NEVER;
    if (!m->group)
        return;
    ic_meeting_intents_prune(m);
    m->commit_at_ms = NEVER;
    m->one_by_one = m->one_by_one && m->admits;
    if (!anything(m))
        return;
    if (!may_commit(m)) {
        m->commit_at_ms = m->now_ms + RETRY_MS;
        return;
    }
    ic_err e = stage(m, &p, &fault);
    const char *rule = fault.rule[0] ? fault.rule : ic_mls_last_rule(m->group);
    if (e == IC_OK)
        send_commit(m, &p);
    else if (ic_meeting_wants_commit(m))
        set_back(m, p.p.add_count, rule[0] ? rule : ic_err_name(e));
}

/* Durable; the echo, in its place in the order, merges it. */
void ic_meeting_commit_accepted(struct ic_meeting *m, uint64_t seq)
{
    (void)seq;
    m->refused_commits = 0;
}

void ic_meeting_commit_failed(struct ic_meeting *m, uint64_t epoch, const struct ic_wire_error *e)
{
    ic_mls_discard(m->staged);
    m->staged = NULL;
    if (!m->group)
        return;
    if (e->code != IC_WIRE_E_STALE && ++m->refused_commits >= 2) {
        char text[120];
        size_t n = e->text.len < sizeof text - 1 ? e->text.len : sizeof text - 1;
        for (size_t i = 0; i < n; i++)
            text[i] = (char)e->text.p[i];
        text[n] = '\0';
        set_back(m, m->staged_adds, text);
        return;
    }
    if (e->code == IC_WIRE_E_STALE)
        ic_meeting_apply_stale(
            m, epoch); /* what came first is on its way; then what is still wanted */
    ic_meeting_want_soon(m, ic_meeting_jitter(m, BATCH_MS / 4, RETRY_MS));
}
