/* X.509 credentials in MLS groups: what ic_mls_config.check_credential wants, made of a store of
 * ic/pki.
 *
 *     struct ic_pkimls_verifier v = {.store = store, .clock = clock};
 *     config.check_credentials = ic_pkimls_check_credentials;
 *     config.ctx = &v;
 *     ...
 *     if (ic_mls_process(group, message, &received) != IC_OK && v.fault.reason)
 *         log("%s", v.fault.text);
 *
 * A leaf is accepted where its chain is valid for its signature key now (ic/pki/store.h) and, where
 * it replaces another leaf, its certificate names whom the former one named (ic_pki_same_identity):
 * renewed under another authority or root is the same person; another name, or another type of
 * credential, is not (RFC 9420 section 5.3.1). The former certificate need not be valid any more.
 *
 * Nothing here waits. Who must ask somebody first answers IC_ERR_AGAIN in a callback of its own and
 * calls ic_pkimls_check_credential when it knows ("credentials judged later" in ic/mls/group.h); so
 * does who needs config.ctx for other callbacks too.
 *
 * A newcomer judges the whole tree: a certificate that ran out keeps newcomers away until its owner
 * renews it or is removed.
 */
#ifndef IC_PKIMLS_CREDENTIAL_H
#define IC_PKIMLS_CREDENTIAL_H

#include <ic/base/api.h>
#include <ic/base/clock.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/rules.h>
#include <ic/pki/store.h>

IC_API_BEGIN

struct ic_pkimls_verifier {
    struct ic_pki_store *store; /* borrowed */
    struct ic_clock clock;
    /* The group's; NULL: the library of the group compares lengths of keys itself. */
    const struct ic_suite *suite;
    /* How far beyond its time a certificate is still taken; 0 takes IC_MLSPUB_CLOCK_SKEW_S, ten
     * minutes: a clock that is a second behind must not cost a member the group. */
    uint32_t clock_skew_s;
    bool accept_basic; /* leaves with basic credentials too; never in place of an x509 one */
    /* The application's own judgement of a valid chain, as who may be in this group at all; NULL
     * accepts. */
    ic_err (*accept)(void *ctx, const struct ic_mlspub_leaf_node *leaf,
                     const struct ic_pki_verdict *verdict);
    void *ctx;
    struct ic_pki_fault fault; /* of the last call's first refusal; else its reason is NONE */
    uint32_t leaf;             /* the candidate's index; IC_MLSPUB_NO_LEAF where it has none */
};

/* verifier: a struct ic_pkimls_verifier. leaf, former: as ic_mls_config.check_credential has them.
 * Errors are those of ic_pki_reason_err, or the application's. */
ic_err ic_pkimls_check_credential(void *verifier, const struct ic_mlspub_leaf_node *leaf,
                                  const struct ic_mlspub_leaf_node *former);

/* The same for many, as ic_mls_config.check_credentials has them: at one time of the clock, and
 * authorities that they share are checked once. The fault is the first one's that is refused. */
void ic_pkimls_check_credentials(void *verifier, const struct ic_mlspub_candidate *candidates,
                                 size_t n, ic_err *verdicts);
/* An external sender (RFC 9420 section 12.1.8.1): its chain is valid for its signature key.
 * `accept` is not asked. As ic_mlspub_rules.check_external_sender. */
ic_err ic_pkimls_check_external_sender(void *verifier,
                                       const struct ic_mlspub_external_sender *sender);

/* A credential of type x509 from certificates in DER, leaf first: `identity` views *out, to which
 * they are appended. IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err ic_pkimls_credential(const struct ic_view *certs, size_t n, struct ic_buf *out,
                            struct ic_mlspub_credential *credential);

IC_API_END

#endif
