/* A room's files: between the meeting, which says what is shared, and client/files, which moves the bytes. */
#ifndef ICC_CLI_ROOM_FILES_H
#define ICC_CLI_ROOM_FILES_H

#include "files/files.h"
#include "view.h"

#include <pthread.h>

struct icc_room_files;

struct icc_room_files_config {
    uv_loop_t *loop;
    struct icc_net *net;
    struct ic_meeting *meeting;
    pthread_mutex_t *lock; /* of the meeting */
    const struct icc_view *view;
    void (*moved)(void *ctx); /* the meeting has something to send */
    void *ctx;
};

ic_err icc_room_files_new(const struct icc_room_files_config *c, struct icc_room_files **out);
/* Right before the network. Accepts NULL. */
void icc_room_files_free(struct icc_room_files *f);
/* True where the event is a matter of files alone: no view is shown it, for it may hold a key. */
bool icc_room_files_take(struct icc_room_files *f, const struct ic_meeting_event *e);
/* We are in the group over a connection that stands, or not any more. */
void icc_room_files_in(struct icc_room_files *f, bool in);
struct icc_files *icc_room_files_of(struct icc_room_files *f);

#endif
