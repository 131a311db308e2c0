/* What a malicious member says: proposals, lines, media. */
#include "attack.h"
#include "villain.h"

#include <ic/sframe/header.h>
#include <ic/sframe/store.h>
#include <string.h>

/* ---- proposals ---- */

TEST(member_floods_proposals)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    unsigned taken = 0, refused = 0;
    v->deaf = true; /* it goes on in its epoch, whatever the others do */
    for (unsigned i = 0; i < 300; i++) {
        IC_BUF_SCOPE(data, 1 << 12);
        IC_BUF_SCOPE(proposal, 1 << 16);
        CHECK(sim_villain_data(v, &data));
        CHECK_OK(ic_mls_propose_update(v->g, NULL, ic_buf_view(&data), &proposal));
        sim_villain_propose(v, ic_buf_view(&proposal));
        uint16_t answer = sim_villain_answer(v);
        taken += answer == IC_WIRE_OK;
        refused += answer == IC_WIRE_ERROR;
        if (!s->people[VILLAIN].conn)
            break;
    }
    CHECK(taken <= 256 && refused > 0); /* bounded, and ended by the next commit */
    CHECK(sim_chat(s, ADA, "are you there?"));
    sim_run(s, 4000);
    CHECK(sim_read(s, BEN, "are you there?") && sim_in(s, ADA) && sim_in(s, CLEO));
}

/* The server made room in its order for what it should not have taken. */
static bool count_up(struct sim *s, struct attack *a, struct sim_passing *p)
{
    (void)s;
    (void)a;
    p->f->message.seq += p->f->message.seq != 0;
    return true;
}

TEST(member_proposes_without_right)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    GHOST_KP(s, k);
    IC_BUF_SCOPE(data, 1 << 12);
    IC_BUF_SCOPE(proposal, 1 << 16);
    CHECK(sim_villain_data(v, &data));
    CHECK_OK(
        ic_mls_propose_add(v->g, ic_mls_key_package_message(k), ic_buf_view(&data), &proposal));
    sim_villain_propose(v, ic_buf_view(&proposal));
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_ERROR);
    CHECK(strcmp(v->text, "add-without-authority") == 0);
    /* With a server that lets it pass: named, not committed, and nobody falls silent over it. */
    sim_villain_collude(v, IC_WIRE_KIND_PROPOSAL, ic_buf_view(&proposal));
    ATTACK(a, .way = SIM_DOWN, .who = ATTACK_ALL, .type = IC_WIRE_MESSAGE, .change = count_up);
    attack_begin(s, &a);
    CHECK(sim_await(s, ADA, IC_MEETING_EV_ALERT, "add-without-authority", 500));
    CHECK(alert_about(s, ADA, VILLAIN));
    CHECK(sim_chat(s, BEN, "still here"));
    sim_run(s, 15000);
    CHECK(sim_read(s, CLEO, "still here"));
    for (unsigned i = 0; i < VILLAIN; i++)
        CHECK(sim_in(s, i) && !sim_sees(s, i, GHOST));
}

/* ---- lines ---- */

TEST(member_says_anothers_line_again)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    ATTACK(a, .way = SIM_DOWN, .who = VILLAIN, .type = IC_WIRE_MESSAGE,
           .kind = IC_WIRE_KIND_APPLICATION, .count = 1);
    attack_begin(s, &a);
    CHECK(sim_chat(s, ADA, "I agree"));
    sim_run(s, 300);
    struct ic_wire_frame f;
    CHECK_OK(ic_wire_decode(attack_kept(&a, 0), &f));
    sim_villain_say(v, f.message.message, false);
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_OK); /* the server cannot read who said it */
    sim_run(s, 300);
    CHECK_EQ_INT(sim_count(s, BEN, IC_MEETING_EV_CHAT, NULL), 1);
    CHECK(sim_seen(s, BEN, IC_MEETING_EV_ALERT, NULL));
}

TEST(member_says_what_is_no_line)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    IC_BUF_SCOPE(sealed, 1 << 12);
    CHECK_OK(ic_mls_protect(v->g, IC_VIEW_STR("\1\0\2nonsense"), ic_view(NULL, 0), &sealed));
    sim_villain_say(v, ic_buf_view(&sealed), false);
    CHECK(sim_await(s, BEN, IC_MEETING_EV_ALERT, "message-malformed", 500));
    CHECK(alert_about(s, BEN, VILLAIN));
    CHECK_EQ_INT(sim_count(s, BEN, IC_MEETING_EV_CHAT, NULL), 0);
}

/* A line that was sealed before the Remove, handed out after it. */
TEST(removed_member_says_something_after_all)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    /* u8 version, u16 type 2 (chat), u64 life, u64 lines, text<V>: as lib/meeting has it */
    static const uint8_t line[] = {1, 0, 2, 0, 0, 0, 0, 0,   0,   0,   9,   0,  0,
                                   0, 0, 0, 0, 0, 0, 5, 'h', 'e', 'l', 'l', 'o'};
    IC_BUF_SCOPE(sealed, 1 << 12);
    CHECK_OK(ic_mls_protect(v->g, IC_VIEW_ARRAY(line), ic_view(NULL, 0), &sealed));
    CHECK(sim_remove(s, ADA, VILLAIN));
    CHECK(sim_agree_within(s, SIM_FIRST(VILLAIN), 3000));
    sim_villain_say(v, ic_buf_view(&sealed), false);
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_ERROR);
    v->seq = last_seq(s);
    sim_villain_collude(v, IC_WIRE_KIND_APPLICATION, ic_buf_view(&sealed));
    sim_run(s, 300);
    for (unsigned i = 0; i < VILLAIN; i++) {
        CHECK(!sim_read(s, i, "hello"));
        CHECK(sim_seen(s, i, IC_MEETING_EV_ALERT, "line-after-remove"));
        CHECK(alert_about(s, i, VILLAIN));
    }
}

/* ---- media ---- */

struct frame {
    uint8_t b[256];
    size_t len;
};

static void store_free(struct ic_sframe_store **s)
{
    ic_sframe_store_free(*s);
}
#define STORE(name) __attribute__((cleanup(store_free))) struct ic_sframe_store *name = NULL

/* The villain's own media keys of this epoch, as if it sat at `leaf`. */
static bool keys_as(const struct sim_villain *v, uint32_t leaf, uint64_t epoch,
                    struct ic_sframe_store **out)
{
    uint8_t base[16];
    if (ic_mls_export(v->g, IC_SFRAME_EXPORTER_LABEL, ic_view(NULL, 0), base, sizeof base) !=
            IC_OK ||
        ic_sframe_store_new(4, out) != IC_OK)
        return false;
    struct ic_sframe_epoch e = {.epoch = epoch,
                                .leaf_slots = ic_mls_leaf_count(v->g),
                                .own_leaf = leaf,
                                .base_key = IC_VIEW_ARRAY(base),
                                .may_send = true};
    return ic_sframe_store_add_epoch(*out, &e, v->s->now_ms) == IC_OK;
}

static struct frame seal(struct ic_sframe_store *keys)
{
    struct frame f = {.len = 0};
    if (ic_sframe_store_protect(keys, IC_MEETING_CTX_AUDIO, ic_view(NULL, 0),
                                IC_VIEW_STR("a frame of sound"), f.b, &f.len) != IC_OK)
        ic_test_fail(__FILE__, __LINE__, "the villain cannot seal");
    return f;
}

static struct frame seal_by(struct sim *s, unsigned who)
{
    struct frame f = {.len = 0};
    if (ic_meeting_protect(ic_meeting_media(s->people[who].m), IC_MEETING_CTX_AUDIO,
                           IC_VIEW_STR("a frame of sound"), f.b, &f.len) != IC_OK)
        ic_test_fail(__FILE__, __LINE__, "%s cannot seal", s->people[who].name);
    return f;
}

static ic_err open_by(struct sim *s, unsigned who, const struct frame *f,
                      struct ic_meeting_media_from *from)
{
    uint8_t out[256];
    size_t len;
    return ic_meeting_unprotect(ic_meeting_media(s->people[who].m), ic_view(f->b, f->len),
                                sim_wall(&s->people[who]), out, &len, from);
}

TEST(media_under_another_kid_does_not_open)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    STORE(keys);
    struct ic_meeting_media_from from;
    struct ic_sframe_header h;
    size_t n;
    CHECK(keys_as(v, sim_villain_leaf_of(v, VILLAIN), ic_mls_context(v->g)->epoch, &keys));
    struct frame honest = seal(keys), lie = {.len = 0};
    CHECK_OK(open_by(s, BEN, &honest, &from)); /* the control: its own name on it */
    CHECK(strcmp(from.name, s->people[VILLAIN].name) == 0);
    honest = seal(keys);
    CHECK_OK(ic_sframe_header_decode(ic_view(honest.b, honest.len), &h, &n));
    h.kid = (h.kid & 255) | (uint64_t)sim_villain_leaf_of(v, ADA) << 8;
    lie.len = ic_sframe_header_encode(&h, lie.b);
    memcpy(lie.b + lie.len, honest.b + n, honest.len - n);
    lie.len += honest.len - n;
    CHECK_ERR(open_by(s, BEN, &lie, &from), IC_ERR_AUTH);
    h.kid |= 0xffff00; /* a leaf that there is not */
    lie.len = ic_sframe_header_encode(&h, lie.b);
    memcpy(lie.b + lie.len, honest.b + n, honest.len - n);
    lie.len += honest.len - n;
    CHECK(open_by(s, BEN, &lie, &from) != IC_OK);
}

TEST(media_is_not_taken_twice)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    sim_gather(s, 2);
    struct ic_meeting_media_from from;
    struct frame f = seal_by(s, ADA);
    CHECK_OK(open_by(s, BEN, &f, &from));
    CHECK_ERR(open_by(s, BEN, &f, &from), IC_ERR_REPLAY);
}

TEST(media_of_a_removed_leaf_is_refused_at_once)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    STORE(keys);
    struct ic_meeting_media_from from;
    CHECK(keys_as(v, sim_villain_leaf_of(v, VILLAIN), ic_mls_context(v->g)->epoch, &keys));
    CHECK(sim_remove(s, ADA, VILLAIN));
    struct frame f = seal(keys);
    CHECK_ERR(open_by(s, ADA, &f, &from), IC_ERR_EXPIRED); /* the host: from the click on */
    CHECK(sim_agree_within(s, SIM_FIRST(VILLAIN), 3000));
    f = seal(keys);
    for (unsigned i = 0; i < VILLAIN; i++)
        CHECK_ERR(open_by(s, i, &f, &from), IC_ERR_EXPIRED);
}

TEST(media_of_the_old_epoch_ends_a_second_after_a_remove)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    (void)v;
    struct ic_meeting_media_from from;
    struct frame early = seal_by(s, BEN), late = seal_by(s, BEN);
    CHECK(sim_remove(s, ADA, VILLAIN));
    CHECK(sim_agree_within(s, SIM_FIRST(VILLAIN), 3000));
    CHECK_OK(open_by(s, CLEO, &early, &from)); /* under way when the Remove came */
    sim_run(s, 1100);
    CHECK_ERR(open_by(s, CLEO, &late, &from), IC_ERR_EXPIRED);
}

TEST(media_is_closed_to_a_removed_member)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    STORE(old);
    STORE(guess);
    v->deaf = true; /* it keeps every key that it has */
    uint64_t epoch = ic_mls_context(v->g)->epoch;
    CHECK(keys_as(v, sim_villain_leaf_of(v, VILLAIN), epoch, &old));
    CHECK(keys_as(v, sim_villain_leaf_of(v, VILLAIN), epoch + 1, &guess));
    CHECK(sim_remove(s, ADA, VILLAIN));
    CHECK(sim_agree_within(s, SIM_FIRST(VILLAIN), 3000));
    uint8_t out[256];
    size_t len;
    struct ic_sframe_from from;
    for (unsigned i = 0; i < VILLAIN; i++) {
        struct frame f = seal_by(s, i);
        CHECK(ic_sframe_store_unprotect(old, ic_view(NULL, 0), ic_view(f.b, f.len), s->now_ms, out,
                                        &len, &from) != IC_OK);
        CHECK_ERR(ic_sframe_store_unprotect(guess, ic_view(NULL, 0), ic_view(f.b, f.len), s->now_ms,
                                            out, &len, &from),
                  IC_ERR_AUTH);
    }
}

TEST(media_of_before_is_closed_to_a_newcomer)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    sim_gather(s, 2);
    struct frame before = seal_by(s, ADA);
    sim_start(s, CLEO);
    CHECK(sim_agree_within(s, SIM_FIRST(3), 3000));
    struct ic_meeting_media_from from;
    CHECK(open_by(s, CLEO, &before, &from) != IC_OK);
    sim_run(s, 500);
    struct frame after = seal_by(s, ADA);
    CHECK_OK(open_by(s, CLEO, &after, &from));
}

/* What is not protected, shown as it is: media keys are the group's. */
TEST(limit_a_member_can_forge_anothers_media)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    STORE(keys);
    struct ic_meeting_media_from from;
    CHECK(keys_as(v, sim_villain_leaf_of(v, ADA), ic_mls_context(v->g)->epoch, &keys));
    struct frame f = seal(keys);
    CHECK_OK(open_by(s, BEN, &f, &from));
    CHECK(strcmp(from.name, "Ada") == 0);
    CHECK_ERR(open_by(s, ADA, &f, &from), IC_ERR_OWN_ECHO); /* but never to Ada herself */
}
