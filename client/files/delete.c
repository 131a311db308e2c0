/* Deleting at the server, tried again where it did not work: what stays all the same goes with the meeting. */
#include "internal.h"

#include "base/clock.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

enum { DELETE_TRIES = 10, AGAIN_MS = 500 };

static void on_deleted(void *ctx, int status, struct ic_view body)
{
    struct unwanted *u = ctx;
    (void)body;
    u->busy = false;
    if (status == 401)
        u->owner->token[0] = 0;
    bool again = status == 0 || status == 401 || status == 429 || status >= 500;
    if (again && ++u->tries < DELETE_TRIES) {
        u->wait_until_ms = icc_now_ms() + AGAIN_MS;
        icc_files_soon(u->owner, AGAIN_MS);
    } else {
        u->owner = NULL;
    }
}

void icc_files_delete(struct icc_files *f, const uint8_t *id)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(f->unwanted); i++) {
        if (f->unwanted[i].owner)
            continue;
        f->unwanted[i] = (struct unwanted){.owner = f};
        memcpy(f->unwanted[i].id, id, sizeof f->unwanted[i].id);
        icc_files_soon(f, 0);
        return;
    }
}

static void ask(struct icc_files *f, struct unwanted *u)
{
    char text[IC_TOGETHER_FILE_ID_TEXT + 1], path[2 * IC_WIRE_TEXT_MAX];
    ic_together_file_id_text(u->id, text);
    snprintf(path, sizeof path, "%s/%s", f->path, text);
    u->busy = true;
    if (icc_net_request(f->c.net, "DELETE", path, f->token, ic_view(NULL, 0), on_deleted, u) !=
        IC_OK)
        on_deleted(u, 0, ic_view(NULL, 0));
}

uint64_t icc_files_delete_step(struct icc_files *f, uint64_t now_ms)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < IC_ARRAY_LEN(f->unwanted); i++) {
        struct unwanted *u = &f->unwanted[i];
        if (!u->owner || u->busy)
            continue;
        if (now_ms >= u->wait_until_ms && icc_files_may_ask(f))
            ask(f, u);
        else
            next = AGAIN_MS;
    }
    return next;
}
