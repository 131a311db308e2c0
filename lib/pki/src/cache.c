/* Signatures known to be good, by fingerprints of certificate and issuer: a table of fixed size
 * whose buckets push out what was used longest ago. Only what was reached from a root gets in, so a
 * stranger cannot fill it. */
#include <ic/base/mem.h>
#include <string.h>

#include "internal.h"

enum { WAYS = 8 };

struct entry {
    uint8_t cert[IC_PKI_FINGERPRINT_LEN];
    uint8_t issuer[IC_PKI_FINGERPRINT_LEN];
    uint64_t used; /* 0: free */
};

struct ic_pki_cache {
    size_t buckets;
    uint64_t clock;
    struct entry entries[];
};

ic_err ic_pki_cache_new(size_t max, struct ic_pki_cache **out)
{
    size_t buckets = (max + WAYS - 1) / WAYS;
    struct ic_pki_cache *c =
        ic_calloc(1, sizeof(struct ic_pki_cache) + buckets * WAYS * sizeof(struct entry));
    if (!c)
        return IC_ERR_NOMEM;
    c->buckets = buckets;
    *out = c;
    return IC_OK;
}

void ic_pki_cache_free(struct ic_pki_cache *c)
{
    ic_free(c);
}

void ic_pki_cache_clear(struct ic_pki_cache *c)
{
    memset(c->entries, 0, c->buckets * WAYS * sizeof(struct entry));
    c->clock = 0;
}

/* Fingerprints are spread already. */
static struct entry *bucket_of(struct ic_pki_cache *c, const struct ic_pki_cert *cert)
{
    return &c->entries[ic_load_u64(cert->fingerprint) % c->buckets * WAYS];
}

static bool matches(const struct entry *e, const struct ic_pki_cert *cert,
                    const struct ic_pki_cert *issuer)
{
    return e->used > 0 && memcmp(e->cert, cert->fingerprint, sizeof e->cert) == 0 &&
           memcmp(e->issuer, issuer->fingerprint, sizeof e->issuer) == 0;
}

bool ic_pki_cache_has(struct ic_pki_cache *c, const struct ic_pki_cert *cert,
                      const struct ic_pki_cert *issuer)
{
    struct entry *b = bucket_of(c, cert);
    for (size_t i = 0; i < WAYS; i++) {
        if (matches(&b[i], cert, issuer)) {
            b[i].used = ++c->clock;
            return true;
        }
    }
    return false;
}

void ic_pki_cache_put(struct ic_pki_cache *c, const struct ic_pki_cert *cert,
                      const struct ic_pki_cert *issuer)
{
    struct entry *b = bucket_of(c, cert), *oldest = b;
    for (size_t i = 1; i < WAYS; i++) {
        if (b[i].used < oldest->used)
            oldest = &b[i];
    }
    memcpy(oldest->cert, cert->fingerprint, sizeof oldest->cert);
    memcpy(oldest->issuer, issuer->fingerprint, sizeof oldest->issuer);
    oldest->used = ++c->clock;
}
