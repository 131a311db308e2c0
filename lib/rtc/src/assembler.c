#include <ic/base/buf.h>
#include <ic/base/mem.h>
#include <ic/rtc/assembler.h>
#include <ic/rtc/dd.h>
#include <ic/rtc/ice.h>
#include <ic/rtc/vp8.h>
#include <string.h>

enum { SIZE = IC_RTC_ASSEMBLER_PACKETS };

/* What a packet is to its frame. */
struct part {
    bool start, end, key;
    bool blind; /* nobody says whether its frame is a key frame */
    bool empty; /* only there so that no number is missing */
};

struct held {
    uint64_t seq;
    uint64_t arrived_ms;
    uint32_t timestamp;
    uint16_t len;
    bool used;
    struct part part;
    uint8_t bytes[IC_RTC_PACKET_MAX];
};

struct ic_rtc_assembler {
    bool started, synced, needs_key;
    bool lost;      /* something, since the last frame that went out */
    uint64_t floor; /* nothing below is held or wanted; where synced, a frame begins here */
    uint64_t highest;
    uint64_t hole;    /* the first packet that is missing, where one is */
    uint64_t hole_ms; /* since when; 0: none */
    uint64_t dropped;
    struct ic_buf frame;
    struct held packets[SIZE];
};

ic_err ic_rtc_assembler_new(struct ic_rtc_assembler **out)
{
    struct ic_rtc_assembler *a = ic_new(struct ic_rtc_assembler);
    if (!a)
        return IC_ERR_NOMEM;
    ic_buf_init(&a->frame, IC_RTC_FRAME_MAX);
    *out = a;
    return IC_OK;
}

void ic_rtc_assembler_free(struct ic_rtc_assembler *a)
{
    if (!a)
        return;
    ic_buf_clear(&a->frame);
    ic_free(a);
}

static struct held *at(struct ic_rtc_assembler *a, uint64_t seq)
{
    struct held *h = &a->packets[seq % SIZE];
    return seq >= a->floor && h->used && h->seq == seq ? h : NULL;
}

static void lose_sync(struct ic_rtc_assembler *a)
{
    if (a->synced)
        a->dropped++;
    a->synced = false;
    a->lost = true;
    a->hole_ms = 0;
}

static void advance(struct ic_rtc_assembler *a, uint64_t seq)
{
    a->highest = seq;
    if (seq - a->floor >= SIZE) {
        a->floor = seq - SIZE + 1;
        lose_sync(a);
    }
}

/* What the packet is to its frame: the Dependency Descriptor says it, else the VP8 descriptor and the
 * marker do, all but whether it is a key frame. */
static ic_err read_packet(const struct ic_rtc_rtp *packet, struct part *part, struct ic_view *slice)
{
    struct ic_rtc_vp8 d;
    struct ic_rtc_dd_peek dd;
    *slice = ic_view(NULL, 0);
    *part = (struct part){.empty = packet->payload.len == 0};
    if (part->empty)
        return IC_OK;
    IC_TRY(ic_rtc_vp8_decode(packet->payload, &d));
    if (d.slice.len > IC_RTC_PACKET_MAX)
        return IC_ERR_LIMIT;
    *slice = d.slice;
    if (packet->dd.len == 0) {
        part->blind = true;
        part->start = d.start && d.partition == 0;
        part->end = packet->marker;
        return IC_OK;
    }
    IC_TRY(ic_rtc_dd_peek(packet->dd, &dd));
    part->start = dd.start;
    part->end = dd.end;
    part->key = dd.has_structure;
    return IC_OK;
}

ic_err ic_rtc_assembler_put(struct ic_rtc_assembler *a, uint64_t seq,
                            const struct ic_rtc_rtp *packet, uint64_t now_ms)
{
    struct part part;
    struct ic_view slice;
    IC_TRY(read_packet(packet, &part, &slice));
    if (!a->started) {
        a->started = true;
        a->floor = a->highest = seq;
    }
    if (seq < a->floor || at(a, seq))
        return IC_ERR_REPLAY;
    if (seq > a->highest)
        advance(a, seq);
    struct held *h = &a->packets[seq % SIZE];
    h->used = true;
    h->seq = seq;
    h->arrived_ms = now_ms;
    h->timestamp = packet->timestamp;
    h->part = part;
    h->len = (uint16_t)slice.len;
    if (slice.len > 0)
        memcpy(h->bytes, slice.p, slice.len);
    return IC_OK;
}

enum walk { WALK_COMPLETE, WALK_HOLE, WALK_CUT };

/* From a frame's first packet to its last. *stop: the last packet, the hole, or the start of another
 * frame that came before the end of this one. */
static enum walk walk(struct ic_rtc_assembler *a, uint64_t from, uint64_t *stop)
{
    uint32_t timestamp = 0;
    for (uint64_t seq = from;; seq++) {
        *stop = seq;
        const struct held *h = at(a, seq);
        if (!h)
            return WALK_HOLE;
        if (seq == from)
            timestamp = h->timestamp;
        if (h->part.start != (seq == from) || h->timestamp != timestamp)
            return WALK_CUT;
        if (h->part.end)
            return WALK_COMPLETE;
    }
}

/* The frame [from, last] goes out, and everything up to it is done with. */
static bool emit(struct ic_rtc_assembler *a, uint64_t from, uint64_t last,
                 struct ic_rtc_video_frame *out)
{
    const struct held *first = at(a, from);
    struct ic_rtc_video_frame f = {
        .timestamp = first->timestamp, .key = first->part.key, .gap = first->part.blind && a->lost};
    ic_err e = IC_OK;
    ic_buf_reset(&a->frame);
    for (uint64_t seq = from; seq <= last && e == IC_OK; seq++) {
        const struct held *h = at(a, seq);
        e = ic_buf_append(&a->frame, ic_view(h->bytes, h->len));
        f.arrived_ms = h->arrived_ms > f.arrived_ms ? h->arrived_ms : f.arrived_ms;
    }
    a->floor = last + 1;
    if (e != IC_OK) {
        lose_sync(a);
        a->dropped++;
        return false;
    }
    a->synced = true;
    a->needs_key = a->lost = false;
    a->hole_ms = 0;
    f.data = ic_buf_view(&a->frame);
    *out = f;
    return true;
}

/* A later key frame that is complete mends everything. *pending: one is on its way. */
static bool find_key(struct ic_rtc_assembler *a, uint64_t now_ms, struct ic_rtc_video_frame *out,
                     bool *pending)
{
    *pending = false;
    for (uint64_t seq = a->floor; a->started && seq <= a->highest; seq++) {
        const struct held *h = at(a, seq);
        uint64_t stop;
        if (!h || !h->part.start || !(h->part.key || h->part.blind))
            continue;
        enum walk w = walk(a, seq, &stop);
        if (w == WALK_COMPLETE)
            return emit(a, seq, stop, out);
        if (w == WALK_HOLE && now_ms < h->arrived_ms + IC_RTC_ASSEMBLER_WAIT_MS)
            *pending = true;
    }
    return false;
}

static bool is_blind(struct ic_rtc_assembler *a)
{
    const struct held *h = at(a, a->highest);
    return h && h->part.blind;
}

/* What stands at the floor is incomplete: wait for it, or give it up. */
static bool at_hole(struct ic_rtc_assembler *a, uint64_t hole, uint64_t now_ms,
                    struct ic_rtc_video_frame *out)
{
    bool pending;
    if (hole > a->highest) {
        a->hole_ms = 0;
        return false;
    }
    if (a->hole_ms == 0 || a->hole != hole) {
        a->hole = hole;
        a->hole_ms = now_ms ? now_ms : 1;
    }
    /* A frame of which nobody says that it is a key frame mends nothing: that is waited for. */
    if (!is_blind(a) && find_key(a, now_ms, out, &pending)) {
        a->dropped++;
        return true;
    }
    if (now_ms >= a->hole_ms + IC_RTC_ASSEMBLER_WAIT_MS)
        lose_sync(a);
    return false;
}

bool ic_rtc_assembler_take(struct ic_rtc_assembler *a, uint64_t now_ms,
                           struct ic_rtc_video_frame *out)
{
    bool pending;
    while (a->started && a->synced) {
        uint64_t stop;
        const struct held *h = at(a, a->floor);
        if (h && h->part.empty) {
            a->floor++;
            continue;
        }
        enum walk w = walk(a, a->floor, &stop);
        if (w == WALK_COMPLETE)
            return emit(a, a->floor, stop, out);
        if (w == WALK_HOLE) {
            if (at_hole(a, stop, now_ms, out))
                return true;
            if (a->synced)
                return false;
        } else {
            lose_sync(a);
        }
    }
    if (find_key(a, now_ms, out, &pending))
        return true;
    a->needs_key = a->started && !pending;
    return false;
}

bool ic_rtc_assembler_needs_key(const struct ic_rtc_assembler *a)
{
    return a->needs_key;
}

uint64_t ic_rtc_assembler_deadline(const struct ic_rtc_assembler *a)
{
    return a->hole_ms ? a->hole_ms + IC_RTC_ASSEMBLER_WAIT_MS : IC_RTC_NEVER;
}

uint64_t ic_rtc_assembler_dropped(const struct ic_rtc_assembler *a)
{
    return a->dropped;
}
