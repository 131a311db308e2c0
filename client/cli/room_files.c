#include "room_files.h"

#include "base/clock.h"

#include <ic/base/mem.h>
#include <ic/os/os.h>
#include <ic/together/file_json.h>
#include <string.h>

struct icc_room_files {
    struct icc_room_files_config c;
    struct icc_files *files;
    bool in;
};

static ic_err ask(void *ctx)
{
    struct icc_room_files *f = ctx;
    pthread_mutex_lock(f->c.lock);
    ic_err e = ic_meeting_files_open(f->c.meeting);
    pthread_mutex_unlock(f->c.lock);
    f->c.moved(f->c.ctx);
    return e;
}

static ic_err say(void *ctx, uint16_t kind, struct ic_view body)
{
    struct icc_room_files *f = ctx;
    pthread_mutex_lock(f->c.lock);
    ic_err e = ic_meeting_say(f->c.meeting, kind, body, false, icc_now_ms(), NULL);
    pthread_mutex_unlock(f->c.lock);
    f->c.moved(f->c.ctx);
    return e;
}

static bool may_withdraw(void *ctx, const uint8_t by[32])
{
    struct icc_room_files *f = ctx;
    struct ic_meeting_person p;
    bool may = false;
    pthread_mutex_lock(f->c.lock);
    for (size_t i = 0; !may && ic_meeting_person(f->c.meeting, i, &p); i++)
        may = p.self && (p.host || memcmp(p.key_hash, by, sizeof p.key_hash) == 0);
    pthread_mutex_unlock(f->c.lock);
    return may;
}

static void tell(void *ctx, const struct icc_files_event *e)
{
    struct icc_room_files *f = ctx;
    f->c.view->ops->files(f->c.view->self, e);
}

ic_err icc_room_files_new(const struct icc_room_files_config *c, struct icc_room_files **out)
{
    struct icc_room_files *f = ic_new(struct icc_room_files);
    if (!f)
        return IC_ERR_NOMEM;
    f->c = *c;
    struct icc_files_config fc = {.loop = c->loop,
                                  .net = c->net,
                                  .rand = ic_os_rand(),
                                  .ask = ask,
                                  .say = say,
                                  .may_withdraw = may_withdraw,
                                  .tell = tell,
                                  .ctx = f};
    ic_err e = icc_files_new(&fc, &f->files);
    if (e != IC_OK) {
        ic_free(f);
        return e;
    }
    *out = f;
    return IC_OK;
}

void icc_room_files_free(struct icc_room_files *f)
{
    if (!f)
        return;
    icc_files_free(f->files);
    ic_free(f);
}

void icc_room_files_in(struct icc_room_files *f, bool in)
{
    if (f->in == in)
        return;
    f->in = in;
    icc_files_connection(f->files, in);
}

bool icc_room_files_take(struct icc_room_files *f, const struct ic_meeting_event *e)
{
    if (ic_together_file_is_said(e)) {
        icc_files_said(f->files, e);
        return true;
    }
    if (e->type != IC_MEETING_EV_FILES_OPENED)
        return false;
    char why[IC_WIRE_TEXT_MAX + 1] = "";
    if (e->flag) {
        icc_files_opened(f->files, &e->files);
    } else {
        memcpy(why, e->text.p, e->text.len < sizeof why ? e->text.len : sizeof why - 1);
        icc_files_refused(f->files, why);
    }
    return true;
}

struct icc_files *icc_room_files_of(struct icc_room_files *f)
{
    return f->files;
}
