#include <ic/base/version.h>

int ic_version_number(void)
{
    return IC_VERSION_NUMBER;
}

const char *ic_version_text(void)
{
    return IC_VERSION_TEXT;
}
