#ifndef IC_RULES_CREDENTIAL_H
#define IC_RULES_CREDENTIAL_H

#include <ic/pki/chain.h>
#include <ic/rules/rules.h>

/* The chain of an X.509 leaf; false where it is none, or certifies another key or an authority. Views borrow from
 * the leaf. */
bool ic_rules_chain_of(const struct ic_mlspub_leaf_node *leaf, struct ic_pki_chain *out);

#endif
