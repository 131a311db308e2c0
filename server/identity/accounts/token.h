/* Tokens of the identity service: four characters that say what one is, then base64url of 33 random bytes.
 *
 *     char token[ICD_BEARER_LEN + 1];
 *     uint8_t hash[ICD_TOKEN_HASH];
 *     IC_TRY(icd_token_make(&rand, ICD_TOKEN_SESSION, token));
 *     icd_token_hash(ic_view_cstr(token), hash);      // this is what the store keeps
 *
 * They are random, so a plain hash is enough: who reads the database cannot use it. Looking a hash up tells
 * by its time nothing that helps to find a token. Pure.
 */
#ifndef ICD_IDENTITY_TOKEN_H
#define ICD_IDENTITY_TOKEN_H

#include "identity/accounts/accounts.h"

#include <ic/base/rand.h>

enum { ICD_TOKEN_HASH = 32 };

#define ICD_TOKEN_SESSION "ics_"
#define ICD_TOKEN_INVITATION "ici_"
#define ICD_TOKEN_ENROLMENT "ice_"
#define ICD_TOKEN_KNOWN "ick_" /* that a client has signed in as this user before */

/* out: ICD_BEARER_LEN + 1 bytes. Errors are the source's. */
ic_err icd_token_make(const struct ic_rand *rand, const char *kind, char *out);
/* Whether it has the form of that kind; says nothing about its being good. */
bool icd_token_is(struct ic_view token, const char *kind);
void icd_token_hash(struct ic_view token, uint8_t out[ICD_TOKEN_HASH]);
/* A public name for a row: out has ICD_ID_LEN + 1 bytes. */
ic_err icd_token_id(const struct ic_rand *rand, char *out);

#endif
