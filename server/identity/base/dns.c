#include "identity/base/dns.h"

#include <ares.h>
#include <ic/base/mem.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* ANSWER_MAX: what fits into one datagram nearly everywhere. */
enum { TRY_MS = 2000, TRIES = 3, WAIT_MS = 10000, ANSWER_MAX = 1232 };

struct question {
    bool done;
    int status; /* of c-ares */
    struct icd_dns_texts *texts;
    struct icd_dns_hosts *hosts;
};

/* ares_library_init is not for two threads at once. */
static void library_init(void)
{
    (void)ares_library_init(ARES_LIB_INIT_ALL);
}

static ic_err channel_open(const char *resolver, ares_channel *out, char *why)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct ares_options o = {
        .flags = ARES_FLAG_EDNS, .ednspsz = ANSWER_MAX, .timeout = TRY_MS, .tries = TRIES};
    pthread_once(&once, library_init);
    if (ares_init_options(out, &o,
                          ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS |
                              ARES_OPT_TRIES) != ARES_SUCCESS) {
        snprintf(why, ICD_DNS_WHY, "the DNS library does not start");
        return IC_ERR_IO;
    }
    if (!resolver || !*resolver || ares_set_servers_ports_csv(*out, resolver) == ARES_SUCCESS)
        return IC_OK;
    ares_destroy(*out);
    snprintf(why, ICD_DNS_WHY, "%.100s is no address of a resolver", resolver);
    return IC_ERR_MALFORMED;
}

static int64_t mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Serves the channel's sockets once, or its time-outs. */
static void step(ares_channel channel)
{
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    struct pollfd fds[ARES_GETSOCK_MAXNUM];
    nfds_t n = 0;
    int which = ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
    /* The last of them would shift a bit out of an int in the macro; one query has few sockets. */
    for (int i = 0; i < ARES_GETSOCK_MAXNUM - 1; i++) {
        short events = (short)((ARES_GETSOCK_READABLE(which, i) ? POLLIN : 0) |
                               (ARES_GETSOCK_WRITABLE(which, i) ? POLLOUT : 0));
        if (events)
            fds[n++] = (struct pollfd){.fd = sockets[i], .events = events};
    }
    struct timeval longest = {0, 200000}, room;
    const struct timeval *wait = ares_timeout(channel, &longest, &room);
    if (poll(fds, n, (int)(wait->tv_sec * 1000 + wait->tv_usec / 1000) + 1) <= 0) {
        ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        return;
    }
    for (nfds_t i = 0; i < n; i++)
        if (fds[i].revents)
            ares_process_fd(channel, fds[i].revents & ~POLLOUT ? fds[i].fd : ARES_SOCKET_BAD,
                            fds[i].revents & POLLOUT ? fds[i].fd : ARES_SOCKET_BAD);
}

static ic_err wait_for(ares_channel channel, struct question *q, const char *name, int64_t wait_ms,
                       char *why)
{
    int64_t end = mono_ms() + (wait_ms < WAIT_MS ? wait_ms : WAIT_MS);
    while (!q->done && mono_ms() < end)
        step(channel);
    /* Calls back what is still open. */
    ares_destroy(channel);
    switch (q->status) {
    case ARES_SUCCESS:
        return IC_OK;
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
        snprintf(why, ICD_DNS_WHY, "%.120s has no such record", name);
        return IC_ERR_NOT_FOUND;
    case ARES_EBADNAME:
        snprintf(why, ICD_DNS_WHY, "%.120s is no name for the DNS", name);
        return IC_ERR_MALFORMED;
    case ARES_ETIMEOUT:
    case ARES_EDESTRUCTION:
        snprintf(why, ICD_DNS_WHY, "the DNS gave no answer for %.120s in time", name);
        return IC_ERR_TIMEOUT;
    default:
        snprintf(why, ICD_DNS_WHY, "the DNS failed for %.100s: %.60s", name,
                 ares_strerror(q->status));
        return q->status == ARES_ENOMEM ? IC_ERR_NOMEM : IC_ERR_IO;
    }
}

/* ---- TXT ---- */

static void add_part(struct icd_dns_texts *t, bool *skipping, const struct ares_txt_ext *part)
{
    if (part->record_start) {
        *skipping = t->count == ICD_DNS_TEXTS_MAX;
        if (*skipping)
            return;
        t->text[t->count++].len = 0;
    }
    if (*skipping || t->count == 0)
        return;
    size_t len = t->text[t->count - 1].len;
    if (part->length > ICD_DNS_TEXT_MAX - len) {
        *skipping = true;
        t->count--;
        return;
    }
    memcpy(t->text[t->count - 1].bytes + len, part->txt, part->length);
    t->text[t->count - 1].len = len + part->length;
}

static void on_texts(void *ctx, int status, int timeouts, unsigned char *answer, int len)
{
    struct question *q = ctx;
    struct ares_txt_ext *first = NULL;
    bool skipping = false;
    (void)timeouts;
    q->done = true;
    q->status = status;
    if (status == ARES_SUCCESS)
        q->status = ares_parse_txt_reply_ext(answer, len, &first);
    if (q->status == ARES_SUCCESS)
        for (const struct ares_txt_ext *p = first; p; p = p->next)
            add_part(q->texts, &skipping, p);
    ares_free_data(first);
}

ic_err icd_dns_texts(const char *resolver, const char *name, struct icd_dns_texts *out, char *why)
{
    enum { CLASS_IN = 1, TYPE_TXT = 16 };
    ares_channel channel;
    IC_TRY(channel_open(resolver, &channel, why));
    IC_AUTOFREE struct icd_dns_texts *found = ic_new(struct icd_dns_texts);
    struct question q = {.status = ARES_ETIMEOUT, .texts = found};
    if (!found) {
        ares_destroy(channel);
        return IC_ERR_NOMEM;
    }
    ares_query(channel, name, CLASS_IN, TYPE_TXT, on_texts, &q);
    IC_TRY(wait_for(channel, &q, name, WAIT_MS, why));
    *out = *found;
    return IC_OK;
}

/* ---- addresses ---- */

static void on_hosts(void *ctx, int status, int timeouts, struct ares_addrinfo *answer)
{
    struct question *q = ctx;
    struct icd_dns_hosts *h = q->hosts;
    (void)timeouts;
    q->done = true;
    q->status = status;
    for (const struct ares_addrinfo_node *n = answer ? answer->nodes : NULL; n; n = n->ai_next)
        if (h->count < ICD_DNS_HOSTS_MAX && n->ai_addrlen <= sizeof h->host[0])
            memcpy(&h->host[h->count++], n->ai_addr, n->ai_addrlen);
    if (answer)
        ares_freeaddrinfo(answer);
}

ic_err icd_dns_hosts(const char *resolver, const char *name, int64_t wait_ms,
                     struct icd_dns_hosts *out, char *why)
{
    ares_channel channel;
    IC_TRY(channel_open(resolver, &channel, why));
    struct icd_dns_hosts found = {0};
    struct question q = {.status = ARES_ETIMEOUT, .hosts = &found};
    struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_flags = ARES_AI_NOSORT};
    char absolute[300];
    /* With a dot at its end the search list is left alone. */
    snprintf(absolute, sizeof absolute, "%.290s%s", name,
             *name && name[strlen(name) - 1] == '.' ? "" : ".");
    ares_getaddrinfo(channel, absolute, NULL, &hints, on_hosts, &q);
    IC_TRY(wait_for(channel, &q, name, wait_ms, why));
    *out = found;
    return IC_OK;
}
