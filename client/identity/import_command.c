/* incamera identity import FILE */
#include "identity/command.h"
#include "identity/profile.h"
#include "keys/identity.h"

#include <ic/base/mem.h>
#include <ic/pki/pem.h>
#include <stdio.h>
#include <string.h>

static const struct icc_option options[] = {
    {"--help", false, "this text"},
};

static int help(int status)
{
    puts(
        "incamera identity import FILE\n\n"
        "Takes the certificate that an authority gave for this device's key, and those between it and its root,\n"
        "from a file in PEM (- reads standard input). `incamera join` shows it from then on.\n");
    icc_args_help(options, IC_ARRAY_LEN(options));
    return status;
}

/* In the order that others want: the leaf first, each issued by the next. Files come in every order. */
static ic_err sort(struct ic_view given, struct ic_view key, struct ic_buf *out)
{
    struct ic_pki_chain *all IC_AUTOFREE = ic_new(struct ic_pki_chain);
    bool used[IC_PKI_CHAIN_MAX] = {false};
    size_t at = 0, n = 0;
    if (!all)
        return IC_ERR_NOMEM;
    IC_TRY(ic_pki_chain_decode(given, 0, all, NULL));
    while (at < all->count && !ic_view_equal(all->certs[at].key, key))
        at++;
    if (at == all->count)
        return IC_ERR_KEY;
    while (at < all->count && n < all->count) {
        used[at] = true;
        IC_TRY(ic_pki_chain_encode(&all->certs[at].encoded, 1, out));
        n++;
        struct ic_view issuer = all->certs[at].issuer;
        for (at = 0; at < all->count; at++)
            if (!used[at] && ic_pki_name_equal(all->certs[at].subject, issuer))
                break;
    }
    return IC_OK;
}

static ic_err write_chain(const struct ic_pki_chain *chain)
{
    IC_BUF_SCOPE(pem, ICC_PROFILE_FILE_MAX);
    for (size_t i = 0; i < chain->count; i++)
        IC_TRY(ic_pki_pem_encode("CERTIFICATE", chain->certs[i].encoded, &pem));
    return icc_profile_write("certificate.pem", ic_buf_view(&pem));
}

/* What nobody could be convinced by is not taken. */
static const char *objection(const struct icc_described *d)
{
    const struct ic_pki_cert *c = &d->chain.certs[0];
    const uint16_t serving = IC_PKI_FOR_IM_URI | IC_PKI_FOR_CLIENT_AUTH | IC_PKI_FOR_ANY;
    return c->not_after < d->now_s ? "its time is over"
           : c->is_ca              ? "it is an authority's, not a person's"
           : c->has_key_usage && !(c->key_usage & IC_PKI_DIGITAL_SIGNATURE)
               ? "it does not permit signing (key usage digitalSignature)"
           : c->has_purposes && !(c->purposes & serving)
               ? "its extended key usage must have clientAuth or imUri (RFC 9734)"
               : NULL;
}

static ic_err take(const char *path, const struct icc_identity *id, char *why, size_t why_len)
{
    IC_BUF_SCOPE(pem, ICC_PROFILE_FILE_MAX);
    IC_BUF_SCOPE(given, 1 << 20);
    IC_BUF_SCOPE(sorted, 1 << 20);
    const struct icc_certificate_paths paths = {.chain = NULL, .profile = true};
    struct icc_certificates trusted = {0};
    struct icc_described *d IC_AUTOFREE = ic_new(struct icc_described);
    if (!d)
        return IC_ERR_NOMEM;
    IC_TRY(icc_file_read(path, &pem));
    IC_TRY(icc_chain_read(ic_buf_view(&pem), path, &given, why, why_len));
    ic_err e = sort(ic_buf_view(&given), ic_sign_key_public(id->key), &sorted);
    if (e == IC_ERR_KEY)
        snprintf(why, why_len,
                 "%s does not certify this device's key: ask anew with `incamera identity csr`",
                 path);
    IC_TRY(e);
    IC_TRY(icc_certificates_trusted(&paths, &trusted, why, why_len));
    e = icc_describe(ic_buf_view(&sorted), &trusted, d);
    if (e == IC_OK && objection(d)) {
        snprintf(why, why_len, "the certificate cannot serve: %s", objection(d));
        e = IC_ERR_DENIED;
    }
    if (e == IC_OK)
        e = write_chain(&d->chain);
    if (e == IC_OK)
        icc_described_print(d);
    if (e == IC_OK && !d->vouched_by[0])
        puts(
            "\nOthers see you as verified if they trust one of these authorities. To see it here, add its root:\n"
            "incamera identity roots add FILE");
    icc_certificates_clear(&trusted);
    return e;
}

int icc_identity_import(int argc, char **argv)
{
    struct icc_args a;
    struct icc_identity id = {0};
    char why[400] = "";
    if (!icc_args_parse(&a, options, IC_ARRAY_LEN(options), argc, argv))
        return 2;
    if (icc_args_has(&a, "--help") || a.free_count != 1)
        return help(icc_args_has(&a, "--help") ? 0 : 2);
    if (!icc_profile_has("identity")) {
        fprintf(stderr,
                "incamera: this device has no key yet: begin with `incamera identity csr`\n");
        return 1;
    }
    ic_err e = icc_identity_load(NULL, 2, &id, why, sizeof why);
    if (e == IC_OK)
        e = take(a.free[0], &id, why, sizeof why);
    if (e != IC_OK)
        fprintf(stderr, "incamera: %s%s%s\n", why[0] ? why : a.free[0], why[0] ? "" : ": ",
                why[0] ? "" : ic_err_text(e));
    icc_identity_clear(&id);
    return e == IC_OK ? 0 : 1;
}
