#include "identity/test/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "the service's world: %s\n", what);
    abort();
}

static uint64_t now_ms(void *ctx)
{
    return ((struct world *)ctx)->now_ms;
}

static ic_err random_bytes(void *ctx, uint8_t *out, size_t n)
{
    struct world *w = ctx;
    for (size_t i = 0; i < n; i++) {
        w->random = w->random * 1664525 + 1013904223;
        out[i] = (uint8_t)(w->random >> 24);
    }
    return IC_OK;
}

static void forget(struct world *w)
{
    json_decref(w->answer);
    w->answer = NULL;
    ic_buf_clear(&w->response.body);
    w->response = (struct icd_http_response){0};
}

static void on_answer(void *ctx, uint64_t ticket, struct icd_http_response *out)
{
    struct world *w = ctx;
    if (ticket != w->ticket)
        return;
    forget(w);
    w->status = out->status;
    w->response = *out;
    *out = (struct icd_http_response){0};
    struct ic_view b = ic_buf_view(&w->response.body);
    w->answer = json_loadb((const char *)b.p, b.len, 0, NULL);
}

void world_open_with(struct world *w)
{
    char why[ICD_IDENTITY_WHY];
    w->now_ms = w->now_ms ? w->now_ms : 1795000000000;
    w->random = 1;
    memset(w->peer, 0, sizeof w->peer);
    w->peer[10] = w->peer[11] = 0xff;
    w->peer[12] = 192;
    struct icd_identity_seam seam = {.config = &w->config,
                                     .data_dir = ":memory:",
                                     .rand = {random_bytes, w},
                                     .now_ms = now_ms,
                                     .answer = on_answer,
                                     .ctx = w};
    must(icd_identity_new(&seam, why, &w->id) == IC_OK, why);
}

void world_open(struct world *w)
{
    *w = (struct world){0};
    icd_identity_config_default(&w->config);
    strcpy(w->config.base_url, "https://id.example.org");
    world_open_with(w);
}

void world_close(struct world *w)
{
    icd_identity_free(w->id);
    w->id = NULL;
    forget(w);
}

int world_call_bytes(struct world *w, const char *method, const char *path_and_query,
                     const char *token, const char *type, struct ic_view body)
{
    const char *q = strchr(path_and_query, '?');
    size_t n = q ? (size_t)(q - path_and_query) : strlen(path_and_query);
    struct icd_http_request r = {.method = ic_view_cstr(method),
                                 .path = ic_view(path_and_query, n),
                                 .query = ic_view_cstr(q ? q + 1 : ""),
                                 .token = ic_view_cstr(token),
                                 .content_type = ic_view_cstr(type),
                                 .host = IC_VIEW_STR("id.example.org"),
                                 .body = body,
                                 .same_origin = true};
    struct icd_http_response out = {0};
    memcpy(r.peer, w->peer, 16);
    if (strcmp(method, "HEAD") == 0) {
        r.method = IC_VIEW_STR("GET");
        r.head = true;
    }
    forget(w);
    w->status = 0;
    w->ticket++;
    icd_identity_request(w->id, &r, w->ticket, &out);
    must(out.later, "no answer was promised");
    icd_identity_flush(w->id);
    must(w->status, "no answer came");
    return w->status;
}

int world_call(struct world *w, const char *method, const char *path_and_query, const char *token,
               const char *body)
{
    return world_call_bytes(w, method, path_and_query, token, "application/json",
                            ic_view_cstr(body));
}

const char *world_text(const struct world *w, const char *field)
{
    const char *s = json_string_value(json_object_get(w->answer, field));
    return s ? s : "";
}

int64_t world_number(const struct world *w, const char *field)
{
    return json_integer_value(json_object_get(w->answer, field));
}

const char *world_header(const struct world *w, const char *name)
{
    for (size_t i = 0; i < w->response.extra_count; i++)
        if (strcmp(w->response.extra[i].name, name) == 0)
            return w->response.extra[i].value;
    return "";
}

void world_pass(struct world *w, uint64_t ms)
{
    w->now_ms += ms;
    icd_identity_tick(w->id);
    icd_identity_flush(w->id);
}
