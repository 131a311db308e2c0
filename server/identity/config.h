/* What the section [identity] of the configuration says: docs/configuration.md. A part of icd_config. */
#ifndef ICD_IDENTITY_CONFIG_H
#define ICD_IDENTITY_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

struct icd_identity_config {
    bool enabled;
    /* How clients reach the service: "https://id.example.org", without a slash at the end. It stands in
     * certificates and links, and in what a passkey is bound to. */
    char base_url[256];
    char origins[512];     /* further pages that may use passkeys: origins, separated by spaces */
    uint32_t password_mib; /* memory of one Argon2id */
};

void icd_identity_config_default(struct icd_identity_config *c);

#endif
