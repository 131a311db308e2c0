/* A client endpoint and a server transport in one process, with a lossy wire between them. */
#ifndef IC_RTC_TEST_PAIR_H
#define IC_RTC_TEST_PAIR_H

#include <ic/base/test.h>
#include <ic/rtc/endpoint.h>

struct pair_datagram {
    bool to_server;
    size_t len;
    uint8_t bytes[2048];
};
enum { PAIR_QUEUE = 2048 };

struct pair {
    struct ic_rtc_cert *cert;
    struct ic_rtc_endpoint *client;
    struct ic_rtc_transport *server;
    struct ic_rtc_addr client_addr, server_addr;
    struct ic_test_rand seed;
    struct ic_rand rand;
    unsigned loss; /* percent, both ways */
    bool wrong_fingerprint;
    size_t head, tail;
    struct pair_datagram *queue;
    unsigned opened, closed, key_frames, frames, frames_ok;
    ic_err reason;
    /* What the server got after SRTP, and what it does with it. */
    void (*at_server)(struct pair *p, bool rtcp, uint8_t *packet, size_t len, uint64_t index,
                      uint64_t now_ms);
    void (*at_client)(struct pair *p, const struct ic_rtc_frame *f);
    /* Past SRTP: the server's socket. */
    void (*send_raw)(struct pair *p, struct ic_view datagram);
    void *ctx;
};

/* A clock that goes by the turns of pair_run alone: no machine is too slow for it. */
uint64_t pair_now(void);
bool pair_init(struct pair *p, unsigned loss, bool wrong_fingerprint);
/* Moves datagrams and time for that long; until_open: in real time, for DTLS has a clock of its own. */
void pair_run(struct pair *p, unsigned ms, bool until_open);
void pair_clear(struct pair *p);

#endif
