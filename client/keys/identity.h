/* A device's identity: one signature key in a file of its owner alone (protocol.md "Identity").
 *
 *     struct icc_identity id;
 *     IC_TRY(icc_identity_load(path, 2, &id, why, sizeof why));    // makes the file where there is none
 *     icc_identity_clear(&id);
 *
 * The file: three lines of text, `incamera-identity 1`, `suite N`, and `private HEX`, or `pkcs11 URI` where the key
 * sits in a token (<ic/pkcs11/pkcs11.h>); mode 0600 or less. A token's PIN is asked for on the terminal, unless
 * the URI says where it stands (pin-source).
 */
#ifndef ICC_KEYS_IDENTITY_H
#define ICC_KEYS_IDENTITY_H

#include <ic/base/rand.h>
#include <ic/crypto/sign.h>
#include <ic/pkcs11/pkcs11.h>

struct icc_identity {
    const struct ic_suite *suite;
    struct ic_sign_key *key; /* owned */
    struct ic_pkcs11 *token; /* owned: where the key is; NULL: in the file */
};

/* path NULL: `identity` in the profile (identity/profile.h). suite: for a new file; an existing one keeps its own.
 * IC_ERR_DENIED: others may read the file; IC_ERR_MALFORMED, IC_ERR_IO, IC_ERR_UNSUPPORTED (suite), those of
 * ic_pkcs11_open; why gets a sentence. */
ic_err icc_identity_load(const char *path, uint16_t suite, struct icc_identity *out, char *why,
                         size_t why_len);
/* A new identity whose key is in a token: found by the URI, or made there where generate. The suite is the key's.
 * IC_ERR_EXISTS: there is a file already; others as above. */
ic_err icc_identity_from_token(const char *path, const char *uri, bool generate,
                               struct icc_identity *out, char *why, size_t why_len);
void icc_identity_clear(struct icc_identity *id);

#endif
