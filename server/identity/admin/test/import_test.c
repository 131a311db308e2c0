#include "identity/admin/test/staff.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *row(const struct staff *s, size_t i)
{
    return json_array_get(json_object_get(s->w.answer, "rows"), i);
}

static bool is(const struct staff *s, size_t i, int line, const char *result, const char *field)
{
    json_t *r = row(s, i);
    const char *f = json_string_value(json_object_get(r, "field"));
    return json_integer_value(json_object_get(r, "line")) == line &&
           strcmp(json_string_value(json_object_get(r, "result")), result) == 0 &&
           strcmp(f ? f : "", field) == 0;
}

TEST(import_creates_and_invites)
{
    struct staff s;
    staff_open(&s);
    CHECK_EQ_INT(staff_csv(&s, "/users/import",
                           "email,name\r\nana@example.org,\"Weber, Ana\"\r\n"
                           "BEN@Example.ORG,Ben\r\n"),
                 200);
    CHECK_EQ_INT(world_number(&s.w, "created"), 2);
    CHECK(is(&s, 0, 2, "created", "") && is(&s, 1, 3, "created", ""));
    const char *url =
        json_string_value(json_object_get(json_object_get(row(&s, 0), "invitation"), "url"));
    CHECK(url && strstr(url, "/signin#invitation=ici_"));
    CHECK_EQ_INT(staff_call(&s, "GET", "/users/ana@example.org", ""), 200);
    CHECK(strcmp(world_text(&s.w, "name"), "Weber, Ana") == 0);
    CHECK(strcmp(world_text(&s.w, "state"), "invited") == 0);
    CHECK_EQ_INT(staff_call(&s, "GET", "/users/ben@example.org", ""), 200);
    /* Once more: nothing new; another name renames. */
    CHECK_EQ_INT(
        staff_csv(&s, "/users/import", "name,email\nAnna,ana@example.org\nBen,ben@example.org\n"),
        200);
    CHECK_EQ_INT(world_number(&s.w, "renamed"), 1);
    CHECK_EQ_INT(world_number(&s.w, "unchanged"), 1);
    CHECK_EQ_INT(staff_call(&s, "GET", "/users/ana@example.org", ""), 200);
    CHECK(strcmp(world_text(&s.w, "name"), "Anna") == 0);
    staff_close(&s);
}

TEST(import_dry_run_changes_nothing)
{
    struct staff s;
    staff_open(&s);
    CHECK_EQ_INT(staff_csv(&s, "/users/import?dry_run=true",
                           "email,name\nana@example.org,Ana\nana@example.org,Ana\nx,y\n"),
                 200);
    CHECK_EQ_INT(world_number(&s.w, "created"), 1);
    CHECK_EQ_INT(world_number(&s.w, "unchanged"), 1);
    CHECK_EQ_INT(world_number(&s.w, "failed"), 1);
    CHECK(!json_object_get(row(&s, 0), "invitation"));
    CHECK_EQ_INT(staff_call(&s, "GET", "/users", ""), 200);
    CHECK_EQ_INT(json_array_size(json_object_get(s.w.answer, "users")), 0);
    CHECK_EQ_INT(staff_call(&s, "GET", "/audit?action=user.", ""), 200);
    CHECK_EQ_INT(json_array_size(json_object_get(s.w.answer, "events")), 0);
    staff_close(&s);
}

TEST(import_tells_errors_row_by_row)
{
    struct staff s;
    staff_open(&s);
    CHECK_EQ_INT(staff_csv(&s, "/users/import?invite=false",
                           "email,name\n"
                           "ana@example.org,Ana\n"     /* 2 */
                           "no address,Nobody\n"       /* 3 */
                           "carl@other.example,Carl\n" /* 4: another organisation's */
                           "dora@example.org,\n"       /* 5: no name */
                           "\"open,quote\n"            /* 6 */
                           "emil@example.org\n"        /* 7: too few */
                           "f@example.org,Fay,more\n"  /* 8: too many */
                           ",Nobody\n"                 /* 9 */
                           "=cmd|x@example.org,=1+1\n" /* 10 */
                           "gus@example.org,Gus\n"),   /* 11 */
                 200);
    CHECK(is(&s, 0, 2, "created", "") && is(&s, 1, 3, "failed", "email"));
    CHECK(is(&s, 2, 4, "failed", "email") && is(&s, 3, 5, "failed", "name"));
    CHECK(is(&s, 4, 6, "failed", "") && is(&s, 5, 7, "failed", ""));
    CHECK(is(&s, 6, 8, "failed", "") && is(&s, 7, 9, "failed", "email"));
    CHECK(is(&s, 9, 11, "created", ""));
    CHECK(!json_object_get(row(&s, 0), "invitation"));
    CHECK_EQ_INT(staff_call(&s, "GET", "/users/gus@example.org", ""), 200);
    staff_close(&s);
}

TEST(import_wants_its_columns)
{
    static const char *const wrong[] = {"",
                                        "email\na@example.org\n",
                                        "name,email,role\n",
                                        "email,email\n",
                                        "a@example.org,Ana\n",
                                        "\"email,name\n",
                                        "Email,Name\n"};
    struct staff s;
    staff_open(&s);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_EQ_INT(staff_csv(&s, "/users/import", wrong[i]), 400);
        CHECK(staff_refused(&s, "invalid", "body"));
    }
    CHECK_EQ_INT(staff_call(&s, "POST", "/users/import", "email,name\n"), 415);
    CHECK_EQ_INT(staff_csv(&s, "/users/import?dry_run=yes", "email,name\n"), 400);
    CHECK(staff_refused(&s, "invalid", "dry_run"));
    staff_close(&s);
}

TEST(import_takes_ten_thousand_rows)
{
    enum { ROWS = 10001 };
    struct staff s;
    char *text = malloc(ROWS * 24 + 100), *at = text;
    CHECK(text != NULL);
    staff_open(&s);
    at += sprintf(at, "email,name\n");
    for (int i = 0; i < ROWS; i++)
        at += sprintf(at, "%d@example.org,N\n", i);
    CHECK((size_t)(at - text) < ICD_HTTP_BODY_MAX);
    CHECK_EQ_INT(staff_csv(&s, "/users/import?invite=false", text), 413);
    CHECK(staff_refused(&s, "too-long", "body"));
    CHECK_EQ_INT(staff_call(&s, "GET", "/users/0@example.org", ""), 404);
    *strrchr(text, '1') = '\0'; /* inside the last row */
    *strrchr(text, '\n') = '\0';
    CHECK_EQ_INT(staff_csv(&s, "/users/import?invite=false", text), 200);
    CHECK_EQ_INT(world_number(&s.w, "created"), ROWS - 1);
    free(text);
    staff_close(&s);
}

TEST(export_has_no_formula)
{
    struct staff s;
    staff_open(&s);
    CHECK_EQ_INT(
        staff_call(&s, "POST", "/users",
                   "{\"email\":\"eve@example.org\",\"name\":\"=HYPERLINK(\\\"http://x\\\",1)\"}"),
        201);
    CHECK_EQ_INT(staff_call(&s, "GET", "/users/export", ""), 200);
    static const char head[] = "email,name,state,created,signed_in\r\n"
                               "eve@example.org,\"'=HYPERLINK(\"\"http://x\"\",1)\",invited,";
    CHECK(memcmp(s.w.response.body.p, head, sizeof head - 1) == 0);
    staff_close(&s);
}
