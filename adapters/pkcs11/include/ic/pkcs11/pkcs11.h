/* A signature key that sits in a token: a smart card, an HSM, SoftHSM. PKCS #11 through libp11-kit, which
 * reads the URI (RFC 7512) and loads the token's module: that of the URI's `module-path`, or else those that
 * the system has registered.
 *
 *     struct ic_pkcs11 *token;
 *     char why[200];
 *     IC_TRY(ic_pkcs11_open("pkcs11:token=House;object=ca", pin, &token, why, sizeof why));
 *     struct ic_sign_key *key;
 *     IC_TRY(ic_pkcs11_key(token, &key));      // serves wherever a key does, but cannot be exported
 *     ... ic_sign(key, message, sig, &len) ...
 *     ic_sign_key_free(key);                   // before the token
 *     ic_pkcs11_free(token);
 *
 * Keys: ECDSA on P-256, P-384 and P-521 (CKM_ECDSA over our own hash), Ed25519 (CKM_EDDSA). The PIN is not
 * kept. Signing blocks: a token may take 100 ms. An object belongs to one thread at a time; two objects may
 * be used at once.
 */
#ifndef IC_PKCS11_PKCS11_H
#define IC_PKCS11_PKCS11_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/crypto/sign.h>

struct ic_pkcs11;

/* True where text is a PKCS #11 URI rather than a file's name. */
bool ic_pkcs11_is_uri(const char *text);

/* Opens the one private key that the URI names. pin: or NULL, then the URI's pin-value counts, or the first
 * line of the file in its pin-source, or the token is used without. why gets a sentence.
 * IC_ERR_MALFORMED: no such URI; IC_ERR_NOT_FOUND: no module, token or key fits; IC_ERR_EXISTS: more than one
 * does; IC_ERR_AUTH: the PIN is missing, wrong or locked; IC_ERR_UNSUPPORTED: the key is of another kind;
 * IC_ERR_IO: the token fails; IC_ERR_NOMEM. */
ic_err ic_pkcs11_open(const char *uri, const char *pin, struct ic_pkcs11 **out, char *why,
                      size_t why_len);
/* Makes a key pair in the token that the URI names, under the URI's `object` (and `id`, random where it has
 * none), and opens it. It can never be taken out. IC_ERR_EXISTS where there is one already; others as above.
 * id: IC_ECDSA_P256_SHA256, _P384_, _P521_ or IC_ED25519. */
ic_err ic_pkcs11_generate(const char *uri, const char *pin, enum ic_sig_id id,
                          struct ic_pkcs11 **out, char *why, size_t why_len);
/* Accepts NULL. */
void ic_pkcs11_free(struct ic_pkcs11 *p);

/* A key that signs in the token; it borrows p. Errors as ic_sign_key_external. */
ic_err ic_pkcs11_key(struct ic_pkcs11 *p, struct ic_sign_key **out);
/* Of the token: "House", for people. Borrowed. */
const char *ic_pkcs11_token_label(const struct ic_pkcs11 *p);

#endif
