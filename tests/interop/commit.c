/* Commits: made, waiting, and handled. */
#include "interop.h"

#include <ic/base/mem.h>

/* What a CommitRequest asks for, with room for all of it. */
struct wanted {
    struct ic_mls_commit_params params;
    const struct ic_view *messages; /* by_reference */
    size_t message_count;
    struct ic_view *refs; /* of these */
    size_t ref_count;
    struct ic_view *adds;
    uint32_t *removes;
    struct ic_mlspub_psk_id *psks;
    bool external_tree;
};

static ic_err want_value(struct call *c, const struct thing *t, const json_t *in, struct wanted *w)
{
    struct description d;
    uint32_t leaf;
    IC_TRY(description_read(c, in, &d));
    switch (d.kind) {
    case D_ADD:
        w->adds[w->params.add_count++] = d.key_package;
        return IC_OK;
    case D_REMOVE:
        if (state_find_member(t->group, d.removed_id, &leaf) != IC_OK)
            return refuse(c, IC_ERR_NOT_FOUND, "removed_id: no member has this identity");
        w->removes[w->params.remove_count++] = leaf;
        return IC_OK;
    case D_PSK:
        if (d.psk.type == IC_MLS_PSK_RESUMPTION)
            d.psk.group_id = ic_mls_context(t->group)->group_id;
        w->psks[w->params.psk_count++] = d.psk;
        return IC_OK;
    case D_EXTENSIONS:
        if (w->params.set_extensions)
            return refuse(c, IC_ERR_RULE,
                          "RFC 9420 section 12.2: two GroupContextExtensions in a commit");
        w->params.set_extensions = true;
        w->params.extensions = d.extensions;
        return IC_OK;
    case D_REINIT:
        break;
    }
    return refuse(c, IC_ERR_ARG, "by_value: reinit is for ExternalSignerProposal alone");
}

static bool is_wanted(void *ctx, const struct ic_mlspub_change_item *item)
{
    const struct wanted *w = ctx;
    for (size_t i = 0; i < w->ref_count; i++)
        if (ic_view_equal(w->refs[i], item->ref))
            return true;
    return false;
}

static ic_err want_messages(struct call *c, struct thing *t, struct wanted *w)
{
    for (size_t i = 0; i < w->message_count; i++) {
        struct ic_view ref;
        IC_TRY(state_take_proposal(c, t, w->messages[i], &ref));
        const struct ic_mlspub_change_item item = {.ref = ref};
        if (!is_wanted(w, &item))
            w->refs[w->ref_count++] = ref;
    }
    return IC_OK;
}

static ic_err wanted_read(struct call *c, struct thing *t, struct wanted *w)
{
    *w = (struct wanted){.external_tree = field_bool(c, "external_tree")};
    w->messages = field_bytes_list(c, "by_reference", &w->message_count);
    const json_t *values = field_list(c, c->in, "by_value");
    size_t room = json_array_size(values) + 1;
    w->params.force_path = field_bool(c, "force_path");
    w->params.welcome_without_tree = w->external_tree;
    IC_TRY(c->err);
    w->refs = ic_arena_alloc(&c->arena, w->message_count + 1, sizeof *w->refs);
    w->adds = ic_arena_alloc(&c->arena, room, sizeof *w->adds);
    w->removes = ic_arena_alloc(&c->arena, room, sizeof *w->removes);
    w->psks = ic_arena_alloc(&c->arena, room, sizeof *w->psks);
    if (!w->refs || !w->adds || !w->removes || !w->psks)
        return IC_ERR_NOMEM;
    for (size_t i = 0; i < json_array_size(values); i++)
        IC_TRY(want_value(c, t, json_array_get(values, i), w));
    w->params.adds = w->adds;
    w->params.removes = w->removes;
    w->params.psks = w->psks;
    w->params.filter = is_wanted;
    return want_messages(c, t, w);
}

/* A commit leaves out what is not valid; the harness wants all that it named, or an error. */
static ic_err check_all_there(struct call *c, const struct ic_mls_staged *s, const struct wanted *w)
{
    size_t by_reference = 0;
    for (size_t i = 0; i < ic_mls_staged_count(s); i++)
        by_reference += ic_mls_staged_item(s, i)->ref.len > 0;
    return by_reference == w->ref_count
               ? IC_OK
               : refuse(
                     c, IC_ERR_RULE,
                     "RFC 9420 section 12.2: a proposal of by_reference cannot be committed here");
}

static bool is_reinit(const struct ic_mls_staged *s)
{
    return ic_mls_staged_count(s) == 1 && ic_mls_staged_item(s, 0)->proposal->type == IC_MLS_REINIT;
}

static ic_err answer_commit(struct call *c, const struct ic_mls_staged *s, const struct wanted *w)
{
    IC_BUF_SCOPE(tree, MESSAGE_MAX_BYTES);
    if (w->external_tree)
        IC_TRY(ic_mls_staged_tree(s, &tree));
    answer_bytes(c, "commit", ic_mls_staged_commit(s));
    answer_bytes(c, "welcome", ic_mls_staged_welcome(s));
    answer_bytes(c, "ratchet_tree", ic_buf_view(&tree));
    return c->err;
}

static ic_err commit(struct call *c, bool reinit)
{
    struct wanted w;
    struct ic_mls_staged *s;
    struct thing *t = thing_field(c, "state_id", STATE);
    IC_TRY(c->err);
    IC_TRY(wanted_read(c, t, &w));
    w.params.filter_ctx = &w;
    IC_TRY(ic_mls_commit_create(t->group, &w.params, &s));
    ic_err e = check_all_there(c, s, &w);
    if (e == IC_OK && is_reinit(s) != reinit)
        e = refuse(c, IC_ERR_ARG,
                   reinit ? "ReInitCommit commits one ReInit, and nothing else"
                          : "a ReInit is for ReInitCommit");
    if (e == IC_OK)
        e = answer_commit(c, s, &w);
    if (e != IC_OK) {
        ic_mls_discard(s);
        return e;
    }
    ic_mls_discard(t->staged);
    t->staged = s;
    return IC_OK;
}

ic_err rpc_commit(struct call *c)
{
    return commit(c, false);
}

ic_err rpc_reinit_commit(struct call *c)
{
    return commit(c, true);
}

/* ---- handling ---- */

static ic_err enter_epoch(struct thing *t, struct ic_mls_staged *s)
{
    IC_TRY(ic_mls_merge(t->group, s));
    thing_clear_seen(t);
    ic_mls_discard(t->staged); /* it starts from an epoch that is over */
    t->staged = NULL;
    return IC_OK;
}

ic_err state_handle_pending(struct call *c, struct thing *t)
{
    struct ic_mls_staged *s = t->staged;
    if (!s)
        return refuse(c, IC_ERR_STATE, "no commit of this state is pending");
    t->staged = NULL;
    return enter_epoch(t, s);
}

ic_err state_handle_commit(struct call *c, struct thing *t)
{
    struct ic_mls_received r;
    size_t count;
    const struct ic_view *proposals = field_bytes_list(c, "proposal", &count);
    struct ic_view message = field_bytes(c, c->in, "commit");
    IC_TRY(c->err);
    for (size_t i = 0; i < count; i++) {
        struct ic_view ref;
        IC_TRY(state_take_proposal(c, t, proposals[i], &ref));
    }
    IC_TRY(ic_mls_process(t->group, message, &r));
    enum ic_mls_received_kind kind = r.kind;
    struct ic_mls_staged *s = r.staged;
    r.staged = NULL;
    ic_mls_received_clear(&r);
    if (kind == IC_MLS_RECEIVED_COMMIT)
        return enter_epoch(t, s);
    bool own = kind == IC_MLS_RECEIVED_OWN_ECHO && t->staged &&
               ic_view_equal(message, ic_mls_staged_commit(t->staged));
    return own ? state_handle_pending(c, t)
               : refuse(c, IC_ERR_ARG, "commit: not a commit to handle");
}

static ic_err answer_epoch(struct call *c, const struct thing *t)
{
    answer_number(c, "state_id", t->id);
    answer_bytes(c, "epoch_authenticator", ic_mls_epoch_authenticator(t->group));
    return IC_OK;
}

ic_err rpc_handle_commit(struct call *c)
{
    struct thing *t = thing_field(c, "state_id", STATE);
    IC_TRY(c->err);
    IC_TRY(state_handle_commit(c, t));
    return answer_epoch(c, t);
}

ic_err rpc_handle_pending_commit(struct call *c)
{
    struct thing *t = thing_field(c, "state_id", STATE);
    IC_TRY(c->err);
    IC_TRY(state_handle_pending(c, t));
    return answer_epoch(c, t);
}
