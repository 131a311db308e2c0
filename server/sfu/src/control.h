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
    uint32_t speaker; /* as told last */
    bool dirty;       /* the list of sources is to be told */
};
struct control_session {
    uint64_t id;
    struct control_room *room;
    struct shard *shard;
    uint32_t leaf;
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

/* A new list of streams, made wholly before anything of it is told. */
struct icd_sfu_staged {
    struct shared_source *fresh[ICD_SFU_SOURCES_MAX];
    size_t fresh_count;
    bool keep[ICD_SFU_SOURCES_MAX]; /* by place in the session's present list */
    uint16_t height[ICD_SFU_SOURCES_MAX];
};

extern const struct icd_media_ops icd_sfu_control_ops;
/* control.c */
struct control_session *icd_sfu_control_find(struct icd_sfu *s, uint64_t session);
/* The books alone; `tell` says whether the shard must hear of it. */
void icd_sfu_control_end(struct icd_sfu *s, struct control_session *c, bool tell);
/* control_sources.c. stage: IC_ERR_RANGE, IC_ERR_NOMEM; then unstage. */
ic_err icd_sfu_control_stage(struct control_session *c, const struct ic_wire_media_publish *p,
                             struct icd_sfu_staged *out);
void icd_sfu_control_unstage(struct icd_sfu_staged *staged);
void icd_sfu_control_publish(struct icd_sfu *s, struct control_session *c,
                             struct icd_sfu_staged *staged);
void icd_sfu_control_drop_sources(struct icd_sfu *s, struct control_session *c);
/* control_tell.c */
void icd_sfu_control_poll(void *self, const struct icd_media_events *events, void *ctx);
ic_err icd_sfu_control_metrics(void *self, struct ic_buf *out);
/* Forgets all, without telling anybody. */
void icd_sfu_control_clear(struct icd_sfu *s);

#endif
