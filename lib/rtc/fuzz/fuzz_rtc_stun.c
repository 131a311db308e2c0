/* Decodes, verifies and splits; what it is of a request goes through both kinds of agent. */
#include <ic/rtc/ice.h>
#include <ic/rtc/stun.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ic_err some(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 0x5a, n);
    return IC_OK;
}

static void nowhere(void *ctx, const struct ic_rtc_addr *to, struct ic_view datagram)
{
    (void)ctx;
    (void)to;
    (void)datagram;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_view v = ic_view(data, size), ufrag;
    struct ic_rtc_stun m;
    struct ic_rtc_ice ice;
    struct ic_rtc_ice_config c = {.rand = {some, NULL},
                                  .send = nowhere,
                                  .local = {"evtj", "VOkJxbRl1RmTxUk/WvJxBt"},
                                  .remote = {"h6vY", "VOkJxbRl1RmTxUk/WvJxBt"},
                                  .remotes = {{.family = 4}},
                                  .remote_count = 1};
    struct ic_rtc_addr from = {.family = 4};
    if (ic_rtc_stun_decode(v, &m) == IC_OK)
        IC_IGNORE(ic_rtc_stun_verify(&m, ic_view_cstr(c.local.pwd)));
    (void)ic_rtc_ice_local_ufrag(v, &ufrag);
    (void)ic_rtc_demux(v);
    for (int lite = 0; lite < 2; lite++) {
        c.lite = lite;
        if (ic_rtc_ice_init(&ice, &c, 1) != IC_OK)
            continue;
        ic_rtc_ice_tick(&ice, 1);
        ic_rtc_ice_input(&ice, &from, v, 2);
        ic_rtc_ice_tick(&ice, 500);
    }
    return 0;
}
