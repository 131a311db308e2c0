#include "internal.h"

#include "base/clock.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <ic/together/file_json.h>
#include <ic/together/kinds.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RETRY_MS = 500, RETRY_MAX_MS = 5000, TOKEN_EARLY_MS = 30000 };

/* ---- telling ---- */

void icc_files_tell(struct transfer *t, enum icc_files_event_type type, const char *why,
                    const char *text)
{
    uint64_t chunks = t->at / (t->f.chunk + (uint64_t)IC_TOGETHER_FILE_TAG);
    uint64_t done = chunks * t->f.chunk;
    bool all = t->made && t->at == ic_together_file_sealed_size(&t->f);
    struct icc_files_event e = {.type = type,
                                .file = &t->f,
                                .sending = t->sending,
                                .done = all ? t->f.size : done,
                                .chunk = t->bad,
                                .path = t->path,
                                .why = why,
                                .text = text};
    t->owner->c.tell(t->owner->c.ctx, &e);
}

void icc_files_progress(struct transfer *t, bool now)
{
    uint64_t ms = icc_now_ms();
    if (!now && (t->paused || ms - t->told_ms < ICC_FILES_TOLD_MS))
        return;
    t->told_ms = ms;
    icc_files_tell(t, ICC_FILES_PROGRESS, NULL, NULL);
}

void icc_files_over(struct transfer *t)
{
    t->over = true;
    if (t->temp[0])
        unlink(t->temp);
    t->temp[0] = 0;
}

void icc_files_fail(struct transfer *t, const char *why, const char *text)
{
    if (t->over)
        return;
    icc_files_over(t); /* nothing of it is there any more when people read why */
    icc_files_tell(t, ICC_FILES_FAILED, why, text);
}

static void later(struct transfer *t)
{
    uint64_t ms = RETRY_MS << (t->tries < 4 ? t->tries : 4);
    t->begun = false;
    if (++t->tries > ICC_FILES_TRIES) {
        icc_files_fail(t, "connection", "the server does not answer");
        return;
    }
    t->wait_until_ms = icc_now_ms() + (ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS);
    icc_files_soon(t->owner, ms);
}

void icc_files_trouble(struct transfer *t, int status)
{
    struct icc_files *f = t->owner;
    if (status == 401) {
        f->token[0] = 0; /* its time is over, or the server began anew */
        later(t);
    } else if (status == 404) {
        icc_files_fail(t, "not-found", "the file is not there any more");
    } else if (status == 413) {
        icc_files_fail(t, "too-large", "the file is larger than this server takes");
    } else if (status == 507) {
        icc_files_fail(t, "full", "the server's disk is full");
    } else if (status == 429 && t->sending && !t->begun) {
        /* Of the meeting, which does not pass by waiting; a member's own rate does. */
        if (t->tries > 3)
            icc_files_fail(t, "limit", "this meeting has too many files, or too large ones");
        else
            later(t);
    } else if (status == 0 || status == 409 || status == 429 || status >= 500) {
        if (t->tries == 0 && status == 0)
            icc_files_tell(t, ICC_FILES_PAUSED, "connection", NULL);
        later(t);
    } else {
        icc_files_fail(t, "failed", "the server refused a part of the file");
    }
}

/* ---- going on ---- */

void icc_files_transfer_free(struct transfer *t)
{
    icc_files_over(t);
    if (t->fd >= 0)
        close(t->fd);
    ic_together_sealer_free(t->sealer);
    ic_together_opener_free(t->opener);
    ic_buf_clear(&t->piece);
    ic_free_secret(t, sizeof *t);
}

static void sweep(struct icc_files *f)
{
    for (struct transfer **p = &f->first, *t; (t = *p);) {
        if (t->over && !t->busy) {
            *p = t->next;
            icc_files_transfer_free(t);
        } else {
            p = &t->next;
        }
    }
}

bool icc_files_may_ask(struct icc_files *f)
{
    if (!f->up)
        return false;
    if (f->token[0] && icc_now_ms() < f->token_until_ms)
        return true;
    if (!f->asked && f->c.ask(f->c.ctx) == IC_OK)
        f->asked = true;
    return false;
}

static bool can_step(const struct transfer *t, uint64_t now)
{
    return !t->over && !t->busy && !t->paused && now >= t->wait_until_ms;
}

static void step(uv_timer_t *timer)
{
    struct icc_files *f = timer->data;
    uint64_t now = icc_now_ms(), next = UINT64_MAX;
    sweep(f);
    for (struct transfer *t = f->first; t; t = t->next) {
        if (can_step(t, now) && icc_files_may_ask(f)) {
            if (t->sending)
                icc_files_step_send(t);
            else
                icc_files_step_get(t);
        } else if (!t->over && !t->busy && !t->paused) {
            uint64_t wait = t->wait_until_ms > now ? t->wait_until_ms - now : RETRY_MS;
            next = wait < next ? wait : next;
        }
    }
    sweep(f);
    uint64_t again = icc_files_delete_step(f, now);
    next = again < next ? again : next;
    if (next != UINT64_MAX && !uv_is_active((uv_handle_t *)&f->timer))
        icc_files_soon(f, next);
}

/* An earlier time that is set already stands. */
void icc_files_soon(struct icc_files *f, uint64_t ms)
{
    if (!uv_is_active((uv_handle_t *)&f->timer) || uv_timer_get_due_in(&f->timer) > ms)
        uv_timer_start(&f->timer, step, ms, 0);
}

ic_err icc_files_ask_http(struct transfer *t, const char *method, const char *query,
                          const char *range, struct ic_view body, icc_net_done *done)
{
    char id[IC_TOGETHER_FILE_ID_TEXT + 1], path[2 * IC_WIRE_TEXT_MAX];
    ic_together_file_id_text(t->f.id, id);
    snprintf(path, sizeof path, "%s/%s%s%s", t->owner->path, id, query ? "?" : "",
             query ? query : "");
    struct icc_net_call c = {.method = method,
                             .path = path,
                             .token = t->owner->token,
                             .type = "application/octet-stream",
                             .range = range,
                             .body = body};
    t->busy = true;
    ic_err e = icc_net_call(t->owner->c.net, &c, done, t);
    if (e != IC_OK)
        t->busy = false;
    return e;
}

bool icc_files_have(struct ic_view body, uint64_t *out)
{
    static const char key[] = "\"have\":";
    const char *at = body.len ? memmem(body.p, body.len, key, sizeof key - 1) : NULL;
    unsigned long long n = 0;
    if (!at)
        return false;
    struct ic_view rest = ic_view(
        at + sizeof key - 1, body.len - (size_t)((const uint8_t *)at - body.p) - (sizeof key - 1));
    size_t i = 0;
    for (; i < rest.len && i < 15 && rest.p[i] >= '0' && rest.p[i] <= '9'; i++)
        n = n * 10 + (rest.p[i] - '0');
    *out = n;
    return i > 0;
}

/* ---- what the room says ---- */

ic_err icc_files_new(const struct icc_files_config *c, struct icc_files **out)
{
    struct icc_files *f = ic_new(struct icc_files);
    if (!f)
        return IC_ERR_NOMEM;
    f->c = *c;
    ic_err e = ic_together_files_new(&f->list);
    if (e != IC_OK) {
        ic_free(f);
        return e;
    }
    uv_timer_init(c->loop, &f->timer);
    f->timer.data = f;
    *out = f;
    return IC_OK;
}

static void on_timer_closed(uv_handle_t *h)
{
    struct icc_files *f = h->data;
    ic_free_secret(f, sizeof *f);
}

void icc_files_free(struct icc_files *f)
{
    if (!f)
        return;
    while (f->first) {
        struct transfer *t = f->first;
        f->first = t->next;
        icc_files_transfer_free(t);
    }
    ic_together_files_free(f->list);
    uv_close((uv_handle_t *)&f->timer, on_timer_closed);
}

void icc_files_connection(struct icc_files *f, bool up)
{
    f->up = up;
    f->asked = false;
    f->token[0] = 0; /* the next one is for this connection's server */
    for (struct transfer *t = f->first; t; t = t->next) {
        if (!up && !t->over && !t->paused)
            icc_files_tell(t, ICC_FILES_PAUSED, "connection", NULL);
        t->begun = false;
        t->wait_until_ms = 0;
    }
    icc_files_soon(f, 0);
}

static void copy(char out[IC_WIRE_TEXT_MAX + 1], struct ic_view v)
{
    memcpy(out, v.p, v.len);
    out[v.len] = 0;
}

void icc_files_opened(struct icc_files *f, const struct ic_wire_files_opened *o)
{
    f->asked = false;
    if (o->path.len == 0 || o->path.p[0] != '/')
        return; /* on the same server, or nowhere */
    copy(f->path, o->path);
    copy(f->token, o->token);
    f->piece = o->piece;
    f->file_max = o->file_max;
    f->token_until_ms =
        icc_now_ms() +
        (o->valid_ms > 2 * TOKEN_EARLY_MS ? o->valid_ms - TOKEN_EARLY_MS : o->valid_ms);
    icc_files_soon(f, 0);
}

void icc_files_refused(struct icc_files *f, const char *why)
{
    f->asked = false;
    for (struct transfer *t = f->first; t; t = t->next)
        icc_files_fail(t, "refused", why);
    icc_files_soon(f, 0);
}

struct transfer *icc_files_find(const struct icc_files *f, const uint8_t *id)
{
    struct transfer *t = f->first;
    while (t && (t->over || memcmp(t->f.id, id, sizeof t->f.id) != 0))
        t = t->next;
    return t;
}

void icc_files_said(struct icc_files *f, const struct ic_meeting_event *e)
{
    IC_BUF_SCOPE(line, 65536);
    if (ic_together_file_event_json(e, f->list, icc_now_ms(), &line) != IC_OK)
        return; /* against the rules, or twice */
    bool shared = e->kind == IC_TOGETHER_FILE;
    const struct ic_together_file *file = NULL;
    uint8_t id[IC_TOGETHER_FILE_ID];
    size_t at;
    memcpy(id, e->text.p, sizeof id); /* both bodies begin with it */
    if (ic_together_files_find(f->list, id, &at) == IC_OK)
        file = &ic_together_files_at(f->list, at)->file;
    struct icc_files_event told = {.type = shared ? ICC_FILES_SHARED : ICC_FILES_WITHDRAWN,
                                   .file = file,
                                   .person = &e->person,
                                   .line = ic_buf_view(&line)};
    f->c.tell(f->c.ctx, &told);
    struct transfer *t = icc_files_find(f, id);
    if (t && shared && t->sending && e->flag) {
        icc_files_tell(t, ICC_FILES_SENT, NULL, NULL);
        icc_files_over(t);
    } else if (t && !shared) {
        icc_files_fail(t, "not-found", "the file was withdrawn");
    }
    if (t)
        icc_files_soon(f, 0);
}
