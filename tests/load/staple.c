#include "staple.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct ask {
    struct load_person *person;
    void (*done)(void *ctx, int status);
    void *ctx;
};

static void on_answer(void *ctx, const struct load_answer *a)
{
    struct ask k = *(struct ask *)ctx;
    json_t *j = json_loadb((const char *)a->body.p, a->body.len, 0, NULL);
    const char *text = json_string_value(json_object_get(j, "staple"));
    int status = a->status;
    ic_free(ctx);
    ic_buf_reset(&k.person->staple);
    if (status == 200 &&
        (!text || ic_base64_decode(IC_BASE64_URL, ic_view_cstr(text), &k.person->staple) != IC_OK))
        status = 0;
    json_decref(j);
    k.done(k.ctx, status);
}

ic_err load_staple_ask(struct load_http *h, struct load_person *p,
                       void (*done)(void *ctx, int status), void *ctx)
{
    char url[160] = "/api/v1/identity/log/staple?certificate=";
    struct ask *k = ic_new(struct ask);
    if (!k)
        return IC_ERR_NOMEM;
    *k = (struct ask){p, done, ctx};
    ic_hex_encode(IC_VIEW_ARRAY(p->leaf), url + strlen(url));
    struct load_ask a = {.method = "GET", .url = url, .done = on_answer, .ctx = k};
    ic_err e = load_http_ask(h, &a);
    if (e != IC_OK)
        ic_free(k);
    return e;
}

static void count(void *ctx, int status)
{
    size_t *good = ctx;
    *good += status == 200;
}

ic_err load_staples_fresh(const char *server, struct load_people *people, size_t n)
{
    enum { AT_ONCE = 64 };
    struct load_http *h;
    size_t good = 0;
    IC_TRY(load_http_new(server, NULL, &h));
    ic_err e = IC_OK;
    for (size_t i = 0; e == IC_OK && i < n; i++) {
        e = load_staple_ask(h, &people->list[i], count, &good);
        if (i % AT_ONCE == AT_ONCE - 1 || i + 1 == n)
            load_http_run(h);
    }
    load_http_free(h);
    return e == IC_OK && good < n ? IC_ERR_DENIED : e;
}
