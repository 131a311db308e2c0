#include "terminal_desk.h"

#include "room_desk.h"

#include <stdio.h>
#include <string.h>

static const char *name_of(const struct ic_meeting *m, uint64_t author, char room[80])
{
    struct ic_meeting_person p;
    if (!ic_together_person(m, author, &p))
        return "Somebody";
    snprintf(room, 80, "%s", p.self ? "You" : p.name);
    return room;
}

static const char *reason_words(uint8_t reason)
{
    static const char *const words[] = {"",
                                        "they said no",
                                        "it was taken back",
                                        "it was given back",
                                        "no screen is shared",
                                        "a browser cannot be controlled",
                                        "that desktop session cannot be controlled",
                                        "somebody left",
                                        "somebody else got it"};
    return reason < IC_TOGETHER_CONTROL_REASON_COUNT ? words[reason] : "";
}

static void on_control(struct icc_terminal *t, const struct ic_meeting *m,
                       const struct ic_together_control_event *e)
{
    char a[80], b[80];
    const char *who = name_of(m, e->grantee, a), *whose = name_of(m, e->sharer, b);
    bool ours = strcmp(whose, "You") == 0;
    switch (e->type) {
    case IC_TOGETHER_CONTROL_EV_REQUEST:
        if (!ours)
            break;
        t->asked = true;
        icc_terminal_say(t, "%s asks to control your screen: %s", who,
                         t->tty ? "g grants, n refuses" : "/grant or /deny");
        break;
    case IC_TOGETHER_CONTROL_EV_GRANTED:
        if (ours) {
            t->asked = false;
            t->controlled = true;
        }
        icc_terminal_say(t, "%s control%s %s screen.%s", who, strcmp(who, "You") == 0 ? "" : "s",
                         ours ? "your" : "a", ours ? t->tty ? " x takes it back." : " /stop" : "");
        break;
    case IC_TOGETHER_CONTROL_EV_REFUSED:
        t->asked = t->asked && !ours;
        icc_terminal_say(t, "Control was not given to %s: %s.", who, reason_words(e->reason));
        break;
    case IC_TOGETHER_CONTROL_EV_ENDED:
        t->controlled = t->controlled && !ours;
        icc_terminal_say(t, "%s no longer control%s %s screen: %s.", who,
                         strcmp(who, "You") == 0 ? "" : "s", ours ? "your" : "a",
                         reason_words(e->reason));
        break;
    default:
        break;
    }
}

void icc_terminal_desk(void *self, const struct ic_together_desk *d, const struct ic_meeting *m,
                       const struct ic_together_desk_event *e)
{
    struct icc_terminal *t = self;
    char name[80];
    (void)d;
    if (e->what == IC_TOGETHER_DESK_CONTROL) {
        on_control(t, m, &e->control);
    } else if (e->what == IC_TOGETHER_DESK_BOARD && !t->board_told &&
               e->board.type == IC_TOGETHER_BOARD_CHANGED && e->board.id_count) {
        t->board_told = true;
        icc_terminal_say(t, "%s draws on the whiteboard: /board FILE saves it.",
                         name_of(m, e->board.author, name));
    } else {
        return;
    }
    if (t->tty)
        icc_screen_draw(t);
}

static void act(struct icc_terminal *t, enum icc_desk_what what, const char *path)
{
    struct icc_desk_command c = {.what = what,
                                 .leaf = UINT32_MAX,
                                 .allows = IC_TOGETHER_CONTROL_POINTER | IC_TOGETHER_CONTROL_KEYS,
                                 .path = path};
    const char *why = icc_room_desk_do(t->room, &c);
    if (why)
        icc_terminal_say(t, "Not done: %s.", why);
    else if (what == ICC_DESK_EXPORT)
        icc_terminal_say(t, "The whiteboard is in %s.", path);
    if (what == ICC_DESK_REFUSE)
        t->asked = false;
}

bool icc_terminal_desk_key(struct icc_terminal *t, uint8_t key)
{
    if (key == 'g' && t->asked)
        act(t, ICC_DESK_GRANT, NULL);
    else if (key == 'n' && t->asked)
        act(t, ICC_DESK_REFUSE, NULL);
    else if ((key == 'x' || key == 0x1b) && t->controlled)
        act(t, ICC_DESK_STOP, NULL);
    else
        return false;
    return true;
}

bool icc_terminal_desk_line(struct icc_terminal *t, struct ic_view line)
{
    char text[512] = "";
    if (line.len >= sizeof text || line.len < 5 || line.p[0] != '/')
        return false;
    memcpy(text, line.p, line.len);
    if (strncmp(text, "/board ", 7) == 0)
        act(t, ICC_DESK_EXPORT, text + 7);
    else if (strcmp(text, "/grant") == 0)
        act(t, ICC_DESK_GRANT, NULL);
    else if (strcmp(text, "/deny") == 0)
        act(t, ICC_DESK_REFUSE, NULL);
    else if (strcmp(text, "/stop") == 0)
        act(t, ICC_DESK_STOP, NULL);
    else
        return false;
    return true;
}
