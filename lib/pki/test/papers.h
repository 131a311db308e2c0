/* Authorities and the chains that they give to people, for tests of meetings.
 *
 *     MAKER_SCOPE(m, 1);
 *     struct papers ring = papers_authority(&m, IC_ED25519, "CN=Ring CA");
 *     struct ic_view chain = papers_chain(&ring, ana_key, &(struct maker_spec){.subject = "CN=Ana"}, true);
 */
#ifndef IC_PKI_TEST_PAPERS_H
#define IC_PKI_TEST_PAPERS_H

#include "maker.h"

struct papers {
    struct maker *m;
    const char *name;
    struct maker_key *key;
    struct ic_view root; /* in DER; valid for ten years around MAKER_NOW */
    uint8_t fingerprint[32];
};

struct papers papers_authority(struct maker *m, enum ic_sig_id sig, const char *name);
/* The content of a credential's vector: a certificate for `key` as the spec says, its issuer and signer being the
 * authority; with_root: and the root. Lives as long as the maker. */
struct ic_view papers_chain(const struct papers *by, const struct ic_sign_key *key,
                            const struct maker_spec *spec, bool with_root);

/* The authority's list, in DER, with the chain's first certificate as revoked. Newer with a later now_s. */
struct ic_view papers_list(const struct papers *by, int64_t now_s, struct ic_view chain);

#endif
