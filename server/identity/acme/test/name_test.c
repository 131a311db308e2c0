#include "identity/acme/name.h"

#include <ic/base/test.h>
#include <stdlib.h>
#include <string.h>

static struct icd_acme_problem problem;

static ic_err read_one(const char *type, const char *value, struct icd_acme_name *out)
{
    icd_acme_problem_clear(&problem);
    return icd_acme_name_read(type, value, out, &problem);
}

static void taken(const char *type, const char *value, const char *as)
{
    struct icd_acme_name n;
    CHECK_OK(read_one(type, value, &n));
    CHECK(strcmp(n.text, as) == 0);
}

static void refused(const char *type, const char *value)
{
    struct icd_acme_name n = {.kind = (enum icd_acme_kind)9};
    if (read_one(type, value, &n) == IC_OK)
        ic_test_fail(__FILE__, __LINE__, "taken: %s", value);
    CHECK_EQ_INT(problem.error, ICD_ACME_E_REJECTED_IDENTIFIER);
    CHECK_EQ_INT(n.kind, 9);
}

TEST(acme_names_that_are_taken)
{
    taken("dns", "room4.example.org", "room4.example.org");
    taken("dns", "Room4.EXAMPLE.org", "room4.example.org");
    taken("dns", "a.b", "a.b");
    taken("dns", "4.example", "4.example");
    taken("dns", "xn--bcher-kva.example", "xn--bcher-kva.example");
    taken("email", "Ana.Li+x@Example.org", "ana.li+x@example.org");
    taken("email", "o'neil@example.org", "o'neil@example.org");
}

TEST(acme_host_names_that_are_refused)
{
    static const char *const names[] = {
        "",
        ".",
        "a",
        "a.",
        ".a",
        "a..b",
        "-a.b",
        "a-.b",
        "a_b.c",
        "a b.c",
        "*.example.org",
        "a.*.b",
        "*",
        "192.0.2.1",
        "::1",
        "a.b:80",
        "a.b/c",
        "http://a.b",
        ("b\xc3\xbc"
         "cher.example"),
        "xn--.example",
        "xn--a.example",
        "xn--bcher-kva-.example",
        "xn--abc-.example",
        "ab--c.example",
        "a.b\n",
        "a@b.c",
        "user.127",
    };
    char label[80], name[400] = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        refused("dns", names[i]);
    memset(label, 'a', 64);
    memcpy(label + 64, ".org", 5);
    refused("dns", label);
    while (strlen(name) < 248)
        strcat(name, "abc.");
    strcat(name, "organ"); /* 253 */
    taken("dns", name, name);
    strcat(name, "s");
    refused("dns", name);
    strcat(name, "bcdefghijklmnopqrstuvwxyz");
    refused("dns", name);
}

TEST(acme_addresses_that_are_refused)
{
    static const char *const names[] = {
        "",
        "ana",
        "@example.org",
        "ana@",
        "ana@example",
        "a b@example.org",
        ".ana@example.org",
        "ana.@example.org",
        "a..b@example.org",
        "\"ana\"@example.org",
        "ana@b@example.org",
        "ana@[192.0.2.1]",
        "ana@example.org?subject=x",
        "ana@example.org,b@example.org",
        "ana@*.example.org",
        "Ana <ana@example.org>",
        "ana@example.org\n",
        "an\xc3\xa4@example.org",
    };
    char local[100];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        refused("email", names[i]);
    memset(local, 'a', 65);
    memcpy(local + 65, "@example.org", 13);
    refused("email", local);
    taken("email", local + 1, local + 1);
}

static ic_err read_list(const char *text, struct icd_acme_names *out)
{
    json_t *a = json_loads(text, 0, NULL);
    icd_acme_problem_clear(&problem);
    ic_err e = icd_acme_names_read(a, out, &problem);
    json_decref(a);
    return e;
}

static void list_refused(const char *text, enum icd_acme_error error)
{
    struct icd_acme_names names = {.count = 99};
    CHECK_ERR(read_list(text, &names), IC_ERR_RULE);
    CHECK_EQ_INT(problem.error, error);
    CHECK_EQ_INT(names.count, 99);
}

TEST(acme_lists_of_identifiers)
{
    struct icd_acme_names names;
    CHECK_OK(read_list("[{\"type\":\"dns\",\"value\":\"a.example\"},"
                       "{\"type\":\"dns\",\"value\":\"b.example\",\"more\":1}]",
                       &names));
    CHECK_EQ_INT(names.count, 2);
    CHECK_EQ_INT(names.list[1].kind, ICD_ACME_DNS);
    CHECK_OK(read_list("[{\"type\":\"email\",\"value\":\"ana@example.org\"}]", &names));
    CHECK_EQ_INT(names.list[0].kind, ICD_ACME_EMAIL);
    list_refused("[]", ICD_ACME_E_MALFORMED);
    list_refused("{}", ICD_ACME_E_MALFORMED);
    list_refused("[7]", ICD_ACME_E_MALFORMED);
    list_refused("[{\"type\":\"dns\"}]", ICD_ACME_E_MALFORMED);
    list_refused(
        "[{\"type\":\"dns\",\"value\":\"a.example\"},{\"type\":\"dns\",\"value\":\"A.example\"}]",
        ICD_ACME_E_MALFORMED);
    list_refused("[{\"type\":\"ip\",\"value\":\"192.0.2.1\"}]", ICD_ACME_E_UNSUPPORTED_IDENTIFIER);
    list_refused("[{\"type\":\"email\",\"value\":\"ana@example.org\"},"
                 "{\"type\":\"dns\",\"value\":\"a.example\"}]",
                 ICD_ACME_E_REJECTED_IDENTIFIER);
    list_refused("[{\"type\":\"email\",\"value\":\"ana@example.org\"},"
                 "{\"type\":\"email\",\"value\":\"ben@example.org\"}]",
                 ICD_ACME_E_REJECTED_IDENTIFIER);
}

TEST(acme_list_that_is_too_long)
{
    struct icd_acme_names names;
    json_t *a = json_array();
    char name[32];
    for (int i = 0; i <= ICD_ACME_NAMES; i++) {
        snprintf(name, sizeof name, "n%d.example", i);
        json_array_append_new(a, json_pack("{s:s, s:s}", "type", "dns", "value", name));
        icd_acme_problem_clear(&problem);
        ic_err e = icd_acme_names_read(a, &names, &problem);
        CHECK_EQ_INT(e, i < ICD_ACME_NAMES ? IC_OK : IC_ERR_RULE);
    }
    json_decref(a);
}

/* RFC 8555 section 6.7.1: each that is refused is named. */
TEST(acme_several_faults_are_told_apart)
{
    struct icd_acme_names names;
    CHECK_ERR(
        read_list(
            "[{\"type\":\"dns\",\"value\":\"_a.example\"},{\"type\":\"dns\",\"value\":\"b.example\"},"
            "{\"type\":\"ip\",\"value\":\"192.0.2.1\"}]",
            &names),
        IC_ERR_RULE);
    json_t *o = icd_acme_problem_json(&problem), *sub = json_object_get(o, "subproblems");
    CHECK_EQ_INT(json_array_size(sub), 2);
    CHECK(strcmp(json_string_value(json_object_get(
                     json_object_get(json_array_get(sub, 0), "identifier"), "value")),
                 "_a.example") == 0);
    CHECK(strcmp(json_string_value(json_object_get(json_array_get(sub, 1), "type")),
                 "urn:ietf:params:acme:error:unsupportedIdentifier") == 0);
    json_decref(o);
    icd_acme_problem_clear(&problem);
}

static ic_err contacts(const char *text)
{
    json_t *a = json_loads(text, JSON_DECODE_ANY, NULL), *out = NULL;
    icd_acme_problem_clear(&problem);
    ic_err e = icd_acme_contacts_read(a, &out, &problem);
    json_decref(a);
    json_decref(out);
    return e;
}

TEST(acme_contacts)
{
    CHECK_OK(contacts("[]"));
    CHECK_OK(contacts("[\"mailto:Admin@example.org\"]"));
    static const char *const bad[] = {"[\"mailto:a@b.example?subject=x\"]",
                                      "[\"mailto:a@b.example,c@b.example\"]", "[\"mailto:\"]",
                                      "[\"mailto:a\"]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_ERR(contacts(bad[i]), IC_ERR_RULE);
        CHECK_EQ_INT(problem.error, ICD_ACME_E_INVALID_CONTACT);
    }
    CHECK_ERR(contacts("[\"tel:+123\"]"), IC_ERR_RULE);
    CHECK_EQ_INT(problem.error, ICD_ACME_E_UNSUPPORTED_CONTACT);
    CHECK_ERR(contacts("[7]"), IC_ERR_RULE);
    CHECK_ERR(contacts("\"mailto:a@b.example\""), IC_ERR_RULE);
    CHECK_EQ_INT(problem.error, ICD_ACME_E_MALFORMED);
    CHECK_ERR(contacts("[\"mailto:a@b.example\",\"mailto:a@b.example\",\"mailto:a@b.example\","
                       "\"mailto:a@b.example\",\"mailto:a@b.example\"]"),
              IC_ERR_RULE);
    CHECK_EQ_INT(problem.error, ICD_ACME_E_MALFORMED);
}

TEST(acme_problem_document)
{
    (void)icd_acme_refuse(&problem, ICD_ACME_E_RATE_LIMITED, "no \x1b[31m%s", "colour");
    json_t *o = icd_acme_problem_json(&problem);
    CHECK(strcmp(json_string_value(json_object_get(o, "type")),
                 "urn:ietf:params:acme:error:rateLimited") == 0);
    CHECK(strcmp(json_string_value(json_object_get(o, "detail")), "no ?[31mcolour") == 0);
    CHECK_EQ_INT(json_integer_value(json_object_get(o, "status")), 429);
    CHECK(!json_object_get(o, "algorithms"));
    json_decref(o);
}
