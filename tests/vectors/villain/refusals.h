/* One refusal: somebody joins, takes what is in order, refuses what is not, and goes on. */
#ifndef TESTS_VECTORS_REFUSALS_H
#define TESTS_VECTORS_REFUSALS_H

#include <ic/mls/group.h>

struct start {
    const struct ic_suite *suite;
    const struct ic_sign_key *signer;
    struct ic_view key_package, init_priv, encryption_priv, welcome;
    uint64_t now_s;
};

struct refusal {
    struct ic_view proposal; /* to be taken before, or empty */
    struct ic_view message;
    bool welcome; /* message is a Welcome in place of the start's */
};

struct next_epoch {
    struct ic_view commit, authenticator;
};

/* What the message met; section gets the section that the refusal names, "" where none. */
ic_err refusal_play(const struct start *s, const struct refusal *r, const struct next_epoch *next,
                    ic_err *met, char section[16]);

#endif
