#include "crc32.h"
#include <ic/base/reader.h>
#include <ic/base/secret.h>
#include <ic/crypto/hash.h>
#include <ic/rtc/stun.h>
#include <string.h>

enum { HEADER = 20, COOKIE = 0x2112a442, FINGERPRINT_XOR = 0x5354554e, SHA1_LEN = 20 };

/* RFC 8489 section 18.3, RFC 8445 section 16.1 */
enum attribute {
    USERNAME = 0x0006,
    MESSAGE_INTEGRITY = 0x0008,
    ERROR_CODE = 0x0009,
    UNKNOWN_ATTRIBUTES = 0x000a,
    XOR_MAPPED_ADDRESS = 0x0020,
    PRIORITY = 0x0024,
    USE_CANDIDATE = 0x0025,
    FINGERPRINT = 0x8028,
    ICE_CONTROLLED = 0x8029,
    ICE_CONTROLLING = 0x802a,
};

static ic_err decode_address(struct ic_view v, const uint8_t *transaction, struct ic_rtc_addr *out)
{
    struct ic_rtc_addr a = {0};
    if (v.len != 8 && v.len != 20)
        return IC_ERR_MALFORMED;
    size_t ip_len = v.len - 4;
    if (v.p[1] != (ip_len == 4 ? 1 : 2))
        return IC_ERR_MALFORMED;
    a.family = ip_len == 4 ? 4 : 6;
    a.port = ic_load_u16(v.p + 2) ^ (COOKIE >> 16);
    uint8_t mask[16];
    ic_store_u32(mask, COOKIE);
    memcpy(mask + 4, transaction, 12);
    for (size_t i = 0; i < ip_len; i++)
        a.ip[i] = v.p[4 + i] ^ mask[i];
    *out = a;
    return IC_OK;
}

static ic_err take_number(struct ic_view v, size_t len, uint64_t *out)
{
    if (v.len != len)
        return IC_ERR_MALFORMED;
    *out = len == 8 ? ic_load_u64(v.p) : len == 4 ? ic_load_u32(v.p) : 0;
    return IC_OK;
}

/* An attribute before MESSAGE-INTEGRITY, or one of a message without it. */
static ic_err decode_attribute(uint16_t type, struct ic_view v, struct ic_rtc_stun *m)
{
    uint64_t n = 0;
    switch (type) {
    case USERNAME:
        if (v.len == 0 || v.len > 513)
            return IC_ERR_MALFORMED;
        m->username = v;
        return IC_OK;
    case PRIORITY:
        IC_TRY(take_number(v, 4, &n));
        m->priority = (uint32_t)n;
        m->has_priority = true;
        return IC_OK;
    case USE_CANDIDATE:
        m->use_candidate = true;
        return take_number(v, 0, &n);
    case ICE_CONTROLLED:
    case ICE_CONTROLLING:
        IC_TRY(take_number(v, 8, &m->tie_breaker));
        m->controlling = type == ICE_CONTROLLING;
        m->controlled = type == ICE_CONTROLLED;
        return IC_OK;
    case XOR_MAPPED_ADDRESS:
        return decode_address(v, m->transaction, &m->mapped);
    case ERROR_CODE:
        if (v.len < 4 || v.p[2] < 3 || v.p[2] > 6 || v.p[3] > 99)
            return IC_ERR_MALFORMED;
        m->error_code = (uint16_t)(v.p[2] * 100 + v.p[3]);
        return IC_OK;
    case UNKNOWN_ATTRIBUTES:
        return IC_OK;
    default:
        /* RFC 8489 section 14: below 0x8000 comprehension is required. */
        if (type < 0x8000 && m->unknown == 0)
            m->unknown = type;
        return IC_OK;
    }
}

static ic_err check_fingerprint(const struct ic_rtc_stun *m, size_t at, struct ic_view v)
{
    if (v.len != 4 || at + 8 != m->message.len)
        return IC_ERR_MALFORMED; /* RFC 8489 section 14.7: it is the last attribute */
    uint32_t want = ic_rtc_crc32(ic_view(m->message.p, at)) ^ FINGERPRINT_XOR;
    return ic_load_u32(v.p) == want ? IC_OK : IC_ERR_AUTH;
}

static ic_err decode_attributes(struct ic_reader *r, struct ic_rtc_stun *m)
{
    for (int count = 0; ic_reader_more(r); count++) {
        if (count == IC_RTC_STUN_ATTRIBUTES_MAX)
            return IC_ERR_LIMIT;
        size_t at = (size_t)(r->p - m->message.p);
        uint16_t type = ic_read_u16(r);
        uint16_t len = ic_read_u16(r);
        struct ic_view v = ic_read_bytes(r, len);
        ic_read_bytes(r, (4 - (len & 3)) & 3);
        if (r->err != IC_OK)
            return r->err;
        if (type == FINGERPRINT) {
            IC_TRY(check_fingerprint(m, at, v));
            m->has_fingerprint = true;
        } else if (m->has_integrity) {
            continue;
        } else if (type == MESSAGE_INTEGRITY) {
            if (v.len != SHA1_LEN)
                return IC_ERR_MALFORMED;
            m->has_integrity = true;
            m->integrity_at = at;
        } else {
            IC_TRY(decode_attribute(type, v, m));
        }
    }
    return IC_OK;
}

ic_err ic_rtc_stun_decode(struct ic_view datagram, struct ic_rtc_stun *out)
{
    if (datagram.len > IC_RTC_STUN_MAX)
        return IC_ERR_LIMIT;
    struct ic_rtc_stun m = {.message = datagram};
    struct ic_reader r = ic_reader(datagram);
    m.type = ic_read_u16(&r);
    uint16_t len = ic_read_u16(&r);
    uint32_t cookie = ic_read_u32(&r);
    m.transaction = ic_read_bytes(&r, IC_RTC_STUN_TRANSACTION_LEN).p;
    if (r.err != IC_OK)
        return r.err;
    if (m.type >= 0x4000 || cookie != COOKIE || (len & 3) != 0)
        return IC_ERR_MALFORMED;
    if (len > ic_reader_left(&r))
        return IC_ERR_TRUNCATED;
    if (len < ic_reader_left(&r))
        return IC_ERR_TRAILING;
    IC_TRY(decode_attributes(&r, &m));
    IC_TRY(ic_reader_end(&r));
    *out = m;
    return IC_OK;
}

/* RFC 8489 section 14.5: the length field counts up to and with MESSAGE-INTEGRITY. */
static void integrity(const uint8_t *message, size_t at, struct ic_view key, uint8_t *mac)
{
    uint8_t head[4];
    memcpy(head, message, 2);
    ic_store_u16(head + 2, (uint16_t)(at + 4 + SHA1_LEN - HEADER));
    struct ic_view parts[2] = {IC_VIEW_ARRAY(head), ic_view(message + 4, at - 4)};
    struct ic_hmac_key k;
    ic_hmac_key_init(&k, IC_SHA1, key);
    ic_hmac_parts(&k, parts, 2, mac);
    ic_hmac_key_clear(&k);
}

ic_err ic_rtc_stun_verify(const struct ic_rtc_stun *m, struct ic_view key)
{
    uint8_t mac[IC_HASH_MAX];
    if (!m->has_integrity)
        return IC_ERR_AUTH;
    integrity(m->message.p, m->integrity_at, key, mac);
    return ic_ct_equal(ic_view(mac, SHA1_LEN),
                       ic_view(m->message.p + m->integrity_at + 4, SHA1_LEN))
               ? IC_OK
               : IC_ERR_AUTH;
}

void ic_rtc_stun_begin(struct ic_rtc_stun_writer *w, uint8_t *p, size_t cap, uint16_t type,
                       const uint8_t *transaction)
{
    *w = (struct ic_rtc_stun_writer){.p = p, .cap = cap};
    if (cap < HEADER) {
        w->err = IC_ERR_LIMIT;
        return;
    }
    ic_store_u16(p, type);
    ic_store_u16(p + 2, 0);
    ic_store_u32(p + 4, COOKIE);
    memcpy(p + 8, transaction, IC_RTC_STUN_TRANSACTION_LEN);
    w->len = HEADER;
}

/* Room for an attribute of len bytes, padded with zeros; NULL on the sticky error. */
static uint8_t *put(struct ic_rtc_stun_writer *w, uint16_t type, size_t len)
{
    size_t padded = (len + 3) & ~(size_t)3;
    if (w->err != IC_OK || len > UINT16_MAX || w->cap - w->len < 4 + padded) {
        if (w->err == IC_OK)
            w->err = IC_ERR_LIMIT;
        return NULL;
    }
    uint8_t *p = w->p + w->len;
    ic_store_u16(p, type);
    ic_store_u16(p + 2, (uint16_t)len);
    memset(p + 4, 0, padded);
    w->len += 4 + padded;
    ic_store_u16(w->p + 2, (uint16_t)(w->len - HEADER));
    return p + 4;
}

static void put_bytes(struct ic_rtc_stun_writer *w, uint16_t type, struct ic_view v)
{
    uint8_t *p = put(w, type, v.len);
    if (p && v.len > 0)
        memcpy(p, v.p, v.len);
}

void ic_rtc_stun_put_username(struct ic_rtc_stun_writer *w, struct ic_view v)
{
    put_bytes(w, USERNAME, v);
}

void ic_rtc_stun_put_priority(struct ic_rtc_stun_writer *w, uint32_t priority)
{
    uint8_t b[4];
    ic_store_u32(b, priority);
    put_bytes(w, PRIORITY, IC_VIEW_ARRAY(b));
}

static void put_role(struct ic_rtc_stun_writer *w, uint16_t type, uint64_t tie_breaker)
{
    uint8_t b[8];
    ic_store_u64(b, tie_breaker);
    put_bytes(w, type, IC_VIEW_ARRAY(b));
}

void ic_rtc_stun_put_controlling(struct ic_rtc_stun_writer *w, uint64_t tie_breaker)
{
    put_role(w, ICE_CONTROLLING, tie_breaker);
}

void ic_rtc_stun_put_controlled(struct ic_rtc_stun_writer *w, uint64_t tie_breaker)
{
    put_role(w, ICE_CONTROLLED, tie_breaker);
}

void ic_rtc_stun_put_use_candidate(struct ic_rtc_stun_writer *w)
{
    put_bytes(w, USE_CANDIDATE, ic_view(NULL, 0));
}

void ic_rtc_stun_put_address(struct ic_rtc_stun_writer *w, const struct ic_rtc_addr *a)
{
    size_t ip_len = a->family == 4 ? 4 : 16;
    uint8_t *p = put(w, XOR_MAPPED_ADDRESS, 4 + ip_len);
    if (!p)
        return;
    p[1] = a->family == 4 ? 1 : 2;
    ic_store_u16(p + 2, a->port ^ (COOKIE >> 16));
    /* Cookie and transaction lie side by side in the header: the mask as it is. */
    for (size_t i = 0; i < ip_len; i++)
        p[4 + i] = a->ip[i] ^ w->p[4 + i];
}

void ic_rtc_stun_put_error(struct ic_rtc_stun_writer *w, uint16_t code, struct ic_view reason)
{
    uint8_t *p = put(w, ERROR_CODE, 4 + reason.len);
    if (!p)
        return;
    p[2] = (uint8_t)(code / 100);
    p[3] = (uint8_t)(code % 100);
    if (reason.len > 0)
        memcpy(p + 4, reason.p, reason.len);
}

void ic_rtc_stun_put_unknown(struct ic_rtc_stun_writer *w, uint16_t attribute)
{
    uint8_t b[2];
    ic_store_u16(b, attribute);
    put_bytes(w, UNKNOWN_ATTRIBUTES, IC_VIEW_ARRAY(b));
}

ic_err ic_rtc_stun_finish(struct ic_rtc_stun_writer *w, struct ic_view key, size_t *len)
{
    if (key.len > 0) {
        size_t at = w->len;
        uint8_t *p = put(w, MESSAGE_INTEGRITY, SHA1_LEN);
        if (p) {
            uint8_t mac[IC_HASH_MAX];
            integrity(w->p, at, key, mac);
            memcpy(p, mac, SHA1_LEN);
        }
    }
    size_t at = w->len;
    uint8_t *p = put(w, FINGERPRINT, 4);
    if (!p)
        return w->err;
    ic_store_u32(p, ic_rtc_crc32(ic_view(w->p, at)) ^ FINGERPRINT_XOR);
    *len = w->len;
    return IC_OK;
}
