#include "share.h"

#include <stdio.h>
#include <string.h>

const char *icc_share_display(const char *screen)
{
    return screen && strncmp(screen, "x11:", 4) == 0 ? screen + 4 : NULL;
}

static bool is_x11(const char *screen)
{
    return strcmp(screen, "x11") == 0 || strncmp(screen, "x11:", 4) == 0;
}

void icc_share_open(struct icc_share *s, const char *screen, bool view_only,
                    struct ic_together_control *c)
{
    *s = (struct icc_share){.why = "no screen is shared"};
    ic_together_control_offer(c, IC_TOGETHER_CONTROL_NONE);
    if (!screen)
        return;
    snprintf(s->why, sizeof s->why, "this screen is shared to be seen only");
    ic_together_control_offer(c, IC_TOGETHER_CONTROL_NO_SESSION);
    if (!view_only && is_x11(screen) &&
        icc_x11_open(icc_share_display(screen), &s->x11, s->why, sizeof s->why) == IC_OK)
        ic_together_control_offer(c, IC_TOGETHER_CONTROL_READY);
}

void icc_share_take(struct icc_share *s, struct ic_together_control *c,
                    const struct ic_together_control_event *e)
{
    if (e->type != IC_TOGETHER_CONTROL_EV_INPUT || !s->x11)
        return;
    if (icc_x11_inject(s->x11, e->inputs, e->input_count) != IC_OK) {
        snprintf(s->why, sizeof s->why, "the X server has gone");
        ic_together_control_offer(c, IC_TOGETHER_CONTROL_NO_SESSION);
    }
}

void icc_share_stop(struct icc_share *s, struct ic_together_control *c)
{
    ic_together_control_offer(c, IC_TOGETHER_CONTROL_NONE);
    snprintf(s->why, sizeof s->why, "no screen is shared");
}

void icc_share_close(struct icc_share *s)
{
    icc_x11_close(s->x11);
    s->x11 = NULL;
}
