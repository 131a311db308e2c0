/* Who may replace whom. */
#include <ic/pki/cert.h>

#include <ic/base/mem.h>

#include "maker.h"

struct row {
    const char *former, *former_names;
    const char *next, *next_names;
    bool same;
};

static const struct row rows[] = {
    /* The names decide, the subject does not. */
    {"CN=Ana", "URI:im:ana@x.example", "CN=Ana", "URI:im:ana@x.example", true},
    {"CN=Ana", "URI:im:ana@x.example", "CN=Ana B. Example", "URI:im:ana@x.example", true},
    {"CN=Ana", "URI:im:ana@x.example", "CN=Ana", "URI:im:ben@x.example", false},
    {"CN=Ana", "URI:im:ana@x.example", "CN=Ana", "URI:IM:ana@x.example", false},
    {"CN=Ana", "email:ana@x.example", "CN=Ana", "email:ana@X.example", true},
    {"CN=Ana", "email:ana@x.example", "CN=Ana", "email:Ana@x.example", false},
    {"CN=Ana", "DNS:a.example", "CN=Ana", "DNS:A.example", true},
    /* As a set: in any order, nothing lost, nothing won. */
    {"CN=Ana", "email:a@x.example,DNS:a.example", "CN=Ana", "DNS:a.example,email:a@x.example",
     true},
    {"CN=Ana", "email:a@x.example,DNS:a.example", "CN=Ana", "DNS:a.example", false},
    {"CN=Ana", "DNS:a.example", "CN=Ana", "DNS:a.example,DNS:b.example", false},
    {"CN=Ana", "DNS:a.example", "CN=Ana", "DNS:a.example,DNS:a.example", true},
    {"CN=Ana", "DNS:a.example", "CN=Ana", "URI:dns:a.example", false},
    {"CN=Ana", "DNS:a.example", "CN=Ana", NULL, false},
    {"CN=Ana", NULL, "CN=Ana", "DNS:a.example", false},
    /* Addresses are no identity. */
    {"CN=Ana", "DNS:a.example,IP:0a000001", "CN=Ana", "DNS:a.example,IP:0a000002", true},
    /* Without names the subject decides. */
    {"CN=Ana", NULL, "CN=!ANA", NULL, true},
    {"CN=Ana", NULL, "CN=Ben", NULL, false},
    {"CN=Ana,O=Ring", NULL, "CN=Ana,O=Other", NULL, false},
    {"CN=Ana", "IP:0a000001", "CN=Ana", "IP:0a000001", true},
    {"", "IP:0a000001", "", "IP:0a000001", false},
};

TEST(successors_name_the_same)
{
    MAKER_SCOPE(m, 1);
    struct maker_spec s = {.issuer = "CN=Ring", .key = maker_key(&m, IC_ED25519)};
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        struct ic_pki_cert former, next;
        s.subject = rows[i].former;
        s.names = rows[i].former_names;
        CHECK_OK(ic_pki_cert_decode(maker_cert(&m, &s), &former, NULL));
        s.subject = rows[i].next;
        s.names = rows[i].next_names;
        CHECK_OK(ic_pki_cert_decode(maker_cert(&m, &s), &next, NULL));
        if (ic_pki_same_identity(&former, &next) != rows[i].same)
            ic_test_fail(__FILE__, __LINE__, "row %zu", i);
    }
}
