/* One turn of the loop: requests are handled, what they wrote is committed once, then all are answered. */
#ifndef ICD_IDENTITY_TURN_H
#define ICD_IDENTITY_TURN_H

#include "identity/live.h"

/* A copy of the request, with all its views. NULL without memory. */
struct icd_call *icd_call_new(struct icd_identity *id, const struct icd_http_request *r,
                              uint64_t ticket);
void icd_call_free(struct icd_call *c);
void icd_turn_time(struct icd_identity *id);
/* Runs fn for c with the time set; then c waits for the flush, or for its job. */
void icd_turn(struct icd_identity *id, struct icd_call *c, icd_call_fn *fn);
/* After a handler or a job's `done`. */
void icd_turn_end(struct icd_identity *id, struct icd_call *c);

#endif
