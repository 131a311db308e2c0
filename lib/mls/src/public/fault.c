#include <ic/mlspub/fault.h>

ic_err ic_mlspub_fault_set(struct ic_mlspub_fault *f, ic_err e, const char *rule, uint32_t offender)
{
    if (f) {
        f->rule = rule;
        f->offender = offender;
    }
    return e;
}
