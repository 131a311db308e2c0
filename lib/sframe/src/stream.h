/* Senders and receivers over a secret that serves many KIDs: what the store makes them of. */
#ifndef IC_SFRAME_STREAM_INTERNAL_H
#define IC_SFRAME_STREAM_INTERNAL_H

#include "key.h"
#include "window.h"

#include <ic/sframe/stream.h>

struct ic_sframe_sender {
    struct sframe_key key;
    uint64_t next;
};

struct ic_sframe_receiver {
    struct sframe_key key;
    struct sframe_window window;
};

ic_err ic_sframe_sender_derive(const struct sframe_secret *s, uint64_t kid,
                               struct ic_sframe_sender **out);
/* In place: the store embeds receivers. */
ic_err ic_sframe_receiver_init(struct ic_sframe_receiver *r, const struct sframe_secret *s,
                               uint64_t kid);
void ic_sframe_receiver_clear(struct ic_sframe_receiver *r);
/* The frame's KID is the receiver's. */
ic_err ic_sframe_receiver_open(struct ic_sframe_receiver *r, const struct sframe_frame *f,
                               uint8_t *out, size_t *out_len);

#endif
