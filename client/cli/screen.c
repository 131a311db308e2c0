/* Draws the room: shield first, then code, people, lobby, what was said, and the keys. */
#include "terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BOLD "\x1b[1m"
#define DIM "\x1b[2m"
#define RED_BAR "\x1b[97;41m"
#define GREEN "\x1b[32m"
#define PLAIN "\x1b[0m"
#define END_LINE "\x1b[K\r\n"

/* The window while it is drawn: nothing is printed below its last row, which belongs to the keys. */
struct page {
    int rows, used;
};

static bool has_room(const struct page *p)
{
    return p->used < p->rows - 1;
}

/* One row; what is too long is cut off by the terminal, which does not wrap here. */
__attribute__((format(printf, 2, 3))) static void row(struct page *p, const char *format, ...)
{
    va_list ap;
    if (!has_room(p))
        return;
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    fputs(END_LINE, stdout);
    p->used++;
}

void icc_screen_enter(void)
{
    fputs("\x1b[?1049h\x1b[?25l\x1b[?7l", stdout);
    fflush(stdout);
}

void icc_screen_leave(void)
{
    fputs("\x1b]0;\x07\x1b[?7h\x1b[?25h\x1b[?1049l", stdout);
    fflush(stdout);
}

static int window_rows(void)
{
    struct winsize w = {0};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 0 ? w.ws_row : 24;
}

/* Never a green sign next to anything that the server can read; colour is never the only carrier. */
static const char *shield(enum ic_meeting_state s)
{
    switch (s) {
    case IC_MEETING_E2EE:
        return GREEN "\xe2\x96\xa3 "; /* a closed square: all is well */
    case IC_MEETING_COMPARE:
        return GREEN "\xe2\x96\xa3" PLAIN BOLD "\xe2\x80\xa2 "; /* with a dot */
    case IC_MEETING_UPDATING:
        return "\xe2\x97\xa7 "; /* half drawn */
    default:
        return "\xe2\x96\xa1 "; /* open */
    }
}

/* "Compare the code with Ana and 2 others": whom, by the roots that this device holds. */
void icc_screen_words(const struct icc_terminal *t, char *out, size_t len)
{
    const char *first = NULL;
    size_t others = 0;
    for (size_t i = 0; i < t->people_count; i++) {
        const struct ic_meeting_person *p = &t->people[i];
        if (p->self || (p->pinned != IC_MEETING_PIN_CHANGED &&
                        (p->identity != IC_MEETING_UNVERIFIED || p->pinned)))
            continue;
        if (!first)
            first = p->name;
        else
            others++;
    }
    if (t->state != IC_MEETING_COMPARE || !first)
        snprintf(out, len, "%s", ic_meeting_state_words(t->state));
    else if (others == 0)
        snprintf(out, len, "End-to-end encrypted. Compare the code with %s", first);
    else
        snprintf(out, len, "End-to-end encrypted. Compare the code with %s and %zu other%s", first,
                 others, others == 1 ? "" : "s");
}

static void draw_title(const struct icc_terminal *t, struct page *p)
{
    char words[160];
    icc_screen_words(t, words, sizeof words);
    printf("\x1b]0;In Camera: %s\x07", words);
    if (t->alarmed)
        row(p, RED_BAR " %s " PLAIN, words);
    else
        row(p, "%s" BOLD "%s" PLAIN, shield(t->state), words);
}

static void draw_code(const struct icc_terminal *t, struct page *p)
{
    if (t->state == IC_MEETING_IN_LOBBY || t->state == IC_MEETING_WAITING_HOST) {
        if (t->short_code[0])
            row(p, "  Your short code, to read out to the host: " BOLD "%s" PLAIN, t->short_code);
    } else if (t->comparing) {
        row(p, "  Read out: " BOLD "%s" PLAIN DIM "   epoch %llu%s" PLAIN "   y the same   o back",
            t->frozen_code, (unsigned long long)t->frozen_epoch,
            t->frozen_epoch == t->epoch ? "" : ", no longer the newest");
    } else if (t->code[0]) {
        row(p, "  Security code " BOLD "%s" PLAIN DIM "   epoch %llu, %zu devices" PLAIN, t->code,
            (unsigned long long)t->epoch, t->people_count);
    }
    if (t->shield && t->suite) {
        row(p,
            "  Keys and sound stay with the devices in this list; the server forwards what it cannot read.");
        row(p, DIM "  Suite %s%s%s" PLAIN, t->suite,
            t->committer[0] ? ", keys last changed by " : "", t->committer);
    }
    if (t->unbound)
        row(p, BOLD "  Joined by number: not bound to a link, so compare the code" PLAIN);
}

static void draw_people(const struct icc_terminal *t, struct page *p)
{
    int room = (p->rows - p->used) / 2;
    for (size_t i = 0; i < t->people_count && room > 0; i++, room--) {
        const struct ic_meeting_person *who = &t->people[i];
        char status[80], words[ICC_WORDS_PERSON];
        icc_words_person(who, words);
        icc_terminal_status(t->talk, who->leaf, status, sizeof status);
        if (room == 1 && t->people_count > i + 1)
            row(p, DIM "  and %zu more" PLAIN, t->people_count - i);
        else
            row(p, "  %-24s %s%s%s%s%s%s%s" PLAIN, who->name,
                who->pinned == IC_MEETING_PIN_CHANGED ? BOLD : DIM, words,
                who->host ? ", host" : "", who->self ? ", you" : "", who->web ? ", web client" : "",
                who->away ? ", away" : "", status);
    }
}

static void draw_panel(const struct icc_terminal *t, struct page *p)
{
    for (size_t i = 0; i < t->panel_count; i++)
        row(p, i ? "  %s" : "  " BOLD "%s" PLAIN, t->panel[i]);
}

static void draw_lobby(const struct icc_terminal *t, struct page *p)
{
    char more[48] = "", words[ICC_WORDS_PERSON];
    if (t->lobby_count == 0)
        return;
    const struct waiting_one *w = &t->lobby[0];
    if (t->lobby_count > 1)
        snprintf(more, sizeof more, "   and %zu more wait", t->lobby_count - 1);
    icc_words_person(&w->person, words);
    row(p, "%s", "");
    row(p, BOLD "  %s waits" PLAIN " (%s, short code %s)   a admit   r refuse" DIM "%s" PLAIN,
        w->person.name, words, w->short_code, more);
}

static void draw_lines(const struct icc_terminal *t, struct page *p)
{
    size_t room = has_room(p) ? (size_t)(p->rows - 1 - p->used) : 0;
    size_t kept = t->line_count < LINES_KEPT ? t->line_count : LINES_KEPT;
    size_t shown = kept < room ? kept : room;
    for (size_t i = t->line_count - shown; i < t->line_count; i++)
        row(p, "  %s", t->lines[i % LINES_KEPT]);
    while (has_room(p))
        row(p, "%s", "");
}

static void draw_bottom(const struct icc_terminal *t)
{
    if (t->typing) {
        char typed[sizeof t->typed + 1];
        snprintf(typed, sizeof typed, "%.*s", (int)t->typed_len, t->typed);
        icc_terminal_make_harmless(typed); /* what is pasted may be anybody's */
        printf("  > %s\xe2\x96\x8f\x1b[K", typed);
        return;
    }
    if (t->panel_count)
        printf(DIM "  i the next (%zu of %zu)   any other key: back" PLAIN "\x1b[K",
               t->panel_of + 1, t->people_count);
    else if (t->helping)
        fputs(
            DIM
            "  s shield  i who is who  /roster /mute-all /send FILE /files  o compare the code  k lock  q leave" PLAIN
            "\x1b[K",
            stdout);
    else if (t->asked || t->controlled)
        printf(BOLD "  %s" PLAIN DIM "   m %s  v %s  q leave" PLAIN "\x1b[K",
               t->asked ? "g let them control your screen   n refuse"
                        : "x stop the control of your screen",
               t->muted ? "unmute" : "mute", t->blind ? "camera on" : "camera off");
    else
        printf(DIM "  m %s  v %s  c chat  h %s  ? help  q leave%s" PLAIN "\x1b[K",
               t->muted ? "unmute" : "mute", t->blind ? "camera on" : "camera off",
               t->hand ? "lower hand" : "raise hand", t->locked ? "   the room is locked" : "");
}

void icc_screen_draw(const struct icc_terminal *t)
{
    struct page p = {.rows = window_rows()};
    fputs("\x1b[H", stdout);
    draw_title(t, &p);
    draw_code(t, &p);
    row(&p, "%s", "");
    if (t->panel_count)
        draw_panel(t, &p);
    else
        draw_people(t, &p);
    draw_lobby(t, &p);
    row(&p, "%s", "");
    draw_lines(t, &p);
    draw_bottom(t);
    fputs("\x1b[J", stdout);
    fflush(stdout);
}
