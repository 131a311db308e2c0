/* Challenges that take time: http-01 and dns-01, RFC 8555 sections 8.3 and 8.4, as jobs on libuv's pool. A
 * `processing` authorization has the time of its next attempt in its row, so that a server that ended in between
 * goes on where it was. */
#include "identity/acme/private.h"
#include "identity/base/dns.h"
#include "identity/base/fetch.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/crypto/hash.h>
#include <stdio.h>
#include <string.h>

enum {
    ATTEMPTS = 3,
    LEASE_MS = 120000, /* longer than any attempt takes */
    HTTP_MS = 10000,
    BODY_MAX = 4096,
    REDIRECTS = 5,
    KEY_AUTHORIZATION = ICD_ACME_TOKEN + 1 + ICD_ACME_THUMBPRINT,
    /* Of the pool's threads: hosts that are slow keep nobody from signing in. */
    AT_ONCE = 2,
};

struct attempt {
    char authz[ICD_ACME_ID + 1];
    enum icd_acme_challenge which;
    char name[ICD_ACME_NAME_MAX + 32], token[ICD_ACME_TOKEN + 1];
    char expected[KEY_AUTHORIZATION + 1];
    uint32_t port;
    bool private_addresses;
    char resolver[64];
    /* what came of it */
    bool good;
    enum icd_acme_error error;
    char detail[ICD_ACME_DETAIL];
};

/* ---- on the pool ---- */

static void failed(struct attempt *t, enum icd_acme_error error, const char *what)
{
    t->error = error;
    snprintf(t->detail, sizeof t->detail, "%s", what);
}

/* What the other side said is not repeated: it may be no business of who ordered. */
static void judge_body(struct attempt *t, const struct icd_fetched *got)
{
    struct ic_view v = ic_buf_view(&got->body);
    while (v.len && strchr(" \t\r\n", v.p[v.len - 1]))
        v.len--;
    if (got->status != 200)
        failed(t, ICD_ACME_E_INCORRECT_RESPONSE, "the answer's status is not 200");
    else if (!ic_view_equal(v, ic_view_cstr(t->expected)))
        failed(t, ICD_ACME_E_INCORRECT_RESPONSE, "the answer is not the key authorization");
    else
        t->good = true;
}

static void try_http(struct attempt *t)
{
    char url[ICD_ACME_NAME_MAX + 128], port[8] = "", why[ICD_FETCH_WHY] = "";
    struct icd_fetched got;
    if (t->port != 80)
        snprintf(port, sizeof port, ":%u", t->port);
    snprintf(url, sizeof url, "http://%s%s/.well-known/acme-challenge/%s", t->name, port, t->token);
    /* RFC 8555 section 8.3: redirects are followed; a certificate on the way proves nothing here. */
    struct icd_fetch f = {.url = url,
                          .max = BODY_MAX,
                          .timeout_ms = HTTP_MS,
                          .max_redirects = REDIRECTS,
                          .public_only = !t->private_addresses,
                          .any_certificate = true,
                          .redirect_ports = {80, 443, (uint16_t)t->port},
                          .resolver = t->resolver};
    ic_err e = icd_fetch(&f, &got, why);
    if (e == IC_OK) {
        judge_body(t, &got);
        icd_fetched_clear(&got);
    } else if (e == IC_ERR_DENIED) {
        failed(t, ICD_ACME_E_CONNECTION, "the address is not one that this server asks");
    } else if (e == IC_ERR_LIMIT) {
        failed(t, ICD_ACME_E_INCORRECT_RESPONSE, "the answer is too long");
    } else if (e == IC_ERR_NOT_FOUND) {
        failed(t, ICD_ACME_E_DNS, "the name has no address");
    } else {
        failed(t, ICD_ACME_E_CONNECTION, "no answer over HTTP");
    }
}

static void try_dns(struct attempt *t)
{
    uint8_t digest[IC_HASH_MAX];
    char name[ICD_ACME_NAME_MAX + 64], want[48], why[ICD_DNS_WHY] = "";
    struct icd_dns_texts *texts = ic_new(struct icd_dns_texts);
    ic_hash_once(IC_SHA256, ic_view_cstr(t->expected), digest);
    ic_base64_encode(IC_BASE64_URL, ic_view(digest, 32), want);
    snprintf(name, sizeof name, "_acme-challenge.%s", t->name);
    ic_err e = texts ? icd_dns_texts(t->resolver, name, texts, why) : IC_ERR_NOMEM;
    for (size_t i = 0; e == IC_OK && i < texts->count; i++)
        if (ic_view_equal(ic_view(texts->text[i].bytes, texts->text[i].len), ic_view_cstr(want)))
            t->good = true;
    if (e == IC_ERR_NOT_FOUND)
        failed(t, ICD_ACME_E_DNS, "there is no TXT record below _acme-challenge");
    else if (e != IC_OK)
        failed(t, ICD_ACME_E_DNS, "the DNS gave no answer");
    else if (!t->good)
        failed(t, ICD_ACME_E_INCORRECT_RESPONSE,
               "no TXT record holds the digest of the key authorization");
    ic_free(texts);
}

static void work(void *ctx)
{
    struct attempt *t = ctx;
    if (t->which == ICD_ACME_HTTP_01)
        try_http(t);
    else
        try_dns(t);
}

/* ---- on the loop ---- */

/* RFC 8555 section 8.2: it may take the client's network a while. */
static uint64_t wait_ms(const struct icd_identity *id, unsigned attempts)
{
    return (uint64_t)id->config->acme_retry_ms * attempts;
}

static ic_err settle(struct icd_identity *id, const struct attempt *t)
{
    struct icd_acme_authz a;
    IC_TRY(icd_acme_authz_get(id, t->authz, &a));
    /* Deactivated, expired or lost in between: what came of it does not matter. */
    if (a.state.status != ICD_ACME_PROCESSING || a.tried != t->which ||
        icd_acme_authz_status(&a.state, id->now_ms) != ICD_ACME_PENDING)
        return IC_OK;
    if (t->good) {
        a.state.status = ICD_ACME_VALID;
        a.state.expires_ms = id->now_ms + 1000ull * id->config->acme_device_s;
        a.validated_ms = id->now_ms;
        a.detail[0] = 0;
        return icd_acme_authz_store(id, &a, 0);
    }
    a.error = t->error;
    memcpy(a.detail, t->detail, sizeof a.detail);
    a.attempts++;
    if (a.attempts >= ATTEMPTS)
        a.state.status = ICD_ACME_INVALID;
    uint64_t next = id->now_ms + wait_ms(id, a.attempts);
    if (a.state.status == ICD_ACME_PROCESSING && next < id->acme->due_ms)
        id->acme->due_ms = next;
    return icd_acme_authz_store(id, &a, next);
}

static void done(struct icd_identity *id, struct icd_call *c, void *ctx)
{
    struct attempt *t = ctx;
    (void)c;
    id->acme->trying--;
    ic_err e = settle(id, t);
    if (e != IC_OK && e != IC_ERR_NOT_FOUND)
        icd_identity_log(id, ICD_LOG_ERROR, "acme_challenge_not_stored", "reason=%s",
                         ic_err_name(e));
    ic_free(t);
    icd_acme_attempts_due(id);
}

static struct attempt *attempt_of(const struct icd_identity *id, const struct icd_acme_authz *a,
                                  const char *thumbprint)
{
    struct attempt *t = ic_new(struct attempt);
    if (!t)
        return NULL;
    memcpy(t->authz, a->id, sizeof t->authz);
    memcpy(t->token, a->token, sizeof t->token);
    t->which = a->tried;
    snprintf(t->name, sizeof t->name, "%s", a->name.text);
    snprintf(t->expected, sizeof t->expected, "%s.%s", a->token, thumbprint);
    t->port = id->config->acme_http_port;
    t->private_addresses = id->config->acme_private_addresses;
    snprintf(t->resolver, sizeof t->resolver, "%s", id->config->resolver);
    return t;
}

/* Too many at once: it waits for its turn. */
static ic_err queue(struct icd_identity *id, const struct icd_acme_authz *a)
{
    id->acme->due_ms = id->now_ms;
    return icd_acme_authz_store(id, a, id->now_ms);
}

ic_err icd_acme_attempt(struct icd_identity *id, const struct icd_acme_authz *a,
                        const char *thumbprint)
{
    if (id->acme->trying >= AT_ONCE)
        return queue(id, a);
    IC_TRY(icd_acme_authz_store(id, a, id->now_ms + LEASE_MS));
    struct attempt *t = attempt_of(id, a, thumbprint);
    if (!t)
        return IC_ERR_NOMEM;
    id->acme->trying++;
    ic_err e = icd_job(id, NULL, work, done, t);
    if (e == IC_OK)
        return IC_OK;
    id->acme->trying--;
    ic_free(t);
    return queue(id, a);
}

/* When the first of those that wait is due. */
static ic_err look_ahead(struct icd_identity *id)
{
    int64_t next = 0;
    ic_err e = icd_store_int(
        id->store, "SELECT next_ms FROM acme_authz WHERE status = $1 ORDER BY next_ms LIMIT 1",
        &next, ICD_PARAMS(ICD_INT(ICD_ACME_PROCESSING)));
    id->acme->due_ms = e == IC_OK ? (uint64_t)next : UINT64_MAX;
    return e == IC_ERR_NOT_FOUND ? IC_OK : e;
}

static ic_err again(struct icd_identity *id, const char *authz)
{
    struct icd_acme_authz a;
    struct icd_acme_account who;
    IC_TRY(icd_acme_authz_get(id, authz, &a));
    ic_err e = icd_acme_account_get(id, a.account, &who);
    if (e != IC_OK && e != IC_ERR_NOT_FOUND)
        return e;
    bool over = e != IC_OK || who.status != ICD_ACME_VALID ||
                icd_acme_authz_status(&a.state, id->now_ms) != ICD_ACME_PENDING;
    if (!over)
        return icd_acme_attempt(id, &a, who.key.thumbprint);
    a.state.status = ICD_ACME_INVALID;
    return icd_acme_authz_store(id, &a, 0);
}

static ic_err try_due(struct icd_identity *id)
{
    struct icd_rows rows;
    char ids[AT_ONCE][ICD_ACME_ID + 1];
    size_t n = 0, free_now = AT_ONCE - id->acme->trying;
    IC_TRY(icd_store_query(
        id->store,
        "SELECT id FROM acme_authz WHERE status = $1 AND next_ms <= $2"
        " ORDER BY next_ms LIMIT $3",
        &rows, ICD_PARAMS(ICD_INT(ICD_ACME_PROCESSING), ICD_INT(id->now_ms), ICD_INT(free_now))));
    while (n < free_now && icd_rows_next(&rows)) {
        struct ic_view v = icd_rows_bytes(&rows, 0);
        if (v.len != ICD_ACME_ID)
            continue;
        memcpy(ids[n], v.p, v.len);
        ids[n++][ICD_ACME_ID] = 0;
    }
    IC_TRY(icd_rows_end(&rows));
    for (size_t i = 0; i < n; i++)
        IC_TRY(again(id, ids[i]));
    return look_ahead(id);
}

void icd_acme_attempts_due(struct icd_identity *id)
{
    if (id->now_ms < id->acme->due_ms || id->acme->trying >= AT_ONCE || id->ended)
        return;
    ic_err e = try_due(id);
    if (e != IC_OK)
        icd_identity_log(id, ICD_LOG_ERROR, "acme_challenges_not_tried", "reason=%s",
                         ic_err_name(e));
}
