#include "identity/issue.h"

#include "base/clock.h"

#include <ic/acme/acme.h>
#include <ic/base/json.h>
#include <ic/base/mem.h>
#include <ic/pki/csr.h>
#include <stdio.h>
#include <string.h>

enum { TOKEN_MAX = 512, REASON_UNSPECIFIED = 0 };

struct icc_issue {
    struct icc_issue_config c;
    struct ic_acme *acme;
    uv_timer_t timer;
    struct icc_net_headers headers;
    bool over, freed;
};

static void step(struct icc_issue *i);

static void on_timer(uv_timer_t *t)
{
    step(t->data);
}

static void on_timer_closed(uv_handle_t *t)
{
    ic_free(t->data);
}

static void finish(struct icc_issue *i, struct ic_view pem, const char *why, const char *problem)
{
    if (i->over)
        return;
    i->over = true;
    i->c.done(i->c.ctx, pem, why, problem);
}

static const char *or_null(const char *text)
{
    return text[0] ? text : NULL;
}

static void on_answer(void *ctx, int status, struct ic_view body)
{
    struct icc_issue *i = ctx;
    const struct ic_acme_answer a = {status, or_null(i->headers.nonce),
                                     or_null(i->headers.location), or_null(i->headers.retry_after),
                                     body};
    ic_acme_answer(i->acme, &a, icc_now_ms());
    uv_timer_start(&i->timer, on_timer, 0, 0); /* not out of the connection's own call */
}

/* The path of a URL that lib/acme has checked. */
static const char *path_of(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;
    return path ? path : "/";
}

static void send_request(struct icc_issue *i, const struct ic_acme_request *r)
{
    const struct icc_net_call call = {.method = r->method,
                                      .path = path_of(r->url),
                                      .type = "application/jose+json",
                                      .body = r->body,
                                      .headers = &i->headers};
    ic_err e = icc_net_call(i->c.net, &call, on_answer, i);
    if (e != IC_OK)
        finish(i, (struct ic_view){0}, ic_err_text(e), "");
}

static void respond(struct icc_issue *i)
{
    IC_BUF_SCOPE(payload, TOKEN_MAX);
    struct ic_json j = ic_json(&payload);
    if (!i->c.token) {
        ic_acme_give_up(i->acme, "the server wants a new sign-in: `incamera identity enrol` again");
        return;
    }
    ic_json_object(&j, NULL);
    ic_json_cstr(&j, "token", i->c.token);
    ic_json_object_end(&j);
    ic_err e = ic_json_end(&j);
    if (e == IC_OK)
        e = ic_acme_respond(i->acme, ic_buf_view(&payload));
    if (e != IC_OK)
        ic_acme_give_up(i->acme, ic_err_text(e));
    ic_wipe(payload.p, payload.len);
}

static void step(struct icc_issue *i)
{
    struct ic_acme_request request;
    uint64_t wait_ms = 0;
    for (;;) {
        switch (ic_acme_next(i->acme, icc_now_ms(), &request, &wait_ms)) {
        case IC_ACME_SEND:
            send_request(i, &request);
            return;
        case IC_ACME_WAIT:
            uv_timer_start(&i->timer, on_timer, wait_ms, 0);
            return;
        case IC_ACME_CHALLENGE:
            respond(i);
            break;
        case IC_ACME_DONE:
            finish(i, ic_acme_chain(i->acme), "", "");
            return;
        case IC_ACME_FAILED:
            finish(i, (struct ic_view){0}, ic_acme_why(i->acme), ic_acme_problem(i->acme));
            return;
        }
    }
}

static ic_err make_csr(const struct icc_issue_config *c, struct ic_buf *out)
{
    char address[300];
    snprintf(address, sizeof address, "im:%s", c->enrolment->email);
    const struct ic_pki_name names[] = {{IC_PKI_NAME_EMAIL, ic_view_cstr(c->enrolment->email)},
                                        {IC_PKI_NAME_URI, ic_view_cstr(address)}};
    const struct ic_pki_csr_spec spec = {
        .subject = {.common_name = ic_view_cstr(c->enrolment->name)},
        .names = names,
        .name_count = 2};
    return ic_pki_csr_make(&spec, c->key, out);
}

static ic_err begin(struct icc_issue *i)
{
    IC_BUF_SCOPE(csr, IC_PKI_CSR_MAX);
    const struct ic_acme_config config = {.key = i->c.enrolment->account,
                                          .directory = i->c.enrolment->directory,
                                          .challenge = "incamera-token-01",
                                          .agree = true};
    const struct ic_acme_name name = {"email", i->c.enrolment->email};
    IC_TRY(ic_acme_new(&config, &i->acme));
    if (i->c.revoke.len)
        return ic_acme_revoke(i->acme, i->c.revoke, REASON_UNSPECIFIED);
    IC_TRY(make_csr(&i->c, &csr));
    return ic_acme_order(i->acme, &name, 1, ic_buf_view(&csr));
}

ic_err icc_issue_start(const struct icc_issue_config *c, struct icc_issue **out)
{
    struct icc_issue *i = ic_new(struct icc_issue);
    if (!i)
        return IC_ERR_NOMEM;
    i->c = *c;
    ic_err e = begin(i);
    if (e != IC_OK) {
        ic_acme_free(i->acme);
        ic_free(i);
        return e;
    }
    uv_timer_init(c->loop, &i->timer);
    i->timer.data = i;
    uv_timer_start(&i->timer, on_timer, 0, 0);
    *out = i;
    return IC_OK;
}

void icc_issue_free(struct icc_issue *i)
{
    if (!i || i->freed)
        return;
    i->freed = true;
    ic_acme_free(i->acme);
    uv_close((uv_handle_t *)&i->timer, on_timer_closed);
}
