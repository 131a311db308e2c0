/* The insides of a group, of a staged commit and of a key package; and what the files of the member's half
 * lend each other. Nothing here is public. */
#ifndef IC_MLS_STATE_H
#define IC_MLS_STATE_H

#include "changes.h"
#include "path_keys.h"
#include "schedule.h"
#include "secret_tree.h"
#include "treekem.h"

#include <ic/mls/group.h>
#include <ic/mlspub/rules.h>

/* All that an epoch is, but for the tree. */
struct ic_mls_moment {
    struct ic_buf context_bytes;            /* the encoded GroupContext */
    struct ic_mlspub_group_context context; /* views of context_bytes */
    struct ic_mls_epoch secrets;
    struct ic_mls_secret_tree *ratchets;
    struct ic_mls_path_keys keys;
    const struct ic_sign_key *signer;
    uint8_t interim[IC_HASH_MAX]; /* interim_transcript_hash */
    uint8_t interim_len;          /* 0 where no commit has been: not even epoch 0 */
    uint8_t tag[IC_HASH_MAX];     /* confirmation_tag of the epoch */
};

void ic_mls_moment_clear(struct ic_mls_moment *m);
/* Encodes c into m->context_bytes, and m->context views it. */
ic_err ic_mls_moment_set_context(struct ic_mls_moment *m, const struct ic_mlspub_group_context *c);
/* Secrets, ratchets, tag and interim hash of the epoch from its member secret (section 8). */
ic_err ic_mls_moment_open(struct ic_mls_moment *m, const struct ic_suite *s,
                          const struct ic_secret *member, uint32_t leaf_slots,
                          const struct ic_mls_limits *limits);

/* An Update of ours that waits to be committed. */
struct ic_mls_own_update {
    struct ic_secret key;
    uint8_t public_key[IC_KEM_PUBLIC_MAX];
    uint8_t public_len;
    const struct ic_sign_key *signer;
    struct ic_mls_own_update *next;
};
void ic_mls_own_updates_free(struct ic_mls_own_update *u);

/* A leaf whose signature key the commit that ended an epoch replaced. */
struct ic_mls_former_key {
    uint32_t leaf;
    uint8_t len; /* 0: it was blank */
    uint8_t key[IC_SIG_PUBLIC_MAX];
};

/* What is kept of an epoch that is over, to read its late application messages. */
struct ic_mls_past {
    struct ic_buf context_bytes;
    struct ic_mlspub_group_context context;
    struct ic_secret sender_data;
    struct ic_mls_secret_tree *ratchets;
    struct ic_mls_former_key *former;
    size_t former_count;
    struct ic_mls_past *older;
};
void ic_mls_past_free(struct ic_mls_past *p);
/* The record of g's epoch for when d is merged. NULL in *out where none is wanted. */
ic_err ic_mls_past_prepare(const struct ic_mls_group *g, const struct ic_mls_staged *s,
                           struct ic_mls_past **out);
/* Fills p, prepared before, with what g's epoch holds, and puts it first. Cannot fail. */
void ic_mls_past_push(struct ic_mls_group *g, struct ic_mls_past *p);
struct ic_mls_past *ic_mls_past_find(const struct ic_mls_group *g, uint64_t epoch);
/* The signature key that a leaf had in a past epoch; empty where it was blank. */
struct ic_view ic_mls_past_signer(const struct ic_mls_group *g, const struct ic_mls_past *p,
                                  uint32_t leaf);

struct ic_mls_resumption {
    uint64_t epoch;
    struct ic_secret psk;
};

/* Leaves whose credentials wait for a verdict. */
struct ic_mls_unjudged {
    uint64_t *open; /* a bit for each leaf; NULL where none ever waited */
    uint32_t slots;
    size_t count;   /* open ones */
    ic_err refused; /* the first verdict against one */
    uint32_t offender;
};
void ic_mls_unjudged_clear(struct ic_mls_unjudged *u);
/* IC_OK where all have been accepted; IC_ERR_STATE; or the verdict that refused. */
ic_err ic_mls_unjudged_state(const struct ic_mls_unjudged *u, struct ic_mlspub_fault *fault);

struct ic_mls_group {
    struct ic_mls_config config; /* limits filled in */
    const struct ic_suite *suite;
    struct ic_mlspub_tree *tree;
    uint32_t own_leaf;
    uint64_t now_s; /* when the running call began: the clock is asked once a call */
    struct ic_mls_moment now;
    struct ic_mlspub_pending *pending;
    struct ic_mls_own_update *own_updates; /* newest first */
    size_t own_update_count;
    struct ic_mls_past *past;              /* newest first */
    struct ic_mls_resumption *resumptions; /* a ring */
    size_t resumption_count, resumption_next;
    bool opened_by_us;  /* the current epoch's commit was ours */
    uint32_t joined_by; /* who signed the GroupInfo of our entry */
    bool removed;       /* we are out */
    struct ic_buf
        joined_extensions; /* of the GroupInfo that we entered by, until the first merge */
    struct ic_buf reinit;  /* the ReInit that ended the group: it sends no more; else empty */
    struct ic_mlspub_fault fault;
    struct ic_mls_unjudged unjudged; /* of the tree we joined with */
    struct ic_mls_changes *changes;  /* since it was saved; NULL: never */
    uint64_t saves;                  /* how often; what the store must say too */
    struct ic_mls_staged *staged;    /* loaded, and not taken yet */
};

struct ic_mls_staged {
    const struct ic_mls_group *group; /* compared, never read */
    uint64_t epoch;                   /* the one it starts from */
    struct ic_mlspub_diff *diff;
    struct ic_mls_moment next;
    struct ic_mls_past *past; /* prepared */
    struct ic_arena arena;
    struct ic_buf message; /* a received commit's bytes, which items and path_leaf view */
    struct ic_buf content; /* FramedContent, where it is not part of message */
    struct ic_mlspub_sender sender;
    uint32_t committer;
    struct ic_mlspub_proposals proposals;
    const struct ic_mlspub_leaf_node *path_leaf;
    struct ic_view authenticated_data;
    bool own, removes_us;
    struct ic_buf reinit; /* the encoded proposal, where there is one */
    struct ic_buf commit, welcome, group_info, path_leaf_bytes;
    struct ic_mlspub_candidates later; /* by leaf */
    struct ic_mls_unjudged unjudged;   /* of later */
    uint8_t *joiners;                  /* KeyPackageRefs, hash_len each */
    size_t joiner_count;
    uint8_t ref_len;
};

struct ic_mls_key_package {
    const struct ic_suite *suite;
    struct ic_buf message;
    struct ic_view encoded; /* the KeyPackage in message */
    struct ic_mlspub_key_package package;
    struct ic_secret init_key;
    struct ic_secret leaf_key;
    uint8_t ref[IC_HASH_MAX];
};

/* ---- between the files ---- */

void ic_mls_limits_fill(struct ic_mls_limits *l);
struct ic_mlspub_rules ic_mls_rules_of(const struct ic_mls_config *c, const struct ic_suite *s,
                                       const struct ic_mlspub_group_context *context,
                                       uint64_t now_s);
/* A group without tree, secrets and pending proposals yet. */
ic_err ic_mls_group_alloc(const struct ic_mls_config *c, const struct ic_mls_identity *id,
                          struct ic_mls_group **out);
/* Decodes the tree that info or given brings into g->tree, and checks it and info's signature as one who
 * joins must (section 12.4.3.1). */
ic_err ic_mls_group_load_tree(struct ic_mls_group *g, const struct ic_mlspub_group_info *info,
                              struct ic_view given);
/* Signs, protects, and makes the proposal pending. */
ic_err ic_mls_propose(struct ic_mls_group *g, const struct ic_mlspub_proposal *p,
                      struct ic_view authenticated_data, struct ic_buf *out);
/* A call on g begins: no rule is met yet, the clock is asked. IC_ERR_STATE, or a verdict, where credentials of the
 * group are not all accepted. */
ic_err ic_mls_begin(struct ic_mls_group *g);
/* We are in, and all credentials are accepted. */
bool ic_mls_usable(const struct ic_mls_group *g);
/* Asks about all credentials of the tree; those that wait are unjudged. */
ic_err ic_mls_group_ask(struct ic_mls_group *g);
/* The leaf that waited is gone. */
void ic_mls_group_unask(struct ic_mls_group *g, uint32_t leaf);
/* Asks about those that s brings, when its proposals and path are applied. */
ic_err ic_mls_staged_ask(struct ic_mls_group *g, struct ic_mls_staged *s,
                         const struct ic_mlspub_rules *rules,
                         const struct ic_mlspub_outcome *outcome);
/* Notes the rule in g and returns e. */
ic_err ic_mls_refuse(struct ic_mls_group *g, ic_err e, const char *rule, uint32_t offender);

struct ic_mls_leaf_spec {
    const struct ic_mls_config *config;     /* what it switches on, and the clock; NULL: nothing */
    const struct ic_mls_identity *identity; /* who we are, or NULL: as the former leaf says */
    const struct ic_mlspub_leaf_node *former; /* may be NULL where identity is not */
    const struct ic_sign_key *signer;
    struct ic_view encryption_key;
    uint8_t source;
    struct ic_view parent_hash;
    struct ic_view group_id;
    uint32_t leaf;
};
/* Appends a signed LeafNode. */
ic_err ic_mls_leaf_build(const struct ic_mls_leaf_spec *spec, struct ic_buf *out);
/* Appends the same with an empty signature. */
ic_err ic_mls_leaf_draft(const struct ic_mls_leaf_spec *spec, struct ic_buf *out);

/* The PSK secret of a list; IC_ERR_PSK where one is missing. */
ic_err ic_mls_psk_secret(struct ic_mls_group *g, const struct ic_mlspub_psk_id *const *psks,
                         size_t count, struct ic_secret *out);
/* The type is one that an application may propose here, and all members list it. */
ic_err ic_mls_custom_check(struct ic_mls_group *g, uint16_t type);
/* Draws the nonce (hash_len bytes at nonce), and names our group where a resumption PSK names none. */
ic_err ic_mls_psk_complete(const struct ic_mls_group *g, uint8_t *nonce,
                           struct ic_mlspub_psk_id *psk);
/* Whether that would find it: IC_OK, or what it would fail with. */
ic_err ic_mls_psk_known(struct ic_mls_group *g, const struct ic_mlspub_psk_id *psk);
/* Keeps an epoch's resumption PSK (hash_len bytes); room has been made. The oldest makes way. */
void ic_mls_resumption_keep(struct ic_mls_group *g, uint64_t epoch, struct ic_view psk);
/* Forgets past epochs beyond the limit. */
void ic_mls_past_limit(struct ic_mls_group *g);
/* Tells g->changes what a merge is going to change: all that it has of the epoch that ends, and the diff's
 * nodes. */
void ic_mls_changes_note_merge(struct ic_mls_group *g, const struct ic_mlspub_diff *d);
/* The proposal that became pending last. */
void ic_mls_changes_note_proposal(struct ic_mls_group *g);

/* The new epoch of a staged commit, when diff is sealed: context with the hashes, secrets, tag.
 * a: the commit's content and signature. init: the init secret to start from. member may be NULL. */
ic_err ic_mls_staged_open_epoch(struct ic_mls_group *g, struct ic_mls_staged *s,
                                const struct ic_mlspub_authenticated_content *a,
                                struct ic_view extensions, const struct ic_secret *init,
                                const struct ic_secret *commit_secret,
                                const struct ic_secret *psk_secret, struct ic_secret *joiner,
                                struct ic_secret *member);
/* The provisional context of section 12.4.1, encoded. */
ic_err ic_mls_provisional_context(const struct ic_mls_group *g, const struct ic_mlspub_diff *d,
                                  struct ic_view extensions, struct ic_buf *out);
struct ic_mls_staged *ic_mls_staged_new(const struct ic_mls_group *g);
/* Copies the pending proposals that s refers to: they vanish with the epoch, s may stay and be looked at. */
ic_err ic_mls_staged_own_items(struct ic_mls_staged *s);

/* Signs and protects a proposal or commit of ours. a->content.encoded views content; a's signature views
 * signature (IC_SIG_MAX bytes). */
ic_err ic_mls_content_make(struct ic_mls_group *g, uint8_t type, struct ic_mlspub_sender sender,
                           struct ic_view authenticated_data, struct ic_view body,
                           const struct ic_sign_key *signer, struct ic_buf *content,
                           uint8_t *signature, struct ic_mlspub_authenticated_content *a);
ic_err ic_mls_content_protect(struct ic_mls_group *g,
                              const struct ic_mlspub_authenticated_content *a, struct ic_view body,
                              struct ic_buf *out);

/* GroupSecrets, section 12.4.3.1. */
struct ic_mls_group_secrets {
    struct ic_view joiner;
    bool has_path_secret;
    struct ic_view path_secret;
    const struct ic_mlspub_psk_id *psks;
    size_t psk_count;
};
ic_err ic_mls_group_secrets_decode(struct ic_view bytes, struct ic_arena *a,
                                   struct ic_mls_group_secrets *out);
void ic_mls_group_secrets_write(struct ic_writer *w, const struct ic_mls_group_secrets *x);

/* A group that we joined by a Welcome with this PSK follows its predecessor as it should. */
ic_err ic_mls_follow_up_check(struct ic_mls_group *g, const struct ic_mlspub_psk_id *psk);
ic_err ic_mls_staged_note_reinit(struct ic_mls_staged *s, const struct ic_mlspub_outcome *o);

/* A GroupInfo of the moment, signed by the leaf: what follows MLSMessage's header. */
struct ic_mls_group_info_spec {
    const struct ic_suite *suite;
    const struct ic_mls_moment *moment;
    uint32_t signer;
    bool external_pub;
    struct ic_view tree;          /* empty: without ratchet_tree */
    struct ic_view extensions;    /* the application's own, encoded */
    const struct ic_rand *grease; /* NULL: none */
};
static inline const struct ic_rand *ic_mls_grease_of(const struct ic_mls_config *c)
{
    return c->grease ? &c->rand : NULL;
}
ic_err ic_mls_group_info_build(const struct ic_mls_group_info_spec *spec, struct ic_buf *out);

struct ic_mls_welcome_spec {
    const struct ic_suite *suite;
    const struct ic_mls_group_info_spec *info;
    const struct ic_secret *joiner;
    const struct ic_secret *member;
    const struct ic_mls_new_path *path; /* or NULL */
    const struct ic_mlspub_outcome *outcome;
    const struct ic_mlspub_proposals *proposals;
    const struct ic_rand *rand;
    const struct ic_mlspub_executor *exec;
};
/* Fills s->welcome and s->joiners. */
ic_err ic_mls_welcome_build(const struct ic_mls_welcome_spec *spec, struct ic_mls_staged *s);

/* Stages the commit that lets a group of ours that has no secrets yet into its group: section 12.4.3.2. */
ic_err ic_mls_commit_external(struct ic_mls_group *g, const struct ic_mls_identity *id,
                              const struct ic_mls_external_join *j, struct ic_view external_pub,
                              bool want_group_info, struct ic_mls_staged **out);

#endif
