#include "certificates.h"

#include "identity/profile.h"
#include "identity/trust.h"

#include <ic/pki/chain.h>
#include <ic/pki/pem.h>
#include <stdio.h>
#include <string.h>

enum { ROOTS_MAX = 256, CHAIN_BYTES_MAX = IC_PKI_CHAIN_MAX * (IC_PKI_CERT_MAX + 4) };

struct reading {
    const char *path;
    char *why;
    size_t why_len;
};

/* Each certificate of the text to take, in order. */
static ic_err each_of(const struct reading *r, struct ic_view text, size_t max,
                      ic_err (*take)(void *ctx, struct ic_view der, const struct reading *r),
                      void *ctx)
{
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    size_t n = 0;
    ic_err e = IC_OK;
    while (n < max && (e = ic_pki_pem_next(&text, "CERTIFICATE", &der)) == IC_OK) {
        IC_TRY(take(ctx, ic_buf_view(&der), r));
        n++;
    }
    if (n > 0 && (e == IC_OK || e == IC_ERR_NOT_FOUND))
        return IC_OK;
    snprintf(r->why, r->why_len, "%s holds no certificate in PEM%s", r->path,
             e == IC_ERR_NOT_FOUND ? "" : ", or a damaged one");
    return IC_ERR_MALFORMED;
}

static ic_err each(const struct reading *r, size_t max,
                   ic_err (*take)(void *ctx, struct ic_view der, const struct reading *r),
                   void *ctx)
{
    IC_BUF_SCOPE(text, ICC_PROFILE_FILE_MAX);
    ic_err e = icc_file_read(r->path, &text);
    if (e != IC_OK) {
        snprintf(r->why, r->why_len, "%s cannot be read: %s", r->path, ic_err_text(e));
        return IC_ERR_IO;
    }
    return each_of(r, ic_buf_view(&text), max, take, ctx);
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
    if (!*out)
        IC_TRY(ic_pki_store_new(&(struct ic_pki_policy){0}, out));
    return each(&(struct reading){path, why, why_len}, ROOTS_MAX, take_root, *out);
}

/* The organisation's roots, and those of others that it accepts: as agreed to at enrolment. */
static ic_err add_trust(const struct icc_certificate_paths *p, struct icc_certificates *c,
                        char *why, size_t why_len)
{
    IC_BUF_SCOPE(text, ICC_PROFILE_FILE_MAX);
    if (!p->profile || icc_profile_read("trust.json", &text) == IC_ERR_NOT_FOUND)
        return IC_OK;
    struct icc_trust trust = {0};
    ic_err e = icc_trust_parse(ic_buf_view(&text), &trust, why, why_len);
    if (e == IC_OK && !p->internal && icc_trust_count(&trust, ICC_TRUST_INTERNAL))
        e = ic_pki_store_new(&(struct ic_pki_policy){0}, &c->internal);
    if (e == IC_OK && c->internal && !p->internal)
        e = icc_trust_add(&trust, ICC_TRUST_INTERNAL, c->internal);
    if (e == IC_OK && !p->external && !c->external && icc_trust_count(&trust, ICC_TRUST_EXTERNAL))
        e = ic_pki_store_new(&(struct ic_pki_policy){0}, &c->external);
    if (e == IC_OK && c->external && !p->external)
        e = icc_trust_add(&trust, ICC_TRUST_EXTERNAL, c->external);
    if (e != IC_OK && !why[0])
        snprintf(why, why_len, "trust.json in the profile: %s", ic_err_text(e));
    icc_trust_clear(&trust);
    return e;
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

static const struct ic_pki_cert *issuer_among(const struct ic_pki_store *roots,
                                              const struct ic_pki_cert *of)
{
    for (size_t i = 0; roots && i < ic_pki_store_root_count(roots); i++) {
        const struct ic_pki_cert *root = ic_pki_store_root(roots, i);
        if (ic_pki_name_equal(root->subject, of->issuer) &&
            (!of->authority_key_id.len || ic_view_equal(root->key_id, of->authority_key_id)))
            return root;
    }
    return NULL;
}

/* Others judge a meeting for verified people by what the leaf shows alone, so the root comes along where we have it. */
static ic_err add_own_root(struct icc_certificates *c)
{
    struct ic_pki_chain chain;
    if (c->chain.len == 0)
        return IC_OK;
    IC_TRY(ic_pki_chain_decode(ic_buf_view(&c->chain), 0, &chain, NULL));
    const struct ic_pki_cert *last = &chain.certs[chain.count - 1];
    if (chain.count == IC_PKI_CHAIN_MAX || ic_pki_name_equal(last->subject, last->issuer))
        return IC_OK;
    const struct ic_pki_cert *root = issuer_among(c->external, last);
    root = root ? root : issuer_among(c->internal, last);
    return root ? ic_pki_chain_encode(&root->encoded, 1, &c->chain) : IC_OK;
}

/* A file of the profile where the caller names none. */
static const char *or_own(const struct icc_certificate_paths *p, const char *given,
                          const char *file, char room[ICC_PROFILE_PATH])
{
    if (given || !p->profile || !icc_profile_has(file))
        return given;
    return icc_profile_path(file, room) == IC_OK ? room : NULL;
}

/* Roots alone, into c. */
static ic_err load_trusted(const struct icc_certificate_paths *p, struct icc_certificates *c,
                           char *why, size_t why_len)
{
    char own[ICC_PROFILE_PATH];
    IC_TRY(
        load_roots(or_own(p, p->external, "external-roots.pem", own), &c->external, why, why_len));
    IC_TRY(load_roots(p->internal, &c->internal, why, why_len));
    return add_trust(p, c, why, why_len);
}

ic_err icc_certificates_trusted(const struct icc_certificate_paths *p, struct icc_certificates *out,
                                char *why, size_t why_len)
{
    struct icc_certificates c = {0};
    ic_err e = load_trusted(p, &c, why, why_len);
    if (e == IC_OK)
        *out = c;
    else
        icc_certificates_clear(&c);
    return e;
}

ic_err icc_certificates_load(const struct icc_certificate_paths *p, const struct ic_sign_key *key,
                             struct icc_certificates *out, char *why, size_t why_len)
{
    char own[ICC_PROFILE_PATH];
    const char *chain = or_own(p, p->chain, "certificate.pem", own);
    struct icc_certificates c = {0};
    why[0] = 0;
    ic_buf_init(&c.chain, CHAIN_BYTES_MAX);
    ic_err e = IC_OK;
    if (chain)
        e = each(&(struct reading){chain, why, why_len}, IC_PKI_CHAIN_MAX, take_link, &c.chain);
    if (e == IC_OK && chain)
        e = check_key(&c.chain, key, why, why_len);
    if (e == IC_OK)
        e = load_trusted(p, &c, why, why_len);
    if (e == IC_OK)
        e = add_own_root(&c);
    if (e != IC_OK) {
        icc_certificates_clear(&c);
        return e;
    }
    *out = c;
    return IC_OK;
}

ic_err icc_chain_read(struct ic_view pem, const char *name, struct ic_buf *out, char *why,
                      size_t why_len)
{
    return each_of(&(struct reading){name, why, why_len}, pem, IC_PKI_CHAIN_MAX, take_link, out);
}

void icc_certificates_clear(struct icc_certificates *c)
{
    ic_buf_clear(&c->chain);
    ic_pki_store_free(c->external);
    ic_pki_store_free(c->internal);
    *c = (struct icc_certificates){0};
}
