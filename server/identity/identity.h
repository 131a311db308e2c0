/* The identity service: who people and devices are, and what vouches for them. It has a database of its own
 * (identity.db) and runs inside incamerad or as a process of its own (`incamerad --role identity`).
 *
 *     struct icd_identity *id;
 *     IC_TRY(icd_identity_new(&seam, why, &id));
 *     if (icd_identity_takes(request->path))
 *         icd_identity_request(id, request, ticket, &response);   // always answers later
 *     icd_identity_flush(id);                                     // commits, then seam.answer for each
 *     icd_identity_free(id);
 *
 * Durable before acknowledged: what requests write between two flushes is one transaction, and no answer
 * leaves before it is on disk. One object, one thread: the loop's. docs/protocol/identity.md
 */
#ifndef ICD_IDENTITY_H
#define ICD_IDENTITY_H

#include "http/http.h"
#include "identity/config.h"

#include <ic/base/rand.h>
#include <uv.h>

struct icd_identity;

enum { ICD_IDENTITY_WHY = 512 };

struct icd_identity_seam {
    const struct icd_identity_config *config; /* borrowed, and may not change */
    const char *data_dir;                     /* ":memory:" for tests: nothing is kept */
    struct ic_rand rand;
    uv_loop_t *loop; /* NULL for tests: jobs are done at once, time comes from icd_identity_tick */
    uint64_t (*now_ms)(void *ctx);
    /* Takes out's body, as icd_http_answer does. Called within icd_identity_flush alone. */
    void (*answer)(void *ctx, uint64_t ticket, struct icd_http_response *out);
    /* May be NULL. */
    void (*log)(void *ctx, int level, const char *event, const char *fields);
    void *ctx;
};

/* why: ICD_IDENTITY_WHY bytes for people. IC_ERR_IO, IC_ERR_UNSUPPORTED (a newer database), IC_ERR_NOMEM. */
ic_err icd_identity_new(const struct icd_identity_seam *seam, char *why, struct icd_identity **out);
/* Waits for jobs that are at work. Accepts NULL. */
void icd_identity_free(struct icd_identity *id);
/* Whether a path is the service's own. */
bool icd_identity_takes(struct ic_view path);
/* Sets out->later; the answer follows from a flush. */
void icd_identity_request(struct icd_identity *id, const struct icd_http_request *r,
                          uint64_t ticket, struct icd_http_response *out);
void icd_identity_flush(struct icd_identity *id);
/* Once a second, by the service's own timer where there is a loop. */
void icd_identity_tick(struct icd_identity *id);

#endif
