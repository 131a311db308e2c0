/* A group's records, and key packages. */
#include "internal.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <string.h>

enum { GROUPS, KEY_PACKAGES }; /* classes of owners */

enum { VALUE_MAX = 1 << 30 };

struct ic_mls_sqlite_group {
    struct ic_mls_sqlite *s;
    struct ic_mls_store store;
    struct ic_buf id;
    int64_t number; /* 0: it has no records, or is not looked up yet in this transaction */
    bool nested;    /* inside a transaction of the application's */
};

/* Unsigned order in signed numbers. */
static int64_t to_signed(uint64_t v)
{
    return (int64_t)(v ^ UINT64_C(1) << 63);
}

static uint64_t to_unsigned(int64_t v)
{
    return (uint64_t)v ^ UINT64_C(1) << 63;
}

/* ---- owners ---- */

static ic_err find_owner(struct ic_mls_sqlite *s, int class, struct ic_view id, int64_t *out)
{
    sqlite3_stmt *q;
    IC_TRY(ic_mls_sqlite_prepared(s, IC_MLS_SQLITE_GROUP_FIND, &q));
    sqlite3_bind_int(q, 1, class);
    sqlite3_bind_blob64(q, 2, id.p ? id.p : (const uint8_t *)"", id.len, SQLITE_STATIC);
    ic_err e = ic_mls_sqlite_first(s, q);
    if (e == IC_OK)
        *out = sqlite3_column_int64(q, 0);
    sqlite3_reset(q);
    sqlite3_clear_bindings(q);
    return e;
}

static ic_err make_owner(struct ic_mls_sqlite *s, int class, struct ic_view id, int64_t *out)
{
    sqlite3_stmt *q;
    ic_err e = find_owner(s, class, id, out);
    if (e != IC_ERR_NOT_FOUND)
        return e;
    IC_TRY(ic_mls_sqlite_prepared(s, IC_MLS_SQLITE_GROUP_PUT, &q));
    sqlite3_bind_int(q, 1, class);
    sqlite3_bind_blob64(q, 2, id.p ? id.p : (const uint8_t *)"", id.len, SQLITE_STATIC);
    e = ic_mls_sqlite_finish(s, q);
    sqlite3_clear_bindings(q);
    IC_TRY(e);
    *out = sqlite3_last_insert_rowid(s->db);
    return IC_OK;
}

/* ---- transactions ---- */

static ic_err store_begin(void *ctx, bool write)
{
    struct ic_mls_sqlite_group *g = ctx;
    g->nested = !sqlite3_get_autocommit(g->s->db);
    IC_TRY(ic_mls_sqlite_run(g->s, g->nested ? "SAVEPOINT ic_mls"
                                   : write   ? "BEGIN IMMEDIATE"
                                             : "BEGIN"));
    ic_err e = find_owner(g->s, GROUPS, ic_buf_view(&g->id), &g->number);
    if (e == IC_ERR_NOT_FOUND) {
        g->number = 0;
        e = IC_OK;
    }
    if (e != IC_OK)
        g->store.rollback(g);
    return e;
}

static ic_err store_commit(void *ctx)
{
    const struct ic_mls_sqlite_group *g = ctx;
    return ic_mls_sqlite_run(g->s, g->nested ? "RELEASE ic_mls" : "COMMIT");
}

/* After a full disk SQLite may have rolled back on its own; that is no error then. What failed keeps its
 * words. */
static void store_rollback(void *ctx)
{
    const struct ic_mls_sqlite_group *g = ctx;
    if (g->nested)
        sqlite3_exec(g->s->db, "ROLLBACK TO ic_mls; RELEASE ic_mls", NULL, NULL, NULL);
    else if (!sqlite3_get_autocommit(g->s->db))
        sqlite3_exec(g->s->db, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- records ---- */

static void bind_key(sqlite3_stmt *q, int64_t owner, const struct ic_mls_record_key *key)
{
    sqlite3_bind_int64(q, 1, owner);
    sqlite3_bind_int(q, 2, key->kind);
    sqlite3_bind_int64(q, 3, to_signed(key->epoch));
    sqlite3_bind_int64(q, 4, to_signed(key->index));
}

static ic_err bind_range(struct ic_mls_sqlite *s, enum ic_mls_sqlite_statement which, int64_t owner,
                         const struct ic_mls_record_key *first,
                         const struct ic_mls_record_key *last, sqlite3_stmt **q)
{
    IC_TRY(ic_mls_sqlite_prepared(s, which, q));
    bind_key(*q, owner, first);
    sqlite3_bind_int(*q, 5, last->kind);
    sqlite3_bind_int64(*q, 6, to_signed(last->epoch));
    sqlite3_bind_int64(*q, 7, to_signed(last->index));
    return IC_OK;
}

/* Where a value stands. */
struct place {
    int64_t slot;
    size_t len;
};

static ic_err put_record(struct ic_mls_sqlite *s, int64_t owner,
                         const struct ic_mls_record_key *key, struct ic_view value)
{
    struct place p = {0};
    sqlite3_stmt *q;
    IC_TRY(ic_mls_sqlite_prepared(s, IC_MLS_SQLITE_RECORD_FIND, &q));
    bind_key(q, owner, key);
    ic_err e = ic_mls_sqlite_first(s, q);
    if (e == IC_OK)
        p = (struct place){sqlite3_column_int64(q, 0), (size_t)sqlite3_column_int64(q, 1)};
    sqlite3_reset(q);
    if (e != IC_OK && e != IC_ERR_NOT_FOUND)
        return e;
    const struct place was = p;
    IC_TRY(ic_mls_sqlite_slot_put(s, value, p.len, &p.slot));
    if (p.slot == was.slot && value.len == was.len)
        return IC_OK;
    IC_TRY(ic_mls_sqlite_prepared(s, IC_MLS_SQLITE_RECORD_PUT, &q));
    bind_key(q, owner, key);
    sqlite3_bind_int64(q, 5, p.slot);
    sqlite3_bind_int64(q, 6, (sqlite3_int64)value.len);
    return ic_mls_sqlite_finish(s, q);
}

static ic_err store_put(void *ctx, const struct ic_mls_record_key *key, struct ic_view value)
{
    struct ic_mls_sqlite_group *g = ctx;
    if (!g->number)
        IC_TRY(make_owner(g->s, GROUPS, ic_buf_view(&g->id), &g->number));
    return put_record(g->s, g->number, key, value);
}

static void read_key(sqlite3_stmt *q, struct ic_mls_record_key *key, struct place *p)
{
    key->kind = (uint8_t)sqlite3_column_int(q, 0);
    key->epoch = to_unsigned(sqlite3_column_int64(q, 1));
    key->index = to_unsigned(sqlite3_column_int64(q, 2));
    p->slot = sqlite3_column_int64(q, 3);
    p->len = (size_t)sqlite3_column_int64(q, 4);
}

static ic_err erase_record(struct ic_mls_sqlite *s, int64_t owner,
                           const struct ic_mls_record_key *key, const struct place *p)
{
    sqlite3_stmt *q;
    IC_TRY(ic_mls_sqlite_slot_wipe(s, p->slot, p->len));
    IC_TRY(ic_mls_sqlite_prepared(s, IC_MLS_SQLITE_RECORD_ERASE, &q));
    bind_key(q, owner, key);
    return ic_mls_sqlite_finish(s, q);
}

/* One after the other: what a query walks over is not to be changed under it. */
static ic_err erase_range(struct ic_mls_sqlite *s, int64_t owner,
                          const struct ic_mls_record_key *first,
                          const struct ic_mls_record_key *last)
{
    for (;;) {
        struct ic_mls_record_key key;
        struct place p;
        sqlite3_stmt *q;
        IC_TRY(bind_range(s, IC_MLS_SQLITE_RECORD_NEXT, owner, first, last, &q));
        ic_err e = ic_mls_sqlite_first(s, q);
        if (e != IC_OK)
            return e == IC_ERR_NOT_FOUND ? IC_OK : e;
        read_key(q, &key, &p);
        sqlite3_reset(q);
        IC_TRY(erase_record(s, owner, &key, &p));
    }
}

static ic_err store_erase(void *ctx, const struct ic_mls_record_key *first,
                          const struct ic_mls_record_key *last)
{
    const struct ic_mls_sqlite_group *g = ctx;
    return g->number ? erase_range(g->s, g->number, first, last) : IC_OK;
}

static ic_err store_each(
    void *ctx, const struct ic_mls_record_key *first, const struct ic_mls_record_key *last,
    ic_err (*take)(void *arg, const struct ic_mls_record_key *key, struct ic_view value), void *arg)
{
    const struct ic_mls_sqlite_group *g = ctx;
    sqlite3_stmt *q;
    if (!g->number)
        return IC_OK;
    IC_TRY(bind_range(g->s, IC_MLS_SQLITE_RECORD_RANGE, g->number, first, last, &q));
    struct ic_buf value;
    ic_buf_init(&value, VALUE_MAX);
    ic_err e;
    while ((e = ic_mls_sqlite_first(g->s, q)) == IC_OK) {
        struct ic_mls_record_key key;
        struct place p;
        read_key(q, &key, &p);
        if (p.len > value.cap) /* at once: what grows would leave a secret behind */
            ic_buf_clear_secret(&value);
        ic_buf_reset(&value);
        e = p.len > VALUE_MAX ? IC_ERR_MALFORMED : ic_buf_reserve(&value, p.len);
        if (e == IC_OK)
            e = ic_mls_sqlite_slot_get(g->s, p.slot, p.len, &value);
        if (e == IC_OK)
            e = take(arg, &key, ic_buf_view(&value));
        if (e != IC_OK)
            break;
    }
    sqlite3_reset(q);
    ic_buf_clear_secret(&value);
    return e == IC_ERR_NOT_FOUND ? IC_OK : e;
}

/* ---- groups ---- */

ic_err ic_mls_sqlite_group_open(struct ic_mls_sqlite *s, struct ic_view group_id,
                                struct ic_mls_sqlite_group **out)
{
    struct ic_mls_sqlite_group *g = ic_new(struct ic_mls_sqlite_group);
    if (!g)
        return IC_ERR_NOMEM;
    g->s = s;
    ic_buf_init(&g->id, SIZE_MAX);
    ic_err e = ic_buf_append(&g->id, group_id);
    if (e != IC_OK) {
        ic_free(g);
        return e;
    }
    g->store = (struct ic_mls_store){.ctx = g,
                                     .begin = store_begin,
                                     .put = store_put,
                                     .erase = store_erase,
                                     .each = store_each,
                                     .commit = store_commit,
                                     .rollback = store_rollback};
    *out = g;
    return IC_OK;
}

void ic_mls_sqlite_group_close(struct ic_mls_sqlite_group *g)
{
    if (!g)
        return;
    ic_buf_clear(&g->id);
    ic_free(g);
}

const struct ic_mls_store *ic_mls_sqlite_group_store(const struct ic_mls_sqlite_group *g)
{
    return &g->store;
}

static ic_err erase_owner(struct ic_mls_sqlite *s, int64_t number)
{
    static const struct ic_mls_record_key first = {0, 0, 0};
    static const struct ic_mls_record_key last = {UINT8_MAX, UINT64_MAX, UINT64_MAX};
    sqlite3_stmt *q;
    IC_TRY(erase_range(s, number, &first, &last));
    IC_TRY(ic_mls_sqlite_prepared(s, IC_MLS_SQLITE_GROUP_ERASE, &q));
    sqlite3_bind_int64(q, 1, number);
    return ic_mls_sqlite_finish(s, q);
}

ic_err ic_mls_sqlite_group_erase(struct ic_mls_sqlite_group *g)
{
    IC_TRY(g->store.begin(g, true));
    ic_err e = g->number ? erase_owner(g->s, g->number) : IC_OK;
    if (e == IC_OK)
        e = g->store.commit(g);
    if (e != IC_OK)
        g->store.rollback(g);
    return e;
}

ic_err ic_mls_sqlite_groups(struct ic_mls_sqlite *s,
                            ic_err (*take)(void *arg, struct ic_view group_id), void *arg)
{
    sqlite3_stmt *q;
    ic_err e;
    IC_TRY(ic_mls_sqlite_prepared(s, IC_MLS_SQLITE_GROUP_LIST, &q));
    while ((e = ic_mls_sqlite_first(s, q)) == IC_OK) {
        const void *id = sqlite3_column_blob(q, 0);
        e = take(arg, ic_view(id, (size_t)sqlite3_column_bytes(q, 0)));
        if (e != IC_OK)
            break;
    }
    sqlite3_reset(q);
    return e == IC_ERR_NOT_FOUND ? IC_OK : e;
}

/* ---- key packages: owners of one record ---- */

static const struct ic_mls_record_key only = {0, 0, 0};

static ic_err begin(struct ic_mls_sqlite *s)
{
    return ic_mls_sqlite_run(s, "SAVEPOINT ic_mls_key_package");
}

static ic_err end(struct ic_mls_sqlite *s, ic_err e)
{
    if (e == IC_OK)
        e = ic_mls_sqlite_run(s, "RELEASE ic_mls_key_package");
    if (e != IC_OK)
        sqlite3_exec(s->db, "ROLLBACK TO ic_mls_key_package; RELEASE ic_mls_key_package", NULL,
                     NULL, NULL);
    return e;
}

ic_err ic_mls_sqlite_put_key_package(struct ic_mls_sqlite *s, const struct ic_mls_key_package *k)
{
    int64_t owner = 0;
    struct ic_buf bytes;
    ic_buf_init(&bytes, VALUE_MAX);
    ic_err e = ic_mls_key_package_encode(k, &bytes);
    if (e == IC_OK)
        e = begin(s);
    if (e == IC_OK) {
        e = make_owner(s, KEY_PACKAGES, ic_mls_key_package_ref(k), &owner);
        if (e == IC_OK)
            e = put_record(s, owner, &only, ic_buf_view(&bytes));
        e = end(s, e);
    }
    ic_buf_clear_secret(&bytes);
    return e;
}

static ic_err find_place(struct ic_mls_sqlite *s, struct ic_view ref, int64_t *owner,
                         struct place *p)
{
    struct ic_mls_record_key key;
    sqlite3_stmt *q;
    IC_TRY(find_owner(s, KEY_PACKAGES, ref, owner));
    IC_TRY(bind_range(s, IC_MLS_SQLITE_RECORD_NEXT, *owner, &only, &only, &q));
    IC_TRY(ic_mls_sqlite_first(s, q));
    read_key(q, &key, p);
    sqlite3_reset(q);
    return IC_OK;
}

ic_err ic_mls_sqlite_find_key_package(struct ic_mls_sqlite *s, struct ic_view ref,
                                      struct ic_mls_key_package **out)
{
    int64_t owner;
    struct place p;
    struct ic_buf bytes;
    IC_TRY(find_place(s, ref, &owner, &p));
    if (p.len > VALUE_MAX)
        return IC_ERR_MALFORMED;
    ic_buf_init(&bytes, VALUE_MAX);
    ic_err e = ic_buf_reserve(&bytes, p.len);
    if (e == IC_OK)
        e = ic_mls_sqlite_slot_get(s, p.slot, p.len, &bytes);
    if (e == IC_OK)
        e = ic_mls_key_package_decode(ic_buf_view(&bytes), out);
    ic_buf_clear_secret(&bytes);
    return e;
}

ic_err ic_mls_sqlite_erase_key_package(struct ic_mls_sqlite *s, struct ic_view ref)
{
    int64_t owner;
    struct place p;
    IC_TRY(begin(s));
    ic_err e = find_place(s, ref, &owner, &p);
    if (e == IC_OK)
        e = erase_owner(s, owner);
    return end(s, e);
}
