/* Bodies of what people tell each other beside chat lines: kinds 16 to 21 (ic/together/kinds.h).
 *
 *     struct ic_together_body b = {.kind = IC_TOGETHER_REACTION, .reaction = {IC_VIEW_STR("👍")}};
 *     IC_TRY(ic_together_body_encode(&b, &buf));
 *     ...
 *     IC_TRY(ic_together_body_decode(kind, bytes, &b));    // views borrow from bytes
 *
 * docs/protocol/together.md has their encoding. Whose they are, and whether they may, is ic/together/talk.h's
 * matter. No object here; any thread.
 */
#ifndef IC_TOGETHER_BODY_H
#define IC_TOGETHER_BODY_H

#include <ic/base/buf.h>
#include <ic/together/kinds.h>

enum {
    IC_TOGETHER_TEXT_MAX = 4096,   /* bytes of a line */
    IC_TOGETHER_SIGN_MAX = 32,     /* bytes of a sign: one emoji, or a short word */
    IC_TOGETHER_MENTIONS_MAX = 16, /* people whom a line mentions */
    IC_TOGETHER_KEY = 32,          /* a device: SHA-256 of its signature key */
};

struct ic_together_line {
    struct ic_view text;
    uint64_t reply; /* seq of the line that this answers; 0: none */
    bool everybody; /* mentions all */
    size_t mention_count;
    uint8_t mentions[IC_TOGETHER_MENTIONS_MAX][IC_TOGETHER_KEY];
};

struct ic_together_mark {
    uint64_t seq; /* of the line */
    bool put;     /* false: taken back */
    struct ic_view sign;
};

enum { IC_TOGETHER_VP8 = 1, IC_TOGETHER_VP9 = 2 };

/* What a device tells of itself; a hint to people, never a permission. */
struct ic_together_status {
    uint64_t
        change; /* grows with each change of a device: an older one that comes later is passed over */
    uint64_t hand_ms; /* Unix time since when the hand is up; 0: it is down */
    bool microphone, camera, sharing, recording;
    bool opaque;    /* receives frames without a clear byte: docs/protocol/media-keys.md */
    uint8_t codecs; /* of video that it receives: IC_TOGETHER_VP8 | IC_TOGETHER_VP9 */
};

struct ic_together_mute {
    bool everybody; /* but who asks */
    uint8_t key[IC_TOGETHER_KEY];
};

struct ic_together_reaction {
    struct ic_view sign;
};

struct ic_together_recording {
    bool on;
};

struct ic_together_body {
    uint16_t kind; /* enum ic_together_kind */
    union {
        struct ic_together_line line;
        struct ic_together_mark mark;
        struct ic_together_status status;
        struct ic_together_mute mute;
        struct ic_together_reaction reaction;
        struct ic_together_recording recording;
    };
};

/* IC_ERR_UNSUPPORTED for another kind or version; IC_ERR_MALFORMED, IC_ERR_LIMIT, IC_ERR_TRUNCATED,
 * IC_ERR_TRAILING for one that does not hold. out is untouched then. */
ic_err ic_together_body_decode(uint16_t kind, struct ic_view bytes, struct ic_together_body *out);
/* Appends. The same errors for what could not be read again: nothing is sent that others refuse. */
ic_err ic_together_body_encode(const struct ic_together_body *b, struct ic_buf *out);
/* 1 to max bytes of UTF-8 without control characters; newline and tab where `lines`. */
bool ic_together_text_ok(struct ic_view text, size_t max, bool lines);

#endif
