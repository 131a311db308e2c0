#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <ic/rtc/transport.h>

struct ic_rtc_transport {
    struct ic_rtc_transport_config config;
    struct ic_rtc_ice ice;
    struct ic_rtc_dtls *dtls;
    struct ic_rtc_srtp *in, *out;
    enum ic_rtc_transport_state state;
    ic_err reason;
    struct ic_rtc_transport_stats stats;
};

static void send_dtls(void *ctx, struct ic_view datagram)
{
    struct ic_rtc_transport *t = ctx;
    if (t->ice.state == IC_RTC_ICE_CONNECTED)
        t->config.send(t->config.ctx, &t->ice.selected, datagram);
}

static ic_err set_up(struct ic_rtc_transport *t, uint64_t now_ms)
{
    struct ic_rtc_ice_config ice = {
        .lite = t->config.server,
        .local = t->config.local,
        .remote = t->config.remote,
        .remote_count = t->config.remote_count,
        .rand = t->config.rand,
        .send = t->config.send,
        .ctx = t->config.ctx,
    };
    for (size_t i = 0; i < ice.remote_count && i < IC_RTC_CANDIDATES_MAX; i++)
        ice.remotes[i] = t->config.remotes[i];
    ic_err e = ic_rtc_ice_init(&t->ice, &ice, now_ms);
    ic_wipe(&ice, sizeof ice);
    IC_TRY(e);
    return ic_rtc_dtls_new(t->config.cert,
                           t->config.server ? IC_RTC_DTLS_SERVER : IC_RTC_DTLS_CLIENT,
                           IC_VIEW_ARRAY(t->config.fingerprint), send_dtls, t, &t->dtls);
}

ic_err ic_rtc_transport_new(const struct ic_rtc_transport_config *config, uint64_t now_ms,
                            struct ic_rtc_transport **out)
{
    struct ic_rtc_transport *t = ic_new(struct ic_rtc_transport);
    if (!t)
        return IC_ERR_NOMEM;
    t->config = *config;
    ic_err e = set_up(t, now_ms);
    if (e != IC_OK)
        ic_rtc_transport_free(t);
    else
        *out = t;
    return e;
}

void ic_rtc_transport_free(struct ic_rtc_transport *t)
{
    if (!t)
        return;
    ic_rtc_ice_clear(&t->ice);
    ic_rtc_dtls_free(t->dtls);
    ic_rtc_srtp_free(t->in);
    ic_rtc_srtp_free(t->out);
    ic_free_secret(t, sizeof *t);
}

static void end(struct ic_rtc_transport *t, ic_err reason)
{
    if (t->state == IC_RTC_TRANSPORT_CLOSED)
        return;
    t->state = IC_RTC_TRANSPORT_CLOSED;
    t->reason = reason;
}

static ic_err make_srtp(struct ic_rtc_transport *t)
{
    struct ic_rtc_srtp_keys k = {0};
    ic_err e = ic_rtc_dtls_keys(t->dtls, &k);
    if (e == IC_OK)
        e = ic_rtc_srtp_new(k.profile, ic_secret_view(&k.recv_key), ic_secret_view(&k.recv_salt),
                            t->config.max_ssrcs, &t->in);
    if (e == IC_OK)
        e = ic_rtc_srtp_new(k.profile, ic_secret_view(&k.send_key), ic_secret_view(&k.send_salt),
                            t->config.max_ssrcs, &t->out);
    ic_rtc_srtp_keys_clear(&k);
    return e;
}

/* Follows what ICE and DTLS have come to. */
static void follow(struct ic_rtc_transport *t, ic_err dtls, uint64_t now_ms)
{
    if (t->state == IC_RTC_TRANSPORT_CLOSED)
        return;
    if (t->ice.state == IC_RTC_ICE_FAILED) {
        end(t, IC_ERR_TIMEOUT);
        return;
    }
    if (dtls == IC_OK && t->ice.state == IC_RTC_ICE_CONNECTED)
        dtls = ic_rtc_dtls_start(t->dtls, now_ms);
    if (dtls != IC_OK) {
        end(t, dtls);
        return;
    }
    enum ic_rtc_dtls_state s = ic_rtc_dtls_state(t->dtls);
    if (s == IC_RTC_DTLS_CLOSED) {
        end(t, IC_OK);
    } else if (s == IC_RTC_DTLS_OPEN && t->state == IC_RTC_TRANSPORT_NEW) {
        ic_err e = make_srtp(t);
        if (e == IC_OK)
            t->state = IC_RTC_TRANSPORT_OPEN;
        else
            end(t, e);
    }
}

static void count_refusal(struct ic_rtc_transport *t, ic_err e)
{
    if (e == IC_ERR_REPLAY)
        t->stats.replayed++;
    else if (e == IC_ERR_AUTH || e == IC_ERR_LIMIT)
        t->stats.refused_srtp++;
    else
        t->stats.malformed++;
}

static void take_media(struct ic_rtc_transport *t, bool rtcp, uint8_t *p, size_t len,
                       uint64_t now_ms)
{
    size_t plain = 0;
    uint64_t index = 0;
    if (t->state != IC_RTC_TRANSPORT_OPEN) {
        t->stats.refused_srtp++;
        return;
    }
    ic_err e = rtcp ? ic_rtc_srtcp_unprotect(t->in, p, len, &plain)
                    : ic_rtc_srtp_unprotect(t->in, p, len, &plain, &index);
    if (e != IC_OK)
        count_refusal(t, e);
    else
        t->config.packet(t->config.ctx, rtcp, p, plain, index, now_ms);
}

void ic_rtc_transport_input(struct ic_rtc_transport *t, const struct ic_rtc_addr *from,
                            uint8_t *datagram, size_t len, uint64_t now_ms)
{
    struct ic_view v = ic_view(datagram, len);
    ic_err dtls = IC_OK;
    if (t->state == IC_RTC_TRANSPORT_CLOSED)
        return;
    switch (ic_rtc_demux(v)) {
    case IC_RTC_PACKET_STUN:
        ic_rtc_ice_input(&t->ice, from, v, now_ms);
        break;
    case IC_RTC_PACKET_DTLS:
        /* Before ICE has agreed on an address nobody has shown that it may speak. */
        if (t->ice.state == IC_RTC_ICE_CONNECTED && ic_rtc_addr_equal(from, &t->ice.selected))
            dtls = ic_rtc_dtls_input(t->dtls, v, now_ms);
        else
            t->stats.refused_dtls++;
        break;
    case IC_RTC_PACKET_RTP:
        take_media(t, false, datagram, len, now_ms);
        return;
    case IC_RTC_PACKET_RTCP:
        take_media(t, true, datagram, len, now_ms);
        return;
    case IC_RTC_PACKET_UNKNOWN:
        t->stats.malformed++;
        return;
    }
    follow(t, dtls, now_ms);
}

uint64_t ic_rtc_transport_deadline(const struct ic_rtc_transport *t)
{
    if (t->state == IC_RTC_TRANSPORT_CLOSED)
        return IC_RTC_NEVER;
    uint64_t ice = ic_rtc_ice_deadline(&t->ice), dtls = ic_rtc_dtls_deadline(t->dtls);
    return ice < dtls ? ice : dtls;
}

void ic_rtc_transport_tick(struct ic_rtc_transport *t, uint64_t now_ms)
{
    if (t->state == IC_RTC_TRANSPORT_CLOSED)
        return;
    if (now_ms >= ic_rtc_ice_deadline(&t->ice))
        ic_rtc_ice_tick(&t->ice, now_ms);
    follow(t, ic_rtc_dtls_tick(t->dtls, now_ms), now_ms);
}

enum ic_rtc_transport_state ic_rtc_transport_state(const struct ic_rtc_transport *t)
{
    return t->state;
}

ic_err ic_rtc_transport_reason(const struct ic_rtc_transport *t)
{
    return t->reason;
}

const struct ic_rtc_addr *ic_rtc_transport_remote(const struct ic_rtc_transport *t)
{
    return &t->ice.selected;
}

uint32_t ic_rtc_transport_rtt_ms(const struct ic_rtc_transport *t)
{
    return t->ice.rtt_ms;
}

void ic_rtc_transport_stats(const struct ic_rtc_transport *t, struct ic_rtc_transport_stats *out)
{
    *out = t->stats;
    out->refused_stun = t->ice.refused;
}

struct ic_rtc_srtp *ic_rtc_transport_srtp(struct ic_rtc_transport *t)
{
    return t->state == IC_RTC_TRANSPORT_OPEN ? t->out : NULL;
}

ic_err ic_rtc_transport_send_rtp(struct ic_rtc_transport *t, uint8_t *packet, size_t len)
{
    if (t->state != IC_RTC_TRANSPORT_OPEN)
        return IC_ERR_STATE;
    IC_TRY(ic_rtc_srtp_protect(t->out, packet, len, &len));
    t->config.send(t->config.ctx, &t->ice.selected, ic_view(packet, len));
    return IC_OK;
}

ic_err ic_rtc_transport_send_rtcp(struct ic_rtc_transport *t, uint8_t *packet, size_t len)
{
    if (t->state != IC_RTC_TRANSPORT_OPEN)
        return IC_ERR_STATE;
    IC_TRY(ic_rtc_srtcp_protect(t->out, packet, len, &len));
    t->config.send(t->config.ctx, &t->ice.selected, ic_view(packet, len));
    return IC_OK;
}

void ic_rtc_transport_close(struct ic_rtc_transport *t)
{
    if (t->state != IC_RTC_TRANSPORT_CLOSED)
        ic_rtc_dtls_close(t->dtls);
    end(t, IC_OK);
}
