/* A live member fed anything. The first byte says what the rest is: a message as it comes from the wire,
 * or the body of a proposal or commit that another member signs and protects, so that it gets past the
 * signature. Whatever comes, the member stays in its epoch and can go on. */
#include "live_group.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIVES = 400, SIZE_MAX_HERE = 16384 };

static ic_err message_of(struct live *l, uint8_t mode, struct ic_view rest, struct ic_buf *out)
{
    switch (mode % 6) {
    case 1:
        return live_frame(l, IC_MLS_PROPOSAL, false, rest, out);
    case 2:
        return live_frame(l, IC_MLS_COMMIT, false, rest, out);
    case 3:
        return live_frame(l, IC_MLS_PROPOSAL, true, rest, out);
    case 4:
        return live_frame(l, IC_MLS_COMMIT, true, rest, out);
    case 5:
        return live_frame(l, IC_MLS_APPLICATION, true, rest, out);
    default:
        return ic_buf_append(out, rest);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct live l;
    static unsigned runs;
    if (size < 1 || size > SIZE_MAX_HERE)
        return 0;
    if (runs++ % LIVES == 0) {
        if (runs > 1)
            live_close(&l);
        live_open(&l);
    }
    uint64_t epoch = ic_mls_context(l.receiver)->epoch;
    struct ic_mls_received r;
    IC_BUF_SCOPE(message, 1 << 20);
    if (message_of(&l, data[0], ic_view(data + 1, size - 1), &message) != IC_OK)
        abort();
    if (ic_mls_process(l.receiver, ic_buf_view(&message), &r) == IC_OK)
        ic_mls_received_clear(&r);
    ic_mls_clear_pending(l.receiver);
    if (ic_mls_context(l.receiver)->epoch != epoch)
        abort();
    return 0;
}
