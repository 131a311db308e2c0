#include "identity/contacts.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <string.h>

#define KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct icc_contact contact(const char *name, uint8_t key)
{
    struct icc_contact c = {.how = ICC_CONTACT_IN_PERSON, .time_s = 1795430000};
    snprintf(c.name, sizeof c.name, "%s", name);
    memset(c.key_hash, key, sizeof c.key_hash);
    return c;
}

TEST(contacts_are_written_and_read_alike)
{
    struct icc_contacts c = {0}, again = {0};
    struct icc_contact ana = contact("Ana \"A\" Ring", 1), ben = contact("Ben", 2);
    strcpy(ana.address, "ana@ring.example");
    ben.how = ICC_CONTACT_CODE;
    CHECK_OK(icc_contacts_put(&c, &ana));
    CHECK_OK(icc_contacts_put(&c, &ben));
    IC_BUF_SCOPE(text, 4096);
    CHECK_OK(icc_contacts_write(&c, &text));
    CHECK_OK(icc_contacts_parse(ic_buf_view(&text), &again));
    CHECK_EQ_INT(again.count, 2);
    CHECK(memcmp(again.list, c.list, 2 * sizeof *c.list) == 0);
    icc_contacts_clear(&c);
    icc_contacts_clear(&again);
}

TEST(contacts_have_a_key_once_and_a_name_as_often_as_devices)
{
    struct icc_contacts c = {0};
    struct icc_contact phone = contact("Ana", 1), laptop = contact("Ana", 2),
                       other = contact("Ben", 1);
    CHECK_OK(icc_contacts_put(&c, &phone));
    CHECK_OK(icc_contacts_put(&c, &laptop));
    CHECK_EQ_INT(c.count, 2);
    CHECK_OK(icc_contacts_put(&c, &other)); /* that key's name is another now */
    CHECK_EQ_INT(c.count, 2);
    CHECK(strcmp(c.list[0].name, "Ben") == 0);
    CHECK_EQ_INT(icc_contacts_remove(&c, "Ana"), 1);
    CHECK_EQ_INT(icc_contacts_remove(&c, "Ana"), 0);
    char code[ICC_KEY_CODE];
    icc_key_code(c.list[0].key_hash, code);
    CHECK_EQ_INT(icc_contacts_remove(&c, code), 1);
    struct icc_contact nameless = contact("", 3), control = contact("a\nb", 3);
    CHECK_ERR(icc_contacts_put(&c, &nameless), IC_ERR_ARG);
    CHECK_ERR(icc_contacts_put(&c, &control), IC_ERR_ARG);
    icc_contacts_clear(&c);
}

TEST(contacts_that_are_damaged_are_refused_whole)
{
#define ONE(fields) "{\"version\":1,\"contacts\":[{" fields "}]}"
#define REST ",\"how\":\"code\",\"time\":1"
    static const char *const bad[] = {
        "",
        "[]",
        "{\"version\":2,\"contacts\":[]}",
        "{\"version\":1}",
        "{\"version\":1,\"contacts\":{}}",
        "{\"version\":1,\"contacts\":[1]}",
        ONE("\"name\":\"\",\"key\":\"" KEY "\"" REST),
        ONE("\"name\":\"A\\u0007\",\"key\":\"" KEY "\"" REST),
        ONE("\"name\":\"A\",\"key\":\"00\"" REST),
        ONE("\"name\":\"A\",\"key\":\"" KEY "00\"" REST),
        ONE("\"name\":\"A\",\"key\":\"" KEY "\",\"how\":\"hearsay\",\"time\":1"),
        ONE("\"name\":\"A\",\"key\":\"" KEY "\",\"how\":\"code\""),
        ONE("\"name\":\"A\",\"name\":\"B\",\"key\":\"" KEY "\"" REST),
        ONE("\"name\":\"A\",\"address\":7,\"key\":\"" KEY "\"" REST),
        (ONE("\"name\":\"0123456789012345678901234567890123456789012345678901234567890123x\","
             "\"key\":\"" KEY "\"" REST)),
    };
    struct icc_contacts c = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_ERR(icc_contacts_parse(ic_view_cstr(bad[i]), &c), IC_ERR_MALFORMED);
        CHECK(c.list == NULL && c.count == 0);
    }
    CHECK_OK(icc_contacts_parse(
        ic_view_cstr(ONE("\"name\":\"A\",\"new\":1,\"key\":\"" KEY "\"" REST)), &c));
    CHECK_EQ_INT(c.count, 1);
    icc_contacts_clear(&c);
}

TEST(key_codes_are_read_however_they_are_copied)
{
    uint8_t a[32], b[32];
    char code[ICC_KEY_CODE];
    CHECK(icc_key_code_parse(KEY, a));
    icc_key_code(a, code);
    CHECK(strncmp(code, "0011 2233 4455", 14) == 0 && strlen(code) == 79);
    CHECK(icc_key_code_parse(code, b) && memcmp(a, b, 32) == 0);
    CHECK(icc_key_code_parse(
        "0011-2233:4455 6677 8899AABBCCDDEEFF 00112233445566778899aabbccddeeff", b));
    CHECK(memcmp(a, b, 32) == 0);
    CHECK(!icc_key_code_parse("", b) && !icc_key_code_parse(KEY "0", b) &&
          !icc_key_code_parse("zz", b));
}
