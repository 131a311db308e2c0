/* Shared by the files of rules. */
#ifndef IC_MLSPUB_RULES_INTERNAL_H
#define IC_MLSPUB_RULES_INTERNAL_H

#include "tree_internal.h"
#include <ic/mlspub/label.h>
#include <ic/mlspub/rules.h>

/* One leaf that comes into the group, or a key package's. */
struct leaf_check {
    const struct ic_mlspub_rules *rules;
    enum ic_mlspub_leaf_source source;
    struct ic_view extensions;                /* of the GroupContext that will hold */
    const struct ic_mlspub_leaf_node *former; /* whom it replaces, or NULL */
    struct ic_mlspub_fault *fault;
    uint32_t offender;
};

/* Section 7.3 without uniqueness, signature and credential. */
ic_err ic_mlspub_rules_leaf(const struct leaf_check *c, const struct ic_mlspub_leaf_node *l);
/* What a leaf declares of itself, whatever the group: ic_mlspub_rules_leaf's part that also holds
 * on joining. */
ic_err ic_mlspub_rules_leaf_declared(const struct ic_mlspub_rules *rules,
                                     const struct ic_mlspub_leaf_node *l,
                                     struct ic_mlspub_fault *fault, uint32_t offender);
/* Section 10.1 without signatures and credential. */
ic_err ic_mlspub_rules_key_package(const struct leaf_check *c,
                                   const struct ic_mlspub_key_package *k);
/* The same with signatures. */
ic_err ic_mlspub_rules_key_package_signed(const struct ic_mlspub_rules *rules,
                                          const struct ic_mlspub_key_package *k,
                                          struct ic_mlspub_fault *fault);
/* ic_mlspub_proposal_check but for the credential. */
ic_err ic_mlspub_rules_proposal(const struct ic_mlspub_rules *rules, const struct ic_mlspub_tree *t,
                                struct ic_mlspub_sender sender, const struct ic_mlspub_proposal *p,
                                struct ic_mlspub_fault *fault);
/* Asks about one. IC_ERR_AGAIN where the verdict comes later. */
ic_err ic_mlspub_rules_credential(const struct ic_mlspub_rules *rules,
                                  const struct ic_mlspub_leaf_node *leaf,
                                  const struct ic_mlspub_leaf_node *former,
                                  struct ic_mlspub_fault *fault, uint32_t offender);
/* Section 12.1.8: who may propose this. */
ic_err ic_mlspub_rules_sender(const struct ic_mlspub_rules *rules, struct ic_mlspub_sender sender,
                              const struct ic_mlspub_proposal *p, struct ic_mlspub_fault *fault,
                              uint32_t offender);
/* What rules say of a custom type; NULL where they do not. */
const struct ic_mlspub_custom_proposal *ic_mlspub_rules_custom(const struct ic_mlspub_rules *rules,
                                                               uint16_t type);
/* Section 5.3.1: the external senders of a list that are not in `known` (another list, or empty). */
ic_err ic_mlspub_rules_external_senders(const struct ic_mlspub_rules *rules,
                                        struct ic_view extensions, struct ic_view known,
                                        struct ic_mlspub_fault *fault, uint32_t offender);
/* A proposal that takes the leaf out: a Remove, or its own SelfRemove. */
static inline bool takes_out(const struct ic_mlspub_change_item *x, uint32_t leaf)
{
    return (x->proposal->type == IC_MLS_REMOVE && x->proposal->remove == leaf) ||
           (x->proposal->type == IC_MLS_SELF_REMOVE && x->sender.index == leaf);
}
/* PreSharedKey, ReInit, GroupContextExtensions on their own (12.1.4, 12.1.5, 12.1.7). */
ic_err ic_mlspub_rules_simple(const struct ic_mlspub_rules *rules,
                              const struct ic_mlspub_proposal *p, struct ic_mlspub_fault *fault,
                              uint32_t offender);
bool ic_mlspub_rules_default_proposal(uint16_t type);
bool ic_mlspub_rules_default_extension(uint16_t type);
/* Every required capability and GroupContext extension of the list is supported by all. */
bool ic_mlspub_rules_extensions_supported(struct source s, struct ic_view extensions);

static inline ic_err rule(struct ic_mlspub_fault *f, uint32_t offender, const char *text)
{
    return ic_mlspub_fault_set(f, IC_ERR_RULE, text, offender);
}

#endif
