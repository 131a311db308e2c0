#include <ic/rtc/addr.h>
#include <string.h>

bool ic_rtc_addr_equal(const struct ic_rtc_addr *a, const struct ic_rtc_addr *b)
{
    return a->family == b->family && a->port == b->port && memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

/* Dotted decimal, the whole text. */
static bool parse_v4(struct ic_view s, uint8_t *out)
{
    size_t i = 0;
    for (int part = 0; part < 4; part++) {
        unsigned value = 0;
        size_t digits = 0;
        while (i < s.len && s.p[i] >= '0' && s.p[i] <= '9' && digits < 3) {
            value = value * 10 + (unsigned)(s.p[i] - '0');
            i++;
            digits++;
        }
        if (digits == 0 || value > 255)
            return false;
        out[part] = (uint8_t)value;
        if (part < 3 && (i >= s.len || s.p[i++] != '.'))
            return false;
    }
    return i == s.len;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

struct v6 {
    uint16_t groups[8];
    int count, gap; /* gap: where :: stood, or -1 */
};

/* RFC 4291 section 2.2; true when the text is used up. */
static bool read_v6(struct ic_view s, struct v6 *v)
{
    size_t i = 0;
    if (s.len >= 2 && s.p[0] == ':' && s.p[1] == ':') {
        v->gap = 0;
        i = 2;
    }
    while (i < s.len) {
        size_t from = i;
        unsigned value = 0;
        while (i < s.len && i - from < 4 && hex_digit(s.p[i]) >= 0)
            value = value << 4 | (unsigned)hex_digit(s.p[i++]);
        if (i < s.len && s.p[i] == '.') {
            uint8_t ip[4];
            if (v->count > 6 || !parse_v4(ic_view_sub(s, from, s.len - from), ip))
                return false;
            v->groups[v->count++] = ic_load_u16(ip);
            v->groups[v->count++] = ic_load_u16(ip + 2);
            return true;
        }
        if (i == from || v->count >= 8)
            return false;
        v->groups[v->count++] = (uint16_t)value;
        if (i == s.len)
            return true;
        if (s.p[i++] != ':' || i == s.len)
            return false;
        if (s.p[i] == ':') {
            if (v->gap >= 0)
                return false;
            v->gap = v->count;
            i++;
        }
    }
    return true;
}

static bool parse_v6(struct ic_view s, uint8_t *out)
{
    struct v6 v = {.gap = -1};
    if (!read_v6(s, &v))
        return false;
    if (v.gap < 0 ? v.count != 8 : v.count > 7)
        return false;
    int tail = v.gap < 0 ? 0 : v.count - v.gap;
    for (int i = 0; i < v.count - tail; i++)
        ic_store_u16(out + 2 * i, v.groups[i]);
    for (int i = 0; i < tail; i++)
        ic_store_u16(out + 2 * (8 - tail + i), v.groups[v.gap + i]);
    return true;
}

bool ic_rtc_addr_parse(struct ic_view host, uint16_t port, struct ic_rtc_addr *out)
{
    struct ic_rtc_addr a = {.port = port};
    if (host.len > IC_RTC_ADDR_TEXT_MAX)
        return false;
    if (parse_v4(host, a.ip)) {
        a.family = 4;
    } else {
        memset(a.ip, 0, sizeof a.ip);
        if (host.len < 2 || !parse_v6(host, a.ip))
            return false;
        a.family = 6;
    }
    *out = a;
    return true;
}

enum ic_rtc_packet ic_rtc_demux(struct ic_view datagram)
{
    if (datagram.len == 0)
        return IC_RTC_PACKET_UNKNOWN;
    uint8_t first = datagram.p[0];
    if (first <= 3)
        return IC_RTC_PACKET_STUN;
    if (first >= 20 && first <= 63)
        return IC_RTC_PACKET_DTLS;
    if (first >= 128 && first <= 191 && datagram.len >= 2) {
        /* RFC 5761 section 4: RTCP types are 192..223 with the marker bit in their place. */
        uint8_t second = datagram.p[1];
        return second >= 192 && second <= 223 ? IC_RTC_PACKET_RTCP : IC_RTC_PACKET_RTP;
    }
    return IC_RTC_PACKET_UNKNOWN;
}
