/* Where the meeting tells the hooks of a test build. */
#ifndef IC_MEETING_SRC_TESTHOOK_H
#define IC_MEETING_SRC_TESTHOOK_H

#include <ic/mls/group.h>
#include <ic/sframe/store.h>

/* When an epoch's media keys have been taken over. */
void ic_testhook_meeting_epoch(const struct ic_mls_group *g, const struct ic_sframe_epoch *e);
/* When a key package has been made. */
void ic_testhook_meeting_key_package(const struct ic_mls_key_package *k);

#endif
