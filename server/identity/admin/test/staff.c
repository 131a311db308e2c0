#include "identity/admin/test/staff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(ic_err e)
{
    if (e != IC_OK) {
        printf("staff: %s\n", ic_err_text(e));
        abort();
    }
}

static int64_t organisation(struct staff *s, const char *name, const char *domain, char *token)
{
    struct icd_domain d;
    struct icd_admin_token t = {.scopes = ICD_SCOPE_ALL,
                                .name = "test",
                                .made_by = "server",
                                .end_ms = s->w.id->now_ms + 86400000};
    must(icd_accounts_org_add(s->w.id, ic_view_cstr(name), &t.org));
    must(icd_accounts_domain_add(s->w.id, t.org, ic_view_cstr(domain), &d));
    must(icd_accounts_domain_verify(s->w.id, t.org, ic_view_cstr(domain)));
    must(icd_admin_token_add(s->w.id, &t, token));
    return t.org;
}

void staff_open(struct staff *s)
{
    memset(s, 0, sizeof *s);
    world_open(&s->w);
    s->w.id->now_ms = s->w.now_ms;
    s->org = organisation(s, "Example", "example.org", s->token);
    s->other_org = organisation(s, "Other", "other.example", s->other);
    icd_identity_flush(s->w.id);
}

void staff_close(struct staff *s)
{
    world_close(&s->w);
}

void staff_token(struct staff *s, uint32_t scopes, char *token)
{
    struct icd_admin_token t = {.org = s->org,
                                .scopes = scopes,
                                .name = "some",
                                .made_by = "server",
                                .end_ms = s->w.id->now_ms + 86400000};
    must(icd_admin_token_add(s->w.id, &t, token));
    icd_identity_flush(s->w.id);
}

int staff_call_as(struct staff *s, const char *token, const char *method, const char *path,
                  const char *body)
{
    char full[600];
    snprintf(full, sizeof full, "/api/v1/admin%s", path);
    return world_call(&s->w, method, full, token, body);
}

int staff_call(struct staff *s, const char *method, const char *path, const char *body)
{
    return staff_call_as(s, s->token, method, path, body);
}

int staff_csv(struct staff *s, const char *path, const char *text)
{
    char full[200];
    snprintf(full, sizeof full, "/api/v1/admin%s", path);
    return world_call_bytes(&s->w, "POST", full, s->token, "text/csv", ic_view_cstr(text));
}

bool staff_refused(const struct staff *s, const char *code, const char *field)
{
    bool ok = strcmp(world_text(&s->w, "error"), code) == 0 && world_text(&s->w, "text")[0] &&
              strcmp(world_text(&s->w, "field"), field) == 0;
    if (!ok)
        printf("refused: %s, field \"%s\": %s\n", world_text(&s->w, "error"),
               world_text(&s->w, "field"), world_text(&s->w, "text"));
    return ok;
}
