/* Meetings for verified people alone. */
#ifndef IC_MEETING_SRC_VERIFIED_H
#define IC_MEETING_SRC_VERIFIED_H

#include <ic/meeting/meeting.h>
#include <ic/mlspub/types.h>

struct person; /* internal.h */

bool ic_meeting_verified_only(const struct ic_meeting *m);
/* Why the terms do not let this leaf in: static; "" where they ask for nothing that it lacks. */
const char *ic_meeting_verified_lacks(const struct ic_meeting *m,
                                      const struct ic_mlspub_leaf_node *leaf);
const char *ic_meeting_verified_own_lacks(const struct ic_meeting *m);
/* Over for us, with a sentence of what is lacking. */
void ic_meeting_verified_refused(struct ic_meeting *m, const char *lacks);
/* How long the terms' roots vouch for p, who has this leaf; after each new leaf, and after new terms for all. */
void ic_meeting_verified_look(struct ic_meeting *m, struct person *p,
                              const struct ic_mlspub_leaf_node *leaf);
void ic_meeting_verified_look_all(struct ic_meeting *m);
/* After p has been judged: since when we know that its certificate is revoked. The minute counts from when we knew it
 * first, however often they come and go. */
void ic_meeting_verified_revoked(struct ic_meeting *m, struct person *p);
bool ic_meeting_verified_is_revoked(const struct ic_meeting_person *who);
/* May we take it out now, by the time that our commit would have? */
bool ic_meeting_verified_is_over(const struct ic_meeting *m, const struct person *p);
uint64_t ic_meeting_verified_deadline(const struct ic_meeting *m);
void ic_meeting_verified_tick(struct ic_meeting *m);

#endif
