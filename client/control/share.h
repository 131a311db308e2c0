/* What the client does with remote control: whether our screen can be controlled, and the input that comes.
 *
 *     struct icc_share s = {0};
 *     icc_share_open(&s, "x11", false, control);   // says ic_together_control_offer
 *     icc_share_take(&s, control, &event);         // each event of remote control
 *     icc_share_close(&s);
 */
#ifndef ICC_CONTROL_SHARE_H
#define ICC_CONTROL_SHARE_H

#include "x11.h"

struct icc_share {
    struct icc_x11 *x11;
    char why[120]; /* why not, for people */
};

/* "x11" or "x11:DISPLAY": its display, or NULL for the session's. */
const char *icc_share_display(const char *screen);
/* screen: a source's name, or NULL. view_only: shared, but never controlled. */
void icc_share_open(struct icc_share *s, const char *screen, bool view_only,
                    struct ic_together_control *c);
void icc_share_take(struct icc_share *s, struct ic_together_control *c,
                    const struct ic_together_control_event *e);
/* No longer shared: control ends. */
void icc_share_stop(struct icc_share *s, struct ic_together_control *c);
void icc_share_close(struct icc_share *s);

#endif
