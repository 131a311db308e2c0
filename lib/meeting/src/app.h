/* What members say to each other inside MLS: a small versioned struct of its own.
 *
 *     u8 version, u16 type, u64 life, u64 lines, body
 *
 * life: drawn when the client started; lines: how many chat lines of this life came before. So a line
 * that the server withheld, or delivered twice, is noticed. A heartbeat's body is its sender's clock, so
 * that one which was held back is no sign of life; a chat line's is its text.
 */
#ifndef IC_MEETING_APP_H
#define IC_MEETING_APP_H

#include <ic/base/buf.h>

enum app_type { APP_HEARTBEAT = 1, APP_CHAT = 2 };

struct app_message {
    uint16_t type;
    uint64_t life;
    uint64_t lines;
    uint64_t time_ms;    /* heartbeat */
    struct ic_view text; /* chat: UTF-8 */
};

/* IC_ERR_UNSUPPORTED for a version or type that is not known: then it is passed over. */
ic_err ic_meeting_app_decode(struct ic_view bytes, struct app_message *out);
ic_err ic_meeting_app_encode(const struct app_message *m, struct ic_buf *out);
/* UTF-8 without control characters but newline and tab. */
bool ic_meeting_app_text_ok(struct ic_view text);

#endif
