/* Who may do what in a meeting: docs/protocol/meeting.md as one judgement on public data. The server asks
 * it to refuse early, every member asks it before it merges; whether a commit is valid depends only on
 * GroupContext, tree and commit, so all come to the same answer.
 *
 *     struct ic_rules_fault f;
 *     if (ic_rules_judge(&group, &change, &f) != IC_OK)
 *         show(f.rule, f.leaf);               // "add-without-authority", 7
 *
 * Authority is that of each proposal's sender; a by-value proposal's sender is the committer. Pure: no
 * state, no clock of its own, any thread.
 */
#ifndef IC_RULES_RULES_H
#define IC_RULES_RULES_H

#include <ic/crypto/sign.h>
#include <ic/mlspub/observer.h>
#include <ic/mlspub/rules.h>
#include <ic/mlspub/types.h>
#include <ic/wire/terms.h>

enum {
    IC_RULES_TICKET_MS = 10 * 60 * 1000, /* a ticket's longest life */
    IC_RULES_NAME_MAX = 64,              /* bytes of a name: a basic credential's identity */
    IC_RULES_PROOF_LEN = 32,
    IC_RULES_SEQ_LEAP = 1 << 16, /* how far one change of the terms may take their number */
    IC_RULES_GRACE_MS = 60000,   /* how long somebody whose certificate ran out may stay */
};

struct ic_rules_fault {
    const char
        *rule;     /* static, stable: docs/protocol/meeting.md lists them; "" when none is broken */
    uint32_t leaf; /* the offending leaf, or IC_MLSPUB_NO_LEAF */
};

/* ---- terms ---- */

/* Where the terms are in a GroupContext. IC_ERR_RULE "terms-missing", "terms-malformed". */
ic_err ic_rules_terms_find(const struct ic_mlspub_group_context *c, struct ic_wire_terms *out,
                           struct ic_rules_fault *fault);
/* Signature and chain up to the meeting key; pin (32 bytes, the SHA-256 of the meeting key that the link
 * carries) empty where there is none: joining by number is not bound to a link.
 * IC_ERR_RULE "terms-pin", "terms-chain", "terms-signature", "terms-suite", "terms-no-root". */
ic_err ic_rules_terms_verify(const struct ic_wire_terms *t, struct ic_view pin,
                             struct ic_rules_fault *fault);
/* May `next` follow `former` (whose own validity is taken for granted)? IC_ERR_RULE "terms-seq",
 * "terms-fixed", "terms-signer", "terms-no-host" and those of verify. */
ic_err ic_rules_terms_follow(const struct ic_wire_terms *former, const struct ic_wire_terms *next,
                             struct ic_rules_fault *fault);
/* Signs t's content by key and appends the whole terms. former: the terms that name the signer, NULL
 * where key is the meeting key. signer, signature and chain of t are filled in by this.
 * IC_ERR_DENIED where former does not name the key; IC_ERR_LIMIT for a chain that is too long. */
ic_err ic_rules_terms_sign(const struct ic_wire_terms *t, const struct ic_wire_terms *former,
                           const struct ic_sign_key *key, struct ic_buf *out);
/* A name that may stand in a roster: 1 to IC_RULES_NAME_MAX bytes of text, without the characters that turn
 * the direction of writing, break the line or are not seen, for those make one name look like another. */
bool ic_rules_name_ok(struct ic_view name);
/* The name of a leaf: a basic credential's identity, or the common name (else the first address) of an X.509
 * chain whose first certificate certifies the leaf's signature key and is no authority's. False, and out as it
 * was, for any other credential, and where the name may not stand in a roster. Who vouches for the chain is not
 * asked: that is each viewer's matter. */
bool ic_rules_leaf_name(const struct ic_mlspub_leaf_node *leaf, char out[IC_RULES_NAME_MAX + 1]);
/* May next's credential take former's place in a leaf? The same, or an X.509 chain for the same signature key that
 * names the same subject and the same alternative names under the same issuing root: docs/protocol/meeting.md,
 * "Renewal". Whether anybody vouches for it is not asked. */
bool ic_rules_may_follow(const struct ic_mlspub_leaf_node *former,
                         const struct ic_mlspub_leaf_node *next);
/* What every leaf of a meeting's group lists among its capabilities, and its GroupContext requires: basic and X.509
 * credentials, as a list of their types. Lives for ever. */
struct ic_view ic_rules_credential_types(void);
/* As ic_mls_config.check_credential: IC_OK for a leaf that has a name, else IC_ERR_DENIED. ctx is not used. */
ic_err ic_rules_check_credential(void *ctx, const struct ic_mlspub_leaf_node *leaf,
                                 const struct ic_mlspub_leaf_node *former);
/* The same for ic_mlspub_observer_open_like. Lives for ever. */
const struct ic_mlspub_rules *ic_rules_of_meetings(void);
bool ic_rules_is_host(const struct ic_wire_terms *t, struct ic_view signature_key);
bool ic_rules_is_barred(const struct ic_wire_terms *t, struct ic_view signature_key);

/* ---- verified members only ---- */

/* Do these terms admit verified members alone? */
bool ic_rules_verified_only(const struct ic_wire_terms *t);

/* What the roots in the terms make of a leaf at some time. */
struct ic_rules_standing {
    bool verified;
    int64_t until_s; /* Unix time, where verified: the last second of its certificates */
    const char
        *reason; /* static; "" where verified, else as ic_pki_reason_name has it: "no-certificate",
                         * "no-root" (also where the chain does not carry its root), "expired" ... */
};
/* Judged by the leaf and the terms' fingerprints alone; revocation is no public datum and not looked at. IC_ERR_NOMEM,
 * with out as it was: there is no judgement. */
ic_err ic_rules_standing(const struct ic_wire_terms *t, const struct ic_mlspub_leaf_node *leaf,
                         uint64_t time_ms, struct ic_rules_standing *out);
/* May any member take this leaf out at that time: neither verified then nor IC_RULES_GRACE_MS before? IC_ERR_NOMEM. */
ic_err ic_rules_over(const struct ic_wire_terms *t, const struct ic_mlspub_leaf_node *leaf,
                     uint64_t time_ms, bool *over);

/* ---- proofs ---- */

/* What who holds the link proves of its own KeyPackage: HMAC-SHA256(join secret, "InCamera Knock"<V>
 * group_id<V> ref<V>). */
void ic_rules_proof(struct ic_view join_secret, struct ic_view group_id, struct ic_view ref,
                    uint8_t out[IC_RULES_PROOF_LEN]);
/* What a committer who holds the link shows newcomers: HMAC-SHA256(join secret, "InCamera Witness"<V>
 * group_id<V> signer<V>), signer being its own signature key, with which it signs the GroupInfo. A server
 * cannot make one for a key of its own, and one that it saw is of no use without that key. */
void ic_rules_witness(struct ic_view join_secret, struct ic_view group_id, struct ic_view signer,
                      uint8_t out[IC_RULES_PROOF_LEN]);
/* Fills host and signature of t by the host's key. sig_room: IC_SIG_MAX bytes that the ticket's views
 * then borrow. */
ic_err ic_rules_ticket_sign(struct ic_view group_id, const struct ic_sign_key *host,
                            struct ic_wire_ticket *t, uint8_t *sig_room);
/* Is there a ticket in the list for this ref and bearer, by a host of the terms, valid at time_ms? */
bool ic_rules_ticket_shown(const struct ic_wire_terms *t, struct ic_view tickets,
                           struct ic_view group_id, struct ic_view ref, struct ic_view bearer,
                           uint64_t time_ms);

/* ---- the judgement ---- */

/* The group before the change. */
struct ic_rules_group {
    const struct ic_mlspub_group_context *context;
    ic_err (*leaf)(const void *ctx, uint32_t leaf, struct ic_mlspub_leaf_node *out);
    const void *ctx;
    uint64_t last_time_ms;      /* the last commit's, 0 where it is not known */
    struct ic_view join_secret; /* empty: proofs by it are taken as they are (the server) */
};

struct ic_rules_change {
    bool is_commit;
    struct ic_mlspub_sender sender;
    uint32_t committer; /* its leaf after the change */
    const struct ic_mlspub_change_item *(*item)(const void *ctx, size_t i);
    const void *ctx;
    size_t count;
    struct ic_view authenticated_data;
    const struct ic_mlspub_leaf_node *path_leaf;   /* or NULL */
    const struct ic_mlspub_group_context *context; /* that would hold after it */
};

/* The same from an observer and its change: what the server passes. */
struct ic_rules_group ic_rules_group_of(const struct ic_mlspub_observer *o, uint64_t last_time_ms);
struct ic_rules_change ic_rules_change_of(const struct ic_mlspub_change *c);

/* IC_ERR_RULE with the fault; IC_ERR_NOMEM. fault may be NULL. */
ic_err ic_rules_judge(const struct ic_rules_group *g, const struct ic_rules_change *c,
                      struct ic_rules_fault *fault);
/* Does the commit take somebody out by no authority but that their certificate ran out? What only a clock can tell:
 * the server holds the commit's time against its own. */
bool ic_rules_removes_by_time(const struct ic_rules_group *g, const struct ic_rules_change *c);
/* The commit's time, from its authenticated data. IC_ERR_RULE. */
ic_err ic_rules_commit_time(struct ic_view authenticated_data, uint64_t *time_ms);

/* ---- a whole group ---- */

/* Is this a group that may be opened: epoch 0, one leaf, a host named by valid terms, nothing else in the
 * GroupContext than terms, required capabilities and external senders? time_ms: now, by the asker's clock.
 * IC_ERR_RULE "group-..."; IC_ERR_NOMEM. */
ic_err ic_rules_new_group(const struct ic_mlspub_group_context *c,
                          const struct ic_mlspub_leaf_node *creator, struct ic_view pin,
                          uint64_t time_ms, struct ic_rules_fault *fault);

/* What somebody who enters a group demands before it believes that this is the meeting. */
struct ic_rules_entry {
    const struct ic_mlspub_group_context *context;
    struct ic_view signer;      /* signature key of the leaf that signed the GroupInfo */
    struct ic_view pin;         /* or empty */
    struct ic_view meeting_id;  /* 16 bytes */
    struct ic_view join_secret; /* or empty */
    struct ic_view ref;         /* our KeyPackageRef; empty: a resync */
    struct ic_view
        own_key; /* our signature key: a host that the terms name may be added by anybody */
    struct ic_view admission; /* encoded struct ic_wire_admission; may be empty */
};

enum ic_rules_vouched {
    IC_RULES_BY_HOST = 1,
    IC_RULES_BY_TICKET,
    IC_RULES_BY_LINK,
    IC_RULES_BY_NOBODY, /* no pin to hold it against: joined by number */
};

/* IC_ERR_RULE "entry-meeting" (other terms), "entry-not-vouched" (neither a host, a ticket for us, nor,
 * where the link admits or for a resync, a witness) and those of terms_verify. *time_ms: the last
 * commit's time as the admission says, 0 without one. */
ic_err ic_rules_enter(const struct ic_rules_entry *e, enum ic_rules_vouched *by, uint64_t *time_ms,
                      struct ic_rules_fault *fault);

#endif
