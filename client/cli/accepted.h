/* Which authorities a meeting for verified people accepts: --root FILE, again and again; else the organisation's own, as
 * this device agreed to them when it enrolled. */
#ifndef ICC_CLI_ACCEPTED_H
#define ICC_CLI_ACCEPTED_H

#include "args.h"

#include <ic/meeting/link.h>
#include <ic/wire/terms.h>

/* Their fingerprints, which stand in the terms. */
struct icc_accepted {
    uint8_t fingerprint[IC_WIRE_ROOTS_MAX][32];
    struct ic_view view[IC_WIRE_ROOTS_MAX];
    size_t count;
};

/* Sets roots and root_count of the plan, by its admission rule: they borrow from out. False: it has said why. */
bool icc_accepted_take(const struct icc_args *a, struct ic_meeting_plan *plan,
                       struct icc_accepted *out);

#endif
