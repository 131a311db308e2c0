#include "identity/acme/test/town.h"

#include <ic/base/test.h>
#include <ic/base/text.h>
#include <ic/crypto/hash.h>
#include <ic/pki/csr.h>
#include <ic/pki/issue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIFE_S = 604800 };
struct neighbours neighbours;

/* ---- the neighbours ---- */

static ic_err redeem(struct icd_identity *id, struct ic_view token, struct ic_view thumbprint,
                     struct icd_acme_person *out, const char **why)
{
    (void)id;
    if (thumbprint.len != ICD_ACME_THUMBPRINT || !ic_view_equal(token, IC_VIEW_STR("good"))) {
        *why = "this enrolment token is unknown";
        return IC_ERR_DENIED;
    }
    neighbours.redeemed++;
    *out = (struct icd_acme_person){.user = "uuuuuuuuuuuuuuuuuuuuuu",
                                    .device = "dddddddddddddddddddddd"};
    snprintf(out->email, sizeof out->email, "%s", neighbours.email);
    return IC_OK;
}

static ic_err device_check(struct icd_identity *id, const char *device, struct icd_acme_person *out)
{
    (void)id;
    if (strcmp(device, "dddddddddddddddddddddd") != 0)
        return IC_ERR_NOT_FOUND;
    *out = (struct icd_acme_person){.user = "uuuuuuuuuuuuuuuuuuuuuu",
                                    .device = "dddddddddddddddddddddd"};
    snprintf(out->email, sizeof out->email, "%s", neighbours.email);
    return neighbours.device;
}

/* Two organisations: ring.example, and whatever else ends in .example. */
static ic_err domain_owner(struct icd_identity *id, const char *host, int64_t *org)
{
    size_t n = strlen(host);
    (void)id;
    if (neighbours.no_domains || n <= 8 || strcmp(host + n - 8, ".example") != 0)
        return IC_ERR_NOT_FOUND;
    *org = strstr(host, "ring.example") ? 1 : 2;
    return IC_OK;
}

static ic_err pem(struct ic_view der, struct ic_buf *out)
{
    char text[4096];
    ic_base64_encode(IC_BASE64_STD, der, text);
    IC_TRY(ic_buf_append(out, IC_VIEW_STR("-----BEGIN CERTIFICATE-----\n")));
    IC_TRY(ic_buf_append(out, ic_view_cstr(text)));
    return ic_buf_append(out, IC_VIEW_STR("\n-----END CERTIFICATE-----\n"));
}

static ic_err issue(struct icd_identity *id, const struct icd_acme_wish *wish,
                    struct icd_acme_issued *out, const char **why)
{
    const uint8_t serial[4] = {1, 2, 3, (uint8_t)(neighbours.issued + 1)};
    struct ic_pki_name names[ICD_ACME_NAMES];
    struct ic_pki_cert root;
    int64_t now = (int64_t)(id->now_ms / 1000);
    IC_BUF_SCOPE(root_der, IC_PKI_CERT_MAX);
    IC_BUF_SCOPE(leaf, IC_PKI_CERT_MAX);
    *why = "the authority of the test says no";
    if (neighbours.issuing != IC_OK)
        return neighbours.issuing;
    struct ic_pki_issue r = {.profile = IC_PKI_ROOT,
                             .serial = ic_view(serial, 1),
                             .subject = {.common_name = IC_VIEW_STR("Root")},
                             .not_before = now - 10,
                             .not_after = now + LIFE_S};
    IC_TRY(ic_pki_issue(&r, NULL, neighbours.root, &root_der));
    IC_TRY(ic_pki_cert_decode(ic_buf_view(&root_der), &root, NULL));
    for (size_t i = 0; i < wish->names->count; i++)
        names[i] = (struct ic_pki_name){
            wish->names->list[i].kind == ICD_ACME_DNS ? IC_PKI_NAME_DNS : IC_PKI_NAME_EMAIL,
            ic_view_cstr(wish->names->list[i].text)};
    r = (struct ic_pki_issue){.profile = wish->user[0] ? IC_PKI_PERSON : IC_PKI_DEVICE,
                              .serial = ic_view(serial, sizeof serial),
                              .subject = {.common_name = IC_VIEW_STR("Leaf")},
                              .names = names,
                              .name_count = wish->names->count,
                              .not_before = now - 10,
                              .not_after = now + LIFE_S,
                              .key_info = wish->key_info};
    IC_TRY(ic_pki_issue(&r, &root, neighbours.root, &leaf));
    ic_hex_encode(ic_view(serial, sizeof serial), out->serial);
    ic_hash_once(IC_SHA256, ic_buf_view(&leaf), out->hash);
    out->not_after = now + LIFE_S;
    ic_buf_clear(&neighbours.chain);
    ic_buf_init(&neighbours.chain, 65536);
    neighbours.issued++;
    IC_TRY(pem(ic_buf_view(&leaf), &neighbours.chain));
    return pem(ic_buf_view(&root_der), &neighbours.chain);
}

/* Of the last one. */
static ic_err chain(struct icd_identity *id, const char *serial, struct ic_buf *out)
{
    (void)id, (void)serial;
    return ic_buf_append(out, ic_buf_view(&neighbours.chain));
}

static ic_err revoke_serial(struct icd_identity *id, const char *serial, int reason)
{
    (void)id, (void)serial, (void)reason;
    return neighbours.revoked++ ? IC_ERR_STATE : IC_OK;
}

static const struct icd_acme_others played = {redeem, device_check, domain_owner,
                                              issue,  chain,        revoke_serial};

/* ---- the town ---- */

void town_open_bare(struct town *t)
{
    struct ic_rand rand = ic_test_os_rand();
    *t = (struct town){0};
    neighbours = (struct neighbours){.email = "ana@ring.example"};
    icd_identity_config_default(&t->w.config);
    strcpy(t->w.config.base_url, "https://id.example.org");
    strcpy(t->w.config.resolver, "127.0.0.1:9"); /* nobody answers */
    world_open_with(&t->w);
    t->w.id->acme->others = &played;
    t->key = signer_new(ICD_ACME_ES256);
    ic_buf_init(&t->body, 1 << 20);
    if (ic_sign_key_generate(IC_ECDSA_P256_SHA256, &rand, &neighbours.root) != IC_OK)
        abort();
}

void town_open(struct town *t)
{
    town_open_bare(t);
    if (town_join(t, &t->key, t->kid) != 201)
        abort();
}

void town_close(struct town *t)
{
    ic_sign_key_free(neighbours.root);
    neighbours.root = NULL;
    ic_buf_clear(&neighbours.chain);
    signer_free(&t->key);
    ic_buf_clear(&t->body);
    world_close(&t->w);
}

int town_send(struct town *t, const char *path, const char *type)
{
    char full[ICD_ACME_URL];
    const char *behind =
        strncmp(path, town_base, sizeof town_base - 1) == 0 ? path + sizeof town_base - 1 : path;
    snprintf(full, sizeof full, "/acme/%s", behind);
    int status = world_call_bytes(&t->w, "POST", full, "", type, ic_buf_view(&t->body));
    snprintf(t->nonce, sizeof t->nonce, "%s", world_header(&t->w, "replay-nonce:"));
    snprintf(t->location, sizeof t->location, "%s", world_header(&t->w, "location:"));
    return status;
}

int town_post_as(struct town *t, const char *path, const struct signer *key,
                 const struct signed_request *given)
{
    struct signed_request r = *given;
    char url[ICD_ACME_URL];
    bool whole = strncmp(path, town_base, sizeof town_base - 1) == 0;
    snprintf(url, sizeof url, "%s%s", whole ? "" : town_base, path);
    if (!t->nonce[0]) {
        world_call(&t->w, "HEAD", "/acme/new-nonce", "", "");
        snprintf(t->nonce, sizeof t->nonce, "%s", world_header(&t->w, "replay-nonce:"));
    }
    if (!r.url)
        r.url = url;
    if (!r.nonce)
        r.nonce = t->nonce;
    signer_sign(key, &r, &t->body);
    return town_send(t, path, "application/jose+json");
}

int town_post(struct town *t, const char *path, const char *payload)
{
    return town_post_as(t, path, &t->key,
                        &(struct signed_request){.kid = t->kid, .payload = payload});
}

int town_join(struct town *t, const struct signer *key, char kid[ICD_ACME_URL])
{
    int status = town_post_as(t, "new-account", key, &(struct signed_request){.payload = "{}"});
    snprintf(kid, ICD_ACME_URL, "%s", t->location);
    return status;
}

/* ---- what it answered ---- */

const char *town_text(const struct town *t, const char *field)
{
    return world_text(&t->w, field);
}

const char *town_error(const struct town *t)
{
    static const char urn[] = "urn:ietf:params:acme:error:";
    const char *type = town_text(t, "type");
    return strncmp(type, urn, sizeof urn - 1) == 0 ? type + sizeof urn - 1 : "";
}

const char *town_detail(const struct town *t)
{
    return town_text(t, "detail");
}

const char *town_item(const struct town *t, const char *field, size_t i)
{
    const char *s = json_string_value(json_array_get(json_object_get(t->w.answer, field), i));
    return s ? s : "";
}

const char *town_challenge(const struct town *t, const char *type, const char *field)
{
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(t->w.answer, "challenges"), i, c)
    {
        const char *of = json_string_value(json_object_get(c, "type"));
        const char *value = json_string_value(json_object_get(c, field));
        if (of && strcmp(of, type) == 0)
            return value ? value : "";
    }
    return "";
}

/* ---- requests for certificates ---- */

static size_t take_names(char *text, struct ic_pki_name *out)
{
    size_t n = 0;
    for (char *at = strtok(text, " "); at; at = strtok(NULL, " ")) {
        char *value = strchr(at, ':') + 1;
        out[n].kind = at[0] == 'd'   ? IC_PKI_NAME_DNS
                      : at[0] == 'e' ? IC_PKI_NAME_EMAIL
                                     : IC_PKI_NAME_URI;
        out[n++].value = ic_view_cstr(value);
    }
    return n;
}

void town_csr(struct town *t, const char *names, const char *cn, char *out, size_t cap)
{
    struct ic_rand rand = ic_test_os_rand();
    struct ic_sign_key *key = NULL;
    struct ic_pki_name list[40];
    char text[1024], encoded[4096];
    IC_BUF_SCOPE(der, IC_PKI_CSR_MAX);
    (void)t;
    snprintf(text, sizeof text, "%s", names);
    struct ic_pki_csr_spec spec = {.subject = {.common_name = ic_view_cstr(cn)}, .names = list};
    spec.name_count = take_names(text, list);
    if (ic_sign_key_generate(IC_ECDSA_P256_SHA256, &rand, &key) != IC_OK ||
        ic_pki_csr_make(&spec, key, &der) != IC_OK)
        abort();
    ic_sign_key_free(key);
    ic_base64_encode(IC_BASE64_URL, ic_buf_view(&der), encoded);
    snprintf(out, cap, "{\"csr\":\"%s\"}", encoded);
}

void town_ready(struct town *t, char order[ICD_ACME_URL], char finalize[ICD_ACME_URL])
{
    char authz[ICD_ACME_URL], challenge[ICD_ACME_URL];
    if (town_post(t, "new-order",
                  "{\"identifiers\":[{\"type\":\"email\",\"value\":\"ana@ring.example\"}]}") != 201)
        abort();
    snprintf(order, ICD_ACME_URL, "%s", t->location);
    snprintf(finalize, ICD_ACME_URL, "%s", town_text(t, "finalize"));
    snprintf(authz, sizeof authz, "%s", town_item(t, "authorizations", 0));
    if (town_post(t, authz, "") != 200)
        abort();
    snprintf(challenge, sizeof challenge, "%s", town_challenge(t, "incamera-token-01", "url"));
    if (strcmp(town_text(t, "status"), "valid") != 0 &&
        town_post(t, challenge, "{\"token\":\"good\"}") != 200)
        abort();
}

/* ---- the database ---- */

void town_sql(struct town *t, const char *sql)
{
    if (icd_id_write(t->w.id) != IC_OK ||
        icd_store_exec(t->w.id->store, sql, NULL, ICD_NO_PARAMS) != IC_OK)
        abort();
    icd_identity_flush(t->w.id);
}

int64_t town_count(struct town *t, const char *sql)
{
    int64_t n = -1;
    if (icd_store_int(t->w.id->store, sql, &n, ICD_NO_PARAMS) != IC_OK)
        abort();
    return n;
}
