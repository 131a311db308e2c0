/* The control thread's books: which sessions and rooms there are, and where. Private to server/sfu. */
#ifndef ICD_SFU_CONTROL_H
#define ICD_SFU_CONTROL_H

#include "shard.h"

struct control_room {
    uint64_t id;
    uint32_t next_source;
    size_t session_count;
    struct shared_source **sources;
    size_t source_count, source_cap;
    bool dirty; /* the list of sources is to be told */
};
struct control_session {
    uint64_t id;
    struct control_room *room;
    struct shard *shard;
    struct shared_source *sources[ICD_SFU_SOURCES_MAX];
    size_t source_count;
    struct ic_rtc_ice_credentials local;
    struct message *closing; /* made beforehand: a removal must not fail for want of memory */
    struct {
        uint8_t kind;
        uint32_t ssrc, first_seq;
    } slots[ICD_SFU_SLOTS_MAX];
    size_t slot_count;
};

extern const struct icd_media_ops icd_sfu_control_ops;
/* Forgets all, without telling anybody. */
void icd_sfu_control_clear(struct icd_sfu *s);

#endif
