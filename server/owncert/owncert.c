#include "owncert/owncert.h"

#include "identity/base/fetch.h"
#include "identity/base/keyfile.h"
#include "owncert/private.h"

#include <ic/acme/acme.h>
#include <ic/base/mem.h>
#include <ic/pki/csr.h>
#include <icd/core.h>
#include <stdio.h>
#include <string.h>

enum {
    RETRY_MIN_MS = 10000,
    RETRY_MAX_MS = 3600000,
    LOOK_MS = 3600000, /* the clock may have been set meanwhile */
    FETCH_MS = 10000,
    FILE_MAX = 1 << 20,
};

/* What the authority may ask for at present. */
struct token {
    char token[IC_ACME_TOKEN_LEN + 1];
    char key_authorization[IC_ACME_KEY_AUTH];
};

struct icd_owncert {
    struct icd_owncert_seam seam;
    uv_timer_t timer;
    uv_work_t job;
    struct ic_sign_key *account, *key;
    struct ic_acme *acme; /* an order under way */
    struct token tokens[IC_ACME_NAMES_MAX];
    size_t token_count;
    uint64_t retry_ms;
    int64_t since_s; /* when the certificate came, in this run */
    bool busy, closing;
    /* Of the job: set before, read after. */
    char url[IC_ACME_URL_LEN + 1], why[ICD_FETCH_WHY];
    const char *method;
    struct ic_buf body;
    struct icd_fetched got;
    ic_err err;
    char certificate[ICD_OWNCERT_PATH];
};

static void step(struct icd_owncert *o);
static void look(struct icd_owncert *o);

static void on_timer(uv_timer_t *t)
{
    struct icd_owncert *o = t->data;
    if (o->acme)
        step(o);
    else
        look(o);
}

static void wake_in(struct icd_owncert *o, uint64_t ms)
{
    if (!o->closing)
        uv_timer_start(&o->timer, on_timer, ms > LOOK_MS ? LOOK_MS : ms, 0);
}

/* ---- an order's end ---- */

static void end_order(struct icd_owncert *o)
{
    ic_acme_free(o->acme);
    o->acme = NULL;
    o->token_count = 0;
    ic_wipe(o->tokens, sizeof o->tokens);
}

static void fail(struct icd_owncert *o, const char *why)
{
    char fields[400], plain[300];
    snprintf(plain, sizeof plain, "%s", why);
    for (char *p = plain; *p; p++)
        if (*p == '"')
            *p = '\'';
    o->retry_ms = !o->retry_ms                     ? RETRY_MIN_MS
                  : o->retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS
                                                   : o->retry_ms * 2;
    snprintf(fields, sizeof fields, "reason=\"%s\" retry_s=%u", plain,
             (unsigned)(o->retry_ms / 1000));
    o->seam.log(o->seam.ctx, ICD_LOG_ERROR, "own_certificate_refused", fields);
    end_order(o);
    wake_in(o, o->retry_ms);
}

static void finish(struct icd_owncert *o)
{
    struct ic_view chain = ic_acme_chain(o->acme);
    if (icd_owncert_write(o->certificate, chain, 0644) != IC_OK) {
        fail(o, "it came, and cannot be written");
        return;
    }
    end_order(o);
    o->retry_ms = 0;
    o->since_s = (int64_t)(o->seam.now_ms(o->seam.ctx) / 1000);
    o->seam.log(o->seam.ctx, ICD_LOG_INFO, "own_certificate", "");
    o->seam.changed(o->seam.ctx);
    wake_in(o, RETRY_MIN_MS); /* it is looked at like any other */
}

/* ---- requests, on the pool ---- */

static void on_work(uv_work_t *w)
{
    struct icd_owncert *o = w->data;
    static const char *const headers[] = {"Content-Type: application/jose+json"};
    const struct icd_fetch f = {.method = o->method,
                                .url = o->url,
                                .headers = headers,
                                .header_count = o->body.len ? 1 : 0,
                                .body = ic_buf_view(&o->body),
                                .max = IC_ACME_ANSWER_MAX,
                                .timeout_ms = FETCH_MS,
                                .ca_file = o->seam.config->ca_file};
    o->err = icd_fetch(&f, &o->got, o->why);
}

static const char *or_null(const char *text)
{
    return text[0] ? text : NULL;
}

static void on_worked(uv_work_t *w, int status)
{
    struct icd_owncert *o = w->data;
    o->busy = false;
    if (o->closing || status != 0) {
        if (o->err == IC_OK)
            icd_fetched_clear(&o->got);
        return;
    }
    struct ic_acme_answer a = {.body = ic_view_cstr(o->why)};
    if (o->err == IC_OK)
        a = (struct ic_acme_answer){o->got.status, or_null(o->got.nonce), or_null(o->got.location),
                                    or_null(o->got.retry_after), ic_buf_view(&o->got.body)};
    ic_acme_answer(o->acme, &a, o->seam.now_ms(o->seam.ctx));
    if (o->err == IC_OK)
        icd_fetched_clear(&o->got);
    step(o);
}

static void send_request(struct icd_owncert *o, const struct ic_acme_request *r)
{
    o->method = r->method;
    o->got = (struct icd_fetched){0};
    o->err = IC_ERR_IO;
    o->why[0] = 0;
    snprintf(o->url, sizeof o->url, "%s", r->url);
    ic_buf_reset(&o->body);
    if (ic_buf_append(&o->body, r->body) != IC_OK) {
        fail(o, "no memory");
        return;
    }
    o->job.data = o;
    o->busy = uv_queue_work(o->seam.loop, &o->job, on_work, on_worked) == 0;
    if (!o->busy)
        fail(o, "no job can be begun");
}

/* ---- the order ---- */

static void serve(struct icd_owncert *o)
{
    struct ic_acme_challenge c;
    ic_acme_challenge(o->acme, &c);
    if (o->token_count == IC_ACME_NAMES_MAX) {
        ic_acme_give_up(o->acme, "too many challenges");
        return;
    }
    struct token *t = &o->tokens[o->token_count++];
    snprintf(t->token, sizeof t->token, "%s", c.token);
    snprintf(t->key_authorization, sizeof t->key_authorization, "%s", c.key_authorization);
    if (ic_acme_respond(o->acme, IC_VIEW_STR("{}")) != IC_OK)
        ic_acme_give_up(o->acme, "no memory");
}

static void step(struct icd_owncert *o)
{
    struct ic_acme_request request;
    uint64_t wait_ms = 0;
    while (!o->busy && o->acme) {
        switch (ic_acme_next(o->acme, o->seam.now_ms(o->seam.ctx), &request, &wait_ms)) {
        case IC_ACME_SEND:
            send_request(o, &request);
            return;
        case IC_ACME_WAIT:
            wake_in(o, wait_ms);
            return;
        case IC_ACME_CHALLENGE:
            serve(o);
            break;
        case IC_ACME_DONE:
            finish(o);
            return;
        case IC_ACME_FAILED:
            fail(o, ic_acme_why(o->acme));
            return;
        }
    }
}

/* The names as lib/acme and the request have them. */
struct names {
    char text[IC_ACME_NAMES_MAX][IC_ACME_NAME_LEN + 1];
    struct ic_acme_name acme[IC_ACME_NAMES_MAX];
    struct ic_pki_name pki[IC_ACME_NAMES_MAX];
    size_t count;
};

static ic_err take_names(const char *domains, struct names *n)
{
    struct ic_view rest = ic_view_cstr(domains), domain;
    while (icd_owncert_next_domain(&rest, &domain)) {
        if (n->count == IC_ACME_NAMES_MAX || domain.len > IC_ACME_NAME_LEN)
            return IC_ERR_LIMIT;
        char *text = n->text[n->count];
        memcpy(text, domain.p, domain.len);
        n->acme[n->count] = (struct ic_acme_name){"dns", text};
        n->pki[n->count++] = (struct ic_pki_name){IC_PKI_NAME_DNS, ic_view(text, domain.len)};
    }
    return n->count ? IC_OK : IC_ERR_ARG;
}

static ic_err order(struct icd_owncert *o)
{
    char contact[300];
    const struct icd_owncert_config *c = o->seam.config;
    struct names *n IC_AUTOFREE = ic_new(struct names);
    IC_BUF_SCOPE(csr, IC_PKI_CSR_MAX);
    snprintf(contact, sizeof contact, "mailto:%s", c->contact);
    const struct ic_acme_config config = {.key = o->account,
                                          .directory = c->directory,
                                          .challenge = "http-01",
                                          .contact = c->contact[0] ? contact : NULL,
                                          .agree = c->agree};
    if (!n)
        return IC_ERR_NOMEM;
    IC_TRY(take_names(c->domains, n));
    const struct ic_pki_csr_spec spec = {.names = n->pki, .name_count = n->count};
    IC_TRY(ic_pki_csr_make(&spec, o->key, &csr));
    IC_TRY(ic_acme_new(&config, &o->acme));
    return ic_acme_order(o->acme, n->acme, n->count, ic_buf_view(&csr));
}

static uint64_t due_ms(const struct icd_owncert *o)
{
    IC_BUF_SCOPE(pem, FILE_MAX);
    uint8_t *room;
    FILE *f = fopen(o->certificate, "re");
    if (f && ic_buf_extend(&pem, FILE_MAX, &room) == IC_OK)
        pem.len = fread(room, 1, FILE_MAX, f);
    if (f)
        fclose(f);
    return icd_owncert_due_ms(ic_buf_view(&pem), o->seam.config->domains, o->since_s);
}

static void look(struct icd_owncert *o)
{
    uint64_t due = due_ms(o), now = o->seam.now_ms(o->seam.ctx);
    if (due > now) {
        wake_in(o, due - now);
        return;
    }
    ic_err e = order(o);
    if (e == IC_OK)
        step(o);
    else
        fail(o, ic_err_text(e));
}

/* ---- from start to end ---- */

static ic_err open_keys(struct icd_owncert *o, char *why)
{
    char path[ICD_OWNCERT_PATH], private_key[ICD_OWNCERT_PATH];
    icd_owncert_paths(o->seam.dir, o->certificate, private_key);
    snprintf(path, sizeof path, "%.300s/account.key", o->seam.dir);
    IC_TRY(icd_keyfile(path, true, &o->seam.rand, &o->account, why));
    ic_err e = icd_owncert_key(private_key, &o->key);
    if (e != IC_OK)
        snprintf(why, ICD_OWNCERT_WHY, "%s: %s", private_key, ic_err_text(e));
    return e;
}

static void on_closed(uv_handle_t *h)
{
    ic_free(h->data);
}

ic_err icd_owncert_start(const struct icd_owncert_seam *seam, char *why, struct icd_owncert **out)
{
    struct icd_owncert *o = ic_new(struct icd_owncert);
    if (!o)
        return IC_ERR_NOMEM;
    o->seam = *seam;
    ic_buf_init(&o->body, IC_ACME_ANSWER_MAX);
    uv_timer_init(seam->loop, &o->timer);
    o->timer.data = o;
    ic_err e = open_keys(o, why);
    if (e != IC_OK) {
        icd_owncert_free(o);
        return e;
    }
    wake_in(o, 0);
    *out = o;
    return IC_OK;
}

void icd_owncert_free(struct icd_owncert *o)
{
    if (!o)
        return;
    o->closing = true;
    if (o->busy)
        uv_cancel((uv_req_t *)&o->job);
    while (o->busy && uv_run(o->seam.loop, UV_RUN_ONCE) >= 0)
        ; /* its memory is ours until it comes back */
    end_order(o);
    ic_sign_key_free(o->account);
    ic_sign_key_free(o->key);
    ic_buf_clear(&o->body);
    uv_close((uv_handle_t *)&o->timer, on_closed);
}

bool icd_owncert_answer(const struct icd_owncert *o, struct ic_view path, struct ic_buf *out)
{
    static const char prefix[] = "/.well-known/acme-challenge/";
    size_t n = sizeof prefix - 1;
    if (!o || path.len <= n || memcmp(path.p, prefix, n) != 0)
        return false;
    struct ic_view token = ic_view_sub(path, n, path.len - n);
    for (size_t i = 0; i < o->token_count; i++)
        if (ic_view_equal(token, ic_view_cstr(o->tokens[i].token)))
            return ic_buf_append(out, ic_view_cstr(o->tokens[i].key_authorization)) == IC_OK;
    return false;
}
