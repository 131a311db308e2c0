/* The certificate that came: for the request's key, with the names asked for, each issued by the next. */
#include "internal.h"

#include <ic/base/mem.h>
#include <ic/pki/chain.h>
#include <ic/pki/csr.h>
#include <ic/pki/pem.h>
#include <string.h>
#include <strings.h>

static bool has_name(const struct ic_pki_cert *c, const struct name *name)
{
    enum ic_pki_name_kind kind =
        strcmp(name->type, "dns") == 0 ? IC_PKI_NAME_DNS : IC_PKI_NAME_EMAIL;
    struct ic_reader r = ic_reader(c->names);
    struct ic_pki_name n;
    while (ic_pki_names_next(&r, &n))
        if (n.kind == kind && n.value.len == strlen(name->value) &&
            strncasecmp((const char *)n.value.p, name->value, n.value.len) == 0)
            return true;
    return false;
}

static const char *fault_of(const struct ic_acme *a, const struct ic_pki_chain *chain)
{
    struct ic_pki_csr csr;
    if (ic_pki_csr_decode(ic_buf_view(&a->csr), &csr, NULL) != IC_OK ||
        !ic_view_equal(chain->certs[0].key, csr.key))
        return "it is for another key";
    for (size_t i = 0; i < a->name_count; i++)
        if (!has_name(&chain->certs[0], &a->names[i]))
            return "it does not have the names that were asked for";
    for (size_t i = 1; i < chain->count; i++)
        if (!ic_pki_name_equal(chain->certs[i].subject, chain->certs[i - 1].issuer))
            return "its issuers do not follow each other";
    return NULL;
}

static ic_err read_all(struct ic_view pem, struct ic_buf *out)
{
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    ic_err e = IC_OK;
    for (size_t n = 0; n < IC_PKI_CHAIN_MAX; n++) {
        e = ic_pki_pem_next(&pem, "CERTIFICATE", &der);
        if (e != IC_OK)
            return e == IC_ERR_NOT_FOUND && n ? IC_OK : e;
        struct ic_view v = ic_buf_view(&der);
        IC_TRY(ic_pki_chain_encode(&v, 1, out));
    }
    return ic_pki_pem_next(&pem, "CERTIFICATE", &der) == IC_ERR_NOT_FOUND ? IC_OK : IC_ERR_LIMIT;
}

void ic_acme_take_chain(struct ic_acme *a, struct ic_view pem)
{
    IC_BUF_SCOPE(certificates, IC_ACME_ANSWER_MAX);
    struct ic_pki_chain *chain IC_AUTOFREE = ic_new(struct ic_pki_chain);
    struct ic_pki_fault fault = {.text = ""};
    ic_err e = chain ? read_all(pem, &certificates) : IC_ERR_NOMEM;
    if (e == IC_OK)
        e = ic_pki_chain_decode(ic_buf_view(&certificates), 0, chain, &fault);
    const char *wrong = e == IC_OK      ? fault_of(a, chain)
                        : fault.text[0] ? fault.text
                                        : ic_err_text(e);
    ic_buf_reset(&a->chain);
    for (size_t i = 0; e == IC_OK && !wrong && i < chain->count; i++)
        e = ic_pki_pem_encode("CERTIFICATE", chain->certs[i].encoded, &a->chain);
    if (wrong || e != IC_OK)
        ic_acme_fail(a, "the certificate that came is refused: %s", wrong ? wrong : ic_err_text(e));
    else
        a->phase = PHASE_DONE;
}
