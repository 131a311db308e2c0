#include "identity/audit.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

ic_err icc_audit_new(struct icc_audit **out)
{
    struct icc_audit *a = ic_new(struct icc_audit);
    if (!a)
        return IC_ERR_NOMEM;
    *out = a;
    return IC_OK;
}

void icc_audit_free(struct icc_audit *a)
{
    if (!a)
        return;
    for (size_t i = 0; i < a->found_count; i++)
        ic_buf_clear(&a->found[i].der);
    ic_free(a->found);
    ic_free(a);
}

__attribute__((format(printf, 3, 4))) static void alarm(struct icc_audit *a, const char *rule,
                                                        const char *format, ...)
{
    va_list list;
    if (a->alarm_count == ICC_AUDIT_ALARMS)
        return;
    struct icc_audit_alarm *m = &a->alarms[a->alarm_count++];
    m->rule = rule;
    va_start(list, format);
    vsnprintf(m->text, sizeof m->text, format, list);
    va_end(list);
}

/* ---- whose names ---- */

ic_err icc_audit_name(struct icc_audit *a, enum ic_pki_name_kind kind, struct ic_view name)
{
    struct ic_pki_name n = {kind, name};
    struct ic_merkle_hash label;
    IC_TRY(ic_merkle_label(&n, &label));
    for (size_t i = 0; i < a->name_count; i++)
        if (ic_merkle_hash_equal(&a->names[i], &label))
            return IC_OK;
    if (a->name_count == ICC_AUDIT_NAMES)
        return IC_ERR_LIMIT;
    a->names[a->name_count++] = label;
    return IC_OK;
}

ic_err icc_audit_names_of(struct icc_audit *a, const struct ic_pki_cert *c)
{
    struct ic_reader r = ic_reader(c->names);
    struct ic_pki_name name;
    while (ic_pki_names_next(&r, &name)) {
        ic_err e = icc_audit_name(a, name.kind, name.value);
        if (e != IC_OK && e != IC_ERR_ARG)
            return e;
    }
    return IC_OK;
}

static bool is_own(const struct icc_audit *a, const struct ic_merkle_entry *e)
{
    for (size_t i = 0; i < a->name_count; i++)
        if (ic_merkle_entry_has(e, &a->names[i]))
            return true;
    return false;
}

/* ---- answers ---- */

static ic_err bytes_of(const json_t *text, struct ic_buf *out)
{
    if (!json_is_string(text))
        return IC_ERR_MALFORMED;
    return ic_base64_decode(IC_BASE64_URL,
                            ic_view(json_string_value(text), json_string_length(text)), out);
}

/* One field of an answer, as bytes. */
static ic_err ask(const struct icc_audit_source *s, const char *path, const char *field,
                  struct ic_buf *out)
{
    json_t *o = NULL;
    IC_TRY(s->get(s->ctx, path, &o));
    ic_err e = bytes_of(json_object_get(o, field), out);
    json_decref(o);
    return e;
}

/* ---- the head, and what was seen before ---- */

static ic_err take_head(struct icc_audit *a, const struct icc_audit_source *s,
                        const struct icc_trust *trust)
{
    IC_BUF_SCOPE(b, IC_MERKLE_HEAD_MAX);
    struct ic_merkle_log logs[ICC_TRUST_LOGS_MAX];
    IC_TRY(ask(s, "head", "head", &b));
    IC_TRY(ic_merkle_head_decode(ic_buf_view(&b), &a->head));
    for (size_t i = 0; i < trust->log_count; i++)
        logs[i] = (struct ic_merkle_log){trust->logs[i].sig,
                                         ic_view(trust->logs[i].key, trust->logs[i].key_len)};
    ic_err e = ic_merkle_head_check_any(logs, trust->log_count, &a->head, NULL);
    a->head_good = e == IC_OK;
    if (e == IC_ERR_UNKNOWN_KEY)
        alarm(a, "log-signature", "the log is not the one that this device agreed to");
    else if (e != IC_OK)
        alarm(a, "log-signature", "the log's signature on its own head is wrong");
    return IC_OK;
}

static ic_err prove(struct icc_audit *a, const struct icc_audit_source *s,
                    struct ic_merkle_heads *heads, const struct ic_merkle_ask *what)
{
    char path[96];
    IC_BUF_SCOPE(b, 2 + IC_MERKLE_PATH_MAX * IC_MERKLE_HASH_LEN);
    struct ic_merkle_path proof;
    enum ic_merkle_verdict verdict;
    snprintf(path, sizeof path, "consistency?first=%llu&second=%llu",
             (unsigned long long)what->first, (unsigned long long)what->second);
    ic_err e = ask(s, path, "path", &b);
    if (e == IC_OK)
        e = ic_merkle_path_decode(ic_buf_view(&b), &proof);
    if (e == IC_OK)
        e = ic_merkle_heads_prove(heads, what, &proof, &verdict);
    if (e == IC_ERR_IO || e == IC_ERR_NOMEM || e == IC_ERR_TIMEOUT)
        return e;
    if (e != IC_OK)
        alarm(a, "log-withholds",
              "the log does not prove that its %llu entries begin with the %llu of before",
              (unsigned long long)what->second, (unsigned long long)what->first);
    return IC_OK;
}

static ic_err hold_to_its_word(struct icc_audit *a, const struct icc_audit_source *s,
                               struct ic_merkle_heads *heads, uint64_t now_ms)
{
    enum ic_merkle_verdict verdict;
    struct ic_merkle_ask what;
    const struct ic_merkle_head *before = ic_merkle_heads_newest(heads, &a->head.log);
    a->first = !before;
    IC_TRY(ic_merkle_heads_see(heads, &a->head, now_ms, &verdict));
    if (verdict == IC_MERKLE_FORKED)
        alarm(a, "log-fork",
              "the log has shown different lists of one length: what it says is worth nothing");
    while (ic_merkle_heads_next(heads, now_ms, &what))
        if (ic_merkle_hash_equal(&what.log, &a->head.log))
            IC_TRY(prove(a, s, heads, &what));
    /* A log that shows an older head than it did would hide what came since. */
    const struct ic_merkle_head *newest = ic_merkle_heads_newest(heads, &a->head.log);
    if (newest->size > a->head.size)
        a->head = *newest;
    return IC_OK;
}

/* ---- all entries ---- */

static ic_err keep_found(struct icc_audit *a, uint64_t index, const struct ic_merkle_entry *e)
{
    if (a->found_count == a->found_cap) {
        size_t cap = a->found_cap ? 2 * a->found_cap : 16;
        if (cap > ICC_AUDIT_FOUND)
            return IC_ERR_LIMIT;
        struct icc_audit_found *grown = ic_realloc(a->found, cap, sizeof *grown);
        if (!grown)
            return IC_ERR_NOMEM;
        a->found = grown;
        a->found_cap = cap;
    }
    struct icc_audit_found *f = &a->found[a->found_count++];
    *f = (struct icc_audit_found){.index = index, .entry = *e};
    ic_buf_init(&f->der, IC_PKI_CERT_MAX);
    return IC_OK;
}

static ic_err take_entry(struct icc_audit *a, const json_t *text, struct ic_merkle_edge *edge)
{
    IC_BUF_SCOPE(b, IC_MERKLE_ENTRY_MAX);
    struct ic_merkle_entry e;
    struct ic_merkle_hash leaf;
    IC_TRY(bytes_of(text, &b));
    ic_merkle_leaf_hash(ic_buf_view(&b), &leaf);
    if (ic_merkle_entry_decode(ic_buf_view(&b), &e) != IC_OK)
        alarm(a, "log-entry", "entry %llu of the log cannot be read",
              (unsigned long long)edge->size);
    else if (is_own(a, &e))
        IC_TRY(keep_found(a, edge->size, &e));
    return ic_merkle_edge_append(edge, &leaf, NULL);
}

/* False where the log gave nothing more. */
static ic_err take_page(struct icc_audit *a, const struct icc_audit_source *s,
                        struct ic_merkle_edge *edge, bool *more)
{
    char path[64];
    json_t *o = NULL;
    snprintf(path, sizeof path, "entries?from=%llu&count=%d", (unsigned long long)edge->size,
             ICC_AUDIT_PAGE);
    IC_TRY(s->get(s->ctx, path, &o));
    const json_t *list = json_object_get(o, "entries");
    size_t n = json_array_size(list);
    ic_err e = json_is_array(list) ? IC_OK : IC_ERR_MALFORMED;
    for (size_t i = 0; e == IC_OK && i < n && edge->size < a->head.size; i++)
        e = take_entry(a, json_array_get(list, i), edge);
    *more = n > 0;
    json_decref(o);
    return e;
}

static ic_err read_all(struct icc_audit *a, const struct icc_audit_source *s)
{
    struct ic_merkle_edge edge = {0};
    struct ic_merkle_hash root;
    for (bool more = true; more && edge.size < a->head.size;)
        IC_TRY(take_page(a, s, &edge, &more));
    a->read = edge.size;
    ic_merkle_edge_root(&edge, &root);
    if (edge.size < a->head.size)
        alarm(a, "log-withholds", "the log has signed for %llu entries, and gives %llu",
              (unsigned long long)a->head.size, (unsigned long long)edge.size);
    else if (!ic_merkle_hash_equal(&root, &a->head.root))
        alarm(a, "log-root", "the entries that the log gives are not those that it signed for");
    return IC_OK;
}

/* ---- the certificates ---- */

static bool is_of(const struct ic_merkle_entry *entry, struct ic_view der)
{
    struct ic_pki_cert c, issuer = {0};
    struct ic_merkle_entry made;
    struct ic_merkle_hash a, b;
    if (ic_pki_cert_decode(der, &c, NULL) != IC_OK)
        return false;
    memcpy(issuer.fingerprint, entry->issuer.bytes, sizeof issuer.fingerprint);
    if (ic_merkle_entry_of(&c, &issuer, entry->time_ms, &made) != IC_OK)
        return false;
    ic_merkle_entry_hash(entry, &a);
    ic_merkle_entry_hash(&made, &b);
    return ic_merkle_hash_equal(&a, &b);
}

static ic_err fetch(struct icc_audit *a, const struct icc_audit_source *s,
                    struct icc_audit_found *f)
{
    char hex[2 * IC_MERKLE_HASH_LEN + 1], path[100];
    ic_hex_encode(ic_merkle_hash_view(&f->entry.certificate), hex);
    snprintf(path, sizeof path, "certificate?hash=%s", hex);
    ic_err e = ask(s, path, "certificate", &f->der);
    if (e == IC_ERR_NOT_FOUND) {
        alarm(a, "certificate-withheld",
              "entry %llu bears your name, and its certificate is kept from you",
              (unsigned long long)f->index);
        return IC_OK;
    }
    IC_TRY(e);
    if (is_of(&f->entry, ic_buf_view(&f->der)))
        return IC_OK;
    alarm(a, "certificate-other", "what is given as the certificate of entry %llu is another one",
          (unsigned long long)f->index);
    ic_buf_reset(&f->der);
    return IC_OK;
}

ic_err icc_audit_run(struct icc_audit *a, const struct icc_audit_source *source,
                     const struct icc_trust *trust, struct ic_merkle_heads *heads, uint64_t now_ms)
{
    IC_TRY(take_head(a, source, trust));
    if (a->head_good)
        IC_TRY(hold_to_its_word(a, source, heads, now_ms));
    IC_TRY(read_all(a, source));
    for (size_t i = 0; i < a->found_count; i++)
        IC_TRY(fetch(a, source, &a->found[i]));
    return IC_OK;
}
