/* Users in bulk, and the invitation of each. */
#ifndef LOAD_INVITE_H
#define LOAD_INVITE_H

#include "http.h"
#include "people.h"

/* session of each person becomes the invitation's token. why: 256 bytes. */
ic_err load_invite(struct load_http *h, const char *admin, struct load_people *people, char *why);

#endif
