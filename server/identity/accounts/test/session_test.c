/* Sessions, enrolment and the audit log over the API. */
#include "identity/accounts/test/house.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TEST(session_that_is_stolen_and_old_cannot_enrol)
{
    struct house h;
    static const char *const ways[][2] = {
        {API "enrolments", "{\"thumbprint\":\"" THUMB "\",\"device\":\"Laptop\"}"},
        {API "passkeys/begin", "{}"},
        {API "password", "{\"new\":\"" PASSWORD "\"}"}};
    house_open(&h);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_call(&h, "POST", ways[0][0], ways[0][1]), 201);
    CHECK(strcmp(world_text(&h.w, "directory"), "https://id.example.org/acme/directory") == 0);
    world_pass(&h.w, 300000);
    for (size_t i = 0; i < 3; i++) {
        CHECK_EQ_INT(house_call(&h, "POST", ways[i][0], ways[i][1]), 403);
        CHECK(strcmp(world_text(&h.w, "error"), "reauthenticate") == 0);
    }
    CHECK_EQ_INT(house_call(&h, "GET", API "me", ""), 200);
    world_close(&h.w);
}

TEST(enrolment_token_of_the_api_is_redeemed_once)
{
    struct house h;
    char token[ICD_BEARER_LEN + 1];
    struct icd_enrolment e;
    const char *why;
    house_open(&h);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_call(&h, "POST", API "enrolments", "{\"thumbprint\":\"" THUMB "A\"}"), 400);
    CHECK_EQ_INT(house_call(&h, "POST", API "enrolments", "{\"thumbprint\":7}"), 400);
    CHECK_EQ_INT(house_call(&h, "POST", API "enrolments", "{\"thumbprint\":\"" THUMB "\"}"), 201);
    house_copy(token, world_text(&h.w, "token"));
    CHECK_OK(icd_accounts_redeem(h.w.id, ic_view_cstr(token), IC_VIEW_STR(THUMB), &e, &why));
    CHECK_ERR(icd_accounts_redeem(h.w.id, ic_view_cstr(token), IC_VIEW_STR(THUMB), &e, &why),
              IC_ERR_REPLAY);
    icd_identity_flush(h.w.id);
    CHECK_EQ_INT(house_call(&h, "GET", API "devices", ""), 200);
    const json_t *d = json_array_get(json_object_get(h.w.answer, "devices"), 0);
    CHECK(strcmp(json_string_value(json_object_get(d, "id")), e.device) == 0);
    world_close(&h.w);
}

TEST(enrolment_token_ends_with_the_sessions)
{
    static const char *const ends[][3] = {{"DELETE", API "sessions", ""},
                                          {"POST", API "password", "{\"new\":\"" PASSWORD "\"}"}};
    struct house h;
    char token[ICD_BEARER_LEN + 1], used[ICD_BEARER_LEN + 1];
    struct icd_enrolment e;
    const char *why;
    house_open(&h);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    for (size_t i = 0; i < 2; i++) {
        CHECK_EQ_INT(house_call(&h, "POST", API "enrolments", "{\"thumbprint\":\"" THUMB "\"}"),
                     201);
        house_copy(used, world_text(&h.w, "token"));
        CHECK_OK(icd_accounts_redeem(h.w.id, ic_view_cstr(used), IC_VIEW_STR(THUMB), &e, &why));
        CHECK_EQ_INT(house_call(&h, "POST", API "enrolments", "{\"thumbprint\":\"" THUMB "\"}"),
                     201);
        house_copy(token, world_text(&h.w, "token"));
        CHECK(house_call(&h, ends[i][0], ends[i][1], ends[i][2]) / 100 == 2);
        CHECK_ERR(icd_accounts_redeem(h.w.id, ic_view_cstr(token), IC_VIEW_STR(THUMB), &e, &why),
                  IC_ERR_DENIED);
        CHECK_ERR(icd_accounts_redeem(h.w.id, ic_view_cstr(used), IC_VIEW_STR(THUMB), &e, &why),
                  IC_ERR_REPLAY);
    }
    world_close(&h.w);
}

TEST(enrolments_that_wait_are_bounded)
{
    struct house h;
    int status = 0;
    house_open(&h);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    for (int i = 0; i < 20; i++)
        CHECK_EQ_INT(house_call(&h, "POST", API "enrolments", "{\"thumbprint\":\"" THUMB "\"}"),
                     201);
    status = house_call(&h, "POST", API "enrolments", "{\"thumbprint\":\"" THUMB "\"}");
    CHECK_EQ_INT(status, 429);
    world_close(&h.w);
}

TEST(session_is_listed_and_ended_by_its_owner_alone)
{
    struct house h;
    struct icd_user ben;
    char first[ICD_BEARER_LEN + 1], path[128], id[ICD_ID_LEN + 1];
    house_open(&h);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    house_copy(first, h.session);
    CHECK_EQ_INT(world_call(&h.w, "GET", API "me", first, ""), 200);
    snprintf(id, sizeof id, "%s",
             json_string_value(json_object_get(json_object_get(h.w.answer, "session"), "id")));
    snprintf(path, sizeof path, API "sessions/%s", id);
    struct icd_user ana = h.ana;
    CHECK_OK(icd_accounts_user_add(h.w.id, h.org, IC_VIEW_STR("ben@example.org"),
                                   IC_VIEW_STR("Ben"), &ben));
    h.ana = ben;
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_call(&h, "DELETE", path, ""), 404);
    h.ana = ana;
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_call(&h, "GET", API "sessions", ""), 200);
    CHECK_EQ_INT(json_array_size(json_object_get(h.w.answer, "sessions")), 2);
    CHECK_EQ_INT(house_call(&h, "DELETE", path, ""), 204);
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
    house_authenticator(&a);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_make_passkey(&h, &a), 201);
    CHECK_EQ_INT(house_set_password(&h), 204);
    CHECK_EQ_INT(house_by_password(&h, "ana@example.org", "guess after guess", ""), 401);
    CHECK_EQ_INT(house_by_password(&h, "ana@example.org", PASSWORD, ""), 201);
    CHECK_EQ_INT(house_call(&h, "POST", API "enrolments", "{\"thumbprint\":\"" THUMB "\"}"), 201);
    world_pass(&h.w, 1000);
    CHECK_EQ_INT(house_call(&h, "GET", API "audit", ""), 200);
    static const char *const seen[] = {"user.invited",     "signin.invitation", "passkey.added",
                                       "password.changed", "signin.failed",     "signin.password",
                                       "enrolment.begun"};
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        CHECK(has_event(&h, seen[i]));
    authenticator_close(&a);
    world_close(&h.w);
}
