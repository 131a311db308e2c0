/* Makes a decoded message forget the bytes it came from, so that writing it again uses the fields.
 */
#ifndef IC_MLSPUB_TEST_FORGET_H
#define IC_MLSPUB_TEST_FORGET_H

#include <ic/mlspub/types.h>

void forget_proposal(struct ic_mlspub_proposal *p);
/* False without memory in the arena. */
bool forget_commit(struct ic_mlspub_commit *c, struct ic_arena *arena);
bool forget_message(struct ic_mlspub_message *m, struct ic_arena *arena);

#endif
