#include "delivery/delivery.h"
#include "delivery/private.h"

struct icd_group *icd_delivery_group(struct icd_core *core, struct icd_conn *c, uint32_t request,
                                     struct ic_view group_id)
{
    struct icd_group *g = c->room->group;
    if (g && ic_view_equal(icd_group_id(g), group_id))
        return g;
    icd_reply_error(core, c, request, IC_WIRE_E_NOT_FOUND, "this meeting has no such group");
    return NULL;
}

static uint16_t code_of(ic_err e)
{
    switch (e) {
    case IC_ERR_EPOCH:
    case IC_ERR_STALE:
        return IC_WIRE_E_STALE;
    case IC_ERR_LIMIT:
    case IC_ERR_BUSY:
        return IC_WIRE_E_LIMIT;
    case IC_ERR_DENIED:
        return IC_WIRE_E_DENIED;
    case IC_ERR_EXISTS:
        return IC_WIRE_E_EXISTS;
    case IC_ERR_STATE:
        return IC_WIRE_E_STATE;
    case IC_ERR_NOT_FOUND:
        return IC_WIRE_E_NOT_FOUND;
    case IC_ERR_NOMEM:
    case IC_ERR_IO:
    case IC_ERR_CRYPTO:
        return IC_WIRE_E_SERVER;
    default:
        return IC_WIRE_E_INVALID;
    }
}

void icd_delivery_refuse(struct icd_core *core, struct icd_conn *c, uint32_t request, ic_err e,
                         const char *text)
{
    icd_core_log(core, ICD_LOG_INFO, "refused", "room=%llu error=%s",
                 (unsigned long long)c->room->number, ic_err_name(e));
    icd_reply_error(core, c, request, code_of(e), text && *text ? text : ic_err_text(e));
}

void icd_delivery_welcome_done(struct icd_core *core, struct icd_conn *c)
{
    if (!c->welcome_kept || !icd_conn_in_group(c))
        return;
    c->welcome_kept = false;
    if (icd_write_begin(core) != IC_OK ||
        icd_store_exec(
            core->store, "DELETE FROM joiners WHERE group_id = $1 AND signature_key = $2", NULL,
            ICD_PARAMS(ICD_BLOB(icd_group_id(c->room->group)), ICD_BLOB(icd_conn_key(c)))) != IC_OK)
        icd_write_undo(core); /* it is kept: at worst it is shown once more */
}

/* ---- reading ---- */

void icd_delivery_on_tree(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    struct icd_group *g = icd_delivery_group(core, c, f->request, f->get_tree.group_id);
    if (!g)
        return;
    struct ic_wire_frame answer = {.type = IC_WIRE_TREE};
    ic_err e = icd_group_tree(g, f->get_tree.tree_hash, &answer.tree.tree);
    if (e != IC_OK)
        icd_delivery_refuse(core, c, f->request, e, NULL);
    else
        icd_reply(core, c, f->request, &answer);
}

void icd_delivery_on_group_info(struct icd_core *core, struct icd_conn *c,
                                const struct ic_wire_frame *f)
{
    struct icd_group *g = icd_delivery_group(core, c, f->request, f->get_group_info.group_id);
    if (!g)
        return;
    g->tree_announced = true;
    struct ic_wire_frame answer = {
        .type = IC_WIRE_GROUP_INFO,
        .group_info = {.group_info = ic_buf_view(&g->group_info),
                       .tree_hash = ic_mlspub_observer_context(g->observer)->tree_hash,
                       .seq = g->epoch_seq,
                       .admission = ic_buf_view(&g->admission)},
    };
    icd_reply(core, c, f->request, &answer);
}

static void detached(struct icd_core *core, struct icd_conn *c)
{
    if (c->room->group && icd_conn_in_group(c))
        icd_delivery_judge_reports(core, c->room, c, IC_VIEW_STR("reported before they left"));
}

static void on_end(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    struct icd_room *room = c->room;
    /* A host who came by number has proved less than one of the group. */
    if (room->group && !icd_conn_in_group(c) && c->by_number) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_DENIED, "only a host may do this");
        return;
    }
    if (room->state == IC_WIRE_OVER) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_STATE, "the meeting is over");
        return;
    }
    icd_reply_ok(core, c, f->request, 0);
    if (icd_room_end_session(core, room, "ended by a host", true) != IC_OK)
        core->store_broken = true;
}

static const struct icd_hooks hooks = {.detached = detached};

void icd_delivery_register(struct icd_core *core)
{
    icd_core_on(core, IC_WIRE_CREATE_GROUP, ICD_NEED_HOST, icd_delivery_on_create);
    icd_core_on(core, IC_WIRE_COMMIT, ICD_NEED_LEAF, icd_delivery_on_commit);
    icd_core_on(core, IC_WIRE_PROPOSE, ICD_NEED_LEAF, icd_delivery_on_propose);
    icd_core_on(core, IC_WIRE_SEND, ICD_NEED_LEAF, icd_delivery_on_send);
    icd_core_on(core, IC_WIRE_FETCH, ICD_NEED_LEAF, icd_delivery_on_fetch);
    icd_core_on(core, IC_WIRE_GET_TREE, ICD_NEED_LEAF, icd_delivery_on_tree);
    icd_core_on(core, IC_WIRE_GET_GROUP_INFO, ICD_NEED_LEAF, icd_delivery_on_group_info);
    icd_core_on(core, IC_WIRE_CANNOT_APPLY, ICD_NEED_LEAF, icd_delivery_on_cannot_apply);
    icd_core_on(core, IC_WIRE_END, ICD_NEED_HOST, on_end);
    icd_core_hook(core, &hooks);
}
