/* Reading a Dependency Descriptor. The names of the fields are those of the specification, section A.8. */
#include "bits.h"
#include <ic/rtc/dd.h>
#include <string.h>

enum {
    SAME_LAYER = 0,
    NEXT_TEMPORAL = 1,
    NEXT_SPATIAL = 2,
    NO_MORE = 3,
    TEMPLATE_IDS = 64,
};

static void fail(struct bits *b, ic_err e)
{
    if (b->err == IC_OK)
        b->err = e;
}

ic_err ic_rtc_dd_peek(struct ic_view v, struct ic_rtc_dd_peek *out)
{
    if (v.len < IC_RTC_DD_MANDATORY_LEN)
        return IC_ERR_TRUNCATED;
    *out = (struct ic_rtc_dd_peek){
        .start = (v.p[0] & 0x80) != 0,
        .end = (v.p[0] & 0x40) != 0,
        .template_id = v.p[0] & 0x3f,
        .frame = ic_load_u16(v.p + 1),
        .has_structure = v.len > IC_RTC_DD_MANDATORY_LEN && (v.p[3] & 0x80) != 0,
    };
    return IC_OK;
}

static void read_layers(struct bits *b, struct ic_rtc_dd_structure *s)
{
    uint8_t spatial = 0, temporal = 0;
    for (uint32_t next = SAME_LAYER; next != NO_MORE && b->err == IC_OK;) {
        if (s->template_count == IC_RTC_DD_TEMPLATES_MAX) {
            fail(b, IC_ERR_MALFORMED);
            return;
        }
        struct ic_rtc_dd_frame *t = &s->templates[s->template_count++];
        t->spatial = spatial;
        t->temporal = temporal;
        next = bits_read(b, 2);
        if (next == NEXT_TEMPORAL)
            temporal++;
        if (next == NEXT_SPATIAL) {
            temporal = 0;
            spatial++;
        }
        if (temporal == IC_RTC_DD_TEMPORAL_MAX || spatial == IC_RTC_DD_SPATIAL_MAX)
            fail(b, IC_ERR_MALFORMED);
    }
}

static uint64_t read_dtis(struct bits *b, unsigned targets)
{
    uint64_t dtis = 0;
    for (unsigned i = 0; i < targets; i++)
        dtis |= (uint64_t)bits_read(b, 2) << (2 * i);
    return dtis;
}

static void add_fdiff(struct bits *b, struct ic_rtc_dd_frame *f, uint32_t minus_one)
{
    if (f->fdiff_count == IC_RTC_DD_FDIFFS_MAX)
        fail(b, IC_ERR_LIMIT);
    else if (b->err == IC_OK)
        f->fdiffs[f->fdiff_count++] = (uint16_t)(minus_one + 1);
}

static void read_chains(struct bits *b, struct ic_rtc_dd_structure *s)
{
    s->chain_count = (uint8_t)bits_read_below(b, s->target_count + 1u);
    if (s->chain_count == 0)
        return;
    for (unsigned i = 0; i < s->target_count; i++)
        s->protected_by[i] = (uint8_t)bits_read_below(b, s->chain_count);
    for (unsigned t = 0; t < s->template_count; t++)
        for (unsigned c = 0; c < s->chain_count; c++)
            s->templates[t].chains[c] = (uint8_t)bits_read(b, 4);
}

static void read_structure(struct bits *b, struct ic_rtc_dd_structure *s)
{
    s->offset = (uint8_t)bits_read(b, 6);
    s->target_count = (uint8_t)(bits_read(b, 5) + 1);
    read_layers(b, s);
    for (unsigned t = 0; t < s->template_count; t++)
        s->templates[t].dtis = read_dtis(b, s->target_count);
    for (unsigned t = 0; t < s->template_count; t++)
        while (bits_read(b, 1) == 1)
            add_fdiff(b, &s->templates[t], bits_read(b, 4));
    read_chains(b, s);
    s->has_sizes = bits_read(b, 1) == 1;
    for (unsigned i = 0; s->has_sizes && i <= s->templates[s->template_count - 1].spatial; i++) {
        s->sizes[i].width = bits_read(b, 16) + 1;
        s->sizes[i].height = bits_read(b, 16) + 1;
    }
}

/* What the frame says of itself takes the place of what its template says. */
static void read_frame(struct bits *b, const struct ic_rtc_dd_structure *s, struct ic_rtc_dd *d)
{
    unsigned index = (d->head.template_id + TEMPLATE_IDS - s->offset) % TEMPLATE_IDS;
    if (index >= s->template_count) {
        fail(b, IC_ERR_MALFORMED);
        return;
    }
    d->frame = s->templates[index];
    if (d->custom_dtis)
        d->frame.dtis = read_dtis(b, s->target_count);
    if (d->custom_fdiffs) {
        d->frame.fdiff_count = 0;
        for (uint32_t size; (size = bits_read(b, 2)) != 0;)
            add_fdiff(b, &d->frame, bits_read(b, 4 * size));
    }
    for (unsigned c = 0; d->custom_chains && c < s->chain_count; c++)
        d->frame.chains[c] = (uint8_t)bits_read(b, 8);
}

ic_err ic_rtc_dd_decode(struct ic_view v, const struct ic_rtc_dd_structure *known,
                        struct ic_rtc_dd *out)
{
    struct ic_rtc_dd d;
    memset(&d, 0, sizeof d);
    IC_TRY(ic_rtc_dd_peek(v, &d.head));
    struct bits b = bits(v);
    b.at = 8 * (size_t)IC_RTC_DD_MANDATORY_LEN;
    if (v.len > IC_RTC_DD_MANDATORY_LEN) {
        (void)bits_read(&b, 1); /* has_structure */
        d.has_active = bits_read(&b, 1) == 1;
        d.custom_dtis = bits_read(&b, 1) == 1;
        d.custom_fdiffs = bits_read(&b, 1) == 1;
        d.custom_chains = bits_read(&b, 1) == 1;
    }
    if (d.head.has_structure) {
        read_structure(&b, &d.structure);
        d.active = (uint32_t)(((uint64_t)1 << d.structure.target_count) - 1);
        known = &d.structure;
    }
    if (!known)
        return IC_ERR_STATE;
    if (d.has_active)
        d.active = bits_read(&b, known->target_count);
    if (b.err == IC_OK)
        read_frame(&b, known, &d);
    if (b.err != IC_OK)
        return b.err;
    *out = d; /* the rest is padding */
    return IC_OK;
}
