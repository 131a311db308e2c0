#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/crypto/info.h>
#include <ic/crypto/suite.h>
#include <stdio.h>
#include <string.h>

#include "../src/provider.h"

#if defined(IC_CRYPTO_AWSLC) && defined(__x86_64__)
enum { PROOFS_HOLD = 1 };
#else
enum { PROOFS_HOLD = 0 };
#endif

/* Cuts "| a | b | c |" into three; false where the line is no such row. */
static bool row_of(char *line, char *cells[3])
{
    if (strncmp(line, "| ", 2) != 0)
        return false;
    char *p = line + 2;
    for (int i = 0; i < 3; i++) {
        char *end = strstr(p, " |");
        if (!end)
            return false;
        *end = 0;
        cells[i] = p;
        p = end + (end[2] ? 3 : 2);
    }
    return true;
}

static bool own(const char *provider)
{
    return strcmp(provider, "In Camera") == 0;
}

static void check_row(char *cells[3], const struct ic_crypto_primitive *p)
{
    CHECK(p);
    CHECK_BYTES(ic_view_cstr(cells[0]), ic_view_cstr(p->primitive));
    bool alone = ic_prov_bulk() == &ic_prov_openssl && !own(cells[1]);
    CHECK_BYTES(ic_view_cstr(p->provider), ic_view_cstr(alone ? "OpenSSL" : cells[1]));
    CHECK_BYTES(ic_view_cstr(p->proved), ic_view_cstr(PROOFS_HOLD ? cells[2] : "nothing"));
    CHECK(p->version && strlen(p->version) >= 5);
}

TEST(info_is_what_the_page_says)
{
    FILE *f = fopen(IC_SOURCE_ROOT "/docs/crypto.md", "r");
    CHECK(f);
    char line[512], *cells[3];
    size_t rows = 0;
    while (fgets(line, sizeof line, f) && !ic_test_failed()) {
        if (row_of(line, cells) && strcmp(cells[0], "primitive") != 0)
            check_row(cells, ic_crypto_info(rows++));
    }
    fclose(f);
    CHECK(rows > 20);
    CHECK(!ic_crypto_info(rows));
}

TEST(info_never_claims_a_proof_of_openssl)
{
    const struct ic_crypto_primitive *p;
    for (size_t i = 0; (p = ic_crypto_info(i)); i++) {
        if (strcmp(p->provider, "AWS-LC") != 0)
            CHECK_BYTES(ic_view_cstr(p->proved), IC_VIEW_STR("nothing"));
    }
}

TEST(info_line_names_all_providers)
{
    const struct ic_prov *prov;
    for (size_t i = 0; (prov = ic_prov_at(i)); i++) {
        CHECK(strstr(ic_crypto_provider_line(), prov->name));
        CHECK(strstr(ic_crypto_provider_line(), prov->version()));
    }
}
