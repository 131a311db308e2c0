/* One shard without its thread, one receiver with a real transport, and senders made by hand: what goes in
 * and what comes out, packet by packet, at a time of the test's own. */
#ifndef ICD_SFU_TEST_YARD_H
#define ICD_SFU_TEST_YARD_H

#include "../src/shard.h"
#include <ic/base/test.h>

enum { YARD_OUT_MAX = 512, YARD_SLOTS = 2 };

/* A packet as the receiver decrypted it. */
struct yard_out {
    uint32_t ssrc, timestamp;
    uint64_t index;
    bool marker, empty;
    bool has_dd, start, end, key;
    uint16_t frame, picture;
    uint8_t tl0, tag; /* tag: last byte of the payload */
    bool has_names;   /* mid or rid */
};
struct yard {
    struct icd_sfu sfu;
    struct shard *shard;
    struct ic_rtc_cert *cert;
    struct ic_rtc_transport *client;
    struct peer *peer;
    struct room *room;
    size_t count;
    struct yard_out out[YARD_OUT_MAX];
    unsigned key_requests;
};

/* What a sender's packet is made of. */
struct yard_in {
    uint64_t index;
    uint32_t timestamp;
    bool marker, empty, no_dd;
    bool start, end;
    uint8_t template_id;
    const struct ic_rtc_dd_structure *structure; /* attached */
    bool has_active;
    uint32_t active;
    uint16_t frame, picture;
    uint8_t tl0, tag;
};

void yard_init(struct yard *y);
void yard_clear(struct yard *y);
/* A stream of somebody else's; layer 0 begins a new source. Returns it. */
struct source *yard_source(struct yard *y, uint8_t kind, uint8_t codec, uint8_t layer,
                           uint16_t height);
void yard_put(struct yard *y, struct source *src, const struct yard_in *in);
/* The receiver's wish for its first slot. */
void yard_want(struct yard *y, uint32_t source, uint16_t height);
/* Time passes, and what falls due is done. */
void yard_pass(struct yard *y, uint64_t ms);
/* True once since the last call, where a key frame was asked for. */
bool yard_key_wanted(struct source *src);

#endif
