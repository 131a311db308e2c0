#include "yard.h"
#include <string.h>

static struct yard y;
static struct ic_rtc_dd_structure plain;

/* The i-th frame of a stream with the plain structure: one packet. */
static struct yard_in frame(uint64_t i, bool key)
{
    ic_rtc_dd_plain(&plain);
    return (struct yard_in){.index = 500 + i,
                            .timestamp = (uint32_t)(i * 3000),
                            .marker = true,
                            .start = true,
                            .end = true,
                            .template_id = key ? 0 : 1,
                            .structure = key ? &plain : NULL,
                            .frame = (uint16_t)(65530 + i),
                            .picture = (uint16_t)((32760 + i) & 0x7fff),
                            .tl0 = (uint8_t)(250 + i),
                            .tag = (uint8_t)i};
}

static void put(struct source *src, uint64_t i, bool key, uint8_t tag)
{
    struct yard_in in = frame(i, key);
    in.tag = tag;
    yard_put(&y, src, &in);
}

/* From packet `from` on every number goes up by one, and nothing of the sender's own link is left. */
static void check_smooth(size_t from)
{
    for (size_t i = from; i < y.count; i++) {
        const struct yard_out *o = &y.out[i];
        CHECK(!o->has_names && !o->empty && o->ssrc == 100);
        if (i == 0)
            continue;
        const struct yard_out *b = &y.out[i - 1];
        CHECK_EQ_INT(o->index, b->index + 1);
        CHECK_EQ_INT(o->frame, (uint16_t)(b->frame + 1));
        CHECK_EQ_INT(o->picture, (b->picture + 1) & 0x7fff);
        CHECK_EQ_INT(o->tl0, (uint8_t)(b->tl0 + 1));
        CHECK((int32_t)(o->timestamp - b->timestamp) > 0);
    }
}

TEST(slot_numbers_go_on_over_sources_and_layers)
{
    yard_init(&y);
    struct source *low = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP8, 0, 180);
    struct source *high = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP8, 1, 720);
    struct source *other = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP8, 0, 720);
    put(low, 0, false, 1);
    put(high, 0, false, 1);
    yard_want(&y, low->shared->source, 300);
    CHECK(yard_key_wanted(low) && !yard_key_wanted(high));
    put(low, 1, false, 1);
    CHECK_EQ_INT(y.count, 0); /* begins with a key frame */
    put(low, 2, true, 1);
    put(low, 3, false, 1);
    put(high, 90, true, 2);
    CHECK_EQ_INT(y.count, 2);
    yard_want(&y, low->shared->source, 720);
    CHECK(yard_key_wanted(high));
    y.shard->now_ms += 33;
    put(low, 4, false, 1); /* goes on until the other's key frame */
    y.shard->now_ms += 33;
    put(high, 91, false, 2);
    put(high, 92, true, 2);
    put(low, 5, false, 1);
    y.shard->now_ms += 33;
    put(high, 93, false, 2);
    yard_want(&y, other->shared->source, IC_WIRE_HEIGHT_ANY);
    y.shard->now_ms += 33;
    put(other, 7, true, 3);
    put(high, 94, false, 2);
    put(other, 8, false, 3);
    static const uint8_t tags[] = {1, 1, 1, 2, 2, 3, 3};
    CHECK_EQ_INT(y.count, sizeof tags);
    for (size_t i = 0; i < sizeof tags; i++)
        CHECK_EQ_INT(y.out[i].tag, tags[i]);
    check_smooth(0);
    yard_want(&y, other->shared->source, 0);
    put(other, 9, true, 3);
    CHECK_EQ_INT(y.count, sizeof tags);
    CHECK(y.peer->slots[0].source == NULL);
    yard_clear(&y);
}

TEST(slot_takes_the_time_of_the_senders_clock)
{
    yard_init(&y);
    struct source *low = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP8, 0, 180);
    struct source *high = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP8, 1, 720);
    put(low, 0, false, 1);
    put(high, 0, false, 1);
    yard_want(&y, low->shared->source, 180);
    put(low, 1, true, 1);
    low->has_sr = high->has_sr = true;
    low->sr_ntp = (uint64_t)1000 << 32;
    low->sr_timestamp = 3000;
    high->sr_ntp = ((uint64_t)1000 << 32) + ((uint64_t)1 << 31); /* half a second later */
    high->sr_timestamp = 900000;
    yard_want(&y, low->shared->source, 720);
    struct yard_in in = frame(50, true);
    in.timestamp = 900000 + 9000; /* 600 ms after low's frame */
    y.shard->now_ms += 700;       /* and late on the way */
    yard_put(&y, high, &in);
    CHECK_EQ_INT(y.count, 2);
    CHECK_EQ_INT(y.out[1].timestamp - y.out[0].timestamp, 54000);
    yard_clear(&y);
}

/* The highest that fits, of those that are alive. */
TEST(layers_that_never_come_are_passed_over)
{
    yard_init(&y);
    struct source *l[3];
    for (uint8_t i = 0; i < 3; i++)
        l[i] = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP8, i, (uint16_t)(180u << i));
    uint32_t id = l[0]->shared->source;
    CHECK(icd_sfu_room_pick(y.room, id, 720, y.shard->now_ms) == l[0]);
    CHECK(icd_sfu_room_pick(y.room, id + 99, 720, y.shard->now_ms) == NULL);
    put(l[1], 0, true, 1);
    CHECK(icd_sfu_room_pick(y.room, id, 720, y.shard->now_ms) == l[1]);
    CHECK(icd_sfu_room_pick(y.room, id, 180, y.shard->now_ms) == l[1]); /* l[0] is dead */
    put(l[0], 0, true, 0);
    put(l[2], 0, true, 2);
    CHECK(icd_sfu_room_pick(y.room, id, 719, y.shard->now_ms) == l[1]);
    CHECK(icd_sfu_room_pick(y.room, id, 720, y.shard->now_ms) == l[2]);
    CHECK(icd_sfu_room_pick(y.room, id, 1, y.shard->now_ms) == l[0]);
    yard_want(&y, id, 720);
    put(l[2], 1, true, 2);
    CHECK(y.peer->slots[0].source == l[2]);
    for (uint64_t i = 1; i < 30; i++) {
        yard_pass(&y, 100);
        put(l[1], i, i % 5 == 0, 1);
    }
    CHECK(y.peer->slots[0].source == l[1]);
    CHECK_EQ_INT(y.out[y.count - 1].tag, 1);
    yard_clear(&y);
}

/* Two spatial layers that need each other at key frames only (L2T1_KEY). Templates: 0 and 1 lower, key and
 * delta; 2 and 3 upper. Targets: 0 lower, 1 upper. */
static struct ic_rtc_dd_structure two;
static void make_two(bool key_only)
{
    memset(&two, 0, sizeof two);
    two.offset = 10;
    two.target_count = two.chain_count = 2;
    two.template_count = 4;
    two.protected_by[1] = 1;
    for (unsigned i = 0; i < 4; i++)
        two.templates[i].spatial = i / 2;
    two.templates[0].dtis = IC_RTC_DD_SWITCH | IC_RTC_DD_SWITCH << 2;
    two.templates[1].dtis = IC_RTC_DD_SWITCH | (key_only ? 0 : IC_RTC_DD_REQUIRED << 2);
    two.templates[2].dtis = IC_RTC_DD_SWITCH << 2;
    two.templates[3].dtis = IC_RTC_DD_SWITCH << 2;
    two.has_sizes = true;
    two.sizes[0].width = 320;
    two.sizes[0].height = 180;
    two.sizes[1].width = 640;
    two.sizes[1].height = 360;
}

/* A picture: a frame of each layer, one packet each, tagged by its layer. */
static void picture(struct source *src, uint64_t i, bool key)
{
    for (unsigned s = 0; s < 2; s++) {
        struct yard_in in = {.index = 2 * i + s,
                             .timestamp = (uint32_t)(i * 3000),
                             .marker = s == 1,
                             .start = true,
                             .end = true,
                             .template_id = (uint8_t)(10 + 2 * s + (key ? 0 : 1)),
                             .structure = key && s == 0 ? &two : NULL,
                             .frame = (uint16_t)(2 * i + s),
                             .tag = (uint8_t)s};
        yard_put(&y, src, &in);
    }
}

TEST(svc_layers_are_left_out_without_a_gap)
{
    make_two(true);
    yard_init(&y);
    struct source *src = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP9, 0, 360);
    yard_want(&y, src->shared->source, 180);
    picture(src, 0, false); /* no structure yet */
    CHECK_EQ_INT(y.count, 0);
    picture(src, 1, true);
    for (uint64_t i = 2; i < 6; i++)
        picture(src, i, false);
    CHECK_EQ_INT(y.count, 5);
    for (size_t i = 0; i < 5; i++) {
        CHECK(y.out[i].tag == 0 && y.out[i].marker && !y.out[i].empty);
        CHECK_EQ_INT(y.out[i].index, y.out[0].index + i);
        CHECK_EQ_INT(y.out[i].frame, (uint16_t)(y.out[0].frame + 2 * i));
    }
    /* Up: at a key frame, which is asked for. */
    (void)yard_key_wanted(src);
    yard_want(&y, src->shared->source, 360);
    yard_pass(&y, 1100);
    CHECK(yard_key_wanted(src));
    picture(src, 6, false);
    CHECK_EQ_INT(y.count, 6);
    picture(src, 7, true);
    picture(src, 8, false);
    CHECK_EQ_INT(y.count, 9);
    CHECK(y.out[6].tag == 0 && !y.out[6].marker && y.out[7].tag == 1 && y.out[7].marker);
    CHECK(y.out[8].tag == 1 &&
          y.out[8].marker); /* of a later picture only the upper one is needed */
    /* Down: the lower one was not there since, so a key frame again. */
    yard_want(&y, src->shared->source, 180);
    picture(src, 9, false);
    CHECK(y.count == 10 && y.out[9].tag == 1);
    picture(src, 10, true);
    picture(src, 11, false);
    CHECK(y.count == 12 && y.out[10].tag == 0 && y.out[11].tag == 0);
    for (size_t i = 1; i < y.count; i++)
        CHECK_EQ_INT(y.out[i].index, y.out[i - 1].index + 1);
    yard_clear(&y);
}

TEST(svc_goes_down_at_once_where_the_lower_layer_was_there)
{
    make_two(false);
    yard_init(&y);
    struct source *src = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP9, 0, 360);
    yard_want(&y, src->shared->source, IC_WIRE_HEIGHT_ANY);
    picture(src, 1, true);
    picture(src, 2, false);
    CHECK_EQ_INT(y.count, 4);
    yard_want(&y, src->shared->source, 180);
    picture(src, 3, false);
    CHECK(y.count == 5 && y.out[4].tag == 0 && y.out[4].marker);
    /* The sender stops the upper one: nobody waits for it. */
    yard_want(&y, src->shared->source, 360);
    picture(src, 4, true);
    CHECK_EQ_INT(y.count, 7);
    struct yard_in in = {.index = 10,
                         .timestamp = 15000,
                         .marker = true,
                         .start = true,
                         .end = true,
                         .template_id = 11,
                         .has_active = true,
                         .active = 1,
                         .frame = 10};
    yard_put(&y, src, &in);
    CHECK(y.count == 8 && y.out[7].tag == 0 && y.out[7].marker);
    CHECK_EQ_INT(y.peer->slots[0].spatial, 0);
    yard_clear(&y);
}

/* A late packet finds its number, also behind some that were left out; one that is not wanted leaves an empty
 * one in its place. */
TEST(svc_late_packets_keep_their_numbers)
{
    make_two(true);
    yard_init(&y);
    struct source *src = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP9, 0, 360);
    yard_want(&y, src->shared->source, 180);
    picture(src, 1, true); /* 2 goes, 3 does not */
    struct yard_in in[6];
    for (unsigned i = 0; i < 6; i++)
        in[i] = (struct yard_in){.index = 4 + i,
                                 .timestamp = (2 + i / 2) * 3000,
                                 .start = true,
                                 .end = true,
                                 .template_id = i % 2 ? 13 : 11,
                                 .frame = (uint16_t)(4 + i),
                                 .tag = (uint8_t)(40 + i)};
    static const unsigned order[] = {0, 1, 4, 3, 5, 2};
    for (unsigned i = 0; i < 6; i++)
        yard_put(&y, src, &in[order[i]]);
    uint64_t first = y.out[0].index;
    CHECK_EQ_INT(y.count, 5);
    CHECK(y.out[1].tag == 40 && y.out[1].index == first + 1);
    CHECK(y.out[2].tag == 44 && y.out[2].index == first + 4); /* 6 and 7 may still come */
    CHECK(y.out[3].empty && y.out[3].index == first + 3);     /* 7 is of the upper layer */
    CHECK(y.out[4].tag == 42 && y.out[4].index == first + 2);
    yard_clear(&y);
}

/* Whoever waits for a key frame cannot begin with one that has gone by: of its other packets they got none. */
TEST(late_key_frame_is_not_begun_with)
{
    make_two(true);
    yard_init(&y);
    struct source *src = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP9, 0, 360);
    yard_want(&y, src->shared->source, 180);
    picture(src, 1, true);
    yard_want(&y, src->shared->source, 360);
    (void)yard_key_wanted(src);
    struct yard_in lower = {.index = 4,
                            .timestamp = 6000,
                            .start = true,
                            .end = true,
                            .template_id = 10,
                            .structure = &two,
                            .frame = 4,
                            .tag = 0};
    struct yard_in upper = {.index = 5,
                            .timestamp = 6000,
                            .marker = true,
                            .start = true,
                            .end = true,
                            .template_id = 12,
                            .frame = 5,
                            .tag = 1};
    yard_put(&y, src, &upper);
    yard_put(&y, src, &lower);
    CHECK(y.count == 2 && y.out[1].tag == 0 && y.out[1].marker);
    CHECK(yard_key_wanted(src)); /* at once */
    picture(src, 3, true);
    CHECK(y.count == 4 && y.out[2].tag == 0 && y.out[3].tag == 1 && y.out[3].marker);
    for (size_t i = 1; i < y.count; i++)
        CHECK_EQ_INT(y.out[i].index, y.out[i - 1].index + 1);
    yard_clear(&y);
}

TEST(padding_of_a_sender_goes_no_further)
{
    yard_init(&y);
    struct source *src = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP8, 0, 720);
    yard_want(&y, src->shared->source, 720);
    put(src, 0, true, 1);
    struct yard_in empty = frame(1, false);
    empty.empty = true;
    yard_put(&y, src, &empty);
    struct yard_in next = frame(2, false);
    next.frame--;
    next.picture = (next.picture - 1) & 0x7fff;
    next.tl0--;
    yard_put(&y, src, &next);
    CHECK_EQ_INT(y.count, 2);
    check_smooth(0);
    yard_clear(&y);
}

/* Nobody says which is a key frame: the slot changes at the beginning of any, and one is asked for. */
TEST(slot_changes_to_a_sender_without_dependency_descriptor)
{
    yard_init(&y);
    struct source *a = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP8, 0, 720);
    struct source *b = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP8, 0, 720);
    yard_want(&y, a->shared->source, 720);
    put(a, 0, true, 1);
    yard_want(&y, b->shared->source, 720);
    CHECK(yard_key_wanted(b));
    struct yard_in in = frame(5, false);
    in.no_dd = true;
    in.start = in.end = false; /* the rest of a frame */
    yard_put(&y, b, &in);
    CHECK_EQ_INT(y.count, 1);
    in = frame(6, false);
    in.no_dd = true;
    y.shard->now_ms += 33;
    yard_put(&y, b, &in);
    CHECK(y.count == 2 && !y.out[1].has_dd);
    CHECK_EQ_INT(y.out[1].picture, (y.out[0].picture + 1) & 0x7fff);
    /* VP9 tells nothing without it. */
    struct source *c = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP9, 0, 720);
    yard_want(&y, c->shared->source, 720);
    in.index = 900;
    yard_put(&y, c, &in);
    CHECK_EQ_INT(y.count, 2);
    yard_clear(&y);
}

/* Whoever changes their mind with every packet gets pictures still, and costs the sender a key frame twice a
 * second at most. */
TEST(switching_storm_is_bounded)
{
    yard_init(&y);
    struct source *low = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP8, 0, 180);
    struct source *high = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP8, 1, 720);
    unsigned asked = 0;
    uint64_t last_key = 0;
    bool key = false;
    for (uint64_t i = 0; i < 300; i++) {
        yard_want(&y, low->shared->source, i % 2 ? 720 : 180);
        yard_pass(&y, 10);
        /* The sender's side of it: asked at most every half second (peer_rtcp.c). */
        bool wanted =
            atomic_load(&low->shared->key_wanted) || atomic_load(&high->shared->key_wanted);
        key = wanted && (last_key == 0 || y.shard->now_ms >= last_key + 500);
        if (key) {
            asked++;
            last_key = y.shard->now_ms;
            (void)yard_key_wanted(low);
            (void)yard_key_wanted(high);
        }
        put(low, i, key, 1);
        put(high, i, key, 2);
    }
    CHECK(asked <= 7);
    CHECK(y.count > 150);
    check_smooth(0);
    yard_clear(&y);
}

TEST(malformed_descriptors_are_not_forwarded)
{
    yard_init(&y);
    make_two(true);
    struct source *src = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP9, 0, 360);
    struct source *vp8 = yard_source(&y, IC_WIRE_VIDEO, IC_WIRE_VP8, 0, 360);
    struct ic_rtc_rtp h = {.payload_type = IC_RTC_PT_VP9, .payload = IC_VIEW_STR("xxxxxxx")};
    struct mark m;
    static const struct ic_view bad[] = {
        IC_VIEW_INIT("\x80"),
        IC_VIEW_INIT("\x80\0"),
        IC_VIEW_INIT("\x80\0\1"), /* no structure */
        IC_VIEW_INIT("\x80\0\1\x80"),
        IC_VIEW_INIT("\x80\0\1\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        IC_VIEW_INIT("\x80\0\1\x87\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        h.dd = bad[i];
        CHECK(!icd_sfu_mark(src, &h, &m));
    }
    yard_want(&y, src->shared->source, 360);
    picture(src, 1, true);
    struct yard_in in = {.index = 4, .start = true, .end = true, .template_id = 50};
    yard_put(&y, src, &in); /* a template that is not there */
    CHECK_EQ_INT(y.count, 2);
    h.payload_type = IC_RTC_PT_VP8;
    h.dd = bad[0];
    CHECK(!icd_sfu_mark(vp8, &h, &m));
    h.dd = ic_view(NULL, 0);
    h.payload = IC_VIEW_STR("\xff");
    CHECK(!icd_sfu_mark(vp8, &h, &m));
    h.payload_type = IC_RTC_PT_OPUS;
    CHECK(!icd_sfu_mark(vp8, &h, &m));
    yard_clear(&y);
}
