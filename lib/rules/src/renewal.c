/* Which credential may take another's place in a leaf: a certificate runs out, and whom it names stays.
 *
 * "The same issuing root" is judged by public data alone. A chain that ends in a certificate which names itself as
 * issuer carries its root: then that key must be the same. Else the last certificate's issuer and authority key
 * identifier stand for the root that the chain leaves out. */
#include "credential.h"

struct root {
    struct ic_view name, id;
    struct ic_view key; /* empty: the chain does not carry it */
};

static struct root root_of(const struct ic_pki_chain *chain)
{
    const struct ic_pki_cert *last = &chain->certs[chain->count - 1];
    if (ic_pki_name_equal(last->subject, last->issuer))
        return (struct root){last->subject, last->key_id, last->key};
    return (struct root){last->issuer, last->authority_key_id, ic_view(NULL, 0)};
}

static bool same_root(const struct ic_pki_chain *a, const struct ic_pki_chain *b)
{
    struct root x = root_of(a), y = root_of(b);
    if (!ic_pki_name_equal(x.name, y.name))
        return false;
    return x.key.len && y.key.len ? ic_view_equal(x.key, y.key) : ic_view_equal(x.id, y.id);
}

bool ic_rules_may_follow(const struct ic_mlspub_leaf_node *former,
                         const struct ic_mlspub_leaf_node *next)
{
    struct ic_pki_chain a, b;
    if (!ic_view_equal(former->signature_key, next->signature_key) ||
        former->credential.type != next->credential.type)
        return false;
    if (ic_view_equal(former->credential.identity, next->credential.identity))
        return true;
    return ic_rules_chain_of(former, &a) && ic_rules_chain_of(next, &b) &&
           ic_pki_name_equal(a.certs[0].subject, b.certs[0].subject) &&
           ic_pki_same_identity(&a.certs[0], &b.certs[0]) && same_root(&a, &b);
}
