/* A meeting's events as JSON, for programs: docs/events.md. `incamera join --json` prints these lines, and the
 * browser's worker posts them.
 *
 *     while (ic_meeting_next_event(m, &e)) {
 *         IC_TRY(ic_meeting_event_json(&e, m, now_ms, &line));    // {"event":"joined","time_ms":...,...}
 *         ...
 *     }
 *
 * Other events of the same shape begin with ic_meeting_json_open and end with ic_meeting_json_close.
 */
#ifndef IC_MEETING_JSON_H
#define IC_MEETING_JSON_H

#include <ic/base/json.h>
#include <ic/meeting/meeting.h>

/* Appends one object; m is only looked at. IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err ic_meeting_event_json(const struct ic_meeting_event *e, const struct ic_meeting *m,
                             uint64_t time_ms, struct ic_buf *out);
/* The event `terms` as of now, for who has just entered. IC_ERR_STATE while there are none. */
ic_err ic_meeting_terms_json(const struct ic_meeting *m, uint64_t time_ms, struct ic_buf *out);
/* {"event":name,"time_ms":time_ms and, at the end, } with the sticky error. */
struct ic_json ic_meeting_json_open(const char *event, uint64_t time_ms, struct ic_buf *out);
ic_err ic_meeting_json_close(struct ic_json *j);
/* A person as docs/events.md has them. */
void ic_meeting_json_person(struct ic_json *j, const char *key, const struct ic_meeting_person *p);

/* The event `certificate` of a leaf: what its X.509 chain says and what this device makes of it; without the field
 * `certificate` where the leaf has none. IC_ERR_STATE without a group, IC_ERR_NOT_FOUND, IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err ic_meeting_certificate_json(const struct ic_meeting *m, uint32_t leaf, uint64_t time_ms,
                                   struct ic_buf *out);

/* "e2ee", for programs. Never NULL. */
const char *ic_meeting_state_name(enum ic_meeting_state s);
/* "End-to-end encrypted", in English. Never NULL. */
const char *ic_meeting_state_words(enum ic_meeting_state s);
/* "external", "internal" or "unverified". */
const char *ic_meeting_identity_name(uint8_t identity);

#endif
