#include "world.h"

#include <ic/base/text.h>
#include <jansson.h>
#include <meetings/api.h>
#include <stdlib.h>
#include <string.h>

static char token[ICD_TOKEN_LEN + 1];

static int call(struct world *w, const char *method, const char *path, const char *body,
                json_t **out)
{
    int status = 0;
    IC_BUF_SCOPE(answer, 1 << 20);
    struct icd_api_request r = {.method = ic_view_cstr(method),
                                .path = ic_view_cstr(path),
                                .token = ic_view_cstr(token),
                                .body = ic_view_cstr(body)};
    icd_api_call(w->core, &r, &status, &answer);
    if (out)
        *out = json_loadb((const char *)answer.p, answer.len, 0, NULL);
    return status;
}

static void with_token(struct world *w)
{
    int64_t org;
    CHECK_OK(icd_orgs_create(w->core, IC_VIEW_STR("api"), token, &org));
    icd_core_flush(w->core);
}

static char *body_with(struct world *w, uint8_t kind, const char *more)
{
    IC_BUF_SCOPE(terms, 1 << 16);
    world_sign_terms(w, kind, &terms);
    char *text = malloc(ic_base64_len(IC_BASE64_URL, terms.len) + strlen(more) + 64);
    char *at = text + sprintf(text, "{\"terms\":\"");
    ic_base64_encode(IC_BASE64_URL, ic_buf_view(&terms), at);
    sprintf(at + strlen(at), "\"%s}", more);
    return text;
}

TEST(api_makes_shows_lists_and_deletes)
{
    WORLD(w);
    json_t *made, *all;
    char path[64];
    STEP(with_token(&w));
    char *body = body_with(&w, IC_WIRE_SCHEDULED,
                           ",\"title\":\"Tea\",\"start\":1790000000,\"end\":1790003600,"
                           "\"invited\":[\"ana@example.org\",\"ben\"]");
    CHECK_EQ_INT(call(&w, "POST", "/api/v1/meetings", body, &made), 201);
    CHECK(strcmp(json_string_value(json_object_get(made, "kind")), "scheduled") == 0);
    CHECK(strcmp(json_string_value(json_object_get(made, "title")), "Tea") == 0);
    CHECK_EQ_INT(json_array_size(json_object_get(made, "invited")), 2);
    CHECK_EQ_INT(strlen(json_string_value(json_object_get(made, "number"))), 10);
    sprintf(path, "/api/v1/meetings/%s", json_string_value(json_object_get(made, "id")));
    CHECK_EQ_INT(call(&w, "POST", "/api/v1/meetings", body, NULL), 409);
    CHECK_EQ_INT(call(&w, "GET", path, "", NULL), 200);
    CHECK_EQ_INT(call(&w, "GET", "/api/v1/meetings", "", &all), 200);
    CHECK_EQ_INT(json_array_size(json_object_get(all, "meetings")), 1);
    CHECK_EQ_INT(call(&w, "DELETE", path, "", NULL), 204);
    CHECK_EQ_INT(call(&w, "GET", path, "", NULL), 404);
    CHECK_EQ_INT(call(&w, "DELETE", path, "", NULL), 404);
    CHECK_EQ_INT(call(&w, "PUT", path, "", NULL), 405);
    CHECK_EQ_INT(call(&w, "GET", "/api/v2", "", NULL), 404);
    json_decref(made);
    json_decref(all);
    free(body);
}

TEST(api_needs_the_organisations_token)
{
    WORLD(w);
    STEP(with_token(&w));
    char *body = body_with(&w, IC_WIRE_INSTANT, "");
    json_t *made;
    CHECK_EQ_INT(call(&w, "POST", "/api/v1/meetings", body, &made), 201);
    char path[64], old[sizeof token];
    sprintf(path, "/api/v1/meetings/%s", json_string_value(json_object_get(made, "id")));
    json_decref(made);
    free(body);
    strcpy(old, token);
    token[10] ^= 1;
    CHECK_EQ_INT(call(&w, "GET", path, "", NULL), 401);
    /* Another organisation does not see it. */
    int64_t org;
    CHECK_OK(icd_orgs_create(w.core, IC_VIEW_STR("other"), token, &org));
    CHECK_EQ_INT(call(&w, "GET", path, "", NULL), 404);
    CHECK_EQ_INT(call(&w, "DELETE", path, "", NULL), 404);
    CHECK_OK(icd_orgs_renew(w.core, IC_VIEW_STR("api"), token));
    CHECK_EQ_INT(call(&w, "GET", path, "", NULL), 200);
    strcpy(token, old);
    CHECK_EQ_INT(call(&w, "GET", path, "", NULL), 401);
    CHECK_ERR(icd_orgs_create(w.core, IC_VIEW_STR("api"), token, &org), IC_ERR_EXISTS);
    CHECK_ERR(icd_orgs_renew(w.core, IC_VIEW_STR("nobody"), token), IC_ERR_NOT_FOUND);
}

TEST(api_keeps_no_token)
{
    WORLD(w);
    STEP(with_token(&w));
    int64_t n = 0;
    CHECK_ERR(icd_store_int(w.store, "SELECT 1 FROM orgs WHERE instr(token_hash, $1) > 0", &n,
                            ICD_PARAMS(ICD_BLOB(ic_view(token + 4, 16)))),
              IC_ERR_NOT_FOUND);
}

TEST(api_refuses_bad_bodies)
{
    static const char *const bodies[] = {"",
                                         "[]",
                                         "null",
                                         "{",
                                         "{}",
                                         "{\"terms\":5}",
                                         "{\"terms\":\"!!\"}",
                                         "{\"terms\":\"AAAA\"}",
                                         "{\"terms\":\"AAAA\",\"terms\":\"AAAA\"}",
                                         "{\"terms\":\"AAAA\",\"color\":1}",
                                         "{\"terms\":\"AAAA\",\"title\":7}",
                                         "{\"terms\":\"AAAA\",\"start\":-1}",
                                         "{\"terms\":\"AAAA\",\"start\":1.5}",
                                         "{\"terms\":\"AAAA\",\"invited\":\"a\"}",
                                         "{\"terms\":\"AAAA\",\"invited\":[1]}"};
    WORLD(w);
    STEP(with_token(&w));
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        CHECK_EQ_INT(call(&w, "POST", "/api/v1/meetings", bodies[i], NULL), 400);
}

TEST(scheduled_meetings_have_times_and_others_none)
{
    WORLD(w);
    const char *why = "";
    struct icd_meeting_new n = {.title = IC_VIEW_STR("x"), .start_s = 10, .end_s = 10};
    CHECK_ERR(world_try_meeting(&w, IC_WIRE_SCHEDULED, &n, &why), IC_ERR_RANGE);
    n.end_s = 20;
    CHECK_OK(world_try_meeting(&w, IC_WIRE_SCHEDULED, &n, &why));
    CHECK_ERR(world_try_meeting(&w, IC_WIRE_INSTANT, &n, &why), IC_ERR_RANGE);
    n = (struct icd_meeting_new){.title = IC_VIEW_STR("a\nb")};
    CHECK_ERR(world_try_meeting(&w, IC_WIRE_INSTANT, &n, &why), IC_ERR_RANGE);
}

TEST(terms_that_the_meeting_key_did_not_sign_are_refused)
{
    WORLD(w);
    const char *why = "";
    struct icd_meeting m;
    STEP(world_sign_terms(&w, IC_WIRE_INSTANT, &w.terms));
    w.terms.p[w.terms.len - 12] ^= 1;
    struct icd_meeting_new n = {.terms = ic_buf_view(&w.terms)};
    CHECK(icd_meetings_create(w.core, w.org, &n, &m, &why) != IC_OK);
    CHECK(why[0]);
}

TEST(an_organisation_has_only_so_many_meetings)
{
    WORLD(w);
    const char *why = "";
    w.config.limits.meetings_per_org = 2;
    STEP(world_restart(&w));
    CHECK_OK(world_try_meeting(&w, IC_WIRE_INSTANT, NULL, &why));
    CHECK_OK(world_try_meeting(&w, IC_WIRE_INSTANT, NULL, &why));
    CHECK_ERR(world_try_meeting(&w, IC_WIRE_INSTANT, NULL, &why), IC_ERR_LIMIT);
}

TEST(numbers_are_unique_and_not_in_order)
{
    WORLD(w);
    char first[21];
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    strcpy(first, w.number);
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    CHECK(strcmp(first, w.number) != 0);
    CHECK(llabs(atoll(first) - atoll(w.number)) > 1);
    CHECK(first[0] != '0');
}

TEST(an_ended_meeting_answers_over_for_a_while)
{
    WORLD(w);
    struct person *p = &w.people[0];
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(world_open_group(&w, p));
    struct ic_wire_frame f = {.type = IC_WIRE_END};
    STEP(person_send(p, &f));
    STEP(person_hangup(p));
    world_wait(&w, (uint64_t)w.config.limits.over_keep_s * 1000 / 2);
    STEP(person_enter(p));
    CHECK_EQ_INT(p->last->f.entered.state, IC_WIRE_OVER);
    STEP(person_hangup(p));
    world_wait(&w, (uint64_t)w.config.limits.over_keep_s * 1000);
    STEP(person_connect(p));
    STEP(person_ask_enter(p, IC_WIRE_REF_ID, w.meeting, true));
    EXPECT_ERROR(p, IC_WIRE_E_NOT_FOUND);
}

TEST(a_deleted_meeting_ends_for_those_in_it)
{
    WORLD(w);
    struct person *p = &w.people[0];
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(world_open_group(&w, p));
    CHECK_OK(icd_meetings_delete(w.core, w.org, ic_view_cstr(w.meeting)));
    icd_core_flush(w.core);
    EXPECT(p, IC_WIRE_ENDED);
    CHECK(p->closed);
    STEP(person_connect(p));
    STEP(person_ask_enter(p, IC_WIRE_REF_ID, w.meeting, true));
    EXPECT_ERROR(p, IC_WIRE_E_NOT_FOUND);
}
