#include <assert.h>
#include <ic/base/buf.h>
#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <string.h>

enum { FIRST_CAP = 64 };

void ic_buf_init(struct ic_buf *b, size_t max)
{
    *b = (struct ic_buf){.max = max};
}

void ic_buf_clear(struct ic_buf *b)
{
    ic_free(b->p);
    ic_buf_init(b, b->max);
}

void ic_buf_clear_secret(struct ic_buf *b)
{
    ic_free_secret(b->p, b->cap);
    ic_buf_init(b, b->max);
}

void ic_buf_reset(struct ic_buf *b)
{
    b->len = 0;
}

ic_err ic_buf_reserve(struct ic_buf *b, size_t n)
{
    if (n > b->max || b->len > b->max - n)
        return IC_ERR_LIMIT;
    size_t need = b->len + n;
    if (need <= b->cap && b->p)
        return IC_OK;
    size_t cap = b->cap <= b->max / 2 ? b->cap * 2 : b->max;
    if (cap < FIRST_CAP)
        cap = FIRST_CAP;
    if (cap > b->max)
        cap = b->max;
    if (cap < need)
        cap = need;
    uint8_t *p = ic_realloc(b->p, cap, 1);
    if (!p)
        return IC_ERR_NOMEM;
    b->p = p;
    b->cap = cap;
    return IC_OK;
}

ic_err ic_buf_append(struct ic_buf *b, struct ic_view v)
{
    if (v.len == 0)
        return IC_OK;
    /* The view may look into the buffer itself, which moves when it grows. */
    bool inside = b->p && v.p >= b->p && v.p < b->p + b->len;
    size_t at = inside ? (size_t)(v.p - b->p) : 0;
    IC_TRY(ic_buf_reserve(b, v.len));
    memmove(b->p + b->len, inside ? b->p + at : v.p, v.len);
    b->len += v.len;
    return IC_OK;
}

ic_err ic_buf_extend(struct ic_buf *b, size_t n, uint8_t **out)
{
    IC_TRY(ic_buf_reserve(b, n));
    *out = b->p + b->len;
    b->len += n;
    return IC_OK;
}

void ic_buf_consume(struct ic_buf *b, size_t n)
{
    assert(n <= b->len);
    if (n == 0)
        return;
    memmove(b->p, b->p + n, b->len - n);
    b->len -= n;
}

void ic_buf_move(struct ic_buf *dst, struct ic_buf *src)
{
    if (dst == src)
        return;
    ic_buf_clear(dst);
    dst->p = src->p;
    dst->len = src->len;
    dst->cap = src->cap;
    if (dst->max < src->len)
        dst->max = src->len;
    ic_buf_init(src, src->max);
}
