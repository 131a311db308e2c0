#include "der_write.h"

#include <ic/base/mem.h>
#include <ic/pki/cert.h>
#include <string.h>

static size_t length_of_length(size_t len)
{
    return len < 0x80 ? 1 : len <= 0xff ? 2 : len <= 0xffff ? 3 : 4;
}

static void store_length(uint8_t *p, size_t len, size_t bytes)
{
    if (bytes == 1) {
        *p = (uint8_t)len;
        return;
    }
    *p = (uint8_t)(0x80 | (bytes - 1));
    for (size_t i = 1; i < bytes; i++)
        p[i] = (uint8_t)(len >> (8 * (bytes - 1 - i)));
}

/* Most elements are short: one byte is kept for the length, and a longer one moves the content. */
size_t ic_pki_der_open(struct ic_writer *w, uint8_t tag)
{
    ic_write_u8(w, tag);
    size_t mark = w->buf->len;
    ic_write_u8(w, 0);
    return mark;
}

void ic_pki_der_close(struct ic_writer *w, size_t mark)
{
    if (w->err != IC_OK)
        return;
    assert(mark > w->start && mark < w->buf->len);
    size_t len = w->buf->len - mark - 1, bytes = length_of_length(len);
    uint8_t *more;
    if (len > 0xffffff) /* der.c reads no more */
        w->err = IC_ERR_LIMIT;
    else if (bytes > 1)
        w->err = ic_buf_extend(w->buf, bytes - 1, &more);
    if (w->err != IC_OK)
        return;
    uint8_t *p = w->buf->p + mark;
    memmove(p + bytes, p + 1, len);
    store_length(p, len, bytes);
}

void ic_pki_der_put(struct ic_writer *w, uint8_t tag, struct ic_view content)
{
    size_t mark = ic_pki_der_open(w, tag);
    ic_write_bytes(w, content);
    ic_pki_der_close(w, mark);
}

void ic_pki_der_put_integer(struct ic_writer *w, struct ic_view number)
{
    while (number.len > 0 && number.p[0] == 0)
        number = ic_view_sub(number, 1, number.len - 1);
    size_t mark = ic_pki_der_open(w, DER_INTEGER);
    if (number.len == 0 || number.p[0] & 0x80)
        ic_write_u8(w, 0);
    ic_write_bytes(w, number);
    ic_pki_der_close(w, mark);
}

void ic_pki_der_put_number(struct ic_writer *w, uint64_t number)
{
    uint8_t bytes[8];
    ic_store_u64(bytes, number);
    ic_pki_der_put_integer(w, IC_VIEW_ARRAY(bytes));
}

void ic_pki_der_put_enumerated(struct ic_writer *w, uint8_t value)
{
    ic_pki_der_put(w, DER_ENUMERATED, ic_view(&value, 1));
}

void ic_pki_der_put_true(struct ic_writer *w)
{
    static const uint8_t yes = 0xff;
    ic_pki_der_put(w, DER_BOOLEAN, ic_view(&yes, 1));
}

void ic_pki_der_put_bytes(struct ic_writer *w, struct ic_view v)
{
    size_t mark = ic_pki_der_open(w, DER_BIT_STRING);
    ic_write_u8(w, 0);
    ic_write_bytes(w, v);
    ic_pki_der_close(w, mark);
}

void ic_pki_der_put_bits(struct ic_writer *w, uint16_t bits)
{
    uint8_t content[3] = {0};
    size_t last = 0;
    for (size_t i = 0; i < 16; i++) {
        if (!(bits >> i & 1))
            continue;
        content[1 + i / 8] |= (uint8_t)(0x80 >> i % 8);
        last = i;
    }
    content[0] = (uint8_t)(7 - last % 8);
    ic_pki_der_put(w, DER_BIT_STRING, ic_view(content, 2 + last / 8));
}

/* "2026-11-23T04:00:00Z" without what separates. */
static void put_time(struct ic_writer *w, int64_t time, uint8_t tag, size_t skip)
{
    static const int64_t first = -631152000, last = 253402300799; /* 1950, and the end of 9999 */
    char text[IC_PKI_TIME_TEXT], digits[16];
    size_t n = 0;
    if (time < first || time > last) {
        ic_writer_fail(w, IC_ERR_ARG);
        return;
    }
    ic_pki_time_text(time, text);
    for (size_t i = skip; text[i]; i++) {
        if (text[i] >= '0' && text[i] <= '9')
            digits[n++] = text[i];
    }
    digits[n++] = 'Z';
    ic_pki_der_put(w, tag, ic_view(digits, n));
}

void ic_pki_der_put_generalized(struct ic_writer *w, int64_t time)
{
    put_time(w, time, DER_GENERALIZED_TIME, 0);
}

void ic_pki_der_put_time(struct ic_writer *w, int64_t time)
{
    static const int64_t y2050 = 2524608000;
    if (time < y2050)
        put_time(w, time, DER_UTC_TIME, 2);
    else
        ic_pki_der_put_generalized(w, time);
}
