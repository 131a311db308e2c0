/* Real endpoints over loopback UDP, against a forwarder with its threads. */
#ifndef ICD_SFU_TEST_CLIENT_H
#define ICD_SFU_TEST_CLIENT_H

#include <ic/base/test.h>
#include <ic/rtc/endpoint.h>
#include <icd/sfu.h>

enum { CLIENTS_MAX = 4, MEETING_LIMIT_MS = 60000 };

struct client {
    struct meeting *meeting;
    int number, fd;
    uint64_t session;
    struct ic_rtc_endpoint *ep;
    bool used, open, closed, key_wanted;
    uint8_t level;
    unsigned audio, video, bad, key_requests, datagrams;
    unsigned heard[CLIENTS_MAX], seen[CLIENTS_MAX]; /* by sender */
    uint32_t frame;
    uint32_t speaker_leaf;
};
struct meeting {
    struct icd_sfu *sfu;
    struct icd_media media;
    unsigned loss;
    uint8_t audio_slots, video_slots;
    struct client clients[CLIENTS_MAX];
    uint32_t video_source[CLIENTS_MAX];
    unsigned slot_sources[CLIENTS_MAX]; /* slots of the client that carry something */
    unsigned video_sent;                /* by each */
    struct ic_test_rand seed;
};

uint64_t client_now(void);
bool meeting_init(struct meeting *m, unsigned shards, int clients, unsigned loss);
bool meeting_init_slots(struct meeting *m, unsigned shards, int clients, unsigned loss,
                        uint8_t audio, uint8_t video);
bool meeting_join(struct meeting *m, int number);
/* Until that many are open. */
void meeting_run(struct meeting *m, int open);
/* All who are in send as often as one does in that time: a slow machine takes longer for it, and sends no less. */
void meeting_send(struct meeting *m, unsigned ms);
/* They go on until it holds: how soon a thread of the forwarder has its turn is nobody's promise. */
#define MEETING_UNTIL(m, holds)                                                                    \
    for (uint64_t end_ = client_now() + MEETING_LIMIT_MS; !(holds) && client_now() < end_;)        \
    meeting_send(m, 20)
struct icd_sfu_counters meeting_counters(const struct meeting *m);
/* Waits until so many packets have been looked at: a socket holds some hundred, and drops the others. */
void meeting_taken(const struct meeting *m, uint64_t packets);
void meeting_clear(struct meeting *m);
void client_stranger(struct meeting *m, const uint8_t *p, size_t len);

#endif
