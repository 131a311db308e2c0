/* Where values stand.
 *
 * With secure_delete SQLite wipes what it deletes, but not the copies that it leaves behind in a page when it
 * moves rows to others. So rows with secrets never move: they are appended, in sizes of a few classes,
 * overwritten in place by values of the same size, and when they are free they are zeros until another value
 * of the size comes. What moves about are the tables beside, which hold no secret. */
#include "internal.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <string.h>

/* The next power of two, or half way to it. */
static size_t class_of(size_t len)
{
    size_t size = 32;
    while (size < len)
        size *= 2;
    return len <= size / 4 * 3 && size > 32 ? size / 4 * 3 : size;
}

/* A free slot of the size. */
static ic_err take_free(struct ic_mls_sqlite *s, size_t size, int64_t *slot)
{
    sqlite3_stmt *q;
    IC_TRY(ic_mls_sqlite_prepared(s, IC_MLS_SQLITE_FREE_FIND, &q));
    sqlite3_bind_int64(q, 1, (sqlite3_int64)size);
    IC_TRY(ic_mls_sqlite_first(s, q));
    int64_t found = sqlite3_column_int64(q, 0);
    sqlite3_reset(q);
    IC_TRY(ic_mls_sqlite_prepared(s, IC_MLS_SQLITE_FREE_TAKE, &q));
    sqlite3_bind_int64(q, 1, (sqlite3_int64)size);
    sqlite3_bind_int64(q, 2, found);
    IC_TRY(ic_mls_sqlite_finish(s, q));
    *slot = found;
    return IC_OK;
}

/* SQLite copies nothing: the bytes live until the statement is reset. */
static ic_err write_padded(struct ic_mls_sqlite *s, struct ic_view value, size_t size,
                           int64_t *slot)
{
    sqlite3_stmt *q;
    uint8_t *padded = ic_calloc(1, size);
    if (!padded)
        return IC_ERR_NOMEM;
    if (value.len > 0)
        memcpy(padded, value.p, value.len);
    ic_err e =
        ic_mls_sqlite_prepared(s, *slot ? IC_MLS_SQLITE_SLOT_WRITE : IC_MLS_SQLITE_SLOT_NEW, &q);
    if (e == IC_OK) {
        sqlite3_bind_blob64(q, 1, padded, size, SQLITE_STATIC);
        if (*slot)
            sqlite3_bind_int64(q, 2, *slot);
        e = ic_mls_sqlite_finish(s, q);
        sqlite3_clear_bindings(q);
    }
    ic_free_secret(padded, size);
    if (e == IC_OK && !*slot)
        *slot = sqlite3_last_insert_rowid(s->db);
    return e;
}

ic_err ic_mls_sqlite_slot_put(struct ic_mls_sqlite *s, struct ic_view value, size_t was,
                              int64_t *slot)
{
    size_t size = class_of(value.len);
    int64_t at = *slot;
    if (at && class_of(was) != size) {
        IC_TRY(ic_mls_sqlite_slot_wipe(s, at, was));
        at = 0;
    }
    if (!at) {
        ic_err e = take_free(s, size, &at);
        if (e != IC_OK && e != IC_ERR_NOT_FOUND)
            return e;
    }
    IC_TRY(write_padded(s, value, size, &at));
    *slot = at;
    return IC_OK;
}

ic_err ic_mls_sqlite_slot_wipe(struct ic_mls_sqlite *s, int64_t slot, size_t len)
{
    sqlite3_stmt *q;
    size_t size = class_of(len);
    IC_TRY(ic_mls_sqlite_prepared(s, IC_MLS_SQLITE_SLOT_WIPE, &q));
    sqlite3_bind_zeroblob64(q, 1, size);
    sqlite3_bind_int64(q, 2, slot);
    IC_TRY(ic_mls_sqlite_finish(s, q));
    IC_TRY(ic_mls_sqlite_prepared(s, IC_MLS_SQLITE_FREE_PUT, &q));
    sqlite3_bind_int64(q, 1, (sqlite3_int64)size);
    sqlite3_bind_int64(q, 2, slot);
    return ic_mls_sqlite_finish(s, q);
}

ic_err ic_mls_sqlite_slot_get(struct ic_mls_sqlite *s, int64_t slot, size_t len, struct ic_buf *out)
{
    sqlite3_stmt *q;
    IC_TRY(ic_mls_sqlite_prepared(s, IC_MLS_SQLITE_SLOT_READ, &q));
    sqlite3_bind_int64(q, 1, slot);
    ic_err e = ic_mls_sqlite_first(s, q);
    if (e != IC_OK)
        return e == IC_ERR_NOT_FOUND ? IC_ERR_MALFORMED : e;
    const void *bytes = sqlite3_column_blob(q, 0);
    size_t held = (size_t)sqlite3_column_bytes(q, 0);
    e = len > held || !bytes ? IC_ERR_MALFORMED : ic_buf_append(out, ic_view(bytes, len));
    sqlite3_reset(q);
    return e;
}
