#include "identity/accounts/password.h"
#include "identity/accounts/text.h"

#include <ic/base/test.h>
#include <string.h>

static const struct icd_password_cost cheap = {.mib = 1, .passes = 1};
static const uint8_t salt[ICD_PASSWORD_SALT] = {1, 2, 3};

TEST(password_hash_carries_its_parameters)
{
    char phc[ICD_PASSWORD_PHC];
    struct ic_view right = IC_VIEW_STR("correct horse battery");
    CHECK_OK(icd_password_hash(&cheap, salt, right, phc));
    CHECK(strncmp(phc, "$argon2id$v=19$m=1024,t=1,p=1$", 30) == 0);
    CHECK_OK(icd_password_check(phc, right));
    CHECK_ERR(icd_password_check(phc, IC_VIEW_STR("correct horse batterY")), IC_ERR_AUTH);
    CHECK_ERR(icd_password_check(phc, IC_VIEW_STR("")), IC_ERR_AUTH);
    CHECK_ERR(icd_password_check("", right), IC_ERR_AUTH);
    CHECK_ERR(icd_password_check("$argon2id$v=19$m=0,t=0,p=0$AA$AA", right), IC_ERR_AUTH);
    CHECK(!icd_password_is_old(&cheap, phc));
    CHECK(icd_password_is_old(&(struct icd_password_cost){.mib = 2, .passes = 1}, phc));
    CHECK(icd_password_is_old(&(struct icd_password_cost){.mib = 1, .passes = 2}, phc));
    CHECK_ERR(icd_password_dummy(&cheap, right), IC_ERR_AUTH);
}

TEST(password_of_the_largest_size_fits_its_room)
{
    char phc[ICD_PASSWORD_PHC];
    char longest[ICD_PASSWORD_MAX + 1];
    memset(longest, 'x', sizeof longest);
    CHECK_OK(icd_password_hash(&cheap, salt, ic_view(longest, ICD_PASSWORD_MAX), phc));
    CHECK(strlen(phc) + 8 < sizeof phc);
    CHECK_ERR(icd_password_hash(&cheap, salt, ic_view(longest, sizeof longest), phc), IC_ERR_RANGE);
}

TEST(password_rules_ask_for_length)
{
    const char *why;
    struct ic_view mail = IC_VIEW_STR("anna.maria@example.org");
    CHECK_OK(icd_password_judge(IC_VIEW_STR("correct horse battery"), mail, &why));
    CHECK_OK(icd_password_judge(IC_VIEW_STR("\xc3\xa4\xc3\xb6\xc3\xbc long enough"), mail, &why));
    CHECK_ERR(icd_password_judge(IC_VIEW_STR("elevenchars"), mail, &why), IC_ERR_RANGE);
    CHECK_ERR(icd_password_judge(IC_VIEW_STR("abababababababab"), mail, &why), IC_ERR_RULE);
    CHECK_ERR(icd_password_judge(IC_VIEW_STR("Anna.Maria@example.org"), mail, &why), IC_ERR_RULE);
    CHECK_ERR(icd_password_judge(IC_VIEW_STR("tab\tin a password"), mail, &why), IC_ERR_MALFORMED);
    CHECK_ERR(icd_password_judge(IC_VIEW_STR("\xff\xff\xff not utf-8 at all"), mail, &why),
              IC_ERR_MALFORMED);
}

TEST(email_has_one_form)
{
    char out[ICD_EMAIL_MAX + 1];
    CHECK_OK(icd_email_clean(IC_VIEW_STR("Ana.B+x@Example.ORG"), out));
    CHECK(strcmp(out, "ana.b+x@example.org") == 0);
    static const char *const bad[] = {"",
                                      "ana",
                                      "@example.org",
                                      "ana@",
                                      "ana@localhost",
                                      "a@b@example.org",
                                      "ana@example..org",
                                      "ana@-example.org",
                                      ".ana@example.org",
                                      "a..b@example.org",
                                      "ana @example.org",
                                      "ana@exam ple.org",
                                      "\"ana\"@example.org",
                                      "ana@example.org\n",
                                      "\xc3\xa4na@example.org"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_ERR(icd_email_clean(ic_view_cstr(bad[i]), out), IC_ERR_MALFORMED);
    CHECK_ERR(icd_email_clean(IC_VIEW_STR("ana@example.org\0x"), out), IC_ERR_MALFORMED);
}
