#include <ic/pkimls/credential.h>

#include <stdio.h>

static ic_err refuse(struct ic_pki_fault *fault, enum ic_pki_reason reason)
{
    fault->reason = reason;
    fault->index = 0;
    snprintf(fault->text, sizeof fault->text, "certificate 0: %s", ic_pki_reason_text(reason));
    return ic_pki_reason_err(reason);
}

/* Only its names matter: the chain that carried it was judged in its time. */
static ic_err check_successor(const struct ic_pki_cert *next,
                              const struct ic_mlspub_leaf_node *former, struct ic_pki_fault *fault)
{
    struct ic_pki_cert old;
    struct ic_reader r = ic_reader(former->credential.identity);
    struct ic_view der = ic_read_vec(&r, IC_PKI_CERT_MAX);
    if (former->credential.type != IC_MLS_X509 || r.err != IC_OK ||
        ic_pki_cert_decode(der, &old, NULL) != IC_OK || !ic_pki_same_identity(&old, next))
        return refuse(fault, IC_PKI_SUCCESSOR);
    return IC_OK;
}

static ic_err check_basic(const struct ic_pkimls_verifier *v,
                          const struct ic_mlspub_leaf_node *leaf,
                          const struct ic_mlspub_leaf_node *former, struct ic_pki_fault *fault)
{
    if (!v->accept_basic || leaf->credential.type != IC_MLS_BASIC)
        return refuse(fault, IC_PKI_NOT_X509);
    if (former && (former->credential.type != IC_MLS_BASIC ||
                   !ic_view_equal(former->credential.identity, leaf->credential.identity)))
        return refuse(fault, IC_PKI_SUCCESSOR);
    return IC_OK;
}

static uint32_t skew_of(const struct ic_pkimls_verifier *v)
{
    return v->clock_skew_s ? v->clock_skew_s : IC_MLSPUB_CLOCK_SKEW_S;
}

static void begin(struct ic_pkimls_verifier *v)
{
    v->fault = (struct ic_pki_fault){.reason = IC_PKI_NONE, .index = IC_PKI_NO_INDEX};
    v->leaf = IC_MLSPUB_NO_LEAF;
}

static ic_err check(struct ic_pkimls_verifier *v, const struct ic_mlspub_leaf_node *leaf,
                    const struct ic_mlspub_leaf_node *former, uint64_t now_s,
                    struct ic_pki_fault *fault)
{
    struct ic_pki_chain chain;
    struct ic_pki_verdict verdict;
    struct ic_pki_want want = {leaf->signature_key, v->suite, skew_of(v)};
    if (leaf->credential.type != IC_MLS_X509)
        return check_basic(v, leaf, former, fault);
    IC_TRY(ic_pki_chain_decode(leaf->credential.identity, 0, &chain, fault));
    if (former)
        IC_TRY(check_successor(&chain.certs[0], former, fault));
    IC_TRY(ic_pki_validate(v->store, &chain, &want, now_s, &verdict, fault));
    ic_err e = v->accept ? v->accept(v->ctx, leaf, &verdict) : IC_OK;
    if (e != IC_OK)
        IC_IGNORE(refuse(fault, IC_PKI_APPLICATION));
    return e;
}

ic_err ic_pkimls_check_credential(void *verifier, const struct ic_mlspub_leaf_node *leaf,
                                  const struct ic_mlspub_leaf_node *former)
{
    struct ic_pkimls_verifier *v = verifier;
    begin(v);
    return check(v, leaf, former, ic_clock_now_s(&v->clock), &v->fault);
}

void ic_pkimls_check_credentials(void *verifier, const struct ic_mlspub_candidate *candidates,
                                 size_t n, ic_err *verdicts)
{
    struct ic_pkimls_verifier *v = verifier;
    uint64_t now_s = ic_clock_now_s(&v->clock);
    begin(v);
    for (size_t i = 0; i < n; i++) {
        const struct ic_mlspub_candidate *c = &candidates[i];
        struct ic_pki_fault fault;
        verdicts[i] = check(v, c->leaf, c->former, now_s, &fault);
        if (verdicts[i] != IC_OK && v->fault.reason == IC_PKI_NONE) {
            v->fault = fault;
            v->leaf = c->index;
        }
    }
}

ic_err ic_pkimls_check_external_sender(void *verifier,
                                       const struct ic_mlspub_external_sender *sender)
{
    struct ic_pkimls_verifier *v = verifier;
    struct ic_pki_chain chain;
    struct ic_pki_verdict verdict;
    struct ic_pki_want want = {sender->signature_key, v->suite, skew_of(v)};
    begin(v);
    if (sender->credential.type == IC_MLS_BASIC && v->accept_basic)
        return IC_OK;
    if (sender->credential.type != IC_MLS_X509)
        return refuse(&v->fault, IC_PKI_NOT_X509);
    IC_TRY(ic_pki_chain_decode(sender->credential.identity, 0, &chain, &v->fault));
    return ic_pki_validate(v->store, &chain, &want, ic_clock_now_s(&v->clock), &verdict, &v->fault);
}

ic_err ic_pkimls_credential(const struct ic_view *certs, size_t n, struct ic_buf *out,
                            struct ic_mlspub_credential *credential)
{
    size_t start = out->len;
    IC_TRY(ic_pki_chain_encode(certs, n, out));
    *credential =
        (struct ic_mlspub_credential){IC_MLS_X509, ic_view(out->p + start, out->len - start)};
    return IC_OK;
}
