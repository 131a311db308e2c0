/* The bodies of all frames: one function each, both ways (io.h). */
#ifndef IC_WIRE_BODY_H
#define IC_WIRE_BODY_H

#include "io.h"
#include <ic/wire/message.h>

struct wire_type {
    uint16_t type;
    const char *name;
    void (*body)(struct io *io, struct ic_wire_frame *f);
};

/* NULL for an unknown type. */
const struct wire_type *ic_wire_type_find(uint16_t type);

void ic_wire_hello(struct io *io, struct ic_wire_frame *f);
void ic_wire_hello_ok(struct io *io, struct ic_wire_frame *f);
void ic_wire_enter(struct io *io, struct ic_wire_frame *f);
void ic_wire_entered(struct io *io, struct ic_wire_frame *f);
void ic_wire_ok(struct io *io, struct ic_wire_frame *f);
void ic_wire_error(struct io *io, struct ic_wire_frame *f);
void ic_wire_draining(struct io *io, struct ic_wire_frame *f);
void ic_wire_knock(struct io *io, struct ic_wire_frame *f);
void ic_wire_knocked(struct io *io, struct ic_wire_frame *f);
void ic_wire_knock_gone(struct io *io, struct ic_wire_frame *f);
void ic_wire_refuse(struct io *io, struct ic_wire_frame *f);
void ic_wire_refused(struct io *io, struct ic_wire_frame *f);
void ic_wire_create_group(struct io *io, struct ic_wire_frame *f);
void ic_wire_commit(struct io *io, struct ic_wire_frame *f);
void ic_wire_propose(struct io *io, struct ic_wire_frame *f);
void ic_wire_send(struct io *io, struct ic_wire_frame *f);
void ic_wire_message(struct io *io, struct ic_wire_frame *f);
void ic_wire_welcome(struct io *io, struct ic_wire_frame *f);
void ic_wire_get_tree(struct io *io, struct ic_wire_frame *f);
void ic_wire_tree(struct io *io, struct ic_wire_frame *f);
void ic_wire_get_group_info(struct io *io, struct ic_wire_frame *f);
void ic_wire_group_info(struct io *io, struct ic_wire_frame *f);
void ic_wire_fetch(struct io *io, struct ic_wire_frame *f);
void ic_wire_cannot_apply(struct io *io, struct ic_wire_frame *f);
void ic_wire_replace(struct io *io, struct ic_wire_frame *f);
void ic_wire_group_open(struct io *io, struct ic_wire_frame *f);
void ic_wire_presence(struct io *io, struct ic_wire_frame *f);
void ic_wire_ended(struct io *io, struct ic_wire_frame *f);
void ic_wire_media_open(struct io *io, struct ic_wire_frame *f);
void ic_wire_media_opened(struct io *io, struct ic_wire_frame *f);
void ic_wire_media_want(struct io *io, struct ic_wire_frame *f);
void ic_wire_media_sources(struct io *io, struct ic_wire_frame *f);
void ic_wire_media_slots(struct io *io, struct ic_wire_frame *f);
void ic_wire_media_publish(struct io *io, struct ic_wire_frame *f);
void ic_wire_media_select(struct io *io, struct ic_wire_frame *f);
void ic_wire_media_speaker(struct io *io, struct ic_wire_frame *f);
void ic_wire_files_opened(struct io *io, struct ic_wire_frame *f);

#endif
