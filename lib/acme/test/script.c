#include "script.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/crypto/ecdsa.h>
#include <ic/pki/csr.h>
#include <ic/pki/pem.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char directory[] =
    "{\"newNonce\":\"" SCRIPT_HOST "/nonce\",\"newAccount\":\"" SCRIPT_HOST
    "/account\",\"newOrder\":\"" SCRIPT_HOST "/order\",\"revokeCert\":\"" SCRIPT_HOST
    "/revoke\",\"keyChange\":\"" SCRIPT_HOST "/key\",\"meta\":{}}";

static ic_err make_csr(struct script *s)
{
    const struct ic_pki_name name = {IC_PKI_NAME_EMAIL, IC_VIEW_STR("ana@ring.example")};
    const struct ic_pki_csr_spec spec = {
        .subject = {.common_name = IC_VIEW_STR("Ana")}, .names = &name, .name_count = 1};
    ic_buf_init(&s->csr, 16384);
    return ic_pki_csr_make(&spec, s->key->key, &s->csr);
}

void script_init(struct script *s)
{
    *s = (struct script){.names = "email:ana@ring.example", .now_ms = 1000};
    maker_init(&s->m, 7);
    s->account_key = maker_key(&s->m, IC_ECDSA_P256_SHA256);
    s->key = maker_key(&s->m, IC_ECDSA_P256_SHA256);
    s->root = maker_key(&s->m, IC_ECDSA_P256_SHA256);
    s->root_certificate =
        maker_cert(&s->m, &(struct maker_spec){.subject = "CN=CA", .key = s->root, .ca = true});
    if (make_csr(s) != IC_OK)
        ic_test_fail(__FILE__, __LINE__, "no request");
}

void script_clear(struct script *s)
{
    ic_acme_free(s->acme);
    ic_buf_clear(&s->csr);
    maker_clear(&s->m);
}

/* ---- what a request must be ---- */

static bool fault(const char *what)
{
    ic_test_fail(__FILE__, __LINE__, "the request: %s", what);
    return false;
}

static bool decode(const json_t *o, const char *member, struct ic_buf *out)
{
    const json_t *v = json_object_get(o, member);
    return json_is_string(v) &&
           ic_base64_decode(IC_BASE64_URL, ic_view(json_string_value(v), json_string_length(v)),
                            out) == IC_OK;
}

static bool header_fits(const struct script *s, const json_t *h, const char *url)
{
    char nonce[32];
    const char *kid = json_string_value(json_object_get(h, "kid"));
    const json_t *jwk = json_object_get(h, "jwk");
    snprintf(nonce, sizeof nonce, "nonce-%u", s->nonce);
    if (strcmp(json_string_value(json_object_get(h, "alg")), "ES256") != 0)
        return fault("another algorithm");
    if (!s->nonce_out || strcmp(json_string_value(json_object_get(h, "nonce")), nonce) != 0)
        return fault("no nonce of ours, or a used one");
    if (strcmp(json_string_value(json_object_get(h, "url")), url) != 0)
        return fault("another URL");
    bool first = strcmp(url, SCRIPT_HOST "/account") == 0;
    if (first ? !jwk || kid : jwk || !kid || strcmp(kid, SCRIPT_HOST "/account/1") != 0)
        return fault("key and account do not stand where they must");
    return true;
}

static bool verify(struct script *s, const struct ic_acme_request *r)
{
    IC_BUF_SCOPE(head, 4096);
    IC_BUF_SCOPE(payload, 65536);
    IC_BUF_SCOPE(sig, 200);
    uint8_t der[IC_SIG_MAX];
    size_t der_len = 0;
    json_t *o = json_loadb((const char *)r->body.p, r->body.len, 0, NULL), *h = NULL;
    bool ok = decode(o, "protected", &head) && decode(o, "payload", &payload) &&
              decode(o, "signature", &sig) &&
              (h = json_loadb((const char *)head.p, head.len, 0, NULL)) != NULL;
    ok = ok ? header_fits(s, h, r->url) : fault("no JWS");
    char *text = NULL;
    if (ok && asprintf(&text, "%s.%s", json_string_value(json_object_get(o, "protected")),
                       json_string_value(json_object_get(o, "payload"))) < 0)
        ok = false;
    ok = ok &&
         ic_ecdsa_der_from_raw(IC_ECDSA_P256_SHA256, ic_buf_view(&sig), der, &der_len) == IC_OK &&
         ic_verify(IC_ECDSA_P256_SHA256, maker_public(s->account_key), ic_view_cstr(text),
                   ic_view(der, der_len)) == IC_OK;
    if (text && !ok)
        fault("its signature");
    if (ok)
        snprintf(s->payload, sizeof s->payload, "%.*s", (int)payload.len, (const char *)payload.p);
    free(text);
    json_decref(o);
    json_decref(h);
    return ok;
}

/* ---- what it gets ---- */

static const char *order_body(const struct script *s, const char *status)
{
    static char text[1000];
    snprintf(
        text, sizeof text,
        "{\"status\":\"%s\",\"identifiers\":[{\"type\":\"email\",\"value\":\"ana@ring.example\"}],"
        "\"authorizations\":[\"" SCRIPT_HOST "/authz/1\"],\"finalize\":\"" SCRIPT_HOST
        "/finalize/1\"%s}",
        status,
        s->finalized && strcmp(status, "valid") == 0 ? ",\"certificate\":\"" SCRIPT_HOST
                                                       "/certificate/1\""
                                                     : "");
    return text;
}

static const char *authorization_body(struct script *s)
{
    static char text[1000];
    bool valid = s->responded && s->pending_polls-- <= 0;
    snprintf(
        text, sizeof text,
        "{\"status\":\"%s\",\"identifier\":{\"type\":\"email\",\"value\":\"ana@ring.example\"},"
        "\"challenges\":[{\"type\":\"http-01\",\"url\":\"" SCRIPT_HOST
        "/c/0\",\"token\":\"other\"},{\"type\":\"incamera-token-01\",\"url\":\"" SCRIPT_HOST
        "/c/1\",\"token\":\"" SCRIPT_TOKEN "\",\"status\":\"pending\"}]}",
        valid ? "valid" : "pending");
    return text;
}

static const char *chain_body(struct script *s)
{
    static char text[8192];
    IC_BUF_SCOPE(pem, sizeof text - 1);
    s->certificate = maker_cert(&s->m, &(struct maker_spec){.subject = "CN=Ana",
                                                            .issuer = "CN=CA",
                                                            .key = s->key,
                                                            .signer = s->root,
                                                            .names = s->names});
    if (ic_pki_pem_encode("CERTIFICATE", s->certificate, &pem) != IC_OK ||
        ic_pki_pem_encode("CERTIFICATE", s->root_certificate, &pem) != IC_OK)
        return "";
    snprintf(text, sizeof text, "%.*s", (int)pem.len, (const char *)pem.p);
    return text;
}

static void right_answer(struct script *s, const char *path, struct ic_acme_answer *out)
{
    const char *body = "";
    out->status = 200;
    if (strcmp(path, "/directory") == 0) {
        body = directory;
    } else if (strcmp(path, "/account") == 0) {
        out->status = s->accounts++ ? 200 : 201;
        out->location = SCRIPT_HOST "/account/1";
        body = "{\"status\":\"valid\"}";
    } else if (strcmp(path, "/order") == 0) {
        s->orders++;
        out->status = 201;
        out->location = SCRIPT_HOST "/order/1";
        body = order_body(s, s->responded ? "ready" : "pending");
    } else if (strcmp(path, "/authz/1") == 0) {
        body = authorization_body(s);
    } else if (strcmp(path, "/c/1") == 0) {
        s->responses++;
        s->responded = true;
        body = "{\"status\":\"processing\"}";
    } else if (strcmp(path, "/finalize/1") == 0) {
        s->finalized++;
        body = order_body(s, "processing");
    } else if (strcmp(path, "/order/1") == 0) {
        body = order_body(s, !s->finalized         ? "ready"
                             : s->processing-- > 0 ? "processing"
                                                   : "valid");
    } else if (strcmp(path, "/certificate/1") == 0) {
        body = chain_body(s);
    } else if (strcmp(path, "/revoke") == 0) {
        s->revoked++;
    } else {
        out->status = 404;
    }
    out->body = ic_view_cstr(body);
}

static void lie(struct script *s, const char *path, struct ic_acme_answer *out)
{
    if (!s->lie.path || strcmp(path, s->lie.path) != 0 || s->lie.times < 0)
        return;
    if (s->lie.times && --s->lie.times == 0)
        s->lie.times = -1;
    if (s->lie.status)
        out->status = s->lie.status;
    if (s->lie.body)
        out->body = ic_view_cstr(s->lie.body);
    if (s->lie.location)
        out->location = s->lie.location;
    if (s->lie.nonce)
        out->nonce = s->lie.nonce;
    if (s->lie.retry_after)
        out->retry_after = s->lie.retry_after;
}

static void serve(struct script *s, const struct ic_acme_request *r)
{
    static char nonce[32];
    struct ic_acme_answer out = {0};
    const char *path = r->url + strlen(SCRIPT_HOST);
    bool post = strcmp(r->method, "POST") == 0, refused = false;
    s->requests++;
    if (strncmp(r->url, SCRIPT_HOST "/", strlen(SCRIPT_HOST) + 1) != 0) {
        fault("it goes elsewhere");
        return;
    }
    if (post && !verify(s, r))
        return;
    s->nonce_out = s->nonce_out && !post;
    if (post && s->bad_nonces > 0) {
        s->bad_nonces--;
        refused = true;
        out.status = 400;
        out.body = IC_VIEW_STR("{\"type\":\"urn:ietf:params:acme:error:badNonce\"}");
    } else if (strcmp(path, "/nonce") == 0) {
        out.status = 200;
    } else {
        right_answer(s, path, &out);
    }
    if (post || strcmp(path, "/nonce") == 0) {
        snprintf(nonce, sizeof nonce, "nonce-%u", ++s->nonce);
        out.nonce = nonce;
        s->nonce_out = true;
    }
    if (!refused)
        lie(s, path, &out);
    ic_acme_answer(s->acme, &out, s->now_ms);
}

static enum ic_acme_step drive(struct script *s)
{
    struct ic_acme_request r;
    uint64_t wait_ms;
    struct ic_acme_challenge c;
    for (int i = 0; i < 2000 && !ic_test_failed(); i++) {
        enum ic_acme_step step = ic_acme_next(s->acme, s->now_ms, &r, &wait_ms);
        if (step == IC_ACME_SEND) {
            serve(s, &r);
        } else if (step == IC_ACME_WAIT) {
            s->waits++;
            s->now_ms += wait_ms;
        } else if (step == IC_ACME_CHALLENGE) {
            ic_acme_challenge(s->acme, &c);
            if (strcmp(c.token, SCRIPT_TOKEN) != 0 || strcmp(c.name, "ana@ring.example") != 0)
                ic_test_fail(__FILE__, __LINE__, "another challenge");
            if (s->give_up)
                ic_acme_give_up(s->acme, "nobody is there");
            else if (ic_acme_respond(s->acme, IC_VIEW_STR("{\"token\":\"enrolment\"}")) != IC_OK)
                ic_test_fail(__FILE__, __LINE__, "no response");
        } else {
            return step;
        }
    }
    ic_test_fail(__FILE__, __LINE__, "it does not end");
    return 0;
}

static bool open_acme(struct script *s)
{
    const struct ic_acme_config c = {.key = s->account_key->key,
                                     .directory = SCRIPT_HOST "/directory",
                                     .challenge = "incamera-token-01"};
    ic_acme_free(s->acme);
    s->acme = NULL;
    return ic_acme_new(&c, &s->acme) == IC_OK;
}

enum ic_acme_step script_order(struct script *s)
{
    const struct ic_acme_name name = {"email", "ana@ring.example"};
    if (!open_acme(s) || ic_acme_order(s->acme, &name, 1, ic_buf_view(&s->csr)) != IC_OK)
        return 0;
    return drive(s);
}

enum ic_acme_step script_revoke(struct script *s)
{
    if (!open_acme(s) || ic_acme_revoke(s->acme, s->certificate, 4) != IC_OK)
        return 0;
    return drive(s);
}
