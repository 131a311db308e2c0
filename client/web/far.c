#include "web/far.h"

#include "net/trust.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { OPEN_S = 10, IDLE_MS = 10 * 60 * 1000, PIECE = 16384 };

/* ---- opening ---- */

static int connect_any(const struct addrinfo *list)
{
    struct timeval limit = {.tv_sec = OPEN_S};
    for (const struct addrinfo *a = list; a; a = a->ai_next) {
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd < 0)
            continue;
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
            return fd;
        close(fd);
    }
    return -1;
}

static ic_err reach(const struct ic_meeting_url *url, struct icc_far *f)
{
    char port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    snprintf(port, sizeof port, "%u", url->port);
    if (getaddrinfo(url->host, port, &hints, &list) == 0) {
        f->fd = connect_any(list);
        freeaddrinfo(list);
    }
    if (f->fd >= 0)
        return IC_OK;
    snprintf(f->why, sizeof f->why, "%.150s cannot be reached", url->host);
    return IC_ERR_IO;
}

struct trusting {
    const struct ic_meeting_url *url;
    char *why;
};

static int on_certificate(int ok, X509_STORE_CTX *ctx)
{
    SSL *tls = X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct trusting *t = SSL_get_app_data(tls);
    return icc_trust_refuses(t->url, ctx, ok, t->why) ? 0 : 1;
}

/* The name must fit: an address is compared with addresses. */
static bool expect_host(SSL *tls, const char *host)
{
    uint8_t room[16];
    char name[256]; /* OpenSSL's macro casts const away */
    if (inet_pton(AF_INET, host, room) == 1 || inet_pton(AF_INET6, host, room) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host) == 1;
    int n = snprintf(name, sizeof name, "%s", host);
    return n > 0 && (size_t)n < sizeof name && SSL_set1_host(tls, host) == 1 &&
           SSL_set_tlsext_host_name(tls, name) == 1;
}

static ic_err shake_hands(const struct ic_meeting_url *url, struct icc_far *f)
{
    struct trusting t = {url, f->why};
    SSL_CTX *ctx = f->tls_context = SSL_CTX_new(TLS_client_method());
    if (!ctx || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1)
        return IC_ERR_NOMEM;
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
    /* The pinned key and nobody else: net/trust.c. */
    if (!url->has_cert_pin && SSL_CTX_set_default_verify_paths(ctx) != 1)
        return IC_ERR_IO;
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, on_certificate);
    SSL *tls = f->tls = SSL_new(ctx);
    if (!tls || !expect_host(tls, url->host) || SSL_set_fd(tls, f->fd) != 1)
        return IC_ERR_NOMEM;
    SSL_set_app_data(tls, &t);
    int done = SSL_connect(tls);
    SSL_set_app_data(tls, NULL);
    if (done == 1)
        return IC_OK;
    if (!f->why[0])
        snprintf(f->why, sizeof f->why, "%.120s does not prove who it is", url->host);
    return IC_ERR_AUTH;
}

ic_err icc_far_open(const struct ic_meeting_url *url, struct icc_far *out)
{
    *out = (struct icc_far){.fd = -1};
    IC_TRY(reach(url, out));
    if (url->tls)
        IC_TRY(shake_hands(url, out));
    int flags = fcntl(out->fd, F_GETFL);
    return flags >= 0 && fcntl(out->fd, F_SETFL, flags | O_NONBLOCK) == 0 ? IC_OK : IC_ERR_IO;
}

void icc_far_close(struct icc_far *f)
{
    SSL_free(f->tls);
    SSL_CTX_free(f->tls_context);
    if (f->fd >= 0)
        close(f->fd);
    *f = (struct icc_far){.fd = -1};
}

/* ---- carrying ---- */

static bool wait_for(int fd, short what)
{
    struct pollfd p = {.fd = fd, .events = what};
    int n;
    do
        n = poll(&p, 1, IDLE_MS);
    while (n < 0 && errno == EINTR);
    return n > 0;
}

/* How many bytes, 0: nothing now, -1: it ended. */
static ssize_t far_read(struct icc_far *f, uint8_t *room)
{
    if (!f->tls) {
        ssize_t n = recv(f->fd, room, PIECE, 0);
        return n > 0 ? n : n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
    }
    int n = SSL_read(f->tls, room, PIECE);
    if (n > 0)
        return n;
    int why = SSL_get_error(f->tls, n);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static bool far_write(struct icc_far *f, struct ic_view v)
{
    while (v.len) {
        short want = POLLOUT;
        ssize_t n =
            f->tls ? SSL_write(f->tls, v.p, (int)v.len) : send(f->fd, v.p, v.len, MSG_NOSIGNAL);
        if (n > 0) {
            v = ic_view_sub(v, (size_t)n, v.len - (size_t)n);
            continue;
        }
        int why = f->tls ? SSL_get_error(f->tls, (int)n) : 0;
        if (f->tls && why == SSL_ERROR_WANT_READ)
            want = POLLIN;
        else if (f->tls ? why != SSL_ERROR_WANT_WRITE : errno != EAGAIN && errno != EINTR)
            return false;
        if (!wait_for(f->fd, want))
            return false;
    }
    return true;
}

static bool near_write(int near, struct ic_view v)
{
    while (v.len) {
        ssize_t n = send(near, v.p, v.len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        v = ic_view_sub(v, (size_t)n, v.len - (size_t)n);
    }
    return true;
}

/* What goes to the browser; of an answer that is the only one, the head gets a line behind the first. */
static bool to_near(int near, struct ic_view v, bool *once)
{
    const uint8_t *end = *once ? memchr(v.p, '\n', v.len) : NULL;
    if (!end)
        return near_write(near, v);
    size_t n = (size_t)(end - v.p) + 1;
    *once = false;
    return near_write(near, ic_view_sub(v, 0, n)) &&
           near_write(near, IC_VIEW_STR("connection: close\r\n")) &&
           near_write(near, ic_view_sub(v, n, v.len - n));
}

static bool from_far(struct icc_far *f, int near, uint8_t *room, bool *once)
{
    do {
        ssize_t n = far_read(f, room);
        if (n < 0 || (n > 0 && !to_near(near, ic_view(room, (size_t)n), once)))
            return false;
    } while (f->tls && SSL_pending(f->tls) > 0);
    return true;
}

static bool from_near(struct icc_far *f, int near, uint8_t *room)
{
    ssize_t n = recv(near, room, PIECE, 0);
    if (n < 0 && errno == EINTR)
        return true;
    return n > 0 && far_write(f, ic_view(room, (size_t)n));
}

void icc_far_relay(struct icc_far *f, int near, struct ic_view first, bool once)
{
    uint8_t room[PIECE];
    enum { FAR, NEAR };
    bool on = far_write(f, first);
    while (on) {
        struct pollfd p[2] = {{.fd = f->fd, .events = POLLIN}, {.fd = near, .events = POLLIN}};
        int n = poll(p, 2, IDLE_MS);
        if (n == 0 || (n < 0 && errno != EINTR))
            return;
        if (n > 0 && p[FAR].revents)
            on = from_far(f, near, room, &once);
        if (on && n > 0 && p[NEAR].revents)
            on = from_near(f, near, room);
    }
}
