#include "identity/acme/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct row {
    const char *token;
    int status;
};
static const struct row rows[] = {
#define ROW_(name, token, status) {token, status},
    ICD_ACME_ERROR_LIST(ROW_)
#undef ROW_
};

const char *icd_acme_error_token(enum icd_acme_error e)
{
    return (size_t)e < ICD_ACME_E_COUNT ? rows[e].token : "serverInternal";
}

/* A client may print it on a terminal. */
static void plain(char *text)
{
    for (char *c = text; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
}

__attribute__((format(printf, 4, 0))) static void fill(struct icd_acme_problem *p,
                                                       enum icd_acme_error e, int status,
                                                       const char *format, va_list ap)
{
    p->error = e;
    p->status = status;
    vsnprintf(p->detail, sizeof p->detail, format, ap);
    plain(p->detail);
}

ic_err icd_acme_refuse(struct icd_acme_problem *p, enum icd_acme_error e, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    fill(p, e, rows[e].status, format, ap);
    va_end(ap);
    return IC_ERR_RULE;
}

ic_err icd_acme_refuse_as(struct icd_acme_problem *p, enum icd_acme_error e, int status,
                          const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    fill(p, e, status, format, ap);
    va_end(ap);
    return IC_ERR_RULE;
}

ic_err icd_acme_failed(struct icd_acme_problem *p, ic_err e)
{
    if (e != IC_OK && p->status == 0)
        (void)icd_acme_refuse(p, ICD_ACME_E_SERVER_INTERNAL, "the server could not do this");
    return e;
}

static json_t *document(enum icd_acme_error e, const char *detail)
{
    char urn[96];
    snprintf(urn, sizeof urn, "urn:ietf:params:acme:error:%s", icd_acme_error_token(e));
    return json_pack("{s:s, s:s}", "type", urn, "detail", detail);
}

void icd_acme_subproblem(struct icd_acme_problem *p, enum icd_acme_error e, const char *detail,
                         const char *type, const char *value)
{
    json_t *one = document(e, detail);
    json_t *identifier = json_pack("{s:s, s:s}", "type", type, "value", value);
    if (!p->subproblems)
        p->subproblems = json_array();
    json_object_set_new(one, "identifier", identifier);
    json_array_append_new(p->subproblems, one);
}

json_t *icd_acme_problem_json(const struct icd_acme_problem *p)
{
    json_t *o = document(p->error, p->detail);
    json_object_set_new(o, "status", json_integer(p->status));
    if (p->error == ICD_ACME_E_BAD_SIGNATURE_ALGORITHM)
        json_object_set_new(o, "algorithms", json_pack("[s, s, s]", "ES256", "ES384", "RS256"));
    if (p->subproblems)
        json_object_set(o, "subproblems", p->subproblems);
    return o;
}

void icd_acme_problem_clear(struct icd_acme_problem *p)
{
    json_decref(p->subproblems);
    *p = (struct icd_acme_problem){0};
}
