#include "identity/admin/private.h"

const char icd_admin_schema[] =
    "CREATE TABLE policies("
    " org BIGINT NOT NULL, name TEXT NOT NULL, value BIGINT NOT NULL, PRIMARY KEY(org, name));"
    /* hash: SHA-256 of the token, which is random and long. scopes: bits. by: who made it. */
    "CREATE TABLE admin_tokens("
    " id TEXT PRIMARY KEY, org BIGINT NOT NULL, hash BLOB NOT NULL UNIQUE, name TEXT NOT NULL,"
    " scopes BIGINT NOT NULL, made_by TEXT NOT NULL, created_ms BIGINT NOT NULL,"
    " end_ms BIGINT NOT NULL, used_ms BIGINT NOT NULL);"
    "CREATE INDEX admin_tokens_by_org ON admin_tokens(org, created_ms);"
    /* External authorities that the organisation accepts. hash: SHA-256 of the certificate. */
    "CREATE TABLE accepted_roots("
    " org BIGINT NOT NULL, hash BLOB NOT NULL, name TEXT NOT NULL, der BLOB NOT NULL,"
    " end_s BIGINT NOT NULL, added_ms BIGINT NOT NULL, PRIMARY KEY(org, hash));";
