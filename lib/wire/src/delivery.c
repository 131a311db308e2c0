/* The delivery service. */
#include "body.h"

static void group_id(struct io *io, struct ic_view *v)
{
    ic_wire_io_vec(io, v, IC_WIRE_KEY_MAX);
}

static void blob(struct io *io, struct ic_view *v)
{
    ic_wire_io_vec(io, v, IC_WIRE_MAX);
}

static void admission(struct io *io, struct ic_view *v)
{
    ic_wire_io_vec(io, v, IC_WIRE_ADMISSION_MAX);
}

void ic_wire_create_group(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_create_group *m = &f->create_group;
    blob(io, &m->group_info);
    blob(io, &m->tree);
    admission(io, &m->admission);
}

void ic_wire_commit(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_commit *m = &f->commit;
    group_id(io, &m->group_id);
    ic_wire_io_u64(io, &m->epoch);
    blob(io, &m->commit);
    blob(io, &m->welcome);
    blob(io, &m->group_info);
    admission(io, &m->admission);
    ic_wire_io_flag(io, &m->replaces);
    ic_wire_io_vec(io, &m->knocks, IC_WIRE_KNOCKS_MAX * 8);
    if (m->knocks.len % 8)
        ic_wire_io_fail(io, IC_ERR_MALFORMED);
}

void ic_wire_propose(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_propose *m = &f->propose;
    group_id(io, &m->group_id);
    blob(io, &m->proposal);
}

void ic_wire_send(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_send *m = &f->send;
    group_id(io, &m->group_id);
    blob(io, &m->message);
    ic_wire_io_flag(io, &m->transient);
}

void ic_wire_message(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_message *m = &f->message;
    ic_wire_io_u64(io, &m->seq);
    group_id(io, &m->group_id);
    ic_wire_io_enum(io, &m->kind, IC_WIRE_KIND_COMMIT, IC_WIRE_KIND_APPLICATION);
    ic_wire_io_u64(io, &m->time_ms);
    blob(io, &m->message);
}

void ic_wire_welcome(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_welcome *m = &f->welcome;
    group_id(io, &m->group_id);
    ic_wire_io_u64(io, &m->seq);
    blob(io, &m->welcome);
    ic_wire_io_vec(io, &m->tree_hash, IC_WIRE_KEY_MAX);
    admission(io, &m->admission);
}

void ic_wire_get_tree(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_get_tree *m = &f->get_tree;
    group_id(io, &m->group_id);
    ic_wire_io_vec(io, &m->tree_hash, IC_WIRE_KEY_MAX);
}

void ic_wire_tree(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_tree *m = &f->tree;
    blob(io, &m->tree);
}

void ic_wire_get_group_info(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_get_group_info *m = &f->get_group_info;
    group_id(io, &m->group_id);
}

void ic_wire_group_info(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_group_info *m = &f->group_info;
    blob(io, &m->group_info);
    ic_wire_io_vec(io, &m->tree_hash, IC_WIRE_KEY_MAX);
    ic_wire_io_u64(io, &m->seq);
    admission(io, &m->admission);
}

void ic_wire_fetch(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_fetch *m = &f->fetch;
    group_id(io, &m->group_id);
    ic_wire_io_u64(io, &m->after_seq);
}

void ic_wire_cannot_apply(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_cannot_apply *m = &f->cannot_apply;
    group_id(io, &m->group_id);
    ic_wire_io_u64(io, &m->epoch);
    ic_wire_io_text(io, &m->rule);
}

void ic_wire_replace(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_replace *m = &f->replace;
    group_id(io, &m->group_id);
    ic_wire_io_u64(io, &m->epoch);
    ic_wire_io_u64(io, &m->seq);
    ic_wire_io_text(io, &m->rule);
}

void ic_wire_group_open(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_group_open *m = &f->group_open;
    group_id(io, &m->group_id);
    ic_wire_io_u64(io, &m->epoch);
}

void ic_wire_presence(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_presence *m = &f->presence;
    ic_wire_io_u32(io, &m->leaf);
    ic_wire_io_enum(io, &m->state, IC_WIRE_AWAY, IC_WIRE_HERE);
}

void ic_wire_ended(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_ended *m = &f->ended;
    ic_wire_io_text(io, &m->why);
}
