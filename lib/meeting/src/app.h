/* What members say to each other inside MLS: a small versioned struct of its own.
 *
 *     u8 version, u16 kind, u64 life, u64 lines, body
 *
 * life: drawn when the client started; lines: how many lines of this life came before. So a line that the
 * server withheld, or delivered twice, is noticed. A line is whatever is said in the order: a chat line,
 * or anything of a kind from APP_FIRST on whose time is 0.
 *
 *     heartbeat   u64 time: its sender's clock, so that one which was held back is no sign of life
 *     chat        opaque text<V>
 *     others      u64 time: 0 in the order, else the sender's clock of what is for this moment; opaque body<V>
 */
#ifndef IC_MEETING_APP_H
#define IC_MEETING_APP_H

#include <ic/base/buf.h>

enum app_kind { APP_HEARTBEAT = 1, APP_CHAT = 2, APP_FIRST = 16 };

struct app_message {
    uint16_t kind;
    uint64_t life;
    uint64_t lines;
    uint64_t time_ms;    /* heartbeat, and what is for this moment; 0: a line */
    struct ic_view body; /* chat: UTF-8 */
};

/* IC_ERR_UNSUPPORTED for a version or kind that is not known: then it is passed over. */
ic_err ic_meeting_app_decode(struct ic_view bytes, struct app_message *out);
ic_err ic_meeting_app_encode(const struct app_message *m, struct ic_buf *out);
/* UTF-8 without control characters but newline and tab. */
bool ic_meeting_app_text_ok(struct ic_view text);
/* It belongs into the order, and counts. */
bool ic_meeting_app_is_line(const struct app_message *m);

#endif
