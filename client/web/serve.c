#include "web/serve.h"

#include "web/far.h"
#include "web/head.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ic/base/mem.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 128,
    HEAD_WAIT_MS = 10000,
    ANSWER_HEAD = 8192,
    FORWARD_MAX = 2 * ICC_HEAD_MAX
};

struct visit {
    const struct icc_web *web;
    int fd;
};

static atomic_int visits;

/* ---- answering ---- */

static bool send_all(int fd, struct ic_view v)
{
    while (v.len) {
        ssize_t n = send(fd, v.p, v.len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        v = ic_view_sub(v, (size_t)n, v.len - (size_t)n);
    }
    return true;
}

static void answer_text(int fd, const char *status, const char *text)
{
    char room[1024];
    int n = snprintf(room, sizeof room,
                     "HTTP/1.1 %s\r\ncontent-type: text/plain; charset=utf-8\r\n"
                     "content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n"
                     "x-content-type-options: nosniff\r\ncache-control: no-store\r\n"
                     "connection: close\r\ncontent-length: %zu\r\n\r\n%s\n",
                     status, strlen(text) + 1, text);
    if (n > 0 && (size_t)n < sizeof room)
        (void)send_all(fd, ic_view(room, (size_t)n));
}

static size_t add(char *room, size_t at, const char *name, const char *value)
{
    int n = value ? snprintf(room + at, ANSWER_HEAD - at, "%s %s\r\n", name, value) : 0;
    return n > 0 && at + (size_t)n < ANSWER_HEAD ? at + (size_t)n : at;
}

static void answer_page(int fd, const struct ic_page_answer *a, bool head)
{
    char room[ANSWER_HEAD], length[24];
    size_t count, at = 0;
    const struct ic_page_header *policies = ic_page_headers(&count);
    snprintf(length, sizeof length, "%zu", a->body.len);
    at = add(room, at, "HTTP/1.1", a->status == 304 ? "304 Not Modified" : "200 OK");
    for (size_t i = 0; i < count; i++)
        at = add(room, at, policies[i].name, policies[i].value);
    at = add(room, at, "content-type:", a->type);
    at = add(room, at, "etag:", a->etag);
    at = add(room, at, "cache-control:", a->cache);
    at = add(room, at, "content-encoding:", a->encoding);
    at = add(room, at, "vary:", a->encoding ? "accept-encoding" : NULL);
    at = add(room, at, "incamera-served-by:", "this-device"); /* src/trust/bundle.ts */
    at = add(room, at, "connection:", "close");
    at = add(room, at, "content-length:", a->status == 304 ? NULL : length);
    memcpy(room + at, "\r\n", 2);
    if (send_all(fd, ic_view(room, at + 2)) && !head)
        (void)send_all(fd, a->body);
}

static void pass_on(const struct icc_web *w, int fd, const struct icc_head *h, struct ic_view rest)
{
    char host[300];
    struct icc_far far = {.fd = -1};
    IC_BUF_SCOPE(first, FORWARD_MAX);
    snprintf(host, sizeof host, strchr(w->server->host, ':') ? "[%s]:%u" : "%s:%u", w->server->host,
             w->server->port);
    if (icc_head_forward(h, host, &first) != IC_OK || ic_buf_append(&first, rest) != IC_OK)
        answer_text(fd, "431 Request Header Fields Too Large", "too long");
    else if (icc_far_open(w->server, &far) != IC_OK)
        answer_text(fd, "502 Bad Gateway", far.why[0] ? far.why : "the server cannot be reached");
    else
        icc_far_relay(&far, fd, ic_buf_view(&first), !h->upgrade);
    icc_far_close(&far);
}

static bool begins(struct ic_view v, const char *with)
{
    size_t n = strlen(with);
    return v.len >= n && memcmp(v.p, with, n) == 0;
}

/* What is the server's own: its interfaces, its ACME directory, its CA's lists. */
static bool passes(struct ic_view path)
{
    return begins(path, "/api/") || begins(path, "/acme/") || begins(path, "/pki/");
}

static void answer(const struct icc_web *w, int fd, const struct icc_head *h, struct ic_view rest)
{
    struct ic_page_answer a;
    struct ic_page_request q = {
        .path = h->path, .accept_encoding = h->accept_encoding, .if_none_match = h->if_none_match};
    bool head = ic_view_equal(h->method, IC_VIEW_STR("HEAD"));
    bool ws = ic_view_equal(h->path, IC_VIEW_STR("/ws"));
    /* A link elsewhere may lead to the page, as to any; it gets nothing else. */
    bool page = ic_page_is_page(h->path);
    struct icc_head asked = *h;
    if (page)
        asked.fetch_site = asked.origin = ic_view(NULL, 0);
    if (!icc_head_is_ours(&asked, w->port))
        answer_text(fd, "403 Forbidden", "for pages of this address alone");
    else if (ws ? h->upgrade : passes(h->path))
        pass_on(w, fd, h, rest);
    else if (!head && !ic_view_equal(h->method, IC_VIEW_STR("GET")))
        answer_text(fd, "405 Method Not Allowed", "only GET");
    else if (ic_page_answer(w->bundle, &q, &a))
        answer_page(fd, &a, head);
    else
        answer_text(fd, "404 Not Found", "not found");
}

/* ---- connections ---- */

static void serve(const struct icc_web *w, int fd)
{
    IC_BUF_SCOPE(in, ICC_HEAD_MAX + 4096);
    struct icc_head h;
    ic_err e = IC_ERR_TRUNCATED;
    while (e == IC_ERR_TRUNCATED) {
        uint8_t room[4096];
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, HEAD_WAIT_MS) <= 0)
            return;
        ssize_t n = recv(fd, room, sizeof room, 0);
        if (n <= 0 || ic_buf_append(&in, ic_view(room, (size_t)n)) != IC_OK)
            return;
        e = icc_head_parse(ic_buf_view(&in), &h);
    }
    if (e != IC_OK) {
        answer_text(fd, "400 Bad Request", "this is no request");
        return;
    }
    struct ic_view all = ic_buf_view(&in);
    answer(w, fd, &h, ic_view_sub(all, h.bytes.len, all.len - h.bytes.len));
}

static void *on_visit(void *arg)
{
    struct visit v = *(struct visit *)arg;
    ic_free(arg);
    serve(v.web, v.fd);
    shutdown(v.fd, SHUT_WR);
    close(v.fd);
    atomic_fetch_sub(&visits, 1);
    return NULL;
}

static bool begin(const struct icc_web *w, int fd)
{
    pthread_t thread;
    struct visit *v = atomic_load(&visits) < CONNECTIONS_MAX ? ic_new(struct visit) : NULL;
    if (!v)
        return false;
    *v = (struct visit){w, fd};
    atomic_fetch_add(&visits, 1);
    if (pthread_create(&thread, NULL, on_visit, v) == 0) {
        pthread_detach(thread);
        return true;
    }
    atomic_fetch_sub(&visits, 1);
    ic_free(v);
    return false;
}

ic_err icc_web_listen(struct icc_web *w, uint16_t port)
{
    int on = 1;
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (w->fd < 0)
        return IC_ERR_IO;
    (void)setsockopt(w->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(w->fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(w->fd, 64) != 0 ||
        getsockname(w->fd, (struct sockaddr *)&a, &len) != 0) {
        close(w->fd);
        return IC_ERR_IO;
    }
    w->port = ntohs(a.sin_port);
    return IC_OK;
}

void icc_web_run(struct icc_web *w)
{
    for (;;) {
        int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0 && !begin(w, fd))
            close(fd);
        else if (fd < 0 && errno != EINTR && errno != ECONNABORTED)
            poll(NULL, 0, 100); /* no descriptor left: some will end */
    }
}
