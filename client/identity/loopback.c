/* One request of the browser, on 127.0.0.1, at a port that the system chooses (RFC 8252 section 7.3). */
#include "identity/sign_in.h"

#include <stdio.h>
#include <string.h>

enum { HEAD_MAX = 8192, WAIT_MS = 300000 };

struct loopback {
    uv_loop_t *loop;
    uv_tcp_t door, guest;
    uv_timer_t patience;
    uv_write_t write;
    bool guest_open, next_waits, answered, refused;
    char head[HEAD_MAX + 1];
    size_t head_len;
    char *code, *state, *iss;
    size_t len;
};

static void close_handle(uv_handle_t *h, void *arg)
{
    (void)arg;
    if (!uv_is_closing(h))
        uv_close(h, NULL);
}

static void accept_one(struct loopback *l);

static void on_guest_closed(uv_handle_t *h)
{
    struct loopback *l = h->data;
    l->guest_open = false;
    l->head_len = 0;
    if (l->next_waits && !l->answered && !uv_is_closing((uv_handle_t *)&l->door))
        accept_one(l);
}

static void on_written(uv_write_t *w, int status)
{
    struct loopback *l = w->data;
    (void)status;
    if (!uv_is_closing((uv_handle_t *)&l->guest))
        uv_close((uv_handle_t *)&l->guest, on_guest_closed);
    if (l->answered)
        uv_stop(l->loop);
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* A value's text, decoded: plain ASCII that fits, or false. */
static bool decode(const char *from, size_t n, char *out, size_t len)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        int c = (unsigned char)from[i];
        if (c == '%') {
            int high = n - i > 2 ? hex(from[i + 1]) : -1, low = n - i > 2 ? hex(from[i + 2]) : -1;
            c = high < 0 || low < 0 ? -1 : high * 16 + low;
            i += 2;
        }
        if (c < ' ' || c > '~' || k + 1 >= len)
            return false;
        out[k++] = (char)c;
    }
    out[k] = 0;
    return k > 0;
}

/* Of "a=1&b=2" the value of one; false where it is not there. */
static bool parameter(const char *query, size_t query_len, const char *name, char *out, size_t len)
{
    size_t name_len = strlen(name), end;
    for (size_t at = 0; at < query_len; at = end + 1) {
        const char *and = memchr(query + at, '&', query_len - at);
        end = and? (size_t)(and-query) : query_len;
        if (end - at > name_len && memcmp(query + at, name, name_len) == 0 &&
            query[at + name_len] == '=')
            return decode(query + at + name_len + 1, end - at - name_len - 1, out, len);
    }
    return false;
}

static void answer(struct loopback *l, const char *status, const char *text)
{
    static char page[600];
    int n = snprintf(
        page, sizeof page,
        "HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\n"
        "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: "
        "nosniff\r\nConnection: close\r\n\r\n%s",
        status, strlen(text), text);
    uv_buf_t b = uv_buf_init(page, (unsigned)n);
    l->write.data = l;
    if (uv_write(&l->write, (uv_stream_t *)&l->guest, &b, 1, on_written) != 0)
        on_written(&l->write, -1);
}

/* "GET /signin?code=...&state=... HTTP/1.1" */
static void take_request(struct loopback *l)
{
    static const char want[] = "GET /signin?";
    char error[64];
    char *end = strpbrk(l->head, "\r\n");
    size_t n = end ? (size_t)(end - l->head) : 0;
    const char *query = l->head + sizeof want - 1, *space = n ? memrchr(l->head, ' ', n) : NULL;
    if (n < sizeof want || memcmp(l->head, want, sizeof want - 1) != 0 || !space ||
        space <= query) {
        answer(l, "404 Not Found", "Nothing is here.\n"); /* an icon, or another program */
        return;
    }
    size_t query_len = (size_t)(space - query);
    if (parameter(query, query_len, "code", l->code, l->len) &&
        parameter(query, query_len, "state", l->state, l->len)) {
        l->answered = true;
        if (!parameter(query, query_len, "iss", l->iss, l->len))
            l->iss[0] = 0;
        answer(l, "200 OK", "You are signed in. This page may be closed; the terminal goes on.\n");
    } else if (parameter(query, query_len, "error", error, sizeof error)) {
        l->answered = l->refused = true;
        answer(l, "200 OK", "The sign-in was refused. The terminal says more.\n");
    } else {
        answer(l, "400 Bad Request", "That is no answer to a sign-in.\n");
    }
    ic_wipe(l->head, sizeof l->head);
}

static void on_room(uv_handle_t *h, size_t size, uv_buf_t *out)
{
    struct loopback *l = h->data;
    (void)size;
    *out = uv_buf_init(l->head + l->head_len, (unsigned)(HEAD_MAX - l->head_len));
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    struct loopback *l = s->data;
    (void)b;
    if (n <= 0) {
        if (n < 0 && !uv_is_closing((uv_handle_t *)s))
            uv_close((uv_handle_t *)s, on_guest_closed);
        return;
    }
    l->head_len += (size_t)n;
    l->head[l->head_len] = 0;
    if (strstr(l->head, "\r\n\r\n")) {
        uv_read_stop(s);
        take_request(l);
    } else if (l->head_len == HEAD_MAX) {
        uv_close((uv_handle_t *)s, on_guest_closed);
    }
}

static void accept_one(struct loopback *l)
{
    uv_stream_t *guest = (uv_stream_t *)&l->guest;
    l->next_waits = false;
    uv_tcp_init(l->loop, &l->guest);
    l->guest.data = l;
    l->guest_open = true;
    if (uv_accept((uv_stream_t *)&l->door, guest) != 0 ||
        uv_read_start(guest, on_room, on_read) != 0)
        uv_close((uv_handle_t *)guest, on_guest_closed);
}

/* One guest at a time: whoever comes meanwhile waits. */
static void on_guest(uv_stream_t *door, int status)
{
    struct loopback *l = door->data;
    if (status == 0 && l->guest_open)
        l->next_waits = true;
    else if (status == 0)
        accept_one(l);
}

static void on_patience(uv_timer_t *t)
{
    uv_stop(t->loop);
}

static ic_err open_door(struct loopback *l, char *redirect, size_t len)
{
    struct sockaddr_in at;
    int n = sizeof at;
    uv_ip4_addr("127.0.0.1", 0, &at);
    uv_tcp_init(l->loop, &l->door);
    uv_timer_init(l->loop, &l->patience);
    l->door.data = l->patience.data = l;
    if (uv_tcp_bind(&l->door, (const struct sockaddr *)&at, 0) != 0 ||
        uv_listen((uv_stream_t *)&l->door, 4, on_guest) != 0 ||
        uv_tcp_getsockname(&l->door, (struct sockaddr *)&at, &n) != 0)
        return IC_ERR_IO;
    snprintf(redirect, len, "http://127.0.0.1:%u/signin", ntohs(at.sin_port));
    return IC_OK;
}

ic_err icc_loopback_wait(
    uv_loop_t *loop, ic_err (*begin)(void *ctx, const char *redirect, char *why, size_t why_len),
    void *ctx, char *code, char *state, char *iss, size_t len, char *why, size_t why_len)
{
    struct loopback l = {.loop = loop, .code = code, .state = state, .iss = iss, .len = len};
    char redirect[64];
    ic_err e = open_door(&l, redirect, sizeof redirect);
    if (e != IC_OK)
        snprintf(why, why_len, "no port on 127.0.0.1 can be opened for the browser's answer");
    if (e == IC_OK)
        e = begin(ctx, redirect, why, why_len);
    if (e == IC_OK) {
        uv_timer_start(&l.patience, on_patience, WAIT_MS, 0);
        uv_run(loop, UV_RUN_DEFAULT);
        if (!l.answered || l.refused)
            snprintf(why, why_len,
                     l.refused ? "the sign-in was refused there"
                               : "nobody signed in within five minutes");
        e = !l.answered ? IC_ERR_TIMEOUT : l.refused ? IC_ERR_AUTH : IC_OK;
    }
    uv_walk(loop, close_handle, NULL);
    uv_run(loop, UV_RUN_DEFAULT);
    return e;
}
