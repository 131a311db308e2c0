#include "identity/config.h"

void icd_identity_config_default(struct icd_identity_config *c)
{
    *c = (struct icd_identity_config){
        .enabled = true,
        .password_mib = 64,
        .person_certificate_s = 7 * 86400,
        .device_certificate_s = 90 * 86400,
        .crl_s = 86400,
        .acme_http_port = 80,
        .acme_accounts_per_min = 60,
        .acme_orders_per_hour = 300,
        .acme_person_certificates_per_hour = 30,
        .acme_order_s = 86400,
        .acme_person_s = 90 * 86400,
        .acme_device_s = 30 * 86400,
        .acme_retry_ms = 3000,
    };
}
