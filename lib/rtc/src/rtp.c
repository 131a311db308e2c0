#include <ic/rtc/rtp.h>
#include <string.h>

enum {
    FIXED = 12,
    ONE_BYTE = 0xbede, /* RFC 8285 section 4.2 */
    TWO_BYTE = 0x1000, /* section 4.3: the low four bits are free */
    ONE_BYTE_MAX = 16,
};

uint64_t ic_rtc_seq_extend(uint64_t highest, uint16_t seq)
{
    uint64_t base = highest & ~(uint64_t)0xffff;
    uint16_t low = (uint16_t)highest;
    if (seq < low && low - seq > 0x8000)
        return base + 0x10000 + seq;
    if (seq > low && seq - low > 0x8000 && base >= 0x10000)
        return base - 0x10000 + seq;
    return base + seq;
}

ic_err ic_rtc_rtp_header_len(struct ic_view packet, size_t *len)
{
    if (packet.len < FIXED)
        return IC_ERR_TRUNCATED;
    if (packet.p[0] >> 6 != 2)
        return IC_ERR_MALFORMED;
    size_t n = FIXED + 4u * (packet.p[0] & 15);
    if ((packet.p[0] & 0x10) != 0) {
        if (packet.len < n + 4)
            return IC_ERR_TRUNCATED;
        n += 4 + 4u * ic_load_u16(packet.p + n + 2);
    }
    if (packet.len < n)
        return IC_ERR_TRUNCATED;
    *len = n;
    return IC_OK;
}

static void take_extension(unsigned id, struct ic_view v, struct ic_rtc_rtp *h)
{
    if (id == IC_RTC_EXT_AUDIO_LEVEL && v.len >= 1) {
        h->has_level = true;
        h->voice = (v.p[0] & 0x80) != 0;
        h->level = v.p[0] & 0x7f;
    } else if (id == IC_RTC_EXT_DD) {
        h->dd = v;
    } else if (id == IC_RTC_EXT_MID) {
        h->mid = v;
    } else if (id == IC_RTC_EXT_RID) {
        h->rid = v;
    }
}

/* RFC 8285 section 4.1.2: padding is a zero byte; in the one-byte form identifier 15 ends it all. */
static ic_err decode_extensions(uint16_t profile, struct ic_view v, struct ic_rtc_rtp *h)
{
    bool one = profile == ONE_BYTE;
    if (!one && (profile & 0xfff0) != TWO_BYTE)
        return IC_OK;
    for (size_t i = 0; i < v.len;) {
        uint8_t first = v.p[i++];
        if (first == 0)
            continue;
        unsigned id = one ? first >> 4 : first;
        if (one && id == 15)
            return IC_OK;
        if (!one && i == v.len)
            return IC_ERR_MALFORMED;
        size_t len = one ? (first & 15) + 1u : v.p[i++];
        if (len > v.len - i)
            return IC_ERR_MALFORMED;
        take_extension(id, ic_view_sub(v, i, len), h);
        i += len;
    }
    return IC_OK;
}

ic_err ic_rtc_rtp_decode(struct ic_view packet, struct ic_rtc_rtp *out)
{
    struct ic_rtc_rtp h = {0};
    IC_TRY(ic_rtc_rtp_header_len(packet, &h.header_len));
    size_t end = packet.len;
    if ((packet.p[0] & 0x20) != 0) {
        if (end == h.header_len || packet.p[end - 1] == 0 || packet.p[end - 1] > end - h.header_len)
            return IC_ERR_MALFORMED;
        end -= packet.p[end - 1];
    }
    h.marker = (packet.p[1] & 0x80) != 0;
    h.payload_type = packet.p[1] & 0x7f;
    h.seq = ic_load_u16(packet.p + 2);
    h.timestamp = ic_load_u32(packet.p + 4);
    h.ssrc = ic_load_u32(packet.p + 8);
    if ((packet.p[0] & 0x10) != 0) {
        size_t at = FIXED + 4u * (packet.p[0] & 15);
        IC_TRY(decode_extensions(ic_load_u16(packet.p + at),
                                 ic_view_sub(packet, at + 4, h.header_len - at - 4), &h));
    }
    h.payload = ic_view_sub(packet, h.header_len, end - h.header_len);
    *out = h;
    return IC_OK;
}

static size_t put_extension(uint8_t *p, bool one, unsigned id, const uint8_t *v, size_t len)
{
    size_t n = 0;
    p[n++] = (uint8_t)(one ? id << 4 | (len - 1) : id);
    if (!one)
        p[n++] = (uint8_t)len;
    memcpy(p + n, v, len);
    return n + len;
}

static size_t encode_extensions(const struct ic_rtc_rtp *h, uint8_t *p)
{
    size_t n = 4;
    bool one = h->dd.len <= ONE_BYTE_MAX;
    uint8_t level = (uint8_t)((h->voice ? 0x80 : 0) | (h->level & 0x7f));
    if (h->has_level)
        n += put_extension(p + n, one, IC_RTC_EXT_AUDIO_LEVEL, &level, 1);
    if (h->dd.len > 0)
        n += put_extension(p + n, one, IC_RTC_EXT_DD, h->dd.p, h->dd.len);
    while ((n & 3) != 0)
        p[n++] = 0;
    ic_store_u16(p, one ? ONE_BYTE : TWO_BYTE);
    ic_store_u16(p + 2, (uint16_t)(n / 4 - 1));
    return n;
}

ic_err ic_rtc_rtp_encode(const struct ic_rtc_rtp *h, uint8_t *out, size_t room, size_t *len)
{
    uint8_t b[IC_RTC_RTP_HEADER_MAX];
    size_t n = FIXED;
    bool extended = h->has_level || h->dd.len > 0;
    if (h->dd.len > 255)
        return IC_ERR_LIMIT;
    b[0] = (uint8_t)(0x80 | (extended ? 0x10 : 0));
    b[1] = (uint8_t)((h->marker ? 0x80 : 0) | (h->payload_type & 0x7f));
    ic_store_u16(b + 2, h->seq);
    ic_store_u32(b + 4, h->timestamp);
    ic_store_u32(b + 8, h->ssrc);
    if (extended)
        n += encode_extensions(h, b + n);
    if (n > room)
        return IC_ERR_LIMIT;
    memcpy(out, b, n);
    *len = n;
    return IC_OK;
}

void ic_rtc_rtp_rewrite(uint8_t *packet, uint32_t ssrc, uint16_t seq, uint32_t timestamp)
{
    ic_store_u16(packet + 2, seq);
    ic_store_u32(packet + 4, timestamp);
    ic_store_u32(packet + 8, ssrc);
}
