#include "identity/tlog/private.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <stdio.h>

/* The key must be the one that signed before, and the tree the one that was signed: another key, or a database put
 * back from before, would make this log prove itself a liar. */
static ic_err check(struct icd_identity *id, const struct icd_tlog_state *s, char *why)
{
    struct ic_merkle_hash root;
    ic_merkle_edge_root(&s->edge, &root);
    if (!s->has_head)
        return IC_OK;
    if (!ic_merkle_hash_equal(&s->head.log, &id->tlog->log)) {
        snprintf(why, ICD_IDENTITY_WHY,
                 "%s/log.key is not the key that signed the log in identity.db", id->seam.data_dir);
        return IC_ERR_KEY;
    }
    if (s->head.size > s->edge.size ||
        (s->head.size == s->edge.size && !ic_merkle_hash_equal(&s->head.root, &root))) {
        snprintf(why, ICD_IDENTITY_WHY,
                 "identity.db: the log's tree is not the one that was signed");
        return IC_ERR_STATE;
    }
    return IC_OK;
}

static ic_err start(struct icd_identity *id, char *why)
{
    struct icd_tlog_state s;
    IC_TRY(icd_tlog_load(id, &s));
    id->tlog = ic_new(struct icd_tlog);
    if (!id->tlog)
        return IC_ERR_NOMEM;
    ic_err e = icd_tlog_key(id->seam.data_dir, !s.has_head, &id->rand, &id->tlog->key, why);
    if (e == IC_ERR_NOT_FOUND)
        snprintf(why, ICD_IDENTITY_WHY,
                 "%s/log.key is missing, and the log in identity.db is signed with it",
                 id->seam.data_dir);
    IC_TRY(e);
    struct ic_merkle_log log = {ic_sign_key_id(id->tlog->key), ic_sign_key_public(id->tlog->key)};
    ic_merkle_log_id(&log, &id->tlog->log);
    return check(id, &s, why);
}

static void stop(struct icd_identity *id)
{
    if (id->tlog)
        ic_sign_key_free(id->tlog->key);
    ic_free(id->tlog);
    id->tlog = NULL;
}

json_t *icd_tlog_trust(const struct icd_identity *id)
{
    char key[2 * IC_SIG_PUBLIC_MAX];
    ic_base64_encode(IC_BASE64_URL, ic_sign_key_public(id->tlog->key), key);
    return json_pack("[{s:s, s:i}]", "key", key, "sig", (int)ic_sign_key_id(id->tlog->key));
}

const struct icd_part icd_tlog_part = {.name = "tlog",
                                       .schema = icd_tlog_schema,
                                       .routes = icd_tlog_routes,
                                       .route_count = ICD_TLOG_ROUTES,
                                       .start = start,
                                       .stop = stop};
