#include "net.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { SOCKET_BUFFER = 4 << 20 };

static socklen_t to_sockaddr(const struct ic_rtc_addr *a, bool v6, union icd_sfu_sockaddr *out)
{
    memset(out, 0, sizeof *out);
    if (!v6) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(a->port);
        memcpy(&out->v4.sin_addr, a->ip, 4);
        return sizeof out->v4;
    }
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(a->port);
    uint8_t *ip = out->v6.sin6_addr.s6_addr;
    if (a->family == 6) {
        memcpy(ip, a->ip, 16);
    } else {
        ip[10] = ip[11] = 0xff;
        memcpy(ip + 12, a->ip, 4);
    }
    return sizeof out->v6;
}

static struct ic_rtc_addr from_sockaddr(const union icd_sfu_sockaddr *s)
{
    struct ic_rtc_addr a = {0};
    if (s->sa.sa_family == AF_INET) {
        a.family = 4;
        a.port = ntohs(s->v4.sin_port);
        memcpy(a.ip, &s->v4.sin_addr, 4);
        return a;
    }
    const uint8_t *ip = s->v6.sin6_addr.s6_addr;
    a.port = ntohs(s->v6.sin6_port);
    if (IN6_IS_ADDR_V4MAPPED(&s->v6.sin6_addr)) {
        a.family = 4;
        memcpy(a.ip, ip + 12, 4);
    } else {
        a.family = 6;
        memcpy(a.ip, ip, 16);
    }
    return a;
}

static ic_err bind_socket(int fd, const struct ic_rtc_addr *a, uint16_t *bound)
{
    union icd_sfu_sockaddr s;
    bool v6 = a->family == 6;
    int off = 0, size = SOCKET_BUFFER;
    if (v6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0)
        return IC_ERR_IO;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    /* As root the usual cap may be passed: a key frame to many receivers is a burst. */
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    socklen_t len = to_sockaddr(a, v6, &s);
    if (bind(fd, &s.sa, len) != 0 || getsockname(fd, &s.sa, &len) != 0)
        return IC_ERR_IO;
    *bound = from_sockaddr(&s).port;
    return IC_OK;
}

ic_err icd_sfu_net_open(const char *bind, uint16_t port, int *fd, bool *v6, uint16_t *bound)
{
    struct ic_rtc_addr a;
    if (!ic_rtc_addr_parse(ic_view_cstr(bind), port, &a))
        return IC_ERR_RANGE;
    int s =
        socket(a.family == 6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s < 0)
        return IC_ERR_IO;
    ic_err e = bind_socket(s, &a, bound);
    if (e != IC_OK) {
        close(s);
        return e;
    }
    *fd = s;
    *v6 = a.family == 6;
    return IC_OK;
}

void icd_sfu_batch_init(struct icd_sfu_batch *b, int fd, bool v6)
{
    b->fd = fd;
    b->v6 = v6;
    b->count = 0;
    for (unsigned i = 0; i < ICD_SFU_BATCH; i++) {
        b->vectors[i] = (struct iovec){b->bytes[i], ICD_SFU_DATAGRAM};
        b->headers[i].msg_hdr =
            (struct msghdr){.msg_name = &b->names[i], .msg_iov = &b->vectors[i], .msg_iovlen = 1};
    }
}

unsigned icd_sfu_batch_recv(struct icd_sfu_batch *b)
{
    for (unsigned i = 0; i < ICD_SFU_BATCH; i++) {
        b->vectors[i].iov_len = ICD_SFU_DATAGRAM;
        b->headers[i].msg_hdr.msg_namelen = sizeof b->names[i];
        b->headers[i].msg_hdr.msg_flags = 0;
    }
    int n = recvmmsg(b->fd, b->headers, ICD_SFU_BATCH, MSG_DONTWAIT, NULL);
    b->count = n > 0 ? (unsigned)n : 0;
#ifdef IC_TEST_HOOKS
    for (unsigned i = 0; i < b->count; i++)
        if (ic_testhook_sfu_lost())
            b->headers[i].msg_len = 0; /* nothing that any protocol takes */
#endif
    return b->count;
}

struct ic_rtc_addr icd_sfu_batch_from(const struct icd_sfu_batch *b, unsigned i)
{
    return from_sockaddr(&b->names[i]);
}

uint8_t *icd_sfu_batch_room(struct icd_sfu_batch *b)
{
    return b->count == ICD_SFU_BATCH ? NULL : b->bytes[b->count];
}

void icd_sfu_batch_add(struct icd_sfu_batch *b, const struct ic_rtc_addr *to, size_t len)
{
#ifdef IC_TEST_HOOKS
    if (ic_testhook_sfu_lost())
        return;
#endif
    unsigned i = b->count++;
    b->vectors[i].iov_len = len;
    b->headers[i].msg_hdr.msg_namelen = to_sockaddr(to, b->v6, &b->names[i]);
}

unsigned icd_sfu_batch_flush(struct icd_sfu_batch *b)
{
    unsigned at = 0, lost = 0;
    while (at < b->count) {
        int n = sendmmsg(b->fd, b->headers + at, b->count - at, MSG_DONTWAIT);
        if (n > 0) {
            at += (unsigned)n;
        } else if (errno != EINTR) {
            /* Full, or this one's address cannot be reached: it alone is lost. */
            at++;
            lost++;
        }
    }
    b->count = 0;
    return lost;
}
