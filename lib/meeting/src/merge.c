/* Into the next epoch. */
#include "internal.h"
#include <ic/base/mem.h>
#include <string.h>

struct note {
    uint32_t *removed;
    const char **why;
    size_t removed_count;
    uint32_t *added;
    size_t added_count;
    uint32_t moved_from, moved_to; /* a resync of somebody */
    bool new_terms, new_keys;
    bool removes_us;
    const char *us_why;
    uint32_t *updated; /* leaves whose owners proposed an Update */
    size_t updated_count;
    uint32_t sender;    /* a member's leaf, else IC_MLSPUB_NO_LEAF */
    uint32_t committer; /* its leaf after the commit */
};

static void note_clear(struct note *n)
{
    ic_free(n->removed);
    ic_free(n->why);
    ic_free(n->added);
    ic_free(n->updated);
}

static const char *why_removed(const struct ic_meeting *m, const struct ic_mlspub_change_item *i)
{
    const struct person *p = ic_meeting_person_at(m, i->proposal->remove);
    if (i->sender.type == IC_MLS_SENDER_EXTERNAL)
        return "removed-by-server";
    if (i->sender.index == i->proposal->remove)
        return "left";
    return p && ic_meeting_verified_is_over(m, p) ? "removed-not-verified" : "removed-by-host";
}

/* What the commit changes, as merging eats it. */
static ic_err take_note(const struct ic_meeting *m, const struct ic_mls_staged *s, struct note *n)
{
    size_t count = ic_mls_staged_count(s);
    struct ic_mlspub_sender sender = ic_mls_staged_sender(s);
    bool external = sender.type == IC_MLS_SENDER_NEW_MEMBER_COMMIT;
    *n = (struct note){.moved_from = IC_MLSPUB_NO_LEAF,
                       .sender = external ? IC_MLSPUB_NO_LEAF : sender.index};
    n->committer = ic_mls_staged_committer(s);
    n->new_keys = ic_mls_staged_path_leaf(s) != NULL;
    n->removed = ic_new_array(count + 1, uint32_t);
    n->why = ic_new_array(count + 1, const char *);
    n->added = ic_new_array(count + 1, uint32_t);
    n->updated = ic_new_array(count + 1, uint32_t);
    if (!n->removed || !n->why || !n->added || !n->updated)
        return IC_ERR_NOMEM;
    for (size_t k = 0; k < count; k++) {
        const struct ic_mlspub_change_item *i = ic_mls_staged_item(s, k);
        if (i->proposal->type == IC_MLS_REMOVE) {
            n->why[n->removed_count] = external ? "resync" : why_removed(m, i);
            n->removed[n->removed_count++] = i->proposal->remove;
            if (i->proposal->remove == ic_mls_own_leaf(m->group))
                n->us_why = n->why[n->removed_count - 1];
        } else if (i->proposal->type == IC_MLS_ADD) {
            n->added[n->added_count++] = i->leaf;
        } else if (i->proposal->type == IC_MLS_UPDATE) {
            n->updated[n->updated_count++] = i->sender.index;
        } else if (i->proposal->type == IC_MLS_GROUP_CONTEXT_EXTENSIONS) {
            n->new_terms = true;
        }
    }
    if (external && n->removed_count) {
        n->moved_from = n->removed[0];
        n->moved_to = ic_mls_staged_committer(s);
    }
    n->removes_us = ic_mls_staged_removes_us(s);
    return IC_OK;
}

static void removed_ourselves(struct ic_meeting *m, const char *why)
{
    ic_meeting_group_drop(m);
    if (m->leaving != LEAVE_NO || !why)
        ic_meeting_end_meeting(m, "left", "You have left the meeting.");
    else if (strcmp(why, "removed-by-server") == 0) {
        /* Declared absent, and yet here: the lobby. */
        ic_meeting_alert(m, why, IC_MLSPUB_NO_LEAF,
                         "The server declared you absent; you knock again.");
        ic_meeting_roster_clear(m);
        ic_meeting_enter_knock(m);
    } else {
        ic_meeting_end_meeting(m, why,
                               strcmp(why, "removed-not-verified") == 0
                                   ? "Your certificate ran out, so the meeting goes on without "
                                     "you: renew it, then come again."
                               : strcmp(why, "resync") == 0
                                   ? "This identity has entered the meeting from somewhere else."
                                   : "A host removed you from the meeting.");
    }
}

static void move_roster(struct ic_meeting *m, const struct note *n)
{
    if (n->moved_from != IC_MLSPUB_NO_LEAF) {
        ic_meeting_roster_moved(m, n->moved_from, n->moved_to);
    } else {
        for (size_t i = 0; i < n->removed_count; i++)
            ic_meeting_roster_left(m, n->removed[i], n->why[i]);
    }
    for (size_t i = 0; i < n->added_count; i++)
        ic_meeting_roster_add(m, n->added[i], false);
    for (size_t i = 0; i < n->updated_count; i++)
        ic_meeting_identity_refresh(m, n->updated[i]);
    ic_meeting_identity_refresh(m, n->committer); /* its path may show a renewed certificate */
}

/* Hosts may; that they did, nobody is to overlook. */
static void tell_opened(struct ic_meeting *m)
{
    if (!ic_meeting_verified_only(m))
        ic_meeting_alert(m, "verified-no-longer", m->committer,
                         "This meeting is open to people who are not verified from now on.");
}

static void tell_terms(struct ic_meeting *m)
{
    struct ic_wire_terms t;
    if (!ic_meeting_current_terms(m, &t))
        return;
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_TERMS);
    e->flag = t.locked;
    ic_meeting_set_text(e, t.locked ? "The room is locked." : "The meeting's terms have changed.");
}

void ic_meeting_merge_commit(struct ic_meeting *m, struct ic_mls_staged *s, bool own)
{
    struct note n __attribute__((cleanup(note_clear))) = {0};
    bool verified_only = ic_meeting_verified_only(m);
    ic_err e = take_note(m, s, &n);
    if (e != IC_OK)
        ic_mls_discard(s);
    else
        e = ic_mls_merge(m->group, s);
    if (e == IC_ERR_REMOVED || (e == IC_OK && n.removes_us)) {
        removed_ourselves(m, n.us_why);
        return;
    }
    if (e != IC_OK) {
        ic_meeting_resync_start(m, "merge-failed");
        return;
    }
    m->replacing = m->ahead = m->stuck = false;
    move_roster(m, &n);
    if (!own && n.sender != IC_MLSPUB_NO_LEAF)
        ic_meeting_pulse_heard(m, n.sender);
    if (!own && n.moved_from != IC_MLSPUB_NO_LEAF)
        ic_meeting_pulse_heard(m, n.moved_to);
    if (own)
        m->said_ms = m->now_ms;
    if (n.new_terms) {
        ic_meeting_verified_look_all(m);
        tell_terms(m);
    }
    m->committer = own ? ic_mls_own_leaf(m->group) : n.committer;
    if (n.new_keys)
        ic_meeting_rotate_begin(m);
    if (verified_only && n.new_terms)
        tell_opened(m);
    ic_meeting_epoch_entered(m, n.removed, n.removed_count);
}

void ic_meeting_epoch_entered(struct ic_meeting *m, const uint32_t *removed, size_t removed_count)
{
    char code[IC_MEETING_CODE_LEN + 1];
    m->unknown_kid_ms = 0;
    if (ic_meeting_media_epoch(m, removed, removed_count) != IC_OK ||
        ic_meeting_code_of_group(m, code) != IC_OK) {
        ic_meeting_resync_start(m, "keys-not-made");
        return;
    }
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_CODE);
    for (size_t i = 0; i < sizeof code; i++)
        e->code[i] = code[i];
    if (!ic_meeting_committer(m, &e->person))
        e->person.leaf = IC_MLSPUB_NO_LEAF;
    ic_meeting_intents_prune(m);
    ic_meeting_commit_pending_soon(m);
    if (m->leaving == LEAVE_PROPOSED)
        m->leaving =
            LEAVE_HANDOVER; /* another commit came first: propose once more, in this epoch */
    ic_meeting_leave_step(m);
    m->say_at_ms = m->now_ms; /* in our next tick or ic_meeting_settle */
    ic_meeting_say_flush(m);
}
