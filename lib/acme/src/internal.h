/* What the files of this library share. acme.c sends and takes, phase.c knows what comes after what, jws.c signs,
 * read.c looks into answers, chain.c at certificates. */
#ifndef IC_ACME_INTERNAL_H
#define IC_ACME_INTERNAL_H

#include <ic/acme/acme.h>
#include <jansson.h>

enum {
    NONCE_LEN = 255,
    CSR_MAX = 16384,
    BODY_MAX = 65536,
    NONCE_TRIES = 5,
    POLL_FIRST_MS = 500,
    POLL_MAX_MS = 8000,
    RETRY_AFTER_MAX_MS = 60000,
};

enum phase {
    PHASE_IDLE,
    PHASE_DIRECTORY,
    PHASE_ACCOUNT,
    PHASE_ORDER,
    PHASE_AUTHORIZATION, /* looked at, the first time or again */
    PHASE_CHALLENGE,     /* the application's turn */
    PHASE_RESPOND,
    PHASE_FINALIZE,
    PHASE_ORDER_AGAIN, /* looked at until there is a certificate */
    PHASE_CERTIFICATE,
    PHASE_REVOKE,
    PHASE_DONE,
    PHASE_FAILED,
};

typedef char acme_url[IC_ACME_URL_LEN + 1];

struct name {
    char type[16];
    char value[IC_ACME_NAME_LEN + 1];
    bool authorized;
};

struct ic_acme {
    struct ic_acme_config c;
    acme_url directory, new_nonce, new_account, new_order, revoke_cert, account, order, finalize,
        certificate, challenge;
    acme_url authorizations[IC_ACME_NAMES_MAX];
    size_t authorization_count, authorization; /* how many, which is next */
    struct name names[IC_ACME_NAMES_MAX];
    size_t name_count, current; /* current: whose authorization it is */
    struct ic_buf csr;          /* or the certificate to revoke */
    unsigned reason;
    enum phase phase;
    bool responded; /* to this authorization's challenge */
    char nonce[NONCE_LEN + 1];
    bool asks_nonce; /* the request under way is for a nonce alone */
    unsigned nonce_tries;
    uint64_t wait_until_ms, poll_ms, deadline_ms;
    char token[IC_ACME_TOKEN_LEN + 1], key_authorization[IC_ACME_KEY_AUTH];
    struct ic_buf response; /* the challenge's payload */
    struct ic_buf body;     /* of the request under way */
    struct ic_buf chain;
    char why[IC_ACME_WHY], problem[40];
};

/* ---- acme.c ---- */
__attribute__((format(printf, 2, 3))) void ic_acme_fail(struct ic_acme *a, const char *format, ...);

/* ---- phase.c ---- */
/* Where the phase's request goes, and its payload (empty: POST-as-GET) appended. NULL: a plain GET of the
 * directory. */
ic_err ic_acme_phase_request(const struct ic_acme *a, const char **url, struct ic_buf *payload);
/* A good answer. */
void ic_acme_phase_answer(struct ic_acme *a, const struct ic_acme_answer *answer, const json_t *o,
                          uint64_t now_ms);

/* ---- jws.c ---- */
/* Appends the flattened JWS. kid "": the key itself is named (RFC 8555 section 6.2). */
ic_err ic_acme_sign(const struct ic_sign_key *key, const char *kid, const char *nonce,
                    const char *url, struct ic_view payload, struct ic_buf *out);

/* ---- read.c ---- */
/* A URL in the member of that name, of the directory's origin; false otherwise. */
bool ic_acme_read_url(const struct ic_acme *a, const json_t *o, const char *member, acme_url out);
bool ic_acme_take_url(const struct ic_acme *a, const char *url, acme_url out);
/* Text that fits, without control characters; false otherwise. */
bool ic_acme_read_text(const json_t *o, const char *member, char *out, size_t len);
bool ic_acme_read_is(const json_t *o, const char *member, const char *value);
/* base64url alone, as nonces and tokens are. */
bool ic_acme_is_base64url(const char *text, size_t min, size_t max);
/* What is no plain text becomes question marks. */
void ic_acme_make_plain(char *text);
/* A problem document (RFC 7807) into why and problem. */
void ic_acme_read_problem(struct ic_acme *a, const json_t *o, int status);

/* ---- chain.c ---- */
/* Checks the certificates in PEM against request and names, and keeps them. */
void ic_acme_take_chain(struct ic_acme *a, struct ic_view pem);

#endif
