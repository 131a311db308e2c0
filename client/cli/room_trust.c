#include "room_trust.h"

#include "base/clock.h"
#include "identity/logs.h"
#include "keys/lists.h"
#include "room_private.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

enum { LOOK_MS = 1000, FETCH_MS = 60 * 1000, FIRST_FETCH_MS = 500 };

struct icc_room_trust {
    struct icc_room *room;
    uv_fs_poll_t file; /* of --crl */
    uv_timer_t fetch;
    struct icc_net *net; /* NULL: nothing is fetched */
    char path[ICC_TRUST_URL];
    bool asked, told; /* told: that it cannot be had */
};

static void judge_anew(struct icc_room *r)
{
    pthread_mutex_lock(&r->lock);
    ic_meeting_identity_changed(r->meeting, icc_now_ms());
    pthread_mutex_unlock(&r->lock);
    icc_room_pump(r);
}

/* Under the lock. What cannot be kept is known all the same, for as long as this lasts. */
static void keep(struct icc_room *r, bool changed)
{
    if (changed && r->c->profile)
        IC_IGNORE(icc_lists_keep(r->c->certificates));
}

static void tell(struct icc_room *r, const char *why)
{
    r->view.ops->refused(r->view.self, "crl", why);
}

/* ---- the file ---- */

static void on_file(uv_fs_poll_t *h, int status, const uv_stat_t *before, const uv_stat_t *now)
{
    struct icc_room_trust *t = h->data;
    struct icc_room *r = t->room;
    bool changed = false;
    char why[300];
    (void)before, (void)now;
    if (r->over || status != 0) /* it is written anew: what was read stays until it is there */
        return;
    pthread_mutex_lock(&r->lock);
    ic_err e = icc_lists_read(r->c->crl, r->c->certificates, icc_now_ms() / 1000, &changed, why,
                              sizeof why);
    keep(r, changed);
    pthread_mutex_unlock(&r->lock);
    if (e != IC_OK)
        tell(r, why);
    if (changed)
        judge_anew(r);
}

/* ---- the organisation's own ---- */

static void on_list(void *ctx, int status, struct ic_view body)
{
    struct icc_room_trust *t = ctx;
    struct icc_room *r = t->room;
    bool changed = false;
    char why[300] = "the organisation's list of revoked certificates cannot be had";
    t->asked = false;
    if (r->over)
        return;
    pthread_mutex_lock(&r->lock);
    ic_err e = status == 200 ? icc_lists_take(body, "the organisation's list", r->c->certificates,
                                              icc_now_ms() / 1000, &changed, why, sizeof why)
                             : IC_ERR_NOT_FOUND;
    keep(r, changed);
    pthread_mutex_unlock(&r->lock);
    if (e != IC_OK && !t->told)
        tell(r, why);
    t->told = e != IC_OK;
    if (changed)
        judge_anew(r);
}

static void on_fetch(uv_timer_t *h)
{
    struct icc_room_trust *t = h->data;
    if (t->asked || t->room->over)
        return;
    t->asked = icc_net_request(t->net, "GET", t->path, NULL, ic_view(NULL, 0), on_list, t) == IC_OK;
}

/* "https://host:port" and "/pki/crl.der". A server that the device enrolled with keeps its pin. */
static bool split(const char *url, struct ic_meeting_url *server, char path[ICC_TRUST_URL])
{
    struct ic_meeting_url enrolled;
    char known[ICC_LOGS_SERVER], *slash;
    snprintf(path, ICC_TRUST_URL, "%s", url);
    slash = strstr(path, "://");
    slash = slash ? strchr(slash + 3, '/') : NULL;
    if (!slash || ic_meeting_server_parse(ic_view(path, (size_t)(slash - path)), server) != IC_OK)
        return false;
    memmove(path, slash, strlen(slash) + 1);
    if (icc_logs_server(known) == IC_OK &&
        ic_meeting_server_parse(ic_view_cstr(known), &enrolled) == IC_OK &&
        strcmp(enrolled.host, server->host) == 0 && enrolled.port == server->port)
        *server = enrolled;
    return true;
}

static ic_err begin_fetching(struct icc_room_trust *t)
{
    struct icc_trust trust = {0};
    struct ic_meeting_url server;
    char why[200], url[ICC_TRUST_URL];
    if (!t->room->c->profile || icc_logs_trust(&trust, why, sizeof why) != IC_OK)
        return IC_OK; /* in no organisation, or join.c has said what is wrong */
    snprintf(url, sizeof url, "%s", trust.crl);
    icc_trust_clear(&trust);
    if (!url[0] || !split(url, &server, t->path))
        return IC_OK;
    IC_TRY(icc_net_new(t->room->loop, &server, &t->net));
    uv_timer_start(&t->fetch, on_fetch, FIRST_FETCH_MS, FETCH_MS);
    return IC_OK;
}

/* ---- all ---- */

ic_err icc_room_trust_open(struct icc_room *r)
{
    struct icc_room_trust *t = ic_new(struct icc_room_trust);
    if (!t)
        return IC_ERR_NOMEM;
    t->room = r;
    r->trust = t;
    uv_fs_poll_init(r->loop, &t->file);
    uv_timer_init(r->loop, &t->fetch);
    t->file.data = t->fetch.data = t;
    if (r->c->crl && uv_fs_poll_start(&t->file, on_file, r->c->crl, LOOK_MS) != 0)
        return IC_ERR_IO;
    return begin_fetching(t);
}

static void on_closed(uv_handle_t *h)
{
    struct icc_room_trust *t = h->data;
    t->room = NULL;
}

void icc_room_trust_close(struct icc_room *r)
{
    struct icc_room_trust *t = r->trust;
    if (!t)
        return;
    r->trust = NULL;
    icc_net_free(t->net);
    uv_close((uv_handle_t *)&t->fetch, NULL);
    uv_close((uv_handle_t *)&t->file, on_closed);
    while (t->room)
        uv_run(r->loop, UV_RUN_NOWAIT);
    ic_free(t);
}
