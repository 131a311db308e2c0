/* The send queues, over a real loopback socket in this process. */
#include "http/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ic/base/test.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { QUEUE = 1 << 20, LINES = 3 };

struct bench {
    uv_loop_t loop;
    struct icd_http *http;
    uint64_t open[8];
    size_t opened, closed;
    char why[ICD_HTTP_WHY];
    char query[512]; /* of the last request */
};

static void on_request(void *ctx, const struct icd_http_request *r, uint64_t ticket,
                       struct icd_http_response *out)
{
    struct bench *b = ctx;
    (void)ticket;
    snprintf(b->query, sizeof b->query, "%.*s", (int)r->query.len, (const char *)r->query.p);
    out->status = 404;
}

static bool on_open(void *ctx, uint64_t conn, struct ic_view address)
{
    struct bench *b = ctx;
    (void)address;
    b->open[b->opened++] = conn;
    return true;
}

static void on_frame(void *ctx, uint64_t conn, struct ic_view bytes)
{
    struct bench *b = ctx;
    icd_http_send(b->http, &conn, 1, bytes); /* an echo */
}

static void on_refused(void *ctx, uint64_t conn, const char *why)
{
    struct bench *b = ctx;
    (void)why;
    icd_http_close(b->http, conn);
}

static void on_close(void *ctx, uint64_t conn)
{
    (void)conn;
    ((struct bench *)ctx)->closed++;
}

static size_t frame_max(void *ctx, uint64_t conn)
{
    (void)ctx;
    (void)conn;
    return 1000;
}

static void bench_open(struct bench *b)
{
    struct icd_http_config c = {.loop = &b->loop,
                                .listeners = {{"127.0.0.1", 0, false}},
                                .listener_count = 1,
                                .queue_bytes = QUEUE,
                                .connections_per_address = 100,
                                .requests_per_min = 1000,
                                .ping_ms = 60000,
                                .request = on_request,
                                .ws_open = on_open,
                                .ws_frame = on_frame,
                                .ws_refused = on_refused,
                                .ws_close = on_close,
                                .ws_max = frame_max,
                                .ctx = b};
    uv_loop_init(&b->loop);
    CHECK_OK(icd_http_new(&c, b->why, &b->http));
}

static void bench_close(struct bench *b)
{
    icd_http_free(b->http);
    for (int i = 0; i < 100 && uv_run(&b->loop, UV_RUN_NOWAIT); i++)
        ;
    uv_loop_close(&b->loop);
}
#define BENCH(name)                                                                                \
    __attribute__((cleanup(bench_close))) struct bench name = {0};                                 \
    bench_open(&name);                                                                             \
    if (ic_test_failed())                                                                          \
    return

static void turn(struct bench *b)
{
    struct timespec t = {0, 1000000};
    for (int i = 0; i < 5; i++)
        uv_run(&b->loop, UV_RUN_NOWAIT);
    nanosleep(&t, NULL);
}

/* A WebSocket whose answers nobody reads but the test. */
static int line_open(struct bench *b)
{
    static const char ask[] = "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                              "Sec-WebSocket-Protocol: incamera.v1\r\n\r\n";
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(icd_http_port(b->http, 0)),
                            .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int small = 4096;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0 ||
        write(fd, ask, sizeof ask - 1) != (ssize_t)sizeof ask - 1)
        abort();
    fcntl(fd, F_SETFL, O_NONBLOCK);
    size_t before = b->opened;
    for (int i = 0; i < 2000 && b->opened == before; i++)
        turn(b);
    return fd;
}

/* All that comes until the line ends, or nothing more comes. */
static size_t drain(struct bench *b, int fd, uint8_t *out, size_t room, bool *end)
{
    size_t len = 0;
    *end = false;
    for (int quiet = 0; quiet < 200 && len < room;) {
        ssize_t n = read(fd, out + len, room - len);
        if (n > 0) {
            len += (size_t)n;
            quiet = 0;
        } else if (n == 0 || errno != EAGAIN) {
            *end = true;
            break;
        } else {
            quiet++;
            turn(b);
        }
    }
    return len;
}

/* What arrives as the query of a GET. */
static const char *query(struct bench *b, const char *sent)
{
    char ask[256], got[4096];
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(icd_http_port(b->http, 0)),
                            .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool end;
    strcpy(b->query, "(none)");
    int n = snprintf(ask, sizeof ask,
                     "GET /x?%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", sent);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0 || write(fd, ask, (size_t)n) != n)
        abort();
    fcntl(fd, F_SETFL, O_NONBLOCK);
    drain(b, fd, (uint8_t *)got, sizeof got, &end);
    close(fd);
    return b->query;
}

TEST(a_query_arrives_parameter_by_parameter)
{
    static const char *const cases[][2] = {
        {"from=0&count=3", "from=0&count=3"},
        {"email=a%2Bb%40x.example&next=c%26d%3De%25", "email=a%2Bb%40x.example&next=c%26d%3De%25"},
        {"words=one+two", "words=one%20two"},
        {"a=b=c&&x&y=", "a=b%3Dc&&x&y="},
        {"name=J%C3%BCrgen", "name=J%C3%BCrgen"},
    };
    BENCH(b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *got = query(&b, cases[i][0]);
        if (strcmp(got, cases[i][1]) != 0)
            ic_test_fail(__FILE__, __LINE__, "%s came as %s", cases[i][0], got);
    }
}

TEST(a_slow_receiver_is_told_and_closed_and_others_are_not)
{
    BENCH(b);
    static uint8_t frame[65536], got[32 << 20];
    struct icd_http_stats stats;
    int slow = line_open(&b), good = line_open(&b);
    CHECK_EQ_INT(b.opened, 2);
    bool end;
    for (int i = 0; i < 400; i++) {
        icd_http_send(b.http, b.open, 2, IC_VIEW_ARRAY(frame));
        turn(&b);
        while (read(good, got, sizeof got) > 0)
            ;
        icd_http_stats(b.http, &stats);
        CHECK(stats.queued <= 2 * QUEUE + 70000);
        if (stats.too_slow)
            break;
    }
    CHECK_EQ_INT(stats.too_slow, 1);
    /* It may still read what was under way; the last frame says why. */
    size_t len = drain(&b, slow, got, sizeof got, &end);
    CHECK(end);
    static const char why[] = "you read too slowly";
    CHECK(memmem(got, len, why, sizeof why - 1));
    CHECK_EQ_INT(b.closed, 1);
    icd_http_send(b.http, b.open, 2, IC_VIEW_STR("still there"));
    CHECK(drain(&b, good, got, sizeof got, &end) > 0 && !end);
    close(slow);
    close(good);
}

TEST(a_slow_receiver_that_never_reads_is_closed_in_time)
{
    BENCH(b);
    static uint8_t frame[65536];
    struct icd_http_stats stats = {0};
    int slow = line_open(&b);
    for (int i = 0; i < 400 && !stats.too_slow; i++) {
        icd_http_send(b.http, b.open, 1, IC_VIEW_ARRAY(frame));
        turn(&b);
        icd_http_stats(b.http, &stats);
    }
    CHECK_EQ_INT(stats.too_slow, 1);
    for (int i = 0; i < 9000 && !b.closed; i++)
        turn(&b);
    CHECK_EQ_INT(b.closed, 1);
    icd_http_stats(b.http, &stats);
    CHECK_EQ_INT(stats.queued, 0);
    CHECK_EQ_INT(stats.open, 0);
    close(slow);
}

TEST(close_sends_what_is_queued_first)
{
    BENCH(b);
    uint8_t got[4096];
    bool end;
    int fd = line_open(&b);
    drain(&b, fd, got, sizeof got, &end);
    icd_http_send(b.http, b.open, 1, IC_VIEW_STR("last words"));
    icd_http_close(b.http, b.open[0]);
    size_t len = drain(&b, fd, got, sizeof got, &end);
    CHECK(end && memmem(got, len, "last words", 10));
    CHECK_EQ_INT(b.closed, 0); /* whoever closes needs not be told */
    icd_http_send(b.http, b.open, 1, IC_VIEW_STR("to nobody"));
    close(fd);
}

TEST(a_port_in_use_and_a_bad_certificate_are_said)
{
    BENCH(b);
    struct icd_http *second = NULL;
    char why[ICD_HTTP_WHY] = "";
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct icd_http_config c = {.loop = &loop,
                                .listeners = {{"127.0.0.1", 0, true}},
                                .listener_count = 1,
                                .certificate = "/nonexistent/cert.pem",
                                .private_key = "/nonexistent/key.pem",
                                .requests_per_min = 1,
                                .ping_ms = 60000};
    CHECK_ERR(icd_http_new(&c, why, &second), IC_ERR_IO);
    CHECK(strstr(why, "/nonexistent/cert.pem"));
    while (uv_run(&loop, UV_RUN_NOWAIT))
        ;
    uv_loop_close(&loop);
}
