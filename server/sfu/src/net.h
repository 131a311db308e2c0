/* A shard's socket, and datagrams in batches: recvmmsg, sendmmsg. */
#ifndef ICD_SFU_NET_H
#define ICD_SFU_NET_H

#include <ic/base/err.h>
#include <ic/rtc/addr.h>
#include <ic/rtc/rtp.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum { ICD_SFU_BATCH = 64, ICD_SFU_DATAGRAM = IC_RTC_PACKET_MAX + 64 };

union icd_sfu_sockaddr {
    struct sockaddr sa;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

struct icd_sfu_batch {
    int fd;
    bool v6;
    unsigned count; /* filled */
    struct mmsghdr headers[ICD_SFU_BATCH];
    struct iovec vectors[ICD_SFU_BATCH];
    union icd_sfu_sockaddr names[ICD_SFU_BATCH];
    uint8_t bytes[ICD_SFU_BATCH][ICD_SFU_DATAGRAM];
};

/* A non-blocking UDP socket; *bound is the port it got. IC_ERR_RANGE: bind is no literal address. */
ic_err icd_sfu_net_open(const char *bind, uint16_t port, int *fd, bool *v6, uint16_t *bound);
void icd_sfu_batch_init(struct icd_sfu_batch *b, int fd, bool v6);
/* Fills the batch with what has arrived; the number of datagrams. */
unsigned icd_sfu_batch_recv(struct icd_sfu_batch *b);
struct ic_rtc_addr icd_sfu_batch_from(const struct icd_sfu_batch *b, unsigned i);
/* Room for one datagram to send, ICD_SFU_DATAGRAM bytes; NULL where the batch is full: flush first. */
uint8_t *icd_sfu_batch_room(struct icd_sfu_batch *b);
void icd_sfu_batch_add(struct icd_sfu_batch *b, const struct ic_rtc_addr *to, size_t len);
/* Sends and empties; how many the kernel would not take. */
unsigned icd_sfu_batch_flush(struct icd_sfu_batch *b);

#ifdef IC_TEST_HOOKS
bool ic_testhook_sfu_lost(void);
#endif

#endif
