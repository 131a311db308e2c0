/* The connection and the lobby. */
#include "body.h"
#include <ic/wire/terms.h>

void wire_hello(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_hello *m = &f->hello;
    io_u16(io, &m->minor);
    io_text(io, &m->client);
    io_u64(io, &m->now_ms);
    io_flag(io, &m->web);
}

void wire_hello_ok(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_hello_ok *m = &f->hello_ok;
    io_u16(io, &m->minor);
    io_text(io, &m->server);
    io_u64(io, &m->now_ms);
    io_fixed(io, &m->nonce, 32, false);
    io_u32(io, &m->max_message);
    io_u32(io, &m->ping_ms);
}

void wire_enter(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_enter *m = &f->enter;
    io_enum(io, &m->ref_kind, IC_WIRE_REF_ID, IC_WIRE_REF_NUMBER);
    io_text(io, &m->ref);
    io_u16(io, &m->suite);
    io_vec(io, &m->signature_key, IC_WIRE_KEY_MAX);
    io_vec(io, &m->signature, IC_WIRE_KEY_MAX);
}

void wire_entered(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_entered *m = &f->entered;
    io_fixed(io, &m->meeting_id, 16, false);
    io_enum(io, &m->kind, IC_WIRE_INSTANT, IC_WIRE_PERSONAL);
    io_text(io, &m->title);
    io_text(io, &m->number);
    io_vec(io, &m->terms, IC_WIRE_TERMS_MAX);
    io_enum(io, &m->role, IC_WIRE_STRANGER, IC_WIRE_HOST);
    io_enum(io, &m->state, IC_WIRE_WAITING, IC_WIRE_OVER);
    io_vec(io, &m->group_id, IC_WIRE_KEY_MAX);
    io_u64(io, &m->epoch);
    io_u64(io, &m->last_seq);
    io_u64(io, &m->start_s);
    io_u64(io, &m->end_s);
    io_flag(io, &m->media);
    io_vec(io, &m->external_sender, IC_WIRE_KEY_MAX);
}

void wire_ok(struct io *io, struct ic_wire_frame *f)
{
    io_u64(io, &f->ok.number);
}

void wire_error(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_error *m = &f->error;
    io_u16(io, &m->code);
    io_text(io, &m->text);
}

void wire_draining(struct io *io, struct ic_wire_frame *f)
{
    io_u32(io, &f->draining.after_ms);
}

void wire_knock(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_knock *m = &f->knock;
    io_vec(io, &m->key_package, IC_WIRE_KEY_PACKAGE_MAX);
    io_vec(io, &m->proof, IC_WIRE_KEY_MAX);
}

void wire_knocked(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_knocked *m = &f->knocked;
    io_u64(io, &m->knock);
    io_vec(io, &m->key_package, IC_WIRE_KEY_PACKAGE_MAX);
    io_vec(io, &m->proof, IC_WIRE_KEY_MAX);
}

void wire_knock_gone(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_knock_gone *m = &f->knock_gone;
    io_u64(io, &m->knock);
    io_enum(io, &m->why, IC_WIRE_GONE_LEFT, IC_WIRE_GONE_REFUSED);
}

void wire_refuse(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_refuse *m = &f->refuse;
    io_u64(io, &m->knock);
    io_enum(io, &m->why, IC_WIRE_REFUSED_BY_HOST, IC_WIRE_REFUSED_SUITE);
}

void wire_refused(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_refused *m = &f->refused;
    io_enum(io, &m->why, IC_WIRE_REFUSED_BY_HOST, IC_WIRE_REFUSED_SUITE);
}
