/* Commands and events of board, annotation and control, as docs/events.md has them. */
#ifndef ICC_CLI_JSON_DESK_H
#define ICC_CLI_JSON_DESK_H

#include "room_desk.h"

#include <jansson.h>

/* True where the command is one of these: it was carried out, or why it was not is in *why (static). */
bool icc_json_desk_do(struct icc_room *room, const char *name, const json_t *o, const char **why);

#endif
