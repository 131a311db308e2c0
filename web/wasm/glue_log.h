/* What the meeting asks of the logs that this browser knows. */
#ifndef ICW_GLUE_LOG_H
#define ICW_GLUE_LOG_H

#include "glue.h"

#include <ic/pki/chain.h>

/* For ic_meeting_config.judge_staple: "" where the staple proves that the leaf is logged, or where its authority has no
 * log; else "not-logged", "log-fork" or "log-withholds". */
const char *icw_judge(void *ctx, const struct ic_pki_chain *chain, const struct ic_pki_cert *root,
                      struct ic_view staple, uint64_t now_s);

#endif
