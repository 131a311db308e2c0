/* The sign-in API over a store in memory: what people and attackers send. */
#include "identity/accounts/accounts.h"
#include "identity/accounts/test/authenticator.h"
#include "identity/admin/policy.h"
#include "identity/test/world.h"

#include <ic/base/test.h>
#include <ic/base/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define API "/api/v1/identity/"
#define PASSWORD "correct horse battery"
#define THUMB "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

struct house {
    struct world w;
    int64_t org;
    struct icd_user ana;
    char session[ICD_BEARER_LEN + 1], known[ICD_BEARER_LEN + 1];
};

static void copy(char *out, const char *text)
{
    snprintf(out, ICD_BEARER_LEN + 1, "%s", text);
}

static void house_open(struct house *h)
{
    struct icd_domain d;
    struct icd_policy p;
    memset(h, 0, sizeof *h);
    icd_identity_config_default(&h->w.config);
    strcpy(h->w.config.base_url, "https://id.example.org");
    h->w.config.password_mib = 1;
    world_open_with(&h->w);
    struct icd_identity *id = h->w.id;
    CHECK_OK(icd_accounts_org_add(id, IC_VIEW_STR("Example"), &h->org));
    CHECK_OK(icd_accounts_domain_add(id, h->org, IC_VIEW_STR("example.org"), &d));
    CHECK_OK(icd_accounts_domain_verify(id, h->org, IC_VIEW_STR("example.org")));
    CHECK_OK(icd_accounts_user_add(id, h->org, IC_VIEW_STR("ana@example.org"), IC_VIEW_STR("Ana"),
                                   &h->ana));
    icd_policy_default(&p);
    p.passwords = true;
    CHECK_OK(icd_policy_set(id, h->org, &p));
    icd_identity_flush(id);
}

static int call(struct house *h, const char *method, const char *path, const char *body)
{
    return world_call(&h->w, method, path, h->session, body);
}

static int keep_session(struct house *h, int status)
{
    if (status == 201) {
        copy(h->session, world_text(&h->w, "token"));
        copy(h->known, world_text(&h->w, "known"));
    }
    return status;
}

static int invited_in(struct house *h)
{
    char token[ICD_BEARER_LEN + 1], body[128];
    uint64_t end;
    if (icd_accounts_invite(h->w.id, h->ana.id, "server", token, &end) != IC_OK)
        return 0;
    icd_identity_flush(h->w.id);
    snprintf(body, sizeof body, "{\"token\":\"%s\"}", token);
    return keep_session(h, world_call(&h->w, "POST", API "signin/invitation", "", body));
}

static int by_password(struct house *h, const char *email, const char *password, const char *known)
{
    char body[512];
    snprintf(body, sizeof body, "{\"email\":\"%s\",\"password\":\"%s\",\"known\":\"%s\"}", email,
             password, known);
    return world_call(&h->w, "POST", API "signin/password", "", body);
}

static int set_password(struct house *h)
{
    return call(h, "POST", API "password", "{\"new\":\"" PASSWORD "\"}");
}

/* ---- invitation, password ---- */

TEST(signin_by_invitation_once_then_by_password)
{
    struct house h;
    char body[128], token[ICD_BEARER_LEN + 1];
    uint64_t end;
    house_open(&h);
    CHECK_OK(icd_accounts_invite(h.w.id, h.ana.id, "server", token, &end));
    icd_identity_flush(h.w.id);
    snprintf(body, sizeof body, "{\"token\":\"%s\"}", token);
    CHECK_EQ_INT(keep_session(&h, world_call(&h.w, "POST", API "signin/invitation", "", body)),
                 201);
    CHECK_EQ_INT(world_call(&h.w, "POST", API "signin/invitation", "", body), 401);
    CHECK_EQ_INT(set_password(&h), 204);
    CHECK_EQ_INT(by_password(&h, "Ana@Example.org", PASSWORD, ""), 201);
    CHECK_EQ_INT(by_password(&h, "ana@example.org", PASSWORD " ", ""), 401);
    CHECK_EQ_INT(call(&h, "GET", API "me", ""), 200);
    CHECK(strcmp(world_text(&h.w, "email"), "ana@example.org") == 0);
    CHECK_EQ_INT(call(&h, "POST", API "signout", ""), 204);
    CHECK_EQ_INT(call(&h, "GET", API "me", ""), 401);
    world_close(&h.w);
}

TEST(signin_by_password_only_where_the_organisation_allows_it)
{
    struct house h;
    struct icd_policy p;
    house_open(&h);
    CHECK_EQ_INT(invited_in(&h), 201);
    CHECK_EQ_INT(set_password(&h), 204);
    icd_policy_default(&p);
    CHECK_OK(icd_policy_set(h.w.id, h.org, &p));
    icd_identity_flush(h.w.id);
    CHECK_EQ_INT(by_password(&h, "ana@example.org", PASSWORD, ""), 401);
    CHECK_EQ_INT(set_password(&h), 403);
    world_close(&h.w);
}

TEST(signin_with_a_new_password_ends_other_sessions)
{
    struct house h;
    char other[ICD_BEARER_LEN + 1];
    house_open(&h);
    CHECK_EQ_INT(invited_in(&h), 201);
    copy(other, h.session);
    CHECK_EQ_INT(invited_in(&h), 201);
    CHECK_EQ_INT(world_call(&h.w, "GET", API "me", other, ""), 200);
    CHECK_EQ_INT(set_password(&h), 204);
    CHECK_EQ_INT(world_call(&h.w, "GET", API "me", other, ""), 401);
    CHECK_EQ_INT(call(&h, "GET", API "me", ""), 200);
    world_close(&h.w);
}

/* ---- whether somebody has an account ---- */

static void same_answer(struct house *h, int (*ask)(struct house *h, const char *email))
{
    char there[512], absent[512];
    int status = ask(h, "ana@example.org");
    struct ic_view b = ic_buf_view(&h->w.response.body);
    snprintf(there, sizeof there, "%d %.*s", status, (int)b.len, b.p);
    status = ask(h, "nobody@example.org");
    b = ic_buf_view(&h->w.response.body);
    snprintf(absent, sizeof absent, "%d %.*s", status, (int)b.len, b.p);
    CHECK(strcmp(there, absent) == 0);
}

static int ask_methods(struct house *h, const char *email)
{
    char path[128];
    snprintf(path, sizeof path, API "methods?email=%s", email);
    return world_call(&h->w, "GET", path, "", "");
}

static int ask_wrong_password(struct house *h, const char *email)
{
    return by_password(h, email, "wrong wrong wrong", "");
}

static int ask_until_slowed(struct house *h, const char *email)
{
    int status = 0;
    for (int i = 0; i < 6; i++)
        status = by_password(h, email, "wrong wrong wrong", "");
    return status;
}

TEST(signin_never_says_who_has_an_account)
{
    struct house h;
    house_open(&h);
    CHECK_EQ_INT(invited_in(&h), 201);
    CHECK_EQ_INT(set_password(&h), 204);
    same_answer(&h, ask_methods);
    same_answer(&h, ask_wrong_password);
    h.w.peer[15] = 9;
    same_answer(&h, ask_until_slowed);
    CHECK_EQ_INT(h.w.status, 429);
    CHECK(strcmp(world_header(&h.w, "retry-after:"), "60") == 0);
    world_close(&h.w);
}

TEST(signin_does_the_work_of_argon2_for_nobody_too)
{
    struct house h;
    house_open(&h);
    uint64_t began = uv_hrtime();
    h.w.id->config = &h.w.config;
    by_password(&h, "nobody@example.org", "wrong wrong wrong", "");
    uint64_t absent = uv_hrtime() - began;
    CHECK_EQ_INT(invited_in(&h), 201);
    CHECK_EQ_INT(set_password(&h), 204);
    began = uv_hrtime();
    by_password(&h, "ana@example.org", "wrong wrong wrong", "");
    uint64_t there = uv_hrtime() - began;
    CHECK(absent * 8 > there && there * 8 > absent);
    CHECK(absent > 300000); /* a MiB thrice: nothing that skips it is as slow */
    world_close(&h.w);
}

/* ---- lock-out ---- */

TEST(signin_is_slowed_for_who_guesses_and_not_for_the_owner)
{
    struct house h;
    char known[ICD_BEARER_LEN + 1];
    house_open(&h);
    CHECK_EQ_INT(invited_in(&h), 201);
    CHECK_EQ_INT(set_password(&h), 204);
    copy(known, h.known);
    unsigned slowed = 0;
    for (uint32_t net = 1; net <= 200; net++) { /* many networks, one account */
        ic_store_u32(h.w.peer + 12, net);
        slowed += by_password(&h, "ana@example.org", "guess after guess", "") == 429;
    }
    CHECK_EQ_INT(slowed, 150);
    /* A stranger with the right password waits; her own browser does not, from the attacker's network even. */
    ic_store_u32(h.w.peer + 12, 5000);
    CHECK_EQ_INT(by_password(&h, "ana@example.org", PASSWORD, ""), 429);
    CHECK_EQ_INT(by_password(&h, "ana@example.org", PASSWORD, known), 201);
    ic_store_u32(h.w.peer + 12, 7);
    CHECK_EQ_INT(by_password(&h, "ana@example.org", PASSWORD, known), 201);
    /* A known client of somebody else's is a stranger here. */
    CHECK_EQ_INT(by_password(&h, "ana@example.org", PASSWORD,
                             "ick_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
                 429);
    world_close(&h.w);
}

/* ---- passkeys ---- */

static const char *challenge_of(const struct house *h)
{
    const json_t *o = json_object_get(h->w.answer, "publicKey");
    const char *text = json_string_value(json_object_get(o, "challenge"));
    return text ? text : "";
}

static int post_credential(struct house *h, const char *path, const char *token, char *credential)
{
    char *body = NULL;
    if (asprintf(&body, "{\"name\":\"Phone\",\"credential\":%s}", credential) < 0)
        return 0;
    int status = world_call(&h->w, "POST", path, token, body);
    free(credential);
    free(body);
    return status;
}

static int make_passkey(struct house *h, struct authenticator *a)
{
    IC_BUF_SCOPE(user, 16);
    int status = call(h, "POST", API "passkeys/begin", "{}");
    if (status != 200)
        return status;
    if (ic_base64_decode(IC_BASE64_URL, ic_view_cstr(h->ana.id), &user) == IC_OK)
        memcpy(a->user, user.p, 16);
    return post_credential(h, API "passkeys/finish", h->session,
                           authenticator_make(a, challenge_of(h)));
}

static char *assertion(struct house *h, struct authenticator *a)
{
    world_call(&h->w, "POST", API "signin/passkey/begin", "", "{}");
    return authenticator_login(a, challenge_of(h));
}

static int by_passkey(struct house *h, struct authenticator *a)
{
    return post_credential(h, API "signin/passkey/finish", "", assertion(h, a));
}

static void open_authenticator(struct authenticator *a)
{
    authenticator_open(a, AUTHENTICATOR_ES256, "id.example.org", "https://id.example.org");
}

TEST(passkey_is_made_used_named_and_removed)
{
    struct house h;
    struct authenticator a;
    char path[256], id[64];
    house_open(&h);
    open_authenticator(&a);
    CHECK_EQ_INT(invited_in(&h), 201);
    CHECK_EQ_INT(make_passkey(&h, &a), 201);
    snprintf(id, sizeof id, "%s", world_text(&h.w, "id"));
    CHECK_EQ_INT(keep_session(&h, by_passkey(&h, &a)), 201);
    CHECK_EQ_INT(call(&h, "GET", API "me", ""), 200);
    CHECK_EQ_INT(world_number(&h.w, "passkeys"), 1);
    snprintf(path, sizeof path, API "passkeys/%s", id);
    CHECK_EQ_INT(call(&h, "PATCH", path, "{\"name\":\"Key ring\"}"), 204);
    CHECK_EQ_INT(call(&h, "GET", API "passkeys", ""), 200);
    const json_t *first = json_array_get(json_object_get(h.w.answer, "passkeys"), 0);
    CHECK(strcmp(json_string_value(json_object_get(first, "name")), "Key ring") == 0);
    CHECK_EQ_INT(call(&h, "DELETE", path, ""), 204);
    CHECK_EQ_INT(call(&h, "DELETE", path, ""), 404);
    CHECK_EQ_INT(by_passkey(&h, &a), 401);
    authenticator_close(&a);
    world_close(&h.w);
}

TEST(passkey_answer_is_good_once)
{
    struct house h;
    struct authenticator a;
    house_open(&h);
    open_authenticator(&a);
    CHECK_EQ_INT(invited_in(&h), 201);
    CHECK_EQ_INT(make_passkey(&h, &a), 201);
    char *json = assertion(&h, &a), *again = strdup(json), *late;
    CHECK_EQ_INT(post_credential(&h, API "signin/passkey/finish", "", json), 201);
    CHECK_EQ_INT(post_credential(&h, API "signin/passkey/finish", "", again), 401);
    late = assertion(&h, &a);
    world_pass(&h.w, 300000);
    CHECK_EQ_INT(post_credential(&h, API "signin/passkey/finish", "", late), 401);
    /* One made for signing in makes no passkey, nor the other way round. */
    CHECK_EQ_INT(invited_in(&h), 201);
    world_call(&h.w, "POST", API "signin/passkey/begin", "", "{}");
    CHECK_EQ_INT(post_credential(&h, API "passkeys/finish", h.session,
                                 authenticator_make(&a, challenge_of(&h))),
                 400);
    CHECK_EQ_INT(call(&h, "POST", API "passkeys/begin", "{}"), 200);
    CHECK_EQ_INT(post_credential(&h, API "signin/passkey/finish", "",
                                 authenticator_login(&a, challenge_of(&h))),
                 401);
    authenticator_close(&a);
    world_close(&h.w);
}

TEST(passkey_wrong_in_any_way_answers_alike)
{
    struct house h;
    struct authenticator a, stranger;
    char wrong[512], text[512];
    house_open(&h);
    open_authenticator(&a);
    open_authenticator(&stranger);
    CHECK_EQ_INT(invited_in(&h), 201);
    CHECK_EQ_INT(make_passkey(&h, &a), 201);
    CHECK_EQ_INT(by_passkey(&h, &stranger), 401);
    struct ic_view b = ic_buf_view(&h.w.response.body);
    snprintf(wrong, sizeof wrong, "%.*s", (int)b.len, b.p);
    for (int i = 0; i < 4; i++) {
        struct authenticator bad = a;
        bad.spoil_signature = i == 0;
        bad.no_user = i == 1;
        bad.origin = i == 2 ? "https://evil.example" : a.origin;
        if (i == 3)
            bad.user[0] ^= 1;
        CHECK_EQ_INT(by_passkey(&h, &bad), 401);
        b = ic_buf_view(&h.w.response.body);
        snprintf(text, sizeof text, "%.*s", (int)b.len, b.p);
        CHECK(strcmp(text, wrong) == 0);
    }
    CHECK_EQ_INT(by_passkey(&h, &a), 201);
    CHECK_OK(icd_accounts_user_suspend(h.w.id, h.ana.id, true));
    CHECK_EQ_INT(by_passkey(&h, &a), 401);
    authenticator_close(&a);
    authenticator_close(&stranger);
    world_close(&h.w);
}

TEST(passkey_lets_its_owner_in_whatever_others_guess)
{
    struct house h;
    struct authenticator a;
    house_open(&h);
    open_authenticator(&a);
    CHECK_EQ_INT(invited_in(&h), 201);
    CHECK_EQ_INT(make_passkey(&h, &a), 201);
    for (int i = 0; i < 100; i++)
        by_password(&h, "ana@example.org", "guess after guess", "");
    CHECK_EQ_INT(h.w.status, 429);
    CHECK_EQ_INT(by_passkey(&h, &a), 201);
    authenticator_close(&a);
    world_close(&h.w);
}

TEST(passkey_copied_is_refused_and_stands_in_the_audit_log)
{
    struct house h;
    struct authenticator a;
    house_open(&h);
    open_authenticator(&a);
    a.counter = 5;
    CHECK_EQ_INT(invited_in(&h), 201);
    CHECK_EQ_INT(make_passkey(&h, &a), 201);
    CHECK_EQ_INT(by_passkey(&h, &a), 201);
    a.counter = 2;
    CHECK_EQ_INT(by_passkey(&h, &a), 401);
    CHECK_EQ_INT(call(&h, "GET", API "audit?limit=1", ""), 200);
    const json_t *e = json_array_get(json_object_get(h.w.answer, "events"), 0);
    CHECK(strcmp(json_string_value(json_object_get(e, "action")), "passkey.copied") == 0);
    authenticator_close(&a);
    world_close(&h.w);
}

/* ---- sessions, enrolment, audit ---- */

TEST(session_that_is_stolen_and_old_cannot_enrol)
{
    struct house h;
    static const char *const ways[][2] = {
        {API "enrolments", "{\"thumbprint\":\"" THUMB "\",\"device\":\"Laptop\"}"},
        {API "passkeys/begin", "{}"},
        {API "password", "{\"new\":\"" PASSWORD "\"}"}};
    house_open(&h);
    CHECK_EQ_INT(invited_in(&h), 201);
    CHECK_EQ_INT(call(&h, "POST", ways[0][0], ways[0][1]), 201);
    CHECK(strcmp(world_text(&h.w, "directory"), "https://id.example.org/acme/directory") == 0);
    world_pass(&h.w, 300000);
    for (size_t i = 0; i < 3; i++) {
        CHECK_EQ_INT(call(&h, "POST", ways[i][0], ways[i][1]), 403);
        CHECK(strcmp(world_text(&h.w, "error"), "reauthenticate") == 0);
    }
    CHECK_EQ_INT(call(&h, "GET", API "me", ""), 200);
    world_close(&h.w);
}

TEST(enrolment_token_of_the_api_is_redeemed_once)
{
    struct house h;
    char token[ICD_BEARER_LEN + 1];
    struct icd_enrolment e;
    const char *why;
    house_open(&h);
    CHECK_EQ_INT(invited_in(&h), 201);
    CHECK_EQ_INT(call(&h, "POST", API "enrolments", "{\"thumbprint\":\"" THUMB "A\"}"), 400);
    CHECK_EQ_INT(call(&h, "POST", API "enrolments", "{\"thumbprint\":7}"), 400);
    CHECK_EQ_INT(call(&h, "POST", API "enrolments", "{\"thumbprint\":\"" THUMB "\"}"), 201);
    copy(token, world_text(&h.w, "token"));
    CHECK_OK(icd_accounts_redeem(h.w.id, ic_view_cstr(token), IC_VIEW_STR(THUMB), &e, &why));
    CHECK_ERR(icd_accounts_redeem(h.w.id, ic_view_cstr(token), IC_VIEW_STR(THUMB), &e, &why),
              IC_ERR_REPLAY);
    icd_identity_flush(h.w.id);
    CHECK_EQ_INT(call(&h, "GET", API "devices", ""), 200);
    const json_t *d = json_array_get(json_object_get(h.w.answer, "devices"), 0);
    CHECK(strcmp(json_string_value(json_object_get(d, "id")), e.device) == 0);
    world_close(&h.w);
}

TEST(enrolments_that_wait_are_bounded)
{
    struct house h;
    int status = 0;
    house_open(&h);
    CHECK_EQ_INT(invited_in(&h), 201);
    for (int i = 0; i < 20; i++)
        CHECK_EQ_INT(call(&h, "POST", API "enrolments", "{\"thumbprint\":\"" THUMB "\"}"), 201);
    status = call(&h, "POST", API "enrolments", "{\"thumbprint\":\"" THUMB "\"}");
    CHECK_EQ_INT(status, 429);
    world_close(&h.w);
}

TEST(session_is_listed_and_ended_by_its_owner_alone)
{
    struct house h;
    struct icd_user ben;
    char first[ICD_BEARER_LEN + 1], path[128], id[ICD_ID_LEN + 1];
    house_open(&h);
    CHECK_EQ_INT(invited_in(&h), 201);
    copy(first, h.session);
    CHECK_EQ_INT(world_call(&h.w, "GET", API "me", first, ""), 200);
    snprintf(id, sizeof id, "%s",
             json_string_value(json_object_get(json_object_get(h.w.answer, "session"), "id")));
    snprintf(path, sizeof path, API "sessions/%s", id);
    struct icd_user ana = h.ana;
    CHECK_OK(icd_accounts_user_add(h.w.id, h.org, IC_VIEW_STR("ben@example.org"),
                                   IC_VIEW_STR("Ben"), &ben));
    h.ana = ben;
    CHECK_EQ_INT(invited_in(&h), 201);
    CHECK_EQ_INT(call(&h, "DELETE", path, ""), 404);
    h.ana = ana;
    CHECK_EQ_INT(invited_in(&h), 201);
    CHECK_EQ_INT(call(&h, "GET", API "sessions", ""), 200);
    CHECK_EQ_INT(json_array_size(json_object_get(h.w.answer, "sessions")), 2);
    CHECK_EQ_INT(call(&h, "DELETE", path, ""), 204);
    CHECK_EQ_INT(world_call(&h.w, "GET", API "me", first, ""), 401);
    world_close(&h.w);
}

TEST(every_way_in_needs_a_session_that_stands)
{
    static const char *const gets[] = {"me", "passkeys", "sessions", "devices", "audit"};
    static const char *const posts[] = {"signout", "passkeys/begin", "passkeys/finish", "password",
                                        "enrolments"};
    struct house h;
    char path[64];
    house_open(&h);
    for (size_t i = 0; i < 5; i++) {
        snprintf(path, sizeof path, API "%s", gets[i]);
        CHECK_EQ_INT(world_call(&h.w, "GET", path, "", ""), 401);
        CHECK_EQ_INT(
            world_call(&h.w, "GET", path, "ics_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ""),
            401);
        snprintf(path, sizeof path, API "%s", posts[i]);
        CHECK_EQ_INT(world_call(&h.w, "POST", path, "", "{}"), 401);
    }
    CHECK_EQ_INT(world_call(&h.w, "DELETE", API "devices/x", "", ""), 401);
    CHECK_EQ_INT(world_call(&h.w, "DELETE", API "sessions/x", "", ""), 401);
    world_close(&h.w);
}

static bool has_event(const struct house *h, const char *action)
{
    const json_t *e, *list = json_object_get(h->w.answer, "events");
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)list, i, e)
    {
        if (strcmp(json_string_value(json_object_get(e, "action")), action) == 0)
            return true;
    }
    return false;
}

TEST(audit_shows_a_person_what_a_takeover_would_do)
{
    struct house h;
    struct authenticator a;
    house_open(&h);
    open_authenticator(&a);
    CHECK_EQ_INT(invited_in(&h), 201);
    CHECK_EQ_INT(make_passkey(&h, &a), 201);
    CHECK_EQ_INT(set_password(&h), 204);
    CHECK_EQ_INT(by_password(&h, "ana@example.org", "guess after guess", ""), 401);
    CHECK_EQ_INT(by_password(&h, "ana@example.org", PASSWORD, ""), 201);
    CHECK_EQ_INT(call(&h, "POST", API "enrolments", "{\"thumbprint\":\"" THUMB "\"}"), 201);
    world_pass(&h.w, 1000);
    CHECK_EQ_INT(call(&h, "GET", API "audit", ""), 200);
    static const char *const seen[] = {"user.invited",     "signin.invitation", "passkey.added",
                                       "password.changed", "signin.failed",     "signin.password",
                                       "enrolment.begun"};
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        CHECK(has_event(&h, seen[i]));
    authenticator_close(&a);
    world_close(&h.w);
}
