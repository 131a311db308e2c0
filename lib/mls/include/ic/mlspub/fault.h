/* Why a message was refused: the rule with its section, and whose fault it was. For the local user,
 * not for the peer.
 *
 *     struct ic_mlspub_fault f = IC_MLSPUB_FAULT_NONE;
 *     if (ic_mlspub_tree_validate(tree, &check, &f) != IC_OK)
 *         show(f.rule, f.offender);
 *
 * Every function that takes a fault accepts NULL, and touches it only when it fails.
 */
#ifndef IC_MLSPUB_FAULT_H
#define IC_MLSPUB_FAULT_H

#include <ic/base/api.h>
#include <ic/base/err.h>
#include <stdint.h>

IC_API_BEGIN

#define IC_MLSPUB_NO_LEAF UINT32_MAX

struct ic_mlspub_fault {
    const char *rule;  /* static text: "RFC 9420 section 12.2: ...", or "" */
    uint32_t offender; /* leaf index, or index of the proposal in its list, or IC_MLSPUB_NO_LEAF */
};

#ifdef __cplusplus
#define IC_MLSPUB_FAULT_NONE (ic_mlspub_fault{"", IC_MLSPUB_NO_LEAF})
#else
#define IC_MLSPUB_FAULT_NONE ((struct ic_mlspub_fault){"", IC_MLSPUB_NO_LEAF})
#endif

/* Notes rule and offender in f (may be NULL) and returns e. */
ic_err ic_mlspub_fault_set(struct ic_mlspub_fault *f, ic_err e, const char *rule,
                           uint32_t offender);

IC_API_END

#endif
