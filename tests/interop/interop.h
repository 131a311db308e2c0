/* What the files of mls-interop share: the things that requests name by number, and one call.
 *
 * Handlers return ic_err; main.c turns that, with the rule that was met, into {"error": ...}. A test
 * program: it hands out private keys where mls_client.proto asks for them, and wipes no request.
 */
#ifndef INTEROP_H
#define INTEROP_H

#include <ic/mls/group.h>
#include <jansson.h>

enum {
    LINE_MAX_BYTES = 64 << 20,    /* of one request, with its newline */
    CALL_MAX_BYTES = 256 << 20,   /* decoded fields of one request */
    MESSAGE_MAX_BYTES = 64 << 20, /* of one message that is made */
    THINGS_MAX = 65536,
    REPEATED_MAX = 65536, /* of one repeated field */
};

/* Somebody: an identity and its key, shared by the things that speak for it. */
struct person {
    unsigned refs;
    const struct ic_suite *suite;
    struct ic_sign_key *signer;
    struct ic_buf identity;
};

ic_err person_new(const struct ic_suite *suite, struct ic_view identity, struct person **out);
struct person *person_share(struct person *p);
void person_free(struct person *p);
/* As the library wants it; borrowed from p. */
struct ic_mls_identity person_identity(const struct person *p);

struct psk {
    struct psk *next;
    struct ic_buf id, secret;
};

/* A proposal that a state has seen in this epoch: its message, and its ProposalRef. */
struct seen {
    struct seen *next;
    struct ic_buf message, ref;
};

enum thing_kind { STATE, TRANSACTION, REINIT, SIGNER };

/* All that has a number. Numbers are never given twice. */
struct thing {
    uint32_t id;
    enum thing_kind kind;
    struct person *person;
    struct psk *psks;                   /* STATE, TRANSACTION */
    struct ic_mls_key_package *package; /* TRANSACTION, REINIT */
    struct ic_mls_group *group;         /* STATE */
    struct ic_mls_staged *staged;       /* STATE: our commit that waits */
    struct seen *seen;                  /* STATE */
    bool private_handshakes;            /* STATE */
    uint32_t former;                    /* REINIT: the state that the ReInit ended */
};

struct things {
    struct thing **all; /* ascending by number */
    size_t count, room;
    uint32_t last;
};

struct call {
    struct things *things;
    const json_t *in;
    json_t *out;
    struct ic_arena arena;            /* what fields decode to */
    ic_err err;                       /* of the fields read so far */
    char why[200];                    /* instead of the error's own text */
    struct ic_mlspub_fault fault;     /* of what has no group yet */
    const struct ic_mls_group *group; /* whose last rule explains the failure */
};

uint64_t clock_now_s(void *ctx); /* an ic_clock's; ctx is not used */

/* ---- things.c ---- */

/* Takes a reference of its own to the person. */
ic_err thing_new(struct call *c, enum thing_kind kind, struct person *person, struct thing **out);
void thing_free(struct things *all, struct thing *t);
void things_clear(struct things *all);
/* The thing that a field names; on another kind or none, c fails and NULL comes back. */
struct thing *thing_field(struct call *c, const char *field, enum thing_kind kind);
struct thing *thing_find(const struct things *all, uint32_t id);
/* How the library is to treat t's group. */
struct ic_mls_config thing_config(struct call *c, struct thing *t);
ic_err thing_add_psk(struct thing *t, struct ic_view id, struct ic_view secret);
void thing_clear_seen(struct thing *t);

/* ---- call.c: fields of the request and of the answer ---- */

/* Notes why the call fails, and returns e. */
__attribute__((format(printf, 3, 4))) ic_err refuse(struct call *c, ic_err e, const char *why, ...);
/* An absent field gives its default. A wrong one sets c->err. The views live as long as the call. */
uint64_t field_number(struct call *c, const json_t *in, const char *name, uint64_t max);
uint32_t field_u32(struct call *c, const char *name);
bool field_bool(struct call *c, const char *name);
struct ic_view field_bytes(struct call *c, const json_t *in, const char *name);
const char *field_text(struct call *c, const char *name);
/* NULL where it is absent or wrong. */
const json_t *field_list(struct call *c, const json_t *in, const char *name);
/* A repeated bytes field. */
const struct ic_view *field_bytes_list(struct call *c, const char *name, size_t *count);
/* A repeated Extension, as an encoded list. */
struct ic_view field_extensions(struct call *c, const json_t *in);
const struct ic_suite *field_suite(struct call *c);

void answer_number(struct call *c, const char *name, uint64_t v);
void answer_bytes(struct call *c, const char *name, struct ic_view v);

/* ---- state.c, join.c ---- */

/* The leaf of the member with this identity; IC_ERR_NOT_FOUND. */
ic_err state_find_member(const struct ic_mls_group *g, struct ic_view identity, uint32_t *leaf);
/* A key package with a key of its own, as a transaction, answered with its private keys. */
ic_err answer_private_keys(struct call *c, const struct thing *t);
ic_err transaction_new(struct call *c, const struct ic_suite *s, struct ic_view identity,
                       struct thing **out);
/* Joins by a Welcome into a new state. predecessor may be NULL. t keeps its PSKs on failure. */
ic_err join_welcome(struct call *c, struct thing *t, struct ic_view welcome, struct ic_view tree,
                    const struct ic_mls_group *predecessor, bool private_handshakes,
                    struct thing **out);

/* ---- propose.c, commit.c ---- */

/* Takes what a peer proposed, or finds it known already. *ref: borrowed until the next epoch. */
ic_err state_take_proposal(struct call *c, struct thing *t, struct ic_view message,
                           struct ic_view *ref);
/* The state at its next epoch, after a commit of ours or of another. */
ic_err state_handle_pending(struct call *c, struct thing *t);
ic_err state_handle_commit(struct call *c, struct thing *t);

enum description_kind { D_ADD, D_REMOVE, D_PSK, D_EXTENSIONS, D_REINIT };

/* A ProposalDescription, but for what a Remove's identity means in a group. */
struct description {
    enum description_kind kind;
    struct ic_view key_package, removed_id, extensions;
    struct ic_mlspub_psk_id psk; /* a resumption PSK still lacks the group's id */
    struct ic_mls_reinit reinit;
};
ic_err description_read(struct call *c, const json_t *in, struct description *out);

/* ---- the operations of mls_client.proto ---- */

typedef ic_err rpc(struct call *c);
rpc rpc_name, rpc_supported_ciphersuites, rpc_create_group, rpc_create_key_package, rpc_join_group,
    rpc_external_join, rpc_group_info, rpc_state_auth, rpc_export, rpc_protect, rpc_unprotect,
    rpc_store_psk, rpc_add_proposal, rpc_update_proposal, rpc_remove_proposal,
    rpc_external_psk_proposal, rpc_resumption_psk_proposal, rpc_extensions_proposal, rpc_commit,
    rpc_handle_commit, rpc_handle_pending_commit, rpc_reinit_proposal, rpc_reinit_commit,
    rpc_handle_pending_reinit_commit, rpc_handle_reinit_commit, rpc_reinit_welcome,
    rpc_handle_reinit_welcome, rpc_create_branch, rpc_handle_branch, rpc_new_member_add_proposal,
    rpc_create_external_signer, rpc_add_external_signer, rpc_external_signer_proposal, rpc_free;

#endif
