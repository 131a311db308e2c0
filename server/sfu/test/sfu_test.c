#include "client.h"
#include <string.h>
#include <time.h>

static void nap_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

TEST(sfu_forwards_to_all_others)
{
    struct meeting m;
    CHECK(meeting_init(&m, 2, 3, 0));
    meeting_run(&m, 3);
    for (int i = 0; i < 3; i++)
        CHECK(m.clients[i].open);
    meeting_send(&m, 1500);
    for (int i = 0; i < 3; i++) {
        struct client *c = &m.clients[i];
        CHECK_EQ_INT(c->bad, 0);
        CHECK(c->audio > 60 && c->video > 40);
        for (int k = 0; k < 3; k++)
            CHECK(k == i ? c->heard[k] == 0 && c->seen[k] == 0
                         : c->heard[k] > 20 && c->seen[k] > 15);
        CHECK_EQ_INT(m.slot_sources[i], 4);
    }
    struct icd_sfu_counters n;
    icd_sfu_counters(m.sfu, &n);
    CHECK(n.crossed > 0 && n.crossed_lost == 0 && n.packets_out > 300);
    CHECK_EQ_INT(n.dropped_malformed, 0);
    CHECK_EQ_INT(n.transports, 3);
    meeting_clear(&m);
}

TEST(sfu_recovers_from_loss)
{
    struct meeting m;
    CHECK(meeting_init(&m, 1, 3, 5));
    meeting_run(&m, 3);
    meeting_send(&m, 3000);
    struct icd_sfu_counters n;
    icd_sfu_counters(m.sfu, &n);
    CHECK(n.nacks_answered > 0 && n.nacks_out > 0);
    for (int i = 0; i < 3; i++) {
        struct client *c = &m.clients[i];
        CHECK_EQ_INT(c->bad, 0);
        /* 5 % of 4-packet frames each way would leave two thirds of them whole. */
        CHECK(c->video * 100 > 2 * m.video_sent * 85);
    }
    meeting_clear(&m);
}

TEST(sfu_asks_for_a_key_frame_when_somebody_comes_late)
{
    struct meeting m;
    CHECK(meeting_init(&m, 2, 2, 0));
    meeting_run(&m, 2);
    meeting_send(&m, 600);
    unsigned before = m.clients[0].key_requests;
    CHECK(meeting_join(&m, 2));
    meeting_run(&m, 3);
    meeting_send(&m, 1200);
    CHECK(m.clients[0].key_requests > before);
    MEETING_UNTIL(&m, m.clients[2].seen[0] > 8 && m.clients[2].seen[1] > 8);
    CHECK(m.clients[2].seen[0] > 8 && m.clients[2].seen[1] > 8 && m.clients[2].heard[0] > 8);
    CHECK_EQ_INT(m.clients[2].bad, 0);
    meeting_clear(&m);
}

TEST(sfu_sends_nothing_to_whom_was_removed)
{
    struct meeting m;
    CHECK(meeting_init(&m, 2, 3, 0));
    meeting_run(&m, 3);
    meeting_send(&m, 500);
    CHECK(m.clients[1].audio > 0);
    m.media.ops->close(m.media.self, m.clients[1].session);
    MEETING_UNTIL(&m, m.clients[1].closed);
    meeting_send(&m, 200);
    unsigned audio = m.clients[1].audio, video = m.clients[1].video;
    unsigned heard = m.clients[0].heard[1], datagrams = m.clients[1].datagrams;
    CHECK(m.clients[1].closed);
    meeting_send(&m, 500);
    CHECK_EQ_INT(m.clients[1].audio, audio);
    CHECK_EQ_INT(m.clients[1].video, video);
    CHECK_EQ_INT(m.clients[1].datagrams, datagrams);
    CHECK_EQ_INT(m.clients[0].heard[1], heard);
    CHECK(m.clients[0].heard[2] > 20);
    meeting_clear(&m);
}

TEST(sfu_gives_the_video_that_is_wanted)
{
    struct meeting m;
    CHECK(meeting_init_slots(&m, 2, 4, 0, 2, 1));
    meeting_run(&m, 4);
    meeting_send(&m, 500);
    for (int wanted = 3; wanted >= 1; wanted--) {
        struct ic_wire_media_select w = {.slots = {{m.video_source[wanted], IC_WIRE_HEIGHT_ANY}},
                                         .slot_count = 1};
        CHECK_OK(m.media.ops->want(m.media.self, m.clients[0].session, &w));
        memset(m.clients[0].seen, 0, sizeof m.clients[0].seen);
        MEETING_UNTIL(&m, m.clients[0].seen[wanted] > 0);
        memset(m.clients[0].seen, 0, sizeof m.clients[0].seen);
        meeting_send(&m, 400);
        for (int k = 0; k < 4; k++)
            CHECK(k == wanted ? m.clients[0].seen[k] > 4 : m.clients[0].seen[k] == 0);
    }
    CHECK_EQ_INT(m.clients[0].bad, 0);
    meeting_clear(&m);
}

TEST(sfu_gives_audio_slots_to_the_loudest)
{
    struct meeting m;
    CHECK(meeting_init_slots(&m, 1, 4, 0, 1, 1));
    for (int i = 0; i < 4; i++)
        m.clients[i].level = 100;
    meeting_run(&m, 4);
    meeting_send(&m, 800);
    m.clients[3].level = 20;
    meeting_send(&m, 2200);
    memset(m.clients[0].heard, 0, sizeof m.clients[0].heard);
    MEETING_UNTIL(&m, m.clients[0].heard[3] > 0);
    memset(m.clients[0].heard, 0, sizeof m.clients[0].heard);
    meeting_send(&m, 500);
    CHECK(m.clients[0].heard[3] > 8);
    CHECK_EQ_INT(m.clients[0].heard[1] + m.clients[0].heard[2], 0);
    meeting_clear(&m);
}

TEST(sfu_drops_what_strangers_send)
{
    struct meeting m;
    CHECK(meeting_init(&m, 1, 2, 0));
    meeting_run(&m, 2);
    static const uint8_t firsts[] = {0, 1, 22, 128, 200, 255};
    uint64_t before = meeting_counters(&m).packets_in;
    for (unsigned i = 0; i < 300; i++) {
        uint8_t junk[200];
        struct ic_rand rand = ic_test_os_rand();
        CHECK_OK(ic_rand_fill(&rand, junk, sizeof junk));
        junk[0] = firsts[i % sizeof firsts];
        client_stranger(&m, junk, 1 + i % sizeof junk);
        if (i % 50 == 49)
            meeting_taken(&m, before + i + 1);
    }
    meeting_send(&m, 500);
    struct icd_sfu_counters n;
    icd_sfu_counters(m.sfu, &n);
    CHECK(n.dropped_stranger + n.dropped_malformed + n.dropped_limit >= 250);
    CHECK(m.clients[0].heard[1] > 10 && m.clients[1].heard[0] > 10);
    meeting_clear(&m);
}

TEST(sfu_refuses_bad_offers_and_too_many)
{
    struct icd_sfu *sfu = NULL;
    struct icd_sfu_config config = {.shards = 1,
                                    .bind = "127.0.0.1",
                                    .addresses = {"127.0.0.1"},
                                    .address_count = 1,
                                    .max_sessions = 2};
    CHECK_OK(icd_sfu_new(&config, &sfu));
    struct icd_media media = icd_sfu_media(sfu);
    uint8_t fingerprint[32] = {1};
    struct ic_wire_media_open o = {.ufrag = IC_VIEW_STR("abcd"),
                                   .pwd = IC_VIEW_STR("0123456789012345678901"),
                                   .fingerprint = IC_VIEW_ARRAY(fingerprint),
                                   .sources = {{.kind = IC_WIRE_AUDIO, .ssrc = 5}},
                                   .source_count = 1,
                                   .audio_slots = 4,
                                   .video_slots = 4};
    CHECK_OK(media.ops->open(media.self, 1, 10, 0, &o));
    CHECK_ERR(media.ops->open(media.self, 1, 10, 0, &o), IC_ERR_EXISTS);
    struct ic_wire_media_open bad = o;
    bad.audio_slots = 200;
    CHECK_ERR(media.ops->open(media.self, 1, 11, 0, &bad), IC_ERR_RANGE);
    bad = o;
    bad.pwd.len = 4;
    CHECK_ERR(media.ops->open(media.self, 2, 11, 0, &bad), IC_ERR_RANGE);
    bad = o;
    bad.fingerprint.len = 20;
    CHECK_ERR(media.ops->open(media.self, 1, 11, 0, &bad), IC_ERR_RANGE);
    bad = o;
    bad.sources[0].kind = 9;
    CHECK_ERR(media.ops->open(media.self, 1, 11, 0, &bad), IC_ERR_RANGE);
    CHECK_OK(media.ops->open(media.self, 2, 12, 0, &o));
    CHECK_ERR(media.ops->open(media.self, 3, 13, 0, &o), IC_ERR_LIMIT);
    media.ops->close_room(media.self, 2);
    CHECK_OK(media.ops->open(media.self, 3, 13, 0, &o));
    media.ops->close(media.self, 99);
    IC_BUF_SCOPE(text, 65536);
    CHECK_OK(media.ops->metrics(media.self, &text));
    CHECK(text.len > 100);
    icd_sfu_free(sfu);
    config.bind = "nonsense";
    CHECK_ERR(icd_sfu_new(&config, &sfu), IC_ERR_RANGE);
}

static void no_layer(struct ic_wire_media_publish *p)
{
    p->streams[1].layer_count = 0;
}
static void video_of_sound(struct ic_wire_media_publish *p)
{
    p->streams[1].codec = IC_WIRE_OPUS;
}
static void layers_of_sound(struct ic_wire_media_publish *p)
{
    p->streams[0].layer_count = 2;
    p->streams[0].layers[1].ssrc = 9;
}
static void nameless(struct ic_wire_media_publish *p)
{
    p->streams[0].mid.len = 0;
}
static void same_rid(struct ic_wire_media_publish *p)
{
    p->streams[1].layers[1].rid = p->streams[1].layers[0].rid;
}
static void same_ssrc(struct ic_wire_media_publish *p)
{
    p->streams[0].layers[0].ssrc = p->streams[1].layers[0].ssrc = 9;
}
static void too_many(struct ic_wire_media_publish *p)
{
    for (p->stream_count = 2; p->stream_count < 6; p->stream_count++) {
        p->streams[p->stream_count] = p->streams[1];
        p->streams[p->stream_count].mid = ic_view(&"0123456789"[p->stream_count], 1);
    }
}

static void count_sources(void *ctx, uint64_t room, uint64_t session,
                          const struct ic_wire_source *list, size_t count)
{
    (void)room;
    (void)session;
    uint32_t *ids = ctx;
    memset(ids, 0, 4 * sizeof *ids);
    for (size_t i = 0; i < count && i < 4; i++)
        ids[i] = list[i].source;
}
static void none(void *ctx, uint64_t session, const struct ic_wire_media_opened *a)
{
    (void)ctx;
    (void)session;
    (void)a;
}

TEST(sfu_replaces_what_is_published)
{
    static const struct icd_media_events events = {.opened = none, .sources = count_sources};
    static void (*const bad[])(struct ic_wire_media_publish *) = {
        no_layer, video_of_sound, layers_of_sound, nameless, same_rid, same_ssrc, too_many};
    struct icd_sfu *sfu = NULL;
    struct icd_sfu_config config = {
        .shards = 1, .bind = "127.0.0.1", .addresses = {"127.0.0.1"}, .address_count = 1};
    CHECK_OK(icd_sfu_new(&config, &sfu));
    struct icd_media media = icd_sfu_media(sfu);
    uint8_t fingerprint[32] = {1};
    uint32_t ids[4], before[4];
    struct ic_wire_media_open o = {.fingerprint = IC_VIEW_ARRAY(fingerprint), .video_slots = 2};
    struct ic_wire_media_publish p = {
        .streams = {{.kind = IC_WIRE_AUDIO,
                     .codec = IC_WIRE_OPUS,
                     .mid = IC_VIEW_INIT("a"),
                     .layer_count = 1},
                    {.kind = IC_WIRE_VIDEO,
                     .codec = IC_WIRE_VP8,
                     .mid = IC_VIEW_INIT("v"),
                     .layers = {{.rid = IC_VIEW_INIT("l")}, {.rid = IC_VIEW_INIT("h")}},
                     .layer_count = 2}},
        .stream_count = 2};
    CHECK_ERR(media.ops->publish(media.self, 10, &p), IC_ERR_NOT_FOUND);
    CHECK_OK(media.ops->open(media.self, 1, 10, 0, &o)); /* without ufrag and pwd */
    CHECK_OK(media.ops->publish(media.self, 10, &p));
    media.ops->poll(media.self, &events, before);
    CHECK(before[0] && before[1] && !before[2]); /* layers are one source */
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ic_wire_media_publish q = p;
        bad[i](&q);
        CHECK_ERR(media.ops->publish(media.self, 10, &q), IC_ERR_RANGE);
    }
    struct ic_wire_media_publish q = p;
    q.streams[2] = (struct ic_wire_stream){
        .kind = IC_WIRE_SCREEN, .codec = IC_WIRE_VP9, .layers = {{.ssrc = 77}}, .layer_count = 1};
    q.stream_count = 3;
    q.streams[1].layers[1].height = 720; /* no other stream for that */
    CHECK_OK(media.ops->publish(media.self, 10, &q));
    media.ops->poll(media.self, &events, ids);
    CHECK(ids[0] == before[0] && ids[1] == before[1] && ids[2] > ids[1] && !ids[3]);
    q.stream_count = 2;
    q.streams[1].layer_count = 1; /* another stream: the old one goes */
    CHECK_OK(media.ops->publish(media.self, 10, &q));
    media.ops->poll(media.self, &events, ids);
    CHECK(ids[0] == before[0] && ids[1] > before[1] && !ids[2]);
    q.stream_count = 0;
    CHECK_OK(media.ops->publish(media.self, 10, &q));
    media.ops->poll(media.self, &events, ids);
    CHECK_EQ_INT(ids[0], 0);
    icd_sfu_free(sfu);
}

struct told {
    uint64_t session;
    uint32_t first;
    size_t times, opened;
};
static void note_sources(void *ctx, uint64_t room, uint64_t session,
                         const struct ic_wire_source *list, size_t count)
{
    struct told *t = ctx;
    (void)room;
    t->session = session;
    t->first = count ? list[0].source : 0;
    t->times++;
}
static void note_opened(void *ctx, uint64_t session, const struct ic_wire_media_opened *a)
{
    (void)session;
    (void)a;
    ((struct told *)ctx)->opened++;
}

/* Who sends nothing changes no list, and wants to know it all the same. */
TEST(sfu_tells_a_newcomer_what_there_is)
{
    static const struct icd_media_events events = {.opened = note_opened, .sources = note_sources};
    struct icd_sfu *sfu = NULL;
    struct icd_sfu_config config = {
        .shards = 1, .bind = "127.0.0.1", .addresses = {"127.0.0.1"}, .address_count = 1};
    CHECK_OK(icd_sfu_new(&config, &sfu));
    struct icd_media media = icd_sfu_media(sfu);
    uint8_t fingerprint[32] = {1};
    struct told t = {0};
    struct ic_wire_media_open o = {.fingerprint = IC_VIEW_ARRAY(fingerprint),
                                   .sources = {{.kind = IC_WIRE_AUDIO, .ssrc = 5}},
                                   .source_count = 1,
                                   .video_slots = 2};
    CHECK_OK(media.ops->open(media.self, 1, 10, 0, &o));
    for (int i = 0; i < 6000 && t.opened < 1; i++, nap_ms(5))
        media.ops->poll(media.self, &events, &t);
    CHECK(t.opened == 1 && t.times >= 1 && t.first != 0);
    size_t before = t.times;
    t.first = 0;
    o.source_count = 0;
    CHECK_OK(media.ops->open(media.self, 1, 11, 1, &o));
    for (int i = 0; i < 6000 && t.opened < 2; i++, nap_ms(5))
        media.ops->poll(media.self, &events, &t);
    CHECK(t.opened == 2 && t.times == before + 1 && t.session == 11 && t.first != 0);
    icd_sfu_free(sfu);
}

static bool all_hear(const struct meeting *m, uint32_t leaf)
{
    return m->clients[0].speaker_leaf == leaf && m->clients[1].speaker_leaf == leaf &&
           m->clients[2].speaker_leaf == leaf;
}

TEST(sfu_says_who_speaks)
{
    struct meeting m;
    CHECK(meeting_init_slots(&m, 2, 3, 0, 2, 1));
    for (int i = 0; i < 3; i++)
        m.clients[i].level = 100;
    meeting_run(&m, 3);
    m.clients[1].level = 20;
    meeting_send(&m, 1200);
    MEETING_UNTIL(&m, all_hear(&m, 1));
    for (int i = 0; i < 3; i++)
        CHECK_EQ_INT(m.clients[i].speaker_leaf, 1);
    m.clients[1].level = 100; /* silence moves nobody */
    meeting_send(&m, 1500);
    CHECK_EQ_INT(m.clients[0].speaker_leaf, 1);
    m.clients[2].level = 20;
    meeting_send(&m, 1200);
    MEETING_UNTIL(&m, all_hear(&m, 2));
    for (int i = 0; i < 3; i++)
        CHECK_EQ_INT(m.clients[i].speaker_leaf, 2);
    meeting_clear(&m);
}
