#include "bits.h"
#include <ic/rtc/dd.h>
#include <string.h>

enum { SAME_LAYER = 0, NEXT_TEMPORAL = 1, NEXT_SPATIAL = 2, NO_MORE = 3 };

static void write_layers(struct bits_out *b, const struct ic_rtc_dd_structure *s)
{
    for (unsigned i = 0; i < s->template_count; i++) {
        const struct ic_rtc_dd_frame *t = &s->templates[i];
        if (i + 1u == s->template_count)
            bits_write(b, NO_MORE, 2);
        else if (t[1].spatial == t->spatial && t[1].temporal == t->temporal)
            bits_write(b, SAME_LAYER, 2);
        else if (t[1].spatial == t->spatial && t[1].temporal == t->temporal + 1)
            bits_write(b, NEXT_TEMPORAL, 2);
        else if (t[1].spatial == t->spatial + 1 && t[1].temporal == 0)
            bits_write(b, NEXT_SPATIAL, 2);
        else
            b->err = IC_ERR_RANGE; /* templates go by layer, none left out */
    }
}

static void write_dtis(struct bits_out *b, uint64_t dtis, unsigned targets)
{
    for (unsigned i = 0; i < targets; i++)
        bits_write(b, ic_rtc_dd_dti(dtis, i), 2);
}

static void write_template_fdiffs(struct bits_out *b, const struct ic_rtc_dd_frame *t)
{
    for (unsigned i = 0; i < t->fdiff_count; i++) {
        bits_write(b, 1, 1);
        bits_write(b, t->fdiffs[i] - 1u, 4);
    }
    bits_write(b, 0, 1);
}

static void write_chains(struct bits_out *b, const struct ic_rtc_dd_structure *s)
{
    bits_write_below(b, s->chain_count, s->target_count + 1u);
    if (s->chain_count == 0)
        return;
    for (unsigned i = 0; i < s->target_count; i++)
        bits_write_below(b, s->protected_by[i], s->chain_count);
    for (unsigned t = 0; t < s->template_count; t++)
        for (unsigned c = 0; c < s->chain_count; c++)
            bits_write(b, s->templates[t].chains[c], 4);
}

static void write_structure(struct bits_out *b, const struct ic_rtc_dd_structure *s)
{
    bits_write(b, s->offset, 6);
    bits_write(b, s->target_count - 1u, 5);
    write_layers(b, s);
    for (unsigned t = 0; t < s->template_count; t++)
        write_dtis(b, s->templates[t].dtis, s->target_count);
    for (unsigned t = 0; t < s->template_count; t++)
        write_template_fdiffs(b, &s->templates[t]);
    write_chains(b, s);
    bits_write(b, s->has_sizes, 1);
    for (unsigned i = 0; s->has_sizes && i <= s->templates[s->template_count - 1].spatial; i++) {
        bits_write(b, s->sizes[i].width - 1u, 16);
        bits_write(b, s->sizes[i].height - 1u, 16);
    }
}

static void write_custom(struct bits_out *b, const struct ic_rtc_dd *d,
                         const struct ic_rtc_dd_structure *s)
{
    if (d->custom_dtis)
        write_dtis(b, d->frame.dtis, s->target_count);
    if (d->custom_fdiffs) {
        for (unsigned i = 0; i < d->frame.fdiff_count; i++) {
            uint32_t v = d->frame.fdiffs[i] - 1u;
            unsigned size = v < 16 ? 1 : v < 256 ? 2 : 3;
            bits_write(b, size, 2);
            bits_write(b, v, 4 * size);
        }
        bits_write(b, 0, 2);
    }
    for (unsigned c = 0; d->custom_chains && c < s->chain_count; c++)
        bits_write(b, d->frame.chains[c], 8);
}

static bool fits(const struct ic_rtc_dd_structure *s)
{
    return s->target_count >= 1 && s->target_count <= IC_RTC_DD_TARGETS_MAX &&
           s->template_count >= 1 && s->template_count <= IC_RTC_DD_TEMPLATES_MAX &&
           s->chain_count <= s->target_count;
}

ic_err ic_rtc_dd_encode(const struct ic_rtc_dd *d, const struct ic_rtc_dd_structure *known,
                        uint8_t out[static IC_RTC_DD_MAX], size_t *len)
{
    uint8_t bytes[IC_RTC_DD_MAX] = {0};
    struct bits_out b = {.p = bytes, .cap = sizeof bytes};
    const struct ic_rtc_dd_structure *s = d->head.has_structure ? &d->structure : known;
    bits_write(&b, d->head.start, 1);
    bits_write(&b, d->head.end, 1);
    bits_write(&b, d->head.template_id, 6);
    bits_write(&b, d->head.frame, 16);
    if (d->head.has_structure || d->has_active || d->custom_dtis || d->custom_fdiffs ||
        d->custom_chains) {
        if (!s || !fits(s))
            return IC_ERR_RANGE;
        bits_write(&b, d->head.has_structure, 1);
        bits_write(&b, d->has_active, 1);
        bits_write(&b, d->custom_dtis, 1);
        bits_write(&b, d->custom_fdiffs, 1);
        bits_write(&b, d->custom_chains, 1);
        if (d->head.has_structure)
            write_structure(&b, s);
        for (unsigned i = s->target_count; d->has_active && i > 0; i--)
            bits_write(&b, d->active >> (i - 1) & 1u, 1);
        write_custom(&b, d, s);
    }
    IC_TRY(b.err);
    *len = (b.at + 7) / 8;
    memcpy(out, bytes, *len);
    return IC_OK;
}

void ic_rtc_dd_plain(struct ic_rtc_dd_structure *out)
{
    *out = (struct ic_rtc_dd_structure){.target_count = 1, .chain_count = 1, .template_count = 2};
    out->templates[0].dtis = IC_RTC_DD_SWITCH;
    out->templates[1].dtis = IC_RTC_DD_SWITCH;
    out->templates[1].fdiff_count = 1;
    out->templates[1].fdiffs[0] = 1;
    out->templates[1].chains[0] = 1;
}
