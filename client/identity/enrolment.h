/* Where and as whom this device enrolled: `enrolment.json` of the profile, for its owner alone. It holds the key of the
 * ACME account, which renews and revokes; the certificate's own key is elsewhere (keys/identity.h).
 *
 *     struct icc_enrolment e;
 *     IC_TRY(icc_enrolment_load(&e, why, sizeof why));     // IC_ERR_NOT_FOUND: this device is not enrolled
 *     icc_enrolment_clear(&e);
 */
#ifndef ICC_IDENTITY_ENROLMENT_H
#define ICC_IDENTITY_ENROLMENT_H

#include <ic/crypto/sign.h>
#include <ic/meeting/link.h>

struct icc_enrolment {
    char server[512];    /* as the person gave it, with its pin behind #c= */
    char directory[512]; /* of ACME; asked at `server`, whatever host it names */
    char email[256], name[129], device[129];
    char known[128];             /* shows the server that this device signed in before */
    struct ic_sign_key *account; /* owned */
    struct ic_meeting_url url;   /* of server */
};

/* IC_ERR_NOT_FOUND, IC_ERR_MALFORMED, IC_ERR_IO, IC_ERR_NOMEM. */
ic_err icc_enrolment_load(struct icc_enrolment *out, char *why, size_t why_len);
ic_err icc_enrolment_save(const struct icc_enrolment *e);
/* Wipes. */
void icc_enrolment_clear(struct icc_enrolment *e);

#endif
