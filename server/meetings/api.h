/* The HTTP API /api/v1, without HTTP: a request's parts in, status and JSON out. docs/protocol/http.md */
#ifndef ICD_MEETINGS_API_H
#define ICD_MEETINGS_API_H

#include <ic/base/buf.h>
#include <ic/base/bytes.h>

struct icd_core;

enum { ICD_API_BODY_MAX = 256 << 10 };

struct icd_api_request {
    struct ic_view method; /* "GET", "POST", "DELETE" */
    struct ic_view path;   /* without query: "/api/v1/meetings" */
    struct ic_view query;  /* "limit=10&before=..." */
    struct ic_view token;  /* of `Authorization: Bearer`; empty: none */
    struct ic_view body;   /* JSON, or empty */
    /* Instead of a token: the organisation of a person who is signed in, and may make meetings for it; empty:
     * nobody is. */
    struct ic_view organisation;
    /* What the organisation of that name does not allow: a static sentence, or NULL where meetings of this admission (enum
     * ic_wire_admission_rule) may be made. judge NULL: everything is allowed. */
    const char *(*judge)(void *ctx, struct ic_view organisation, uint8_t admission);
    void *judge_ctx;
};

/* Flushes the core, so that what it says is on disk. status: an HTTP one; body: JSON, appended. */
void icd_api_call(struct icd_core *core, const struct icd_api_request *r, int *status,
                  struct ic_buf *body);

#endif
