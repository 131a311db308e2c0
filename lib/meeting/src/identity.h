/* Who vouches for a leaf, as this viewer sees it. */
#ifndef IC_MEETING_SRC_IDENTITY_H
#define IC_MEETING_SRC_IDENTITY_H

#include <ic/meeting/meeting.h>
#include <ic/mlspub/types.h>
#include <ic/pki/fault.h>

/* What this viewer makes of a leaf's credential. */
struct verdict {
    uint8_t identity; /* enum ic_meeting_identity */
    char vouched_by[IC_MEETING_NAME_MAX + 1];
    enum ic_pki_reason reason; /* why nobody vouches; IC_PKI_NONE where somebody does */
    int64_t until_s;           /* to be judged again after it */
};

/* fault: why nobody vouches for it, in words. */
struct verdict ic_meeting_identity_judge(const struct ic_meeting *m,
                                         const struct ic_mlspub_leaf_node *leaf,
                                         struct ic_pki_fault *fault);
void ic_meeting_identity_describe(const struct ic_meeting *m,
                                  const struct ic_mlspub_leaf_node *leaf, struct verdict *out);
uint64_t ic_meeting_identity_deadline(const struct ic_meeting *m);
void ic_meeting_identity_tick(struct ic_meeting *m);
/* Our own credential; views borrow from m. IC_ERR_KEY: the certificates do not fit the key. */
ic_err ic_meeting_identity_own(const struct ic_meeting *m, struct ic_mlspub_credential *out);
/* Is somebody here for whom nobody vouches whom we know? */
bool ic_meeting_identity_has_stranger(const struct ic_meeting *m);

#endif
