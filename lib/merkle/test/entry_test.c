#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/crypto/hash.h>
#include <ic/merkle/entry.h>
#include <maker.h>
#include <stdio.h>

static const char ana_names[] = "email:Ana@Ring.example,URI:im:ana@ring.example,IP:0a000001";

static struct ic_pki_cert decode(struct ic_view der)
{
    struct ic_pki_cert c = {0};
    if (ic_pki_cert_decode(der, &c, NULL) != IC_OK)
        ic_test_fail(__FILE__, __LINE__, "no certificate");
    return c;
}

struct two {
    struct ic_pki_cert root, ana;
};

static struct two certificates(struct maker *m, const char *names)
{
    struct maker_key *ca = maker_key(m, IC_ED25519), *key = maker_key(m, IC_ED25519);
    struct two t;
    t.root =
        decode(maker_cert(m, &(struct maker_spec){.subject = "CN=Root", .key = ca, .ca = true}));
    t.ana = decode(maker_cert(
        m,
        &(struct maker_spec){
            .subject = "CN=Ana", .issuer = "CN=Root", .key = key, .signer = ca, .names = names}));
    return t;
}

TEST(merkle_label_is_of_kind_and_name_in_lower_case)
{
    static const char plain[] = "InCamera Log Name\0\x01"
                                "ana@ring.example";
    struct ic_pki_name name = {IC_PKI_NAME_EMAIL, IC_VIEW_STR("ANA@ring.Example")};
    struct ic_merkle_hash label, other, want;
    ic_hash_once(IC_SHA256, ic_view(plain, sizeof plain - 1), want.bytes);
    CHECK_OK(ic_merkle_label(&name, &label));
    CHECK_BYTES(ic_merkle_hash_view(&label), ic_merkle_hash_view(&want));
    name.kind = IC_PKI_NAME_URI;
    CHECK_OK(ic_merkle_label(&name, &other));
    CHECK(!ic_merkle_hash_equal(&label, &other));
    name.kind = IC_PKI_NAME_IP;
    CHECK_ERR(ic_merkle_label(&name, &label), IC_ERR_ARG);
}

TEST(merkle_label_of_a_long_name)
{
    uint8_t plain[19 + 300] = "InCamera Log Name\0\x02", upper[300];
    for (size_t i = 0; i < 300; i++) {
        plain[19 + i] = (uint8_t)('a' + i % 26);
        upper[i] = (uint8_t)('A' + i % 26);
    }
    struct ic_merkle_hash label, want;
    ic_hash_once(IC_SHA256, IC_VIEW_ARRAY(plain), want.bytes);
    struct ic_pki_name name = {IC_PKI_NAME_DNS, IC_VIEW_ARRAY(upper)};
    CHECK_OK(ic_merkle_label(&name, &label));
    CHECK(ic_merkle_hash_equal(&label, &want));
}

TEST(merkle_entry_of_a_certificate_and_back)
{
    MAKER_SCOPE(m, 1);
    struct two t = certificates(&m, ana_names);
    struct ic_merkle_entry e, back;
    CHECK_OK(ic_merkle_entry_of(&t.ana, &t.root, 1795406400123, &e));
    CHECK_EQ_INT(e.label_count, 2); /* the address has none */
    CHECK_BYTES(ic_merkle_hash_view(&e.issuer), IC_VIEW_ARRAY(t.root.fingerprint));
    CHECK_BYTES(ic_merkle_hash_view(&e.certificate), IC_VIEW_ARRAY(t.ana.fingerprint));
    struct ic_merkle_hash label;
    struct ic_pki_name name = {IC_PKI_NAME_EMAIL, IC_VIEW_STR("ana@ring.example")};
    CHECK_OK(ic_merkle_label(&name, &label));
    CHECK(ic_merkle_entry_has(&e, &label));
    name.value = IC_VIEW_STR("ben@ring.example");
    CHECK_OK(ic_merkle_label(&name, &label));
    CHECK(!ic_merkle_entry_has(&e, &label));

    IC_BUF_SCOPE(b, IC_MERKLE_ENTRY_MAX + 1);
    CHECK_OK(ic_merkle_entry_encode(&e, &b));
    CHECK_OK(ic_merkle_entry_decode(ic_buf_view(&b), &back));
    struct ic_merkle_hash made, read, plain;
    ic_merkle_entry_hash(&e, &made);
    ic_merkle_entry_hash(&back, &read);
    ic_merkle_leaf_hash(ic_buf_view(&b), &plain);
    CHECK(ic_merkle_hash_equal(&made, &read));
    CHECK_BYTES(ic_merkle_hash_view(&made), ic_merkle_hash_view(&plain));
}

TEST(merkle_entry_with_no_names_and_with_many)
{
    MAKER_SCOPE(m, 1);
    struct two none = certificates(&m, NULL);
    struct ic_merkle_entry e;
    CHECK_OK(ic_merkle_entry_of(&none.ana, &none.root, 1, &e));
    CHECK_EQ_INT(e.label_count, 0);
    char names[4096] = "DNS:x.example,DNS:X.example";
    for (unsigned i = 0; i < 60; i++)
        snprintf(names + strlen(names), 32, ",DNS:h%u.example", i);
    struct two many = certificates(&m, names);
    CHECK_OK(ic_merkle_entry_of(&many.ana, &many.root, 1, &e));
    CHECK_EQ_INT(e.label_count, 61); /* the same name once */
    IC_BUF_SCOPE(b, IC_MERKLE_ENTRY_MAX);
    struct ic_merkle_hash made, plain;
    CHECK_OK(ic_merkle_entry_encode(&e, &b));
    ic_merkle_entry_hash(&e, &made);
    ic_merkle_leaf_hash(ic_buf_view(&b), &plain);
    CHECK(ic_merkle_hash_equal(&made, &plain));
    CHECK_OK(ic_merkle_entry_decode(ic_buf_view(&b), &e));
}

TEST(merkle_entry_codec_refuses)
{
    MAKER_SCOPE(m, 1);
    struct two t = certificates(&m, ana_names);
    struct ic_merkle_entry e, back;
    IC_BUF_SCOPE(b, 2 * IC_MERKLE_ENTRY_MAX);
    CHECK_OK(ic_merkle_entry_of(&t.ana, &t.root, 5, &e));
    CHECK_OK(ic_merkle_entry_encode(&e, &b));
    for (size_t n = 0; n < b.len; n++)
        CHECK(ic_merkle_entry_decode(ic_view(b.p, n), &back) != IC_OK);
    b.p[0] = 2;
    CHECK_ERR(ic_merkle_entry_decode(ic_buf_view(&b), &back), IC_ERR_UNSUPPORTED);
    ic_buf_reset(&b);
    struct ic_merkle_entry wrong = e;
    wrong.label[0] = e.label[1];
    wrong.label[1] = e.label[0];
    CHECK_OK(ic_merkle_entry_encode(&wrong, &b));
    CHECK_ERR(ic_merkle_entry_decode(ic_buf_view(&b), &back), IC_ERR_MALFORMED);
    ic_buf_reset(&b);
    wrong.label[0] = e.label[0];
    CHECK_OK(ic_merkle_entry_encode(&wrong, &b));
    CHECK_ERR(ic_merkle_entry_decode(ic_buf_view(&b), &back), IC_ERR_MALFORMED); /* twice */
}
