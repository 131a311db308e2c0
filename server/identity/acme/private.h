/* What the files of the ACME server share: its state, a request on its way, rows. docs/protocol/acme.md
 *
 *     static ic_err show(struct icd_acme_request *r)          // a handler
 *     {
 *         struct icd_acme_order o;
 *         IC_TRY(icd_acme_order_load(r, id, &o));             // refuses: not there, another's
 *         return icd_acme_answer(r, 200, order_json(r, &o));
 *     }
 *     static void on_order(struct icd_identity *id, struct icd_call *c)
 *     {
 *         icd_acme_serve(id, c, ICD_ACME_BY_ACCOUNT, show);
 *     }
 */
#ifndef ICD_ACME_PRIVATE_H
#define ICD_ACME_PRIVATE_H

#include "core/limit.h"
#include "identity/acme/jws.h"
#include "identity/acme/name.h"
#include "identity/acme/nonce.h"
#include "identity/acme/others.h"
#include "identity/acme/state.h"
#include "identity/live.h"

#include <icd/core.h>
#include <stdlib.h>

enum {
    ICD_ACME_ID = 22, /* characters: base64url of 16 random bytes */
    ICD_ACME_URL = 640,
    ICD_ACME_TOKEN = 43,
    ICD_ACME_CONTACT = 1280, /* bytes of JSON */
};

struct icd_acme {
    struct icd_acme_nonces nonces;
    struct icd_limiter newcomers;         /* accounts made, by address */
    const struct icd_acme_others *others; /* accounts, ca */
    uint64_t swept_ms;
    uint64_t due_ms; /* when a challenge is next to be tried */
    unsigned trying; /* challenges on the pool */
};

extern const char icd_acme_schema[];

/* ---- rows ---- */

struct icd_acme_account {
    char id[ICD_ACME_ID + 1];
    struct icd_acme_key key;
    enum icd_acme_status status;
    char contact[ICD_ACME_CONTACT]; /* a JSON list */
    uint64_t created_ms;
};

struct icd_acme_authz {
    char id[ICD_ACME_ID + 1], account[ICD_ACME_ID + 1];
    struct icd_acme_name name;
    struct icd_acme_state state;
    enum icd_acme_challenge tried; /* 0: none yet */
    char token[ICD_ACME_TOKEN + 1];
    unsigned attempts; /* that failed */
    uint64_t validated_ms;
    enum icd_acme_error error; /* of the last one */
    char detail[ICD_ACME_DETAIL];
    char user[ICD_ACME_ID + 1], device[ICD_ACME_ID + 1]; /* of a person */
};

struct icd_acme_order {
    char id[ICD_ACME_ID + 1], account[ICD_ACME_ID + 1];
    struct icd_acme_names names;
    struct icd_acme_state state;
    char certificate[ICD_ACME_ID + 1]; /* "" before it is issued */
    struct icd_acme_authz authz[ICD_ACME_NAMES];
    size_t authz_count;
};

/* ---- a request ---- */

struct icd_acme_request {
    struct icd_identity *id;
    struct icd_acme *acme;
    struct icd_call *call;
    struct icd_acme_jws jws;
    struct icd_acme_account account; /* of kid; id "" where a jwk signed */
    json_t *payload;                 /* NULL: POST-as-GET */
    struct icd_acme_problem problem;
};

typedef ic_err icd_acme_fn(struct icd_acme_request *r);
/* Who may sign. */
enum icd_acme_by { ICD_ACME_BY_ACCOUNT = 1, ICD_ACME_BY_KEY = 2, ICD_ACME_BY_EITHER = 3 };

/* Checks a POST as RFC 8555 section 6 asks, calls fn, and answers: what fn refused by r->problem. */
void icd_acme_serve(struct icd_identity *id, struct icd_call *c, enum icd_acme_by by,
                    icd_acme_fn *fn);
/* Takes the reference. */
ic_err icd_acme_answer(struct icd_acme_request *r, int status, json_t *take);
ic_err icd_acme_answer_bytes(struct icd_acme_request *r, const char *type, struct ic_view bytes);
/* Nonce and index, which every answer carries; a problem, for those without a request. */
void icd_acme_common_headers(struct icd_identity *id, struct icd_call *c);
void icd_acme_call_refuse(struct icd_identity *id, struct icd_call *c,
                          const struct icd_acme_problem *p);
/* base_url + "/acme/" + the rest. out: ICD_ACME_URL bytes. */
__attribute__((format(printf, 3, 4))) void icd_acme_url(const struct icd_identity *id, char *out,
                                                        const char *format, ...);
/* Sets "location:", or "link:" with a relation, or "retry-after:". */
void icd_acme_location(struct icd_acme_request *r, const char *url);
void icd_acme_link(struct icd_acme_request *r, const char *url, const char *relation);
void icd_acme_retry_after(struct icd_acme_request *r, uint32_t s);
/* malformed where the request has no payload, or (post_as_get) has one. */
ic_err icd_acme_want_payload(struct icd_acme_request *r);
ic_err icd_acme_want_none(struct icd_acme_request *r);
/* The part of the path behind the route up to a slash, as an id, and what follows the slash ("" for none).
 * 404 where it cannot be one. */
ic_err icd_acme_path(struct icd_acme_request *r, char id[ICD_ACME_ID + 1], const char **rest);
/* ICD_ACME_ID characters; the source's errors. */
ic_err icd_acme_new_id(struct icd_identity *id, char out[ICD_ACME_ID + 1]);
/* 404; 403. */
ic_err icd_acme_not_there(struct icd_acme_problem *p, const char *what);
ic_err icd_acme_not_yours(struct icd_acme_problem *p, const char *what);

/* ---- accounts ---- */
/* IC_ERR_NOT_FOUND. */
ic_err icd_acme_account_get(struct icd_identity *id, const char *account,
                            struct icd_acme_account *out);
ic_err icd_acme_account_by_key(struct icd_identity *id, const char *thumbprint,
                               struct icd_acme_account *out);

/* ---- authorizations ---- */
ic_err icd_acme_authz_get(struct icd_identity *id, const char *authz, struct icd_acme_authz *out);
/* Of the account that asks, else refused. */
ic_err icd_acme_authz_load(struct icd_acme_request *r, const char *authz,
                           struct icd_acme_authz *out);
ic_err icd_acme_authz_add(struct icd_identity *id, const struct icd_acme_authz *a);
/* All but id, account, name and token. next_ms: when a `processing` one is to be tried again. */
ic_err icd_acme_authz_store(struct icd_identity *id, const struct icd_acme_authz *a,
                            uint64_t next_ms);
/* A valid one of that account for that name; IC_ERR_NOT_FOUND. */
ic_err icd_acme_authz_valid(struct icd_identity *id, const char *account,
                            const struct icd_acme_name *name, struct icd_acme_authz *out);
json_t *icd_acme_authz_json(const struct icd_identity *id, const struct icd_acme_authz *a);

/* ---- orders ---- */
ic_err icd_acme_order_load(struct icd_acme_request *r, const char *order,
                           struct icd_acme_order *out);
enum icd_acme_status icd_acme_order_now(const struct icd_identity *id,
                                        const struct icd_acme_order *o);
/* Whether those may be certified at all: host names of one organisation's verified domains. rejectedIdentifier. */
ic_err icd_acme_check_names(struct icd_acme_request *r, const struct icd_acme_names *names);
json_t *icd_acme_order_json(const struct icd_identity *id, const struct icd_acme_order *o);

/* ---- limits: rateLimited ---- */
ic_err icd_acme_limit_account(struct icd_acme_request *r);
ic_err icd_acme_limit_order(struct icd_acme_request *r, const struct icd_acme_names *names);
/* Before one is issued: whoever takes many back makes everybody's list long. */
ic_err icd_acme_limit_person(struct icd_acme_request *r, const char *user);

/* ---- challenges that take time ---- */
/* Tries the challenge a->tried now; its end is written by another turn. */
ic_err icd_acme_attempt(struct icd_identity *id, const struct icd_acme_authz *a,
                        const char *thumbprint);
/* Once a second: what is due again. */
void icd_acme_attempts_due(struct icd_identity *id);
/* Once a minute: what nobody needs any more. */
void icd_acme_sweep(struct icd_identity *id);

icd_call_fn icd_acme_on_directory, icd_acme_on_nonce, icd_acme_on_get, icd_acme_on_nothing,
    icd_acme_on_new_account, icd_acme_on_account, icd_acme_on_key_change, icd_acme_on_new_order,
    icd_acme_on_order, icd_acme_on_authz, icd_acme_on_challenge, icd_acme_on_certificate,
    icd_acme_on_revoke;
icd_acme_fn icd_acme_finalize;

#endif
