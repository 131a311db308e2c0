/* Signing in by invitation and password: what people and attackers send. */
#include "identity/accounts/private.h"
#include "identity/accounts/test/house.h"
#include "identity/admin/policy.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TEST(signin_by_invitation_once_then_by_password)
{
    struct house h;
    char body[128], token[ICD_BEARER_LEN + 1];
    uint64_t end;
    house_open(&h);
    CHECK_OK(icd_accounts_invite(h.w.id, h.ana.id, "server", token, &end));
    icd_identity_flush(h.w.id);
    snprintf(body, sizeof body, "{\"token\":\"%s\"}", token);
    CHECK_EQ_INT(house_keep(&h, world_call(&h.w, "POST", API "signin/invitation", "", body)), 201);
    CHECK_EQ_INT(world_call(&h.w, "POST", API "signin/invitation", "", body), 401);
    CHECK_EQ_INT(house_set_password(&h), 204);
    CHECK_EQ_INT(house_by_password(&h, "Ana@Example.org", PASSWORD, ""), 201);
    CHECK_EQ_INT(house_by_password(&h, "ana@example.org", PASSWORD " ", ""), 401);
    CHECK_EQ_INT(house_call(&h, "GET", API "me", ""), 200);
    CHECK(strcmp(world_text(&h.w, "email"), "ana@example.org") == 0);
    CHECK_EQ_INT(house_call(&h, "POST", API "signout", ""), 204);
    CHECK_EQ_INT(house_call(&h, "GET", API "me", ""), 401);
    world_close(&h.w);
}

TEST(signin_by_password_only_where_the_organisation_allows_it)
{
    struct house h;
    struct icd_policy p;
    house_open(&h);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_set_password(&h), 204);
    icd_policy_default(&p);
    CHECK_OK(icd_policy_set(h.w.id, h.org, &p));
    icd_identity_flush(h.w.id);
    CHECK_EQ_INT(house_by_password(&h, "ana@example.org", PASSWORD, ""), 401);
    CHECK_EQ_INT(house_set_password(&h), 403);
    world_close(&h.w);
}

TEST(signin_with_a_new_password_ends_other_sessions)
{
    struct house h;
    char other[ICD_BEARER_LEN + 1];
    house_open(&h);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    house_copy(other, h.session);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(world_call(&h.w, "GET", API "me", other, ""), 200);
    CHECK_EQ_INT(house_set_password(&h), 204);
    CHECK_EQ_INT(world_call(&h.w, "GET", API "me", other, ""), 401);
    CHECK_EQ_INT(house_call(&h, "GET", API "me", ""), 200);
    world_close(&h.w);
}

TEST(signin_with_a_password_set_ends_the_invitation)
{
    struct house h;
    char token[ICD_BEARER_LEN + 1], body[128];
    uint64_t end;
    house_open(&h);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_OK(icd_accounts_invite(h.w.id, h.ana.id, "server", token, &end));
    icd_identity_flush(h.w.id);
    CHECK_EQ_INT(house_set_password(&h), 204);
    snprintf(body, sizeof body, "{\"token\":\"%s\"}", token);
    CHECK_EQ_INT(world_call(&h.w, "POST", API "signin/invitation", "", body), 401);
    world_close(&h.w);
}

/* A request whose answer is to come later, and comes unseen. */
static void ask_unseen(struct house *h, const char *path, const char *body)
{
    struct icd_http_request r = {.method = IC_VIEW_STR("POST"),
                                 .path = ic_view_cstr(path),
                                 .token = ic_view_cstr(h->session),
                                 .content_type = IC_VIEW_STR("application/json"),
                                 .host = IC_VIEW_STR("id.example.org"),
                                 .body = ic_view_cstr(body),
                                 .same_origin = true};
    struct icd_http_response out = {0};
    memcpy(r.peer, h->w.peer, 16);
    icd_identity_request(h->w.id, &r, UINT64_MAX, &out);
    CHECK(out.later);
}

TEST(signin_password_is_changed_once_at_a_time)
{
    struct house h;
    struct icd_queue *line;
    char known[ICD_BEARER_LEN + 1];
    house_open(&h);
    line = &h.w.id->accounts->known_passwords;
    CHECK_EQ_INT(house_invited_in(&h), 201);
    house_copy(known, h.known);
    CHECK_EQ_INT(house_set_password(&h), 204);
    line->most = 0; /* the pool is busy */
    ask_unseen(&h, API "password", "{\"new\":\"another horse battery\"}");
    CHECK_EQ_INT(line->waiting, 1);
    CHECK_EQ_INT(house_set_password(&h), 409);
    CHECK_EQ_INT(line->waiting, 1);
    line->most = 1; /* the next that ends takes the line along */
    CHECK_EQ_INT(house_by_password(&h, "ana@example.org", PASSWORD, known), 201);
    CHECK_EQ_INT(line->waiting, 0);
    CHECK_EQ_INT(house_by_password(&h, "ana@example.org", "another horse battery", known), 201);
    CHECK_EQ_INT(house_set_password(&h), 204);
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
    return house_by_password(h, email, "wrong wrong wrong", "");
}

static int ask_until_slowed(struct house *h, const char *email)
{
    int status = 0;
    for (int i = 0; i < 6; i++)
        status = house_by_password(h, email, "wrong wrong wrong", "");
    return status;
}

TEST(signin_never_says_who_has_an_account)
{
    struct house h;
    house_open(&h);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_set_password(&h), 204);
    same_answer(&h, ask_methods);
    same_answer(&h, ask_wrong_password);
    h.w.peer[15] = 9;
    same_answer(&h, ask_until_slowed);
    CHECK_EQ_INT(h.w.status, 429);
    CHECK(strcmp(world_header(&h.w, "retry-after:"), "60") == 0);
    world_close(&h.w);
}

/* The least of many: a busy machine only ever adds. */
static uint64_t least_time(struct house *h, const char *email)
{
    uint64_t least = UINT64_MAX;
    for (uint32_t net = 1; net <= 20; net++) {
        ic_store_u32(h->w.peer + 12, net);
        uint64_t began = uv_hrtime();
        house_by_password(h, email, "wrong wrong wrong", "");
        uint64_t took = uv_hrtime() - began;
        least = took < least ? took : least;
    }
    return least;
}

TEST(signin_does_the_work_of_argon2_for_nobody_too)
{
    struct house h;
    house_open(&h);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_set_password(&h), 204);
    uint64_t absent = least_time(&h, "nobody@example.org");
    uint64_t there = least_time(&h, "ana@example.org");
    CHECK(absent * 4 > there && there * 4 > absent);
    CHECK(absent > 300000); /* a MiB thrice: nothing that skips it is as slow */
    world_close(&h.w);
}

/* ---- lock-out ---- */

TEST(signin_that_finds_no_room_owes_nothing)
{
    struct house h;
    struct icd_queue *line;
    house_open(&h);
    line = &h.w.id->accounts->passwords;
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_set_password(&h), 204);
    line->waiting = ICD_QUEUE;
    for (int i = 0; i < 20; i++)
        CHECK_EQ_INT(house_by_password(&h, "ana@example.org", PASSWORD, ""), 503);
    line->waiting = 0;
    CHECK_EQ_INT(house_by_password(&h, "ana@example.org", PASSWORD, ""), 201);
    world_close(&h.w);
}

TEST(signin_is_slowed_for_who_guesses_and_not_for_the_owner)
{
    struct house h;
    char known[ICD_BEARER_LEN + 1];
    house_open(&h);
    CHECK_EQ_INT(house_invited_in(&h), 201);
    CHECK_EQ_INT(house_set_password(&h), 204);
    house_copy(known, h.known);
    unsigned slowed = 0;
    for (uint32_t net = 1; net <= 200; net++) { /* many networks, one account */
        ic_store_u32(h.w.peer + 12, net);
        slowed += house_by_password(&h, "ana@example.org", "guess after guess", "") == 429;
    }
    CHECK_EQ_INT(slowed, 150);
    /* A stranger with the right password waits; her own browser does not, from the attacker's network even. */
    ic_store_u32(h.w.peer + 12, 5000);
    CHECK_EQ_INT(house_by_password(&h, "ana@example.org", PASSWORD, ""), 429);
    CHECK_EQ_INT(house_by_password(&h, "ana@example.org", PASSWORD, known), 201);
    ic_store_u32(h.w.peer + 12, 7);
    CHECK_EQ_INT(house_by_password(&h, "ana@example.org", PASSWORD, known), 201);
    /* A known client of somebody else's is a stranger here. */
    CHECK_EQ_INT(house_by_password(&h, "ana@example.org", PASSWORD,
                                   "ick_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
                 429);
    world_close(&h.w);
}
