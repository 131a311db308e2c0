/* The first byte chooses: a body of kind 22, or a staple to judge. What is read is written the same; nothing that is not
 * signed by the log that is known moves anything. */
#include <ic/together/logs.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The base point of P-256: a key that is one, and whose private half (1) signs nothing here. */
static const uint8_t point[65] = {0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc,
                                  0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d,
                                  0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
                                  0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb,
                                  0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31,
                                  0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};

static void body(struct ic_together_logs *l, struct ic_view v)
{
    struct ic_together_heads h;
    IC_BUF_SCOPE(out, IC_TOGETHER_LOGS_BODY);
    if (ic_together_heads_decode(v, &h) == IC_OK &&
        (ic_together_heads_encode(&h, &out) != IC_OK || !ic_view_equal(ic_buf_view(&out), v)))
        abort();
    struct ic_meeting_event e = {
        .type = IC_MEETING_EV_SAID, .kind = 22, .text = {0, 0, 0, 1 << 20}};
    if (ic_buf_append(&e.text, v) != IC_OK)
        abort();
    if (!ic_together_logs_meeting(l, NULL, &e, 1))
        abort();
    ic_buf_clear(&e.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_merkle_log log = {IC_ECDSA_P256_SHA256, IC_VIEW_ARRAY(point)};
    struct ic_pki_cert root = {0};
    struct ic_pki_chain chain = {.count = 1};
    struct ic_together_logs_event e;
    struct ic_together_logs *l;
    if (size == 0)
        return 0;
    if (ic_together_logs_new(&l) != IC_OK ||
        ic_together_logs_add(l, root.fingerprint, &log) != IC_OK)
        abort();
    struct ic_view v = ic_view(data + 1, size - 1);
    if (data[0] & 1)
        body(l, v);
    else if (strcmp(ic_together_logs_judge(l, &chain, &root, v, 1), "not-logged") != 0)
        abort();
    ic_together_logs_run(l, NULL, 2);
    if (ic_together_logs_next(l, &e))
        abort();
    ic_together_logs_free(l);
    return 0;
}
