/* An outsider's view of a group whose handshakes are PublicMessages: what a delivery service may
 * check.
 *
 * It holds GroupContext, ratchet tree and the pending proposals, and no secret; it cannot check
 * membership and confirmation tags, and cannot open path secrets. Everything else of RFC 9420
 * section 12 that rests on public data is checked: signatures, leaf validity, parent hashes,
 * proposal rules, tree hash, transcript hash.
 *
 *     struct ic_mlspub_observer *o;
 *     IC_TRY(ic_mlspub_observer_open(group_info, tree, now_s, &fault, &o));
 *     struct ic_mlspub_change *c;
 *     IC_TRY(ic_mlspub_observer_stage(o, message, now_s, &c));
 *     ... look at c ...
 *     ic_mlspub_observer_merge(o, c);        // or ic_mlspub_change_discard(c)
 *
 * One object, one thread at a time. Nothing here draws entropy but ECDSA's nonce in the provider.
 */
#ifndef IC_MLSPUB_OBSERVER_H
#define IC_MLSPUB_OBSERVER_H

#include <ic/base/api.h>
#include <ic/crypto/sign.h>
#include <ic/mlspub/fault.h>
#include <ic/mlspub/rules.h>
#include <ic/mlspub/types.h>

IC_API_BEGIN

struct ic_mlspub_observer;
struct ic_mlspub_change;

/* group_info: an MLSMessage with a GroupInfo, signed by a leaf of the tree. tree: the ratchet_tree
 * extension's data; empty where the GroupInfo carries it. Everything is validated as
 * section 12.4.3.1 has a joiner validate it, but for the confirmation tag. IC_ERR_MALFORMED,
 * IC_ERR_SIGNATURE, IC_ERR_RULE, IC_ERR_UNSUPPORTED, IC_ERR_LIMIT, IC_ERR_NOT_FOUND: there is no tree. fault gets
 * the rule that was broken, and the leaf; may be NULL. */
ic_err ic_mlspub_observer_open(struct ic_view group_info, struct ic_view tree, uint64_t now_s,
                               struct ic_mlspub_fault *fault, struct ic_mlspub_observer **out);
/* The same with more rules than RFC 9420's: like's credentials, external senders, executor, lifetimes,
 * custom proposals and drafts hold for as long as the observer lives, and what like points to must
 * live as long; like's group and clock are ignored. */
ic_err ic_mlspub_observer_open_like(const struct ic_mlspub_rules *like, struct ic_view group_info,
                                    struct ic_view tree, uint64_t now_s,
                                    struct ic_mlspub_fault *fault, struct ic_mlspub_observer **out);
/* Accepts NULL. */
void ic_mlspub_observer_free(struct ic_mlspub_observer *o);

/* Borrowed until the next merge. */
const struct ic_mlspub_group_context *ic_mlspub_observer_context(
    const struct ic_mlspub_observer *o);
/* Leaf slots, blank ones too. */
uint32_t ic_mlspub_observer_leaf_count(
    const struct ic_mlspub_observer *o); /* leaf slots, blank ones too */
/* IC_ERR_NOT_FOUND for a blank or absent leaf. */
ic_err ic_mlspub_observer_leaf(const struct ic_mlspub_observer *o, uint32_t leaf,
                               struct ic_mlspub_leaf_node *out);
/* The leaf with this signature key, or IC_MLSPUB_NO_LEAF. */
uint32_t ic_mlspub_observer_find(const struct ic_mlspub_observer *o, struct ic_view signature_key);
/* Ciphertexts that a path of that leaf would have, to ask the cheapest member for a commit (ic_mlspub_tree_path_cost). */
uint32_t ic_mlspub_observer_path_cost(const struct ic_mlspub_observer *o, uint32_t leaf);
/* Appends the ratchet_tree extension's data: what GroupInfo carries, and delivery serves by tree
 * hash. */
ic_err ic_mlspub_observer_tree(const struct ic_mlspub_observer *o, struct ic_buf *out);

/* Checks a PublicMessage (as MLSMessage): a proposal or a commit of the current epoch.
 * IC_ERR_EPOCH for another one, IC_ERR_SIGNATURE, IC_ERR_RULE, IC_ERR_MALFORMED ... The observer is
 * unchanged until the merge. The message's bytes must outlive the change. */
ic_err ic_mlspub_observer_stage(struct ic_mlspub_observer *o, struct ic_view message,
                                uint64_t now_s, struct ic_mlspub_change **out);
/* Consumes the change. A proposal joins the pending ones; a commit opens the next epoch. Cannot
 * fail. */
void ic_mlspub_observer_merge(struct ic_mlspub_observer *o, struct ic_mlspub_change *c);
/* Accepts NULL. */
void ic_mlspub_change_discard(struct ic_mlspub_change *c);

/* A commit, or else a proposal. */
bool ic_mlspub_change_is_commit(const struct ic_mlspub_change *c);
/* Who sent it. */
struct ic_mlspub_sender ic_mlspub_change_sender(const struct ic_mlspub_change *c);
/* The committer's leaf after the change; that of the joiner for an external commit. */
uint32_t ic_mlspub_change_committer(const struct ic_mlspub_change *c);
/* What its sender authenticated beside it; borrowed from c. */
struct ic_view ic_mlspub_change_authenticated_data(const struct ic_mlspub_change *c);
/* How many proposals it brings: one, or those that a commit covers. */
size_t ic_mlspub_change_count(const struct ic_mlspub_change *c);
/* The i-th of them; borrowed from c. */
const struct ic_mlspub_change_item *ic_mlspub_change_item(const struct ic_mlspub_change *c,
                                                          size_t i);
/* The leaf that an external commit or a path brings; NULL where there is no path. */
const struct ic_mlspub_leaf_node *ic_mlspub_change_path_leaf(const struct ic_mlspub_change *c);
/* The GroupContext that would hold after the change; the current one for a proposal. */
const struct ic_mlspub_group_context *ic_mlspub_change_context(const struct ic_mlspub_change *c);
/* "RFC 9420 section 12.2: an Add of a key package already present", for the last refusal; "" if
 * none. */
const char *ic_mlspub_observer_rule(const struct ic_mlspub_observer *o);
/* The leaf or the proposal's index that broke it, or IC_MLSPUB_NO_LEAF. */
uint32_t ic_mlspub_observer_offender(const struct ic_mlspub_observer *o);

/* How many proposals are pending, and the i-th. */
size_t ic_mlspub_observer_pending_count(const struct ic_mlspub_observer *o);
const struct ic_mlspub_change_item *ic_mlspub_observer_pending(const struct ic_mlspub_observer *o,
                                                               size_t i);

/* A Remove proposed by the external sender with that index (section 12.1.8.1), as MLSMessage, of a leaf
 * that is there; other proposals: propose.h. */
ic_err ic_mlspub_external_remove(const struct ic_mlspub_observer *o, uint32_t sender_index,
                                 const struct ic_sign_key *key, uint32_t leaf, struct ic_buf *out);

IC_API_END

#endif
