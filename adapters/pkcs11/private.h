/* What the files of this adapter share. token.c finds the token and logs in, key.c reads the key and signs with
 * it, generate.c makes one. */
#ifndef IC_PKCS11_PRIVATE_H
#define IC_PKCS11_PRIVATE_H

#include <ic/pkcs11/pkcs11.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>

struct ic_pkcs11 {
    CK_FUNCTION_LIST **modules; /* registered ones, all; or NULL */
    CK_FUNCTION_LIST *single;   /* of module-path; or NULL */
    CK_FUNCTION_LIST *f;        /* the token's: one of those */
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session;
    bool in_session;
    P11KitUri *uri;
    CK_OBJECT_HANDLE private_key;
    char label[33];
    enum ic_sig_id id;
    uint8_t public_key[IC_SIG_PUBLIC_MAX];
    size_t public_len;
};

/* Where a sentence about a failure goes. */
struct ic_pkcs11_why {
    char *text;
    size_t len;
};
/* Writes the sentence, gives e. */
__attribute__((format(printf, 3, 4))) ic_err ic_pkcs11_say(const struct ic_pkcs11_why *why,
                                                           ic_err e, const char *format, ...);

/* Loads the module, finds the token, opens a session and logs in. On failure *out is untouched. */
ic_err ic_pkcs11_enter(const char *uri, const char *pin, bool write, struct ic_pkcs11 **out,
                       const struct ic_pkcs11_why *why);
/* The URI's key, of which there must be one. IC_ERR_NOT_FOUND where there is none. */
ic_err ic_pkcs11_find(struct ic_pkcs11 *p, const struct ic_pkcs11_why *why);

/* Curves by the DER of their OID, as CKA_EC_PARAMS has it. */
struct ic_pkcs11_curve {
    enum ic_sig_id id;
    struct ic_view params, other_params; /* Ed25519 has two notations */
    enum ic_hash_id hash;                /* that is signed; 0: the message is */
};
const struct ic_pkcs11_curve *ic_pkcs11_curve_of(struct ic_view params);
const struct ic_pkcs11_curve *ic_pkcs11_curve(enum ic_sig_id id);

#endif
