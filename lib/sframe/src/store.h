/* What a store is made of, for store.c and apart.c. */
#ifndef IC_SFRAME_STORE_INTERNAL_H
#define IC_SFRAME_STORE_INTERNAL_H

#include "stream.h"

#include <ic/sframe/store.h>

enum { EPOCHS = 1 << IC_SFRAME_EPOCH_BITS };

/* A stream of a sender, once a frame of it has authenticated. */
struct stream {
    struct stream *next;
    uint32_t context;
    struct ic_sframe_receiver receiver;
};

struct leaf {
    struct stream *streams;
    uint16_t refused; /* a bit a context */
};

enum { ALL_CONTEXTS = (1 << IC_SFRAME_CONTEXTS) - 1 };

struct epoch {
    uint64_t number;
    uint64_t barrier;    /* the latest epoch up to this one that a Remove opened; 0: none */
    uint64_t expires_ms; /* UINT64_MAX while it is the newest */
    struct sframe_secret secret;
    unsigned leaf_bits; /* S */
    uint32_t leaf_slots;
    uint32_t own_leaf;
    bool may_send;
    struct ic_sframe_sender *senders[IC_SFRAME_CONTEXTS];
    struct leaf leaves[];
};

struct ic_sframe_store {
    const struct ic_sframe_suite *suite;
    struct epoch *epochs[EPOCHS]; /* by the low bits of the number */
    struct epoch *newest;
    struct epoch *sending;
    uint64_t switch_ms;   /* when the newest epoch is sent with; UINT64_MAX: it is, or nothing is */
    uint64_t deadline_ms; /* the earliest of switch_ms and all expires_ms */
    uint64_t now_ms;
};

/* The sender of a context in the epoch that is sent with, made at its first frame. */
ic_err ic_sframe_store_sender(const struct ic_sframe_store *s, uint32_t context,
                              struct ic_sframe_sender **out);
uint64_t ic_sframe_store_kid(const struct epoch *e, uint32_t leaf, uint32_t context);
/* The epoch of a KID. */
ic_err ic_sframe_store_find_epoch(const struct ic_sframe_store *s, uint64_t kid,
                                  struct epoch **out);
/* Takes the KID apart by the epoch's own S. */
ic_err ic_sframe_store_check_kid(const struct epoch *e, uint64_t kid, uint32_t *leaf,
                                 uint32_t *context);
/* A stream's keys and window: found, made, and kept once a frame has authenticated. */
struct stream *ic_sframe_store_stream(const struct epoch *e, uint32_t leaf, uint32_t context);
ic_err ic_sframe_store_stream_new(const struct epoch *e, uint64_t kid, uint32_t context,
                                  struct stream **out);
void ic_sframe_store_stream_keep(struct ic_sframe_store *s, struct epoch *e, uint32_t leaf,
                                 struct stream *st);

#endif
