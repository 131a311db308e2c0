#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/together/annotate.h>
#include <string.h>

enum { ANA = 11, BEN = 12, EVE = 13 };

struct scene {
    struct ic_together_annot *a;
    struct ic_together_annot_event last;
    size_t count; /* of events since the last look */
};

static void scene_close(struct scene *s)
{
    ic_together_annot_free(s->a);
}

static struct scene scene_open(void)
{
    struct scene s = {0};
    if (ic_together_annot_new(&s.a) == IC_OK)
        ic_together_annot_self(s.a, ANA);
    return s;
}
#define SCENE(name) __attribute__((cleanup(scene_close))) struct scene name = scene_open()

static enum ic_together_annot_event_type look(struct scene *s)
{
    s->count = 0;
    s->last = (struct ic_together_annot_event){0};
    while (ic_together_annot_next_event(s->a, &s->last))
        s->count++;
    return s->last.type;
}

static void hear(struct scene *s, uint64_t from, bool host, const struct ic_buf *body, uint64_t now)
{
    struct ic_together_annot_from f = {from, host};
    ic_together_annot_said(s->a, &f, ic_buf_view(body), now);
}

static struct ic_together_annot_stroke stroke(uint32_t number, bool keep)
{
    return (struct ic_together_annot_stroke){.target = ANA,
                                             .number = number,
                                             .colour = 2,
                                             .width = 4,
                                             .keep = keep,
                                             .points = {{0, 0}, {65535, 32768}},
                                             .count = 2};
}

static void draw(struct scene *s, uint64_t from, uint32_t number, bool keep, uint64_t now)
{
    IC_BUF_SCOPE(body, IC_TOGETHER_ANNOT_BODY);
    struct ic_together_annot_stroke x = stroke(number, keep);
    IC_IGNORE(ic_together_annot_stroke_encode(&x, &body));
    hear(s, from, false, &body, now);
}

TEST(annotation_names_who_drew_and_fades)
{
    SCENE(s);
    draw(&s, BEN, 1, false, 1000);
    CHECK(look(&s) == IC_TOGETHER_ANNOT_STROKE && s.last.author == BEN && s.last.target == ANA);
    CHECK(s.last.stroke.count == 2 && s.last.stroke.points[1][0] == 65535);
    CHECK_EQ_INT(ic_together_annot_deadline_ms(s.a), 1000 + IC_TOGETHER_ANNOT_FADE_MS);
    ic_together_annot_tick(s.a, 1000 + IC_TOGETHER_ANNOT_FADE_MS - 1);
    CHECK(look(&s) == 0);
    ic_together_annot_tick(s.a, 1000 + IC_TOGETHER_ANNOT_FADE_MS);
    CHECK(look(&s) == IC_TOGETHER_ANNOT_GONE && s.last.number == 1);
}

TEST(annotation_kept_stays_until_the_sharer_clears)
{
    SCENE(s);
    IC_BUF_SCOPE(clear, 64);
    CHECK_OK(ic_together_annot_clear_encode(ANA, &clear));
    draw(&s, BEN, 1, true, 1);
    draw(&s, EVE, 1, true, 1);
    CHECK(ic_together_annot_deadline_ms(s.a) == UINT64_MAX);
    look(&s);
    hear(&s, EVE, true, &clear, 2); /* even a host: their own alone */
    CHECK(look(&s) == IC_TOGETHER_ANNOT_CLEARED && s.last.author == EVE);
    hear(&s, ANA, false, &clear, 3);
    CHECK(look(&s) == IC_TOGETHER_ANNOT_CLEARED && s.last.author == 0);
}

TEST(annotation_off_by_sharer_or_host_alone)
{
    SCENE(s);
    IC_BUF_SCOPE(off, 64);
    IC_BUF_SCOPE(on, 64);
    uint64_t target = 0;
    CHECK_OK(ic_together_annot_switch_encode(ANA, false, &off));
    CHECK_OK(ic_together_annot_switch_encode(ANA, true, &on));
    hear(&s, BEN, false, &off, 1);
    CHECK(look(&s) == IC_TOGETHER_ANNOT_REFUSED);
    CHECK(strcmp(s.last.rule, "annotation-not-yours") == 0 && ic_together_annot_is_on(s.a, ANA));
    hear(&s, ANA, false, &off, 1);
    look(&s);
    CHECK(!ic_together_annot_is_on(s.a, ANA));
    CHECK(ic_together_annot_off_by_us(s.a, 0, &target) && target == ANA);
    draw(&s, BEN, 1, false, 2);
    CHECK(look(&s) == IC_TOGETHER_ANNOT_REFUSED && strcmp(s.last.rule, "annotation-off") == 0);
    hear(&s, BEN, true, &on, 3); /* a host */
    CHECK(ic_together_annot_is_on(s.a, ANA) && !ic_together_annot_off_by_us(s.a, 0, &target));
    hear(&s, BEN, true, &off, 3);
    CHECK(!ic_together_annot_off_by_us(s.a, 0, &target)); /* not ours to tell on */
}

TEST(annotation_is_bounded_by_author)
{
    SCENE(s);
    for (uint32_t i = 0; i < IC_TOGETHER_ANNOT_STROKES / 8; i++)
        draw(&s, BEN, i, true, 1);
    look(&s);
    draw(&s, BEN, 5, true, 1); /* again: it grows */
    CHECK(look(&s) == IC_TOGETHER_ANNOT_STROKE);
    draw(&s, BEN, 9999, true, 1);
    CHECK(look(&s) == IC_TOGETHER_ANNOT_REFUSED && strcmp(s.last.rule, "annotation-full") == 0);
    draw(&s, EVE, 1, true, 1);
    CHECK(look(&s) == IC_TOGETHER_ANNOT_STROKE);
}

TEST(annotation_goes_with_who_goes)
{
    SCENE(s);
    draw(&s, BEN, 1, true, 1);
    ic_together_annot_left(s.a, ANA); /* the picture goes */
    look(&s);
    draw(&s, BEN, 2, false, 1);
    ic_together_annot_left(s.a, BEN);
    CHECK(ic_together_annot_deadline_ms(s.a) == UINT64_MAX);
}

TEST(annotation_refuses_hostile_bodies)
{
    SCENE(s);
    IC_BUF_SCOPE(body, IC_TOGETHER_ANNOT_BODY);
    struct ic_together_annot_stroke x = stroke(1, false);
    CHECK_OK(ic_together_annot_stroke_encode(&x, &body));
    for (size_t n = 0; n < body.len; n++) {
        struct ic_buf cut = {.p = body.p, .len = n};
        hear(&s, BEN, false, &cut, 1);
        CHECK(look(&s) == IC_TOGETHER_ANNOT_REFUSED && s.last.author == BEN);
    }
    const struct {
        size_t at;
        uint8_t value;
        const char *rule;
    } rows[] = {{0, 2, "annotation-version"},     {1, 9, "annotation-malformed"},
                {14, 10, "annotation-malformed"}, {15, 0, "annotation-malformed"},
                {15, 33, "annotation-malformed"}, {16, 2, "annotation-malformed"},
                {17, 255, "annotation-malformed"}};
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        uint8_t was = body.p[rows[i].at];
        body.p[rows[i].at] = rows[i].value;
        hear(&s, BEN, false, &body, 1);
        CHECK(look(&s) == IC_TOGETHER_ANNOT_REFUSED && strcmp(s.last.rule, rows[i].rule) == 0);
        body.p[rows[i].at] = was;
    }
    hear(&s, BEN, false, &body, 1);
    CHECK(look(&s) == IC_TOGETHER_ANNOT_STROKE);
    x.count = 0;
    CHECK_ERR(ic_together_annot_stroke_encode(&x, &body), IC_ERR_RANGE);
}
