/* Chains with the verdict that they must get: made afresh for the tests, and once for
 * tests/vectors/own/x509.json. */
#ifndef IC_PKI_TEST_CASES_H
#define IC_PKI_TEST_CASES_H

#include <ic/pki/store.h>

#include "maker.h"

enum { CASE_CERTS = 12, CASES_MAX = 256, CASE_LISTS = 3 };

/* What OpenSSL's X509_verify_cert says of it. */
enum peer {
    PEER_SAME,
    PEER_ACCEPTS, /* it asks for less, or finds another path */
    PEER_REFUSES, /* it knows less */
    PEER_UNASKED, /* what is judged is no part of its question */
};

/* A list of revoked certificates, and the certificate of the chain that signed it; 0: a root. */
struct case_list {
    struct ic_view der;
    uint32_t issuer;
};

struct pki_case {
    const char *name;
    struct ic_view certs[CASE_CERTS], roots[4];
    size_t cert_count, root_count;
    struct case_list lists[CASE_LISTS];
    size_t list_count;
    struct ic_view key;
    uint16_t suite; /* 0: any */
    int64_t now;
    struct ic_pki_policy policy;
    enum ic_pki_reason reason;
    int32_t index;
    enum peer peer;
};

struct cases {
    struct maker *m;
    struct pki_case all[CASES_MAX];
    size_t count;
};

/* Fills c; what it holds lives as long as m. */
void cases_make(struct cases *c, struct maker *m);

/* Decodes and validates as the case says. */
struct pki_outcome {
    ic_err err;
    struct ic_pki_fault fault;
    uint32_t verified;
};
struct pki_outcome pki_case_run(const struct pki_case *k);

/* ---- for the files that make them ---- */

struct trio {
    struct maker_spec leaf, inter, root;
};
struct trio cases_trio(struct cases *c, enum ic_sig_id root, enum ic_sig_id inter,
                       enum ic_sig_id leaf);
/* A chain of leaf and intermediate below the root. */
struct pki_case *cases_three(struct cases *c, const char *name, const struct trio *t,
                             enum ic_pki_reason reason, int32_t index);
struct pki_case *cases_add(struct cases *c, const char *name, const struct maker_key *key,
                           enum ic_pki_reason reason, int32_t index);
void cases_path(struct cases *c);
void cases_certificate(struct cases *c);
void cases_names(struct cases *c);
void cases_revocation(struct cases *c);

#endif
