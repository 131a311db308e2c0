/* What we tell: encoded, and said by the meeting. */
#include "talk.h"
#include <string.h>

static ic_err say(struct ic_meeting *m, const struct ic_together_body *b, bool transient,
                  uint64_t now_ms)
{
    IC_BUF_SCOPE(bytes, IC_MEETING_SAY_MAX);
    IC_TRY(ic_buf_reserve(&bytes, IC_TOGETHER_TEXT_MAX + 1024));
    ic_err e = ic_together_body_encode(b, &bytes);
    if (e == IC_OK)
        e = ic_meeting_say(m, b->kind, ic_buf_view(&bytes), transient, now_ms, NULL);
    ic_buf_clear_secret(&bytes);
    return e;
}

ic_err ic_together_talk_say(struct ic_together_talk *t, struct ic_meeting *m,
                            const struct ic_together_say *s, uint64_t now_ms)
{
    struct ic_together_body b = {.kind = IC_TOGETHER_LINE};
    b.line.text = s->text;
    b.line.reply = s->reply;
    b.line.everybody = s->everybody;
    if (!s->reply && !s->everybody && s->leaf_count == 0)
        return ic_meeting_chat(m, s->text, now_ms);
    if (s->leaf_count > IC_TOGETHER_MENTIONS_MAX)
        return IC_ERR_LIMIT;
    for (size_t i = 0; i < s->leaf_count; i++) {
        const struct talker *p = ic_together_talk_at(t, s->leaves[i]);
        if (!p)
            return IC_ERR_NOT_FOUND;
        memcpy(b.line.mentions[b.line.mention_count++], p->who.key_hash, IC_TOGETHER_KEY);
    }
    return say(m, &b, false, now_ms);
}

ic_err ic_together_talk_mark(struct ic_together_talk *t, struct ic_meeting *m, uint64_t seq,
                             struct ic_view sign, bool put, uint64_t now_ms)
{
    (void)t;
    struct ic_together_body b = {.kind = IC_TOGETHER_MARK};
    b.mark.seq = seq;
    b.mark.put = put;
    b.mark.sign = sign;
    return say(m, &b, false, now_ms);
}

ic_err ic_together_talk_react(struct ic_together_talk *t, struct ic_meeting *m, struct ic_view sign,
                              uint64_t now_ms)
{
    struct ic_together_body b = {.kind = IC_TOGETHER_REACTION};
    struct talker *self = ic_together_talk_self(t);
    b.reaction.sign = sign;
    if (!self)
        return IC_ERR_STATE;
    if (!ic_together_talk_may_react(self, now_ms))
        return IC_ERR_BUSY;
    return say(m, &b, true, now_ms);
}

/* ---- status ---- */

/* Our status as it is now: a line for all, or a word for newcomers. */
static ic_err tell(struct ic_together_talk *t, struct ic_meeting *m, bool transient,
                   uint64_t now_ms)
{
    struct ic_together_body b = {.kind = IC_TOGETHER_STATUS};
    b.status = t->own;
    return say(m, &b, transient, now_ms);
}

static ic_err change(struct ic_together_talk *t, struct ic_meeting *m,
                     struct ic_together_status next, uint64_t now_ms)
{
    struct ic_together_status was = t->own;
    next.change = now_ms > was.change ? now_ms : was.change + 1;
    t->own = next;
    ic_err e = tell(t, m, false, now_ms);
    if (e != IC_OK)
        t->own = was;
    else
        t->own_set = true;
    return e;
}

ic_err ic_together_talk_status(struct ic_together_talk *t, struct ic_meeting *m,
                               const struct ic_together_status *s, uint64_t now_ms)
{
    struct ic_together_status next = *s;
    next.change = t->own.change;
    next.hand_ms = t->own.hand_ms;
    next.recording = t->own.recording;
    bool same = next.microphone == t->own.microphone && next.camera == t->own.camera &&
                next.sharing == t->own.sharing && next.opaque == t->own.opaque &&
                next.codecs == t->own.codecs;
    if (t->own_set && same)
        return IC_OK;
    if (ic_together_talk_self(t))
        return change(t, m, next, now_ms);
    next.change = now_ms; /* told at our entry */
    t->own = next;
    t->own_set = true;
    return IC_OK;
}

ic_err ic_together_talk_hand(struct ic_together_talk *t, struct ic_meeting *m, bool up,
                             uint64_t now_ms)
{
    struct ic_together_status next = t->own;
    if (!ic_together_talk_self(t))
        return IC_ERR_STATE;
    if (up == (next.hand_ms != 0))
        return IC_OK;
    next.hand_ms = up ? now_ms : 0;
    return change(t, m, next, now_ms);
}

ic_err ic_together_talk_record(struct ic_together_talk *t, struct ic_meeting *m, bool on,
                               uint64_t now_ms)
{
    struct ic_together_body b = {.kind = IC_TOGETHER_RECORDING};
    struct ic_together_status next = t->own;
    if (!ic_together_talk_self(t))
        return IC_ERR_STATE;
    if (on == next.recording)
        return IC_OK;
    b.recording.on = on;
    IC_TRY(say(m, &b, false, now_ms));
    next.recording = on;
    return change(t, m, next, now_ms);
}

ic_err ic_together_talk_mute(struct ic_together_talk *t, struct ic_meeting *m, uint32_t leaf,
                             uint64_t now_ms)
{
    struct ic_together_body b = {.kind = IC_TOGETHER_MUTE};
    const struct talker *of = ic_together_talk_at(t, leaf);
    if (!ic_meeting_is_host(m))
        return IC_ERR_DENIED;
    b.mute.everybody = leaf == IC_TOGETHER_ALL;
    if (!b.mute.everybody && !of)
        return IC_ERR_NOT_FOUND;
    if (of)
        memcpy(b.mute.key, of->who.key_hash, IC_TOGETHER_KEY);
    return say(m, &b, false, now_ms);
}

/* ---- newcomers ---- */

uint64_t ic_together_talk_deadline_ms(const struct ic_together_talk *t)
{
    return t->due_ms;
}

void ic_together_talk_tick(struct ic_together_talk *t, struct ic_meeting *m, uint64_t now_ms)
{
    if (now_ms < t->due_ms)
        return;
    ic_err e = t->own_set ? tell(t, m, !t->whole, now_ms) : IC_OK;
    t->due_ms = e == IC_ERR_STATE || e == IC_ERR_LIMIT ? now_ms + AGAIN_MS : NEVER;
    if (t->due_ms == NEVER)
        t->whole = false;
}
