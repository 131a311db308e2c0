#include "app.h"
#include <ic/base/reader.h>
#include <ic/base/writer.h>
#include <ic/meeting/meeting.h>

enum { VERSION = 1, TEXT_MAX = 4096 };

bool ic_meeting_app_text_ok(struct ic_view text)
{
    /* Between newlines and tabs there must be text as everywhere else. */
    size_t from = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.p[i] != '\n' && text.p[i] != '\t')
            continue;
        if (!ic_view_is_text(ic_view_sub(text, from, i - from)))
            return false;
        from = i + 1;
    }
    return text.len > 0 && text.len <= TEXT_MAX;
}

bool ic_meeting_app_is_line(const struct app_message *m)
{
    return m->kind == APP_CHAT || (m->kind >= APP_FIRST && m->time_ms == 0);
}

static bool known(uint16_t kind)
{
    return kind == APP_HEARTBEAT || kind == APP_CHAT || kind >= APP_FIRST;
}

ic_err ic_meeting_app_decode(struct ic_view bytes, struct app_message *out)
{
    struct ic_reader r = ic_reader(bytes);
    struct app_message m = {0};
    uint8_t version = ic_read_u8(&r);
    m.kind = ic_read_u16(&r);
    if (r.err == IC_OK && (version != VERSION || !known(m.kind)))
        return IC_ERR_UNSUPPORTED;
    m.life = ic_read_u64(&r);
    m.lines = ic_read_u64(&r);
    if (m.kind != APP_CHAT)
        m.time_ms = ic_read_u64(&r);
    if (m.kind != APP_HEARTBEAT)
        m.body = ic_read_vec(&r, m.kind == APP_CHAT ? TEXT_MAX : IC_MEETING_SAY_MAX);
    IC_TRY(ic_reader_end(&r));
    if (m.kind == APP_CHAT && !ic_meeting_app_text_ok(m.body))
        return IC_ERR_MALFORMED;
    *out = m;
    return IC_OK;
}

ic_err ic_meeting_app_encode(const struct app_message *m, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    ic_write_u8(&w, VERSION);
    ic_write_u16(&w, m->kind);
    ic_write_u64(&w, m->life);
    ic_write_u64(&w, m->lines);
    if (m->kind != APP_CHAT)
        ic_write_u64(&w, m->time_ms);
    if (m->kind != APP_HEARTBEAT)
        ic_write_vec(&w, m->body);
    return ic_writer_end(&w);
}
