#include "identity/consent.h"

#include "base/ask.h"
#include "identity/profile.h"
#include "identity/trust.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/merkle/head.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_root(const char *what, const struct icc_trust_root *r)
{
    char hex[2 * IC_PKI_FINGERPRINT_LEN + 1];
    ic_hex_encode(IC_VIEW_ARRAY(r->fingerprint), hex);
    printf("  %s%s%s\n    SHA-256 %.32s\n            %s\n", what, r->name,
           r->kind == ICC_TRUST_EXTERNAL ? " (of others, which your organisation accepts)" : "",
           hex, hex + 32);
}

/* A log is named by what its heads call it: SHA-256 of its key. */
static void print_log(const char *what, const struct icc_trust_log *l)
{
    const struct ic_merkle_log log = {.key = ic_view(l->key, l->key_len), .sig = l->sig};
    struct ic_merkle_hash id;
    char hex[2 * IC_MERKLE_HASH_LEN + 1];
    ic_merkle_log_id(&log, &id);
    ic_hex_encode(ic_merkle_hash_view(&id), hex);
    printf("  %sLog of certificates\n    SHA-256 %.32s\n            %s\n", what, hex, hex + 32);
}

static void print_address(const char *name, const char *now, const char *former)
{
    if (strcmp(now, former) == 0)
        return;
    if (now[0])
        printf("  NEW: %s %s\n", name, now);
    if (former[0])
        printf("  GONE: %s %s\n", name, former);
}

static void print_logs(const struct icc_trust *now, const struct icc_trust *former)
{
    for (size_t i = 0; i < now->log_count; i++)
        if (!icc_trust_has_log(former, &now->logs[i]))
            print_log("NEW: ", &now->logs[i]);
    for (size_t i = 0; i < former->log_count; i++)
        if (!icc_trust_has_log(now, &former->logs[i]))
            print_log("GONE: ", &former->logs[i]);
}

/* At first the roots alone: nobody has other digits of logs to hold theirs against. */
static void print_change(const struct icc_trust *now, const struct icc_trust *former, bool first)
{
    for (size_t i = 0; i < now->root_count; i++)
        if (!icc_trust_has(former, &now->roots[i]))
            print_root(first ? "" : "NEW: ", &now->roots[i]);
    for (size_t i = 0; i < former->root_count; i++)
        if (!icc_trust_has(now, &former->roots[i]))
            print_root("GONE: ", &former->roots[i]);
    if (first)
        return;
    print_logs(now, former);
    print_address("Revocation list", now->crl, former->crl);
    print_address("Revocation answers (OCSP)", now->ocsp, former->ocsp);
}

static ic_err ask(const struct icc_trust *now, const struct icc_trust *former, bool agreed,
                  char *why, size_t why_len)
{
    bool first = former->root_count == 0 && former->log_count == 0;
    printf(first ? "%s asks you to trust, for verified names:\n"
                 : "%s has other authorities, logs or revocation lists than you agreed to:\n",
           now->organisation[0] ? now->organisation : "The server");
    print_change(now, former, first);
    fflush(stdout);
    if (agreed || icc_ask_yes(first ? "Trust them? An administrator can tell you the digits. [y/N] "
                                    : "Trust that? Ask an administrator why it changed. [y/N] "))
        return IC_OK;
    snprintf(why, why_len,
             "the organisation's authorities were not agreed to, and nothing was changed "
             "(--accept-roots agrees without being asked)");
    return IC_ERR_DENIED;
}

ic_err icc_consent_trust(struct ic_view json, bool agreed, char *why, size_t why_len)
{
    struct icc_trust *both IC_AUTOFREE = ic_new_array(2, struct icc_trust);
    IC_BUF_SCOPE(text, ICC_PROFILE_FILE_MAX);
    if (!both)
        return IC_ERR_NOMEM;
    IC_TRY(icc_trust_parse(json, &both[0], why, why_len));
    ic_err e = icc_profile_read("trust.json", &text);
    if (e == IC_OK)
        e = icc_trust_parse(ic_buf_view(&text), &both[1], why, why_len);
    else if (e == IC_ERR_NOT_FOUND)
        e = IC_OK;
    if (e == IC_OK && (text.len == 0 || !icc_trust_equal(&both[0], &both[1])))
        e = ask(&both[0], &both[1], agreed, why, why_len);
    icc_trust_clear(&both[0]);
    icc_trust_clear(&both[1]);
    return e;
}

ic_err icc_consent_complete(struct ic_view json, struct ic_buf *out)
{
    IC_BUF_SCOPE(text, ICC_PROFILE_FILE_MAX);
    ic_err e = icc_profile_read("trust.json", &text);
    if (e != IC_OK && e != IC_ERR_NOT_FOUND)
        return e;
    json_t *now = json_loadb((const char *)json.p, json.len, JSON_REJECT_DUPLICATES, NULL);
    json_t *former = json_loadb((const char *)text.p, text.len, 0, NULL);
    static const char *const kept[] = {"external_roots", "organisation"};
    for (size_t i = 0; i < IC_ARRAY_LEN(kept); i++)
        if (json_object_get(former, kept[i]))
            json_object_set(now, kept[i], json_object_get(former, kept[i]));
    char *made = json_is_object(now) ? json_dumps(now, JSON_COMPACT) : NULL;
    e = made ? ic_buf_append(out, ic_view_cstr(made)) : IC_ERR_MALFORMED;
    free(made);
    json_decref(now);
    json_decref(former);
    return e;
}
