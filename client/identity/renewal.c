#include "identity/renewal.h"

#include "base/clock.h"
#include "identity/issue.h"
#include "identity/profile.h"
#include "identity/trust.h"
#include "keys/certificates.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/pki/chain.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum {
    RETRY_MIN_MS = 5000,
    RETRY_MAX_MS = 600000,
    WAKE_MAX_MS = 3600000, /* the machine's clock may have been set meanwhile */
    CHAIN_MAX = IC_PKI_CHAIN_MAX * (IC_PKI_CERT_MAX + 4),
    STAPLE_MAX = 8192,
};

struct icc_renewal {
    struct icc_renewal_config c;
    struct icc_enrolment e;
    struct icc_net *net;
    struct icc_issue *issue;
    uv_timer_t timer;
    uint64_t due_ms;
    int64_t not_after_s;
    struct ic_buf chain; /* the new one, while its staple is asked for */
    bool busy, freed;
};

uint64_t icc_renewal_due_ms(int64_t not_before_s, int64_t not_after_s)
{
    int64_t third = (not_after_s - not_before_s) / 3;
    return third < 0 || not_after_s < third ? 0 : (uint64_t)(not_after_s - third) * 1000;
}

uint64_t icc_renewal_retry_ms(uint64_t now_ms, int64_t not_after_s)
{
    uint64_t end = not_after_s > 0 ? (uint64_t)not_after_s * 1000 : 0;
    uint64_t wait = end > now_ms ? (end - now_ms) / 6 : RETRY_MAX_MS;
    return wait < RETRY_MIN_MS ? RETRY_MIN_MS : wait > RETRY_MAX_MS ? RETRY_MAX_MS : wait;
}

static void on_timer(uv_timer_t *t);

static void set_timer(struct icc_renewal *w)
{
    uint64_t now = icc_now_ms(), wait = w->due_ms > now ? w->due_ms - now : 0;
    uv_timer_start(&w->timer, on_timer, wait > WAKE_MAX_MS ? WAKE_MAX_MS : wait, 0);
}

static void fail(struct icc_renewal *w, const char *why)
{
    w->busy = false;
    w->due_ms = icc_now_ms() + icc_renewal_retry_ms(icc_now_ms(), w->not_after_s);
    set_timer(w);
    w->c.failed(w->c.ctx, why);
}

/* Takes the times of the leaf; false where there is none. */
static bool take_times(struct icc_renewal *w, struct ic_view certificates)
{
    struct ic_pki_chain *chain IC_AUTOFREE = ic_new(struct ic_pki_chain);
    if (!chain || ic_pki_chain_decode(certificates, 0, chain, NULL) != IC_OK)
        return false;
    w->not_after_s = chain->certs[0].not_after;
    w->due_ms = icc_renewal_due_ms(chain->certs[0].not_before, chain->certs[0].not_after);
    return true;
}

static void finish(struct icc_renewal *w, struct ic_view staple)
{
    w->busy = false;
    if (staple.len)
        IC_IGNORE(icc_profile_write("staple", staple));
    else
        IC_IGNORE(icc_profile_remove("staple"));
    take_times(w, ic_buf_view(&w->chain));
    /* Its time began before we had it, for clocks that are slow: of a short one two thirds may be over already. */
    int64_t now_s = (int64_t)(icc_now_ms() / 1000);
    uint64_t due = icc_renewal_due_ms(now_s, w->not_after_s), soonest = icc_now_ms() + RETRY_MIN_MS;
    w->due_ms = w->due_ms > due ? w->due_ms : due > soonest ? due : soonest;
    set_timer(w);
    w->c.renewed(w->c.ctx, ic_buf_view(&w->chain), staple);
}

static void on_staple(void *ctx, int status, struct ic_view body)
{
    struct icc_renewal *w = ctx;
    IC_BUF_SCOPE(staple, STAPLE_MAX);
    if (w->freed)
        return;
    json_t *o = status == 200 ? json_loadb((const char *)body.p, body.len, 0, NULL) : NULL;
    const json_t *v = json_object_get(o, "staple");
    if (json_is_string(v))
        IC_IGNORE(ic_base64_decode(IC_BASE64_URL,
                                   ic_view(json_string_value(v), json_string_length(v)), &staple));
    json_decref(o);
    finish(w, ic_buf_view(&staple));
}

static void ask_staple(struct icc_renewal *w)
{
    struct ic_pki_chain *chain IC_AUTOFREE = ic_new(struct ic_pki_chain);
    char hex[2 * IC_PKI_FINGERPRINT_LEN + 1], path[140];
    if (!chain || ic_pki_chain_decode(ic_buf_view(&w->chain), 0, chain, NULL) != IC_OK) {
        fail(w, "the certificate that came cannot be read");
        return;
    }
    ic_hex_encode(IC_VIEW_ARRAY(chain->certs[0].fingerprint), hex);
    snprintf(path, sizeof path, "/api/v1/identity/log/staple?certificate=%s", hex);
    if (icc_net_request(w->net, "GET", path, NULL, (struct ic_view){0}, on_staple, w) != IC_OK)
        finish(w, (struct ic_view){0});
}

static void on_issued(void *ctx, struct ic_view pem, const char *why, const char *problem)
{
    struct icc_renewal *w = ctx;
    char text[300] = "";
    (void)problem;
    ic_buf_reset(&w->chain);
    if (why[0]) {
        fail(w, why);
        return;
    }
    ic_err e = icc_chain_read(pem, "the new certificate", &w->chain, text, sizeof text);
    if (e == IC_OK)
        e = icc_profile_write("certificate.pem", pem);
    if (e != IC_OK)
        fail(w, text[0] ? text : "the new certificate cannot be kept in the profile");
    else
        ask_staple(w);
}

static void begin(struct icc_renewal *w)
{
    struct icc_issue_config c = {
        .loop = w->c.loop, .enrolment = &w->e, .key = w->c.key, .done = on_issued, .ctx = w};
    icc_issue_free(w->issue);
    w->issue = NULL;
    w->busy = true;
    ic_err e = w->net ? IC_OK : icc_net_new(w->c.loop, &w->e.url, &w->net);
    c.net = w->net;
    if (e == IC_OK)
        e = icc_issue_start(&c, &w->issue);
    if (e != IC_OK)
        fail(w, ic_err_text(e));
}

static void on_timer(uv_timer_t *t)
{
    struct icc_renewal *w = t->data;
    if (!w->busy && w->due_ms <= icc_now_ms())
        begin(w);
    else if (!w->busy)
        set_timer(w);
}

/* The server's own: one of the organisation's roots vouches for it. */
static bool is_theirs(struct ic_view certificates)
{
    const struct icc_certificate_paths paths = {.profile = true};
    struct icc_certificates trusted = {0};
    struct ic_pki_chain *chain IC_AUTOFREE = ic_new(struct ic_pki_chain);
    struct ic_pki_verdict v;
    char why[300] = "";
    if (!chain || ic_pki_chain_decode(certificates, 0, chain, NULL) != IC_OK ||
        icc_certificates_trusted(&paths, &trusted, why, sizeof why) != IC_OK)
        return false;
    const struct ic_pki_want want = {.key = chain->certs[0].key};
    /* One that has just run out is renewed as well. */
    uint64_t when = (uint64_t)chain->certs[0].not_before;
    bool theirs = trusted.internal &&
                  ic_pki_validate(trusted.internal, chain, &want, when, &v, NULL) == IC_OK;
    icc_certificates_clear(&trusted);
    return theirs;
}

ic_err icc_renewal_start(const struct icc_renewal_config *c, struct icc_renewal **out)
{
    char why[300];
    struct icc_renewal *w = ic_new(struct icc_renewal);
    if (!w)
        return IC_ERR_NOMEM;
    w->c = *c;
    ic_buf_init(&w->chain, CHAIN_MAX);
    *out = NULL;
    if (c->certificates.len == 0 || icc_enrolment_load(&w->e, why, sizeof why) != IC_OK ||
        !is_theirs(c->certificates) || !take_times(w, c->certificates)) {
        icc_enrolment_clear(&w->e);
        ic_free(w);
        return IC_OK;
    }
    uv_timer_init(c->loop, &w->timer);
    w->timer.data = w;
    set_timer(w);
    *out = w;
    return IC_OK;
}

bool icc_renewal_now(struct icc_renewal *w)
{
    if (!w)
        return false;
    if (!w->busy)
        begin(w);
    return true;
}

static void on_closed(uv_handle_t *h)
{
    ic_free(h->data);
}

void icc_renewal_free(struct icc_renewal *w)
{
    if (!w)
        return;
    w->freed = true;
    icc_net_free(w->net);
    icc_issue_free(w->issue);
    icc_enrolment_clear(&w->e);
    ic_buf_clear(&w->chain);
    uv_close((uv_handle_t *)&w->timer, on_closed);
}
