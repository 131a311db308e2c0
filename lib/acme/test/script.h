/* An ACME server in memory that checks what it is sent as RFC 8555 section 6 wants, and can be made to lie.
 *
 *     SCRIPT_SCOPE(s);
 *     s.lie = (struct script_lie){.path = "/order/1", .body = "{}"};
 *     CHECK(script_order(&s) == IC_ACME_FAILED);
 */
#ifndef IC_ACME_TEST_SCRIPT_H
#define IC_ACME_TEST_SCRIPT_H

#include "maker.h"

#include <ic/acme/acme.h>
#include <ic/base/test.h>

#define SCRIPT_HOST "https://ca.test"
#define SCRIPT_TOKEN "tokenOfTheChallenge-1_2"

/* In place of the right answer at that path. What is NULL or 0 stays right. */
struct script_lie {
    const char *path, *body, *location, *nonce, *retry_after;
    int status;
    int times; /* 0: always */
};

struct script {
    struct maker m;
    struct maker_key *account_key, *key, *root;
    struct ic_view certificate, root_certificate;
    const char *names; /* of the certificate, as maker.h has them */
    struct ic_buf csr;
    struct script_lie lie;
    int bad_nonces;    /* that many good ones are refused */
    int pending_polls; /* that often the proof is looked at before it is done */
    int processing;    /* that often the order, after it is finalized */
    bool give_up;      /* the application cannot answer */
    /* What happened. */
    unsigned nonce, accounts, orders, responses, finalized, revoked, requests, waits;
    bool nonce_out, responded;
    char payload[4096]; /* of the last request, as JSON */
    struct ic_acme *acme;
    uint64_t now_ms;
};

void script_init(struct script *s);
void script_clear(struct script *s);
#define SCRIPT_SCOPE(name)                                                                         \
    __attribute__((cleanup(script_clear))) struct script name;                                     \
    script_init(&name)

/* The example's order, driven to its end. */
enum ic_acme_step script_order(struct script *s);
enum ic_acme_step script_revoke(struct script *s);

#endif
