/* Members of a group with X.509 credentials below one authority and one root.
 *
 *     RING_SCOPE(r);
 *     CHECK_OK(ring_init(&r, suite));       // nobody is in a group yet
 *     CHECK_OK(world_create(&r.w));
 */
#ifndef IC_PKI_TEST_MLS_RING_H
#define IC_PKI_TEST_MLS_RING_H

#include <ic/pkimls/credential.h>
#include <world.h>

#include "../maker.h"

enum { KEPT = 32 };

struct ring {
    struct world w;
    struct maker m;
    struct maker_key *root, *inter;
    struct ic_view inter_cert;
    struct ic_pki_store *store;
    struct ic_pkimls_verifier verifier;
    bool blind; /* somebody who does not check what he sends */
    bool later; /* the verdict is not there yet */
    size_t most_at_once;
    struct ic_sign_key *former[KEPT]; /* of renewed members: groups borrow them */
    size_t former_count;
};

void ring_clear(struct ring *r);
ic_err ring_init(struct ring *r, const struct ic_suite *suite);
#define RING_SCOPE(name) __attribute__((cleanup(ring_clear))) struct ring name

/* A certificate below the authority, for a day around world_now. */
struct maker_spec ring_below(const struct ring *r, const char *subject, const char *names,
                             const struct maker_key *key);
/* Makes it the credential of id. */
ic_err ring_certify(struct ring *r, struct ic_mls_identity *id, const struct maker_spec *s);
/* The usual names of that person (the first four have some), for the signer of id. */
ic_err ring_certify_person(struct ring *r, size_t who, struct ic_mls_identity *id);

#endif
