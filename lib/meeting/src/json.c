/* Events as JSON: one function an event, named as docs/events.md names it. */
#include <ic/base/mem.h>
#include <ic/meeting/json.h>

struct ic_json ic_meeting_json_open(const char *event, uint64_t time_ms, struct ic_buf *out)
{
    struct ic_json j = ic_json(out);
    ic_json_object(&j, NULL);
    ic_json_cstr(&j, "event", event);
    ic_json_uint(&j, "time_ms", time_ms);
    return j;
}

ic_err ic_meeting_json_close(struct ic_json *j)
{
    ic_json_object_end(j);
    return ic_json_end(j);
}

void ic_meeting_json_person(struct ic_json *j, const char *key, const struct ic_meeting_person *p)
{
    ic_json_object(j, key);
    ic_json_uint(j, "leaf", p->leaf);
    ic_json_cstr(j, "name", p->name);
    ic_json_cstr(j, "identity", ic_meeting_identity_name(p->identity));
    ic_json_bool(j, "host", p->host);
    ic_json_bool(j, "self", p->self);
    ic_json_bool(j, "web", p->web);
    ic_json_bool(j, "away", p->away);
    ic_json_hex(j, "key_hash", IC_VIEW_ARRAY(p->key_hash));
    ic_json_cstr(j, "vouched_by", p->vouched_by);
    ic_json_bool(j, "certificate", p->certificate);
    ic_json_cstr(j, "reason", p->reason ? p->reason : "");
    ic_json_cstr(j, "pinned",
                 p->pinned == IC_MEETING_PIN_MATCH     ? "match"
                 : p->pinned == IC_MEETING_PIN_CHANGED ? "changed"
                                                       : "");
    ic_json_cstr(j, "address", p->address);
    ic_json_object_end(j);
}

static size_t count_devices(const struct ic_meeting *m)
{
    struct ic_meeting_person p;
    size_t n = 0;
    while (ic_meeting_person(m, n, &p))
        n++;
    return n;
}

static void slots(struct ic_json *j, const struct ic_wire_slot *s, size_t count)
{
    ic_json_array(j, "slots");
    for (size_t i = 0; i < count; i++) {
        ic_json_object(j, NULL);
        ic_json_uint(j, "kind", s[i].kind);
        ic_json_uint(j, "ssrc", s[i].ssrc);
        ic_json_uint(j, "source", s[i].source);
        ic_json_object_end(j);
    }
    ic_json_array_end(j);
}

static void write_state(struct ic_json *j, const struct ic_meeting_event *e)
{
    ic_json_cstr(j, "state", ic_meeting_state_name(e->state));
    ic_json_cstr(j, "words", ic_meeting_state_words(e->state));
    ic_json_uint(j, "epoch", e->epoch);
}

static void write_knock(struct ic_json *j, const struct ic_meeting_event *e)
{
    ic_json_uint(j, "knock", e->knock);
    ic_meeting_json_person(j, "person", &e->person);
    ic_json_cstr(j, "short_code", e->code);
    ic_json_bool(j, "barred", e->flag);
    ic_json_cstr(j, "lacks", e->rule);
}

static void write_joined(struct ic_json *j, const struct ic_meeting_event *e)
{
    ic_json_uint(j, "epoch", e->epoch);
    ic_meeting_json_person(j, "person", &e->person);
    ic_json_bool(j, "present", e->flag);
}

static void write_left(struct ic_json *j, const struct ic_meeting_event *e)
{
    ic_json_uint(j, "epoch", e->epoch);
    ic_meeting_json_person(j, "person", &e->person);
    ic_json_cstr(j, "why", e->rule);
}

static void write_chat(struct ic_json *j, const struct ic_meeting_event *e)
{
    ic_json_uint(j, "seq", e->number);
    ic_meeting_json_person(j, "person", &e->person);
    ic_json_text(j, "text", ic_buf_view(&e->text));
}

static void write_said(struct ic_json *j, const struct ic_meeting_event *e)
{
    ic_json_uint(j, "seq", e->number);
    ic_json_uint(j, "kind", e->kind);
    ic_meeting_json_person(j, "person", &e->person);
    ic_json_base64(j, "body", ic_buf_view(&e->text));
}

/* Who is host by these terms, of those who are here. */
static void write_hosts(struct ic_json *j, const struct ic_meeting *m)
{
    struct ic_meeting_person p;
    ic_json_array(j, "hosts");
    for (size_t i = 0; ic_meeting_person(m, i, &p); i++)
        if (p.host)
            ic_json_uint(j, NULL, p.leaf);
    ic_json_array_end(j);
}

static void write_binding(struct ic_json *j, const struct ic_meeting *m)
{
    struct ic_meeting_terms t;
    if (!m || !ic_meeting_terms(m, &t))
        return;
    ic_json_uint(j, "suite", t.suite);
    ic_json_cstr(j, "admission",
                 t.admission == IC_WIRE_LINK_ADMITS         ? "link"
                 : t.admission == IC_WIRE_VERIFIED_ADMITTED ? "verified"
                                                            : "host");
    ic_json_bool(j, "locked", t.locked);
    ic_json_bool(j, "watermark", t.watermark);
    ic_json_bool(j, "recording", t.recording);
    write_hosts(j, m);
}

static void write_terms(struct ic_json *j, const struct ic_meeting_event *e,
                        const struct ic_meeting *m)
{
    ic_json_uint(j, "epoch", e->epoch);
    ic_json_cstr(j, "rule", e->rule);
    ic_json_text(j, "text", ic_buf_view(&e->text));
    write_binding(j, m);
}

ic_err ic_meeting_terms_json(const struct ic_meeting *m, uint64_t time_ms, struct ic_buf *out)
{
    struct ic_meeting_terms t;
    struct ic_meeting_event e = {.epoch = ic_meeting_epoch(m)};
    if (!ic_meeting_terms(m, &t))
        return IC_ERR_STATE;
    struct ic_json j = ic_meeting_json_open("terms", time_ms, out);
    write_terms(&j, &e, m);
    return ic_meeting_json_close(&j);
}

static void write_alert(struct ic_json *j, const struct ic_meeting_event *e)
{
    ic_json_cstr(j, "rule", e->rule);
    ic_meeting_json_person(j, "person", &e->person);
    ic_json_text(j, "text", ic_buf_view(&e->text));
}

static void write_opened(struct ic_json *j, const struct ic_wire_media_opened *o)
{
    ic_json_text(j, "ufrag", o->ufrag);
    ic_json_text(j, "pwd", o->pwd);
    ic_json_hex(j, "fingerprint", o->fingerprint);
    ic_json_array(j, "addresses");
    for (size_t i = 0; i < o->address_count; i++) {
        ic_json_object(j, NULL);
        ic_json_text(j, "host", o->addresses[i].host);
        ic_json_uint(j, "port", o->addresses[i].port);
        ic_json_object_end(j);
    }
    ic_json_array_end(j);
    slots(j, o->slots, o->slot_count);
}

static void write_sources(struct ic_json *j, const struct ic_wire_media_sources *s)
{
    ic_json_uint(j, "count", s->source_count);
    ic_json_uint(j, "page", s->page);
    ic_json_uint(j, "pages", s->pages);
    ic_json_array(j, "sources");
    for (size_t i = 0; i < s->source_count; i++) {
        ic_json_object(j, NULL);
        ic_json_uint(j, "source", s->sources[i].source);
        ic_json_uint(j, "kind", s->sources[i].kind);
        ic_json_uint(j, "context", s->sources[i].context);
        ic_json_uint(j, "leaf", s->sources[i].leaf);
        ic_json_object_end(j);
    }
    ic_json_array_end(j);
}

static const char *const names[] = {
    [IC_MEETING_EV_STATE] = "state",
    [IC_MEETING_EV_WAITING] = "waiting",
    [IC_MEETING_EV_REFUSED] = "refused",
    [IC_MEETING_EV_KNOCK] = "knock",
    [IC_MEETING_EV_KNOCK_GONE] = "knock_gone",
    [IC_MEETING_EV_CODE] = "code",
    [IC_MEETING_EV_JOINED] = "joined",
    [IC_MEETING_EV_LEFT] = "left",
    [IC_MEETING_EV_AWAY] = "away",
    [IC_MEETING_EV_IDENTITY] = "identity",
    [IC_MEETING_EV_CHAT] = "chat",
    [IC_MEETING_EV_TERMS] = "terms",
    [IC_MEETING_EV_CLOCK] = "clock",
    [IC_MEETING_EV_ALERT] = "alert",
    [IC_MEETING_EV_MEDIA_OPENED] = "media_opened",
    [IC_MEETING_EV_MEDIA_SOURCES] = "media_sources",
    [IC_MEETING_EV_MEDIA_SLOTS] = "media_slots",
    [IC_MEETING_EV_MEDIA_SPEAKER] = "media_speaker",
    [IC_MEETING_EV_MEDIA_GATE] = "media_gate",
    [IC_MEETING_EV_FILES_OPENED] = "files_opened",
    [IC_MEETING_EV_SAID] = "said",
    [IC_MEETING_EV_SENT] = "sent",
    [IC_MEETING_EV_PIN_OFFER] = "pin_offer",
    [IC_MEETING_EV_ENDED] = "ended",
};

static void write_fields(struct ic_json *j, const struct ic_meeting_event *e,
                         const struct ic_meeting *m)
{
    switch (e->type) {
    case IC_MEETING_EV_STATE:
        write_state(j, e);
        break;
    case IC_MEETING_EV_WAITING:
        ic_json_cstr(j, "short_code", e->code);
        break;
    case IC_MEETING_EV_REFUSED:
        ic_json_cstr(j, "why", e->rule);
        ic_json_text(j, "text", ic_buf_view(&e->text));
        break;
    case IC_MEETING_EV_KNOCK:
        write_knock(j, e);
        break;
    case IC_MEETING_EV_KNOCK_GONE:
        ic_json_uint(j, "knock", e->knock);
        ic_json_cstr(j, "why", e->rule);
        break;
    case IC_MEETING_EV_CODE:
        ic_json_uint(j, "epoch", e->epoch);
        ic_json_cstr(j, "code", e->code);
        ic_json_uint(j, "devices", count_devices(m));
        ic_meeting_json_person(j, "committer", &e->person);
        break;
    case IC_MEETING_EV_JOINED:
        write_joined(j, e);
        break;
    case IC_MEETING_EV_LEFT:
        write_left(j, e);
        break;
    case IC_MEETING_EV_AWAY:
        ic_meeting_json_person(j, "person", &e->person);
        ic_json_bool(j, "away", e->flag);
        break;
    case IC_MEETING_EV_IDENTITY:
        ic_meeting_json_person(j, "person", &e->person);
        ic_json_cstr(j, "why", e->rule);
        break;
    case IC_MEETING_EV_PIN_OFFER:
        ic_meeting_json_person(j, "person", &e->person);
        break;
    case IC_MEETING_EV_CHAT:
        write_chat(j, e);
        break;
    case IC_MEETING_EV_SAID:
        write_said(j, e);
        break;
    case IC_MEETING_EV_SENT:
        ic_json_uint(j, "line", e->number);
        ic_json_uint(j, "kind", e->kind);
        break;
    case IC_MEETING_EV_TERMS:
        write_terms(j, e, m);
        break;
    case IC_MEETING_EV_CLOCK:
        ic_json_int(j, "offset_ms", e->offset_ms);
        break;
    case IC_MEETING_EV_ALERT:
        write_alert(j, e);
        break;
    case IC_MEETING_EV_MEDIA_OPENED:
        write_opened(j, &e->opened);
        break;
    case IC_MEETING_EV_MEDIA_SOURCES:
        write_sources(j, &e->sources);
        break;
    case IC_MEETING_EV_MEDIA_SLOTS:
        slots(j, e->slots.slots, e->slots.slot_count);
        break;
    case IC_MEETING_EV_MEDIA_SPEAKER:
        ic_json_uint(j, "source", e->speaker.source);
        ic_json_uint(j, "leaf", e->speaker.leaf);
        break;
    case IC_MEETING_EV_MEDIA_GATE:
        ic_json_bool(j, "open", e->flag);
        break;
    case IC_MEETING_EV_FILES_OPENED: /* the token is for who makes the requests alone */
        ic_json_bool(j, "open", e->flag);
        ic_json_uint(j, "file_max", e->files.file_max);
        ic_json_text(j, "why", ic_buf_view(&e->text));
        break;
    case IC_MEETING_EV_ENDED:
        ic_json_cstr(j, "why", e->rule);
        ic_json_text(j, "text", ic_buf_view(&e->text));
        break;
    }
}

ic_err ic_meeting_event_json(const struct ic_meeting_event *e, const struct ic_meeting *m,
                             uint64_t time_ms, struct ic_buf *out)
{
    struct ic_json j = ic_meeting_json_open(names[e->type], time_ms, out);
    write_fields(&j, e, m);
    return ic_meeting_json_close(&j);
}
