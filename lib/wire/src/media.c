/* Media control. */
#include "body.h"
#include <ic/base/mem.h>

static void source(struct io *io, struct ic_wire_source *m)
{
    io_u32(io, &m->source);
    io_enum(io, &m->kind, IC_WIRE_AUDIO, IC_WIRE_SCREEN);
    io_u8(io, &m->context);
    io_u32(io, &m->ssrc);
    io_u32(io, &m->leaf);
}

static void slot(struct io *io, struct ic_wire_slot *m)
{
    io_enum(io, &m->kind, IC_WIRE_AUDIO, IC_WIRE_SCREEN);
    io_u32(io, &m->ssrc);
    io_u32(io, &m->source);
}

static void slots(struct io *io, struct ic_wire_slot *list, size_t *count)
{
    io_count(io, count, IC_WIRE_SLOTS_MAX);
    for (size_t i = 0; i < *count; i++)
        slot(io, &list[i]);
}

static void sources(struct io *io, struct ic_wire_source *list, size_t *count, size_t max)
{
    io_count(io, count, max);
    for (size_t i = 0; i < *count; i++)
        source(io, &list[i]);
}

static void transport(struct io *io, struct ic_view *ufrag, struct ic_view *pwd,
                      struct ic_view *fingerprint)
{
    io_text(io, ufrag);
    io_text(io, pwd);
    io_fixed(io, fingerprint, 32, false);
}

void wire_media_open(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_media_open *m = &f->media_open;
    transport(io, &m->ufrag, &m->pwd, &m->fingerprint);
    sources(io, m->sources, &m->source_count, IC_ARRAY_LEN(m->sources));
    io_u8(io, &m->audio_slots);
    io_u8(io, &m->video_slots);
}

void wire_media_opened(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_media_opened *m = &f->media_opened;
    transport(io, &m->ufrag, &m->pwd, &m->fingerprint);
    io_count(io, &m->address_count, IC_WIRE_ADDRESSES_MAX);
    for (size_t i = 0; i < m->address_count; i++) {
        io_text(io, &m->addresses[i].host);
        io_u16(io, &m->addresses[i].port);
    }
    slots(io, m->slots, &m->slot_count);
}

void wire_media_want(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_media_want *m = &f->media_want;
    io_count(io, &m->source_count, IC_WIRE_SLOTS_MAX);
    for (size_t i = 0; i < m->source_count; i++)
        io_u32(io, &m->sources[i]);
}

void wire_media_sources(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_media_sources *m = &f->media_sources;
    io_u32(io, &m->page);
    io_u32(io, &m->pages);
    sources(io, m->sources, &m->source_count, IC_WIRE_SLOTS_MAX);
}

void wire_media_slots(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_media_slots *m = &f->media_slots;
    slots(io, m->slots, &m->slot_count);
}
