/* Whom TLS trusts: the system's roots, or the one key that the link pins. */
#include "internal.h"

#include <ic/base/secret.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <string.h>

static bool is_pinned(const struct icc_net *net, X509 *cert)
{
    uint8_t *der = NULL, hash[32];
    int len = cert ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der) : 0;
    bool fits = len > 0 && EVP_Digest(der, (size_t)len, hash, NULL, EVP_sha256(), NULL) == 1 &&
                ic_ct_equal(ic_view(hash, 32), ic_view(net->url.cert_pin, 32));
    OPENSSL_free(der);
    return fits;
}

int icc_net_check_certificate(struct icc_net *net, void *store_ctx, bool ok)
{
    X509_STORE_CTX *ctx = store_ctx;
    if (!net->url.has_cert_pin)
        return ok ? 0 : 1;
    if (ok)
        return 0; /* with no other root loaded, only what stands below the pinned key gets here */
    /* The pin replaces the root's being known and nothing else: name, dates and signatures still count. */
    switch (X509_STORE_CTX_get_error(ctx)) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        break;
    default:
        return 1;
    }
    /* The pin is the server's own key, or that of its issuer, which is the certificate in question. */
    if (!is_pinned(net, X509_STORE_CTX_get0_cert(ctx)) &&
        !is_pinned(net, X509_STORE_CTX_get_current_cert(ctx))) {
        strcpy(net->why, "the server's certificate is not the one that the link names");
        return 1;
    }
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 0;
}
