#include "main/pages.h"

#include <ic/base/text.h>
#include <ic/crypto/hash.h>
#include <ic/page/page.h>
#include <stdio.h>
#include <string.h>

/* No green here: a page of the server vouches for nothing. */
static const char style[] =
    ":root{color-scheme:light dark;--ink:#1d2528;--soft:#5a676c;--ground:#fbfbf9;--line:#dcdfdb}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8ecea;--soft:#a3afab;--ground:#14191a;"
    "--line:#333c3d}}"
    "*{box-sizing:border-box}"
    "body{margin:0;min-height:100vh;display:grid;place-content:center;padding:32px 24px;"
    "background:var(--ground);color:var(--ink);font:17px/1.5 system-ui,sans-serif}"
    "main{max-width:34rem}"
    "h1{font-size:1.6rem;font-weight:600;margin:0 0 16px}"
    "p{margin:0 0 16px}.soft{color:var(--soft);font-size:.94rem}"
    "pre{margin:0 0 16px;padding:16px;border:1px solid var(--line);border-radius:8px;overflow-x:auto;"
    "font:15px/1.5 ui-monospace,monospace}"
    "b{font-weight:600}";

static const char head[] = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
                           "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                           "<title>In Camera</title><style>";

static const char meeting_body[] =
    "</style><main><h1>You are invited to a meeting</h1>"
    "<p><b>End-to-end encrypted.</b> Only the people in it can see, hear and read it; this server "
    "cannot.</p>"
    "<p>This server was built without the pages to join in a browser: join from a terminal. Copy the whole address from the address bar, with everything after "
    "the #, and put it between the quotes:</p>"
    "<pre>incamera join \"ADDRESS\" --name \"Your name\"</pre>"
    "<p>Then wait in the lobby until a host lets you in, and compare the security code with the "
    "others.</p>"
    "<p class=\"soft\">What stands after the # never reaches this server: it tells your device which "
    "meeting this is. Pass the address on only to people you want to meet.</p></main></html>";

static const char home_body[] =
    "</style><main><h1>In Camera</h1>"
    "<p>Meetings that their own server cannot see into.</p>"
    "<p>To join one, open the link that you were sent. To make one, ask whoever runs this server for "
    "your organisation's access token:</p>"
    "<pre>incamera meeting create --title \"Weekly\"</pre>"
    "<p class=\"soft\">This server was built without the pages to join in a browser.</p>"
    "</main></html>";

/* The style is allowed by its hash, and nothing else is: no script, no picture, no connection. */
static const char *csp(void)
{
    static char policy[256];
    if (!policy[0]) {
        uint8_t hash[IC_HASH_MAX];
        char text[64];
        ic_hash_once(IC_SHA256, ic_view_cstr(style), hash);
        ic_base64_encode(IC_BASE64_STD, ic_view(hash, 32), text);
        snprintf(
            policy, sizeof policy,
            "default-src 'none'; style-src 'sha256-%s'; frame-ancestors 'none'; base-uri 'none'; "
            "form-action 'none'",
            text);
    }
    return policy;
}

static ic_err page(const char *body, struct icd_http_response *out)
{
    out->status = 200;
    out->type = "text/html; charset=utf-8";
    out->csp = csp();
    IC_TRY(ic_buf_append(&out->body, ic_view_cstr(head)));
    IC_TRY(ic_buf_append(&out->body, ic_view_cstr(style)));
    return ic_buf_append(&out->body, ic_view_cstr(body));
}

ic_err icd_page_home(struct icd_http_response *out)
{
    return page(home_body, out);
}

ic_err icd_page_meeting(struct ic_view id, struct icd_http_response *out)
{
    return ic_page_is_meeting(id) ? page(meeting_body, out)
                                  : icd_page_text(out, 404, "not found\n");
}

bool icd_page_bundled(const struct icd_http_request *r, struct icd_http_response *out)
{
    struct ic_page_answer a;
    struct ic_page_request q = {
        .path = r->path, .accept_encoding = r->accept_encoding, .if_none_match = r->if_none_match};
    if (!ic_page_answer(&ic_page_own, &q, &a))
        return false;
    out->status = a.status;
    out->type = a.type;
    out->cache = a.cache;
    out->encoding = a.encoding;
    out->etag = a.etag;
    out->fixed = a.body;
    out->policies = ic_page_headers(&out->policy_count);
    return true;
}

ic_err icd_page_text(struct icd_http_response *out, int status, const char *text)
{
    out->status = status;
    out->type = "text/plain; charset=utf-8";
    return ic_buf_append(&out->body, ic_view_cstr(text));
}
