/* Makes certificates for tests, good ones and all kinds of bad ones. Aborts where it cannot.
 *
 *     MAKER_SCOPE(m, 1);
 *     struct maker_key *root = maker_key(&m, IC_ED25519), *ana = maker_key(&m, IC_ED25519);
 *     struct ic_view ca = maker_cert(&m, &(struct maker_spec){.subject = "CN=Root", .key = root, .ca = true});
 *     struct ic_view leaf = maker_cert(&m, &(struct maker_spec){.subject = "CN=Ana", .issuer = "CN=Root",
 *                                                               .key = ana, .signer = root});
 */
#ifndef IC_PKI_TEST_MAKER_H
#define IC_PKI_TEST_MAKER_H

#include <ic/base/arena.h>
#include <ic/base/test.h>
#include <ic/crypto/sign.h>

enum { MAKER_KEYS = 512, MAKER_RSA_PSS = 1 << 8 };
/* 23 November 2026, 04:00 UTC */
#define MAKER_NOW 1795406400

struct maker_key {
    enum ic_sig_id sig;
    struct ic_sign_key *key;
    void *rsa; /* EVP_PKEY */
    int rsa_bits;
    bool compressed; /* its point is written so */
};

struct maker {
    struct ic_arena arena;
    struct ic_test_rand state;
    struct ic_rand rand;
    struct maker_key keys[MAKER_KEYS];
    size_t key_count;
    uint64_t serial;
};

void maker_init(struct maker *m, uint64_t seed);
void maker_clear(struct maker *m);
#define MAKER_SCOPE(name, seed)                                                                    \
    __attribute__((cleanup(maker_clear))) struct maker name;                                       \
    maker_init(&name, seed)

struct maker_key *maker_key(struct maker *m, enum ic_sig_id sig);
struct maker_key *maker_rsa(struct maker *m, int bits);

/* Names are written "CN=Ana,O=Ring"; a value that begins with '!' is a PrintableString, with '^' a
 * BMPString. General names are written
 * "URI:im:ana@ring.example,DNS:x.example,email:a@x.example,IP:0a000001,dir:CN=Ana;O=Ring". */
struct maker_spec {
    const char *subject, *issuer;         /* issuer NULL: the subject's */
    const struct maker_key *key, *signer; /* signer NULL: key */
    int64_t not_before, not_after;        /* 0: a day around MAKER_NOW */
    bool ca;
    int path_len;       /* 0: none; n: n - 1 */
    uint16_t key_usage; /* 0: digitalSignature, or keyCertSign of a CA */
    bool no_key_usage;
    uint16_t purposes; /* 0: none */
    const char *names;
    const char *permitted, *excluded;
    bool key_ids;
    const struct ic_view *extra; /* Extensions in DER, at the end */
    size_t extra_count;
    int hash;              /* enum ic_hash_id for ECDSA and RSA, | MAKER_RSA_PSS; 0: the usual */
    struct ic_view serial; /* INTEGER's content; empty: the next number */
    int version;           /* 0: 3 */
    bool no_extensions;
    bool forged; /* one bit of the signature turned */
    bool algorithms_differ;
    struct ic_view algorithm;       /* in place of the right one */
    struct ic_view not_before_text; /* in place of not_before: tag and content */
    struct ic_view unique_id;       /* what stands between key and extensions */
    struct ic_view trailing;        /* at the end of the signed part */
};

struct ic_view maker_cert(struct maker *m, const struct maker_spec *s);
/* An element: tag, length, content. */
struct ic_view maker_der(struct maker *m, uint8_t tag, struct ic_view content);
struct ic_view maker_cat(struct maker *m, const struct ic_view *parts, size_t n);
#define CAT(m, ...)                                                                                \
    maker_cat(m, (const struct ic_view[]){__VA_ARGS__},                                            \
              sizeof((const struct ic_view[]){__VA_ARGS__}) / sizeof(struct ic_view))
struct ic_view maker_name(struct maker *m, const char *text);
/* GeneralNames, or GeneralSubtrees, without the outer tag. */
struct ic_view maker_general_names(struct maker *m, const char *text, bool subtrees);
/* An Extension; oid is an OID's content. */
struct ic_view maker_extension(struct maker *m, struct ic_view oid, bool critical,
                               struct ic_view value);
/* RFC 9420's public key. */
struct ic_view maker_public(const struct maker_key *k);
struct ic_view maker_copy(struct maker *m, struct ic_view v);

#endif
