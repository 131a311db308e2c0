#include <ic/crypto/ecdsa.h>

#include <string.h>

enum { TAG_INTEGER = 2, TAG_SEQUENCE = 0x30, LONG_FORM = 0x81 };

static size_t field_len(enum ic_sig_id id)
{
    return id == IC_ECDSA_P256_SHA256   ? 32
           : id == IC_ECDSA_P384_SHA384 ? 48
           : id == IC_ECDSA_P521_SHA512 ? 66
                                        : 0;
}

size_t ic_ecdsa_raw_len(enum ic_sig_id id)
{
    return 2 * field_len(id);
}

/* Takes tag and length off the front of *v; the rest is what is left of *v behind the content. */
static bool take(struct ic_view *v, uint8_t tag, struct ic_view *content)
{
    size_t head = 2;
    if (v->len < head || v->p[0] != tag)
        return false;
    size_t len = v->p[1];
    if (len == LONG_FORM) {
        head = 3;
        if (v->len < head || v->p[2] < 128)
            return false;
        len = v->p[2];
    } else if (len > 127) {
        return false;
    }
    if (len > v->len - head)
        return false;
    *content = ic_view(v->p + head, len);
    *v = ic_view(v->p + head + len, v->len - head - len);
    return true;
}

/* A positive INTEGER in its shortest form, right-aligned in n bytes. */
static bool take_integer(struct ic_view *v, uint8_t *out, size_t n)
{
    struct ic_view i;
    if (!take(v, TAG_INTEGER, &i) || i.len == 0 || (i.p[0] & 0x80))
        return false;
    if (i.p[0] == 0 && (i.len == 1 || !(i.p[1] & 0x80)))
        return false; /* zero, or a zero too many */
    if (i.p[0] == 0)
        i = ic_view_sub(i, 1, i.len - 1);
    if (i.len > n)
        return false;
    memset(out, 0, n - i.len);
    memcpy(out + n - i.len, i.p, i.len);
    return true;
}

ic_err ic_ecdsa_raw_from_der(enum ic_sig_id id, struct ic_view der, uint8_t *raw, size_t *raw_len)
{
    size_t n = field_len(id);
    uint8_t made[IC_ECDSA_RAW_MAX];
    struct ic_view both;
    if (n == 0)
        return IC_ERR_UNSUPPORTED;
    if (!take(&der, TAG_SEQUENCE, &both) || der.len || !take_integer(&both, made, n) ||
        !take_integer(&both, made + n, n) || both.len)
        return IC_ERR_MALFORMED;
    memcpy(raw, made, 2 * n);
    *raw_len = 2 * n;
    return IC_OK;
}

static size_t put_integer(const uint8_t *p, size_t n, uint8_t *out)
{
    while (n > 1 && *p == 0) {
        p++;
        n--;
    }
    size_t pad = *p >> 7;
    out[0] = TAG_INTEGER;
    out[1] = (uint8_t)(n + pad);
    out[2] = 0;
    memcpy(out + 2 + pad, p, n);
    return 2 + pad + n;
}

ic_err ic_ecdsa_der_from_raw(enum ic_sig_id id, struct ic_view raw, uint8_t *der, size_t *der_len)
{
    size_t n = field_len(id);
    uint8_t both[IC_SIG_MAX];
    if (n == 0)
        return IC_ERR_UNSUPPORTED;
    if (raw.len != 2 * n)
        return IC_ERR_MALFORMED;
    size_t len = put_integer(raw.p, n, both), head = 2;
    len += put_integer(raw.p + n, n, both + len);
    der[0] = TAG_SEQUENCE;
    if (len > 127) {
        der[1] = LONG_FORM;
        head = 3;
    }
    der[head - 1] = (uint8_t)len;
    memcpy(der + head, both, len);
    *der_len = head + len;
    return IC_OK;
}
