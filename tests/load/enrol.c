#include "enrol.h"
#include "clock.h"
#include "invite.h"
#include "staple.h"

#include <ic/acme/acme.h>
#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/crypto/hash.h>
#include <ic/os/os.h>
#include <ic/pki/chain.h>
#include <ic/pki/csr.h>
#include <ic/pki/pem.h>
#include <ic/pki/store.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RAW_MS = 500, DEVICE_MAX = 300, URL_MAX = 512 };

struct run {
    const struct load_enrol_plan *plan;
    struct load_http *http;
    size_t next, done, requests;
    uint64_t *took_ns;
    bool failed;
    char *why;
};

/* One person on the way. */
struct one {
    struct run *run;
    struct load_person *person;
    struct ic_sign_key *account;
    struct ic_acme *acme;
    char thumbprint[IC_ACME_THUMBPRINT];
    char token[128]; /* of the enrolment */
    char directory[URL_MAX];
    uint64_t began_ns;
};

static void begin_next(struct run *r);

static void end(struct one *o)
{
    struct run *r = o->run;
    ic_acme_free(o->acme);
    ic_sign_key_free(o->account);
    ic_free(o);
    if (!r->failed)
        begin_next(r);
}

static void fail(struct one *o, const char *what, int status, struct ic_view body)
{
    if (!o->run->failed)
        snprintf(o->run->why, 256, "%s, %s: status %d, %.*s", o->person->email, what, status,
                 (int)(body.len > 120 ? 120 : body.len), (const char *)body.p);
    o->run->failed = true;
    end(o);
}

static ic_err ask(struct one *o, const char *method, const char *url, const char *token,
                  const char *body, void (*done)(void *, const struct load_answer *))
{
    o->run->requests++;
    return load_http_ask(o->run->http, &(struct load_ask){.method = method,
                                                          .url = url,
                                                          .token = token,
                                                          .body = ic_view_cstr(body),
                                                          .done = done,
                                                          .ctx = o});
}

/* ---- the last step: the staple ---- */

static ic_err take_chain(struct one *o, struct ic_view pem)
{
    struct ic_view ders[IC_PKI_CHAIN_MAX];
    struct ic_buf room[IC_PKI_CHAIN_MAX];
    size_t n = 0;
    ic_err e = IC_OK;
    while (n < IC_PKI_CHAIN_MAX) {
        ic_buf_init(&room[n], IC_PKI_CERT_MAX);
        e = ic_pki_pem_next(&pem, "CERTIFICATE", &room[n]);
        if (e != IC_OK)
            break;
        ders[n] = ic_buf_view(&room[n]);
        n++;
    }
    if (n && e == IC_ERR_NOT_FOUND)
        e = ic_pki_chain_encode(ders, n, &o->person->chain);
    if (n) {
        uint8_t hash[IC_HASH_MAX];
        ic_hash_once(IC_SHA256, ders[0], hash);
        memcpy(o->person->leaf, hash, sizeof o->person->leaf);
    }
    for (size_t i = 0; i < n; i++)
        ic_buf_clear(&room[i]);
    return n ? e : IC_ERR_MALFORMED;
}

static void on_staple(void *ctx, int status)
{
    struct one *o = ctx;
    if (status != 200) {
        fail(o, "no staple", status, ic_view(NULL, 0));
        return;
    }
    o->run->took_ns[o->run->done++] = load_ns(CLOCK_MONOTONIC) - o->began_ns;
    end(o);
}

static void certified(struct one *o)
{
    o->run->requests++;
    if (take_chain(o, ic_acme_chain(o->acme)) != IC_OK ||
        load_staple_ask(o->run->http, o->person, on_staple, o) != IC_OK)
        fail(o, "the chain", 0, ic_acme_chain(o->acme));
}

/* ---- ACME ---- */

static void step(struct one *o);

static void on_acme(void *ctx, const struct load_answer *a)
{
    struct one *o = ctx;
    struct ic_acme_answer answer = {.status = a->status,
                                    .nonce = a->nonce[0] ? a->nonce : NULL,
                                    .location = a->location[0] ? a->location : NULL,
                                    .body = a->body};
    ic_acme_answer(o->acme, &answer, load_wall_ms());
    step(o);
}

static void send(struct one *o, const struct ic_acme_request *q)
{
    o->run->requests++;
    if (load_http_ask(o->run->http, &(struct load_ask){.method = q->method,
                                                       .url = q->url,
                                                       .type = "application/jose+json",
                                                       .body = q->body,
                                                       .done = on_acme,
                                                       .ctx = o}) != IC_OK)
        fail(o, "a request", 0, ic_view(NULL, 0));
}

static void step(struct one *o)
{
    struct ic_acme_request q;
    uint64_t wait_ms;
    char payload[160];
    switch (ic_acme_next(o->acme, load_wall_ms(), &q, &wait_ms)) {
    case IC_ACME_SEND:
        send(o, &q);
        return;
    case IC_ACME_CHALLENGE:
        snprintf(payload, sizeof payload, "{\"token\":\"%s\"}", o->token);
        IC_IGNORE(ic_acme_respond(o->acme, ic_view_cstr(payload)));
        step(o);
        return;
    case IC_ACME_DONE:
        certified(o);
        return;
    case IC_ACME_WAIT: /* this CA answers at once: waiting would spoil what is measured */
        fail(o, "the server wants us to wait", 0, ic_view(NULL, 0));
        return;
    case IC_ACME_FAILED:
        fail(o, "ACME", 0, ic_view_cstr(ic_acme_why(o->acme)));
        return;
    }
}

static ic_err order(struct one *o)
{
    IC_BUF_SCOPE(csr, IC_PKI_CSR_MAX);
    const struct ic_pki_name san = {IC_PKI_NAME_EMAIL, ic_view_cstr(o->person->email)};
    const struct ic_pki_csr_spec spec = {.names = &san, .name_count = 1};
    const struct ic_acme_name name = {"email", o->person->email};
    const struct ic_acme_config c = {.key = o->account,
                                     .directory = o->directory,
                                     .challenge = "incamera-token-01",
                                     .agree = true};
    IC_TRY(ic_pki_csr_make(&spec, o->person->key, &csr));
    IC_TRY(ic_acme_new(&c, &o->acme));
    return ic_acme_order(o->acme, &name, 1, ic_buf_view(&csr));
}

static void on_enrolment(void *ctx, const struct load_answer *a)
{
    struct one *o = ctx;
    json_t *j = json_loadb((const char *)a->body.p, a->body.len, 0, NULL);
    const char *token = json_string_value(json_object_get(j, "token"));
    const char *directory = json_string_value(json_object_get(j, "directory"));
    bool ok = a->status == 201 && token && directory;
    if (ok) {
        snprintf(o->token, sizeof o->token, "%s", token);
        snprintf(o->directory, sizeof o->directory, "%s", directory);
    }
    json_decref(j);
    if (!ok)
        fail(o, "no enrolment", a->status, a->body);
    else if (order(o) != IC_OK)
        fail(o, "no order", 0, ic_view(NULL, 0));
    else
        step(o);
}

/* ---- signing in ---- */

static void on_signed_in(void *ctx, const struct load_answer *a)
{
    struct one *o = ctx;
    json_t *j = json_loadb((const char *)a->body.p, a->body.len, 0, NULL);
    const char *token = json_string_value(json_object_get(j, "token"));
    char body[DEVICE_MAX];
    if (a->status != 201 || !token) {
        json_decref(j);
        fail(o, "no sign-in", a->status, a->body);
        return;
    }
    snprintf(o->person->session, sizeof o->person->session, "%s", token);
    json_decref(j);
    snprintf(body, sizeof body, "{\"thumbprint\":\"%s\",\"device\":\"load\"}", o->thumbprint);
    o->began_ns = load_ns(CLOCK_MONOTONIC);
    if (ask(o, "POST", "/api/v1/identity/enrolments", o->person->session, body, on_enrolment) !=
        IC_OK)
        fail(o, "a request", 0, ic_view(NULL, 0));
}

static void begin_next(struct run *r)
{
    if (r->next == r->plan->people->count)
        return;
    struct ic_rand rand = ic_os_rand();
    struct one *o = ic_new(struct one);
    char body[200];
    if (!o) {
        r->failed = true;
        return;
    }
    o->run = r;
    o->person = &r->plan->people->list[r->next++];
    snprintf(body, sizeof body, "{\"token\":\"%s\"}", o->person->session);
    if (ic_sign_key_generate(IC_ECDSA_P256_SHA256, &rand, &o->account) != IC_OK ||
        ic_acme_thumbprint(o->account, o->thumbprint) != IC_OK ||
        ask(o, "POST", "/api/v1/identity/signin/invitation", NULL, body, on_signed_in) != IC_OK)
        fail(o, "memory", 0, ic_view(NULL, 0));
    else
        r->requests--; /* signing in is not enrolling */
}

/* ---- what all trust ---- */

struct trust {
    struct load_people *people;
    ic_err err;
};

static void on_trust(void *ctx, const struct load_answer *a)
{
    struct trust *t = ctx;
    json_t *j = json_loadb((const char *)a->body.p, a->body.len, 0, NULL);
    const char *pem = json_string_value(json_array_get(json_object_get(j, "roots"), 0));
    struct ic_view rest = ic_view_cstr(pem ? pem : "");
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    t->err = ic_pki_pem_next(&rest, "CERTIFICATE", &der);
    if (t->err == IC_OK)
        t->err = ic_pki_store_new(&(struct ic_pki_policy){0}, &t->people->roots);
    if (t->err == IC_OK)
        t->err = ic_pki_store_add_root(t->people->roots, ic_buf_view(&der), NULL);
    const char *key =
        json_string_value(json_object_get(json_array_get(json_object_get(j, "logs"), 0), "key"));
    if (t->err == IC_OK)
        t->err = ic_base64_decode(IC_BASE64_URL, ic_view_cstr(key ? key : ""), &t->people->log_key);
    json_decref(j);
}

static ic_err fetch_trust(struct run *r)
{
    struct trust t = {.people = r->plan->people, .err = IC_ERR_IO};
    IC_TRY(load_http_ask(r->http, &(struct load_ask){.method = "GET",
                                                     .url = "/api/v1/identity/trust",
                                                     .done = on_trust,
                                                     .ctx = &t}));
    load_http_run(r->http);
    return t.err;
}

/* ---- the result ---- */

static double raw_signatures(void)
{
    struct ic_rand rand = ic_os_rand();
    struct ic_sign_key *key;
    uint8_t sig[IC_SIG_MAX], message[250] = {0};
    size_t len, n = 0;
    if (ic_sign_key_generate(IC_ECDSA_P256_SHA256, &rand, &key) != IC_OK)
        return 0;
    uint64_t began = load_ns(CLOCK_THREAD_CPUTIME_ID), now = began;
    for (; now < began + RAW_MS * 1000000ull; n++) {
        message[0]++;
        if (ic_sign(key, IC_VIEW_ARRAY(message), sig, &len) != IC_OK)
            break;
        now = load_ns(CLOCK_THREAD_CPUTIME_ID);
    }
    ic_sign_key_free(key);
    return (double)n * 1e9 / (double)(now - began);
}

static int by_time(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void fill(struct run *r, double seconds, double cpu_s, struct load_enrol_result *out)
{
    qsort(r->took_ns, r->done, sizeof *r->took_ns, by_time);
    *out = (struct load_enrol_result){
        .count = r->done,
        .seconds = seconds,
        .per_s = (double)r->done / seconds,
        .median_ms = (double)r->took_ns[r->done / 2] / 1e6,
        .p99_ms = (double)r->took_ns[r->done - 1 - r->done / 100] / 1e6,
        .clients_cpu_s = cpu_s,
        .signatures_per_s = raw_signatures(),
        .requests = (double)r->requests / (double)r->done,
    };
}

static ic_err enrol_all(struct run *r, struct load_enrol_result *out)
{
    uint64_t began = load_ns(CLOCK_MONOTONIC), cpu = load_ns(CLOCK_PROCESS_CPUTIME_ID);
    for (unsigned i = 0; i < r->plan->at_once; i++)
        begin_next(r);
    load_http_run(r->http);
    if (r->failed || r->done < r->plan->people->count || r->done == 0)
        return IC_ERR_DENIED;
    fill(r, (double)(load_ns(CLOCK_MONOTONIC) - began) / 1e9,
         (double)(load_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu) / 1e9, out);
    return fetch_trust(r);
}

ic_err load_enrol(const struct load_enrol_plan *plan, struct load_enrol_result *out, char *why)
{
    struct run r = {.plan = plan, .why = why};
    IC_TRY(load_http_new(plan->server, NULL, &r.http));
    r.took_ns = ic_new_array(plan->people->count, uint64_t);
    ic_err e = r.took_ns ? load_invite(r.http, plan->admin, plan->people, why) : IC_ERR_NOMEM;
    if (e == IC_OK)
        e = enrol_all(&r, out);
    load_http_free(r.http);
    ic_free(r.took_ns);
    return e;
}
