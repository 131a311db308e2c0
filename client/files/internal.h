/* What the files of client/files share. */
#ifndef ICC_FILES_INTERNAL_H
#define ICC_FILES_INTERNAL_H

#include "files.h"

enum {
    ICC_FILES_PATH_MAX = 4096,
    ICC_FILES_TRIES = 30,   /* in a row without getting on */
    ICC_FILES_AHEAD = 4,    /* pieces in one answer */
    ICC_FILES_SYNC = 64,    /* pieces written between two syncs: the last one is short then */
    ICC_FILES_TOLD_MS = 250 /* between two words of progress */
};

struct transfer {
    struct icc_files *owner;
    struct transfer *next;
    struct ic_together_file f;
    bool sending;
    bool made;   /* sending: id and key are drawn */
    bool begun;  /* the server said how far it is, since the last trouble */
    bool busy;   /* a request is out */
    bool paused; /* asked to */
    bool over;   /* finished, failed or cancelled: freed when nothing is out */
    bool said;   /* the announcement is on its way */
    int fd;
    char path[ICC_FILES_PATH_MAX], temp[ICC_FILES_PATH_MAX + 64];
    int64_t mtime_ns;
    struct ic_together_sealer *sealer;
    struct ic_together_opener *opener;
    struct ic_buf piece; /* sending: sealed, not acknowledged */
    uint64_t at;         /* sealed bytes that are done */
    unsigned tries, bad;
    uint64_t told_ms, wait_until_ms;
};

/* What is to be deleted at the server. */
struct unwanted {
    struct icc_files *owner; /* NULL: none */
    uint8_t id[IC_TOGETHER_FILE_ID];
    bool busy;
    unsigned tries;
    uint64_t wait_until_ms;
};

struct icc_files {
    struct icc_files_config c;
    struct ic_together_files *list;
    struct transfer *first;
    uv_timer_t timer;
    bool up, asked, stepping;
    char path[IC_WIRE_TEXT_MAX + 1], token[IC_WIRE_TEXT_MAX + 1];
    uint32_t piece;
    uint64_t file_max, token_until_ms;
    struct unwanted unwanted[16];
};

/* ---- files.c ---- */
void icc_files_tell(struct transfer *t, enum icc_files_event_type type, const char *why,
                    const char *text);
void icc_files_progress(struct transfer *t, bool now);
/* It ends here, well or not. */
void icc_files_over(struct transfer *t);
void icc_files_fail(struct transfer *t, const char *why, const char *text);
/* What an HTTP status means that neither side expects. Goes on later, or fails. */
void icc_files_trouble(struct transfer *t, int status);
/* Goes on with whatever can go on, soon. */
void icc_files_soon(struct icc_files *f, uint64_t ms);
ic_err icc_files_ask_http(struct transfer *t, const char *method, const char *query,
                          const char *range, struct ic_view body, icc_net_done *done);
/* What `have` is in the server's answer; false: it is none. */
bool icc_files_have(struct ic_view body, uint64_t *out);
struct transfer *icc_files_find(const struct icc_files *f, const uint8_t *id);
void icc_files_transfer_free(struct transfer *t);
/* Whether there is a token and a connection; asks for one where there is none. */
bool icc_files_may_ask(struct icc_files *f);
/* ---- delete.c ---- */
void icc_files_delete(struct icc_files *f, const uint8_t *id);
/* ms to the next try; UINT64_MAX: nothing waits. */
uint64_t icc_files_delete_step(struct icc_files *f, uint64_t now_ms);
/* ---- send.c, get.c: one step, which begins at most one request ---- */
void icc_files_step_send(struct transfer *t);
void icc_files_step_get(struct transfer *t);

#endif
