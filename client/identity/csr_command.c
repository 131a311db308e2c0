/* incamera identity csr */
#include "identity/command.h"
#include "identity/profile.h"
#include "keys/identity.h"

#include <ic/base/mem.h>
#include <ic/pki/csr.h>
#include <ic/pki/pem.h>
#include <stdio.h>
#include <string.h>

static const struct icc_option options[] = {
    {"--name", true, "NAME  who you are: the common name"},
    {"--organisation", true, "NAME  whose you are"},
    {"--email", true, "ADDRESS  a person's; also as im:ADDRESS (RFC 9734)"},
    {"--host", true, "NAME  a device's, in the DNS"},
    {"--pkcs11", true, "URI  the key is made in this token: pkcs11:token=NAME;object=KEY"},
    {"--existing", false, "the key is in the token already"},
    {"--suite", true, "N  cipher suite of RFC 9420, for a new key; 2 (P-256) otherwise"},
    {"--out", true, "FILE  standard output otherwise"},
    {"--help", false, "this text"},
};

static int help(int status)
{
    puts(
        "incamera identity csr --name NAME [options]\n\n"
        "Writes a request for a certificate (PKCS #10, in PEM) for this device's key, which is made if there is\n"
        "none and never leaves. An authority of your choice answers it; `incamera identity import` takes the "
        "answer.\n");
    icc_args_help(options, IC_ARRAY_LEN(options));
    return status;
}

static struct ic_view value(const struct icc_args *a, const char *name)
{
    return ic_view_cstr(icc_args_get(a, name));
}

static ic_err make(const struct icc_args *a, const struct ic_sign_key *key, struct ic_buf *pem)
{
    IC_BUF_SCOPE(der, IC_PKI_CSR_MAX);
    struct ic_pki_name names[3];
    struct ic_pki_csr_spec spec = {
        .subject = {.organisation = value(a, "--organisation"), .common_name = value(a, "--name")},
        .names = names};
    char address[300];
    if (icc_args_has(a, "--email")) {
        int n = snprintf(address, sizeof address, "im:%s", icc_args_get(a, "--email"));
        if (n >= (int)sizeof address)
            return IC_ERR_ARG;
        names[spec.name_count++] = (struct ic_pki_name){IC_PKI_NAME_EMAIL, value(a, "--email")};
        names[spec.name_count++] = (struct ic_pki_name){IC_PKI_NAME_URI, ic_view_cstr(address)};
    }
    if (icc_args_has(a, "--host"))
        names[spec.name_count++] = (struct ic_pki_name){IC_PKI_NAME_DNS, value(a, "--host")};
    IC_TRY(ic_pki_csr_make(&spec, key, &der));
    return ic_pki_pem_encode("CERTIFICATE REQUEST", ic_buf_view(&der), pem);
}

static int put(const char *path, struct ic_view pem)
{
    FILE *f = path ? fopen(path, "we") : stdout;
    bool ok = f && fwrite(pem.p, 1, pem.len, f) == pem.len && fflush(f) == 0;
    if (f && path)
        ok = fclose(f) == 0 && ok;
    if (!ok)
        fprintf(stderr, "incamera: %s cannot be written\n", path ? path : "the request");
    return ok ? 0 : 1;
}

static ic_err load(const struct icc_args *a, long suite, struct icc_identity *id, char *why,
                   size_t why_len)
{
    const char *uri = icc_args_get(a, "--pkcs11");
    if (uri)
        return icc_identity_from_token(NULL, uri, !icc_args_has(a, "--existing"), id, why, why_len);
    return icc_identity_load(NULL, (uint16_t)suite, id, why, why_len);
}

int icc_identity_csr(int argc, char **argv)
{
    struct icc_args a;
    struct icc_identity id = {0};
    char why[400] = "";
    long suite = 2;
    IC_BUF_SCOPE(pem, 2 * IC_PKI_CSR_MAX);
    if (!icc_args_parse(&a, options, IC_ARRAY_LEN(options), argc, argv) ||
        !icc_args_number(&a, "--suite", 1, 7, &suite))
        return 2;
    if (icc_args_has(&a, "--help") || a.free_count)
        return help(icc_args_has(&a, "--help") ? 0 : 2);
    if (!icc_args_has(&a, "--name")) {
        fprintf(stderr, "incamera: a request names somebody: --name, and --email or --host\n");
        return 2;
    }
    ic_err e = load(&a, suite, &id, why, sizeof why);
    if (e == IC_OK)
        e = make(&a, id.key, &pem);
    icc_identity_clear(&id);
    if (e != IC_OK) {
        fprintf(stderr, "incamera: %s\n",
                why[0] ? why
                : e == IC_ERR_ARG
                    ? "a name is not well-formed: plain text, ADDRESS like ana@ring.example"
                    : ic_err_text(e));
        return 1;
    }
    return put(icc_args_get(&a, "--out"), ic_buf_view(&pem));
}
