/* The rows behind enrolment, for this part's requests and tests; others call accounts.h. */
#ifndef ICD_IDENTITY_ENROL_H
#define ICD_IDENTITY_ENROL_H

#include "identity/accounts/accounts.h"

/* token: ICD_BEARER_LEN + 1 bytes, for that key alone. thumbprint and label were checked. IC_ERR_LIMIT: too many wait
 * unused. */
ic_err icd_enrolment_make(struct icd_identity *id, const struct icd_user *user,
                          struct ic_view thumbprint, struct ic_view label, char *token,
                          uint64_t *expires_ms);
/* IC_ERR_NOT_FOUND: none of theirs, or revoked already. */
ic_err icd_device_revoke(struct icd_identity *id, const char *user, struct ic_view device);

#endif
