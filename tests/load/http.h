/* Requests to one server, many at once, by libcurl; each answer goes to a function.
 *
 *     struct load_http *h;
 *     IC_TRY(load_http_new("http://127.0.0.1:8080", NULL, &h));
 *     load_http_ask(h, &(struct load_ask){"POST", "/api/...", token, body, "application/json", done, me});
 *     load_http_run(h);                       // until nothing is asked any more; `done` may ask again
 *     load_http_free(h);
 */
#ifndef LOAD_HTTP_H
#define LOAD_HTTP_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>

struct load_http;

struct load_answer {
    int status; /* 0: there was none */
    struct ic_view body;
    const char *nonce, *location; /* headers Replay-Nonce and Location, "" for none */
};

struct load_ask {
    const char *method, *url; /* a path of the server, or a whole URL of it */
    const char *token;        /* bearer; NULL: none */
    struct ic_view body;      /* copied */
    const char *type;
    void (*done)(void *ctx, const struct load_answer *a);
    void *ctx;
};

/* base: borrowed. ca_file: PEM of who signs for https, or NULL. */
ic_err load_http_new(const char *base, const char *ca_file, struct load_http **out);
void load_http_free(struct load_http *h);
ic_err load_http_ask(struct load_http *h, const struct load_ask *a);
void load_http_run(struct load_http *h);

#endif
