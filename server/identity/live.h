/* What the parts of the identity service share: the database, the time, and how a request is answered. A part
 * is a table of routes and a step of the schema:
 *
 *     static void on_me(struct icd_identity *id, struct icd_call *c)
 *     {
 *         icd_call_json(c, 200, json_pack("{s:s}", "name", name));     // or icd_call_refuse(...)
 *     }
 *     static const struct icd_id_route routes[] = {{"GET", "/api/v1/identity/me", on_me}, ...};
 *     const struct icd_part icd_accounts_part = {.schema = icd_accounts_schema, .routes = routes, ...};
 *
 * Writing: icd_id_write(id) before the first statement that writes. What a handler wrote is undone where its
 * answer is an error (400 and up), unless it says c->keep. The transaction ends with the flush.
 *
 * What takes long (Argon2id, HTTP to others, DNS) is a job on libuv's pool: the handler copies what it needs
 * into a context of its own and returns; `done` runs on the loop and answers, or starts the next job.
 */
#ifndef ICD_IDENTITY_LIVE_H
#define ICD_IDENTITY_LIVE_H

#include "identity/identity.h"
#include "store/store.h"

#include <jansson.h>

struct icd_accounts;
struct icd_admin;
struct icd_ca;
struct icd_acme;
struct icd_tlog;
struct icd_call;

typedef void icd_call_fn(struct icd_identity *id, struct icd_call *c);

struct icd_id_route {
    const char *method; /* "GET" serves HEAD too */
    const char *path;   /* "/api/v1/identity/devices"; with a slash at its end: all below it too */
    icd_call_fn *fn;
};

struct icd_part {
    const char *name;
    const char *schema; /* SQL of its one step */
    const struct icd_id_route *routes;
    size_t route_count;
    /* Each may be NULL. start: why has ICD_IDENTITY_WHY bytes. */
    ic_err (*start)(struct icd_identity *id, char *why);
    void (*tick)(struct icd_identity *id); /* once a second */
    void (*stop)(struct icd_identity *id);
};
extern const struct icd_part icd_accounts_part, icd_admin_part, icd_ca_part, icd_acme_part,
    icd_tlog_part;

struct icd_identity {
    struct icd_identity_seam seam;
    const struct icd_identity_config *config;
    struct icd_store *store;
    struct ic_rand rand;
    uint64_t now_ms; /* Unix time, set before each handler, `done` and tick; never goes back */
    /* Each part's own, made by its start. */
    struct icd_accounts *accounts;
    struct icd_admin *admin;
    struct icd_ca *ca;
    struct icd_acme *acme;
    struct icd_tlog *tlog;
    struct icd_call *handling;     /* whose handler runs, or NULL */
    struct icd_call *done, **last; /* answered, and not flushed */
    size_t jobs;                   /* on the pool */
    bool broken;                   /* this flush's transaction is lost */
    bool ended;                    /* free waits for the jobs */
    uv_timer_t *timer;
};

/* One request, until its answer is sent. */
struct icd_call {
    struct icd_identity *id;
    struct icd_http_request request; /* views live until the call is answered */
    struct ic_view rest;             /* of the path, behind a route that ends in a slash */
    struct icd_http_response response;
    bool keep;  /* what was written stays, whatever the status */
    bool later; /* a job answers */
    bool wrote; /* icd_id_write was called within */
    uint64_t ticket;
    struct icd_call *next;
    char *copied; /* the bytes of the request's views */
    struct ic_buf body;
};

/* ---- writing ---- */
/* Begins the flush's transaction where none is open, and marks where this handler begins. */
ic_err icd_id_write(struct icd_identity *id);
/* Takes back what was written since this handler's (or job's) mark. */
void icd_id_undo(struct icd_identity *id);

/* ---- answering: the last call counts ---- */
/* Takes the reference. NULL becomes 500. */
void icd_call_json(struct icd_call *c, int status, json_t *take);
void icd_call_bytes(struct icd_call *c, int status, const char *type, struct ic_view bytes);
void icd_call_empty(struct icd_call *c, int status);
/* {"error": code, "text": text}; both static or copied. */
void icd_call_refuse(struct icd_call *c, int status, const char *code, const char *text);
/* By the error: 404, 409, 429, 500, else 400. */
void icd_call_refuse_err(struct icd_call *c, ic_err e, const char *text);
/* name: "location:", static. What does not fit is left out, and the answer is a 500. */
void icd_call_header(struct icd_call *c, const char *name, const char *value);

/* ---- asking ---- */
/* The body as a JSON object without duplicate names; NULL where it is none, and the call is refused (400). */
json_t *icd_call_body(struct icd_call *c);
/* A parameter of the query, percent-decoded, NUL-terminated; false where it is not there, does not fit in
 * cap bytes or is malformed. */
bool icd_call_query(const struct icd_call *c, const char *name, char *out, size_t cap);
/* The text of a field, NULL where it is missing, no string, over max bytes, or not plain text. */
const char *icd_json_text(const json_t *o, const char *name, size_t max);
/* Whether all names of o are among those of `names` ("a b c"). */
bool icd_json_only(const json_t *o, const char *names);

/* ---- jobs ---- */
/* work runs on the pool and touches ctx alone; done runs on the loop, with c for its answer (NULL where the
 * job was of nobody's request) and frees ctx. IC_ERR_LIMIT: too many at once (the caller frees ctx);
 * IC_ERR_NOMEM. On IC_OK with c, c->later is set; done may start another job for c. */
typedef void icd_job_work(void *ctx);
typedef void icd_job_done(struct icd_identity *id, struct icd_call *c, void *ctx);
ic_err icd_job(struct icd_identity *id, struct icd_call *c, icd_job_work *work, icd_job_done *done,
               void *ctx);

__attribute__((format(printf, 4, 5))) void icd_identity_log(struct icd_identity *id, int level,
                                                            const char *event, const char *format,
                                                            ...);

#endif
