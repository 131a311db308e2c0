#include "papers.h"

#include <ic/crypto/hash.h>
#include <ic/pki/chain.h>
#include <stdlib.h>

enum { FIVE_YEARS_S = 5 * 365 * 86400 };

struct papers papers_authority(struct maker *m, enum ic_sig_id sig, const char *name)
{
    struct papers a = {.m = m, .name = name, .key = maker_key(m, sig)};
    a.root = maker_cert(m, &(struct maker_spec){.subject = name,
                                                .key = a.key,
                                                .ca = true,
                                                .key_ids = true,
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
