/* From the connection's first frame to the lobby, the group, or the door. */
#include "internal.h"

#ifdef IC_TEST_HOOKS
#include "testhook.h"
#endif

#include <ic/base/text.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>
#include <string.h>

struct ic_view ic_meeting_own_key(const struct ic_meeting *m)
{
    return ic_sign_key_public(m->config.identity);
}

struct ic_view ic_meeting_link_secret(const struct ic_meeting *m)
{
    return m->config.link.pinned ? IC_VIEW_ARRAY(m->config.link.join_secret) : ic_view(NULL, 0);
}

struct ic_view ic_meeting_link_pin(const struct ic_meeting *m)
{
    return m->config.link.pinned ? IC_VIEW_ARRAY(m->config.link.meeting_key_hash)
                                 : ic_view(NULL, 0);
}

bool ic_meeting_current_terms(const struct ic_meeting *m, struct ic_wire_terms *out)
{
    if (m->group && !m->creating)
        return ic_rules_terms_find(ic_mls_context(m->group), out, NULL) == IC_OK;
    return m->first_terms.len && ic_wire_terms_decode(ic_buf_view(&m->first_terms), out) == IC_OK;
}

/* ---- hello ---- */

static void check_clock(struct ic_meeting *m, uint64_t server_ms)
{
    int64_t offset = (int64_t)(m->now_ms - server_ms);
    m->server_ahead_ms = server_ms - m->now_ms;
    if (m->clock_told || (offset <= CLOCK_OFF_MS && offset >= -CLOCK_OFF_MS))
        return;
    m->clock_told = true;
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_CLOCK);
    e->offset_ms = offset;
    ic_meeting_set_text(e,
                        "This device's clock and the server's are more than five minutes apart.");
}

static ic_err sign_entry(const struct ic_meeting *m, struct ic_view nonce, struct ic_view ref,
                         uint8_t *sig, size_t *len)
{
    IC_BUF_SCOPE(tbs, 1024);
    struct ic_writer w = ic_writer(&tbs);
    ic_write_vec(&w, nonce);
    ic_write_vec(&w, ref);
    IC_TRY(ic_writer_end(&w));
    return ic_mlspub_sign_with_label(m->config.identity, "InCamera Connect", ic_buf_view(&tbs), sig,
                                     len);
}

void ic_meeting_enter_hello_ok(struct ic_meeting *m, const struct ic_wire_hello_ok *a)
{
    uint8_t sig[IC_SIG_MAX];
    size_t len;
    struct ic_view ref = ic_view_cstr(m->config.link.ref);
    check_clock(m, a->now_ms);
    if (sign_entry(m, a->nonce, ref, sig, &len) != IC_OK) {
        ic_meeting_end_meeting(m, "no-signature", "This device's key cannot sign.");
        return;
    }
    struct ic_wire_frame f = {.type = IC_WIRE_ENTER,
                              .enter = {m->config.link.ref_kind, ref, m->suite->id,
                                        ic_meeting_own_key(m), ic_view(sig, len)}};
    m->conn = CONN_ENTER;
    ic_meeting_send_request(m, &f, REQ_ENTER, 0);
}

/* ---- entered ---- */

static bool id_matches(const struct ic_meeting *m, struct ic_view id)
{
    char text[32];
    if (m->config.link.ref_kind != IC_WIRE_REF_ID)
        return true;
    ic_base64_encode(IC_BASE64_URL, id, text);
    return strcmp(text, m->config.link.ref) == 0;
}

/* The terms that the server shows must be those that the link pins: NULL, or the rule. */
static const char *check_terms(const struct ic_meeting *m, const struct ic_wire_entered *a)
{
    struct ic_wire_terms t;
    struct ic_rules_fault f = {"terms-malformed", IC_MLSPUB_NO_LEAF};
    if (ic_wire_terms_decode(a->terms, &t) != IC_OK)
        return f.rule;
    if (ic_rules_terms_verify(&t, ic_meeting_link_pin(m), &f) != IC_OK)
        return f.rule;
    if (!id_matches(m, a->meeting_id) || !ic_view_equal(t.meeting_id, a->meeting_id) ||
        (m->first_terms.len && !ic_view_equal(t.meeting_id, IC_VIEW_ARRAY(m->meeting_id))))
        return "terms-other-meeting";
    return t.suite == m->suite->id ? NULL : "terms-suite";
}

static void tell_unbound(struct ic_meeting *m)
{
    if (m->config.link.pinned || m->unbound_told)
        return;
    m->unbound_told = true;
    ic_meeting_alert(
        m, "not-bound-to-link", IC_MLSPUB_NO_LEAF,
        "You joined by number: compare the code, for nothing binds this meeting to a link.");
}

static void reset_lobby(struct ic_meeting *m)
{
    ic_mls_key_package_free(m->key_package);
    m->key_package = NULL;
    m->knock = 0;
}

/* The server's group is another one than ours, or we are no longer in it: a session that ended, or a
 * Remove while we were away. The lobby follows. */
static void lost_group(struct ic_meeting *m)
{
    ic_meeting_alert(m, "not-a-member", IC_MLSPUB_NO_LEAF,
                     "You are no longer in the meeting's group; you knock again.");
    ic_meeting_group_drop(m);
    ic_meeting_roster_clear(m);
    reset_lobby(m);
}

/* Another session, perhaps of other people: what was wanted of the last one, and lines that did not get
 * through, are not for them. */
static void forget_wants(struct ic_meeting *m)
{
    if (m->lines)
        ic_meeting_alert(m, "chat-dropped", IC_MLSPUB_NO_LEAF,
                         "The meeting began anew: lines that had not been sent are dropped.");
    ic_meeting_say_clear(m);
    ic_meeting_intents_clear(m);
    ic_meeting_lobby_clear(m);
}

static void go_on(struct ic_meeting *m, const struct ic_wire_entered *a)
{
    struct ic_wire_terms t;
    bool host = ic_meeting_current_terms(m, &t) && ic_rules_is_host(&t, ic_meeting_own_key(m));
    if (m->group) {
        m->in_step = false;
        if (m->resync == RESYNC_NO)
            ic_meeting_apply_fetch(m);
        else
            ic_meeting_resync_start(m, "reconnected");
    } else if (a->group_id.len == 0) {
        if (host && m->config.may_create)
            ic_meeting_setup_create_group(m);
    } else if (a->role == IC_WIRE_STRANGER || !m->key_package) {
        /* A member of the group whose keys are gone: a restarted client (keys are never kept). The role
         * is the server's word; where the tree does not hold us, resync ends in the lobby. */
        if (a->role != IC_WIRE_STRANGER)
            ic_meeting_resync_start(m, "restarted");
        else
            ic_meeting_enter_knock(m);
    } else {
        m->welcome_by_ms = m->now_ms + WELCOME_WAIT_MS;
    }
}

void ic_meeting_enter_entered(struct ic_meeting *m, const struct ic_wire_entered *a)
{
    const char *rule = check_terms(m, a);
    if (rule) {
        ic_meeting_end_meeting(m, rule,
                               "The server shows a meeting that is not the one in your link.");
        return;
    }
    if (a->state == IC_WIRE_OVER) {
        ic_meeting_end_meeting(m, "meeting-over", "The meeting is over.");
        return;
    }
    bool same = ic_view_equal(a->group_id, ic_buf_view(&m->group_id));
    if (m->group_id.len && !same)
        forget_wants(m);
    if (m->group && (!same || a->role == IC_WIRE_STRANGER))
        lost_group(m);
    if (ic_meeting_set_buf(&m->first_terms, a->terms) != IC_OK ||
        ic_meeting_set_buf(&m->external_sender, a->external_sender) != IC_OK ||
        ic_meeting_set_buf(&m->group_id, a->group_id) != IC_OK) {
        ic_meeting_end_meeting(m, "no-memory", "This device is out of memory.");
        return;
    }
    memcpy(m->meeting_id, a->meeting_id.p, sizeof m->meeting_id);
    m->role = a->role;
    m->conn = CONN_IN;
    tell_unbound(m);
    go_on(m, a);
}

void ic_meeting_enter_failed(struct ic_meeting *m, const struct ic_wire_error *e)
{
    switch (e->code) {
    case IC_WIRE_E_NOT_FOUND:
        ic_meeting_end_meeting(m, "not-found", "There is no such meeting.");
        break;
    case IC_WIRE_E_INVALID:
        ic_meeting_end_meeting(
            m, "suite", "The meeting uses a cipher suite that this device's key does not fit.");
        break;
    case IC_WIRE_E_DENIED:
        ic_meeting_end_meeting(m, "entry-denied",
                               "The server did not accept this device's signature.");
        break;
    case IC_WIRE_E_LIMIT:
        ic_meeting_end_meeting(m, "limit",
                               "The server has no room, or there were too many attempts.");
        break;
    default:
        break; /* the server is going down or troubled: the application reconnects */
    }
}

void ic_meeting_enter_group_open(struct ic_meeting *m, const struct ic_wire_group_open *e)
{
    if (m->creating) { /* another host was first */
        m->creating = false;
        ic_meeting_group_drop(m);
    }
    if (m->group || ic_meeting_set_buf(&m->group_id, e->group_id) != IC_OK)
        return;
    reset_lobby(m);
    ic_meeting_enter_knock(m);
}

/* ---- the knock ---- */

static ic_err make_key_package(struct ic_meeting *m)
{
    struct setup s;
    struct ic_mls_config config = ic_meeting_setup_config(m);
    if (m->key_package)
        return IC_OK;
    ic_meeting_setup_identity(m, &s);
    IC_TRY(ic_mls_key_package_new(&config, &s.identity, ic_view(NULL, 0), &m->key_package));
#ifdef IC_TEST_HOOKS
    ic_testhook_meeting_key_package(m->key_package);
#endif
    return IC_OK;
}

void ic_meeting_enter_knock(struct ic_meeting *m)
{
    uint8_t proof[IC_RULES_PROOF_LEN];
    if (make_key_package(m) != IC_OK) {
        ic_meeting_end_meeting(m, "no-key-package", "This device could not make its key package.");
        return;
    }
    struct ic_view ref = ic_mls_key_package_ref(m->key_package);
    struct ic_wire_frame f = {.type = IC_WIRE_KNOCK,
                              .knock = {.key_package = ic_mls_key_package_message(m->key_package)}};
    if (ic_meeting_link_secret(m).len) {
        ic_rules_proof(ic_meeting_link_secret(m), ic_buf_view(&m->group_id), ref, proof);
        f.knock.proof = IC_VIEW_ARRAY(proof);
    }
    ic_meeting_send_request(m, &f, REQ_KNOCK, 0);
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_WAITING);
    ic_meeting_code_short(ref, e->code);
}
