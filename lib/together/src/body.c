#include <ic/base/reader.h>
#include <ic/base/writer.h>
#include <ic/together/body.h>
#include <string.h>

enum { VERSION = 1, MICROPHONE = 1, CAMERA = 2, SHARING = 4, RECORDING = 8, OPAQUE = 16 };

bool ic_together_text_ok(struct ic_view text, size_t max, bool lines)
{
    size_t from = 0;
    for (size_t i = 0; lines && i < text.len; i++) {
        if (text.p[i] != '\n' && text.p[i] != '\t')
            continue;
        if (!ic_view_is_text(ic_view_sub(text, from, i - from)))
            return false;
        from = i + 1;
    }
    return text.len > 0 && text.len <= max &&
           ic_view_is_text(ic_view_sub(text, from, text.len - from));
}

/* ---- in ---- */

static bool read_bool(struct ic_reader *r)
{
    uint8_t v = ic_read_u8(r);
    if (v > 1)
        ic_reader_fail(r, IC_ERR_MALFORMED);
    return v == 1;
}

static struct ic_view read_text(struct ic_reader *r, size_t max, bool lines)
{
    struct ic_view v = ic_read_vec(r, max);
    if (r->err == IC_OK && !ic_together_text_ok(v, max, lines))
        ic_reader_fail(r, IC_ERR_MALFORMED);
    return v;
}

static void read_key(struct ic_reader *r, uint8_t out[IC_TOGETHER_KEY])
{
    struct ic_view v = ic_read_bytes(r, IC_TOGETHER_KEY);
    if (r->err == IC_OK)
        memcpy(out, v.p, IC_TOGETHER_KEY);
}

static void read_line(struct ic_reader *r, struct ic_together_line *l)
{
    l->text = read_text(r, IC_TOGETHER_TEXT_MAX, true);
    l->reply = ic_read_u64(r);
    l->everybody = read_bool(r);
    struct ic_reader list = ic_read_sub(r, (size_t)IC_TOGETHER_MENTIONS_MAX * IC_TOGETHER_KEY);
    while (ic_reader_more(&list) && l->mention_count < IC_TOGETHER_MENTIONS_MAX)
        read_key(&list, l->mentions[l->mention_count++]);
    if (list.err != IC_OK)
        ic_reader_fail(r, list.err);
}

static void read_status(struct ic_reader *r, struct ic_together_status *s)
{
    s->change = ic_read_u64(r);
    s->hand_ms = ic_read_u64(r);
    uint8_t flags = ic_read_u8(r);
    s->codecs = ic_read_u8(r);
    if (flags & ~(MICROPHONE | CAMERA | SHARING | RECORDING | OPAQUE))
        ic_reader_fail(r, IC_ERR_MALFORMED);
    s->microphone = flags & MICROPHONE;
    s->camera = flags & CAMERA;
    s->sharing = flags & SHARING;
    s->recording = flags & RECORDING;
    s->opaque = flags & OPAQUE;
}

static void read_mute(struct ic_reader *r, struct ic_together_mute *m)
{
    m->everybody = read_bool(r);
    if (!m->everybody)
        read_key(r, m->key);
}

static void read_fields(struct ic_reader *r, struct ic_together_body *b)
{
    switch (b->kind) {
    case IC_TOGETHER_LINE:
        read_line(r, &b->line);
        break;
    case IC_TOGETHER_MARK:
        b->mark.seq = ic_read_u64(r);
        b->mark.put = read_bool(r);
        b->mark.sign = read_text(r, IC_TOGETHER_SIGN_MAX, false);
        break;
    case IC_TOGETHER_STATUS:
        read_status(r, &b->status);
        break;
    case IC_TOGETHER_MUTE:
        read_mute(r, &b->mute);
        break;
    case IC_TOGETHER_REACTION:
        b->reaction.sign = read_text(r, IC_TOGETHER_SIGN_MAX, false);
        break;
    case IC_TOGETHER_RECORDING:
        b->recording.on = read_bool(r);
        break;
    default:
        ic_reader_fail(r, IC_ERR_UNSUPPORTED);
    }
}

ic_err ic_together_body_decode(uint16_t kind, struct ic_view bytes, struct ic_together_body *out)
{
    struct ic_reader r = ic_reader(bytes);
    struct ic_together_body b = {.kind = kind};
    uint8_t version = ic_read_u8(&r);
    if (r.err == IC_OK && version != VERSION)
        return IC_ERR_UNSUPPORTED;
    read_fields(&r, &b);
    IC_TRY(ic_reader_end(&r));
    *out = b;
    return IC_OK;
}

/* ---- out ---- */

static void write_text(struct ic_writer *w, struct ic_view text, size_t max, bool lines)
{
    if (!ic_together_text_ok(text, max, lines))
        ic_writer_fail(w, text.len > max ? IC_ERR_LIMIT : IC_ERR_MALFORMED);
    ic_write_vec(w, text);
}

static void write_line(struct ic_writer *w, const struct ic_together_line *l)
{
    write_text(w, l->text, IC_TOGETHER_TEXT_MAX, true);
    ic_write_u64(w, l->reply);
    ic_write_u8(w, l->everybody);
    if (l->mention_count > IC_TOGETHER_MENTIONS_MAX) {
        ic_writer_fail(w, IC_ERR_LIMIT);
        return;
    }
    ic_write_vec(w, ic_view(l->mentions, l->mention_count * IC_TOGETHER_KEY));
}

static void write_status(struct ic_writer *w, const struct ic_together_status *s)
{
    ic_write_u64(w, s->change);
    ic_write_u64(w, s->hand_ms);
    ic_write_u8(w, (uint8_t)((s->microphone ? MICROPHONE : 0) | (s->camera ? CAMERA : 0) |
                             (s->sharing ? SHARING : 0) | (s->recording ? RECORDING : 0) |
                             (s->opaque ? OPAQUE : 0)));
    ic_write_u8(w, s->codecs);
}

static void write_mute(struct ic_writer *w, const struct ic_together_mute *m)
{
    ic_write_u8(w, m->everybody);
    if (!m->everybody)
        ic_write_bytes(w, IC_VIEW_ARRAY(m->key));
}

ic_err ic_together_body_encode(const struct ic_together_body *b, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    ic_write_u8(&w, VERSION);
    switch (b->kind) {
    case IC_TOGETHER_LINE:
        write_line(&w, &b->line);
        break;
    case IC_TOGETHER_MARK:
        ic_write_u64(&w, b->mark.seq);
        ic_write_u8(&w, b->mark.put);
        write_text(&w, b->mark.sign, IC_TOGETHER_SIGN_MAX, false);
        break;
    case IC_TOGETHER_STATUS:
        write_status(&w, &b->status);
        break;
    case IC_TOGETHER_MUTE:
        write_mute(&w, &b->mute);
        break;
    case IC_TOGETHER_REACTION:
        write_text(&w, b->reaction.sign, IC_TOGETHER_SIGN_MAX, false);
        break;
    case IC_TOGETHER_RECORDING:
        ic_write_u8(&w, b->recording.on);
        break;
    default:
        ic_writer_fail(&w, IC_ERR_UNSUPPORTED);
    }
    return ic_writer_end(&w);
}
