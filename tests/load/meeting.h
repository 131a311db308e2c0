/* A meeting for the crowd: made as `incamera meeting create` does. */
#ifndef LOAD_MEETING_H
#define LOAD_MEETING_H

#include "people.h"

#include <ic/meeting/link.h>

/* server: "http://localhost:8080"; token: the organisation's; host: whose key the terms name. why: 256 bytes. */
ic_err load_meeting_make(const char *server, const char *token, const struct load_person *host,
                         uint16_t suite, struct ic_meeting_link *out, char *why);

#endif
