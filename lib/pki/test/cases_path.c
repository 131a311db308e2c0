/* What stands between a leaf and its root. */
#include "cases.h"

#define DAY 86400

static struct trio fresh(struct cases *c)
{
    return cases_trio(c, IC_ED25519, IC_ED25519, IC_ED25519);
}

static void algorithms(struct cases *c)
{
    static const struct {
        const char *name;
        enum ic_sig_id root, inter, leaf;
        uint16_t suite;
    } rows[] = {
        {"good-suite-1", IC_ED25519, IC_ED25519, IC_ED25519, 1},
        {"good-suite-2", IC_ECDSA_P384_SHA384, IC_ECDSA_P256_SHA256, IC_ECDSA_P256_SHA256, 2},
        {"good-suite-3", IC_ECDSA_P256_SHA256, IC_ECDSA_P256_SHA256, IC_ED25519, 3},
        {"good-suite-4", IC_ED448, IC_ED448, IC_ED448, 4},
        {"good-suite-5", IC_ECDSA_P521_SHA512, IC_ECDSA_P521_SHA512, IC_ECDSA_P521_SHA512, 5},
        {"good-suite-6", IC_ECDSA_P256_SHA256, IC_ED25519, IC_ED448, 6},
        {"good-suite-7", IC_ED25519, IC_ECDSA_P384_SHA384, IC_ECDSA_P384_SHA384, 7},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trio t = cases_trio(c, rows[i].root, rows[i].inter, rows[i].leaf);
        t.leaf.key_ids = t.inter.key_ids = t.root.key_ids = true;
        cases_three(c, rows[i].name, &t, IC_PKI_NONE, 0)->suite = rows[i].suite;
    }
}

static void hashes(struct cases *c)
{
    static const struct {
        const char *name;
        enum ic_sig_id sig;
        int hash;
    } rows[] = {
        {"good-p256-sha512", IC_ECDSA_P256_SHA256, IC_SHA512},
        {"good-p384-sha256", IC_ECDSA_P384_SHA384, IC_SHA256},
        {"good-p521-sha384", IC_ECDSA_P521_SHA512, IC_SHA384},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trio t = cases_trio(c, IC_ED25519, rows[i].sig, IC_ED25519);
        t.leaf.hash = rows[i].hash;
        cases_three(c, rows[i].name, &t, IC_PKI_NONE, 0);
    }
    struct trio t = cases_trio(c, IC_ED25519, IC_ECDSA_P256_SHA256, IC_ED25519);
    t.leaf.hash = IC_SHA1;
    cases_three(c, "ecdsa-sha1", &t, IC_PKI_SIGNATURE_ALGORITHM, 0)->peer = PEER_ACCEPTS;
}

static void rsa(struct cases *c)
{
    static const struct {
        const char *name;
        int hash;
    } rows[] = {{"good-rsa-sha256", IC_SHA256},
                {"good-rsa-sha384", IC_SHA384},
                {"good-rsa-sha512", IC_SHA512},
                {"good-rsa-pss-sha256", IC_SHA256 | MAKER_RSA_PSS},
                {"good-rsa-pss-sha384", IC_SHA384 | MAKER_RSA_PSS},
                {"good-rsa-pss-sha512", IC_SHA512 | MAKER_RSA_PSS}};
    struct trio t = fresh(c);
    t.root.key = t.inter.signer = maker_rsa(c->m, 2048);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        t.inter.hash = rows[i].hash;
        cases_three(c, rows[i].name, &t, IC_PKI_NONE, 0);
    }
    t.inter.hash = IC_SHA1;
    cases_three(c, "rsa-sha1", &t, IC_PKI_SIGNATURE_ALGORITHM, 1)->peer = PEER_ACCEPTS;
    t.inter.hash = 0;
    t.inter.forged = true;
    cases_three(c, "rsa-forged", &t, IC_PKI_SIGNATURE, 1);
    t = fresh(c);
    t.inter.key = t.leaf.signer = maker_rsa(c->m, 1024);
    cases_three(c, "rsa-1024", &t, IC_PKI_KEY_WEAK, 1)->peer = PEER_ACCEPTS;
    t = fresh(c);
    t.leaf.key = maker_rsa(c->m, 2048);
    cases_three(c, "rsa-leaf", &t, IC_PKI_KEY_SUITE, 0)->peer = PEER_UNASKED;
}

static void times(struct cases *c)
{
    struct trio t = fresh(c);
    t.leaf.not_after = MAKER_NOW - 1;
    cases_three(c, "leaf-expired", &t, IC_PKI_EXPIRED, 0);
    t = fresh(c);
    t.leaf.not_after = t.inter.not_before = MAKER_NOW;
    cases_three(c, "good-first-and-last-second", &t, IC_PKI_NONE, 0)->peer =
        PEER_REFUSES; /* to it the last second is over; RFC 5280 section 4.1.2.5 says inclusive */
    t = fresh(c);
    t.leaf.not_before = MAKER_NOW + 1;
    cases_three(c, "leaf-not-yet", &t, IC_PKI_NOT_YET, 0);
    t = fresh(c);
    t.inter.not_after = MAKER_NOW - DAY / 2;
    cases_three(c, "intermediate-expired", &t, IC_PKI_EXPIRED, 1);
    t = fresh(c);
    t.inter.not_before = MAKER_NOW + 60;
    cases_three(c, "intermediate-not-yet", &t, IC_PKI_NOT_YET, 1);
    t = fresh(c);
    t.root.not_after = MAKER_NOW - 1;
    cases_three(c, "root-expired", &t, IC_PKI_EXPIRED, IC_PKI_ROOT_INDEX);
    t = fresh(c);
    t.root.not_after = 253402300799; /* 9999-12-31 23:59:59, RFC 5280 section 4.1.2.5: never */
    cases_three(c, "good-root-forever", &t, IC_PKI_NONE, 0);
}

static void authorities(struct cases *c)
{
    struct trio t = fresh(c);
    t.inter.ca = false;
    t.inter.key_usage = IC_PKI_KEY_CERT_SIGN;
    cases_three(c, "intermediate-no-ca", &t, IC_PKI_NOT_CA, 1);
    t = fresh(c);
    t.inter.key_usage = IC_PKI_DIGITAL_SIGNATURE;
    cases_three(c, "intermediate-key-usage", &t, IC_PKI_KEY_USAGE, 1);
    t = fresh(c);
    t.inter.no_key_usage = t.leaf.no_key_usage = true;
    cases_three(c, "good-no-key-usage", &t, IC_PKI_NONE, 0);
    t = fresh(c);
    t.leaf.ca = true;
    t.leaf.key_usage = IC_PKI_DIGITAL_SIGNATURE | IC_PKI_KEY_CERT_SIGN;
    cases_three(c, "leaf-ca", &t, IC_PKI_LEAF_CA, 0)->peer = PEER_ACCEPTS;
    t = fresh(c);
    t.leaf.key_usage = 1 << 2; /* keyEncipherment */
    cases_three(c, "leaf-key-usage", &t, IC_PKI_KEY_USAGE, 0)->peer = PEER_UNASKED;
}

static void purposes(struct cases *c)
{
    static const struct {
        const char *name;
        uint16_t leaf, inter, accepted;
        bool need;
        enum ic_pki_reason reason;
        int32_t index;
    } rows[] = {
        {"good-im-uri", IC_PKI_FOR_IM_URI, 0, 0, true, IC_PKI_NONE, 0},
        {"good-client-auth", IC_PKI_FOR_CLIENT_AUTH, IC_PKI_FOR_CLIENT_AUTH, 0, 0, IC_PKI_NONE, 0},
        {"good-any-purpose", IC_PKI_FOR_ANY, IC_PKI_FOR_IM_URI, 0, 0, IC_PKI_NONE, 0},
        {"good-one-of-several", IC_PKI_FOR_SOMETHING | IC_PKI_FOR_IM_URI, 0, 0, 0, IC_PKI_NONE, 0},
        {"good-email-accepted", IC_PKI_FOR_EMAIL, 0, IC_PKI_FOR_EMAIL, 0, IC_PKI_NONE, 0},
        {"leaf-server-auth", IC_PKI_FOR_SERVER_AUTH, 0, 0, 0, IC_PKI_PURPOSE, 0},
        {"leaf-email", IC_PKI_FOR_EMAIL, 0, 0, 0, IC_PKI_PURPOSE, 0},
        {"leaf-code-signing", IC_PKI_FOR_SOMETHING, 0, 0, 0, IC_PKI_PURPOSE, 0},
        {"leaf-purpose-missing", 0, 0, 0, true, IC_PKI_PURPOSE, 0},
        {"intermediate-server-auth", 0, IC_PKI_FOR_SERVER_AUTH, 0, 0, IC_PKI_PURPOSE, 1},
        {"any-purpose-not-accepted", IC_PKI_FOR_ANY, 0, IC_PKI_FOR_IM_URI, 0, IC_PKI_PURPOSE, 0},
    };
    struct trio t = fresh(c);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        t.leaf.purposes = rows[i].leaf;
        t.inter.purposes = rows[i].inter;
        struct pki_case *k = cases_three(c, rows[i].name, &t, rows[i].reason, rows[i].index);
        k->policy.purposes = rows[i].accepted;
        k->policy.need_purpose = rows[i].need;
        k->peer = PEER_UNASKED;
    }
}

/* RFC9420-5.3-1: the first certificate's key is the leaf's. */
static void keys_and_signatures(struct cases *c)
{
    struct trio t = fresh(c);
    /* RFC9420-5.3-1 */
    struct pki_case *k = cases_three(c, "key-of-somebody-else", &t, IC_PKI_KEY_MISMATCH, 0);
    k->key = maker_public(maker_key(c->m, IC_ED25519));
    k->peer = PEER_UNASKED;
    k = cases_three(c, "key-not-of-suite", &t, IC_PKI_KEY_SUITE, 0);
    k->suite = 2;
    k->peer = PEER_UNASKED;
    t = cases_trio(c, IC_ED25519, IC_ED25519, IC_ECDSA_P256_SHA256);
    ((struct maker_key *)(uintptr_t)t.leaf.key)->compressed = true;
    cases_three(c, "key-compressed", &t, IC_PKI_KEY_SUITE, 0)->peer = PEER_UNASKED;
    t = fresh(c);
    t.leaf.forged = true;
    cases_three(c, "leaf-forged", &t, IC_PKI_SIGNATURE, 0);
    t = cases_trio(c, IC_ECDSA_P256_SHA256, IC_ECDSA_P384_SHA384, IC_ED25519);
    t.leaf.forged = true;
    cases_three(c, "leaf-forged-p384", &t, IC_PKI_SIGNATURE, 0);
    t = fresh(c);
    t.inter.forged = true;
    cases_three(c, "intermediate-forged", &t, IC_PKI_SIGNATURE, 1);
    t = fresh(c);
    t.leaf.signer = maker_key(c->m, IC_ED25519);
    cases_three(c, "leaf-signed-by-somebody-else", &t, IC_PKI_SIGNATURE, 0);
    t = fresh(c);
    t.leaf.signer = maker_key(c->m, IC_ECDSA_P256_SHA256);
    cases_three(c, "leaf-signed-by-another-kind-of-key", &t, IC_PKI_SIGNATURE, 0);
    t = fresh(c);
    t.root.forged = true;
    cases_three(c, "good-root-signature-is-not-asked", &t, IC_PKI_NONE, 0);
}

static void shapes(struct cases *c)
{
    struct trio t = fresh(c);
    struct pki_case *k = cases_three(c, "good-root-in-chain", &t, IC_PKI_NONE, 0);
    k->certs[k->cert_count++] = k->roots[0];
    k = cases_three(c, "self-signed-root-unknown", &t, IC_PKI_NO_ROOT, 2);
    k->certs[k->cert_count++] = k->roots[0];
    struct maker_spec other = {
        .subject = "CN=Other", .key = maker_key(c->m, IC_ED25519), .ca = true};
    k->roots[0] = maker_cert(c->m, &other);
    k = cases_three(c, "root-of-same-name-other-key", &t, IC_PKI_SIGNATURE, 1);
    other.subject = t.root.subject;
    k->roots[0] = maker_cert(c->m, &other);
    k = cases_three(c, "good-two-roots-of-one-name", &t, IC_PKI_NONE, 0);
    k->roots[k->root_count++] = maker_cert(c->m, &other);
    k = cases_three(c, "no-roots", &t, IC_PKI_NO_ROOT, 1);
    k->root_count = 0;
    k = cases_three(c, "wrong-order", &t, IC_PKI_KEY_MISMATCH, 0);
    k->peer = PEER_UNASKED;
    struct ic_view swap = k->certs[0];
    k->certs[0] = k->certs[1];
    k->certs[1] = swap;
    k = cases_three(c, "root-before-intermediate", &t, IC_PKI_ORDER, 1);
    k->certs[2] = k->certs[1];
    k->certs[1] = k->roots[0];
    k->cert_count = 3;
    k->peer = PEER_ACCEPTS;
    k = cases_three(c, "missing-intermediate", &t, IC_PKI_NO_ROOT, 0);
    k->cert_count = 1;
    k = cases_three(c, "extra-certificate", &t, IC_PKI_ORDER, 2);
    other.subject = "CN=Other";
    k->certs[k->cert_count++] = maker_cert(c->m, &other);
    k->peer = PEER_ACCEPTS;
    k = cases_three(c, "certificate-twice", &t, IC_PKI_LOOP, 2);
    k->certs[k->cert_count++] = k->certs[1];
    k->peer = PEER_ACCEPTS;
    k = cases_three(c, "empty-chain", &t, IC_PKI_NO_CERTIFICATE, IC_PKI_NO_INDEX);
    k->cert_count = 0;
    k->peer = PEER_UNASKED;
    k = cases_three(c, "good-leaf-below-root", &t, IC_PKI_NONE, 0);
    k->roots[0] = k->certs[1];
    k->cert_count = 1;
    k->peer = PEER_REFUSES; /* a root that is not self-signed */
}

static void self_signed_leaf(struct cases *c)
{
    struct maker_spec leaf = {.subject = "CN=Ana", .key = maker_key(c->m, IC_ED25519)};
    struct pki_case *k = cases_add(c, "self-signed-leaf", leaf.key, IC_PKI_NO_ROOT, 0);
    k->certs[k->cert_count++] = maker_cert(c->m, &leaf);
    struct maker_spec root = {.subject = "CN=Root", .key = maker_key(c->m, IC_ED25519), .ca = true};
    k->roots[k->root_count++] = maker_cert(c->m, &root);
    leaf.issuer = "CN=Root";
    leaf.signer = root.key;
    k = cases_add(c, "good-no-intermediate", leaf.key, IC_PKI_NONE, 0);
    k->certs[k->cert_count++] = maker_cert(c->m, &leaf);
    k->roots[k->root_count++] = maker_cert(c->m, &root);
    root.no_extensions = true;
    k = cases_add(c, "root-no-ca", leaf.key, IC_PKI_NOT_CA, 0);
    k->certs[k->cert_count++] = maker_cert(c->m, &leaf);
    k->roots[k->root_count++] = maker_cert(c->m, &root);
}

/* leaf, then n - 1 authorities of these path lengths (as maker_spec has them), the last below the
 * root. */
static struct pki_case *tower(struct cases *c, const char *name, size_t n, const int *path_len,
                              int root_path_len, bool self_issued, enum ic_pki_reason reason,
                              int32_t index)
{
    static const char *const subjects[] = {"CN=Leaf", "CN=CA 1", "CN=CA 2", "CN=CA 3", "CN=CA 4",
                                           "CN=CA 5", "CN=CA 6", "CN=CA 7", "CN=CA 8", "CN=CA 9"};
    struct maker_spec root = {.subject = "CN=Root",
                              .key = maker_key(c->m, IC_ED25519),
                              .ca = true,
                              .path_len = root_path_len};
    struct pki_case *k = cases_add(c, name, root.key, reason, index);
    const struct maker_key *above = root.key;
    const char *issuer = root.subject;
    k->roots[k->root_count++] = maker_cert(c->m, &root);
    for (size_t i = n; i-- > 0;) {
        struct maker_spec s = {.subject = self_issued && i > 0 ? issuer : subjects[i],
                               .issuer = issuer,
                               .key = maker_key(c->m, IC_ED25519),
                               .signer = above,
                               .ca = i > 0,
                               .path_len = i > 0 && path_len ? path_len[i - 1] : 0};
        k->certs[i] = maker_cert(c->m, &s);
        above = s.key;
        issuer = s.subject;
    }
    k->cert_count = n;
    k->key = maker_public(above);
    return k;
}

static void lengths(struct cases *c)
{
    tower(c, "good-path-length", 4, (const int[]){1, 2, 3}, 4, false, IC_PKI_NONE, 0);
    tower(c, "path-length-intermediate", 4, (const int[]){0, 1, 0}, 0, false, IC_PKI_PATH_LENGTH,
          2);
    tower(c, "path-length-root", 3, NULL, 2, false, IC_PKI_PATH_LENGTH, IC_PKI_ROOT_INDEX);
    tower(c, "good-path-length-self-issued", 3, NULL, 1, true, IC_PKI_NONE, 0)->peer =
        PEER_REFUSES; /* it takes the first root of that name, whatever the keys */
    tower(c, "good-chain-of-eight", 8, NULL, 0, false, IC_PKI_NONE, 0);
    tower(c, "chain-of-nine", 9, NULL, 0, false, IC_PKI_CHAIN_LONG, IC_PKI_NO_INDEX)->peer =
        PEER_ACCEPTS;
    struct pki_case *k =
        tower(c, "chain-longer-than-policy", 3, NULL, 0, false, IC_PKI_CHAIN_LONG, IC_PKI_NO_INDEX);
    k->policy.max_chain = 2;
    k->peer = PEER_UNASKED;
}

/* Two authorities that certify one another, and neither is a root. */
static void loop(struct cases *c)
{
    struct maker_key *a = maker_key(c->m, IC_ED25519), *b = maker_key(c->m, IC_ED25519);
    struct trio t = fresh(c);
    struct maker_spec by_b = {
        .subject = "CN=A", .issuer = "CN=B", .key = a, .signer = b, .ca = true};
    struct maker_spec by_a = {
        .subject = "CN=B", .issuer = "CN=A", .key = b, .signer = a, .ca = true};
    t.leaf.issuer = "CN=A";
    t.leaf.signer = a;
    struct pki_case *k = cases_three(c, "authorities-in-a-ring", &t, IC_PKI_NO_ROOT, 3);
    k->certs[1] = maker_cert(c->m, &by_b);
    k->certs[2] = maker_cert(c->m, &by_a);
    k->certs[3] = maker_cert(c->m, &by_b); /* the same but for its serial number */
    k->cert_count = 4;
}

/* Our root, once more, certified by a root that we do not know. */
static void cross(struct cases *c)
{
    struct trio t = fresh(c);
    struct maker_key *stranger = maker_key(c->m, IC_ED25519);
    struct maker_spec crossed = t.root;
    crossed.issuer = "CN=Stranger";
    crossed.signer = stranger;
    struct pki_case *k = cases_three(c, "good-cross-certified-root", &t, IC_PKI_NONE, 0);
    k->certs[k->cert_count++] = maker_cert(c->m, &crossed);
    struct maker_spec above = {.subject = "CN=Stranger", .key = stranger, .ca = true};
    k = cases_three(c, "good-cross-certified-twice", &t, IC_PKI_NONE, 0);
    k->certs[k->cert_count++] = maker_cert(c->m, &crossed);
    k->certs[k->cert_count++] = maker_cert(c->m, &above);
    crossed.forged = true;
    k = cases_three(c, "cross-certificate-forged", &t, IC_PKI_SIGNATURE, 2);
    k->certs[k->cert_count++] = maker_cert(c->m, &crossed);
    k->certs[k->cert_count++] = maker_cert(c->m, &above);
    k->peer = PEER_ACCEPTS; /* it stops at the root that it knows */
}

void cases_path(struct cases *c)
{
    algorithms(c);
    hashes(c);
    rsa(c);
    times(c);
    authorities(c);
    purposes(c);
    keys_and_signatures(c);
    shapes(c);
    self_signed_leaf(c);
    lengths(c);
    loop(c);
    cross(c);
}
