#include "identity/service.h"

#include "identity/issue.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/pki/cert.h>
#include <ic/pki/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 1 << 20, STAPLE_MAX = 65536, LIMIT_MS = 30000 };

struct waiting {
    struct icc_reply *r;
    bool done, late;
};

ic_err icc_service_open(const struct ic_meeting_url *server, struct icc_service **out)
{
    struct icc_service *s = ic_new(struct icc_service);
    if (!s)
        return IC_ERR_NOMEM;
    if (uv_loop_init(&s->loop) != 0) {
        ic_free(s);
        return IC_ERR_NOMEM;
    }
    s->limit_ms = LIMIT_MS;
    ic_err e = icc_net_new(&s->loop, server, &s->net);
    if (e == IC_OK) {
        uv_timer_init(&s->loop, &s->timer);
    } else {
        uv_loop_close(&s->loop);
        ic_free(s);
        return e;
    }
    *out = s;
    return IC_OK;
}

void icc_service_close(struct icc_service *s)
{
    if (!s)
        return;
    icc_net_free(s->net);
    uv_close((uv_handle_t *)&s->timer, NULL);
    uv_run(&s->loop, UV_RUN_NOWAIT);
    uv_loop_close(&s->loop);
    ic_free_secret(s, sizeof *s);
}

/* A server's text, cut, as it may stand on a terminal. */
static void copy_plain(const json_t *v, char *out, size_t len)
{
    snprintf(out, len, "%s", json_is_string(v) ? json_string_value(v) : "");
    for (char *p = out; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            *p = '?';
    if (!ic_view_is_text(ic_view_cstr(out)))
        snprintf(out, len, "(an unreadable text)");
}

static void on_answer(void *ctx, int status, struct ic_view body)
{
    struct waiting *w = ctx;
    struct icc_reply *r = w->r;
    w->done = true;
    r->status = status;
    IC_IGNORE(ic_buf_append(&r->body, body));
    if (status == 0) {
        snprintf(r->text, sizeof r->text, "%.*s", (int)(body.len & 0xff), (const char *)body.p);
        return;
    }
    r->json = json_loadb((const char *)body.p, body.len, JSON_REJECT_DUPLICATES, NULL);
    if (status / 100 == 2)
        return;
    copy_plain(json_object_get(r->json, "error"), r->error, sizeof r->error);
    copy_plain(json_object_get(r->json, "text"), r->text, sizeof r->text);
    if (!r->text[0] && status == 404)
        snprintf(r->text, sizeof r->text, "the server has no identity service, or not this of it");
    else if (!r->text[0])
        snprintf(r->text, sizeof r->text, "the server answered %d", status);
}

static void on_late(uv_timer_t *t)
{
    struct waiting *w = t->data;
    w->late = true;
}

/* Its answer, or the end of patience: then the connection goes, and with it what still might come. */
static void wait_for(struct icc_service *s, struct waiting *w)
{
    s->timer.data = w;
    uv_timer_start(&s->timer, on_late, s->limit_ms, 0);
    while (!w->done && !w->late && uv_run(&s->loop, UV_RUN_ONCE))
        ;
    uv_timer_stop(&s->timer);
    if (w->done)
        return;
    icc_net_free(s->net);
    s->net = NULL;
    snprintf(w->r->text, sizeof w->r->text, "the server does not answer in time");
}

ic_err icc_service_ask(struct icc_service *s, const char *method, const char *path, json_t *body,
                       struct icc_reply *out)
{
    char full[600];
    struct waiting w = {.r = out};
    *out = (struct icc_reply){.status = 0};
    ic_buf_init(&out->body, ANSWER_MAX);
    snprintf(full, sizeof full, "/api/v1/identity/%s", path);
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    if (!s->net) {
        free(text);
        return IC_ERR_CLOSED;
    }
    ic_err e = icc_net_request(s->net, method, full, s->session[0] ? s->session : NULL,
                               ic_view_cstr(text), on_answer, &w);
    if (text)
        ic_wipe(text, strlen(text));
    free(text);
    if (e == IC_OK)
        wait_for(s, &w);
    return e;
}

void icc_reply_clear(struct icc_reply *r)
{
    json_decref(r->json);
    ic_buf_clear_secret(&r->body);
    *r = (struct icc_reply){.status = 0};
}

struct issuing {
    struct ic_buf *pem;
    char *why;
    size_t why_len;
    bool done, failed;
};

static void on_issued(void *ctx, struct ic_view pem, const char *why, const char *problem)
{
    struct issuing *i = ctx;
    (void)problem;
    i->done = true;
    i->failed = why[0] != 0 || ic_buf_append(i->pem, pem) != IC_OK;
    snprintf(i->why, i->why_len, "%s", why);
}

ic_err icc_service_issue(struct icc_service *s, const struct icc_enrolment *e,
                         const struct ic_sign_key *key, const char *token, struct ic_view revoke,
                         struct ic_buf *pem, char *why, size_t why_len)
{
    struct issuing i = {pem, why, why_len, false, false};
    const struct icc_issue_config c = {.loop = &s->loop,
                                       .net = s->net,
                                       .enrolment = e,
                                       .key = key,
                                       .token = token,
                                       .revoke = revoke,
                                       .done = on_issued,
                                       .ctx = &i};
    struct icc_issue *issue;
    why[0] = 0;
    if (!s->net)
        return IC_ERR_CLOSED;
    IC_TRY(icc_issue_start(&c, &issue));
    while (!i.done && uv_run(&s->loop, UV_RUN_ONCE))
        ;
    icc_issue_free(issue);
    uv_run(&s->loop, UV_RUN_NOWAIT);
    return i.done && !i.failed ? IC_OK : IC_ERR_DENIED;
}

ic_err icc_service_staple(struct icc_service *s, struct ic_view pem, struct ic_buf *out)
{
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    struct ic_pki_cert cert;
    struct icc_reply r;
    char hex[2 * IC_PKI_FINGERPRINT_LEN + 1], path[120];
    IC_TRY(ic_pki_pem_next(&pem, "CERTIFICATE", &der));
    IC_TRY(ic_pki_cert_decode(ic_buf_view(&der), &cert, NULL));
    ic_hex_encode(IC_VIEW_ARRAY(cert.fingerprint), hex);
    snprintf(path, sizeof path, "log/staple?certificate=%s", hex);
    IC_TRY(icc_service_ask(s, "GET", path, NULL, &r));
    const json_t *v = json_object_get(r.json, "staple");
    ic_err e = IC_ERR_NOT_FOUND;
    if (r.status == 200 && json_is_string(v) && json_string_length(v) < STAPLE_MAX)
        e = ic_base64_decode(IC_BASE64_URL, ic_view(json_string_value(v), json_string_length(v)),
                             out);
    icc_reply_clear(&r);
    return e;
}
