/* What our leaf says of itself, and making a group. */
#ifndef IC_MEETING_SRC_SETUP_H
#define IC_MEETING_SRC_SETUP_H

#include <ic/meeting/meeting.h>
#include <ic/mls/group.h>

/* Lists that the identity borrows for a call. */
struct setup {
    struct ic_mls_identity identity;
    uint8_t extension_types[6];
};
void ic_meeting_setup_identity(const struct ic_meeting *m, struct setup *s);
struct ic_mls_config ic_meeting_setup_config(struct ic_meeting *m);
ic_err ic_meeting_setup_extensions(const struct ic_meeting *m, struct ic_view terms,
                                   struct ic_buf *out);
void ic_meeting_setup_create_group(struct ic_meeting *m);
void ic_meeting_setup_created(struct ic_meeting *m, bool ok);

#endif
