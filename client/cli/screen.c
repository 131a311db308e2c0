/* Draws the room: shield first, then code, people, lobby, what was said, and the keys. */
#include "terminal.h"

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

void icc_screen_enter(void)
{
    fputs("\x1b[?1049h\x1b[?25l", stdout);
    fflush(stdout);
}

void icc_screen_leave(void)
{
    fputs("\x1b]0;\x07\x1b[?25h\x1b[?1049l", stdout);
    fflush(stdout);
}

static void window(int *rows, int *columns)
{
    struct winsize w = {0};
    *rows = 24;
    *columns = 80;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 4 && w.ws_col > 20) {
        *rows = w.ws_row;
        *columns = w.ws_col;
    }
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
static void title_words(const struct icc_terminal *t, char *out, size_t len)
{
    const char *first = NULL;
    size_t others = 0;
    for (size_t i = 0; i < t->people_count; i++) {
        const struct ic_meeting_person *p = &t->people[i];
        if (p->self || p->identity != IC_MEETING_UNVERIFIED)
            continue;
        if (!first)
            first = p->name;
        else
            others++;
    }
    if (t->state != IC_MEETING_COMPARE || !first)
        snprintf(out, len, "%s", icc_words_state(t->state));
    else if (others == 0)
        snprintf(out, len, "End-to-end encrypted. Compare the code with %s", first);
    else
        snprintf(out, len, "End-to-end encrypted. Compare the code with %s and %zu other%s", first,
                 others, others == 1 ? "" : "s");
}

static void draw_title(const struct icc_terminal *t)
{
    char words[160];
    title_words(t, words, sizeof words);
    if (t->alarmed)
        printf(RED_BAR " %s " PLAIN END_LINE, words);
    else
        printf("%s" BOLD "%s" PLAIN END_LINE, shield(t->state), words);
    printf("\x1b]0;In Camera: %s\x07", words);
}

static int draw_code(const struct icc_terminal *t)
{
    if (t->state == IC_MEETING_IN_LOBBY || t->state == IC_MEETING_WAITING_HOST) {
        if (t->short_code[0])
            printf("  Your short code, to read out to the host: " BOLD "%s" PLAIN END_LINE,
                   t->short_code);
        else
            printf(END_LINE);
        return 1;
    }
    if (t->comparing) {
        printf("  Read out: " BOLD "%s" PLAIN DIM "   epoch %llu%s" PLAIN
               "   y the same   o back" END_LINE,
               t->frozen_code, (unsigned long long)t->frozen_epoch,
               t->frozen_epoch == t->epoch ? "" : ", no longer the newest");
        return 1;
    }
    if (t->code[0])
        printf("  Security code " BOLD "%s" PLAIN DIM "   epoch %llu, %zu devices" PLAIN END_LINE,
               t->code, (unsigned long long)t->epoch, t->people_count);
    else
        printf(END_LINE);
    return 1;
}

static int draw_people(const struct icc_terminal *t, int room)
{
    int drawn = 0;
    for (size_t i = 0; i < t->people_count && drawn < room; i++, drawn++) {
        const struct ic_meeting_person *p = &t->people[i];
        if (drawn == room - 1 && t->people_count > i + 1) {
            printf(DIM "  and %zu more" PLAIN END_LINE, t->people_count - i);
            continue;
        }
        printf("  %-24.24s " DIM "%s%s%s%s%s" PLAIN END_LINE, p->name,
               icc_words_identity(p->identity), p->host ? ", host" : "", p->self ? ", you" : "",
               p->web ? ", web client" : "", p->away ? ", away" : "");
    }
    return drawn;
}

static int draw_lobby(const struct icc_terminal *t)
{
    if (t->lobby_count == 0)
        return 0;
    const struct waiting_one *w = &t->lobby[0];
    printf(END_LINE BOLD "  %s waits" PLAIN " (%s, short code %s)   a admit   r refuse",
           w->person.name, icc_words_identity(w->person.identity), w->short_code);
    if (t->lobby_count > 1)
        printf(DIM "   and %zu more wait" PLAIN, t->lobby_count - 1);
    printf(END_LINE);
    return 2;
}

static void draw_lines(const struct icc_terminal *t, int room, int columns)
{
    size_t kept = t->line_count < LINES_KEPT ? t->line_count : LINES_KEPT;
    size_t shown = kept < (size_t)room ? kept : (size_t)room;
    for (size_t i = t->line_count - shown; i < t->line_count; i++)
        printf("  %.*s" END_LINE, columns - 3, t->lines[i % LINES_KEPT]);
    for (size_t i = shown; i < (size_t)room; i++)
        printf(END_LINE);
}

static void draw_bottom(const struct icc_terminal *t)
{
    if (t->typing)
        printf("  > %.*s\xe2\x96\x8f\x1b[K", (int)t->typed_len, t->typed);
    else if (t->helping)
        printf(
            DIM
            "  m microphone  v camera  c chat  o compare the code  k lock  a admit  r refuse  u renew keys  q leave" PLAIN
            "\x1b[K");
    else
        printf(DIM "  m %s  v %s  c chat  ? help  q leave%s" PLAIN "\x1b[K",
               t->muted ? "unmute" : "mute", t->blind ? "camera on" : "camera off",
               t->locked ? "   the room is locked" : "");
}

void icc_screen_draw(const struct icc_terminal *t)
{
    int rows, columns;
    window(&rows, &columns);
    fputs("\x1b[H", stdout);
    draw_title(t);
    int used = 1 + draw_code(t);
    printf(END_LINE);
    used++;
    used += draw_people(t, (rows - used) / 2);
    used += draw_lobby(t);
    printf(END_LINE);
    used++;
    draw_lines(t, rows - used - 1 > 0 ? rows - used - 1 : 0, columns);
    draw_bottom(t);
    fputs("\x1b[J", stdout);
    fflush(stdout);
}
