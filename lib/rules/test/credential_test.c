/* Who has a name that may stand in a roster, and who is refused for lack of one. */
#include "maker.h"
#include <ic/pki/chain.h>
#include <ic/rules/rules.h>
#include <string.h>

/* The name of the leaf with this certificate, which certifies its key unless `other` is set. */
static const char *name_of(struct maker *m, struct maker_spec s, bool other)
{
    static char name[IC_RULES_NAME_MAX + 1];
    struct maker_key *root = maker_key(m, IC_ED25519), *key = maker_key(m, IC_ED25519);
    struct maker_key *shown = other ? maker_key(m, IC_ED25519) : key;
    IC_BUF_SCOPE(chain, 1 << 16);
    s.issuer = "CN=Root";
    s.key = key;
    s.signer = root;
    struct ic_view der = maker_cert(m, &s);
    if (ic_pki_chain_encode(&der, 1, &chain) != IC_OK)
        return "?";
    struct ic_mlspub_leaf_node leaf = {.signature_key = maker_public(shown),
                                       .credential = {IC_MLS_X509, ic_buf_view(&chain)}};
    memset(name, 'x', sizeof name);
    if (!ic_rules_leaf_name(&leaf, name))
        return name[0] == 'x' ? NULL : "written on failure";
    return ic_rules_check_credential(NULL, &leaf, NULL) == IC_OK ? name : "two minds";
}

static bool is(const char *got, const char *want)
{
    return got && want ? strcmp(got, want) == 0 : got == want;
}

TEST(certified_leaves_are_named_by_common_name_or_address)
{
    MAKER_SCOPE(m, 1);
    CHECK(is(name_of(&m, (struct maker_spec){.subject = "CN=Ana Ring,O=Ring"}, false), "Ana Ring"));
    CHECK(is(name_of(&m,
                     (struct maker_spec){.subject = "O=Ring",
                                         .names = "IP:0a000001,email:ana@ring.example"},
                     false),
             "ana@ring.example"));
    CHECK(is(name_of(&m, (struct maker_spec){.subject = "O=Ring"}, false), NULL));
}

TEST(certified_leaves_with_the_wrong_key_or_an_authoritys_are_refused)
{
    MAKER_SCOPE(m, 2);
    CHECK(is(name_of(&m, (struct maker_spec){.subject = "CN=Ana"}, true), NULL));
    CHECK(is(name_of(&m, (struct maker_spec){.subject = "CN=Ana", .ca = true}, false), NULL));
}

TEST(certified_names_that_deceive_or_are_too_long_are_refused)
{
    MAKER_SCOPE(m, 3);
    static const char long_name[] =
        "CN=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; /* 65 */
    CHECK(strlen(long_name) == 3 + IC_RULES_NAME_MAX + 1);
    CHECK(is(name_of(&m, (struct maker_spec){.subject = long_name}, false), NULL));
    /* What turns the direction of writing does not get through. */
    const char *name = name_of(&m, (struct maker_spec){.subject = "CN=\xe2\x80\xaeynA"}, false);
    CHECK(name && !strstr(name, "\xe2\x80\xae"));
}

TEST(credentials_that_are_no_chain_are_refused)
{
    static const uint8_t no_chain[] = {3, 0x30, 0x01, 0x00};
    char name[IC_RULES_NAME_MAX + 1] = "as it was";
    struct ic_mlspub_leaf_node leaf = {.credential = {IC_MLS_X509, IC_VIEW_ARRAY(no_chain)}};
    CHECK(!ic_rules_leaf_name(&leaf, name));
    leaf.credential = (struct ic_mlspub_credential){IC_MLS_X509, ic_view(NULL, 0)};
    CHECK(!ic_rules_leaf_name(&leaf, name));
    leaf.credential = (struct ic_mlspub_credential){77, IC_VIEW_STR("Ana")};
    CHECK(!ic_rules_leaf_name(&leaf, name));
    CHECK(strcmp(name, "as it was") == 0);
    leaf.credential = (struct ic_mlspub_credential){IC_MLS_BASIC, IC_VIEW_STR("Ana")};
    CHECK(ic_rules_leaf_name(&leaf, name) && strcmp(name, "Ana") == 0);
}
