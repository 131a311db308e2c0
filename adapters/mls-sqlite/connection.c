/* The connection: pragmas, tables, statements, errors. */
#include "internal.h"

#include <fcntl.h>
#include <ic/base/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SCHEMA_VERSION = 1, BUSY_MS = 2000 };

/* Keys are stored so that their order as signed numbers is the order of the unsigned ones. */
static const char tables[] =
    "CREATE TABLE ic_mls_schema(version INTEGER NOT NULL);"
    "INSERT INTO ic_mls_schema VALUES(1);"
    "CREATE TABLE ic_mls_slot(slot INTEGER PRIMARY KEY, bytes BLOB NOT NULL);"
    "CREATE TABLE ic_mls_free(size INTEGER, slot INTEGER, PRIMARY KEY(size, slot)) WITHOUT ROWID;"
    "CREATE TABLE ic_mls_group(number INTEGER PRIMARY KEY, class INTEGER NOT NULL,"
    " id BLOB NOT NULL, UNIQUE(class, id));"
    "CREATE TABLE ic_mls_record(owner INTEGER, kind INTEGER, epoch INTEGER, idx INTEGER,"
    " slot INTEGER NOT NULL, len INTEGER NOT NULL, PRIMARY KEY(owner, kind, epoch, idx))"
    " WITHOUT ROWID;";

static const char *const sql[IC_MLS_SQLITE_STATEMENTS] = {
    [IC_MLS_SQLITE_SLOT_NEW] = "INSERT INTO ic_mls_slot(bytes) VALUES(?1)",
    [IC_MLS_SQLITE_SLOT_WRITE] = "UPDATE ic_mls_slot SET bytes = ?1 WHERE slot = ?2",
    [IC_MLS_SQLITE_SLOT_WIPE] = "UPDATE ic_mls_slot SET bytes = ?1 WHERE slot = ?2",
    [IC_MLS_SQLITE_SLOT_READ] = "SELECT bytes FROM ic_mls_slot WHERE slot = ?1",
    [IC_MLS_SQLITE_FREE_FIND] = "SELECT slot FROM ic_mls_free WHERE size = ?1 LIMIT 1",
    [IC_MLS_SQLITE_FREE_PUT] = "INSERT INTO ic_mls_free VALUES(?1, ?2)",
    [IC_MLS_SQLITE_FREE_TAKE] = "DELETE FROM ic_mls_free WHERE size = ?1 AND slot = ?2",
    [IC_MLS_SQLITE_RECORD_FIND] = "SELECT slot, len FROM ic_mls_record"
                                  " WHERE owner = ?1 AND kind = ?2 AND epoch = ?3 AND idx = ?4",
    [IC_MLS_SQLITE_RECORD_PUT] = "INSERT OR REPLACE INTO ic_mls_record VALUES(?1,?2,?3,?4,?5,?6)",
    [IC_MLS_SQLITE_RECORD_RANGE] =
        "SELECT kind, epoch, idx, slot, len FROM ic_mls_record WHERE owner = ?1"
        " AND (kind, epoch, idx) BETWEEN (?2, ?3, ?4) AND (?5, ?6, ?7) ORDER BY kind, epoch, idx",
    [IC_MLS_SQLITE_RECORD_NEXT] =
        "SELECT kind, epoch, idx, slot, len FROM ic_mls_record WHERE owner = ?1"
        " AND (kind, epoch, idx) BETWEEN (?2, ?3, ?4) AND (?5, ?6, ?7)"
        " ORDER BY kind, epoch, idx LIMIT 1",
    [IC_MLS_SQLITE_RECORD_ERASE] = "DELETE FROM ic_mls_record"
                                   " WHERE owner = ?1 AND kind = ?2 AND epoch = ?3 AND idx = ?4",
    [IC_MLS_SQLITE_GROUP_FIND] = "SELECT number FROM ic_mls_group WHERE class = ?1 AND id = ?2",
    [IC_MLS_SQLITE_GROUP_PUT] = "INSERT INTO ic_mls_group(class, id) VALUES(?1, ?2)",
    [IC_MLS_SQLITE_GROUP_ERASE] = "DELETE FROM ic_mls_group WHERE number = ?1",
    [IC_MLS_SQLITE_GROUP_LIST] = "SELECT id FROM ic_mls_group WHERE class = 0 ORDER BY id",
};

static const char *name_of(int rc)
{
    static const struct {
        int rc;
        const char *name;
    } names[] = {{SQLITE_BUSY, "SQLITE_BUSY"},         {SQLITE_LOCKED, "SQLITE_LOCKED"},
                 {SQLITE_FULL, "SQLITE_FULL"},         {SQLITE_IOERR, "SQLITE_IOERR"},
                 {SQLITE_CORRUPT, "SQLITE_CORRUPT"},   {SQLITE_NOTADB, "SQLITE_NOTADB"},
                 {SQLITE_CANTOPEN, "SQLITE_CANTOPEN"}, {SQLITE_READONLY, "SQLITE_READONLY"},
                 {SQLITE_NOMEM, "SQLITE_NOMEM"},       {SQLITE_AUTH, "SQLITE_AUTH"}};
    for (size_t i = 0; i < IC_ARRAY_LEN(names); i++)
        if (names[i].rc == rc)
            return names[i].name;
    return "SQLITE_ERROR";
}

ic_err ic_mls_sqlite_result(struct ic_mls_sqlite *s, int rc)
{
    int primary = rc & 0xff;
    if (primary == SQLITE_OK || primary == SQLITE_ROW || primary == SQLITE_DONE)
        return IC_OK;
    snprintf(s->error, sizeof s->error, "%s: %s", name_of(primary),
             s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc));
    switch (primary) {
    case SQLITE_NOMEM:
        return IC_ERR_NOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return IC_ERR_BUSY;
    case SQLITE_FULL:
        return IC_ERR_LIMIT;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return IC_ERR_MALFORMED;
    default:
        return IC_ERR_IO;
    }
}

ic_err ic_mls_sqlite_run(struct ic_mls_sqlite *s, const char *text)
{
    return ic_mls_sqlite_result(s, sqlite3_exec(s->db, text, NULL, NULL, NULL));
}

ic_err ic_mls_sqlite_prepared(struct ic_mls_sqlite *s, enum ic_mls_sqlite_statement which,
                              sqlite3_stmt **out)
{
    sqlite3_stmt **held = &s->statements[which];
    if (!*held)
        IC_TRY(ic_mls_sqlite_result(
            s, sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, held, NULL)));
    sqlite3_reset(*held);
    sqlite3_clear_bindings(*held);
    *out = *held;
    return IC_OK;
}

ic_err ic_mls_sqlite_finish(struct ic_mls_sqlite *s, sqlite3_stmt *q)
{
    ic_err e = ic_mls_sqlite_result(s, sqlite3_step(q));
    sqlite3_reset(q);
    return e;
}

ic_err ic_mls_sqlite_first(struct ic_mls_sqlite *s, sqlite3_stmt *q)
{
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        return IC_OK;
    ic_err e = ic_mls_sqlite_result(s, rc);
    sqlite3_reset(q);
    return e == IC_OK ? IC_ERR_NOT_FOUND : e;
}

/* The first column of a query's first row, as text; "" without a row. */
static ic_err ask(struct ic_mls_sqlite *s, const char *text, char *out, size_t room)
{
    sqlite3_stmt *q;
    IC_TRY(ic_mls_sqlite_result(s, sqlite3_prepare_v2(s->db, text, -1, &q, NULL)));
    ic_err e = ic_mls_sqlite_first(s, q);
    const unsigned char *answer = e == IC_OK ? sqlite3_column_text(q, 0) : NULL;
    snprintf(out, room, "%s", answer ? (const char *)answer : "");
    sqlite3_finalize(q);
    return e == IC_ERR_NOT_FOUND ? IC_OK : e;
}

static ic_err make_tables(struct ic_mls_sqlite *s)
{
    char version[32];
    IC_TRY(ask(s, "SELECT name FROM sqlite_master WHERE name = 'ic_mls_schema'", version,
               sizeof version));
    if (!*version)
        return ic_mls_sqlite_run(s, tables);
    IC_TRY(ask(s, "SELECT version FROM ic_mls_schema", version, sizeof version));
    if (atoi(version) > SCHEMA_VERSION) {
        snprintf(s->error, sizeof s->error, "the tables are of version %s, this reads %d", version,
                 SCHEMA_VERSION);
        return IC_ERR_UNSUPPORTED;
    }
    return IC_OK;
}

/* Old pages, and with them old secrets, must not outlive a commit: a WAL keeps them until it is written over,
 * PERSIST leaves them in the journal; MEMORY and OFF do not survive a crash. */
static ic_err check_journal(struct ic_mls_sqlite *s)
{
    char mode[32];
    IC_TRY(ask(s, "PRAGMA journal_mode", mode, sizeof mode));
    if (strcmp(mode, "delete") == 0 || strcmp(mode, "truncate") == 0)
        return IC_OK;
    snprintf(s->error, sizeof s->error, "journal_mode is %s: it must be DELETE or TRUNCATE", mode);
    return IC_ERR_STATE;
}

static ic_err set_up(struct ic_mls_sqlite *s)
{
    IC_TRY(ic_mls_sqlite_run(s, "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;"));
    if (s->own) {
        sqlite3_busy_timeout(s->db, BUSY_MS);
        IC_TRY(ic_mls_sqlite_run(s, "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;"));
    }
    IC_TRY(check_journal(s));
    IC_TRY(ic_mls_sqlite_run(s, "SAVEPOINT ic_mls_tables"));
    ic_err e = make_tables(s);
    if (e == IC_OK)
        return ic_mls_sqlite_run(s, "RELEASE ic_mls_tables");
    /* Not through run: the words of what failed stay. */
    sqlite3_exec(s->db, "ROLLBACK TO ic_mls_tables; RELEASE ic_mls_tables", NULL, NULL, NULL);
    return e;
}

static ic_err open_with(struct ic_mls_sqlite *s, struct ic_mls_sqlite **out)
{
    ic_err e = set_up(s);
    if (e != IC_OK) {
        ic_mls_sqlite_close(s);
        return e;
    }
    *out = s;
    return IC_OK;
}

/* Nobody else is to read it, not even in the moment before its mode could be changed. */
static ic_err make_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return IC_ERR_IO;
    close(fd);
    return IC_OK;
}

ic_err ic_mls_sqlite_open(const char *path, struct ic_mls_sqlite **out)
{
    IC_TRY(make_file(path));
    struct ic_mls_sqlite *s = ic_new(struct ic_mls_sqlite);
    if (!s)
        return IC_ERR_NOMEM;
    s->own = true;
    ic_err e = ic_mls_sqlite_result(
        s, sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
    if (e != IC_OK) {
        ic_mls_sqlite_close(s);
        return e;
    }
    return open_with(s, out);
}

ic_err ic_mls_sqlite_attach(struct sqlite3 *db, struct ic_mls_sqlite **out)
{
    struct ic_mls_sqlite *s = ic_new(struct ic_mls_sqlite);
    if (!s)
        return IC_ERR_NOMEM;
    s->db = db;
    return open_with(s, out);
}

void ic_mls_sqlite_close(struct ic_mls_sqlite *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < IC_MLS_SQLITE_STATEMENTS; i++)
        sqlite3_finalize(s->statements[i]);
    if (s->own)
        sqlite3_close(s->db);
    ic_free(s);
}

struct sqlite3 *ic_mls_sqlite_db(struct ic_mls_sqlite *s)
{
    return s->db;
}

const char *ic_mls_sqlite_error(const struct ic_mls_sqlite *s)
{
    return s->error;
}
