#include "core/live.h"
#include "meetings/meetings.h"

#include <ic/base/secret.h>
#include <ic/base/text.h>
#include <ic/crypto/hash.h>
#include <string.h>

enum { TOKEN_BYTES = 33 }; /* 44 characters */

/* The store never sees a token: who reads it cannot make meetings. Random, so a plain hash is enough. */
static void token_hash(struct ic_view token, uint8_t out[IC_HASH_MAX])
{
    ic_hash_once(IC_SHA256, token, out);
}

static ic_err new_token(struct icd_core *core, char *token, uint8_t hash[IC_HASH_MAX])
{
    uint8_t bytes[TOKEN_BYTES];
    IC_TRY(ic_rand_fill(&core->config.rand, bytes, sizeof bytes));
    memcpy(token, "ict_", 4);
    ic_base64_encode(IC_BASE64_URL, IC_VIEW_ARRAY(bytes), token + 4);
    token_hash(ic_view(token, ICD_TOKEN_LEN), hash);
    return IC_OK;
}

ic_err icd_orgs_create(struct icd_core *core, struct ic_view name, char *token, int64_t *org)
{
    uint8_t hash[IC_HASH_MAX];
    if (name.len == 0 || name.len > ICD_ORG_NAME_MAX || !ic_view_is_text(name))
        return IC_ERR_RANGE;
    IC_TRY(icd_write_begin(core));
    IC_TRY(new_token(core, token, hash));
    ic_err e = icd_store_exec(
        core->store, "INSERT INTO orgs(name, token_hash, created_ms) VALUES($1, $2, $3)", NULL,
        ICD_PARAMS(ICD_TEXT(name), ICD_BLOB(ic_view(hash, 32)), ICD_INT(core->now_ms)));
    if (e != IC_OK) {
        icd_write_undo(core);
        return e;
    }
    return icd_store_int(core->store, "SELECT id FROM orgs WHERE name = $1", org,
                         ICD_PARAMS(ICD_TEXT(name)));
}

ic_err icd_orgs_renew(struct icd_core *core, struct ic_view name, char *token)
{
    uint8_t hash[IC_HASH_MAX];
    uint64_t changed = 0;
    IC_TRY(icd_write_begin(core));
    IC_TRY(new_token(core, token, hash));
    IC_TRY(icd_store_exec(core->store, "UPDATE orgs SET token_hash = $1 WHERE name = $2", &changed,
                          ICD_PARAMS(ICD_BLOB(ic_view(hash, 32)), ICD_TEXT(name))));
    return changed ? IC_OK : IC_ERR_NOT_FOUND;
}

ic_err icd_orgs_open(struct icd_core *core, struct ic_view name, int64_t *org)
{
    char token[ICD_TOKEN_LEN + 1];
    ic_err e = icd_store_int(core->store, "SELECT id FROM orgs WHERE name = $1", org,
                             ICD_PARAMS(ICD_TEXT(name)));
    if (e != IC_ERR_NOT_FOUND)
        return e;
    e = icd_orgs_create(core, name, token, org);
    ic_wipe(token, sizeof token);
    return e;
}

ic_err icd_orgs_find(struct icd_core *core, struct ic_view token, int64_t *org)
{
    uint8_t hash[IC_HASH_MAX];
    if (token.len != ICD_TOKEN_LEN)
        return IC_ERR_DENIED;
    token_hash(token, hash);
    ic_err e = icd_store_int(core->store, "SELECT id FROM orgs WHERE token_hash = $1", org,
                             ICD_PARAMS(ICD_BLOB(ic_view(hash, 32))));
    return e == IC_ERR_NOT_FOUND ? IC_ERR_DENIED : e;
}

ic_err icd_orgs_name(struct icd_core *core, int64_t org, char *name)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(core->store, "SELECT name FROM orgs WHERE id = $1", &rows,
                           ICD_PARAMS(ICD_INT(org))));
    bool found = icd_rows_next(&rows) && icd_rows_bytes(&rows, 0).len <= ICD_ORG_NAME_MAX;
    if (found) {
        struct ic_view v = icd_rows_bytes(&rows, 0);
        memcpy(name, v.p, v.len);
        name[v.len] = '\0';
    }
    IC_TRY(icd_rows_end(&rows));
    return found ? IC_OK : IC_ERR_NOT_FOUND;
}
