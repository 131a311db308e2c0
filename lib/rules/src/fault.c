#include "fault.h"

ic_err ic_rules_broken(struct ic_rules_fault *f, const char *rule, uint32_t leaf)
{
    if (f)
        *f = (struct ic_rules_fault){rule, leaf};
    return IC_ERR_RULE;
}
