/* The way of media control: to a forwarder that notes what it is told, and back. */
#include "world.h"

#include <string.h>

struct forwarder {
    char calls[1024]; /* one letter each */
    size_t count;
    uint64_t room, session;
    uint32_t leaf;
    ic_err open_answer;
    const struct icd_media_events *events;
    void *ctx;
};

static void note(struct forwarder *f, char what)
{
    if (f->count + 1 < sizeof f->calls)
        f->calls[f->count++] = what;
}

static void set_wake(void *self, void (*wake)(void *ctx), void *ctx)
{
    (void)self;
    (void)wake;
    (void)ctx;
}

static ic_err on_open(void *self, uint64_t room, uint64_t session, uint32_t leaf,
                      const struct ic_wire_media_open *offer)
{
    struct forwarder *f = self;
    (void)offer;
    note(f, 'o');
    f->room = room;
    f->session = session;
    f->leaf = leaf;
    return f->open_answer;
}

static void on_close(void *self, uint64_t session)
{
    struct forwarder *f = self;
    note(f, session == f->session ? 'c' : '?');
}

static void on_close_room(void *self, uint64_t room)
{
    struct forwarder *f = self;
    note(f, room == f->room ? 'r' : '?');
}

static ic_err on_want(void *self, uint64_t session, const struct ic_wire_media_select *want)
{
    struct forwarder *f = self;
    bool selected = want->slot_count == 1 && want->slots[0].height == 360;
    bool wanted = want->slot_count == IC_WIRE_SLOTS_MAX && want->slots[0].source == 7 &&
                  want->slots[63].source == 0 && want->slots[63].height == IC_WIRE_HEIGHT_ANY;
    note(f, session != f->session ? '?' : selected ? 's' : wanted ? 'w' : '?');
    return IC_OK;
}

static ic_err on_publish(void *self, uint64_t session, const struct ic_wire_media_publish *list)
{
    struct forwarder *f = self;
    note(f, session == f->session && list->stream_count == 1 ? 'p' : '?');
    return list->streams[0].layer_count ? IC_OK : IC_ERR_RANGE;
}

static void on_leaf(void *self, uint64_t session, uint32_t leaf)
{
    (void)session;
    note(self, 'l');
    ((struct forwarder *)self)->leaf = leaf;
}

static void (*next_event)(struct forwarder *f);

static void on_poll(void *self, const struct icd_media_events *events, void *ctx)
{
    struct forwarder *f = self;
    f->events = events;
    f->ctx = ctx;
    if (next_event)
        next_event(f);
}

static const struct icd_media_ops ops = {.set_wake = set_wake,
                                         .open = on_open,
                                         .close = on_close,
                                         .close_room = on_close_room,
                                         .publish = on_publish,
                                         .want = on_want,
                                         .leaf = on_leaf,
                                         .poll = on_poll};

static void two(struct world *w, struct icd_media *m)
{
    w->config.media = m;
    STEP(world_restart(w));
    STEP(world_meeting(w, IC_WIRE_INSTANT));
    STEP(world_open_group(w, &w->people[0]));
    STEP(world_admit(w, &w->people[0], &w->people[2]));
    person_forget(&w->people[0]);
}

static void event(struct world *w, void (*what)(struct forwarder *f))
{
    next_event = what;
    icd_core_media_poll(w->core, w->now_ms);
    icd_core_flush(w->core);
    next_event = NULL;
}

static void ask_open(struct person *p)
{
    static const uint8_t fingerprint[32];
    struct ic_wire_frame f = {.type = IC_WIRE_MEDIA_OPEN,
                              .media_open = {.ufrag = IC_VIEW_STR("ufrag"),
                                             .pwd = IC_VIEW_STR("a password of enough length"),
                                             .fingerprint = IC_VIEW_ARRAY(fingerprint),
                                             .audio_slots = 1}};
    person_send(p, &f);
}

static void opened(struct forwarder *f)
{
    static const uint8_t fingerprint[32];
    struct ic_wire_media_opened o = {.ufrag = IC_VIEW_STR("server"),
                                     .pwd = IC_VIEW_STR("another password, long enough"),
                                     .fingerprint = IC_VIEW_ARRAY(fingerprint)};
    f->events->opened(f->ctx, f->session, &o);
}

static void failed(struct forwarder *f)
{
    f->events->failed(f->ctx, f->session, IC_WIRE_E_LIMIT, "no room");
}

static void many_sources(struct forwarder *f)
{
    struct ic_wire_source list[IC_WIRE_SLOTS_MAX + 1];
    for (uint32_t i = 0; i <= IC_WIRE_SLOTS_MAX; i++)
        list[i] = (struct ic_wire_source){.source = i + 1, .kind = IC_WIRE_AUDIO};
    f->events->sources(f->ctx, f->room, 0, list, IC_WIRE_SLOTS_MAX + 1);
}

static void slots(struct forwarder *f)
{
    struct ic_wire_media_slots s = {.slots = {{IC_WIRE_AUDIO, 5, 9}}, .slot_count = 1};
    f->events->slots(f->ctx, f->session, &s);
}

static void closed(struct forwarder *f)
{
    f->events->closed(f->ctx, f->session, "no consent");
}

#define FORWARDER(f, m)                                                                            \
    struct forwarder f = {0};                                                                      \
    struct icd_media m = {&ops, &f}

TEST(media_opens_by_the_forwarders_answer)
{
    FORWARDER(f, m);
    WORLD(w);
    STEP(two(&w, &m));
    struct person *p = &w.people[2];
    STEP(ask_open(p));
    CHECK(!p->head);
    CHECK_EQ_INT(f.leaf, ic_mls_own_leaf(p->g));
    CHECK(f.room && f.session && f.room != f.session);
    STEP(event(&w, opened));
    EXPECT(p, IC_WIRE_MEDIA_OPENED);
    CHECK_EQ_INT(p->last->f.request, p->request);
    struct ic_wire_frame want = {.type = IC_WIRE_MEDIA_WANT,
                                 .media_want = {.sources = {7}, .source_count = 1}};
    STEP(person_send(p, &want));
    EXPECT(p, IC_WIRE_OK);
    STEP(event(&w, slots));
    EXPECT(p, IC_WIRE_MEDIA_SLOTS);
    STEP(event(&w, many_sources));
    for (uint32_t page = 0; page < 2; page++) {
        EXPECT(p, IC_WIRE_MEDIA_SOURCES);
        CHECK_EQ_INT(p->last->f.media_sources.page, page);
        CHECK_EQ_INT(p->last->f.media_sources.pages, 2);
    }
    CHECK_EQ_INT(p->last->f.media_sources.source_count, 1);
    EXPECT(&w.people[0], IC_WIRE_MEDIA_SOURCES);
    struct ic_wire_frame close = {.type = IC_WIRE_MEDIA_CLOSE};
    STEP(person_send(p, &close));
    EXPECT(p, IC_WIRE_OK);
    CHECK(strcmp(f.calls, "owc") == 0);
    STEP(event(&w, slots)); /* late: the session is gone */
    CHECK(!p->head);
    w.config.media = NULL;
}

static void speaks(struct forwarder *f)
{
    f->events->speaker(f->ctx, f->session, 9, 2);
}

TEST(media_of_minor_one)
{
    FORWARDER(f, m);
    WORLD(w);
    STEP(two(&w, &m));
    struct person *p = &w.people[2];
    struct ic_wire_frame publish = {
        .type = IC_WIRE_MEDIA_PUBLISH,
        .media_publish = {{{IC_WIRE_AUDIO, IC_WIRE_OPUS, IC_VIEW_INIT("a"), .layer_count = 1}}, 1}};
    struct ic_wire_frame select = {.type = IC_WIRE_MEDIA_SELECT, .media_select = {{{7, 360}}, 1}};
    STEP(person_send(p, &publish));
    EXPECT_ERROR(p, IC_WIRE_E_STATE);
    STEP(person_send(p, &select));
    EXPECT_ERROR(p, IC_WIRE_E_STATE);
    STEP(ask_open(p));
    STEP(event(&w, opened));
    EXPECT(p, IC_WIRE_MEDIA_OPENED);
    STEP(person_send(p, &publish));
    EXPECT(p, IC_WIRE_OK);
    STEP(person_send(p, &select));
    EXPECT(p, IC_WIRE_OK);
    publish.media_publish.streams[0].layer_count = 0;
    STEP(person_send(p, &publish));
    EXPECT_ERROR(p, IC_WIRE_E_INVALID);
    CHECK(strcmp(f.calls, "opsp") == 0);
    STEP(event(&w, speaks));
    EXPECT(p, IC_WIRE_MEDIA_SPEAKER);
    CHECK_EQ_INT(p->last->f.media_speaker.source, 9);
    CHECK_EQ_INT(p->last->f.media_speaker.leaf, 2);
    CHECK(!w.people[0].head);
}

TEST(media_that_is_refused_is_answered)
{
    FORWARDER(f, m);
    WORLD(w);
    STEP(two(&w, &m));
    struct person *p = &w.people[2];
    struct ic_wire_frame want = {.type = IC_WIRE_MEDIA_WANT};
    STEP(person_send(p, &want));
    EXPECT_ERROR(p, IC_WIRE_E_STATE);
    f.open_answer = IC_ERR_LIMIT;
    STEP(ask_open(p));
    EXPECT_ERROR(p, IC_WIRE_E_LIMIT);
    f.open_answer = IC_ERR_RANGE;
    STEP(ask_open(p));
    EXPECT_ERROR(p, IC_WIRE_E_INVALID);
    f.open_answer = IC_OK;
    STEP(ask_open(p));
    STEP(event(&w, failed));
    EXPECT_ERROR(p, IC_WIRE_E_LIMIT);
    STEP(ask_open(p));
    STEP(event(&w, opened));
    EXPECT(p, IC_WIRE_MEDIA_OPENED);
    STEP(event(&w, closed));
    STEP(person_send(p, &want));
    EXPECT_ERROR(p, IC_WIRE_E_STATE);
    w.config.media = NULL;
}

TEST(who_is_removed_is_cut_off_at_once)
{
    FORWARDER(f, m);
    WORLD(w);
    STEP(two(&w, &m));
    struct person *host = &w.people[0], *p = &w.people[2];
    STEP(ask_open(p));
    uint32_t leaf = ic_mls_own_leaf(p->g);
    struct ic_mls_commit_params params = {.removes = &leaf, .remove_count = 1};
    struct ic_mls_staged *s = NULL;
    STEP(person_commit(host, &params, false, &s));
    CHECK(!s);
    CHECK(strcmp(f.calls, "oc") == 0);
    STEP(ask_open(p));
    CHECK(person_skip_to(p, IC_WIRE_ERROR));
    CHECK_EQ_INT(p->last->f.error.code, IC_WIRE_E_DENIED);
}

TEST(media_ends_with_the_connection_and_with_the_session)
{
    FORWARDER(f, m);
    WORLD(w);
    STEP(two(&w, &m));
    STEP(ask_open(&w.people[2]));
    STEP(person_hangup(&w.people[2]));
    CHECK(strcmp(f.calls, "oc") == 0);
    STEP(ask_open(&w.people[0]));
    STEP(ask_open(&w.people[0])); /* once more: in place of the first */
    struct ic_wire_frame end = {.type = IC_WIRE_END};
    STEP(person_send(&w.people[0], &end));
    CHECK(strcmp(f.calls, "ococor") == 0);
}

TEST(a_server_without_a_forwarder_says_so)
{
    WORLD(w);
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(world_open_group(&w, &w.people[0]));
    STEP(ask_open(&w.people[0]));
    EXPECT_ERROR(&w.people[0], IC_WIRE_E_UNSUPPORTED);
}
