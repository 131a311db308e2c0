/* Members say anything of annotation and control: input comes out only while a grant stands. */
#include <ic/base/mem.h>
#include <ic/together/annotate.h>
#include <ic/together/control.h>
#include <ic/together/kinds.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ic_err same(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 7, n);
    return IC_OK;
}

static void again(struct ic_view body)
{
    struct ic_together_input in[IC_TOGETHER_CONTROL_INPUTS];
    IC_BUF_SCOPE(b, 1024);
    uint64_t sharer;
    uint32_t grant, number;
    size_t n;
    if (ic_together_input_decode(body, &sharer, &grant, &number, in, &n) != IC_OK)
        return;
    if (ic_together_input_encode(sharer, grant, number, in, n, &b) != IC_OK ||
        !ic_view_equal(ic_buf_view(&b), body))
        abort();
}

static void act(struct ic_together_control *c, uint8_t how)
{
    if (how & 0x40)
        IC_IGNORE(ic_together_control_grant(c, how & 3, 3));
    if (how & 0x20)
        IC_IGNORE(ic_together_control_stop(c));
    if (how & 0x10)
        ic_together_control_left(c, how & 3);
}

static void look(struct ic_together_control *c)
{
    struct ic_together_control_event e;
    uint16_t kind;
    bool transient;
    while (ic_together_control_next_event(c, &e))
        for (size_t i = 0; i < e.input_count; i++)
            if (e.sharer != 1 || (e.inputs[i].down && e.grantee == 1))
                abort();
    while (ic_together_control_next_body(c, &kind, &transient).len)
        ic_together_control_took(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_rand rand = {same, NULL};
    struct ic_together_control *c = NULL;
    struct ic_together_annot *a = NULL;
    uint64_t seq = 0, now = 1;
    if (ic_together_control_new(&rand, &c) != IC_OK || ic_together_annot_new(&a) != IC_OK)
        abort();
    ic_together_control_self(c, 1);
    ic_together_control_offer(c, IC_TOGETHER_CONTROL_READY);
    while (size >= 3) {
        uint8_t how = data[0], from = data[1] & 3;
        size_t len = data[2] < size - 3 ? data[2] : size - 3;
        struct ic_view body = ic_view(data + 3, len);
        struct ic_together_control_from f = {from, from == 1, from == 3};
        struct ic_together_annot_from af = {from, from == 3};
        uint16_t kind = (uint16_t)(IC_TOGETHER_CONTROL_REQUEST + how % 4);
        bool input = kind == IC_TOGETHER_CONTROL_INPUT;
        again(body);
        ic_together_control_said(c, &f, kind, body, input ? 0 : ++seq, now);
        ic_together_annot_said(a, &af, body, now);
        act(c, how);
        look(c);
        now += how;
        ic_together_annot_tick(a, now);
        data += 3 + len;
        size -= 3 + len;
    }
    ic_together_control_free(c);
    ic_together_annot_free(a);
    return 0;
}
