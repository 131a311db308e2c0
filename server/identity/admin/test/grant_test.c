/* Tokens and providers: neither may become a way to more than was granted. */
#include "identity/admin/test/staff.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <string.h>

/* By a provider of his own he would be whoever he likes. */
TEST(admin_provider_needs_what_an_invitation_needs)
{
    static const char body[] =
        "{\"name\":\"x\",\"issuer\":\"https://a.example\",\"client_id\":\"c\"}";
    static const char on[] = "{\"oidc_links_email\":true}", off[] = "{\"oidc_links_email\":false}";
    struct staff s;
    char policy[ICD_ADMIN_TOKEN_LEN + 1], users[ICD_ADMIN_TOKEN_LEN + 1],
        both[ICD_ADMIN_TOKEN_LEN + 1];
    staff_open(&s);
    staff_token(&s, ICD_SCOPE_POLICY, policy);
    staff_token(&s, ICD_SCOPE_USERS_WRITE, users);
    staff_token(&s, ICD_SCOPE_POLICY | ICD_SCOPE_USERS_WRITE, both);
    CHECK_EQ_INT(staff_call_as(&s, policy, "POST", "/providers", body), 403);
    CHECK(staff_refused(&s, "scope", ""));
    CHECK(strcmp(world_text(&s.w, "text"), "this token lacks the scope users:write") == 0);
    CHECK_EQ_INT(staff_call_as(&s, users, "POST", "/providers", body), 403);
    CHECK(strcmp(world_text(&s.w, "text"), "this token lacks the scope policy") == 0);
    CHECK_EQ_INT(staff_call_as(&s, policy, "PATCH", "/policy", off), 200);
    CHECK_EQ_INT(staff_call_as(&s, policy, "PATCH", "/policy", on), 403);
    CHECK(strcmp(world_text(&s.w, "text"), "this token lacks the scope users:write") == 0);
    CHECK_EQ_INT(staff_call_as(&s, policy, "PATCH", "/policy", "{\"passwords\":true}"), 200);
    CHECK(json_is_false(json_object_get(s.w.answer, "oidc_links_email")));
    CHECK_EQ_INT(staff_call_as(&s, both, "PATCH", "/policy", on), 200);
    CHECK_EQ_INT(staff_call_as(&s, policy, "PATCH", "/policy", on), 200); /* as it is */
    CHECK_EQ_INT(staff_call_as(&s, both, "POST", "/providers", body), 201);
    staff_close(&s);
}

static void make_token(struct staff *s, const char *by, int64_t life_s, char *token, char *path,
                       int64_t *expires)
{
    char body[120];
    snprintf(body, sizeof body, "{\"name\":\"x\",\"scopes\":[\"tokens\"],\"expires_s\":%lld}",
             (long long)life_s);
    CHECK_EQ_INT(staff_call_as(s, by, "POST", "/tokens", body), 201);
    snprintf(token, ICD_ADMIN_TOKEN_LEN + 1, "%s", world_text(&s->w, "token"));
    snprintf(path, 80, "/tokens/%s", world_text(&s->w, "id"));
    *expires = world_number(&s->w, "expires");
}

TEST(admin_token_ends_with_its_maker)
{
    struct staff s;
    char a[ICD_ADMIN_TOKEN_LEN + 1], b[ICD_ADMIN_TOKEN_LEN + 1], c[ICD_ADMIN_TOKEN_LEN + 1],
        d[ICD_ADMIN_TOKEN_LEN + 1], path[80], other[80];
    staff_open(&s);
    int64_t end, at;
    make_token(&s, s.token, 1000, a, path, &end);
    CHECK_EQ_INT(end, (int64_t)(s.w.now_ms / 1000) + 1000);
    make_token(&s, a, 86400, b, other, &at);
    CHECK_EQ_INT(at, end);
    make_token(&s, b, 60, c, other, &at);
    CHECK(at < end);
    make_token(&s, s.token, 1000, d, other, &at);
    CHECK_EQ_INT(staff_call(&s, "DELETE", path, ""), 204);
    CHECK_EQ_INT(staff_call_as(&s, a, "GET", "/tokens", ""), 401);
    CHECK_EQ_INT(staff_call_as(&s, b, "GET", "/tokens", ""), 401);
    CHECK_EQ_INT(staff_call_as(&s, c, "GET", "/tokens", ""), 401);
    CHECK_EQ_INT(staff_call_as(&s, d, "GET", "/tokens", ""), 200);
    CHECK_EQ_INT(staff_call(&s, "GET", "/tokens", ""), 200);
    CHECK_EQ_INT(staff_call(&s, "GET", "/audit?action=token.revoked", ""), 200);
    CHECK(memmem(s.w.response.body.p, s.w.response.body.len, "\"made_by_it\":2", 14));
    staff_close(&s);
}
