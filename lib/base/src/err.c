#include <ic/base/err.h>

#define NAME(name, text) #name,
static const char *const names[] = {IC_ERR_LIST(NAME)};
#undef NAME

#define TEXT(name, text) text,
static const char *const texts[] = {IC_ERR_LIST(TEXT)};
#undef TEXT

const char *ic_err_name(ic_err e)
{
    return (unsigned)e < IC_ERR_COUNT ? names[e] : "ERR_UNKNOWN";
}

const char *ic_err_text(ic_err e)
{
    return (unsigned)e < IC_ERR_COUNT ? texts[e] : "an unknown error";
}
