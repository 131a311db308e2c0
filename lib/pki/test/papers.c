#include "papers.h"

#include <ic/crypto/hash.h>
#include <ic/pki/chain.h>
#include <ic/pki/crl.h>
#include <stdlib.h>

enum { FIVE_YEARS_S = 5 * 365 * 86400 };

struct papers papers_authority(struct maker *m, enum ic_sig_id sig, const char *name)
{
    struct papers a = {.m = m, .name = name, .key = maker_key(m, sig)};
    a.root = maker_cert(m, &(struct maker_spec){.subject = name,
                                                .key = a.key,
                                                .ca = true,
                                                .key_ids = true,
                                                .key_usage = IC_PKI_KEY_CERT_SIGN | IC_PKI_CRL_SIGN,
                                                .not_before = MAKER_NOW - FIVE_YEARS_S,
                                                .not_after = MAKER_NOW + FIVE_YEARS_S});
    ic_hash_once(IC_SHA256, a.root, a.fingerprint);
    return a;
}

struct ic_view papers_chain(const struct papers *by, const struct ic_sign_key *key,
                            const struct maker_spec *spec, bool with_root)
{
    struct maker_spec s = *spec;
    /* Only its public half is asked for. */
    struct maker_key own = {.sig = ic_sign_key_id(key),
                            .key = (struct ic_sign_key *)(uintptr_t)key};
    IC_BUF_SCOPE(chain, 1 << 17);
    s.issuer = by->name;
    s.signer = by->key;
    s.key = &own;
    s.key_ids = true;
    struct ic_view der = maker_cert(by->m, &s);
    if (ic_pki_chain_encode(&der, 1, &chain) != IC_OK ||
        (with_root && ic_pki_chain_encode(&by->root, 1, &chain) != IC_OK))
        abort();
    return maker_copy(by->m, ic_buf_view(&chain));
}

struct ic_view papers_list(const struct papers *by, int64_t now_s, struct ic_view chain)
{
    struct ic_pki_cert root;
    struct ic_pki_chain revoked;
    struct ic_pki_crl_entry entry = {.time = now_s};
    IC_BUF_SCOPE(list, 1 << 16);
    if (ic_pki_cert_decode(by->root, &root, NULL) != IC_OK ||
        ic_pki_chain_decode(chain, 0, &revoked, NULL) != IC_OK)
        abort();
    entry.serial = revoked.certs[0].serial;
    struct ic_pki_crl_spec spec = {now_s, now_s + 86400, (uint64_t)now_s, &entry, 1};
    if (ic_pki_crl_make(&spec, &root, by->key->key, &list) != IC_OK)
        abort();
    return maker_copy(by->m, ic_buf_view(&list));
}
