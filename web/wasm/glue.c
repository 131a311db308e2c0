/* The rooms that bytes go through, errors, randomness. */
#include "glue.h"

#include <unistd.h>

struct icw icw = {.in = {.max = ICW_ROOM_MAX},
                  .out = {.max = ICW_ROOM_MAX},
                  .certificates = {.max = 1 << 16},
                  .staple = {.max = 1 << 13}};

/* Room for len bytes that go in; 0: there is none. */
ICW_EXPORT uint8_t *icw_in(int len)
{
    ic_buf_reset(&icw.in);
    if (len < 0 || ic_buf_reserve(&icw.in, (size_t)len + 1) != IC_OK)
        return NULL;
    return icw.in.p;
}

ICW_EXPORT const uint8_t *icw_out(void)
{
    return icw.out.p;
}

/* A key lay there. */
ICW_EXPORT void icw_wipe_answer(void)
{
    icw.out.len = icw.out.cap;
    ic_buf_clear_secret(&icw.out);
}

/* How much lies there. */
ICW_EXPORT int icw_answer_len(void)
{
    return (int)icw.out.len;
}

ICW_EXPORT void icw_wipe(void)
{
    icw.in.len = icw.in.cap;
    icw.out.len = icw.out.cap;
    ic_buf_clear_secret(&icw.in);
    ic_buf_clear_secret(&icw.out);
}

ICW_EXPORT const char *icw_error_name(int e)
{
    return ic_err_name((ic_err)e);
}

ICW_EXPORT const char *icw_error_text(int e)
{
    return ic_err_text((ic_err)e);
}

struct ic_view icw_given(int len)
{
    size_t n = len < 0 ? 0 : (size_t)len;
    return ic_view(icw.in.p, n < icw.in.cap ? n : icw.in.cap);
}

struct ic_view icw_take(struct ic_view *rest, int len)
{
    size_t n = len < 0 ? 0 : (size_t)len;
    n = n < rest->len ? n : rest->len;
    struct ic_view part = ic_view_sub(*rest, 0, n);
    *rest = ic_view_sub(*rest, n, rest->len - n);
    return part;
}

struct ic_buf *icw_answer(void)
{
    ic_buf_reset(&icw.out);
    return &icw.out;
}

int icw_done(ic_err e)
{
    return e == IC_OK ? (int)icw.out.len : -(int)e;
}

uint64_t icw_ms(double now_ms)
{
    return now_ms > 0 ? (uint64_t)now_ms : 0;
}

static ic_err fill(void *ctx, uint8_t *out, size_t n)
{
    enum { AT_ONCE = 256 }; /* getentropy's limit */
    (void)ctx;
    while (n) {
        size_t part = n < AT_ONCE ? n : AT_ONCE;
        if (getentropy(out, part) != 0)
            return IC_ERR_IO;
        out += part;
        n -= part;
    }
    return IC_OK;
}

struct ic_rand icw_rand(void)
{
    return (struct ic_rand){fill, NULL};
}
