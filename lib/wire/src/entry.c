/* The connection and the lobby. */
#include "body.h"
#include <ic/wire/terms.h>

void ic_wire_hello(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_hello *m = &f->hello;
    ic_wire_io_u16(io, &m->minor);
    ic_wire_io_text(io, &m->client);
    ic_wire_io_u64(io, &m->now_ms);
    ic_wire_io_flag(io, &m->web);
}

void ic_wire_hello_ok(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_hello_ok *m = &f->hello_ok;
    ic_wire_io_u16(io, &m->minor);
    ic_wire_io_text(io, &m->server);
    ic_wire_io_u64(io, &m->now_ms);
    ic_wire_io_fixed(io, &m->nonce, 32, false);
    ic_wire_io_u32(io, &m->max_message);
    ic_wire_io_u32(io, &m->ping_ms);
}

void ic_wire_enter(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_enter *m = &f->enter;
    ic_wire_io_enum(io, &m->ref_kind, IC_WIRE_REF_ID, IC_WIRE_REF_NUMBER);
    ic_wire_io_text(io, &m->ref);
    ic_wire_io_u16(io, &m->suite);
    ic_wire_io_vec(io, &m->signature_key, IC_WIRE_KEY_MAX);
    ic_wire_io_vec(io, &m->signature, IC_WIRE_KEY_MAX);
}

void ic_wire_entered(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_entered *m = &f->entered;
    ic_wire_io_fixed(io, &m->meeting_id, 16, false);
    ic_wire_io_enum(io, &m->kind, IC_WIRE_INSTANT, IC_WIRE_PERSONAL);
    ic_wire_io_text(io, &m->title);
    ic_wire_io_text(io, &m->number);
    ic_wire_io_vec(io, &m->terms, IC_WIRE_TERMS_MAX);
    ic_wire_io_enum(io, &m->role, IC_WIRE_STRANGER, IC_WIRE_HOST);
    ic_wire_io_enum(io, &m->state, IC_WIRE_WAITING, IC_WIRE_OVER);
    ic_wire_io_vec(io, &m->group_id, IC_WIRE_KEY_MAX);
    ic_wire_io_u64(io, &m->epoch);
    ic_wire_io_u64(io, &m->last_seq);
    ic_wire_io_u64(io, &m->start_s);
    ic_wire_io_u64(io, &m->end_s);
    ic_wire_io_flag(io, &m->media);
    ic_wire_io_vec(io, &m->external_sender, IC_WIRE_KEY_MAX);
}

void ic_wire_ok(struct io *io, struct ic_wire_frame *f)
{
    ic_wire_io_u64(io, &f->ok.number);
}

void ic_wire_error(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_error *m = &f->error;
    ic_wire_io_u16(io, &m->code);
    ic_wire_io_text(io, &m->text);
}

void ic_wire_draining(struct io *io, struct ic_wire_frame *f)
{
    ic_wire_io_u32(io, &f->draining.after_ms);
}

void ic_wire_knock(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_knock *m = &f->knock;
    ic_wire_io_vec(io, &m->key_package, IC_WIRE_KEY_PACKAGE_MAX);
    ic_wire_io_vec(io, &m->proof, IC_WIRE_KEY_MAX);
}

void ic_wire_knocked(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_knocked *m = &f->knocked;
    ic_wire_io_u64(io, &m->knock);
    ic_wire_io_vec(io, &m->key_package, IC_WIRE_KEY_PACKAGE_MAX);
    ic_wire_io_vec(io, &m->proof, IC_WIRE_KEY_MAX);
}

void ic_wire_knock_gone(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_knock_gone *m = &f->knock_gone;
    ic_wire_io_u64(io, &m->knock);
    ic_wire_io_enum(io, &m->why, IC_WIRE_GONE_LEFT, IC_WIRE_GONE_REFUSED);
}

void ic_wire_refuse(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_refuse *m = &f->refuse;
    ic_wire_io_u64(io, &m->knock);
    ic_wire_io_enum(io, &m->why, IC_WIRE_REFUSED_BY_HOST, IC_WIRE_REFUSED_SUITE);
}

void ic_wire_refused(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_refused *m = &f->refused;
    ic_wire_io_enum(io, &m->why, IC_WIRE_REFUSED_BY_HOST, IC_WIRE_REFUSED_SUITE);
}
