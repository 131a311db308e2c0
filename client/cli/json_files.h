/* Commands and events about files, as docs/events.md has them. */
#ifndef ICC_CLI_JSON_FILES_H
#define ICC_CLI_JSON_FILES_H

#include "files/files.h"
#include "room.h"

#include <jansson.h>

/* True where the command is one of these: it was carried out, or why it was not is in *why (static). */
bool icc_json_files_do(struct icc_room *room, const char *name, const json_t *o, const char **why);
/* The event as a line of JSON, appended. */
ic_err icc_json_files_line(const struct icc_files_event *e, struct ic_buf *out);

#endif
