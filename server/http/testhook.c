#include "http/testhook.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

enum { HEAD = 4 + 8 + 1 };

static int tap = -1;

ic_err icd_testhook_http_tap(const char *path)
{
    tap = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return tap < 0 ? IC_ERR_IO : IC_OK;
}

void icd_testhook_http_note(uint64_t conn, bool out, struct ic_view bytes)
{
    uint8_t head[HEAD];
    if (tap < 0)
        return;
    ic_store_u32(head, (uint32_t)(HEAD - 4 + bytes.len));
    ic_store_u64(head + 4, conn);
    head[12] = out;
    /* writev takes no const; it only reads. */
    struct iovec parts[2] = {{head, sizeof head}, {(void *)(uintptr_t)bytes.p, bytes.len}};
    if (writev(tap, parts, 2) < 0) {
        close(tap);
        tap = -1; /* the demo misses its control frames, and says so */
    }
}
