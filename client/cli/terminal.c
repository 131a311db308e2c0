/* The room for a person: a screen on a terminal, plain lines elsewhere. */
#include "terminal.h"
#include "terminal_desk.h"
#include "terminal_files.h"

#include <ic/base/mem.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void redraw(struct icc_terminal *t)
{
    if (t->tty)
        icc_screen_draw(t);
}

/* C1 controls, marks of direction that would turn a line around, and separators of lines. */
static size_t unwanted_utf8(const unsigned char *p)
{
    if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
        return 2;
    bool e280 = p[0] == 0xe2 && p[1] == 0x80 &&
                (p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xa8 && p[2] <= 0xae));
    bool e281 = p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9;
    return e280 || e281 ? 3 : 0;
}

/* Names and lines come from others: what would move the cursor never reaches the terminal. */
void icc_terminal_make_harmless(char *s)
{
    for (unsigned char *p = (unsigned char *)s; *p; p++) {
        size_t n = *p < 0x20 || *p == 0x7f ? 1 : unwanted_utf8(p);
        memset(p, '?', n);
        p += n ? n - 1 : 0;
    }
}

void icc_terminal_say(struct icc_terminal *t, const char *format, ...)
{
    char *line = t->lines[t->line_count++ % LINES_KEPT];
    va_list ap;
    va_start(ap, format);
    vsnprintf(line, LINE_ROOM, format, ap);
    va_end(ap);
    icc_terminal_make_harmless(line);
    if (!t->tty) {
        puts(line);
        fflush(stdout);
    }
}

static void take_people(struct icc_terminal *t, const struct ic_meeting *m)
{
    t->people_count = 0;
    while (t->people_count < PEOPLE_SHOWN &&
           ic_meeting_person(m, t->people_count, &t->people[t->people_count])) {
        icc_terminal_make_harmless(t->people[t->people_count].name);
        t->people_count++;
    }
}

/* Whoever waits already keeps the place: how they are seen has changed. NULL: there is none. */
static struct waiting_one *lobby_place(struct icc_terminal *t, uint64_t knock)
{
    for (size_t i = 0; i < t->lobby_count; i++)
        if (t->lobby[i].knock == knock)
            return &t->lobby[i];
    if (t->lobby_count == KNOCKS_SHOWN)
        return NULL;
    struct waiting_one *w = &t->lobby[t->lobby_count++];
    *w = (struct waiting_one){0};
    return w;
}

static void lobby_add(struct icc_terminal *t, const struct ic_meeting_event *e)
{
    char words[ICC_WORDS_PERSON];
    struct waiting_one *w = lobby_place(t, e->knock);
    if (!w)
        return;
    bool known = w->knock == e->knock;
    w->knock = e->knock;
    w->person = e->person;
    icc_words_person(&w->person, words);
    icc_terminal_make_harmless(w->person.name);
    snprintf(w->short_code, sizeof w->short_code, "%s", e->code);
    const char *again = e->flag ? ", whom a host removed," : "";
    if (known)
        icc_terminal_say(t, "%s, who waits, is now %s.", w->person.name, words);
    else if (t->tty)
        icc_terminal_say(t, "%s%s waits to be let in.", w->person.name, again);
    else
        icc_terminal_say(t, "%s%s waits to be let in (%s, short code %s): /admit %" PRIu64,
                         w->person.name, again, words, e->code, e->knock);
}

static void lobby_drop(struct icc_terminal *t, uint64_t knock)
{
    for (size_t i = 0; i < t->lobby_count; i++) {
        if (t->lobby[i].knock != knock)
            continue;
        memmove(&t->lobby[i], &t->lobby[i + 1], (t->lobby_count - i - 1) * sizeof t->lobby[0]);
        t->lobby_count--;
        return;
    }
}

static void on_state(struct icc_terminal *t, const struct ic_meeting_event *e)
{
    bool changed = t->state != e->state;
    t->state = e->state;
    t->alarmed = e->state == IC_MEETING_CUT_OFF || e->state == IC_MEETING_OVER;
    if (changed && e->state != IC_MEETING_UPDATING)
        icc_terminal_say(t, "%s", ic_meeting_state_words(e->state));
}

static void tell_text(struct icc_terminal *t, const char *lead, const struct ic_meeting_event *e)
{
    icc_terminal_say(t, "%s%.*s", lead, (int)(e->text.len > 400 ? 400 : e->text.len),
                     e->text.p ? (const char *)e->text.p : "");
}

static void on_logs(void *self, const struct ic_together_logs_event *e)
{
    bool over = strcmp(e->rule, "log-answers") == 0;
    icc_terminal_say(self, "%s%s", over ? "" : "Attention: ", e->text);
}

static void on_meeting(void *self, const struct ic_meeting_event *e, const struct ic_meeting *m)
{
    struct icc_terminal *t = self;
    char words[ICC_WORDS_PERSON], lead[IC_MEETING_NAME_MAX + 16];
    icc_words_person(&e->person, words);
    take_people(t, m);
    if (e->type == IC_MEETING_EV_JOINED || e->type == IC_MEETING_EV_LEFT ||
        e->type == IC_MEETING_EV_IDENTITY)
        t->panel_count = 0; /* it would show what no longer holds */
    t->suite = ic_meeting_suite_name(m);
    switch (e->type) {
    case IC_MEETING_EV_STATE:
        on_state(t, e);
        break;
    case IC_MEETING_EV_WAITING:
        snprintf(t->short_code, sizeof t->short_code, "%s", e->code);
        icc_terminal_say(t, "The host was told. Your short code is %s.", e->code);
        break;
    case IC_MEETING_EV_REFUSED:
        icc_terminal_say(t, "You were not let in (%s).", e->rule);
        break;
    case IC_MEETING_EV_KNOCK:
        lobby_add(t, e);
        break;
    case IC_MEETING_EV_KNOCK_GONE:
        lobby_drop(t, e->knock);
        break;
    case IC_MEETING_EV_CODE:
        t->epoch = e->epoch;
        snprintf(t->code, sizeof t->code, "%s", e->code);
        snprintf(t->committer, sizeof t->committer, "%s", e->person.self ? "you" : e->person.name);
        if (!t->tty)
            icc_terminal_say(t, "Security code %s (epoch %" PRIu64 ")", e->code, e->epoch);
        break;
    case IC_MEETING_EV_JOINED:
        if (!e->flag)
            icc_terminal_say(t, "%s entered (%s).", e->person.name, words);
        break;
    case IC_MEETING_EV_LEFT:
        icc_terminal_say(t, "%s went (%s).", e->person.name, e->rule);
        break;
    case IC_MEETING_EV_AWAY:
        icc_terminal_say(t, "%s is %s.", e->person.name, e->flag ? "away" : "back");
        break;
    case IC_MEETING_EV_IDENTITY:
        icc_terminal_say(
            t, "%s %s %s.", e->person.name,
            strcmp(e->rule, "renewed") == 0 ? "shows a new certificate and is" : "is now", words);
        break;
    case IC_MEETING_EV_PIN_OFFER:
        icc_terminal_say(t, "%s was here when you compared: /pin makes contacts of those.",
                         e->person.name);
        break;
    case IC_MEETING_EV_CHAT:
        icc_terminal_say(t, "%s: %.*s", e->person.self ? "You" : e->person.name,
                         (int)(e->text.len > 400 ? 400 : e->text.len), (const char *)e->text.p);
        break;
    case IC_MEETING_EV_CLOCK:
        icc_terminal_say(t, "This device's clock is off by %" PRId64 " minutes: please set it.",
                         e->offset_ms / 60000);
        break;
    case IC_MEETING_EV_TERMS:
        tell_text(t, "", e);
        break;
    case IC_MEETING_EV_ALERT:
        t->unbound = t->unbound || strcmp(e->rule, "not-bound-to-link") == 0;
        snprintf(lead, sizeof lead, "Attention%s%s: ", e->person.name[0] ? ", " : "",
                 e->person.name);
        tell_text(t, lead, e);
        break;
    case IC_MEETING_EV_ENDED:
        tell_text(t, "", e);
        break;
    case IC_MEETING_EV_MEDIA_GATE:
        if (!e->flag && !icc_room_is_leaving(t->room))
            icc_terminal_say(t, "Your sound and picture wait until the keys are right.");
        break;
    case IC_MEETING_EV_FILES_OPENED:
    case IC_MEETING_EV_SAID:
    case IC_MEETING_EV_SENT:
    case IC_MEETING_EV_MEDIA_OPENED:
    case IC_MEETING_EV_MEDIA_SPEAKER:
    case IC_MEETING_EV_MEDIA_SOURCES:
    case IC_MEETING_EV_MEDIA_SLOTS:
        break;
    }
    redraw(t);
}

static void on_engine(void *self, const struct icc_engine_event *e)
{
    struct icc_terminal *t = self;
    if (e->type == ICC_ENGINE_HEARD)
        icc_terminal_say(t, "%s of %s arrives.",
                         e->context == IC_MEETING_CTX_AUDIO ? "The sound" : "The picture", e->name);
    else if (e->type == ICC_ENGINE_TROUBLE)
        icc_terminal_say(t, "Some sound or picture cannot be opened: %s.", e->text);
    else if (e->type == ICC_ENGINE_SOURCE_ENDED)
        icc_terminal_say(t, "Your %s stopped: %s.",
                         strcmp(e->name, "audio") == 0 ? "sound" : "picture", e->text);
    else if (e->type == ICC_ENGINE_DEVICE_MISSING)
        icc_terminal_say(t, "On this device %s.", e->text);
    else if (e->type == ICC_ENGINE_RECORD_FAILED)
        icc_terminal_say(t, "%s: %s", e->name, e->text);
    redraw(t);
}

static void on_connection(void *self, bool up, const char *why)
{
    struct icc_terminal *t = self;
    if (!up)
        icc_terminal_say(t, "No connection to the server (%s). Trying again.", why);
    redraw(t);
}

static void on_recorded(void *self, const char *name, const char *path)
{
    icc_terminal_say(self, "Recorded: %s in %s", name, path);
}

static void on_stats(void *self, const struct icc_engine_stats *s)
{
    (void)self;
    (void)s; /* for programs */
}

static void on_refused(void *self, const char *command, const char *why)
{
    icc_terminal_say(self, "Not done (%s): %s.", command, why);
    redraw(self);
}

/* ---- keys and lines ---- */

static void type_key(struct icc_terminal *t, uint8_t key)
{
    if (key == '\r' || key == '\n') {
        if (t->typed_len)
            icc_terminal_typed(t, ic_view(t->typed, t->typed_len));
        t->typing = false;
        t->typed_len = 0;
    } else if (key == 0x1b) {
        t->typing = false;
        t->typed_len = 0;
    } else if (key == 0x7f || key == 0x08) {
        while (t->typed_len && ((uint8_t)t->typed[--t->typed_len] & 0xc0) == 0x80)
            ; /* a whole UTF-8 character */
    } else if (key >= 0x20 && t->typed_len < sizeof t->typed) {
        t->typed[t->typed_len++] = (char)key;
    }
}

static void press_key(struct icc_terminal *t, uint8_t key)
{
    bool helped = t->helping;
    t->helping = false;
    if (key != 'i')
        t->panel_count = 0;
    if (icc_terminal_desk_key(t, key))
        return;
    switch (key) {
    case 'a':
        if (t->lobby_count)
            icc_room_admit(t->room, t->lobby[0].knock);
        break;
    case 'r':
        if (t->lobby_count)
            icc_room_refuse(t->room, t->lobby[0].knock);
        break;
    case 'c':
    case '\r':
        t->typing = true;
        break;
    case 'm':
        icc_room_mute(t->room, t->muted = !t->muted, t->blind);
        break;
    case 'v':
        icc_room_mute(t->room, t->muted, t->blind = !t->blind);
        break;
    case 'h':
        icc_room_hand(t->room, !t->hand);
        break;
    case 's':
        t->shield = !t->shield;
        break;
    case 'k':
        icc_room_lock(t->room, t->locked = !t->locked);
        break;
    case 'o':
        t->comparing = !t->comparing && t->code[0];
        t->frozen_epoch = t->epoch;
        memcpy(t->frozen_code, t->code, sizeof t->code);
        break;
    case 'y':
        if (t->comparing && t->frozen_epoch != t->epoch)
            icc_terminal_say(t, "Somebody came or went meanwhile: please compare the new code.");
        else if (t->comparing)
            icc_room_compared(t->room);
        t->comparing = false;
        break;
    case 'i':
        icc_terminal_certificate_next(t);
        return;
    case 'u':
        icc_room_update_keys(t->room);
        break;
    case '?':
        t->helping = !helped;
        break;
    case 'q':
    case 0x03:
        icc_room_leave(t->room);
        break;
    default:
        break;
    }
}

/* An arrow or function key comes as one chunk, ESC [ ... letter or ESC O letter: none of them does anything. */
static size_t key_sequence(struct ic_view v)
{
    if (v.len < 3 || v.p[0] != 0x1b || (v.p[1] != '[' && v.p[1] != 'O'))
        return 0;
    size_t n = 2;
    while (n < v.len - 1 && (v.p[n] < 0x40 || v.p[n] > 0x7e))
        n++;
    return n + 1;
}

static void on_bytes(void *ctx, struct ic_view bytes)
{
    struct icc_terminal *t = ctx;
    for (size_t i = 0; i < bytes.len; i++) {
        size_t skip = key_sequence(ic_view_sub(bytes, i, bytes.len - i));
        if (skip)
            i += skip - 1;
        else if (t->typing)
            type_key(t, bytes.p[i]);
        else
            press_key(t, bytes.p[i]);
    }
    redraw(t);
}

static void on_line(void *ctx, struct ic_view line)
{
    icc_terminal_typed(ctx, line);
}

static void on_resized(uv_signal_t *s, int number)
{
    (void)number;
    redraw(s->data);
}

static void free_terminal(uv_handle_t *h)
{
    struct icc_terminal *t = h->data;
    ic_free(t->people);
    ic_free(t);
}

static void free_view(void *self)
{
    struct icc_terminal *t = self;
    icc_input_close(t->input);
    if (t->tty) {
        icc_screen_leave();
        /* What was kept, and why it ended, stays readable after the screen is gone. */
        size_t from = t->line_count > 6 ? t->line_count - 6 : 0;
        for (size_t i = from; i < t->line_count; i++)
            puts(t->lines[i % LINES_KEPT]);
    }
    uv_close((uv_handle_t *)&t->resized, free_terminal);
}

ic_err icc_view_terminal(struct icc_room *room, uv_loop_t *loop, struct icc_view *out)
{
    static const struct icc_view_ops ops = {.meeting = on_meeting,
                                            .talk = icc_terminal_talk,
                                            .look = icc_terminal_look,
                                            .engine = on_engine,
                                            .connection = on_connection,
                                            .recorded = on_recorded,
                                            .stats = on_stats,
                                            .refused = on_refused,
                                            .files = icc_terminal_files,
                                            .desk = icc_terminal_desk,
                                            .logs = on_logs,
                                            .free = free_view};
    struct icc_terminal *t = ic_new(struct icc_terminal);
    if (!t)
        return IC_ERR_NOMEM;
    t->people = ic_new_array(PEOPLE_SHOWN, struct ic_meeting_person);
    if (!t->people || uv_signal_init(loop, &t->resized) != 0) {
        ic_free(t->people);
        ic_free(t);
        return IC_ERR_NOMEM;
    }
    t->resized.data = t;
    t->room = room;
    t->state = IC_MEETING_CONNECTING;
    t->tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    t->input = icc_input_open(loop, on_line, t->tty ? on_bytes : NULL, t);
    if (t->tty) {
        uv_signal_start(&t->resized, on_resized, SIGWINCH);
        icc_screen_enter();
    }
    *out = (struct icc_view){&ops, t};
    redraw(t);
    return IC_OK;
}
