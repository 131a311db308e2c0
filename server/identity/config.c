#include "identity/config.h"

void icd_identity_config_default(struct icd_identity_config *c)
{
    *c = (struct icd_identity_config){.enabled = true, .password_mib = 64};
}
