/* What people read, in one place. */
#include "view.h"

const char *icc_words_identity(uint8_t identity)
{
    return identity == IC_MEETING_EXTERNAL   ? "verified by an external authority"
           : identity == IC_MEETING_INTERNAL ? "verified by the organisation"
                                             : "not verified";
}
