/* What people tell each other, as a person at a terminal reads and says it. */
#include "room_identity.h"
#include "terminal.h"
#include "terminal_desk.h"
#include "terminal_files.h"

#include <ic/base/mem.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void icc_terminal_status(const struct ic_together_talk *talk, uint32_t leaf, char *out, size_t len)
{
    struct ic_together_status s;
    out[0] = '\0';
    if (!talk || !ic_together_talk_status_of(talk, leaf, &s))
        return;
    snprintf(out, len, "%s%s%s%s%s", s.hand_ms ? ", hand up" : "", s.microphone ? "" : ", muted",
             s.camera ? "" : ", camera off", s.sharing ? ", shares a screen" : "",
             s.recording ? ", RECORDS" : "");
}

static const char *who(const struct ic_together_talk_event *e)
{
    return e->person.self ? "You" : e->person.name;
}

static int text_len(const struct ic_together_talk_event *e)
{
    return (int)(e->text.len > 400 ? 400 : e->text.len);
}

static void on_line(struct icc_terminal *t, const struct ic_together_talk_event *e)
{
    icc_terminal_say(t, "%s%s%s: %.*s", e->you ? "* " : "", who(e), e->reply ? " (in answer)" : "",
                     text_len(e), (const char *)e->text.p);
}

static void on_hand(struct icc_terminal *t, const struct ic_together_talk_event *e)
{
    bool up = e->status.hand_ms != 0;
    if (e->person.self && up != t->hand)
        icc_terminal_say(t, up ? "Your hand is up." : "Your hand is down.");
    if (e->person.self)
        t->hand = up;
}

static void on_hands(struct icc_terminal *t, const struct ic_together_talk *talk)
{
    struct ic_meeting_person p;
    char names[200] = "";
    size_t used = 0;
    for (size_t i = 0; ic_together_talk_hand_at(talk, i, &p) && used + 80 < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", p.name);
    if (used)
        icc_terminal_say(t, "Hands up: %s.", names);
}

static void on_mute(struct icc_terminal *t, const struct ic_together_talk_event *e)
{
    if (e->you) {
        t->muted = true;
        icc_terminal_say(t, "%s asked for quiet: your microphone is off.", e->person.name);
    } else if (e->person.self) {
        icc_terminal_say(t, "You asked %s to mute.", e->everybody ? "everybody" : "somebody");
    }
}

static void on_recording(struct icc_terminal *t, const struct ic_together_talk_event *e)
{
    icc_terminal_say(t, "%s %s.", who(e),
                     e->on ? (e->person.self ? "record this meeting: the others were told"
                                             : "records this meeting")
                           : (e->person.self ? "no longer record" : "no longer records"));
}

void icc_terminal_talk(void *self, const struct ic_together_talk_event *e,
                       const struct ic_together_talk *talk)
{
    struct icc_terminal *t = self;
    t->talk = talk;
    switch (e->type) {
    case IC_TOGETHER_EV_LINE:
        on_line(t, e);
        break;
    case IC_TOGETHER_EV_MARKS:
        if (e->on)
            icc_terminal_say(t, "%s put %.*s on line %" PRIu64 ".", who(e), text_len(e),
                             (const char *)e->text.p, e->seq);
        break;
    case IC_TOGETHER_EV_STATUS:
        on_hand(t, e);
        break;
    case IC_TOGETHER_EV_HANDS:
        on_hands(t, talk);
        break;
    case IC_TOGETHER_EV_MUTE:
        on_mute(t, e);
        break;
    case IC_TOGETHER_EV_REACTION:
        icc_terminal_say(t, "%s: %.*s", who(e), text_len(e), (const char *)e->text.p);
        break;
    case IC_TOGETHER_EV_RECORDING:
        on_recording(t, e);
        break;
    case IC_TOGETHER_EV_FRAMES:
        break; /* the encoders' matter */
    }
    if (t->tty)
        icc_screen_draw(t);
}

void icc_terminal_look(void *self, enum icc_look what, const struct ic_meeting *m,
                       const struct ic_together_talk *talk)
{
    struct icc_terminal *t = self;
    struct ic_meeting_person p;
    if (what == ICC_LOOK_SHIELD) {
        icc_terminal_say(t, "%s", ic_meeting_state_words(ic_meeting_state(m)));
        icc_terminal_say(t, "Security code %s, epoch %" PRIu64, t->code, t->epoch);
        icc_terminal_say(t, "Suite %s", ic_meeting_suite_name(m));
        return;
    }
    for (size_t i = 0; ic_meeting_person(m, i, &p); i++) {
        char status[80], words[ICC_WORDS_PERSON];
        icc_words_person(&p, words);
        icc_terminal_status(talk, p.leaf, status, sizeof status);
        icc_terminal_say(t, "%" PRIu32 "  %s (%s%s%s%s%s)", p.leaf, p.name, words,
                         p.host ? ", host" : "", p.self ? ", you" : "", p.away ? ", away" : "",
                         status);
    }
}

/* ---- commands ---- */

static void tell_certificate(struct icc_terminal *t, uint32_t leaf)
{
    for (size_t i = 0; i < t->people_count; i++)
        if (t->people[i].leaf == leaf)
            icc_terminal_certificate(t, &t->people[i]);
    for (size_t i = 0; i < t->panel_count; i++)
        icc_terminal_say(t, "%s", t->panel[i]);
    t->panel_count = 0;
}

static void do_number(struct icc_terminal *t, const char *name, unsigned long long n)
{
    if (strcmp(name, "admit") == 0)
        icc_room_admit(t->room, n);
    else if (strcmp(name, "refuse") == 0)
        icc_room_refuse(t->room, n);
    else if (strcmp(name, "certificate") == 0)
        tell_certificate(t, (uint32_t)n);
    else if (strcmp(name, "remove") == 0)
        icc_room_remove(t->room, (uint32_t)n);
    else
        icc_room_ask_mute(t->room, (uint32_t)n);
}

static bool run(struct icc_terminal *t, const char *text)
{
    char name[16];
    unsigned long long n;
    if (strcmp(text, "/leave") == 0)
        icc_room_leave(t->room);
    else if (strcmp(text, "/roster") == 0)
        icc_room_look(t->room, ICC_LOOK_ROSTER);
    else if (strcmp(text, "/shield") == 0)
        icc_room_look(t->room, ICC_LOOK_SHIELD);
    else if (strcmp(text, "/hand") == 0)
        icc_room_hand(t->room, !t->hand);
    else if (strcmp(text, "/pin") == 0)
        icc_room_pin(t->room);
    else if (strcmp(text, "/renew") == 0)
        icc_room_renew(t->room);
    else if (strcmp(text, "/mute-all") == 0)
        icc_room_ask_mute(t->room, IC_TOGETHER_ALL);
    else if (strncmp(text, "/react ", 7) == 0)
        icc_room_react(t->room, ic_view_cstr(text + 7));
    else if (sscanf(text, "/%15[a-z] %llu", name, &n) == 2 && n < UINT32_MAX &&
             (!strcmp(name, "admit") || !strcmp(name, "refuse") || !strcmp(name, "remove") ||
              !strcmp(name, "mute") || !strcmp(name, "certificate")))
        do_number(t, name, n);
    else
        return false;
    return true;
}

/* "@Ana, look": whom a line begins with is meant; several may follow each other. */
static void say_line(struct icc_terminal *t, struct ic_view line)
{
    uint32_t leaves[IC_TOGETHER_MENTIONS_MAX];
    struct ic_together_say s = {.text = line, .leaves = leaves};
    for (size_t i = 0; i < t->people_count && s.leaf_count < IC_ARRAY_LEN(leaves); i++) {
        char at[IC_MEETING_NAME_MAX + 2];
        snprintf(at, sizeof at, "@%s", t->people[i].name);
        if (!t->people[i].self && memmem(line.p, line.len, at, strlen(at)))
            leaves[s.leaf_count++] = t->people[i].leaf;
    }
    icc_room_say(t->room, &s);
}

void icc_terminal_typed(struct icc_terminal *t, struct ic_view line)
{
    char text[128] = "";
    if (line.len == 0)
        return;
    snprintf(text, sizeof text, "%.*s", (int)(line.len < 127 ? line.len : 127),
             (const char *)line.p);
    if (text[0] == '/' &&
        (run(t, text) || icc_terminal_file_command(t, line) || icc_terminal_desk_line(t, line)))
        return;
    say_line(t, line);
}
