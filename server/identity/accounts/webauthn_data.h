/* Whether authenticator data (Web Authentication Level 2, section 6.1) have the lengths that they claim.
 *
 *     if (!icd_webauthn_data_fit(data))
 *         return IC_ERR_MALFORMED;
 *
 * libcbor reserves memory for as many elements as an array says it has: so a library sees only data whose
 * every count is covered by bytes that are there. Pure.
 */
#ifndef ICD_IDENTITY_WEBAUTHN_DATA_H
#define ICD_IDENTITY_WEBAUTHN_DATA_H

#include <ic/base/bytes.h>

/* Head; credential with its key, where the flags say so; extensions, where they say so; nothing behind. */
bool icd_webauthn_data_fit(struct ic_view data);

#endif
