/* Test build only (-Dtest_hooks=true): the tap, and a network that loses. */
#include "shard.h"
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int tap_fd = -1;
static unsigned loss_percent;

ic_err ic_testhook_sfu_tap(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return IC_ERR_IO;
    if (tap_fd >= 0)
        close(tap_fd);
    tap_fd = fd;
    return IC_OK;
}

void ic_testhook_sfu_tap_packet(const struct shared_source *src, struct ic_view packet)
{
    uint8_t head[24];
    struct timespec t;
    if (tap_fd < 0)
        return;
    clock_gettime(CLOCK_REALTIME, &t);
    ic_store_u32(head, (uint32_t)(sizeof head - 4 + packet.len));
    ic_store_u64(head + 4, (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000);
    ic_store_u64(head + 12, src->room);
    ic_store_u32(head + 20, src->id);
    uint8_t record[sizeof head + IC_RTC_PACKET_MAX];
    memcpy(record, head, sizeof head);
    memcpy(record + sizeof head, packet.p, packet.len);
    /* One write a record: appended whole, also when several shards write. */
    ssize_t n = write(tap_fd, record, sizeof head + packet.len);
    (void)n;
}

void ic_testhook_sfu_loss(unsigned percent)
{
    loss_percent = percent;
}

bool ic_testhook_sfu_lost(void)
{
    static _Thread_local uint64_t dice = 1;
    if (loss_percent == 0)
        return false;
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (dice >> 33) % 100 < loss_percent;
}
