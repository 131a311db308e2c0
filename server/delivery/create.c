#include "delivery/private.h"

#include <ic/rules/rules.h>

/* The group's terms must be those that the organiser signed when the meeting was made, or follow from
 * them: the rules check their chain up to the meeting key, here it is checked that the key is ours. */
static ic_err same_meeting(const struct icd_room *room, const struct ic_wire_terms *t,
                           const char **text)
{
    struct ic_wire_terms made;
    IC_TRY(ic_wire_terms_decode(ic_buf_view(&room->terms), &made));
    *text = "the group's terms are not this meeting's";
    bool same = ic_view_equal(t->meeting_id, made.meeting_id) &&
                ic_view_equal(t->meeting_key, made.meeting_key) && t->suite == made.suite &&
                t->kind == made.kind && t->seq >= made.seq;
    return same ? IC_OK : IC_ERR_RULE;
}

/* What RFC 9420 leaves to the application: who opens, under which terms. */
static ic_err judge(const struct icd_core *core, const struct icd_conn *c,
                    const struct icd_group *g, const char **text)
{
    const struct ic_mlspub_group_context *ctx = ic_mlspub_observer_context(g->observer);
    struct ic_wire_terms terms;
    struct ic_mlspub_leaf_node leaf;
    struct ic_rules_fault fault = {.rule = ""};
    ic_err e = ic_rules_terms_find(ctx, &terms, &fault);
    if (e == IC_OK)
        e = same_meeting(c->room, &terms, text);
    else
        *text = fault.rule;
    IC_TRY(e);
    *text = "the group has no creator";
    IC_TRY(ic_mlspub_observer_leaf(g->observer, 0, &leaf));
    *text = "the group's creator is not who entered";
    if (!ic_view_equal(leaf.signature_key, icd_conn_key(c)))
        return IC_ERR_DENIED;
    e = ic_rules_new_group(ctx, &leaf, IC_VIEW_STR(""), core->now_ms, &fault);
    *text = fault.rule;
    return e;
}

static ic_err write(struct icd_core *core, struct icd_room *room, const struct icd_group *g)
{
    IC_TRY(icd_write_begin(core));
    IC_TRY(icd_group_write_new(core, room, g));
    return icd_room_set_state(core, room, IC_WIRE_OPEN);
}

static void opened(struct icd_core *core, struct icd_conn *c, struct icd_group *g)
{
    struct icd_room *room = c->room;
    room->group = g;
    room->state = IC_WIRE_OPEN;
    room->media_room = core->config.media ? icd_core_next_number(core) : 0;
    icd_room_refresh(core, room);
    c->live = true;
    for (size_t i = 0; i < core->hook_count; i++)
        if (core->hooks[i]->group_open)
            core->hooks[i]->group_open(core, room);
    struct ic_wire_frame f = {.type = IC_WIRE_GROUP_OPEN,
                              .group_open = {.group_id = icd_group_id(g), .epoch = g->epoch}};
    icd_send_room(core, room, &f, icd_conn_waits);
    icd_core_log(core, ICD_LOG_INFO, "group_open", "room=%llu suite=%u",
                 (unsigned long long)room->number, room->suite);
}

void icd_delivery_on_create(struct icd_core *core, struct icd_conn *c,
                            const struct ic_wire_frame *f)
{
    struct icd_room *room = c->room;
    if (core->draining || room->state == IC_WIRE_OVER) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_STATE,
                        core->draining ? "the server is going down" : "the meeting is over");
        return;
    }
    if (room->group) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_EXISTS,
                        "another host has opened the meeting");
        return;
    }
    struct icd_group *g = NULL;
    const char *text = NULL;
    ic_err e = icd_group_open(core, &f->create_group, &g);
    if (e == IC_OK)
        e = judge(core, c, g, &text);
    if (e == IC_OK) {
        text = NULL;
        e = write(core, room, g);
    }
    if (e != IC_OK) {
        icd_write_undo(core);
        icd_group_free(g);
        icd_delivery_refuse(core, c, f->request, e, text);
        return;
    }
    icd_reply_ok(core, c, f->request, 0);
    opened(core, c, g);
}
