#include "identity/logs.h"

#include "identity/profile.h"

#include <ic/base/mem.h>
#include <jansson.h>
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

static ic_err load_heads(struct ic_together_logs *l, char *why, size_t why_len)
{
    IC_BUF_SCOPE(kept, IC_MERKLE_HEADS_MAX);
    ic_err e = icc_profile_read("heads", &kept);
    if (e == IC_ERR_NOT_FOUND)
        return IC_OK;
    if (e == IC_OK)
        e = ic_together_logs_load(l, ic_buf_view(&kept));
    if (e != IC_OK)
        snprintf(why, why_len,
                 "heads in the profile, what logs showed this device before, cannot be read: %s",
                 ic_err_text(e));
    return e;
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
    IC_BUF_SCOPE(text, ICC_PROFILE_FILE_MAX);
    IC_TRY(icc_profile_read("enrolment.json", &text));
    json_t *o = json_loadb((const char *)text.p, text.len, 0, NULL);
    const char *server = json_string_value(json_object_get(o, "server"));
    ic_err e = !server                             ? IC_ERR_NOT_FOUND
               : strlen(server) >= ICC_LOGS_SERVER ? IC_ERR_LIMIT
                                                   : IC_OK;
    if (e == IC_OK)
        snprintf(out, ICC_LOGS_SERVER, "%s", server);
    json_decref(o);
    return e;
}
