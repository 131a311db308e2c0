/* The log as clients see it, over a store in memory and one on disk. */
#include "identity/tlog/tlog.h"

#include "identity/accounts/accounts.h"
#include "identity/accounts/private.h"
#include "identity/test/world.h"
#include "identity/tlog/private.h"

#include <ic/base/test.h>
#include <ic/base/text.h>
#include <maker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct shop {
    struct world w;
    struct maker m;
    struct maker_key *ca, *person;
    struct ic_view root;
};

static void shop_open(struct shop *s)
{
    world_open(&s->w);
    maker_init(&s->m, 7);
    s->ca = maker_key(&s->m, IC_ECDSA_P256_SHA256);
    s->person = maker_key(&s->m, IC_ECDSA_P256_SHA256);
    s->root =
        maker_cert(&s->m, &(struct maker_spec){.subject = "CN=Root", .key = s->ca, .ca = true});
}

static void shop_close(struct shop *s)
{
    maker_clear(&s->m);
    world_close(&s->w);
}

static struct ic_view certificate(struct shop *s, const char *names)
{
    return maker_cert(&s->m, &(struct maker_spec){.subject = "CN=Ana",
                                                  .issuer = "CN=Root",
                                                  .key = s->person,
                                                  .signer = s->ca,
                                                  .names = names});
}

static ic_err append(struct shop *s, struct ic_view der, uint64_t *index)
{
    s->w.id->now_ms = s->w.now_ms;
    return icd_tlog_append(s->w.id, der, s->root, s->w.now_ms, index);
}

static ic_err answer(const struct shop *s, const char *field, struct ic_buf *out)
{
    ic_buf_reset(out);
    return ic_base64_decode(IC_BASE64_URL, ic_view_cstr(world_text(&s->w, field)), out);
}

static bool same_head(const struct ic_merkle_head *a, const struct ic_merkle_head *b)
{
    return a->size == b->size && a->time_ms == b->time_ms &&
           ic_merkle_hash_equal(&a->root, &b->root) && a->signature_len == b->signature_len &&
           memcmp(a->signature, b->signature, a->signature_len) == 0;
}

static struct ic_merkle_log log_of(const struct shop *s)
{
    const struct ic_sign_key *key = s->w.id->tlog->key;
    return (struct ic_merkle_log){ic_sign_key_id(key), ic_sign_key_public(key)};
}

static int ask_staple(struct shop *s, const struct ic_pki_cert *c)
{
    char hex[65], path[160];
    ic_hex_encode(IC_VIEW_ARRAY(c->fingerprint), hex);
    snprintf(path, sizeof path, "/api/v1/identity/log/staple?certificate=%s", hex);
    return world_call(&s->w, "GET", path, "", "");
}

TEST(tlog_gives_a_staple_that_members_take)
{
    struct shop s;
    shop_open(&s);
    struct ic_view der = certificate(&s, "email:ana@ring.example");
    struct ic_pki_cert ana, root;
    uint64_t index = 9;
    CHECK_OK(ic_pki_cert_decode(der, &ana, NULL));
    CHECK_OK(ic_pki_cert_decode(s.root, &root, NULL));
    CHECK_EQ_INT(ask_staple(&s, &ana), 404);
    CHECK_OK(append(&s, der, &index));
    CHECK_EQ_INT(index, 0);
    CHECK_OK(append(&s, certificate(&s, "email:ben@ring.example"), &index));
    CHECK_EQ_INT(index, 1);
    CHECK_ERR(append(&s, der, &index), IC_ERR_EXISTS);
    CHECK_EQ_INT(ask_staple(&s, &ana), 200);

    IC_BUF_SCOPE(b, IC_MERKLE_STAPLE_MAX);
    struct ic_merkle_staple staple;
    struct ic_merkle_log log = log_of(&s);
    CHECK_OK(answer(&s, "staple", &b));
    CHECK_OK(ic_merkle_staple_decode(ic_buf_view(&b), &staple));
    CHECK_OK(ic_merkle_staple_check(&log, 1, &ana, &root, &staple));
    CHECK_EQ_INT(staple.time_ms, s.w.now_ms);
    CHECK_EQ_INT(world_call(&s.w, "GET", "/api/v1/identity/log/staple?certificate=00", "", ""),
                 400);
    CHECK_EQ_INT(world_call(&s.w, "GET", "/api/v1/identity/log/staple", "", ""), 400);
    shop_close(&s);
}

static ic_err ask_head(struct shop *s, struct ic_merkle_head *out)
{
    IC_BUF_SCOPE(b, IC_MERKLE_HEAD_MAX);
    if (world_call(&s->w, "GET", "/api/v1/identity/log/head", "", "") != 200)
        return IC_ERR_IO;
    IC_TRY(answer(s, "head", &b));
    IC_TRY(ic_merkle_head_decode(ic_buf_view(&b), out));
    struct ic_merkle_log log = log_of(s);
    return ic_merkle_head_check(&log, out);
}

static ic_err ask_consistency(struct shop *s, uint64_t first, uint64_t second,
                              struct ic_merkle_path *out)
{
    IC_BUF_SCOPE(b, 4096);
    char path[120];
    snprintf(path, sizeof path, "/api/v1/identity/log/consistency?first=%llu&second=%llu",
             (unsigned long long)first, (unsigned long long)second);
    if (world_call(&s->w, "GET", path, "", "") != 200)
        return IC_ERR_IO;
    IC_TRY(answer(s, "path", &b));
    return ic_merkle_path_decode(ic_buf_view(&b), out);
}

TEST(tlog_grows_and_proves_each_head_by_the_one_before)
{
    struct shop s;
    struct ic_merkle_head before, after;
    struct ic_merkle_path path;
    uint64_t index;
    shop_open(&s);
    CHECK_OK(ask_head(&s, &before));
    CHECK_EQ_INT(before.size, 0);
    for (int i = 1; i <= 20; i++) {
        CHECK_OK(append(&s, certificate(&s, "DNS:x.example"), &index));
        s.w.now_ms += 10;
        CHECK_OK(ask_head(&s, &after));
        CHECK_EQ_INT(after.size, i);
        CHECK_OK(ask_consistency(&s, before.size, after.size, &path));
        CHECK_OK(
            ic_merkle_consistency_check(before.size, &before.root, after.size, &after.root, &path));
        before = after;
    }
    /* The same head until it grows, or gets old. */
    s.w.now_ms += 10;
    CHECK_OK(ask_head(&s, &after));
    CHECK_EQ_INT(after.time_ms, before.time_ms);
    s.w.now_ms += ICD_TLOG_HEAD_MS;
    CHECK_OK(ask_head(&s, &after));
    CHECK_EQ_INT(after.time_ms, s.w.now_ms);
    CHECK(ask_consistency(&s, 3, 21, &path) != IC_OK);
    CHECK(ask_consistency(&s, 5, 3, &path) != IC_OK);
    CHECK_EQ_INT(
        world_call(&s.w, "GET", "/api/v1/identity/log/consistency?first=-1&second=2", "", ""), 400);
    CHECK_EQ_INT(world_call(&s.w, "GET", "/api/v1/identity/log/consistency?first=1", "", ""), 400);
    shop_close(&s);
}

TEST(tlog_staples_of_one_moment_share_a_head)
{
    struct shop s;
    struct ic_merkle_staple a, b;
    uint64_t index;
    shop_open(&s);
    struct ic_view ders[2];
    struct ic_pki_cert certs[2];
    for (size_t i = 0; i < 2; i++) {
        ders[i] = certificate(&s, "DNS:x.example");
        CHECK_OK(ic_pki_cert_decode(ders[i], &certs[i], NULL));
        CHECK_OK(append(&s, ders[i], &index));
    }
    CHECK_OK(icd_tlog_staple(s.w.id, IC_VIEW_ARRAY(certs[0].fingerprint), &a));
    CHECK_OK(append(&s, certificate(&s, "DNS:y.example"), &index));
    CHECK_OK(icd_tlog_staple(s.w.id, IC_VIEW_ARRAY(certs[1].fingerprint), &b));
    CHECK_EQ_INT(a.head.size, 2);
    CHECK(same_head(&a.head, &b.head));
    shop_close(&s);
}

/* A commit that is lost takes the entry and every head with it. */
TEST(tlog_signs_nothing_that_was_rolled_back)
{
    struct shop s;
    struct ic_merkle_head before, lost, after;
    uint64_t index;
    shop_open(&s);
    CHECK_OK(append(&s, certificate(&s, "DNS:x.example"), &index));
    CHECK_OK(ask_head(&s, &before));
    CHECK_OK(append(&s, certificate(&s, "DNS:y.example"), &index));
    CHECK_OK(icd_tlog_head(s.w.id, &lost));
    CHECK_EQ_INT(lost.size, 2);
    icd_store_fail_next_commit(s.w.id->store);
    icd_identity_flush(s.w.id);
    CHECK_OK(ask_head(&s, &after));
    CHECK_EQ_INT(after.size, 1);
    CHECK(same_head(&before, &after));
    CHECK_OK(append(&s, certificate(&s, "DNS:z.example"), &index));
    CHECK_EQ_INT(index, 1);
    shop_close(&s);
}

TEST(tlog_key_is_a_file_of_its_own_that_others_cannot_read)
{
    char dir[] = "/tmp/tlog-XXXXXX", path[64], why[ICD_IDENTITY_WHY] = "";
    struct ic_rand rand = ic_test_os_rand();
    struct ic_sign_key *key, *again;
    struct stat st;
    CHECK(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/log.key", dir);
    CHECK_ERR(icd_tlog_key(dir, false, &rand, &key, why), IC_ERR_NOT_FOUND);
    CHECK_OK(icd_tlog_key(dir, true, &rand, &key, why));
    CHECK(stat(path, &st) == 0);
    CHECK_EQ_INT(st.st_mode & 0777, 0600);
    CHECK_OK(icd_tlog_key(dir, false, &rand, &again, why));
    CHECK_BYTES(ic_sign_key_public(key), ic_sign_key_public(again));
    ic_sign_key_free(again);
    CHECK(chmod(path, 0640) == 0);
    CHECK_ERR(icd_tlog_key(dir, true, &rand, &again, why), IC_ERR_DENIED);
    CHECK(strstr(why, "chmod 600"));
    CHECK(chmod(path, 0600) == 0 && truncate(path, 20) == 0);
    CHECK_ERR(icd_tlog_key(dir, true, &rand, &again, why), IC_ERR_MALFORMED);
    ic_sign_key_free(key);
    unlink(path);
    rmdir(dir);
}

/* A session of ana@ring.example's. */
static ic_err sign_in(struct shop *s, char token[ICD_BEARER_LEN + 1])
{
    struct icd_identity *id = s->w.id;
    struct icd_domain d;
    struct icd_user u;
    struct icd_session session;
    char known[ICD_BEARER_LEN + 1] = "";
    int64_t org;
    IC_TRY(icd_accounts_org_add(id, IC_VIEW_STR("Ring"), &org));
    IC_TRY(icd_accounts_domain_add(id, org, IC_VIEW_STR("ring.example"), &d));
    IC_TRY(icd_accounts_domain_verify(id, org, IC_VIEW_STR("ring.example")));
    IC_TRY(icd_accounts_user_add(id, org, IC_VIEW_STR("ana@ring.example"), IC_VIEW_STR("Ana"), &u));
    struct icd_session_new n = {.user = &u, .how = ICD_BY_PASSKEY, .auth_ms = s->w.now_ms};
    IC_TRY(icd_session_make(id, &n, token, known, &session));
    icd_identity_flush(id);
    return IC_OK;
}

TEST(tlog_gives_entries_to_signed_in_people_alone_and_all_of_them)
{
    struct shop s;
    struct ic_merkle_edge edge = {0};
    struct ic_merkle_head head;
    struct ic_merkle_hash root;
    char token[ICD_BEARER_LEN + 1] = "", path[80];
    uint64_t index;
    shop_open(&s);
    for (int i = 0; i < 7; i++)
        CHECK_OK(append(&s, certificate(&s, "DNS:x.example"), &index));
    CHECK_EQ_INT(world_call(&s.w, "GET", "/api/v1/identity/log/entries?from=0", "", ""), 401);
    CHECK_EQ_INT(world_call(&s.w, "GET", "/api/v1/identity/log/entries?from=0", "ics_no", ""), 401);
    CHECK_OK(sign_in(&s, token));
    CHECK_EQ_INT(world_call(&s.w, "GET", "/api/v1/identity/log/entries?from=x", token, ""), 400);
    for (size_t from = 0; from < 7; from += 3) {
        snprintf(path, sizeof path, "/api/v1/identity/log/entries?from=%zu&count=3", from);
        CHECK_EQ_INT(world_call(&s.w, "GET", path, token, ""), 200);
        CHECK_EQ_INT(world_number(&s.w, "size"), 7);
        const json_t *entries = json_object_get(s.w.answer, "entries");
        CHECK_EQ_INT(json_array_size(entries), from < 6 ? 3 : 1);
        for (size_t i = 0; i < json_array_size(entries); i++) {
            IC_BUF_SCOPE(b, IC_MERKLE_ENTRY_MAX);
            struct ic_merkle_hash leaf;
            CHECK_OK(ic_base64_decode(
                IC_BASE64_URL, ic_view_cstr(json_string_value(json_array_get(entries, i))), &b));
            ic_merkle_leaf_hash(ic_buf_view(&b), &leaf);
            CHECK_OK(ic_merkle_edge_append(&edge, &leaf, NULL));
        }
    }
    ic_merkle_edge_root(&edge, &root);
    CHECK_OK(ask_head(&s, &head));
    CHECK_BYTES(ic_merkle_hash_view(&root), ic_merkle_hash_view(&head.root));
    shop_close(&s);
}

static int ask_certificate(struct shop *s, struct ic_view der, const char *token)
{
    struct ic_pki_cert c;
    char hex[65], path[140];
    if (ic_pki_cert_decode(der, &c, NULL) != IC_OK)
        return 0;
    ic_hex_encode(IC_VIEW_ARRAY(c.fingerprint), hex);
    snprintf(path, sizeof path, "/api/v1/identity/log/certificate?hash=%s", hex);
    return world_call(&s->w, "GET", path, token, "");
}

TEST(tlog_gives_certificates_to_whose_name_they_bear)
{
    struct shop s;
    char token[ICD_BEARER_LEN + 1] = "";
    uint64_t index;
    shop_open(&s);
    /* One that somebody had issued for Ana in other letters is hers to see too. */
    struct ic_view own = certificate(&s, "email:Ana@RING.example"),
                   by_uri = certificate(&s, "URI:im:ana@ring.example"),
                   other = certificate(&s, "email:ben@ring.example");
    CHECK_OK(append(&s, own, &index));
    CHECK_OK(append(&s, by_uri, &index));
    CHECK_OK(append(&s, other, &index));
    CHECK_OK(sign_in(&s, token));
    CHECK_EQ_INT(ask_certificate(&s, own, ""), 401);
    CHECK_EQ_INT(ask_certificate(&s, own, token), 200);
    IC_BUF_SCOPE(b, IC_PKI_CERT_MAX);
    CHECK_OK(answer(&s, "certificate", &b));
    CHECK_BYTES(ic_buf_view(&b), own);
    CHECK_EQ_INT(ask_certificate(&s, by_uri, token), 200);
    CHECK_EQ_INT(ask_certificate(&s, other, token), 404);
    CHECK_EQ_INT(ask_certificate(&s, certificate(&s, "email:ana@ring.example"), token), 404);
    CHECK_EQ_INT(world_call(&s.w, "GET", "/api/v1/identity/log/certificate?hash=1", token, ""),
                 400);
    shop_close(&s);
}

TEST(tlog_ten_thousand_appends_are_cheap)
{
    enum { MANY = 10000 };
    struct shop s;
    uint64_t index = 0;
    shop_open(&s);
    struct ic_view der = certificate(&s, "email:ana@ring.example,URI:im:ana@ring.example");
    uint8_t *changing = malloc(der.len);
    memcpy(changing, der.p, der.len);
    for (uint32_t i = 0; i < MANY; i++) {
        memcpy(changing + der.len - 4, &i, 4); /* in the signature, which the log does not judge */
        CHECK_OK(append(&s, ic_view(changing, der.len), &index));
    }
    CHECK_EQ_INT(index, MANY - 1);
    int64_t nodes;
    CHECK_OK(
        icd_store_int(s.w.id->store, "SELECT count(*) FROM tlog_nodes", &nodes, ICD_NO_PARAMS));
    CHECK(nodes < 2 * MANY);
    free(changing);
    shop_close(&s);
}
