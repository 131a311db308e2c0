#include "identity/ca/private.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

const char icd_ca_schema[] =
    "CREATE TABLE ca_state("
    " id INTEGER PRIMARY KEY, root BLOB NOT NULL,"
    " crl BLOB, crl_number INTEGER NOT NULL, crl_made_s BIGINT NOT NULL, crl_stale INTEGER NOT NULL);"
    "CREATE TABLE ca_certificates("
    " seq INTEGER PRIMARY KEY, serial TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL,"
    " org INTEGER NOT NULL, owner TEXT NOT NULL, device TEXT NOT NULL,"
    " subject TEXT NOT NULL, name TEXT NOT NULL,"
    " not_before_s BIGINT NOT NULL, not_after_s BIGINT NOT NULL,"
    " revoked_ms BIGINT NOT NULL, reason INTEGER NOT NULL, der BLOB NOT NULL);"
    "CREATE INDEX ca_certificates_org ON ca_certificates(org, seq);"
    "CREATE INDEX ca_certificates_user ON ca_certificates(owner, seq);"
    "CREATE INDEX ca_certificates_device ON ca_certificates(device);"
    "CREATE INDEX ca_certificates_revoked ON ca_certificates(not_after_s) WHERE revoked_ms > 0;";

static void set_urls(struct icd_identity *id)
{
    const char *base = id->config->base_url;
    if (!base[0])
        return;
    snprintf(id->ca->crl_url, sizeof id->ca->crl_url, "%s/pki/crl.der", base);
    snprintf(id->ca->ocsp_url, sizeof id->ca->ocsp_url, "%s/pki/ocsp", base);
}

static ic_err start(struct icd_identity *id, char *why)
{
    bool known;
    uint64_t seed[2];
    id->ca = ic_new(struct icd_ca);
    if (!id->ca)
        return IC_ERR_NOMEM;
    IC_TRY(ic_rand_fill(&id->rand, (uint8_t *)seed, sizeof seed));
    if (!icd_limiter_init(&id->ca->signers, ICD_CA_OCSP_PER_MIN, seed))
        return IC_ERR_NOMEM;
    set_urls(id);
    IC_TRY(icd_ca_root_known(id, &known));
    IC_TRY(icd_ca_key_open(id, !known, why));
    IC_TRY(icd_ca_root_open(id, why));
    if (!known)
        icd_identity_log(id, 1, "ca-made", "in_token=%d", id->ca->token != NULL);
    return IC_OK;
}

static void stop(struct icd_identity *id)
{
    if (!id->ca)
        return;
    icd_ca_ocsp_clear(id->ca);
    icd_limiter_clear(&id->ca->signers);
    ic_sign_key_free(id->ca->key);
    ic_pkcs11_free(id->ca->token);
    ic_free(id->ca->der);
    ic_free(id->ca);
    id->ca = NULL;
}

const struct ic_pki_cert *icd_ca_root(const struct icd_identity *id)
{
    return &id->ca->root;
}

const char *icd_ca_crl_url(const struct icd_identity *id)
{
    return id->ca->crl_url[0] ? id->ca->crl_url : NULL;
}

const char *icd_ca_ocsp_url(const struct icd_identity *id)
{
    return id->ca->ocsp_url[0] ? id->ca->ocsp_url : NULL;
}

const struct icd_part icd_ca_part = {.name = "ca",
                                     .schema = icd_ca_schema,
                                     .routes = icd_ca_routes,
                                     .route_count = ICD_CA_ROUTES,
                                     .start = start,
                                     .stop = stop};
