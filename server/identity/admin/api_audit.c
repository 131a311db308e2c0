/* /audit */
#include "identity/admin/private.h"

#include <stdio.h>
#include <string.h>

struct page {
    json_t *list;
    size_t limit;
    int64_t next;
    bool more;
};

static json_t *text_of(struct ic_view v)
{
    return json_stringn(v.len ? (const char *)v.p : "", v.len);
}

static ic_err add_event(void *ctx, const struct icd_audit_row *row)
{
    struct page *p = ctx;
    if (json_array_size(p->list) == p->limit) {
        p->more = true;
        return IC_OK;
    }
    p->next = row->seq;
    json_t *o = json_pack("{s:I, s:I, s:o, s:o, s:o}", "seq", (json_int_t)row->seq, "time",
                          (json_int_t)(row->at_ms / 1000), "actor", text_of(row->actor), "action",
                          text_of(row->action), "subject", text_of(row->subject));
    json_t *detail =
        row->detail.len ? json_loadb((const char *)row->detail.p, row->detail.len, 0, NULL) : NULL;
    if (o && json_is_object(detail))
        json_object_set(o, "detail", detail);
    json_decref(detail);
    return json_array_append_new(p->list, o) == 0 ? IC_OK : IC_ERR_NOMEM;
}

/* Of one user: whom the query names, or nobody there is any more: their id is enough. */
static bool take_who(struct icd_admin_call *a, char *who, size_t cap)
{
    char text[ICD_EMAIL_MAX + 1];
    struct icd_user u;
    if (!icd_call_query(a->c, "user", text, sizeof text))
        return true;
    if (strlen(text) == ICD_ID_LEN && !strchr(text, '@')) {
        snprintf(who, cap, "user:%s", text);
        return true;
    }
    if (!icd_admin_user(a, text, "user", &u))
        return false;
    snprintf(who, cap, "user:%s", u.id);
    return true;
}

void icd_admin_audit_list(struct icd_admin_call *a)
{
    enum { TIME_MAX = 1 << 30 };
    int64_t limit = ICD_ADMIN_PAGE, since = 0, until = 0, before = 0;
    char who[ICD_WHO_MAX] = "", action[65] = "";
    if (!icd_admin_number(a, "limit", 1, ICD_ADMIN_PAGE_MAX, &limit) ||
        !icd_admin_number(a, "since", 0, (int64_t)TIME_MAX * 1000, &since) ||
        !icd_admin_number(a, "until", 0, (int64_t)TIME_MAX * 1000, &until) ||
        !icd_admin_number(a, "before", 1, INT64_MAX, &before) || !take_who(a, who, sizeof who))
        return;
    bool some = icd_call_query(a->c, "action", action, sizeof action);
    struct page p = {.list = json_array(), .limit = (size_t)limit};
    struct icd_audit_query q = {.org = a->org,
                                .who = who[0] ? who : NULL,
                                .action = ic_view_cstr(some ? action : ""),
                                .from_ms = (uint64_t)since * 1000,
                                .to_ms = (uint64_t)until * 1000,
                                .before = before,
                                .limit = (unsigned)limit + 1};
    ic_err e = icd_audit_list(a->id, &q, add_event, &p);
    if (e != IC_OK) {
        json_decref(p.list);
        icd_admin_failed(a, e, NULL, "the audit log cannot be read");
        return;
    }
    json_t *o = json_pack("{s:o}", "events", p.list);
    if (o && p.more)
        json_object_set_new(o, "next", json_integer((json_int_t)p.next));
    icd_call_json(a->c, 200, o);
}
