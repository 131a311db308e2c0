/* A whole endpoint: raw datagrams as from the network, and packets as SRTP would hand them over. Each item
 * is a kind, a length, bytes. */
#include "../src/endpoint.h"
#include <ic/base/reader.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ic_err some(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 0x41, n);
    return IC_OK;
}

static void nowhere(void *ctx, const struct ic_rtc_addr *to, struct ic_view datagram)
{
    (void)ctx;
    (void)to;
    (void)datagram;
}

static void take_frame(void *ctx, const struct ic_rtc_frame *f, uint64_t now_ms)
{
    (void)now_ms;
    if (f->data.len == 0)
        abort();
    ic_rtc_endpoint_request_key_frame(*(struct ic_rtc_endpoint **)ctx, f->ssrc);
}

static struct ic_rtc_endpoint *make(struct ic_rtc_endpoint **self)
{
    static const uint8_t fingerprint[32];
    struct ic_rtc_endpoint *ep;
    struct ic_rtc_endpoint_config c = {
        .rand = {some, NULL}, .ctx = self, .send = nowhere, .frame = take_frame};
    struct ic_rtc_endpoint_remote remote = {.ufrag = IC_VIEW_STR("abcd"),
                                            .pwd = IC_VIEW_STR("0123456789012345678901"),
                                            .fingerprint = IC_VIEW_ARRAY(fingerprint),
                                            .addresses = {{.family = 4, .port = 1}},
                                            .address_count = 1};
    if (ic_rtc_endpoint_new(&c, &ep) != IC_OK)
        return NULL;
    IC_IGNORE(ic_rtc_endpoint_add_source(ep, IC_RTC_VIDEO, 1));
    IC_IGNORE(ic_rtc_endpoint_add_slot(ep, IC_RTC_AUDIO, 2));
    IC_IGNORE(ic_rtc_endpoint_add_slot(ep, IC_RTC_VIDEO, 3));
    IC_IGNORE(ic_rtc_endpoint_start(ep, &remote, 1000));
    *self = ep;
    return ep;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_rtc_endpoint *self = NULL, *ep = make(&self);
    struct ic_rtc_addr from = {.family = 4, .port = 1};
    struct ic_reader r = ic_reader(ic_view(data, size));
    uint64_t now_ms = 1000, index = 100;
    while (ep && ic_reader_more(&r)) {
        uint8_t kind = ic_read_u8(&r), p[IC_RTC_PACKET_MAX];
        size_t len = ic_read_u16(&r);
        len = len > ic_reader_left(&r) ? ic_reader_left(&r) : len;
        len = len > sizeof p ? sizeof p : len;
        struct ic_view v = ic_read_bytes(&r, len);
        if (v.len > 0)
            memcpy(p, v.p, v.len);
        now_ms += kind >> 4;
        index += kind >> 2 & 3;
        if ((kind & 3) == 0)
            ic_rtc_endpoint_input(ep, &from, p, v.len, now_ms);
        else if ((kind & 3) == 3)
            ic_rtc_endpoint_tick_slots(ep, now_ms);
        else
            ic_rtc_endpoint_packet(ep, (kind & 3) == 1, p, v.len, index, now_ms);
        ic_rtc_endpoint_tick(ep, now_ms);
        (void)ic_rtc_endpoint_deadline(ep);
    }
    ic_rtc_endpoint_free(ep);
    return 0;
}
