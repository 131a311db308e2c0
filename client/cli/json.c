/* Events as JSON lines on standard output, commands as JSON lines on standard input: docs/events.md. */
#include "base/clock.h"
#include "input.h"
#include "room.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct json_view {
    struct icc_room *room;
    struct icc_input *input;
};

/* Takes fields. Every line: {"event": name, "time_ms": ..., fields}. */
static void print(const char *event, json_t *fields)
{
    json_t *line = json_pack("{s:s, s:I}", "event", event, "time_ms", (json_int_t)icc_now_ms());
    json_object_update(line, fields);
    json_dumpf(line, stdout, JSON_COMPACT);
    fputc('\n', stdout);
    fflush(stdout);
    json_decref(line);
    json_decref(fields);
}

static json_t *text_of(const struct ic_buf *b)
{
    json_t *s = json_stringn((const char *)b->p, b->len);
    return s ? s : json_string("");
}

static json_t *person(const struct ic_meeting_person *p)
{
    char hex[65];
    ic_hex_encode(ic_view(p->key_hash, 32), hex);
    return json_pack("{s:i, s:s, s:s, s:b, s:b, s:b, s:b, s:s}", "leaf", (int)p->leaf, "name",
                     p->name, "identity", icc_words_identity_name(p->identity), "host", p->host,
                     "self", p->self, "web", p->web, "away", p->away, "key_hash", hex);
}

static size_t count_devices(const struct ic_meeting *m)
{
    struct ic_meeting_person p;
    size_t n = 0;
    while (ic_meeting_person(m, n, &p))
        n++;
    return n;
}

/* What a media source or slot event says, as hints of the server. */
static json_t *slots(const struct ic_wire_media_slots *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->slot_count; i++)
        json_array_append_new(list, json_pack("{s:i, s:I, s:I}", "kind", s->slots[i].kind, "ssrc",
                                              (json_int_t)s->slots[i].ssrc, "source",
                                              (json_int_t)s->slots[i].source));
    return json_pack("{s:o}", "slots", list);
}

static void on_meeting(void *self, const struct ic_meeting_event *e, const struct ic_meeting *m)
{
    (void)self;
    json_int_t epoch = (json_int_t)e->epoch;
    switch (e->type) {
    case IC_MEETING_EV_STATE:
        print("state", json_pack("{s:s, s:s, s:I}", "state", icc_words_state_name(e->state),
                                 "words", icc_words_state(e->state), "epoch", epoch));
        break;
    case IC_MEETING_EV_WAITING:
        print("waiting", json_pack("{s:s}", "short_code", e->code));
        break;
    case IC_MEETING_EV_REFUSED:
        print("refused", json_pack("{s:s}", "why", e->rule));
        break;
    case IC_MEETING_EV_KNOCK:
        print("knock", json_pack("{s:I, s:o, s:s, s:b}", "knock", (json_int_t)e->knock, "person",
                                 person(&e->person), "short_code", e->code, "barred", e->flag));
        break;
    case IC_MEETING_EV_KNOCK_GONE:
        print("knock_gone", json_pack("{s:I, s:s}", "knock", (json_int_t)e->knock, "why", e->rule));
        break;
    case IC_MEETING_EV_CODE:
        print("code", json_pack("{s:I, s:s, s:I}", "epoch", epoch, "code", e->code, "devices",
                                (json_int_t)count_devices(m)));
        break;
    case IC_MEETING_EV_JOINED:
        print("joined", json_pack("{s:I, s:o, s:b}", "epoch", epoch, "person", person(&e->person),
                                  "present", e->flag));
        break;
    case IC_MEETING_EV_LEFT:
        print("left", json_pack("{s:I, s:o, s:s}", "epoch", epoch, "person", person(&e->person),
                                "why", e->rule));
        break;
    case IC_MEETING_EV_AWAY:
        print("away", json_pack("{s:o, s:b}", "person", person(&e->person), "away", e->flag));
        break;
    case IC_MEETING_EV_CHAT:
        print("chat", json_pack("{s:I, s:o, s:o}", "seq", (json_int_t)e->number, "person",
                                person(&e->person), "text", text_of(&e->text)));
        break;
    case IC_MEETING_EV_SENT:
        print("sent", json_pack("{s:I}", "line", (json_int_t)e->number));
        break;
    case IC_MEETING_EV_TERMS:
        print("terms", json_pack("{s:I, s:s, s:o}", "epoch", epoch, "rule", e->rule, "text",
                                 text_of(&e->text)));
        break;
    case IC_MEETING_EV_CLOCK:
        print("clock", json_pack("{s:I}", "offset_ms", (json_int_t)e->offset_ms));
        break;
    case IC_MEETING_EV_ALERT:
        print("alert", json_pack("{s:s, s:o, s:o}", "rule", e->rule, "person", person(&e->person),
                                 "text", text_of(&e->text)));
        break;
    case IC_MEETING_EV_MEDIA_OPENED:
        print("media_opened", json_object());
        break;
    case IC_MEETING_EV_MEDIA_SOURCES:
        print("media_sources", json_pack("{s:I}", "count", (json_int_t)e->sources.source_count));
        break;
    case IC_MEETING_EV_MEDIA_SLOTS:
        print("media_slots", slots(&e->slots));
        break;
    case IC_MEETING_EV_MEDIA_GATE:
        print("media_gate", json_pack("{s:b}", "open", e->flag));
        break;
    case IC_MEETING_EV_ENDED:
        print("ended", json_pack("{s:s, s:o}", "why", e->rule, "text", text_of(&e->text)));
        break;
    }
}

static const char *stream_name(uint8_t context)
{
    return context == IC_MEETING_CTX_AUDIO   ? "audio"
           : context == IC_MEETING_CTX_VIDEO ? "video"
                                             : "screen";
}

static void on_engine(void *self, const struct icc_engine_event *e)
{
    (void)self;
    switch (e->type) {
    case ICC_ENGINE_OPEN:
        print("media", json_pack("{s:b}", "open", 1));
        break;
    case ICC_ENGINE_CLOSED:
        print("media", json_pack("{s:b, s:s}", "open", 0, "why", e->text));
        break;
    case ICC_ENGINE_HEARD:
        print("hearing", json_pack("{s:i, s:s, s:s}", "leaf", (int)e->leaf, "name", e->name,
                                   "stream", stream_name(e->context)));
        break;
    case ICC_ENGINE_TROUBLE:
        print("trouble", json_pack("{s:s}", "why", e->text));
        break;
    case ICC_ENGINE_SOURCE_ENDED:
        print("source_ended", json_pack("{s:s, s:s}", "kind", e->name, "why", e->text));
        break;
    case ICC_ENGINE_RECORD_FAILED:
        print("record_failed", json_pack("{s:s, s:s}", "name", e->name, "why", e->text));
        break;
    case ICC_ENGINE_DEVICE_MISSING:
        print("device_missing", json_pack("{s:s, s:s}", "device", e->name, "why", e->text));
        break;
    case ICC_ENGINE_UNKNOWN_KID:
        break; /* the meeting's business */
    }
}

static void on_connection(void *self, bool up, const char *why)
{
    (void)self;
    print("connection", json_pack("{s:b, s:s}", "up", up, "why", why));
}

static void on_recorded(void *self, const char *name, const char *path)
{
    (void)self;
    print("recorded", json_pack("{s:s, s:s}", "name", name, "path", path));
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
    json_t *o = json_object();
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++)
        json_object_set_new(o, rows[i].name, json_integer((json_int_t)rows[i].value));
    print("stats", o);
}

static void on_refused(void *self, const char *command, const char *why)
{
    (void)self;
    print("not_done", json_pack("{s:s, s:s}", "command", command, "why", why));
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
    } commands[] = {{"chat", do_chat},     {"admit", do_admit}, {"refuse", do_refuse},
                    {"remove", do_remove}, {"lock", do_lock},   {"host", do_host},
                    {"update", do_update}, {"leave", do_leave}, {"compared", do_compared},
                    {"end", do_end}};
    if (line.len == 0)
        return;
    json_t *o = json_loadb((const char *)line.p, line.len, JSON_REJECT_DUPLICATES, NULL);
    const char *name = json_string_value(json_object_get(o, "do"));
    size_t i = 0;
    while (name && i < IC_ARRAY_LEN(commands) && strcmp(commands[i].name, name) != 0)
        i++;
    if (name && i < IC_ARRAY_LEN(commands))
        commands[i].run(room, o);
    else
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
                                            on_stats,   on_refused, free_view};
    struct json_view *v = ic_new(struct json_view);
    if (!v)
        return IC_ERR_NOMEM;
    v->room = room;
    v->input = icc_input_open(loop, on_line, NULL, v);
    *out = (struct icc_view){&ops, v};
    return IC_OK;
}
