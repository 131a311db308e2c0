#include "http.h"

#include <curl/curl.h>
#include <ic/base/buf.h>
#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { ANSWER_MAX = 64 << 20, IDLE_MAX = 256, WAIT_MS = 1000 };

struct call {
    CURL *easy;
    struct curl_slist *headers;
    struct ic_buf body;
    char nonce[128], location[320];
    void (*done)(void *ctx, const struct load_answer *a);
    void *ctx;
};

struct load_http {
    CURLM *multi;
    const char *base, *ca_file;
    size_t running;
    CURL *idle[IDLE_MAX]; /* with their connections */
    size_t idle_count;
};

ic_err load_http_new(const char *base, const char *ca_file, struct load_http **out)
{
    struct load_http *h = ic_new(struct load_http);
    if (!h)
        return IC_ERR_NOMEM;
    h->base = base;
    h->ca_file = ca_file;
    h->multi = curl_multi_init();
    if (!h->multi) {
        ic_free(h);
        return IC_ERR_NOMEM;
    }
    *out = h;
    return IC_OK;
}

void load_http_free(struct load_http *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < h->idle_count; i++)
        curl_easy_cleanup(h->idle[i]);
    curl_multi_cleanup(h->multi);
    ic_free(h);
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct call *c = ctx;
    return ic_buf_append(&c->body, ic_view(p, size * n)) == IC_OK ? n : 0;
}

static void keep(const char *p, size_t len, const char *name, char *out, size_t room)
{
    size_t n = strlen(name);
    if (len <= n || strncasecmp(p, name, n) != 0)
        return;
    p += n;
    len -= n;
    while (len && *p == ' ')
        p++, len--;
    while (len && (p[len - 1] == '\r' || p[len - 1] == '\n'))
        len--;
    snprintf(out, room, "%.*s", (int)len, p);
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
    struct call *c = ctx;
    keep(p, size * n, "replay-nonce:", c->nonce, sizeof c->nonce);
    keep(p, size * n, "location:", c->location, sizeof c->location);
    return n;
}

static void free_call(struct load_http *h, struct call *c)
{
    if (c->easy && h->idle_count < IDLE_MAX)
        h->idle[h->idle_count++] = c->easy;
    else
        curl_easy_cleanup(c->easy);
    curl_slist_free_all(c->headers);
    ic_buf_clear(&c->body);
    ic_free(c);
}

static void set_up(const struct load_http *h, struct call *c, const struct load_ask *a)
{
    char url[600], line[300];
    bool head = strcmp(a->method, "HEAD") == 0;
    snprintf(url, sizeof url, "%s%s", a->url[0] == '/' ? h->base : "", a->url);
    curl_easy_reset(c->easy); /* keeps the connection */
    curl_easy_setopt(c->easy, CURLOPT_URL, url);
    if (head)
        curl_easy_setopt(c->easy, CURLOPT_NOBODY, 1L);
    else if (strcmp(a->method, "GET") != 0) {
        curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE, (long)a->body.len);
        curl_easy_setopt(c->easy, CURLOPT_COPYPOSTFIELDS,
                         a->body.len ? (const char *)a->body.p : "");
        curl_easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, a->method);
        snprintf(line, sizeof line, "Content-Type: %s", a->type ? a->type : "application/json");
        c->headers = curl_slist_append(c->headers, line);
        c->headers = curl_slist_append(c->headers, "Expect:");
    }
    if (a->token && a->token[0]) {
        snprintf(line, sizeof line, "Authorization: Bearer %s", a->token);
        c->headers = curl_slist_append(c->headers, line);
    }
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
    if (h->ca_file)
        curl_easy_setopt(c->easy, CURLOPT_CAINFO, h->ca_file);
    curl_easy_setopt(c->easy, CURLOPT_TIMEOUT, 120L);
    curl_easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, c);
    curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
}

ic_err load_http_ask(struct load_http *h, const struct load_ask *a)
{
    struct call *c = ic_new(struct call);
    if (!c)
        return IC_ERR_NOMEM;
    ic_buf_init(&c->body, ANSWER_MAX);
    c->done = a->done;
    c->ctx = a->ctx;
    c->easy = h->idle_count ? h->idle[--h->idle_count] : curl_easy_init();
    if (!c->easy) {
        ic_free(c);
        return IC_ERR_NOMEM;
    }
    set_up(h, c, a);
    if (curl_multi_add_handle(h->multi, c->easy) != CURLM_OK) {
        free_call(h, c);
        return IC_ERR_NOMEM;
    }
    h->running++;
    return IC_OK;
}

static void finish(struct load_http *h, CURL *easy)
{
    struct call *c = NULL;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &c);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(h->multi, easy);
    h->running--;
    struct load_answer a = {
        .status = (int)status,
        .body = ic_buf_view(&c->body),
        .nonce = c->nonce,
        .location = c->location,
    };
    c->done(c->ctx, &a);
    free_call(h, c);
}

void load_http_run(struct load_http *h)
{
    while (h->running) {
        int busy = 0, left;
        const CURLMsg *m;
        curl_multi_perform(h->multi, &busy);
        while ((m = curl_multi_info_read(h->multi, &left)) != NULL)
            if (m->msg == CURLMSG_DONE)
                finish(h, m->easy_handle);
        if (h->running)
            curl_multi_poll(h->multi, NULL, 0, WAIT_MS, NULL);
    }
}
