/* What people tell each other (ic/together/talk.h) beside the meeting, for glue_meeting.c. */
#ifndef ICW_GLUE_CHAT_H
#define ICW_GLUE_CHAT_H

#include "glue.h"

ic_err icw_talk_open(void);
void icw_talk_close(void);
/* True: told by icw_talk_next alone. */
bool icw_talk_take(const struct ic_meeting_event *e, uint64_t now_ms);
void icw_talk_run(uint64_t now_ms);
uint64_t icw_talk_deadline_ms(void);
/* The oldest event as JSON, to the room out: false where there is none; *answer as icw_next_event gives it. */
bool icw_talk_next(uint64_t now_ms, int *answer);

#endif
