/* Events as JSON lines on standard output, commands as JSON lines on standard input: docs/events.md. */
#include "base/clock.h"
#include "input.h"
#include "json_files.h"
#include "room.h"

#include <ic/base/mem.h>
#include <ic/meeting/json.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_LEN = 1 << 20 };

struct json_view {
    struct icc_room *room;
    struct icc_input *input;
};

/* One line on standard output. */
static void print_line(struct ic_buf *line, ic_err e)
{
    if (e == IC_OK) {
        fwrite(line->p, 1, line->len, stdout);
        fputc('\n', stdout);
        fflush(stdout);
    }
    ic_buf_clear(line);
}

/* A line of our own: what the meeting does not tell. */
struct line {
    struct ic_buf text;
    struct ic_json j;
};

static void line_open(struct line *l, const char *event)
{
    ic_buf_init(&l->text, LINE_MAX_LEN);
    l->j = ic_meeting_json_open(event, icc_now_ms(), &l->text);
}

static void line_close(struct line *l)
{
    ic_err e = ic_meeting_json_close(&l->j);
    print_line(&l->text, e);
}

/* Up to two fields of text; NULL ends them. */
static void print_texts(const char *event, const char *key, const char *text, const char *key2,
                        const char *text2)
{
    struct line l;
    line_open(&l, event);
    ic_json_cstr(&l.j, key, text);
    if (key2)
        ic_json_cstr(&l.j, key2, text2);
    line_close(&l);
}

static void on_meeting(void *self, const struct ic_meeting_event *e, const struct ic_meeting *m)
{
    (void)self;
    struct ic_buf line;
    ic_buf_init(&line, LINE_MAX_LEN);
    ic_err err = ic_meeting_event_json(e, m, icc_now_ms(), &line);
    print_line(&line, err);
}

static const char *stream_name(uint8_t context)
{
    return context == IC_MEETING_CTX_AUDIO   ? "audio"
           : context == IC_MEETING_CTX_VIDEO ? "video"
                                             : "screen";
}

static void print_up(const char *event, const char *key, bool on, const char *why)
{
    struct line l;
    line_open(&l, event);
    ic_json_bool(&l.j, key, on);
    if (why)
        ic_json_cstr(&l.j, "why", why);
    line_close(&l);
}

static void print_heard(const struct icc_engine_event *e)
{
    struct line l;
    line_open(&l, "hearing");
    ic_json_uint(&l.j, "leaf", e->leaf);
    ic_json_cstr(&l.j, "name", e->name);
    ic_json_cstr(&l.j, "stream", stream_name(e->context));
    line_close(&l);
}

static void print_trouble(const struct icc_engine_event *e)
{
    struct line l;
    line_open(&l, "trouble");
    ic_json_cstr(&l.j, "why", e->text);
    ic_json_int(&l.j, "leaf", e->leaf == IC_MEETING_NO_LEAF ? -1 : (int64_t)e->leaf);
    ic_json_cstr(&l.j, "name", e->name);
    line_close(&l);
}

static void on_engine(void *self, const struct icc_engine_event *e)
{
    (void)self;
    switch (e->type) {
    case ICC_ENGINE_OPEN:
        print_up("media", "open", true, NULL);
        break;
    case ICC_ENGINE_CLOSED:
        print_up("media", "open", false, e->text);
        break;
    case ICC_ENGINE_HEARD:
        print_heard(e);
        break;
    case ICC_ENGINE_TROUBLE:
        print_trouble(e);
        break;
    case ICC_ENGINE_SOURCE_ENDED:
        print_texts("source_ended", "kind", e->name, "why", e->text);
        break;
    case ICC_ENGINE_RECORD_FAILED:
        print_texts("record_failed", "name", e->name, "why", e->text);
        break;
    case ICC_ENGINE_DEVICE_MISSING:
        print_texts("device_missing", "device", e->name, "why", e->text);
        break;
    case ICC_ENGINE_UNKNOWN_KID:
        break; /* the meeting's business */
    }
}

static void on_connection(void *self, bool up, const char *why)
{
    (void)self;
    print_up("connection", "up", up, why);
}

static void on_recorded(void *self, const char *name, const char *path)
{
    (void)self;
    print_texts("recorded", "name", name, "path", path);
}

static void on_stats(void *self, const struct icc_engine_stats *s)
{
    (void)self;
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"frames_sent", s->frames_sent},
        {"frames_dropped", s->frames_dropped},
        {"frames_received", s->frames_received},
        {"frames_decrypted", s->frames_decrypted},
        {"held", s->held},
        {"failed_auth", s->failed_auth},
        {"failed_unknown", s->failed_unknown},
        {"failed_expired", s->failed_expired},
        {"failed_replay", s->failed_replay},
        {"failed_malformed", s->failed_malformed},
        {"packets_lost", s->packets_lost},
        {"retransmitted", s->retransmitted},
        {"rtt_ms", s->rtt_ms},
    };
    struct line l;
    line_open(&l, "stats");
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++)
        ic_json_uint(&l.j, rows[i].name, rows[i].value);
    line_close(&l);
}

static void on_refused(void *self, const char *command, const char *why)
{
    (void)self;
    print_texts("not_done", "command", command, "why", why);
}

static void on_files(void *self, const struct icc_files_event *e)
{
    (void)self;
    struct ic_buf line;
    ic_buf_init(&line, LINE_MAX_LEN);
    ic_err err = icc_json_files_line(e, &line);
    print_line(&line, err);
}

/* ---- commands ---- */

static void do_chat(struct icc_room *r, json_t *o)
{
    json_t *t = json_object_get(o, "text");
    if (json_is_string(t))
        icc_room_chat(r, ic_view(json_string_value(t), json_string_length(t)));
    else
        on_refused(NULL, "chat", "text is missing");
}

/* A whole number up to max; what else stands there is told. */
static bool take_number(json_t *o, const char *command, const char *key, uint64_t max,
                        uint64_t *out)
{
    json_t *n = json_object_get(o, key);
    bool ok =
        json_is_integer(n) && json_integer_value(n) >= 0 && (uint64_t)json_integer_value(n) <= max;
    char why[64];
    snprintf(why, sizeof why, "%s must be a whole number", key);
    if (ok)
        *out = (uint64_t)json_integer_value(n);
    else
        on_refused(NULL, command, why);
    return ok;
}
static void do_admit(struct icc_room *r, json_t *o)
{
    uint64_t knock;
    if (take_number(o, "admit", "knock", INT64_MAX, &knock))
        icc_room_admit(r, knock);
}
static void do_refuse(struct icc_room *r, json_t *o)
{
    uint64_t knock;
    if (take_number(o, "refuse", "knock", INT64_MAX, &knock))
        icc_room_refuse(r, knock);
}
static void do_remove(struct icc_room *r, json_t *o)
{
    uint64_t leaf;
    if (take_number(o, "remove", "leaf", UINT32_MAX, &leaf))
        icc_room_remove(r, (uint32_t)leaf);
}
static void do_lock(struct icc_room *r, json_t *o)
{
    json_t *on = json_object_get(o, "on");
    if (json_is_boolean(on))
        icc_room_lock(r, json_is_true(on));
    else
        on_refused(NULL, "lock", "on must be true or false");
}
static void do_host(struct icc_room *r, json_t *o)
{
    uint64_t leaf;
    if (take_number(o, "host", "leaf", UINT32_MAX, &leaf))
        icc_room_name_host(r, (uint32_t)leaf);
}
static void do_update(struct icc_room *r, json_t *o)
{
    (void)o;
    icc_room_update_keys(r);
}
static void do_certificate(struct icc_room *r, json_t *o)
{
    IC_BUF_SCOPE(text, LINE_MAX_LEN);
    uint64_t leaf;
    if (!take_number(o, "certificate", "leaf", UINT32_MAX, &leaf))
        return;
    ic_err e = icc_room_certificate(r, (uint32_t)leaf, &text);
    if (e != IC_OK)
        on_refused(NULL, "certificate", ic_err_text(e));
    print_line(&text, e);
}
static void do_compared(struct icc_room *r, json_t *o)
{
    (void)o;
    icc_room_compared(r);
}
static void do_leave(struct icc_room *r, json_t *o)
{
    (void)o;
    icc_room_leave(r);
}
static void do_end(struct icc_room *r, json_t *o)
{
    (void)o;
    icc_room_end(r);
}

void icc_json_command(struct icc_room *room, struct ic_view line)
{
    static const struct {
        const char *name;
        void (*run)(struct icc_room *r, json_t *o);
    } commands[] = {{"chat", do_chat},
                    {"admit", do_admit},
                    {"refuse", do_refuse},
                    {"remove", do_remove},
                    {"lock", do_lock},
                    {"host", do_host},
                    {"update", do_update},
                    {"leave", do_leave},
                    {"compared", do_compared},
                    {"end", do_end},
                    {"certificate", do_certificate}};
    if (line.len == 0)
        return;
    json_t *o = json_loadb((const char *)line.p, line.len, JSON_REJECT_DUPLICATES, NULL);
    const char *name = json_string_value(json_object_get(o, "do"));
    size_t i = 0;
    while (name && i < IC_ARRAY_LEN(commands) && strcmp(commands[i].name, name) != 0)
        i++;
    const char *why = NULL;
    if (name && i < IC_ARRAY_LEN(commands))
        commands[i].run(room, o);
    else if (name && icc_json_files_do(room, name, o, &why)) {
        if (why)
            on_refused(NULL, name, why);
    } else
        on_refused(NULL, name ? name : "", "no such command: see docs/events.md");
    json_decref(o);
}

static void on_line(void *ctx, struct ic_view line)
{
    icc_json_command(((struct json_view *)ctx)->room, line);
}

static void free_view(void *self)
{
    struct json_view *v = self;
    icc_input_close(v->input);
    ic_free(v);
}

ic_err icc_view_json(struct icc_room *room, uv_loop_t *loop, struct icc_view *out)
{
    static const struct icc_view_ops ops = {on_meeting, on_engine,  on_connection, on_recorded,
                                            on_stats,   on_refused, on_files,      free_view};
    struct json_view *v = ic_new(struct json_view);
    if (!v)
        return IC_ERR_NOMEM;
    v->room = room;
    v->input = icc_input_open(loop, on_line, NULL, v);
    *out = (struct icc_view){&ops, v};
    return IC_OK;
}
