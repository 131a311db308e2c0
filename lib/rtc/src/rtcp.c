#include <ic/rtc/rtcp.h>
#include <string.h>

enum {
    PT_SR = 200,
    PT_RR = 201,
    PT_SDES = 202,
    PT_BYE = 203,
    PT_RTPFB = 205,
    PT_PSFB = 206,
    FMT_NACK = 1,
    FMT_PLI = 1,
    FMT_FIR = 4,
    REPORT_LEN = 24,
};

struct ic_rtc_rtcp_iter ic_rtc_rtcp_iter(struct ic_view packet)
{
    return (struct ic_rtc_rtcp_iter){.left = packet,
                                     .err = packet.len < 8 ? IC_ERR_TRUNCATED : IC_OK};
}

static struct ic_rtc_rtcp_report decode_report(const uint8_t *p)
{
    uint32_t lost = ic_load_u32(p + 4);
    int32_t total = (int32_t)(lost & 0xffffff);
    return (struct ic_rtc_rtcp_report){
        .ssrc = ic_load_u32(p),
        .fraction_lost = (uint8_t)(lost >> 24),
        .lost = total >= 0x800000 ? total - 0x1000000 : total,
        .highest_seq = ic_load_u32(p + 8),
        .jitter = ic_load_u32(p + 12),
        .last_sr = ic_load_u32(p + 16),
        .delay = ic_load_u32(p + 20),
    };
}

static ic_err decode_reports(struct ic_view v, size_t at, unsigned count, struct ic_rtc_rtcp *r)
{
    if (v.len < at + (size_t)count * REPORT_LEN)
        return IC_ERR_MALFORMED;
    for (unsigned i = 0; i < count; i++)
        r->reports[i] = decode_report(v.p + at + (size_t)i * REPORT_LEN);
    r->report_count = count;
    return IC_OK;
}

static ic_err decode_sr(struct ic_view v, unsigned count, struct ic_rtc_rtcp *r)
{
    if (v.len < 28)
        return IC_ERR_MALFORMED;
    r->type = IC_RTC_RTCP_SR;
    r->ntp = ic_load_u64(v.p + 8);
    r->timestamp = ic_load_u32(v.p + 16);
    r->packets = ic_load_u32(v.p + 20);
    r->octets = ic_load_u32(v.p + 24);
    return decode_reports(v, 28, count, r);
}

static ic_err decode_nack(struct ic_view v, struct ic_rtc_rtcp *r)
{
    if (v.len < 16)
        return IC_ERR_MALFORMED;
    r->type = IC_RTC_RTCP_NACK;
    for (size_t at = 12; at < v.len && r->nack_count < IC_RTC_RTCP_NACKS_MAX; at += 4)
        r->nacks[r->nack_count++] =
            (struct ic_rtc_rtcp_nack){ic_load_u16(v.p + at), ic_load_u16(v.p + at + 2)};
    return IC_OK;
}

static ic_err decode_psfb(struct ic_view v, unsigned format, struct ic_rtc_rtcp *r)
{
    if (format == FMT_PLI) {
        r->type = IC_RTC_RTCP_PLI;
        return v.len == 12 ? IC_OK : IC_ERR_MALFORMED;
    }
    if (format != FMT_FIR)
        return IC_OK;
    /* RFC 5104 section 4.3.1.1 */
    if (v.len < 20 || (v.len - 12) % 8 != 0)
        return IC_ERR_MALFORMED;
    r->type = IC_RTC_RTCP_FIR;
    for (size_t at = 12; at < v.len && r->ssrc_count < IC_RTC_RTCP_FIRS_MAX; at += 8) {
        r->ssrcs[r->ssrc_count] = ic_load_u32(v.p + at);
        r->fir_seq[r->ssrc_count++] = v.p[at + 4];
    }
    return IC_OK;
}

static ic_err decode_bye(struct ic_view v, unsigned count, struct ic_rtc_rtcp *r)
{
    if (v.len < 4 + 4u * count)
        return IC_ERR_MALFORMED;
    r->type = IC_RTC_RTCP_BYE;
    for (unsigned i = 0; i < count; i++)
        r->ssrcs[i] = ic_load_u32(v.p + 4 + 4u * i);
    r->ssrc_count = count;
    return IC_OK;
}

static ic_err decode_one(struct ic_view v, struct ic_rtc_rtcp *r)
{
    unsigned count = v.p[0] & 31, type = v.p[1];
    if (type == PT_BYE)
        return decode_bye(v, count, r);
    if (v.len < 8)
        return type == PT_SDES ? IC_OK : IC_ERR_MALFORMED;
    r->sender = ic_load_u32(v.p + 4);
    switch (type) {
    case PT_SR:
        return decode_sr(v, count, r);
    case PT_RR:
        r->type = IC_RTC_RTCP_RR;
        return decode_reports(v, 8, count, r);
    case PT_SDES:
        r->type = IC_RTC_RTCP_SDES;
        return IC_OK;
    case PT_RTPFB:
    case PT_PSFB:
        if (v.len < 12)
            return IC_ERR_MALFORMED;
        r->media = ic_load_u32(v.p + 8);
        if (type == PT_PSFB)
            return decode_psfb(v, count, r);
        return count == FMT_NACK ? decode_nack(v, r) : IC_OK;
    default:
        return IC_OK;
    }
}

bool ic_rtc_rtcp_next(struct ic_rtc_rtcp_iter *it, struct ic_rtc_rtcp *out)
{
    if (it->err != IC_OK || it->left.len == 0)
        return false;
    if (it->left.len < 4 || it->left.p[0] >> 6 != 2) {
        it->err = IC_ERR_MALFORMED;
        return false;
    }
    size_t len = 4 * ((size_t)ic_load_u16(it->left.p + 2) + 1), used = len;
    if (len > it->left.len) {
        it->err = IC_ERR_TRUNCATED;
        return false;
    }
    if ((it->left.p[0] & 0x20) != 0) {
        /* RFC 3550 section 6.4.1: padding only in the last packet of a compound. */
        uint8_t padding = it->left.p[len - 1];
        if (len != it->left.len || padding == 0 || padding % 4 != 0 || padding > len - 4) {
            it->err = IC_ERR_MALFORMED;
            return false;
        }
        used -= padding;
    }
    memset(out, 0, offsetof(struct ic_rtc_rtcp, reports));
    out->report_count = out->nack_count = out->ssrc_count = 0;
    it->err = decode_one(ic_view_sub(it->left, 0, used), out);
    if (it->err != IC_OK)
        return false;
    it->left = ic_view_sub(it->left, len, it->left.len - len);
    return true;
}

struct ic_rtc_rtcp_writer ic_rtc_rtcp_writer(uint8_t *p, size_t cap)
{
    return (struct ic_rtc_rtcp_writer){.p = p, .cap = cap};
}

/* A part of len bytes with its header filled in; NULL where it does not fit. */
static uint8_t *part(struct ic_rtc_rtcp_writer *w, unsigned count, unsigned type, size_t len)
{
    if (len > w->cap - w->len) {
        w->err = IC_ERR_LIMIT;
        return NULL;
    }
    uint8_t *p = w->p + w->len;
    memset(p, 0, len);
    p[0] = (uint8_t)(0x80 | count);
    p[1] = (uint8_t)type;
    ic_store_u16(p + 2, (uint16_t)(len / 4 - 1));
    w->len += len;
    return p;
}

static void put_reports(uint8_t *p, const struct ic_rtc_rtcp_report *reports, size_t n)
{
    for (size_t i = 0; i < n; i++, p += REPORT_LEN) {
        ic_store_u32(p, reports[i].ssrc);
        ic_store_u32(p + 4, (uint32_t)reports[i].fraction_lost << 24 |
                                ((uint32_t)reports[i].lost & 0xffffff));
        ic_store_u32(p + 8, reports[i].highest_seq);
        ic_store_u32(p + 12, reports[i].jitter);
        ic_store_u32(p + 16, reports[i].last_sr);
        ic_store_u32(p + 20, reports[i].delay);
    }
}

void ic_rtc_rtcp_put_sr(struct ic_rtc_rtcp_writer *w, uint32_t ssrc, uint64_t ntp,
                        uint32_t timestamp, uint32_t packets, uint32_t octets,
                        const struct ic_rtc_rtcp_report *reports, size_t n)
{
    if (n > IC_RTC_RTCP_REPORTS_MAX)
        n = IC_RTC_RTCP_REPORTS_MAX;
    uint8_t *p = part(w, (unsigned)n, PT_SR, 28 + n * REPORT_LEN);
    if (!p)
        return;
    ic_store_u32(p + 4, ssrc);
    ic_store_u64(p + 8, ntp);
    ic_store_u32(p + 16, timestamp);
    ic_store_u32(p + 20, packets);
    ic_store_u32(p + 24, octets);
    put_reports(p + 28, reports, n);
}

void ic_rtc_rtcp_put_rr(struct ic_rtc_rtcp_writer *w, uint32_t ssrc,
                        const struct ic_rtc_rtcp_report *reports, size_t n)
{
    if (n > IC_RTC_RTCP_REPORTS_MAX)
        n = IC_RTC_RTCP_REPORTS_MAX;
    uint8_t *p = part(w, (unsigned)n, PT_RR, 8 + n * REPORT_LEN);
    if (!p)
        return;
    ic_store_u32(p + 4, ssrc);
    put_reports(p + 8, reports, n);
}

void ic_rtc_rtcp_put_cname(struct ic_rtc_rtcp_writer *w, uint32_t ssrc, struct ic_view cname)
{
    size_t n = cname.len > 255 ? 255 : cname.len;
    /* RFC 3550 section 6.5: the items end with at least one zero byte, up to a whole word. */
    uint8_t *p = part(w, 1, PT_SDES, (8 + 2 + n + 1 + 3) & ~(size_t)3);
    if (!p)
        return;
    ic_store_u32(p + 4, ssrc);
    p[8] = 1;
    p[9] = (uint8_t)n;
    memcpy(p + 10, cname.p, n);
}

static size_t pack_nacks(const uint16_t *seqs, size_t n, struct ic_rtc_rtcp_nack *out, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        uint16_t ahead = count > 0 ? (uint16_t)(seqs[i] - out[count - 1].seq) : 0;
        if (count > 0 && ahead >= 1 && ahead <= 16) {
            out[count - 1].mask = (uint16_t)(out[count - 1].mask | 1u << (ahead - 1));
        } else {
            if (count == max)
                break;
            out[count++] = (struct ic_rtc_rtcp_nack){.seq = seqs[i]};
        }
    }
    return count;
}

void ic_rtc_rtcp_put_nack(struct ic_rtc_rtcp_writer *w, uint32_t sender, uint32_t media,
                          const uint16_t *seqs, size_t n)
{
    struct ic_rtc_rtcp_nack nacks[IC_RTC_RTCP_NACKS_MAX];
    size_t count = pack_nacks(seqs, n, nacks, IC_RTC_RTCP_NACKS_MAX);
    uint8_t *p = count > 0 ? part(w, FMT_NACK, PT_RTPFB, 12 + 4 * count) : NULL;
    if (!p)
        return;
    ic_store_u32(p + 4, sender);
    ic_store_u32(p + 8, media);
    for (size_t i = 0; i < count; i++) {
        ic_store_u16(p + 12 + 4 * i, nacks[i].seq);
        ic_store_u16(p + 14 + 4 * i, nacks[i].mask);
    }
}

void ic_rtc_rtcp_put_pli(struct ic_rtc_rtcp_writer *w, uint32_t sender, uint32_t media)
{
    uint8_t *p = part(w, FMT_PLI, PT_PSFB, 12);
    if (!p)
        return;
    ic_store_u32(p + 4, sender);
    ic_store_u32(p + 8, media);
}

void ic_rtc_rtcp_put_fir(struct ic_rtc_rtcp_writer *w, uint32_t sender, uint32_t media, uint8_t seq)
{
    uint8_t *p = part(w, FMT_FIR, PT_PSFB, 20);
    if (!p)
        return;
    ic_store_u32(p + 4, sender);
    ic_store_u32(p + 12, media);
    p[16] = seq;
}

void ic_rtc_rtcp_put_bye(struct ic_rtc_rtcp_writer *w, uint32_t ssrc)
{
    uint8_t *p = part(w, 1, PT_BYE, 8);
    if (p)
        ic_store_u32(p + 4, ssrc);
}

uint64_t ic_rtc_ntp(uint64_t now_ms)
{
    return (now_ms / 1000) << 32 | ((now_ms % 1000) << 32) / 1000;
}

uint32_t ic_rtc_rtcp_rtt_ms(const struct ic_rtc_rtcp_report *r, uint64_t now_ms)
{
    if (r->last_sr == 0)
        return 0;
    uint32_t taken = ic_rtc_ntp_middle(ic_rtc_ntp(now_ms)) - r->last_sr - r->delay;
    /* A report that claims more delay than has passed is wrong, not a journey into the past. */
    if (taken >= 0x80000000u)
        return 0;
    return (uint32_t)(((uint64_t)taken * 1000) >> 16);
}
