/* What a packet tells without its payload: the frame that it belongs to, and the layers of its stream. */
#include "shard.h"
#include <ic/base/mem.h>
#include <ic/rtc/vp8.h>
#include <string.h>

/* The decode target of each spatial layer that is made now: of those whose highest frames are in that layer,
 * the one with the most frames in time. */
static void find_targets(struct layers *l)
{
    uint8_t best_temporal[IC_RTC_DD_SPATIAL_MAX] = {0};
    const struct ic_rtc_dd_structure *st = &l->structure;
    memset(l->target, NO_LAYER, sizeof l->target);
    for (uint8_t t = 0; t < st->target_count; t++) {
        uint8_t spatial = 0, temporal = 0;
        for (size_t i = 0; i < st->template_count; i++) {
            const struct ic_rtc_dd_frame *f = &st->templates[i];
            if (ic_rtc_dd_dti(f->dtis, t) == IC_RTC_DD_NOT_PRESENT)
                continue;
            spatial = f->spatial > spatial ? f->spatial : spatial;
            temporal = f->temporal > temporal ? f->temporal : temporal;
        }
        if ((l->active >> t & 1) == 0 ||
            (l->target[spatial] != NO_LAYER && temporal <= best_temporal[spatial]))
            continue;
        l->target[spatial] = t;
        best_temporal[spatial] = temporal;
    }
}

static void take_structure(struct source *src, const struct ic_rtc_dd *d)
{
    struct layers *l = src->layers;
    const struct ic_rtc_dd_structure *st = &d->structure;
    l->structure = *st;
    l->active = d->active;
    l->count = (uint8_t)(st->templates[st->template_count - 1].spatial + 1);
    for (uint8_t i = 0; i < l->count; i++) {
        /* Each layer doubles the one below where nobody says it. */
        uint32_t guess =
            (uint32_t)(src->shared->height ? src->shared->height : 720) >> (l->count - 1 - i);
        l->height[i] = st->has_sizes ? st->sizes[i].height : guess;
    }
    find_targets(l);
}

/* A stream with layers inside is understood wholly. */
static bool read_layered(struct source *src, struct ic_view dd, struct mark *m)
{
    static _Thread_local struct ic_rtc_dd d;
    bool known = src->layers != NULL;
    if (ic_rtc_dd_decode(dd, known ? &src->layers->structure : NULL, &d) != IC_OK)
        return false;
    if (!known && !(src->layers = ic_new(struct layers)))
        return false;
    if (d.head.has_structure) {
        take_structure(src, &d);
    } else if (d.has_active && d.active != src->layers->active) {
        src->layers->active = d.active;
        find_targets(src->layers);
    }
    m->layered = true;
    m->spatial = d.frame.spatial;
    m->dtis = d.frame.dtis;
    return true;
}

static bool read_vp8(const struct ic_rtc_rtp *h, struct mark *m)
{
    struct ic_rtc_vp8 v;
    if (ic_rtc_vp8_decode(h->payload, &v) != IC_OK)
        return false;
    m->picture = v.picture_id;
    m->picture_at = v.picture_at;
    m->long_picture = v.long_picture;
    m->tl0 = v.tl0;
    m->tl0_at = v.tl0_at;
    if (!m->dd) {
        m->start = v.start && v.partition == 0;
        m->end = h->marker;
    }
    return true;
}

bool icd_sfu_mark(struct source *src, const struct ic_rtc_rtp *h, struct mark *out)
{
    struct mark m = {.empty = h->payload.len == 0, .dd = h->dd.len > 0};
    uint8_t codec = src->shared->codec;
    if (codec == IC_WIRE_OPUS) {
        *out = m;
        return h->payload_type == IC_RTC_PT_OPUS && !m.empty;
    }
    if (h->payload_type != (codec == IC_WIRE_VP8 ? IC_RTC_PT_VP8 : IC_RTC_PT_VP9))
        return false;
    if (!m.empty && m.dd) {
        struct ic_rtc_dd_peek p;
        if (ic_rtc_dd_peek(h->dd, &p) != IC_OK)
            return false;
        m.start = p.start;
        m.end = p.end;
        m.key = p.start && p.has_structure;
        m.frame = p.frame;
    }
    if (!m.empty && codec == IC_WIRE_VP8 && !read_vp8(h, &m))
        return false;
    /* Nothing but the descriptor tells the frames of VP9. */
    if (!m.empty && codec == IC_WIRE_VP9 && !(m.dd && read_layered(src, h->dd, &m)))
        return false;
    *out = m;
    return true;
}

uint8_t icd_sfu_layers_pick(const struct layers *l, uint16_t height)
{
    uint8_t best = NO_LAYER;
    for (uint8_t i = 0; l && i < l->count; i++)
        if (l->target[i] != NO_LAYER && (best == NO_LAYER || l->height[i] <= height))
            best = i;
    return best;
}

bool icd_sfu_layers_contain(const struct layers *l, uint8_t from, uint8_t to)
{
    for (size_t i = 0; i < l->structure.template_count; i++) {
        uint64_t dtis = l->structure.templates[i].dtis;
        if (ic_rtc_dd_dti(dtis, to) != IC_RTC_DD_NOT_PRESENT &&
            ic_rtc_dd_dti(dtis, from) == IC_RTC_DD_NOT_PRESENT)
            return false;
    }
    return true;
}

/* Without what was for the sender's own link: mid, rid, contributing sources, padding. */
bool icd_sfu_keep(struct kept_packet *kept, const struct ic_rtc_rtp *h, const struct mark *m)
{
    struct ic_rtc_rtp again;
    size_t n;
    if (ic_rtc_rtp_encode(h, kept->bytes, sizeof kept->bytes, &n) != IC_OK ||
        h->payload.len > sizeof kept->bytes - n)
        return false;
    memcpy(kept->bytes + n, h->payload.p, h->payload.len);
    kept->len = (uint16_t)(n + h->payload.len);
    kept->dd_at = 0;
    if (m->dd && ic_rtc_rtp_decode(ic_view(kept->bytes, kept->len), &again) == IC_OK)
        kept->dd_at = (uint16_t)(again.dd.p - kept->bytes);
    kept->picture_at = (uint16_t)(m->picture_at ? n + m->picture_at : 0);
    kept->tl0_at = (uint16_t)(m->tl0_at ? n + m->tl0_at : 0);
    kept->long_picture = m->long_picture;
    return true;
}
