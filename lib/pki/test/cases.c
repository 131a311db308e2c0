#include "cases.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <stdlib.h>

struct pki_case *cases_add(struct cases *c, const char *name, const struct maker_key *key,
                           enum ic_pki_reason reason, int32_t index)
{
    if (c->count == CASES_MAX)
        abort();
    struct pki_case *k = &c->all[c->count++];
    *k = (struct pki_case){
        .name = name, .key = maker_public(key), .now = MAKER_NOW, .reason = reason, .index = index};
    return k;
}

struct trio cases_trio(struct cases *c, enum ic_sig_id root, enum ic_sig_id inter,
                       enum ic_sig_id leaf)
{
    struct trio t = {
        .root = {.subject = "CN=Ring Root,O=Ring", .key = maker_key(c->m, root), .ca = true},
        .inter = {.subject = "CN=Ring CA 1,O=Ring", .key = maker_key(c->m, inter), .ca = true},
        .leaf = {.subject = "CN=Ana Example,O=Ring",
                 .key = maker_key(c->m, leaf),
                 .names = "URI:im:ana@ring.example,email:ana@ring.example"},
    };
    t.inter.issuer = t.root.subject;
    t.inter.signer = t.root.key;
    t.leaf.issuer = t.inter.subject;
    t.leaf.signer = t.inter.key;
    return t;
}

struct pki_case *cases_three(struct cases *c, const char *name, const struct trio *t,
                             enum ic_pki_reason reason, int32_t index)
{
    struct pki_case *k = cases_add(c, name, t->leaf.key, reason, index);
    k->certs[0] = maker_cert(c->m, &t->leaf);
    k->certs[1] = maker_cert(c->m, &t->inter);
    k->roots[0] = maker_cert(c->m, &t->root);
    k->cert_count = 2;
    k->root_count = 1;
    return k;
}

void cases_make(struct cases *c, struct maker *m)
{
    *c = (struct cases){.m = m};
    cases_path(c);
    cases_certificate(c);
    cases_names(c);
    cases_revocation(c);
}

static ic_err add_lists(const struct pki_case *k, const struct ic_pki_chain *chain,
                        struct ic_pki_store *s, struct ic_pki_fault *fault)
{
    for (size_t i = 0; i < k->list_count; i++) {
        const struct case_list *l = &k->lists[i];
        if (l->issuer >= chain->count)
            return IC_ERR_ARG;
        IC_TRY(l->issuer == 0 ? ic_pki_store_add_crl(s, l->der, (uint64_t)k->now, fault)
                              : ic_pki_store_add_crl_of(s, &chain->certs[l->issuer], l->der,
                                                        (uint64_t)k->now, fault));
    }
    return IC_OK;
}

static ic_err run(const struct pki_case *k, struct ic_pki_store *s, struct pki_outcome *out)
{
    struct ic_pki_chain chain;
    struct ic_pki_verdict verdict = {0};
    struct ic_pki_want want = {k->key, k->suite ? ic_suite_find(k->suite) : NULL, 0};
    IC_BUF_SCOPE(bytes, 1 << 20);
    for (size_t i = 0; i < k->root_count; i++)
        IC_TRY(ic_pki_store_add_root(s, k->roots[i], &out->fault));
    IC_TRY(ic_pki_chain_encode(k->certs, k->cert_count, &bytes));
    IC_TRY(ic_pki_chain_decode(ic_buf_view(&bytes), 0, &chain, &out->fault));
    IC_TRY(add_lists(k, &chain, s, &out->fault));
    ic_err e = ic_pki_validate(s, &chain, &want, (uint64_t)k->now, &verdict, &out->fault);
    out->verified = verdict.verified;
    return e;
}

struct pki_outcome pki_case_run(const struct pki_case *k)
{
    struct pki_outcome out = {.fault.index = IC_PKI_NO_INDEX};
    struct ic_pki_store *s;
    out.err = ic_pki_store_new(&k->policy, &s);
    if (out.err != IC_OK)
        return out;
    out.err = run(k, s, &out);
    ic_pki_store_free(s);
    return out;
}
