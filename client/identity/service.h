/* The organisation's identity service, asked and waited for: docs/protocol/identity.md. For commands, which have
 * nothing else to do meanwhile.
 *
 *     struct icc_service *s;
 *     IC_TRY(icc_service_open(&url, &s));
 *     struct icc_reply r;
 *     IC_TRY(icc_service_ask(s, "POST", "signin/password", body, &r));      // below /api/v1/identity/
 *     if (r.status == 201) ... json_object_get(r.json, "token") ...
 *     icc_reply_clear(&r);
 *     icc_service_close(s);
 */
#ifndef ICC_IDENTITY_SERVICE_H
#define ICC_IDENTITY_SERVICE_H

#include "identity/enrolment.h"
#include "net/net.h"

#include <ic/base/buf.h>
#include <jansson.h>

struct icc_service {
    uv_loop_t loop;
    struct icc_net *net; /* NULL after one request took too long: nothing more is asked */
    uv_timer_t timer;
    uint64_t limit_ms; /* of a request; 30 s, unless it is set otherwise */
    char session[128]; /* bearer; "" before the sign-in */
};

struct icc_reply {
    int status;   /* 0: no answer */
    json_t *json; /* an object, or NULL */
    struct ic_buf body;
    char text[300]; /* for people: what is wrong, plain; "" for 2xx */
    char error[64]; /* the server's word for it, or "" */
};

ic_err icc_service_open(const struct ic_meeting_url *server, struct icc_service **out);
/* Wipes the session's token. Accepts NULL. */
void icc_service_close(struct icc_service *s);
/* body: an object, which is taken; NULL: none. path: below /api/v1/identity/. What the server refuses is a reply
 * too: errors are those of memory and of the loop. */
ic_err icc_service_ask(struct icc_service *s, const char *method, const char *path, json_t *body,
                       struct icc_reply *out);
void icc_reply_clear(struct icc_reply *r);
/* The certificate, waited for: pem appended, or why. token NULL: a renewal. revoke: DER, or empty. */
ic_err icc_service_issue(struct icc_service *s, const struct icc_enrolment *e,
                         const struct ic_sign_key *key, const char *token, struct ic_view revoke,
                         struct ic_buf *pem, char *why, size_t why_len);
/* The proof that this certificate stands in the log; appended. IC_ERR_NOT_FOUND where the server has none. */
ic_err icc_service_staple(struct icc_service *s, struct ic_view pem, struct ic_buf *out);

#endif
