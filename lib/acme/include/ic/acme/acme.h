/* The client's side of ACME (RFC 8555): requests out, answers in. No I/O and no clock: whoever drives it does HTTP.
 *
 *     struct ic_acme *a;
 *     IC_TRY(ic_acme_new(&(struct ic_acme_config){.key = account_key, .directory = url, .challenge = "http-01"}, &a));
 *     IC_TRY(ic_acme_order(a, names, n, csr));
 *     for (;;) {
 *         switch (ic_acme_next(a, now_ms, &request, &wait_ms)) {
 *         case IC_ACME_SEND: ... do the request, then ic_acme_answer(a, &answer, now_ms); continue;
 *         case IC_ACME_WAIT: ... sleep wait_ms; continue;
 *         case IC_ACME_CHALLENGE: ... ic_acme_challenge(a, &c); make it come true; ic_acme_respond(a, payload); continue;
 *         case IC_ACME_DONE: ... ic_acme_chain(a) ...; break;
 *         case IC_ACME_FAILED: ... ic_acme_why(a) ...; break;
 *         }
 *     }
 *     ic_acme_free(a);
 *
 * What it takes care of: the directory, nonces with their retries, the account (found or made), the order, each
 * authorization, polling as Retry-After has it, finalizing, the certificate; and revocation. Requests are
 * flattened JWS by ES256, ES384, ES512 or EdDSA, as the account's key is.
 *
 * The server is not trusted: its URLs must be of the directory's origin, an order must name what was asked for,
 * answers are bounded, polling ends, and a certificate must be for the request's key and names. One object, one
 * thread at a time.
 */
#ifndef IC_ACME_ACME_H
#define IC_ACME_ACME_H

#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/crypto/sign.h>

struct ic_acme;

enum {
    IC_ACME_NAMES_MAX = 32,
    IC_ACME_NAME_LEN = 255,
    IC_ACME_URL_LEN = 511,
    IC_ACME_TOKEN_LEN = 127,
    IC_ACME_KEY_AUTH = IC_ACME_TOKEN_LEN + 1 + 43 + 1, /* with its NUL */
    IC_ACME_THUMBPRINT = 44,                           /* base64url of SHA-256, with its NUL */
    IC_ACME_ANSWER_MAX = 1 << 20,
    IC_ACME_WHY = 300,
    IC_ACME_PATIENCE_MS = 300000,
};

struct ic_acme_config {
    const struct ic_sign_key *key; /* the account's; borrowed. It may not be a certificate's */
    const char *directory;         /* https, or http on the own machine; copied */
    const char *challenge; /* the type that is answered: "http-01", "incamera-token-01"; borrowed */
    const char *contact;   /* "mailto:ana@ring.example"; NULL: none; borrowed */
    bool agree;            /* to the server's terms of service */
    uint32_t patience_ms;  /* from the first request to the last; 0: IC_ACME_PATIENCE_MS */
};

struct ic_acme_name {
    const char *type, *value; /* "dns", "ring.example"; "email", "ana@ring.example" */
};

/* IC_ERR_NOMEM; IC_ERR_ARG: no usable URL; IC_ERR_UNSUPPORTED: a key that JWS has no name for. */
ic_err ic_acme_new(const struct ic_acme_config *c, struct ic_acme **out);
/* Accepts NULL. */
void ic_acme_free(struct ic_acme *a);

/* What is to be done, once an object. names are copied; csr: PKCS #10 in DER, copied. IC_ERR_STATE, IC_ERR_ARG,
 * IC_ERR_LIMIT, those of ic_pki_csr_decode. */
ic_err ic_acme_order(struct ic_acme *a, const struct ic_acme_name *names, size_t n,
                     struct ic_view csr);
/* Revokes a certificate (DER), by the account's key. reason: RFC 5280 section 5.3.1. */
ic_err ic_acme_revoke(struct ic_acme *a, struct ic_view certificate, unsigned reason);

enum ic_acme_step {
    IC_ACME_SEND = 1,
    IC_ACME_WAIT,
    IC_ACME_CHALLENGE,
    IC_ACME_DONE,
    IC_ACME_FAILED
};

/* Borrowed until the answer. A body is of type application/jose+json. */
struct ic_acme_request {
    const char *method, *url;
    struct ic_view body;
};
/* wait_ms: how long, of IC_ACME_WAIT. */
enum ic_acme_step ic_acme_next(struct ic_acme *a, uint64_t now_ms, struct ic_acme_request *out,
                               uint64_t *wait_ms);

/* status 0: there was no answer, and body is a sentence. The headers Replay-Nonce, Location and Retry-After, each
 * NULL where it was not there. */
struct ic_acme_answer {
    int status;
    const char *nonce, *location, *retry_after;
    struct ic_view body;
};
void ic_acme_answer(struct ic_acme *a, const struct ic_acme_answer *answer, uint64_t now_ms);

/* What IC_ACME_CHALLENGE asks for. Borrowed until it was responded to. */
struct ic_acme_challenge {
    const char *name_type, *name; /* of the identifier; "*." of a wildcard is not there */
    const char *token; /* "" where this type has none: then the next is nothing to serve */
    const char *key_authorization; /* RFC 8555 section 8.1: what http-01 serves */
};
void ic_acme_challenge(const struct ic_acme *a, struct ic_acme_challenge *out);
/* The challenge may be checked now. payload: JSON, "{}" for http-01. IC_ERR_STATE, IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err ic_acme_respond(struct ic_acme *a, struct ic_view payload);
/* It cannot be answered: FAILED with that sentence. */
void ic_acme_give_up(struct ic_acme *a, const char *why);

/* The chain in PEM, leaf first, once DONE; borrowed. */
struct ic_view ic_acme_chain(const struct ic_acme *a);
/* The account's URL; "" before it is known. */
const char *ic_acme_account(const struct ic_acme *a);
/* A sentence; "" unless FAILED. No control characters in it. */
const char *ic_acme_why(const struct ic_acme *a);
/* The server's error type behind urn:ietf:params:acme:error: ("rateLimited"), else "". */
const char *ic_acme_problem(const struct ic_acme *a);

/* RFC 7638, as base64url: what an enrolment is bound to. IC_ERR_UNSUPPORTED. */
ic_err ic_acme_thumbprint(const struct ic_sign_key *key, char out[IC_ACME_THUMBPRINT]);

#endif
