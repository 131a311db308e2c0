/* The service without sockets, over a store in memory: for the tests of its parts.
 *
 *     struct world w;
 *     world_open(&w);
 *     CHECK_EQ(world_call(&w, "POST", "/api/v1/identity/x", token, "{}"), 200);
 *     ... world_text(&w, "name") ...            // of the answer's JSON object
 *     world_close(&w);
 *
 * Jobs are done at once. Time stands still but for world_pass.
 */
#ifndef ICD_IDENTITY_TEST_WORLD_H
#define ICD_IDENTITY_TEST_WORLD_H

#include "identity/live.h"

struct world {
    struct icd_identity_config config; /* may be set before world_open_with */
    struct icd_identity *id;
    uint64_t now_ms;
    uint64_t ticket;
    uint8_t peer[16]; /* of the next requests */
    uint32_t random;  /* what randomness is made of */
    /* The last answer. */
    int status;
    struct icd_http_response response;
    json_t *answer; /* or NULL */
};

void world_open(struct world *w);
/* w->config is taken as it is. */
void world_open_with(struct world *w);
void world_close(struct world *w);
/* The answer's status. token, body: "" for none. */
int world_call(struct world *w, const char *method, const char *path_and_query, const char *token,
               const char *body);
int world_call_bytes(struct world *w, const char *method, const char *path_and_query,
                     const char *token, const char *type, struct ic_view body);
/* A field of the answer: "" or 0 where it is not there. */
const char *world_text(const struct world *w, const char *field);
int64_t world_number(const struct world *w, const char *field);
/* A header that the answer carries beside the usual ones: "" where it does not. name: "location:" */
const char *world_header(const struct world *w, const char *name);
void world_pass(struct world *w, uint64_t ms);

#endif
