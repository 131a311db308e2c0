#include "identity/turn.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <icd/core.h>
#include <string.h>

enum { ANSWER_MAX = 16 << 20 };

/* ---- calls ---- */

static struct ic_view keep(char **at, struct ic_view v)
{
    char *to = *at;
    if (v.len)
        memcpy(to, v.p, v.len);
    *at += v.len;
    return ic_view(to, v.len);
}

static bool copy_request(struct icd_call *c, const struct icd_http_request *r)
{
    struct icd_http_request *q = &c->request;
    size_t n = r->method.len + r->path.len + r->query.len + r->token.len + r->content_type.len +
               r->host.len;
    c->copied = ic_calloc(n ? n : 1, 1);
    if (!c->copied)
        return false;
    *q = *r;
    char *at = c->copied;
    q->method = keep(&at, r->method);
    q->path = keep(&at, r->path);
    q->query = keep(&at, r->query);
    q->token = keep(&at, r->token);
    q->content_type = keep(&at, r->content_type);
    q->host = keep(&at, r->host);
    q->range = q->accept_encoding = q->if_none_match = ic_view(NULL, 0);
    q->take_body = NULL;
    ic_buf_init(&c->body, ICD_HTTP_BODY_MAX);
    if (r->take_body)
        ic_buf_move(&c->body, r->take_body);
    else if (ic_buf_append(&c->body, r->body) != IC_OK)
        return false;
    q->body = ic_buf_view(&c->body);
    return true;
}

struct icd_call *icd_call_new(struct icd_identity *id, const struct icd_http_request *r,
                              uint64_t ticket)
{
    struct icd_call *c = ic_new(struct icd_call);
    if (!c)
        return NULL;
    c->id = id;
    c->ticket = ticket;
    c->response.status = 500;
    ic_buf_init(&c->response.body, ANSWER_MAX);
    if (copy_request(c, r))
        return c;
    icd_call_free(c);
    return NULL;
}

/* Tokens and passwords were in it. */
static void forget_request(struct icd_call *c)
{
    if (c->request.token.len)
        ic_wipe((void *)(uintptr_t)c->request.token.p, c->request.token.len);
    if (c->body.len)
        ic_wipe(c->body.p, c->body.len);
}

void icd_call_free(struct icd_call *c)
{
    if (!c)
        return;
    forget_request(c);
    ic_buf_clear(&c->body);
    ic_buf_clear(&c->response.body);
    ic_free(c->copied);
    ic_free(c);
}

/* ---- writing ---- */

ic_err icd_id_write(struct icd_identity *id)
{
    if (id->broken)
        return IC_ERR_IO;
    if (!icd_store_in_transaction(id->store))
        IC_TRY(icd_store_begin(id->store));
    if (id->handling && id->handling->wrote)
        return IC_OK;
    IC_TRY(icd_store_mark(id->store));
    if (id->handling)
        id->handling->wrote = true;
    return IC_OK;
}

void icd_id_undo(struct icd_identity *id)
{
    if (!id->handling || !id->handling->wrote || !icd_store_in_transaction(id->store))
        return;
    if (icd_store_undo(id->store) != IC_OK)
        id->broken = true;
}

/* ---- turns ---- */

void icd_turn_time(struct icd_identity *id)
{
    uint64_t now = id->seam.now_ms(id->seam.ctx);
    if (now > id->now_ms)
        id->now_ms = now;
}

void icd_turn_end(struct icd_identity *id, struct icd_call *c)
{
    id->handling = NULL;
    if (c->later)
        return;
    *id->last = c;
    id->last = &c->next;
}

static void undo_refused(struct icd_identity *id, struct icd_call *c)
{
    if (!c->later && c->response.status >= 400 && !c->keep)
        icd_id_undo(id);
}

void icd_turn(struct icd_identity *id, struct icd_call *c, icd_call_fn *fn)
{
    icd_turn_time(id);
    id->handling = c;
    c->wrote = false;
    fn(id, c);
    undo_refused(id, c);
    icd_turn_end(id, c);
}

static void answer(struct icd_identity *id, struct icd_call *c, bool lost)
{
    if (lost)
        icd_call_refuse(c, 500, "server", "the server could not store this");
    id->seam.answer(id->seam.ctx, c->ticket, &c->response);
    icd_call_free(c);
}

void icd_identity_flush(struct icd_identity *id)
{
    bool wrote = id->store && icd_store_in_transaction(id->store);
    bool lost = wrote && (id->broken || icd_store_commit(id->store) != IC_OK);
    if (lost) {
        icd_store_rollback(id->store);
        icd_identity_log(id, ICD_LOG_ERROR, "identity_not_stored", "%s", "");
    }
    id->broken = false;
    struct icd_call *c = id->done, *next;
    id->done = NULL;
    id->last = &id->done;
    for (; c; c = next) {
        next = c->next;
        /* Others may have read what is lost now. */
        answer(id, c, lost);
    }
}
