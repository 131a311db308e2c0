/* Trusted roots, what is asked of chains, and a memory of authorities that were checked before.
 *
 *     struct ic_pki_store *store;
 *     IC_TRY(ic_pki_store_new(&(struct ic_pki_policy){0}, &store));
 *     IC_TRY(ic_pki_store_add_root(store, der, &fault));
 *     struct ic_pki_want want = {.key = leaf.signature_key};
 *     struct ic_pki_verdict verdict;
 *     IC_TRY(ic_pki_validate(store, &chain, &want, now_s, &verdict, &fault));
 *     ic_pki_store_free(store);
 *
 * What is judged, in this order: the leaf's key, that it is no authority's, key usage and purpose;
 * that each certificate is issued by the next; then, from the first certificate on that is a root
 * or was issued by one: the time of each and of the root, that all but the first are authorities'
 * with usage and purpose, path lengths, signatures from the root down, name constraints.
 * Certificates above that root must be signed by one another all the same (RFC 9420 section 5.3)
 * and are not judged otherwise.
 *
 * Accepted signatures: Ed25519, Ed448, ECDSA on P-256, P-384 and P-521, RSA of 2048 to 8192 bits by
 * PKCS #1 1.5 or PSS, with SHA-256, -384 or -512. Certificate policies are not asked for; policy
 * constraints, which ask for them, are refused as not understood.
 *
 * Revocation is judged last, by lists that the application brings: ic_pki_store_add_crl. A
 * certificate that its issuer's newest list names is revoked, however old that list is; what a list
 * that is too old, or that there is none, means for the others is policy.fresh_lists. The root is
 * never judged by a list: to distrust it, remove it.
 *
 * The memory holds signatures that were verified on the way from a root, as pairs of fingerprints.
 * All else, time first, is judged anew each time; so nothing remembered outlives its time. A change
 * of roots empties it.
 *
 * No I/O and no clock. A store belongs to one thread at a time.
 */
#ifndef IC_PKI_STORE_H
#define IC_PKI_STORE_H

#include <ic/base/api.h>
#include <ic/pki/chain.h>

IC_API_BEGIN

struct ic_pki_store;

struct ic_pki_policy {
    /* Extended key usages of which a certificate that has any needs one (bits of enum
     * ic_pki_purpose); 0 takes IC_PKI_FOR_IM_URI | IC_PKI_FOR_CLIENT_AUTH | IC_PKI_FOR_ANY. */
    uint16_t purposes;
    bool need_purpose;  /* the leaf must have an extended key usage; default: none serves for all */
    uint8_t max_chain;  /* certificates in a chain; 0 takes IC_PKI_CHAIN_MAX, which is the most */
    uint32_t max_cache; /* signatures remembered; 0 takes 512, which is 36 KB */
    bool no_cache;
    bool forget_leaves; /* remember those of authorities alone */
    /* A list that is known must be of now: past its nextUpdate, certificates of its issuer that it
     * does not name are refused (LIST_STALE), after clock_skew_s. Default: they are taken, so that
     * an authority that cannot be reached stops no meeting. An issuer without any list is taken
     * either way. */
    bool fresh_lists;
};

enum { IC_PKI_ROOTS_MAX = 1024, IC_PKI_CACHE_MAX = 1 << 20, IC_PKI_LISTS_MAX = 256 };

/* Copies the policy. IC_ERR_NOMEM, IC_ERR_RANGE. */
ic_err ic_pki_store_new(const struct ic_pki_policy *p, struct ic_pki_store **out);
/* Accepts NULL. */
void ic_pki_store_free(struct ic_pki_store *s);
/* Copies a certificate in DER, which must be an authority's. Its signature is not checked: you
 * trust it. IC_ERR_EXISTS, IC_ERR_LIMIT, IC_ERR_NOMEM, IC_ERR_DENIED, those of decoding. */
ic_err ic_pki_store_add_root(struct ic_pki_store *s, struct ic_view der,
                             struct ic_pki_fault *fault);
/* IC_ERR_NOT_FOUND. */
ic_err ic_pki_store_remove_root(struct ic_pki_store *s,
                                const uint8_t fingerprint[IC_PKI_FINGERPRINT_LEN]);
/* How many roots there are. */
size_t ic_pki_store_root_count(const struct ic_pki_store *s);
/* Borrowed until the roots change. Asserts i < count. */
const struct ic_pki_cert *ic_pki_store_root(const struct ic_pki_store *s, size_t i);
/* Empties the memory of checked signatures. */
void ic_pki_store_forget(struct ic_pki_store *s);

/* ---- revocation ---- */

enum { IC_PKI_LIST_SKEW_S = 600 }; /* how far in the future a list may have been made */

/* Copies a list of revoked certificates (DER) that a root of this store signed; from now on it is
 * the one for what that root issued. Nothing that was remembered helps a revoked certificate.
 * IC_ERR_EXISTS where it is the one that is there; fault LIST_OLDER (IC_ERR_STALE) where a newer one
 * is, by number or time; NO_ROOT where no root bears its issuer's name; NOT_YET where it was made
 * later than now_s and IC_PKI_LIST_SKEW_S; those of ic_pki_crl_decode and _verify; IC_ERR_LIMIT,
 * IC_ERR_NOMEM. On failure the former list stands. One that is past its nextUpdate is taken: what
 * it names stays revoked. Removing a root removes its list. */
ic_err ic_pki_store_add_crl(struct ic_pki_store *s, struct ic_view der, uint64_t now_s,
                            struct ic_pki_fault *fault);
/* The same for an authority below a root; the list judges only what is issued by a certificate of
 * the same subject and key. issuer is not kept. */
ic_err ic_pki_store_add_crl_of(struct ic_pki_store *s, const struct ic_pki_cert *issuer,
                               struct ic_view der, uint64_t now_s, struct ic_pki_fault *fault);
/* The lists that stand now, to be kept for another start: whoever starts without them takes an older one
 * for the newest. In no order; borrowed until lists or roots change. Asserts i < count. */
size_t ic_pki_store_crl_count(const struct ic_pki_store *s);
struct ic_view ic_pki_store_crl(const struct ic_pki_store *s, size_t i);
/* When the first of the lists runs out (nextUpdate, Unix time): fetch it anew by then. INT64_MAX
 * where there are none. */
int64_t ic_pki_store_crl_due(const struct ic_pki_store *s);

/* What the leaf's certificate must hold. */
struct ic_pki_want {
    struct ic_view key; /* LeafNode.signature_key */
    /* The group's; NULL: any whose signature keys look like this one. */
    const struct ic_suite *suite;
    /* How far beyond its time a certificate is still taken: clocks differ, and members of a group must
     * come to the same verdict. */
    uint32_t clock_skew_s;
};

struct ic_pki_verdict {
    const struct ic_pki_cert *leaf; /* in the chain given */
    const struct ic_pki_cert *root; /* in the store, borrowed until the roots change */
    int64_t not_before, not_after;  /* when the whole path is valid: judge again after it */
    uint32_t path_len;              /* certificates of the path, the root included */
    uint32_t verified;              /* signatures that were checked, not remembered */
};

/* now_s: Unix time. On success fills *out; on failure *fault, which may be NULL, names the
 * certificate. */
ic_err ic_pki_validate(struct ic_pki_store *s, const struct ic_pki_chain *chain,
                       const struct ic_pki_want *want, uint64_t now_s, struct ic_pki_verdict *out,
                       struct ic_pki_fault *fault);

/* One of many. The first two are yours to set, the rest is the answer. */
struct ic_pki_job {
    const struct ic_pki_chain *chain;
    struct ic_pki_want want;
    ic_err err;
    struct ic_pki_verdict verdict;
    struct ic_pki_fault fault;
};
/* Judges n chains; an authority that several share is checked once (unless the store has no_cache).
 * IC_OK where all are good, else the first error; every job has its own. */
ic_err ic_pki_validate_all(struct ic_pki_store *s, struct ic_pki_job *jobs, size_t n,
                           uint64_t now_s);

IC_API_END

#endif
