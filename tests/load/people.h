/* The people of a run: made at an administrator's, enrolled, and joined. */
#ifndef LOAD_PEOPLE_H
#define LOAD_PEOPLE_H

#include <ic/base/buf.h>
#include <ic/crypto/sign.h>

struct load_person {
    char email[160], name[32];
    char session[128]; /* bearer token of a sign-in, "" before */
    struct ic_sign_key *key;
    struct ic_buf chain;  /* the content of an x509 credential's vector; empty: none */
    struct ic_buf staple; /* that the log has it; empty: none */
    uint8_t leaf[32];     /* SHA-256 of the certificate */
    uint64_t enrol_ns;    /* from the first request to the certificate with its staple */
};

struct load_people {
    struct load_person *list;
    size_t count;
    struct ic_pki_store *roots; /* what all of them trust: the organisation's */
    struct ic_buf log_key;      /* of its log, P-256 */
};

/* Names and keys for that many; release with load_people_clear, after an error too. */
ic_err load_people_make(struct load_people *p, size_t count, enum ic_sig_id sig,
                        const char *domain);
void load_people_clear(struct load_people *p);

#endif
