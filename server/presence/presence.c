#include "presence/presence.h"
#include "core/group.h"

#include <assert.h>
#include <ic/base/mem.h>

static void tell(struct icd_core *core, struct icd_room *room, uint32_t leaf, uint8_t state)
{
    struct ic_wire_frame f = {.type = IC_WIRE_PRESENCE, .presence = {.leaf = leaf, .state = state}};
    icd_send_room(core, room, &f, icd_conn_is_live);
}

static struct icd_absent *find(const struct icd_group *g, uint32_t leaf)
{
    for (size_t i = 0; i < g->absent_count; i++)
        if (g->absent[i].leaf == leaf)
            return &g->absent[i];
    return NULL;
}

static void forget(struct icd_group *g, const struct icd_absent *a)
{
    size_t i = (size_t)(a - g->absent);
    assert(i < g->absent_count);
    g->absent[i] = g->absent[--g->absent_count];
}

/* Without memory the leaf just stays until somebody removes it. */
static struct icd_absent *add(struct icd_core *core, struct icd_group *g, uint32_t leaf)
{
    struct icd_absent *a = find(g, leaf);
    if (a)
        return a;
    if (g->absent_count == g->absent_cap) {
        size_t cap = g->absent_cap ? 2 * g->absent_cap : 16;
        struct icd_absent *p = ic_realloc(g->absent, cap, sizeof *p);
        if (!p)
            return NULL;
        g->absent = p;
        g->absent_cap = cap;
    }
    a = &g->absent[g->absent_count++];
    *a = (struct icd_absent){.leaf = leaf, .since_ms = core->now_ms, .proposed_epoch = UINT64_MAX};
    icd_core_wake_at(core, core->now_ms + core->limits.away_ms);
    return a;
}

/* ---- the server's Remove ---- */

static bool is_pending(const struct icd_group *g, uint32_t leaf)
{
    for (size_t i = 0; i < ic_mlspub_observer_pending_count(g->observer); i++) {
        const struct ic_mlspub_change_item *item = ic_mlspub_observer_pending(g->observer, i);
        if (item->proposal->type == IC_MLS_REMOVE && item->proposal->remove == leaf)
            return true;
    }
    return false;
}

static ic_err make_remove(struct icd_core *core, const struct icd_room *room, uint32_t leaf,
                          struct ic_buf *out)
{
    const struct ic_sign_key *key;
    uint32_t index;
    IC_TRY(icd_group_server_key(core, room->suite, &key));
    IC_TRY(icd_group_sender_index(room->group, ic_sign_key_public(key), &index));
    return ic_mlspub_external_remove(room->group->observer, index, key, leaf, out);
}

static ic_err append(struct icd_core *core, struct icd_group *g, struct ic_view body, uint64_t *seq)
{
    IC_TRY(icd_write_begin(core));
    ic_err e = icd_group_append(core, g, IC_WIRE_KIND_PROPOSAL, g->epoch, body, seq);
    if (e != IC_OK)
        icd_write_undo(core);
    return e;
}

static ic_err propose(struct icd_core *core, struct icd_room *room, uint32_t leaf)
{
    struct icd_group *g = room->group;
    IC_BUF_SCOPE(body, 4096);
    IC_TRY(make_remove(core, room, leaf, &body));
    struct ic_mlspub_change *change;
    IC_TRY(ic_mlspub_observer_stage(g->observer, ic_buf_view(&body), core->now_ms / 1000, &change));
    uint64_t seq;
    ic_err e = append(core, g, ic_buf_view(&body), &seq);
    if (e != IC_OK) {
        ic_mlspub_change_discard(change);
        return e;
    }
    ic_mlspub_observer_merge(g->observer, change);
    icd_group_appended(g, seq, body.len);
    struct ic_wire_frame f = {.type = IC_WIRE_MESSAGE,
                              .message = {.seq = seq,
                                          .group_id = icd_group_id(g),
                                          .kind = IC_WIRE_KIND_PROPOSAL,
                                          .time_ms = core->now_ms,
                                          .message = ic_buf_view(&body)}};
    icd_send_room(core, room, &f, icd_conn_is_live);
    icd_core_log(core, ICD_LOG_INFO, "remove_proposed", "room=%llu leaf=%u",
                 (unsigned long long)room->number, leaf);
    return IC_OK;
}

static bool somebody_here(const struct icd_room *room)
{
    for (const struct icd_conn *c = room->first; c; c = c->next)
        if (icd_conn_in_group(c) && !c->closing)
            return true;
    return false;
}

/* A Remove is for those who can commit it: nobody here, nothing proposed. */
static void look(struct icd_core *core, struct icd_room *room)
{
    struct icd_group *g = room->group;
    if (!somebody_here(room))
        return;
    for (size_t i = 0; i < g->absent_count; i++) {
        struct icd_absent *a = &g->absent[i];
        uint64_t due = a->left ? a->since_ms : a->since_ms + core->limits.away_ms;
        if (a->proposed_epoch == g->epoch)
            continue;
        if (core->now_ms < due) {
            icd_core_wake_at(core, due);
            continue;
        }
        ic_err e = is_pending(g, a->leaf) ? IC_OK : propose(core, room, a->leaf);
        a->proposed_epoch = g->epoch;
        if (e != IC_OK)
            icd_core_log(core, ICD_LOG_WARN, "remove_not_proposed", "room=%llu leaf=%u error=%s",
                         (unsigned long long)room->number, a->leaf, ic_err_name(e));
    }
}

/* ---- hooks ---- */

static void gone(struct icd_core *core, struct icd_conn *c)
{
    struct icd_room *room = c->room;
    uint32_t leaf = c->leaf;
    if (!room->group || leaf == IC_MLSPUB_NO_LEAF)
        return;
    /* Not counted itself: is the leaf here by a newer connection? */
    c->leaf = IC_MLSPUB_NO_LEAF;
    bool here = icd_room_find_leaf(room, leaf) != NULL;
    if (!here && !find(room->group, leaf) && add(core, room->group, leaf))
        tell(core, room, leaf, IC_WIRE_AWAY);
}

static void came(struct icd_core *core, struct icd_conn *c)
{
    struct icd_room *room = c->room;
    if (!room->group || c->leaf == IC_MLSPUB_NO_LEAF)
        return;
    icd_core_wake_at(core, core->now_ms); /* there may be Removes that waited for a committer */
    struct icd_absent *a = find(room->group, c->leaf);
    if (!a)
        return;
    forget(room->group, a);
    tell(core, room, c->leaf, IC_WIRE_HERE);
}

static void standing(struct icd_core *core, struct icd_conn *c, uint32_t old_leaf, uint8_t old_role)
{
    (void)old_leaf;
    (void)old_role;
    came(core, c);
}

/* A byte for each leaf that has a connection. */
static uint8_t *leaves_here(const struct icd_room *room, uint32_t leaves)
{
    uint8_t *here = ic_calloc(leaves, 1);
    if (!here)
        return NULL;
    for (const struct icd_conn *c = room->first; c; c = c->next)
        if (!c->closing && c->leaf < leaves)
            here[c->leaf] = 1;
    return here;
}

/* After a commit, a restart, a void commit: who has a leaf and no connection is absent; who has none, or
 * whose leaf is another's now, is not. */
static void count(struct icd_core *core, struct icd_room *room)
{
    struct icd_group *g = room->group;
    uint32_t leaves = ic_mlspub_observer_leaf_count(g->observer);
    IC_AUTOFREE uint8_t *here = leaves_here(room, leaves);
    if (!here)
        return;
    struct ic_mlspub_leaf_node leaf;
    for (size_t i = g->absent_count; i-- > 0;) {
        uint32_t at = g->absent[i].leaf;
        if (at >= leaves || here[at] || icd_group_was_added(g, at))
            forget(g, &g->absent[i]);
        else
            here[at] = 1; /* counted */
    }
    for (size_t i = g->absent_count; i-- > 0;)
        if (ic_mlspub_observer_leaf(g->observer, g->absent[i].leaf, &leaf) != IC_OK)
            forget(g, &g->absent[i]);
    for (uint32_t i = 0; i < leaves; i++)
        if (!here[i] && ic_mlspub_observer_leaf(g->observer, i, &leaf) == IC_OK)
            (void)add(core, g, i);
    look(core, room);
}

static void tick(struct icd_core *core)
{
    for (struct icd_room *r = core->first_room; r; r = r->next)
        if (r->group)
            look(core, r);
}

/* Nobody is left who could come back by itself: what the session stored need not wait to be deleted. */
static bool all_left(const struct icd_group *g)
{
    size_t left = 0;
    for (size_t i = 0; i < g->absent_count; i++)
        left += g->absent[i].left;
    return left == g->members;
}

/* Goes for good: nobody waits for it, and it may come back by the lobby alone. */
static void on_leave(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    struct icd_room *room = c->room;
    uint32_t leaf = c->leaf;
    icd_reply_ok(core, c, f->request, 0);
    c->live = false;
    icd_core_log(core, ICD_LOG_INFO, "left", "room=%llu", (unsigned long long)room->number);
    if (room->group && leaf != IC_MLSPUB_NO_LEAF) {
        struct icd_absent *a = add(core, room->group, leaf);
        if (a)
            a->left = true;
        tell(core, room, leaf, IC_WIRE_AWAY);
        look(core, room);
    }
    c->closing = true;
    if (room->group && all_left(room->group) &&
        icd_room_end_session(core, room, "everybody left", false) != IC_OK)
        core->store_broken = true;
    if (icd_outbox_close(&core->outbox, c->id) != IC_OK)
        core->store_broken = true;
}

static const struct icd_hooks hooks = {.attached = came,
                                       .detached = gone,
                                       .group_open = count,
                                       .epoch = count,
                                       .standing = standing,
                                       .tick = tick};

void icd_presence_register(struct icd_core *core)
{
    icd_core_on(core, IC_WIRE_LEAVE, ICD_NEED_ENTERED, on_leave);
    icd_core_hook(core, &hooks);
}
