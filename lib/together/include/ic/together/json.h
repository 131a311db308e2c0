/* What people do together as JSON, for programs: docs/events.md. `incamera join --json` prints these lines, and the
 * browser's worker posts them; one function a feature, each with a file json_<feature>.c.
 *
 *     while (ic_together_talk_next(t, &e))
 *         IC_TRY(ic_together_talk_json(&e, t, now_ms, &line));
 */
#ifndef IC_TOGETHER_JSON_H
#define IC_TOGETHER_JSON_H

#include <ic/together/talk.h>

/* Appends one object; t is only looked at. IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err ic_together_talk_json(const struct ic_together_talk_event *e,
                             const struct ic_together_talk *t, uint64_t time_ms,
                             struct ic_buf *out);
/* {"event":"roster"}: everybody who is there, with what they told of themselves. */
ic_err ic_together_roster_json(const struct ic_meeting *m, const struct ic_together_talk *t,
                               uint64_t time_ms, struct ic_buf *out);
/* {"event":"shield"}: what stands one tap below the shield. */
ic_err ic_together_shield_json(const struct ic_meeting *m, uint64_t time_ms, struct ic_buf *out);

#endif
