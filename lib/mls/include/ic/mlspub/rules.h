/* The rules of RFC 9420 that rest on public data: leaves (7.3), key packages (10.1), proposals
 * (12.1), lists of them (12.2), applying them (12.3), the path of a commit (12.4). Used by members
 * and by the delivery service alike.
 *
 *     struct ic_mlspub_proposals list;
 *     IC_TRY(ic_mlspub_proposals_resolve(pending, &commit, sender, &arena, &list, &fault));
 *     IC_TRY(ic_mlspub_proposals_apply(&rules, &list, diff, &arena, &outcome, &fault));
 *     IC_TRY(ic_mlspub_path_apply(&rules, &outcome, committer, &commit.path, diff, &fault));
 *     IC_TRY(ic_mlspub_rules_finish(&rules, &outcome, diff, &fault));
 *     IC_TRY(ic_mlspub_diff_seal(diff));
 *
 * Clock: a leaf's lifetime is checked where the leaf is new, in a key package or an Add, against
 * now_s. Leaves of a tree that one joins are not refused for having expired meanwhile: section 7.3
 * only recommends it, and a member who slept would end the group for every newcomer. The length of
 * a lifetime is checked always.
 */
#ifndef IC_MLSPUB_RULES_H
#define IC_MLSPUB_RULES_H

#include <ic/base/api.h>
#include <ic/mlspub/fault.h>
#include <ic/mlspub/tree.h>
#include <ic/mlspub/types.h>

IC_API_BEGIN

/* A proposal with who proposed it. */
struct ic_mlspub_change_item {
    struct ic_mlspub_sender sender; /* who proposed, not who commits */
    const struct ic_mlspub_proposal *proposal;
    uint32_t leaf; /* the leaf an Add took, a Remove or Update touches; else IC_MLSPUB_NO_LEAF */
    bool verified; /* the signatures inside were checked before, on receipt */
    bool judged;   /* and the credential was accepted */
    struct ic_view ref; /* ProposalRef of a pending one; empty by value */
};

/* Clocks differ: what one member takes, all must, or whose clock is a second behind is out of the group.
 * Who receives a leaf allows for this much; who commits, for half, so that the others agree. */
enum { IC_MLSPUB_CLOCK_SKEW_S = 600 };

/* A proposal type beyond RFC 9420's own, and what its definition says of it (section 17.4's columns).
 * Types that nobody described need a path and may not come from external senders. */
struct ic_mlspub_custom_proposal {
    uint16_t type;
    bool without_path; /* a commit of it may go without a path: "Path Required" N */
    bool external;     /* external senders may propose it: "Ext" Y */
};

struct ic_mlspub_external_sender;

/* A leaf whose credential is to be judged (section 5.3.1): it comes into the group, or is in one that is joined. All
 * else about it has been checked. */
struct ic_mlspub_candidate {
    uint32_t index; /* in the tree as it will be; IC_MLSPUB_NO_LEAF in a mere key package or Add */
    const struct ic_mlspub_leaf_node *leaf;
    const struct ic_mlspub_leaf_node *former; /* whom it replaces, or NULL */
};

/* What the checks need beside the tree. */
struct ic_mlspub_rules {
    const struct ic_suite *suite;
    const struct ic_mlspub_group_context *context; /* the current one */
    uint64_t now_s;
    uint64_t max_lifetime_s; /* longest lifetime accepted; 0: a year and an hour on each side */
    uint64_t clock_skew_s;   /* how far beyond its lifetime a leaf is still taken */
    /* Judges a leaf's credential; former: the leaf it replaces, or NULL. IC_OK accepts, IC_ERR_AGAIN has the
     * verdict come later, where the caller can wait for it; any other error refuses. */
    ic_err (*check_credential)(void *ctx, const struct ic_mlspub_leaf_node *leaf,
                               const struct ic_mlspub_leaf_node *former);
    /* The same for all leaves of an operation at once, and asked instead where it is set. verdicts: n of them,
     * IC_ERR_DENIED until changed. Without either, basic credentials are accepted and no others. */
    void (*check_credentials)(void *ctx, const struct ic_mlspub_candidate *candidates, size_t n,
                              ic_err *verdicts);
    /* Asked for each external sender that an extension newly lists (section 5.3.1). NULL accepts basic
     * credentials and refuses others. */
    ic_err (*check_external_sender)(void *ctx, const struct ic_mlspub_external_sender *sender);
    void *ctx;
    const struct ic_mlspub_executor *exec; /* for signatures and keys; may be NULL */
    const struct ic_mlspub_custom_proposal *customs;
    size_t custom_count;
    bool self_remove; /* SelfRemove proposals of draft-ietf-mls-extensions are understood */
    /* Resumption PSKs with usage reinit or branch are only for the new group's first commit
     * (12.1.4). */
    bool allow_reinit_psk;
    bool allow_branch_psk;
};

/* ---- pending proposals ---- */

struct ic_mlspub_pending;
struct ic_mlspub_pending_entry; /* prepared, not yet pending */

/* max: how many at most. IC_ERR_NOMEM. */
ic_err ic_mlspub_pending_new(const struct ic_suite *s, size_t max, struct ic_mlspub_pending **out);
/* Accepts NULL. */
void ic_mlspub_pending_free(struct ic_mlspub_pending *p);
/* Copies the proposal. verified: its key package or leaf has been checked by
 * ic_mlspub_proposal_check; judged: and the credential was accepted. IC_ERR_EXISTS, IC_ERR_LIMIT, IC_ERR_NOMEM; a->content must be a
 * proposal with `encoded` set. */
ic_err ic_mlspub_pending_prepare(struct ic_mlspub_pending *p,
                                 const struct ic_mlspub_authenticated_content *a, bool verified,
                                 bool judged, struct ic_mlspub_pending_entry **out);
/* Makes it pending; takes e; cannot fail. A second entry with the same ref is dropped. */
const struct ic_mlspub_change_item *ic_mlspub_pending_put(struct ic_mlspub_pending *p,
                                                          struct ic_mlspub_pending_entry *e);
/* Frees an entry that is not to become pending. */
void ic_mlspub_pending_drop(struct ic_mlspub_pending *p, struct ic_mlspub_pending_entry *e);
/* What it would be as a pending one; borrowed from e. */
const struct ic_mlspub_change_item *ic_mlspub_pending_entry_item(
    const struct ic_mlspub_pending_entry *e);
/* NULL where there is none. */
const struct ic_mlspub_change_item *ic_mlspub_pending_find(const struct ic_mlspub_pending *p,
                                                           struct ic_view ref);
/* How many are pending. */
size_t ic_mlspub_pending_count(const struct ic_mlspub_pending *p);
/* The i-th in the order of their coming; borrowed until it is cleared. */
const struct ic_mlspub_change_item *ic_mlspub_pending_at(const struct ic_mlspub_pending *p,
                                                         size_t i);
/* Drops all. */
void ic_mlspub_pending_clear(struct ic_mlspub_pending *p);
/* Makes pending what was pending before a restart: saved has sender, proposal->encoded (copied), verified
 * and ref. Not checked: whether ref is the proposal's. IC_ERR_MALFORMED, IC_ERR_EXISTS, IC_ERR_LIMIT,
 * IC_ERR_NOMEM, those of decoding. */
ic_err ic_mlspub_pending_restore(struct ic_mlspub_pending *p,
                                 const struct ic_mlspub_change_item *saved);

/* ---- single objects ---- */

/* Section 10.1, with the leaf's own checks of 7.3: suite, version, signatures, capabilities,
 * lifetime. Compatible with the group where rules->context is not NULL. Not: uniqueness in a tree.
 * IC_ERR_RULE, IC_ERR_SIGNATURE, IC_ERR_EXPIRED, IC_ERR_UNSUPPORTED, IC_ERR_KEY, those of the credential's
 * verdict; IC_ERR_AGAIN: all is well but for that, which comes later. */
ic_err ic_mlspub_key_package_check(const struct ic_mlspub_rules *rules,
                                   const struct ic_mlspub_key_package *k,
                                   struct ic_mlspub_fault *fault);
/* What can be said of a proposal on its own when it arrives: who may send it (12.1.8), the key
 * package's or leaf's validity with signatures and credential, a Remove's target in the tree, PSK nonce
 * length, ReInit version. IC_ERR_AGAIN as above. */
ic_err ic_mlspub_proposal_check(const struct ic_mlspub_rules *rules, const struct ic_mlspub_tree *t,
                                struct ic_mlspub_sender sender, const struct ic_mlspub_proposal *p,
                                struct ic_mlspub_fault *fault);
/* What leaves declare, over a whole tree: capabilities, extensions, credential types, required
 * capabilities, lifetimes' lengths, GroupContext extensions supported. Not their signatures and
 * credentials. */
ic_err ic_mlspub_rules_tree(const struct ic_mlspub_rules *rules, const struct ic_mlspub_tree *t,
                            struct ic_mlspub_fault *fault);
/* The key that must verify a content's signature (section 6.1): a member's leaf, an external
 * sender's, the path's leaf of an external commit, the key package of a new member's proposal. Also
 * checks what such a sender may send. IC_ERR_NOT_FOUND, IC_ERR_RULE, IC_ERR_MALFORMED. */
ic_err ic_mlspub_content_signer(const struct ic_mlspub_tree *t,
                                const struct ic_mlspub_group_context *context,
                                const struct ic_mlspub_content *c, struct ic_mlspub_fault *fault,
                                struct ic_view *key);

/* ---- the proposals of a commit ---- */

struct ic_mlspub_proposals {
    struct ic_mlspub_change_item *items;
    size_t count;
    struct ic_mlspub_sender committer; /* member, or new_member_commit */
};

/* By value and by reference, in the commit's order. IC_ERR_NOT_FOUND: an unknown reference;
 * IC_ERR_RULE: a reference in an external commit to other than a SelfRemove. Items and pending's proposals are borrowed. */
ic_err ic_mlspub_proposals_resolve(const struct ic_mlspub_pending *p,
                                   const struct ic_mlspub_commit *c,
                                   struct ic_mlspub_sender committer, struct ic_arena *a,
                                   struct ic_mlspub_proposals *out, struct ic_mlspub_fault *fault);
/* For a committer: drops from the list what section 12.2 lets it drop, so that the rest is valid:
 * own Updates and Removes, all but the last Update of a leaf, Updates of removed leaves, Adds of
 * the same client, second GroupContextExtensions and PSKs, ReInit among others, Removes of who removes
 * itself, and pending ones that fail ic_mlspub_proposal_check. Items by value (empty ref) win over pending ones. */
void ic_mlspub_proposals_prune(const struct ic_mlspub_rules *rules, const struct ic_mlspub_tree *t,
                               struct ic_mlspub_proposals *list);

/* What the list does beside changing the tree. */
struct ic_mlspub_outcome {
    bool path_required;                             /* section 12.4 */
    bool external;                                  /* an external commit */
    bool has_extensions;                            /* a GroupContextExtensions proposal */
    struct ic_view extensions;                      /* the new list, or the current one */
    const struct ic_mlspub_proposal *reinit;        /* or NULL */
    const struct ic_mlspub_proposal *external_init; /* or NULL */
    const struct ic_mlspub_psk_id *const *psks;     /* in the order of the list */
    size_t psk_count;
    const uint32_t *added; /* leaves, in the order of the Adds */
    size_t added_count;
    uint32_t removed_self; /* external commit: the leaf it replaces, or IC_MLSPUB_NO_LEAF */
};

/* Checks every rule of sections 12.1 and 12.2 and applies in the order of 12.3. Fills
 * items[i].leaf. The fault's offender is the proposal's index in the list. The diff is spoilt on
 * failure. Signatures of items that are `verified` are not checked again. */
ic_err ic_mlspub_proposals_apply(const struct ic_mlspub_rules *rules,
                                 struct ic_mlspub_proposals *list, struct ic_mlspub_diff *d,
                                 struct ic_arena *a, struct ic_mlspub_outcome *out,
                                 struct ic_mlspub_fault *fault);

/* Checks and applies the UpdatePath of a commit (sections 12.4.2 and 7.5): the leaf with its
 * signature and parent hash, new keys, the counts of nodes and ciphertexts. *committer: in, the
 * member's leaf; for an external commit out: the leaf it took. */
ic_err ic_mlspub_path_apply(const struct ic_mlspub_rules *rules,
                            const struct ic_mlspub_outcome *outcome,
                            const struct ic_mlspub_update_path *path, uint32_t *committer,
                            struct ic_mlspub_diff *d, struct ic_mlspub_fault *fault);

/* ---- credentials ---- */

struct ic_mlspub_candidates {
    struct ic_mlspub_candidate *list;
    size_t count;
};

/* Asks rules about the credentials that a commit brings: of items that are not `judged`, and of path_leaf (NULL:
 * none, or our own). t: the tree before it. *later gets those whose verdict comes later, in the arena; their
 * former leaves borrow from t. With NULL they are refused. The fault's offender is the leaf. */
ic_err ic_mlspub_commit_credentials(const struct ic_mlspub_rules *rules,
                                    const struct ic_mlspub_proposals *list,
                                    const struct ic_mlspub_outcome *outcome,
                                    const struct ic_mlspub_leaf_node *path_leaf, uint32_t committer,
                                    const struct ic_mlspub_tree *t, struct ic_arena *a,
                                    struct ic_mlspub_candidates *later,
                                    struct ic_mlspub_fault *fault);
/* The same about all leaves of a tree. */
ic_err ic_mlspub_tree_credentials(const struct ic_mlspub_rules *rules,
                                  const struct ic_mlspub_tree *t, struct ic_arena *a,
                                  struct ic_mlspub_candidates *later,
                                  struct ic_mlspub_fault *fault);
/* Says in fault that the leaf's credential is refused, and returns verdict. */
ic_err ic_mlspub_credential_fault(struct ic_mlspub_fault *fault, ic_err verdict, uint32_t leaf);

/* The last checks, on the tree as it will be: no key twice (by what was touched), and by its counts
 * required capabilities, GroupContext extensions and credential types supported by all. */
ic_err ic_mlspub_rules_finish(const struct ic_mlspub_rules *rules,
                              const struct ic_mlspub_outcome *outcome,
                              const struct ic_mlspub_diff *d, struct ic_mlspub_fault *fault);

IC_API_END

#endif
