/* The lobby as a host sees it, and the refusal as a stranger does. */
#include "internal.h"
#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>
#include <string.h>

struct knock *ic_meeting_lobby_find(const struct ic_meeting *m, uint64_t id)
{
    for (struct knock *k = m->knocks; k; k = k->next)
        if (k->id == id)
            return k;
    return NULL;
}

static void knock_free(struct knock *k)
{
    ic_buf_clear(&k->key_package);
    ic_buf_clear(&k->proof);
    ic_free(k);
}

void ic_meeting_lobby_clear(struct ic_meeting *m)
{
    while (m->knocks) {
        struct knock *k = m->knocks;
        m->knocks = k->next;
        knock_free(k);
    }
}

/* What is shown is read from the key package itself, and its signature is checked: the server may have
 * swapped it, which the short code shows. */
static ic_err describe(struct ic_meeting *m, struct knock *k)
{
    struct ic_mlspub_message msg;
    IC_ARENA_SCOPE(arena, 1 << 18);
    struct ic_view bytes = ic_buf_view(&k->key_package);
    const struct ic_mls_config config = ic_meeting_setup_config(m);
    IC_TRY(ic_mls_key_package_check(bytes, &config));
    IC_TRY(ic_mlspub_message_decode(bytes, &arena, &msg));
    if (msg.wire_format != IC_MLS_KEY_PACKAGE || msg.key_package.suite != m->suite->id)
        return IC_ERR_UNSUPPORTED;
    const struct ic_mlspub_leaf_node *leaf = &msg.key_package.leaf;
    int64_t until_s;
    if (leaf->signature_key.len > sizeof k->key ||
        !ic_meeting_identity_show(m, leaf, &k->who, &until_s))
        return IC_ERR_MALFORMED;
    k->lacks = ic_meeting_verified_lacks(m, leaf);
    k->key_len = (uint8_t)leaf->signature_key.len;
    memcpy(k->key, leaf->signature_key.p, k->key_len);
    ic_mlspub_key_package_ref(m->suite, msg.key_package.encoded, k->ref);
    ic_meeting_code_short(ic_view(k->ref, m->suite->hash_len), k->code);
    return IC_OK;
}

struct ic_view ic_meeting_knock_package(const struct ic_meeting *m, uint64_t id)
{
    const struct knock *k = ic_meeting_lobby_find(m, id);
    return k ? ic_buf_view(&k->key_package) : ic_view(NULL, 0);
}

static bool proof_holds(const struct ic_meeting *m, const struct knock *k)
{
    uint8_t want[IC_RULES_PROOF_LEN];
    if (ic_meeting_link_secret(m).len == 0)
        return false;
    ic_rules_proof(ic_meeting_link_secret(m), ic_buf_view(&m->group_id),
                   ic_view(k->ref, m->suite->hash_len), want);
    return ic_ct_equal(ic_buf_view(&k->proof), IC_VIEW_ARRAY(want));
}

/* Whom the terms themselves admit: hosts, where the link admits who proves to hold it, and where they admit who is
 * verified those, but for whom this device knows to be revoked: a host may be asked, nobody does it unasked. */
static bool terms_admit(const struct ic_meeting *m, const struct knock *k)
{
    struct ic_wire_terms t;
    if (!ic_meeting_current_terms(m, &t) || ic_rules_is_barred(&t, ic_view(k->key, k->key_len)))
        return false;
    if (ic_rules_verified_only(&t) && ic_meeting_verified_is_revoked(&k->who))
        return false;
    if (ic_rules_is_host(&t, ic_view(k->key, k->key_len)))
        return true;
    if (t.locked)
        return false;
    return ic_rules_verified_only(&t) ? !k->lacks[0]
                                      : t.admission == IC_WIRE_LINK_ADMITS && proof_holds(m, k);
}

static ic_err admit(struct ic_meeting *m, const struct knock *k, uint64_t at_ms)
{
    IC_TRY(ic_meeting_admit_add(m, k->id, ic_buf_view(&k->key_package), ic_buf_view(&k->proof),
                                ic_view(NULL, 0)));
    ic_meeting_want_soon(m, at_ms);
    return IC_OK;
}

static void show(struct ic_meeting *m, const struct knock *k)
{
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_KNOCK);
    struct ic_wire_terms t;
    e->knock = k->id;
    e->flag =
        ic_meeting_current_terms(m, &t) && ic_rules_is_barred(&t, ic_view(k->key, k->key_len));
    e->person = k->who;
    ic_meeting_set_rule(e, k->lacks);
    memcpy(e->code, k->code, sizeof e->code);
}

/* The terms let it in, or a host is asked. */
static void consider(struct ic_meeting *m, struct knock *k)
{
    if (k->considered)
        return;
    k->considered = true;
    bool host = ic_meeting_is_host(m);
    uint64_t at_ms =
        host ? m->now_ms + BATCH_MS : ic_meeting_jitter(m, 2 * BATCH_MS, STEP_ASIDE_MS);
    if (terms_admit(m, k) && admit(m, k, at_ms) == IC_OK)
        return;
    if (host)
        show(m, k);
}

/* Those who knock while our own keys are still on their way are looked at once we have them. */
void ic_meeting_lobby_knocked(struct ic_meeting *m, const struct ic_wire_knocked *frame)
{
    size_t waiting = 0;
    for (const struct knock *k = m->knocks; k; k = k->next)
        waiting++;
    if (waiting >= KNOCKS_MAX || ic_meeting_lobby_find(m, frame->knock))
        return;
    struct knock *k = ic_new(struct knock);
    if (!k)
        return;
    k->id = frame->knock;
    ic_err e = ic_meeting_set_buf(&k->key_package, frame->key_package);
    if (e == IC_OK)
        e = ic_meeting_set_buf(&k->proof, frame->proof);
    if (e == IC_OK)
        e = describe(m, k);
    if (e != IC_OK) {
        knock_free(k);
        ic_meeting_alert(m, "knock-malformed", IC_MLSPUB_NO_LEAF,
                         "Somebody knocked with a key package that is not valid.");
        return;
    }
    k->next = m->knocks;
    m->knocks = k;
    if (m->group)
        consider(m, k);
}

void ic_meeting_lobby_judge_all(struct ic_meeting *m)
{
    for (struct knock *k = m->knocks; k; k = k->next) {
        struct ic_meeting_person before = k->who;
        if (describe(m, k) != IC_OK || !k->considered)
            continue;
        if (m->group && ic_meeting_verified_is_revoked(&before) &&
            !ic_meeting_verified_is_revoked(&k->who)) {
            k->considered = false; /* revoked no longer: the terms may admit it after all */
            consider(m, k);
        } else if (ic_meeting_is_host(m) &&
                   (before.identity != k->who.identity || before.pinned != k->who.pinned)) {
            show(m, k);
        }
    }
}

void ic_meeting_lobby_consider(struct ic_meeting *m)
{
    for (struct knock *k = m->knocks; k; k = k->next)
        consider(m, k);
}

void ic_meeting_lobby_gone(struct ic_meeting *m, const struct ic_wire_knock_gone *g)
{
    for (struct knock **at = &m->knocks; *at; at = &(*at)->next) {
        struct knock *k = *at;
        if (k->id != g->knock)
            continue;
        *at = k->next;
        struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_KNOCK_GONE);
        e->knock = k->id;
        e->person = k->who;
        if (g->why != IC_WIRE_GONE_ADMITTED && !m->staged)
            ic_meeting_admit_drop(m, k->id);
        knock_free(k);
        return;
    }
}

ic_err ic_meeting_admit(struct ic_meeting *m, uint64_t id, uint64_t now_ms)
{
    m->now_ms = now_ms;
    const struct knock *k = ic_meeting_lobby_find(m, id);
    if (!m->group)
        return IC_ERR_STATE;
    if (!ic_meeting_is_host(m))
        return IC_ERR_DENIED;
    if (!k)
        return IC_ERR_NOT_FOUND;
    if (k->lacks[0])
        return IC_ERR_RULE;
    IC_TRY(admit(m, k, now_ms + BATCH_MS));
    struct ic_wire_terms t;
    if (ic_meeting_current_terms(m, &t) &&
        ic_wire_list_has(t.barred, ic_view(k->who.key_hash, 32))) {
        m->wish.unbar.max = 1 << 17; /* a host readmits */
        IC_TRY(ic_wire_list_add(&m->wish.unbar, ic_view(k->who.key_hash, 32)));
    }
    ic_meeting_settle(m);
    return IC_OK;
}

ic_err ic_meeting_refuse(struct ic_meeting *m, uint64_t id, uint64_t now_ms)
{
    m->now_ms = now_ms;
    if (!m->group || m->conn != CONN_IN)
        return IC_ERR_STATE;
    if (!ic_meeting_is_host(m))
        return IC_ERR_DENIED;
    if (!ic_meeting_lobby_find(m, id))
        return IC_ERR_NOT_FOUND;
    ic_meeting_admit_drop(m, id);
    struct ic_wire_frame f = {.type = IC_WIRE_REFUSE, .refuse = {id, IC_WIRE_REFUSED_BY_HOST}};
    ic_meeting_send_request(m, &f, REQ_REFUSE, id);
    ic_meeting_settle(m);
    return IC_OK;
}

/* ---- the stranger ---- */

void ic_meeting_lobby_refused(struct ic_meeting *m, uint8_t why)
{
    static const struct {
        uint8_t why;
        const char *rule, *text;
    } rows[] = {
        {IC_WIRE_REFUSED_BY_HOST, "refused-by-host", "The host did not let you in."},
        {IC_WIRE_REFUSED_LOCKED, "refused-locked", "The room is locked."},
        {IC_WIRE_REFUSED_FULL, "refused-full", "The room is full."},
        {IC_WIRE_REFUSED_BARRED, "refused-barred",
         "A host removed you; only a host can let you back."},
        {IC_WIRE_REFUSED_SUITE, "refused-suite", "This device lacks the meeting's cipher suite."},
    };
    if (m->group)
        return;
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        if (rows[i].why != why)
            continue;
        struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_REFUSED);
        ic_meeting_set_rule(e, rows[i].rule);
        ic_meeting_set_text(e, rows[i].text);
        ic_meeting_end_meeting(m, rows[i].rule, rows[i].text);
    }
}
