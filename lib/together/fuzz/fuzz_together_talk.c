/* Members who lie: each step is somebody who comes, goes, or says any body of any kind. What is read is written the
 * same, and what is told is told as JSON. */
#include <ic/base/reader.h>
#include <ic/together/json.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(uint16_t kind, struct ic_view v)
{
    struct ic_together_body b;
    IC_BUF_SCOPE(out, 1 << 16);
    if (ic_together_body_decode(kind, v, &b) != IC_OK)
        return;
    if (ic_together_body_encode(&b, &out) != IC_OK || !ic_view_equal(ic_buf_view(&out), v))
        abort();
}

static void drain(struct ic_together_talk *t)
{
    struct ic_together_talk_event e;
    while (ic_together_talk_next(t, &e)) {
        IC_BUF_SCOPE(json, 1 << 20);
        if (ic_together_talk_json(&e, t, 1, &json) != IC_OK)
            abort();
        ic_together_talk_event_clear(&e);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_reader r = ic_reader(ic_view(data, size));
    struct ic_together_talk *t;
    if (ic_together_talk_new(&t) != IC_OK)
        abort();
    for (uint64_t now = 1; now < 256 && ic_reader_more(&r); now++) {
        uint8_t who = ic_read_u8(&r), what = ic_read_u8(&r);
        struct ic_view body = ic_read_vec(&r, 8192);
        struct ic_meeting_event e = {.kind = what, .number = now, .flag = who & 16};
        e.type = what == 0   ? IC_MEETING_EV_JOINED
                 : what == 1 ? IC_MEETING_EV_LEFT
                             : IC_MEETING_EV_SAID;
        e.person.leaf = who & 15;
        e.person.self = (who & 15) == 0;
        e.person.host = who & 32;
        e.person.web = who & 64;
        e.person.name[0] = (char)('a' + (who & 15));
        memset(e.person.key_hash, who & 15, sizeof e.person.key_hash);
        ic_buf_init(&e.text, 8192);
        if (ic_buf_append(&e.text, body) != IC_OK)
            abort();
        again(what, body);
        (void)ic_together_talk_take(t, &e, NULL, now * 100);
        ic_buf_clear(&e.text);
        drain(t);
    }
    ic_together_talk_free(t);
    return 0;
}
