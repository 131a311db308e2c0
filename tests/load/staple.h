/* That the log has somebody's certificate: asked for when it is new, and again before a meeting, so that all who enter
 * together show one head of the log and not a thousand. */
#ifndef LOAD_STAPLE_H
#define LOAD_STAPLE_H

#include "http.h"
#include "people.h"

/* done is called once, with the answer's status: 200 where person->staple is new. */
ic_err load_staple_ask(struct load_http *h, struct load_person *p,
                       void (*done)(void *ctx, int status), void *ctx);
/* Those of the first n anew. IC_ERR_DENIED where one is refused. */
ic_err load_staples_fresh(const char *server, struct load_people *people, size_t n);

#endif
