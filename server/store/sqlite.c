/* The store on SQLite: WAL, synchronous=FULL, so that a commit that returned survives kill -9 and a
 * power cut. */
#include "store/migrations.h"
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ic/base/mem.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATEMENTS_MAX = 512, BUSY_MS = 2000 };

struct cached {
    const char *sql;
    sqlite3_stmt *statement;
};

struct icd_store {
    sqlite3 *db;
    struct cached cache[STATEMENTS_MAX];
    size_t cached;
    bool in_transaction;
    bool marked;
    bool fail_next_commit;
};

static ic_err err_of(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return IC_OK;
    case SQLITE_NOMEM:
        return IC_ERR_NOMEM;
    case SQLITE_CONSTRAINT:
        return IC_ERR_EXISTS;
    default:
        return IC_ERR_IO;
    }
}

/* Statements are looked up by the literal's address: a linear walk over few dozens of pointers. */
static ic_err prepared(struct icd_store *s, const char *sql, sqlite3_stmt **out)
{
    for (size_t i = 0; i < s->cached; i++) {
        if (s->cache[i].sql == sql) {
            *out = s->cache[i].statement;
            return IC_OK;
        }
    }
    if (s->cached == STATEMENTS_MAX)
        return IC_ERR_LIMIT;
    sqlite3_stmt *statement = NULL;
    const char *tail = NULL;
    IC_TRY(
        err_of(sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, &tail)));
    assert(statement && (!tail || !*tail)); /* one statement a literal */
    s->cache[s->cached++] = (struct cached){sql, statement};
    *out = statement;
    return IC_OK;
}

static int bind_one(sqlite3_stmt *statement, int i, const struct icd_value *v,
                    sqlite3_destructor_type keep)
{
    /* SQLite takes a NULL pointer for NULL, whatever the length. */
    const void *p = v->v.p ? (const void *)v->v.p : (const void *)"";
    switch (v->type) {
    case ICD_VALUE_INT:
        return sqlite3_bind_int64(statement, i, v->i);
    case ICD_VALUE_BLOB:
        return sqlite3_bind_blob64(statement, i, p, v->v.len, keep);
    case ICD_VALUE_TEXT:
        return sqlite3_bind_text64(statement, i, p, v->v.len, keep, SQLITE_UTF8);
    case ICD_VALUE_NULL:
        break;
    }
    return sqlite3_bind_null(statement, i);
}

static ic_err bound(struct icd_store *s, const char *sql, struct icd_params params,
                    sqlite3_destructor_type keep, sqlite3_stmt **out)
{
    sqlite3_stmt *statement;
    IC_TRY(prepared(s, sql, &statement));
    assert(!sqlite3_stmt_busy(statement)); /* no query inside a walk of the same query */
    assert((size_t)sqlite3_bind_parameter_count(statement) == params.count);
    for (size_t i = 0; i < params.count; i++)
        IC_TRY(err_of(bind_one(statement, (int)i + 1, &params.values[i], keep)));
    *out = statement;
    return IC_OK;
}

ic_err icd_store_exec(struct icd_store *s, const char *sql, uint64_t *changed,
                      struct icd_params params)
{
    sqlite3_stmt *statement;
    IC_TRY(bound(s, sql, params, SQLITE_STATIC, &statement));
    int rc = sqlite3_step(statement);
    uint64_t rows = rc == SQLITE_DONE ? (uint64_t)sqlite3_changes(s->db) : 0;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    IC_TRY(err_of(rc));
    if (changed)
        *changed = rows;
    return IC_OK;
}

ic_err icd_store_query(struct icd_store *s, const char *sql, struct icd_rows *out,
                       struct icd_params params)
{
    sqlite3_stmt *statement;
    /* Rows are stepped to after the caller's parameters may be gone: so they are copied. */
    IC_TRY(bound(s, sql, params, SQLITE_TRANSIENT, &statement));
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        sqlite3_reset(statement);
        return err_of(rc);
    }
    if (rc == SQLITE_DONE) {
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }
    *out = (struct icd_rows){
        .store = s, .statement = rc == SQLITE_ROW ? statement : NULL, .first = true};
    return IC_OK;
}

bool icd_rows_next(struct icd_rows *r)
{
    if (!r->statement)
        return false;
    if (r->first) {
        r->first = false;
        return true;
    }
    int rc = sqlite3_step(r->statement);
    if (rc == SQLITE_ROW)
        return true;
    r->err = err_of(rc);
    sqlite3_reset(r->statement);
    r->statement = NULL;
    return false;
}

int64_t icd_rows_int(const struct icd_rows *r, int column)
{
    return sqlite3_column_int64(r->statement, column);
}

struct ic_view icd_rows_bytes(const struct icd_rows *r, int column)
{
    const void *p = sqlite3_column_blob(r->statement, column);
    return ic_view(p, (size_t)sqlite3_column_bytes(r->statement, column));
}

ic_err icd_rows_end(struct icd_rows *r)
{
    if (r->statement) {
        sqlite3_reset(r->statement);
        sqlite3_clear_bindings(r->statement);
        r->statement = NULL;
    }
    return r->err;
}

ic_err icd_store_int(struct icd_store *s, const char *sql, int64_t *out, struct icd_params params)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(s, sql, &rows, params));
    bool found = icd_rows_next(&rows);
    int64_t value = found ? icd_rows_int(&rows, 0) : 0;
    IC_TRY(icd_rows_end(&rows));
    if (!found)
        return IC_ERR_NOT_FOUND;
    *out = value;
    return IC_OK;
}

ic_err icd_store_begin(struct icd_store *s)
{
    assert(!s->in_transaction);
    /* IMMEDIATE: the write lock now, so that nothing fails for a lock in the middle. */
    IC_TRY(icd_store_exec(s, "BEGIN IMMEDIATE", NULL, ICD_NO_PARAMS));
    s->in_transaction = true;
    s->marked = false;
    return IC_OK;
}

ic_err icd_store_commit(struct icd_store *s)
{
    assert(s->in_transaction);
    ic_err e = IC_ERR_IO;
    if (!s->fail_next_commit)
        e = icd_store_exec(s, "COMMIT", NULL, ICD_NO_PARAMS);
    s->fail_next_commit = false;
    if (e != IC_OK) {
        icd_store_rollback(s);
        return e;
    }
    s->in_transaction = false;
    return IC_OK;
}

void icd_store_rollback(struct icd_store *s)
{
    if (!s->in_transaction)
        return;
    /* A full disk may have rolled back already: then this fails, and nothing is open either way. */
    if (!sqlite3_get_autocommit(s->db))
        IC_IGNORE(icd_store_exec(s, "ROLLBACK", NULL, ICD_NO_PARAMS));
    s->in_transaction = false;
}

bool icd_store_in_transaction(const struct icd_store *s)
{
    return s->in_transaction;
}

ic_err icd_store_mark(struct icd_store *s)
{
    assert(s->in_transaction);
    if (s->marked)
        IC_TRY(icd_store_exec(s, "RELEASE mark", NULL, ICD_NO_PARAMS));
    s->marked = false;
    IC_TRY(icd_store_exec(s, "SAVEPOINT mark", NULL, ICD_NO_PARAMS));
    s->marked = true;
    return IC_OK;
}

ic_err icd_store_undo(struct icd_store *s)
{
    assert(s->in_transaction && s->marked);
    return icd_store_exec(s, "ROLLBACK TO mark", NULL, ICD_NO_PARAMS);
}

void icd_store_tidy(struct icd_store *s)
{
    assert(!s->in_transaction);
    /* secure_delete overwrote the pages; the write-ahead log still has them as they were. Where another
     * process reads, it is cut off a later time. */
    (void)sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

void icd_store_fail_next_commit(struct icd_store *s)
{
    s->fail_next_commit = true;
}

int icd_store_schema(void)
{
    return (int)icd_migrations()->count;
}

static ic_err script(struct icd_store *s, const char *sql)
{
    return err_of(sqlite3_exec(s->db, sql, NULL, NULL, NULL));
}

static ic_err migrate_step(struct icd_store *s, const char *step, int64_t version)
{
    IC_TRY(icd_store_begin(s));
    ic_err e = script(s, step);
    if (e == IC_OK)
        e = icd_store_exec(s, "UPDATE schema SET version = $1", NULL,
                           ICD_PARAMS(ICD_INT(version + 1)));
    if (e != IC_OK) {
        icd_store_rollback(s);
        return e;
    }
    return icd_store_commit(s);
}

static ic_err migrate(struct icd_store *s, const struct icd_schema *schema, char *why)
{
    IC_TRY(script(s, "CREATE TABLE IF NOT EXISTS schema(version INTEGER NOT NULL);"
                     "INSERT INTO schema SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM schema);"));
    int64_t version;
    IC_TRY(icd_store_int(s, "SELECT version FROM schema", &version, ICD_NO_PARAMS));
    if (version > (int64_t)schema->count) {
        snprintf(why, ICD_STORE_WHY,
                 "the database has schema %lld, this program knows up to %d: it was written by a "
                 "newer version; install that one, or restore a backup made before the upgrade",
                 (long long)version, (int)schema->count);
        return IC_ERR_UNSUPPORTED;
    }
    for (; version < (int64_t)schema->count; version++)
        IC_TRY(migrate_step(s, schema->steps[version], version));
    return IC_OK;
}

/* SQLite makes files with 0644; the directory is ours alone, and so is the file. */
static ic_err make_private(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return IC_ERR_IO;
    bool ok = fchmod(fd, 0600) == 0;
    close(fd);
    return ok ? IC_OK : IC_ERR_IO;
}

static ic_err open_db(struct icd_store *s, const char *path)
{
    if (strcmp(path, ":memory:") != 0)
        IC_TRY(make_private(path));
    IC_TRY(err_of(sqlite3_open_v2(
        path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL)));
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_busy_timeout(s->db, BUSY_MS);
    /* secure_delete: what a session stored is gone from the file when the session is. */
    return script(s, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                     "PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF;"
                     "PRAGMA journal_size_limit=67108864;");
}

ic_err icd_store_open(const char *path, char *why, struct icd_store **out)
{
    return icd_store_open_schema(path, icd_migrations(), why, out);
}

ic_err icd_store_open_schema(const char *path, const struct icd_schema *schema, char *why,
                             struct icd_store **out)
{
    struct icd_store *s = ic_new(struct icd_store);
    if (!s)
        return IC_ERR_NOMEM;
    why[0] = '\0';
    ic_err e = open_db(s, path);
    if (e == IC_OK)
        e = migrate(s, schema, why);
    if (e != IC_OK) {
        if (!why[0])
            snprintf(why, ICD_STORE_WHY, "cannot open the database: %s",
                     s->db ? sqlite3_errmsg(s->db) : strerror(errno));
        icd_store_close(s);
        return e;
    }
    *out = s;
    return IC_OK;
}

void icd_store_close(struct icd_store *s)
{
    if (!s)
        return;
    icd_store_rollback(s);
    for (size_t i = 0; i < s->cached; i++)
        sqlite3_finalize(s->cache[i].statement);
    sqlite3_close(s->db);
    ic_free(s);
}
