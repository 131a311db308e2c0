#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/crypto/hpke.h>
#include <string.h>

static const struct ic_view none;
static const struct ic_hpke_psk no_psk;
static const struct ic_hpke_suite suite1 = {IC_KEM_X25519, IC_SHA256, IC_AES_128_GCM};

struct ends {
    struct ic_kem_pair pair;
    struct ic_hpke_ctx sender, receiver;
};

static ic_err connect(struct ends *e, struct ic_hpke_psk psk)
{
    struct ic_rand rand = ic_test_os_rand();
    uint8_t enc[IC_KEM_PUBLIC_MAX];
    IC_TRY(ic_kem_generate_pair(suite1.kem, &rand, &e->pair));
    struct ic_view pub = ic_view(e->pair.public_key, e->pair.public_len);
    IC_TRY(ic_hpke_setup_sender(suite1, pub, IC_VIEW_STR("info"), psk, &rand, enc, &e->sender));
    return ic_hpke_setup_receiver(suite1, ic_secret_view(&e->pair.private_key), pub,
                                  ic_view(enc, pub.len), IC_VIEW_STR("info"), psk, &e->receiver);
}

static void disconnect(struct ends *e)
{
    ic_kem_pair_clear(&e->pair);
    ic_hpke_ctx_clear(&e->sender);
    ic_hpke_ctx_clear(&e->receiver);
}

#define ENDS_SCOPE(name) IC_CLEANUP(disconnect) struct ends name = {0}

TEST(hpke_context_counts_messages)
{
    ENDS_SCOPE(e);
    uint8_t first[1 + 16], second[1 + 16], out[1];
    CHECK_OK(connect(&e, no_psk));
    CHECK_OK(ic_hpke_ctx_seal(&e.sender, none, IC_VIEW_STR("a"), first));
    CHECK_OK(ic_hpke_ctx_seal(&e.sender, none, IC_VIEW_STR("a"), second));
    CHECK(!ic_view_equal(IC_VIEW_ARRAY(first), IC_VIEW_ARRAY(second)));
    /* Out of turn it does not open, and that costs no turn. */
    CHECK_ERR(ic_hpke_ctx_open(&e.receiver, none, IC_VIEW_ARRAY(second), out), IC_ERR_AUTH);
    CHECK_OK(ic_hpke_ctx_open(&e.receiver, none, IC_VIEW_ARRAY(first), out));
    CHECK_ERR(ic_hpke_ctx_open(&e.receiver, none, IC_VIEW_ARRAY(first), out), IC_ERR_AUTH);
    CHECK_OK(ic_hpke_ctx_open(&e.receiver, none, IC_VIEW_ARRAY(second), out));
    CHECK_EQ_INT(out[0], 'a');
}

/* RFC 9180 section 5.2: the sequence number must not wrap. */
TEST(hpke_context_ends_before_the_sequence_wraps)
{
    ENDS_SCOPE(e);
    uint8_t out[1 + 16];
    CHECK_OK(connect(&e, no_psk));
    e.sender.seq = UINT64_MAX - 1;
    CHECK_OK(ic_hpke_ctx_seal(&e.sender, none, IC_VIEW_STR("a"), out));
    CHECK_ERR(ic_hpke_ctx_seal(&e.sender, none, IC_VIEW_STR("a"), out), IC_ERR_LIMIT);
    e.receiver.seq = UINT64_MAX;
    CHECK_ERR(ic_hpke_ctx_open(&e.receiver, none, IC_VIEW_ARRAY(out), out), IC_ERR_LIMIT);
}

TEST(hpke_exports_agree_and_depend_on_context_and_length)
{
    ENDS_SCOPE(e);
    uint8_t a[32], b[32], c[32], d[48];
    CHECK_OK(connect(&e, no_psk));
    CHECK_OK(ic_hpke_ctx_export(&e.sender, IC_VIEW_STR("x"), a, sizeof a));
    CHECK_OK(ic_hpke_ctx_export(&e.receiver, IC_VIEW_STR("x"), b, sizeof b));
    CHECK_OK(ic_hpke_ctx_export(&e.sender, IC_VIEW_STR("y"), c, sizeof c));
    CHECK_OK(ic_hpke_ctx_export(&e.sender, IC_VIEW_STR("x"), d, sizeof d));
    CHECK_BYTES(IC_VIEW_ARRAY(a), IC_VIEW_ARRAY(b));
    CHECK(!ic_view_equal(IC_VIEW_ARRAY(a), IC_VIEW_ARRAY(c)));
    CHECK(!ic_view_equal(IC_VIEW_ARRAY(a), ic_view(d, 32)));
    CHECK_ERR(ic_hpke_ctx_export(&e.sender, none, a, 255 * 32 + 1), IC_ERR_RANGE);
}

/* RFC 9180 section 5.1, VerifyPSKInputs, and section 9.5 */
TEST(hpke_psk_rules)
{
    static const uint8_t psk[32] = {7};
    struct ic_hpke_psk good = {IC_VIEW_ARRAY(psk), IC_VIEW_STR("id")};
    struct ic_hpke_psk bad[] = {
        {IC_VIEW_ARRAY(psk), {NULL, 0}},
        {{NULL, 0}, IC_VIEW_STR("id")},
        {ic_view(psk, 31), IC_VIEW_STR("id")},
    };
    ENDS_SCOPE(e);
    uint8_t sealed[1 + 16], out[1];
    CHECK_OK(connect(&e, good));
    CHECK_OK(ic_hpke_ctx_seal(&e.sender, none, IC_VIEW_STR("a"), sealed));
    CHECK_OK(ic_hpke_ctx_open(&e.receiver, none, IC_VIEW_ARRAY(sealed), out));
    for (size_t i = 0; i < IC_ARRAY_LEN(bad); i++) {
        ENDS_SCOPE(f);
        CHECK_ERR(connect(&f, bad[i]), IC_ERR_ARG);
    }
}

/* Every bit of what a peer sends matters. */
TEST(hpke_open_refuses_what_was_changed)
{
    struct ic_rand rand = ic_test_os_rand();
    IC_CLEANUP(ic_kem_pair_clear) struct ic_kem_pair pair = {0};
    struct ic_hpke_info info, other;
    uint8_t enc[32], sealed[4 + 16], out[4];
    CHECK_OK(ic_kem_generate_pair(suite1.kem, &rand, &pair));
    struct ic_view pub = ic_view(pair.public_key, pair.public_len);
    struct ic_view mine = ic_secret_view(&pair.private_key);
    ic_hpke_info_init(&info, suite1, IC_VIEW_STR("info"));
    ic_hpke_info_init(&other, suite1, IC_VIEW_STR("infn"));
    CHECK_OK(ic_hpke_seal(&info, pub, none, IC_VIEW_STR("text"), &rand, enc, sealed));
    CHECK_ERR(ic_hpke_open(&other, mine, pub, IC_VIEW_ARRAY(enc), none, IC_VIEW_ARRAY(sealed), out),
              IC_ERR_AUTH);
    for (size_t bit = 0; bit < sizeof sealed * 8; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK_ERR(
            ic_hpke_open(&info, mine, pub, IC_VIEW_ARRAY(enc), none, IC_VIEW_ARRAY(sealed), out),
            IC_ERR_AUTH);
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    /* All bits: the top one is not used by X25519, but enc is hashed into the key. */
    for (size_t bit = 0; bit < sizeof enc * 8; bit++) {
        enc[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ic_err e =
            ic_hpke_open(&info, mine, pub, IC_VIEW_ARRAY(enc), none, IC_VIEW_ARRAY(sealed), out);
        CHECK(e == IC_ERR_AUTH || e == IC_ERR_KEY);
        enc[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    CHECK_ERR(ic_hpke_open(&info, mine, pub, ic_view(enc, 31), none, IC_VIEW_ARRAY(sealed), out),
              IC_ERR_KEY);
    CHECK_ERR(ic_hpke_open(&info, mine, pub, IC_VIEW_ARRAY(enc), none, ic_view(sealed, 15), out),
              IC_ERR_AUTH);
}

TEST(hpke_refuses_unknown_suites)
{
    struct ic_hpke_suite bad[] = {
        {IC_KEM_X25519, IC_SHA1, IC_AES_128_GCM},
        {IC_KEM_X25519, IC_SHA256, (enum ic_aead_id)0xffff},
        {(enum ic_kem_id)0x30, IC_SHA256, IC_AES_128_GCM},
    };
    struct ic_rand rand = ic_test_os_rand();
    uint8_t enc[IC_KEM_PUBLIC_MAX];
    for (size_t i = 0; i < IC_ARRAY_LEN(bad); i++) {
        struct ic_hpke_ctx c = {0};
        CHECK_ERR(ic_hpke_setup_sender(bad[i], none, none, no_psk, &rand, enc, &c),
                  IC_ERR_UNSUPPORTED);
    }
}

static ic_err whole_life(void *ctx)
{
    (void)ctx;
    ENDS_SCOPE(e);
    uint8_t sealed[1 + 16], out[1];
    IC_TRY(connect(&e, no_psk));
    IC_TRY(ic_hpke_ctx_seal(&e.sender, none, IC_VIEW_STR("a"), sealed));
    return ic_hpke_ctx_open(&e.receiver, none, IC_VIEW_ARRAY(sealed), out);
}

TEST(hpke_survives_allocations_that_fail)
{
    CHECK_EQ_INT(ic_test_each_alloc_fails(whole_life, NULL), 2);
}
