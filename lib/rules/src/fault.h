#ifndef IC_RULES_FAULT_H
#define IC_RULES_FAULT_H

#include <ic/rules/rules.h>

/* Notes rule and leaf (f may be NULL) and returns IC_ERR_RULE. */
ic_err ic_rules_broken(struct ic_rules_fault *f, const char *rule, uint32_t leaf);

#endif
