/* Input on an X11 screen by XTest. libX11 and libXtst are looked for when it opens: without them the program runs,
 * and says that the screen cannot be controlled.
 *
 *     struct icc_x11 *x;
 *     IC_TRY(icc_x11_open(":0", &x, why, sizeof why));   // NULL: $DISPLAY
 *     icc_x11_inject(x, inputs, count);                  // of lib/together: positions are of the whole screen
 *     icc_x11_close(x);
 *
 * A server that goes away ends nothing but this object's use. One thread at a time.
 */
#ifndef ICC_CONTROL_X11_H
#define ICC_CONTROL_X11_H

#include <ic/together/control.h>

struct icc_x11;
/* IC_ERR_UNSUPPORTED (no X11 session, no libraries, no XTest), IC_ERR_NOMEM: why gets a sentence. */
ic_err icc_x11_open(const char *display, struct icc_x11 **out, char *why, size_t why_len);
void icc_x11_close(struct icc_x11 *x);
/* The screen's size in pixels. */
void icc_x11_size(const struct icc_x11 *x, int *width, int *height);
/* IC_ERR_CLOSED: the server has gone. A key that the keyboard does not have is put on a free place of it. */
ic_err icc_x11_inject(struct icc_x11 *x, const struct ic_together_input *inputs, size_t count);

#endif
