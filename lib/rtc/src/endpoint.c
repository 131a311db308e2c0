#include "endpoint.h"
#include <ic/base/mem.h>
#include <string.h>

struct ic_rtc_source *ic_rtc_endpoint_source(struct ic_rtc_endpoint *ep, uint32_t ssrc)
{
    for (size_t i = 0; i < ep->source_count; i++)
        if (ep->sources[i].ssrc == ssrc)
            return &ep->sources[i];
    return NULL;
}

struct ic_rtc_slot *ic_rtc_endpoint_slot(struct ic_rtc_endpoint *ep, uint32_t ssrc)
{
    for (size_t i = 0; i < ep->slot_count; i++)
        if (ep->slots[i].ssrc == ssrc)
            return &ep->slots[i];
    return NULL;
}

static ic_err set_up(struct ic_rtc_endpoint *ep)
{
    IC_TRY(ic_rtc_ice_credentials_make(&ep->config.rand, &ep->local));
    IC_TRY(ic_rand_fill(&ep->config.rand, (uint8_t *)&ep->rtcp_ssrc, sizeof ep->rtcp_ssrc));
    for (size_t i = 0; i < sizeof ep->cname; i++) {
        uint8_t b;
        IC_TRY(ic_rand_fill(&ep->config.rand, &b, 1));
        ep->cname[i] = (uint8_t)('a' + b % 26);
    }
    return ic_rtc_cert_new(&ep->cert);
}

ic_err ic_rtc_endpoint_new(const struct ic_rtc_endpoint_config *config,
                           struct ic_rtc_endpoint **out)
{
    struct ic_rtc_endpoint *ep = ic_new(struct ic_rtc_endpoint);
    if (!ep)
        return IC_ERR_NOMEM;
    ep->config = *config;
    ic_err e = set_up(ep);
    if (e != IC_OK)
        ic_rtc_endpoint_free(ep);
    else
        *out = ep;
    return e;
}

void ic_rtc_endpoint_free(struct ic_rtc_endpoint *ep)
{
    if (!ep)
        return;
    for (size_t i = 0; i < ep->source_count; i++)
        ic_rtc_history_free(ep->sources[i].history);
    for (size_t i = 0; i < ep->slot_count; i++) {
        ic_rtc_assembler_free(ep->slots[i].assembler);
        ic_free(ep->slots[i].nack);
    }
    ic_rtc_transport_free(ep->transport);
    ic_rtc_cert_free(ep->cert);
    ic_free_secret(ep, sizeof *ep);
}

const struct ic_rtc_ice_credentials *ic_rtc_endpoint_local(const struct ic_rtc_endpoint *ep)
{
    return &ep->local;
}

struct ic_view ic_rtc_endpoint_fingerprint(const struct ic_rtc_endpoint *ep)
{
    return ic_rtc_cert_fingerprint(ep->cert);
}

ic_err ic_rtc_endpoint_add_source(struct ic_rtc_endpoint *ep, enum ic_rtc_kind kind, uint32_t ssrc)
{
    uint8_t b[4];
    if (ic_rtc_endpoint_source(ep, ssrc))
        return IC_ERR_EXISTS;
    if (ep->source_count == IC_RTC_SOURCES_MAX)
        return IC_ERR_LIMIT;
    IC_TRY(ic_rand_fill(&ep->config.rand, b, sizeof b));
    struct ic_rtc_source *s = &ep->sources[ep->source_count];
    *s = (struct ic_rtc_source){.kind = kind, .ssrc = ssrc};
    /* In the lower half, so that the peer cannot mistake the rollover counter (RFC 3711 3.3.1). */
    s->index = ic_load_u16(b) & 0x7fff;
    s->picture = ic_load_u16(b + 2);
    IC_TRY(ic_rtc_history_new(kind == IC_RTC_VIDEO ? VIDEO_HISTORY : AUDIO_HISTORY, &s->history));
    ep->source_count++;
    return IC_OK;
}

ic_err ic_rtc_endpoint_add_slot(struct ic_rtc_endpoint *ep, enum ic_rtc_kind kind, uint32_t ssrc)
{
    if (ic_rtc_endpoint_slot(ep, ssrc))
        return IC_ERR_EXISTS;
    if (ep->slot_count == IC_RTC_SLOTS_MAX)
        return IC_ERR_LIMIT;
    struct ic_rtc_slot s = {.kind = kind, .ssrc = ssrc};
    if (kind == IC_RTC_VIDEO) {
        IC_TRY(ic_rtc_assembler_new(&s.assembler));
        s.nack = ic_new(struct ic_rtc_nack);
        if (!s.nack) {
            ic_rtc_assembler_free(s.assembler);
            return IC_ERR_NOMEM;
        }
        ic_rtc_nack_init(s.nack);
    }
    ep->slots[ep->slot_count++] = s;
    return IC_OK;
}

ic_err ic_rtc_endpoint_start(struct ic_rtc_endpoint *ep,
                             const struct ic_rtc_endpoint_remote *remote, uint64_t now_ms)
{
    if (ep->transport)
        return IC_ERR_STATE;
    if (remote->address_count == 0 || remote->address_count > IC_RTC_CANDIDATES_MAX ||
        remote->fingerprint.len != IC_RTC_FINGERPRINT_LEN)
        return IC_ERR_RANGE;
    struct ic_rtc_transport_config c = {
        .server = false,
        .local = ep->local,
        .remote_count = remote->address_count,
        .cert = ep->cert,
        .max_ssrcs = IC_RTC_SRTP_SSRCS_MAX,
        .rand = ep->config.rand,
        .ctx = ep,
        .send = ic_rtc_endpoint_send_datagram,
        .packet = ic_rtc_endpoint_packet,
    };
    IC_TRY(ic_rtc_ice_credentials_set(remote->ufrag, remote->pwd, &c.remote));
    memcpy(c.remotes, remote->addresses, remote->address_count * sizeof c.remotes[0]);
    memcpy(c.fingerprint, remote->fingerprint.p, sizeof c.fingerprint);
    ic_err e = ic_rtc_transport_new(&c, now_ms, &ep->transport);
    ic_wipe(&c, sizeof c);
    return e;
}

void ic_rtc_endpoint_send_datagram(void *ctx, const struct ic_rtc_addr *to, struct ic_view datagram)
{
    struct ic_rtc_endpoint *ep = ctx;
    ep->config.send(ep->config.ctx, to, datagram);
}

void ic_rtc_endpoint_tell(struct ic_rtc_endpoint *ep, enum ic_rtc_event_type type, uint32_t ssrc,
                          ic_err err)
{
    struct ic_rtc_event event = {.type = type, .ssrc = ssrc, .err = err};
    if (ep->config.event)
        ep->config.event(ep->config.ctx, &event);
}

/* Events are told once the state has changed, each once. */
static void follow(struct ic_rtc_endpoint *ep, uint64_t now_ms)
{
    enum ic_rtc_transport_state s = ic_rtc_transport_state(ep->transport);
    if (s == IC_RTC_TRANSPORT_OPEN && !ep->open) {
        ep->open = true;
        ep->next_report_ms = now_ms + REPORT_MS;
        ic_rtc_endpoint_tell(ep, IC_RTC_EVENT_OPEN, 0, IC_OK);
    } else if (s == IC_RTC_TRANSPORT_CLOSED && !ep->closed) {
        ep->closed = true;
        ep->open = false;
        ic_rtc_endpoint_tell(ep, IC_RTC_EVENT_CLOSED, 0, ic_rtc_transport_reason(ep->transport));
    }
}

void ic_rtc_endpoint_input(struct ic_rtc_endpoint *ep, const struct ic_rtc_addr *from,
                           uint8_t *datagram, size_t len, uint64_t now_ms)
{
    if (!ep->transport || ep->closed)
        return;
    ic_rtc_transport_input(ep->transport, from, datagram, len, now_ms);
    follow(ep, now_ms);
}

void ic_rtc_endpoint_tick(struct ic_rtc_endpoint *ep, uint64_t now_ms)
{
    if (!ep->transport || ep->closed)
        return;
    if (now_ms >= ic_rtc_transport_deadline(ep->transport))
        ic_rtc_transport_tick(ep->transport, now_ms);
    follow(ep, now_ms);
    if (!ep->open)
        return;
    ic_rtc_endpoint_tick_slots(ep, now_ms);
    if (now_ms >= ep->next_report_ms) {
        ic_rtc_endpoint_report(ep, now_ms);
        ep->next_report_ms = now_ms + REPORT_MS;
    }
}

static uint64_t slot_deadline(const struct ic_rtc_slot *s)
{
    if (s->kind != IC_RTC_VIDEO)
        return IC_RTC_NEVER;
    uint64_t at = ic_rtc_nack_deadline(s->nack);
    uint64_t gap = ic_rtc_assembler_deadline(s->assembler);
    uint64_t pli = s->want_key ? s->last_pli_ms + PLI_GAP_MS : IC_RTC_NEVER;
    at = gap < at ? gap : at;
    return pli < at ? pli : at;
}

uint64_t ic_rtc_endpoint_deadline(const struct ic_rtc_endpoint *ep)
{
    if (!ep->transport || ep->closed)
        return IC_RTC_NEVER;
    uint64_t at = ic_rtc_transport_deadline(ep->transport);
    if (!ep->open)
        return at;
    at = ep->next_report_ms < at ? ep->next_report_ms : at;
    for (size_t i = 0; i < ep->slot_count; i++) {
        uint64_t s = slot_deadline(&ep->slots[i]);
        at = s < at ? s : at;
    }
    return at;
}

bool ic_rtc_endpoint_is_open(const struct ic_rtc_endpoint *ep)
{
    return ep->open;
}

void ic_rtc_endpoint_request_key_frame(struct ic_rtc_endpoint *ep, uint32_t slot_ssrc)
{
    struct ic_rtc_slot *s = ic_rtc_endpoint_slot(ep, slot_ssrc);
    if (s && s->kind == IC_RTC_VIDEO)
        s->want_key = true;
}

void ic_rtc_endpoint_stats(const struct ic_rtc_endpoint *ep, struct ic_rtc_endpoint_stats *out)
{
    struct ic_rtc_endpoint_stats s = ep->stats;
    for (size_t i = 0; i < ep->slot_count; i++)
        if (ep->slots[i].kind == IC_RTC_VIDEO) {
            s.frames_dropped += ic_rtc_assembler_dropped(ep->slots[i].assembler);
            s.lost_packets += ep->slots[i].nack->gave_up;
        }
    for (size_t i = 0; i < ep->source_count; i++)
        if (ep->sources[i].fraction_lost > s.remote_fraction_lost)
            s.remote_fraction_lost = ep->sources[i].fraction_lost;
    if (ep->transport) {
        if (s.rtt_ms == 0)
            s.rtt_ms = ic_rtc_transport_rtt_ms(ep->transport);
        ic_rtc_transport_stats(ep->transport, &s.transport);
    }
    *out = s;
}
