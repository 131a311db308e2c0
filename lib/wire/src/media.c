/* Media control. */
#include "body.h"
#include <ic/base/mem.h>

static void source(struct io *io, struct ic_wire_source *m)
{
    ic_wire_io_u32(io, &m->source);
    ic_wire_io_enum(io, &m->kind, IC_WIRE_AUDIO, IC_WIRE_SCREEN);
    ic_wire_io_u8(io, &m->context);
    ic_wire_io_u32(io, &m->ssrc);
    ic_wire_io_u32(io, &m->leaf);
}

static void slot(struct io *io, struct ic_wire_slot *m)
{
    ic_wire_io_enum(io, &m->kind, IC_WIRE_AUDIO, IC_WIRE_SCREEN);
    ic_wire_io_u32(io, &m->ssrc);
    ic_wire_io_u32(io, &m->source);
}

static void slots(struct io *io, struct ic_wire_slot *list, size_t *count)
{
    ic_wire_io_count(io, count, IC_WIRE_SLOTS_MAX);
    for (size_t i = 0; i < *count; i++)
        slot(io, &list[i]);
}

static void sources(struct io *io, struct ic_wire_source *list, size_t *count, size_t max)
{
    ic_wire_io_count(io, count, max);
    for (size_t i = 0; i < *count; i++)
        source(io, &list[i]);
}

static void transport(struct io *io, struct ic_view *ufrag, struct ic_view *pwd,
                      struct ic_view *fingerprint)
{
    ic_wire_io_text(io, ufrag);
    ic_wire_io_text(io, pwd);
    ic_wire_io_fixed(io, fingerprint, 32, false);
}

void ic_wire_media_open(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_media_open *m = &f->media_open;
    transport(io, &m->ufrag, &m->pwd, &m->fingerprint);
    sources(io, m->sources, &m->source_count, IC_ARRAY_LEN(m->sources));
    ic_wire_io_u8(io, &m->audio_slots);
    ic_wire_io_u8(io, &m->video_slots);
}

void ic_wire_media_opened(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_media_opened *m = &f->media_opened;
    transport(io, &m->ufrag, &m->pwd, &m->fingerprint);
    ic_wire_io_count(io, &m->address_count, IC_WIRE_ADDRESSES_MAX);
    for (size_t i = 0; i < m->address_count; i++) {
        ic_wire_io_text(io, &m->addresses[i].host);
        ic_wire_io_u16(io, &m->addresses[i].port);
    }
    slots(io, m->slots, &m->slot_count);
}

void ic_wire_media_want(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_media_want *m = &f->media_want;
    ic_wire_io_count(io, &m->source_count, IC_WIRE_SLOTS_MAX);
    for (size_t i = 0; i < m->source_count; i++)
        ic_wire_io_u32(io, &m->sources[i]);
}

void ic_wire_media_sources(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_media_sources *m = &f->media_sources;
    ic_wire_io_u32(io, &m->page);
    ic_wire_io_u32(io, &m->pages);
    sources(io, m->sources, &m->source_count, IC_WIRE_SLOTS_MAX);
}

void ic_wire_media_slots(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_media_slots *m = &f->media_slots;
    slots(io, m->slots, &m->slot_count);
}

/* A mid or rid: a token of RFC 8851 section 5, short. */
static void identifier(struct io *io, struct ic_view *v)
{
    ic_wire_io_vec(io, v, IC_WIRE_MID_MAX);
    for (size_t i = 0; i < v->len; i++) {
        uint8_t c = v->p[i];
        if (c <= ' ' || c > '~')
            ic_wire_io_fail(io, IC_ERR_MALFORMED);
    }
}

static void layer(struct io *io, struct ic_wire_layer *m)
{
    identifier(io, &m->rid);
    ic_wire_io_u32(io, &m->ssrc);
    ic_wire_io_u16(io, &m->height);
    ic_wire_io_u8(io, &m->context);
}

static void stream(struct io *io, struct ic_wire_stream *m)
{
    ic_wire_io_enum(io, &m->kind, IC_WIRE_AUDIO, IC_WIRE_SCREEN);
    ic_wire_io_enum(io, &m->codec, IC_WIRE_OPUS, IC_WIRE_VP9);
    identifier(io, &m->mid);
    ic_wire_io_count(io, &m->layer_count, IC_WIRE_LAYERS_MAX);
    for (size_t i = 0; i < m->layer_count; i++)
        layer(io, &m->layers[i]);
}

void ic_wire_media_publish(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_media_publish *m = &f->media_publish;
    ic_wire_io_count(io, &m->stream_count, IC_WIRE_STREAMS_MAX);
    for (size_t i = 0; i < m->stream_count; i++)
        stream(io, &m->streams[i]);
}

void ic_wire_media_select(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_media_select *m = &f->media_select;
    ic_wire_io_count(io, &m->slot_count, IC_WIRE_SLOTS_MAX);
    for (size_t i = 0; i < m->slot_count; i++) {
        ic_wire_io_u32(io, &m->slots[i].source);
        ic_wire_io_u16(io, &m->slots[i].height);
    }
}

void ic_wire_media_speaker(struct io *io, struct ic_wire_frame *f)
{
    ic_wire_io_u32(io, &f->media_speaker.source);
    ic_wire_io_u32(io, &f->media_speaker.leaf);
}
