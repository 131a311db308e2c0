/* A group as its member holds it (RFC 9420): stage -> inspect -> merge or discard.
 *
 * Nothing changes a group but ic_mls_merge. A staged commit holds only what it changes and vanishes
 * without a trace when discarded. Time and randomness are passed in; there is no I/O and no lock: one
 * group belongs to one thread at a time, different groups may be used in parallel.
 *
 *     struct ic_mls_group *g;
 *     IC_TRY(ic_mls_group_create(&config, &identity, group_id, extensions, &g));
 *     struct ic_mls_commit_params p = {.adds = &key_package, .add_count = 1};
 *     struct ic_mls_staged *s;
 *     IC_TRY(ic_mls_commit_create(g, &p, &s));
 *     send(ic_mls_staged_commit(s)); send(ic_mls_staged_welcome(s));
 *     if (accepted)
 *         IC_TRY(ic_mls_merge(g, s));        // takes s, whatever it returns
 *     else
 *         ic_mls_discard(s);
 *     ic_mls_group_free(g);
 *
 * All messages, in and out, are MLSMessages.
 */
#ifndef IC_MLS_GROUP_H
#define IC_MLS_GROUP_H

#include <ic/base/api.h>
#include <ic/base/buf.h>
#include <ic/base/clock.h>
#include <ic/base/rand.h>
#include <ic/base/secret.h>
#include <ic/crypto/sign.h>
#include <ic/mlspub/executor.h>
#include <ic/mlspub/rules.h>
#include <ic/mlspub/types.h>

IC_API_BEGIN

struct ic_mls_group;
struct ic_mls_staged;
struct ic_mls_key_package;

/* Hard limits; 0 takes the default in brackets. */
struct ic_mls_limits {
    uint32_t max_leaves;      /* leaf slots of a tree [131072] */
    uint32_t max_message;     /* bytes of one message, Welcomes too [64 MiB] */
    uint32_t max_forward;     /* how far one ratchet may be skipped forward [1024] */
    uint32_t max_skipped;     /* kept keys of skipped messages, a sender [1024] */
    uint32_t max_past_epochs; /* whose application messages can still be read [2] */
    uint32_t max_pending;     /* proposals held for the next commit [2048] */
    uint32_t max_resumption;  /* past epochs whose resumption PSK is kept [32] */
    uint64_t
        clock_skew_s; /* beyond its lifetime, a leaf is still taken; half by who commits [600] */
    uint64_t max_lifetime_s; /* longest range of a leaf's lifetime accepted [1 year and 2 hours] */
};

/* What we take of other members' handshakes; what is no member's is a PublicMessage always. */
enum ic_mls_accept {
    IC_MLS_ACCEPT_ANY = 0,
    IC_MLS_ACCEPT_PUBLIC,
    IC_MLS_ACCEPT_PRIVATE, /* but for SelfRemoves, which must be public */
};

/* Drafts, each switched on for itself: our leaves then say that we understand it. */
struct ic_mls_drafts {
    bool self_remove; /* draft-ietf-mls-extensions: SelfRemove proposals (type 10) */
    bool last_resort; /* the same: key packages marked by ic_mlspub_extensions_put_last_resort */
};

struct ic_mls_config {
    struct ic_rand rand;
    /* Asked once at the start of each call that changes something. */
    struct ic_clock clock;
    struct ic_mls_limits limits;
    /* Judges the credential of a leaf that comes into the group, and of each leaf of a group that we join, when
     * all else about it has been checked. former: the leaf it replaces, or NULL (section 5.3.1). IC_OK accepts;
     * IC_ERR_AGAIN: the verdict comes later, see "credentials judged later"; any other error refuses. */
    ic_err (*check_credential)(void *ctx, const struct ic_mlspub_leaf_node *leaf,
                               const struct ic_mlspub_leaf_node *former);
    /* The same for all leaves of an operation at once, and asked instead where it is set. verdicts: n of them,
     * IC_ERR_DENIED until changed. Without either, basic credentials are accepted and no others. */
    void (*check_credentials)(void *ctx, const struct ic_mlspub_candidate *candidates, size_t n,
                              ic_err *verdicts);
    /* Looks up an external PSK; NULL has none. IC_ERR_PSK when it is unknown. */
    ic_err (*find_psk)(void *ctx, struct ic_view psk_id, struct ic_buf *out);
    /* Looks up a resumption PSK (usage application) that the library does not keep: of another group, or of
     * an earlier membership; see ic_mls_resumption_psk. NULL has none. IC_ERR_PSK when it is unknown. */
    ic_err (*find_resumption)(void *ctx, struct ic_view group_id, uint64_t epoch,
                              struct ic_buf *out);
    /* Asked for each external sender that a group's extension names or newly names (section 5.3.1); NULL
     * accepts basic credentials and refuses others. */
    ic_err (*check_external_sender)(void *ctx, const struct ic_mlspub_external_sender *sender);
    /* Appends the name by which the application knows a client again, for the members of a group that follows
     * another one (sections 11.2, 11.3): where a credential changes with its key, as in X.509, it must be what
     * stays. NULL: the credential itself. */
    ic_err (*name_client)(void *ctx, const struct ic_mlspub_leaf_node *leaf, struct ic_buf *out);
    void *ctx;
    /* Proposal types of the application's own: our leaves list them, and this says whether they need a
     * path and may come from outside. Borrowed as long as the groups live. */
    const struct ic_mlspub_custom_proposal *customs;
    size_t custom_count;
    struct ic_mls_drafts drafts;
    bool
        grease; /* our leaves, key packages and GroupInfos have values to be ignored (section 13.5) */
    enum ic_mls_accept accept;
    bool private_handshakes; /* commits and proposals as PrivateMessage; default is PublicMessage */
    /* RFC 9420 section 12.4 has members commit pending proposals before they send application data, and
     * ic_mls_protect gives IC_ERR_STATE until then. True leaves that to the caller. */
    bool data_with_pending;
    /* PrivateMessages' content is padded (section 15.1): by padme to a length that tells little of the true one
     * and costs at most 12 %, then to a multiple of `padding` bytes; 0 for none. A multiple hides lengths up
     * to itself, and costs most where messages are short; padme hides long ones. */
    uint32_t padding;
    bool padme;
    /* Shares out what has many independent parts: the checks of a tree that is joined, signatures and Welcomes
     * of many adds, a path's ciphertexts. Results do not depend on it. NULL: one after the other. Borrowed as
     * long as the group lives. */
    const struct ic_mlspub_executor *exec;
    /* The group that this one follows (reinitialisation or branching, sections 11.2 and 11.3), for its
     * resumption PSK; borrowed for a join, or until a created group leaves epoch 0. Else NULL. */
    const struct ic_mls_group *predecessor;
    /* Gets the rule that a failed create, join or key package met, and the offender; may be NULL. A group
     * keeps its own: ic_mls_last_rule. */
    struct ic_mlspub_fault *fault;
};

/* Who we are: borrowed for the call and copied; the signing key is borrowed as long as the group lives. */
struct ic_mls_identity {
    const struct ic_suite *suite;
    const struct ic_sign_key *signer;
    struct ic_mlspub_credential credential;
    /* What we understand beyond RFC 9420's own and what the configuration switches on: lists of big-endian
     * u16 (ic_mlspub_types_append). The default types of section 7.2 in them are IC_ERR_ARG. */
    struct ic_view extension_types;
    struct ic_view proposal_types;
    struct ic_view credential_types;    /* empty takes basic and the credential's own */
    struct ic_view leaf_extensions;     /* encoded list for our leaf, or empty */
    struct ic_mlspub_lifetime lifetime; /* both 0: from an hour ago to 84 days from now */
};

/* ---- key packages (section 10) ---- */

/* Makes a key package with its two private keys. extensions: encoded list, or empty; IC_ERR_ARG where id
 * does not list one of their types (section 10). */
ic_err ic_mls_key_package_new(const struct ic_mls_config *c, const struct ic_mls_identity *id,
                              struct ic_view extensions, struct ic_mls_key_package **out);
/* The same from its parts, as an application that keeps key packages has them. message: an MLSMessage.
 * IC_ERR_KEY where a private key does not fit, IC_ERR_MALFORMED, IC_ERR_UNSUPPORTED. */
ic_err ic_mls_key_package_import(struct ic_view message, struct ic_view init_private_key,
                                 struct ic_view leaf_private_key, struct ic_mls_key_package **out);
/* Wipes. Accepts NULL. */
void ic_mls_key_package_free(struct ic_mls_key_package *k);
/* The MLSMessage to hand out; borrowed. */
struct ic_view ic_mls_key_package_message(const struct ic_mls_key_package *k);
/* Its private keys, for who keeps key packages in parts: ic_mls_key_package_import makes it of them again. */
ic_err ic_mls_key_package_export(const struct ic_mls_key_package *k,
                                 struct ic_secret *init_private_key,
                                 struct ic_secret *leaf_private_key);
/* KeyPackageRef, section 5.2; borrowed. */
struct ic_view ic_mls_key_package_ref(const struct ic_mls_key_package *k);
/* It is marked as one of last resort (ic_mlspub_extensions_put_last_resort): keep it after a join, where
 * others are freed, and so deleted, then (section 16.8). */
bool ic_mls_key_package_last_resort(const struct ic_mls_key_package *k);
/* Checks a peer's key package (an MLSMessage) as section 10.1 says, by c's clock, limits and judge of credentials.
 * IC_ERR_RULE, with the rule in c->fault; IC_ERR_SIGNATURE, IC_ERR_EXPIRED, IC_ERR_UNSUPPORTED, IC_ERR_KEY,
 * IC_ERR_MALFORMED, those of c's judge; IC_ERR_AGAIN where all is well and the judge's verdict comes later. */
ic_err ic_mls_key_package_check(struct ic_view message, const struct ic_mls_config *c);

/* ---- becoming a member ---- */

/* A group of one at epoch 0. extensions: encoded GroupContext extension list, or empty. */
ic_err ic_mls_group_create(const struct ic_mls_config *c, const struct ic_mls_identity *id,
                           struct ic_view group_id, struct ic_view extensions,
                           struct ic_mls_group **out);
/* Joins by a Welcome. tree: the ratchet_tree data where the Welcome does not carry it, else empty.
 * The key package's keys are copied; the caller then frees it (and so deletes the init key), unless it is
 * one of last resort.
 * IC_ERR_NOT_FOUND: the Welcome is for another key package, or its tree is missing. IC_ERR_RULE, with
 * the rule in c->fault; IC_ERR_AUTH, IC_ERR_SIGNATURE, IC_ERR_PSK, IC_ERR_MALFORMED. */
ic_err ic_mls_group_join(const struct ic_mls_config *c, const struct ic_mls_identity *id,
                         const struct ic_mls_key_package *k, struct ic_view welcome,
                         struct ic_view tree, struct ic_mls_group **out);
/* Appends the GroupInfo (an MLSMessage) that a Welcome brings us, not yet checked: to ask a delivery service
 * for the tree with its context's group_id, epoch and tree_hash where it carries none, which the join then
 * holds against the hash; or to read its extensions. Errors of ic_mls_group_join. */
ic_err ic_mls_welcome_peek(const struct ic_mls_config *c, const struct ic_mls_identity *id,
                           const struct ic_mls_key_package *k, struct ic_view welcome,
                           struct ic_buf *out);
/* The extensions of the GroupInfo in the Welcome by which g was joined, but for the tree: encoded list,
 * until the first merge, then empty. */
struct ic_view ic_mls_joined_extensions(const struct ic_mls_group *g);
/* The leaf that signed the GroupInfo by which g was joined, of the tree it was joined with; our own for
 * a group that we made. */
uint32_t ic_mls_joined_by(const struct ic_mls_group *g);
/* What an external commit needs and does; all views are borrowed for the call. */
struct ic_mls_external_join {
    struct ic_view group_info; /* an MLSMessage, with external_pub */
    struct ic_view tree; /* the ratchet_tree data where group_info does not carry it, else empty */
    const uint32_t *replaces;            /* the leaf of ours that it replaces (resync), or NULL */
    const struct ic_mlspub_psk_id *psks; /* by value; nonces are drawn */
    size_t psk_count;
    /* The epoch's SelfRemoves (MLSMessages), which the delivery service hands out with the GroupInfo: all of
     * them MUST go into the commit (draft-ietf-mls-extensions). */
    const struct ic_view *self_removes;
    size_t self_remove_count;
    struct ic_view authenticated_data;
};
/* Joins by an external commit (section 12.4.3.2). The group stands at the new epoch at once: free it if
 * the commit is not accepted. commit_out gets the MLSMessage. group_info_out (may be NULL): a GroupInfo
 * of the new epoch, no tree. Errors as for ic_mls_group_join; IC_ERR_NOT_FOUND also without external_pub. */
ic_err ic_mls_group_join_external(const struct ic_mls_config *c, const struct ic_mls_identity *id,
                                  const struct ic_mls_external_join *j, struct ic_mls_group **out,
                                  struct ic_buf *commit_out, struct ic_buf *group_info_out);
/* Wipes. Accepts NULL. */
void ic_mls_group_free(struct ic_mls_group *g);

/* ---- proposing ---- */

/* Each appends an MLSMessage, after the checks that those who receive it will make; our own proposal is pending at once, and our echo is recognised.
 * IC_ERR_EXISTS: the very same is pending already. */
ic_err ic_mls_propose_add(struct ic_mls_group *g, struct ic_view key_package,
                          struct ic_view authenticated_data, struct ic_buf *out);
/* Asks that the member at that leaf be removed. IC_ERR_RULE where there is none. */
ic_err ic_mls_propose_remove(struct ic_mls_group *g, uint32_t leaf,
                             struct ic_view authenticated_data, struct ic_buf *out);
/* A fresh leaf of ours, perhaps with another signer and credential: id NULL keeps both. */
ic_err ic_mls_propose_update(struct ic_mls_group *g, const struct ic_mls_identity *id,
                             struct ic_view authenticated_data, struct ic_buf *out);
/* Asks for another list of GroupContext extensions, which replaces the one there is (section
 * 12.1.7). */
ic_err ic_mls_propose_extensions(struct ic_mls_group *g, struct ic_view extensions,
                                 struct ic_view authenticated_data, struct ic_buf *out);
/* A PSK that the next epoch is to rest on too (section 12.1.4): external, or the resumption PSK of an epoch
 * of this group (empty group_id) or of another one. The nonce is drawn. IC_ERR_PSK where we do not have
 * it ourselves; IC_ERR_RULE for usage reinit and branch, which are for a new group's first commit. */
ic_err ic_mls_propose_psk(struct ic_mls_group *g, const struct ic_mlspub_psk_id *psk,
                          struct ic_view authenticated_data, struct ic_buf *out);
/* A proposal of the application's own type; data is opaque to the library, and reported in staged items
 * (proposal->unknown). IC_ERR_RULE where a member does not list the type, IC_ERR_ARG for a type of RFC 9420,
 * of a draft known here, or GREASE. */
ic_err ic_mls_propose_custom(struct ic_mls_group *g, uint16_t type, struct ic_view data,
                             struct ic_view authenticated_data, struct ic_buf *out);
/* That we leave: draft-ietf-mls-extensions. A PublicMessage always; another member, or one who joins, commits
 * it. Once an epoch (IC_ERR_STATE); IC_ERR_UNSUPPORTED where the draft is switched off, IC_ERR_RULE where a
 * member does not support it. */
ic_err ic_mls_propose_self_remove(struct ic_mls_group *g, struct ic_view authenticated_data,
                                  struct ic_buf *out);
/* What a ReInit proposal asks for (section 12.1.5): the group that is to follow. */
struct ic_mls_reinit {
    struct ic_view group_id;
    uint16_t suite;
    struct ic_view extensions; /* encoded list */
};
/* Asks that the group end for another to follow (section 11.2). */
ic_err ic_mls_propose_reinit(struct ic_mls_group *g, const struct ic_mls_reinit *r,
                             struct ic_view authenticated_data, struct ic_buf *out);
/* Drops what is pending without committing it. */
void ic_mls_clear_pending(struct ic_mls_group *g);

/* ---- committing ---- */

/* A proposal of the application's own, by value. */
struct ic_mls_custom {
    uint16_t type;
    struct ic_view data;
};

struct ic_mls_commit_params {
    const struct ic_view *adds; /* key packages, MLSMessages, by value */
    size_t add_count;
    const uint32_t *removes; /* leaves, by value */
    size_t remove_count;
    bool set_extensions;                 /* a GroupContextExtensions proposal by value */
    struct ic_view extensions;           /* its encoded list */
    const struct ic_mlspub_psk_id *psks; /* by value, as for ic_mls_propose_psk */
    size_t psk_count;
    const struct ic_mls_custom *customs; /* by value, as for ic_mls_propose_custom */
    size_t custom_count;
    const struct ic_mls_reinit *reinit; /* ends the group; alone in its commit; or NULL */
    bool skip_pending; /* default: every valid pending proposal is committed by reference */
    /* Which pending proposals to take (NULL: all); false leaves one out. Invalid ones are left out anyway. */
    bool (*filter)(void *ctx, const struct ic_mlspub_change_item *item);
    void *filter_ctx;
    bool force_path; /* a path even where section 12.4 does not ask for one */
    const struct ic_mls_identity *identity; /* our leaf's new credential and signer, or NULL */
    struct ic_view authenticated_data;
    bool welcome_without_tree; /* joiners get the tree from elsewhere */
    bool want_group_info;      /* for external joiners, without the tree */
    /* The application's own in both GroupInfos, encoded; ratchet_tree and external_pub in it are IC_ERR_ARG. */
    struct ic_view group_info_extensions;
};

/* Stages a commit of our own; p's views are borrowed for the call, the signers as long as the group. The group is unchanged, and may meanwhile process somebody else's commit:
 * then this one can only be discarded. */
ic_err ic_mls_commit_create(struct ic_mls_group *g, const struct ic_mls_commit_params *p,
                            struct ic_mls_staged **out);

/* Borrowed from s. Empty where there is none, or a credential waits for its verdict. */
struct ic_view ic_mls_staged_commit(const struct ic_mls_staged *s);
struct ic_view ic_mls_staged_welcome(const struct ic_mls_staged *s);
struct ic_view ic_mls_staged_group_info(const struct ic_mls_staged *s);
/* The message is s's commit, byte for byte. A PrivateMessage of ours cannot be read again, and any member
 * can make one that looks like an echo: so compare before an echo makes you merge. */
bool ic_mls_staged_is(const struct ic_mls_staged *s, struct ic_view message);
/* KeyPackageRefs of those welcomed, in the order of the adds. */
size_t ic_mls_staged_joiner_count(const struct ic_mls_staged *s);
struct ic_view ic_mls_staged_joiner(const struct ic_mls_staged *s, size_t i);

/* Takes s, but for IC_ERR_STATE: credentials wait for their verdict, and s stays the caller's. IC_ERR_EPOCH when
 * the group has moved on meanwhile; the verdict, where a credential was refused: the group is unchanged then. */
ic_err ic_mls_merge(struct ic_mls_group *g, struct ic_mls_staged *s);
/* Wipes. Accepts NULL. */
void ic_mls_discard(struct ic_mls_staged *s);

/* ---- receiving ---- */

/* What a message brought. */
enum ic_mls_received_kind {
    IC_MLS_RECEIVED_APPLICATION = 1,
    IC_MLS_RECEIVED_PROPOSAL, /* pending now */
    IC_MLS_RECEIVED_COMMIT,   /* staged: inspect, then merge or discard */
    /* A message of ours; for a commit of ours (content_type): merge what was staged, if it is it
     * (ic_mls_staged_is). */
    IC_MLS_RECEIVED_OWN_ECHO,
};

struct ic_mls_received {
    enum ic_mls_received_kind kind;
    uint64_t epoch;
    uint8_t content_type; /* enum ic_mlspub_content_type */
    struct ic_mlspub_sender sender;
    struct ic_buf authenticated_data; /* owned: ic_mls_received_clear */
    struct ic_buf application;        /* owned, wiped on clear */
    struct ic_mls_staged *staged;     /* owned: cleared unless taken (set to NULL) */
    /* Of an application message of a past epoch: its sender's leaf is blank by now, or has another key. Then
     * ic_mls_leaf does not show who spoke, but who came after. */
    bool sender_replaced;
};

/* message: an MLSMessage with a Public- or PrivateMessage. The group is unchanged on error, except that the
 * key of a genuine PrivateMessage is used up. A message of ours, also a commit that has been merged
 * meanwhile, gives IC_MLS_RECEIVED_OWN_ECHO.
 * IC_ERR_EPOCH (not this epoch), IC_ERR_REPLAY, IC_ERR_LIMIT (skipped too far, too long), IC_ERR_AUTH,
 * IC_ERR_DENIED (the configuration does not accept it), IC_ERR_SIGNATURE, IC_ERR_RULE, IC_ERR_EXPIRED, IC_ERR_KEY, IC_ERR_PSK; IC_ERR_NOT_FOUND (another group,
 * or a commit of an unknown proposal); IC_ERR_UNSUPPORTED (no group message); IC_ERR_REMOVED (we are out);
 * those of decoding. ic_mls_last_rule says more. */
ic_err ic_mls_process(struct ic_mls_group *g, struct ic_view message, struct ic_mls_received *out);
/* Frees what r owns; a staged commit in it is discarded. */
void ic_mls_received_clear(struct ic_mls_received *r);

/* ---- inspecting a staged commit ---- */

/* Who sent it: a member, or a new member whose external commit it is. */
struct ic_mlspub_sender ic_mls_staged_sender(const struct ic_mls_staged *s);
/* Its leaf after the commit: for an external commit, the one it took. */
uint32_t ic_mls_staged_committer(const struct ic_mls_staged *s);
/* How many proposals it covers, by value and by reference. */
size_t ic_mls_staged_count(const struct ic_mls_staged *s);
/* The i-th of them with who proposed it; borrowed from s. */
const struct ic_mlspub_change_item *ic_mls_staged_item(const struct ic_mls_staged *s, size_t i);
/* The committer's new leaf; borrowed from s; NULL where the commit has no path. */
const struct ic_mlspub_leaf_node *ic_mls_staged_path_leaf(const struct ic_mls_staged *s);
/* What its sender authenticated beside it; borrowed from s. */
struct ic_view ic_mls_staged_authenticated_data(const struct ic_mls_staged *s);
/* The GroupContext that will hold; borrowed from s. */
const struct ic_mlspub_group_context *ic_mls_staged_context(const struct ic_mls_staged *s);
/* True where merging gives IC_ERR_REMOVED and ends the group for us. */
bool ic_mls_staged_removes_us(const struct ic_mls_staged *s);
/* The ratchet_tree data of the epoch that it opens, appended. */
ic_err ic_mls_staged_tree(const struct ic_mls_staged *s, struct ic_buf *out);

/* ---- credentials judged later ----
 *
 * An answer may take time: a directory to ask, a person to look. The judge then says IC_ERR_AGAIN, and when the
 * verdict is there:
 *
 *     const struct ic_mlspub_candidate *c;
 *     while ((c = ic_mls_staged_unjudged(s, 0)))
 *         IC_TRY(ic_mls_staged_judge(s, c->index, verdict_on(c->leaf, c->former)));
 *     IC_TRY(ic_mls_merge(g, s));
 *
 * A staged commit that waits cannot be merged, one of ours shows no message to send; the group goes on meanwhile,
 * and may merge another commit. A group that was joined or made with IC_ERR_AGAIN can be looked at, judged and freed;
 * all else gives IC_ERR_STATE, and when a credential was refused, the verdict. Of a proposal that is received
 * the judge is asked at once; after IC_ERR_AGAIN it is pending, and asked about again with the commit that has it.
 * Refused then, it stops a commit of ours until the commit's filter leaves it out: ic_mls_pending tells which are `judged`.
 */

/* The first leaf from `from` on whose credential waits; IC_MLSPUB_NO_LEAF where none does. ic_mls_leaf shows it. */
uint32_t ic_mls_unjudged(const struct ic_mls_group *g, uint32_t from);
/* IC_OK accepts, another error refuses for good. IC_ERR_NOT_FOUND: it does not wait; IC_ERR_ARG: the verdict
 * is IC_ERR_AGAIN. */
ic_err ic_mls_judge(struct ic_mls_group *g, uint32_t leaf, ic_err verdict);
/* The same of a staged commit. Borrowed from s; NULL where none waits. */
const struct ic_mlspub_candidate *ic_mls_staged_unjudged(const struct ic_mls_staged *s,
                                                         uint32_t from);
ic_err ic_mls_staged_judge(struct ic_mls_staged *s, uint32_t leaf, ic_err verdict);

/* ---- application messages and exports ---- */

/* Appends a PrivateMessage. Consumes one generation of our ratchet, also when the caller drops it. */
ic_err ic_mls_protect(struct ic_mls_group *g, struct ic_view data,
                      struct ic_view authenticated_data, struct ic_buf *out);
/* MLS-Exporter, section 8.5. label: text without "MLS 1.0 ". */
ic_err ic_mls_export(const struct ic_mls_group *g, const char *label, struct ic_view context,
                     uint8_t *out, size_t out_len);
/* The epoch's resumption PSK (section 8.6), appended: a secret that others than this group may ask for. */
ic_err ic_mls_resumption_psk(const struct ic_mls_group *g, struct ic_buf *out);
/* Nh bytes, section 8.7; borrowed until the next merge. */
struct ic_view ic_mls_epoch_authenticator(const struct ic_mls_group *g);

/* ---- looking ---- */

/* The group's cipher suite. Static. */
const struct ic_suite *ic_mls_suite(const struct ic_mls_group *g);
/* The current GroupContext; borrowed until the next merge. */
const struct ic_mlspub_group_context *ic_mls_context(const struct ic_mls_group *g);
/* Our leaf's index. */
uint32_t ic_mls_own_leaf(const struct ic_mls_group *g);
/* Leaf slots, blank ones too: the indices of leaves are below it. */
uint32_t ic_mls_leaf_count(const struct ic_mls_group *g);
/* Leaves that are not blank. */
uint32_t ic_mls_member_count(const struct ic_mls_group *g);
/* What the leaf says; borrowed until the next merge. IC_ERR_NOT_FOUND for a blank or absent
 * one. */
ic_err ic_mls_leaf(const struct ic_mls_group *g, uint32_t leaf, struct ic_mlspub_leaf_node *out);
/* The ReInit that ended the group, borrowed; false where none did. */
bool ic_mls_reinit(const struct ic_mls_group *g, struct ic_mls_reinit *out);
/* Proposals that wait for a commit. */
size_t ic_mls_pending_count(const struct ic_mls_group *g);
/* The i-th of them; borrowed until the next merge. */
const struct ic_mlspub_change_item *ic_mls_pending(const struct ic_mls_group *g, size_t i);
/* The ratchet_tree data, appended. */
ic_err ic_mls_tree(const struct ic_mls_group *g, struct ic_buf *out);
/* A signed GroupInfo as MLSMessage, appended; with external_pub; with the tree inside on demand. */
ic_err ic_mls_group_info(const struct ic_mls_group *g, bool with_tree, struct ic_buf *out);
struct ic_mls_group_info_params {
    bool with_tree;
    bool without_external_pub; /* nobody can join by it */
    struct ic_view
        extensions; /* the application's own, encoded, as in a commit's group_info_extensions */
};
/* The same with more to choose. */
ic_err ic_mls_group_info_with(const struct ic_mls_group *g,
                              const struct ic_mls_group_info_params *p, struct ic_buf *out);
/* How many ciphertexts a path of that member's would have, IC_MLSPUB_NO_LEAF for a blank or absent leaf: of several
 * who could commit, the cheapest is to be asked. About log2 of the members where each has committed. */
uint32_t ic_mls_path_cost(const struct ic_mls_group *g, uint32_t leaf);
/* The rule that the last call on g met where it failed, with its section; "" where none. Calls that take a const
 * group leave it as it is. */
const char *ic_mls_last_rule(const struct ic_mls_group *g);
/* The offending leaf or proposal, or IC_MLSPUB_NO_LEAF. */
uint32_t ic_mls_last_offender(const struct ic_mls_group *g);

IC_API_END

#endif
