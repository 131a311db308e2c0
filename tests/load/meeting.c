#include "meeting.h"
#include "http.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/os/os.h>
#include <stdio.h>
#include <string.h>

struct made {
    int status;
    char text[200];
};

static void on_made(void *ctx, const struct load_answer *a)
{
    struct made *m = ctx;
    m->status = a->status;
    snprintf(m->text, sizeof m->text, "%.*s", (int)a->body.len, (const char *)a->body.p);
}

static ic_err ask(const char *server, const char *token, const struct ic_meeting_made *plan,
                  struct made *out)
{
    static const char before[] = "{\"terms\":\"", after[] = "\",\"title\":\"Load\"}";
    size_t n = ic_base64_len(IC_BASE64_URL, plan->terms.len);
    struct load_http *h;
    char *body = ic_calloc(1, sizeof before + n + sizeof after);
    if (!body)
        return IC_ERR_NOMEM;
    strcpy(body, before);
    ic_base64_encode(IC_BASE64_URL, ic_buf_view(&plan->terms), body + strlen(body));
    strcat(body, after);
    ic_err e = load_http_new(server, NULL, &h);
    if (e == IC_OK) {
        struct load_ask a = {.method = "POST",
                             .url = "/api/v1/meetings",
                             .token = token,
                             .body = ic_view_cstr(body),
                             .done = on_made,
                             .ctx = out};
        e = load_http_ask(h, &a);
        load_http_run(h);
        load_http_free(h);
    }
    ic_free(body);
    return e;
}

ic_err load_meeting_make(const char *server, const char *token, const struct load_person *host,
                         uint16_t suite, struct ic_meeting_link *out, char *why)
{
    struct ic_view key = ic_sign_key_public(host->key);
    struct ic_meeting_plan plan = {.kind = IC_WIRE_INSTANT,
                                   .suite = suite,
                                   .sframe_suite = 4,
                                   .admission = IC_WIRE_HOST_ADMITS,
                                   .recording = true,
                                   .hosts = &key,
                                   .host_count = 1};
    struct ic_meeting_made made;
    struct made answer = {0};
    struct ic_rand rand = ic_os_rand();
    IC_TRY(ic_meeting_make(&plan, &rand, &made));
    ic_err e = ask(server, token, &made, &answer);
    if (e == IC_OK && answer.status != 201) {
        snprintf(why, 256, "no meeting: status %d, %s", answer.status, answer.text);
        e = IC_ERR_DENIED;
    }
    *out = made.link;
    ic_meeting_made_clear(&made);
    return e;
}
