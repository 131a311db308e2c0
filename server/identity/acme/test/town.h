/* An ACME client before the service in memory, whose neighbours (accounts, authority) are played.
 *
 *     struct town t;
 *     town_open(&t);                                     // with an account
 *     CHECK_EQ_INT(town_post(&t, "new-order", "{...}"), 201);
 *     CHECK(strcmp(town_error(&t), "badCSR") == 0);
 *     town_close(&t);
 */
#ifndef ICD_ACME_TEST_TOWN_H
#define ICD_ACME_TEST_TOWN_H

#include "identity/acme/private.h"
#include "identity/acme/test/signer.h"
#include "identity/test/world.h"

#include <ic/crypto/sign.h>

struct town {
    struct world w;
    struct signer key;
    char kid[ICD_ACME_URL]; /* "" before there is an account */
    char nonce[64];         /* of the last answer */
    char location[ICD_ACME_URL];
    struct ic_buf body; /* of the last request */
};

/* What the neighbours say; the tests set it. */
struct neighbours {
    const char *email; /* whom the token "good" is for */
    ic_err device;     /* what device_check says */
    bool no_domains;   /* none is verified any more */
    ic_err issuing;    /* what issue says; IC_OK: it issues */
    unsigned redeemed, issued, revoked;
    struct ic_sign_key *root;
    struct ic_buf chain; /* of the last certificate, in PEM */
};
extern struct neighbours neighbours;

static const char town_base[] = "https://id.example.org/acme/";

void town_open(struct town *t);
/* Without an account. */
void town_open_bare(struct town *t);
void town_close(struct town *t);
/* Signs with the account's key, kid and a fresh nonce. path: behind /acme/, or a URL of ours. */
int town_post(struct town *t, const char *path, const char *payload);
/* As r says; what it leaves out is as it should be: url, nonce, kid. */
int town_post_as(struct town *t, const char *path, const struct signer *key,
                 const struct signed_request *r);
/* The body as it is. */
int town_send(struct town *t, const char *path, const char *type);
/* The token of the problem's type; "" where the answer is none. */
const char *town_error(const struct town *t);
const char *town_detail(const struct town *t);
const char *town_text(const struct town *t, const char *field);
/* A new account of that key; its kid. */
int town_join(struct town *t, const struct signer *key, char kid[ICD_ACME_URL]);
/* An item of a list in the answer. */
const char *town_item(const struct town *t, const char *field, size_t i);
/* A member of the challenge of that type in the answer. */
const char *town_challenge(const struct town *t, const char *type, const char *field);
/* {"csr": ...} for names "dns:a.example email:ana@example.org uri:im:...", by a new key. cn may be NULL. */
void town_csr(struct town *t, const char *names, const char *cn, char *out, size_t cap);
/* An order for a person, its token shown, ready. */
void town_ready(struct town *t, char order[ICD_ACME_URL], char finalize[ICD_ACME_URL]);
/* Runs one SQL statement without parameters. */
void town_sql(struct town *t, const char *sql);
int64_t town_count(struct town *t, const char *sql);

#endif
