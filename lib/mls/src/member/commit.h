/* A commit in the making: its list of proposals, then path and messages. */
#ifndef IC_MLS_COMMIT_H
#define IC_MLS_COMMIT_H

#include "state.h"

struct ic_mls_commit_work {
    struct ic_mls_group *g;
    struct ic_mls_staged *s;
    const struct ic_mls_commit_params *p;
    const struct ic_mls_identity *identity; /* of our new leaf, or NULL */
    struct ic_mlspub_rules rules;
    struct ic_mlspub_outcome outcome;
    struct ic_mls_new_path path;
    bool external, has_path;
    struct ic_secret init;
    struct ic_secret commit_secret;
    struct ic_secret psk_secret;
};

/* Fills s->proposals: what p names by value, and of the pending ones what may go with it. */
ic_err ic_mls_commit_gather(struct ic_mls_commit_work *w);
/* Those of an external commit, section 12.2, and w->init. */
ic_err ic_mls_commit_gather_external(struct ic_mls_commit_work *w,
                                     const struct ic_mls_external_join *j,
                                     struct ic_view external_pub);

#endif
