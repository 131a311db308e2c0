/* What is said of files as JSON, for programs and the browser's page: never with a key.
 *
 *     if (ic_together_file_is_said(&e)) {
 *         err = ic_together_file_event_json(&e, files, time_ms, &line);
 *         if (err == IC_OK) ...                    // {"event":"file",...} or {"event":"file_withdrawn",...}
 *     }
 *
 * docs/events.md has the fields.
 */
#ifndef IC_TOGETHER_FILE_JSON_H
#define IC_TOGETHER_FILE_JSON_H

#include <ic/meeting/json.h>
#include <ic/together/file_list.h>

/* True where the event is ours to tell: nobody else may write its body anywhere. */
bool ic_together_file_is_said(const struct ic_meeting_event *e);
/* Takes what was said into the list, and appends what is to be told. On an error of the list
 * (ic_together_files_said), for what somebody said against the rules, nothing is told. */
ic_err ic_together_file_event_json(const struct ic_meeting_event *e,
                                   struct ic_together_files *files, uint64_t time_ms,
                                   struct ic_buf *out);
/* The fields of a file: "file" (its id), "name", "type", "size". */
void ic_together_file_json(struct ic_json *j, const struct ic_together_file *f);

#endif
