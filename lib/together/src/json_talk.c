#include <ic/base/mem.h>
#include <ic/meeting/json.h>
#include <ic/together/json.h>

enum { NAMES_MAX = 20 };

static void write_line(struct ic_json *j, const struct ic_together_talk_event *e)
{
    ic_json_uint(j, "seq", e->seq);
    ic_meeting_json_person(j, "person", &e->person);
    ic_json_text(j, "text", ic_buf_view(&e->text));
    if (e->reply)
        ic_json_uint(j, "reply", e->reply);
    ic_json_array(j, "mentions");
    for (size_t i = 0; i < e->mention_count; i++)
        ic_json_uint(j, NULL, e->mentions[i]);
    ic_json_array_end(j);
    ic_json_bool(j, "everybody", e->everybody);
    ic_json_bool(j, "you", e->you);
}

static void write_names(struct ic_json *j, const struct ic_together_talk *t, uint64_t seq,
                        struct ic_view sign)
{
    const char *name;
    ic_json_array(j, "names");
    for (size_t k = 0; k < NAMES_MAX && (name = ic_together_talk_marked_by(t, seq, sign, k)); k++)
        ic_json_cstr(j, NULL, name);
    ic_json_array_end(j);
}

static void write_marks(struct ic_json *j, const struct ic_together_talk_event *e,
                        const struct ic_together_talk *t)
{
    struct ic_together_marks m;
    ic_json_uint(j, "seq", e->seq);
    ic_meeting_json_person(j, "person", &e->person);
    ic_json_text(j, "sign", ic_buf_view(&e->text));
    ic_json_bool(j, "put", e->on);
    ic_json_array(j, "marks");
    for (size_t i = 0; ic_together_talk_marks(t, e->seq, i, &m); i++) {
        ic_json_object(j, NULL);
        ic_json_text(j, "sign", m.sign);
        ic_json_uint(j, "count", m.count);
        ic_json_bool(j, "own", m.own);
        write_names(j, t, e->seq, m.sign);
        ic_json_object_end(j);
    }
    ic_json_array_end(j);
}

static void write_codecs(struct ic_json *j, uint8_t codecs)
{
    ic_json_array(j, "codecs");
    if (codecs & IC_TOGETHER_VP8)
        ic_json_cstr(j, NULL, "vp8");
    if (codecs & IC_TOGETHER_VP9)
        ic_json_cstr(j, NULL, "vp9");
    ic_json_array_end(j);
}

static void write_status(struct ic_json *j, const struct ic_together_talk_event *e)
{
    ic_meeting_json_person(j, "person", &e->person);
    ic_json_bool(j, "microphone", e->status.microphone);
    ic_json_bool(j, "camera", e->status.camera);
    ic_json_bool(j, "sharing", e->status.sharing);
    ic_json_bool(j, "recording", e->status.recording);
    ic_json_uint(j, "hand", e->status.hand_ms);
    ic_json_bool(j, "opaque", e->status.opaque);
    write_codecs(j, e->status.codecs);
}

static void write_hands(struct ic_json *j, const struct ic_together_talk *t)
{
    struct ic_meeting_person who;
    ic_json_array(j, "people");
    for (size_t i = 0; ic_together_talk_hand_at(t, i, &who); i++)
        ic_meeting_json_person(j, NULL, &who);
    ic_json_array_end(j);
}

static void write_mute(struct ic_json *j, const struct ic_together_talk_event *e)
{
    ic_meeting_json_person(j, "person", &e->person);
    ic_json_bool(j, "everybody", e->everybody);
    if (!e->everybody)
        ic_json_uint(j, "leaf", e->leaf);
    ic_json_bool(j, "you", e->you);
}

static const char *const names[] = {
    [IC_TOGETHER_EV_LINE] = "chat",         [IC_TOGETHER_EV_MARKS] = "marks",
    [IC_TOGETHER_EV_STATUS] = "status",     [IC_TOGETHER_EV_HANDS] = "hands",
    [IC_TOGETHER_EV_MUTE] = "mute_asked",   [IC_TOGETHER_EV_REACTION] = "reaction",
    [IC_TOGETHER_EV_RECORDING] = "records", [IC_TOGETHER_EV_FRAMES] = "frames",
};

static void write_fields(struct ic_json *j, const struct ic_together_talk_event *e,
                         const struct ic_together_talk *t)
{
    switch (e->type) {
    case IC_TOGETHER_EV_LINE:
        write_line(j, e);
        break;
    case IC_TOGETHER_EV_MARKS:
        write_marks(j, e, t);
        break;
    case IC_TOGETHER_EV_STATUS:
        write_status(j, e);
        break;
    case IC_TOGETHER_EV_HANDS:
        write_hands(j, t);
        break;
    case IC_TOGETHER_EV_MUTE:
        write_mute(j, e);
        break;
    case IC_TOGETHER_EV_REACTION:
        ic_meeting_json_person(j, "person", &e->person);
        ic_json_text(j, "sign", ic_buf_view(&e->text));
        break;
    case IC_TOGETHER_EV_RECORDING:
        ic_meeting_json_person(j, "person", &e->person);
        ic_json_bool(j, "on", e->on);
        ic_json_bool(j, "present", e->present);
        break;
    case IC_TOGETHER_EV_FRAMES:
        ic_json_bool(j, "opaque", e->on);
        write_codecs(j, e->codecs);
        break;
    }
}

ic_err ic_together_talk_json(const struct ic_together_talk_event *e,
                             const struct ic_together_talk *t, uint64_t time_ms, struct ic_buf *out)
{
    struct ic_json j = ic_meeting_json_open(names[e->type], time_ms, out);
    write_fields(&j, e, t);
    return ic_meeting_json_close(&j);
}
