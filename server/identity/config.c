#include "identity/config.h"

void icd_identity_config_default(struct icd_identity_config *c)
{
    *c = (struct icd_identity_config){.enabled = true,
                                      .password_mib = 64,
                                      .person_certificate_s = 7 * 86400,
                                      .device_certificate_s = 90 * 86400,
                                      .crl_s = 86400};
}
