/* Signing in at the organisation's server from a terminal: by invitation, by password, or in a browser by the
 * organisation's own login (OpenID Connect; the answer comes back to this machine: RFC 8252 section 7.3). */
#ifndef ICC_IDENTITY_SIGN_IN_H
#define ICC_IDENTITY_SIGN_IN_H

#include "identity/service.h"

struct icc_sign_in {
    const char *email;      /* NULL: asked for, where it is needed */
    const char *invitation; /* NULL: none */
    const char *password;   /* NULL: asked for */
    bool browser;           /* by OpenID Connect */
    long provider;          /* which of the organisation's */
    char *known;            /* 128 bytes: in and out, as the server gave it */
};

/* The session stands in s afterwards. IC_ERR_AUTH: refused; IC_ERR_IO: no answer; IC_ERR_ARG: there is nobody to ask.
 * why gets a sentence. */
ic_err icc_sign_in(struct icc_service *s, const struct icc_sign_in *how, char *why, size_t why_len);
/* Ends the session; what the server says to that changes nothing. */
void icc_sign_out(struct icc_service *s);
/* Waits on 127.0.0.1 for the browser's return; url: where the person goes, printed once the port stands.
 * begin makes it from the redirect address. code, state and iss: of the answer; iss is "" where it has none. */
ic_err icc_loopback_wait(
    uv_loop_t *loop, ic_err (*begin)(void *ctx, const char *redirect, char *why, size_t why_len),
    void *ctx, char *code, char *state, char *iss, size_t len, char *why, size_t why_len);

#endif
