#include "identity/trust.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/crypto/sign.h>
#include <ic/pki/pem.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static ic_err say(char *why, size_t len, ic_err e, const char *what, const char *more)
{
    snprintf(why, len, "the organisation's trust list: %s%s%s", what, more[0] ? ": " : "", more);
    return e;
}

/* Plain text that fits, or nothing of it. */
static bool take_text(const json_t *v, char *out, size_t len)
{
    size_t n = json_string_length(v);
    if (!v || json_is_null(v)) {
        out[0] = 0;
        return true;
    }
    if (!json_is_string(v) || n >= len || !ic_view_is_text(ic_view(json_string_value(v), n)))
        return false;
    memcpy(out, json_string_value(v), n + 1);
    return true;
}

static ic_err take_root(const json_t *pem, enum icc_trust_kind kind, struct icc_trust *t, char *why,
                        size_t why_len)
{
    struct ic_view rest = ic_view(json_string_value(pem), json_string_length(pem));
    struct ic_pki_cert cert;
    struct ic_pki_fault fault = {.text = ""};
    if (!json_is_string(pem))
        return say(why, why_len, IC_ERR_MALFORMED, "a root is no text", "");
    if (t->root_count == ICC_TRUST_ROOTS_MAX)
        return say(why, why_len, IC_ERR_LIMIT, "too many roots", "");
    struct icc_trust_root *r = &t->roots[t->root_count++];
    r->kind = kind;
    ic_buf_init(&r->der, IC_PKI_CERT_MAX);
    ic_err e = ic_pki_pem_next(&rest, "CERTIFICATE", &r->der);
    if (e == IC_OK)
        e = ic_pki_cert_decode(ic_buf_view(&r->der), &cert, &fault);
    if (e == IC_OK && !cert.is_ca)
        e = IC_ERR_DENIED;
    if (e != IC_OK)
        return say(why, why_len, e == IC_ERR_NOT_FOUND ? IC_ERR_MALFORMED : e,
                   "a root is no authority's certificate", fault.text);
    memcpy(r->fingerprint, cert.fingerprint, sizeof r->fingerprint);
    ic_pki_common_name(cert.subject, r->name, sizeof r->name);
    return IC_OK;
}

static ic_err take_log(const json_t *log, struct icc_trust *t)
{
    const json_t *key = json_object_get(log, "key"), *sig = json_object_get(log, "sig");
    struct icc_trust_log *l = &t->logs[t->log_count];
    IC_BUF_SCOPE(raw, IC_SIG_PUBLIC_MAX);
    if (t->log_count == ICC_TRUST_LOGS_MAX)
        return IC_ERR_LIMIT;
    if (!json_is_string(key) || !json_is_integer(sig))
        return IC_ERR_MALFORMED;
    IC_TRY(ic_base64_decode(IC_BASE64_URL, ic_view(json_string_value(key), json_string_length(key)),
                            &raw));
    json_int_t id = json_integer_value(sig);
    if (id < 0 || id > UINT16_MAX)
        return IC_ERR_RANGE;
    l->sig = (enum ic_sig_id)id;
    IC_TRY(ic_verify_key_check(l->sig, ic_buf_view(&raw)));
    memcpy(l->key, raw.p, raw.len);
    l->key_len = raw.len;
    t->log_count++;
    return IC_OK;
}

static ic_err take_all(const json_t *o, struct icc_trust *t, char *why, size_t why_len)
{
    size_t i;
    json_t *v;
    if (!json_is_object(o) ||
        !take_text(json_object_get(o, "organisation"), t->organisation, sizeof t->organisation) ||
        !take_text(json_object_get(o, "crl"), t->crl, sizeof t->crl) ||
        !take_text(json_object_get(o, "ocsp"), t->ocsp, sizeof t->ocsp))
        return say(why, why_len, IC_ERR_MALFORMED, "it is not understood", "");
    json_array_foreach(json_object_get(o, "roots"), i, v)
        IC_TRY(take_root(v, ICC_TRUST_INTERNAL, t, why, why_len));
    json_array_foreach(json_object_get(o, "external_roots"), i, v)
        IC_TRY(take_root(json_object_get(v, "pem"), ICC_TRUST_EXTERNAL, t, why, why_len));
    json_array_foreach(json_object_get(o, "logs"), i, v)
    {
        ic_err e = take_log(v, t);
        if (e != IC_OK)
            return say(why, why_len, e, "a log's key is none", "");
    }
    return IC_OK;
}

ic_err icc_trust_parse(struct ic_view json, struct icc_trust *out, char *why, size_t why_len)
{
    struct icc_trust *t IC_AUTOFREE = ic_new(struct icc_trust);
    if (!t)
        return IC_ERR_NOMEM;
    json_t *o = json_loadb((const char *)json.p, json.len, JSON_REJECT_DUPLICATES, NULL);
    ic_err e = take_all(o, t, why, why_len);
    json_decref(o);
    if (e == IC_OK)
        *out = *t;
    else
        icc_trust_clear(t);
    return e;
}

void icc_trust_clear(struct icc_trust *t)
{
    for (size_t i = 0; i < t->root_count; i++)
        ic_buf_clear(&t->roots[i].der);
    *t = (struct icc_trust){0};
}

size_t icc_trust_count(const struct icc_trust *t, enum icc_trust_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < t->root_count; i++)
        n += t->roots[i].kind == kind;
    return n;
}

ic_err icc_trust_add(const struct icc_trust *t, enum icc_trust_kind kind, struct ic_pki_store *s)
{
    for (size_t i = 0; i < t->root_count; i++) {
        if (t->roots[i].kind != kind)
            continue;
        ic_err e = ic_pki_store_add_root(s, ic_buf_view(&t->roots[i].der), NULL);
        if (e != IC_OK && e != IC_ERR_EXISTS)
            return e;
    }
    return IC_OK;
}

bool icc_trust_has(const struct icc_trust *t, const struct icc_trust_root *root)
{
    for (size_t i = 0; i < t->root_count; i++)
        if (t->roots[i].kind == root->kind &&
            memcmp(t->roots[i].fingerprint, root->fingerprint, sizeof root->fingerprint) == 0)
            return true;
    return false;
}

bool icc_trust_has_log(const struct icc_trust *t, const struct icc_trust_log *log)
{
    for (size_t i = 0; i < t->log_count; i++)
        if (t->logs[i].sig == log->sig && ic_view_equal(ic_view(t->logs[i].key, t->logs[i].key_len),
                                                        ic_view(log->key, log->key_len)))
            return true;
    return false;
}

/* All that a has is in b. */
static bool within(const struct icc_trust *a, const struct icc_trust *b)
{
    for (size_t i = 0; i < a->root_count; i++)
        if (!icc_trust_has(b, &a->roots[i]))
            return false;
    for (size_t i = 0; i < a->log_count; i++)
        if (!icc_trust_has_log(b, &a->logs[i]))
            return false;
    return true;
}

bool icc_trust_equal(const struct icc_trust *a, const struct icc_trust *b)
{
    return within(a, b) && within(b, a) && strcmp(a->crl, b->crl) == 0 &&
           strcmp(a->ocsp, b->ocsp) == 0;
}
