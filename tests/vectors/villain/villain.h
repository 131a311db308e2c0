/* A member who breaks rules, for vectors: its commits and Welcomes are made by the library itself while it
 * refuses nothing, so that they are signed, tagged and encrypted as they should be, and one thing is wrong. */
#ifndef TESTS_VECTORS_VILLAIN_H
#define TESTS_VECTORS_VILLAIN_H

#include "../../../lib/mls/src/member/state.h"
#include "../../../lib/mls/test/member/world.h"

enum {
    VILLAIN = 0,
    VICTIM = 1,
    OTHER = 2,
    THIRD = 3,
    GUEST = 4,
    STRANGER = 5,
    SENDER = 9,
    BYSTANDER = 10
};
enum { VICTIM_LEAF = 4 }; /* behind the villain, the others and a bystander; 5 to 7 are blank */
enum { OWN_EXTENSION = 0xf123, OWN_CREDENTIAL = 0xf00d };

struct scene {
    struct world w;
    struct ic_mls_key_package *k; /* the victim's, or NULL where it is somebody else's program */
    struct ic_view foreign;       /* then its key package; set before scene_open_with */
    struct ic_mlspub_key_package victim;
    struct ic_buf extensions;     /* of the group */
    struct ic_buf welcome;        /* into the epoch in which all happens */
    struct ic_mls_new_path spent; /* the path of the villain's last commit */
    struct ic_arena arena;        /* of one crime */
    struct ic_buf before;         /* a proposal that is in order, or empty */
    struct ic_buf message;        /* the crime */
};

struct crime {
    const char *rule; /* id of docs/mls-conformance.tsv */
    const char *says;
    ic_err (*commit)(struct scene *s); /* fills s->message, perhaps s->before */
    bool welcome;                      /* message is a Welcome to the victim's key package */
};

extern const struct crime crimes_list[], crimes_leaf[], crimes_frame[], crimes_outside[],
    crimes_welcome[];

/* foreign: a key package (MLSMessage) of somebody else's program, borrowed, or empty for a victim of our own. */
ic_err scene_open(struct scene *s, uint16_t suite, struct ic_view foreign);
void scene_close(struct scene *s);
ic_err scene_psk(void *ctx, struct ic_view id, struct ic_buf *out); /* knows every PSK */

/* What the library does otherwise while it works for the villain; all zero: nothing. */
struct lawless {
    bool on;
    struct scene *s;
    void (*list)(struct scene *s, struct ic_mlspub_proposals *list);
    void (*leaf)(struct scene *s, struct ic_mls_leaf_spec *spec);
    void (*leaf_bytes)(struct ic_buf *leaf);
    bool note_path, no_path, spent_path, short_path, extra_secret;
};
extern struct lawless lawless;

/* The villain commits, as lawless says, which is cleared. */
ic_err villain_commit(struct scene *s, const struct ic_mls_commit_params *p);
/* A proposal by value behind those of the list; p lives as long as the scene's arena. */
struct ic_mlspub_proposal *villain_also(struct scene *s, struct ic_mlspub_proposals *list,
                                        uint16_t type);
/* What a key package may be bent in before each of its signatures. */
struct package_bend {
    void (*fields)(struct scene *s, struct ic_mlspub_key_package *k);
    bool break_leaf, break_package;
    const struct ic_sign_key *signer; /* or the person's */
};
/* An MLSMessage with a person's key package; a leaf only where leaf is given. */
ic_err villain_package(struct scene *s, size_t who, const struct package_bend *b,
                       struct ic_view *message, struct ic_view *leaf);

/* A message with false frame: content as it says, signed by key; a member's tagged by the epoch. */
struct frame {
    uint8_t type;
    struct ic_mlspub_sender sender;
    const struct ic_sign_key *key;
    struct ic_view body;
    uint64_t epoch_off;
    struct ic_view tag;
    bool break_signature, break_membership;
};
ic_err villain_frame(struct scene *s, const struct frame *f);
ic_err villain_body(struct scene *s, const struct ic_mlspub_proposal *p, struct ic_view *body);

#endif
