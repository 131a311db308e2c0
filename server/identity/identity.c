#include "identity/identity.h"
#include "identity/schema.h"
#include "identity/turn.h"

#include <ic/base/mem.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TICK_MS = 1000 };

static bool begins(struct ic_view v, const char *with)
{
    size_t n = strlen(with);
    return v.len >= n && memcmp(v.p, with, n) == 0;
}

bool icd_identity_takes(struct ic_view path)
{
    static const char *const ours[] = {"/api/v1/identity/", "/api/v1/admin/", "/acme/", "/pki/"};
    for (size_t i = 0; i < IC_ARRAY_LEN(ours); i++)
        if (begins(path, ours[i]))
            return true;
    return false;
}

/* ---- routes ---- */

static bool fits(const struct icd_id_route *r, struct ic_view path, struct ic_view *rest)
{
    size_t n = strlen(r->path);
    if (r->path[n - 1] == '/' ? !begins(path, r->path)
                              : !ic_view_equal(path, ic_view_cstr(r->path)))
        return false;
    *rest = ic_view_sub(path, n, path.len - n);
    return true;
}

/* The longest path that fits, with that method; *known where some other method would do. */
static const struct icd_id_route *route_of(const struct icd_http_request *q, struct ic_view *rest,
                                           bool *known)
{
    const struct icd_id_route *best = NULL;
    struct ic_view after;
    for (size_t p = 0; p < ICD_IDENTITY_PARTS; p++) {
        for (size_t i = 0; i < icd_identity_parts[p]->route_count; i++) {
            const struct icd_id_route *r = &icd_identity_parts[p]->routes[i];
            if (!fits(r, q->path, &after))
                continue;
            *known = true;
            if (!ic_view_equal(q->method, ic_view_cstr(r->method)) ||
                (best && strlen(best->path) >= strlen(r->path)))
                continue;
            best = r;
            *rest = after;
        }
    }
    return best;
}

static void handle(struct icd_identity *id, struct icd_call *c)
{
    bool known = false;
    const struct icd_id_route *r = route_of(&c->request, &c->rest, &known);
    if (r) {
        r->fn(id, c);
        return;
    }
    if (known)
        icd_call_refuse(c, 405, "method", "this address takes another method");
    else
        icd_call_refuse(c, 404, "not-found", "there is nothing here");
}

void icd_identity_request(struct icd_identity *id, const struct icd_http_request *r,
                          uint64_t ticket, struct icd_http_response *out)
{
    struct icd_call *c = icd_call_new(id, r, ticket);
    if (!c) {
        out->status = 503;
        return;
    }
    out->later = true;
    icd_turn(id, c, handle);
}

/* ---- time ---- */

void icd_identity_tick(struct icd_identity *id)
{
    icd_turn_time(id);
    for (size_t i = 0; i < ICD_IDENTITY_PARTS; i++)
        if (icd_identity_parts[i]->tick)
            icd_identity_parts[i]->tick(id);
}

static void on_timer(uv_timer_t *t)
{
    icd_identity_tick(t->data);
    icd_identity_flush(t->data);
}

static void on_timer_closed(uv_handle_t *h)
{
    ic_free(h);
}

static ic_err start_timer(struct icd_identity *id)
{
    if (!id->seam.loop)
        return IC_OK;
    id->timer = ic_new(uv_timer_t);
    if (!id->timer)
        return IC_ERR_NOMEM;
    uv_timer_init(id->seam.loop, id->timer);
    id->timer->data = id;
    uv_timer_start(id->timer, on_timer, TICK_MS, TICK_MS);
    return IC_OK;
}

/* ---- beginning and end ---- */

static ic_err start(struct icd_identity *id, char *why)
{
    IC_TRY(icd_identity_store_open(id->seam.data_dir, why, &id->store));
    icd_turn_time(id);
    for (size_t i = 0; i < ICD_IDENTITY_PARTS; i++) {
        ic_err e = icd_identity_parts[i]->start ? icd_identity_parts[i]->start(id, why) : IC_OK;
        if (e != IC_OK && !why[0])
            snprintf(why, ICD_IDENTITY_WHY, "identity, %s: %s", icd_identity_parts[i]->name,
                     ic_err_text(e));
        IC_TRY(e);
    }
    icd_identity_flush(id);
    return start_timer(id);
}

ic_err icd_identity_new(const struct icd_identity_seam *seam, char *why, struct icd_identity **out)
{
    struct icd_identity *id = ic_new(struct icd_identity);
    why[0] = '\0';
    if (!id)
        return IC_ERR_NOMEM;
    id->seam = *seam;
    id->config = seam->config;
    id->rand = seam->rand;
    id->last = &id->done;
    ic_err e = start(id, why);
    if (e != IC_OK) {
        icd_identity_free(id);
        return e;
    }
    *out = id;
    return IC_OK;
}

void icd_identity_free(struct icd_identity *id)
{
    if (!id)
        return;
    id->ended = true;
    while (id->jobs && id->seam.loop && uv_run(id->seam.loop, UV_RUN_ONCE) >= 0)
        ; /* what they work on is ours until they come back */
    icd_identity_flush(id);
    for (size_t i = ICD_IDENTITY_PARTS; i-- > 0;)
        if (icd_identity_parts[i]->stop)
            icd_identity_parts[i]->stop(id);
    if (id->store)
        icd_identity_flush(id);
    if (id->timer)
        uv_close((uv_handle_t *)id->timer, on_timer_closed);
    icd_store_close(id->store);
    ic_free(id);
}

void icd_identity_log(struct icd_identity *id, int level, const char *event, const char *format,
                      ...)
{
    char fields[512];
    va_list args;
    if (!id->seam.log)
        return;
    va_start(args, format);
    vsnprintf(fields, sizeof fields, format, args);
    va_end(args);
    id->seam.log(id->seam.ctx, level, event, fields);
}
