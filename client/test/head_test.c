#include "web/head.h"

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <string.h>

static struct icc_head parsed(const char *text)
{
    struct icc_head h = {0};
    if (icc_head_parse(ic_view_cstr(text), &h) != IC_OK)
        memset(&h, 0, sizeof h);
    return h;
}

#define LINE "GET /m/x?a=1 HTTP/1.1\r\n"

TEST(head_is_read)
{
    struct icc_head h =
        parsed(LINE "Host: localhost:8180\r\nORIGIN:http://localhost:8180 \r\n"
                    "Sec-Fetch-Site: same-origin\r\nUpgrade: WebSocket\r\n\r\nrest");
    CHECK_BYTES(h.method, IC_VIEW_STR("GET"));
    CHECK_BYTES(h.target, IC_VIEW_STR("/m/x?a=1"));
    CHECK_BYTES(h.path, IC_VIEW_STR("/m/x"));
    CHECK_BYTES(h.host, IC_VIEW_STR("localhost:8180"));
    CHECK_BYTES(h.origin, IC_VIEW_STR("http://localhost:8180"));
    CHECK(h.upgrade);
    CHECK(icc_head_is_ours(&h, 8180) && !icc_head_is_ours(&h, 8181));
}

TEST(head_that_is_none_is_refused)
{
    static const char *const bad[] = {
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET x HTTP/1.1\r\n\r\n",
        " / HTTP/1.1\r\n\r\n",
        "GET / x HTTP/1.1\r\n\r\n",
        LINE "no colon\r\n\r\n",
        LINE ": empty\r\n\r\n",
        LINE "Host : x\r\n\r\n",
        LINE "a: b\nc: d\r\n\r\n",
        LINE "a: \x01\r\n\r\n",
        LINE " folded: x\r\n\r\n",
    };
    struct icc_head h;
    for (size_t i = 0; i < IC_ARRAY_LEN(bad); i++)
        CHECK_ERR(icc_head_parse(ic_view_cstr(bad[i]), &h), IC_ERR_MALFORMED);
    CHECK_ERR(icc_head_parse(IC_VIEW_STR(LINE "Host: x\r\n"), &h), IC_ERR_TRUNCATED);
    CHECK_ERR(icc_head_parse(ic_view(NULL, 0), &h), IC_ERR_TRUNCATED);
    static char longer[ICC_HEAD_MAX + 1];
    memset(longer, 'a', sizeof longer);
    CHECK_ERR(icc_head_parse(ic_view(longer, sizeof longer), &h), IC_ERR_LIMIT);
}

TEST(head_of_another_site_is_not_ours)
{
    static const char *const other[] = {
        LINE "Host: evil.example:8180\r\n\r\n",
        LINE "\r\n",
        LINE "Host: localhost:8180\r\nOrigin: https://evil.example\r\n\r\n",
        LINE "Host: localhost:8180\r\nOrigin: http://localhost:8181\r\n\r\n",
        LINE "Host: localhost:8180\r\nOrigin: null\r\n\r\n",
        LINE "Host: localhost:8180\r\nSec-Fetch-Site: cross-site\r\n\r\n",
        LINE "Host: localhost:8180\r\nSec-Fetch-Site: same-site\r\n\r\n",
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(other); i++) {
        struct icc_head h = parsed(other[i]);
        CHECK(h.method.len > 0 && !icc_head_is_ours(&h, 8180));
    }
    struct icc_head bar = parsed(LINE "Host: 127.0.0.1:8180\r\nSec-Fetch-Site: none\r\n\r\n");
    CHECK(icc_head_is_ours(&bar, 8180));
}

TEST(head_goes_on_without_what_stays_here)
{
    IC_BUF_SCOPE(out, 4096);
    struct icc_head h = parsed("POST /api/v1/x HTTP/1.1\r\nHost: localhost:8180\r\nCookie: a=b\r\n"
                               "Origin: http://localhost:8180\r\nConnection: keep-alive\r\n"
                               "Authorization: Bearer t\r\nContent-Length: 3\r\n\r\nabc");
    CHECK_OK(icc_head_forward(&h, "meet:443", &out));
    CHECK_BYTES(ic_buf_view(&out),
                IC_VIEW_STR("POST /api/v1/x HTTP/1.1\r\nHost: meet:443\r\nConnection: close\r\n"
                            "Authorization: Bearer t\r\nContent-Length: 3\r\n\r\n"));
    ic_buf_reset(&out);
    h = parsed(
        "GET /ws HTTP/1.1\r\nHost: localhost:8180\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    CHECK_OK(icc_head_forward(&h, "meet:443", &out));
    CHECK_BYTES(ic_buf_view(&out),
                IC_VIEW_STR("GET /ws HTTP/1.1\r\nHost: meet:443\r\nConnection: Upgrade\r\n"
                            "Upgrade: websocket\r\n\r\n"));
}
