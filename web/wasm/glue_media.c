/* Media: the forwarder's requests, and frames under the meeting's keys. */
#include "glue.h"

#include <ic/meeting/apart.h>
#include <string.h>

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

/* ---- large frames, by WebCrypto ---- */

enum { OPENINGS = 64, PLAN_LEN = 4 + 8 + 8 + IC_SFRAME_NONCE_LEN + 2 };

/* Frames that are with WebCrypto now; the number of one is its place here. */
static struct ic_meeting_opening openings[OPENINGS];
static unsigned next_opening;

/* What a frame wants: u32 generation, u64 epoch, u64 KID (together the key's name), nonce, then two bytes. */
static int plan(uint64_t epoch, uint64_t kid, const uint8_t *nonce, uint8_t first, uint8_t second,
                struct ic_view tail)
{
    uint8_t b[PLAN_LEN];
    ic_store_u32(b, ic_meeting_media_generation(ic_meeting_media(icw.meeting)));
    ic_store_u64(b + 4, epoch);
    ic_store_u64(b + 12, kid);
    memcpy(b + 20, nonce, IC_SFRAME_NONCE_LEN);
    b[PLAN_LEN - 2] = first;
    b[PLAN_LEN - 1] = second;
    struct ic_buf *out = icw_answer();
    ic_err e = ic_buf_append(out, ic_view(b, sizeof b));
    return icw_done(e == IC_OK ? ic_buf_append(out, tail) : e);
}

static int give_key(ic_err e, const struct ic_secret *key)
{
    struct ic_buf *out = icw_answer();
    return icw_done(e == IC_OK ? ic_buf_append(out, ic_secret_view(key)) : e);
}

/* A counter for one frame: its plan, with 0 and the length of the SFrame header, which follows. */
ICW_EXPORT int icw_seal_begin(int context)
{
    ICW_MEETING(m);
    struct ic_sframe_sealing s;
    ic_err e = ic_meeting_seal_begin(ic_meeting_media(m), (uint8_t)context, &s);
    return e == IC_OK
               ? plan(s.epoch, s.kid, s.nonce, 0, s.header_len, ic_view(s.header, s.header_len))
               : -(int)e;
}

/* The key of what seal_begin just planned: to be imported as not extractable, and wiped. */
ICW_EXPORT int icw_seal_key(int context)
{
    ICW_MEETING(m);
    IC_SECRET_SCOPE(key);
    ic_err e = ic_meeting_seal_key(ic_meeting_media(m), (uint8_t)context, &key);
    return give_key(e, &key);
}

/* The clear prefix of the picture whose first bytes lie in the room in. */
ICW_EXPORT int icw_clear_prefix(int len)
{
    uint8_t prefix[IC_MEETING_CLEAR_MAX];
    size_t n = ic_meeting_clear_prefix(icw_given(len), prefix);
    return icw_done(ic_buf_append(icw_answer(), ic_view(prefix, n)));
}

/* The head of a frame lies in the room in, with enough behind it for a tag: its plan, with the length of the clear
 * prefix and of the SFrame header, then one byte: its number for icw_open_key and icw_open_end. */
ICW_EXPORT int icw_open_begin(int len, double now_ms)
{
    ICW_MEETING(m);
    uint8_t number = (uint8_t)(next_opening % OPENINGS);
    struct ic_meeting_opening *o = &openings[number];
    ic_err e = ic_meeting_open_begin(ic_meeting_media(m), icw_given(len), icw_ms(now_ms), o, &from);
    if (e != IC_OK)
        return -(int)e;
    next_opening++;
    return plan(o->frame.from.epoch, o->frame.from.kid, o->frame.nonce, o->clear_len,
                o->frame.header_len, ic_view(&number, 1));
}

ICW_EXPORT int icw_open_key(int number)
{
    ICW_MEETING(m);
    IC_SECRET_SCOPE(key);
    if (number < 0 || number >= OPENINGS)
        return -IC_ERR_ARG;
    ic_err e = ic_meeting_open_key(ic_meeting_media(m), &openings[number], &key);
    return give_key(e, &key);
}

/* The frame has authenticated; who it is from, by icw_from_*. */
ICW_EXPORT int icw_open_end(int number, double now_ms)
{
    ICW_MEETING(m);
    if (number < 0 || number >= OPENINGS)
        return -IC_ERR_ARG;
    return -(int)ic_meeting_open_end(ic_meeting_media(m), &openings[number], icw_ms(now_ms), &from);
}
