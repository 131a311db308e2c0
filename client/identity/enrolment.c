#include "identity/enrolment.h"

#include "identity/profile.h"

#include <ic/base/json.h>
#include <ic/base/text.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 8192 };

static bool take(const json_t *o, const char *member, char *out, size_t len)
{
    const json_t *v = json_object_get(o, member);
    size_t n = json_string_length(v);
    if (!json_is_string(v) || n >= len || !ic_view_is_text(ic_view(json_string_value(v), n)))
        return false;
    memcpy(out, json_string_value(v), n + 1);
    return true;
}

static ic_err take_key(const json_t *o, struct ic_sign_key **out)
{
    const json_t *v = json_object_get(o, "account_key");
    struct ic_buf raw = {.max = IC_SECRET_MAX};
    IC_TRY(ic_buf_reserve(&raw, IC_SECRET_MAX));
    ic_err e = json_is_string(v)
                   ? ic_hex_decode(ic_view(json_string_value(v), json_string_length(v)), &raw)
                   : IC_ERR_MALFORMED;
    if (e == IC_OK)
        e = ic_sign_key_import(IC_ECDSA_P256_SHA256, ic_buf_view(&raw), out);
    ic_buf_clear_secret(&raw);
    return e;
}

static ic_err take_all(const json_t *o, struct icc_enrolment *e)
{
    if (json_integer_value(json_object_get(o, "version")) != 1 ||
        !take(o, "server", e->server, sizeof e->server) ||
        !take(o, "directory", e->directory, sizeof e->directory) ||
        !take(o, "email", e->email, sizeof e->email) || !take(o, "name", e->name, sizeof e->name) ||
        !take(o, "device", e->device, sizeof e->device) ||
        !take(o, "known", e->known, sizeof e->known))
        return IC_ERR_MALFORMED;
    IC_TRY(ic_meeting_server_parse(ic_view_cstr(e->server), &e->url));
    return take_key(o, &e->account);
}

ic_err icc_enrolment_load(struct icc_enrolment *out, char *why, size_t why_len)
{
    struct ic_buf text = {.max = FILE_MAX};
    struct icc_enrolment e = {.server = ""};
    ic_err err = ic_buf_reserve(&text, FILE_MAX); /* so that nothing of the key stays behind */
    if (err == IC_OK)
        err = icc_profile_read("enrolment.json", &text);
    json_t *o = err == IC_OK ? json_loadb((const char *)text.p, text.len, 0, NULL) : NULL;
    if (err == IC_OK)
        err = take_all(o, &e);
    json_decref(o);
    ic_buf_clear_secret(&text);
    if (err == IC_OK) {
        *out = e;
        return IC_OK;
    }
    icc_enrolment_clear(&e);
    if (err == IC_ERR_NOT_FOUND)
        snprintf(why, why_len, "%s",
                 "this device is not enrolled: `incamera identity enrol https://SERVER` does that");
    else
        snprintf(why, why_len, "enrolment.json in the profile is not understood: %s",
                 ic_err_text(err));
    return err;
}

ic_err icc_enrolment_save(const struct icc_enrolment *e)
{
    IC_SECRET_SCOPE(raw);
    char hex[2 * IC_SECRET_MAX + 1];
    struct ic_buf text = {.max = FILE_MAX};
    IC_TRY(ic_sign_key_export(e->account, &raw));
    IC_TRY(ic_buf_reserve(&text, FILE_MAX));
    ic_hex_encode(ic_secret_view(&raw), hex);
    struct ic_json j = ic_json(&text);
    ic_json_object(&j, NULL);
    ic_json_uint(&j, "version", 1);
    ic_json_cstr(&j, "server", e->server);
    ic_json_cstr(&j, "directory", e->directory);
    ic_json_cstr(&j, "email", e->email);
    ic_json_cstr(&j, "name", e->name);
    ic_json_cstr(&j, "device", e->device);
    ic_json_cstr(&j, "known", e->known);
    ic_json_cstr(&j, "account_key", hex);
    ic_json_object_end(&j);
    ic_err err = ic_json_end(&j);
    ic_wipe(hex, sizeof hex);
    if (err == IC_OK)
        err = icc_profile_write("enrolment.json", ic_buf_view(&text));
    ic_buf_clear_secret(&text);
    return err;
}

void icc_enrolment_clear(struct icc_enrolment *e)
{
    ic_sign_key_free(e->account);
    ic_wipe(e, sizeof *e);
}
