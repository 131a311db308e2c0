/* Events as JSON lines on standard output: docs/events.md. */
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

void icc_json_print(struct ic_buf *line, ic_err e)
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
    icc_json_print(&l->text, e);
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
    icc_json_print(&line, err);
}

static void on_talk(void *self, const struct ic_together_talk_event *e,
                    const struct ic_together_talk *t)
{
    (void)self;
    struct ic_buf line;
    ic_buf_init(&line, LINE_MAX_LEN);
    ic_err err = ic_together_talk_json(e, t, icc_now_ms(), &line);
    icc_json_print(&line, err);
}

static void on_look(void *self, enum icc_look what, const struct ic_meeting *m,
                    const struct ic_together_talk *t)
{
    (void)self;
    struct ic_buf line;
    ic_buf_init(&line, LINE_MAX_LEN);
    ic_err err = what == ICC_LOOK_ROSTER ? ic_together_roster_json(m, t, icc_now_ms(), &line)
                                         : ic_together_shield_json(m, icc_now_ms(), &line);
    icc_json_print(&line, err);
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

void icc_json_not_done(const char *command, const char *why)
{
    print_texts("not_done", "command", command, "why", why);
}

static void on_refused(void *self, const char *command, const char *why)
{
    (void)self;
    icc_json_not_done(command, why);
}

static void on_desk(void *self, const struct ic_together_desk *d, const struct ic_meeting *m,
                    const struct ic_together_desk_event *e)
{
    (void)self;
    struct ic_buf line;
    ic_buf_init(&line, IC_TOGETHER_DESK_LINE);
    ic_err err = ic_together_desk_json(d, m, e, icc_now_ms(), &line);
    icc_json_print(&line, err);
}

static void on_files(void *self, const struct icc_files_event *e)
{
    (void)self;
    struct ic_buf line;
    ic_buf_init(&line, LINE_MAX_LEN);
    ic_err err = icc_json_files_line(e, &line);
    icc_json_print(&line, err);
}

static void on_logs(void *self, const struct ic_together_logs_event *e)
{
    struct ic_buf line = {.max = 8192};
    (void)self;
    icc_json_print(&line, ic_together_logs_json(e, icc_now_ms(), &line));
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
    static const struct icc_view_ops ops = {.meeting = on_meeting,
                                            .talk = on_talk,
                                            .look = on_look,
                                            .engine = on_engine,
                                            .connection = on_connection,
                                            .recorded = on_recorded,
                                            .stats = on_stats,
                                            .refused = on_refused,
                                            .files = on_files,
                                            .desk = on_desk,
                                            .logs = on_logs,
                                            .free = free_view};
    struct json_view *v = ic_new(struct json_view);
    if (!v)
        return IC_ERR_NOMEM;
    v->room = room;
    v->input = icc_input_open(loop, on_line, NULL, v);
    *out = (struct icc_view){&ops, v};
    return IC_OK;
}
