/* A made-up authenticator with one passkey, which can also do what none should.
 *
 *     struct authenticator a;
 *     authenticator_open(&a, AUTHENTICATOR_ES256, "id.example.org", "https://id.example.org");
 *     char *json = authenticator_make(&a, challenge);        // RegistrationResponseJSON; free()
 *     json = authenticator_login(&a, challenge);             // AuthenticationResponseJSON
 *     authenticator_close(&a);
 */
#ifndef ICD_IDENTITY_TEST_AUTHENTICATOR_H
#define ICD_IDENTITY_TEST_AUTHENTICATOR_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

enum authenticator_kind { AUTHENTICATOR_ES256, AUTHENTICATOR_EDDSA, AUTHENTICATOR_RS256 };

struct authenticator {
    enum authenticator_kind kind;
    EVP_PKEY *key;
    uint8_t id[32], user[16];
    uint32_t counter;
    const char *rp_id, *origin;
    /* What it does otherwise. */
    const char *type; /* of clientDataJSON; NULL: the right one */
    uint8_t flags;    /* user present, verified */
    bool cross_origin, spoil_signature, no_user;
};

void authenticator_open(struct authenticator *a, enum authenticator_kind kind, const char *rp_id,
                        const char *origin);
void authenticator_close(struct authenticator *a);
char *authenticator_make(struct authenticator *a, const char *challenge);
char *authenticator_login(struct authenticator *a, const char *challenge);

#endif
