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
    char origins[512]; /* further pages that may use passkeys: origins, separated by spaces */
    char oidc_ca_file
        [256]; /* PEM: who is trusted for https of sign-in providers; empty: the system's */
    bool
        oidc_private_addresses; /* providers may be on hosts that are not on the public Internet too */
    uint32_t password_mib;      /* memory of one Argon2id */
    /* The authority: a file (empty: data_dir/ca.key), or a PKCS #11 URI with a file that holds its PIN. */
    char ca_key[384], ca_pin_file[256];
    uint32_t person_certificate_s, device_certificate_s; /* where no policy says otherwise */
    uint32_t crl_s;                                      /* how long a list of revoked ones holds */
    char resolver[64]; /* "" is the system's; else "127.0.0.1:5353" */
    /* How a domain's file is asked for. */
    bool domain_private_addresses; /* of hosts that are not on the public Internet too */
    char domain_ca_file[256];      /* PEM of who is trusted; "": the system's roots */
    char domain_connect_to[64];    /* tests: "127.0.0.1:8443" whatever the domain */
    /* acme/ */
    char acme_terms[256]; /* URL of terms that accounts agree to; "" for none */
    uint32_t acme_http_port;
    bool acme_private_addresses; /* http-01 may ask hosts that are not on the public Internet */
    bool acme_any_domain;        /* host names outside of verified domains */
    uint32_t acme_accounts_per_min, acme_orders_per_hour;
    uint32_t acme_person_certificates_per_hour; /* of one person, by whatever account */
    uint32_t acme_order_s;                      /* how long an order stays open */
    uint32_t acme_person_s, acme_device_s;      /* how long what was proved serves for renewals */
    uint32_t acme_retry_ms;                     /* after a challenge that failed */
};

void icd_identity_config_default(struct icd_identity_config *c);

#endif
