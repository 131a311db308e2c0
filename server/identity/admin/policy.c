#include "identity/admin/policy.h"

#include <ic/base/mem.h>
#include <stddef.h>
#include <string.h>

/* One list for the database, the API and the bounds. */
static const struct row {
    const char *name;
    size_t at;
    bool number;
    uint32_t otherwise, min, max; /* of a number; 0 is allowed too where it is the default */
    const char *why;
} rows[] = {
    {"passwords", offsetof(struct icd_policy, passwords), false, 0, 0, 1, NULL},
    {"guests", offsetof(struct icd_policy, guests), false, 1, 0, 1, NULL},
    {"verified_members", offsetof(struct icd_policy, verified_members), false, 0, 0, 1, NULL},
    {"oidc_links_email", offsetof(struct icd_policy, oidc_links_email), false, 1, 0, 1, NULL},
    {"session_idle_s", offsetof(struct icd_policy, session_idle_s), true, 43200, 300, 2592000,
     "seconds from 300 (5 minutes) to 2592000 (30 days)"},
    {"session_s", offsetof(struct icd_policy, session_s), true, 604800, 600, 7776000,
     "seconds from 600 (10 minutes) to 7776000 (90 days)"},
    {"invitation_s", offsetof(struct icd_policy, invitation_s), true, 604800, 3600, 2592000,
     "seconds from 3600 (1 hour) to 2592000 (30 days)"},
    {"person_certificate_s", offsetof(struct icd_policy, person_certificate_s), true, 0, 3600,
     31622400, "seconds from 3600 (1 hour) to 31622400 (366 days), or 0: the server's"},
    {"device_certificate_s", offsetof(struct icd_policy, device_certificate_s), true, 0, 3600,
     34300800, "seconds from 3600 (1 hour) to 34300800 (397 days), or 0: the server's"},
};

static uint32_t value_of(const struct icd_policy *p, const struct row *r)
{
    const uint8_t *at = (const uint8_t *)p + r->at;
    uint32_t n;
    bool b;
    memcpy(&b, at, r->number ? 0 : sizeof b);
    if (!r->number)
        return b;
    memcpy(&n, at, sizeof n);
    return n;
}

static void set_value(struct icd_policy *p, const struct row *r, uint32_t value)
{
    uint8_t *at = (uint8_t *)p + r->at;
    bool b = value != 0;
    if (r->number)
        memcpy(at, &value, sizeof value);
    else
        memcpy(at, &b, sizeof b);
}

static bool fits(const struct row *r, int64_t value)
{
    return (value >= r->min && value <= r->max) || (value == 0 && r->otherwise == 0);
}

void icd_policy_default(struct icd_policy *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++)
        set_value(out, &rows[i], rows[i].otherwise);
}

ic_err icd_policy_get(struct icd_identity *id, int64_t org, struct icd_policy *out)
{
    struct icd_policy p;
    struct icd_rows found;
    icd_policy_default(&p);
    IC_TRY(icd_store_query(id->store, "SELECT name, value FROM policies WHERE org = $1", &found,
                           ICD_PARAMS(ICD_INT(org))));
    while (icd_rows_next(&found))
        for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++)
            if (ic_view_equal(icd_rows_bytes(&found, 0), ic_view_cstr(rows[i].name)) &&
                fits(&rows[i], icd_rows_int(&found, 1)))
                set_value(&p, &rows[i], (uint32_t)icd_rows_int(&found, 1));
    IC_TRY(icd_rows_end(&found));
    *out = p;
    return IC_OK;
}

ic_err icd_policy_set(struct icd_identity *id, int64_t org, const struct icd_policy *p)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++)
        if (!fits(&rows[i], value_of(p, &rows[i])))
            return IC_ERR_RANGE;
    IC_TRY(icd_id_write(id));
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++)
        IC_TRY(icd_store_exec(id->store,
                              "INSERT INTO policies(org, name, value) VALUES($1, $2, $3)"
                              " ON CONFLICT(org, name) DO UPDATE SET value = excluded.value",
                              NULL,
                              ICD_PARAMS(ICD_INT(org), ICD_TEXT(ic_view_cstr(rows[i].name)),
                                         ICD_INT(value_of(p, &rows[i])))));
    return IC_OK;
}

json_t *icd_policy_json(const struct icd_policy *p)
{
    json_t *o = json_object();
    for (size_t i = 0; o && i < IC_ARRAY_LEN(rows); i++) {
        uint32_t value = value_of(p, &rows[i]);
        if (json_object_set_new(o, rows[i].name,
                                rows[i].number ? json_integer(value) : json_boolean(value)) != 0) {
            json_decref(o);
            return NULL;
        }
    }
    return o;
}

static ic_err take(struct icd_policy *p, const char *name, const json_t *v, const char **why)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        const struct row *r = &rows[i];
        if (strcmp(r->name, name) != 0)
            continue;
        *why = r->number ? r->why : "true or false";
        if (r->number ? !json_is_integer(v) || !fits(r, json_integer_value(v))
                      : !json_is_boolean(v))
            return IC_ERR_RANGE;
        set_value(p, r, r->number ? (uint32_t)json_integer_value(v) : json_is_true(v));
        return IC_OK;
    }
    *why = "no policy has this name";
    return IC_ERR_RANGE;
}

ic_err icd_policy_change(struct icd_policy *p, const json_t *o, const char **field,
                         const char **why)
{
    struct icd_policy next = *p;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)o, name, value)
    {
        *field = name;
        IC_TRY(take(&next, name, value, why));
    }
    if (next.session_idle_s > next.session_s) {
        *field = "session_idle_s";
        *why = "an idle end after the absolute end would never come";
        return IC_ERR_RANGE;
    }
    *p = next;
    return IC_OK;
}
