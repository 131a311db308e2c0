/* ic-tapframes TAP FRAMES
 *
 * Puts the frames together again from the packets of the forwarder's tap (icd/sfu.h): whole SFrame frames
 * to FRAMES, each behind its length as four bytes in network order, and one JSON object for each:
 *
 *     {"n": 0, "time_ms": ..., "room": 1, "ssrc": 77, "video": true, "kid": 12, "ctr": 5, "len": 900}
 *
 * time_ms is when the packet that completed it came. A frame whose header is no SFrame has no kid.
 */
#include <ic/base/mem.h>
#include <ic/rtc/assembler.h>
#include <ic/sframe/header.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TAP_HEAD = 8 + 8 + 4, STREAMS_MAX = 512 };

struct stream {
    uint64_t room;
    uint32_t ssrc;
    bool video;
    uint64_t highest; /* extended sequence number */
    struct ic_rtc_assembler *frames;
};

struct work {
    struct stream streams[STREAMS_MAX];
    size_t stream_count;
    uint64_t count, packets, bad;
    FILE *out;
};

static struct stream *stream_of(struct work *w, uint64_t room, const struct ic_rtc_rtp *h)
{
    for (size_t i = 0; i < w->stream_count; i++)
        if (w->streams[i].room == room && w->streams[i].ssrc == h->ssrc)
            return &w->streams[i];
    if (w->stream_count == STREAMS_MAX)
        return NULL;
    struct stream *s = &w->streams[w->stream_count];
    *s = (struct stream){.room = room,
                         .ssrc = h->ssrc,
                         .video = h->payload_type == IC_RTC_PT_VP8,
                         .highest = (UINT64_C(1) << 16) + h->seq};
    if (s->video && ic_rtc_assembler_new(&s->frames) != IC_OK)
        return NULL;
    w->stream_count++;
    return s;
}

static void give(struct work *w, const struct stream *s, struct ic_view frame, uint64_t time_ms)
{
    struct ic_sframe_header h;
    size_t len;
    uint8_t head[4];
    ic_store_u32(head, (uint32_t)frame.len);
    fwrite(head, 1, sizeof head, w->out);
    fwrite(frame.p, 1, frame.len, w->out);
    printf("{\"n\":%" PRIu64 ",\"time_ms\":%" PRIu64 ",\"room\":%" PRIu64 ",\"ssrc\":%" PRIu32
           ",\"video\":%s,\"len\":%zu",
           w->count++, time_ms, s->room, s->ssrc, s->video ? "true" : "false", frame.len);
    if (ic_sframe_header_decode(frame, &h, &len) == IC_OK)
        printf(",\"kid\":%" PRIu64 ",\"ctr\":%" PRIu64, h.kid, h.ctr);
    puts("}");
}

static void packet(struct work *w, uint64_t room, uint64_t time_ms, struct ic_view bytes)
{
    struct ic_rtc_rtp h;
    struct ic_rtc_video_frame f;
    w->packets++;
    struct stream *s = ic_rtc_rtp_decode(bytes, &h) == IC_OK ? stream_of(w, room, &h) : NULL;
    if (!s) {
        w->bad++;
        return;
    }
    if (!s->video) {
        if (h.payload.len)
            give(w, s, h.payload, time_ms);
        return;
    }
    uint64_t seq = ic_rtc_seq_extend(s->highest, h.seq);
    if (seq > s->highest)
        s->highest = seq;
    /* A packet that came twice, or is no video of ours, adds nothing. */
    if (ic_rtc_assembler_put(s->frames, seq, &h, time_ms) != IC_OK)
        w->bad++;
    while (ic_rtc_assembler_take(s->frames, time_ms, &f))
        give(w, s, f.data, time_ms);
}

static void read_tap(struct work *w, FILE *tap)
{
    uint8_t head[4 + TAP_HEAD], bytes[1 << 16];
    /* The last record may be cut short where the server was killed. */
    while (fread(head, 1, sizeof head, tap) == sizeof head) {
        size_t len = ic_load_u32(head);
        if (len < TAP_HEAD || len - TAP_HEAD > sizeof bytes ||
            fread(bytes, 1, len - TAP_HEAD, tap) != len - TAP_HEAD)
            return;
        packet(w, ic_load_u64(head + 12), ic_load_u64(head + 4), ic_view(bytes, len - TAP_HEAD));
    }
}

int main(int argc, char **argv)
{
    FILE *tap = argc == 3 ? fopen(argv[1], "rbe") : NULL;
    struct work *w = ic_new(struct work);
    if (tap && w)
        w->out = fopen(argv[2], "wbe");
    if (!w || !w->out) {
        fputs("usage: ic-tapframes TAP FRAMES\n", stderr);
        return 2;
    }
    read_tap(w, tap);
    for (size_t i = 0; i < w->stream_count; i++)
        ic_rtc_assembler_free(w->streams[i].frames);
    fprintf(stderr,
            "ic-tapframes: %" PRIu64 " packets, %" PRIu64 " frames, %" PRIu64 " packets of none\n",
            w->packets, w->count, w->bad);
    fclose(tap);
    int status = fclose(w->out) == 0 ? 0 : 2;
    ic_free(w);
    return status;
}
