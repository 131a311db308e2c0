#include "files/files.h"
#include "identity/accounts/accounts.h"
#include "identity/admin/policy.h"
#include "main/pages.h"
#include "main/server.h"
#include "meetings/api.h"

#include <ic/wire/terms.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool begins(struct ic_view v, const char *with)
{
    size_t n = strlen(with);
    return v.len >= n && memcmp(v.p, with, n) == 0;
}

/* Where the identity service knows an organisation of that name, its policy says what meetings are made. */
static const char *judge(void *ctx, struct ic_view organisation, uint8_t admission)
{
    struct icd_server *s = ctx;
    struct icd_org org;
    struct icd_policy p;
    ic_err e = icd_accounts_org_by_name(s->identity, organisation, &org);
    if (e == IC_ERR_NOT_FOUND)
        return NULL;
    if (e != IC_OK || icd_policy_get(s->identity, org.id, &p) != IC_OK)
        return "the organisation's policy cannot be read";
    if (p.verified_members && admission != IC_WIRE_VERIFIED_ADMITTED)
        return "the organisation makes meetings for verified members only (--admission verified)";
    if (!p.guests && admission == IC_WIRE_LINK_ADMITS)
        return "the organisation lets no guests in by link alone (--admission host or verified)";
    return NULL;
}

static void api(struct icd_server *s, const struct icd_http_request *r,
                struct icd_http_response *out)
{
    struct icd_api_request q = {.method = r->method,
                                .path = r->path,
                                .query = r->query,
                                .token = r->token,
                                .body = r->body};
    char organisation[ICD_NAME_MAX + 1];
    if (s->identity) {
        q.judge = judge;
        q.judge_ctx = s;
    }
    if (s->identity && icd_accounts_organisation(s->identity, r->token, organisation) == IC_OK)
        q.organisation = ic_view_cstr(organisation);
    icd_api_call(s->core, &q, &out->status, &out->body);
    if (out->body.len)
        out->type = "application/json";
}

static ic_err metrics(struct icd_server *s, const struct icd_http_request *r,
                      struct icd_http_response *out)
{
    if (!r->local && !s->config.metrics_for_all)
        return icd_page_text(out, 403, "for this machine only\n");
    out->status = 200;
    out->type = "text/plain; version=0.0.4";
    return icd_server_metrics(s, &out->body);
}

static ic_err get(struct icd_server *s, const struct icd_http_request *r,
                  struct icd_http_response *out)
{
    if (icd_page_bundled(r, out))
        return IC_OK;
    if (ic_view_equal(r->path, IC_VIEW_STR("/")))
        return icd_page_home(out);
    if (begins(r->path, "/m/"))
        return icd_page_meeting(ic_view_sub(r->path, 3, r->path.len - 3), out);
    if (ic_view_equal(r->path, IC_VIEW_STR("/healthz")))
        return icd_page_text(out, 200, "ok\n");
    if (ic_view_equal(r->path, IC_VIEW_STR("/readyz")))
        return icd_page_text(out, s->draining ? 503 : 200, s->draining ? "draining\n" : "ready\n");
    if (ic_view_equal(r->path, IC_VIEW_STR("/metrics")))
        return metrics(s, r, out);
    return icd_page_text(out, 404, "not found\n");
}

/* On the plain listener of [acme] there is nothing but what the authority asks for. */
static ic_err challenge(struct icd_server *s, const struct icd_http_request *r,
                        struct icd_http_response *out)
{
    if (!icd_owncert_answer(s->owncert, r->path, &out->body))
        return icd_page_text(out, 404, "not found\n");
    out->status = 200;
    out->type = "application/octet-stream";
    return IC_OK;
}

void icd_server_request(void *ctx, const struct icd_http_request *r, uint64_t ticket,
                        struct icd_http_response *out)
{
    struct icd_server *s = ctx;
    ic_err e = IC_OK;
    if (r->challenges)
        e = challenge(s, r, out);
    else if (s->identity && icd_identity_takes(r->path))
        icd_identity_request(s->identity, r, ticket, out);
    else if (s->identity_only && !ic_view_equal(r->path, IC_VIEW_STR("/healthz")) &&
             !ic_view_equal(r->path, IC_VIEW_STR("/readyz")))
        e = icd_page_text(out, 404, "not found\n");
    else if (begins(r->path, ICD_FILES_PATH "/"))
        icd_server_files(s, r, ticket, out);
    else if (begins(r->path, "/api/"))
        api(s, r, out);
    else if (ic_view_equal(r->method, IC_VIEW_STR("GET")))
        e = get(s, r, out);
    else
        e = icd_page_text(out, 405, "only GET\n");
    if (e != IC_OK)
        out->status = 500;
}

/* ---- numbers for Prometheus ---- */

static ic_err line(struct ic_buf *out, const char *name, const char *type, uint64_t value)
{
    char text[200];
    snprintf(text, sizeof text, "# TYPE incamera_%s %s\nincamera_%s %llu\n", name, type, name,
             (unsigned long long)value);
    return ic_buf_append(out, ic_view_cstr(text));
}

ic_err icd_server_metrics(struct icd_server *s, struct ic_buf *out)
{
    struct icd_core_stats c;
    struct icd_http_stats h;
    icd_core_stats(s->core, &c);
    icd_http_stats(s->http, &h);
    const struct {
        const char *name, *type;
        uint64_t value;
    } rows[] = {
        {"connections", "gauge", c.connections},
        {"rooms", "gauge", c.rooms},
        {"members", "gauge", c.members},
        {"waiting", "gauge", c.waiting},
        {"send_queue_bytes", "gauge", h.queued},
        {"frames_in_total", "counter", c.frames_in},
        {"frames_out_total", "counter", c.frames_out},
        {"refused_total", "counter", c.refused},
        {"commits_total", "counter", c.commits},
        {"commits_stale_total", "counter", c.stale_commits},
        {"messages_total", "counter", c.messages},
        {"store_flushes_total", "counter", c.flushes},
        {"store_failures_total", "counter", c.failed_flushes},
        {"tcp_connections", "gauge", h.lines},
        {"websockets_opened_total", "counter", h.opened},
        {"websockets_refused_total", "counter", h.refused},
        {"websockets_too_slow_total", "counter", h.too_slow},
        {"http_requests_total", "counter", h.requests},
        {"websocket_bytes_out_total", "counter", h.bytes_out},
        {"draining", "gauge", s->draining},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        IC_TRY(line(out, rows[i].name, rows[i].type, rows[i].value));
    if (s->sfu && s->media.ops->metrics)
        IC_TRY(s->media.ops->metrics(s->media.self, out));
    return IC_OK;
}
