/* DNS and HTTP to others, against the smallest servers that can answer wrongly. */
#include "identity/base/dns.h"
#include "identity/base/fetch.h"

#include <arpa/inet.h>
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- a server ---- */

struct peer {
    int fd;
    pthread_t thread;
    char at[32]; /* "127.0.0.1:PORT" */
};

static void peer_start(struct peer *p, int type, void *(*run)(void *))
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    p->fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (p->fd < 0 || bind(p->fd, (struct sockaddr *)&a, sizeof a) != 0 ||
        (type == SOCK_STREAM && listen(p->fd, 8) != 0) ||
        getsockname(p->fd, (struct sockaddr *)&a, &n) != 0)
        abort();
    snprintf(p->at, sizeof p->at, "127.0.0.1:%u", ntohs(a.sin_port));
    if (pthread_create(&p->thread, NULL, run, p) != 0)
        abort();
}

static void peer_stop(struct peer *p)
{
    shutdown(p->fd, SHUT_RDWR);
    pthread_cancel(p->thread);
    pthread_join(p->thread, NULL);
    close(p->fd);
}

/* ---- DNS ---- */

static size_t put(uint8_t *out, size_t n, const void *bytes, size_t len)
{
    memcpy(out + n, bytes, len);
    return n + len;
}

static size_t put_record(uint8_t *out, size_t n, uint8_t type, const uint8_t *data, size_t len)
{
    const uint8_t head[] = {0xc0,        12, 0, type, 0, 1, 0, 0, 0, 60, (uint8_t)(len >> 8),
                            (uint8_t)len};
    n = put(out, n, head, sizeof head);
    return put(out, n, data, len);
}

/* Texts of `name`: "two" has two records, one of two strings; "long" one beyond the limit, and another. */
static size_t answer_txt(char name, uint8_t *out, size_t n, uint8_t *count)
{
    if (name == 't') {
        n = put_record(out, n, 16, (const uint8_t *)"\6hello \5world", 13);
        n = put_record(out, n, 16, (const uint8_t *)"\3one", 4);
        *count = 2;
    } else if (name == 'l') {
        uint8_t data[4 * 256];
        for (size_t i = 0; i < 4; i++) {
            data[i * 256] = 255;
            memset(data + i * 256 + 1, 'x', 255);
        }
        n = put_record(out, n, 16, data, 3 * 256);
        n = put_record(out, n, 16, (const uint8_t *)"\5short", 6);
        *count = 2;
    }
    return n;
}

static void *dns_run(void *ctx)
{
    struct peer *p = ctx;
    uint8_t q[512], out[2048];
    struct sockaddr_in from;
    for (;;) {
        socklen_t len = sizeof from;
        ssize_t n = recvfrom(p->fd, q, sizeof q, 0, (struct sockaddr *)&from, &len);
        if (n < 17)
            return NULL;
        size_t end = 12;
        while (q[end])
            end += q[end] + 1u;
        uint8_t type = q[end + 2], count = 0;
        memcpy(out, q, end + 5);
        memset(out + 6, 0, 6);
        size_t size = end + 5;
        if (type == 16) {
            size = answer_txt((char)q[13], out, size, &count);
        } else if (type == 1 && q[13] == 'h') {
            size = put_record(out, size, 1, (const uint8_t *)"\x7f\0\0\1", 4);
            count = 1;
        }
        out[2] = 0x85;
        out[3] = q[13] == 'n' ? 3 : q[13] == 's' ? 2 : 0; /* NXDOMAIN, SERVFAIL */
        out[7] = count;
        if (q[13] == 'c') /* cut */
            size = 14;
        sendto(p->fd, out, size, 0, (struct sockaddr *)&from, len);
    }
}

static bool is(const struct icd_dns_texts *t, size_t i, const char *text)
{
    return i < t->count &&
           ic_view_equal(ic_view(t->text[i].bytes, t->text[i].len), ic_view_cstr(text));
}

TEST(dns_texts_are_whole_and_bounded)
{
    struct peer p;
    char why[ICD_DNS_WHY] = "";
    IC_AUTOFREE struct icd_dns_texts *t = ic_new(struct icd_dns_texts);
    peer_start(&p, SOCK_DGRAM, dns_run);
    CHECK_OK(icd_dns_texts(p.at, "two.example", t, why));
    CHECK(t->count == 2 && is(t, 0, "hello world") && is(t, 1, "one"));
    CHECK_OK(icd_dns_texts(p.at, "long.example", t, why));
    CHECK(t->count == 1 && is(t, 0, "short"));
    peer_stop(&p);
}

TEST(dns_failures_have_names)
{
    struct peer p;
    char why[ICD_DNS_WHY] = "";
    IC_AUTOFREE struct icd_dns_texts *t = ic_new(struct icd_dns_texts);
    peer_start(&p, SOCK_DGRAM, dns_run);
    CHECK_ERR(icd_dns_texts(p.at, "none.example", t, why), IC_ERR_NOT_FOUND);
    CHECK(strstr(why, "none.example") != NULL);
    CHECK_ERR(icd_dns_texts(p.at, "empty.example", t, why), IC_ERR_NOT_FOUND);
    CHECK_ERR(icd_dns_texts(p.at, "servfail.example", t, why), IC_ERR_IO);
    CHECK_ERR(icd_dns_texts("not an address", "two.example", t, why), IC_ERR_MALFORMED);
    CHECK_ERR(icd_dns_texts(p.at, "a..b", t, why), IC_ERR_MALFORMED);
    peer_stop(&p);
}

TEST(dns_hosts)
{
    struct peer p;
    struct icd_dns_hosts h;
    struct sockaddr_in v4;
    char why[ICD_DNS_WHY] = "";
    peer_start(&p, SOCK_DGRAM, dns_run);
    CHECK_OK(icd_dns_hosts(p.at, "host.example", 10000, &h, why));
    CHECK(h.count == 1 && h.host[0].ss_family == AF_INET);
    memcpy(&v4, &h.host[0], sizeof v4);
    CHECK(v4.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
    CHECK_ERR(icd_dns_hosts(p.at, "none.example", 10000, &h, why), IC_ERR_NOT_FOUND);
    peer_stop(&p);
}

/* ---- HTTP ---- */

static void *http_run(void *ctx)
{
    struct peer *p = ctx;
    char in[2048], out[4096];
    for (;;) {
        int fd = accept4(p->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return NULL;
        ssize_t n = recv(fd, in, sizeof in - 1, 0);
        in[n > 0 ? n : 0] = '\0';
        if (strncmp(in, "GET /moved", 10) == 0)
            snprintf(out, sizeof out,
                     "HTTP/1.1 302 F\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n");
        else if (strncmp(in, "GET /file", 9) == 0)
            snprintf(out, sizeof out,
                     "HTTP/1.1 302 F\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
        else if (strncmp(in, "GET /port/", 10) == 0)
            snprintf(out, sizeof out,
                     "HTTP/1.1 302 F\r\nLocation: http://name.example:%.4s/there\r\n"
                     "Content-Length: 0\r\n\r\n",
                     in + 10);
        else if (strncmp(in, "GET /round", 10) == 0)
            snprintf(out, sizeof out,
                     "HTTP/1.1 302 F\r\nLocation: /round\r\nContent-Length: 0\r\n\r\n");
        else if (strncmp(in, "GET /endless", 12) == 0)
            snprintf(out, sizeof out, "HTTP/1.1 200 OK\r\n\r\n%2000s", "x");
        else
            snprintf(out, sizeof out,
                     "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n%s",
                     strstr(in, "Host: name.example") ? "there" : "other");
        send(fd, out, strlen(out), MSG_NOSIGNAL);
        close(fd);
    }
}

static ic_err ask(const struct peer *p, const char *path, unsigned redirects, bool public_only,
                  const char *expected)
{
    char url[100], why[ICD_FETCH_WHY] = "";
    snprintf(url, sizeof url, "http://name.example%s", path);
    struct icd_fetch f = {.url = url,
                          .max = 1000,
                          .timeout_ms = 60000,
                          .max_redirects = redirects,
                          .public_only = public_only,
                          .redirect_ports = {80, 8081},
                          .connect_to = p->at};
    struct icd_fetched got = {0};
    ic_err e = icd_fetch(&f, &got, why);
    if (e == IC_OK && !ic_view_equal(ic_buf_view(&got.body), ic_view_cstr(expected)))
        e = IC_ERR_RULE;
    if (e == IC_OK && got.status == 302)
        e = IC_ERR_AGAIN;
    icd_fetched_clear(&got);
    return e;
}

TEST(fetch_is_bounded)
{
    struct peer p;
    peer_start(&p, SOCK_STREAM, http_run);
    CHECK_OK(ask(&p, "/x", 0, false, "there"));
    CHECK_ERR(ask(&p, "/endless", 0, false, ""), IC_ERR_LIMIT);
    CHECK_ERR(ask(&p, "/moved", 0, false, ""), IC_ERR_AGAIN);
    CHECK_OK(ask(&p, "/moved", 1, false, "there"));
    CHECK_OK(ask(&p, "/port/8081", 1, false, "there"));
    CHECK_ERR(ask(&p, "/port/8082", 1, false, ""), IC_ERR_DENIED);
    CHECK_ERR(ask(&p, "/port/0000", 1, false, ""), IC_ERR_DENIED);
    CHECK_ERR(ask(&p, "/round", 3, false, ""), IC_ERR_AGAIN);
    CHECK_ERR(ask(&p, "/file", 3, false, ""), IC_ERR_MALFORMED);
    CHECK_ERR(ask(&p, "/x", 0, true, ""), IC_ERR_DENIED);
    peer_stop(&p);
    CHECK_ERR(ask(&p, "/x", 0, false, ""), IC_ERR_IO);
}

TEST(fetch_takes_no_other_urls)
{
    static const char *const urls[] = {"file:///etc/passwd",
                                       "ftp://name.example/",
                                       "",
                                       "http://",
                                       "https://user:word@name.example/",
                                       "gopher://x/"};
    char why[ICD_FETCH_WHY];
    struct icd_fetched got = {0};
    for (size_t i = 0; i < IC_ARRAY_LEN(urls); i++) {
        struct icd_fetch f = {.url = urls[i], .max = 10, .timeout_ms = 1000};
        CHECK_ERR(icd_fetch(&f, &got, why), IC_ERR_MALFORMED);
    }
}

TEST(fetch_knows_private_addresses)
{
    static const struct {
        const char *text;
        bool open;
    } rows[] = {
        {"8.8.8.8", true},
        {"127.0.0.1", false},
        {"10.1.2.3", false},
        {"172.15.255.255", true},
        {"172.16.0.1", false},
        {"172.31.255.255", false},
        {"172.32.0.0", true},
        {"192.168.7.7", false},
        {"169.254.169.254", false},
        {"100.64.0.1", false},
        {"0.0.0.0", false},
        {"224.0.0.1", false},
        {"255.255.255.255", false},
        {"2001:4860::8888", true},
        {"::1", false},
        {"::", false},
        {"fe80::1", false},
        {"fc00::1", false},
        {"ff02::1", false},
        {"::ffff:10.0.0.1", false},
        {"::ffff:8.8.8.8", true},
        {"64:ff9b::a00:1", false},
        {"2002:a00:1::", false},
        {"2001:0:1::", false},
        {"2001:db8::1", false},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        struct sockaddr_in v4 = {.sin_family = AF_INET};
        struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
        bool four = inet_pton(AF_INET, rows[i].text, &v4.sin_addr) == 1;
        CHECK(four || inet_pton(AF_INET6, rows[i].text, &v6.sin6_addr) == 1);
        CHECK(icd_fetch_is_public(four ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6) ==
              rows[i].open);
    }
}
