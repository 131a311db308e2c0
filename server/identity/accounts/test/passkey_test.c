/* Passkeys over the API. */
#include "identity/accounts/test/house.h"
#include "identity/accounts/ticket.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TEST(passkey_is_made_used_named_and_removed)
{
    struct house h;
    struct authenticator a;
    char path[256], id[64];
    house_open(&h);
    house_authenticator(&a);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_make_passkey(&h, &a), 201);
    snprintf(id, sizeof id, "%s", world_text(&h.w, "id"));
    CHECK_EQ_INT(house_keep(&h, house_by_passkey(&h, &a)), 201);
    CHECK_EQ_INT(house_call(&h, "GET", API "me", ""), 200);
    CHECK_EQ_INT(world_number(&h.w, "passkeys"), 1);
    snprintf(path, sizeof path, API "passkeys/%s", id);
    CHECK_EQ_INT(house_call(&h, "PATCH", path, "{\"name\":\"Key ring\"}"), 204);
    CHECK_EQ_INT(house_call(&h, "GET", API "passkeys", ""), 200);
    const json_t *first = json_array_get(json_object_get(h.w.answer, "passkeys"), 0);
    CHECK(strcmp(json_string_value(json_object_get(first, "name")), "Key ring") == 0);
    CHECK_EQ_INT(house_call(&h, "DELETE", path, ""), 204);
    CHECK_EQ_INT(house_call(&h, "DELETE", path, ""), 404);
    CHECK_EQ_INT(house_by_passkey(&h, &a), 401);
    authenticator_close(&a);
    world_close(&h.w);
}

TEST(passkey_that_is_refused_costs_its_beginning_nothing)
{
    struct house h;
    struct authenticator a, b;
    char challenge[ICD_TICKET_LEN + 1];
    house_open(&h);
    house_authenticator(&a);
    house_authenticator(&b);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_make_passkey(&h, &a), 201);
    CHECK_EQ_INT(house_call(&h, "POST", API "passkeys/begin", "{}"), 200);
    snprintf(challenge, sizeof challenge, "%s", house_challenge(&h));
    CHECK_EQ_INT(house_post_credential(&h, API "passkeys/finish", h.session,
                                       authenticator_make(&a, challenge)),
                 409);
    memcpy(b.user, a.user, sizeof b.user);
    CHECK_EQ_INT(house_post_credential(&h, API "passkeys/finish", h.session,
                                       authenticator_make(&b, challenge)),
                 201);
    CHECK_EQ_INT(house_post_credential(&h, API "passkeys/finish", h.session,
                                       authenticator_make(&b, challenge)),
                 400);
    authenticator_close(&a);
    authenticator_close(&b);
    world_close(&h.w);
}

TEST(passkey_answer_is_good_once)
{
    struct house h;
    struct authenticator a;
    house_open(&h);
    house_authenticator(&a);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_make_passkey(&h, &a), 201);
    char *json = house_assertion(&h, &a), *again = strdup(json), *late;
    CHECK_EQ_INT(house_post_credential(&h, API "signin/passkey/finish", "", json), 201);
    CHECK_EQ_INT(house_post_credential(&h, API "signin/passkey/finish", "", again), 401);
    late = house_assertion(&h, &a);
    world_pass(&h.w, 300000);
    CHECK_EQ_INT(house_post_credential(&h, API "signin/passkey/finish", "", late), 401);
    /* One made for signing in makes no passkey, nor the other way round. */
    CHECK_EQ_INT(house_invited_in(&h), 201);
    world_call(&h.w, "POST", API "signin/passkey/begin", "", "{}");
    CHECK_EQ_INT(house_post_credential(&h, API "passkeys/finish", h.session,
                                       authenticator_make(&a, house_challenge(&h))),
                 400);
    CHECK_EQ_INT(house_call(&h, "POST", API "passkeys/begin", "{}"), 200);
    CHECK_EQ_INT(house_post_credential(&h, API "signin/passkey/finish", "",
                                       authenticator_login(&a, house_challenge(&h))),
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
    house_authenticator(&a);
    house_authenticator(&stranger);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_make_passkey(&h, &a), 201);
    CHECK_EQ_INT(house_by_passkey(&h, &stranger), 401);
    struct ic_view b = ic_buf_view(&h.w.response.body);
    snprintf(wrong, sizeof wrong, "%.*s", (int)b.len, b.p);
    for (int i = 0; i < 4; i++) {
        struct authenticator bad = a;
        bad.spoil_signature = i == 0;
        bad.no_user = i == 1;
        bad.origin = i == 2 ? "https://evil.example" : a.origin;
        if (i == 3)
            bad.user[0] ^= 1;
        CHECK_EQ_INT(house_by_passkey(&h, &bad), 401);
        b = ic_buf_view(&h.w.response.body);
        snprintf(text, sizeof text, "%.*s", (int)b.len, b.p);
        CHECK(strcmp(text, wrong) == 0);
    }
    CHECK_EQ_INT(house_by_passkey(&h, &a), 201);
    CHECK_OK(icd_accounts_user_suspend(h.w.id, h.ana.id, true));
    CHECK_EQ_INT(house_by_passkey(&h, &a), 401);
    authenticator_close(&a);
    authenticator_close(&stranger);
    world_close(&h.w);
}

TEST(passkey_lets_its_owner_in_whatever_others_guess)
{
    struct house h;
    struct authenticator a;
    house_open(&h);
    house_authenticator(&a);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_make_passkey(&h, &a), 201);
    for (int i = 0; i < 100; i++)
        house_by_password(&h, "ana@example.org", "guess after guess", "");
    CHECK_EQ_INT(h.w.status, 429);
    CHECK_EQ_INT(house_by_passkey(&h, &a), 201);
    authenticator_close(&a);
    world_close(&h.w);
}

TEST(passkey_copied_is_refused_and_stands_in_the_audit_log)
{
    struct house h;
    struct authenticator a;
    house_open(&h);
    house_authenticator(&a);
    a.counter = 5;
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_make_passkey(&h, &a), 201);
    CHECK_EQ_INT(house_by_passkey(&h, &a), 201);
    a.counter = 2;
    CHECK_EQ_INT(house_by_passkey(&h, &a), 401);
    CHECK_EQ_INT(house_call(&h, "GET", API "audit?limit=1", ""), 200);
    const json_t *e = json_array_get(json_object_get(h.w.answer, "events"), 0);
    CHECK(strcmp(json_string_value(json_object_get(e, "action")), "passkey.copied") == 0);
    authenticator_close(&a);
    world_close(&h.w);
}
