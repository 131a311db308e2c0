/* The first byte chooses: a link, or what members say to each other. What is read is written the same. */
#include "../src/app.h"
#include <ic/meeting/link.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void link(struct ic_view v)
{
    struct ic_meeting_url a, b;
    IC_BUF_SCOPE(text, 4096);
    if (ic_meeting_url_parse(v, &a) != IC_OK)
        return;
    if (ic_meeting_url_write(&a, &text) != IC_OK ||
        ic_meeting_url_parse(ic_buf_view(&text), &b) != IC_OK || a.port != b.port)
        abort();
}

static void app(struct ic_view v)
{
    struct app_message m;
    IC_BUF_SCOPE(again, 1 << 16);
    if (ic_meeting_app_decode(v, &m) != IC_OK)
        return;
    if (ic_meeting_app_encode(&m, &again) != IC_OK || !ic_view_equal(ic_buf_view(&again), v))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct ic_view v = ic_view(data + 1, size - 1);
    if (data[0] % 2)
        app(v);
    else
        link(v);
    return 0;
}
