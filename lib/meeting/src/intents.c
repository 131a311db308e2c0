/* What people want of the group. A want survives lost races, lost connections and epochs, until the group
 * shows it. */
#include "internal.h"
#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>
#include <string.h>

void ic_meeting_want_soon(struct ic_meeting *m, uint64_t at_ms)
{
    if (at_ms < m->commit_at_ms)
        m->commit_at_ms = at_ms;
}

bool ic_meeting_wants_commit(const struct ic_meeting *m)
{
    /* A replacement is wanted until somebody's has come. */
    return m->admits || m->removals || ic_meeting_wish_any(m) || m->update_keys || m->renewing ||
           m->rotating || m->replacing;
}

/* ---- admits ---- */

static void admit_free(struct admit *a)
{
    ic_buf_clear(&a->key_package);
    ic_buf_clear(&a->proof);
    ic_buf_clear(&a->ticket);
    ic_free(a);
}

/* Reference and key of a key package in an MLSMessage. */
static ic_err read_key_package(struct ic_meeting *m, struct admit *a)
{
    struct ic_mlspub_message msg;
    IC_ARENA_SCOPE(arena, 1 << 18);
    IC_TRY(ic_mlspub_message_decode(ic_buf_view(&a->key_package), &arena, &msg));
    if (msg.wire_format != IC_MLS_KEY_PACKAGE || msg.key_package.suite != m->suite->id ||
        msg.key_package.leaf.signature_key.len > sizeof a->key)
        return IC_ERR_MALFORMED;
    a->key_len = (uint8_t)msg.key_package.leaf.signature_key.len;
    memcpy(a->key, msg.key_package.leaf.signature_key.p, a->key_len);
    ic_mlspub_key_package_ref(m->suite, msg.key_package.encoded, a->ref);
    const struct ic_mls_config config = ic_meeting_setup_config(m);
    return ic_mls_key_package_check(ic_buf_view(&a->key_package), &config);
}

static void admits_drop(struct ic_meeting *m,
                        bool (*drop)(const struct ic_meeting *m, const struct admit *a,
                                     uint64_t arg),
                        uint64_t arg)
{
    for (struct admit **at = &m->admits; *at;) {
        struct admit *a = *at;
        if (!drop(m, a, arg)) {
            at = &a->next;
            continue;
        }
        *at = a->next;
        admit_free(a);
    }
}

static bool is_key(const struct ic_meeting *m, const struct admit *a, uint64_t arg)
{
    const struct admit *other = (const struct admit *)(uintptr_t)arg;
    (void)m;
    return a->key_len == other->key_len && memcmp(a->key, other->key, a->key_len) == 0;
}

ic_err ic_meeting_admit_add(struct ic_meeting *m, uint64_t knock, struct ic_view key_package,
                            struct ic_view proof, struct ic_view ticket)
{
    size_t n = 0;
    struct admit **at = &m->admits;
    for (; *at; at = &(*at)->next, n++)
        if (knock && (*at)->knock == knock)
            return IC_OK;
    if (n >= INTENTS_MAX)
        return IC_ERR_LIMIT;
    struct admit *a = ic_new(struct admit);
    if (!a)
        return IC_ERR_NOMEM;
    a->knock = knock;
    ic_err e = ic_meeting_set_buf(&a->key_package, key_package);
    if (e == IC_OK)
        e = ic_meeting_set_buf(&a->proof, proof);
    if (e == IC_OK)
        e = ic_meeting_set_buf(&a->ticket, ticket);
    if (e == IC_OK)
        e = read_key_package(m, a);
    if (e != IC_OK) {
        admit_free(a);
        return e;
    }
    /* Who knocks again, with another key package or under another number, is added once. */
    admits_drop(m, is_key, (uintptr_t)a);
    for (at = &m->admits; *at; at = &(*at)->next)
        ;
    *at = a;
    return IC_OK;
}

static bool is_knock(const struct ic_meeting *m, const struct admit *a, uint64_t knock)
{
    (void)m;
    return a->knock == knock;
}

void ic_meeting_admit_drop(struct ic_meeting *m, uint64_t knock)
{
    admits_drop(m, is_knock, knock);
}

void ic_meeting_admit_drop_first(struct ic_meeting *m)
{
    struct admit *a = m->admits;
    m->admits = a->next;
    admit_free(a);
}

static bool key_is_here(const struct ic_meeting *m, struct ic_view key)
{
    for (size_t i = 0; i < m->person_count; i++)
        if (m->people[i].to == NEVER &&
            ic_view_equal(ic_view(m->people[i].key, m->people[i].key_len), key))
            return true;
    return false;
}

static bool is_here(const struct ic_meeting *m, const struct admit *a, uint64_t arg)
{
    (void)arg;
    return key_is_here(m, ic_view(a->key, a->key_len));
}

static bool any(const struct ic_meeting *m, const struct admit *a, uint64_t arg)
{
    (void)m, (void)a, (void)arg;
    return true;
}

/* ---- removals ---- */

static bool is_gone(const struct ic_meeting *m, const struct removal *r)
{
    return !key_is_here(m, ic_view(r->key, r->key_len));
}

/* A certificate was renewed in time. */
static bool is_spared(const struct ic_meeting *m, const struct removal *r)
{
    const struct person *p = ic_meeting_person_at(m, r->leaf);
    return r->quiet && p && !ic_meeting_verified_is_over(m, p);
}

static void removals_drop(struct ic_meeting *m, bool all)
{
    for (struct removal **at = &m->removals; *at;) {
        struct removal *r = *at;
        if (!all && !is_gone(m, r) && !is_spared(m, r)) {
            const struct person *p = NULL;
            for (size_t i = 0; i < m->person_count; i++)
                if (m->people[i].to == NEVER && m->people[i].key_len == r->key_len &&
                    memcmp(m->people[i].key, r->key, r->key_len) == 0)
                    p = &m->people[i];
            r->leaf = p ? p->leaf : r->leaf; /* it may have resynced to another leaf */
            at = &r->next;
            continue;
        }
        *at = r->next;
        ic_free(r);
    }
}

static void bar_key(struct ic_buf *add, struct ic_buf *take, const uint8_t hash[32])
{
    add->max = take->max = 1 << 17;
    if (!ic_wire_list_has(ic_buf_view(add), ic_view(hash, 32)))
        IC_IGNORE(ic_wire_list_add(add, ic_view(hash, 32)));
    ic_buf_clear(take);
}

/* That there is, or a new one, quiet so far; NULL: no memory. */
static struct removal *removal_of(struct ic_meeting *m, const struct person *p)
{
    for (struct removal *r = m->removals; r; r = r->next)
        if (r->leaf == p->leaf)
            return r;
    struct removal *r = ic_new(struct removal);
    if (!r)
        return NULL;
    *r = (struct removal){
        .leaf = p->leaf, .key_len = p->key_len, .quiet = true, .next = m->removals};
    memcpy(r->key, p->key, p->key_len);
    m->removals = r;
    return r;
}

void ic_meeting_removal_quiet(struct ic_meeting *m, const struct person *p)
{
    if (removal_of(m, p))
        ic_meeting_want_soon(m, m->now_ms);
}

ic_err ic_meeting_remove(struct ic_meeting *m, uint32_t leaf, uint64_t now_ms)
{
    const struct person *p = m->group ? ic_meeting_person_at(m, leaf) : NULL;
    m->now_ms = now_ms;
    if (!m->group)
        return IC_ERR_STATE;
    if (!ic_meeting_is_host(m))
        return IC_ERR_DENIED;
    if (!p || leaf == ic_mls_own_leaf(m->group))
        return IC_ERR_NOT_FOUND;
    struct removal *r = removal_of(m, p);
    if (!r)
        return IC_ERR_NOMEM;
    if (!r->quiet)
        return IC_OK;
    r->quiet = false;
    r->since_ms = now_ms;
    bar_key(&m->wish.bar, &m->wish.unbar, p->who.key_hash);
    ic_meeting_media_refuse(m, leaf); /* its frames are refused at once */
    ic_meeting_want_soon(m, now_ms);  /* and nobody waits for company here */
    ic_meeting_settle(m);
    return IC_OK;
}

/* ---- all ---- */

void ic_meeting_intents_prune(struct ic_meeting *m)
{
    admits_drop(m, is_here, 0);
    removals_drop(m, false);
    ic_meeting_wish_prune(m);
    ic_meeting_renew_prune(m);
    if (!ic_meeting_wants_commit(m) || m->commit_at_ms != NEVER)
        return;
    ic_meeting_want_soon(m, ic_meeting_jitter(m, 1, BATCH_MS));
}

void ic_meeting_intents_clear(struct ic_meeting *m)
{
    admits_drop(m, any, 0);
    removals_drop(m, true);
    ic_meeting_wish_clear(m);
    m->update_keys = m->renewing = m->rotating = false;
    m->commit_at_ms = NEVER;
    m->say_at_ms = m->now_ms; /* lines may have waited for a Remove */
}

/* A host's Remove that does not get through: said, and our own media stops (ic_meeting_settle) until it does. */
void ic_meeting_intents_tick(struct ic_meeting *m)
{
    for (struct removal *r = m->removals; r; r = r->next) {
        if (r->told || r->quiet || m->now_ms < r->since_ms + NOT_YET_REMOVED_MS)
            continue;
        r->told = true;
        ic_meeting_alert(
            m, "not-yet-removed", r->leaf,
            "This participant is not yet removed: the server does not confirm it. You are muted.");
    }
    if (m->staged && m->staged_ms != NEVER && m->now_ms >= m->staged_ms + ANSWER_MS) {
        m->staged_ms = NEVER;
        ic_meeting_alert(m, "commit-withheld", IC_MLSPUB_NO_LEAF,
                         "A change of yours is not confirmed by the server.");
        ic_meeting_apply_fetch(m);
    }
    if (m->commit_at_ms <= m->now_ms)
        ic_meeting_commit_now(m);
}

/* ---- the other wants ---- */

static ic_err as_host(struct ic_meeting *m, uint64_t now_ms)
{
    m->now_ms = now_ms;
    if (!m->group)
        return IC_ERR_STATE;
    return ic_meeting_is_host(m) ? IC_OK : IC_ERR_DENIED;
}

ic_err ic_meeting_lock(struct ic_meeting *m, bool locked, uint64_t now_ms)
{
    IC_TRY(as_host(m, now_ms));
    m->wish.locked = locked;
    ic_meeting_want_soon(m, now_ms);
    ic_meeting_settle(m);
    return IC_OK;
}

ic_err ic_meeting_name_host(struct ic_meeting *m, uint32_t leaf, uint64_t now_ms)
{
    IC_TRY(as_host(m, now_ms));
    const struct person *p = ic_meeting_person_at(m, leaf);
    if (!p)
        return IC_ERR_NOT_FOUND;
    m->wish.new_hosts.max = 1 << 17;
    IC_TRY(ic_wire_list_add(&m->wish.new_hosts, ic_view(p->key, p->key_len)));
    ic_meeting_want_soon(m, now_ms);
    ic_meeting_settle(m);
    return IC_OK;
}

ic_err ic_meeting_update_keys(struct ic_meeting *m, uint64_t now_ms)
{
    m->now_ms = now_ms;
    if (!m->group)
        return IC_ERR_STATE;
    m->update_keys = true;
    ic_meeting_want_soon(m, now_ms);
    ic_meeting_settle(m);
    return IC_OK;
}
