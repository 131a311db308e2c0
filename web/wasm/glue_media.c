/* Media: the forwarder's requests, and frames under the meeting's keys. */
#include "glue.h"

#include <ic/meeting/media.h>

static struct ic_wire_media_open open_request;
static struct ic_wire_media_publish publish_request;
static struct ic_meeting_media_from from; /* of the last frame */

/* ---- requests: begin, add, send ---- */

ICW_EXPORT void icw_media_begin(void)
{
    open_request = (struct ic_wire_media_open){0};
    publish_request = (struct ic_wire_media_publish){0};
}

ICW_EXPORT int icw_media_source(int kind, int context, double ssrc)
{
    struct ic_wire_media_open *o = &open_request;
    if (o->source_count == IC_ARRAY_LEN(o->sources))
        return -IC_ERR_LIMIT;
    o->sources[o->source_count++] = (struct ic_wire_source){
        .kind = (uint8_t)kind, .context = (uint8_t)context, .ssrc = (uint32_t)icw_ms(ssrc)};
    return 0;
}

/* The room in: ufrag, pwd and fingerprint. */
ICW_EXPORT int icw_media_open(int ufrag_len, int pwd_len, int fingerprint_len, int audio_slots,
                              int video_slots)
{
    ICW_MEETING(m);
    struct ic_view rest = icw_given(ufrag_len + pwd_len + fingerprint_len);
    open_request.ufrag = icw_take(&rest, ufrag_len);
    open_request.pwd = icw_take(&rest, pwd_len);
    open_request.fingerprint = icw_take(&rest, fingerprint_len);
    open_request.audio_slots = (uint8_t)audio_slots;
    open_request.video_slots = (uint8_t)video_slots;
    return -(int)ic_meeting_media_open(m, &open_request);
}

/* Texts of the list lie in the room in, all of them, before icw_media_begin: offset and length name them. */
static struct ic_view text_at(int offset, int len)
{
    struct ic_view rest = icw_given(offset + len);
    icw_take(&rest, offset);
    return icw_take(&rest, len);
}

ICW_EXPORT int icw_media_stream(int kind, int codec, int mid_at, int mid_len)
{
    struct ic_wire_media_publish *p = &publish_request;
    if (p->stream_count == IC_ARRAY_LEN(p->streams))
        return -IC_ERR_LIMIT;
    p->streams[p->stream_count++] = (struct ic_wire_stream){
        .kind = (uint8_t)kind, .codec = (uint8_t)codec, .mid = text_at(mid_at, mid_len)};
    return 0;
}

/* A layer of the last stream. */
ICW_EXPORT int icw_media_layer(int rid_at, int rid_len, double ssrc, int height, int context)
{
    struct ic_wire_media_publish *p = &publish_request;
    struct ic_wire_stream *s = p->stream_count ? &p->streams[p->stream_count - 1] : NULL;
    if (!s || s->layer_count == IC_ARRAY_LEN(s->layers))
        return -IC_ERR_LIMIT;
    s->layers[s->layer_count++] = (struct ic_wire_layer){.rid = text_at(rid_at, rid_len),
                                                         .ssrc = (uint32_t)icw_ms(ssrc),
                                                         .height = (uint16_t)height,
                                                         .context = (uint8_t)context};
    return 0;
}

ICW_EXPORT int icw_media_publish(void)
{
    ICW_MEETING(m);
    return -(int)ic_meeting_media_publish(m, &publish_request);
}

/* The room in: per slot u32 source and u32 height, big-endian. */
ICW_EXPORT int icw_media_select(int count)
{
    ICW_MEETING(m);
    struct ic_wire_media_select s = {0};
    if (count < 0 || (size_t)count > IC_ARRAY_LEN(s.slots))
        return -IC_ERR_LIMIT;
    struct ic_view v = icw_given(8 * count);
    for (size_t i = 0; i < v.len / 8; i++) {
        s.slots[i].source = ic_load_u32(v.p + 8 * i);
        s.slots[i].height = (uint16_t)ic_load_u32(v.p + 8 * i + 4);
        s.slot_count = i + 1;
    }
    return -(int)ic_meeting_media_select(m, &s);
}

/* ---- frames ---- */

/* The frame in the room in, sealed to the room out. -IC_ERR_STATE while the gate is shut. */
ICW_EXPORT int icw_protect(int context, int len)
{
    ICW_MEETING(m);
    struct ic_buf *out = icw_answer();
    struct ic_view frame = icw_given(len);
    ic_err e = ic_buf_reserve(out, frame.len + IC_MEETING_FRAME_OVERHEAD);
    if (e == IC_OK)
        e = ic_meeting_protect(ic_meeting_media(m), (uint8_t)context, frame, out->p, &out->len);
    return icw_done(e);
}

/* The same for a VP8 picture that goes to somebody without Dependency Descriptor. */
ICW_EXPORT int icw_protect_clear(int context, int len)
{
    ICW_MEETING(m);
    struct ic_buf *out = icw_answer();
    struct ic_view frame = icw_given(len);
    ic_err e = ic_buf_reserve(out, frame.len + IC_MEETING_FRAME_OVERHEAD);
    if (e == IC_OK)
        e = ic_meeting_protect_clear(ic_meeting_media(m), (uint8_t)context, frame, out->p,
                                     &out->len);
    return icw_done(e);
}

/* The sealed frame in the room in, opened to the room out; who it is from, by icw_from_*. */
ICW_EXPORT int icw_unprotect(int len, double now_ms)
{
    ICW_MEETING(m);
    struct ic_buf *out = icw_answer();
    struct ic_view sealed = icw_given(len);
    ic_err e = ic_buf_reserve(out, sealed.len + 1);
    if (e == IC_OK)
        e = ic_meeting_unprotect(ic_meeting_media(m), sealed, icw_ms(now_ms), out->p, &out->len,
                                 &from);
    return icw_done(e);
}

/* -1: nobody can be named. After an error it is what the frame claims. */
ICW_EXPORT double icw_from_leaf(void)
{
    return from.leaf == IC_MEETING_NO_LEAF ? -1 : (double)from.leaf;
}

ICW_EXPORT int icw_from_context(void)
{
    return from.context;
}

ICW_EXPORT const char *icw_from_name(void)
{
    return from.name;
}

/* The last frame's key is not here: the meeting counts such frames (protocol: cut off). */
ICW_EXPORT int icw_unknown_kid(double now_ms)
{
    ICW_MEETING(m);
    ic_meeting_note_unknown_kid(m, from.kid, icw_ms(now_ms));
    return 0;
}
