/* Of a test build alone (-Dtest_hooks=true): gives away what a member holds, so that the demo can show
 * that it is found nowhere else. Not in any installed program: `make check` proves it by these names. */
#ifndef IC_MEETING_TESTHOOK_H
#define IC_MEETING_TESTHOOK_H

#include <ic/base/bytes.h>

/* epoch: its media keys are used from here on. secret: each that is held; kind is a word for people, as
 * "base_key" for the media base key (RFC 9605 section 5.2). For all meetings of the process; both are
 * called with the meeting's own lock held, if it has one. */
void ic_testhook_meeting_tell(void (*epoch)(void *ctx, uint64_t epoch, uint32_t leaf_slots,
                                            uint32_t own_leaf),
                              void (*secret)(void *ctx, const char *kind, struct ic_view secret),
                              void *ctx);

#endif
