#include "input.h"

#include <ic/base/mem.h>
#include <string.h>

enum { LINE_MAX_LEN = 8192 };

struct icc_input {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_pipe_t pipe;
        uv_tty_t tty;
    };
    bool raw, open;
    void (*on_line)(void *ctx, struct ic_view line);
    void (*on_bytes)(void *ctx, struct ic_view bytes);
    void *ctx;
    char chunk[4096];
    char line[LINE_MAX_LEN];
    size_t len;
};

static void give_chunk(uv_handle_t *h, size_t size, uv_buf_t *buf)
{
    (void)size;
    struct icc_input *in = h->data;
    *buf = uv_buf_init(in->chunk, sizeof in->chunk);
}

static void take_lines(struct icc_input *in, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] != '\n') {
            if (in->len < LINE_MAX_LEN)
                in->line[in->len++] = p[i];
            continue;
        }
        if (in->len && in->line[in->len - 1] == '\r')
            in->len--;
        size_t len = in->len;
        in->len = 0;
        in->on_line(in->ctx, ic_view(in->line, len));
    }
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
    struct icc_input *in = s->data;
    if (n < 0) {
        uv_read_stop(s);
        return;
    }
    if (in->raw)
        in->on_bytes(in->ctx, ic_view(buf->base, (size_t)n));
    else
        take_lines(in, buf->base, (size_t)n);
}

struct icc_input *icc_input_open(uv_loop_t *loop, void (*on_line)(void *ctx, struct ic_view line),
                                 void (*on_bytes)(void *ctx, struct ic_view bytes), void *ctx)
{
    struct icc_input *in = ic_new(struct icc_input);
    if (!in)
        return NULL;
    in->on_line = on_line;
    in->on_bytes = on_bytes;
    in->ctx = ctx;
    in->raw = on_bytes != NULL;
    uv_handle_type type = uv_guess_handle(0);
    int err = UV_EINVAL;
    if (type == UV_TTY) {
        err = uv_tty_init(loop, &in->tty, 0, 1);
        if (err == 0 && in->raw)
            err = uv_tty_set_mode(&in->tty, UV_TTY_MODE_RAW);
    } else if (type == UV_NAMED_PIPE) {
        err = uv_pipe_init(loop, &in->pipe, 0);
        if (err == 0)
            err = uv_pipe_open(&in->pipe, 0);
    }
    if (err == 0) {
        in->open = true;
        in->handle.data = in;
        uv_read_start(&in->stream, give_chunk, on_read);
    }
    return in;
}

static void on_closed(uv_handle_t *h)
{
    ic_free(h->data);
}

void icc_input_close(struct icc_input *in)
{
    if (!in)
        return;
    if (in->raw)
        uv_tty_reset_mode();
    if (in->open)
        uv_close(&in->handle, on_closed);
    else
        ic_free(in);
}
