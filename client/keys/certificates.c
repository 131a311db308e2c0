#include "certificates.h"

#include <errno.h>
#include <ic/pki/chain.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

enum { ROOTS_MAX = 256, CHAIN_BYTES_MAX = IC_PKI_CHAIN_MAX * (IC_PKI_CERT_MAX + 4) };

struct reading {
    const char *path;
    char *why;
    size_t why_len;
};

/* Each certificate of the file to take, in order. */
static ic_err each(const struct reading *r, size_t max,
                   ic_err (*take)(void *ctx, struct ic_view der, const struct reading *r),
                   void *ctx)
{
    FILE *f = fopen(r->path, "re");
    size_t n = 0;
    ic_err e = IC_OK;
    if (!f) {
        snprintf(r->why, r->why_len, "%s: %s", r->path, strerror(errno));
        return IC_ERR_IO;
    }
    X509 *cert;
    while (e == IC_OK && n < max && (cert = PEM_read_X509(f, NULL, NULL, NULL)) != NULL) {
        uint8_t *der = NULL;
        int len = i2d_X509(cert, &der);
        e = len > 0 ? take(ctx, ic_view(der, (size_t)len), r) : IC_ERR_MALFORMED;
        OPENSSL_free(der);
        X509_free(cert);
        n++;
    }
    ERR_clear_error(); /* the end of the file is an error to it */
    fclose(f);
    if (e == IC_OK && n == 0) {
        snprintf(r->why, r->why_len, "%s holds no certificate in PEM", r->path);
        e = IC_ERR_MALFORMED;
    }
    return e;
}

static ic_err take_root(void *ctx, struct ic_view der, const struct reading *r)
{
    struct ic_pki_fault fault = {.text = ""};
    ic_err e = ic_pki_store_add_root(ctx, der, &fault);
    if (e == IC_ERR_EXISTS)
        return IC_OK;
    if (e != IC_OK)
        snprintf(r->why, r->why_len, "%s: %s", r->path,
                 fault.text[0] ? fault.text : ic_err_text(e));
    return e;
}

static ic_err take_link(void *ctx, struct ic_view der, const struct reading *r)
{
    struct ic_pki_cert c;
    struct ic_pki_fault fault = {.text = ""};
    ic_err e = ic_pki_cert_decode(der, &c, &fault);
    if (e == IC_OK)
        e = ic_pki_chain_encode(&der, 1, ctx);
    if (e != IC_OK)
        snprintf(r->why, r->why_len, "%s: %s", r->path,
                 fault.text[0] ? fault.text : ic_err_text(e));
    return e;
}

static ic_err load_roots(const char *path, struct ic_pki_store **out, char *why, size_t why_len)
{
    if (!path)
        return IC_OK;
    IC_TRY(ic_pki_store_new(&(struct ic_pki_policy){0}, out));
    return each(&(struct reading){path, why, why_len}, ROOTS_MAX, take_root, *out);
}

static ic_err check_key(const struct ic_buf *certificates, const struct ic_sign_key *key, char *why,
                        size_t why_len)
{
    struct ic_pki_chain chain;
    IC_TRY(ic_pki_chain_decode(ic_buf_view(certificates), 0, &chain, NULL));
    if (ic_view_equal(chain.certs[0].key, ic_sign_key_public(key)))
        return IC_OK;
    snprintf(why, why_len, "the certificate does not certify this device's key (--identity)");
    return IC_ERR_KEY;
}

ic_err icc_certificates_load(const struct icc_certificate_paths *p, const struct ic_sign_key *key,
                             struct icc_certificates *out, char *why, size_t why_len)
{
    struct icc_certificates c = {0};
    ic_buf_init(&c.chain, CHAIN_BYTES_MAX);
    ic_err e = IC_OK;
    if (p->chain)
        e = each(&(struct reading){p->chain, why, why_len}, IC_PKI_CHAIN_MAX, take_link, &c.chain);
    if (e == IC_OK && p->chain)
        e = check_key(&c.chain, key, why, why_len);
    if (e == IC_OK)
        e = load_roots(p->external, &c.external, why, why_len);
    if (e == IC_OK)
        e = load_roots(p->internal, &c.internal, why, why_len);
    if (e != IC_OK) {
        icc_certificates_clear(&c);
        return e;
    }
    *out = c;
    return IC_OK;
}

void icc_certificates_clear(struct icc_certificates *c)
{
    ic_buf_clear(&c->chain);
    ic_pki_store_free(c->external);
    ic_pki_store_free(c->internal);
    *c = (struct icc_certificates){0};
}
