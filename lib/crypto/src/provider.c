/* Which provider serves what: AWS-LC first, OpenSSL for what it lacks. */
#include "provider.h"

static const struct ic_prov *const providers[] = {
#ifdef IC_CRYPTO_AWSLC
    &ic_prov_awslc,
#endif
#ifndef IC_CRYPTO_NO_OPENSSL
    &ic_prov_openssl,
#endif
};

enum { PROVIDERS = sizeof(providers) / sizeof(providers[0]) };

const struct ic_prov *ic_prov_at(size_t i)
{
    return i < PROVIDERS ? providers[i] : NULL;
}

const struct ic_prov *ic_prov_bulk(void)
{
    return providers[0];
}

const struct ic_prov *ic_prov_sig(enum ic_sig_id id)
{
    for (size_t i = 0; i < PROVIDERS; i++) {
        if (providers[i]->has_sig(id))
            return providers[i];
    }
    return NULL;
}

const struct ic_prov *ic_prov_dh(enum ic_kem_id id)
{
    for (size_t i = 0; i < PROVIDERS; i++) {
        if (providers[i]->has_dh(id))
            return providers[i];
    }
    return NULL;
}
