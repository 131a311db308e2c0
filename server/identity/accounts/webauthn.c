#include "identity/accounts/webauthn.h"
#include "identity/accounts/webauthn_data.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <ic/base/text.h>
#include <ic/crypto/hash.h>
#include <jansson.h>
#include <string.h>

/* Flags of authenticator data, section 6.1. */
enum {
    PRESENT = 0x01,
    VERIFIED = 0x04,
    MAY_BE_BACKED_UP = 0x08,
    BACKED_UP = 0x10,
    HAS_KEY = 0x40,
    CLIENT_MAX = 4096,
    SIGNATURE_MAX = 1024,
    USER_MAX = 64,
};

void icd_webauthn_sent_clear(struct icd_webauthn_sent *s)
{
    ic_buf_clear(&s->id);
    ic_buf_clear(&s->client);
    ic_buf_clear(&s->data);
    ic_buf_clear(&s->signature);
    ic_buf_clear(&s->user);
}

/* ---- what was sent ---- */

static ic_err take(const json_t *o, const char *key, size_t max, struct ic_buf *out)
{
    const json_t *v = json_object_get(o, key);
    ic_buf_init(out, max);
    if (!json_is_string(v))
        return IC_ERR_MALFORMED;
    ic_err e =
        ic_base64_decode(IC_BASE64_URL, ic_view(json_string_value(v), json_string_length(v)), out);
    if (e != IC_OK)
        return e == IC_ERR_NOMEM ? e : IC_ERR_MALFORMED;
    return out->len ? IC_OK : IC_ERR_MALFORMED;
}

static json_t *object_of(struct ic_view text)
{
    json_t *o = json_loadb((const char *)text.p, text.len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(o))
        return o;
    json_decref(o);
    return NULL;
}

/* The challenge says which beginning this answers: the caller looks it up before anything is verified. */
static ic_err take_challenge(struct icd_webauthn_sent *s)
{
    json_t *o = object_of(ic_buf_view(&s->client));
    const json_t *v = json_object_get(o, "challenge");
    size_t n = json_string_length(v);
    bool ok = json_is_string(v) && n > 0 && n <= ICD_WEBAUTHN_CHALLENGE_MAX &&
              strlen(json_string_value(v)) == n;
    if (ok)
        memcpy(s->challenge, json_string_value(v), n + 1);
    json_decref(o);
    return ok ? IC_OK : IC_ERR_MALFORMED;
}

static ic_err take_parts(const json_t *o, bool login, struct icd_webauthn_sent *s)
{
    const json_t *type = json_object_get(o, "type"), *r = json_object_get(o, "response");
    const json_t *user = json_object_get(r, "userHandle");
    if (!json_is_string(type) || strcmp(json_string_value(type), "public-key") != 0)
        return IC_ERR_MALFORMED;
    IC_TRY(take(o, "id", ICD_WEBAUTHN_ID_MAX, &s->id));
    IC_TRY(take(r, "clientDataJSON", CLIENT_MAX, &s->client));
    IC_TRY(take(r, "authenticatorData", ICD_WEBAUTHN_DATA_MAX, &s->data));
    if (login)
        IC_TRY(take(r, "signature", SIGNATURE_MAX, &s->signature));
    if (login && user && !json_is_null(user))
        IC_TRY(take(r, "userHandle", USER_MAX, &s->user));
    return take_challenge(s);
}

static ic_err parse(struct ic_view json, bool login, struct icd_webauthn_sent *out)
{
    struct icd_webauthn_sent s = {0};
    json_t *o = object_of(json);
    ic_err e = o ? take_parts(o, login, &s) : IC_ERR_MALFORMED;
    json_decref(o);
    if (e == IC_OK)
        *out = s;
    else
        icd_webauthn_sent_clear(&s);
    return e;
}

ic_err icd_webauthn_made_parse(struct ic_view json, struct icd_webauthn_sent *out)
{
    return parse(json, false, out);
}

ic_err icd_webauthn_login_parse(struct ic_view json, struct icd_webauthn_sent *out)
{
    return parse(json, true, out);
}

/* ---- what both ways have in common ---- */

static bool is(const json_t *o, const char *key, const char *text)
{
    const json_t *v = json_object_get(o, key);
    return json_is_string(v) && strcmp(json_string_value(v), text) == 0;
}

static const char *judge_client(const struct icd_webauthn_site *site, struct ic_view client,
                                const char *type)
{
    json_t *o = object_of(client);
    const char *why = "the passkey answers another page than this one";
    for (size_t i = 0; i < site->origin_count; i++)
        if (is(o, "origin", site->origins[i]))
            why = NULL;
    if (!is(o, "type", type))
        why = "the passkey's answer is to another question";
    if (json_is_true(json_object_get(o, "crossOrigin")))
        why = "the passkey was asked from inside another site";
    json_decref(o);
    return why;
}

static const char *judge_data(const struct icd_webauthn_site *site, struct ic_view data)
{
    uint8_t hash[IC_HASH_MAX];
    if (!icd_webauthn_data_fit(data))
        return "the authenticator's data are cut short, or too long";
    ic_hash_once(IC_SHA256, ic_view_cstr(site->rp_id), hash);
    if (memcmp(data.p, hash, 32) != 0)
        return "the passkey is of another site";
    uint8_t flags = data.p[32];
    if (!(flags & PRESENT) || !(flags & VERIFIED))
        return "the authenticator did not verify who uses it";
    if ((flags & BACKED_UP) && !(flags & MAY_BE_BACKED_UP))
        return "the authenticator contradicts itself";
    return NULL;
}

/* ---- a new one ---- */

static bool read_key(struct ic_view data, struct ic_view id, int algorithm,
                     struct icd_webauthn_key *out)
{
    fido_cred_t *c = fido_cred_new();
    bool ok = c && fido_cred_set_type(c, algorithm) == FIDO_OK &&
              fido_cred_set_authdata_raw(c, data.p, data.len) == FIDO_OK &&
              ic_view_equal(ic_view(fido_cred_id_ptr(c), fido_cred_id_len(c)), id) &&
              fido_cred_pubkey_len(c) > 0 && fido_cred_pubkey_len(c) <= ICD_WEBAUTHN_KEY_MAX;
    if (ok) {
        out->algorithm = algorithm;
        out->len = fido_cred_pubkey_len(c);
        memcpy(out->b, fido_cred_pubkey_ptr(c), out->len);
        out->counter = ic_load_u32(data.p + 33);
    }
    fido_cred_free(&c);
    return ok;
}

ic_err icd_webauthn_made_verify(const struct icd_webauthn_site *site,
                                const struct icd_webauthn_sent *s, struct icd_webauthn_key *out,
                                const char **why)
{
    static const int algorithms[] = {COSE_ES256, COSE_EDDSA, COSE_RS256};
    struct ic_view data = ic_buf_view(&s->data);
    const char *fault = judge_client(site, ic_buf_view(&s->client), "webauthn.create");
    if (!fault)
        fault = judge_data(site, data);
    if (!fault && !(data.p[32] & HAS_KEY))
        fault = "the authenticator sent no key";
    if (fault) {
        *why = fault;
        return IC_ERR_RULE;
    }
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        struct icd_webauthn_key key = {0};
        if (read_key(data, ic_buf_view(&s->id), algorithms[i], &key)) {
            *out = key;
            return IC_OK;
        }
    }
    *why = "the authenticator's key is of no kind that is known here";
    return IC_ERR_UNSUPPORTED;
}

/* ---- a sign-in ---- */

static fido_assert_t *assertion(const struct icd_webauthn_site *site,
                                const struct icd_webauthn_sent *s)
{
    uint8_t hash[IC_HASH_MAX];
    fido_assert_t *a = fido_assert_new();
    ic_hash_once(IC_SHA256, ic_buf_view(&s->client), hash);
    if (a && fido_assert_set_clientdata_hash(a, hash, 32) == FIDO_OK &&
        fido_assert_set_rp(a, site->rp_id) == FIDO_OK && fido_assert_set_count(a, 1) == FIDO_OK &&
        fido_assert_set_authdata_raw(a, 0, s->data.p, s->data.len) == FIDO_OK &&
        fido_assert_set_up(a, FIDO_OPT_TRUE) == FIDO_OK &&
        fido_assert_set_uv(a, FIDO_OPT_TRUE) == FIDO_OK &&
        fido_assert_set_sig(a, 0, s->signature.p, s->signature.len) == FIDO_OK)
        return a;
    fido_assert_free(&a);
    return NULL;
}

static bool verify_es256(const fido_assert_t *a, const struct icd_webauthn_key *key)
{
    es256_pk_t *pk = es256_pk_new();
    bool ok = pk && es256_pk_from_ptr(pk, key->b, key->len) == FIDO_OK &&
              fido_assert_verify(a, 0, COSE_ES256, pk) == FIDO_OK;
    es256_pk_free(&pk);
    return ok;
}

static bool verify_eddsa(const fido_assert_t *a, const struct icd_webauthn_key *key)
{
    eddsa_pk_t *pk = eddsa_pk_new();
    bool ok = pk && eddsa_pk_from_ptr(pk, key->b, key->len) == FIDO_OK &&
              fido_assert_verify(a, 0, COSE_EDDSA, pk) == FIDO_OK;
    eddsa_pk_free(&pk);
    return ok;
}

static bool verify_rs256(const fido_assert_t *a, const struct icd_webauthn_key *key)
{
    rs256_pk_t *pk = rs256_pk_new();
    bool ok = pk && rs256_pk_from_ptr(pk, key->b, key->len) == FIDO_OK &&
              fido_assert_verify(a, 0, COSE_RS256, pk) == FIDO_OK;
    rs256_pk_free(&pk);
    return ok;
}

static bool verify_signature(const fido_assert_t *a, const struct icd_webauthn_key *key)
{
    switch (key->algorithm) {
    case COSE_ES256:
        return verify_es256(a, key);
    case COSE_EDDSA:
        return verify_eddsa(a, key);
    case COSE_RS256:
        return verify_rs256(a, key);
    default:
        return false;
    }
}

ic_err icd_webauthn_login_verify(const struct icd_webauthn_site *site,
                                 const struct icd_webauthn_sent *s,
                                 const struct icd_webauthn_key *key, uint32_t *counter,
                                 const char **why)
{
    struct ic_view data = ic_buf_view(&s->data);
    const char *fault = judge_client(site, ic_buf_view(&s->client), "webauthn.get");
    if (!fault)
        fault = judge_data(site, data);
    if (fault) {
        *why = fault;
        return IC_ERR_RULE;
    }
    fido_assert_t *a = assertion(site, s);
    bool ok = a && verify_signature(a, key);
    fido_assert_free(&a);
    *why = "the passkey's signature does not verify";
    if (!ok)
        return IC_ERR_SIGNATURE;
    uint32_t count = ic_load_u32(data.p + 33);
    *why = "there is a copy of this authenticator";
    if ((count || key->counter) && count <= key->counter)
        return IC_ERR_REPLAY;
    *counter = count;
    return IC_OK;
}
