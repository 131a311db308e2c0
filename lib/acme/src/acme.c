/* Sending and taking: nonces, retries, waiting, failing. */
#include "internal.h"

#include <ic/base/mem.h>
#include <ic/pki/csr.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ic_acme_fail(struct ic_acme *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(a->why, sizeof a->why, format, args);
    va_end(args);
    ic_acme_make_plain(a->why); /* a name or somebody's words may stand in it, and be cut */
    a->phase = PHASE_FAILED;
}

ic_err ic_acme_new(const struct ic_acme_config *c, struct ic_acme **out)
{
    char thumbprint[IC_ACME_THUMBPRINT];
    IC_TRY(ic_acme_thumbprint(c->key, thumbprint));
    struct ic_acme *a = ic_new(struct ic_acme);
    if (!a)
        return IC_ERR_NOMEM;
    a->c = *c;
    snprintf(a->directory, sizeof a->directory, "%s", c->directory);
    if (!ic_acme_take_url(a, c->directory, a->directory)) {
        ic_free(a);
        return IC_ERR_ARG;
    }
    ic_buf_init(&a->csr, CSR_MAX);
    ic_buf_init(&a->response, BODY_MAX / 2);
    ic_buf_init(&a->body, 2 * BODY_MAX);
    ic_buf_init(&a->chain, IC_ACME_ANSWER_MAX);
    *out = a;
    return IC_OK;
}

void ic_acme_free(struct ic_acme *a)
{
    if (!a)
        return;
    ic_buf_clear(&a->csr);
    ic_buf_clear_secret(&a->response); /* enrolment tokens */
    ic_buf_clear_secret(&a->body);
    ic_buf_clear(&a->chain);
    ic_free(a);
}

static ic_err take_name(struct ic_acme *a, const struct ic_acme_name *n)
{
    struct name *to = &a->names[a->name_count];
    if (strlen(n->type) >= sizeof to->type || strlen(n->value) >= sizeof to->value || !n->value[0])
        return IC_ERR_ARG;
    memcpy(to->type, n->type, strlen(n->type) + 1);
    memcpy(to->value, n->value, strlen(n->value) + 1);
    a->name_count++;
    return IC_OK;
}

ic_err ic_acme_order(struct ic_acme *a, const struct ic_acme_name *names, size_t n,
                     struct ic_view csr)
{
    struct ic_pki_csr checked;
    if (a->phase != PHASE_IDLE)
        return IC_ERR_STATE;
    if (n == 0 || n > IC_ACME_NAMES_MAX)
        return n ? IC_ERR_LIMIT : IC_ERR_ARG;
    IC_TRY(ic_pki_csr_decode(csr, &checked, NULL));
    a->name_count = 0;
    for (size_t i = 0; i < n; i++)
        IC_TRY(take_name(a, &names[i]));
    ic_buf_reset(&a->csr);
    IC_TRY(ic_buf_append(&a->csr, csr));
    a->phase = PHASE_DIRECTORY;
    return IC_OK;
}

ic_err ic_acme_revoke(struct ic_acme *a, struct ic_view certificate, unsigned reason)
{
    if (a->phase != PHASE_IDLE)
        return IC_ERR_STATE;
    ic_buf_reset(&a->csr);
    IC_TRY(ic_buf_append(&a->csr, certificate));
    a->reason = reason;
    a->phase = PHASE_DIRECTORY;
    return IC_OK;
}

/* The request of this phase, signed. */
static ic_err make_request(struct ic_acme *a, struct ic_acme_request *out)
{
    const char *url;
    IC_BUF_SCOPE(payload, BODY_MAX / 2);
    ic_buf_reset(&a->body);
    ic_err e = ic_acme_phase_request(a, &url, &payload);
    a->asks_nonce = e == IC_OK && a->phase != PHASE_DIRECTORY && !a->nonce[0];
    if (a->asks_nonce)
        *out = (struct ic_acme_request){.method = "HEAD", .url = a->new_nonce};
    else if (e == IC_OK && a->phase == PHASE_DIRECTORY)
        *out = (struct ic_acme_request){.method = "GET", .url = a->directory};
    else if (e == IC_OK)
        e = ic_acme_sign(a->c.key, a->phase == PHASE_ACCOUNT ? "" : a->account, a->nonce, url,
                         ic_buf_view(&payload), &a->body);
    ic_wipe(payload.p, payload.len);
    if (e == IC_OK && a->body.len) {
        *out =
            (struct ic_acme_request){.method = "POST", .url = url, .body = ic_buf_view(&a->body)};
        a->nonce[0] = 0; /* once (RFC 8555 section 6.5) */
    }
    return e;
}

enum ic_acme_step ic_acme_next(struct ic_acme *a, uint64_t now_ms, struct ic_acme_request *out,
                               uint64_t *wait_ms)
{
    uint32_t patience = a->c.patience_ms ? a->c.patience_ms : IC_ACME_PATIENCE_MS;
    if (!a->deadline_ms)
        a->deadline_ms = now_ms + patience;
    if (a->phase == PHASE_DONE)
        return IC_ACME_DONE;
    if (a->phase == PHASE_IDLE)
        ic_acme_fail(a, "nothing was asked for");
    if (a->phase != PHASE_FAILED && now_ms >= a->deadline_ms)
        ic_acme_fail(a, "the authority did not finish within %u seconds", patience / 1000);
    if (a->phase == PHASE_CHALLENGE)
        return IC_ACME_CHALLENGE;
    if (a->phase != PHASE_FAILED && a->wait_until_ms > now_ms) {
        *wait_ms = a->wait_until_ms - now_ms;
        return IC_ACME_WAIT;
    }
    if (a->phase != PHASE_FAILED) {
        ic_err e = make_request(a, out);
        if (e == IC_OK)
            return IC_ACME_SEND;
        ic_acme_fail(a, "the request cannot be made: %s", ic_err_text(e));
    }
    return IC_ACME_FAILED;
}

/* A refused nonce is no refusal: RFC 8555 section 6.5. */
static bool try_again(struct ic_acme *a, const json_t *o, int status)
{
    return status == 400 && ic_acme_read_is(o, "type", "urn:ietf:params:acme:error:badNonce") &&
           ++a->nonce_tries < NONCE_TRIES;
}

/* Retry-After in seconds; a date is not looked at: we ask again soon enough. */
static void set_wait(struct ic_acme *a, const struct ic_acme_answer *answer, uint64_t now_ms)
{
    char *end;
    unsigned long s = answer->retry_after ? strtoul(answer->retry_after, &end, 10) : 0;
    a->wait_until_ms = 0;
    if (s && *end == 0)
        a->poll_ms = s > RETRY_AFTER_MAX_MS / 1000 ? RETRY_AFTER_MAX_MS : s * 1000;
    (void)now_ms;
}

void ic_acme_answer(struct ic_acme *a, const struct ic_acme_answer *answer, uint64_t now_ms)
{
    if (a->phase == PHASE_FAILED || a->phase == PHASE_DONE || a->phase == PHASE_CHALLENGE)
        return;
    if (answer->nonce && ic_acme_is_base64url(answer->nonce, 1, NONCE_LEN))
        memcpy(a->nonce, answer->nonce, strlen(answer->nonce) + 1);
    if (answer->status == 0) {
        ic_acme_fail(a, "the authority does not answer: %.*s", (int)(answer->body.len & 0xff),
                     (const char *)answer->body.p);
        return;
    }
    if (answer->body.len > IC_ACME_ANSWER_MAX) {
        ic_acme_fail(a, "the authority's answer is too long");
        return;
    }
    if (a->asks_nonce) {
        if (!a->nonce[0])
            ic_acme_fail(a, "the authority gives no usable nonce");
        return;
    }
    json_t *o =
        json_loadb((const char *)answer->body.p, answer->body.len, JSON_REJECT_DUPLICATES, NULL);
    bool good = answer->status >= 200 && answer->status < 300;
    set_wait(a, answer, now_ms);
    if (good) {
        ic_acme_phase_answer(a, answer, o, now_ms);
    } else if (!try_again(a, o, answer->status)) {
        ic_acme_read_problem(a, o, answer->status);
        a->phase = PHASE_FAILED;
    }
    json_decref(o);
}

void ic_acme_challenge(const struct ic_acme *a, struct ic_acme_challenge *out)
{
    const struct name *n = &a->names[a->current];
    *out = (struct ic_acme_challenge){n->type, n->value, a->token, a->key_authorization};
}

ic_err ic_acme_respond(struct ic_acme *a, struct ic_view payload)
{
    if (a->phase != PHASE_CHALLENGE)
        return IC_ERR_STATE;
    ic_buf_reset(&a->response);
    IC_TRY(ic_buf_append(&a->response, payload));
    a->phase = PHASE_RESPOND;
    return IC_OK;
}

void ic_acme_give_up(struct ic_acme *a, const char *why)
{
    ic_acme_fail(a, "%s", why);
}

struct ic_view ic_acme_chain(const struct ic_acme *a)
{
    return a->phase == PHASE_DONE ? ic_buf_view(&a->chain) : (struct ic_view){0};
}

const char *ic_acme_account(const struct ic_acme *a)
{
    return a->account;
}

const char *ic_acme_why(const struct ic_acme *a)
{
    return a->phase == PHASE_FAILED ? a->why : "";
}

const char *ic_acme_problem(const struct ic_acme *a)
{
    return a->phase == PHASE_FAILED ? a->problem : "";
}
