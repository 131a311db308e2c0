#include <ic/base/test.h>
#include <ic/rtc/ice.h>
#include <ic/rtc/stun.h>
#include <string.h>

/* Two agents, virtual time: no clock is needed here. */
struct side {
    struct ic_rtc_ice ice;
    struct side *peer;
    struct ic_rtc_addr own;
    bool deaf; /* what is sent to it is lost */
    unsigned sent;
    uint64_t now;
    uint8_t last[1200];
    size_t last_len;
};

static void deliver(void *ctx, const struct ic_rtc_addr *to, struct ic_view datagram)
{
    struct side *s = ctx;
    s->sent++;
    memcpy(s->last, datagram.p, datagram.len);
    s->last_len = datagram.len;
    if (s->peer->deaf || !ic_rtc_addr_equal(to, &s->peer->own))
        return;
    s->peer->now = s->now;
    ic_rtc_ice_input(&s->peer->ice, &s->own, datagram, s->now);
}

static bool set_up(struct side *client, struct side *server, struct ic_test_rand *state)
{
    struct ic_rand rand = ic_test_rand(state, 11);
    struct ic_rtc_ice_config c = {.rand = rand, .send = deliver, .ctx = client}, s = c;
    memset(client, 0, sizeof *client);
    memset(server, 0, sizeof *server);
    client->peer = server;
    server->peer = client;
    s.lite = true;
    s.ctx = server;
    if (ic_rtc_ice_credentials_make(&rand, &c.local) != IC_OK ||
        ic_rtc_ice_credentials_make(&rand, &s.local) != IC_OK)
        return false;
    c.remote = s.local;
    s.remote = c.local;
    (void)ic_rtc_addr_parse(IC_VIEW_STR("10.0.0.1"), 1, &client->own);
    (void)ic_rtc_addr_parse(IC_VIEW_STR("10.0.0.2"), 2, &server->own);
    (void)ic_rtc_addr_parse(IC_VIEW_STR("10.0.0.3"), 3, &c.remotes[0]);
    c.remotes[1] = server->own;
    c.remote_count = 2;
    return ic_rtc_ice_init(&client->ice, &c, 0) == IC_OK &&
           ic_rtc_ice_init(&server->ice, &s, 0) == IC_OK;
}

static void run(struct side *client, struct side *server, uint64_t until)
{
    while (client->now < until) {
        client->now = server->now = client->now + 10;
        ic_rtc_ice_tick(&client->ice, client->now);
        ic_rtc_ice_tick(&server->ice, server->now);
    }
}

TEST(ice_connects_and_keeps_consent)
{
    struct side client, server;
    struct ic_test_rand state;
    CHECK(set_up(&client, &server, &state));
    run(&client, &server, 500);
    CHECK(client.ice.state == IC_RTC_ICE_CONNECTED && server.ice.state == IC_RTC_ICE_CONNECTED);
    CHECK(ic_rtc_addr_equal(&client.ice.selected, &server.own));
    CHECK(ic_rtc_addr_equal(&server.ice.selected, &client.own));
    unsigned before = client.sent;
    run(&client, &server, 120000);
    CHECK(client.ice.state == IC_RTC_ICE_CONNECTED && server.ice.state == IC_RTC_ICE_CONNECTED);
    CHECK(client.sent - before >= 19 && client.sent - before <= 31);
    /* Nobody answers: RFC 7675 ends it after 30 s, at both ends. */
    server.deaf = client.deaf = true;
    run(&client, &server, 120000 + 29000 - 6000);
    CHECK(client.ice.state == IC_RTC_ICE_CONNECTED);
    run(&client, &server, 120000 + 31000);
    CHECK(client.ice.state == IC_RTC_ICE_FAILED && server.ice.state == IC_RTC_ICE_FAILED);
    CHECK(ic_rtc_ice_deadline(&client.ice) == IC_RTC_NEVER);
}

TEST(ice_retransmits_until_heard)
{
    struct side client, server;
    struct ic_test_rand state;
    CHECK(set_up(&client, &server, &state));
    server.deaf = true;
    run(&client, &server, 9000);
    CHECK_EQ_INT(client.ice.state, IC_RTC_ICE_CHECKING);
    CHECK_EQ_INT(client.sent, 12);
    server.deaf = false;
    run(&client, &server, 14000);
    CHECK(client.ice.state == IC_RTC_ICE_CONNECTED);
}

TEST(ice_follows_a_client_that_moves)
{
    struct side client, server;
    struct ic_test_rand state;
    CHECK(set_up(&client, &server, &state));
    run(&client, &server, 500);
    (void)ic_rtc_addr_parse(IC_VIEW_STR("172.16.0.9"), 99, &client.own);
    run(&client, &server, 8000);
    CHECK(ic_rtc_addr_equal(&server.ice.selected, &client.own));
}

TEST(ice_refuses_whom_it_does_not_know)
{
    struct side client, server;
    struct ic_test_rand state;
    struct ic_view ufrag;
    CHECK(set_up(&client, &server, &state));
    server.deaf = true;
    run(&client, &server, 100);
    CHECK(ic_rtc_ice_local_ufrag(ic_view(client.last, client.last_len), &ufrag));
    CHECK_BYTES(ufrag, ic_view_cstr(server.ice.config.local.ufrag));
    server.deaf = false;
    /* Another password. */
    server.ice.config.local.pwd[0] ^= 1;
    run(&client, &server, 1500);
    CHECK(server.ice.state == IC_RTC_ICE_CHECKING && server.ice.refused > 0 && server.sent == 0);
    server.ice.config.local.pwd[0] ^= 1;
    /* Forged bytes; the fingerprint at the end only sorts, and is covered by nothing. */
    for (size_t i = 0; i < client.last_len - 8; i++) {
        client.last[i] ^= 1;
        ic_rtc_ice_input(&server.ice, &client.own, ic_view(client.last, client.last_len), 2000);
        client.last[i] ^= 1;
    }
    CHECK_EQ_INT(server.ice.state, IC_RTC_ICE_CHECKING);
    struct ic_rtc_ice_credentials c;
    CHECK_ERR(
        ic_rtc_ice_credentials_set(IC_VIEW_STR("abc"), IC_VIEW_STR("0123456789012345678901"), &c),
        IC_ERR_RANGE);
    CHECK_ERR(
        ic_rtc_ice_credentials_set(IC_VIEW_STR("ab:d"), IC_VIEW_STR("0123456789012345678901"), &c),
        IC_ERR_MALFORMED);
}
