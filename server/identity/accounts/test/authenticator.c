#include "identity/accounts/test/authenticator.h"

#include <ic/base/buf.h>
#include <ic/base/text.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HAS_KEY = 0x40 };

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "authenticator: %s\n", what);
    abort();
}

static void put(struct ic_buf *b, const void *p, size_t n)
{
    must(ic_buf_append(b, ic_view(p, n)) == IC_OK, "memory");
}

void authenticator_open(struct authenticator *a, enum authenticator_kind kind, const char *rp_id,
                        const char *origin)
{
    static uint8_t next;
    *a = (struct authenticator){.kind = kind, .rp_id = rp_id, .origin = origin, .flags = 0x05};
    a->key = kind == AUTHENTICATOR_ES256   ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256")
             : kind == AUTHENTICATOR_EDDSA ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
                                           : EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    must(a->key != NULL, "a key");
    memset(a->id, ++next, sizeof a->id);
}

void authenticator_close(struct authenticator *a)
{
    EVP_PKEY_free(a->key);
}

/* ---- what is signed ---- */

static void cose_key(const struct authenticator *a, struct ic_buf *b)
{
    uint8_t raw[256];
    size_t n = sizeof raw;
    BIGNUM *modulus = NULL;
    switch (a->kind) {
    case AUTHENTICATOR_ES256: {
        uint8_t point[65];
        must(EVP_PKEY_get_octet_string_param(a->key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point,
                                             &n) == 1 &&
                 n == 65,
             "a point");
        put(b, "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", 10);
        put(b, point + 1, 32);
        put(b, "\x22\x58\x20", 3);
        put(b, point + 33, 32);
        break;
    }
    case AUTHENTICATOR_EDDSA:
        must(EVP_PKEY_get_raw_public_key(a->key, raw, &n) == 1, "a key");
        put(b, "\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20", 10);
        put(b, raw, 32);
        break;
    case AUTHENTICATOR_RS256:
        must(EVP_PKEY_get_bn_param(a->key, OSSL_PKEY_PARAM_RSA_N, &modulus) == 1, "a modulus");
        BN_bn2binpad(modulus, raw, sizeof raw);
        BN_free(modulus);
        put(b, "\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00", 11);
        put(b, raw, sizeof raw);
        put(b, "\x21\x43\x01\x00\x01", 5);
        break;
    }
}

static void data_of(const struct authenticator *a, bool making, struct ic_buf *b)
{
    uint8_t head[37];
    SHA256((const uint8_t *)a->rp_id, strlen(a->rp_id), head);
    head[32] = (uint8_t)(a->flags | (making ? HAS_KEY : 0));
    ic_store_u32(head + 33, a->counter);
    put(b, head, sizeof head);
    if (!making)
        return;
    uint8_t attested[18] = {[17] = sizeof a->id};
    put(b, attested, sizeof attested);
    put(b, a->id, sizeof a->id);
    cose_key(a, b);
}

static void sign(const struct authenticator *a, struct ic_view data, const char *client,
                 struct ic_buf *out)
{
    uint8_t hash[32], signature[512];
    size_t n = sizeof signature;
    IC_BUF_SCOPE(message, 4096);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    const EVP_MD *md = a->kind == AUTHENTICATOR_EDDSA ? NULL : EVP_sha256();
    SHA256((const uint8_t *)client, strlen(client), hash);
    put(&message, data.p, data.len);
    put(&message, hash, sizeof hash);
    must(c && EVP_DigestSignInit(c, NULL, md, NULL, a->key) == 1 &&
             EVP_DigestSign(c, signature, &n, message.p, message.len) == 1,
         "a signature");
    EVP_MD_CTX_free(c);
    if (a->spoil_signature)
        signature[n - 1] ^= 1;
    put(out, signature, n);
}

/* ---- as the browser hands it over ---- */

static void text_of(struct ic_view v, char *out, size_t room)
{
    must(ic_base64_len(IC_BASE64_URL, v.len) < room, "room");
    ic_base64_encode(IC_BASE64_URL, v, out);
}

static void client_of(const struct authenticator *a, const char *type, const char *challenge,
                      char *out, size_t room)
{
    snprintf(out, room,
             "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\",\"crossOrigin\":%s}",
             a->type ? a->type : type, challenge, a->origin, a->cross_origin ? "true" : "false");
}

char *authenticator_make(struct authenticator *a, const char *challenge)
{
    char client[1024], id[64], client_text[1400], data_text[1400], *json;
    IC_BUF_SCOPE(data, 1024);
    client_of(a, "webauthn.create", challenge, client, sizeof client);
    data_of(a, true, &data);
    text_of(IC_VIEW_ARRAY(a->id), id, sizeof id);
    text_of(ic_view_cstr(client), client_text, sizeof client_text);
    text_of(ic_buf_view(&data), data_text, sizeof data_text);
    must(asprintf(&json,
                  "{\"id\":\"%s\",\"rawId\":\"%s\",\"type\":\"public-key\",\"response\":{"
                  "\"clientDataJSON\":\"%s\",\"authenticatorData\":\"%s\","
                  "\"attestationObject\":\"oA\",\"transports\":[\"internal\"]}}",
                  id, id, client_text, data_text) > 0,
         "memory");
    return json;
}

char *authenticator_login(struct authenticator *a, const char *challenge)
{
    char client[1024], id[64], user[32], client_text[1400], data_text[128], signature_text[800],
        *json;
    IC_BUF_SCOPE(data, 1024);
    IC_BUF_SCOPE(signature, 512);
    a->counter += a->counter != 0;
    client_of(a, "webauthn.get", challenge, client, sizeof client);
    data_of(a, false, &data);
    sign(a, ic_buf_view(&data), client, &signature);
    text_of(IC_VIEW_ARRAY(a->id), id, sizeof id);
    text_of(IC_VIEW_ARRAY(a->user), user, sizeof user);
    text_of(ic_view_cstr(client), client_text, sizeof client_text);
    text_of(ic_buf_view(&data), data_text, sizeof data_text);
    text_of(ic_buf_view(&signature), signature_text, sizeof signature_text);
    must(asprintf(&json,
                  "{\"id\":\"%s\",\"rawId\":\"%s\",\"type\":\"public-key\",\"response\":{"
                  "\"clientDataJSON\":\"%s\",\"authenticatorData\":\"%s\",\"signature\":\"%s\""
                  "%s%s%s}}",
                  id, id, client_text, data_text, signature_text,
                  a->no_user ? "" : ",\"userHandle\":\"", a->no_user ? "" : user,
                  a->no_user ? "" : "\"") > 0,
         "memory");
    return json;
}
