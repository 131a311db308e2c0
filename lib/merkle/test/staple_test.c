/* A log in memory, and certificates with and without their place in it. */
#include "plain.h"

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/merkle/staple.h>
#include <maker.h>

enum { NOW_MS = 1000 };

struct world {
    struct maker m;
    struct ic_pki_cert root, ana, mallory, nameless;
    struct plain *tree;
    struct ic_sign_key *key;
    struct ic_merkle_log log;
    struct ic_merkle_staple staple; /* ana's */
};

static void world_clear(struct world *w)
{
    maker_clear(&w->m);
    if (w->tree)
        plain_free(w->tree);
    ic_sign_key_free(w->key);
}

static ic_err issue(struct world *w, const struct maker_key *ca, const char *subject,
                    const char *names, struct ic_pki_cert *out)
{
    struct maker_key *key = maker_key(&w->m, IC_ECDSA_P256_SHA256);
    return ic_pki_cert_decode(maker_cert(&w->m, &(struct maker_spec){.subject = subject,
                                                                     .issuer = "CN=Root",
                                                                     .key = key,
                                                                     .signer = ca,
                                                                     .names = names}),
                              out, NULL);
}

/* Appends the entry of a certificate as a log does, between others'. */
static ic_err append(struct world *w, const struct ic_pki_cert *c, uint64_t *index)
{
    struct ic_merkle_entry e;
    struct ic_merkle_hash leaf;
    IC_TRY(ic_merkle_entry_of(c, &w->root, NOW_MS, &e));
    ic_merkle_entry_hash(&e, &leaf);
    *index = w->tree->edge.size;
    return ic_merkle_edge_append(&w->tree->edge, &leaf, &w->tree->keep);
}

static ic_err staple(struct world *w, uint64_t index, struct ic_merkle_staple *out)
{
    struct ic_merkle_staple s = {.time_ms = NOW_MS, .index = index};
    s.head.size = w->tree->edge.size;
    s.head.time_ms = NOW_MS + 5;
    ic_merkle_edge_root(&w->tree->edge, &s.head.root);
    IC_TRY(ic_merkle_inclusion(&w->tree->nodes, index, s.head.size, &s.path));
    IC_TRY(ic_merkle_head_sign(w->key, &s.head));
    *out = s;
    return IC_OK;
}

static ic_err world_init(struct world *w)
{
    struct ic_rand rand = ic_test_os_rand();
    maker_init(&w->m, 1);
    w->tree = plain_new(64);
    struct maker_key *ca = maker_key(&w->m, IC_ECDSA_P256_SHA256);
    IC_TRY(ic_pki_cert_decode(
        maker_cert(&w->m, &(struct maker_spec){.subject = "CN=Root", .key = ca, .ca = true}),
        &w->root, NULL));
    IC_TRY(issue(w, ca, "CN=Ana", "email:ana@ring.example", &w->ana));
    IC_TRY(issue(w, ca, "CN=Ana", "email:ana@ring.example", &w->mallory));
    IC_TRY(issue(w, ca, "CN=Ana", "IP:0a000001", &w->nameless));
    IC_TRY(ic_sign_key_generate(IC_ECDSA_P256_SHA256, &rand, &w->key));
    w->log = (struct ic_merkle_log){IC_ECDSA_P256_SHA256, ic_sign_key_public(w->key)};
    uint64_t index;
    for (uint32_t i = 0; i < 12; i++) {
        if (i == 7)
            IC_TRY(append(w, &w->ana, &index));
        plain_add(w->tree, ic_view(&i, sizeof i));
    }
    return staple(w, 7, &w->staple);
}

TEST(merkle_staple_proves_its_certificate)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    CHECK_OK(world_init(&w));
    CHECK_OK(ic_merkle_staple_check(&w.log, 1, &w.ana, &w.root, &w.staple));
    IC_BUF_SCOPE(b, IC_MERKLE_STAPLE_MAX);
    struct ic_merkle_staple back;
    CHECK_OK(ic_merkle_staple_encode(&w.staple, &b));
    CHECK_OK(ic_merkle_staple_decode(ic_buf_view(&b), &back));
    CHECK_OK(ic_merkle_staple_check(&w.log, 1, &w.ana, &w.root, &back));
}

TEST(merkle_staple_of_a_certificate_never_logged_is_refused)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    CHECK_OK(world_init(&w));
    /* The same CA, the same names, and the honest one's staple. */
    CHECK_ERR(ic_merkle_staple_check(&w.log, 1, &w.mallory, &w.root, &w.staple), IC_ERR_AUTH);
    /* Another issuer is said to have issued it. */
    CHECK_ERR(ic_merkle_staple_check(&w.log, 1, &w.ana, &w.ana, &w.staple), IC_ERR_AUTH);
}

/* "CN=Ana" alone is what people read, and no label: Ana would look for it in vain. */
TEST(merkle_staple_of_a_certificate_that_nobody_could_find_is_refused)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    struct ic_merkle_staple s;
    uint64_t index = 0;
    CHECK_OK(world_init(&w));
    CHECK_OK(append(&w, &w.nameless, &index));
    CHECK_OK(staple(&w, index, &s));
    CHECK_ERR(ic_merkle_staple_check(&w.log, 1, &w.nameless, &w.root, &s), IC_ERR_RULE);
}

TEST(merkle_staple_with_any_field_changed_is_refused)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    CHECK_OK(world_init(&w));
    struct ic_merkle_staple s = w.staple;
    s.time_ms++;
    CHECK_ERR(ic_merkle_staple_check(&w.log, 1, &w.ana, &w.root, &s), IC_ERR_AUTH);
    s = w.staple, s.index++;
    CHECK_ERR(ic_merkle_staple_check(&w.log, 1, &w.ana, &w.root, &s), IC_ERR_AUTH);
    s = w.staple, s.index = UINT64_MAX;
    CHECK_ERR(ic_merkle_staple_check(&w.log, 1, &w.ana, &w.root, &s), IC_ERR_RANGE);
    s = w.staple, s.path.count--;
    CHECK_ERR(ic_merkle_staple_check(&w.log, 1, &w.ana, &w.root, &s), IC_ERR_AUTH);
    s = w.staple, s.head.size++;
    CHECK_ERR(ic_merkle_staple_check(&w.log, 1, &w.ana, &w.root, &s), IC_ERR_SIGNATURE);
    s = w.staple, s.head.log.bytes[0] ^= 1;
    CHECK_ERR(ic_merkle_staple_check(&w.log, 1, &w.ana, &w.root, &s), IC_ERR_UNKNOWN_KEY);
    CHECK_ERR(ic_merkle_staple_check(NULL, 0, &w.ana, &w.root, &w.staple), IC_ERR_UNKNOWN_KEY);
}

TEST(merkle_staple_with_any_bit_changed_is_refused)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    CHECK_OK(world_init(&w));
    IC_BUF_SCOPE(b, IC_MERKLE_STAPLE_MAX);
    CHECK_OK(ic_merkle_staple_encode(&w.staple, &b));
    /* The signature is the end, and ECDSA's own matter. */
    size_t end = b.len - w.staple.head.signature_len;
    for (size_t bit = 0; bit < 8 * end; bit++) {
        struct ic_merkle_staple s;
        b.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ic_err e = ic_merkle_staple_decode(ic_buf_view(&b), &s);
        if (e == IC_OK)
            e = ic_merkle_staple_check(&w.log, 1, &w.ana, &w.root, &s);
        CHECK(e != IC_OK);
        b.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t n = 0; n < b.len; n++) {
        struct ic_merkle_staple s;
        CHECK(ic_merkle_staple_decode(ic_view(b.p, n), &s) != IC_OK);
    }
}
