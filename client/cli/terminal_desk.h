/* Board and control in the terminal. */
#ifndef ICC_CLI_TERMINAL_DESK_H
#define ICC_CLI_TERMINAL_DESK_H

#include "terminal.h"

#include <ic/together/desk.h>

void icc_terminal_desk(void *self, const struct ic_together_desk *d, const struct ic_meeting *m,
                       const struct ic_together_desk_event *e);
/* g grants whoever asked first, n refuses, x takes back: true where the key was for that. */
bool icc_terminal_desk_key(struct icc_terminal *t, uint8_t key);
/* "/board FILE" saves it; "/grant", "/deny", "/stop": true where the line was one of them. */
bool icc_terminal_desk_line(struct icc_terminal *t, struct ic_view line);

#endif
