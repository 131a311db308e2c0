/* Of a test build alone (-Dtest_hooks=true): writes down what must be found nowhere at the server, and
 * turns frame encryption off for the control that shows that the search can find. Not in any installed
 * program: `make check` proves it by these names.
 *
 * The export is JSON lines, {"kind", "time_ms", "hex"}:
 * - "frame": an encoded frame before its encryption; "chat": a line that was said;
 * - "secret ...": whatever this client holds as a member;
 * - "epoch", with "epoch", "leaf_slots", "own_leaf": from here on these keys are used;
 * - "sealed": the SFrame header of each frame sent; "failed ...": of each that was refused, and why.
 */
#ifndef ICC_TESTHOOK_TESTHOOK_H
#define ICC_TESTHOOK_TESTHOOK_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <stdbool.h>

/* path: JSON lines are appended there; NULL: none. */
void ic_testhook_start(const char *path, bool plain_media);
void ic_testhook_stop(void);
/* From any thread. */
void ic_testhook_note(const char *kind, struct ic_view bytes);
/* The SFrame header of a frame. */
void ic_testhook_note_sealed(struct ic_view frame);
void ic_testhook_note_failed(ic_err why, struct ic_view frame);
bool ic_testhook_plain_media(void);
/* The frame as it is, and behind it the newest media base key, so that a key too is there to be found.
 * out: room for 16 bytes more. */
size_t ic_testhook_plain_frame(struct ic_view frame, uint8_t *out);

#endif
