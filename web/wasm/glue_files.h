/* What the other files of the glue see of files. */
#ifndef ICW_GLUE_FILES_H
#define ICW_GLUE_FILES_H

#include <ic/meeting/meeting.h>

/* True where the event is told by us alone, for it may hold a key: *err, and IC_OK where the room out has it. */
bool icw_files_event(const struct ic_meeting_event *e, uint64_t now_ms, ic_err *err);
/* With the meeting: keys are wiped. */
void icw_files_close(void);

#endif
