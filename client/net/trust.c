#include "net/trust.h"

#include <ic/base/secret.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <string.h>

static bool is_pinned(const struct ic_meeting_url *url, X509 *cert)
{
    uint8_t *der = NULL, hash[32];
    int len = cert ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der) : 0;
    bool fits = len > 0 && EVP_Digest(der, (size_t)len, hash, NULL, EVP_sha256(), NULL) == 1 &&
                ic_ct_equal(ic_view(hash, 32), ic_view(url->cert_pin, 32));
    OPENSSL_free(der);
    return fits;
}

bool icc_trust_refuses(const struct ic_meeting_url *url, void *store_ctx, bool ok, char *why)
{
    X509_STORE_CTX *ctx = store_ctx;
    if (!url->has_cert_pin)
        return !ok;
    if (ok)
        return false; /* with no other root loaded, only what stands below the pinned key gets here */
    /* The pin replaces the root's being known and nothing else: name, dates and signatures still count. */
    switch (X509_STORE_CTX_get_error(ctx)) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        break;
    default:
        return true;
    }
    /* The pin is the server's own key, or that of its issuer, which is the certificate in question. */
    if (!is_pinned(url, X509_STORE_CTX_get0_cert(ctx)) &&
        !is_pinned(url, X509_STORE_CTX_get_current_cert(ctx))) {
        strcpy(why, "the server's certificate is not the one that the link names");
        return true;
    }
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return false;
}
