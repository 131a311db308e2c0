/* What the files of the service share. */
#ifndef ICD_FILES_PRIVATE_H
#define ICD_FILES_PRIVATE_H

#include "core/group.h"
#include "files/files.h"

/* A member's right to ask over HTTP. It holds while the key is in the group, and `until_ms`. */
struct icd_grant {
    uint8_t meeting[ICD_MEETING_ID_LEN];
    uint8_t key[IC_SIG_PUBLIC_MAX];
    size_t key_len;
    char token[ICD_FILES_TOKEN_LEN + 1];
    uint64_t until_ms;
    struct icd_bucket requests;
};

/* A file that is being put: how much of it is durable. */
struct icd_upload {
    uint64_t number; /* in this server's life */
    struct icd_disk_place place;
    uint8_t group[ICD_GROUP_ID_MAX];
    size_t group_len;
    uint64_t size, have;
    bool busy; /* a piece is on its way to the disk */
};

struct icd_files {
    struct ic_map by_token;  /* -> struct icd_grant, owned */
    struct ic_map by_member; /* meeting || key -> the same */
    struct ic_map uploads;   /* place -> struct icd_upload, owned */
    uint64_t next_purge_ms;
    struct ic_buf ended; /* sessions whose rows are deleted with this flush: names, without a NUL */
};

/* Who asks, and in which session. */
struct icd_asker {
    struct icd_grant *grant;
    struct icd_room *room;
    bool host;
    char session[ICD_DISK_SESSION_LEN + 1];
};

void icd_files_session_name(struct ic_view group_id, char out[ICD_DISK_SESSION_LEN + 1]);
/* IC_ERR_DENIED. */
ic_err icd_files_asker(struct icd_core *core, struct ic_view token, struct icd_asker *out);

static inline struct ic_view icd_files_place_key(const struct icd_disk_place *p)
{
    return ic_view(p, sizeof *p);
}

#endif
