#include "identity/admin/tokens.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <ic/base/text.h>
#include <ic/crypto/hash.h>
#include <stdio.h>
#include <string.h>

enum { TOKEN_BYTES = 33, ID_BYTES = 16, USE_NOTED_MS = 60000 };
#define KEPT_MS (30ULL * 86400000)

static const char *const scopes[] = {"users:read", "users:write", "domains",      "roots",
                                     "policy",     "audit",       "certificates", "tokens"};

const char *icd_scope_name(size_t i)
{
    return i < IC_ARRAY_LEN(scopes) ? scopes[i] : NULL;
}

uint32_t icd_scope_by_name(const char *name)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(scopes); i++)
        if (strcmp(scopes[i], name) == 0)
            return 1u << i;
    return 0;
}

/* Random, so a plain hash is enough: who reads the database has no token. */
static void hash_of(struct ic_view text, uint8_t out[IC_HASH_MAX])
{
    ic_hash_once(IC_SHA256, text, out);
}

static ic_err make(struct icd_identity *id, char *text, char *token_id)
{
    uint8_t bytes[TOKEN_BYTES], short_bytes[ID_BYTES];
    IC_TRY(ic_rand_fill(&id->rand, bytes, sizeof bytes));
    IC_TRY(ic_rand_fill(&id->rand, short_bytes, sizeof short_bytes));
    memcpy(text, "ica_", 4);
    ic_base64_encode(IC_BASE64_URL, IC_VIEW_ARRAY(bytes), text + 4);
    ic_base64_encode(IC_BASE64_URL, IC_VIEW_ARRAY(short_bytes), token_id);
    ic_wipe(bytes, sizeof bytes);
    return IC_OK;
}

ic_err icd_admin_token_add(struct icd_identity *id, struct icd_admin_token *t, char *text)
{
    struct icd_admin_token next = *t;
    char secret[ICD_ADMIN_TOKEN_LEN + 1];
    uint8_t hash[IC_HASH_MAX];
    struct ic_view name = ic_view_cstr(t->name);
    if (name.len == 0 || !ic_view_is_text(name) || (t->scopes & ICD_SCOPE_ALL) == 0 ||
        t->end_ms <= id->now_ms)
        return IC_ERR_RANGE;
    IC_TRY(icd_id_write(id));
    IC_TRY(make(id, secret, next.id));
    next.scopes &= ICD_SCOPE_ALL;
    next.created_ms = id->now_ms;
    next.used_ms = 0;
    hash_of(ic_view(secret, ICD_ADMIN_TOKEN_LEN), hash);
    ic_err e = icd_store_exec(
        id->store,
        "INSERT INTO admin_tokens(id, org, hash, name, scopes, made_by, created_ms, end_ms, used_ms)"
        " VALUES($1, $2, $3, $4, $5, $6, $7, $8, 0)",
        NULL,
        ICD_PARAMS(ICD_TEXT(ic_view_cstr(next.id)), ICD_INT(next.org), ICD_BLOB(ic_view(hash, 32)),
                   ICD_TEXT(name), ICD_INT(next.scopes), ICD_TEXT(ic_view_cstr(next.made_by)),
                   ICD_INT(next.created_ms), ICD_INT(next.end_ms)));
    if (e == IC_OK) {
        *t = next;
        memcpy(text, secret, sizeof secret);
    }
    ic_wipe(secret, sizeof secret);
    return e;
}

static void copy(char *out, size_t cap, struct ic_view v)
{
    size_t n = v.len < cap ? v.len : cap - 1;
    if (n)
        memcpy(out, v.p, n);
    out[n] = '\0';
}

/* Columns: id, org, name, scopes, made_by, created_ms, end_ms, used_ms. */
static void read_row(const struct icd_rows *r, struct icd_admin_token *t)
{
    *t = (struct icd_admin_token){.org = icd_rows_int(r, 1),
                                  .scopes = (uint32_t)icd_rows_int(r, 3),
                                  .created_ms = (uint64_t)icd_rows_int(r, 5),
                                  .end_ms = (uint64_t)icd_rows_int(r, 6),
                                  .used_ms = (uint64_t)icd_rows_int(r, 7)};
    copy(t->id, sizeof t->id, icd_rows_bytes(r, 0));
    copy(t->name, sizeof t->name, icd_rows_bytes(r, 2));
    copy(t->made_by, sizeof t->made_by, icd_rows_bytes(r, 4));
}

static ic_err note_use(struct icd_identity *id, const struct icd_admin_token *t)
{
    if (t->used_ms && id->now_ms - t->used_ms < USE_NOTED_MS)
        return IC_OK;
    IC_TRY(icd_id_write(id));
    return icd_store_exec(id->store, "UPDATE admin_tokens SET used_ms = $1 WHERE id = $2", NULL,
                          ICD_PARAMS(ICD_INT(id->now_ms), ICD_TEXT(ic_view_cstr(t->id))));
}

ic_err icd_admin_token_find(struct icd_identity *id, struct ic_view bearer,
                            struct icd_admin_token *out)
{
    uint8_t hash[IC_HASH_MAX];
    struct icd_admin_token t;
    struct icd_rows rows;
    if (bearer.len != ICD_ADMIN_TOKEN_LEN)
        return IC_ERR_DENIED;
    hash_of(bearer, hash);
    IC_TRY(icd_store_query(
        id->store,
        "SELECT id, org, name, scopes, made_by, created_ms, end_ms, used_ms FROM admin_tokens"
        " WHERE hash = $1 AND end_ms > $2",
        &rows, ICD_PARAMS(ICD_BLOB(ic_view(hash, 32)), ICD_INT(id->now_ms))));
    bool found = icd_rows_next(&rows);
    if (found)
        read_row(&rows, &t);
    IC_TRY(icd_rows_end(&rows));
    if (!found)
        return IC_ERR_DENIED;
    IC_TRY(note_use(id, &t));
    *out = t;
    return IC_OK;
}

ic_err icd_admin_token_remove(struct icd_identity *id, int64_t org, struct ic_view token_id,
                              uint64_t *count)
{
    uint64_t changed = 0;
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(
        id->store,
        "WITH RECURSIVE gone(id) AS (SELECT id FROM admin_tokens WHERE id = $1 AND org = $2"
        " UNION SELECT t.id FROM admin_tokens t JOIN gone g ON t.made_by = 'token:' || g.id"
        " WHERE t.org = $3)"
        " DELETE FROM admin_tokens WHERE id IN (SELECT id FROM gone)",
        &changed, ICD_PARAMS(ICD_TEXT(token_id), ICD_INT(org), ICD_INT(org))));
    if (!changed)
        return IC_ERR_NOT_FOUND;
    *count = changed;
    return IC_OK;
}

ic_err icd_admin_token_list(struct icd_identity *id, int64_t org, icd_admin_token_each *each,
                            void *ctx)
{
    struct icd_rows rows;
    struct icd_admin_token t;
    ic_err e = IC_OK;
    uint64_t since = id->now_ms > KEPT_MS ? id->now_ms - KEPT_MS : 0;
    IC_TRY(icd_store_query(
        id->store,
        "SELECT id, org, name, scopes, made_by, created_ms, end_ms, used_ms FROM admin_tokens"
        " WHERE org = $1 AND end_ms > $2 ORDER BY created_ms DESC, id",
        &rows, ICD_PARAMS(ICD_INT(org), ICD_INT(since))));
    while (e == IC_OK && icd_rows_next(&rows)) {
        read_row(&rows, &t);
        e = each(ctx, &t);
    }
    ic_err end = icd_rows_end(&rows);
    return e != IC_OK ? e : end;
}
