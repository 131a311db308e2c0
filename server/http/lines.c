/* The TCP connections of each address, from accept to close, whatever is spoken on them: without this one
 * address could hold every descriptor with requests that never end. */
#include "http/private.h"

#include <arpa/inet.h>
#include <ic/base/mem.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* Pages and requests beside the WebSockets. */
enum { LINES_FOR_A_WEBSOCKET = 2 };

struct line {
    uint8_t address[16];
};

struct ic_view icd_http_net(const uint8_t address[16])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return memcmp(address, mapped, 12) == 0 ? ic_view(address + 8, 8) : ic_view(address, 8);
}

bool icd_http_peer_of(int fd, uint8_t out[16])
{
    struct sockaddr_storage a;
    socklen_t len = sizeof a;
    if (getpeername(fd, (struct sockaddr *)&a, &len) != 0)
        return false;
    memset(out, 0, 16);
    if (a.ss_family == AF_INET) {
        out[10] = out[11] = 0xff;
        memcpy(out + 12, &((struct sockaddr_in *)&a)->sin_addr, 4);
    } else if (a.ss_family == AF_INET6) {
        memcpy(out, &((struct sockaddr_in6 *)&a)->sin6_addr, 16);
    } else {
        return false;
    }
    return true;
}

uintptr_t icd_http_count(const struct ic_map *counts, const uint8_t address[16])
{
    return (uintptr_t)ic_map_get(counts, icd_http_net(address));
}

ic_err icd_http_count_add(struct ic_map *counts, const uint8_t address[16], int delta)
{
    uintptr_t n = icd_http_count(counts, address) + (uintptr_t)delta;
    if (n == 0) {
        ic_map_remove(counts, icd_http_net(address));
        return IC_OK;
    }
    return ic_map_set(counts, icd_http_net(address), (void *)n, NULL);
}

bool icd_http_line_may(struct icd_http *h, int fd)
{
    uint8_t address[16];
    return icd_http_peer_of(fd, address) &&
           icd_http_count(&h->line_counts, address) / LINES_FOR_A_WEBSOCKET <
               h->config.connections_per_address;
}

static struct ic_view line_key(struct lws *const *wsi)
{
    return ic_view(wsi, sizeof *wsi);
}

bool icd_http_line_opened(struct icd_http *h, struct lws *wsi)
{
    struct line *l = ic_new(struct line);
    if (!l)
        return false;
    if (icd_http_peer(wsi, l->address) && ic_map_put(&h->lines, line_key(&wsi), l) == IC_OK) {
        if (icd_http_count_add(&h->line_counts, l->address, 1) == IC_OK)
            return true;
        ic_map_remove(&h->lines, line_key(&wsi));
    }
    ic_free(l);
    return false;
}

void icd_http_line_closed(struct icd_http *h, struct lws *wsi)
{
    struct line *l = ic_map_remove(&h->lines, line_key(&wsi));
    if (l)
        IC_IGNORE(icd_http_count_add(&h->line_counts, l->address, -1));
    ic_free(l);
}

void icd_http_lines_clear(struct icd_http *h)
{
    size_t it = 0;
    struct ic_view key;
    void *value;
    while (ic_map_next(&h->lines, &it, &key, &value))
        ic_free(value);
    ic_map_clear(&h->lines);
    ic_map_clear(&h->line_counts);
}
