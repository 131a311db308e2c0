/* Who vouches for a leaf, as this viewer sees it. */
#ifndef IC_MEETING_SRC_IDENTITY_H
#define IC_MEETING_SRC_IDENTITY_H

#include <ic/meeting/meeting.h>
#include <ic/mlspub/types.h>
#include <ic/pki/fault.h>

struct person; /* internal.h */

/* What this viewer makes of a leaf's credential. */
struct verdict {
    uint8_t identity; /* enum ic_meeting_identity */
    char vouched_by[IC_MEETING_NAME_MAX + 1];
    const char *reason; /* why nobody vouches: static; "" where somebody does */
    int64_t until_s;    /* to be judged again after it */
};

/* ---- identity.c ---- */
/* text: why nobody vouches for it, in words. */
struct verdict ic_meeting_identity_judge(const struct ic_meeting *m,
                                         const struct ic_mlspub_leaf_node *leaf,
                                         char text[IC_PKI_FAULT_TEXT]);
/* Somebody who shows this leaf, as this viewer sees them: all but leaf index, host, self and away. *until_s: as in
 * the verdict. False, and out as it was, where it names nobody. */
bool ic_meeting_identity_show(const struct ic_meeting *m, const struct ic_mlspub_leaf_node *leaf,
                              struct ic_meeting_person *out, int64_t *until_s);
/* Our own credential; views borrow from m. IC_ERR_KEY: the certificates do not fit the key. */
ic_err ic_meeting_identity_own(const struct ic_meeting *m, struct ic_mlspub_credential *out);
/* To be compared with: not verified and not pinned, or not who is pinned. */
bool ic_meeting_identity_is_stranger(const struct ic_meeting *m, const struct person *p);
/* Is somebody here for whom nobody vouches whom we know? */
bool ic_meeting_identity_has_stranger(const struct ic_meeting *m);

/* ---- identity_change.c ---- */
uint64_t ic_meeting_identity_deadline(const struct ic_meeting *m);
void ic_meeting_identity_tick(struct ic_meeting *m);
/* Everybody anew; why: "trust", "pin". */
void ic_meeting_identity_judge_all(struct ic_meeting *m, const char *why);
/* Of what a leaf shows of who it is: another one is to be judged anew. */
void ic_meeting_identity_hash(const struct ic_mlspub_leaf_node *leaf, uint8_t out[32]);
/* A commit has given this member a new leaf: it may show a renewed certificate. */
void ic_meeting_identity_refresh(struct ic_meeting *m, uint32_t leaf);

/* ---- renew.c ---- */
ic_err ic_meeting_renew_extensions(struct ic_meeting *m, struct ic_view staple);
/* Forgets the wish where our leaf shows what we have. */
void ic_meeting_renew_prune(struct ic_meeting *m);
/* May the credential that we have now take this leaf's place? */
bool ic_meeting_renew_follows(const struct ic_meeting *m, const struct ic_mlspub_leaf_node *former);

/* ---- rotate.c ---- */
/* The group has new keys: the time runs anew. */
void ic_meeting_rotate_begin(struct ic_meeting *m);
uint64_t ic_meeting_rotate_deadline(const struct ic_meeting *m);
void ic_meeting_rotate_tick(struct ic_meeting *m);

/* ---- pins.c ---- */
/* What the pins say of who has these names and this key. names: all of the certificate's, as ic_pki_cert has them;
 * empty where there is none. */
uint8_t ic_meeting_pins_say(const struct ic_meeting *m, const struct ic_meeting_person *who,
                            struct ic_view names);
ic_err ic_meeting_pins_copy(struct ic_meeting *m, const struct ic_meeting_pin *pins, size_t count);
/* Where a known name comes with another key: said to the person here. */
void ic_meeting_pins_tell(struct ic_meeting *m, const struct person *p);
void ic_meeting_pins_offer(struct ic_meeting *m);

#endif
