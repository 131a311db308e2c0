#include "identity/admin/test/staff.h"
#include "identity/ca/ca.h"

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <stdio.h>
#include <string.h>

static const char ana[] = "{\"email\":\"ana@example.org\",\"name\":\"Ana Weber\"}";

/* A real path of a route, with something that is not there for its name. */
static void path_of(const struct icd_admin_route *r, char *out, size_t cap)
{
    const char *open = strchr(r->path, '{');
    if (open)
        snprintf(out, cap, "%.*snobody%s", (int)(open - r->path), r->path, strchr(open, '}') + 1);
    else
        snprintf(out, cap, "%s", r->path);
}

TEST(admin_every_route_wants_its_scope)
{
    struct staff s;
    char token[ICD_ADMIN_TOKEN_LEN + 1], path[100];
    staff_open(&s);
    for (size_t i = 0; icd_scope_name(i); i++) {
        uint32_t has = 1u << i;
        staff_token(&s, has, token);
        for (const struct icd_admin_route *r = icd_admin_routes; r->method; r++) {
            path_of(r, path, sizeof path);
            int status = staff_call_as(&s, token, r->method, path, "");
            bool may = r->scope == 0 || r->scope == has ||
                       (r->scope == ICD_SCOPE_USERS_READ && has == ICD_SCOPE_USERS_WRITE);
            bool refused = status == 403 && strcmp(world_text(&s.w, "error"), "scope") == 0;
            if (refused == may)
                printf("%s with %s: %d\n", r->path, icd_scope_name(i), status);
            CHECK(refused != may);
        }
    }
    staff_close(&s);
}

TEST(admin_tokens_are_secret_and_end)
{
    struct staff s;
    char token[ICD_ADMIN_TOKEN_LEN + 1];
    staff_open(&s);
    CHECK_EQ_INT(staff_call(&s, "POST", "/tokens",
                            "{\"name\":\"hr\",\"scopes\":[\"users:read\"],\"expires_s\":60}"),
                 201);
    memcpy(token, world_text(&s.w, "token"), sizeof token);
    CHECK(strncmp(token, "ica_", 4) == 0);
    int64_t stored = -1;
    CHECK_OK(icd_store_int(s.w.id->store, "SELECT COUNT(*) FROM admin_tokens WHERE hash = $1",
                           &stored, ICD_PARAMS(ICD_BLOB(ic_view_cstr(token)))));
    CHECK_EQ_INT(stored, 0);
    CHECK_EQ_INT(staff_call_as(&s, token, "GET", "/users", ""), 200);
    CHECK_EQ_INT(staff_call(&s, "GET", "/tokens", ""), 200);
    CHECK(!memmem(s.w.response.body.p, s.w.response.body.len, token, strlen(token)));
    /* Every other token is none, and so is one with another end. */
    token[20] ^= 1;
    CHECK_EQ_INT(staff_call_as(&s, token, "GET", "/users", ""), 401);
    token[20] ^= 1;
    CHECK_EQ_INT(staff_call_as(&s, "", "GET", "/users", ""), 401);
    char last = token[47];
    token[47] = '\0';
    CHECK_EQ_INT(staff_call_as(&s, token, "GET", "/users", ""), 401);
    token[47] = last;
    CHECK_EQ_INT(staff_call_as(&s, token, "GET", "/users", ""), 200);
    world_pass(&s.w, 61000);
    CHECK_EQ_INT(staff_call_as(&s, token, "GET", "/users", ""), 401);
    CHECK(staff_refused(&s, "denied", ""));
    staff_close(&s);
}

TEST(admin_token_gives_no_more_than_it_has)
{
    struct staff s;
    char token[ICD_ADMIN_TOKEN_LEN + 1], path[80];
    staff_open(&s);
    staff_token(&s, ICD_SCOPE_TOKENS | ICD_SCOPE_USERS_WRITE, token);
    CHECK_EQ_INT(
        staff_call_as(&s, token, "POST", "/tokens", "{\"name\":\"x\",\"scopes\":[\"policy\"]}"),
        403);
    CHECK(staff_refused(&s, "denied", "scopes"));
    CHECK_EQ_INT(staff_call_as(&s, token, "POST", "/tokens",
                               "{\"name\":\"x\",\"scopes\":[\"users:read\",\"audit\"]}"),
                 403);
    CHECK_EQ_INT(
        staff_call_as(&s, token, "POST", "/tokens", "{\"name\":\"x\",\"scopes\":[\"users:read\"]}"),
        201);
    /* Revoked, it ends at once; another organisation's cannot be reached. */
    char made[ICD_ADMIN_TOKEN_LEN + 1];
    memcpy(made, world_text(&s.w, "token"), sizeof made);
    snprintf(path, sizeof path, "/tokens/%s", world_text(&s.w, "id"));
    CHECK_EQ_INT(staff_call_as(&s, s.other, "DELETE", path, ""), 404);
    CHECK_EQ_INT(staff_call_as(&s, made, "GET", "/users", ""), 200);
    CHECK_EQ_INT(staff_call(&s, "DELETE", path, ""), 204);
    CHECK_EQ_INT(staff_call_as(&s, made, "GET", "/users", ""), 401);
    CHECK_EQ_INT(staff_call(&s, "DELETE", path, ""), 404);
    staff_close(&s);
}

TEST(admin_names_the_field_that_is_wrong)
{
    static const struct {
        const char *method, *path, *body;
        const char *field;
    } rows[] = {
        {"POST", "/users", "{\"email\":\"ana@example.org\"}", "name"},
        {"POST", "/users", "{\"name\":\"Ana\"}", "email"},
        {"POST", "/users", "{\"email\":7,\"name\":\"Ana\"}", "email"},
        {"POST", "/users", "{\"email\":\"a b@example.org\",\"name\":\"Ana\"}", "email"},
        {"POST", "/users", "{\"email\":\"ana@nowhere.example\",\"name\":\"Ana\"}", "email"},
        {"POST", "/users", "{\"email\":\"ana@other.example\",\"name\":\"Ana\"}", "email"},
        {"POST", "/users", "{\"email\":\"ana@example.org\",\"name\":\"\"}", "name"},
        {"POST", "/users", "{\"email\":\"ana@example.org\",\"name\":\"a\\u0007\"}", "name"},
        {"POST", "/users", "{\"email\":\"ana@example.org\",\"name\":\"A\",\"admin\":true}",
         "admin"},
        {"POST", "/users", "{\"email\":\"ana@example.org\",\"name\":\"A\",\"invite\":1}", "invite"},
        {"GET", "/users?limit=0", "", "limit"},
        {"GET", "/users?limit=1001", "", "limit"},
        {"GET", "/users?limit=-1", "", "limit"},
        {"GET", "/users?limit=", "", "limit"},
        {"GET", "/users?limit=99999999999999999999", "", "limit"},
        {"POST", "/domains", "{\"name\":\"no name\"}", "name"},
        {"POST", "/domains", "{\"name\":\"localhost\"}", "name"},
        {"POST", "/roots", "{\"pem\":\"x\"}", "pem"},
        {"POST", "/roots", "{}", "pem"},
        {"PATCH", "/policy", "{\"guests\":1}", "guests"},
        {"PATCH", "/policy", "{\"colour\":\"red\"}", "colour"},
        {"POST", "/tokens", "{\"name\":\"x\",\"scopes\":[]}", "scopes"},
        {"POST", "/tokens", "{\"name\":\"x\",\"scopes\":[\"root\"]}", "scopes"},
        {"POST", "/tokens", "{\"name\":\"x\",\"scopes\":\"users:read\"}", "scopes"},
        {"POST", "/tokens", "{\"name\":\"x\",\"scopes\":[\"audit\"],\"expires_s\":59}",
         "expires_s"},
        {"POST", "/tokens", "{\"name\":\"x\",\"scopes\":[\"audit\"],\"expires_s\":1e3}",
         "expires_s"},
        {"POST", "/providers",
         "{\"name\":\"x\",\"issuer\":\"http://a.example\",\"client_id\":\"c\"}", "issuer"},
        {"POST", "/providers", "{\"name\":\"x\",\"issuer\":\"https://a.example\"}", "client_id"},
        {"GET", "/audit?since=x", "", "since"},
    };
    struct staff s;
    staff_open(&s);
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        int status = staff_call(&s, rows[i].method, rows[i].path, rows[i].body);
        if (status != 400 || !staff_refused(&s, "invalid", rows[i].field))
            printf("row %zu: %s %s: %d\n", i, rows[i].path, rows[i].body, status);
        CHECK(status == 400 && staff_refused(&s, "invalid", rows[i].field));
    }
    CHECK_EQ_INT(staff_call(&s, "POST", "/users", "[]"), 400);
    CHECK(staff_refused(&s, "malformed", ""));
    CHECK_EQ_INT(staff_call(&s, "POST", "/users", "{\"name\":\"a\",\"name\":\"b\"}"), 400);
    CHECK_EQ_INT(staff_call(&s, "DELETE", "/users", ""), 405);
    CHECK_EQ_INT(staff_call(&s, "GET", "/nothing", ""), 404);
    CHECK_EQ_INT(staff_call(&s, "GET", "/users/", ""), 404);
    CHECK_EQ_INT(staff_call(&s, "GET", "/users/a/b", ""), 404);
    CHECK_EQ_INT(staff_call(&s, "GET", "/users", ""), 200);
    CHECK_EQ_INT(json_array_size(json_object_get(s.w.answer, "users")), 0);
    staff_close(&s);
}

TEST(admin_sees_nothing_of_another_organisation)
{
    struct staff s;
    char path[100];
    staff_open(&s);
    CHECK_EQ_INT(staff_call(&s, "POST", "/users", ana), 201);
    char id[ICD_ID_LEN + 1];
    snprintf(id, sizeof id, "%s", world_text(&s.w, "id"));
    static const char *const rest[] = {"", "/suspend", "/resume", "/invitation"};
    for (size_t i = 0; i < IC_ARRAY_LEN(rest); i++) {
        snprintf(path, sizeof path, "/users/%s%s", id, rest[i]);
        CHECK_EQ_INT(staff_call_as(&s, s.other, i ? "POST" : "GET", path, ""), 404);
        snprintf(path, sizeof path, "/users/ana@example.org%s", rest[i]);
        CHECK_EQ_INT(staff_call_as(&s, s.other, i ? "POST" : "GET", path, ""), 404);
    }
    snprintf(path, sizeof path, "/users/%s", id);
    CHECK_EQ_INT(staff_call_as(&s, s.other, "DELETE", path, ""), 404);
    CHECK_EQ_INT(staff_call_as(&s, s.other, "PATCH", path, "{\"name\":\"X\"}"), 404);
    CHECK_EQ_INT(staff_call_as(&s, s.other, "GET", "/users", ""), 200);
    CHECK_EQ_INT(json_array_size(json_object_get(s.w.answer, "users")), 0);
    CHECK_EQ_INT(staff_call_as(&s, s.other, "GET", "/domains/example.org", ""), 404);
    CHECK_EQ_INT(staff_call_as(&s, s.other, "DELETE", "/domains/example.org", ""), 404);
    CHECK_EQ_INT(staff_call_as(&s, s.other, "GET", "/audit", ""), 200);
    CHECK(!memmem(s.w.response.body.p, s.w.response.body.len, id, strlen(id)));
    CHECK_EQ_INT(staff_call(&s, "GET", path, ""), 200);
    CHECK(strcmp(world_text(&s.w, "name"), "Ana Weber") == 0);
    staff_close(&s);
}

TEST(admin_pages_through_users)
{
    struct staff s;
    char body[100], path[400] = "/users?limit=2", last[100] = "";
    size_t pages = 0, seen = 0;
    staff_open(&s);
    for (int i = 0; i < 5; i++) {
        snprintf(body, sizeof body, "{\"email\":\"u%d+x@example.org\",\"name\":\"U\"}", 4 - i);
        CHECK_EQ_INT(staff_call(&s, "POST", "/users", body), 201);
    }
    for (; path[0] && pages < 9; pages++) {
        CHECK_EQ_INT(staff_call(&s, "GET", path, ""), 200);
        size_t i;
        json_t *u;
        json_array_foreach(json_object_get(s.w.answer, "users"), i, u)
        {
            const char *email = json_string_value(json_object_get(u, "email"));
            CHECK(strcmp(email, last) > 0);
            snprintf(last, sizeof last, "%s", email);
            seen++;
        }
        const char *next = world_text(&s.w, "next");
        char *plus = strchr(next, '+');
        if (*next)
            snprintf(path, sizeof path, "/users?limit=2&after=%.*s%%2B%s", (int)(plus - next), next,
                     plus + 1);
        else
            path[0] = '\0';
    }
    CHECK(pages == 3 && seen == 5);
    staff_close(&s);
}

TEST(admin_suspends_and_resumes)
{
    struct staff s;
    char token[ICD_BEARER_LEN + 1];
    staff_open(&s);
    CHECK_EQ_INT(staff_call(&s, "POST", "/users", ana), 201);
    CHECK_EQ_INT(staff_call(&s, "POST", "/users/ana@example.org/invitation", ""), 201);
    snprintf(token, sizeof token, "%s", world_text(&s.w, "token"));
    CHECK(strncmp(token, "ici_", 4) == 0);
    CHECK_EQ_INT(staff_call(&s, "POST", "/users/ana@example.org/suspend", ""), 200);
    CHECK(strcmp(json_string_value(json_object_get(json_object_get(s.w.answer, "user"), "state")),
                 "suspended") == 0);
    CHECK_EQ_INT(staff_call(&s, "POST", "/users/ana@example.org/suspend", ""), 200);
    CHECK_EQ_INT(staff_call(&s, "POST", "/users/ana@example.org/invitation", ""), 409);
    CHECK(staff_refused(&s, "state", ""));
    CHECK_EQ_INT(staff_call(&s, "POST", "/users/ana@example.org/resume", ""), 200);
    CHECK(strcmp(world_text(&s.w, "state"), "suspended") != 0);
    CHECK_EQ_INT(staff_call(&s, "DELETE", "/users/ana@example.org", ""), 204);
    CHECK_EQ_INT(staff_call(&s, "DELETE", "/users/ana@example.org", ""), 404);
    CHECK_EQ_INT(staff_call(&s, "POST", "/users", ana), 201);
    CHECK_EQ_INT(staff_call(&s, "POST", "/users", ana), 409);
    CHECK(staff_refused(&s, "exists", "email"));
    staff_close(&s);
}

static ic_err issue(struct staff *s, const char *user, char *serial)
{
    static const struct ic_pki_name names[] = {
        {IC_PKI_NAME_EMAIL, IC_VIEW_INIT("ana@example.org")},
    };
    struct ic_sign_key *key = NULL;
    struct icd_ca_issued issued;
    IC_BUF_SCOPE(info, 256);
    IC_TRY(ic_sign_key_generate(IC_ECDSA_P256_SHA256, &s->w.id->rand, &key));
    ic_err e = ic_pki_key_info_encode(IC_ECDSA_P256_SHA256, ic_sign_key_public(key), &info);
    ic_sign_key_free(key);
    IC_TRY(e);
    struct icd_ca_order order = {.profile = IC_PKI_PERSON,
                                 .key_info = ic_buf_view(&info),
                                 .org = s->org,
                                 .user = user,
                                 .device = "",
                                 .organisation = "Example",
                                 .common_name = "Ana",
                                 .names = names,
                                 .name_count = 1};
    IC_TRY(icd_ca_issue(s->w.id, &order, &issued));
    memcpy(serial, issued.serial, sizeof issued.serial);
    icd_identity_flush(s->w.id);
    return IC_OK;
}

TEST(admin_revokes_certificates)
{
    struct staff s;
    char path[100], serial[4][ICD_CA_SERIAL_HEX + 1], user[ICD_ID_LEN + 1];
    staff_open(&s);
    CHECK_EQ_INT(staff_call(&s, "POST", "/users", ana), 201);
    snprintf(user, sizeof user, "%s", world_text(&s.w, "id"));
    for (size_t i = 0; i < 4; i++)
        CHECK_OK(issue(&s, user, serial[i]));
    CHECK_EQ_INT(staff_call(&s, "GET", "/certificates?limit=3", ""), 200);
    CHECK_EQ_INT(json_array_size(json_object_get(s.w.answer, "certificates")), 3);
    snprintf(path, sizeof path, "/certificates?user=ana@example.org&before=%d",
             (int)world_number(&s.w, "next"));
    CHECK_EQ_INT(staff_call(&s, "GET", path, ""), 200);
    CHECK_EQ_INT(json_array_size(json_object_get(s.w.answer, "certificates")), 1);
    CHECK_EQ_INT(world_number(&s.w, "next"), 0);
    /* One by its number: by its own organisation alone, for a reason that fits, and once. */
    snprintf(path, sizeof path, "/certificates/%s/revoke", serial[0]);
    CHECK_EQ_INT(staff_call_as(&s, s.other, "POST", path, ""), 404);
    CHECK_EQ_INT(staff_call(&s, "POST", path, "{\"reason\":\"certificateHold\"}"), 400);
    CHECK(staff_refused(&s, "invalid", "reason"));
    CHECK_EQ_INT(staff_call(&s, "POST", path, "{\"reason\":\"keyCompromise\"}"), 200);
    CHECK(strcmp(world_text(&s.w, "reason"), "keyCompromise") == 0);
    CHECK_EQ_INT(staff_call(&s, "POST", path, "{\"reason\":\"superseded\"}"), 200);
    CHECK(strcmp(world_text(&s.w, "reason"), "keyCompromise") == 0);
    CHECK_EQ_INT(staff_call(&s, "POST", "/certificates/zz/revoke", ""), 404);
    /* The others with their user. */
    CHECK_EQ_INT(staff_call(&s, "POST", "/users/ana@example.org/suspend", ""), 200);
    CHECK_EQ_INT(world_number(&s.w, "certificates_revoked"), 3);
    CHECK_EQ_INT(staff_call(&s, "POST", "/users/ana@example.org/suspend", ""), 200);
    CHECK_EQ_INT(world_number(&s.w, "certificates_revoked"), 0);
    CHECK_EQ_INT(staff_call(&s, "POST", "/users/ana@example.org/resume", ""), 200);
    CHECK_OK(issue(&s, user, serial[0]));
    CHECK_EQ_INT(staff_call(&s, "DELETE", "/users/ana@example.org", ""), 204);
    CHECK_EQ_INT(staff_call(&s, "GET", "/certificates", ""), 200);
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(s.w.answer, "certificates"), i, c)
        CHECK(json_is_true(json_object_get(c, "revoked")));
    CHECK_EQ_INT(i, 5);
    staff_close(&s);
}

/* What stands in the log after each change, newest first. */
TEST(admin_writes_are_in_the_audit_log)
{
    static const struct {
        const char *method, *path, *body, *action;
    } rows[] = {
        {"POST", "/users", ana, "user.added"},
        {"PATCH", "/users/ana@example.org", "{\"name\":\"Anna\"}", "user.renamed"},
        {"POST", "/users/ana@example.org/suspend", "", "user.suspended"},
        {"POST", "/users/ana@example.org/resume", "", "user.resumed"},
        {"DELETE", "/users/ana@example.org", "", "user.deleted"},
        {"POST", "/domains", "{\"name\":\"two.example\"}", "domain.added"},
        {"DELETE", "/domains/two.example", "", "domain.removed"},
        {"PATCH", "/policy", "{\"passwords\":true}", "policy.changed"},
        {"POST", "/providers",
         "{\"name\":\"x\",\"issuer\":\"https://a.example\",\"client_id\":\"c\"}", "provider.added"},
        {"DELETE", "/providers/1", "", "provider.removed"},
        {"POST", "/tokens", "{\"name\":\"x\",\"scopes\":[\"audit\"]}", "token.added"},
    };
    struct staff s;
    char actor[40];
    staff_open(&s);
    CHECK_EQ_INT(staff_call(&s, "GET", "/organisation", ""), 200);
    snprintf(actor, sizeof actor, "token:%s",
             json_string_value(json_object_get(json_object_get(s.w.answer, "token"), "id")));
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        CHECK_EQ_INT(staff_call(&s, rows[i].method, rows[i].path, rows[i].body) / 100, 2);
        CHECK_EQ_INT(staff_call(&s, "GET", "/audit?limit=1", ""), 200);
        json_t *event = json_array_get(json_object_get(s.w.answer, "events"), 0);
        const char *action = json_string_value(json_object_get(event, "action"));
        if (!action || strcmp(action, rows[i].action) != 0)
            printf("%s, not %s\n", action ? action : "nothing", rows[i].action);
        CHECK(action && strcmp(action, rows[i].action) == 0);
        CHECK(strcmp(json_string_value(json_object_get(event, "actor")), actor) == 0);
    }
    /* What failed is not there. */
    CHECK_EQ_INT(staff_call(&s, "POST", "/users", "{\"email\":\"x@y.example\",\"name\":\"X\"}"),
                 400);
    CHECK_EQ_INT(staff_call(&s, "GET", "/audit?limit=1", ""), 200);
    json_t *event = json_array_get(json_object_get(s.w.answer, "events"), 0);
    CHECK(strcmp(json_string_value(json_object_get(event, "action")), "token.added") == 0);
    CHECK(world_number(&s.w, "next") > 0);
    staff_close(&s);
}

TEST(admin_domain_keeps_its_challenge)
{
    struct staff s;
    char value[80];
    staff_open(&s);
    CHECK_EQ_INT(staff_call(&s, "POST", "/domains", "{\"name\":\"Two.Example\"}"), 201);
    json_t *proof = json_object_get(s.w.answer, "proof");
    CHECK(strcmp(world_text(&s.w, "name"), "two.example") == 0);
    snprintf(value, sizeof value, "%s", json_string_value(json_object_get(proof, "txt_value")));
    CHECK(strncmp(value, "incamera-domain=", 16) == 0 && strlen(value) == 16 + 22);
    CHECK_EQ_INT(staff_call(&s, "POST", "/domains", "{\"name\":\"two.example\"}"), 200);
    CHECK(strcmp(
              json_string_value(json_object_get(json_object_get(s.w.answer, "proof"), "txt_value")),
              value) == 0);
    /* Its users wait for the proof; and two organisations may try, each with a challenge of its own. */
    CHECK_EQ_INT(staff_call(&s, "POST", "/users", "{\"email\":\"a@two.example\",\"name\":\"A\"}"),
                 400);
    CHECK_EQ_INT(staff_call_as(&s, s.other, "POST", "/domains", "{\"name\":\"two.example\"}"), 201);
    CHECK(strcmp(
              json_string_value(json_object_get(json_object_get(s.w.answer, "proof"), "txt_value")),
              value) != 0);
    CHECK_EQ_INT(staff_call(&s, "GET", "/domains/example.org", ""), 200);
    CHECK(json_is_true(json_object_get(s.w.answer, "verified")) &&
          !json_object_get(s.w.answer, "proof"));
    CHECK_EQ_INT(staff_call(&s, "POST", "/domains/example.org/verify", ""), 200);
    staff_close(&s);
}
