#include "identity/logs.h"

#include "identity/profile.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

ic_err icc_logs_trust(struct icc_trust *out, char *why, size_t why_len)
{
    IC_BUF_SCOPE(text, ICC_PROFILE_FILE_MAX);
    IC_TRY(icc_profile_read("trust.json", &text));
    return icc_trust_parse(ic_buf_view(&text), out, why, why_len);
}

/* Each of the organisation's own roots, and each of its logs. */
static ic_err add_all(struct ic_together_logs *l, const struct icc_trust *t)
{
    for (size_t r = 0; r < t->root_count; r++) {
        for (size_t i = 0; i < t->log_count && t->roots[r].kind == ICC_TRUST_INTERNAL; i++) {
            struct ic_merkle_log log = {t->logs[i].sig,
                                        ic_view(t->logs[i].key, t->logs[i].key_len)};
            IC_TRY(ic_together_logs_add(l, t->roots[r].fingerprint, &log));
        }
    }
    return IC_OK;
}

/* What the profile has of heads; empty where nothing was kept. */
static ic_err read_heads(struct ic_buf *out, char *why, size_t why_len)
{
    ic_err e = icc_profile_read("heads", out);
    if (e == IC_OK || e == IC_ERR_NOT_FOUND)
        return IC_OK;
    snprintf(why, why_len, "heads in the profile cannot be read: %s", ic_err_text(e));
    return e;
}

static ic_err damaged(ic_err e, char *why, size_t why_len)
{
    if (e != IC_OK)
        snprintf(why, why_len,
                 "heads in the profile, what logs showed this device before, is damaged: %s",
                 ic_err_text(e));
    return e;
}

static ic_err load_heads(struct ic_together_logs *l, char *why, size_t why_len)
{
    IC_BUF_SCOPE(kept, IC_MERKLE_HEADS_MAX);
    IC_TRY(read_heads(&kept, why, why_len));
    return kept.len ? damaged(ic_together_logs_load(l, ic_buf_view(&kept)), why, why_len) : IC_OK;
}

ic_err icc_heads_load(struct ic_merkle_heads **out, char *why, size_t why_len)
{
    IC_BUF_SCOPE(kept, IC_MERKLE_HEADS_MAX);
    struct ic_merkle_heads *h;
    IC_TRY(read_heads(&kept, why, why_len));
    IC_TRY(ic_merkle_heads_new(&h));
    ic_err e =
        kept.len ? damaged(ic_merkle_heads_decode(h, ic_buf_view(&kept)), why, why_len) : IC_OK;
    if (e != IC_OK)
        ic_merkle_heads_free(h);
    else
        *out = h;
    return e;
}

ic_err icc_heads_keep(const struct ic_merkle_heads *heads)
{
    IC_BUF_SCOPE(b, IC_MERKLE_HEADS_MAX);
    IC_TRY(ic_merkle_heads_encode(heads, &b));
    return icc_profile_write("heads", ic_buf_view(&b));
}

static ic_err open_with(const struct icc_trust *t, struct ic_together_logs **out, char *why,
                        size_t why_len)
{
    struct ic_together_logs *l = NULL;
    if (t->log_count == 0)
        return IC_OK;
    IC_TRY(ic_together_logs_new(&l));
    ic_err e = add_all(l, t);
    if (e == IC_OK)
        e = load_heads(l, why, why_len);
    if (e != IC_OK)
        ic_together_logs_free(l);
    else
        *out = l;
    return e;
}

ic_err icc_logs_open(struct ic_together_logs **out, char *why, size_t why_len)
{
    struct icc_trust trust = {0};
    *out = NULL;
    ic_err e = icc_logs_trust(&trust, why, why_len);
    if (e == IC_ERR_NOT_FOUND)
        return IC_OK;
    if (e == IC_OK)
        e = open_with(&trust, out, why, why_len);
    icc_trust_clear(&trust);
    return e;
}

ic_err icc_logs_keep(const struct ic_together_logs *logs)
{
    IC_BUF_SCOPE(b, IC_MERKLE_HEADS_MAX);
    IC_TRY(ic_together_logs_save(logs, &b));
    return icc_profile_write("heads", ic_buf_view(&b));
}

ic_err icc_logs_server(char out[ICC_LOGS_SERVER])
{
    struct icc_enrolment e;
    char why[200];
    IC_TRY(icc_enrolment_load(&e, why, sizeof why));
    memcpy(out, e.server, ICC_LOGS_SERVER);
    icc_enrolment_clear(&e);
    return IC_OK;
}
