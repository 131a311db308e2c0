/* `incamera identity ...`: each takes what stands behind its name and returns the exit status. */
#ifndef ICC_IDENTITY_COMMAND_H
#define ICC_IDENTITY_COMMAND_H

#include "cli/args.h"
#include "keys/certificates.h"

#include <ic/pki/chain.h>

int icc_identity_audit(int argc, char **argv);
int icc_identity_show(int argc, char **argv);
int icc_identity_enrol(int argc, char **argv);
int icc_identity_renew(int argc, char **argv);
int icc_identity_revoke(int argc, char **argv);
int icc_identity_csr(int argc, char **argv);
int icc_identity_import(int argc, char **argv);
int icc_identity_roots(int argc, char **argv);
int icc_identity_contacts(int argc, char **argv);

/* Who a chain names and who vouches for that here, line by line; or as the members of a JSON object that is open. */
struct icc_described {
    struct ic_pki_chain chain; /* borrows from the bytes */
    const char *state;         /* "external", "internal" or "unverified" */
    char vouched_by[129];      /* the root's name; "" where unverified */
    char reason[256];          /* why unverified; else "" */
    int64_t now_s;
};
/* certificates: as a credential's vector has them. IC_ERR_MALFORMED and others of ic_pki_chain_decode. */
ic_err icc_describe(struct ic_view certificates, const struct icc_certificates *trusted,
                    struct icc_described *out);
void icc_described_print(const struct icc_described *d);
struct ic_json;
void icc_described_json(const struct icc_described *d, struct ic_json *j);
/* "EC P-256" and its kind. */
const char *icc_words_key(enum ic_sig_id id);
/* A view as text that may stand on a terminal. */
void icc_print_text(const char *what, struct ic_view text);
/* Of the form "9f2c1d0b": the first bytes of a fingerprint, for lists. */
void icc_short_fingerprint(const uint8_t fingerprint[IC_PKI_FINGERPRINT_LEN], char out[17]);

#endif
