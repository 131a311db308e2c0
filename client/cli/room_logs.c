#include "room_logs.h"

#include "base/clock.h"
#include "identity/enrolment.h"
#include "identity/logs.h"
#include "room_private.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/together/kinds.h>
#include <jansson.h>
#include <stdio.h>

enum { ASKED_MAX = 2 * IC_MERKLE_ASKS_MAX }; /* requests at a time, those that hang too */

struct icc_room_logs {
    struct icc_room *room;
    struct ic_together_logs *logs;
    struct icc_net *net; /* to the server that keeps the log; NULL: nobody can be asked */
    struct asked {
        struct icc_room_logs *l;
        struct ic_merkle_ask ask;
        bool on;
    } asked[ASKED_MAX];
};

ic_err icc_room_logs_open(struct icc_room *r, char *why, size_t why_len)
{
    struct ic_together_logs *logs = NULL;
    struct icc_enrolment e;
    if (!r->c->profile)
        return IC_OK;
    IC_TRY(icc_logs_open(&logs, why, why_len));
    if (!logs)
        return IC_OK;
    struct icc_room_logs *l = ic_new(struct icc_room_logs);
    if (!l) {
        ic_together_logs_free(logs);
        return IC_ERR_NOMEM;
    }
    l->room = r;
    l->logs = logs;
    r->logs = l;
    /* Where nobody can be asked, a log that has to prove something withholds it. */
    if (icc_enrolment_load(&e, why, why_len) != IC_OK)
        return IC_OK;
    ic_err err = icc_net_new(r->loop, &e.url, &l->net);
    icc_enrolment_clear(&e);
    return err;
}

void icc_room_logs_close(struct icc_room *r)
{
    if (!r->logs)
        return;
    icc_net_free(r->logs->net);
    ic_together_logs_free(r->logs->logs);
    ic_free(r->logs);
    r->logs = NULL;
}

struct ic_together_logs *icc_room_logs(const struct icc_room *r)
{
    return r->logs ? r->logs->logs : NULL;
}

bool icc_room_logs_take(struct icc_room *r, const struct ic_meeting_event *e)
{
    if (!r->logs)
        return e->type == IC_MEETING_EV_SAID && e->kind == IC_TOGETHER_HEADS;
    pthread_mutex_lock(&r->lock);
    bool told = ic_together_logs_meeting(r->logs->logs, r->meeting, e, icc_now_ms());
    pthread_mutex_unlock(&r->lock);
    return told;
}

/* ---- proofs ---- */

static ic_err path_of(struct ic_view body, struct ic_buf *out)
{
    json_t *o = json_loadb((const char *)body.p, body.len, 0, NULL);
    const char *text = json_string_value(json_object_get(o, "path"));
    ic_err e = text ? ic_base64_decode(IC_BASE64_URL, ic_view_cstr(text), out) : IC_ERR_MALFORMED;
    json_decref(o);
    return e;
}

/* A server that does not answer, or cannot: asked again, and named in the end. */
static void on_answer(void *ctx, int status, struct ic_view body)
{
    struct asked *a = ctx;
    struct icc_room *r = a->l->room;
    IC_BUF_SCOPE(path, 2 + IC_MERKLE_PATH_MAX * IC_MERKLE_HASH_LEN);
    a->on = false;
    if (r->over || status != 200 || path_of(body, &path) != IC_OK)
        return;
    pthread_mutex_lock(&r->lock);
    ic_together_logs_prove(a->l->logs, &a->ask, ic_buf_view(&path), icc_now_ms());
    pthread_mutex_unlock(&r->lock);
    icc_room_pump(r);
}

static void ask(struct icc_room_logs *l, const struct ic_merkle_ask *what)
{
    char path[160];
    for (size_t i = 0; l->net && i < ASKED_MAX; i++) {
        struct asked *a = &l->asked[i];
        if (a->on)
            continue;
        *a = (struct asked){l, *what, true};
        snprintf(path, sizeof path, "/api/v1/identity/log/consistency?first=%llu&second=%llu",
                 (unsigned long long)what->first, (unsigned long long)what->second);
        if (icc_net_request(l->net, "GET", path, NULL, ic_view(NULL, 0), on_answer, a) != IC_OK)
            a->on = false;
        return;
    }
}

/* ---- what comes of it ---- */

static void take(struct icc_room *r, const struct ic_together_logs_event *e)
{
    switch (e->type) {
    case IC_TOGETHER_LOGS_ASK:
        ask(r->logs, &e->ask);
        break;
    case IC_TOGETHER_LOGS_ALERT:
        r->view.ops->logs(r->view.self, e);
        break;
    case IC_TOGETHER_LOGS_KEEP:
        if (icc_logs_keep(r->logs->logs) != IC_OK)
            r->view.ops->refused(r->view.self, "heads",
                                 "what the log showed cannot be kept in the profile");
        break;
    }
}

void icc_room_logs_run(struct icc_room *r)
{
    IC_AUTOFREE struct ic_together_logs_event *e = ic_new(struct ic_together_logs_event);
    if (!r->logs || !e || r->over)
        return;
    pthread_mutex_lock(&r->lock);
    if (ic_together_logs_run(r->logs->logs, r->meeting, icc_now_ms()))
        ic_meeting_identity_changed(r->meeting, icc_now_ms());
    bool some = ic_together_logs_next(r->logs->logs, e);
    pthread_mutex_unlock(&r->lock);
    while (some && !r->over) {
        take(r, e);
        pthread_mutex_lock(&r->lock);
        some = ic_together_logs_next(r->logs->logs, e);
        pthread_mutex_unlock(&r->lock);
    }
}
