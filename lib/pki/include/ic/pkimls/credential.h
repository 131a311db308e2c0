/* X.509 credentials in MLS groups: what ic_mls_config.check_credential wants, made of a store of
 * ic/pki.
 *
 *     struct ic_pkimls_verifier v = {.store = store, .clock = clock};
 *     config.check_credential = ic_pkimls_check_credential;
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
 * Where config.ctx serves other callbacks too, call ic_pkimls_check_credential from one of your
 * own.
 */
#ifndef IC_PKIMLS_CREDENTIAL_H
#define IC_PKIMLS_CREDENTIAL_H

#include <ic/base/api.h>
#include <ic/base/clock.h>
#include <ic/mlspub/types.h>
#include <ic/pki/store.h>

IC_API_BEGIN

struct ic_pkimls_verifier {
    struct ic_pki_store *store; /* borrowed */
    struct ic_clock clock;
    const struct ic_suite
        *suite;        /* the group's; NULL: the library compares lengths of keys itself */
    bool accept_basic; /* leaves with basic credentials too; never in place of an x509 one */
    /* The application's own judgement of a valid chain, as who may be in this group at all; NULL
     * accepts. */
    ic_err (*accept)(void *ctx, const struct ic_mlspub_leaf_node *leaf,
                     const struct ic_pki_verdict *verdict);
    void *ctx;
    struct ic_pki_fault
        fault; /* of the last leaf that was refused; else its reason is IC_PKI_NONE */
};

/* verifier: a struct ic_pkimls_verifier. leaf, former: as ic_mls_config.check_credential has them.
 * Errors are those of ic_pki_reason_err, or the application's. */
ic_err ic_pkimls_check_credential(void *verifier, const struct ic_mlspub_leaf_node *leaf,
                                  const struct ic_mlspub_leaf_node *former);

/* A credential of type x509 from certificates in DER, leaf first: `identity` views *out, to which
 * they are appended. IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err ic_pkimls_credential(const struct ic_view *certs, size_t n, struct ic_buf *out,
                            struct ic_mlspub_credential *credential);

IC_API_END

#endif
