/* The meeting: frames and time in; frames, events and a deadline out. As client/cli/room.c drives it. */
#include "glue_board.h"
#include "glue_chat.h"
#include "glue_files.h"
#include "glue_log.h"
#include "glue_pins.h"

#include <ic/meeting/link.h>
#include <ic/together/kinds.h>
#include <string.h>

/* What stands beside a meeting. */
static ic_err beside_open(void)
{
    IC_TRY(icw_desk_open());
    IC_TRY(icw_talk_open());
    return icw_logs_open();
}

static void beside_close(void)
{
    icw_desk_close();
    icw_talk_close();
    icw_logs_close();
}

static ic_err open_meeting(const struct ic_meeting_link *link, const char *name, uint64_t now_ms)
{
    struct ic_meeting_config c = {.link = *link,
                                  .identity = icw.identity,
                                  .suite = icw.suite,
                                  .name = name,
                                  .certificates = ic_buf_view(&icw.certificates),
                                  .external_roots = icw.external_roots,
                                  .internal_roots = icw.internal_roots,
                                  .staple = ic_buf_view(&icw.staple),
                                  .judge_staple = ic_together_logs_judge,
                                  .staple_ctx = icw_logs(),
                                  .pins = icw_pinned(),
                                  .pin_count = icw_pin_count(),
                                  .rand = icw_rand(),
                                  .web = true,
                                  .may_create = true};
    return ic_meeting_new(&c, now_ms, &icw.meeting);
}

/* The room in holds link and name, one behind the other. The identity is there already. */
ICW_EXPORT int icw_open(int link_len, int name_len, double now_ms)
{
    struct ic_view rest = icw_given(link_len + name_len);
    struct ic_view link = icw_take(&rest, link_len), text = icw_take(&rest, name_len);
    char name[IC_MEETING_NAME_MAX + 1] = "";
    struct ic_meeting_url url;
    if (icw.meeting || !icw.identity)
        return -IC_ERR_STATE;
    if (text.len == 0 || text.len > IC_MEETING_NAME_MAX || !ic_view_is_text(text))
        return -IC_ERR_ARG;
    memcpy(name, text.p, text.len);
    ic_err e = ic_meeting_url_parse(link, &url);
    if (e != IC_OK)
        return -(int)e;
    e = beside_open();
    if (e == IC_OK)
        e = open_meeting(&url.link, name, icw_ms(now_ms));
    if (e != IC_OK)
        beside_close();
    return -(int)e;
}

ICW_EXPORT void icw_close(void)
{
    ic_meeting_free(icw.meeting);
    icw.meeting = NULL;
    beside_close();
    icw_files_close();
    icw_wipe();
}

ICW_EXPORT int icw_connected(double now_ms)
{
    ICW_MEETING(m);
    ic_meeting_connected(m, icw_ms(now_ms));
    return 0;
}

ICW_EXPORT int icw_disconnected(double now_ms)
{
    ICW_MEETING(m);
    ic_meeting_disconnected(m, icw_ms(now_ms));
    return 0;
}

ICW_EXPORT int icw_receive(int len, double now_ms)
{
    ICW_MEETING(m);
    ic_meeting_receive(m, icw_given(len), icw_ms(now_ms));
    return 0;
}

ICW_EXPORT int icw_tick(double now_ms)
{
    ICW_MEETING(m);
    ic_meeting_tick(m, icw_ms(now_ms));
    icw_desk_run(icw_ms(now_ms));
    icw_talk_run(icw_ms(now_ms));
    icw_logs_run(icw_ms(now_ms));
    return 0;
}

/* When icw_tick is next due; infinity: not before something arrives. */
ICW_EXPORT double icw_deadline(void)
{
    uint64_t t = icw.meeting ? ic_meeting_deadline_ms(icw.meeting) : UINT64_MAX;
    uint64_t beside[] = {icw_desk_deadline_ms(), icw_talk_deadline_ms(), icw_logs_deadline_ms()};
    for (size_t i = 0; i < IC_ARRAY_LEN(beside); i++)
        t = beside[i] < t ? beside[i] : t;
    return t == UINT64_MAX ? __builtin_inf() : (double)t;
}

/* The oldest frame to send, to the room out; 0: there is none. */
ICW_EXPORT int icw_next_frame(void)
{
    ICW_MEETING(m);
    return ic_meeting_next_frame(m, icw_answer()) ? (int)icw.out.len : 0;
}

/* What is said of a kind that has a name is its feature's to tell: bodies hold keys of files. */
static bool is_features(const struct ic_meeting_event *e)
{
    return e->type == IC_MEETING_EV_SAID && ic_together_kind_name(e->kind)[0];
}

/* The oldest event as JSON, to the room out; 0: there is none. */
ICW_EXPORT int icw_next_event(double now_ms)
{
    ICW_MEETING(m);
    struct ic_meeting_event event;
    uint64_t now = icw_ms(now_ms);
    int answer = 0;
    icw_desk_run(now);
    icw_logs_run(now);
    while (!icw_desk_next(now, &answer) && !icw_talk_next(now, &answer) &&
           !icw_logs_next(now, &answer) && ic_meeting_next_event(m, &event)) {
        bool talk = icw_talk_take(&event, now);
        bool logs = icw_logs_take(&event, now);
        bool told = icw_desk_take(&event, now) || talk || logs;
        ic_err e = IC_OK;
        if (!told && icw_files_event(&event, now, &e))
            told = e != IC_OK; /* what breaks a rule of files is passed over */
        else if (is_features(&event))
            told = true;
        else if (!told)
            e = ic_meeting_event_json(&event, m, now, icw_answer());
        ic_meeting_event_clear(&event);
        if (!told)
            return icw_done(e);
    }
    return answer;
}

/* The terms as they are now, as the event of that name. */
ICW_EXPORT int icw_terms(double now_ms)
{
    ICW_MEETING(m);
    return icw_done(ic_meeting_terms_json(m, icw_ms(now_ms), icw_answer()));
}

/* enum ic_meeting_state; 0: no meeting. */
ICW_EXPORT int icw_state(void)
{
    return icw.meeting ? (int)ic_meeting_state(icw.meeting) : 0;
}

/* ---- what people do ---- */

ICW_EXPORT int icw_chat(int len, double now_ms)
{
    ICW_MEETING(m);
    return -(int)ic_meeting_chat(m, icw_given(len), icw_ms(now_ms));
}

/* Says a body of a kind; gives the number that the event `sent` will carry, 0 for what is transient. */
ICW_EXPORT double icw_say(int kind, int len, int transient, double now_ms)
{
    ICW_MEETING(m);
    uint64_t number = 0;
    ic_err e =
        ic_meeting_say(m, (uint16_t)kind, icw_given(len), transient != 0, icw_ms(now_ms), &number);
    return e == IC_OK ? (double)number : -(double)e;
}

ICW_EXPORT int icw_admit(double knock, double now_ms)
{
    ICW_MEETING(m);
    return -(int)ic_meeting_admit(m, icw_ms(knock), icw_ms(now_ms));
}

ICW_EXPORT int icw_refuse(double knock, double now_ms)
{
    ICW_MEETING(m);
    return -(int)ic_meeting_refuse(m, icw_ms(knock), icw_ms(now_ms));
}

ICW_EXPORT int icw_remove(double leaf, double now_ms)
{
    ICW_MEETING(m);
    return -(int)ic_meeting_remove(m, (uint32_t)icw_ms(leaf), icw_ms(now_ms));
}

ICW_EXPORT int icw_name_host(double leaf, double now_ms)
{
    ICW_MEETING(m);
    return -(int)ic_meeting_name_host(m, (uint32_t)icw_ms(leaf), icw_ms(now_ms));
}

ICW_EXPORT int icw_lock(int on, double now_ms)
{
    ICW_MEETING(m);
    return -(int)ic_meeting_lock(m, on != 0, icw_ms(now_ms));
}

ICW_EXPORT int icw_compared(double now_ms)
{
    ICW_MEETING(m);
    return -(int)ic_meeting_compared(m, icw_ms(now_ms));
}

ICW_EXPORT int icw_update(double now_ms)
{
    ICW_MEETING(m);
    return -(int)ic_meeting_update_keys(m, icw_ms(now_ms));
}

ICW_EXPORT int icw_leave(double now_ms)
{
    ICW_MEETING(m);
    return -(int)ic_meeting_leave(m, icw_ms(now_ms));
}

ICW_EXPORT int icw_end(double now_ms)
{
    ICW_MEETING(m);
    return -(int)ic_meeting_end(m, icw_ms(now_ms));
}
