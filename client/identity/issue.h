/* A certificate from the organisation's server by ACME: lib/acme over the network of a loop.
 *
 *     struct icc_issue *i;
 *     struct icc_issue_config c = {.loop = loop, .net = net, .enrolment = &e, .key = id.key, .token = token,
 *                                  .done = on_done, .ctx = ...};
 *     IC_TRY(icc_issue_start(&c, &i));        // done is called once, with the chain in PEM or a sentence
 *     icc_issue_free(i);                      // once it is done, not within done; or after the network is freed
 *
 * All requests go to the server that net leads to: of the directory's URLs only the paths count for that.
 */
#ifndef ICC_IDENTITY_ISSUE_H
#define ICC_IDENTITY_ISSUE_H

#include "identity/enrolment.h"
#include "net/net.h"

struct icc_issue;

/* pem: the chain, leaf first; empty where it failed, then why says it. problem: the server's word for that, or "". */
typedef void icc_issue_done(void *ctx, struct ic_view pem, const char *why, const char *problem);

struct icc_issue_config {
    uv_loop_t *loop;
    struct icc_net *net;                   /* borrowed */
    const struct icc_enrolment *enrolment; /* borrowed: account key, directory, e-mail, name */
    const struct ic_sign_key *key;         /* that is certified; borrowed */
    const char *token;                     /* of the enrolment; NULL: a renewal; borrowed */
    struct ic_view revoke; /* not empty: nothing is issued, this certificate (DER) is revoked */
    icc_issue_done *done;
    void *ctx;
};

ic_err icc_issue_start(const struct icc_issue_config *c, struct icc_issue **out);
/* Accepts NULL. Its timer closes in the loop, which must turn once more. */
void icc_issue_free(struct icc_issue *i);

#endif
