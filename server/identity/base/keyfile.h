/* A signature key of the service in a file of its own: the private key in hexadecimal, one line, mode 0600.
 *
 *     IC_TRY(icd_keyfile("/var/lib/incamera/ca.key", make, &rand, &key, why));
 */
#ifndef ICD_KEYFILE_H
#define ICD_KEYFILE_H

#include <ic/base/rand.h>
#include <ic/crypto/sign.h>

/* A key on P-256. Read from the file; where there is none and `make`, made, and written whole or not at all.
 * path NULL: in memory alone, always made. why: ICD_IDENTITY_WHY bytes, a sentence where the error is not
 * IC_ERR_NOT_FOUND (none there, not to be made). IC_ERR_DENIED: others may read it; IC_ERR_MALFORMED, IC_ERR_KEY,
 * IC_ERR_IO. */
ic_err icd_keyfile(const char *path, bool make, const struct ic_rand *rand,
                   struct ic_sign_key **out, char *why);

#endif
