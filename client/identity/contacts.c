#include "identity/contacts.h"

#include "identity/profile.h"

#include <ctype.h>
#include <ic/base/json.h>
#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = ICC_PROFILE_FILE_MAX, HASH = 32 };

static const char *const hows[] = {"", "in person", "code"};

void icc_key_code(const uint8_t key_hash[HASH], char out[ICC_KEY_CODE])
{
    char hex[2 * HASH + 1], *p = out;
    ic_hex_encode(ic_view(key_hash, HASH), hex);
    for (size_t i = 0; i < 2 * HASH; i++) {
        if (i && i % 4 == 0)
            *p++ = ' ';
        *p++ = hex[i];
    }
    *p = 0;
}

bool icc_key_code_parse(const char *text, uint8_t key_hash[HASH])
{
    char hex[2 * HASH];
    size_t n = 0;
    for (; *text; text++) {
        if (strchr(" :-\t", *text))
            continue;
        if (n == sizeof hex)
            return false;
        hex[n++] = (char)tolower((unsigned char)*text);
    }
    IC_BUF_SCOPE(raw, HASH);
    if (n != sizeof hex || ic_hex_decode(ic_view(hex, n), &raw) != IC_OK)
        return false;
    memcpy(key_hash, raw.p, HASH);
    return true;
}

static bool take_text(const json_t *v, char out[ICC_CONTACT_TEXT])
{
    size_t n = json_string_length(v);
    if (!json_is_string(v) || n >= ICC_CONTACT_TEXT ||
        !ic_view_is_text(ic_view(json_string_value(v), n)))
        return false;
    memcpy(out, json_string_value(v), n + 1);
    return true;
}

static bool take(const json_t *o, struct icc_contact *c)
{
    const char *how = json_string_value(json_object_get(o, "how"));
    const char *key = json_string_value(json_object_get(o, "key"));
    const json_t *address = json_object_get(o, "address"), *time = json_object_get(o, "time");
    *c = (struct icc_contact){.how = ICC_CONTACT_IN_PERSON};
    if (!take_text(json_object_get(o, "name"), c->name) || !c->name[0] ||
        (address && !take_text(address, c->address)) || !key ||
        !icc_key_code_parse(key, c->key_hash) || !json_is_integer(time))
        return false;
    c->time_s = (int64_t)json_integer_value(time);
    if (how && strcmp(how, hows[ICC_CONTACT_CODE]) == 0)
        c->how = ICC_CONTACT_CODE;
    return how && strcmp(how, hows[c->how]) == 0;
}

ic_err icc_contacts_parse(struct ic_view json, struct icc_contacts *out)
{
    struct icc_contacts all = {0};
    struct icc_contact one;
    size_t i;
    json_t *v, *o = json_loadb((const char *)json.p, json.len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *list = json_object_get(o, "contacts");
    ic_err e = json_is_array(list) && json_integer_value(json_object_get(o, "version")) == 1
                   ? IC_OK
                   : IC_ERR_MALFORMED;
    json_array_foreach(list, i, v)
    {
        if (e == IC_OK)
            e = take(v, &one) ? icc_contacts_put(&all, &one) : IC_ERR_MALFORMED;
    }
    json_decref(o);
    if (e != IC_OK) {
        icc_contacts_clear(&all);
        return e;
    }
    *out = all;
    return IC_OK;
}

ic_err icc_contacts_write(const struct icc_contacts *c, struct ic_buf *out)
{
    struct ic_json j = ic_json(out);
    ic_json_object(&j, NULL);
    ic_json_uint(&j, "version", 1);
    ic_json_array(&j, "contacts");
    for (size_t i = 0; i < c->count; i++) {
        const struct icc_contact *k = &c->list[i];
        ic_json_object(&j, NULL);
        ic_json_cstr(&j, "name", k->name);
        ic_json_cstr(&j, "address", k->address);
        ic_json_hex(&j, "key", ic_view(k->key_hash, HASH));
        ic_json_cstr(&j, "how", hows[k->how]);
        ic_json_int(&j, "time", k->time_s);
        ic_json_object_end(&j);
    }
    ic_json_array_end(&j);
    ic_json_object_end(&j);
    return ic_json_end(&j);
}

ic_err icc_contacts_load(struct icc_contacts *out, char *why, size_t why_len)
{
    IC_BUF_SCOPE(text, FILE_MAX);
    ic_err e = icc_profile_read("contacts.json", &text);
    if (e == IC_ERR_NOT_FOUND) {
        *out = (struct icc_contacts){0};
        return IC_OK;
    }
    if (e == IC_OK)
        e = icc_contacts_parse(ic_buf_view(&text), out);
    if (e != IC_OK)
        snprintf(why, why_len, "contacts.json in the profile is not understood: %s",
                 ic_err_text(e));
    return e;
}

ic_err icc_contacts_save(const struct icc_contacts *c)
{
    IC_BUF_SCOPE(text, FILE_MAX);
    IC_TRY(icc_contacts_write(c, &text));
    return icc_profile_write("contacts.json", ic_buf_view(&text));
}

void icc_contacts_clear(struct icc_contacts *c)
{
    ic_free(c->list);
    *c = (struct icc_contacts){0};
}

ic_err icc_contacts_put(struct icc_contacts *c, const struct icc_contact *contact)
{
    if (!contact->name[0] || !ic_view_is_text(ic_view_cstr(contact->name)) ||
        !ic_view_is_text(ic_view_cstr(contact->address)))
        return IC_ERR_ARG;
    size_t i = 0;
    while (i < c->count && memcmp(c->list[i].key_hash, contact->key_hash, HASH) != 0)
        i++;
    if (i == ICC_CONTACTS_MAX)
        return IC_ERR_LIMIT;
    if (i == c->count) {
        struct icc_contact *list = ic_realloc(c->list, c->count + 1, sizeof *list);
        if (!list)
            return IC_ERR_NOMEM;
        c->list = list;
        c->count++;
    }
    c->list[i] = *contact;
    return IC_OK;
}

size_t icc_contacts_remove(struct icc_contacts *c, const char *who)
{
    uint8_t hash[HASH];
    bool by_key = icc_key_code_parse(who, hash);
    size_t kept = 0, before = c->count;
    for (size_t i = 0; i < before; i++) {
        const struct icc_contact *k = &c->list[i];
        bool is =
            by_key ? memcmp(k->key_hash, hash, HASH) == 0
                   : strcmp(k->name, who) == 0 || (k->address[0] && strcmp(k->address, who) == 0);
        if (!is)
            c->list[kept++] = *k;
    }
    c->count = kept;
    return before - kept;
}
