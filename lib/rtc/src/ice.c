#include <ic/base/secret.h>
#include <ic/rtc/ice.h>
#include <ic/rtc/stun.h>
#include <string.h>

enum {
    RTO_MS = 250, /* RFC 8489 section 6.2.1 permits less than 500 where the path is known short */
    RTO_MAX_MS = 4000,
    CHECK_TRIES = 8,
    CONSENT_EVERY_MS = 5000, /* RFC 7675 section 5.1, times 0.8 to 1.2 */
    SPREAD_MS = 50,          /* Ta between first checks, RFC 8445 section 14.2 */
    HOST_PRIORITY = 126 << 24 | 65535 << 8 | 255,
};

static bool is_ice_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

ic_err ic_rtc_ice_credentials_set(struct ic_view ufrag, struct ic_view pwd,
                                  struct ic_rtc_ice_credentials *out)
{
    if (ufrag.len < 4 || ufrag.len > IC_RTC_UFRAG_MAX || pwd.len < 22 || pwd.len > IC_RTC_PWD_MAX)
        return IC_ERR_RANGE;
    for (size_t i = 0; i < ufrag.len; i++)
        if (!is_ice_char(ufrag.p[i]))
            return IC_ERR_MALFORMED;
    for (size_t i = 0; i < pwd.len; i++)
        if (!is_ice_char(pwd.p[i]))
            return IC_ERR_MALFORMED;
    memset(out, 0, sizeof *out);
    memcpy(out->ufrag, ufrag.p, ufrag.len);
    memcpy(out->pwd, pwd.p, pwd.len);
    return IC_OK;
}

ic_err ic_rtc_ice_credentials_make(const struct ic_rand *rand, struct ic_rtc_ice_credentials *out)
{
    static const char alphabet[65] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t b[IC_RTC_UFRAG_LEN + IC_RTC_PWD_LEN];
    IC_TRY(ic_rand_fill(rand, b, sizeof b));
    for (size_t i = 0; i < sizeof b; i++)
        b[i] = (uint8_t)alphabet[b[i] & 63];
    ic_err e = ic_rtc_ice_credentials_set(ic_view(b, IC_RTC_UFRAG_LEN),
                                          ic_view(b + IC_RTC_UFRAG_LEN, IC_RTC_PWD_LEN), out);
    ic_wipe(b, sizeof b);
    return e;
}

ic_err ic_rtc_ice_init(struct ic_rtc_ice *ice, const struct ic_rtc_ice_config *config,
                       uint64_t now_ms)
{
    uint8_t tie[8];
    if (config->remote_count > IC_RTC_CANDIDATES_MAX ||
        (!config->lite && config->remote_count == 0))
        return IC_ERR_ARG;
    IC_TRY(ic_rand_fill(&config->rand, tie, sizeof tie));
    memset(ice, 0, sizeof *ice);
    ice->config = *config;
    ice->tie_breaker = ic_load_u64(tie);
    ice->start_ms = now_ms;
    ice->consent_ms = now_ms;
    for (size_t i = 0; i < IC_RTC_CANDIDATES_MAX; i++)
        ice->checks[i].next_ms = IC_RTC_NEVER;
    for (size_t i = 0; !config->lite && i < config->remote_count; i++)
        ice->checks[i] =
            (struct ic_rtc_ice_check){.next_ms = now_ms + i * SPREAD_MS, .rto_ms = RTO_MS};
    return IC_OK;
}

void ic_rtc_ice_clear(struct ic_rtc_ice *ice)
{
    ic_wipe(ice, sizeof *ice);
}

static struct ic_view split_username(struct ic_view username, struct ic_view *rest)
{
    for (size_t i = 0; i < username.len; i++)
        if (username.p[i] == ':') {
            *rest = ic_view_sub(username, i + 1, username.len - i - 1);
            return ic_view_sub(username, 0, i);
        }
    *rest = ic_view(NULL, 0);
    return username;
}

bool ic_rtc_ice_local_ufrag(struct ic_view datagram, struct ic_view *ufrag)
{
    struct ic_rtc_stun m;
    struct ic_view rest;
    if (ic_rtc_stun_decode(datagram, &m) != IC_OK || m.type != IC_RTC_STUN_BINDING ||
        m.username.len == 0)
        return false;
    *ufrag = split_username(m.username, &rest);
    return true;
}

static void answer(struct ic_rtc_ice *ice, const struct ic_rtc_addr *from,
                   const struct ic_rtc_stun *m, uint16_t error)
{
    uint8_t room[256];
    struct ic_rtc_stun_writer w;
    size_t len;
    ic_rtc_stun_begin(&w, room, sizeof room,
                      error ? IC_RTC_STUN_BINDING_ERROR : IC_RTC_STUN_BINDING_OK, m->transaction);
    if (error == 487)
        ic_rtc_stun_put_error(&w, error, IC_VIEW_STR("Role Conflict"));
    else if (error == 420)
        ic_rtc_stun_put_error(&w, error, IC_VIEW_STR("Unknown Attribute"));
    else
        ic_rtc_stun_put_address(&w, from);
    if (error == 420)
        ic_rtc_stun_put_unknown(&w, m->unknown);
    if (ic_rtc_stun_finish(&w, ic_view_cstr(ice->config.local.pwd), &len) == IC_OK)
        ice->config.send(ice->config.ctx, from, ic_view(room, len));
}

static bool for_us(const struct ic_rtc_ice *ice, const struct ic_rtc_stun *m)
{
    struct ic_view theirs;
    struct ic_view ours = split_username(m->username, &theirs);
    return ic_view_equal(ours, ic_view_cstr(ice->config.local.ufrag)) &&
           (ice->config.remote.ufrag[0] == 0 ||
            ic_view_equal(theirs, ic_view_cstr(ice->config.remote.ufrag))) &&
           ic_rtc_stun_verify(m, ic_view_cstr(ice->config.local.pwd)) == IC_OK;
}

static void take_request(struct ic_rtc_ice *ice, const struct ic_rtc_addr *from,
                         const struct ic_rtc_stun *m, uint64_t now_ms)
{
    if (!for_us(ice, m)) {
        ice->refused++;
        return;
    }
    if (m->unknown) {
        answer(ice, from, m, 420);
        return;
    }
    /* RFC 8445 section 7.3.1.1: a lite agent is always controlled, and here the full one controls. */
    if (ice->config.lite ? m->controlled : m->controlling) {
        answer(ice, from, m, 487);
        return;
    }
    answer(ice, from, m, 0);
    if (!ice->config.lite)
        return;
    ice->consent_ms = now_ms;
    /* RFC 8445 section 7.3.2: a lite agent takes the pair when it is nominated; the last nomination
     * wins, so that a client whose address changed goes on. */
    if (m->use_candidate && ice->state != IC_RTC_ICE_FAILED) {
        ice->selected = *from;
        ice->state = IC_RTC_ICE_CONNECTED;
    }
}

static size_t find_remote(const struct ic_rtc_ice *ice, const struct ic_rtc_addr *a)
{
    size_t i = 0;
    while (i < ice->config.remote_count && !ic_rtc_addr_equal(&ice->config.remotes[i], a))
        i++;
    return i;
}

/* Consent is asked for every 5 s, varied by a fifth so that clients do not march in step. */
static uint32_t consent_pause(struct ic_rtc_ice *ice)
{
    uint8_t b = 128;
    IC_IGNORE(ic_rand_fill(&ice->config.rand, &b, 1));
    return CONSENT_EVERY_MS * 8 / 10 + (uint32_t)b * (CONSENT_EVERY_MS * 4 / 10) / 255;
}

static void take_response(struct ic_rtc_ice *ice, const struct ic_rtc_addr *from,
                          const struct ic_rtc_stun *m, uint64_t now_ms)
{
    size_t i = find_remote(ice, from);
    /* RFC 8445 section 7.2.5.2.1: the answer comes from where the check went. */
    if (ice->config.lite || i == ice->config.remote_count ||
        ice->checks[i].next_ms == IC_RTC_NEVER || ice->checks[i].tries == 0 ||
        !ic_ct_equal(ic_view(m->transaction, 12), IC_VIEW_ARRAY(ice->checks[i].transaction)) ||
        ic_rtc_stun_verify(m, ic_view_cstr(ice->config.remote.pwd)) != IC_OK) {
        ice->refused++;
        return;
    }
    struct ic_rtc_ice_check *c = &ice->checks[i];
    if (m->type != IC_RTC_STUN_BINDING_OK) {
        c->next_ms = IC_RTC_NEVER;
        return;
    }
    ice->rtt_ms = (uint32_t)(now_ms - c->sent_ms);
    if (ice->state == IC_RTC_ICE_CHECKING) {
        ice->state = IC_RTC_ICE_CONNECTED;
        ice->selected = *from;
        for (size_t k = 0; k < ice->config.remote_count; k++)
            if (k != i)
                ice->checks[k].next_ms = IC_RTC_NEVER;
    }
    ice->consent_ms = now_ms;
    c->tries = 0;
    c->rto_ms = RTO_MS;
    c->next_ms = now_ms + consent_pause(ice);
}

void ic_rtc_ice_input(struct ic_rtc_ice *ice, const struct ic_rtc_addr *from,
                      struct ic_view datagram, uint64_t now_ms)
{
    struct ic_rtc_stun m;
    if (ic_rtc_stun_decode(datagram, &m) != IC_OK) {
        ice->refused++;
        return;
    }
    if (m.type == IC_RTC_STUN_BINDING)
        take_request(ice, from, &m, now_ms);
    else if (m.type == IC_RTC_STUN_BINDING_OK || m.type == IC_RTC_STUN_BINDING_ERROR)
        take_response(ice, from, &m, now_ms);
    else if (m.type != IC_RTC_STUN_BINDING_INDICATION)
        ice->refused++;
}

static void send_check(struct ic_rtc_ice *ice, size_t i, bool fresh)
{
    struct ic_rtc_ice_check *c = &ice->checks[i];
    uint8_t room[256], username[2 * IC_RTC_UFRAG_MAX + 1];
    size_t len = 0, a = strlen(ice->config.remote.ufrag), b = strlen(ice->config.local.ufrag);
    /* RFC 7675 section 5.1: each consent request is a new transaction; a check repeats its own. */
    if (fresh && ic_rand_fill(&ice->config.rand, c->transaction, sizeof c->transaction) != IC_OK)
        return;
    memcpy(username, ice->config.remote.ufrag, a);
    username[a] = ':';
    memcpy(username + a + 1, ice->config.local.ufrag, b);
    struct ic_rtc_stun_writer w;
    ic_rtc_stun_begin(&w, room, sizeof room, IC_RTC_STUN_BINDING, c->transaction);
    ic_rtc_stun_put_username(&w, ic_view(username, a + 1 + b));
    ic_rtc_stun_put_priority(&w, HOST_PRIORITY);
    ic_rtc_stun_put_controlling(&w, ice->tie_breaker);
    /* RFC 8445 section 8.1.1 leaves the criterion to us: the first that answers is used. */
    ic_rtc_stun_put_use_candidate(&w);
    if (ic_rtc_stun_finish(&w, ic_view_cstr(ice->config.remote.pwd), &len) != IC_OK)
        return;
    ice->config.send(ice->config.ctx, &ice->config.remotes[i], ic_view(room, len));
}

static void tick_check(struct ic_rtc_ice *ice, size_t i, uint64_t now_ms)
{
    struct ic_rtc_ice_check *c = &ice->checks[i];
    if (c->next_ms == IC_RTC_NEVER || now_ms < c->next_ms)
        return;
    bool fresh = c->tries == 0 || ice->state == IC_RTC_ICE_CONNECTED;
    if (c->tries == CHECK_TRIES && ice->state == IC_RTC_ICE_CHECKING) {
        fresh = true; /* the 30 s since start_ms end it */
        c->tries = 0;
    }
    if (c->tries < CHECK_TRIES)
        c->tries++;
    c->next_ms = now_ms + c->rto_ms;
    c->rto_ms = c->rto_ms * 2 > RTO_MAX_MS ? RTO_MAX_MS : c->rto_ms * 2;
    c->sent_ms = now_ms;
    /* Last: the answer may be here before this returns. */
    send_check(ice, i, fresh);
}

uint64_t ic_rtc_ice_deadline(const struct ic_rtc_ice *ice)
{
    if (ice->state == IC_RTC_ICE_FAILED)
        return IC_RTC_NEVER;
    uint64_t at = ice->consent_ms + IC_RTC_CONSENT_MS;
    for (size_t i = 0; i < ice->config.remote_count; i++)
        if (ice->checks[i].next_ms < at)
            at = ice->checks[i].next_ms;
    return at;
}

void ic_rtc_ice_tick(struct ic_rtc_ice *ice, uint64_t now_ms)
{
    if (ice->state == IC_RTC_ICE_FAILED)
        return;
    /* RFC 7675 section 5.1: without consent for 30 s nothing more is sent. */
    if (now_ms >= ice->consent_ms + IC_RTC_CONSENT_MS) {
        ice->state = IC_RTC_ICE_FAILED;
        return;
    }
    for (size_t i = 0; i < ice->config.remote_count; i++)
        tick_check(ice, i, now_ms);
}
