/* Chains at random, judged by us and by OpenSSL: what decides is what RFC 5280 section 6 decides.
 */
#include "cases.h"
#include "peer.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

enum { CHAINS = 600, DEPTH = 4 };

static const char *const hosts[] = {"a.example", "x.a.example", "y.x.a.example", "b.example"};
static const char *const subtrees[] = {"DNS:a.example",
                                       "DNS:x.a.example",
                                       "DNS:b.example",
                                       "email:.a.example",
                                       "email:a.example",
                                       "URI:x.a.example",
                                       "URI:.example",
                                       "IP:0a000000ffffff00",
                                       "dir:CN=Leaf",
                                       "dir:O=Nobody",
                                       "DNS:a.example,URI:.a.example"};

struct dice {
    struct ic_test_rand state;
};

static size_t roll(struct dice *d, size_t sides)
{
    return (size_t)(ic_test_rand_u64(&d->state) % sides);
}

/* True once in n. */
static bool rarely(struct dice *d, size_t n)
{
    return roll(d, n) == 0;
}

static const char *names_of(struct dice *d, char *out, size_t cap)
{
    size_t len = 0;
    out[0] = 0;
    for (size_t n = roll(d, 3); n-- > 0;) {
        static const char *const before[] = {"DNS:", "email:u@", "URI:https://"};
        static const char *const behind[] = {"", "", "/p"};
        char one[64];
        size_t form = roll(d, 4);
        if (form < 3)
            snprintf(one, sizeof one, "%s%s%s", before[form], hosts[roll(d, IC_ARRAY_LEN(hosts))],
                     behind[form]);
        else
            snprintf(one, sizeof one, "IP:0a0000%02zx", roll(d, 3));
        len += (size_t)snprintf(out + len, cap - len, "%s%s", len ? "," : "", one);
    }
    return len ? out : NULL;
}

static void spoil(struct dice *d, struct maker_spec *s)
{
    if (rarely(d, 30))
        s->not_after = MAKER_NOW - 1;
    if (rarely(d, 30))
        s->not_before = MAKER_NOW + 1;
    s->forged = rarely(d, 30);
    s->no_key_usage = rarely(d, 5);
    if (s->ca) {
        s->path_len = rarely(d, 3) ? 1 + (int)roll(d, 3) : 0;
        s->permitted = rarely(d, 5) ? subtrees[roll(d, IC_ARRAY_LEN(subtrees))] : NULL;
        s->excluded = rarely(d, 6) ? subtrees[roll(d, IC_ARRAY_LEN(subtrees))] : NULL;
        if (rarely(d, 25))
            s->key_usage = IC_PKI_DIGITAL_SIGNATURE;
        s->ca = !rarely(d, 30);
    }
}

/* A chain of 1 to DEPTH certificates below a root; c->all[0] is it. */
static const struct pki_case *make(struct cases *c, struct dice *d, const struct maker_key *keys)
{
    static const char *const subjects[] = {"CN=Leaf", "CN=CA 1", "CN=CA 2", "CN=CA 3"};
    char names[256];
    size_t n = 1 + roll(d, DEPTH);
    struct maker_spec s = {.subject = "CN=Root", .key = &keys[DEPTH], .ca = true};
    c->count = 0;
    struct pki_case *k = cases_add(c, "random", &keys[0], IC_PKI_NONE, 0);
    spoil(d, &s);
    s.ca = true; /* a root that is none is no root to us */
    k->roots[k->root_count++] = maker_cert(c->m, &s);
    for (size_t i = n; i-- > 0;) {
        s = (struct maker_spec){.subject = subjects[i],
                                .issuer = s.subject,
                                .key = &keys[i],
                                .signer = s.key,
                                .ca = i > 0,
                                .names = names_of(d, names, sizeof names)};
        spoil(d, &s);
        if (i == 0)
            s.key_usage = 0;
        k->certs[i] = maker_cert(c->m, &s);
    }
    k->cert_count = n;
    return k;
}

TEST(random_chains_get_openssl_s_verdict)
{
    static struct cases c;
    static struct maker_key keys[DEPTH + 1];
    struct dice d = {{20261123}};
    size_t good = 0, seen[IC_PKI_REASON_COUNT] = {0};
    MAKER_SCOPE(keyring, 3);
    for (size_t i = 0; i <= DEPTH; i++)
        keys[i] = *maker_key(&keyring, i % 2 ? IC_ECDSA_P256_SHA256 : IC_ED25519);
    for (size_t i = 0; i < CHAINS && !ic_test_failed(); i++) {
        MAKER_SCOPE(m, i);
        int error;
        c.m = &m;
        const struct pki_case *k = make(&c, &d, keys);
        struct pki_outcome o = pki_case_run(k);
        bool theirs = peer_accepts(k, &error);
        good += o.err == IC_OK;
        seen[o.err == IC_OK ? IC_PKI_NONE : o.fault.reason]++;
        if ((o.err == IC_OK) != theirs)
            ic_test_fail(__FILE__, __LINE__, "chain %zu: we say %s, OpenSSL says %s", i,
                         o.err == IC_OK ? "good" : o.fault.text, peer_error(error));
    }
    /* All that was meant to happen did. */
    static const enum ic_pki_reason met[] = {
        IC_PKI_EXPIRED, IC_PKI_NOT_YET,         IC_PKI_SIGNATURE, IC_PKI_PATH_LENGTH,
        IC_PKI_NOT_CA,  IC_PKI_NAME_CONSTRAINT, IC_PKI_KEY_USAGE};
    for (size_t i = 0; i < IC_ARRAY_LEN(met); i++)
        CHECK(seen[met[i]] > 5);
    CHECK(good > CHAINS / 10);
}
