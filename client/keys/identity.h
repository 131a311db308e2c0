/* A device's identity: one signature key in a file of its owner alone (protocol.md "Identity").
 *
 *     struct icc_identity id;
 *     IC_TRY(icc_identity_load(path, 2, &id, why, sizeof why));    // makes the file where there is none
 *     icc_identity_clear(&id);
 *
 * The file: three lines of text, `incamera-identity 1`, `suite N`, `private HEX`; mode 0600 or less.
 */
#ifndef ICC_KEYS_IDENTITY_H
#define ICC_KEYS_IDENTITY_H

#include <ic/base/rand.h>
#include <ic/crypto/sign.h>

struct icc_identity {
    const struct ic_suite *suite;
    struct ic_sign_key *key; /* owned */
};

/* path NULL: $XDG_DATA_HOME/incamera/identity, or ~/.local/share/incamera/identity. suite: for a new file;
 * an existing one keeps its own. IC_ERR_DENIED: others may read the file; IC_ERR_MALFORMED, IC_ERR_IO,
 * IC_ERR_UNSUPPORTED (suite); why gets a sentence. */
ic_err icc_identity_load(const char *path, uint16_t suite, struct icc_identity *out, char *why,
                         size_t why_len);
void icc_identity_clear(struct icc_identity *id);

#endif
