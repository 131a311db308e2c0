/* Saving and loading, into and from a store in memory. */
#ifndef BENCH_STATE_H
#define BENCH_STATE_H

#include "fixture.h"

/* Rows mls.save (after one commit), mls.save_message (after one message sent), mls.save_all and mls.load.
 * The floors: for saves, the same number of records put into such a store, each with its check; for load, one
 * hash a node over the bytes that its tree hash covers, and a public key for each private one.
 * keygen_ns: of a public key. */
void bench_state(const struct fixture *f, double keygen_ns);

#endif
