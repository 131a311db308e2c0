/* Chat beyond plain lines, hands, reactions, status, requests to mute, who records. */
#include "glue_chat.h"

#include <ic/together/json.h>

static struct ic_together_talk *talk;

ic_err icw_talk_open(void)
{
    return ic_together_talk_new(&talk);
}

void icw_talk_close(void)
{
    ic_together_talk_free(talk);
    talk = NULL;
}

bool icw_talk_take(const struct ic_meeting_event *e, uint64_t now_ms)
{
    return talk && ic_together_talk_take(talk, e, icw.meeting, now_ms);
}

void icw_talk_run(uint64_t now_ms)
{
    if (talk && icw.meeting)
        ic_together_talk_tick(talk, icw.meeting, now_ms);
}

uint64_t icw_talk_deadline_ms(void)
{
    return talk ? ic_together_talk_deadline_ms(talk) : UINT64_MAX;
}

bool icw_talk_next(uint64_t now_ms, int *answer)
{
    struct ic_together_talk_event e;
    if (!talk || !ic_together_talk_next(talk, &e))
        return false;
    *answer = icw_done(ic_together_talk_json(&e, talk, now_ms, icw_answer()));
    ic_together_talk_event_clear(&e);
    return true;
}

#define TALK(m)                                                                                    \
    ICW_MEETING(m);                                                                                \
    if (!talk)                                                                                     \
    return -IC_ERR_STATE

/* The room in holds the text, then `count` leaves of four bytes each, most significant first. */
ICW_EXPORT int icw_talk_say(int text_len, int count, double reply, int everybody, double now_ms)
{
    TALK(m);
    uint32_t leaves[IC_TOGETHER_MENTIONS_MAX];
    if (count < 0 || count > IC_TOGETHER_MENTIONS_MAX)
        return -IC_ERR_LIMIT;
    struct ic_view rest = icw_given(text_len + 4 * count);
    struct ic_together_say s = {.text = icw_take(&rest, text_len),
                                .reply = icw_ms(reply),
                                .leaves = leaves,
                                .everybody = everybody != 0};
    for (; s.leaf_count < (size_t)count && rest.len >= 4; s.leaf_count++)
        leaves[s.leaf_count] = ic_load_u32(icw_take(&rest, 4).p);
    return -(int)ic_together_talk_say(talk, m, &s, icw_ms(now_ms));
}

/* The room in holds the sign. */
ICW_EXPORT int icw_talk_mark(int len, double seq, int put, double now_ms)
{
    TALK(m);
    return -(int)ic_together_talk_mark(talk, m, icw_ms(seq), icw_given(len), put != 0,
                                       icw_ms(now_ms));
}

ICW_EXPORT int icw_talk_react(int len, double now_ms)
{
    TALK(m);
    return -(int)ic_together_talk_react(talk, m, icw_given(len), icw_ms(now_ms));
}

ICW_EXPORT int icw_talk_hand(int up, double now_ms)
{
    TALK(m);
    return -(int)ic_together_talk_hand(talk, m, up != 0, icw_ms(now_ms));
}

ICW_EXPORT int icw_talk_record(int on, double now_ms)
{
    TALK(m);
    return -(int)ic_together_talk_record(talk, m, on != 0, icw_ms(now_ms));
}

/* leaf below 0: everybody else. */
ICW_EXPORT int icw_talk_mute(double leaf, double now_ms)
{
    TALK(m);
    uint32_t whom = leaf < 0 ? IC_TOGETHER_ALL : (uint32_t)icw_ms(leaf);
    return -(int)ic_together_talk_mute(talk, m, whom, icw_ms(now_ms));
}

ICW_EXPORT int icw_talk_status(int microphone, int camera, int sharing, int opaque, int codecs,
                               double now_ms)
{
    TALK(m);
    struct ic_together_status s = {.microphone = microphone != 0,
                                   .camera = camera != 0,
                                   .sharing = sharing != 0,
                                   .opaque = opaque != 0,
                                   .codecs = (uint8_t)codecs};
    return -(int)ic_together_talk_status(talk, m, &s, icw_ms(now_ms));
}
