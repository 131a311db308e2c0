/* An organisation with a verified domain and a token, for tests of the administrators' API. */
#ifndef ICD_ADMIN_TEST_STAFF_H
#define ICD_ADMIN_TEST_STAFF_H

#include "identity/admin/private.h"
#include "identity/test/world.h"

struct staff {
    struct world w;
    int64_t org, other_org;
    char token[ICD_ADMIN_TOKEN_LEN + 1]; /* all scopes */
    char other[ICD_ADMIN_TOKEN_LEN + 1]; /* of another organisation, all scopes */
};

/* Domains example.org, and other.example of the other. */
void staff_open(struct staff *s);
void staff_close(struct staff *s);
/* Of the first organisation. */
void staff_token(struct staff *s, uint32_t scopes, char *token);
/* The answer's status, by the first token. path: behind /api/v1/admin. */
int staff_call(struct staff *s, const char *method, const char *path, const char *body);
int staff_call_as(struct staff *s, const char *token, const char *method, const char *path,
                  const char *body);
int staff_csv(struct staff *s, const char *path, const char *text);
/* Whether the last answer is refused with this code, for this field ("": none). */
bool staff_refused(const struct staff *s, const char *code, const char *field);

#endif
