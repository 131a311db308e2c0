/* The audit log: who did what to whom, for administrators, and for people about themselves. */
#include "identity/accounts/private.h"

#include <string.h>

ic_err icd_audit_add(struct icd_identity *id, int64_t org, const char *actor, const char *action,
                     const char *subject, const char *detail)
{
    assert(strlen(actor) <= ICD_WHO_MAX && strlen(subject) <= ICD_WHO_MAX);
    assert(strlen(detail) <= ICD_DETAIL_MAX);
    IC_TRY(icd_id_write(id));
    return icd_store_exec(id->store,
                          "INSERT INTO audit(org, at_ms, actor, action, subject, detail)"
                          " VALUES($1, $2, $3, $4, $5, $6)",
                          NULL,
                          ICD_PARAMS(ICD_INT(org), ICD_INT(id->now_ms),
                                     ICD_TEXT(ic_view_cstr(actor)), ICD_TEXT(ic_view_cstr(action)),
                                     ICD_TEXT(ic_view_cstr(subject)),
                                     ICD_TEXT(ic_view_cstr(detail))));
}

/* The end of the range of texts that begin as `from` does: "signin." ends before "signin/". */
static void range_of(struct ic_view action, char from[64], char to[64])
{
    size_t n = action.len < 62 ? action.len : 62;
    if (n)
        memcpy(from, action.p, n);
    from[n] = '\0';
    memcpy(to, from, n + 1);
    if (n == 0)
        memcpy(to, "\x7f", 2);
    else if (to[n - 1] == '.')
        to[n - 1] = '/';
    else
        memcpy(to + n, "\x01", 2);
}

static ic_err rows_of(struct icd_identity *id, const struct icd_audit_query *q, const char *from,
                      const char *to, struct icd_rows *out)
{
    int64_t before = q->before ? q->before : INT64_MAX;
    int64_t until = q->to_ms ? (int64_t)q->to_ms : INT64_MAX;
    if (!q->who)
        return icd_store_query(id->store,
                               "SELECT seq, at_ms, actor, action, subject, detail FROM audit"
                               " WHERE org = $1 AND seq < $2 AND action >= $3 AND action < $4"
                               " AND at_ms >= $5 AND at_ms < $6 ORDER BY seq DESC LIMIT $7",
                               out,
                               ICD_PARAMS(ICD_INT(q->org), ICD_INT(before),
                                          ICD_TEXT(ic_view_cstr(from)), ICD_TEXT(ic_view_cstr(to)),
                                          ICD_INT(q->from_ms), ICD_INT(until), ICD_INT(q->limit)));
    return icd_store_query(id->store,
                           "SELECT seq, at_ms, actor, action, subject, detail FROM audit"
                           " WHERE org = $1 AND seq < $2 AND action >= $3 AND action < $4"
                           " AND at_ms >= $5 AND at_ms < $6 AND (actor = $7 OR subject = $7)"
                           " ORDER BY seq DESC LIMIT $8",
                           out,
                           ICD_PARAMS(ICD_INT(q->org), ICD_INT(before),
                                      ICD_TEXT(ic_view_cstr(from)), ICD_TEXT(ic_view_cstr(to)),
                                      ICD_INT(q->from_ms), ICD_INT(until),
                                      ICD_TEXT(ic_view_cstr(q->who)), ICD_INT(q->limit)));
}

ic_err icd_audit_list(struct icd_identity *id, const struct icd_audit_query *q,
                      icd_audit_each *each, void *ctx)
{
    char from[64], to[64];
    struct icd_rows rows;
    ic_err e = IC_OK;
    range_of(q->action, from, to);
    IC_TRY(rows_of(id, q, from, to, &rows));
    while (e == IC_OK && icd_rows_next(&rows)) {
        struct icd_audit_row row = {.seq = icd_rows_int(&rows, 0),
                                    .at_ms = (uint64_t)icd_rows_int(&rows, 1),
                                    .actor = icd_rows_bytes(&rows, 2),
                                    .action = icd_rows_bytes(&rows, 3),
                                    .subject = icd_rows_bytes(&rows, 4),
                                    .detail = icd_rows_bytes(&rows, 5)};
        e = each(ctx, &row);
    }
    ic_err end = icd_rows_end(&rows);
    return e != IC_OK ? e : end;
}
