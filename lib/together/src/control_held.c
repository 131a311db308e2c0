/* Keys and buttons that a grantee holds: when control ends they are let go, for nothing is worse than a Control
 * key that stays down. */
#include "control.h"

static void hold_key(struct control_held *h, uint32_t key, bool down)
{
    size_t i = 0;
    while (i < h->key_count && h->keys[i] != key)
        i++;
    if (!down && i < h->key_count)
        h->keys[i] = h->keys[--h->key_count];
    if (down && i == h->key_count && i < IC_TOGETHER_CONTROL_HELD)
        h->keys[h->key_count++] = key;
}

void ic_together_control_hold(struct control_held *h, const struct ic_together_input *in)
{
    if (in->type == IC_TOGETHER_INPUT_KEY)
        hold_key(h, in->code, in->down);
    else if (in->type == IC_TOGETHER_INPUT_BUTTON)
        h->buttons =
            (uint16_t)(in->down ? h->buttons | 1u << in->code : h->buttons & ~(1u << in->code));
}

size_t ic_together_control_let_go(struct control_held *h, struct ic_together_input *out, size_t max)
{
    size_t n = 0;
    while (n < max && h->key_count)
        out[n++] = (struct ic_together_input){.type = IC_TOGETHER_INPUT_KEY,
                                              .code = h->keys[--h->key_count]};
    for (uint32_t b = 1; b <= IC_TOGETHER_CONTROL_BUTTONS && n < max; b++) {
        if (!(h->buttons >> b & 1))
            continue;
        h->buttons = (uint16_t)(h->buttons & ~(1u << b));
        out[n++] = (struct ic_together_input){.type = IC_TOGETHER_INPUT_BUTTON, .code = b};
    }
    return n;
}
