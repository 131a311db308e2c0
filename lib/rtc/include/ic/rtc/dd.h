/* The Dependency Descriptor: what a packet tells of its frame without its payload (AV1 RTP specification,
 * appendix A). Frame bounds and number, which templates the stream is made of, and which of them a receiver
 * of a certain quality (a decode target) needs.
 *
 *     struct ic_rtc_dd_peek p;
 *     IC_TRY(ic_rtc_dd_peek(extension, &p));          // bounds, frame number, key: no structure needed
 *     struct ic_rtc_dd d;
 *     IC_TRY(ic_rtc_dd_decode(extension, have ? &structure : NULL, &d));
 *     if (d.has_structure) structure = d.structure;   // holds until the next one comes
 *     if (ic_rtc_dd_dti(d.dtis, target) != IC_RTC_DD_NOT_PRESENT) ...
 *
 * A structure comes with the first packet of a key frame and gives meaning to what follows. Nothing here
 * is authenticated: it serves to find, order and drop packets.
 */
#ifndef IC_RTC_DD_H
#define IC_RTC_DD_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>

enum {
    IC_RTC_DD_MANDATORY_LEN = 3,
    IC_RTC_DD_MAX = 255, /* bytes of the extension, RFC 8285 section 4.3 */
    IC_RTC_DD_TEMPLATES_MAX = 64,
    IC_RTC_DD_TARGETS_MAX = 32,
    IC_RTC_DD_SPATIAL_MAX = 4,
    IC_RTC_DD_TEMPORAL_MAX = 8,
    IC_RTC_DD_FDIFFS_MAX = 8, /* frames that one frame refers to; more are refused */
};

/* Decode target indication: what a frame is to a target. */
enum ic_rtc_dd_dti {
    IC_RTC_DD_NOT_PRESENT = 0,
    IC_RTC_DD_DISCARDABLE = 1,
    IC_RTC_DD_SWITCH = 2,
    IC_RTC_DD_REQUIRED = 3,
};

/* What a frame refers to: a template, or what a frame says of itself. */
struct ic_rtc_dd_frame {
    uint8_t spatial, temporal;
    uint8_t fdiff_count;
    uint16_t fdiffs
        [IC_RTC_DD_FDIFFS_MAX]; /* back to the frames that it needs; 1..16 in a template, 4096 */
    uint64_t dtis;              /* two bits a target, target 0 lowest */
    uint8_t
        chains[IC_RTC_DD_TARGETS_MAX]; /* back to the last frame of each chain; 0: it begins here */
};

struct ic_rtc_dd_structure {
    uint8_t offset; /* template_id_offset, 0..63 */
    uint8_t target_count, chain_count, template_count;
    uint8_t protected_by[IC_RTC_DD_TARGETS_MAX]; /* chain of the target, where there are chains */
    struct ic_rtc_dd_frame templates[IC_RTC_DD_TEMPLATES_MAX];
    bool has_sizes;
    struct {
        uint32_t width, height; /* 1..65536 */
    } sizes[IC_RTC_DD_SPATIAL_MAX];
};

struct ic_rtc_dd_peek {
    bool start, end;     /* the first, the last packet of its frame */
    bool has_structure;  /* a key frame's first packet */
    uint8_t template_id; /* 0..63 */
    uint16_t frame;      /* number, wraps */
};
/* IC_ERR_TRUNCATED. */
ic_err ic_rtc_dd_peek(struct ic_view v, struct ic_rtc_dd_peek *out);

struct ic_rtc_dd {
    struct ic_rtc_dd_peek head;
    bool has_active, custom_dtis, custom_fdiffs, custom_chains;
    uint32_t
        active; /* targets that the sender makes now, by bit; where has_active or has_structure */
    struct ic_rtc_dd_frame frame;
    struct ic_rtc_dd_structure structure; /* where head.has_structure */
};
/* known: the structure in force, NULL for none. IC_ERR_STATE: there is none, and none comes along;
 * IC_ERR_TRUNCATED; IC_ERR_MALFORMED: too many layers or templates, or a template that the structure
 * does not have; IC_ERR_LIMIT: more than FDIFFS_MAX. out is not touched on failure. */
ic_err ic_rtc_dd_decode(struct ic_view v, const struct ic_rtc_dd_structure *known,
                        struct ic_rtc_dd *out);
/* Writes head, and the rest as the flags say; d->structure where head.has_structure, else known gives the
 * counts. out: IC_RTC_DD_MAX bytes. IC_ERR_LIMIT where it does not fit, IC_ERR_RANGE for a field that has no
 * form on the wire. */
ic_err ic_rtc_dd_encode(const struct ic_rtc_dd *d, const struct ic_rtc_dd_structure *known,
                        uint8_t out[static IC_RTC_DD_MAX], size_t *len);

/* One layer: template 0 a key frame, template 1 a frame that needs the one before it. */
void ic_rtc_dd_plain(struct ic_rtc_dd_structure *out);

static inline enum ic_rtc_dd_dti ic_rtc_dd_dti(uint64_t dtis, unsigned target)
{
    return (enum ic_rtc_dd_dti)(dtis >> (2 * (target & 31)) & 3);
}
/* The frame's number in place. The extension has been decoded before. */
static inline void ic_rtc_dd_renumber(uint8_t *extension, uint16_t frame)
{
    ic_store_u16(extension + 1, frame);
}

#endif
