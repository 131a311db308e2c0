/* A meeting's media keys: SFrame under the group's exporter (RFC 9605 section 5.2, protocol "Media keys").
 *
 * The meeting feeds this object at every epoch; the application protects and unprotects with it, perhaps
 * on other threads, and then guards every call into the meeting and this by one lock of its own.
 *
 *     struct ic_meeting_media *keys = ic_meeting_media(m);
 *     IC_TRY(ic_meeting_protect(keys, context, frame, out, &len));
 *     IC_TRY(ic_meeting_unprotect(keys, sealed, now_ms, out, &len, &from));
 */
#ifndef IC_MEETING_MEDIA_H
#define IC_MEETING_MEDIA_H

#include <ic/meeting/meeting.h>

enum {
    IC_MEETING_CLEAR_MAX = 10, /* bytes of the clear prefix */
    IC_MEETING_FRAME_OVERHEAD =
        IC_MEETING_CLEAR_MAX + 17 + 16, /* and the longest SFrame header, and the tag */
};

#define IC_MEETING_NO_LEAF UINT32_MAX /* nobody can be named */

/* Streams of one sender: the SFrame context. */
enum ic_meeting_context {
    IC_MEETING_CTX_AUDIO = 0,
    IC_MEETING_CTX_VIDEO = 1,
    IC_MEETING_CTX_SCREEN = 2,
    /* the camera's middle and highest simulcast layers; CTX_VIDEO is the lowest, or the only one */
    IC_MEETING_CTX_VIDEO_MIDDLE = 3,
    IC_MEETING_CTX_VIDEO_HIGH = 4,
};

struct ic_meeting_media;
struct ic_meeting_media *ic_meeting_media(struct ic_meeting *m); /* lives as long as m */

struct ic_meeting_media_from {
    uint32_t leaf;
    uint64_t epoch;
    uint8_t context;
    uint64_t counter;
    uint64_t kid;
    char name[IC_MEETING_NAME_MAX + 1]; /* resolved in that epoch's tree */
};

/* out: frame.len + IC_MEETING_FRAME_OVERHEAD bytes of room. IC_ERR_STATE while the gate is shut. */
ic_err ic_meeting_protect(struct ic_meeting_media *k, uint8_t context, struct ic_view frame,
                          uint8_t *out, size_t *out_len);
/* The same for a VP8 picture that somebody without Dependency Descriptor receives: the prefix of
 * ic_meeting_clear_prefix stands before the frame. */
ic_err ic_meeting_protect_clear(struct ic_meeting_media *k, uint8_t context, struct ic_view frame,
                                uint8_t *out, size_t *out_len);
/* out: sealed.len bytes of room; a clear prefix is passed over. IC_ERR_UNKNOWN_KEY: hold the frame for 500 ms
 * at most and try again, from->kid says which key (for ic_meeting_note_unknown_kid);
 * IC_ERR_AUTH, IC_ERR_REPLAY, IC_ERR_EXPIRED (a retired key, a removed leaf), IC_ERR_MALFORMED: drop it.
 * After an error `from` holds what the frame claims, for words about it: nothing of that is authenticated;
 * the leaf is IC_MEETING_NO_LEAF where it claims nobody. */
ic_err ic_meeting_unprotect(struct ic_meeting_media *k, struct ic_view sealed, uint64_t now_ms,
                            uint8_t *out, size_t *out_len, struct ic_meeting_media_from *from);

/* ---- the clear-byte profile: docs/protocol/media-keys.md ---- */

/* What a depacketizer of VP8 reads at the front of a frame, and no SFrame header can begin with: of a key frame
 * 90 00 00 9d 01 2a and its width and height, of any other 91 00 00. out: IC_MEETING_CLEAR_MAX bytes of room;
 * the length used. `vp8` is the frame as the encoder made it. */
size_t ic_meeting_clear_prefix(struct ic_view vp8, uint8_t *out);
/* How long a clear prefix at the front of the frame is; 0: there is none. */
size_t ic_meeting_clear_len(struct ic_view sealed);

#endif
