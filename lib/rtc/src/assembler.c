#include <ic/base/buf.h>
#include <ic/base/mem.h>
#include <ic/rtc/assembler.h>
#include <ic/rtc/ice.h>
#include <ic/rtc/vp8.h>
#include <string.h>

enum { SIZE = IC_RTC_ASSEMBLER_PACKETS };

struct held {
    uint64_t seq;
    uint64_t arrived_ms;
    uint32_t timestamp;
    uint16_t len;
    bool used, start, end, key;
    uint8_t bytes[IC_RTC_PACKET_MAX];
};

struct ic_rtc_assembler {
    bool started, synced, needs_key;
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

ic_err ic_rtc_assembler_put(struct ic_rtc_assembler *a, uint64_t seq,
                            const struct ic_rtc_rtp *packet, uint64_t now_ms)
{
    struct ic_rtc_vp8 d;
    if (!packet->has_frame_info)
        return IC_ERR_MALFORMED;
    IC_TRY(ic_rtc_vp8_decode(packet->payload, &d));
    if (d.slice.len > IC_RTC_PACKET_MAX)
        return IC_ERR_LIMIT;
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
    h->start = packet->frame_info.start;
    h->end = packet->frame_info.end;
    h->key = packet->frame_info.key;
    h->len = (uint16_t)d.slice.len;
    memcpy(h->bytes, d.slice.p, d.slice.len);
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
        if (h->start != (seq == from) || h->timestamp != timestamp)
            return WALK_CUT;
        if (h->end)
            return WALK_COMPLETE;
    }
}

/* The frame [from, last] goes out, and everything up to it is done with. */
static bool emit(struct ic_rtc_assembler *a, uint64_t from, uint64_t last,
                 struct ic_rtc_video_frame *out)
{
    const struct held *first = at(a, from);
    struct ic_rtc_video_frame f = {.timestamp = first->timestamp, .key = first->key};
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
    a->needs_key = false;
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
        if (!h || !h->start || !h->key)
            continue;
        enum walk w = walk(a, seq, &stop);
        if (w == WALK_COMPLETE)
            return emit(a, seq, stop, out);
        if (w == WALK_HOLE && now_ms < h->arrived_ms + IC_RTC_ASSEMBLER_WAIT_MS)
            *pending = true;
    }
    return false;
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
    if (find_key(a, now_ms, out, &pending)) {
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
