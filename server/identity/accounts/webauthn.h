/* Passkeys: what navigator.credentials gives (its toJSON form), judged. Signatures and keys are libfido2's.
 *
 *     struct icd_webauthn_site site = {.rp_id = "meet.example.org", .origins = list, .origin_count = 1};
 *     IC_TRY(icd_webauthn_login_parse(json, &login));       // whose: login.id; for which: login.challenge
 *     IC_TRY(icd_webauthn_login_verify(&site, &login, &key, &counter, &why));
 *
 * The caller has made the challenge and sees that it is one of its own and used once; the signature is over
 * it. User verification (a finger, a face, a PIN) is always asked for and insisted on: a passkey stands for
 * two factors. No attestation is asked for: what kind of authenticator a person uses is theirs to choose.
 * Web Authentication Level 2, sections 7.1 and 7.2. Pure; libfido2 is never asked for a device.
 */
#ifndef ICD_IDENTITY_WEBAUTHN_H
#define ICD_IDENTITY_WEBAUTHN_H

#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>

enum {
    ICD_WEBAUTHN_ID_MAX = 1023,  /* bytes of a credential id, section 5.8.3 */
    ICD_WEBAUTHN_KEY_MAX = 1024, /* RSA */
    ICD_WEBAUTHN_CHALLENGE_MAX = 128,
    ICD_WEBAUTHN_DATA_MAX = 16384,
};

struct icd_webauthn_site {
    const char *rp_id;          /* a host name */
    const char *const *origins; /* "https://meet.example.org", exactly */
    size_t origin_count;
};

/* What a browser sent, decoded; nothing of it is believed yet. */
struct icd_webauthn_sent {
    struct ic_buf id;                               /* of the credential */
    struct ic_buf client;                           /* clientDataJSON */
    struct ic_buf data;                             /* authenticatorData */
    struct ic_buf signature;                        /* of an assertion */
    struct ic_buf user;                             /* userHandle of an assertion; may be empty */
    char challenge[ICD_WEBAUTHN_CHALLENGE_MAX + 1]; /* base64url, as clientDataJSON has it */
};
struct icd_webauthn_key {
    int algorithm; /* COSE: -7 ES256, -8 EdDSA, -257 RS256 */
    uint8_t b[ICD_WEBAUTHN_KEY_MAX];
    size_t len;
    uint32_t counter; /* the last one seen */
};

void icd_webauthn_sent_clear(struct icd_webauthn_sent *s);
/* From RegistrationResponseJSON (with authenticatorData) and AuthenticationResponseJSON. On IC_OK clear it.
 * IC_ERR_MALFORMED, IC_ERR_NOMEM. */
ic_err icd_webauthn_made_parse(struct ic_view json, struct icd_webauthn_sent *out);
ic_err icd_webauthn_login_parse(struct ic_view json, struct icd_webauthn_sent *out);

/* A new passkey: its key, for the store. why: a static sentence for people. IC_ERR_RULE: of another type,
 * origin or site, or no person was verified; IC_ERR_UNSUPPORTED: no key that is known here. */
ic_err icd_webauthn_made_verify(const struct icd_webauthn_site *site,
                                const struct icd_webauthn_sent *s, struct icd_webauthn_key *out,
                                const char **why);
/* A sign-in by it: *counter is to be stored. IC_ERR_RULE as above; IC_ERR_SIGNATURE; IC_ERR_REPLAY: the counter went
 * back, so there are two of this authenticator. */
ic_err icd_webauthn_login_verify(const struct icd_webauthn_site *site,
                                 const struct icd_webauthn_sent *s,
                                 const struct icd_webauthn_key *key, uint32_t *counter,
                                 const char **why);

#endif
