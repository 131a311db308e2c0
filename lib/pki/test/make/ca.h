/* A small authority for tests: a root made by ic_pki_issue, and what it issues. */
#ifndef IC_PKI_TEST_CA_H
#define IC_PKI_TEST_CA_H

#include <ic/base/test.h>
#include <ic/pki/crl.h>
#include <ic/pki/csr.h>
#include <ic/pki/issue.h>
#include <ic/pki/ocsp.h>
#include <ic/pki/store.h>

#include "../maker.h"

struct ca {
    struct maker m;
    struct maker_key *key, *ana_key;
    struct ic_view root_der, ana_der;
    struct ic_pki_cert root, ana;
};

/* The root's and Ana's keys are of this algorithm. */
void ca_init(struct ca *ca, uint64_t seed, enum ic_sig_id sig);
void ca_clear(struct ca *ca);
#define CA_SCOPE(name, seed, sig)                                                                  \
    __attribute__((cleanup(ca_clear))) struct ca name;                                             \
    ca_init(&name, seed, sig)

/* What Ana's certificate is made from; key_info lives in the maker. */
struct ic_pki_issue ca_plan(struct ca *ca, const struct maker_key *key);
struct ic_view ca_issue(struct ca *ca, const struct ic_pki_issue *what);
/* Every way to cut it, to lengthen it and to turn one of its bits is refused by fn. */
void ca_hostile(struct ic_view good, ic_err (*fn)(struct ic_view der, void *ctx), void *ctx);

#endif
