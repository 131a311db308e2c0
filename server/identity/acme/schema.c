#include "identity/acme/private.h"

const char icd_acme_schema[] =
    /* status: enum icd_acme_status, here and below. key: a JWK as RFC 7638 writes it. */
    "CREATE TABLE acme_accounts("
    " id TEXT PRIMARY KEY, key TEXT NOT NULL, thumbprint TEXT NOT NULL UNIQUE,"
    " status INTEGER NOT NULL, contact TEXT NOT NULL, created_ms BIGINT NOT NULL);"
    "CREATE INDEX acme_accounts_by_time ON acme_accounts(created_ms);"
    /* tried: enum icd_acme_challenge, 0 for none. error, detail: of the last attempt that failed. user,
     * device: of a person who showed an enrolment token. next_ms: when `processing` is tried again. */
    "CREATE TABLE acme_authz("
    " id TEXT PRIMARY KEY, account TEXT NOT NULL, kind INTEGER NOT NULL, name TEXT NOT NULL,"
    " status INTEGER NOT NULL, expires_ms BIGINT NOT NULL, created_ms BIGINT NOT NULL,"
    " tried INTEGER NOT NULL, token TEXT NOT NULL, attempts INTEGER NOT NULL,"
    " validated_ms BIGINT NOT NULL, error INTEGER NOT NULL, detail TEXT NOT NULL,"
    " person TEXT NOT NULL, device TEXT NOT NULL, next_ms BIGINT NOT NULL);"
    "CREATE INDEX acme_authz_by_name ON acme_authz(account, name, created_ms);"
    "CREATE INDEX acme_authz_by_next ON acme_authz(status, next_ms);"
    "CREATE INDEX acme_authz_by_end ON acme_authz(expires_ms);"
    /* names: the identifiers as JSON. */
    "CREATE TABLE acme_orders("
    " id TEXT PRIMARY KEY, account TEXT NOT NULL, names TEXT NOT NULL, status INTEGER NOT NULL,"
    " expires_ms BIGINT NOT NULL, created_ms BIGINT NOT NULL, certificate TEXT NOT NULL);"
    "CREATE INDEX acme_orders_by_account ON acme_orders(account, created_ms);"
    "CREATE INDEX acme_orders_by_end ON acme_orders(certificate, expires_ms);"
    "CREATE TABLE acme_order_authz("
    " order_id TEXT NOT NULL, place INTEGER NOT NULL, authz TEXT NOT NULL,"
    " PRIMARY KEY(order_id, place));"
    "CREATE INDEX acme_order_authz_by_authz ON acme_order_authz(authz);"
    /* fingerprint: SHA-256 of the certificate in DER. */
    "CREATE TABLE acme_certificates("
    " id TEXT PRIMARY KEY, account TEXT NOT NULL, fingerprint BLOB NOT NULL UNIQUE,"
    " serial TEXT NOT NULL, not_after BIGINT NOT NULL);"
    "CREATE INDEX acme_certificates_by_end ON acme_certificates(not_after);";
