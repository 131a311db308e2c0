#include <ic/base/test.h>
#include <ic/rtc/endpoint.h>
#include <string.h>

static void nowhere(void *ctx, const struct ic_rtc_addr *to, struct ic_view datagram)
{
    (void)ctx;
    (void)to;
    (void)datagram;
}

/* OpenSSL allocates for itself; what is counted here is ours. */
static ic_err whole_endpoint(void *ctx)
{
    struct ic_rtc_endpoint *ep = NULL;
    struct ic_rtc_endpoint_config c = {.rand = ic_test_os_rand(), .send = nowhere};
    struct ic_rtc_endpoint_remote remote = {.ufrag = IC_VIEW_STR("abcd"),
                                            .pwd = IC_VIEW_STR("0123456789012345678901"),
                                            .fingerprint = ic_view(ctx, IC_RTC_FINGERPRINT_LEN),
                                            .addresses = {{.family = 4, .port = 1}},
                                            .address_count = 1};
    ic_err e = ic_rtc_endpoint_new(&c, &ep);
    if (e == IC_OK)
        e = ic_rtc_endpoint_add_source(ep, IC_RTC_VIDEO, 1);
    if (e == IC_OK)
        e = ic_rtc_endpoint_add_slot(ep, IC_RTC_VIDEO, 2);
    if (e == IC_OK)
        e = ic_rtc_endpoint_start(ep, &remote, 1);
    ic_rtc_endpoint_free(ep);
    return e;
}

TEST(endpoint_survives_each_failed_allocation)
{
    uint8_t fingerprint[IC_RTC_FINGERPRINT_LEN] = {0};
    CHECK(ic_test_each_alloc_fails(whole_endpoint, fingerprint) >= 6);
}

static ic_err srtp(void *ctx)
{
    static const uint8_t key[32], salt[12];
    struct ic_rtc_srtp *s = NULL;
    (void)ctx;
    IC_TRY(
        ic_rtc_srtp_new(IC_RTC_SRTP_AES_256_GCM, IC_VIEW_ARRAY(key), IC_VIEW_ARRAY(salt), 8, &s));
    ic_rtc_srtp_free(s);
    return IC_OK;
}

TEST(srtp_survives_each_failed_allocation)
{
    CHECK(ic_test_each_alloc_fails(srtp, NULL) >= 3);
}

TEST(endpoint_without_randomness_is_refused)
{
    struct ic_rtc_endpoint *ep = NULL;
    struct ic_rtc_endpoint_config c = {.rand = ic_test_no_rand(), .send = nowhere};
    CHECK_ERR(ic_rtc_endpoint_new(&c, &ep), IC_ERR_IO);
    CHECK(!ep);
    ic_rtc_endpoint_free(NULL);
}
