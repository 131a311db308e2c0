#include <ic/base/test.h>
#include <ic/page/page.h>
#include <string.h>

static const struct ic_page_file files[] = {
    {.path = "/", .type = "text/html", .etag = "\"p\"", .bytes = IC_VIEW_INIT("page")},
    {.path = "/assets/a-1.js",
     .type = "text/javascript",
     .etag = "\"a1\"",
     .bytes = IC_VIEW_INIT("script"),
     .gzip = IC_VIEW_INIT("zip"),
     .named_by_content = true},
    {.path = "/icon.svg", .type = "image/svg+xml", .etag = "\"i\"", .bytes = IC_VIEW_INIT("icon")},
};
static const struct ic_page_bundle bundle = {.files = files, .count = 3, .hash = "00"};

static struct ic_page_answer ask(const char *path, const char *encodings, const char *etags)
{
    struct ic_page_answer a = {0};
    struct ic_page_request q = {.path = ic_view_cstr(path),
                                .accept_encoding = ic_view_cstr(encodings),
                                .if_none_match = ic_view_cstr(etags)};
    if (!ic_page_answer(&bundle, &q, &a))
        a.status = 404;
    return a;
}

TEST(page_is_at_the_root_and_at_every_meeting)
{
    CHECK_BYTES(ask("/", "", "").body, IC_VIEW_STR("page"));
    CHECK_BYTES(ask("/m/AAAAAAAAAAAAAAAAAAAAAA", "", "").body, IC_VIEW_STR("page"));
    CHECK_BYTES(ask("/m/4711081542", "", "").body, IC_VIEW_STR("page"));
    CHECK_BYTES(ask("/signin", "", "").body, IC_VIEW_STR("page"));
    CHECK_BYTES(ask("/account", "", "").body, IC_VIEW_STR("page"));
    CHECK(strcmp(ask("/m/4711081542", "", "").cache, "no-store") == 0);
    static const char *const no[] = {
        "",           "/m",        "/m/",     "/m/short", "/m/471108154x",   "/index.html",
        "/signin/",   "/accounts", "/assets", "/assets/", "/assets/a-1.jsx", "//",
        "/bundle.bin"};
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        CHECK_EQ_INT(ask(no[i], "gzip", "").status, 404);
}

TEST(page_is_sent_compressed_to_who_wants_it)
{
    static const char *const yes[] = {"gzip", "deflate, gzip", "br,gzip;q=0.5", "  gzip"};
    static const char *const no[] = {"", "br", "gzip;q=0", "gzipped", "x-gzip"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        struct ic_page_answer a = ask("/assets/a-1.js", yes[i], "");
        CHECK(a.encoding && strcmp(a.encoding, "gzip") == 0);
        CHECK_BYTES(a.body, IC_VIEW_STR("zip"));
    }
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        CHECK(!ask("/assets/a-1.js", no[i], "").encoding);
        CHECK_BYTES(ask("/assets/a-1.js", no[i], "").body, IC_VIEW_STR("script"));
    }
    CHECK(!ask("/", "gzip", "").encoding); /* not shorter */
}

TEST(page_is_not_sent_twice)
{
    CHECK_EQ_INT(ask("/assets/a-1.js", "gzip", "\"x\", W/\"a1\"").status, 304);
    CHECK_EQ_INT(ask("/assets/a-1.js", "gzip", "\"x\", W/\"a1\"").body.len, 0);
    CHECK_EQ_INT(ask("/icon.svg", "", "\"i\"").status, 304);
    CHECK_EQ_INT(ask("/icon.svg", "", "\"a1\"").status, 200);
    CHECK_EQ_INT(ask("/", "", "\"p\"").status, 200);
    CHECK(strstr(ask("/assets/a-1.js", "", "").cache, "immutable"));
    CHECK(strcmp(ask("/icon.svg", "", "").cache, "no-cache") == 0);
}

TEST(page_is_confined)
{
    size_t n;
    const struct ic_page_header *h = ic_page_headers(&n);
    const char *policy = "";
    for (size_t i = 0; i < n; i++) {
        CHECK(h[i].name[strlen(h[i].name) - 1] == ':');
        if (strcmp(h[i].name, "content-security-policy:") == 0)
            policy = h[i].value;
    }
    CHECK(strncmp(policy, "default-src 'none';", 19) == 0);
    CHECK(strstr(policy, "require-trusted-types-for 'script'"));
    CHECK(!strstr(policy, "unsafe-inline") && !strstr(policy, "'unsafe-eval'"));
}

/* Whatever this program was built with holds together. */
TEST(page_of_this_build)
{
    CHECK_EQ_INT(strlen(ic_page_own.hash), ic_page_own.count ? 64 : 0);
    for (size_t i = 0; i < ic_page_own.count; i++) {
        struct ic_page_answer a;
        struct ic_page_request q = {.path = ic_view_cstr(ic_page_own.files[i].path)};
        CHECK(ic_page_answer(&ic_page_own, &q, &a));
        CHECK(a.status == 200 && a.body.len > 0 && a.type[0] && strlen(a.etag) == 34);
    }
}
