/* What the meeting asks of the logs that this browser knows. */
#ifndef ICW_GLUE_LOG_H
#define ICW_GLUE_LOG_H

#include "glue.h"

#include <ic/together/logs.h>

/* What is known of logs and heads, for the room's own object. */
ic_err icw_log_knowledge(struct ic_together_logs *l);

/* That object beside the meeting: judges staples, tells the others of heads, raises the alarm. */
ic_err icw_logs_open(void);
void icw_logs_close(void);
/* For ic_meeting_config. */
struct ic_together_logs *icw_logs(void);
/* True: told by icw_logs_next alone. */
bool icw_logs_take(const struct ic_meeting_event *e, uint64_t now_ms);
void icw_logs_run(uint64_t now_ms);
uint64_t icw_logs_deadline_ms(void);
/* The oldest event as JSON, to the room out: false where there is none; *answer as icw_next_event gives it. */
bool icw_logs_next(uint64_t now_ms, int *answer);

#endif
