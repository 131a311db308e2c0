/* Of a test build alone (-Dtest_hooks=true): writes down what must be found nowhere at the server, and
 * turns frame encryption off for the control that shows that the search can find. Not in any installed
 * program: `make check` proves it by these names. */
#ifndef ICC_TESTHOOK_TESTHOOK_H
#define ICC_TESTHOOK_TESTHOOK_H

#include <ic/base/bytes.h>
#include <stdbool.h>

/* path: JSON lines are appended there; NULL: none. */
void ic_testhook_start(const char *path, bool plain_media);
void ic_testhook_stop(void);
/* kind: "frame" (every tenth, its first 64 bytes), "chat", "secret ..." in whole. From any thread. */
void ic_testhook_note(const char *kind, struct ic_view bytes);
bool ic_testhook_plain_media(void);

#endif
