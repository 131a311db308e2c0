/* An auditor before logs that are honest, and before those that are not. */
#include "identity/audit.h"

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/base/text.h>
#include <keeper.h>
#include <maker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 40, NOW_MS = 5000 };

/* A server: what it keeps, and what it does wrong. */
struct shop {
    struct maker m;
    struct maker_key *ca;
    struct ic_pki_cert root;
    struct ic_sign_key *key;
    struct keeper log;
    struct ic_merkle_entry entry[ENTRIES];
    struct ic_view der[ENTRIES]; /* empty: somebody's */
    size_t count;
    struct icc_trust trust;
    struct ic_merkle_heads *heads;
    struct icc_audit *audit;
    /* Misdeeds; SIZE_MAX: none. */
    size_t drop, hide, swap; /* entry left out; certificate not given; another given */
    bool mute;               /* gives no proof of consistency */
    uint64_t old;            /* shows the head of so many; 0: the newest */
    unsigned asked;
};

static void shop_clear(struct shop *s)
{
    maker_clear(&s->m);
    ic_sign_key_free(s->key);
    ic_merkle_heads_free(s->heads);
    icc_audit_free(s->audit);
}

static void put(struct shop *s, const struct ic_merkle_entry *e, struct ic_view der)
{
    struct ic_merkle_hash leaf;
    s->entry[s->count] = *e;
    s->der[s->count++] = der;
    ic_merkle_entry_hash(e, &leaf);
    keeper_put(&s->log, &leaf);
}

static void others(struct shop *s, unsigned n, uint8_t salt)
{
    while (n--) {
        struct ic_merkle_entry e = {.time_ms = s->count, .label_count = 1};
        e.label[0].bytes[0] = (uint8_t)(s->count + 1);
        e.label[0].bytes[1] = salt;
        put(s, &e, ic_view(NULL, 0));
    }
}

/* A certificate by the CA; returns its index. */
static size_t issue(struct shop *s, const char *names)
{
    struct ic_pki_cert c;
    struct ic_merkle_entry e;
    struct ic_view der =
        maker_cert(&s->m, &(struct maker_spec){.subject = "CN=Ana",
                                               .issuer = "CN=Ring",
                                               .key = maker_key(&s->m, IC_ECDSA_P256_SHA256),
                                               .signer = s->ca,
                                               .names = names});
    if (ic_pki_cert_decode(der, &c, NULL) != IC_OK ||
        ic_merkle_entry_of(&c, &s->root, s->count, &e) != IC_OK)
        abort();
    put(s, &e, der);
    return s->count - 1;
}

static ic_err shop_open(struct shop *s)
{
    struct ic_rand rand = ic_test_os_rand();
    maker_init(&s->m, 5);
    s->drop = s->hide = s->swap = SIZE_MAX;
    s->ca = maker_key(&s->m, IC_ECDSA_P256_SHA256);
    IC_TRY(ic_pki_cert_decode(
        maker_cert(&s->m, &(struct maker_spec){.subject = "CN=Ring", .key = s->ca, .ca = true}),
        &s->root, NULL));
    IC_TRY(ic_sign_key_generate(IC_ECDSA_P256_SHA256, &rand, &s->key));
    keeper_init(&s->log, s->key);
    struct ic_merkle_log log = keeper_log(&s->log);
    s->trust.log_count = 1;
    s->trust.logs[0].sig = log.sig;
    s->trust.logs[0].key_len = log.key.len;
    memcpy(s->trust.logs[0].key, log.key.p, log.key.len);
    others(s, 5, 0);
    issue(s, "email:ana@ring.example,URI:im:ana@ring.example");
    others(s, 6, 0);
    return ic_merkle_heads_new(&s->heads);
}

/* ---- its answers ---- */

static json_t *text(struct ic_view v)
{
    char room[8192];
    if (ic_base64_len(IC_BASE64_URL, v.len) >= sizeof room)
        abort();
    ic_base64_encode(IC_BASE64_URL, v, room);
    return json_string(room);
}

static json_t *entries(const struct shop *s, size_t from, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0, at = 0; i < s->count && json_array_size(list) < count; i++) {
        IC_BUF_SCOPE(b, IC_MERKLE_ENTRY_MAX);
        if (i == s->drop || at++ < from)
            continue;
        if (ic_merkle_entry_encode(&s->entry[i], &b) != IC_OK)
            abort();
        json_array_append_new(list, text(ic_buf_view(&b)));
    }
    return json_pack("{s:o}", "entries", list);
}

static ic_err certificate(const struct shop *s, const char *hex, json_t **out)
{
    for (size_t i = 0; i < s->count; i++) {
        char own[65];
        ic_hex_encode(ic_merkle_hash_view(&s->entry[i].certificate), own);
        if (strcmp(own, hex) != 0)
            continue;
        if (i == s->hide || !s->der[i].len)
            return IC_ERR_NOT_FOUND;
        *out = json_pack("{s:o}", "certificate", text(s->der[i == s->swap ? 5 : i]));
        return IC_OK;
    }
    return IC_ERR_NOT_FOUND;
}

static ic_err get(void *ctx, const char *path, json_t **out)
{
    struct shop *s = ctx;
    unsigned long long a, b;
    IC_BUF_SCOPE(bytes, 8192);
    s->asked++;
    if (strcmp(path, "head") == 0) {
        struct ic_merkle_head h = keeper_head(&s->log, s->old ? s->old : s->count, 7);
        if (ic_merkle_head_encode(&h, &bytes) != IC_OK)
            abort();
        *out = json_pack("{s:o}", "head", text(ic_buf_view(&bytes)));
    } else if (sscanf(path, "consistency?first=%llu&second=%llu", &a, &b) == 2) {
        if (s->mute)
            return IC_ERR_NOT_FOUND;
        keeper_consistency(&s->log, a, b, &bytes);
        *out = json_pack("{s:o}", "path", text(ic_buf_view(&bytes)));
    } else if (sscanf(path, "entries?from=%llu&count=%llu", &a, &b) == 2) {
        *out = entries(s, a, b > 7 ? 7 : b); /* a server may give fewer at a time */
    } else if (strncmp(path, "certificate?hash=", 17) == 0) {
        return certificate(s, path + 17, out);
    } else {
        return IC_ERR_ARG;
    }
    return IC_OK;
}

static void audit(struct shop *s)
{
    struct icc_audit_source source = {get, s};
    icc_audit_free(s->audit);
    CHECK_OK(icc_audit_new(&s->audit));
    CHECK_OK(icc_audit_name(s->audit, IC_PKI_NAME_EMAIL, IC_VIEW_STR("Ana@ring.example")));
    CHECK_OK(icc_audit_run(s->audit, &source, &s->trust, s->heads, NOW_MS));
}

/* The only alarm; "" for none. */
static bool alarmed(const struct shop *s, const char *rule)
{
    const struct icc_audit *a = s->audit;
    bool same =
        a->alarm_count == (rule[0] ? 1 : 0) && (!rule[0] || strcmp(a->alarms[0].rule, rule) == 0);
    if (!same)
        ic_test_fail(__FILE__, __LINE__, "%zu alarms, the first %s, not %s", a->alarm_count,
                     a->alarm_count ? a->alarms[0].rule : "-", rule);
    return same;
}

TEST(audit_lists_what_was_issued_in_ones_name)
{
    IC_CLEANUP(shop_clear) struct shop s = {0};
    CHECK_OK(shop_open(&s));
    audit(&s);
    CHECK(alarmed(&s, "") && s.audit->first);
    CHECK_EQ_INT(s.audit->found_count, 1);
    CHECK_EQ_INT(s.audit->found[0].index, 5);
    CHECK_BYTES(ic_buf_view(&s.audit->found[0].der), s.der[5]);
    CHECK_EQ_INT(s.audit->read, 12);
}

TEST(audit_finds_what_a_ca_issued_for_somebody_else)
{
    IC_CLEANUP(shop_clear) struct shop s = {0};
    CHECK_OK(shop_open(&s));
    audit(&s);
    /* The CA gives Mallory a certificate with Ana's address, in its own spelling, and logs it as it must. */
    size_t other = issue(&s, "DNS:mallory.example,email:ANA@Ring.Example");
    others(&s, 3, 0);
    audit(&s);
    CHECK(alarmed(&s, "") && !s.audit->first);
    CHECK_EQ_INT(s.audit->found_count, 2);
    CHECK_EQ_INT(s.audit->found[1].index, other);
    CHECK_BYTES(ic_buf_view(&s.audit->found[1].der), s.der[other]);
}

TEST(audit_sees_an_entry_left_out)
{
    IC_CLEANUP(shop_clear) struct shop s = {0};
    CHECK_OK(shop_open(&s));
    s.drop = 5;
    audit(&s);
    CHECK(alarmed(&s, "log-withholds"));
    others(&s, 3, 0); /* one too many, so that the number is right */
    s.old = 14;
    audit(&s);
    CHECK(alarmed(&s, "log-root"));
}

TEST(audit_sees_a_certificate_kept_back_or_exchanged)
{
    IC_CLEANUP(shop_clear) struct shop s = {0};
    CHECK_OK(shop_open(&s));
    s.hide = issue(&s, "email:ana@ring.example");
    audit(&s);
    CHECK(alarmed(&s, "certificate-withheld"));
    CHECK(s.audit->found_count == 2 && s.audit->found[1].der.len == 0);
    s.swap = s.hide;
    s.hide = SIZE_MAX;
    audit(&s);
    CHECK(alarmed(&s, "certificate-other"));
    CHECK_EQ_INT(s.audit->found[1].der.len, 0);
}

TEST(audit_sees_a_log_that_forked_or_was_rewritten)
{
    IC_CLEANUP(shop_clear) struct shop s = {0}, other = {0};
    CHECK_OK(shop_open(&s));
    CHECK_OK(shop_open(&other));
    audit(&s);
    /* The same key, the same length, other entries. */
    other.log.key = s.key;
    other.trust = s.trust;
    ic_merkle_heads_free(other.heads);
    other.heads = s.heads;
    audit(&other);
    CHECK(alarmed(&other, "log-fork"));
    other.heads = NULL;

    IC_CLEANUP(shop_clear) struct shop t = {0}, longer = {0};
    CHECK_OK(shop_open(&t));
    CHECK_OK(shop_open(&longer));
    audit(&t);
    others(&longer, 9, 0);
    longer.log.key = t.key;
    longer.trust = t.trust;
    ic_merkle_heads_free(longer.heads);
    longer.heads = t.heads;
    audit(&longer);
    CHECK(alarmed(&longer, "log-withholds"));
    longer.heads = NULL;
}

TEST(audit_sees_a_log_that_gives_no_proof)
{
    IC_CLEANUP(shop_clear) struct shop s = {0};
    CHECK_OK(shop_open(&s));
    audit(&s);
    others(&s, 3, 0);
    s.mute = true;
    audit(&s);
    CHECK(alarmed(&s, "log-withholds"));
}

TEST(audit_is_not_held_back_by_an_old_head)
{
    IC_CLEANUP(shop_clear) struct shop s = {0};
    CHECK_OK(shop_open(&s));
    issue(&s, "email:ana@ring.example");
    audit(&s);
    s.old = 6; /* as if nothing had come since */
    audit(&s);
    CHECK(alarmed(&s, ""));
    CHECK_EQ_INT(s.audit->found_count, 2);
    CHECK_EQ_INT(s.audit->head.size, 13);
}

TEST(audit_refuses_another_logs_head)
{
    IC_CLEANUP(shop_clear) struct shop s = {0}, other = {0};
    CHECK_OK(shop_open(&s));
    CHECK_OK(shop_open(&other));
    s.log.key = other.key;
    audit(&s);
    CHECK(alarmed(&s, "log-signature") && !s.audit->head_good);
}

static ic_err nonsense(void *ctx, const char *path, json_t **out)
{
    (void)ctx;
    (void)path;
    *out = json_pack("{s:s, s:s}", "head", "AAAA", "entries", "no list");
    return IC_OK;
}

TEST(audit_refuses_answers_that_are_none)
{
    IC_CLEANUP(shop_clear) struct shop s = {0};
    struct icc_audit_source source = {nonsense, NULL};
    CHECK_OK(shop_open(&s));
    CHECK_OK(icc_audit_new(&s.audit));
    CHECK(icc_audit_run(s.audit, &source, &s.trust, s.heads, NOW_MS) != IC_OK);
}
