/* Between the reading of a message and the following of a commit. */
#ifndef IC_MLS_RECEIVE_H
#define IC_MLS_RECEIVE_H

#include "state.h"

/* Follows a commit whose signature, and membership tag or encryption, stand: RFC 9420 section 12.4.2. s
 * holds the bytes that a views; a lives in s's arena. s is the caller's to discard on failure. */
ic_err ic_mls_commit_follow(struct ic_mls_group *g, struct ic_mls_staged *s,
                            const struct ic_mlspub_authenticated_content *a);

#endif
