/* The desk (ic/together/desk.h) beside the meeting, for glue_meeting.c. */
#ifndef ICW_GLUE_BOARD_H
#define ICW_GLUE_BOARD_H

#include "glue.h"

ic_err icw_desk_open(void);
void icw_desk_close(void);
/* True: told by icw_desk_next alone. */
bool icw_desk_take(const struct ic_meeting_event *e, uint64_t now_ms);
void icw_desk_run(uint64_t now_ms);
uint64_t icw_desk_deadline_ms(void);
/* False: nothing. Else *answer is what icw_next_event gives. */
bool icw_desk_next(uint64_t now_ms, int *answer);

#endif
