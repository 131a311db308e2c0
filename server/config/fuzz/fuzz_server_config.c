/* A configuration file of anybody's making. */
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct icd_config c;
    char why[ICD_CONFIG_WHY];
    icd_config_default(&c);
    if (icd_config_parse(&c, ic_view(data, size), "fuzz", why) == IC_OK)
        IC_IGNORE(icd_config_check(&c, why));
    return 0;
}
