/* Whom this browser remembers, for the meeting. */
#ifndef ICW_GLUE_PINS_H
#define ICW_GLUE_PINS_H

#include "glue.h"

const struct ic_meeting_pin *icw_pinned(void);
size_t icw_pin_count(void);

#endif
