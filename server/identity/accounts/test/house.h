/* An organisation with one person, Ana, and how she and others sign in: for the tests of the API.
 *
 *     struct house h;
 *     house_open(&h);
 *     CHECK_EQ_INT(house_invited_in(&h), 201);           // h.session, h.known are hers now
 *     CHECK_EQ_INT(house_call(&h, "GET", API "me", ""), 200);
 *     world_close(&h.w);
 */
#ifndef ICD_IDENTITY_TEST_HOUSE_H
#define ICD_IDENTITY_TEST_HOUSE_H

#include "identity/accounts/accounts.h"
#include "identity/accounts/test/authenticator.h"
#include "identity/test/world.h"

#define API "/api/v1/identity/"
#define PASSWORD "correct horse battery"
#define THUMB "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

struct house {
    struct world w;
    int64_t org;
    struct icd_user ana;
    char session[ICD_BEARER_LEN + 1], known[ICD_BEARER_LEN + 1];
};

void house_open(struct house *h);
/* A token, out of an answer that will go. */
void house_copy(char *out, const char *text);
/* With h->session. The status, here and below. */
int house_call(struct house *h, const char *method, const char *path, const char *body);
/* Where status is 201: the session is h's from now on. */
int house_keep(struct house *h, int status);
int house_invited_in(struct house *h);
int house_by_password(struct house *h, const char *email, const char *password, const char *known);
int house_set_password(struct house *h);

/* ---- passkeys ---- */
void house_authenticator(struct authenticator *a);
/* Of the last answer. */
const char *house_challenge(const struct house *h);
/* Frees the credential. */
int house_post_credential(struct house *h, const char *path, const char *token, char *credential);
int house_make_passkey(struct house *h, struct authenticator *a);
/* Begins a sign-in and answers it; free() it. */
char *house_assertion(struct house *h, struct authenticator *a);
int house_by_passkey(struct house *h, struct authenticator *a);

#endif
