#include <ic/base/reader.h>
#include <ic/rtc/vp8.h>
#include <string.h>

enum { X = 0x80, N = 0x20, S = 0x10, I = 0x80, L = 0x40, T = 0x20, K = 0x10, M = 0x80 };

ic_err ic_rtc_vp8_decode(struct ic_view payload, struct ic_rtc_vp8 *out)
{
    struct ic_rtc_vp8 d = {0};
    struct ic_reader r = ic_reader(payload);
    uint8_t first = ic_read_u8(&r);
    d.non_reference = (first & N) != 0;
    d.start = (first & S) != 0;
    d.partition = first & 7;
    uint8_t more = (first & X) != 0 ? ic_read_u8(&r) : 0;
    if ((more & I) != 0) {
        d.has_picture_id = true;
        d.picture_at = (uint8_t)(payload.len - ic_reader_left(&r));
        d.picture_id = ic_read_u8(&r);
        d.long_picture = (d.picture_id & M) != 0;
        if (d.long_picture)
            d.picture_id = (uint16_t)((d.picture_id & 0x7f) << 8 | ic_read_u8(&r));
    }
    if ((more & L) != 0) {
        d.has_tl0 = true;
        d.tl0_at = (uint8_t)(payload.len - ic_reader_left(&r));
        d.tl0 = ic_read_u8(&r);
    }
    if ((more & (T | K)) != 0) {
        uint8_t b = ic_read_u8(&r);
        d.has_tid = (more & T) != 0;
        d.tid = b >> 6;
        d.layer_sync = (b & 0x20) != 0;
        d.key_index = b & 31;
    }
    d.slice = ic_read_bytes(&r, ic_reader_left(&r));
    if (r.err != IC_OK || d.slice.len == 0)
        return IC_ERR_TRUNCATED;
    *out = d;
    return IC_OK;
}

struct ic_rtc_slices ic_rtc_slices(struct ic_view frame, uint16_t picture_id)
{
    struct ic_rtc_slices s = {.left = frame, .picture_id = picture_id & 0x7fff};
    s.count = (frame.len + IC_RTC_VP8_SLICE_MAX - 1) / IC_RTC_VP8_SLICE_MAX;
    s.slice_len = s.count ? (frame.len + s.count - 1) / s.count : 0;
    return s;
}

bool ic_rtc_slices_next(struct ic_rtc_slices *s, uint8_t *out, size_t *len)
{
    if (s->left.len == 0)
        return false;
    size_t n = s->left.len < s->slice_len ? s->left.len : s->slice_len;
    s->first = !s->started;
    s->started = true;
    out[0] = (uint8_t)(X | (s->first ? S : 0));
    out[1] = I;
    ic_store_u16(out + 2, (uint16_t)(0x8000 | s->picture_id));
    memcpy(out + IC_RTC_VP8_DESCRIPTOR_LEN, s->left.p, n);
    s->left = ic_view_sub(s->left, n, s->left.len - n);
    s->last = s->left.len == 0;
    *len = IC_RTC_VP8_DESCRIPTOR_LEN + n;
    return true;
}
